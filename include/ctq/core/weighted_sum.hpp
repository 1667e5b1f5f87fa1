#pragma once
// weighted_sum: the sum of two quantized tensors in the output's integers. The scalar definition of add.
// room: core | runs on: all | heap: no | float: only in encode

#include <ctq/core/requantize.hpp>

#include <cstdint>
#include <limits>
#include <type_traits>

namespace ctq::inline CTQ_TARGET {

/// The integers of a weighted sum; which fields count is the arithmetic's affair.
struct sum_scaling {
    scaling left, right, result;

    friend constexpr bool operator==(const sum_scaling&, const sum_scaling&) = default;
};

/// One rounding: q = (a * left + b * right + half) >> shift, a and b less their zero points, `Bits` wide before that.
///
/// 8 bits, |a|, |b| <= 255: both multipliers are 16 bits with a common shift, so a pair of inputs is one dual
/// multiply-add (`vpmaddwd`, `SMLAD`). The multiplier of the larger scale keeps 14 bits; the error of the sum is below
/// 1/64 before the rounding where the result fits int8.
///
/// 16 bits, |a|, |b| <= 65535: multipliers of 32 bits and a sum of 64 (`smull`, `smlal`), since 16-bit ones would cost
/// a whole output step. The error is below 2^-14 of the larger input scale over the output's before the rounding; a sum
/// beyond 2^30 saturates there, so that any zero point can be added.
template <class Requantizer, int Bits = 8> struct weighted_sum {
    static_assert(Bits == 8 || Bits == 16, "ctq: weighted_sum: of 8 or 16 bits; other widths have no definition yet");
    using sum_type = std::conditional_t<Bits == 8, std::int32_t, std::int64_t>;

    static constexpr sum_scaling encode(double left, double right, double result) {
        const double a = left / result, b = right / result;
        double largest = a > b ? a : b;
        std::int32_t shift = 0;
        while (shift < largest_shift && largest * 2 < largest_multiplier) {
            largest *= 2;
            ++shift;
        }
        // An output far narrower than its inputs saturates; one factor for both keeps its sign right.
        const double one = largest < largest_multiplier ? static_cast<double>(std::int64_t{1} << shift)
                                                        : (largest_multiplier - 1) / largest;
        const auto fixed = [&](double scale) { return static_cast<std::int32_t>(scale * one + 0.5); };
        return {{fixed(a), 0}, {fixed(b), 0}, {1, shift}};
    }

    /// True when nothing overflows for |a| <= left, |b| <= right.
    static constexpr bool fits(std::int64_t left, std::int64_t right, const sum_scaling& s) {
        if (Bits == 16) return left <= largest_operand && right <= largest_operand;
        const std::int64_t sum = left * s.left.multiplier + right * s.right.multiplier;
        return sum + rounding_half<std::int32_t>(s.result.shift) <= std::numeric_limits<std::int32_t>::max();
    }

    static constexpr std::int32_t apply(std::int32_t a, std::int32_t b, const sum_scaling& s) {
        const sum_type sum = sum_type{a} * s.left.multiplier + sum_type{b} * s.right.multiplier;
        const sum_type rounded = rounding_shift_right(sum, s.result.shift);
        if constexpr (Bits == 8)
            return rounded;
        else
            return static_cast<std::int32_t>(clamp_to(rounded, -largest_operand, largest_operand));
    }

  private:
    static constexpr std::int64_t largest_operand = std::int64_t{1} << 30;
    static constexpr double largest_multiplier = Bits == 8 ? 0x1p15 - 1 : 0x1p31 - 1;
    static constexpr std::int32_t largest_shift = Bits == 8 ? 29 : 60;
};

/// TFLite's: both inputs shifted left, rescaled to a common scale, added and rescaled, each rescaling rounded twice.
/// |a|, |b| <= 255 for 8 bits, 32768 for 16. From: TFLite's reference add (tested on its results).
template <int Bits> struct weighted_sum<double_rounding, Bits> {
    static_assert(Bits == 8 || Bits == 16, "ctq: weighted_sum: TFLite adds integers of 8 or 16 bits");
    static constexpr int left_shift = Bits == 8 ? 20 : 15;

    static constexpr sum_scaling encode(double left, double right, double result) {
        const double common = 2 * (left > right ? left : right);
        return {double_rounding::encode(left / common), double_rounding::encode(right / common),
                double_rounding::encode(common / (static_cast<double>(1 << left_shift) * result))};
    }

    /// True when nothing overflows for |a| <= left, |b| <= right: both are scaled by at most one half, and a sum that
    /// the last scaling takes out of 32 bits saturates.
    static constexpr bool fits(std::int64_t left, std::int64_t right, const sum_scaling& s) {
        return (left << left_shift) <= double_rounding::headroom(s.left) &&
               (right << left_shift) <= double_rounding::headroom(s.right);
    }

    static constexpr std::int32_t apply(std::int32_t a, std::int32_t b, const sum_scaling& s) {
        const std::int32_t left = double_rounding::apply(a * (1 << left_shift), s.left, 0);
        const std::int32_t right = double_rounding::apply(b * (1 << left_shift), s.right, 0);
        return apply_saturating<double_rounding>(left + right, s.result, 0);
    }
};

} // namespace ctq::inline CTQ_TARGET
