#pragma once
// The product of a copied image with packed weights, requantized: the work of convolutions and dense layers, for every
// register tile (tile.hpp).
// room: kernels | runs on: all | heap: no

#include <ctq/core/integer.hpp>
#include <ctq/core/quantization.hpp>
#include <ctq/kernels/vector/channel_tables.hpp>
#include <ctq/kernels/vector/product_plan.hpp>
#include <ctq/kernels/vector/requantize.hpp>
#include <ctq/kernels/vector/unroll.hpp>

namespace ctq::inline CTQ_TARGET::kernels::vector {

/// Where the pixels of a tile are, when their distances are constants.
template <const auto& Plan, class Element> struct constant_pixels {
    const Element* first;

    template <int Pixel> CTQ_ALWAYS_INLINE inline const Element* operator()(std::integral_constant<int, Pixel>) const {
        constexpr std::ptrdiff_t offset =
            Pixel / Plan.columns * Plan.line_step + Pixel % Plan.columns * Plan.pixel_step;
        return first + offset;
    }
};

/// The same for distances known at run time.
template <int Pixels, class Element> struct variable_pixels {
    const Element* at[Pixels];

    CTQ_ALWAYS_INLINE inline const Element* operator()(int pixel) const { return at[pixel]; }
};

/// A tensor of the output's layout that joins before the last rounding; none if the multiplier is 0.
struct residual_input {
    const std::int8_t* from = nullptr;
    std::int32_t zero_point = 0, multiplier = 0;
};

/// What one product reads and writes.
template <class Requantizer, class Tile> struct product {
    using element = typename Tile::element;
    using vector = typename Tile::vector;
    using constants = output_constants<typename Tile::vectors>;
    using finish = epilogue<Requantizer, typename Tile::vectors>;
    static constexpr int block_channels = Tile::limits.block_channels;

    const element* image;
    const std::int8_t* weights;
    channel_tables<Requantizer> tables;
    std::int8_t* out;
    std::int32_t zero_point;
    limits range;
    residual_input residual{};

    /// Runs the whole layer. Shapes known: one tile, chosen by the compiler. Otherwise one of a few.
    template <class Plan> void run(const Plan& plan) const {
        if constexpr (Plan::is_constant) {
            constexpr tile_shape tile = choose_tile(Plan::value, Tile::limits);
            if (range == limits_of(dtype::int8))
                run_constant<Plan, tile, false>();
            else
                run_constant<Plan, tile, true>();
        } else {
            run_variable(plan.value);
        }
    }

  private:
    constants prepared() const {
        return finish::prepare(zero_point, static_cast<std::int8_t>(range.low), static_cast<std::int8_t>(range.high));
    }

    /// Channels in groups of `tile.blocks` blocks; what is left over, or has a part of a block, comes last.
    template <class Plan, tile_shape Shape, bool Bounded> [[gnu::noinline]] void run_constant() const {
        constexpr std::ptrdiff_t all = divide_up(Plan::value.channels, block_channels);
        constexpr bool masked = Plan::value.channels % block_channels != 0;
        constexpr std::ptrdiff_t remainder = all % Shape.blocks;
        constexpr std::ptrdiff_t last = remainder != 0 ? remainder : masked ? Shape.blocks : 0;
        const constants ends = prepared();
        for (std::ptrdiff_t block = 0; block < all - last; block += Shape.blocks)
            run_group<Plan, Shape, false, Bounded>(block, ends);
        if constexpr (last != 0)
            run_group<Plan, tile_shape{Shape.pixels, static_cast<int>(last), Shape.splits, Shape.unroll}, masked,
                      Bounded>(all - last, ends);
    }

    /// One group of channels for all pixels. The last tile of a line, or of the lines, overlaps the one before.
    template <class Plan, tile_shape Shape, bool Masked, bool Bounded>
    CTQ_ALWAYS_INLINE inline void run_group(std::ptrdiff_t block, const constants& ends) const {
        constexpr product_plan plan = Plan::value;
        const auto one = [&](std::ptrdiff_t line, std::ptrdiff_t column) CTQ_ALWAYS_INLINE {
            const constant_pixels<Plan::value, element> pixels{image + line * plan.line_step +
                                                               column * plan.pixel_step};
            run_tile<Shape, Masked, Bounded>(plan, pixels, line * plan.columns + column, block, ends);
        };
        if constexpr (Shape.pixels <= plan.columns) {
            constexpr std::ptrdiff_t end = plan.columns - Shape.pixels;
            for (std::ptrdiff_t line = 0; line < plan.lines; ++line)
                for (std::ptrdiff_t column = 0; column < plan.columns; column += Shape.pixels)
                    one(line, plan.columns % Shape.pixels != 0 && column > end ? end : column);
        } else {
            constexpr std::ptrdiff_t height = Shape.pixels / plan.columns, end = plan.lines - height;
            for (std::ptrdiff_t line = 0; line < plan.lines; line += height)
                one(plan.lines % height != 0 && line > end ? end : line, 0);
        }
    }

    /// Whole blocks of channels by fours, twos and ones; a part of a block comes alone.
    void run_variable(const product_plan& plan) const {
        const std::ptrdiff_t whole = plan.channels / block_channels;
        constexpr std::ptrdiff_t most = Tile::limits.kept_blocks;
        std::ptrdiff_t block = 0;
        for (; block + most <= whole; block += most) run_variable_group<most, false>(plan, block);
        if constexpr (most > 2)
            for (; block + 2 <= whole; block += 2) run_variable_group<2, false>(plan, block);
        for (; block < whole; ++block) run_variable_group<1, false>(plan, block);
        if (plan.channels % block_channels != 0) run_variable_group<1, true>(plan, block);
    }

    template <int Blocks, bool Masked>
    [[gnu::noinline]] void run_variable_group(const product_plan& plan, std::ptrdiff_t block) const {
        constexpr int room = (Tile::limits.accumulators - Blocks) / Blocks, pixels = room > 8 ? 8 : room;
        const std::ptrdiff_t total = plan.lines * plan.columns;
        const constants ends = prepared();
        if (total < pixels)
            for (std::ptrdiff_t p = 0; p < total; ++p) run_variable_tile<1, Blocks, Masked>(plan, p, block, ends);
        else
            for (std::ptrdiff_t p = 0; p < total; p += pixels)
                run_variable_tile<pixels, Blocks, Masked>(plan, p + pixels <= total ? p : total - pixels, block, ends);
    }

    template <int Pixels, int Blocks, bool Masked>
    CTQ_ALWAYS_INLINE inline void run_variable_tile(const product_plan& plan, std::ptrdiff_t first,
                                                    std::ptrdiff_t block, const constants& ends) const {
        variable_pixels<Pixels, element> pixels;
        std::ptrdiff_t line = first / plan.columns, column = first % plan.columns;
        each<Pixels>([&](auto m) CTQ_ALWAYS_INLINE {
            pixels.at[m] = image + line * plan.line_step + column * plan.pixel_step;
            if (++column == plan.columns) {
                column = 0;
                ++line;
            }
        });
        constexpr tile_shape shape{Pixels, Blocks, Pixels * Blocks < Tile::limits.latency ? 2 : 1,
                                   Pixels * Blocks < Tile::limits.latency ? 2 : 1};
        run_tile<shape, Masked, true>(plan, pixels, first, block, ends);
    }

    template <tile_shape Shape, bool Masked, bool Bounded, class PixelAt>
    CTQ_ALWAYS_INLINE inline void run_tile(const product_plan& plan, const PixelAt& pixels, std::ptrdiff_t first,
                                           std::ptrdiff_t block, const constants& ends) const {
        const std::ptrdiff_t left = plan.channels - (block + Shape.blocks - 1) * block_channels;
        const int tail = Masked && left < block_channels ? static_cast<int>(left) : block_channels;
        typename Tile::sum sums[Shape.splits][Shape.pixels][Shape.blocks];
        each<Shape.pixels>([&](auto m) CTQ_ALWAYS_INLINE {
            each<Shape.blocks>([&](auto b) CTQ_ALWAYS_INLINE {
                Tile::start(sums[0][m][b], tables.bias + (block + b) * block_channels);
                each<Shape.splits - 1>([&](auto s) CTQ_ALWAYS_INLINE { Tile::clear(sums[s + 1][m][b]); });
            });
        });
        accumulate<Shape, Masked>(sums, plan, pixels, weights + block * block_channels * 4, tail);
        vector totals[Shape.pixels * Shape.blocks];
        each<Shape.pixels>([&](auto m) CTQ_ALWAYS_INLINE {
            each<Shape.blocks>([&](auto b) CTQ_ALWAYS_INLINE {
                each<Shape.splits - 1>([&](auto s) CTQ_ALWAYS_INLINE { Tile::add(sums[0][m][b], sums[s + 1][m][b]); });
                totals[m * Shape.blocks + b] = Tile::total(sums[0][m][b]);
            });
        });
        std::int8_t* to = out + first * plan.output_step + block * block_channels;
        if (tables.shifts_left)
            store<Shape, Masked, Bounded, true>(totals, plan, to, block, tail, ends);
        else
            store<Shape, Masked, Bounded, false>(totals, plan, to, block, tail, ends);
    }

    template <tile_shape Shape, bool Masked, class PixelAt>
    static CTQ_ALWAYS_INLINE inline void
    accumulate(typename Tile::sum (&sums)[Shape.splits][Shape.pixels][Shape.blocks], const product_plan& plan,
               const PixelAt& pixels, const std::int8_t* weight, int tail) {
        for (std::ptrdiff_t row = 0; row < plan.rows; ++row) {
            std::ptrdiff_t at = row * plan.row_step;
            for (std::ptrdiff_t bodies = plan.dwords / Shape.unroll; bodies > 0; --bodies) {
                each<Shape.unroll>([&](auto u) CTQ_ALWAYS_INLINE {
                    Tile::template step<Masked>(sums[u % Shape.splits], pixels, at + 4 * u, weight, tail);
                    weight += plan.weight_step;
                });
                at += 4 * Shape.unroll;
            }
            if constexpr (Shape.unroll > 1)
                for (std::ptrdiff_t rest = plan.dwords % Shape.unroll; rest > 0; --rest) {
                    Tile::template step<Masked>(sums[0], pixels, at, weight, tail);
                    weight += plan.weight_step;
                    at += 4;
                }
        }
    }

    /// Requantizes four vectors of sums at a time and stores them in the widest pieces that the layout allows.
    template <tile_shape Shape, bool Masked, bool Bounded, bool LeftShifts>
    CTQ_ALWAYS_INLINE inline void store(const vector (&totals)[Shape.pixels * Shape.blocks], const product_plan& plan,
                                        std::int8_t* to, std::ptrdiff_t block, int tail, const constants& ends) const {
        constexpr int all = Shape.pixels * Shape.blocks;
        const auto scaled = [&](auto piece) CTQ_ALWAYS_INLINE {
            const std::ptrdiff_t first = (block + piece % Shape.blocks) * block_channels;
            return finish::load(tables.multiplier + first, tables.shift + first);
        };
        each<divide_up(all, 4)>([&](auto group) CTQ_ALWAYS_INLINE {
            constexpr int i0 = 4 * group, pieces = all - i0 < 4 ? all - i0 : 4;
            constexpr int i1 = i0 + (pieces > 1 ? 1 : 0), i2 = i0 + (pieces > 2 ? 2 : 0),
                          i3 = i0 + (pieces > 3 ? 3 : 0);
            const auto scales = finish::join(scaled(constant<i0>{}), scaled(constant<i1>{}), scaled(constant<i2>{}),
                                             scaled(constant<i3>{}));
            vector v;
            if constexpr (adds_residual<Requantizer>) {
                if (residual.multiplier != 0) {
                    const auto added = [&](int piece) CTQ_ALWAYS_INLINE {
                        const bool last = piece % Shape.blocks == Shape.blocks - 1;
                        return Tile::load_block(residual.from + (to - out) + piece / Shape.blocks * plan.output_step +
                                                    piece % Shape.blocks * block_channels,
                                                Masked && last ? tail : block_channels);
                    };
                    v = finish::template apply_with_residual<LeftShifts, Bounded>(
                        totals[i0], totals[i1], totals[i2], totals[i3], scales, ends,
                        finish::prepare_residual(residual.zero_point, residual.multiplier), added(i0), added(i1),
                        added(i2), added(i3));
                    return store_group<Shape, Masked, i0, pieces>(v, plan, to, tail);
                }
            }
            v = finish::template apply<LeftShifts, Bounded>(totals[i0], totals[i1], totals[i2], totals[i3], scales,
                                                            ends);
            store_group<Shape, Masked, i0, pieces>(v, plan, to, tail);
        });
    }

    template <tile_shape Shape, bool Masked, int First, int Pieces>
    static CTQ_ALWAYS_INLINE inline void store_group(vector v, const product_plan& plan, std::int8_t* to, int tail) {
        constexpr int blocks = Shape.blocks;
        if constexpr (blocks % 4 == 0) {
            std::int8_t* at = to + First / blocks * plan.output_step + First % blocks * block_channels;
            if constexpr (Masked && First % blocks + 4 == blocks)
                Tile::store_first(at, v, 3 * block_channels + tail);
            else
                Tile::store(at, v);
            return;
        }
        if (plan.output_step == blocks * block_channels && plan.channels == plan.output_step)
            return store_bytes<Pieces * block_channels>(to + First * block_channels, v);
        if (blocks == 1 && plan.output_step == block_channels / 2 && plan.channels == plan.output_step)
            return store_bytes<Pieces * block_channels / 2>(to + First * block_channels / 2, Tile::half_quarters(v));
        each<Pieces>([&](auto piece) CTQ_ALWAYS_INLINE {
            constexpr int i = First + piece;
            std::int8_t* at = to + i / blocks * plan.output_step + i % blocks * block_channels;
            if constexpr (Masked && i % blocks == blocks - 1)
                Tile::template store_quarter<piece>(at, v, tail);
            else
                Tile::template store_quarter<piece>(at, v);
        });
    }

    template <int Bytes> static CTQ_ALWAYS_INLINE inline void store_bytes(std::int8_t* to, vector v) {
        if constexpr (Bytes == sizeof(vector))
            Tile::store(to, v);
        else
            Tile::store_first(to, v, Bytes);
    }

    template <int I> using constant = std::integral_constant<int, I>;
};

} // namespace ctq::inline CTQ_TARGET::kernels::vector
