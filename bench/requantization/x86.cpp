// Micro-benchmark of requantization on x86: 64 channels (parameters held, 64 pixels) and 2048 channels (parameters
// streamed from tables in channel order, or packed as the vectors want them; one pixel), accumulators and outputs in
// L1. Built once with -mavx2 -mfma and once with AVX-512; every contender is checked against its scalar definition
// first. Unit: ns per 64 outputs; `narrow` is loads, packs and stores alone, the floor.
#include "contenders.hpp"

#include <ctq/kernels/vector/requantize.hpp>
#include <ctq/kernels/vector/vectors.hpp>

#include <benchmark/benchmark.h>

#include <array>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <random>
#include <string>
#include <type_traits>
#include <vector>

namespace ctq::bench {

using arch = kernels::vector::vectors<kernels::native>;
using vector = arch::vector;

/// What the contenders need beyond the library's operations.
struct more {
#if defined(CTQ_HAS_AVX512VNNI)
    static vector multiply_high_rounding16(vector a, vector b) {
        return _mm512_mulhrs_epi16(a, b);
    }
    static vector scaled(vector a, vector scale, vector zero) {
        return _mm512_cvtps_epi32(
            _mm512_fmadd_ps(_mm512_cvtepi32_ps(a), _mm512_castsi512_ps(scale), _mm512_castsi512_ps(zero)));
    }
    static vector all_float(float v) {
        return _mm512_castps_si512(_mm512_set1_ps(v));
    }
    static vector shift_right64(vector a, vector counts) {
        return _mm512_srav_epi64(a, counts);
    }
    static vector shift_left64(vector a, vector counts) {
        return _mm512_sllv_epi64(a, counts);
    }
    static vector upper(vector a) {
        return _mm512_slli_epi64(a, 32);
    }
#else
    static vector multiply_high_rounding16(vector a, vector b) {
        return _mm256_mulhrs_epi16(a, b);
    }
    static vector scaled(vector a, vector scale, vector zero) {
        return _mm256_cvtps_epi32(
            _mm256_fmadd_ps(_mm256_cvtepi32_ps(a), _mm256_castsi256_ps(scale), _mm256_castsi256_ps(zero)));
    }
    static vector all_float(float v) {
        return _mm256_castps_si256(_mm256_set1_ps(v));
    }
    /// AVX2 has no arithmetic 64-bit shift: bias, logical shift, less the shifted bias.
    static vector shift_right64(vector a, vector counts) {
        const vector bias = _mm256_set1_epi64x(std::int64_t{1} << 62);
        return _mm256_sub_epi64(_mm256_srlv_epi64(_mm256_add_epi64(a, bias), counts), _mm256_srlv_epi64(bias, counts));
    }
    static vector shift_left64(vector a, vector counts) {
        return _mm256_sllv_epi64(a, counts);
    }
    static vector upper(vector a) {
        return _mm256_slli_epi64(a, 32);
    }
#endif
};

/// The library's two; the others model the same interface.
template <class R> struct kernel : kernels::vector::epilogue<R, arch> {
    static std::int32_t folded(std::int32_t accumulator, scaling s, std::int32_t) {
        return accumulator + R::rounding(s);
    }
    static std::int8_t reference(std::int32_t accumulator, scaling s, std::int32_t zero_point) {
        return requantize<R>(accumulator, s, zero_point);
    }
};

template <class R> struct plain {
    static std::int32_t folded(std::int32_t accumulator, scaling, std::int32_t) { return accumulator; }
    static std::int8_t reference(std::int32_t accumulator, scaling s, std::int32_t zero_point) {
        return saturate<std::int8_t>(R::apply(accumulator, s, zero_point));
    }
};

/// The packs alone.
struct narrow {
    static constexpr std::string_view name = "narrow";
    using multiplier_type = std::int16_t;
    static constexpr scaling encode(double) { return {1, 0}; }
    static constexpr std::int32_t apply(std::int32_t accumulator, scaling, std::int32_t) { return accumulator; }
};

template <> struct kernel<narrow> : plain<narrow> {
    struct channels {};
    struct block {};
    static channels load(const std::int16_t*, const std::int8_t*) { return {}; }
    static block join(channels, channels, channels, channels) { return {}; }
    static kernels::vector::output_constants<arch> prepare(std::int32_t, std::int8_t, std::int8_t) {
        return {arch::all32(0), arch::all32(0), arch::all32(0)};
    }
    template <bool, bool>
    static vector apply(vector a0, vector a1, vector a2, vector a3, const block&,
                        const kernels::vector::output_constants<arch>&) {
        return arch::in_order(arch::narrow16(arch::narrow32(a0, a1), arch::narrow32(a2, a3)));
    }
};

template <int Fraction> struct kernel<three_roundings<Fraction>> : kernels::vector::epilogue<three_step, arch> {
    using base = kernels::vector::epilogue<three_step, arch>;
    using requantizer = three_roundings<Fraction>;
    static std::int32_t folded(std::int32_t accumulator, scaling s, std::int32_t) {
        return accumulator + rounding_half<std::int32_t>(s.shift);
    }
    static std::int8_t reference(std::int32_t accumulator, scaling s, std::int32_t zero_point) {
        return saturate<std::int8_t>(requantizer::apply(accumulator, s, zero_point));
    }
    static kernels::vector::output_constants<arch> prepare(std::int32_t zero_point, std::int8_t, std::int8_t) {
        return {arch::all16(static_cast<std::int16_t>((zero_point << Fraction) + (1 << (Fraction - 1)))),
                arch::all32(0), arch::all32(0)};
    }
    template <bool, bool>
    static vector apply(vector a0, vector a1, vector a2, vector a3, const base::block& p,
                        const kernels::vector::output_constants<arch>& out) {
        const auto finish = [&](vector a, vector multiplier) {
            return arch::template shift_right16<Fraction>(
                arch::saturating_add16(more::multiply_high_rounding16(a, multiplier), out.offset));
        };
        const vector a01 = arch::narrow32(arch::shift_right(a0, p.shift0), arch::shift_right(a1, p.shift1));
        const vector a23 = arch::narrow32(arch::shift_right(a2, p.shift2), arch::shift_right(a3, p.shift3));
        return arch::in_order(arch::narrow16(finish(a01, p.multiplier01), finish(a23, p.multiplier23)));
    }
};

template <> struct kernel<folded_zero_point> : kernels::vector::epilogue<three_step, arch> {
    using base = kernels::vector::epilogue<three_step, arch>;
    static std::int32_t folded(std::int32_t accumulator, scaling s, std::int32_t zero_point) {
        return accumulator + folded_zero_point::constant(s, zero_point);
    }
    static std::int8_t reference(std::int32_t accumulator, scaling s, std::int32_t zero_point) {
        return saturate<std::int8_t>(folded_zero_point::apply(accumulator, s, zero_point));
    }
    template <bool, bool>
    static vector apply(vector a0, vector a1, vector a2, vector a3, const base::block& p,
                        const kernels::vector::output_constants<arch>&) {
        const auto finish = [&](vector a, vector multiplier) {
            return arch::shift_right16<6>(arch::multiply_high16(a, multiplier));
        };
        const vector a01 = arch::narrow32(arch::shift_right(a0, p.shift0), arch::shift_right(a1, p.shift1));
        const vector a23 = arch::narrow32(arch::shift_right(a2, p.shift2), arch::shift_right(a3, p.shift3));
        return arch::in_order(arch::narrow16(finish(a01, p.multiplier01), finish(a23, p.multiplier23)));
    }
};

template <> struct kernel<floating> : plain<floating> {
    using channels = vector;
    struct block {
        vector c0, c1, c2, c3;
    };
    static channels load(const std::int32_t* multipliers, const std::int8_t*) { return arch::load(multipliers); }
    static block join(channels c0, channels c1, channels c2, channels c3) { return {c0, c1, c2, c3}; }
    static kernels::vector::output_constants<arch> prepare(std::int32_t zero_point, std::int8_t, std::int8_t) {
        return {more::all_float(static_cast<float>(zero_point)), arch::all32(0), arch::all32(0)};
    }
    template <bool, bool>
    static vector apply(vector a0, vector a1, vector a2, vector a3, const block& p,
                        const kernels::vector::output_constants<arch>& out) {
        return arch::in_order(
            arch::narrow16(arch::narrow32(more::scaled(a0, p.c0, out.offset), more::scaled(a1, p.c1, out.offset)),
                           arch::narrow32(more::scaled(a2, p.c2, out.offset), more::scaled(a3, p.c3, out.offset))));
    }
};

template <> struct kernel<single_rounding> : plain<single_rounding> {
    struct channels {
        vector multiplier, odd_multiplier, count, odd_count, half, odd_half;
    };
    struct block {
        channels c0, c1, c2, c3;
    };
    static channels load(const std::int32_t* multipliers, const std::int8_t* shifts) {
        const vector multiplier = arch::load(multipliers);
        const vector counts = arch::subtract32(arch::all32(31), arch::load(shifts));
        const vector even = arch::odd_to_even(more::upper(counts));
        const vector odd = arch::odd_to_even(counts);
        const auto half = [](vector c) { return more::shift_left64(arch::all64(1), arch::add64(c, arch::all64(-1))); };
        return {multiplier, arch::odd_to_even(multiplier), even, odd, half(even), half(odd)};
    }
    static block join(const channels& c0, const channels& c1, const channels& c2, const channels& c3) {
        return {c0, c1, c2, c3};
    }
    static kernels::vector::output_constants<arch> prepare(std::int32_t zero_point, std::int8_t, std::int8_t) {
        return {arch::all16(static_cast<std::int16_t>(zero_point)), arch::all32(0), arch::all32(0)};
    }
    static vector scale(vector a, const channels& c) {
        const vector even = arch::add64(arch::multiply_even(a, c.multiplier), c.half);
        const vector odd = arch::add64(arch::multiply_even(arch::odd_to_even(a), c.odd_multiplier), c.odd_half);
        return arch::even_and_odd(more::shift_right64(even, c.count),
                                  more::upper(more::shift_right64(odd, c.odd_count)));
    }
    template <bool, bool>
    static vector apply(vector a0, vector a1, vector a2, vector a3, const block& p,
                        const kernels::vector::output_constants<arch>& out) {
        const vector a01 = arch::saturating_add16(arch::narrow32(scale(a0, p.c0), scale(a1, p.c1)), out.offset);
        const vector a23 = arch::saturating_add16(arch::narrow32(scale(a2, p.c2), scale(a3, p.c3)), out.offset);
        return arch::in_order(arch::narrow16(a01, a23));
    }
};

constexpr std::int32_t zero_point = -7;

/// An array that starts a cache line, so that no load crosses one.
template <class T> class buffer {
    struct alignas(64) line {
        std::array<T, 64 / sizeof(T)> items;
    };
    std::vector<line> lines_;

  public:
    explicit buffer(std::size_t size) : lines_((size * sizeof(T) + 63) / 64) {}
    T& operator[](std::size_t i) { return lines_[0].items.data()[i]; }
};

/// A block's parameters laid out in memory as the vectors want them, made of 4 * lanes channels before the program
/// starts, for a layer that uses a block once. The library has no such tables: the figures say what they would save.
template <class R> struct packed_block;

template <> struct packed_block<three_step> {
    static constexpr int lanes = arch::lanes;
    alignas(4 * lanes) std::int32_t shift[4 * lanes];
    alignas(4 * lanes) std::int16_t multiplier[4 * lanes]; // in the order that narrowing leaves

    packed_block(const std::int16_t* multipliers, const std::int8_t* shifts) {
        for (int i = 0; i < 4 * lanes; ++i) {
            const int pair = i / (2 * lanes), group = i / 8 % (lanes / 4), member = i / 4 % 2;
            shift[i] = shifts[i];
            multiplier[i] = multipliers[(2 * pair + member) * lanes + 4 * group + i % 4];
        }
    }
    [[nodiscard]] kernel<three_step>::block load() const {
        return {arch::load_vector(multiplier),
                arch::load_vector(multiplier + 2 * lanes),
                arch::load_vector(shift),
                arch::load_vector(shift + lanes),
                arch::load_vector(shift + 2 * lanes),
                arch::load_vector(shift + 3 * lanes)};
    }
};

template <> struct packed_block<double_rounding> {
    static constexpr int lanes = arch::lanes;
    alignas(4 * lanes) std::int32_t multiplier[4 * lanes];
    alignas(4 * lanes) std::int32_t shift[4 * lanes];

    packed_block(const std::int32_t* multipliers, const std::int8_t* shifts) {
        for (int i = 0; i < 4 * lanes; ++i) {
            multiplier[i] = multipliers[i];
            shift[i] = shifts[i];
        }
    }
    [[nodiscard]] kernel<double_rounding>::block load() const {
        const auto quarter = [&](int i) {
            return kernel<double_rounding>::prepare_channels(arch::load(multiplier + i * lanes),
                                                             arch::load(shift + i * lanes));
        };
        return {quarter(0), quarter(1), quarter(2), quarter(3)};
    }
};

template <class R>
concept packs = requires {
    sizeof(packed_block<R>);
};

struct nothing {};
template <class R> struct packed_of { using type = nothing; };
template <packs R> struct packed_of<R> { using type = packed_block<R>; };

template <class R> struct layer {
    using k = kernel<R>;
    std::size_t channels, pixels;
    std::vector<typename packed_of<R>::type> packed;
    buffer<typename R::multiplier_type> multipliers;
    buffer<std::int8_t> shifts;
    buffer<std::int32_t> accumulators; // pixel-major, what the kernel sees
    buffer<std::int8_t> expected, outputs;

    layer(std::size_t channel_count, std::size_t pixel_count)
        : channels(channel_count),
          pixels(pixel_count),
          multipliers(channels),
          shifts(channels),
          accumulators(channels * pixels),
          expected(channels * pixels),
          outputs(channels * pixels) {
        std::mt19937_64 random(3);
        std::vector<double> scales;
        std::vector<scaling> scalings;
        for (std::size_t c = 0; c < channels; ++c) {
            scales.push_back(std::exp2(std::uniform_real_distribution<double>(-16.0, -7.1)(random)));
            scalings.push_back(R::encode(scales[c]));
            multipliers[c] = static_cast<typename R::multiplier_type>(scalings[c].multiplier);
            shifts[c] = static_cast<std::int8_t>(scalings[c].shift);
        }
        for (std::size_t i = 0; i < channels * pixels; ++i) {
            const std::size_t c = i % channels;
            const double real = std::uniform_real_distribution<double>(-160.0, 160.0)(random);
            const auto accumulator = static_cast<std::int32_t>(real / scales[c]);
            accumulators[i] = kernel<R>::folded(accumulator, scalings[c], zero_point);
            expected[i] = kernel<R>::reference(accumulator, scalings[c], zero_point);
        }
        if constexpr (packs<R>)
            for (std::size_t c = 0; c < channels; c += 4 * arch::lanes)
                packed.emplace_back(&multipliers[c], &shifts[c]);
    }

    bool correct() {
        for (std::size_t i = 0; i < channels * pixels; ++i)
            if (outputs[i] != expected[i]) return false;
        return true;
    }

    template <bool Packed> void run() {
        constexpr std::size_t lanes = arch::lanes;
        const auto constants = k::prepare(zero_point, -128, 127);
        // Locals: a store of int8 may alias the members, and would make the loop read their pointers again.
        const auto* const multiplier = &multipliers[0];
        const std::int8_t* const shift = &shifts[0];
        const std::int32_t* const from = &accumulators[0];
        const auto* const blocks = packed.data();
        std::int8_t* const to = &outputs[0];
        const std::size_t channel_count = channels, pixel_count = pixels;
        for (std::size_t c = 0; c < channel_count; c += 4 * lanes) {
            const auto load = [&](std::size_t i) { return k::load(multiplier + c + i * lanes, shift + c + i * lanes); };
            const auto block = [&] {
                if constexpr (Packed)
                    return blocks[c / (4 * lanes)].load();
                else
                    return k::join(load(0), load(1), load(2), load(3));
            }();
            for (std::size_t p = 0; p < pixel_count; ++p) {
                const std::int32_t* a = from + p * channel_count + c;
                arch::store(to + p * channel_count + c,
                            k::template apply<false, false>(arch::load(a), arch::load(a + lanes),
                                                            arch::load(a + 2 * lanes), arch::load(a + 3 * lanes), block,
                                                            constants));
            }
        }
    }
};

template <class R, bool Packed> void measure(benchmark::State& state, std::size_t channels, std::size_t pixels) {
    layer<R> work(channels, pixels);
    work.template run<Packed>();
    if (!work.correct()) {
        std::printf("%s differs from its scalar definition\n", std::string(R::name).c_str());
        std::exit(1);
    }
    for (auto _ : state) {
        work.template run<Packed>();
        benchmark::ClobberMemory();
    }
    state.counters["ns_per_64"] =
        benchmark::Counter(static_cast<double>(channels * pixels) / 64e9,
                           benchmark::Counter::kIsIterationInvariantRate | benchmark::Counter::kInvert);
}

template <class R> void add() {
    const std::string name(R::name);
    benchmark::RegisterBenchmark((name + "/held").c_str(), measure<R, false>, 64, 64);
    benchmark::RegisterBenchmark((name + "/streamed").c_str(), measure<R, false>, 2048, 1);
    if constexpr (packs<R>) benchmark::RegisterBenchmark((name + "/packed").c_str(), measure<R, true>, 2048, 1);
}

} // namespace ctq::bench

int main(int argc, char** argv) {
    using namespace ctq::bench;
    benchmark::Initialize(&argc, argv);
    add<narrow>();
    add<ctq::three_step>();
    add<three_roundings<6>>();
    add<folded_zero_point>();
    add<ctq::double_rounding>();
    add<single_rounding>();
    add<floating>();
    benchmark::RunSpecifiedBenchmarks();
    return 0;
}
