#pragma once
// gru: gated recurrent units: a cell with two gates that reads a sequence, in one direction or in both.
// room: operators | runs on: all | heap: no

#include <ctq/operators/recurrent.hpp>

#include <limits>

namespace ctq::inline CTQ_TARGET::op {

/// Inputs: x [steps, samples, inputs]; weights of the inputs [directions, 3 * units, inputs] and of the state
/// [directions, 3 * units, units], the gates z and r and what is new one after the other; their biases
/// [directions, 6 * units], the former's first; the initial state h [directions, samples, units]. Outputs: each step's
/// h [steps, directions, samples, units]; the last h.
///
/// z = f(sums within `clip`), r likewise, new = g(sums, of r * h before in h's place), h = (1 - z) * new + z * h
/// before, each step rounded to float. No integer meaning. Cost: 3 * units * (inputs + units) products a step, with no
/// memory but the outputs'. Faults where the shapes do not fit each other, or the numbers are none that a cell can
/// have.
struct gru {
    static constexpr std::string_view name = "gru";
    static constexpr std::string_view cpp_name = "ctq::op::gru";
    static constexpr operator_traits traits = recurrent::traits;
    static constexpr std::int64_t gates = 3;

    sequence_direction direction = sequence_direction::forward;
    bool linear_before_reset = false; ///< r is a factor of the sum that h before makes, its bias included
    /// f and g of the first direction, then of the second; their alphas and betas.
    std::array<cell_function, 4> functions{cell_function::sigmoid, cell_function::tanh, cell_function::sigmoid,
                                           cell_function::tanh};
    std::array<float, 4> alpha{}, beta{};
    float clip = std::numeric_limits<float>::infinity(); ///< of what goes into f and g

    static constexpr auto attributes = attribute_list{
        attribute{"direction", &gru::direction}, attribute{"linear_before_reset", &gru::linear_before_reset},
        attribute{"functions", &gru::functions}, attribute{"alpha", &gru::alpha},
        attribute{"beta", &gru::beta},           attribute{"clip", &gru::clip}};

    friend constexpr bool operator==(const gru&, const gru&) = default;

    static constexpr int output_count() { return 2; }

    constexpr shape output_shape(shapes in, int which) const {
        require(in.size() == recurrent::inputs,
                "gru takes a sequence, weights of inputs and state, a bias and a state");
        check_recurrent(*this, in);
        return states_shape(in, which == 0);
    }

    constexpr std::int64_t macs(const shape& in, const shape& out) const { return recurrent_macs(gates, in, out); }

    constexpr void compute(const_tensors in, tensors out) const {
        const recurrent_weights weights(in);
        for_each_step(direction, in, out, [&](const recurrent_step& at) {
            // Every unit's sum may read every unit's r.
            for (std::size_t unit = 0; unit < weights.units(); ++unit) {
                const float r = gate_of(*this, 2 * at.direction, weights.sum(at, 1, unit));
                at.scratch[unit] = linear_before_reset ? r : r * at.before[unit];
            }
            for (std::size_t unit = 0; unit < weights.units(); ++unit) {
                const float z = gate_of(*this, 2 * at.direction, weights.sum(at, 0, unit));
                const float made = gate_of(*this, 2 * at.direction + 1, sum_of_new(weights, at, unit));
                at.after[unit] = exact((1 - z) * made) + exact(z * at.before[unit]);
            }
        });
    }

  private:
    constexpr float sum_of_new(const recurrent_weights& weights, const recurrent_step& at, std::size_t unit) const {
        const float of_inputs = weights.of_inputs(at, 2, unit);
        if (linear_before_reset)
            return multiply_add_unfused(at.scratch[unit], weights.of_state(at, 2, unit, at.before), of_inputs);
        return of_inputs + weights.of_state(at, 2, unit, at.scratch);
    }
};

} // namespace ctq::inline CTQ_TARGET::op
