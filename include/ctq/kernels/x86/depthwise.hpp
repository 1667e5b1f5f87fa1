#pragma once
// Depthwise convolution on x86: the activations under several taps of the kernel are interleaved by channel, so that one
// dot product takes them all. Any channels, kernel, stride and dilation.
// room: kernels | runs on: x86-64 with AVX-512 VNNI or AVX2 | heap: no

#include <ctq/kernels/x86/depthwise_plan.hpp>
#include <ctq/kernels/x86/image.hpp>
#include <ctq/kernels/x86/intrinsics.hpp>
#include <ctq/kernels/x86/requantize.hpp>
#include <ctq/kernels/x86/tile_avx2.hpp>
#include <ctq/kernels/x86/tile_avx512vnni.hpp>
#include <ctq/kernels/x86/unroll.hpp>

#include <cstdint>

namespace ctq::kernels::x86 {

constexpr depthwise_limits avx512vnni_unit_limits{64, 4, 1, 1}, avx2_unit_limits{32, 2, 2, 2};

/// The order of a unit's outputs in its four accumulators, which interleaving within 128-bit lanes makes.
constexpr std::ptrdiff_t avx512vnni_unit_order(std::ptrdiff_t entry) {
    const std::ptrdiff_t vector = entry / 16, lane = entry % 16 / 4;
    return 16 * lane + 4 * vector + entry % 4;
}
constexpr std::ptrdiff_t avx2_unit_order(std::ptrdiff_t entry) {
    const std::ptrdiff_t vector = entry / 8, lane = entry % 8 / 4;
    return 16 * (vector / 2) + 8 * lane + 4 * (vector % 2) + entry % 4;
}

constexpr depthwise_plan plan_depthwise_avx512vnni(const node_facts<conv2d>& facts) {
    return plan_depthwise(facts, avx512vnni_unit_limits);
}
constexpr depthwise_plan plan_depthwise_avx2(const node_facts<conv2d>& facts) {
    return plan_depthwise(facts, avx2_unit_limits);
}

#if defined(__AVX2__)

/// Copies one image: a border of the zero point, columns sorted by phase.
template <class Element>
void copy_phases(const depthwise_plan& plan, const std::int8_t* from, Element* to, Element border) {
    const std::ptrdiff_t top = plan.padding[0], left = plan.padding[1], row_length = plan.row_length();
    for (std::ptrdiff_t row = 0; row < plan.rows; ++row, to += row_length) {
        fill(to, border, row_length);
        if (row < top || row - top >= plan.height) continue;
        const std::int8_t* source = from + (row - top) * plan.width * plan.channels;
        for (std::ptrdiff_t first = 0; first < plan.phases && first < plan.width; ++first) {
            const std::ptrdiff_t column = (first + left) / plan.phases, room = plan.phase_columns - column;
            const std::ptrdiff_t there = blocks_of(plan.width - first, plan.phases);
            Element* at = to + ((first + left) % plan.phases * plan.phase_columns + column) * plan.channels;
            for (std::ptrdiff_t i = 0; i < there && i < room; ++i)
                widen(at + i * plan.channels, source + (first + i * plan.phases) * plan.channels, plan.channels);
        }
    }
}

template <class Element>
void copy_depthwise(const depthwise_plan& plan, const std::int8_t* from, Element* to, Element border) {
    if (plan.phases > 1) return copy_phases(plan, from, to, border);
    image_plan image;
    image.height = plan.height;
    image.width = plan.width;
    image.inputs = plan.channels;
    image.rows = plan.rows;
    image.columns = plan.phase_columns;
    image.over.padding = plan.padding;
    copy_direct(image, from, to, border);
}

#if defined(__AVX512VNNI__) && defined(__AVX512BW__) && defined(__AVX512VL__) && defined(__AVX512DQ__)

/// 64 neighbouring outputs in four accumulators, four taps a product.
struct avx512vnni_unit {
    using vectors = x86::avx512;
    using vector = __m512i;
    using element = std::uint8_t;
    using activations = __m512i; ///< 64, under one tap
    static constexpr depthwise_limits limits = avx512vnni_unit_limits;
    static constexpr std::ptrdiff_t kept_products = 4; ///< whose weights stay in registers

    static CTQ_ALWAYS_INLINE inline activations load(const element* from) { return _mm512_loadu_si512(from); }
    static CTQ_ALWAYS_INLINE inline activations none() { return _mm512_setzero_si512(); }
    static CTQ_ALWAYS_INLINE inline vector weights(const std::int8_t* from) { return _mm512_loadu_si512(from); }

    static CTQ_ALWAYS_INLINE inline void interleave(const activations (&taps)[4], vector (&to)[4]) {
        const __m512i low01 = _mm512_unpacklo_epi8(taps[0], taps[1]), high01 = _mm512_unpackhi_epi8(taps[0], taps[1]);
        const __m512i low23 = _mm512_unpacklo_epi8(taps[2], taps[3]), high23 = _mm512_unpackhi_epi8(taps[2], taps[3]);
        to[0] = _mm512_unpacklo_epi16(low01, low23);
        to[1] = _mm512_unpackhi_epi16(low01, low23);
        to[2] = _mm512_unpacklo_epi16(high01, high23);
        to[3] = _mm512_unpackhi_epi16(high01, high23);
    }
    static CTQ_ALWAYS_INLINE inline void multiply(vector& sum, vector interleaved, vector weights) {
        dot(sum, interleaved, weights);
    }
    static CTQ_ALWAYS_INLINE inline void store(std::int8_t* to, vector narrowed, std::ptrdiff_t count) {
        if (count >= 64)
            _mm512_storeu_si512(to, narrowed);
        else
            _mm512_mask_storeu_epi8(to, ~__mmask64{0} >> (64 - count), narrowed);
    }
};

#endif

/// 32 neighbouring outputs in four accumulators, two taps a product.
struct avx2_unit {
    using vectors = x86::avx2;
    using vector = __m256i;
    using element = std::int16_t;
    struct activations { ///< 32, under one tap
        __m256i first, second;
    };
    static constexpr depthwise_limits limits = avx2_unit_limits;
    static constexpr std::ptrdiff_t kept_products = 0;

    static CTQ_ALWAYS_INLINE inline activations load(const element* from) {
        return {_mm256_loadu_si256(reinterpret_cast<const __m256i*>(from)),
                _mm256_loadu_si256(reinterpret_cast<const __m256i*>(from + 16))};
    }
    static CTQ_ALWAYS_INLINE inline activations none() { return {_mm256_setzero_si256(), _mm256_setzero_si256()}; }
    static CTQ_ALWAYS_INLINE inline vector weights(const std::int8_t* from) {
        return _mm256_loadu_si256(reinterpret_cast<const __m256i*>(from));
    }
    static CTQ_ALWAYS_INLINE inline void interleave(const activations (&taps)[2], vector (&to)[4]) {
        to[0] = _mm256_unpacklo_epi16(taps[0].first, taps[1].first);
        to[1] = _mm256_unpackhi_epi16(taps[0].first, taps[1].first);
        to[2] = _mm256_unpacklo_epi16(taps[0].second, taps[1].second);
        to[3] = _mm256_unpackhi_epi16(taps[0].second, taps[1].second);
    }
    static CTQ_ALWAYS_INLINE inline void multiply(vector& sum, vector interleaved, vector weights) {
        sum = _mm256_add_epi32(sum, _mm256_madd_epi16(interleaved, weights));
    }
    static CTQ_ALWAYS_INLINE inline void store(std::int8_t* to, vector narrowed, std::ptrdiff_t count) {
        const __m256i ordered = _mm256_permute4x64_epi64(narrowed, 0xD8);
        if (count >= 32)
            _mm256_storeu_si256(reinterpret_cast<__m256i*>(to), ordered);
        else
            avx2_tile::store_first(to, ordered, static_cast<int>(count));
    }
};

/// What one depthwise convolution of one image reads and writes. `Unit` is the instruction set's.
template <class Requantizer, class Unit> struct depthwise_work {
    using element = typename Unit::element;
    using vector = typename Unit::vector;
    using finish = epilogue<Requantizer, typename Unit::vectors>;
    static constexpr int outputs = static_cast<int>(Unit::limits.outputs), lanes = outputs / 4;
    static constexpr int taps = static_cast<int>(Unit::limits.taps);

    const element* image;
    const std::int8_t* packed;
    channel_tables<Requantizer> tables;
    std::int8_t* out;
    std::int32_t zero_point;
    limits range;

    template <class Plan> [[gnu::noinline]] void run(const Plan& plan) const {
        for (std::ptrdiff_t pattern = 0; pattern < plan.value.patterns; ++pattern)
            if (tables.shifts_left)
                run_pattern<true>(plan, pattern);
            else
                run_pattern<false>(plan, pattern);
    }

  private:
    /// The constants of the outputs of one pattern.
    struct constants {
        output_constants<typename Unit::vectors> ends;
        typename finish::block scales;
        const std::int32_t* bias;
        const std::int8_t* weights;
    };

    CTQ_ALWAYS_INLINE inline constants prepared(const depthwise_plan& plan, std::ptrdiff_t pattern) const {
        const auto at = [&](int index) CTQ_ALWAYS_INLINE {
            const std::ptrdiff_t first = pattern * outputs + index * lanes;
            return finish::load(tables.multiplier + first, tables.shift + first);
        };
        return {finish::prepare(zero_point, static_cast<std::int8_t>(range.low), static_cast<std::int8_t>(range.high)),
                finish::join(at(0), at(1), at(2), at(3)), tables.bias + pattern * outputs,
                packed + pattern * plan.products() * plan.product_bytes()};
    }

    template <bool LeftShifts, class Plan>
    CTQ_ALWAYS_INLINE inline void run_pattern(const Plan& plan, std::ptrdiff_t pattern) const {
        const constants c = prepared(plan.value, pattern);
        if constexpr (Plan::is_constant) {
            constexpr depthwise_plan p = Plan::value;
            if constexpr (p.products() <= Unit::kept_products) {
                vector weights[p.products()][4];
                each<p.products()>([&](auto i) CTQ_ALWAYS_INLINE {
                    each<4>([&](auto j) CTQ_ALWAYS_INLINE { weights[i][j] = weights_at(c, i, j); });
                });
                const auto kept = [&](auto i, auto j) CTQ_ALWAYS_INLINE { return weights[i][j]; };
                run_units<LeftShifts>(plan, c, pattern, kept);
            } else {
                run_units<LeftShifts>(plan, c, pattern,
                                      [&](auto i, auto j) CTQ_ALWAYS_INLINE { return weights_at(c, i, j); });
            }
        } else {
            run_units<LeftShifts>(plan, c, pattern,
                                  [&](auto i, auto j) CTQ_ALWAYS_INLINE { return weights_at(c, i, j); });
        }
    }

    static CTQ_ALWAYS_INLINE inline vector weights_at(const constants& c, std::ptrdiff_t product, int index) {
        return Unit::weights(c.weights + product * (outputs * taps * Unit::limits.weight_size) +
                             index * static_cast<std::ptrdiff_t>(sizeof(vector)));
    }

    template <bool LeftShifts, class Plan, class Weights>
    CTQ_ALWAYS_INLINE inline void run_units(const Plan& plan, const constants& c, std::ptrdiff_t pattern,
                                            const Weights& weights) const {
        const depthwise_plan& p = plan.value;
        for (std::ptrdiff_t line = 0; line < p.lines; ++line)
            for (std::ptrdiff_t segment = 0; segment < p.segments(); ++segment)
                for (std::ptrdiff_t first = pattern * outputs; first < p.segment_length();
                     first += p.patterns * outputs) {
                    vector sums[4];
                    start(sums, c);
                    accumulate(plan, sums, image + line * p.line_step() + segment * p.segment_step() + first, weights);
                    end<LeftShifts>(sums, c, out + (line * p.columns * p.channels) + segment * p.segment_length() + first,
                                    p.segment_length() - first);
                }
    }

    static CTQ_ALWAYS_INLINE inline void start(vector (&sums)[4], const constants& c) {
        each<4>([&](auto j) CTQ_ALWAYS_INLINE { sums[j] = Unit::vectors::load(c.bias + j * lanes); });
    }

    template <bool LeftShifts>
    static CTQ_ALWAYS_INLINE inline void end(const vector (&sums)[4], const constants& c, std::int8_t* to,
                                             std::ptrdiff_t count) {
        Unit::store(to,
                    finish::template apply_unordered<LeftShifts, true>(sums[0], sums[1], sums[2], sums[3], c.scales,
                                                                       c.ends),
                    count);
    }

    /// All products of a unit whose first cell is at `from`.
    template <class Plan, class Weights>
    CTQ_ALWAYS_INLINE inline void accumulate(const Plan& plan, vector (&sums)[4], const element* from,
                                             const Weights& weights) const {
        const auto product = [&](auto i, auto activations_at) CTQ_ALWAYS_INLINE {
            typename Unit::activations under[taps];
            each<taps>([&](auto at) CTQ_ALWAYS_INLINE { under[at] = activations_at(at); });
            vector interleaved[4];
            Unit::interleave(under, interleaved);
            each<4>([&](auto j) CTQ_ALWAYS_INLINE { Unit::multiply(sums[j], interleaved[j], weights(i, j)); });
        };
        if constexpr (Plan::is_constant) {
            each<Plan::value.products()>([&](auto i) CTQ_ALWAYS_INLINE {
                product(i, [&](auto at) CTQ_ALWAYS_INLINE { return under_tap<Plan::value, Plan::value.tap(i, at)>(from); });
            });
        } else {
            const auto* offsets = reinterpret_cast<const std::int32_t*>(packed + plan.value.offsets_at());
            for (std::ptrdiff_t i = 0, end = plan.value.products(); i < end; ++i, offsets += taps)
                product(i, [&](auto at) CTQ_ALWAYS_INLINE { return Unit::load(from + offsets[at]); });
        }
    }

    template <const auto& Plan, std::ptrdiff_t Tap>
    static CTQ_ALWAYS_INLINE inline typename Unit::activations under_tap([[maybe_unused]] const element* from) {
        if constexpr (Tap < 0)
            return Unit::none();
        else
            return Unit::load(from + Plan.tap_offset(Tap));
    }
};

/// The whole layer: for each image, a copy and its units.
template <class Requantizer, class Unit, class Plan>
void run_depthwise(const Plan& plan, const limits& range, const_tensors in, const tensor& out, const workspace& space) {
    using element = typename Unit::element;
    const depthwise_plan& p = plan.value;
    const const_tensor& image = in[weighted::activation];
    auto* copy = reinterpret_cast<element*>(space.scratch);
    for (std::ptrdiff_t n = 0; n < p.images; ++n) {
        copy_depthwise(p, image.as<std::int8_t>() + n * p.height * p.width * p.channels, copy,
                       widened_value<element>(image.zero_point()));
        depthwise_work<Requantizer, Unit>{copy,
                                          space.packed,
                                          {space.packed + p.tables_at(), p.tables},
                                          out.as<std::int8_t>() + n * p.lines * p.columns * p.channels,
                                          out.zero_point(),
                                          range}
            .run(plan);
    }
}

#endif

} // namespace ctq::kernels::x86
