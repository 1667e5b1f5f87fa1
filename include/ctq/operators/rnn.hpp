#pragma once
// rnn: a cell without gates that reads a sequence, in one direction or in both.
// room: operators | runs on: all | heap: no

#include <ctq/operators/recurrent.hpp>

#include <limits>

namespace ctq::inline CTQ_TARGET::op {

/// Inputs: x [steps, samples, inputs]; weights of the inputs [directions, units, inputs] and of the state
/// [directions, units, units]; their biases [directions, 2 * units], the former's first; the initial state h
/// [directions, samples, units]. Outputs: each step's h [steps, directions, samples, units]; the last h.
///
/// h = f(sums within `clip`), each step rounded to float. No integer meaning. Cost: units * (inputs + units) products a
/// step, with no memory but the outputs'. Faults where the shapes do not fit each other, or the numbers are none that a
/// cell can have.
struct rnn {
    static constexpr std::string_view name = "rnn";
    static constexpr std::string_view cpp_name = "ctq::op::rnn";
    static constexpr operator_traits traits = recurrent::traits;
    static constexpr std::int64_t gates = 1;

    sequence_direction direction = sequence_direction::forward;
    /// f of each direction; their alphas and betas.
    std::array<cell_function, 2> functions{cell_function::tanh, cell_function::tanh};
    std::array<float, 2> alpha{}, beta{};
    float clip = std::numeric_limits<float>::infinity(); ///< of what goes into f

    static constexpr auto attributes =
        attribute_list{attribute{"direction", &rnn::direction}, attribute{"functions", &rnn::functions},
                       attribute{"alpha", &rnn::alpha}, attribute{"beta", &rnn::beta}, attribute{"clip", &rnn::clip}};

    friend constexpr bool operator==(const rnn&, const rnn&) = default;

    static constexpr int output_count() { return 2; }

    constexpr shape output_shape(shapes in, int which) const {
        require(in.size() == recurrent::inputs,
                "rnn takes a sequence, weights of inputs and state, a bias and a state");
        check_recurrent(*this, in);
        return states_shape(in, which == 0);
    }

    constexpr std::int64_t macs(const shape& in, const shape& out) const { return recurrent_macs(gates, in, out); }

    constexpr void compute(const_tensors in, tensors out) const {
        const recurrent_weights weights(in);
        for_each_step(direction, in, out, [&](const recurrent_step& at) {
            for (std::size_t unit = 0; unit < weights.units(); ++unit)
                at.after[unit] = gate_of(*this, at.direction, weights.sum(at, 0, unit));
        });
    }
};

} // namespace ctq::inline CTQ_TARGET::op
