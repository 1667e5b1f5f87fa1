// Instructions of requantization on AArch64 NEON: 16 channels, parameters held in registers, 64 pixels, accumulators
// loaded and outputs stored. Every contender is checked against its scalar definition first. Prints a name per
// contender; the harness (bench/mcu/run a64) counts one region for each, in the same order.
#include "contenders.hpp"

#include <arm_neon.h>
#include <board.h>

#include <array>
#include <cstdint>
#include <type_traits>

namespace ctq::bench {

constexpr std::size_t channels = 16;
constexpr std::size_t pixels = 64;
constexpr std::int32_t zero_point = -7;

struct accumulators {
    int32x4_t v[4];
};
using planes = std::array<std::int32_t, channels>;

inline int32x4_t quarter(const planes& p, std::size_t i) {
    return vld1q_s32(&p[4 * i]);
}
inline int16x8_t narrow_pair(int32x4_t a, int32x4_t b) {
    return vqmovn_high_s32(vqmovn_s32(a), b);
}
inline int8x16_t narrow_all(const accumulators& a, int16x8_t offset) {
    return vqmovn_high_s16(vqmovn_s16(vqaddq_s16(narrow_pair(a.v[0], a.v[1]), offset)),
                           vqaddq_s16(narrow_pair(a.v[2], a.v[3]), offset));
}

struct narrow {
    static constexpr const char* label = "narrow";
    using reference = void;
    narrow(const planes&, const planes&) {}
    int8x16_t operator()(const accumulators& a) const {
        return vqmovn_high_s16(vqmovn_s16(narrow_pair(a.v[0], a.v[1])), narrow_pair(a.v[2], a.v[3]));
    }
};

/// sqdmulh keeps 15 bits below the point of the 16-bit product; the third step is a rounding, narrowing shift.
struct three_step_neon {
    static constexpr const char* label = "three_step";
    using reference = three_step;
    int32x4_t shift[4];
    int16x8_t multiplier[2];
    int16x8_t offset = vdupq_n_s16(zero_point * 64);

    three_step_neon(const planes& multipliers, const planes& shifts) {
        for (std::size_t i = 0; i < 4; ++i) shift[i] = vnegq_s32(quarter(shifts, i));
        for (std::size_t i = 0; i < 2; ++i)
            multiplier[i] =
                vcombine_s16(vmovn_s32(quarter(multipliers, 2 * i)), vmovn_s32(quarter(multipliers, 2 * i + 1)));
    }
    int8x16_t operator()(const accumulators& a) const {
        const int16x8_t low = narrow_pair(vshlq_s32(a.v[0], shift[0]), vshlq_s32(a.v[1], shift[1]));
        const int16x8_t high = narrow_pair(vshlq_s32(a.v[2], shift[2]), vshlq_s32(a.v[3], shift[3]));
        const int16x8_t first = vqaddq_s16(vqdmulhq_s16(low, multiplier[0]), offset);
        const int16x8_t second = vqaddq_s16(vqdmulhq_s16(high, multiplier[1]), offset);
        return vqrshrn_high_n_s16(vqrshrn_n_s16(first, 6), second, 6);
    }
};

/// The fix-up moves negative halves away from zero, as gemmlowp does.
struct double_rounding_neon {
    static constexpr const char* label = "double_rounding";
    using reference = double_rounding;
    int32x4_t shift[4], multiplier[4];
    int16x8_t offset = vdupq_n_s16(zero_point);

    double_rounding_neon(const planes& multipliers, const planes& shifts) {
#pragma GCC unroll 4
        for (std::size_t i = 0; i < 4; ++i) {
            shift[i] = quarter(shifts, i);
            multiplier[i] = quarter(multipliers, i);
        }
    }
    int32x4_t scale(const accumulators& a, std::size_t i) const {
        const int32x4_t r = vqrdmulhq_s32(a.v[i], multiplier[i]);
        return vrshlq_s32(vqaddq_s32(r, vshrq_n_s32(vandq_s32(r, shift[i]), 31)), shift[i]);
    }
    int8x16_t operator()(const accumulators& a) const {
        return narrow_all({{scale(a, 0), scale(a, 1), scale(a, 2), scale(a, 3)}}, offset);
    }
};

/// A truncating doubling high multiply and a rounding shift: together one rounding.
struct single_rounding_neon {
    static constexpr const char* label = "single_rounding";
    using reference = single_rounding;
    int32x4_t shift[4], multiplier[4];
    int16x8_t offset = vdupq_n_s16(zero_point);

    single_rounding_neon(const planes& multipliers, const planes& shifts) {
#pragma GCC unroll 4
        for (std::size_t i = 0; i < 4; ++i) {
            shift[i] = quarter(shifts, i);
            multiplier[i] = quarter(multipliers, i);
        }
    }
    int32x4_t scale(const accumulators& a, std::size_t i) const {
        return vrshlq_s32(vqdmulhq_s32(a.v[i], multiplier[i]), shift[i]);
    }
    int8x16_t operator()(const accumulators& a) const {
        return narrow_all({{scale(a, 0), scale(a, 1), scale(a, 2), scale(a, 3)}}, offset);
    }
};

struct floating_neon {
    static constexpr const char* label = "float";
    using reference = floating;
    float32x4_t scale[4];
    int16x8_t offset = vdupq_n_s16(zero_point);

    floating_neon(const planes& multipliers, const planes&) {
#pragma GCC unroll 4
        for (std::size_t i = 0; i < 4; ++i) scale[i] = vreinterpretq_f32_s32(quarter(multipliers, i));
    }
    int32x4_t scaled(const accumulators& a, std::size_t i) const {
        return vcvtnq_s32_f32(vmulq_f32(vcvtq_f32_s32(a.v[i]), scale[i]));
    }
    int8x16_t operator()(const accumulators& a) const {
        return narrow_all({{scaled(a, 0), scaled(a, 1), scaled(a, 2), scaled(a, 3)}}, offset);
    }
};

template <class Contender>
[[gnu::noinline]] void run(const std::int32_t* from, const planes& multipliers, const planes& shifts, std::int8_t* to) {
    const Contender requantize(multipliers, shifts);
    for (std::size_t p = 0; p < pixels; ++p, from += channels, to += channels) {
        const accumulators a{{vld1q_s32(from), vld1q_s32(from + 4), vld1q_s32(from + 8), vld1q_s32(from + 12)}};
        vst1q_s8(to, requantize(a));
    }
}

double scale_of(std::size_t channel) {
    return 0.007 / static_cast<double>(1 + 97 * channel);
}

template <class Contender> void measure() {
    using reference = typename Contender::reference;
    static std::array<std::int32_t, channels * pixels> input;
    static std::array<std::int8_t, channels * pixels> outputs, expected;
    planes multipliers{}, shifts{};
    for (std::size_t i = 0; i < input.size(); ++i) {
        const std::size_t c = i % channels;
        const double real = static_cast<double>(i * 7919 % 5003) * 0.06 - 150.0;
        input[i] = static_cast<std::int32_t>(real / scale_of(c));
        if constexpr (std::is_void_v<reference>) {
            expected[i] = saturate<std::int8_t>(input[i]);
        } else {
            const scaling s = reference::encode(scale_of(c));
            multipliers[c] = s.multiplier;
            shifts[c] = s.shift;
            expected[i] = saturate<std::int8_t>(reference::apply(input[i], s, zero_point));
            input[i] += reference::rounding(s);
        }
    }
    board_start();
    run<Contender>(input.data(), multipliers, shifts, outputs.data());
    board_stop();
    if (outputs != expected) {
        board_print("differs from its scalar definition: ");
        board_print(Contender::label);
        board_print("\n");
        board_exit(1);
    }
    board_print(Contender::label);
    board_print("\n");
}

} // namespace ctq::bench

int main() {
    using namespace ctq::bench;
    measure<narrow>();
    measure<three_step_neon>();
    measure<double_rounding_neon>();
    measure<single_rounding_neon>();
    measure<floating_neon>();
}
