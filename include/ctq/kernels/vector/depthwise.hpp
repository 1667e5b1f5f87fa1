#pragma once
// Depthwise convolution: the activations under several taps of the kernel are interleaved by channel, so that one dot
// product takes them all. Any channels, kernel, stride and dilation.
// room: kernels | runs on: all | heap: no

#include <ctq/kernels/vector/depthwise_image.hpp>
#include <ctq/kernels/vector/depthwise_plan.hpp>
#include <ctq/kernels/vector/product_layout.hpp>
#include <ctq/kernels/vector/requantize.hpp>
#include <ctq/kernels/vector/unroll.hpp>

#include <cstdint>

namespace ctq::inline CTQ_TARGET::kernels::vector {

/// What one depthwise convolution of one image reads and writes. `Unit` is a depthwise_unit.
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
        copy_depthwise<Unit>(p, image.as<std::int8_t>() + n * p.height * p.width * p.channels, copy,
                             border_of<typename Unit::row::layout>(image.zero_point()));
        depthwise_work<Requantizer, Unit>{copy,
                                          space.packed,
                                          {space.packed + p.tables_at(), p.tables},
                                          out.as<std::int8_t>() + n * p.lines * p.columns * p.channels,
                                          out.zero_point(),
                                          out.facts.range}
            .run(plan);
    }
}

} // namespace ctq::inline CTQ_TARGET::kernels::vector
