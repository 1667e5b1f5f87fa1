#pragma once
// Unrolling by templates: what keeps accumulators in registers under every compiler (a pragma over arrays does not).
// room: kernels | runs on: x86-64 | heap: no

#include <type_traits>
#include <utility>

/// For functions (with `inline`) and lambdas of a register tile: all of a tile is one function.
#define CTQ_ALWAYS_INLINE __attribute__((always_inline))

namespace ctq::kernels::x86 {

/// Calls body(integral_constant<int, 0>) ... body(integral_constant<int, Count - 1>), without a loop.
template <int Count, class Body> CTQ_ALWAYS_INLINE inline void each(Body&& body) {
    [&]<int... I>(std::integer_sequence<int, I...>) CTQ_ALWAYS_INLINE {
        (body(std::integral_constant<int, I>{}), ...);
    }
    (std::make_integer_sequence<int, Count>{});
}

} // namespace ctq::kernels::x86
