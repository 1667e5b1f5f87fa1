#pragma once
// thresholded_relu: x where it is above a threshold, else 0.
// room: operators | runs on: all | heap: no

#include <ctq/registry/operation.hpp>

namespace ctq::inline CTQ_TARGET::op {

/// x above `alpha`, else 0. It jumps there, so that it has a table in 8 bits and runs in float in 16.
struct thresholded_relu {
    static constexpr std::string_view name = "thresholded_relu";
    static constexpr std::string_view cpp_name = "ctq::op::thresholded_relu";
    static constexpr operator_traits traits{.is_continuous = false}; // so no int16 meaning

    float alpha = 1.0f; ///< the threshold

    static constexpr auto attributes = attribute_list{attribute{"alpha", &thresholded_relu::alpha}};

    friend constexpr bool operator==(const thresholded_relu&, const thresholded_relu&) = default;

    constexpr float operator()(float x) const { return x > alpha ? x : 0.0f; }
};

} // namespace ctq::inline CTQ_TARGET::op
