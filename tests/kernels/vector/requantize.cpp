#include <ctq/kernels/vector/requantize.hpp>
#include <ctq/kernels/vector/vectors.hpp>

#include <doctest/doctest.h>

#include <array>
#include <cmath>
#include <cstdint>
#include <limits>
#include <random>
#include <span>

namespace {

using ctq::kernels::vector::vectors;

using generator = std::mt19937_64;

/// Scales of every order that a network may need, and the extremes of the encoding.
double random_scale(generator& random, double low_exponent, double high_exponent) {
    return std::exp2(std::uniform_real_distribution<double>(low_exponent, high_exponent)(random));
}

/// Any int32, mostly near the interesting sizes: the output's range, powers of two, the headroom itself.
std::int32_t random_accumulator(generator& random, double scale, std::int64_t headroom) {
    const auto pick = random() % 8;
    std::int64_t value = static_cast<std::int32_t>(random());
    if (pick < 4) value = static_cast<std::int64_t>(std::fmod(static_cast<double>(value), 400.0 / scale + 2.0));
    if (pick == 4) value = (random() & 1) != 0 ? headroom : -headroom;
    if (pick == 5) value >>= random() % 32;
    if (pick == 6) value = (std::int64_t{1} << (random() % 31)) - static_cast<std::int64_t>(random() % 2);
    if (pick == 7) value = -(std::int64_t{1} << (random() % 31)) + static_cast<std::int64_t>(random() % 2);
    return static_cast<std::int32_t>(ctq::clamp_to<std::int64_t>(value, -headroom, headroom));
}

/// Fills one block with random channels and accumulators and counts results that differ from the scalar definition.
template <class R, class Vectors, bool LeftShifts, bool Bounded> int differences(generator& random, int rounds) {
    using kernel = ctq::kernels::vector::epilogue<R, Vectors>;
    constexpr std::size_t lanes = Vectors::lanes;
    constexpr std::size_t outputs = 4 * lanes;
    int wrong = 0;
    for (int round = 0; round < rounds; ++round) {
        alignas(64) std::array<typename R::multiplier_type, outputs> multipliers{};
        alignas(64) std::array<std::int8_t, outputs> shifts{};
        alignas(64) std::array<std::int32_t, outputs> folded{};
        std::array<std::int8_t, outputs> expected{};
        std::array<std::int8_t, outputs> got{};
        const auto zero_point = static_cast<std::int32_t>(random() % 256) - 128;
        auto low = static_cast<std::int8_t>(Bounded ? static_cast<int>(random() % 200) - 128 : -128);
        const auto high = static_cast<std::int8_t>(Bounded ? low + static_cast<int>(random() % 50) : 127);
        for (std::size_t i = 0; i < outputs; ++i) {
            const double scale = LeftShifts ? random_scale(random, -30.0, 16.0) : random_scale(random, -40.0, -7.01);
            const ctq::scaling s = R::encode(scale);
            wrong += !LeftShifts && R::shifts_left(s);
            multipliers[i] = static_cast<typename R::multiplier_type>(s.multiplier);
            shifts[i] = static_cast<std::int8_t>(s.shift);
            const std::int32_t accumulator = random_accumulator(random, scale, R::headroom(s));
            folded[i] = accumulator + R::rounding(s);
            expected[i] = ctq::requantize<R>(accumulator, s, zero_point, low, high);
        }
        const auto load = [&](std::size_t i) { return kernel::load(&multipliers[i * lanes], &shifts[i * lanes]); };
        const auto accumulators = [&](std::size_t i) { return Vectors::load(&folded[i * lanes]); };
        const auto block = kernel::join(load(0), load(1), load(2), load(3));
        const auto constants = kernel::prepare(zero_point, low, high);
        Vectors::store(got.data(),
                       kernel::template apply<LeftShifts, Bounded>(accumulators(0), accumulators(1), accumulators(2),
                                                                   accumulators(3), block, constants));
        for (std::size_t i = 0; i < outputs; ++i) wrong += got[i] != expected[i];
    }
    return wrong;
}

template <class R, class Vectors> void check_all(int rounds) {
    generator random(11);
    CHECK(differences<R, Vectors, false, false>(random, rounds) == 0);
    CHECK(differences<R, Vectors, false, true>(random, rounds) == 0);
    CHECK(differences<R, Vectors, true, false>(random, rounds) == 0);
    CHECK(differences<R, Vectors, true, true>(random, rounds) == 0);
}

} // namespace

// AVX-512 runs AVX2's kernels too, for what it has none of its own.
#if defined(CTQ_HAS_AVX2)
TEST_CASE("requantize: AVX2 equals the scalar definitions") {
    check_all<ctq::three_step, vectors<ctq::kernels::avx2>>(4000);
    check_all<ctq::double_rounding, vectors<ctq::kernels::avx2>>(4000);
}
#endif

#if defined(CTQ_HAS_AVX512VNNI)
TEST_CASE("requantize: AVX-512 equals the scalar definitions") {
    check_all<ctq::three_step, vectors<ctq::kernels::avx512vnni>>(4000);
    check_all<ctq::double_rounding, vectors<ctq::kernels::avx512vnni>>(4000);
}
#endif
