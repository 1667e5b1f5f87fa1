// Instructions of requantization on Cortex-M: 64 channels, each with its own parameters in a table, accumulator loaded
// and output stored. Every contender is checked against its scalar definition first. Prints "name
// bytes-of-table-a-channel" per contender; the harness (bench/mcu/run) counts one region for each, in the same order.
#include "contenders.hpp"

#include <board.h>

#include <array>
#include <cstdint>

#if defined(__ARM_FEATURE_DSP)
#include <arm_acle.h>
#endif

namespace ctq::bench {

constexpr std::size_t channels = 64;
constexpr std::int32_t zero_point = -7;

[[gnu::always_inline]] inline std::int8_t to_int8(std::int32_t q) {
#if defined(__ARM_FEATURE_SAT)
    return static_cast<std::int8_t>(__ssat(q, 8));
#else
    return saturate<std::int8_t>(q);
#endif
}

/// Loads, saturation and stores alone: the floor.
struct narrow {
    static constexpr const char* label = "narrow";
    using reference = void;
    struct parameters {};
    static constexpr parameters prepare(scaling) { return {}; }
    [[gnu::always_inline]] static std::int8_t one(std::int32_t a, const parameters&) { return to_int8(a); }
};

/// The scalar definition as the compiler makes it.
template <class R> struct portable {
    static constexpr const char* label = R::name.data();
    using reference = R;
    struct parameters {
        typename R::multiplier_type multiplier;
        std::int8_t shift;
    };
    static constexpr parameters prepare(scaling s) {
        return {static_cast<typename R::multiplier_type>(s.multiplier), static_cast<std::int8_t>(s.shift)};
    }
    [[gnu::always_inline]] static std::int8_t one(std::int32_t a, const parameters& p) {
        return to_int8(R::apply_folded(a, {p.multiplier, p.shift}, zero_point));
    }
};

/// three_step where no channel shifts left.
struct three_step_right {
    static constexpr const char* label = "three_step, right shifts";
    using reference = three_step;
    using parameters = portable<three_step>::parameters;
    static constexpr parameters prepare(scaling s) { return portable<three_step>::prepare(s); }
    [[gnu::always_inline]] static std::int8_t one(std::int32_t a, const parameters& p) {
        const std::int32_t shortened = saturate<std::int16_t>(a >> p.shift);
        return to_int8((shortened * p.multiplier + three_step::offset(zero_point) * (1 << 16)) >> 21);
    }
};

/// The same where the overflow proof shows that step 1 cannot saturate.
struct three_step_proved {
    static constexpr const char* label = "three_step, no saturation (proved)";
    using reference = three_step;
    using parameters = portable<three_step>::parameters;
    static constexpr parameters prepare(scaling s) { return portable<three_step>::prepare(s); }
    [[gnu::always_inline]] static std::int8_t one(std::int32_t a, const parameters& p) {
        return to_int8(((a >> p.shift) * p.multiplier + three_step::offset(zero_point) * (1 << 16)) >> 21);
    }
};

#if defined(__ARM_FEATURE_DSP)
/// Multiplier and shift in one word: a shift by register reads its lowest byte, a 16-bit multiply its upper half.
struct three_step_dsp {
    static constexpr const char* label = "three_step, DSP";
    using reference = three_step;
    struct parameters {
        std::uint32_t word;
    };
    static constexpr parameters prepare(scaling s) {
        return {static_cast<std::uint32_t>(s.multiplier) << 16 | static_cast<std::uint32_t>(s.shift)};
    }
    [[gnu::always_inline]] static std::int8_t one(std::int32_t a, const parameters& p) {
        const std::int32_t offset = three_step::offset(zero_point) * (1 << 16);
        std::int32_t r = 0;
        asm("asr %0, %1, %2\n ssat %0, #16, %0\n smlabt %0, %0, %2, %3" : "=&r"(r) : "r"(a), "r"(p.word), "r"(offset));
        std::int32_t q = 0;
        asm("ssat %0, #8, %1, asr #21" : "=r"(q) : "r"(r));
        return static_cast<std::int8_t>(q);
    }
};

/// smmulr rounds like the doubling high multiply while |acc| < 2^30.
struct double_rounding_dsp {
    static constexpr const char* label = "double_rounding, DSP";
    using reference = double_rounding;
    struct parameters {
        std::int32_t multiplier, half, right;
    };
    static constexpr parameters prepare(scaling s) {
        return {s.multiplier, rounding_half<std::int32_t>(-s.shift), -s.shift};
    }
    [[gnu::always_inline]] static std::int8_t one(std::int32_t a, const parameters& p) {
        std::int32_t r = 0;
        asm("smmulr %0, %1, %2" : "=r"(r) : "r"(a * 2), "r"(p.multiplier));
        r += r >> 31;
        std::int32_t shifted = 0;
        asm("asr %0, %1, %2" : "=r"(shifted) : "r"(r + p.half), "r"(p.right));
        return to_int8(shifted + zero_point);
    }
};

/// The upper half of the product with the rounding constant and the zero point added in the same instruction.
struct single_rounding_dsp {
    static constexpr const char* label = "single_rounding, DSP";
    using reference = single_rounding;
    struct parameters {
        std::int32_t multiplier, constant, right;
    };
    static constexpr parameters prepare(scaling s) {
        const std::int32_t right = -s.shift - 1; // scales below 1/4: the rounding constant lies in the upper half
        return {s.multiplier, rounding_half<std::int32_t>(right) + zero_point * (1 << right), right};
    }
    [[gnu::always_inline]] static std::int8_t one(std::int32_t a, const parameters& p) {
        std::int32_t r = 0;
        asm("smmla %0, %1, %2, %3\n asr %0, %0, %4"
            : "=&r"(r)
            : "r"(a), "r"(p.multiplier), "r"(p.constant), "r"(p.right));
        return to_int8(r);
    }
};

/// vcvtr rounds to nearest even, the mode that the FPU starts in.
struct floating_fpu {
    static constexpr const char* label = "float, FPU";
    using reference = floating;
    struct parameters {
        float scale;
    };
    static constexpr parameters prepare(scaling s) { return {std::bit_cast<float>(s.multiplier)}; }
    [[gnu::always_inline]] static std::int8_t one(std::int32_t a, const parameters& p) {
        const float product = static_cast<float>(a) * p.scale;
        float converted = 0;
        asm("vcvtr.s32.f32 %0, %1" : "=t"(converted) : "t"(product));
        return to_int8(std::bit_cast<std::int32_t>(converted) + zero_point);
    }
};
#endif

template <class Contender>
[[gnu::noinline]] void row(const std::int32_t* accumulators, const typename Contender::parameters* table,
                           std::int8_t* outputs) {
    for (std::size_t i = 0; i < channels; i += 4) {
#pragma GCC unroll 4
        for (std::size_t j = i; j < i + 4; ++j) outputs[j] = Contender::one(accumulators[j], table[j]);
    }
}

constexpr double scale_of(std::size_t channel) {
    return 0.007 / static_cast<double>(1 + 29 * channel);
}

template <class Contender> constexpr scaling scaling_of(std::size_t channel) {
    if constexpr (std::is_void_v<typename Contender::reference>)
        return {};
    else
        return Contender::reference::encode(scale_of(channel));
}

template <class Contender>
constexpr auto table = [] {
    std::array<typename Contender::parameters, channels> result{};
    for (std::size_t i = 0; i < channels; ++i) result[i] = Contender::prepare(scaling_of<Contender>(i));
    return result;
}();

template <class Contender>
constexpr auto expected_and_accumulators = [] {
    struct {
        std::array<std::int32_t, channels> accumulators;
        std::array<std::int8_t, channels> expected;
    } result{};
    using reference = typename Contender::reference;
    for (std::size_t i = 0; i < channels; ++i) {
        const auto accumulator = static_cast<std::int32_t>((static_cast<double>(i) * 5.03 - 150.0) / scale_of(i));
        if constexpr (std::is_void_v<reference>) {
            result.accumulators[i] = accumulator;
            result.expected[i] = saturate<std::int8_t>(accumulator);
        } else {
            const scaling s = scaling_of<Contender>(i);
            result.accumulators[i] = accumulator + (requires { reference::rounding(s); } ? reference::rounding(s) : 0);
            result.expected[i] = saturate<std::int8_t>(reference::apply(accumulator, s, zero_point));
        }
    }
    return result;
}();

template <class Contender> void measure() {
    static std::array<std::int8_t, channels> outputs;
    const auto& data = expected_and_accumulators<Contender>;
    board_start();
    row<Contender>(data.accumulators.data(), table<Contender>.data(), outputs.data());
    board_stop();
    if (outputs != data.expected) {
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
    measure<portable<ctq::three_step>>();
    measure<three_step_right>();
    measure<three_step_proved>();
    measure<portable<ctq::double_rounding>>();
    measure<portable<single_rounding>>();
#if defined(__ARM_FEATURE_DSP)
    measure<three_step_dsp>();
    measure<double_rounding_dsp>();
    measure<single_rounding_dsp>();
    measure<floating_fpu>();
#else
    measure<portable<floating>>();
#endif
}
