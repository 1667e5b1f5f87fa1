#pragma once
// What an instruction set gives the kernels that are written once: the operations of its vectors, by one set of names.
// One file for each: kernels/<architecture>/vector.hpp.
// room: kernels | runs on: all | heap: no

#include <ctq/core/target.hpp>

#include <concepts>
#include <cstddef>
#include <cstdint>

namespace ctq::inline CTQ_TARGET::kernels::vector {

/// Specialised for the architectures that have vectors, where the compiler's flags allow them; everything is static.
/// A `vector` is one register, whatever its lanes; the number in a name is the width of the lanes that the operation
/// sees, 32 where there is none.
///
/// - `lanes`: how many int32 a vector has; `width`: how many int8;
/// - `narrower`: the next narrower vector of int8 (byte_provider) for pools of few channels, or void; fewer channels
///   than the narrowest has are the parent architecture's;
/// - `load(p)`: `lanes` integers as int32, from int32, int16 or int8; `load16(p)`: `width / 2` int8 as int16;
///   `load_vector(p)`, `store(p, v)`: a register as it is; `store_lanes(p, v)`: the int32 as int8, which they fit;
/// - `all8(x)` ... `all64(x)`, `all_floats(x)`: x in every lane;
/// - `with_sign32(a, b)`: a >= 0, negated where b is negative; where b is 0, a is too; `sign32(a)`: -1 or 0;
///   `both`, `inverted`: of bits;
/// - `shift_left`, `shift_right`, `shift_right_logical`: each lane by its own count; a count beyond 31 shifts all out;
///   `shift_right32(a, n)`, `shift_right16<N>(a)`: all by one;
/// - `multiply_high16`: upper halves of products; `rounded_high_multiply16`: (a b + 2^14) >> 15; `multiply_even`:
///   products of even int32 in 64 bits, and `odd_to_even`, `halve64_to_even` (a >> 31 in the even int32), `double64`,
///   `even_and_odd(even, odd)`, which bring their operands and their upper halves where they belong;
/// - `narrow32(a, b)`, `narrow16(a, b)`: saturated to half the width; of each 128 bits those of a, then those of b.
///   `in_order` puts four vectors' lanes in order after two such rounds, `halves_in_order` two vectors' after one;
/// - `interleave_low16(a, b)`, `interleave_high16(a, b)`: of each 128 bits the lower or the upper four lanes of both,
///   by turns; `multiply_add_pairs16(a, b)`: the sum of two neighbours' products in each int32;
/// - `floats`: as many float32 as int32; `to_floats`, `truncate` convert.
template <class Architecture> struct vectors;

/// What pools ask of a vector of int8.
template <class V>
concept byte_provider = requires(const std::int8_t* from, std::int8_t* to, typename V::vector v) {
    { V::width } -> std::convertible_to<std::ptrdiff_t>;
    typename V::narrower;
    { V::load_vector(from) } -> std::same_as<typename V::vector>;
    V::store(to, v);
    { V::all8(std::int8_t{}) } -> std::same_as<typename V::vector>;
    { V::largest8(v, v) } -> std::same_as<typename V::vector>;
};

/// The width of the narrowest vector of a provider.
template <byte_provider V> constexpr std::ptrdiff_t narrowest_width = V::width;
template <byte_provider V>
requires byte_provider<typename V::narrower>
constexpr std::ptrdiff_t narrowest_width<V> = narrowest_width<typename V::narrower>;

/// What all other kernels ask.
template <class V>
concept vector_provider = byte_provider<V> && requires(const std::int32_t* p32, const std::int16_t* p16, std::int8_t* p,
                                                       typename V::vector v, typename V::floats f) {
    { V::lanes } -> std::convertible_to<int>;
    V::load(p32);
    V::load(p16);
    V::load(p);
    V::load16(p);
    V::store_lanes(p, v);
    V::all16(std::int16_t{});
    V::all32(std::int32_t{});
    V::all64(std::int64_t{});
    V::add32(v, v);
    V::add64(v, v);
    V::double64(v);
    V::subtract16(v, v);
    V::subtract32(v, v);
    V::saturating_add16(v, v);
    V::absolute32(v);
    V::with_sign32(v, v);
    V::both(v, v);
    V::inverted(v);
    V::sign32(v);
    V::least8(v, v);
    V::least32(v, v);
    V::largest32(v, v);
    V::shift_left(v, v);
    V::shift_right(v, v);
    V::shift_right_logical(v, v);
    V::shift_right32(v, 1);
    V::template shift_right16<1>(v);
    V::times128(v);
    V::multiply_high16(v, v);
    V::rounded_high_multiply16(v, v);
    V::multiply_add_pairs16(v, v);
    V::multiply_even(v, v);
    V::odd_to_even(v);
    V::halve64_to_even(v);
    V::even_and_odd(v, v);
    V::interleave_low16(v, v);
    V::interleave_high16(v, v);
    V::narrow32(v, v);
    V::narrow16(v, v);
    V::in_order(v);
    V::halves_in_order(v);
    V::all_floats(1.0f);
    V::to_floats(v);
    V::add_floats(f, f);
    V::multiply_floats(f, f);
    V::truncate(f);
};

/// Whether this translation unit may use an architecture's vectors.
template <class Architecture> constexpr bool has_vectors = requires {
    sizeof(vectors<Architecture>);
};

} // namespace ctq::inline CTQ_TARGET::kernels::vector
