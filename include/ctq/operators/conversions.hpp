#pragma once
// The three conversions that the quantizing pass inserts: float to integers, back, and integers to integers.
// room: operators | runs on: all | heap: no

#include <ctq/core/requantize.hpp>
#include <ctq/registry/operation.hpp>

namespace ctq {

/// float32 to int8 under the output's scale and zero point.
struct quantize_layer {
    static constexpr std::string_view name = "quantize";
    static constexpr std::string_view cpp_name = "ctq::quantize_layer";
    static constexpr std::array<std::string_view, 0> onnx_names{};
    static constexpr auto attributes = no_attributes;

    friend constexpr bool operator==(const quantize_layer&, const quantize_layer&) = default;

    constexpr shape output_shape(shapes in) const {
        require(in.size() == 1, "quantize takes one input");
        return in[0];
    }
    constexpr void compute(const_tensors in, tensors out) const {
        for (std::size_t i = 0; i < out[0].size(); ++i) out[0].as<float>()[i] = in[0].as<float>()[i];
    }
    template <class Requantizer> constexpr void compute_integer(const_tensors in, tensors out) const {
        for (std::size_t i = 0; i < out[0].size(); ++i)
            out[0].as<std::int8_t>()[i] =
                static_cast<std::int8_t>(quantize(in[0].as<float>()[i], out[0].facts.quantization));
    }
};

/// int8 to float32 under the input's scale and zero point.
struct dequantize_layer {
    static constexpr std::string_view name = "dequantize";
    static constexpr std::string_view cpp_name = "ctq::dequantize_layer";
    static constexpr std::array<std::string_view, 0> onnx_names{};
    static constexpr auto attributes = no_attributes;

    friend constexpr bool operator==(const dequantize_layer&, const dequantize_layer&) = default;

    constexpr shape output_shape(shapes in) const {
        require(in.size() == 1, "dequantize takes one input");
        return in[0];
    }
    constexpr void compute(const_tensors in, tensors out) const {
        for (std::size_t i = 0; i < out[0].size(); ++i) out[0].as<float>()[i] = in[0].as<float>()[i];
    }
    template <class Requantizer> constexpr void compute_integer(const_tensors in, tensors out) const {
        for (std::size_t i = 0; i < out[0].size(); ++i)
            out[0].as<float>()[i] = dequantize(in[0].as<std::int8_t>()[i], in[0].facts.quantization);
    }
};

/// int8 under one scale and zero point to int8 under another, where two consumers or a concat need it.
struct requantize_layer {
    static constexpr std::string_view name = "requantize";
    static constexpr std::string_view cpp_name = "ctq::requantize_layer";
    static constexpr std::array<std::string_view, 0> onnx_names{};
    static constexpr bool in_place = true;

    scaling scale{};
    limits range{}; ///< the output's integers

    static constexpr auto attributes =
        std::tuple{attribute{"scale", &requantize_layer::scale}, attribute{"range", &requantize_layer::range}};

    friend constexpr bool operator==(const requantize_layer&, const requantize_layer&) = default;

    constexpr shape output_shape(shapes in) const {
        require(in.size() == 1, "requantize takes one input");
        return in[0];
    }
    constexpr void compute(const_tensors in, tensors out) const {
        for (std::size_t i = 0; i < out[0].size(); ++i) out[0].as<float>()[i] = in[0].as<float>()[i];
    }
    template <class Requantizer> constexpr void compute_integer(const_tensors in, tensors out) const {
        for (std::size_t i = 0; i < out[0].size(); ++i) {
            const std::int32_t value = in[0].as<std::int8_t>()[i] - in[0].zero_point();
            out[0].as<std::int8_t>()[i] =
                static_cast<std::int8_t>(range.clamp(Requantizer::apply(value, scale, out[0].zero_point())));
        }
    }
};

} // namespace ctq
