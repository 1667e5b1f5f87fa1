#pragma once
// multiply: element-wise product of two tensors, broadcast; one of them may be constant.
// room: operators | runs on: all | heap: no

#include <ctq/core/requantize.hpp>
#include <ctq/operators/broadcast.hpp>
#include <ctq/registry/operation.hpp>

namespace ctq {

struct multiply {
    static constexpr std::string_view name = "multiply";
    static constexpr std::string_view cpp_name = "ctq::multiply";
    static constexpr std::array<std::string_view, 1> onnx_names{"Mul"};
    static constexpr bool in_place = true;
    static constexpr bool aligns_operands = true;

    bounds activation{};
    limits range{};  ///< set by quantization: the activation in output integers
    scaling scale{}; ///< set by quantization

    static constexpr auto attributes =
        std::tuple{attribute{"activation", &multiply::activation}, attribute{"range", &multiply::range},
                   attribute{"scale", &multiply::scale}};

    friend constexpr bool operator==(const multiply&, const multiply&) = default;

    constexpr shape output_shape(shapes in) const {
        require(in.size() == 2, "multiply takes two inputs");
        return broadcast(in[0], in[1]);
    }

    constexpr void compute(const_tensors in, tensors out) const {
        const float *a = in[0].as<float>(), *b = in[1].as<float>();
        float* to = out[0].as<float>();
        for_each_broadcast(
            out[0].shape(), in[0].shape(), in[1].shape(),
            [&](std::size_t i, std::size_t in_a, std::size_t in_b) { to[i] = activation.clamp(a[in_a] * b[in_b]); });
    }

    /// |product| <= 255 * 255, far inside any requantizer's headroom.
    template <class Requantizer> constexpr void compute_integer(const_tensors in, tensors out) const {
        const std::int8_t *a = in[0].as<std::int8_t>(), *b = in[1].as<std::int8_t>();
        std::int8_t* to = out[0].as<std::int8_t>();
        const std::int32_t zero_a = in[0].zero_point(), zero_b = in[1].zero_point(), zero = out[0].zero_point();
        for_each_broadcast(out[0].shape(), in[0].shape(), in[1].shape(),
                           [&](std::size_t i, std::size_t in_a, std::size_t in_b) {
                               const std::int32_t product = (a[in_a] - zero_a) * (b[in_b] - zero_b);
                               to[i] = static_cast<std::int8_t>(range.clamp(Requantizer::apply(product, scale, zero)));
                           });
    }

    template <class Rule, class Context> constexpr multiply quantized(Context& context) const {
        context.template keep_operand<Rule>(0);
        context.template keep_operand<Rule>(1);
        const quantization out = context.output().quantization;
        multiply result = *this;
        result.range = Rule::activation_limits(activation, out);
        result.scale = Rule::requantizer::encode(static_cast<double>(context.kept(0).quantization.scale) *
                                                 static_cast<double>(context.kept(1).quantization.scale) /
                                                 static_cast<double>(out.scale));
        return result;
    }

    constexpr multiply permuted(std::span<const std::int32_t>) const { return *this; }

    template <class Import> static void from_onnx(Import& in) {
        in.check(in.input_count() == 2, "two inputs are required");
        in.finish(in.emit(multiply{}, {in.input(0), in.input(1)}));
    }
};

} // namespace ctq
