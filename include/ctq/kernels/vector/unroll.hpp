#pragma once
// Unrolling by templates: what keeps accumulators in registers under every compiler (a pragma over arrays does not).
// room: kernels | runs on: all | heap: no

#include <ctq/core/target.hpp>

#include <type_traits>
#include <utility>

/// For functions (with `inline`) and lambdas of a register tile: all of a tile is one function. Not under a sanitizer,
/// whose checks make that one function so large that clang 19 takes minutes and gigabytes for a few layers.
#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(undefined_behavior_sanitizer)
#define CTQ_ALWAYS_INLINE
#endif
#endif
#if !defined(CTQ_ALWAYS_INLINE)
#define CTQ_ALWAYS_INLINE __attribute__((always_inline))
#endif

namespace ctq::inline CTQ_TARGET::kernels::vector {

/// Calls body(integral_constant<int, 0>) ... body(integral_constant<int, Count - 1>), without a loop.
template <int Count, class Body> CTQ_ALWAYS_INLINE inline void each(Body&& body) {
    [&]<int... I>(std::integer_sequence<int, I...>) CTQ_ALWAYS_INLINE {
        (body(std::integral_constant<int, I>{}), ...);
    }
    (std::make_integer_sequence<int, Count>{});
}

} // namespace ctq::inline CTQ_TARGET::kernels::vector
