#pragma once
// Depthwise convolution on x86: the activations under several taps of the kernel are interleaved by channel, so that
// one dot product takes them all. Any channels, kernel, stride and dilation.
// room: kernels | runs on: x86-64 with AVX-512 VNNI or AVX2 | heap: no

#include <ctq/kernels/x86/depthwise_plan.hpp>
#include <ctq/kernels/x86/image.hpp>
#include <ctq/kernels/x86/intrinsics.hpp>
#include <ctq/kernels/x86/requantize.hpp>
#include <ctq/kernels/x86/tile_avx2.hpp>
#include <ctq/kernels/x86/tile_avx512vnni.hpp>
#include <ctq/kernels/x86/unroll.hpp>

#include <cstdint>

namespace ctq::inline CTQ_TARGET::kernels::x86 {

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

constexpr depthwise_plan plan_depthwise_avx512vnni(const node_facts<op::conv2d>& facts) {
    return plan_depthwise(facts, avx512vnni_unit_limits);
}
constexpr depthwise_plan plan_depthwise_avx2(const node_facts<op::conv2d>& facts) {
    return plan_depthwise(facts, avx2_unit_limits);
}

#if defined(__AVX2__)

/// Where the pixels of one phase go, from the start of a row of the copy: `count` of them at `first`.
struct phase_place {
    std::ptrdiff_t start, first, count;
};

/// The phase of the input's column `column` < plan.phases.
constexpr phase_place place_of(const depthwise_plan& plan, std::ptrdiff_t column) {
    const std::ptrdiff_t at = column + plan.padding[1], first = at / plan.phases;
    const std::ptrdiff_t room = plan.phase_columns > first ? plan.phase_columns - first : 0;
    const std::ptrdiff_t there = column < plan.width ? blocks_of(plan.width - column, plan.phases) : 0;
    return {at % plan.phases * plan.phase_columns, plan.phase_columns - room, there < room ? there : room};
}

/// Fills what is beside the pixels of a phase in one row.
template <class Element>
void fill_beside(const depthwise_plan& plan, const phase_place& place, Element* row, Element border) {
    const std::ptrdiff_t channels = plan.channels, end = place.first + place.count;
    fill(row + place.start * channels, border, place.first * channels);
    fill(row + (place.start + end) * channels, border, (plan.phase_columns - end) * channels);
}

/// Calls copy(source row, row of the copy) for the rows that are inside the image and fills the others of a phase.
template <class Element, class Copy>
void for_each_row(const depthwise_plan& plan, const phase_place& place, const std::int8_t* from, Element* to,
                  Element border, Copy copy) {
    for (std::ptrdiff_t row = 0; row < plan.rows; ++row, to += plan.row_length()) {
        const std::ptrdiff_t source = row - plan.padding[0];
        if (source >= 0 && source < plan.height) {
            fill_beside(plan, place, to, border);
            copy(from + source * plan.width * plan.channels, to);
        } else {
            fill(to + place.start * plan.channels, border, plan.phase_columns * plan.channels);
        }
    }
}

/// Copies every `step`-th pixel of a row.
template <class Element>
void copy_pixels(const std::int8_t* from, Element* to, std::ptrdiff_t count, std::ptrdiff_t channels,
                 std::ptrdiff_t step) {
    for (std::ptrdiff_t i = 0; i < count; ++i) widen(to + i * channels, from + i * step * channels, channels);
}

/// Copies one image: a border of the zero point, columns sorted by phase.
template <class Element>
void copy_phases(const depthwise_plan& plan, const std::int8_t* from, Element* to, Element border) {
    const std::ptrdiff_t channels = plan.channels;
    for (std::ptrdiff_t column = 0; column < plan.phases; ++column) {
        const phase_place place = place_of(plan, column);
        for_each_row(plan, place, from, to, border, [&](const std::int8_t* pixels, Element* row) {
            copy_pixels(pixels + column * channels, row + (place.start + place.first) * channels, place.count, channels,
                        plan.phases);
        });
    }
}

#if defined(__AVX512BW__)

/// The same for two phases of 8, 16 or 32 channels, 128 bytes at a time.
inline void copy_two_phases(const depthwise_plan& plan, const std::int8_t* from, std::uint8_t* to,
                            std::uint8_t border) {
    const std::ptrdiff_t channels = plan.channels;
    alignas(64) std::int64_t words[2][8];
    for (std::int64_t word = 0, seen[2] = {}; word < 16; ++word) {
        const std::int64_t parity = word / (channels / 8) % 2;
        words[parity][seen[parity]++] = word;
    }
    const __m512i evens = _mm512_load_si512(words[0]), odds = _mm512_load_si512(words[1]);
    const __m512i sign = _mm512_set1_epi8(-128);
    const phase_place even = place_of(plan, 0), odd = place_of(plan, 1);
    const std::ptrdiff_t most = even.count < odd.count ? even.count : odd.count, block = 64 / channels;
    for_each_row(plan, even, from, to, border, [&](const std::int8_t* pixels, std::uint8_t* row) {
        fill_beside(plan, odd, row, border);
        std::uint8_t* to_even = row + (even.start + even.first) * channels;
        std::uint8_t* to_odd = row + (odd.start + odd.first) * channels;
        std::ptrdiff_t i = 0;
        for (; i + block <= most; i += block, pixels += 128, to_even += 64, to_odd += 64) {
            const __m512i a = _mm512_xor_si512(_mm512_loadu_si512(pixels), sign);
            const __m512i b = _mm512_xor_si512(_mm512_loadu_si512(pixels + 64), sign);
            _mm512_storeu_si512(to_even, _mm512_permutex2var_epi64(a, evens, b));
            _mm512_storeu_si512(to_odd, _mm512_permutex2var_epi64(a, odds, b));
        }
        copy_pixels(pixels, to_even, even.count - i, channels, 2);
        copy_pixels(pixels + channels, to_odd, odd.count - i, channels, 2);
    });
    const std::ptrdiff_t odd_start = odd.start * channels, length = plan.phase_columns * channels;
    for (std::ptrdiff_t row = 0; row < plan.rows; ++row)
        if (row < plan.padding[0] || row - plan.padding[0] >= plan.height)
            fill(to + row * plan.row_length() + odd_start, border, length);
}

#endif

template <class Element>
void copy_depthwise(const depthwise_plan& plan, const std::int8_t* from, Element* to, Element border) {
#if defined(__AVX512BW__)
    if constexpr (std::is_same_v<Element, std::uint8_t>)
        if (plan.phases == 2 && (plan.channels == 8 || plan.channels == 16 || plan.channels == 32))
            return copy_two_phases(plan, from, to, border);
#endif
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
    static constexpr std::int32_t rolling_columns = 3; ///< whose sums do

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
    static constexpr std::int32_t rolling_columns = 0;

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
                if constexpr (rolls(p))
                    roll_lines<LeftShifts, Plan>(c, pattern, kept);
                else
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

    /// True where a column of activations, once interleaved, serves all outputs that it touches.
    static constexpr bool rolls(const depthwise_plan& plan) {
        return plan.by_column() && !plan.flat && plan.stride[1] == 1 && plan.dilation[1] == 1 &&
               plan.kernel[1] <= Unit::rolling_columns;
    }

    /// Line by line, column by column: column x is the first of output x, the second of output x - 1, and so on, whose
    /// sums rotate through the registers.
    template <bool LeftShifts, class Plan, class Weights>
    CTQ_ALWAYS_INLINE inline void roll_lines(const constants& c, std::ptrdiff_t pattern, const Weights& weights) const {
        constexpr int width = Plan::value.kernel[1];
        constexpr std::ptrdiff_t channels = Plan::value.channels, columns = Plan::value.columns;
        const std::ptrdiff_t count = channels - pattern * outputs;
        const element* line = image + pattern * outputs;
        std::int8_t* to = out + pattern * outputs;
        for (std::ptrdiff_t y = 0; y < Plan::value.lines; ++y, line += Plan::value.line_step()) {
            vector sums[width][4];
            const element* from = line;
            const auto take = [&](auto phase, auto opened) CTQ_ALWAYS_INLINE {
                typename Unit::activations under[taps];
                each<taps>([&](auto at)
                               CTQ_ALWAYS_INLINE { under[at] = under_tap<Plan::value, Plan::value.tap(0, at)>(from); });
                vector column[4];
                Unit::interleave(under, column);
                start(sums[phase], c);
                each<opened>([&](auto k) CTQ_ALWAYS_INLINE {
                    each<4>([&](auto j) CTQ_ALWAYS_INLINE {
                        Unit::multiply(sums[(phase + width - k) % width][j], column[j], weights(k, j));
                    });
                });
                from += channels;
            };
            const auto output = [&](auto i) CTQ_ALWAYS_INLINE {
                take(std::integral_constant<int, (i + width - 1) % width>{}, std::integral_constant<int, width>{});
                end<LeftShifts>(sums[i % width], c, to, count);
                to += channels;
            };
            each<width - 1>([&](auto x) CTQ_ALWAYS_INLINE { take(x, std::integral_constant<int, x + 1>{}); });
            for (std::ptrdiff_t turn = columns / width; turn > 0; --turn) each<width>(output);
            each<columns % width>(output);
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
                    end<LeftShifts>(sums, c,
                                    out + (line * p.columns * p.channels) + segment * p.segment_length() + first,
                                    p.segment_length() - first);
                }
    }

    static CTQ_ALWAYS_INLINE inline void start(vector (&sums)[4], const constants& c) {
        each<4>([&](auto j) CTQ_ALWAYS_INLINE { sums[j] = Unit::vectors::load(c.bias + j * lanes); });
    }

    template <bool LeftShifts>
    static CTQ_ALWAYS_INLINE inline void end(const vector (&sums)[4], const constants& c, std::int8_t* to,
                                             std::ptrdiff_t count) {
        Unit::store(
            to,
            finish::template apply_unordered<LeftShifts, true>(sums[0], sums[1], sums[2], sums[3], c.scales, c.ends),
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
                product(i, [&](auto at)
                               CTQ_ALWAYS_INLINE { return under_tap<Plan::value, Plan::value.tap(i, at)>(from); });
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
void run_depthwise(const Plan& plan, const_tensors in, const tensor& out, const workspace& space) {
    using element = typename Unit::element;
    const depthwise_plan& p = plan.value;
    const const_tensor& image = in[op::weighted::activation];
    auto* copy = reinterpret_cast<element*>(space.scratch);
    for (std::ptrdiff_t n = 0; n < p.images; ++n) {
        copy_depthwise(p, image.as<std::int8_t>() + n * p.height * p.width * p.channels, copy,
                       widened_value<element>(image.zero_point()));
        depthwise_work<Requantizer, Unit>{copy,
                                          space.packed,
                                          {space.packed + p.tables_at(), p.tables},
                                          out.as<std::int8_t>() + n * p.lines * p.columns * p.channels,
                                          out.zero_point(),
                                          out.facts.range}
            .run(plan);
    }
}

#endif

} // namespace ctq::inline CTQ_TARGET::kernels::x86
