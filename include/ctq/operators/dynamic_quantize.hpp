#pragma once
// dynamic_quantize: float32 to int8 or uint8 under a scale that is measured on the tensor itself, each time it runs.
// room: operators | runs on: all | heap: no | source: ONNX's DynamicQuantizeLinear, which is its form for uint8

#include <ctq/core/dynamic_range.hpp>
#include <ctq/registry/operation.hpp>

namespace ctq::inline CTQ_TARGET::op {

/// Input: x of any shape, float32. Outputs: its integers; the scale, a float32 scalar; the zero point, an int32 scalar,
/// 0 for int8. The float meaning is that of the other conversions: the reals themselves, under a scale of 1.
/// Cost: two passes over the elements and a division for each.
struct dynamic_quantize {
    static constexpr std::string_view name = "dynamic_quantize";
    static constexpr std::string_view cpp_name = "ctq::op::dynamic_quantize";
    static constexpr auto attributes = no_attributes;
    static constexpr operator_traits traits{.converts = true, .adds_nothing = true};

    friend constexpr bool operator==(const dynamic_quantize&, const dynamic_quantize&) = default;

    constexpr int output_count() const { return 3; }
    constexpr shape output_shape(shapes in, int which) const {
        require(in.size() == 1, "a conversion takes one input");
        return which == 0 ? in[0] : shape{};
    }
    constexpr dtype output_type(int which) const { return which == 2 ? dtype::int32 : dtype::float32; }

    constexpr void compute(const_tensors in, tensors out) const {
        for (std::size_t i = 0; i < out[0].size(); ++i) out[0].as<float>()[i] = in[0].as<float>()[i];
        out[1].as<float>()[0] = 1.0f;
        out[2].as<std::int32_t>()[0] = 0;
    }

    template <signature S>
    requires(S.x == dtype::float32 && is_byte(S.y) &&
             S.how == rounding::unrounded) constexpr void compute_integer(const_tensors in, tensors out) const {
        const std::span<const float> reals(in[0].as<float>(), in[0].size());
        const quantization q = dynamic_quantization(S.y, measured_range(reals));
        auto* to = out[0].as<element<S.y>>();
        for (const float real : reals)
            *to++ = static_cast<element<S.y>>(quantize_by_quotient(real, q, out[0].facts.range));
        out[1].as<float>()[0] = q.scale;
        out[2].as<std::int32_t>()[0] = q.zero_point;
    }
};

} // namespace ctq::inline CTQ_TARGET::op
