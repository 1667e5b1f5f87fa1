#pragma once
// An operator of a user's own, with attributes of every kind that is not ctq's: the emitted header includes this file.

#include <ctq/core/elementary.hpp>
#include <ctq/registry/operation.hpp>

#include <cstdint>
#include <string_view>

namespace user {

enum class curve : std::uint8_t { rough, exact };

struct scaled_gelu {
    static constexpr std::string_view name = "scaled_gelu";
    static constexpr std::string_view cpp_name = "user::scaled_gelu";
    static constexpr std::string_view header = "emitted/scaled_gelu.hpp";

    bool flip = false;
    float scale = 1.0f;
    curve kind = curve::rough;

    // Not in the order of declaration.
    static constexpr auto attributes =
        ctq::attribute_list{ctq::attribute{"kind", &scaled_gelu::kind}, ctq::attribute{"scale", &scaled_gelu::scale},
                            ctq::attribute{"flip", &scaled_gelu::flip}};

    friend constexpr bool operator==(const scaled_gelu&, const scaled_gelu&) = default;

    constexpr float operator()(float x) const {
        const float steepness = kind == curve::exact ? 1.702f : 2.0f;
        return scale * (flip ? -x : x) * ctq::elementary::logistic(steepness * x);
    }
};

} // namespace user
