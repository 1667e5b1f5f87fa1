#pragma once
// A model of one dense layer, four int8 in and one out, as an emitted header spells it: what misuse of an executor
// misuses.

#include <ctq/firmware.hpp>

template <std::int32_t Bias = 0> struct dense_model {
    static constexpr std::string_view name = "model";
    static constexpr std::int8_t weights[] = {127, -127, 127, -127};
    static constexpr std::int32_t bias[] = {Bias};
    static constexpr std::int16_t multiplier[] = {16384};
    static constexpr std::int8_t shift[] = {0};
    static constexpr std::array values{ctq::activation("x", {1, 4}, ctq::dtype::int8, 1.0f, 0),
                                       ctq::constant_value("dense.weights", {1, 1, 4}, weights),
                                       ctq::constant_value("dense.bias", {1}, bias),
                                       ctq::constant_value("dense.multiplier", {1}, multiplier),
                                       ctq::constant_value("dense.shift", {1}, shift),
                                       ctq::activation("y", {1, 1}, ctq::dtype::int8, 1.0f, 0)};
    static constexpr auto nodes =
        ctq::nodes(ctq::node("dense", ctq::op::dense{}, {}, {0, 1, 2, 3, 4}, {5}, ctq::rounding::three_step));
    static constexpr std::array inputs{0};
    static constexpr std::array outputs{5};
};
