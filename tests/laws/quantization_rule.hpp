#pragma once
// The laws of quantization_rule, instantiated for every rule and for a user's own.

#include <ctq/quantize/rule.hpp>

#include <doctest/doctest.h>

#include <cmath>
#include <cstdlib>
#include <random>
#include <string>
#include <vector>

namespace ctq::laws {

/// Ranges that calibration gives or that are awkward; some do not contain zero.
inline std::vector<bounds> real_ranges() {
    std::vector<bounds> result{{0, 0},   {0, 1},      {-1, 0},         {-1, 1},     {0, 6},      {2, 3},
                               {-3, -2}, {0, 1e-38f}, {-1e-40f, 0},    {0, 3e38f},  {-3e38f, 1}, {-1e-20f, 1e20f},
                               {0, 255}, {-128, 127}, {-0.5f, 254.5f}, {-1e-6f, 1}, {-1, 1e-6f}};
    std::mt19937 random(3);
    std::uniform_real_distribution<float> exponent(-8.0f, 8.0f);
    for (int i = 0; i < 200; ++i)
        result.push_back({-std::pow(10.0f, exponent(random)), std::pow(10.0f, exponent(random))});
    return result;
}

template <quantization_rule Rule> void check_activation(const bounds& observed) {
    CAPTURE(observed.low);
    CAPTURE(observed.high);
    const quantization q = Rule::activation(observed);
    CHECK(q.scale > 0);
    CHECK(std::isfinite(q.scale));
    CHECK(std::isfinite(1.0f / q.scale));
    const dtype type = activation_type_for<Rule>(observed);
    const auto limits_for = [&](const bounds& activation) { return activation_limits_for<Rule>(type, activation, q); };
    const limits whole = limits_for(bounds::none()), held = limits_of(type);
    CHECK(held.low <= whole.low);
    CHECK(whole.high <= held.high);
    CHECK(whole.low < whole.high);
    CHECK(whole.clamp(q.zero_point) == q.zero_point);
    // Zero is exact.
    CHECK(quantize(0.0f, q, whole) == q.zero_point);
    CHECK(dequantize(q.zero_point, q) == 0.0f);
    // The range is covered within half a step at each end (and float's rounding of the scale).
    const double step = q.scale, slack = step * 0.5001;
    CHECK(step * (whole.low - q.zero_point) <= (observed.low < 0 ? observed.low : 0.0) + slack);
    CHECK(step * (whole.high - q.zero_point) >= (observed.high > 0 ? observed.high : 0.0) - slack);
    CHECK(whole.high - whole.low + 1 <= Rule::levels);
    // A fused activation stays in the type, and in the activation.
    for (const bounds activation :
         {bounds::relu(), bounds::relu6(), bounds{-1, 1}, bounds{-1e30f, 1e30f}, bounds{0.5f, 0.75f}}) {
        const limits range = limits_for(activation);
        CHECK(whole.low <= range.low);
        CHECK(range.low <= range.high);
        CHECK(range.high <= whole.high);
        // Halves may go either way.
        CHECK(std::abs(range.low - quantize(activation.low, q, whole)) <= 1);
        CHECK(std::abs(range.high - quantize(activation.high, q, whole)) <= 1);
    }
}

/// The scale of weights grows with them, and the largest weight is an end of their integers' range.
template <quantization_rule Rule> void check_weight_scale() {
    const limits integers = Rule::weight_limits;
    double before = 0;
    for (double magnitude = 1e-30; magnitude < 1e30; magnitude *= 1.7) {
        const double scale = Rule::weight_scale(magnitude);
        CHECK(scale > 0);
        CHECK(scale >= before);
        CHECK(magnitude / scale <= integers.high + 0.5);
        CHECK(-magnitude / scale >= integers.low - 0.5);
        before = scale;
    }
}

/// What is encoded stands for the scale within one part in 2^14 where the scale is one that layers have: all of them
/// are powers of two where the arithmetic says so.
template <requantizer Requantizer> void check_requantizer() {
    for (double real = 1e-6; real < 200; real *= 1.013) {
        double scale = real;
        if constexpr (requires { Requantizer::powers_of_two; }) scale = std::exp2(std::round(std::log2(real)));
        const double back = Requantizer::decode(Requantizer::encode(scale));
        CHECK(std::abs(back - scale) <= scale / 16384);
        CHECK(Requantizer::headroom(Requantizer::encode(scale)) > 0);
        CHECK(Requantizer::apply(0, Requantizer::encode(scale), 5) == 5);
    }
}

template <quantization_rule Rule> void check_quantization_rule() {
    CAPTURE(std::string(Rule::name));
    CHECK_FALSE(std::string_view(Rule::name).empty());
    CHECK(Rule::levels >= 2);
    for (const bounds& range : real_ranges()) check_activation<Rule>(range);
    check_weight_scale<Rule>();
    if constexpr (Rule::how != rounding::unrounded) {
        check_requantizer<typename requantizer_for<Rule::how>::type>();
        if constexpr (!keeps_accumulators<Rule>)
            check_requantizer<typename requantizer_for<weighted_rounding_of<Rule>>::type>();
    }
}

} // namespace ctq::laws
