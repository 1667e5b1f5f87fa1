#pragma once
// weighted_sum: the sum of two quantized tensors in the output's integers. The scalar definition of add.
// room: core | runs on: all | heap: no | float: only in encode

#include <ctq/core/requantize.hpp>

#include <cstdint>

namespace ctq {

/// The integers of a weighted sum; which fields count is the arithmetic's affair.
struct sum_scaling {
    scaling left, right, result;

    friend constexpr bool operator==(const sum_scaling&, const sum_scaling&) = default;
};

/// One rounding: q = (a * left + b * right + half) >> shift, a and b less their zero points. Both multipliers are 16
/// bits with a common shift, so a pair of inputs is one dual multiply-add (`vpmaddwd`, `SMLAD`). |a|, |b| <= 255.
/// The multiplier of the larger scale keeps 14 bits; the error of the sum is below 1/64 before the rounding.
template <class Requantizer> struct weighted_sum {
    static constexpr sum_scaling encode(double left, double right, double result) {
        const double a = left / result, b = right / result;
        double largest = a > b ? a : b;
        std::int32_t shift = 0;
        while (shift < 29 && largest * 2 < 32767) {
            largest *= 2;
            ++shift;
        }
        // An output far narrower than its inputs saturates; one factor for both keeps its sign right.
        const double one = largest < 32767 ? static_cast<double>(std::int64_t{1} << shift) : 32766 / largest;
        const auto fixed = [&](double scale) { return static_cast<std::int32_t>(scale * one + 0.5); };
        return {{fixed(a), 0}, {fixed(b), 0}, {1, shift}};
    }

    static constexpr std::int32_t apply(std::int32_t a, std::int32_t b, const sum_scaling& s) {
        const std::int32_t sum = a * s.left.multiplier + b * s.right.multiplier;
        return (sum + rounding_half<std::int32_t>(s.result.shift)) >> s.result.shift;
    }
};

/// TFLite's: both inputs shifted left by 20, rescaled to a common scale, added and rescaled, each rescaling rounded
/// twice. From: TFLite's reference add.
template <> struct weighted_sum<double_rounding> {
    static constexpr int left_shift = 20;

    static constexpr sum_scaling encode(double left, double right, double result) {
        const double common = 2 * (left > right ? left : right);
        return {double_rounding::encode(left / common), double_rounding::encode(right / common),
                double_rounding::encode(common / (static_cast<double>(1 << left_shift) * result))};
    }

    static constexpr std::int32_t apply(std::int32_t a, std::int32_t b, const sum_scaling& s) {
        const std::int32_t left = double_rounding::apply(a * (1 << left_shift), s.left, 0);
        const std::int32_t right = double_rounding::apply(b * (1 << left_shift), s.right, 0);
        return double_rounding::apply(left + right, s.result, 0);
    }
};

} // namespace ctq
