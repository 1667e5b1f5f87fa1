#pragma once
// lstm: long short-term memory: a cell with gates that reads a sequence, in one direction or in both.
// room: operators | runs on: all | heap: no

#include <ctq/operators/recurrent.hpp>

#include <limits>

namespace ctq::inline CTQ_TARGET::op {

/// Inputs: x [steps, samples, inputs]; weights of the inputs [directions, 4 * units, inputs] and of the state
/// [directions, 4 * units, units], the gates i, o, f and c one after the other; their biases [directions, 8 * units],
/// the former's first; the initial state h and cell c [directions, samples, units]; peepholes of i, o and f
/// [directions, 3 * units]. Outputs: each step's h [steps, directions, samples, units]; the last h and the last c.
///
/// i = f(sums within `clip` + peephole * c before), f likewise or 1 - i, c = f * c before + i * g(sums), o = f(sums +
/// peephole * c), h = o * h(c), each step rounded to float. No integer meaning. Cost: 4 * units * (inputs + units)
/// products a step, with no memory but the outputs'. Faults where the shapes do not fit each other, or the numbers are
/// none that a cell can have.
struct lstm {
    static constexpr std::string_view name = "lstm";
    static constexpr std::string_view cpp_name = "ctq::op::lstm";
    static constexpr operator_traits traits = recurrent::traits;
    static constexpr std::int64_t gates = 4;

    sequence_direction direction = sequence_direction::forward;
    bool input_forget = false; ///< what is forgotten is what no input replaces
    /// f, g and h of the first direction, then of the second; their alphas and betas.
    std::array<cell_function, 6> functions{cell_function::sigmoid, cell_function::tanh, cell_function::tanh,
                                           cell_function::sigmoid, cell_function::tanh, cell_function::tanh};
    std::array<float, 6> alpha{}, beta{};
    float clip = std::numeric_limits<float>::infinity(); ///< of what goes into f and g

    static constexpr auto attributes =
        attribute_list{attribute{"direction", &lstm::direction}, attribute{"input_forget", &lstm::input_forget},
                       attribute{"functions", &lstm::functions}, attribute{"alpha", &lstm::alpha},
                       attribute{"beta", &lstm::beta},           attribute{"clip", &lstm::clip}};

    friend constexpr bool operator==(const lstm&, const lstm&) = default;

    static constexpr int output_count() { return 3; }

    constexpr shape output_shape(shapes in, int which) const {
        require(in.size() == recurrent::inputs + 2,
                "lstm takes a sequence, weights of inputs and state, a bias, a state, a cell and peepholes");
        check_recurrent(*this, in);
        require(in[initial_cell] == in[recurrent::state], "the initial cell must have the initial state's shape");
        require(has_extents(in[peepholes], {in[recurrent::state][0], 3 * std::int64_t{in[recurrent::state][2]}}),
                "the peepholes are [directions, 3 * units]");
        return states_shape(in, which == 0);
    }

    constexpr std::int64_t macs(const shape& in, const shape& out) const { return recurrent_macs(gates, in, out); }

    constexpr void compute(const_tensors in, tensors out) const {
        const recurrent_weights weights(in);
        float* cells = out[2].as<float>();
        for (std::size_t i = 0; i < out[2].size(); ++i) cells[i] = in[initial_cell].as<float>()[i];
        for_each_step(direction, in, out, [&](const recurrent_step& at) {
            const std::size_t units = weights.units();
            const float* peephole = in[peepholes].as<float>() + at.direction * 3 * units;
            for (std::size_t unit = 0; unit < units; ++unit)
                at.after[unit] = step_of_unit(weights, at, unit, peephole + unit, cells[at.sequence * units + unit]);
        });
    }

  private:
    static constexpr std::size_t initial_cell = recurrent::inputs, peepholes = recurrent::inputs + 1;

    /// A unit's new state; its cell goes on.
    constexpr float step_of_unit(const recurrent_weights& weights, const recurrent_step& at, std::size_t unit,
                                 const float* peephole, float& cell) const {
        const std::size_t f = 3 * at.direction, g = f + 1, h = f + 2;
        const auto gate = [&](std::size_t which) {
            const float looked = peephole[which * weights.units()];
            return gate_of(*this, f, multiply_add_unfused(looked, cell, weights.sum(at, which, unit)));
        };
        const float i = gate(0), forget = input_forget ? 1 - i : gate(2);
        cell = exact(forget * cell) + exact(i * gate_of(*this, g, weights.sum(at, 3, unit)));
        return gate(1) * value_of(functions[h], cell, alpha[h], beta[h]);
    }
};

} // namespace ctq::inline CTQ_TARGET::op
