#pragma once
// How far an integer node may be from the real function of what its operands stand for: one statement for each kind of
// operator, in output steps and element by element, with the reason. What integer_meaning.hpp holds every graph to.

#include <ctq/default_registry.hpp>
#include <ctq/graph/compute_node.hpp>

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
/// it is in the float graph, `from` unset: how it is quantized is part of the error.
struct real_operand {
    tensor_facts facts;
    std::vector<float> elements;
    quantization from{};

    bool is_constant() const { return from.scale == 0; }
};

/// A float node at work on such operands, and the quantization of its result.
struct real_node {
    std::vector<real_operand> in;
    tensor_facts out;
    quantization to{};

    std::size_t size() const { return out.elements(); }
    double step() const { return static_cast<double>(to.scale); }
};

/// The float meaning of `op` on operands.
template <class Op> std::vector<float> meaning(const Op& op, const std::vector<real_operand>& in) {
    std::vector<const_tensor> from;
    std::vector<shape> of;
    for (const real_operand& each : in) {
        from.push_back({each.facts, each.elements.data()});
        of.push_back(each.facts.shape);
    }
    const tensor_facts facts{dtype::float32, output_shape(op, of), {}};
    std::vector<float> result(facts.elements());
    const tensor to{facts, result.data()};
    compute(op, from, tensors(&to, 1));
    return result;
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

/// How far `Requantizer::apply` is from acc * scale + zero point, for results that 8 bits can hold. Their headers
/// derive it: of three_step 1/2 for the last rounding and 1/128 each for the first step and the multiplier; of
/// double_rounding 1/2 for the last and, as it only happens before a shift by one at least, half of that for the first;
/// of single_rounding 1/2 and 2^-15 of the result for the multiplier.
template <class Requantizer> struct requantization_error;
template <> struct requantization_error<three_step> { static constexpr double steps = 0.5 + 2.0 / 128; };
template <> struct requantization_error<double_rounding> { static constexpr double steps = 0.75; };
template <> struct requantization_error<single_rounding> { static constexpr double steps = 0.5 + 255.0 / 32768; };

/// The same for weighted_sum; `ratio` is the larger input's scale over the output's. Both multipliers have a common
/// shift and the larger one 14 bits at least, so each of two terms of at most 255 is within 255 / 2^15 of a unit.
template <class Requantizer> double sum_error(double ratio) {
    return 0.5 + 255 * ratio / 16384;
}
/// TFLite's two terms are each rounded twice, in units of 2^-19 of the larger input's scale.
template <> inline double sum_error<double_rounding>(double ratio) {
    return 0.75 + 3 * 0.75 * ratio / (1 << 19);
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

/// `steps<Rule>(op, node)`: the error of each element, in output steps. Specialized for every operator that has an
/// integer meaning; a function of one real is a table of the nearest integers.
template <class Op> struct integer_error {
    static_assert(unary_function<Op>,
                  "ctq: laws: no example of this operator's error; specialize integer_error for it");
    template <class Rule> static std::vector<double> steps(const Op&, const real_node& node) {
        return std::vector<double>(node.size(), 0.5);
    }
};

/// Elements move; none changes.
struct no_error {
    template <class Rule, class Op> static std::vector<double> steps(const Op&, const real_node& node) {
        return std::vector<double>(node.size(), 0.0);
    }
};
template <> struct integer_error<reshape> : no_error {};
template <> struct integer_error<transpose> : no_error {};
template <> struct integer_error<identity> : no_error {};
template <> struct integer_error<max_pool> : no_error {};

/// A mean of integers under the result's own scale, rounded to nearest; padding counts as the exact zero point.
template <> struct integer_error<average_pool> {
    template <class Rule> static std::vector<double> steps(const average_pool&, const real_node& node) {
        return std::vector<double>(node.size(), 0.5);
    }
};

/// What is requantized is exact.
struct requantized_once {
    template <class Rule, class Op> static std::vector<double> steps(const Op&, const real_node& node) {
        return std::vector<double>(node.size(), requantization_error<requantizer_of_rule<Rule>>::steps);
    }
};
template <> struct integer_error<reduce_mean> : requantized_once {};
template <> struct integer_error<requantize_layer> : requantized_once {};

/// Shares of tables whose entries have `bits` bits: each of L + 1 entries is half a unit off, the sum one at least;
/// then one rounding. The output's steps in 1 are a whole number, which leaves out a part of a step in proportion to
/// the share: none under TFLite's parameters, up to half a step where a rule's scale is no whole part of 1.
template <> struct integer_error<softmax> {
    template <class Rule> static std::vector<double> steps(const softmax& op, const real_node& node) {
        const shape& of = node.out.shape;
        const std::int32_t length = of[of.normalized_axis(op.axis)], in_one = nearest_int32(1 / node.step());
        const double units = static_cast<double>(std::int64_t{1} << softmax::table_bits(length, in_one));
        const double left_out = std::fabs(1 / node.step() - in_one);
        std::vector<double> result;
        for (const float share : meaning(op, node.in))
            result.push_back(0.5 + 0.5 * (length + 1) / units / node.step() + left_out * static_cast<double>(share));
        return result;
    }
};

/// The fill is rounded; what is filled around is moved.
template <> struct integer_error<pad> {
    template <class Rule> static std::vector<double> steps(const pad& op, const real_node& node) {
        pad border = op;
        border.value = 0.5f;
        const auto errors = meaning(border, {filled(node.in[0], 0.0)});
        return {errors.begin(), errors.end()};
    }
};

/// Parts are moved where they have the result's scale and zero point, else requantized; constants are rounded.
template <> struct integer_error<concat> {
    template <class Rule> static std::vector<double> steps(const concat& op, const real_node& node) {
        std::vector<real_operand> errors;
        for (const real_operand& each : node.in)
            errors.push_back(filled(each, each.is_constant() ? 0.5
                                          : each.from == node.to
                                              ? 0.0
                                              : requantization_error<requantizer_of_rule<Rule>>::steps));
        const auto joined = meaning(op, errors);
        return {joined.begin(), joined.end()};
    }
};

/// The weighted sum, and half a step of each constant operand.
template <> struct integer_error<ctq::add> {
    template <class Rule> static std::vector<double> steps(const ctq::add&, const real_node& node) {
        double ratio = 0, constants = 0;
        for (const real_operand& each : node.in) {
            const double half = each.is_constant() ? half_step_of_constant<Rule>(each) : each.from.scale / 2.0;
            ratio = std::max(ratio, 2 * half / node.step());
            if (each.is_constant()) constants += half / node.step();
        }
        return std::vector<double>(node.size(), sum_error<requantizer_of_rule<Rule>>(ratio) + constants);
    }
};

/// The product of integers is exact, then requantized; half a step of a constant operand counts as often as the other
/// operand's magnitude.
template <> struct integer_error<multiply> {
    template <class Rule> static std::vector<double> steps(const multiply&, const real_node& node) {
        std::vector<double> result(node.size(), requantization_error<requantizer_of_rule<Rule>>::steps);
        for (std::size_t i = 0; i < node.in.size(); ++i) {
            if (!node.in[i].is_constant()) continue;
            std::vector<real_operand> in{magnitudes(node.in[0]), magnitudes(node.in[1])};
            in[i] = filled(in[i], half_step_of_constant<Rule>(node.in[i]));
            const auto products = meaning(multiply{}, in);
            for (std::size_t k = 0; k < result.size(); ++k) result[k] += products[k] / node.step();
        }
        return result;
    }
};

/// Requantization of an exact sum of products, after weights and bias were rounded: half a step of each weight counts
/// as often as its activation's magnitude, and the bias is rounded to the product of the two scales. The float
/// reference itself rounds each product and sum: 2^-23 of all magnitudes together, once a term.
struct weighted_error {
    template <class Rule, class Op> static std::vector<double> steps(const Op& op, const real_node& node) {
        std::vector<double> result = of_constants<Rule>(op, node);
        using requantizer = typename requantizer_for<weighted_rounding_of<Rule>>::type;
        for (double& each : result) each = each / node.step() + requantization_error<requantizer>::steps;
        return result;
    }

    /// What the constants and the float reference contribute, as reals.
    template <class Rule, class Op> static std::vector<double> of_constants(Op op, const real_node& node) {
        op.activation = none;
        const real_operand &x = node.in[0], &weights = node.in[1];
        const auto channels = static_cast<std::size_t>(weights.facts.shape[0]);
        const real_operand bias =
            node.in.size() > 2 ? node.in[2] : operand_of({weights.facts.shape[0]}, std::vector<float>(channels));
        real_operand half = weights, bias_error = bias;
        const std::size_t length = weights.elements.size() / channels;
        for (std::size_t c = 0; c < channels; ++c) {
            const std::span<const float> all = weights.elements, row = all.subspan(c * length, length);
            const double largest = ctq::detail::largest_magnitude(Rule::per_channel ? row : all);
            const double scale = weight_scale<Rule>(largest, bias.elements[c], x.from.scale, node.step());
            const bool zero = ctq::detail::largest_magnitude(row) == 0;
            std::fill_n(half.elements.begin() + static_cast<std::ptrdiff_t>(c * length), length,
                        zero ? 0.0f : static_cast<float>(scale / 2));
            bias_error.elements[c] = static_cast<float>(static_cast<double>(x.from.scale) * scale / 2);
        }
        const auto rounding = meaning(op, {magnitudes(x), half, bias_error});
        const auto arithmetic = meaning(op, {magnitudes(x), magnitudes(weights), magnitudes(bias)});
        std::vector<double> result(rounding.begin(), rounding.end());
        for (std::size_t i = 0; i < result.size(); ++i)
            result[i] += static_cast<double>(arithmetic[i]) * 0x1p-23 * static_cast<double>(length + 1);
        return result;
    }
};
template <> struct integer_error<conv2d> : weighted_error {};
template <> struct integer_error<dense> : weighted_error {};

} // namespace ctq::laws
