#pragma once
// float_product: pixels times weights, the inner loops of float convolution and of the dense layer. Weights are packed
// once into blocks of output channels; pixels are read where they are: no im2col.
// room: host | runs on: host | heap: no

#include <ctq/core/integer.hpp>
#include <ctq/core/quantization.hpp>
#include <ctq/host/engine/fused.hpp>

#include <algorithm>
#include <cstddef>
#include <type_traits>
#include <utility>

namespace ctq::inline CTQ_TARGET::host {

/// The weights that one output element needs: rows * segments * length of them, as many inputs at these steps.
struct float_window {
    std::ptrdiff_t rows = 1, row_step = 0;
    std::ptrdiff_t segments = 1, segment_step = 0;
    std::ptrdiff_t length = 1;

    std::ptrdiff_t size() const { return rows * segments * length; }
};

/// A run of pixels at equal steps, in the input and in the output.
struct pixel_line {
    const float* from = nullptr;
    std::ptrdiff_t from_step = 0;
    float* to = nullptr;
    std::ptrdiff_t to_step = 0;
    std::ptrdiff_t pixels = 0;
};

/// Output channels in blocks of two registers; what is left in one block of as few lanes as hold it. Packed floats of a
/// block: the bias, then for each weight position all channels of the block; absent channels are 0.
struct channel_blocks {
    std::ptrdiff_t channels = 0;

    static constexpr std::ptrdiff_t widest = 2 * native_lanes;

    /// Calls visit(lanes, registers, first channel, channels) for each block; the first two are integral constants.
    template <class Visit> void for_each(Visit visit) const {
        using two = std::integral_constant<int, 2>;
        using one = std::integral_constant<int, 1>;
        std::ptrdiff_t first = 0;
        for (; channels - first > native_lanes; first += widest)
            visit(std::integral_constant<int, native_lanes>{}, two{}, first, std::min(widest, channels - first));
        if (first < channels)
            with_lanes(channels - first, [&](auto lanes) { visit(lanes, one{}, first, channels - first); });
    }

    std::ptrdiff_t packed_channels() const {
        std::ptrdiff_t sum = 0;
        for_each([&](auto lanes, auto registers, std::ptrdiff_t, std::ptrdiff_t) { sum += lanes * registers; });
        return sum;
    }
};

/// Packs the weights [channel][window size] and bias (may be null) of `blocks`; returns the end of what was written.
inline float* pack_blocks(const channel_blocks& blocks, std::ptrdiff_t window_size, const float* weights,
                          const float* bias, float* to) {
    blocks.for_each([&](auto lanes, auto registers, std::ptrdiff_t first, std::ptrdiff_t count) {
        constexpr std::ptrdiff_t width = lanes * registers;
        for (std::ptrdiff_t c = 0; c < width; ++c) *to++ = c < count && bias != nullptr ? bias[first + c] : 0.0f;
        for (std::ptrdiff_t k = 0; k < window_size; ++k)
            for (std::ptrdiff_t c = 0; c < width; ++c)
                *to++ = c < count ? weights[(first + c) * window_size + k] : 0.0f;
    });
    return to;
}

namespace detail {

/// The sums of `Pixels` pixels and one block of channels. Everything is unrolled by index sequences, so that the sums
/// stay in registers whatever the compiler thinks of loops over arrays.
template <int Lanes, int Registers, int Pixels> struct product_tile {
    using vector = float_vector<Lanes>;
    using registers = std::make_index_sequence<static_cast<std::size_t>(Registers)>;
    using pixels = std::make_index_sequence<static_cast<std::size_t>(Pixels)>;

    vector sum[Pixels][Registers];

    template <std::size_t... R>
    [[gnu::always_inline]] static void load_all(vector (&w)[Registers], const float* from, std::index_sequence<R...>) {
        (load(w[R], from + static_cast<std::ptrdiff_t>(R) * Lanes), ...);
    }

    template <std::size_t P, std::size_t... R>
    [[gnu::always_inline]] void add(const vector (&w)[Registers], float x, std::index_sequence<R...>) {
        const auto pixel = all_lanes<vector>(x);
        (add_product<Lanes>(sum[P][R], w[R], pixel), ...);
    }

    template <std::size_t... P>
    [[gnu::always_inline]] void step(const float* x, std::ptrdiff_t pixel_step, const float* weights,
                                     std::index_sequence<P...>) {
        vector w[Registers];
        load_all(w, weights, registers{});
        (add<P>(w, x[static_cast<std::ptrdiff_t>(P) * pixel_step], registers{}), ...);
    }

    using sums = std::make_index_sequence<static_cast<std::size_t>(Registers* Pixels)>;

    template <std::size_t... I> [[gnu::always_inline]] void start(const float* bias, std::index_sequence<I...>) {
        (load(sum[I / Registers][I % Registers], bias + static_cast<std::ptrdiff_t>(I % Registers) * Lanes), ...);
    }

    [[gnu::always_inline]] static void finish(vector of, const bounds& activation, float* to, std::ptrdiff_t left) {
        clamp(of, activation.low, activation.high);
        if (left >= Lanes)
            store(to, of);
        else if (left > 0)
            store_some(to, of, left);
    }

    template <std::size_t... I>
    [[gnu::always_inline]] void finish(const bounds& activation, float* to, std::ptrdiff_t to_step,
                                       std::ptrdiff_t channels, std::index_sequence<I...>) const {
        (finish(sum[I / Registers][I % Registers], activation,
                to + static_cast<std::ptrdiff_t>(I / Registers) * to_step +
                    static_cast<std::ptrdiff_t>(I % Registers) * Lanes,
                channels - static_cast<std::ptrdiff_t>(I % Registers) * Lanes),
         ...);
    }

    template <std::size_t... I> [[gnu::always_inline]] void add(const product_tile& other, std::index_sequence<I...>) {
        ((sum[I / Registers][I % Registers] += other.sum[I / Registers][I % Registers]), ...);
    }

    static void run(const float_window& window, const float* packed, const bounds& activation, const pixel_line& line,
                    std::ptrdiff_t channels) {
        product_tile tile;
        tile.start(packed, sums{});
        const float* weights = packed + Lanes * Registers;
        for (std::ptrdiff_t row = 0; row < window.rows; ++row)
            for (std::ptrdiff_t segment = 0; segment < window.segments; ++segment) {
                const float* x = line.from + row * window.row_step + segment * window.segment_step;
                for (const float* end = x + window.length; x != end; ++x, weights += Lanes * Registers)
                    tile.step(x, line.from_step, weights, pixels{});
            }
        tile.finish(activation, line.to, line.to_step, channels, sums{});
    }
};

/// Pixels of one tile: as many sums as the registers hold beside a weight and an input.
template <int Registers> inline constexpr int tile_pixels = native_lanes == 16 ? 12 : Registers == 1 ? 10 : 6;

template <int Lanes, int Registers>
void multiply_line(const float_window& window, const float* packed, const bounds& activation, pixel_line line,
                   std::ptrdiff_t channels) {
    constexpr int most = tile_pixels<Registers>;
    const auto advance = [&](int done) {
        line.from += done * line.from_step;
        line.to += done * line.to_step;
        line.pixels -= done;
    };
    // Equal shares: 25 pixels in tiles of at most 12 are 9, 8 and 8.
    for (std::ptrdiff_t tiles = divide_up(line.pixels, most); tiles > 0; --tiles) {
        const auto share = static_cast<int>(divide_up(line.pixels, tiles));
        [&]<std::size_t... P>(std::index_sequence<P...>) {
            const bool found =
                ((static_cast<int>(P) + 1 == share && (product_tile<Lanes, Registers, static_cast<int>(P) + 1>::run(
                                                           window, packed, activation, line, channels),
                                                       true)) ||
                 ...);
            static_cast<void>(found);
        }
        (std::make_index_sequence<static_cast<std::size_t>(most)>{});
        advance(share);
    }
}

/// One pixel: the sums are split over the weights' positions instead, so that additions need not wait for each other.
template <int Lanes, int Registers>
void multiply_pixel(std::ptrdiff_t length, const float* packed, const bounds& activation, const float* x, float* to,
                    std::ptrdiff_t channels) {
    constexpr int splits = 4; // whatever the registers: the order of the sums is the same on every instruction set
    constexpr std::ptrdiff_t width = Lanes * Registers;
    using tile = product_tile<Lanes, Registers, 1>;
    tile parts[splits]{};
    parts[0].start(packed, typename tile::sums{});
    const float* weights = packed + width;
    std::ptrdiff_t k = 0;
    for (; k + splits <= length; k += splits) {
        [&]<std::size_t... S>(std::index_sequence<S...>) {
            (parts[S].step(x + k + S, 0, weights + static_cast<std::ptrdiff_t>(S) * width, std::index_sequence<0>{}),
             ...);
        }
        (std::make_index_sequence<static_cast<std::size_t>(splits)>{});
        weights += splits * width;
    }
    for (; k < length; ++k, weights += width) parts[0].step(x + k, 0, weights, std::index_sequence<0>{});
    for (int s = 1; s < splits; ++s) parts[0].add(parts[s], typename tile::sums{});
    parts[0].finish(activation, to, 0, channels, typename tile::sums{});
}

} // namespace detail

/// Multiplies lines with all blocks. An output is the bias and then each product, added in the order of the weights
/// with one rounding each; where `multiply_pixel` runs, four such sums (the bias in the first, and what is left when
/// the weights do not divide by 4), added up in their order. That order is part of the meaning: calibration rests on
/// it. `lines` calls its visitor with every pixel_line of the output's first channel.
template <class Lines>
void multiply_lines(const float_window& window, const channel_blocks& blocks, const float* packed,
                    const bounds& activation, Lines lines) {
    blocks.for_each([&](auto lanes, auto registers, std::ptrdiff_t first, std::ptrdiff_t channels) {
        lines([&](pixel_line line) {
            line.to += first;
            if (line.pixels == 1 && window.rows * window.segments == 1)
                detail::multiply_pixel<lanes, registers>(window.length, packed, activation, line.from, line.to,
                                                         channels);
            else
                detail::multiply_line<lanes, registers>(window, packed, activation, line, channels);
        });
        packed += lanes * registers * (window.size() + 1);
    });
}

} // namespace ctq::inline CTQ_TARGET::host
