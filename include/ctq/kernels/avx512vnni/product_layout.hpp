#pragma once
// The operands of AVX-512 VNNI's sums of products: activations as unsigned bytes (x + 128), for vpdpbusd.
// room: kernels | runs on: all (what runs on them: x86-64 with AVX-512 VNNI) | heap: no

#include <ctq/kernels/architecture.hpp>
#include <ctq/kernels/vector/product_layout.hpp>

#include <cstddef>
#include <cstdint>

namespace ctq::inline CTQ_TARGET::kernels::vector {

template <> struct product_layout<avx512vnni> {
    using element = std::uint8_t;
    static constexpr std::int32_t offset = 128;
    static constexpr tile_limits tile{16, 28, 4, 8, 8, 1};
    static constexpr bool whole_blocks = false;
    static constexpr depthwise_limits unit{64, 4, 1, 1};

    /// Interleaving within 128 bits makes it.
    static constexpr std::ptrdiff_t unit_order(std::ptrdiff_t entry) {
        const std::ptrdiff_t vector = entry / 16, lane = entry % 16 / 4;
        return 16 * lane + 4 * vector + entry % 4;
    }
};

} // namespace ctq::inline CTQ_TARGET::kernels::vector
