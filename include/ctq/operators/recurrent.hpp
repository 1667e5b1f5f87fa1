#pragma once
// recurrent: what layers share that read a sequence a step at a time: the direction, the functions within a cell, the
// walk over the steps, and the sums of products that each gate of each step makes.
// room: operators | runs on: all | heap: no

#include <ctq/core/diagnostics.hpp>
#include <ctq/core/elementary.hpp>
#include <ctq/core/exact.hpp>
#include <ctq/operators/leaky_relu.hpp>
#include <ctq/operators/relu.hpp>
#include <ctq/operators/sigmoid.hpp>
#include <ctq/operators/tanh.hpp>
#include <ctq/registry/operation.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <initializer_list>

namespace ctq::inline CTQ_TARGET::op {

/// From which end a sequence is read; bidirectional: from each by a cell of its own.
enum class sequence_direction : std::uint8_t { forward, reverse, bidirectional };

/// A function of one real within a cell.
enum class cell_function : std::uint8_t {
    relu,
    tanh,
    sigmoid,
    affine,           ///< alpha * x + beta
    leaky_relu,       ///< x, below 0 alpha * x
    thresholded_relu, ///< x, below alpha 0
    scaled_tanh,      ///< alpha * tanh(beta * x)
    hard_sigmoid,     ///< alpha * x + beta within 0 and 1
    elu,              ///< x, below 0 alpha * (e^x - 1)
    softsign,         ///< x / (1 + |x|)
    softplus,         ///< log(1 + e^x)
};

/// The function's value, by double steps where it is no line, rounded once.
constexpr float value_of(cell_function function, float x, float alpha, float beta) {
    const auto wide = static_cast<double>(x), a = static_cast<double>(alpha), b = static_cast<double>(beta);
    switch (function) {
    case cell_function::relu:
        return relu{}(x);
    case cell_function::tanh:
        return tanh{}(x);
    case cell_function::sigmoid:
        return sigmoid{}(x);
    case cell_function::affine:
        return multiply_add_unfused(alpha, x, beta);
    case cell_function::leaky_relu:
        return leaky_relu{alpha}(x);
    case cell_function::thresholded_relu:
        return x < alpha ? 0.0f : x;
    case cell_function::scaled_tanh:
        return static_cast<float>(a * elementary::tanh(exact(b * wide)));
    case cell_function::hard_sigmoid:
        return bounds{0.0f, 1.0f}.clamp(multiply_add_unfused(alpha, x, beta));
    case cell_function::elu:
        return x < 0 ? static_cast<float>(a * (elementary::exp(wide) - 1)) : x;
    case cell_function::softsign:
        return static_cast<float>(wide / (1 + elementary::absolute(wide)));
    default:
        return static_cast<float>((x > 0 ? wide : 0) +
                                  elementary::log(1 + elementary::exp(-elementary::absolute(wide))));
    }
}

/// What function `which` of a cell makes of a gate's sum, which the operator clips. Opaque to contraction.
template <class Op> constexpr float gate_of(const Op& op, std::size_t which, float sum) {
    const float clipped = bounds{-op.clip, op.clip}.clamp(sum);
    return exact(value_of(op.functions[which], clipped, op.alpha[which], op.beta[which]));
}

/// The inputs that all recurrent layers have; what others a layer has comes behind.
namespace recurrent {
inline constexpr std::size_t sequence = 0, weights = 1, state_weights = 2, bias = 3, state = 4, inputs = 5;
inline constexpr operator_traits traits{
    .roles = {operand_role::operand, operand_role::parameter, operand_role::parameter, operand_role::parameter}};
} // namespace recurrent

/// The numbers of a recurrent layer.
struct recurrent_extents {
    std::size_t steps, samples, inputs, directions, units;
};

constexpr recurrent_extents extents_of(const shape& sequence, const shape& state_weights) {
    const auto extent = [](const shape& of, int axis) { return static_cast<std::size_t>(of[axis]); };
    return {extent(sequence, 0), extent(sequence, 1), extent(sequence, 2), extent(state_weights, 0),
            extent(state_weights, 2)};
}

constexpr bool has_extents(const shape& of, std::initializer_list<std::int64_t> wanted) {
    if (of.rank != static_cast<int>(wanted.size())) return false;
    int axis = 0;
    for (const std::int64_t each : wanted)
        if (of[axis++] != each) return false;
    return true;
}

/// Faults unless the inputs that all recurrent layers have fit each other, and the operator's numbers are such.
template <class Op> constexpr void check_recurrent(const Op& op, shapes in) {
    const shape &x = in[recurrent::sequence], &r = in[recurrent::state_weights];
    require(x.rank == 3, "a recurrent layer reads a sequence of [steps, samples, inputs]");
    require(r.rank == 3 && r[0] == (op.direction == sequence_direction::bidirectional ? 2 : 1),
            "a recurrent layer's weights are [directions, gates * units, ...]; two directions if it is bidirectional");
    const std::int64_t directions = r[0], units = r[2], rows = Op::gates * units;
    require(has_extents(r, {directions, rows, units}),
            "the weights of a recurrent layer's state are [directions, gates * units, units]");
    require(has_extents(in[recurrent::weights], {directions, rows, x[2]}),
            "the weights of a recurrent layer's inputs are [directions, gates * units, inputs]");
    require(has_extents(in[recurrent::bias], {directions, 2 * rows}),
            "a recurrent layer's bias is [directions, 2 * gates * units]");
    require(has_extents(in[recurrent::state], {directions, x[1], units}),
            "a recurrent layer's initial state is [directions, samples, units]");
    require(op.clip > 0, "a recurrent layer's clip must be positive");
    for (std::size_t i = 0; i < op.functions.size(); ++i)
        require(elementary::is_finite(op.alpha[i]) && elementary::is_finite(op.beta[i]),
                "the alphas and betas of a recurrent layer must be finite");
}

/// The shape of all states of a recurrent layer, [steps, directions, samples, units], or of the last ones.
constexpr shape states_shape(shapes in, bool of_all_steps) {
    const shape& last = in[recurrent::state];
    return of_all_steps ? shape{in[recurrent::sequence][0], last[0], last[1], last[2]} : last;
}

/// From the shape of the sequence and that of all states.
constexpr std::int64_t recurrent_macs(std::int64_t gates, const shape& sequence, const shape& states) {
    return states.elements() * gates * (sequence[2] + states[3]);
}

/// A step of one direction on one sample.
struct recurrent_step {
    std::size_t direction, sequence; ///< sequence: direction and sample as one index, of states
    const float* x;                  ///< the inputs
    const float* before;             ///< the state that the step reads
    float* after;                    ///< the one that it makes
    float* scratch;                  ///< as many reals, of no meaning before or behind
};

/// Calls visit(step) for the steps of each sequence in the order in which it is read, and copies each last state.
/// `out`: all states and the last ones, whose memory is scratch until then.
template <class Visitor>
constexpr void for_each_step(sequence_direction direction, const_tensors in, tensors out, Visitor visit) {
    const recurrent_extents of = extents_of(in[recurrent::sequence].shape(), in[recurrent::state_weights].shape());
    for (std::size_t sequence = 0; sequence < of.directions * of.samples; ++sequence) {
        const std::size_t which = sequence / of.samples, sample = sequence % of.samples;
        const bool backwards = direction == sequence_direction::reverse || which == 1;
        const float* before = in[recurrent::state].as<float>() + sequence * of.units;
        float* last = out[1].as<float>() + sequence * of.units;
        for (std::size_t step = 0; step < of.steps; ++step) {
            const std::size_t at = backwards ? of.steps - 1 - step : step;
            const float* x = in[recurrent::sequence].as<float>() + (at * of.samples + sample) * of.inputs;
            float* after = out[0].as<float>() + (at * of.directions * of.samples + sequence) * of.units;
            visit(recurrent_step{which, sequence, x, before, after, last});
            before = after;
        }
        for (std::size_t unit = 0; unit < of.units; ++unit) last[unit] = before[unit];
    }
}

/// The weights of a recurrent node, by gates, and the sums that they make: each begins with its bias and goes on with
/// products in their order.
class recurrent_weights {
    recurrent_extents of_;
    std::size_t rows_; ///< of one direction: a row for each unit of each gate
    const float *of_inputs_, *of_state_, *bias_;

    static constexpr float add_products(float sum, const float* values, const float* weights, std::size_t count) {
        for (std::size_t i = 0; i < count; ++i) sum = multiply_add_unfused(values[i], weights[i], sum);
        return sum;
    }

  public:
    constexpr explicit recurrent_weights(const_tensors in)
        : of_(extents_of(in[recurrent::sequence].shape(), in[recurrent::state_weights].shape())),
          rows_(static_cast<std::size_t>(in[recurrent::state_weights].shape()[1])),
          of_inputs_(in[recurrent::weights].as<float>()),
          of_state_(in[recurrent::state_weights].as<float>()),
          bias_(in[recurrent::bias].as<float>()) {}

    constexpr std::size_t units() const { return of_.units; }

    constexpr float of_inputs(const recurrent_step& at, std::size_t gate, std::size_t unit) const {
        const std::size_t row = gate * of_.units + unit, place = at.direction * rows_ + row;
        return add_products(bias_[at.direction * 2 * rows_ + row], at.x, of_inputs_ + place * of_.inputs, of_.inputs);
    }

    constexpr float of_state(const recurrent_step& at, std::size_t gate, std::size_t unit, const float* state) const {
        const std::size_t row = gate * of_.units + unit, place = at.direction * rows_ + row;
        return add_products(bias_[(at.direction * 2 + 1) * rows_ + row], state, of_state_ + place * of_.units,
                            of_.units);
    }

    /// Both, of the state before.
    constexpr float sum(const recurrent_step& at, std::size_t gate, std::size_t unit) const {
        return of_inputs(at, gate, unit) + of_state(at, gate, unit, at.before);
    }
};

} // namespace ctq::inline CTQ_TARGET::op
