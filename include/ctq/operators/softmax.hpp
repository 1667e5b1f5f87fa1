#pragma once
// softmax: exp(x - max) / sum along one axis.
// room: operators | runs on: all | heap: only where the table is made (compiler, host)

#include <ctq/core/elementary.hpp>
#include <ctq/core/softmax_int16.hpp>
#include <ctq/operators/axes.hpp>
#include <ctq/operators/fixed_int16.hpp>
#include <ctq/registry/operation.hpp>

#include <limits>

namespace ctq::inline CTQ_TARGET::op {

template <signature S>
concept softmax_of_bytes = is_byte(S.x) && is_byte(S.y);

/// The output's range is customary: [0, 1) as `unit_interval` has it, or as far as the data go, for shares of many.
/// Integer meaning in 8 bits: a table holds exp(-i * input scale) for i = 0..255 with as many bits as the axis leaves
/// in 30; q = (steps e + sum / 2) / sum + zero point, where `steps` is what 1 is worth in the output: 256 under
/// TFLite's parameters. In 16 bits: softmax_int16.
struct softmax {
    static constexpr std::string_view name = "softmax";
    static constexpr std::string_view cpp_name = "ctq::op::softmax";
    static constexpr operator_traits traits{.output_range = range_rule::customary,
                                            .roles = {operand_role::operand, operand_role::parameter}};

    std::int32_t axis = -1;

    static constexpr auto attributes = attribute_list{attribute{"axis", &softmax::axis}};

    friend constexpr bool operator==(const softmax&, const softmax&) = default;

    struct lowered {
        std::int32_t steps = 256; ///< the output's steps in 1, in 8 bits
        scaling scale{};          ///< of the input, in 16 bits

        static constexpr auto attributes =
            attribute_list{attribute{"steps", &lowered::steps}, attribute{"scale", &lowered::scale}};
        friend constexpr bool operator==(const lowered&, const lowered&) = default;
    };

  private:
    // Defined first: clang (docs/design.md, section 1).
    static constexpr std::int32_t largest_axis = 65536;
    static constexpr std::int64_t most = std::numeric_limits<std::int32_t>::max();

    /// Calls visit(first element, step, length) for every line along the axis.
    template <class Visitor> constexpr void for_each_line(const shape& in, Visitor visit) const {
        const int along = in.normalized_axis(axis);
        const auto length = static_cast<std::size_t>(in[along]);
        const auto inner = static_cast<std::size_t>(in.elements(along + 1, in.rank));
        const auto outer = static_cast<std::size_t>(in.elements(0, along));
        for (std::size_t o = 0; o < outer; ++o)
            for (std::size_t i = 0; i < inner; ++i) visit(o * length * inner + i, inner, length);
    }

  public:
    static constexpr bounds output_bounds(dtype type) { return unit_interval(type); }

    constexpr shape output_shape(shapes in) const {
        require(in.size() == 1, "softmax takes one input");
        require(in[0][in[0].normalized_axis(axis)] <= largest_axis, "a softmax is over at most 65536 values");
        return in[0];
    }

    constexpr void compute(const_tensors in, tensors out) const {
        for_each_line(in[0].shape(), [&](std::size_t first, std::size_t step, std::size_t length) {
            const float* from = in[0].as<float>() + first;
            float* to = out[0].as<float>() + first;
            float largest = from[0];
            for (std::size_t i = 1; i < length; ++i) largest = from[i * step] > largest ? from[i * step] : largest;
            double sum = 0;
            for (std::size_t i = 0; i < length; ++i)
                sum += elementary::exp(static_cast<double>(from[i * step] - largest));
            for (std::size_t i = 0; i < length; ++i)
                to[i * step] = static_cast<float>(elementary::exp(static_cast<double>(from[i * step] - largest)) / sum);
        });
    }

    template <signature S>
    requires fixed_int16::signature_of_function<S>
    constexpr void compute_integer(const lowered& with, const_tensors in, tensors out) const {
        for_each_line(in[0].shape(), [&](std::size_t first, std::size_t step, std::size_t length) {
            softmax_int16<fixed_int16::real<S>>(in[0].as<std::int16_t>() + first, out[0].as<std::int16_t>() + first,
                                                length, step, with.scale);
        });
    }

    /// The longest line keeps its sum within 31 bits.
    template <signature S>
    requires fixed_int16::signature_of_function<S>
    constexpr bool never_overflows(const lowered&, const_tensors, const tensor_facts&) const { return true; }

    template <signature S, lowering_view Node>
    requires fixed_int16::signature_of_function<S>
    constexpr lowered lower(Node& node) const {
        fixed_int16::check(node.input(0), node.output());
        node.keep(0);
        return {.scale = encode_softmax_int16(node.input(0).quantization.scale, 1.0f)};
    }

    template <signature S>
    requires softmax_of_bytes<S>
    constexpr void compute_integer(const lowered& with, const_tensors in, tensors out) const {
        const std::int32_t* table = in[1].as<std::int32_t>();
        for_each_line(in[0].shape(), [&](std::size_t first, std::size_t step, std::size_t length) {
            const auto* from = in[0].as<element<S.x>>() + first;
            auto* to = out[0].as<element<S.y>>() + first;
            std::int32_t largest = from[0];
            for (std::size_t i = 1; i < length; ++i) largest = from[i * step] > largest ? from[i * step] : largest;
            std::int32_t sum = 0;
            for (std::size_t i = 0; i < length; ++i) sum += table[largest - from[i * step]];
            for (std::size_t i = 0; i < length; ++i) {
                const std::int32_t share = (table[largest - from[i * step]] * with.steps + sum / 2) / sum;
                to[i * step] = static_cast<element<S.y>>(out[0].facts.range.clamp(share + out[0].zero_point()));
            }
        });
    }

    /// The sum of a line, and `steps` times an entry with half a sum, keep within 31 bits.
    template <signature S>
    requires softmax_of_bytes<S>
    constexpr bool never_overflows(const lowered& with, const_tensors in, const tensor_facts&) const {
        const std::int64_t one = in[1].as<std::int32_t>()[0],
                           length = in[0].shape()[in[0].shape().normalized_axis(axis)];
        return one * length <= most && one * with.steps + one * length / 2 <= most;
    }

    /// Bits of a table entry: `steps` times an entry and the sum over `length` entries stay within 2^30.
    static constexpr std::int32_t table_bits(std::int32_t length, std::int32_t steps) {
        const std::int64_t most_terms = length > steps ? length : steps;
        std::int32_t bits = 22;
        while (bits > 0 && (most_terms << bits) > (std::int64_t{1} << 30)) --bits;
        return bits;
    }

    template <signature S, lowering_view Node>
    requires softmax_of_bytes<S>
    constexpr lowered lower(Node& node) const {
        const shape& in = node.input(0).shape;
        const std::int32_t steps = nearest<std::int32_t>(1.0 / static_cast<double>(node.output().quantization.scale));
        require(steps >= 1 && steps <= largest_axis,
                "a softmax's output must have 1 to 65536 steps; exclude the layer");
        const double step = static_cast<double>(node.input(0).quantization.scale);
        const double one = static_cast<double>(std::int32_t{1} << table_bits(in[in.normalized_axis(axis)], steps));
        auto table = node.template list<std::int32_t>(256);
        for (std::size_t i = 0; i < table.size(); ++i)
            table[i] = nearest<std::int32_t>(one * elementary::exp(-step * static_cast<double>(i)));
        node.keep(0);
        node.append("table", shape{256}, table);
        return {.steps = steps};
    }

    constexpr softmax permuted(std::span<const std::int32_t> permutation) const {
        const auto rank = static_cast<std::int32_t>(permutation.size());
        return {permuted_axis(axis < 0 ? axis + rank : axis, permutation)};
    }
};

} // namespace ctq::inline CTQ_TARGET::op
