#pragma once
// sigmoid: 1 / (1 + exp(-x)).
// room: operators | runs on: all | heap: no

#include <ctq/core/elementary.hpp>
#include <ctq/registry/operation.hpp>

namespace ctq {

struct sigmoid {
    static constexpr std::string_view name = "sigmoid";
    static constexpr std::string_view cpp_name = "ctq::sigmoid";
    static constexpr std::array<std::string_view, 1> onnx_names{"Sigmoid"};
    static constexpr range_rule output_range = range_rule::fixed;
    static constexpr auto attributes = no_attributes;

    friend constexpr bool operator==(const sigmoid&, const sigmoid&) = default;

    /// 255 steps of 1/256, as TFLite fixes it: the value 1 itself saturates.
    static constexpr bounds output_bounds() { return {0.0f, 255.0f / 256.0f}; }
    constexpr float operator()(float x) const {
        return static_cast<float>(elementary::logistic(static_cast<double>(x)));
    }
};

} // namespace ctq
