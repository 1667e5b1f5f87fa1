#pragma once
// softmax: exp(x - max) / sum along one axis.
// room: operators | runs on: all | heap: only where the table is made (compiler, host)

#include <ctq/core/elementary.hpp>
#include <ctq/operators/axes.hpp>
#include <ctq/registry/operation.hpp>

namespace ctq {

/// Integer meaning: a table holds exp(-i * input scale) for i = 0..255 with as many bits as the axis leaves in 30;
/// q = (256 e + sum / 2) / sum - 128, so the output's scale is 1/256 whatever the data.
struct softmax {
    static constexpr std::string_view name = "softmax";
    static constexpr std::string_view cpp_name = "ctq::softmax";
    static constexpr std::array<std::string_view, 1> onnx_names{"Softmax"};
    static constexpr range_rule output_range = range_rule::fixed;

    std::int32_t axis = -1;

    static constexpr auto attributes = std::tuple{attribute{"axis", &softmax::axis}};

    friend constexpr bool operator==(const softmax&, const softmax&) = default;

  private:
    // Before their use: clang evaluates a template in a constant expression only if it was defined by then.
    static constexpr std::int32_t largest_axis = 65536;

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
    static constexpr bounds output_bounds() { return {0.0f, 255.0f / 256.0f}; }

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

    template <class Requantizer> constexpr void compute_integer(const_tensors in, tensors out) const {
        const std::int32_t* table = in[1].as<std::int32_t>();
        for_each_line(in[0].shape(), [&](std::size_t first, std::size_t step, std::size_t length) {
            const std::int8_t* from = in[0].as<std::int8_t>() + first;
            std::int8_t* to = out[0].as<std::int8_t>() + first;
            std::int32_t largest = from[0];
            for (std::size_t i = 1; i < length; ++i) largest = from[i * step] > largest ? from[i * step] : largest;
            std::int32_t sum = 0;
            for (std::size_t i = 0; i < length; ++i) sum += table[largest - from[i * step]];
            for (std::size_t i = 0; i < length; ++i) {
                const std::int32_t share = (table[largest - from[i * step]] * 256 + sum / 2) / sum;
                to[i * step] = static_cast<std::int8_t>(limits{}.clamp(share - 128));
            }
        });
    }

    /// Bits of a table entry: 256 * entry and the sum over `length` entries stay within 2^30.
    static constexpr std::int32_t table_bits(std::int32_t length) {
        std::int32_t bits = 22;
        while (bits > 0 && (std::int64_t{length} << bits) > (std::int64_t{1} << 30)) --bits;
        return bits;
    }

    template <class Rule, class Context> constexpr softmax quantized(Context& context) const {
        const shape& in = context.input(0).shape;
        const double step = static_cast<double>(context.input(0).quantization.scale);
        const double one = static_cast<double>(std::int32_t{1} << table_bits(in[in.normalized_axis(axis)]));
        auto table = context.template list<std::int32_t>(256);
        for (std::size_t i = 0; i < table.size(); ++i)
            table[i] = nearest_int32(one * elementary::exp(-step * static_cast<double>(i)));
        context.keep_input(0);
        context.append_constant("table", shape{256}, table);
        return *this;
    }

    constexpr softmax permuted(std::span<const std::int32_t> permutation) const {
        const auto rank = static_cast<std::int32_t>(permutation.size());
        return {permuted_axis(axis < 0 ? axis + rank : axis, permutation)};
    }

    /// Before opset 13 softmax runs over all axes from `axis` (default 1) on, as if they were one.
    template <class Import> static void from_onnx(Import& in) {
        const shape from = in.shape_of(0);
        const bool flattens = in.opset() < 13;
        const int axis = from.normalized_axis(in.integer("axis", flattens ? 1 : -1));
        if (!flattens || axis == from.rank - 1) return in.finish(in.emit(softmax{axis}, {in.input(0)}));
        const shape flat{static_cast<std::int32_t>(from.elements(0, axis)),
                         static_cast<std::int32_t>(from.elements(axis, from.rank))};
        in.finish(in.reshape(in.emit(softmax{1}, {in.reshape(in.input(0), flat)}), from));
    }
};

} // namespace ctq
