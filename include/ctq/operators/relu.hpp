#pragma once
// relu: max(x, 0).
// room: operators | runs on: all | heap: no

#include <ctq/operators/clamping.hpp>
#include <ctq/registry/operation.hpp>

namespace ctq {

struct relu_function {
    static constexpr std::string_view name = "relu";
    static constexpr std::string_view cpp_name = "ctq::relu_function";
    static constexpr std::array<std::string_view, 1> onnx_names{"Relu"};
    static constexpr range_rule output_range = range_rule::same_as_input;

    limits clamp{}; ///< set by quantization: the bounds in integers

    static constexpr auto attributes = std::tuple{attribute{"clamp", &relu_function::clamp}};

    friend constexpr bool operator==(const relu_function&, const relu_function&) = default;

    constexpr bounds activation_bounds() const { return relu; }
    constexpr float operator()(float x) const { return relu.clamp(x); }

    template <class Requantizer> constexpr void compute_integer(const_tensors in, tensors out) const {
        clamp_integers(in[0], out[0], clamp);
    }

    template <class Rule, class Context> constexpr relu_function quantized(Context& context) const {
        return quantized_clamp<Rule>(*this, context);
    }
};

} // namespace ctq
