#pragma once
// float_vector: a few floats side by side, as wide as this translation unit's registers. The compilers' vector
// extension: one source for every instruction set.
// room: host | runs on: host | heap: no

#include <ctq/core/target.hpp>

#include <cstddef>
#include <cstring>
#include <type_traits>

namespace ctq::inline CTQ_TARGET::host {

/// The floats of one register.
#if defined(__AVX512F__)
inline constexpr int native_lanes = 16;
#elif defined(__AVX__)
inline constexpr int native_lanes = 8;
#else
inline constexpr int native_lanes = 4;
#endif

namespace detail {

template <int Lanes> struct vector_type { typedef float type __attribute__((vector_size(Lanes * sizeof(float)))); };

} // namespace detail

template <int Lanes> using float_vector = typename detail::vector_type<Lanes>::type;

/// Calls use(integral_constant<lanes>) with the narrowest of the useful widths (4 .. native_lanes) that holds `count`
/// floats, the widest when none does.
template <class Use> decltype(auto) with_lanes(std::ptrdiff_t count, Use use) {
    if constexpr (native_lanes > 4) {
        if (count <= 4) return use(std::integral_constant<int, 4>{});
    }
    if constexpr (native_lanes > 8) {
        if (count <= 8) return use(std::integral_constant<int, 8>{});
    }
    return use(std::integral_constant<int, native_lanes>{});
}

/// The same with the widest width that `count` floats fill: native_lanes, 8, 4 or 1.
template <class Use> decltype(auto) with_full_lanes(std::ptrdiff_t count, Use use) {
    if (count >= native_lanes) return use(std::integral_constant<int, native_lanes>{});
    if constexpr (native_lanes > 8) {
        if (count >= 8) return use(std::integral_constant<int, 8>{});
    }
    if constexpr (native_lanes > 4) {
        if (count >= 4) return use(std::integral_constant<int, 4>{});
    }
    return use(std::integral_constant<int, 1>{});
}

template <class Vector> [[gnu::always_inline]] inline void load(Vector& to, const float* from) {
    std::memcpy(&to, from, sizeof(Vector));
}
template <class Vector> [[gnu::always_inline]] inline void store(float* to, const Vector& from) {
    std::memcpy(to, &from, sizeof(Vector));
}
/// The first `count` lanes only. From a copy: an object whose address meets a variable size is kept out of registers.
template <class Vector>
[[gnu::always_inline]] inline void store_some(float* to, const Vector& from, std::ptrdiff_t count) {
    const Vector copy = from;
    std::memcpy(to, &copy, static_cast<std::size_t>(count) * sizeof(float));
}

/// `x` in every lane. (x - 0 is x, whatever x is, and compilers know that.)
template <class Vector> [[gnu::always_inline]] inline Vector all_lanes(float x) {
    return x - Vector{};
}

/// Lanes outside of [low, high] become the nearer of the two; NaN stays.
template <class Vector> [[gnu::always_inline]] inline void clamp(Vector& v, float low, float high) {
    v = v < low ? all_lanes<Vector>(low) : v;
    v = v > high ? all_lanes<Vector>(high) : v;
}

} // namespace ctq::inline CTQ_TARGET::host
