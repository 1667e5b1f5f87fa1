#pragma once
// How far an integer node may be from the real function of what its operands stand for: one statement for each kind of
// operator, in output steps and element by element, with the reason. What integer_meaning.hpp holds every graph to.

#include "../../examples/custom_rule/shift_rounding.hpp"

#include <ctq/default_registry.hpp>
#include <ctq/graph/compute_node.hpp>

#include <operators/single_node.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <span>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

namespace ctq::laws {

/// An operand of a float node, as the reals that its integers stand for; `from` is their quantization. A constant is as
/// it is in the float graph, `from` unset: how it is quantized is part of the error. It may hold positions instead.
struct real_operand {
    tensor_facts facts;
    std::vector<float> elements;
    quantization from{};
    std::vector<std::int64_t> positions = {};

    bool is_constant() const { return from.scale == 0; }
    const_tensor view() const {
        if (facts.type == dtype::int64) return {facts, positions.data()};
        return {facts, elements.data()};
    }
};

/// A float node at work on such operands, and the quantization of its result.
struct real_node {
    std::vector<real_operand> in;
    tensor_facts out;
    quantization to{};

    std::size_t size() const { return out.elements(); }
    double step() const { return static_cast<double>(to.scale); }
};

/// The float meaning of `op` on operands: its first output.
template <class Op> std::vector<float> meaning(const Op& op, const std::vector<real_operand>& in) {
    std::vector<const_tensor> from;
    for (const real_operand& each : in) from.push_back(each.view());
    return testing::all_results(op, from)[0].template as<float>();
}

inline real_operand operand_of(const shape& of, std::vector<float> elements) {
    return {{dtype::float32, of, {}}, std::move(elements), {}};
}
inline real_operand magnitudes(real_operand of) {
    for (float& each : of.elements) each = std::fabs(each);
    return of;
}
inline real_operand filled(real_operand of, double with) {
    std::fill(of.elements.begin(), of.elements.end(), static_cast<float>(with));
    return of;
}

template <class Rule> using requantizer_of_rule = typename requantizer_for<Rule::how>::type;

template <class Rule> constexpr bool in_bytes = is_byte(Rule::activation_type);

/// The farthest that a rule's integers are from their zero point; 16 bits have it in the middle.
template <class Rule> constexpr double farthest = in_bytes<Rule> ? 255 : 32768;

/// How far `Requantizer::apply` is from acc * scale + zero point, for results at most `farthest` from the zero point.
/// Their headers derive it: of three_step, for results of 8 bits, 1/2 for the last rounding and 1/128 each for the
/// first step and the multiplier; of double_rounding 1/2 for the last and, as it only happens before a shift by one at
/// least, half of that for the first; of single_rounding 1/2 and 2^-15 of the result for the multiplier; of a shift,
/// under scales that are powers of two, 1/2.
template <class Requantizer> struct requantization_error;
template <> struct requantization_error<three_step> {
    template <class Rule> static constexpr double steps() {
        static_assert(in_bytes<Rule>, "ctq: laws: the error of three_step is stated for results of 8 bits");
        return 0.5 + 2.0 / 128;
    }
};
template <> struct requantization_error<double_rounding> {
    template <class Rule> static constexpr double steps() { return 0.75; }
};
template <> struct requantization_error<single_rounding> {
    template <class Rule> static constexpr double steps() { return 0.5 + farthest<Rule> / 32768; }
};
template <> struct requantization_error<my::shift_rounding> {
    template <class Rule> static constexpr double steps() { return 0.5; }
};

/// That of a rule's own requantizer, and of the one that its weighted sums have.
template <class Rule>
constexpr double requantized_error = requantization_error<requantizer_of_rule<Rule>>::template steps<Rule>();
template <class Rule>
constexpr double weighted_requantized_error =
    requantization_error<typename requantizer_for<weighted_rounding_of<Rule>>::type>::template steps<Rule>();

/// The same for weighted_sum; `ratio` is the larger input's scale over the output's. In 8 bits both multipliers have a
/// common shift and the larger one 14 bits at least, so each of two terms is within 2^-15 of it; 16 bits have no rule
/// with it. TFLite's two terms are each rounded twice, in units of 2^-19 of the larger input's scale in 8 bits, 2^-14
/// in 16, and there each has 1/4 of a unit more from its multiplier of 31 bits.
template <class Rule> double sum_error(double ratio) {
    if constexpr (std::is_same_v<requantizer_of_rule<Rule>, double_rounding>) {
        return 0.75 + (in_bytes<Rule> ? 3 * 0.75 * ratio / (1 << 19) : 2 * (0.75 + 0.25) * ratio / (1 << 14));
    } else {
        static_assert(in_bytes<Rule>, "ctq: laws: the error of this sum is stated for integers of 8 bits");
        return 0.5 + farthest<Rule> * ratio / 16384;
    }
}

/// What the float reference is off, which rounds each operand, product and sum: 2^-23 of all magnitudes together, once
/// a term. `magnitudes`: what the node makes of them.
inline void add_error_of_floats(std::vector<double>& to, const std::vector<float>& magnitudes, std::size_t terms,
                                double step) {
    for (std::size_t i = 0; i < to.size(); ++i)
        to[i] += static_cast<double>(magnitudes[i]) * 0x1p-23 * static_cast<double>(terms + 1) / step;
}

/// A sum that was fused into the convolution before it: 1/2 for the last rounding, 2/128 as three_step, 1/32 for the
/// floor before the residual joins, 1/64 for the rounding of the residual's term and 255 / 2^14 for its multiplier.
constexpr double fused_sum_error = 0.5 + 2.0 / 128 + 1.0 / 32 + 1.0 / 64 + 255.0 / 16384;

/// Half a step of the quantization that `Rule` gives a constant operand: over its own range.
template <class Rule> double half_step_of_constant(const real_operand& constant) {
    bounds range{0, 0};
    for (const float each : constant.elements) range = {std::min(range.low, each), std::max(range.high, each)};
    return static_cast<double>(Rule::activation(range).scale) / 2;
}

/// Of an operand that has the result's scale and zero point, or is requantized to them.
template <class Rule> double moved_error(const real_operand& operand, const real_node& node) {
    return operand.from == node.to ? 0.0 : requantized_error<Rule>;
}

/// `steps<Rule>(op, node)`: the error of each element, in output steps. Specialized for every operator that has an
/// integer meaning; a function of one real is a table of the nearest integers.
template <class Op> struct integer_error {
    static_assert(unary_function<Op>,
                  "ctq: laws: no example of this operator's error; specialize integer_error for it");
    template <class Rule> static std::vector<double> steps(const Op&, const real_node& node) {
        static_assert(in_bytes<Rule>, "ctq: laws: no example of this function's error in 16 bits, where it is a table "
                                      "with lines between its points; specialize integer_error for it");
        return std::vector<double>(node.size(), 0.5);
    }
};

/// The bounds are rounded, and what lies between them is exact.
struct rounded_bounds {
    template <class Rule, class Op> static std::vector<double> steps(const Op&, const real_node& node) {
        return std::vector<double>(node.size(), 0.5 + moved_error<Rule>(node.in[0], node));
    }
};
template <> struct integer_error<op::relu> : rounded_bounds {};
template <> struct integer_error<op::clip> : rounded_bounds {};

/// How far the argument of a 16-bit logistic is off where its scale is taken for the power of two that it is near to,
/// of itself: TFLite's formats.
inline double taken_for_power_of_two(float scale, int least, int most) {
    const auto exponent = near_power_of_two(static_cast<double>(scale));
    if (!exponent || *exponent < least || *exponent > most) return 0;
    return std::fabs(std::ldexp(static_cast<double>(scale), -*exponent) - 1);
}

/// A table in 8 bits. In 16 bits, in steps of 2^-15: a table entry is 1 1/2 units of 2^-16 off (3/4), a line between
/// two 1/24 apart at most (1/24)^2 / 8 * max |f''| = 0.69, the argument by 1/2 of 2^-12 / 3, which a slope of 1/4 makes
/// 0.34, and by 2^-14 of itself, which x f'(x) <= 0.224 makes 0.45; then one rounding.
template <> struct integer_error<op::sigmoid> {
    template <class Rule> static std::vector<double> steps(const op::sigmoid&, const real_node& node) {
        const double off = 0.224 * 32768 * taken_for_power_of_two(node.in[0].from.scale, -12, -12);
        return std::vector<double>(node.size(), 0.5 + (in_bytes<Rule> ? 0 : 0.75 + 0.69 + 0.34 + 0.45 + off));
    }
};

/// The same table gives tanh x = 2 logistic(2x) - 1: all but the last rounding counts twice, and the argument's own
/// rounding, in units as wide for x as before, four times.
template <> struct integer_error<op::tanh> {
    template <class Rule> static std::vector<double> steps(const op::tanh&, const real_node& node) {
        const double off = 0.224 * 32768 * taken_for_power_of_two(node.in[0].from.scale, -12, -11);
        return std::vector<double>(node.size(), 0.5 + (in_bytes<Rule> ? 0 : 2 * (0.75 + 0.69 + 2 * 0.34 + 0.45 + off)));
    }
};

/// Elements move; none changes.
struct no_error {
    template <class Rule, class Op> static std::vector<double> steps(const Op&, const real_node& node) {
        return std::vector<double>(node.size(), 0.0);
    }
};
template <> struct integer_error<op::reshape> : no_error {};
template <> struct integer_error<op::transpose> : no_error {};
template <> struct integer_error<op::slice> : no_error {};
template <> struct integer_error<op::gather> : no_error {};
template <> struct integer_error<op::top_k> : no_error {};
template <> struct integer_error<op::resize_nearest> : no_error {};
template <> struct integer_error<op::identity> : no_error {};
template <> struct integer_error<op::max_pool> : no_error {};

/// A mean of integers under the result's own scale, rounded to nearest; padding counts as the exact zero point.
template <> struct integer_error<op::average_pool> {
    template <class Rule> static std::vector<double> steps(const op::average_pool& op, const real_node& node) {
        std::vector<double> result(node.size(), 0.5);
        const auto cells = static_cast<std::size_t>(op.kernel[0]) * static_cast<std::size_t>(op.kernel[1]);
        add_error_of_floats(result, meaning(op, {magnitudes(node.in[0])}), cells, node.step());
        return result;
    }
};

/// A mean under weights that are rounded along each axis, of elements that are `spread` apart at most, rounded to
/// nearest. TFLite's place is off by half of 2^-10 for each index, and by one for the middle of an element.
template <> struct integer_error<op::resize_linear> {
    template <class Rule> static std::vector<double> steps(const op::resize_linear& op, const real_node& node) {
        constexpr bool is_tflite = std::is_same_v<requantizer_of_rule<Rule>, double_rounding>;
        const auto [low, high] = std::minmax_element(node.in[0].elements.begin(), node.in[0].elements.end());
        const double spread = (static_cast<double>(*high) - static_cast<double>(*low)) / node.step();
        const int axes = op::resized_count(op, node.out.shape.rank), bits = is_tflite || axes > 2 ? 10 : 15;
        double error = 0.5;
        for (int axis = 0; axis < node.out.shape.rank; ++axis) {
            if (!op::resizes(op, axis)) continue;
            error += spread * std::ldexp(0.5, -bits);
            if (is_tflite) error += spread * (node.out.shape[axis] / 2.0 + 1) / 1024;
        }
        std::vector<double> result(node.size(), error);
        add_error_of_floats(result, meaning(op, {magnitudes(node.in[0])}), 8, node.step());
        return result;
    }
};

/// What is requantized is an exact sum.
template <> struct integer_error<op::reduce_mean> {
    template <class Rule> static std::vector<double> steps(const op::reduce_mean& op, const real_node& node) {
        std::vector<double> result(node.size(), requantized_error<Rule>);
        add_error_of_floats(result, meaning(op, {magnitudes(node.in[0])}), node.in[0].elements.size() / node.size(),
                            node.step());
        return result;
    }
};

/// What is requantized is exact, the divisors too.
struct requantized {
    template <class Rule, class Op> static std::vector<double> steps(const Op&, const real_node& node) {
        return std::vector<double>(node.size(), requantized_error<Rule>);
    }
};
template <> struct integer_error<op::requantize> : requantized {};
template <> struct integer_error<op::divide> : requantized {};

/// In 16 bits as softmax_int16 derives it. In 8, shares of tables whose entries have `bits` bits: each of L + 1 entries
/// is half a unit off, the sum one at least; then one rounding. The output's steps in 1 are a whole number, which
/// leaves out a part of a step in proportion to the share: none under TFLite's parameters, up to half a step where a
/// rule's scale is no whole part of 1.
template <> struct integer_error<op::softmax> {
    template <class Rule> static std::vector<double> steps(const op::softmax& op, const real_node& node) {
        const shape& of = node.out.shape;
        const std::int32_t length = of[of.normalized_axis(op.axis)], in_one = nearest<std::int32_t>(1 / node.step());
        if (!in_bytes<Rule>) return std::vector<double>(node.size(), 2.0 * (length + 1));
        const double units = static_cast<double>(std::int64_t{1} << op::softmax::table_bits(length, in_one));
        const double left_out = std::fabs(1 / node.step() - in_one);
        std::vector<double> result;
        for (const float share : meaning(op, node.in))
            result.push_back(0.5 + 0.5 * (length + 1) / units / node.step() + left_out * static_cast<double>(share));
        return result;
    }
};

/// The fill is rounded; what is filled around is moved.
template <> struct integer_error<op::pad> {
    template <class Rule> static std::vector<double> steps(const op::pad& op, const real_node& node) {
        op::pad border = op;
        border.value = 0.5f;
        const auto errors = meaning(border, {filled(node.in[0], moved_error<Rule>(node.in[0], node))});
        return {errors.begin(), errors.end()};
    }
};

/// Either part of the line is requantized, by quotients of float32.
template <> struct integer_error<op::leaky_relu> {
    template <class Rule> static std::vector<double> steps(const op::leaky_relu& op, const real_node& node) {
        const double slope = std::max(1.0, std::fabs(static_cast<double>(op.alpha)));
        const double ratio = slope * static_cast<double>(node.in[0].from.scale) / node.step();
        return std::vector<double>(node.size(), requantized_error<Rule> + farthest<Rule> * ratio * 0x1p-22);
    }
};

/// Parts are moved where they have the result's scale and zero point, else requantized; constants are rounded.
template <> struct integer_error<op::concat> {
    template <class Rule> static std::vector<double> steps(const op::concat& op, const real_node& node) {
        std::vector<real_operand> errors;
        for (const real_operand& each : node.in)
            errors.push_back(filled(each, each.is_constant() ? 0.5 : moved_error<Rule>(each, node)));
        const auto joined = meaning(op, errors);
        return {joined.begin(), joined.end()};
    }
};

/// The weighted sum, and half a step of each constant operand. Where large operands cancel, the float reference is off
/// as well: it rounds each once when it is made a real and their sum once.
template <> struct integer_error<ctq::op::add> {
    template <class Rule> static std::vector<double> steps(const ctq::op::add&, const real_node& node) {
        double ratio = 0, constants = 0;
        for (const real_operand& each : node.in) {
            const double half = each.is_constant() ? half_step_of_constant<Rule>(each) : each.from.scale / 2.0;
            ratio = std::max(ratio, 2 * half / node.step());
            if (each.is_constant()) constants += half / node.step();
        }
        const double of_floats = 4 * farthest<Rule> * ratio * 0x1p-24;
        return std::vector<double>(node.size(), sum_error<Rule>(ratio) + constants + of_floats);
    }
};

/// That of the sum with the negated operand.
template <> struct integer_error<op::subtract> {
    template <class Rule> static std::vector<double> steps(const op::subtract&, const real_node& node) {
        return integer_error<ctq::op::add>::steps<Rule>({}, node);
    }
};

/// The product of integers is exact, then requantized; half a step of a constant operand counts as often as the other
/// operand's magnitude.
template <> struct integer_error<op::multiply> {
    template <class Rule> static std::vector<double> steps(const op::multiply&, const real_node& node) {
        std::vector<double> result(node.size(), requantized_error<Rule>);
        for (std::size_t i = 0; i < node.in.size(); ++i) {
            if (!node.in[i].is_constant()) continue;
            std::vector<real_operand> in{magnitudes(node.in[0]), magnitudes(node.in[1])};
            in[i] = filled(in[i], half_step_of_constant<Rule>(node.in[i]));
            const auto products = meaning(op::multiply{}, in);
            for (std::size_t k = 0; k < result.size(); ++k) result[k] += products[k] / node.step();
        }
        return result;
    }
};

/// The same of sums of such products, which are rounded as weighted sums are; the float reference rounds each term.
template <> struct integer_error<op::matrix_product> {
    template <class Rule> static std::vector<double> steps(const op::matrix_product&, const real_node& node) {
        using requantizer = typename requantizer_for<rounding_of_products(weighted_rounding_of<Rule>, Rule::how)>::type;
        std::vector<double> result(node.size(), requantization_error<requantizer>::template steps<Rule>());
        const std::vector<real_operand> sizes{magnitudes(node.in[0]), magnitudes(node.in[1])};
        const shape& left = node.in[0].facts.shape;
        add_error_of_floats(result, meaning(op::matrix_product{}, sizes), static_cast<std::size_t>(left[left.rank - 1]),
                            node.step());
        for (std::size_t i = 0; i < node.in.size(); ++i) {
            if (!node.in[i].is_constant()) continue;
            std::vector<real_operand> in = sizes;
            in[i] = filled(in[i], half_step_of_constant<Rule>(node.in[i]));
            const auto products = meaning(op::matrix_product{}, in);
            for (std::size_t k = 0; k < result.size(); ++k) result[k] += products[k] / node.step();
        }
        return result;
    }
};

/// Requantization of an exact sum of products, after weights and bias were rounded: half a step of each weight counts
/// as often as its activation's magnitude, and the bias is rounded to the product of the two scales. A weight of 4
/// bits is no other than one of 8, but for its larger step.
struct weighted_error {
    template <class Rule, class Op> static std::vector<double> steps(const Op& op, const real_node& node) {
        std::vector<double> result = of_constants<Rule>(op, node);
        for (double& each : result) each = each / node.step() + rounding_steps<Rule>();
        return result;
    }

    /// None where sums stay accumulators.
    template <class Rule> static constexpr double rounding_steps() {
        if constexpr (keeps_accumulators<Rule>)
            return 0;
        else
            return weighted_requantized_error<Rule>;
    }

    /// Of each channel's weights. Without any, the scale of sums that stay tells what their bias alone chose.
    template <class Rule>
    static std::vector<double> scales_of(const real_operand& weights, const real_operand& bias, double input_scale,
                                         double step) {
        if (keeps_accumulators<Rule> && ctq::detail::largest_magnitude(weights.elements) == 0)
            return std::vector<double>(bias.elements.size(), step / input_scale);
        return weight_scales<Rule>({weights.elements, weights.facts.shape}, bias.elements, input_scale, step);
    }

    /// What the constants and the float reference contribute, as reals.
    template <class Rule, class Op> static std::vector<double> of_constants(Op op, const real_node& node) {
        op.activation = bounds::none();
        const real_operand &x = node.in[0], &weights = node.in[1];
        const auto channels = static_cast<std::size_t>(weights.facts.shape[0]);
        const real_operand bias =
            node.in.size() > 2 ? node.in[2] : operand_of({weights.facts.shape[0]}, std::vector<float>(channels));
        real_operand half = weights, bias_error = bias;
        const std::size_t length = weights.elements.size() / channels;
        const std::vector<double> scales = scales_of<Rule>(weights, bias, x.from.scale, node.step());
        for (std::size_t c = 0; c < channels; ++c) {
            const std::span<const float> all = weights.elements, row = all.subspan(c * length, length);
            const double scale = scales[c];
            const bool zero = ctq::detail::largest_magnitude(row) == 0;
            std::fill_n(half.elements.begin() + static_cast<std::ptrdiff_t>(c * length), length,
                        zero ? 0.0f : static_cast<float>(scale / 2));
            bias_error.elements[c] = static_cast<float>(static_cast<double>(x.from.scale) * scale / 2);
        }
        const auto rounding = meaning(op, {magnitudes(x), half, bias_error});
        const auto arithmetic = meaning(op, {magnitudes(x), magnitudes(weights), magnitudes(bias)});
        std::vector<double> result(rounding.begin(), rounding.end());
        add_error_of_floats(result, arithmetic, length, 1);
        return result;
    }
};
template <> struct integer_error<op::conv2d> : weighted_error {};
template <> struct integer_error<op::dense> : weighted_error {};

} // namespace ctq::laws
