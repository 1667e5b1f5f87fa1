#pragma once
// product_plan: rows of activations times packed weights, the loop that convolutions and dense layers share, and the
// choice of its register tile.
// room: kernels | runs on: all (the choice: in the compiler where shapes are constants) | heap: no

#include <ctq/core/integer.hpp>
#include <ctq/kernels/vector/plan.hpp>

#include <cstddef>

namespace ctq::inline CTQ_TARGET::kernels::vector {

/// out[pixel][channel] = sum over rows r and dwords k of activation[pixel][r][k] * weight[r][k][channel]. Steps and
/// offsets count elements: of the copied image, bytes of the weights, bytes of the output.
struct product_plan {
    std::ptrdiff_t rows = 1, dwords = 1;
    std::ptrdiff_t channels = 1;
    std::ptrdiff_t weight_step = 4; ///< between a channel's successive dwords of weights
    std::ptrdiff_t output_step = 1; ///< between output pixels
    std::ptrdiff_t lines = 1, columns = 1;
    std::ptrdiff_t pixel_step = 0, line_step = 0, row_step = 0; ///< between pixels, lines, kernel rows of the image

    friend constexpr bool operator==(const product_plan&, const product_plan&) = default;
};

/// Lines that follow each other like pixels become one long line.
constexpr product_plan merged(product_plan plan) {
    if (plan.line_step != plan.columns * plan.pixel_step) return plan;
    plan.columns *= plan.lines;
    plan.lines = 1;
    plan.line_step = 0;
    return plan;
}

/// Accumulators: `pixels` x `blocks` vectors of channels, `splits` of each; `unroll` dwords in the loop's body.
struct tile_shape {
    int pixels = 1, blocks = 1, splits = 1, unroll = 1;

    friend constexpr bool operator==(const tile_shape&, const tile_shape&) = default;
};

/// What an instruction set's registers allow.
struct tile_limits {
    int block_channels;
    int accumulators;                ///< vectors of block_channels sums that fit beside operands
    int kept_blocks;                 ///< blocks of weights that can be held while several pixels pass
    int single_blocks;               ///< the same for a tile of one pixel
    int latency;                     ///< accumulators that keep the multipliers busy
    int operand_registers_per_block; ///< in accumulators
};

constexpr bool fits(const tile_limits& limits, std::ptrdiff_t pixels, std::ptrdiff_t blocks) {
    if (pixels == 1) return blocks <= limits.single_blocks;
    return blocks <= limits.kept_blocks &&
           pixels * blocks + (blocks - 1) * limits.operand_registers_per_block <= limits.accumulators;
}

/// Steps of `unroll` dwords that leave no remainder where possible, in a body of about 100 products at most.
constexpr int unroll_of(std::ptrdiff_t dwords, std::ptrdiff_t accumulators) {
    const std::ptrdiff_t most = accumulators >= 96 ? 1 : 96 / accumulators;
    std::ptrdiff_t best = 1;
    for (std::ptrdiff_t unroll = 1; unroll <= most && unroll <= dwords; ++unroll)
        if (dwords % unroll == 0) best = unroll;
    if (best == 1 && dwords > most && most >= 4) best = 4;
    return static_cast<int>(best > 16 ? 16 : best);
}

/// Estimated cost of a whole layer in eighths of a cycle; only its order matters.
constexpr std::ptrdiff_t tile_cost(const product_plan& plan, const tile_limits& limits, std::ptrdiff_t pixels,
                                   std::ptrdiff_t blocks) {
    const std::ptrdiff_t all = divide_up(plan.channels, limits.block_channels);
    const std::ptrdiff_t tiles = pixels <= plan.columns ? plan.lines * divide_up(plan.columns, pixels)
                                                        : divide_up(plan.lines, pixels / plan.columns);
    const auto one = [&](std::ptrdiff_t width) {
        const std::ptrdiff_t products = pixels * width < limits.latency ? limits.latency : pixels * width;
        const std::ptrdiff_t step = 8 * products + 2 * (pixels + width) + 4;
        return plan.rows * (plan.dwords * step + 8) + divide_up(pixels * width, 4) * 4 * 36 + 160;
    };
    return tiles * (all / blocks * one(blocks) + (all % blocks != 0 ? one(all % blocks) : 0));
}

constexpr bool covers(const product_plan& plan, std::ptrdiff_t pixels) {
    return pixels <= plan.columns || (pixels % plan.columns == 0 && pixels / plan.columns <= plan.lines);
}

/// The cheapest tile for a layer whose shape is known.
constexpr tile_shape choose_tile(const product_plan& plan, const tile_limits& limits) {
    const std::ptrdiff_t all = divide_up(plan.channels, limits.block_channels);
    std::ptrdiff_t best_cost = -1, best_pixels = 1, best_blocks = 1;
    for (std::ptrdiff_t blocks = 1; blocks <= all && blocks <= limits.single_blocks; ++blocks)
        for (std::ptrdiff_t pixels = 1; fits(limits, pixels, blocks); ++pixels) {
            if (!covers(plan, pixels)) continue;
            const std::ptrdiff_t cost = tile_cost(plan, limits, pixels, blocks);
            if (best_cost >= 0 && cost >= best_cost) continue;
            best_cost = cost;
            best_pixels = pixels;
            best_blocks = blocks;
        }
    const int pixels = static_cast<int>(best_pixels), blocks = static_cast<int>(best_blocks);
    int splits = 1;
    while (splits < 4 && 2 * splits <= plan.dwords && pixels * blocks * splits < limits.latency) splits *= 2;
    const int unroll = unroll_of(plan.dwords, pixels * blocks);
    return {pixels, blocks, splits, unroll < splits ? splits : unroll};
}

} // namespace ctq::inline CTQ_TARGET::kernels::vector
