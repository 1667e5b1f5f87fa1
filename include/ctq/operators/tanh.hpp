#pragma once
// tanh: the hyperbolic tangent.
// room: operators | runs on: all | heap: no

#include <ctq/core/elementary.hpp>
#include <ctq/registry/operation.hpp>

namespace ctq {

struct hyperbolic_tangent {
    static constexpr std::string_view name = "tanh";
    static constexpr std::string_view cpp_name = "ctq::hyperbolic_tangent";
    static constexpr std::array<std::string_view, 1> onnx_names{"Tanh"};
    static constexpr range_rule output_range = range_rule::fixed;
    static constexpr auto attributes = no_attributes;

    friend constexpr bool operator==(const hyperbolic_tangent&, const hyperbolic_tangent&) = default;

    /// Steps of 1/128 around zero point 0, as TFLite fixes it.
    static constexpr bounds output_bounds() { return {-1.0f, 127.0f / 128.0f}; }
    constexpr float operator()(float x) const { return static_cast<float>(elementary::tanh(static_cast<double>(x))); }
};

} // namespace ctq
