#pragma once
// leaky_relu: an operator that ctq does not have, and what it is in ONNX. All that ctq needs to know of it stands here:
// import, shape rule, float meaning, integer meaning (a table of 256 entries), report and emitter follow.

#include <ctq/registry/operation.hpp>
#include <ctq/registry/translation.hpp>

#include <string_view>
#include <tuple>

namespace my {

/// x where it is positive, else alpha * x.
struct leaky_relu {
    static constexpr std::string_view name = "leaky_relu";
    static constexpr std::string_view cpp_name = "my::leaky_relu";
    static constexpr std::string_view header = "leaky_relu.hpp"; ///< what an emitted model includes

    float alpha = 0.01f;

    static constexpr auto attributes = std::tuple{ctq::attribute{"alpha", &leaky_relu::alpha}};

    friend constexpr bool operator==(const leaky_relu&, const leaky_relu&) = default;

    constexpr float operator()(float x) const { return x < 0 ? alpha * x : x; }
};

/// ONNX's LeakyRelu.
using leaky_relu_of_onnx = ctq::one_to_one<"onnx", "LeakyRelu", leaky_relu, ctq::reads<"alpha", &leaky_relu::alpha>>;

} // namespace my
