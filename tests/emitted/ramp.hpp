#pragma once
// An operator of a user's own that has no inputs: it makes a constant tensor anew in each run.

#include <ctq/registry/operation.hpp>

#include <cstdint>
#include <string_view>

namespace user {

/// step, 2 step, ... in one row.
struct ramp {
    static constexpr std::string_view name = "ramp";
    static constexpr std::string_view cpp_name = "user::ramp";
    static constexpr std::string_view header = "emitted/ramp.hpp";

    std::int32_t length = 1;
    float step = 1.0f;

    static constexpr auto attributes =
        ctq::attribute_list{ctq::attribute{"length", &ramp::length}, ctq::attribute{"step", &ramp::step}};

    friend constexpr bool operator==(const ramp&, const ramp&) = default;

    constexpr ctq::shape output_shape(ctq::shapes in) const {
        ctq::require(in.empty(), "a ramp takes no input");
        return {1, length};
    }
    constexpr void compute(ctq::const_tensors, ctq::tensors out) const {
        for (std::int32_t i = 0; i < length; ++i) out[0].as<float>()[i] = step * static_cast<float>(i + 1);
    }
};

} // namespace user
