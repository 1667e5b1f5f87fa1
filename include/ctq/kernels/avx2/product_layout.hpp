#pragma once
// The operands of AVX2's sums of products: activations widened to int16, for vpmaddwd.
// room: kernels | runs on: all (what runs on them: x86-64 with AVX2) | heap: no

#include <ctq/kernels/architecture.hpp>
#include <ctq/kernels/vector/product_layout.hpp>

#include <cstddef>
#include <cstdint>

namespace ctq::inline CTQ_TARGET::kernels::vector {

template <> struct product_layout<avx2> {
    using element = std::int16_t;
    static constexpr std::int32_t offset = 0;
    static constexpr tile_limits tile{8, 6, 2, 4, 4, 1};
    static constexpr bool whole_blocks = true;
    static constexpr depthwise_limits unit{32, 2, 2, 2};

    /// Interleaving within 128 bits makes it.
    static constexpr std::ptrdiff_t unit_order(std::ptrdiff_t entry) {
        const std::ptrdiff_t vector = entry / 8, lane = entry % 8 / 4;
        return 16 * (vector / 2) + 8 * lane + 4 * (vector % 2) + entry % 4;
    }
};

} // namespace ctq::inline CTQ_TARGET::kernels::vector
