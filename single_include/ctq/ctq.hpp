// ctq: compile-time quantization, as one header.
// Generated: do not edit. Change include/ctq and run script/amalgamate.
//
// MIT License
//
// Copyright (c) 2026 the ctq authors
//
// Permission is hereby granted, free of charge, to any person obtaining a copy
// of this software and associated documentation files (the "Software"), to deal
// in the Software without restriction, including without limitation the rights
// to use, copy, modify, merge, publish, distribute, sublicense, and/or sell
// copies of the Software, and to permit persons to whom the Software is
// furnished to do so, subject to the following conditions:
//
// The above copyright notice and this permission notice shall be included in all
// copies or substantial portions of the Software.
//
// THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR
// IMPLIED, INCLUDING BUT NOT LIMITED TO THE WARRANTIES OF MERCHANTABILITY,
// FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. IN NO EVENT SHALL THE
// AUTHORS OR COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM, DAMAGES OR OTHER
// LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR OTHERWISE, ARISING FROM,
// OUT OF OR IN CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE
// SOFTWARE.

#ifndef CTQ_SINGLE_HEADER
#define CTQ_SINGLE_HEADER 1

// ---- ctq/core/target.hpp
// target: CTQ_TARGET, the inline namespace that everything of ctq stands in, named after the instructions that this
// translation unit may use.
// room: core | runs on: all | heap: no
//
// Inline functions and templates are merged by the linker: of the copies in all translation units one is kept for the
// whole program. Were their names the same, a program with one file compiled for AVX2 could run AVX2 code everywhere.
// The compilers also use what has no kernel here (BMI, XOP), so each set of instructions that they choose of their own
// accord has its part of the name, as far as their macros tell (g++'s are the same for a Cortex-M4 and an M7 of single
// precision); those that a program must ask for (AES, SHA, AMX, CRC32, atomics) have none. On processors that are not
// named here all translation units of a program are compiled for one. Users write ctq::op::conv2d, whatever the target.

// CTQ_TARGET_LEVEL: the step of a chain in which each has all before it.
#if defined(__AVX512F__)
#define CTQ_TARGET_LEVEL for_avx512
#elif defined(__AVX2__)
#define CTQ_TARGET_LEVEL for_avx2
#elif defined(__AVX__)
#define CTQ_TARGET_LEVEL for_avx
#elif defined(__SSE4_2__)
#define CTQ_TARGET_LEVEL for_sse42
#elif defined(__SSE4_1__)
#define CTQ_TARGET_LEVEL for_sse41
#elif defined(__SSSE3__)
#define CTQ_TARGET_LEVEL for_ssse3
#elif defined(__SSE3__)
#define CTQ_TARGET_LEVEL for_sse3
#elif defined(__SSE2__) && !defined(__x86_64__)
#define CTQ_TARGET_LEVEL for_sse2
#elif defined(__SSE__) && !defined(__x86_64__)
#define CTQ_TARGET_LEVEL for_sse
#elif defined(__ARM_FEATURE_SVE2)
#define CTQ_TARGET_LEVEL for_sve2
#elif defined(__ARM_FEATURE_SVE)
#define CTQ_TARGET_LEVEL for_sve
#elif defined(__ARM_FEATURE_MVE)
#define CTQ_TARGET_LEVEL for_helium
#elif defined(__ARM_NEON)
#define CTQ_TARGET_LEVEL for_neon
#elif defined(__ARM_FEATURE_DSP)
#define CTQ_TARGET_LEVEL for_dsp
#elif defined(__riscv_vector) || defined(__riscv_v_min_vlen)
#define CTQ_TARGET_LEVEL for_rvv
#elif defined(__wasm_simd128__)
#define CTQ_TARGET_LEVEL for_simd128
#else
#define CTQ_TARGET_LEVEL for_any
#endif

#define CTQ_TARGET_PASTED(a, b, c, d, e, f, g, h, ...) a##b##c##d##e##f##g##h
#define CTQ_TARGET_PASTE(...) CTQ_TARGET_PASTED(__VA_ARGS__, , , , , , , , )

// CTQ_TARGET_IF(macro, name): the name where the macro is defined as 1, as the compilers define those below; else
// nothing. Pasted to a 1, CTQ_TARGET_IS_ becomes an argument more, which moves the name to the second place.
#define CTQ_TARGET_IS_1 ,
#define CTQ_TARGET_SECOND(first, second, ...) second
#define CTQ_TARGET_CHOSEN(...) CTQ_TARGET_SECOND(__VA_ARGS__)
#define CTQ_TARGET_IF_VALUE(value, name) CTQ_TARGET_CHOSEN(CTQ_TARGET_IS_##value name, , )
#define CTQ_TARGET_IF(macro, name) CTQ_TARGET_IF_VALUE(macro, name)

// CTQ_TARGET_SETS: what is in use beside the chain.
#if defined(__x86_64__) || defined(__i386__)
#define CTQ_TARGET_SCALAR                                                                                              \
    CTQ_TARGET_PASTE(CTQ_TARGET_IF(__FMA__, _fma), CTQ_TARGET_IF(__F16C__, _f16c), CTQ_TARGET_IF(__BMI__, _bmi),       \
                     CTQ_TARGET_IF(__BMI2__, _bmi2), CTQ_TARGET_IF(__LZCNT__, _lzcnt),                                 \
                     CTQ_TARGET_IF(__POPCNT__, _popcnt), CTQ_TARGET_IF(__MOVBE__, _movbe),                             \
                     CTQ_TARGET_IF(__GFNI__, _gfni))
#define CTQ_TARGET_AMD                                                                                                 \
    CTQ_TARGET_PASTE(CTQ_TARGET_IF(__SSE4A__, _sse4a), CTQ_TARGET_IF(__FMA4__, _fma4), CTQ_TARGET_IF(__XOP__, _xop),   \
                     CTQ_TARGET_IF(__TBM__, _tbm))
#define CTQ_TARGET_AVX                                                                                                 \
    CTQ_TARGET_PASTE(CTQ_TARGET_IF(__AVXVNNI__, _avxvnni), CTQ_TARGET_IF(__AVXIFMA__, _avxifma),                       \
                     CTQ_TARGET_IF(__AVXVNNIINT8__, _avxvnniint8), CTQ_TARGET_IF(__AVXVNNIINT16__, _avxvnniint16),     \
                     CTQ_TARGET_IF(__AVXNECONVERT__, _avxneconvert), CTQ_TARGET_IF(__AVX10_1__, _avx10),               \
                     CTQ_TARGET_IF(__AVX10_2__, _avx102), CTQ_TARGET_IF(__APX_F__, _apx))
#if defined(__AVX512F__)
#define CTQ_TARGET_AVX512                                                                                              \
    CTQ_TARGET_PASTE(CTQ_TARGET_IF(__AVX512BW__, _bw), CTQ_TARGET_IF(__AVX512DQ__, _dq),                               \
                     CTQ_TARGET_IF(__AVX512VL__, _vl), CTQ_TARGET_IF(__AVX512CD__, _cd),                               \
                     CTQ_TARGET_IF(__AVX512ER__, _er), CTQ_TARGET_IF(__EVEX512__, _evex512),                           \
                     CTQ_TARGET_IF(__AVX512VNNI__, _vnni), CTQ_TARGET_IF(__AVX512VPOPCNTDQ__, _vpopcntdq))
#define CTQ_TARGET_AVX512_LATER                                                                                        \
    CTQ_TARGET_PASTE(CTQ_TARGET_IF(__AVX512VBMI__, _vbmi), CTQ_TARGET_IF(__AVX512VBMI2__, _vbmi2),                     \
                     CTQ_TARGET_IF(__AVX512IFMA__, _ifma), CTQ_TARGET_IF(__AVX512BITALG__, _bitalg),                   \
                     CTQ_TARGET_IF(__AVX512BF16__, _bf16), CTQ_TARGET_IF(__AVX512FP16__, _fp16))
#else
#define CTQ_TARGET_AVX512
#define CTQ_TARGET_AVX512_LATER
#endif
#define CTQ_TARGET_SETS                                                                                                \
    CTQ_TARGET_PASTE(CTQ_TARGET_SCALAR, CTQ_TARGET_AMD, CTQ_TARGET_AVX, CTQ_TARGET_AVX512, CTQ_TARGET_AVX512_LATER)

#elif defined(__aarch64__) || defined(__arm__)
#if defined(__ARM_FP)
#define CTQ_TARGET_FLOAT_SIZES CTQ_TARGET_PASTE(_fp, __ARM_FP)
#else
#define CTQ_TARGET_FLOAT_SIZES
#endif
#if defined(__ARM_ARCH_ISA_THUMB)
#define CTQ_TARGET_THUMB CTQ_TARGET_PASTE(_thumb, __ARM_ARCH_ISA_THUMB)
#else
#define CTQ_TARGET_THUMB
#endif
#if defined(__ARM_FEATURE_MVE)
#define CTQ_TARGET_MVE CTQ_TARGET_PASTE(_mve, __ARM_FEATURE_MVE)
#else
#define CTQ_TARGET_MVE
#endif
#if defined(__ARM_FEATURE_SVE_BITS)
#define CTQ_TARGET_SVE_BITS CTQ_TARGET_PASTE(_sve, __ARM_FEATURE_SVE_BITS)
#else
#define CTQ_TARGET_SVE_BITS
#endif
#define CTQ_TARGET_CORE                                                                                                \
    CTQ_TARGET_PASTE(_v, __ARM_ARCH, CTQ_TARGET_IF(__ARM_ARCH_8_1M_MAIN__, _1m), CTQ_TARGET_THUMB,                     \
                     CTQ_TARGET_FLOAT_SIZES, CTQ_TARGET_IF(__ARM_FEATURE_FMA, _fma),                                   \
                     CTQ_TARGET_IF(__ARM_FEATURE_IDIV, _idiv), CTQ_TARGET_IF(__ARM_FEATURE_UNALIGNED, _unaligned))
#define CTQ_TARGET_VECTOR                                                                                              \
    CTQ_TARGET_PASTE(CTQ_TARGET_MVE, CTQ_TARGET_SVE_BITS, CTQ_TARGET_IF(__ARM_FEATURE_SVE2p1, _sve2p1),                \
                     CTQ_TARGET_IF(__ARM_FEATURE_DOTPROD, _dotprod), CTQ_TARGET_IF(__ARM_FEATURE_MATMUL_INT8, _i8mm),  \
                     CTQ_TARGET_IF(__ARM_FEATURE_QRDMX, _qrdmx), CTQ_TARGET_IF(__ARM_FEATURE_COMPLEX, _complex),       \
                     CTQ_TARGET_IF(__ARM_FEATURE_FRINT, _frint))
#define CTQ_TARGET_LATER                                                                                               \
    CTQ_TARGET_PASTE(                                                                                                  \
        CTQ_TARGET_IF(__ARM_FEATURE_FP16_SCALAR_ARITHMETIC, _fp16scalar),                                              \
        CTQ_TARGET_IF(__ARM_FEATURE_FP16_VECTOR_ARITHMETIC, _fp16), CTQ_TARGET_IF(__ARM_FEATURE_FP16_FML, _fp16fml),   \
        CTQ_TARGET_IF(__ARM_FEATURE_BF16_VECTOR_ARITHMETIC, _bf16), CTQ_TARGET_IF(__ARM_FEATURE_MOPS, _mops))
#define CTQ_TARGET_SETS CTQ_TARGET_PASTE(CTQ_TARGET_CORE, CTQ_TARGET_VECTOR, CTQ_TARGET_LATER)

#elif defined(__riscv)
// An extension's macro is its version.
#if defined(__riscv_zba)
#define CTQ_TARGET_ZBA _zba
#else
#define CTQ_TARGET_ZBA
#endif
#if defined(__riscv_zbb)
#define CTQ_TARGET_ZBB _zbb
#else
#define CTQ_TARGET_ZBB
#endif
#if defined(__riscv_zbs)
#define CTQ_TARGET_ZBS _zbs
#else
#define CTQ_TARGET_ZBS
#endif
#if defined(__riscv_zbkb)
#define CTQ_TARGET_ZBKB _zbkb
#else
#define CTQ_TARGET_ZBKB
#endif
#if defined(__riscv_zicond)
#define CTQ_TARGET_ZICOND _zicond
#else
#define CTQ_TARGET_ZICOND
#endif
#if defined(__riscv_zfa)
#define CTQ_TARGET_ZFA _zfa
#else
#define CTQ_TARGET_ZFA
#endif
#if defined(__riscv_zcb)
#define CTQ_TARGET_ZCB _zcb
#else
#define CTQ_TARGET_ZCB
#endif
#if defined(__riscv_zcmp)
#define CTQ_TARGET_ZCMP _zcmp
#else
#define CTQ_TARGET_ZCMP
#endif
#if defined(__riscv_zvbb)
#define CTQ_TARGET_ZVBB _zvbb
#else
#define CTQ_TARGET_ZVBB
#endif
#if defined(__riscv_flen)
#define CTQ_TARGET_FLOAT_BITS CTQ_TARGET_PASTE(_flen, __riscv_flen)
#else
#define CTQ_TARGET_FLOAT_BITS
#endif
#if defined(__riscv_v_min_vlen)
#define CTQ_TARGET_VECTOR_BITS                                                                                         \
    CTQ_TARGET_PASTE(_vlen, __riscv_v_min_vlen, _elen, __riscv_v_elen, _fp, __riscv_v_elen_fp)
#else
#define CTQ_TARGET_VECTOR_BITS
#endif
#define CTQ_TARGET_CORE                                                                                                \
    CTQ_TARGET_PASTE(CTQ_TARGET_IF(__riscv_mul, _mul), CTQ_TARGET_IF(__riscv_div, _div),                               \
                     CTQ_TARGET_IF(__riscv_compressed, _c), CTQ_TARGET_FLOAT_BITS, CTQ_TARGET_ZFA, CTQ_TARGET_ZICOND,  \
                     CTQ_TARGET_ZCB, CTQ_TARGET_ZCMP)
#define CTQ_TARGET_VECTOR CTQ_TARGET_PASTE(CTQ_TARGET_VECTOR_BITS, CTQ_TARGET_ZVBB)
#define CTQ_TARGET_BITS CTQ_TARGET_PASTE(CTQ_TARGET_ZBA, CTQ_TARGET_ZBB, CTQ_TARGET_ZBS, CTQ_TARGET_ZBKB)
#define CTQ_TARGET_SETS CTQ_TARGET_PASTE(CTQ_TARGET_CORE, CTQ_TARGET_BITS, CTQ_TARGET_VECTOR)

#else
#define CTQ_TARGET_SETS
#endif

#define CTQ_TARGET CTQ_TARGET_PASTE(CTQ_TARGET_LEVEL, CTQ_TARGET_SETS)

// ---- ctq/core/version.hpp
// The library's version, written in this place only: CMake reads it from here, an emitted header compares with it.
// room: core | runs on: all | heap: no

#define CTQ_VERSION_MAJOR 0
#define CTQ_VERSION_MINOR 1
#define CTQ_VERSION_PATCH 0

namespace ctq::inline CTQ_TARGET {

/// The parts of the version; semantic versioning: a change of `major` (of `minor` while major is 0) may break users.
inline constexpr int version_major = CTQ_VERSION_MAJOR;
inline constexpr int version_minor = CTQ_VERSION_MINOR;
inline constexpr int version_patch = CTQ_VERSION_PATCH;

/// The same as text.
inline constexpr char version[] = "0.1.0";

} // namespace ctq::inline CTQ_TARGET
#include <array>
#include <bit>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <iterator>
#include <limits>
#include <optional>
#include <span>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>

// ---- ctq/core/integer.hpp
// Integer steps that requantization, rules and kernels share: saturation, rounding shifts, quotients.
// room: core | runs on: all | heap: no | float: no

namespace ctq::inline CTQ_TARGET {

/// `value` clamped to the range of the integer type `T`. Total: every value of `Wide` is allowed.
template <std::integral T, std::integral Wide> constexpr T saturate(Wide value) {
    constexpr auto low = std::numeric_limits<T>::min();
    constexpr auto high = std::numeric_limits<T>::max();
    static_assert(std::signed_integral<Wide> && sizeof(Wide) > sizeof(T),
                  "ctq: saturate: a wider signed type is required; widen the value first");
    if (value < static_cast<Wide>(low)) return low;
    if (value > static_cast<Wide>(high)) return high;
    return static_cast<T>(value);
}

/// Sum, difference and product modulo 2^bits, as two's complement has them: total.
template <std::signed_integral T> constexpr T wrapped_sum(T a, T b) {
    using bits = std::make_unsigned_t<T>;
    return static_cast<T>(static_cast<bits>(static_cast<bits>(a) + static_cast<bits>(b)));
}
template <std::signed_integral T> constexpr T wrapped_difference(T a, T b) {
    using bits = std::make_unsigned_t<T>;
    return static_cast<T>(static_cast<bits>(static_cast<bits>(a) - static_cast<bits>(b)));
}
template <std::signed_integral T> constexpr T wrapped_product(T a, T b) {
    using bits = std::make_unsigned_t<T>;
    static_assert(sizeof(T) >= sizeof(int), "ctq: wrapped_product: 32 bits or more are required; promotion to int of "
                                            "narrower factors can overflow");
    return static_cast<T>(static_cast<bits>(a) * static_cast<bits>(b));
}

/// The quotient towards zero modulo 2^bits, 0 where b is 0: total.
template <std::signed_integral T> constexpr T wrapped_quotient(T a, T b) {
    if (b == 0) return T{0};
    return b == -1 ? wrapped_difference(T{0}, a) : static_cast<T>(a / b);
}

/// `value` clamped to [low, high]; low <= high.
template <std::integral T> constexpr T clamp_to(T value, T low, T high) {
    return value < low ? low : (value > high ? high : value);
}

/// What a rounding shift by `shift` adds before it shifts: 2^(shift-1), or 0 for shift <= 0. shift < bits of T.
template <std::signed_integral T> constexpr T rounding_half(int shift) {
    return shift > 0 ? static_cast<T>(T{1} << (shift - 1)) : T{0};
}

/// floor(value / 2^shift + 1/2): halves go up. shift >= 0; value + 2^(shift-1) must fit T.
template <std::signed_integral T> constexpr T rounding_shift_right(T value, int shift) {
    return static_cast<T>((value + rounding_half<T>(shift)) >> shift);
}

/// value / 2^shift rounded to nearest, halves away from zero. 0 <= shift <= 31; total (gemmlowp's
/// RoundingDivideByPOT).
constexpr std::int32_t rounding_divide_by_power_of_two(std::int32_t value, int shift) {
    const auto mask = static_cast<std::int32_t>((std::int64_t{1} << shift) - 1);
    const std::int32_t remainder = value & mask;
    const std::int32_t threshold = (mask >> 1) + (value < 0 ? 1 : 0);
    return (value >> shift) + (remainder > threshold ? 1 : 0);
}

/// floor(a * b / 2^31 + 1/2), saturated in the one case that overflows, a = b = -2^31 (gemmlowp's
/// SaturatingRoundingDoublingHighMul, AArch64 `sqrdmulh`).
constexpr std::int32_t saturating_rounding_doubling_high_multiply(std::int32_t a, std::int32_t b) {
    constexpr auto lowest = std::numeric_limits<std::int32_t>::min();
    if (a == lowest && b == lowest) return std::numeric_limits<std::int32_t>::max();
    return static_cast<std::int32_t>((std::int64_t{a} * b + (std::int64_t{1} << 30)) >> 31);
}

/// floor(numerator / denominator + 1/2): halves go up. denominator > 0; |numerator| < 2^61, denominator < 2^61.
constexpr std::int64_t rounding_divide(std::int64_t numerator, std::int64_t denominator) {
    const std::int64_t shifted = 2 * numerator + denominator;
    const std::int64_t divisor = 2 * denominator;
    const std::int64_t quotient = shifted / divisor;
    return quotient - (shifted % divisor < 0 ? 1 : 0);
}

/// The quotient rounded up; dividend >= 0, divisor > 0, their sum fits T.
template <std::integral T> constexpr T divide_up(T dividend, std::type_identity_t<T> divisor) {
    return static_cast<T>((dividend + divisor - 1) / divisor);
}

/// `value` rounded up to a multiple of `multiple`; value >= 0, multiple > 0.
template <std::integral T> constexpr T round_up_to(T value, std::type_identity_t<T> multiple) {
    return static_cast<T>(divide_up(value, multiple) * multiple);
}

} // namespace ctq::inline CTQ_TARGET

// ---- ctq/core/diagnostics.hpp
// The one way in which code that firmware includes reports a fault.
// room: core | runs on: all | heap: no | exceptions: only where the host has them

#if defined(__cpp_exceptions)
#include <cstddef>
#include <exception>
#endif

namespace ctq::inline CTQ_TARGET {

#if defined(__cpp_exceptions)
/// A model, an attribute or a shape that breaks a rule. The host tool adds file and node and prints one line.
/// std::runtime_error would make every translation unit of a model read <string>: a tenth of what it takes to compile.
class model_error : public std::exception {
    char text_[1024] = {};

  public:
    /// Copies `text`; what is longer than 1023 characters is cut.
    explicit model_error(const char* text) noexcept {
        for (std::size_t i = 0; i + 1 < sizeof(text_) && text[i] != '\0'; ++i) text_[i] = text[i];
    }
    [[nodiscard]] const char* what() const noexcept override { return text_; }
};
#endif

/// Reports `what` and does not return. It is not constexpr: during constant evaluation the call itself is the
/// compiler's error, and the text stands in the line that the compiler shows. On a host it throws `model_error`;
/// built without exceptions it stops the program.
[[noreturn]] inline void fail([[maybe_unused]] const char* what) {
#if defined(__cpp_exceptions)
    throw model_error(what);
#else
    __builtin_trap();
#endif
}

/// Calls fail() unless `holds`.
constexpr void require(bool holds, const char* what) {
    if (!holds) fail(what);
}

} // namespace ctq::inline CTQ_TARGET

// ---- ctq/core/shape.hpp
// shape: the extents of a tensor, row-major, the last axis contiguous. Activations of images are NHWC.
// room: core | runs on: all | heap: no | a structural type, so a template argument can carry it

namespace ctq::inline CTQ_TARGET {

/// Up to `max_rank` extents, each >= 0. A default-made shape has rank 0: one element, a scalar.
struct shape {
    static constexpr int max_rank = 6;

    int rank = 0;
    std::array<std::int32_t, max_rank> extent{};

    constexpr shape() = default;
    constexpr shape(std::initializer_list<std::int32_t> extents) {
        for (std::int32_t value : extents) append(value);
    }

    constexpr std::int32_t operator[](int axis) const { return extent[static_cast<std::size_t>(axis)]; }
    constexpr std::int32_t& operator[](int axis) { return extent[static_cast<std::size_t>(axis)]; }

    constexpr void append(std::int32_t value) {
        require(rank < max_rank, "a shape has at most 6 axes; merge some of them");
        (*this)[rank++] = value;
    }

    /// Product of the extents from axis `first` up to, but without, axis `last`.
    constexpr std::int64_t elements(int first, int last) const {
        std::int64_t product = 1;
        for (int axis = first; axis < last; ++axis) product *= (*this)[axis];
        return product;
    }
    constexpr std::int64_t elements() const { return elements(0, rank); }

    /// `axis` counted from the end when negative, as ONNX does; faults when it is out of range.
    constexpr int normalized_axis(int axis) const {
        require(axis >= -rank && axis < rank, "the axis is out of the tensor's range; use -rank .. rank-1");
        return axis < 0 ? axis + rank : axis;
    }

    friend constexpr bool operator==(const shape&, const shape&) = default;
};

/// The shape of `a op b` under numpy's broadcasting: aligned at the last axis, an extent of 1 stretches.
constexpr shape broadcast(const shape& a, const shape& b) {
    const int rank = a.rank > b.rank ? a.rank : b.rank;
    shape result;
    for (int axis = 0; axis < rank; ++axis) {
        const int in_a = axis - (rank - a.rank), in_b = axis - (rank - b.rank);
        const std::int32_t from_a = in_a < 0 ? 1 : a[in_a], from_b = in_b < 0 ? 1 : b[in_b];
        require(from_a == from_b || from_a == 1 || from_b == 1,
                "the operands' shapes do not broadcast; make each pair of extents equal or one of them 1");
        result.append(from_a == 1 ? from_b : from_a);
    }
    return result;
}

/// Row-major strides, in elements.
constexpr std::array<std::int64_t, shape::max_rank> strides_of(const shape& of) {
    std::array<std::int64_t, shape::max_rank> strides{};
    std::int64_t step = 1;
    for (int axis = of.rank - 1; axis >= 0; --axis) {
        strides[static_cast<std::size_t>(axis)] = step;
        step *= of[axis];
    }
    return strides;
}

/// Strides by which a tensor of shape `of` is walked while the walk runs over the broadcast shape `over`.
constexpr std::array<std::int64_t, shape::max_rank> broadcast_strides(const shape& of, const shape& over) {
    const auto own = strides_of(of);
    std::array<std::int64_t, shape::max_rank> strides{};
    for (int axis = 0; axis < of.rank; ++axis) {
        const auto target = static_cast<std::size_t>(axis + over.rank - of.rank);
        strides[target] = of[axis] == 1 ? 0 : own[static_cast<std::size_t>(axis)];
    }
    return strides;
}

} // namespace ctq::inline CTQ_TARGET

// ---- ctq/execute/element_range.hpp
// element_range: how an executor sees what run() is given: elements in row-major order, one after the other.
// room: execute | runs on: all | heap: no

namespace ctq::inline CTQ_TARGET {

/// `of(range, wanted)` gives something with begin(), size(), `extent` (a span's, or std::dynamic_extent) and
/// `value_type`; `wanted` is the shape of the model's input or output. Contiguous ranges are spans, and have no shape
/// to be wrong. Specialised for tensors: ctq/xtensor.hpp.
template <class Range> struct element_range {
    static constexpr auto of(Range& range, const shape&) {
        if constexpr (requires { std::span(range); }) {
            using elements = decltype(std::span(range));
            if constexpr (elements::extent != std::dynamic_extent)
                return elements(range);
            else // from where it begins: the data() of a view of xtensor's is that of the whole
                return elements(std::begin(range), std::size(range));
        } else {
            static_assert(
                requires { std::span(range); },
                "ctq: run: ranges whose elements lie one after the other are required, which "
                "std::vector<bool> is not; use std::array, or include ctq/xtensor.hpp for xtensor's tensors");
            return std::span<std::iter_value_t<decltype(std::begin(range))>>(); // so that this is all that is said
        }
    }
};

} // namespace ctq::inline CTQ_TARGET

// ---- ctq/execute/node_list.hpp
// node_list: values of different types in a row, for networks of hundreds of layers: std::tuple and fold expressions
// cost compilers time that grows with the square of their length, and end at 256 (clang) or 900 (g++) elements.
// room: execute | runs on: all | heap: no

namespace ctq::inline CTQ_TARGET {

namespace detail {

template <std::size_t I, class T> struct node_place { T value; };

} // namespace detail

template <class Indices, class... T> struct node_list;

template <std::size_t... I, class... T>
struct node_list<std::index_sequence<I...>, T...> : detail::node_place<I, T>... {
    static constexpr std::size_t size = sizeof...(T);
};

template <class... T> constexpr node_list<std::index_sequence_for<T...>, T...> nodes(const T&... each) {
    return {{each}...};
}

/// Element I.
template <std::size_t I, class T> constexpr const T& get(const detail::node_place<I, T>& place) {
    return place.value;
}

namespace detail {

/// Calls visit(std::integral_constant<std::size_t, I>{}) for I = 0 .. Count - 1.
template <std::size_t Count, class Visitor> constexpr void for_each_index(Visitor&& visit) {
    [&]<std::size_t... I>(std::index_sequence<I...>) {
        const std::array<bool, Count> done{(visit(std::integral_constant<std::size_t, I>{}), true)...};
        static_cast<void>(done);
    }
    (std::make_index_sequence<Count>{});
}

/// An array of what make(std::integral_constant<std::size_t, I>{}) gives for I = 0 .. Count - 1.
template <class T, std::size_t Count, class Maker> constexpr std::array<T, Count> array_of(Maker&& make) {
    return [&]<std::size_t... I>(std::index_sequence<I...>) {
        return std::array<T, Count>{make(std::integral_constant<std::size_t, I>{})...};
    }
    (std::make_index_sequence<Count>{});
}

/// True when every element is.
template <std::size_t Count> constexpr bool all_of(const std::array<bool, Count>& each) {
    for (const bool one : each)
        if (!one) return false;
    return true;
}

} // namespace detail

} // namespace ctq::inline CTQ_TARGET

// ---- ctq/core/dtype.hpp
// dtype: how the elements of a tensor are stored, and the C++ type of each. The one list of element types in ctq.
// room: core | runs on: all | heap: no

namespace ctq::inline CTQ_TARGET {

enum class dtype : std::uint8_t { float32, int8, uint8, int16, int32, boolean, int4, uint16, int64 };

constexpr int dtype_count = 9;

/// The element type of dtype::boolean; a byte of its own, because std::vector<bool> has no elements to point at.
enum class boolean : std::uint8_t { no, yes };

/// The element type of dtype::int4: two integers of -8 .. 7 in a byte, the first in the low half, as ONNX and TFLite
/// store them.
struct int4_pair {
    std::uint8_t bits = 0;

    constexpr std::int32_t operator[](std::size_t half) const {
        const auto field = static_cast<std::int32_t>((bits >> (half % 2 * 4)) & 15U);
        return field < 8 ? field : field - 16;
    }
    constexpr void set(std::size_t half, std::int32_t value) {
        const auto shift = static_cast<unsigned>(half % 2 * 4);
        const auto field = static_cast<std::uint32_t>(value) & 15U;
        bits = static_cast<std::uint8_t>((bits & (240U >> shift)) | (field << shift));
    }
    friend constexpr bool operator==(const int4_pair&, const int4_pair&) = default;
};

namespace detail {

template <dtype Type> struct element_of;
template <> struct element_of<dtype::float32> { using type = float; };
template <> struct element_of<dtype::int8> { using type = std::int8_t; };
template <> struct element_of<dtype::uint8> { using type = std::uint8_t; };
template <> struct element_of<dtype::int16> { using type = std::int16_t; };
template <> struct element_of<dtype::int32> { using type = std::int32_t; };
template <> struct element_of<dtype::boolean> { using type = boolean; };
template <> struct element_of<dtype::int4> { using type = int4_pair; };
template <> struct element_of<dtype::uint16> { using type = std::uint16_t; };
template <> struct element_of<dtype::int64> { using type = std::int64_t; };

template <class T, int Type = 0> constexpr int position_of_element() {
    if constexpr (Type == dtype_count)
        return Type;
    else if constexpr (std::is_same_v<T, typename element_of<static_cast<dtype>(Type)>::type>)
        return Type;
    else
        return position_of_element<T, Type + 1>();
}

} // namespace detail

/// What an array of elements of this type is made of.
template <dtype Type> using element = typename detail::element_of<Type>::type;

/// The dtype of a C++ element type.
template <class T>
constexpr dtype dtype_of = [] {
    constexpr int found = detail::position_of_element<T>();
    static_assert(found < dtype_count,
                  "ctq: dtype_of: an element type of ctq::dtype is required; use float or a fixed-width integer");
    return static_cast<dtype>(found);
}();

/// Calls `visitor` with a value of the C++ element type that `type` stands for.
template <class Visitor> constexpr decltype(auto) with_element_type(dtype type, Visitor&& visitor) {
    switch (type) {
    case dtype::float32:
        return visitor(float{});
    case dtype::int8:
        return visitor(std::int8_t{});
    case dtype::uint8:
        return visitor(std::uint8_t{});
    case dtype::int16:
        return visitor(std::int16_t{});
    case dtype::int32:
        return visitor(std::int32_t{});
    case dtype::boolean:
        return visitor(boolean{});
    case dtype::int4:
        return visitor(int4_pair{});
    case dtype::uint16:
        return visitor(std::uint16_t{});
    default:
        return visitor(std::int64_t{});
    }
}

/// The same for the types that operators calculate with: float32, int32 and int64.
template <class Visitor> constexpr decltype(auto) with_number_type(dtype type, Visitor&& visitor) {
    switch (type) {
    case dtype::float32:
        return visitor(float{});
    case dtype::int32:
        return visitor(std::int32_t{});
    default:
        return visitor(std::int64_t{});
    }
}

/// Array entries that so many elements take: two int4 share one.
constexpr std::size_t entries_of(dtype type, std::size_t elements) {
    return type == dtype::int4 ? divide_up(elements, 2) : elements;
}

/// Bytes that so many elements take.
constexpr std::size_t bytes_of(dtype type, std::size_t elements) {
    return with_element_type(type, [](auto each) { return sizeof(each); }) * entries_of(type, elements);
}

constexpr bool is_integer(dtype type) {
    return type != dtype::float32 && type != dtype::boolean;
}

/// The name used in reports and in emitted headers.
constexpr std::string_view name_of(dtype type) {
    switch (type) {
    case dtype::float32:
        return "float32";
    case dtype::int8:
        return "int8";
    case dtype::uint8:
        return "uint8";
    case dtype::int16:
        return "int16";
    case dtype::int32:
        return "int32";
    case dtype::boolean:
        return "boolean";
    case dtype::int4:
        return "int4";
    case dtype::uint16:
        return "uint16";
    default:
        return "int64";
    }
}

} // namespace ctq::inline CTQ_TARGET

// ---- ctq/core/exact.hpp
// Floating point in separately rounded steps: products that no compiler may fuse with the addition that follows.
// room: core | runs on: all | heap: no

namespace ctq::inline CTQ_TARGET {

/// `value`, rounded to its type and opaque to contraction: an operation on the result cannot be fused with the one that
/// made `value` (no fma), whatever -ffp-contract and -march say. Costs no instruction, but a loop around it is not
/// vectorized where the target can fuse; on targets known not to fuse it is nothing at all. On a target that this file
/// does not know the value goes through memory: slow, but right.
///
/// An empty asm holds the value in a register, because nothing milder is obeyed: clang's -ffp-contract=fast ignores
/// `#pragma clang fp contract(off)`, g++ drops __builtin_assoc_barrier unless -fassociative-math is on.
template <class Float> constexpr Float exact(Float value) {
    static_assert(std::is_same_v<Float, float> || std::is_same_v<Float, double>);
    if (!std::is_constant_evaluated()) {
#if defined(__FMA__) || defined(__FMA4__) || defined(__AVX512F__)
        asm("" : "+x"(value));
#elif defined(__aarch64__)
        asm("" : "+w"(value));
#elif (defined(__powerpc__) && !defined(_SOFT_FLOAT)) || defined(__s390__)
        asm("" : "+f"(value));
#elif defined(__ARM_FEATURE_FMA) && defined(__ARM_FP)
        if constexpr (sizeof(Float) == 4) {
            asm("" : "+t"(value));
        } else if constexpr ((__ARM_FP & 8) != 0) {
            asm("" : "+w"(value));
        }
#elif defined(__riscv_flen)
        if constexpr (sizeof(Float) * 8 <= __riscv_flen) asm("" : "+f"(value));
#elif !(defined(__x86_64__) || defined(__i386__) || defined(__arm__) || defined(__riscv) || defined(__wasm__))
        asm("" : "+m"(value));
#endif
    }
    return value;
}

/// a * b + c with two roundings, on every machine, as in constant evaluation.
constexpr float multiply_add_unfused(float a, float b, float c) {
    return exact(a * b) + c;
}
constexpr double multiply_add_unfused(double a, double b, double c) {
    return exact(a * b) + c;
}

} // namespace ctq::inline CTQ_TARGET

// ---- ctq/core/elementary.hpp
// Elementary functions that give the same bits in every compiler, on every machine, in constant evaluation and at run
// time: plain double arithmetic in separately rounded steps, no library call, no fma (see exact.hpp).
// room: core | runs on: all (soft double on small targets: meant for the compiler and the host) | heap: no
//
// Errors are bounds in units in the last place, tested against std:: in long double. Not for -ffast-math.

namespace ctq::inline CTQ_TARGET::elementary {

namespace detail {

inline constexpr double infinity = std::numeric_limits<double>::infinity();
inline constexpr double not_a_number = std::numeric_limits<double>::quiet_NaN();
inline constexpr double two_to_52 = 4503599627370496.0;
inline constexpr double ln2_high = 0x1.62e42feep-1; // 33 bits: its product with an exponent is exact
inline constexpr double ln2_low = 0x1.a39ef35793c76p-33;

} // namespace detail

/// True for NaN only.
constexpr bool is_nan(double x) {
    return x != x;
}

/// True if the sign bit is set: for -0.0 too.
constexpr bool sign_bit(double x) {
    return (std::bit_cast<std::uint64_t>(x) >> 63) != 0;
}

/// |x|. Exact.
constexpr double absolute(double x) {
    return std::bit_cast<double>(std::bit_cast<std::uint64_t>(x) & 0x7FFFFFFFFFFFFFFFU);
}
constexpr float absolute(float x) {
    return std::bit_cast<float>(std::bit_cast<std::uint32_t>(x) & 0x7FFFFFFFU);
}

/// True for every number that is neither infinite nor NaN.
constexpr bool is_finite(double x) {
    return absolute(x) < detail::infinity;
}

/// The magnitude of `x` with the sign of `sign`. Exact.
constexpr double copy_sign(double x, double sign) {
    return sign_bit(x) == sign_bit(sign) ? x : -x;
}

/// The largest integer not above x. Exact; -0.0, infinities and NaN come back.
constexpr double floor(double x) {
    if (!(absolute(x) < detail::two_to_52) || x == 0.0) return x;
    const auto truncated = static_cast<double>(static_cast<std::int64_t>(x));
    return copy_sign(truncated > x ? truncated - 1.0 : truncated, x);
}

/// The smallest integer not below x. Exact.
constexpr double ceil(double x) {
    return -floor(-x);
}

/// The nearest integer, halves to even (std::nearbyint in the default mode). Exact.
constexpr double round_half_even(double x) {
    const double size = absolute(x);
    if (!(size < detail::two_to_52)) return x;
    return copy_sign(exact(size + detail::two_to_52) - detail::two_to_52, x);
}

/// The nearest integer, halves away from zero (std::round). Exact.
constexpr double round_half_away(double x) {
    const double size = absolute(x);
    if (!(size < detail::two_to_52)) return x;
    const double below = floor(size);
    return copy_sign(size - below >= 0.5 ? below + 1.0 : below, x);
}

/// value = fraction * 2^exponent with 1/2 <= |fraction| < 1; zero, infinity and NaN have exponent 0 and are their
/// fraction.
struct fraction_and_exponent {
    double fraction = 0.0;
    int exponent = 0;
};

/// Takes x apart. Exact.
constexpr fraction_and_exponent frexp(double x) {
    if (x == 0.0 || !is_finite(x)) return {x, 0};
    int exponent = 0;
    if (absolute(x) < std::numeric_limits<double>::min()) {
        x *= detail::two_to_52;
        exponent = -52;
    }
    const auto bits = std::bit_cast<std::uint64_t>(x);
    exponent += static_cast<int>((bits >> 52) & 0x7FFU) - 1022;
    return {std::bit_cast<double>((bits & 0x800FFFFFFFFFFFFFU) | 0x3FE0000000000000U), exponent};
}

/// x * 2^exponent, rounded once (exact unless the result is subnormal); overflows to infinity, underflows to zero.
constexpr double ldexp(double x, int exponent) {
    const auto power = [](int e) { return std::bit_cast<double>(static_cast<std::uint64_t>(e + 1023) << 52); };
    if (x == 0.0 || !is_finite(x)) return x;
    const auto [fraction, own] = frexp(x);
    if (exponent > 4000 || own + exponent > 1024) return copy_sign(detail::infinity, x);
    if (exponent < -4000 || own + exponent < -1080) return copy_sign(0.0, x);
    const int target = own + exponent;
    if (target >= -1021) return exact(fraction * 2.0) * power(target - 1);
    return exact(fraction * power(target + 1022)) * power(-1022);
}

/// 2^exponent. Exact.
constexpr double power_of_two(int exponent) {
    return ldexp(1.0, exponent);
}

/// The square root, correctly rounded; NaN below zero.
constexpr double sqrt(double x) {
    if (x == 0.0 || is_nan(x) || x == detail::infinity) return x;
    if (x < 0.0) return detail::not_a_number;
    auto [fraction, exponent] = frexp(x);
    fraction *= (exponent & 1) != 0 ? 2.0 : 4.0; // to 1 .. 4, an even exponent
    exponent -= (exponent & 1) != 0 ? 1 : 2;
    // Newton's iteration for 1 / sqrt, from a guess made of the bits.
    double inverse = std::bit_cast<double>(0x5FE6EB50C7B537A9U - (std::bit_cast<std::uint64_t>(fraction) >> 1));
    for (int i = 0; i < 4; ++i) {
        const double half_square = exact(exact(0.5 * fraction) * exact(inverse * inverse));
        inverse = exact(inverse * (1.5 - half_square));
    }
    // The candidate as an integer of 53 bits, corrected by its exact residual: that is small, so 64 bits hold it
    // although its two terms have 106.
    auto root = static_cast<std::int64_t>(exact(fraction * inverse) * detail::two_to_52);
    const auto radicand = static_cast<std::uint64_t>(fraction * detail::two_to_52) << 52;
    const auto residual = [&] {
        return static_cast<std::int64_t>(radicand -
                                         static_cast<std::uint64_t>(root) * static_cast<std::uint64_t>(root));
    };
    while (residual() > root) ++root;
    while (residual() <= -root) --root;
    return ldexp(static_cast<double>(root), exponent / 2 - 52);
}

namespace detail {

/// e^r - 1 - r over r^2, |r| <= 0.35: the Taylor polynomial.
constexpr double exponential_tail(double r) {
    constexpr double inverse_factorials[] = {1.0 / 2,         1.0 / 6,          1.0 / 24,          1.0 / 120,
                                             1.0 / 720,       1.0 / 5040,       1.0 / 40320,       1.0 / 362880,
                                             1.0 / 3628800.0, 1.0 / 39916800.0, 1.0 / 479001600.0, 1.0 / 6227020800.0};
    double sum = inverse_factorials[11];
    for (int i = 10; i >= 0; --i) sum = multiply_add_unfused(sum, r, inverse_factorials[i]);
    return sum;
}

} // namespace detail

/// e^x. Error under 1 ulp.
constexpr double exp(double x) {
    if (is_nan(x)) return x;
    if (x > 709.782712893384) return detail::infinity;
    if (x < -745.1332191019412) return 0.0;
    const double exponent = round_half_even(exact(x * 1.4426950408889634));
    const double high = x - exact(exponent * detail::ln2_high);
    const double r = high - exact(exponent * detail::ln2_low);
    const double lost = (high - r) - exact(exponent * detail::ln2_low);
    const double tail = exact(exact(r * r) * detail::exponential_tail(r));
    const double sum = 1.0 + r;
    return ldexp(sum + ((r - (sum - 1.0)) + (tail + lost)), static_cast<int>(exponent));
}

/// The natural logarithm. Error under 1 ulp. log(0) = -infinity, NaN below zero.
constexpr double log(double x) {
    if (is_nan(x) || x == detail::infinity) return x;
    if (x == 0.0) return -detail::infinity;
    if (x < 0.0) return detail::not_a_number;
    auto [fraction, exponent] = frexp(x);
    if (fraction < 0.70710678118654757) {
        fraction *= 2.0;
        --exponent;
    }
    // With s = f / (2 + f): log(1 + f) = 2 atanh(s) = f - f^2/2 + s (f^2/2 + R), R = 2 (s^2/3 + s^4/5 + ...).
    const double f = fraction - 1.0;
    const double s = f / (2.0 + f);
    const double z = exact(s * s);
    double series = 2.0 / 25;
    for (int n = 23; n >= 3; n -= 2) series = multiply_add_unfused(series, z, 2.0 / n);
    const double half_square = exact(exact(0.5 * f) * f);
    const double correction = exact(s * (half_square + exact(series * z)));
    const double scale = static_cast<double>(exponent);
    const double low = correction + exact(scale * detail::ln2_low);
    return exact(scale * detail::ln2_high) + (f - (half_square - low));
}

/// The hyperbolic tangent. Error under 1.5 ulp.
constexpr double tanh(double x) {
    const double size = absolute(x);
    if (!(size < 22.0)) return is_nan(x) ? x : copy_sign(1.0, x);
    if (size >= 1.0) return copy_sign(1.0 - 2.0 / (exp(2.0 * size) + 1.0), x);
    // Lambert's continued fraction: tanh x = x - x z / (3 + z + w), z = x^2, w = z / (5 + z / (7 + ...)).
    const double z = exact(x * x);
    double numerator = 1.0;
    double denominator = 5.0;
    double numerator_before = 0.0;
    double denominator_before = 1.0;
    for (double level = 7.0; level <= 21.0; level += 2.0) {
        const double next_numerator = multiply_add_unfused(level, numerator, exact(z * numerator_before));
        const double next_denominator = multiply_add_unfused(level, denominator, exact(z * denominator_before));
        numerator_before = numerator;
        denominator_before = denominator;
        numerator = next_numerator;
        denominator = next_denominator;
    }
    const double w = exact(z * numerator) / denominator;
    return x - exact(x * z) / (3.0 + (z + w));
}

/// 1 / (1 + e^-x). Error under 2 ulp.
constexpr double logistic(double x) {
    if (is_nan(x)) return x;
    const double e = exp(-absolute(x));
    const double sum = 1.0 + e;
    const double lost = (1.0 - sum) + e;
    const double quotient = (x < 0.0 ? e : 1.0) / sum;
    return quotient - exact(quotient * lost) / sum;
}

namespace detail {

/// erf(x) for |x| < 2: 2 / sqrt(pi) * sum of (-z)^n x / (n! (2n + 1)), z = x^2, from the last term: each step divides
/// by its n.
constexpr double erf_near_zero(double x) {
    const double z = exact(x * x);
    double sum = 0.0;
    for (int n = 32; n >= 0; --n) sum = 1.0 / (2 * n + 1) - exact(z * sum) / (n + 1);
    return exact(exact(1.1283791670955126 * x) * sum);
}

/// erfc(x) for x >= 2: e^-z / sqrt(pi) / (x + (1/2) / (x + (2/2) / (x + (3/2) / ...))).
constexpr double erfc_tail(double x) {
    double level = x;
    for (int n = 40; n >= 1; --n) level = x + (0.5 * n) / level;
    return exp(-exact(x * x)) * 0.5641895835477563 / level;
}

} // namespace detail

/// The error function in double steps, for results of float accuracy: relative error under 2^-49.
constexpr double erf_to_float(double x) {
    if (is_nan(x)) return x;
    const double size = absolute(x);
    if (size < 2.0) return detail::erf_near_zero(x);
    return copy_sign(1.0 - detail::erfc_tail(size), x);
}

/// 1 - erf(x) without its cancellation, for results of float accuracy: relative error under 2^-42 down to e^-700.
constexpr double erfc_to_float(double x) {
    if (is_nan(x)) return x;
    if (x >= 2.0) return detail::erfc_tail(x);
    return 1.0 - erf_to_float(x);
}

/// The float forms: the double ones rounded, so within 0.51 ulp of float.
constexpr float exp(float x) {
    return static_cast<float>(exp(static_cast<double>(x)));
}
constexpr float log(float x) {
    return static_cast<float>(log(static_cast<double>(x)));
}
constexpr float sqrt(float x) {
    return static_cast<float>(sqrt(static_cast<double>(x)));
}
constexpr float tanh(float x) {
    return static_cast<float>(tanh(static_cast<double>(x)));
}
constexpr float logistic(float x) {
    return static_cast<float>(logistic(static_cast<double>(x)));
}
constexpr float erf(float x) {
    return static_cast<float>(erf_to_float(static_cast<double>(x)));
}
constexpr float erfc(float x) {
    return static_cast<float>(erfc_to_float(static_cast<double>(x)));
}
constexpr float floor(float x) {
    return static_cast<float>(floor(static_cast<double>(x)));
}
constexpr float ceil(float x) {
    return static_cast<float>(ceil(static_cast<double>(x)));
}
constexpr float round_half_even(float x) {
    return static_cast<float>(round_half_even(static_cast<double>(x)));
}
constexpr float round_half_away(float x) {
    return static_cast<float>(round_half_away(static_cast<double>(x)));
}

} // namespace ctq::inline CTQ_TARGET::elementary

// ---- ctq/core/quantization.hpp
// quantization: how the integers of a tensor stand for reals, and the two conversions.
// room: core | runs on: all | heap: no | source: real = scale * (q - zero_point), TFLite's 8-bit specification

namespace ctq::inline CTQ_TARGET {

/// real = scale * (integer - zero_point). A scale of 0 marks a tensor that is not quantized.
struct quantization {
    float scale = 0;
    std::int32_t zero_point = 0;

    friend constexpr bool operator==(const quantization&, const quantization&) = default;
};

/// The lowest and highest integer that an element may take: an interval. A fused activation narrows it.
struct limits {
    std::int32_t low = std::numeric_limits<std::int32_t>::min();
    std::int32_t high = std::numeric_limits<std::int32_t>::max();

    constexpr std::int32_t clamp(std::int32_t value) const { return value < low ? low : value > high ? high : value; }
    friend constexpr bool operator==(const limits&, const limits&) = default;
};

/// The lowest and highest of integers of any width: what a proof looks at where kernels clamp nothing.
struct interval {
    std::int64_t low = 0, high = 0;

    friend constexpr bool operator==(const interval&, const interval&) = default;
};

/// All that a type can hold. Of float32 and int64, which nothing is clamped to, what 32 bits can, and nobody goes by
/// it: int64 constants (a bias) have the interval of their numbers, interval_of, and int64 activations (token ids,
/// counts) are plain numbers, which no sum that is proved adds up.
constexpr limits limits_of(dtype type) {
    switch (type) {
    case dtype::boolean:
        return {0, 1};
    case dtype::int4:
        return {-8, 7};
    case dtype::int8:
        return {-128, 127};
    case dtype::uint8:
        return {0, 255};
    case dtype::int16:
        return {-32768, 32767};
    case dtype::uint16:
        return {0, 65535};
    default:
        return {};
    }
}

/// Real bounds of an activation such as ReLU6. The default bounds nothing.
struct bounds {
    float low = -std::numeric_limits<float>::infinity();
    float high = std::numeric_limits<float>::infinity();

    constexpr float clamp(float value) const { return value < low ? low : value > high ? high : value; }
    constexpr bool unbounded() const {
        return low == -std::numeric_limits<float>::infinity() && high == std::numeric_limits<float>::infinity();
    }
    friend constexpr bool operator==(const bounds&, const bounds&) = default;

    static constexpr bounds none() { return {}; }
    static constexpr bounds relu() { return {0.0f, std::numeric_limits<float>::infinity()}; }
    static constexpr bounds relu6() { return {0.0f, 6.0f}; }
};

/// False for infinities, for NaN, and for what stands for infinity: masks are written with -1e9 and with the lowest
/// float as well.
constexpr bool is_bounded(double x) {
    return x > -1e9 && x < 1e9;
}

/// The bounds that hold when `first` and then `second` clamp a value.
constexpr bounds chained(const bounds& first, const bounds& second) {
    return {second.clamp(first.low), second.clamp(first.high)};
}

/// [0, 1) as TFLite's integers of a type hold it: without the last step, which saturates. A step is 1/256 in 8 bits,
/// and 2^-15 in 16 bits, whose zero point is 0. Of 32 bits TFLite has none, and the last step stays.
constexpr bounds unit_interval(dtype type) {
    if (type == dtype::int32) return {0.0f, 1.0f};
    return {0.0f, type == dtype::int16 ? 32767.0f / 32768.0f : 255.0f / 256.0f};
}

/// Nearest integer, halves to even; NaN gives 0. It saturates at 2^30 and -2^30, so that a zero point may be added.
/// Beside nearest() for loops over activations: without a branch and without a comparison of reals, either of which
/// keeps g++ from vectorizing them. Bits of a float that is not negative, taken as an integer, are in the order of the
/// floats.
constexpr std::int32_t nearest_int31(float value) {
    constexpr auto end = std::bit_cast<std::int32_t>(0x1p30f), half = std::bit_cast<std::int32_t>(0.5f);
    constexpr auto infinity = std::bit_cast<std::int32_t>(std::numeric_limits<float>::infinity());
    const auto bits = std::bit_cast<std::int32_t>(value);
    const std::int32_t magnitude = bits & std::numeric_limits<std::int32_t>::max();
    const auto distance = std::bit_cast<float>(magnitude > end ? end : magnitude);
    const auto truncated = static_cast<std::int32_t>(distance);
    const auto rest = std::bit_cast<std::int32_t>(distance - static_cast<float>(truncated));
    const std::int32_t rounded = truncated + (rest + (truncated & 1) > half ? 1 : 0);
    const std::int32_t number = rounded & -static_cast<std::int32_t>(magnitude <= infinity);
    const std::int32_t sign = bits >> 31;
    return (number ^ sign) - sign;
}

/// Nearest integer, halves to even, of a double; what does not fit `Integer` saturates; NaN gives 0. Each weight of a
/// model written in C++ is rounded by it, so not by elementary::round_half_even, which takes clang twice the steps.
template <class Integer> constexpr Integer nearest(double value) {
    constexpr Integer least = std::numeric_limits<Integer>::min(), most = std::numeric_limits<Integer>::max();
    constexpr auto low = static_cast<double>(least), high = static_cast<double>(most); // of 64 bits: 2^63, one above
    if (!(value > low)) return value <= low ? least : Integer{0};
    if (value >= high) return most;
    const auto truncated = static_cast<Integer>(value);
    const double rest = value - static_cast<double>(truncated);
    const double distance = rest < 0 ? -rest : rest;
    const bool up = distance > 0.5 || (distance == 0.5 && truncated % 2 != 0);
    return static_cast<Integer>(up ? truncated + (value < 0 ? -1 : 1) : truncated);
}

/// round(real / scale) + zero_point, clamped to `range`. The quotient is a product with the float reciprocal of the
/// scale, so that every machine and compiler forms the same bits; it saturates at 2^30. |zero_point| < 2^30.
constexpr std::int32_t quantize(float real, const quantization& q, const limits& range) {
    return range.clamp(nearest_int31(real * (1.0f / q.scale)) + q.zero_point);
}

/// The same as TFLite's QUANTIZE and its fused activations' bounds round: a true float32 quotient, halves away from
/// zero. NaN gives the zero point. From: TFLite's reference quantize (tested on its results).
constexpr std::int32_t quantize_half_away(float real, const quantization& q, const limits& range) {
    if (elementary::is_nan(static_cast<double>(real))) return range.clamp(q.zero_point);
    const float scaled = real / q.scale;
    const float clipped = scaled < -0x1p30f ? -0x1p30f : scaled > 0x1p30f ? 0x1p30f : scaled;
    return range.clamp(static_cast<std::int32_t>(elementary::round_half_away(clipped)) + q.zero_point);
}

constexpr float dequantize(std::int32_t integer, const quantization& q) {
    return static_cast<float>(integer - q.zero_point) * q.scale;
}

/// The number that a stored element stands for: itself where it is not quantized, and 0 or 1 for a truth value.
template <class T> constexpr float real_of(T element, const quantization& q) {
    if constexpr (std::is_integral_v<T> && sizeof(T) <= sizeof(std::int32_t))
        return q.scale == 0 ? static_cast<float>(element) : dequantize(static_cast<std::int32_t>(element), q);
    else
        return static_cast<float>(element);
}

} // namespace ctq::inline CTQ_TARGET

// ---- ctq/core/tensor.hpp
// tensor: a borrowed, typed, shaped block of elements; what operators and kernels are given.
// room: core | runs on: all | heap: no

namespace ctq::inline CTQ_TARGET {

/// All that is known of a tensor without its elements. `range`: the integers that its elements can take, what the type
/// holds unless something narrower is known: an activation, a precision, a rule's limits.
struct tensor_facts {
    dtype type = dtype::float32;
    ctq::shape shape{};
    ctq::quantization quantization{};
    limits range = limits_of(dtype::float32);

    constexpr tensor_facts() = default;
    constexpr tensor_facts(dtype t, const ctq::shape& of, const ctq::quantization& q = {})
        : type(t), shape(of), quantization(q), range(limits_of(t)) {}
    constexpr tensor_facts(dtype t, const ctq::shape& of, const ctq::quantization& q, const limits& within)
        : type(t), shape(of), quantization(q), range(within) {}

    constexpr std::size_t elements() const { return static_cast<std::size_t>(shape.elements()); }
    constexpr std::size_t bytes() const { return bytes_of(type, elements()); }
    friend constexpr bool operator==(const tensor_facts&, const tensor_facts&) = default;
};

/// Whether the elements are plain integers or booleans, which stand for themselves: positions, labels, masks. Others
/// are reals, or stand for reals by a scale.
constexpr bool is_plain(const tensor_facts& facts) {
    return facts.type != dtype::float32 && facts.quantization.scale == 0;
}

/// The integer that stands for a real in a tensor of these facts.
constexpr std::int32_t quantize(float real, const tensor_facts& facts) {
    return quantize(real, facts.quantization, facts.range);
}

/// A pointer to elements of one of the types of dtype. A union, not a void*: so a tensor can be read in a constant
/// expression, and a wrong type is an error there.
template <bool Writable> class basic_data {
    template <class T> using pointer = std::conditional_t<Writable, T*, const T*>;

    union {
        pointer<float> float32_;
        pointer<std::int8_t> int8_;
        pointer<std::uint8_t> uint8_;
        pointer<std::int16_t> int16_;
        pointer<std::int32_t> int32_;
        pointer<boolean> boolean_;
        pointer<int4_pair> int4_;
        pointer<std::uint16_t> uint16_;
        pointer<std::int64_t> int64_;
    };

  public:
    constexpr basic_data() : float32_(nullptr) {}
    constexpr basic_data(pointer<float> elements) : float32_(elements) {}
    constexpr basic_data(pointer<std::int8_t> elements) : int8_(elements) {}
    constexpr basic_data(pointer<std::uint8_t> elements) : uint8_(elements) {}
    constexpr basic_data(pointer<std::int16_t> elements) : int16_(elements) {}
    constexpr basic_data(pointer<std::int32_t> elements) : int32_(elements) {}
    constexpr basic_data(pointer<boolean> elements) : boolean_(elements) {}
    constexpr basic_data(pointer<int4_pair> elements) : int4_(elements) {}
    constexpr basic_data(pointer<std::uint16_t> elements) : uint16_(elements) {}
    constexpr basic_data(pointer<std::int64_t> elements) : int64_(elements) {}

    template <class T> constexpr pointer<T> as() const {
        constexpr dtype type = dtype_of<T>;
        if constexpr (type == dtype::float32)
            return float32_;
        else if constexpr (type == dtype::int8)
            return int8_;
        else if constexpr (type == dtype::uint8)
            return uint8_;
        else if constexpr (type == dtype::int16)
            return int16_;
        else if constexpr (type == dtype::int32)
            return int32_;
        else if constexpr (type == dtype::boolean)
            return boolean_;
        else if constexpr (type == dtype::int4)
            return int4_;
        else if constexpr (type == dtype::uint16)
            return uint16_;
        else
            return int64_;
    }
};

using data = basic_data<true>;
using const_data = basic_data<false>;

/// The same elements, to be read only.
constexpr const_data read_only(const data& elements, dtype type) {
    return with_element_type(type, [&](auto each) { return const_data(elements.template as<decltype(each)>()); });
}

/// A tensor that an operator reads.
struct const_tensor {
    tensor_facts facts;
    const_data elements;

    constexpr const ctq::shape& shape() const { return facts.shape; }
    constexpr std::size_t size() const { return facts.elements(); }
    constexpr std::int32_t zero_point() const { return facts.quantization.zero_point; }
    template <class T> constexpr const T* as() const { return elements.as<T>(); }
};

/// A tensor that an operator writes.
struct tensor {
    tensor_facts facts;
    data elements;

    constexpr const ctq::shape& shape() const { return facts.shape; }
    constexpr std::size_t size() const { return facts.elements(); }
    constexpr std::int32_t zero_point() const { return facts.quantization.zero_point; }
    template <class T> constexpr T* as() const { return elements.as<T>(); }
    constexpr operator const_tensor() const { return {facts, read_only(elements, facts.type)}; }
};

using const_tensors = std::span<const const_tensor>;
using tensors = std::span<const tensor>;

/// Element `index` of stored integers, int32 but of int64 as it is. This and write_integer are the one place that knows
/// how two int4 share a byte.
template <dtype Type, class Elements> constexpr auto read_integer(const Elements* elements, std::size_t index) {
    static_assert(std::is_same_v<Elements, element<Type>>);
    if constexpr (Type == dtype::int4)
        return elements[index / 2][index];
    else if constexpr (Type == dtype::int64)
        return elements[index];
    else
        return static_cast<std::int32_t>(elements[index]);
}

/// Stores `integer`, which the type must hold, as element `index`.
template <dtype Type, class Elements, std::integral Integer>
constexpr void write_integer(Elements* elements, std::size_t index, Integer integer) {
    static_assert(std::is_same_v<Elements, element<Type>>);
    if constexpr (Type == dtype::int4)
        elements[index / 2].set(index, integer);
    else
        elements[index] = static_cast<Elements>(integer);
}

/// The interval of a tensor's own integers, 0 to 0 of reals and of no elements. Cost: a pass over the elements.
constexpr interval interval_of(const const_tensor& of) {
    return with_element_type(of.facts.type, [&](auto each) {
        constexpr dtype type = dtype_of<decltype(each)>;
        interval found{};
        if constexpr (is_integer(type))
            for (std::size_t i = 0; i < of.size(); ++i) {
                const std::int64_t integer = read_integer<type>(of.as<decltype(each)>(), i);
                if (i == 0) found = {integer, integer};
                found = {integer < found.low ? integer : found.low, integer > found.high ? integer : found.high};
            }
        return found;
    });
}

} // namespace ctq::inline CTQ_TARGET

// ---- ctq/kernels/architecture.hpp
// The instruction sets that kernels are written for, as a chain of tags, and the one that this translation unit may
// use.
// room: kernels | runs on: all | heap: no

// What the compiler's flags allow: the one condition of each instruction set, here and nowhere else.
#if defined(__AVX2__)
#define CTQ_HAS_AVX2
#if defined(__AVX512VNNI__) && defined(__AVX512BW__) && defined(__AVX512VL__) && defined(__AVX512DQ__)
#define CTQ_HAS_AVX512VNNI
#endif
#endif
// What is written once over vectors is read where there are some: kernels/vector/.
#if defined(CTQ_HAS_AVX2)
#define CTQ_HAS_VECTORS
#endif

namespace ctq::inline CTQ_TARGET::kernels {

/// Plain C++: every operator's own definition. The end of every chain.
struct scalar {
    static constexpr std::string_view name = "scalar";
    static constexpr std::size_t alignment = 8; ///< of every buffer in the arena
};

struct avx2 {
    using parent = scalar;
    static constexpr std::string_view name = "avx2";
    static constexpr std::size_t alignment = 64;
};

/// AVX-512 F, BW, DQ, VL and VNNI.
struct avx512vnni {
    using parent = avx2;
    static constexpr std::string_view name = "avx512vnni";
    static constexpr std::size_t alignment = 64;
};

/// What the compiler's flags allow. A program built for several instruction sets compiles one translation unit for each
/// and names the tag itself.
#if defined(CTQ_HAS_AVX512VNNI)
using native = avx512vnni;
#elif defined(CTQ_HAS_AVX2)
using native = avx2;
#else
using native = scalar;
#endif

} // namespace ctq::inline CTQ_TARGET::kernels

// ---- ctq/core/interpolated_table.hpp
// Any function of one real on int16: 513 points with linear interpolation between them, made as TFLite makes them.
// room: core | runs on: all | heap: no | float: only to make a table, in the compiler or on the host

namespace ctq::inline CTQ_TARGET {

/// Points of a table: 512 steps of 128 input integers, both ends included.
constexpr std::size_t interpolated_points = 513;

using interpolated_table = std::array<std::int16_t, interpolated_points>;
using interpolated_table_view = std::span<const std::int16_t, interpolated_points>;

/// The function at x: between two points a straight line, rounded to nearest, halves up. Integers only.
constexpr std::int16_t interpolate(std::int16_t x, interpolated_table_view table) {
    const auto step = static_cast<std::size_t>(256 + (x >> 7));
    const std::int32_t from = table[step], to = table[step + 1];
    return static_cast<std::int16_t>(from + (((to - from) * (x & 127) + 64) >> 7));
}

namespace detail {

/// What a table is made of: the inputs at its points and the factor from reals to output integers, each in float steps
/// of `Real`.
template <class Real> struct table_grid {
    Real first, step, last, factor;

    constexpr table_grid(Real in_scale, std::int32_t in_zero_point, Real out_scale) {
        first = exact(in_scale * static_cast<Real>(-32768 - in_zero_point));
        last = exact(in_scale * static_cast<Real>(32767 - in_zero_point));
        step = (last - first) / Real{512};
        factor = Real{65536} / (exact(out_scale * Real{32767}) - exact(out_scale * Real{-32768}));
    }

    /// The input at point `index`, `beyond` behind it.
    constexpr Real at(std::int32_t index, Real beyond) const {
        return exact(first + exact(static_cast<Real>(index) * step)) + beyond;
    }
};

/// `value` in output integers, rounded with halves away from zero, less `sag`, clamped. NaN gives 0.
template <class Real> constexpr std::int16_t table_entry(Real value, Real sag) {
    constexpr Real low = std::numeric_limits<std::int16_t>::min(), high = std::numeric_limits<std::int16_t>::max();
    if (elementary::is_nan(static_cast<double>(value))) return 0;
    const Real entry = elementary::round_half_away(value) - sag;
    return static_cast<std::int16_t>(entry < low ? low : entry > high ? high : entry);
}

/// Half of the error that a straight line from `from` to `to` makes at `middle`, rounded: a point is moved by that
/// much, so that the ends and the middle share the error. In output integers, not rounded. 0 beside a value that is not
/// finite.
template <class Real> constexpr Real half_the_sag(Real from, Real middle, Real to) {
    using elementary::round_half_away;
    for (const Real value : {from, middle, to})
        if (!elementary::is_finite(static_cast<double>(value))) return Real{0};
    const Real line = round_half_away((to + round_half_away(from)) / Real{2});
    return round_half_away((line - round_half_away(middle)) / Real{2});
}

} // namespace detail

/// The table of `function(Real) -> Real` for inputs of `in_scale` and `in_zero_point` and symmetric outputs of
/// `out_scale`; scales are positive and finite. The points span the inputs -32768 .. 32767 evenly, 65535 / 512 apart,
/// but are read as if they were 128 apart: TFLite's inexactness, at most one input step, kept. `Real` is float or
/// double: what TFLite takes for the kernel in question (float for all but softmax). Every step is rounded separately,
/// so the bits are TFLite's where `function` is correctly rounded; an entry differs by 1 where a value that is off by
/// an ulp crosses a half. Where the function is NaN the output is 0, where it is infinite the nearest end. Cost: 1,025
/// evaluations. From: TFLite's int16 look-up tables (tested on its results for exp, log, rsqrt and gelu).
template <class Real, class Function>
constexpr interpolated_table make_interpolated_table(Real in_scale, std::int32_t in_zero_point, Real out_scale,
                                                     const Function& function) {
    static_assert(std::is_same_v<decltype(function(Real{})), Real>,
                  "ctq: make_interpolated_table: a function from Real to Real is required");
    const detail::table_grid<Real> grid(in_scale, in_zero_point, out_scale);
    const auto output = [&](Real input) {
        const Real value = function(input);
        return elementary::is_nan(static_cast<double>(value)) ? value : exact(value * grid.factor);
    };
    interpolated_table table{};
    Real value = output(grid.at(0, Real{0}));
    for (std::int32_t i = 0; i < 512; ++i) {
        const Real middle = output(grid.at(i, grid.step / Real{2})), next = output(grid.at(i + 1, Real{0}));
        const Real sag = detail::half_the_sag(value, middle, next);
        table[static_cast<std::size_t>(i)] = detail::table_entry(value, sag);
        value = next;
    }
    table.back() = detail::table_entry(output(grid.last), Real{0});
    return table;
}

/// The same for a function of floats between two quantizations; the output's zero point is 0. An operator that is a
/// `unary_function` is such a function.
template <class Function>
constexpr interpolated_table make_interpolated_table(const quantization& in, const quantization& out,
                                                     const Function& function) {
    require(out.zero_point == 0, "an int16 table needs an output with zero point 0");
    return make_interpolated_table<float>(in.scale, in.zero_point, out.scale, function);
}

} // namespace ctq::inline CTQ_TARGET

// ---- ctq/core/scaling.hpp
// scaling: a real scale as integers, and the exact parts of a scale from which every encoding starts.
// room: core | runs on: all | heap: no | float: only to encode, in the compiler or on the host

namespace ctq::inline CTQ_TARGET {

/// A real scale as integers. What the two fields mean is the requantizer's affair.
struct scaling {
    std::int32_t multiplier = 0;
    std::int32_t shift = 0;

    friend constexpr bool operator==(const scaling&, const scaling&) = default;
};

namespace detail {

/// A positive finite scale taken apart exactly: mantissa * 2^(exponent - 53) with 2^52 <= mantissa < 2^53.
struct dissected {
    std::int64_t mantissa = 0;
    int exponent = 0;
};

constexpr dissected dissect(double real_scale) {
    require(real_scale > 0.0 && elementary::is_finite(real_scale), "requantize: a scale must be positive and finite");
    const auto [fraction, exponent] = elementary::frexp(real_scale);
    return {static_cast<std::int64_t>(fraction * 0x1p53), exponent};
}

} // namespace detail

/// The n for which `scale` is 2^n within a thousandth of an octave; none otherwise, or if it is not positive and
/// finite. What TFLite's int16 kernels take for a power of two (CheckedLog2).
constexpr std::optional<int> near_power_of_two(double scale) {
    if (!(scale > 0.0) || !elementary::is_finite(scale)) return std::nullopt;
    constexpr double thousandth_octave = 1.0006933874625806; // 2^(1/1000)
    const auto [fraction, exponent] = elementary::frexp(scale);
    if (fraction * thousandth_octave > 1.0) return exponent;
    if (fraction < 0.5 * thousandth_octave) return exponent - 1;
    return std::nullopt;
}

} // namespace ctq::inline CTQ_TARGET

// ---- ctq/core/double_rounding.hpp
// double_rounding: the requantizer of TFLite's 8-bit kernels and of its 16-bit element-wise ones.
// room: core | runs on: all | heap: no | float: only in encode and decode, which run in the compiler or on the host

namespace ctq::inline CTQ_TARGET {

/// TFLite's MultiplyByQuantizedMultiplier in its classic form, two roundings, to run TFLite models bit for bit:
///
///     r = floor((acc << left) * multiplier / 2^31 + 1/2)           left = max(shift, 0)
///     q = r / 2^right + zero_point, halves away from zero          right = max(-shift, 0)
///
/// The scale is multiplier * 2^(shift - 31), 2^30 <= multiplier < 2^31 (0 for a scale under 2^-32), shift in [-31, 30];
/// note the sign of shift: TFLite's. From: gemmlowp's fixedpoint.h (definition), TFLite's quantization_util
/// (QuantizeMultiplier). A scale above 2^30 is encoded as the largest.
struct double_rounding {
    static constexpr std::string_view name = "double_rounding";
    static constexpr std::string_view cpp_name = "ctq::double_rounding";
    using accumulator_type = std::int32_t;
    using multiplier_type = std::int32_t; ///< what a table of multipliers is kept in

    static constexpr scaling encode(double real_scale) {
        const auto [mantissa, exponent] = detail::dissect(real_scale);
        const std::int64_t multiplier = rounding_shift_right(mantissa, 53 - 31);
        const bool carried = multiplier == std::int64_t{1} << 31;
        const int shift = exponent + (carried ? 1 : 0);
        if (shift < -31) return {0, 0};
        if (shift > 30) return {std::numeric_limits<std::int32_t>::max(), 30};
        return {static_cast<std::int32_t>(carried ? multiplier / 2 : multiplier), shift};
    }

    static constexpr double decode(scaling s) {
        return static_cast<double>(s.multiplier) * elementary::power_of_two(s.shift - 31);
    }

    static constexpr bool shifts_left(scaling s) { return s.shift > 0; }

    static constexpr std::int32_t rounding(scaling) { return 0; }

    static constexpr std::int32_t apply(std::int32_t accumulator, scaling s, std::int32_t zero_point) {
        const int left = s.shift > 0 ? s.shift : 0;
        const int right = s.shift < 0 ? -s.shift : 0;
        const std::int32_t widened = accumulator * (std::int32_t{1} << left);
        const std::int32_t product = saturating_rounding_doubling_high_multiply(widened, s.multiplier);
        return rounding_divide_by_power_of_two(product, right) + zero_point;
    }

    static constexpr std::int32_t apply_folded(std::int32_t accumulator, scaling s, std::int32_t zero_point) {
        return apply(accumulator, s, zero_point);
    }

    /// Leaves room for the zero point and for kernels that round by adding 2^(right-1) instead of comparing remainders.
    static constexpr std::int64_t headroom(scaling s) {
        constexpr std::int64_t largest = std::numeric_limits<std::int32_t>::max();
        if (s.shift > 0) return (largest - 256) >> s.shift;
        return largest - (s.shift == 0 ? 256 : rounding_half<std::int64_t>(-s.shift));
    }
};

} // namespace ctq::inline CTQ_TARGET

// ---- ctq/core/single_rounding.hpp
// single_rounding: the requantizer of TFLite's int16x8 convolutions, from a sum of up to 64 bits with one rounding.
// room: core | runs on: all | heap: no | float: only in encode and decode, which run in the compiler or on the host

namespace ctq::inline CTQ_TARGET {

/// TFLite's MultiplyByQuantizedMultiplier for 64-bit accumulators, to run its int16x8 models bit for bit:
///
///     q = floor((acc * multiplier + 2^(14-shift)) / 2^(15-shift)) + zero_point
///
/// The scale is multiplier * 2^(shift - 15): double_rounding's encoding (and its sign of shift) with the multiplier
/// rounded to 15 bits, 2^14 <= multiplier < 2^15 (0 for a scale under 2^-32), shift in [-31, 15]. TFLite itself stops
/// at shift 7; here a scale of 2^15 or more is encoded as the largest, 32767.
///
/// q is the product rounded once, halves up: within 1/2 of acc * decode(s) + zero_point. The multiplier's own rounding
/// adds 2^-15 of the result, so q is within 1/2 + |q - zero_point| * 2^-15 of acc * scale + zero_point: 3/2 at int16's
/// ends. Monotonic in acc; acc = 0 gives the zero point. A result beyond int32 (undefined in TFLite) saturates.
/// zero_point is any int16 or uint16; TFLite's is 0. On a Cortex-M4 the product is `umull` and `mla`.
/// From: TFLite's reference integer convolutions and quantization_util (tested on their results).
struct single_rounding {
    static constexpr std::string_view name = "single_rounding";
    static constexpr std::string_view cpp_name = "ctq::single_rounding";
    using accumulator_type = std::int64_t;
    using multiplier_type = std::int16_t; ///< what a table of multipliers is kept in
    static constexpr std::int32_t largest_shift = 15;

    static constexpr scaling encode(double real_scale) {
        const scaling wide = double_rounding::encode(real_scale);
        if (wide.shift > largest_shift) return {largest_multiplier, largest_shift};
        const bool rounds_to_next_power = wide.multiplier >= largest_multiplier << 16;
        return {rounds_to_next_power ? largest_multiplier : rounding_shift_right(wide.multiplier, 16), wide.shift};
    }

    static constexpr double decode(scaling s) {
        return static_cast<double>(s.multiplier) * elementary::power_of_two(s.shift - 15);
    }

    static constexpr bool shifts_left(scaling) { return false; }

    /// The rounding constant joins after the multiplication, so none can be folded into a bias.
    static constexpr std::int64_t rounding(scaling) { return 0; }

    static constexpr std::int32_t apply(std::int64_t accumulator, scaling s, std::int32_t zero_point) {
        const std::int64_t rounded = rounding_shift_right(accumulator * s.multiplier, 15 - s.shift);
        return saturate<std::int32_t>(rounded + zero_point);
    }

    static constexpr std::int32_t apply_folded(std::int64_t accumulator, scaling s, std::int32_t zero_point) {
        return apply(accumulator, s, zero_point);
    }

    /// What a 15-bit multiplier leaves of 64 bits, less the rounding constant's 2^45: for every s, and the zero point
    /// fits too. 2^48 is a sum of 67 million products of int16 and int8.
    static constexpr std::int64_t headroom(scaling) { return (std::int64_t{1} << 48) - 1; }

  private:
    static constexpr std::int32_t largest_multiplier = 32767;
};

} // namespace ctq::inline CTQ_TARGET

// ---- ctq/core/three_step.hpp
// three_step: the default requantizer, integers of 16 bits after its first step. Why: docs/requantization.md.
// room: core | runs on: all | heap: no | float: only in encode and decode, which run in the compiler or on the host

namespace ctq::inline CTQ_TARGET {

/// Three short steps, integers of 16 bits after the first:
///
///     a = sat16((acc + 2^(shift-1)) >> shift)        shift >= 0; for shift < 0: a = sat16(acc << -shift)
///     r = (a * multiplier) >> 16                     2^14 <= multiplier < 2^15, less only at shift = 16
///     q = (r + 2^4 + zero_point * 2^5) >> 5
///
/// The scale is multiplier * 2^-(21 + shift), shift in [-15, 16]. Each step is one instruction on x86 (`vpsravd` and
/// `vpackssdw`, `vpmulhw`, `vpaddsw` and `vpsraw`), NEON and Helium (`sqdmulh`) and the DSP extension (`smlabb`).
///
/// Only two roundings: a floor of a floor is one floor, so steps 2 and 3 together are the product a * multiplier
/// rounded once to whole outputs, halves up. For int8 and uint8, so |q - zero_point| <= 255, q is within 1/2 + 2/128 of
/// acc * scale + zero_point and within 1/2 + 1/128 of acc * decode(s) + zero_point: 1/128 from step 1, 1/128 from the
/// rounded multiplier. A left shift (scale >= 2^-6: sums of few products, averages, rescaling) loses nothing in step 1.
/// What saturates in step 1 lies outside that range on the same side, so that the clamp to the output makes it exact.
/// Monotonic in acc; acc = 0 gives the zero point. A scale of 256 or more clamps at |acc| = 1 and is encoded as the
/// largest; a scale too small to move the output gives the zero point always.
struct three_step {
    static constexpr std::string_view name = "three_step";
    static constexpr std::string_view cpp_name = "ctq::three_step";
    using accumulator_type = std::int32_t;
    static constexpr int output_bits = 8;
    using multiplier_type = std::int16_t; ///< what a table of multipliers is kept in
    static constexpr std::int32_t largest_shift = 16;
    static constexpr std::int32_t smallest_shift = -15;

    static constexpr scaling encode(double real_scale) {
        const auto [mantissa, exponent] = detail::dissect(real_scale);
        const int shift = -exponent - 6; // for a multiplier in 2^14 .. 2^15
        if (shift < smallest_shift) return {largest_multiplier, smallest_shift};
        const int excess = shift > largest_shift ? shift - largest_shift : 0;
        if (excess > 15) return {0, largest_shift};
        const auto multiplier = static_cast<std::int32_t>(rounding_shift_right(mantissa, 53 - 15 + excess));
        if (multiplier <= largest_multiplier) return {multiplier, shift - excess};
        if (shift == smallest_shift) return {largest_multiplier, smallest_shift};
        return {multiplier / 2, shift - 1};
    }

    static constexpr double decode(scaling s) {
        return static_cast<double>(s.multiplier) * elementary::power_of_two(-(21 + s.shift));
    }

    static constexpr bool shifts_left(scaling s) { return s.shift < 0; }

    static constexpr std::int32_t rounding(scaling s) { return rounding_half<std::int32_t>(s.shift); }

    static constexpr std::int32_t apply(std::int32_t accumulator, scaling s, std::int32_t zero_point) {
        return apply_folded(accumulator + rounding(s), s, zero_point);
    }

    static constexpr std::int32_t apply_folded(std::int32_t accumulator, scaling s, std::int32_t zero_point) {
        return (shorten(accumulator, s.shift) * s.multiplier + offset(zero_point) * (1 << 16)) >> 21;
    }

    static constexpr std::int64_t headroom(scaling s) {
        return std::int64_t{std::numeric_limits<std::int32_t>::max()} - rounding(s);
    }

    /// Whether step 1 saturates for some |acc| <= largest. If not, kernels leave the saturation out.
    static constexpr bool saturates(scaling s, std::int64_t largest) {
        const std::int64_t shortened = s.shift >= 0 ? (largest + rounding(s)) >> s.shift : largest << -s.shift;
        return shortened > std::numeric_limits<std::int16_t>::max();
    }

    /// What step 3 adds: the zero point and one half. A constant of the tensor, int16.
    static constexpr std::int32_t offset(std::int32_t zero_point) { return zero_point * 32 + 16; }

    /// A residual tensor can join before step 3, in its unit of 1/32 output step: the sum is rounded once. `ratio`: the
    /// residual's scale over the output's; 0 when it is too large to be encoded (4 or more).
    static constexpr std::int32_t encode_residual(double ratio) {
        const double scaled = ratio * 8192 + 0.5;
        return scaled < largest_multiplier + 1.0 ? static_cast<std::int32_t>(scaled) : 0;
    }

    /// `difference`: the residual less its zero point, |difference| <= 255. int16; `vpmulhrsw` of difference * 128.
    static constexpr std::int32_t residual_term(std::int32_t difference, std::int32_t residual_multiplier) {
        return (difference * residual_multiplier + 128) >> 8;
    }

    static constexpr std::int32_t apply_folded(std::int32_t accumulator, scaling s, std::int32_t zero_point,
                                               std::int32_t residual) {
        return (((shorten(accumulator, s.shift) * s.multiplier) >> 16) + residual + offset(zero_point)) >> 5;
    }

  private:
    static constexpr std::int32_t largest_multiplier = 32767;

    /// Step 1 without its rounding constant. Left shifts saturate before they shift: what does not fit int16 before
    /// the shift does not fit it afterwards either.
    static constexpr std::int32_t shorten(std::int32_t accumulator, std::int32_t shift) {
        if (shift >= 0) return saturate<std::int16_t>(accumulator >> shift);
        return saturate<std::int16_t>(saturate<std::int16_t>(accumulator) * (std::int32_t{1} << -shift));
    }
};

} // namespace ctq::inline CTQ_TARGET

// ---- ctq/core/requantize.hpp
// Requantization: how an accumulator becomes an output integer. The concept, and what is written over any requantizer.
// The requantizers' scalar definitions are the norm; every kernel equals them bit for bit.
// room: core | runs on: all | heap: no | float: only in encode and decode, which run in the compiler or on the host

namespace ctq::inline CTQ_TARGET {

/// An arithmetic that maps accumulators to outputs: q = acc * scale + zero_point, rounded, not yet clamped.
///
/// - `encode(real_scale)`: the nearest scaling of a positive finite scale. Defined for tiny scales (every output is the
///   zero point) and for scales above 1.
/// - `decode(s)`: the real scale that s stands for.
/// - `accumulator_type`: the widest sums that it takes, int32 or int64; the bias of a layer has the type of its sums.
/// - `apply(acc, s, zero_point)`: the definition. |acc| <= headroom(s); zero_point in [-256, 255], more only where the
///   requantizer says so.
/// - `rounding(s)`, `apply_folded(acc, s, zero_point)`: the same in two parts, apply(acc, s, z) ==
///   apply_folded(acc + rounding(s), s, z): a kernel adds rounding(s) to the bias before the program starts.
/// - `headroom(s)`: the largest |acc|, rounding(s) not yet added, for which nothing overflows.
/// - `shifts_left(s)`: whether s shifts the accumulator left; kernels have a shorter path for tensors without.
/// - `output_bits` (optional, 32): the widest outputs that it is defined for.
/// - `multiplier_type`: the integer type in which tables hold the multipliers. Shifts fit int8.
///
/// The concept leaves room for cvm's rounding shift (multiplier 1), MXNet's float multiply (the multiplier holds the
/// bits of a float) and for wider outputs: apply returns int32, the clamp is the caller's.
template <class R>
concept requantizer = requires(double real, scaling s, std::int32_t i, typename R::accumulator_type accumulator) {
    typename R::multiplier_type;
    { R::name } -> std::convertible_to<std::string_view>;
    { R::encode(real) } -> std::same_as<scaling>;
    { R::decode(s) } -> std::same_as<double>;
    { R::apply(accumulator, s, i) } -> std::same_as<std::int32_t>;
    { R::rounding(s) } -> std::same_as<typename R::accumulator_type>;
    { R::apply_folded(accumulator, s, i) } -> std::same_as<std::int32_t>;
    { R::headroom(s) } -> std::same_as<std::int64_t>;
    { R::shifts_left(s) } -> std::same_as<bool>;
    requires std::integral<typename R::multiplier_type>;
    requires std::signed_integral<typename R::accumulator_type>;
};

/// The widest outputs that a requantizer is defined for.
template <requantizer R>
constexpr int output_bits_of = [] {
    if constexpr (requires { R::output_bits; })
        return R::output_bits;
    else
        return 32;
}();

/// A requantizer that can add a residual tensor before its last rounding.
template <class R>
concept adds_residual = requires(double ratio, std::int32_t i, scaling s) {
    { R::encode_residual(ratio) } -> std::same_as<std::int32_t>;
    { R::residual_term(i, i) } -> std::same_as<std::int32_t>;
    { R::apply_folded(i, s, i, i) } -> std::same_as<std::int32_t>;
};

/// The arithmetic of the default rule.
using default_requantizer = three_step;

/// The largest |accumulator| that apply_saturating takes.
constexpr std::int64_t largest_saturating = (std::int64_t{1} << 31) - (1 << 16);

/// R::apply for an accumulator that no proof bounds by headroom(s), because it has no weights: a product, a sum, a mean
/// or a tensor rescaled, |accumulator| <= largest_saturating. A scale that shifts it left out of its type saturates;
/// the result is then beyond every 16-bit output, on the right side.
template <requantizer R>
constexpr std::int32_t apply_saturating(typename R::accumulator_type accumulator, scaling s, std::int32_t zero_point) {
    if (!R::shifts_left(s)) return R::apply(accumulator, s, zero_point);
    const std::int64_t most = R::headroom(s), held = clamp_to<std::int64_t>(accumulator, -most, most);
    return R::apply(static_cast<typename R::accumulator_type>(held), s, zero_point);
}

/// One output of `R`, clamped to [low, high]: the activation's bounds inside the range of `Output`.
template <requantizer R, std::integral Output = std::int8_t>
constexpr Output requantize(typename R::accumulator_type accumulator, scaling s, std::int32_t zero_point,
                            Output low = std::numeric_limits<Output>::min(),
                            Output high = std::numeric_limits<Output>::max()) {
    const std::int32_t q = R::apply(accumulator, s, zero_point);
    return static_cast<Output>(clamp_to<std::int32_t>(q, low, high));
}

} // namespace ctq::inline CTQ_TARGET

// ---- ctq/core/signature.hpp
// signature: which integers a node reads, adds up and makes, and how it rounds. Derived from a node, never stored; a
// kernel is chosen by it, so that an image holds no code for types that its model has not.
// room: core | runs on: all | heap: no

namespace ctq::inline CTQ_TARGET {

/// The arithmetic by which an accumulator becomes an output integer. `unrounded`: it is the output. `in_float`: there
/// is none, the node's float meaning runs. A rule of the user's with an arithmetic of its own takes a value from `own`
/// on and specializes requantizer_for.
enum class rounding : std::uint8_t { unrounded, three_step, double_rounding, single_rounding, in_float, own = 128 };

/// As C++ spells it; empty for a user's own.
constexpr std::string_view name_of(rounding how) {
    switch (how) {
    case rounding::unrounded:
        return "unrounded";
    case rounding::three_step:
        return "three_step";
    case rounding::double_rounding:
        return "double_rounding";
    case rounding::single_rounding:
        return "single_rounding";
    case rounding::in_float:
        return "in_float";
    default:
        return {};
    }
}

template <rounding How> struct requantizer_for;
template <> struct requantizer_for<rounding::three_step> { using type = three_step; };
template <> struct requantizer_for<rounding::double_rounding> { using type = double_rounding; };
template <> struct requantizer_for<rounding::single_rounding> { using type = single_rounding; };

/// Stored types of the first operand, of the weights or the second operand (that of the first where there is neither)
/// and of the output; the accumulator; the rounding. A structural type: a template argument.
struct signature {
    dtype x = dtype::int8, w = dtype::int8, y = dtype::int8, sum = dtype::int32;
    rounding how = rounding::unrounded;

    friend constexpr bool operator==(const signature&, const signature&) = default;
};

/// True for nodes of the float domain. Not told by the types: a float node may read or make int32 or truth values.
constexpr bool is_float_signature(const signature& s) {
    return s.how == rounding::in_float;
}

template <signature S> using requantizer_of = typename requantizer_for<S.how>::type;

namespace detail {

struct no_requantizer {};
template <signature S> constexpr auto requantizer_value() {
    if constexpr (S.how == rounding::unrounded || is_float_signature(S))
        return no_requantizer{};
    else
        return requantizer_of<S>{};
}

} // namespace detail

/// The same, and a type that is no requantizer where nothing is rounded.
template <signature S> using requantizer_or_none = decltype(detail::requantizer_value<S>());

/// A signature under which results are rounded.
template <signature S>
concept rounded = requantizer<requantizer_or_none<S>>;

/// The accumulator that sums of products of these types take: 64 bits where 16-bit activations meet weights.
constexpr dtype accumulator_of(dtype x) {
    return x == dtype::int16 ? dtype::int64 : dtype::int32;
}

/// Types that activations of integer nodes can have.
constexpr bool is_activation(dtype type) {
    return type == dtype::int8 || type == dtype::uint8 || type == dtype::int16 || type == dtype::int32;
}

/// Activations of 8 bits.
constexpr bool is_byte(dtype type) {
    return type == dtype::int8 || type == dtype::uint8;
}

/// The accumulator that sums of products of two activations take.
constexpr dtype accumulator_of_products(dtype x, dtype w) {
    return is_byte(x) && is_byte(w) ? dtype::int32 : dtype::int64;
}

/// Types that weights can have.
constexpr bool is_weight(dtype type) {
    return type == dtype::int8 || type == dtype::int4 || type == dtype::int32;
}

} // namespace ctq::inline CTQ_TARGET

// ---- ctq/registry/attribute.hpp
// attribute: the data members that an operator, or what lowering made of it, is told apart by, each with its name. The
// emitter, the reports and fingerprints read them.
// room: registry | runs on: all | heap: no

namespace ctq::inline CTQ_TARGET {

/// A named data member of an operator, or of what lowering made of it.
template <class Owner, class Value> struct attribute {
    std::string_view name;
    Value Owner::*member;
};

/// Attributes in a row: `attribute_list{attribute{"axis", &softmax::axis}}`. Not a std::tuple, which costs each
/// compilation of a model 5 ms an operator; `apply(f, list)`, which calls f with all attributes, is found for both.
template <class... Attributes> struct attribute_list {
    template <class Function> friend constexpr void apply(Function&& f, const attribute_list&) { f(); }
};

template <class First, class... Rest> struct attribute_list<First, Rest...> {
    First first;
    attribute_list<Rest...> rest;

    constexpr attribute_list(First one, Rest... others) : first(one), rest{others...} {}

    template <class Function> friend constexpr void apply(Function&& f, const attribute_list& all) {
        apply([&](const auto&... others) { f(all.first, others...); }, all.rest);
    }
};

template <class... Attributes> attribute_list(Attributes...) -> attribute_list<Attributes...>;

constexpr attribute_list<> no_attributes{};

} // namespace ctq::inline CTQ_TARGET

// ---- ctq/registry/lowering_view.hpp
// lowering_view: what `lower<S>` of an operator is given: one annotated node, its facts and constants, and the inputs
// of the lowered node to write. execute/lower.hpp makes one.
// room: registry | runs on: all | heap: no

namespace ctq::inline CTQ_TARGET {

/// - `input_count()`, `input(i)`, `output()`: facts of the annotated node's values; `constant<T>(i)`: the elements of
///   a constant input; `scale(i, channel)`: its scale there; `bias(channel)`: of input 2, 0 where there is none;
///   `weight_axis()`: the operator's trait, the axis of input 1 along which its channels lie.
/// - `list<T>(count)`: a vector of zeros to build a constant in.
/// - `keep(i)`: input i is the lowered node's next input; `keep_scale(i)`: the value that holds its scale is;
///   `keep_zero_point(i)`: the value that holds its zero point, if one does; `append(role, shape, list)`: a new
///   constant is; `append_narrow` stores its elements in a narrower type.
template <class Node>
concept lowering_view = requires(Node& node, const Node& seen, std::size_t i, std::string_view role, const shape& of) {
    { seen.input_count() } -> std::same_as<std::size_t>;
    { seen.input(i) } -> std::same_as<const tensor_facts&>;
    { seen.output() } -> std::same_as<const tensor_facts&>;
    { seen.template constant<std::int8_t>(i) } -> std::same_as<const std::int8_t*>;
    { seen.scale(i, i) } -> std::same_as<double>;
    { seen.bias(i) } -> std::same_as<std::int64_t>;
    { seen.weight_axis() } -> std::same_as<int>;
    { Node::template list<std::int32_t>(i)[i] } -> std::convertible_to<std::int32_t>;
    node.keep(i);
    node.keep_scale(i);
    node.keep_zero_point(i);
    node.append(role, of, Node::template list<std::int32_t>(i));
    node.append_narrow(role, of, Node::template list<std::int32_t>(i), dtype::int8);
};

} // namespace ctq::inline CTQ_TARGET

// ---- ctq/registry/traits.hpp
// traits: what an operator states of itself for whoever treats some operators alike; the one way to ask for it, and
// what must hold between traits, which is checked where an operator is registered.
// room: registry | runs on: all | heap: no

namespace ctq::inline CTQ_TARGET {

/// Where the quantization of an operator's output comes from: from observed values; from its inputs, exactly, which so
/// share one; or from the operator's own `output_bounds(type)`, whatever the data; `type`: of the output's integers.
/// A customary one is such a range that only some rules keep (keeps_customary_ranges): under others, in 8 bits, it goes
/// as far as the data do, which no calibration strategy cuts, for the largest elements decide.
enum class range_rule : std::uint8_t { calibrated, same_as_input, fixed, customary };

/// True for those that an operator tells by `output_bounds(type)`.
constexpr bool is_own(range_rule output) {
    return output == range_rule::fixed || output == range_rule::customary;
}

/// What an input is to a node: a tensor that is computed with; weights, whose channels lie along the trait
/// `weight_axis`; a bias, one for each channel in the scale of the products of data and weights; a constant that is
/// read where the node is lowered and that no rule quantizes; or int32 or int64 that tell positions, which no rule
/// quantizes either.
enum class operand_role : std::uint8_t { operand, weights, bias, parameter, positions };

/// Of which element types the operands of a float meaning can be: float32; float32, int32 or int64; every type. All
/// operands of a node have one type, which its result has too.
enum class element_types : std::uint8_t { reals, numbers, all };

constexpr std::string_view name_of(element_types types) {
    return types == element_types::reals     ? "float32"
           : types == element_types::numbers ? "float32, int32 and int64"
                                             : "all element types";
}

constexpr bool contains(element_types types, dtype type) {
    const bool is_number = type == dtype::float32 || type == dtype::int32 || type == dtype::int64;
    return types == element_types::all || (types == element_types::numbers ? is_number : type == dtype::float32);
}

/// The traits of an operator, which states those that are not as here, in a member of this name:
/// `static constexpr operator_traits traits{.output_range = range_rule::same_as_input, .in_place = true};`.
/// This is the one list of them. Whoever asks, asks `traits_of`.
struct operator_traits {
    // Of numbers.
    /// A view's are of every type.
    element_types operands = element_types::reals;
    range_rule output_range = range_rule::calibrated;
    /// Of inputs 0 and up; those beyond are operands. Weights are input 1, a bias input 2.
    std::array<operand_role, 8> roles{};
    /// The axis of the weights along which the output's channels lie: those under one scale, with one bias.
    int weight_axis = 0;
    /// Each element of the first output is one of input 0's, so that one range serves both. True of a view.
    bool moves_elements = false;
    /// The output has another element type than the input, or another scale: it stands between domains.
    bool converts = false;
    /// It adds up products of its two operands: in an accumulator, and rounded, as a rule's weighted sums are.
    bool sums_products = false;
    /// It makes no sum and no product that could overflow.
    bool adds_nothing = false;
    /// It has no jumps, as a function of one real: between the entries of a table of 16-bit integers lies a line.
    bool is_continuous = true;

    // Of memory.
    /// The output may be written over input 0 while it is computed. True of a function of one real.
    bool in_place = false;
    /// The output is input 0's elements as they lie.
    bool is_view = false;

    // Of form, for passes.
    /// Element i of the output is made of element i of each operand, broadcast, and of nothing else: so operands and
    /// result may be seen under another shape. True of a function of one real.
    bool is_element_wise = false;
    /// The axes of every operand are the result's, aligned at the last one: so constant operands turn with it.
    bool aligns_operands = false;
    /// Inputs 0 and 1 may change places.
    bool is_commutative = false;
    /// A scale and a shift for each extent of the output's last axis can go into the weights of that channel and its
    /// bias.
    bool folds_scale = false;

    /// The role of an input.
    constexpr operand_role role(std::size_t input) const {
        return input < roles.size() ? roles[input] : operand_role::operand;
    }
    /// True for operators with weights: sums of products.
    constexpr bool is_weighted() const { return role(1) == operand_role::weights; }

    friend constexpr bool operator==(const operator_traits&, const operator_traits&) = default;
};

/// A function of one real: all that an element-wise operator needs to say. Its shape rule, its float meaning, its
/// integer meaning (a table) and its import are derived.
template <class Op>
concept unary_function = requires(const Op& op, float x) {
    { op(x) } -> std::same_as<float>;
};

/// What `Op` states of itself, and what follows from that.
template <class Op>
constexpr operator_traits traits_of = [] {
    operator_traits all;
    if constexpr (requires { Op::traits; }) all = Op::traits;
    all.moves_elements = all.moves_elements || all.is_view;
    if (all.is_view) all.operands = element_types::all;
    all.in_place = all.in_place || unary_function<Op>;
    all.is_element_wise = all.is_element_wise || unary_function<Op>;
    return all;
}();

template <class Op> constexpr operand_role role_of(std::size_t input) {
    return traits_of<Op>.role(input);
}
template <class Op> constexpr bool is_weighted = traits_of<Op>.is_weighted();

/// The trait whose type is the operator's: a pointer to the attribute that names the axis of input 0 along which all
/// other inputs have one value for each extent, where that is not the last axis.
template <class Op>
concept has_channel_axis = requires(Op& op) {
    { op.*Op::channel_axis } -> std::same_as<std::int32_t&>;
};

/// True when the traits that `Op` states are a constant, of their type.
template <class Op>
concept states_constant_traits = !requires {
    Op::traits;
}
|| requires {
    typename std::bool_constant<Op::traits.in_place>;
    requires std::same_as<decltype(Op::traits), const operator_traits>;
};

/// True when what an operator says of integers is a template over their signature. One that is not would never be
/// asked: its nodes would stay float. (Of overloads there is no one address; a call without a signature finds them.)
template <class Op>
concept speaks_of_signatures = !requires {
    typename std::type_identity_t<decltype(&Op::compute_integer)>;
}
&&!requires {
    typename std::type_identity_t<decltype(&Op::never_overflows)>;
}
&&!requires {
    typename std::type_identity_t<decltype(&Op::lower)>;
}
&&!requires(const Op& op, const_tensors in, tensors out) {
    op.compute_integer(in, out);
}
&&!requires(const Op& op, const typename Op::lowered& with, const_tensors in, tensors out) {
    op.compute_integer(with, in, out);
};

/// True when a channel axis that is named is an attribute.
template <class Op>
concept names_channel_axis = !requires {
    Op::channel_axis;
}
|| has_channel_axis<Op>;

/// True when a range of the operator's own is told.
template <class Op>
concept tells_own_range = !is_own(traits_of<Op>.output_range) || requires(const Op& op, dtype type) {
    { op.output_bounds(type) } -> std::same_as<bounds>;
};

/// True when the elements that are moved keep the range of the input that they come from.
template <class Op>
constexpr bool keeps_moved_range =
    !traits_of<Op>.moves_elements || traits_of<Op>.output_range == range_rule::same_as_input;

/// True when weights are input 1 and a bias is input 2, where annotate and lowering look for them.
template <class Op>
constexpr bool places_weights = [] {
    for (std::size_t i = 0; i < traits_of<Op>.roles.size(); ++i)
        if ((role_of<Op>(i) == operand_role::weights && i != 1) || (role_of<Op>(i) == operand_role::bias && i != 2))
            return false;
    return true;
}();

/// True when the channel axis of weights is one that a shape can have, and of weights.
template <class Op>
constexpr bool has_weight_axis = traits_of<Op>.weight_axis == 0 || (is_weighted<Op> && traits_of<Op>.weight_axis > 0 &&
                                                                    traits_of<Op>.weight_axis < shape::max_rank);

/// True when a scale is folded into weights only.
template <class Op> constexpr bool folds_into_weights = !traits_of<Op>.folds_scale || is_weighted<Op>;

} // namespace ctq::inline CTQ_TARGET

// ---- ctq/registry/operation.hpp
// What an operator is: the concept, and the one way to ask for each of its facts; traits.hpp says what it may state of
// itself, integer_meaning.hpp what it makes of integers.
// room: registry | runs on: all | heap: no

namespace ctq::inline CTQ_TARGET {

using shapes = std::span<const shape>;

/// An operator with several outputs says how many and the shape of each.
template <class Op>
concept several_outputs = requires(const Op& op, shapes in, int which) {
    { op.output_count() } -> std::same_as<int>;
    { op.output_shape(in, which) } -> std::same_as<shape>;
};

/// An operator: pure attributes, and what they mean. Laws: `output_shape` accepts exactly the shapes that `compute` can
/// take; `compute` writes every output element and reads no other memory; equal operators mean equal functions; `name`
/// is unique in a registry.
///
/// Members that are asked for where they are there. Nothing else in ctq lists operators: whoever treats some alike asks
/// for what they state.
/// - `traits`, a `static constexpr operator_traits` (registry/traits.hpp); `output_bounds(type)` of a fixed range;
///   `added_bounds()`, of reals that it puts beside its input's elements.
/// - for passes: `channel_axis` (see has_channel_axis), `of_channel(values)` (see affine_operation),
///   `permuted(permutation)` (the operator that does to a transposed tensor what this one does before the transpose),
///   `dropped_axes()` (those that the result lacks), `absorb_border(border)` (becomes the operator that does to an
///   image what this one does to the image within that border, see op::image_border; false where there is none). A
///   member `activation` (bounds): it can clamp its own result; `activation_bounds()`: it is such a clamp.
/// - `count_output(which)`: where the data decide how many rows it makes; see there.
/// - `macs(in, out)`, and `steps(in, out)` where its time grows with more than these: see there.
/// - `places(in)`: of an operator that reads positions; see there.
/// - `runs_as`: what `supported-ops` says of an operator that a pass removes.
/// - the integer meaning (registry/integer_meaning.hpp): a type `lowered` of what a node needs beside attributes and
///   inputs, `lower<S>(node) -> lowered` and `compute_integer<S>(lowered, in, out)`, each for the signatures that it
///   takes. Without `lowered`: `compute_integer<S>(in, out)`.
/// - the overflow proof: `never_overflows<S>(lowered, in, out, channels) -> bool`.
template <class Op>
concept operation = std::semiregular<Op> && std::equality_comparable<Op> && requires {
    { Op::name } -> std::convertible_to<std::string_view>;
    { Op::cpp_name } -> std::convertible_to<std::string_view>;
    Op::attributes;
} &&(unary_function<Op> || requires(const Op& op, const_tensors from, tensors to) { op.compute(from, to); }) &&
    (unary_function<Op> || several_outputs<Op> || requires(const Op& op, shapes in) {
        { op.output_shape(in) } -> std::same_as<shape>;
    });

template <operation Op> constexpr int output_count(const Op& op) {
    if constexpr (several_outputs<Op>)
        return op.output_count();
    else
        return 1;
}

/// The shape of output `which` for these input shapes; reports what is wrong through fail().
template <operation Op> constexpr shape output_shape(const Op& op, shapes in, int which = 0) {
    if constexpr (several_outputs<Op>) {
        return op.output_shape(in, which);
    } else if constexpr (requires { op.output_shape(in); }) {
        return op.output_shape(in);
    } else {
        require(in.size() == 1, "an element-wise function takes one input");
        return in[0];
    }
}

/// Which output holds how many rows of output `which` the data filled, an int64 scalar; -1 where all are, as they are
/// of operators that state nothing, `static count_output(which)`. Such rows are planned for as many as there can be,
/// and are for the outside alone.
template <operation Op> constexpr int count_output(const Op&, int which) {
    if constexpr (requires { Op::count_output(which); })
        return Op::count_output(which);
    else
        return -1;
}

/// Among how many places the positions tell one that an operator reads: -places to places - 1 are there. 0 where it
/// states nothing, `places(in)`, from the inputs' shapes.
template <operation Op> constexpr std::int64_t places(const Op& op, shapes in) {
    if constexpr (requires { op.places(in); })
        return op.places(in);
    else
        return 0;
}

using dtypes = std::span<const dtype>;

/// The element type that all operands of a node have: one that its operator takes. (Parameters and positions have types
/// of their own.) Reports what is wrong through fail().
template <operation Op> constexpr dtype operand_type(dtypes in) {
    dtype common = dtype::float32;
    bool is_first = true;
    for (std::size_t i = 0; i < in.size(); ++i) {
        if (role_of<Op>(i) == operand_role::parameter) continue;
        if (role_of<Op>(i) == operand_role::positions) {
            require(in[i] == dtype::int32 || in[i] == dtype::int64, "positions must be int32 or int64");
            continue;
        }
        require(traits_of<Op>.operands != element_types::reals || in[i] == dtype::float32,
                "the operator takes float32 only");
        require(contains(traits_of<Op>.operands, in[i]), "the operator takes float32, int32 and int64 only");
        require(is_first || in[i] == common, "all operands must be of one element type");
        common = in[i];
        is_first = false;
    }
    return common;
}

/// The element type of output `which` in the float meaning, from those of the inputs: what the operator says by
/// `output_type(types, which)`, if it takes operands of several types, or by `output_type(which)`; else that of its
/// operands. Reports what is wrong with theirs through fail().
template <operation Op> constexpr dtype output_type(const Op& op, dtypes in, int which = 0) {
    if constexpr (requires { op.output_type(in, which); }) {
        return op.output_type(in, which);
    } else {
        const dtype type = operand_type<Op>(in);
        if constexpr (requires { op.output_type(which); })
            return op.output_type(which);
        else
            return in.empty() ? dtype::float32 : type;
    }
}

/// The float meaning: of float32, or of the element types that output_type() accepts.
template <operation Op> constexpr void compute(const Op& op, const_tensors in, tensors out) {
    if constexpr (requires { op.compute(in, out); }) {
        op.compute(in, out);
    } else {
        const float* from = in[0].as<float>();
        float* to = out[0].as<float>();
        for (std::size_t i = 0; i < out[0].size(); ++i) to[i] = op(from[i]);
    }
}

/// y = scale * x + shift.
struct affine {
    double scale = 1, shift = 0;
};

/// An operator that multiplies each element of input 0 by a number and adds another, both known from the elements of
/// inputs 1 and up at the same place: `of_channel` of these. Its clamp, if it has one, comes after.
template <class Op>
concept affine_operation = requires(const Op& op, std::span<const float> others) {
    { op.of_channel(others) } -> std::same_as<affine>;
};

/// The header that an emitted model must include for this operator or rule; empty for ctq's own.
template <class Op>
constexpr std::string_view header_of = [] {
    if constexpr (requires { Op::header; })
        return std::string_view(Op::header);
    else
        return std::string_view();
}();

/// Multiplications with a weight; what reports and peers count as MACs. From the first input's shape and the output's.
template <operation Op> constexpr std::int64_t macs(const Op& op, const shape& in, const shape& out) {
    if constexpr (requires { op.macs(in, out); })
        return op.macs(in, out);
    else
        return 0;
}

/// The same from the shapes of all inputs, which give the output's.
template <operation Op> constexpr std::int64_t macs(const Op& op, shapes in) {
    return in.empty() ? 0 : macs(op, in[0], output_shape(op, in));
}

/// What its time grows with where that is more than the elements that it reads and makes: the cells of windows, pairs
/// of boxes. An operator says it by `steps(in, out)`, from the inputs' shapes and the first output's, or has `macs`
/// alone. Of one the time that it takes where nobody waits for it, while constants are folded, can have a bound.
template <operation Op> constexpr std::int64_t steps(const Op& op, shapes in, const shape& out) {
    if constexpr (requires { op.steps(in, out); })
        return op.steps(in, out);
    else
        return in.empty() ? 0 : macs(op, in[0], out);
}

/// The bounds that an activation clamps to: an operator that has them can be fused into its producer.
template <class Op>
concept clamping = requires(const Op& op) {
    { op.activation_bounds() } -> std::same_as<bounds>;
};

/// An operator that can clamp its own result, and so take a clamping consumer into itself.
template <class Op>
concept takes_activation = requires(Op& op) {
    { op.activation } -> std::same_as<bounds&>;
};

/// The bounds within which an operator's own clamp keeps its result; `bounds::none()` where it has no clamp.
template <class Op> constexpr bounds clamp_of(const Op& op) {
    if constexpr (clamping<Op>)
        return op.activation_bounds();
    else if constexpr (takes_activation<Op>)
        return op.activation;
    else
        return bounds::none();
}

} // namespace ctq::inline CTQ_TARGET

// ---- ctq/operators/function_table.hpp
// The integer meaning of any function of one real: a table of 256 outputs, or of 513 with lines between them where
// integers have 16 bits; made by constexpr code.
// room: operators | runs on: all | heap: only where the table is made (compiler, host)

namespace ctq::inline CTQ_TARGET::op {

/// Input 1 of the lowered node: entry i belongs to the lowest input integer plus i, or is point i of an
/// interpolated_table.
constexpr std::int32_t table_size = 256;

template <signature S, unary_function Op, lowering_view Node>
requires(S.x == dtype::int16) constexpr void lower_to_table(const Op& op, Node& node) {
    const interpolated_table points =
        make_interpolated_table(node.input(0).quantization, node.output().quantization, op);
    auto table = node.template list<std::int16_t>(interpolated_points);
    for (std::size_t i = 0; i < interpolated_points; ++i) table[i] = points[i];
    node.keep(0);
    node.append("table", shape{static_cast<std::int32_t>(interpolated_points)}, table);
}

template <signature S, unary_function Op, lowering_view Node> constexpr void lower_to_table(const Op& op, Node& node) {
    const quantization in = node.input(0).quantization, out = node.output().quantization;
    auto table = node.template list<element<S.y>>(table_size);
    for (std::int32_t i = 0; i < table_size; ++i)
        table[static_cast<std::size_t>(i)] = static_cast<element<S.y>>(
            ctq::quantize(op(ctq::dequantize(i + limits_of(S.x).low, in)), out, node.output().range));
    node.keep(0);
    node.append("table", shape{table_size}, table);
}

template <signature S>
requires(S.x == dtype::int16) constexpr void look_up(const const_tensor& in, const const_tensor& table,
                                                     const tensor& out) {
    const interpolated_table_view points(table.as<std::int16_t>(), interpolated_points);
    for (std::size_t i = 0; i < out.size(); ++i)
        out.as<std::int16_t>()[i] =
            static_cast<std::int16_t>(out.facts.range.clamp(interpolate(in.as<std::int16_t>()[i], points)));
}

template <signature S> constexpr void look_up(const const_tensor& in, const const_tensor& table, const tensor& out) {
    for (std::size_t i = 0; i < out.size(); ++i)
        out.as<element<S.y>>()[i] = table.as<element<S.y>>()[in.as<element<S.x>>()[i] - limits_of(S.x).low];
}

} // namespace ctq::inline CTQ_TARGET::op

// ---- ctq/registry/integer_meaning.hpp
// integer_meaning: what an operator makes of integers, as whoever lowers, runs or proves a node asks for it: the types
// that it takes, what lowering makes of it, and its overflow proof.
// room: registry | runs on: all | heap: no

namespace ctq::inline CTQ_TARGET {

/// What lowering makes of operators that need nothing beside their attributes and inputs.
struct nothing_lowered {
    static constexpr auto attributes = no_attributes;
    friend constexpr bool operator==(const nothing_lowered&, const nothing_lowered&) = default;
};

namespace detail {

template <class Op> constexpr auto lowered_type() {
    if constexpr (requires { typename Op::lowered; })
        return typename Op::lowered{};
    else
        return nothing_lowered{};
}

/// An element-wise function has tables from 8-bit integers to such, and from int16 to int16.
constexpr bool has_table(const signature& s) {
    return (is_byte(s.x) && is_byte(s.y)) || (s.x == dtype::int16 && s.y == dtype::int16);
}

} // namespace detail

/// The integers that a node of `Op` needs beside its attributes and inputs; a structural type with `attributes`.
template <class Op> using lowered_of = decltype(detail::lowered_type<Op>());

/// True when `Op` says what it makes of integers of these types, from what lowering made of it.
template <class Op, signature S>
concept computes_lowered = requires(const Op& op, const lowered_of<Op>& lowered, const_tensors in, tensors out) {
    op.template compute_integer<S>(lowered, in, out);
};

/// The same without.
template <class Op, signature S>
concept computes_plainly = requires(const Op& op, const_tensors in, tensors out) {
    op.template compute_integer<S>(in, out);
};

/// True for functions of one real whose integer meaning under `S` is a table of their float meaning.
template <class Op, signature S>
concept looks_up = unary_function<Op> && !computes_lowered<Op, S> && !computes_plainly<Op, S> && detail::has_table(S) &&
                   (is_byte(S.x) || traits_of<Op>.is_continuous);

/// True when `Op` can run on integers of these types: by its own definition, or as an element-wise function's table.
template <class Op, signature S>
concept has_integer_meaning = computes_lowered<Op, S> || computes_plainly<Op, S> || looks_up<Op, S>;

/// True when the lowering of `Op` under `S` fits what it computes with: its `lower<S>`, if there is one, takes a
/// lowering_view and makes its `lowered`; and there is one if integers are computed from a `lowered`.
template <class Op, signature S, class Node>
concept lowers_what_it_computes_with = lowering_view<Node> &&
    (requires(const Op& op, Node& node) {
        { op.template lower<S>(node) } -> std::same_as<lowered_of<Op>>;
    } ||
     (
         !requires(const Op& op, Node& node) { op.template lower<S>(node); } &&
         !requires { &Op::template lower<S, Node>; } &&
         (!computes_lowered<Op, S> || std::same_as<lowered_of<Op>, nothing_lowered>)));

/// The rounding of products of two operands that are added up: that of weighted sums, unless these stay as they are.
constexpr rounding rounding_of_products(rounding weighted, rounding other) {
    return weighted == rounding::unrounded ? other : weighted;
}

/// The rounding of nodes of `Op` under a rule; `weighted`: that of its weighted sums, `other`: of all else.
template <class Op> constexpr rounding rounding_of_nodes(rounding weighted, rounding other) {
    if (traits_of<Op>.sums_products) return rounding_of_products(weighted, other);
    return is_weighted<Op> ? weighted : other;
}

/// True where input 1, if there is one, is computed with: neither read when the node is lowered nor to tell positions.
template <class Op>
constexpr bool
    computes_with_second = role_of<Op>(1) != operand_role::parameter&& role_of<Op>(1) != operand_role::positions;

/// The integers that a node works with. `Op` is its operator; the types are those of its inputs and of its first
/// output. A sum of products has the type of its bias.
template <class Op> constexpr signature signature_of(std::span<const tensor_facts> in, dtype out, rounding how) {
    signature s;
    s.y = out;
    s.x = in.empty() ? out : in[0].type;
    const bool has_second = in.size() > 1 && computes_with_second<Op> && !unary_function<Op>;
    s.w = has_second ? in[1].type : s.x;
    const bool has_bias = in.size() > 2 && role_of<Op>(2) == operand_role::bias && is_integer(in[2].type);
    s.sum = dtype::int32;
    if (is_weighted<Op>) s.sum = has_bias ? in[2].type : accumulator_of(s.x);
    if (traits_of<Op>.sums_products) s.sum = accumulator_of_products(s.x, s.w);
    s.how = how;
    return s;
}

/// Some of an operator's output channels, first to last - 1: extents of the output's last axis. A proof over many
/// weights is cut into ranges, so that each stays within the compilers' limits on one constant evaluation.
struct channel_range {
    std::int32_t first = 0, last = std::numeric_limits<std::int32_t>::max();
};

/// The overflow proof of a lowered node from its actual constants and its inputs' ranges. False when the bound is
/// beyond the arithmetic, and when the operator states none: it is unproved. One without channels proves all at once.
template <signature S, operation Op>
constexpr bool never_overflows(const Op& op, const lowered_of<Op>& lowered, const_tensors in, const tensor_facts& out,
                               channel_range channels = {}) {
    if constexpr (requires { op.template never_overflows<S>(lowered, in, out, channels); })
        return op.template never_overflows<S>(lowered, in, out, channels);
    else if constexpr (requires { op.template never_overflows<S>(lowered, in, out); })
        return channels.first > 0 || op.template never_overflows<S>(lowered, in, out);
    else
        return looks_up<Op, S> || traits_of<Op>.moves_elements || traits_of<Op>.adds_nothing;
}

/// True when an operator states an overflow proof that looks at weights, channel by channel.
template <class Op, signature S>
concept proves_channels = requires(const Op& op, const lowered_of<Op>& lowered, const_tensors in,
                                   const tensor_facts& out, channel_range some) {
    op.template never_overflows<S>(lowered, in, out, some);
};

} // namespace ctq::inline CTQ_TARGET

// ---- ctq/kernels/kernel.hpp
// kernel<Architecture, Op, S>: how one operator runs on one instruction set under one signature. Adding a kernel is
// adding a specialization in the architecture's folder; what is missing falls through the chain of architectures to the
// operator's definition.
// room: kernels | runs on: all | heap: no

namespace ctq::inline CTQ_TARGET::kernels {

/// All that is known of a lowered node before the program starts. `inputs` are those of the lowered node: activations,
/// and the constants that lowering made, which are the same whichever kernel runs.
template <class Op> struct node_facts {
    Op op;
    lowered_of<Op> lowered;
    std::span<const tensor_facts> inputs, outputs;
};

/// A node whose facts are constants: `Node::value` is a `static constexpr node_facts<Op>`. A kernel that is given one
/// is compiled for exactly these shapes. Kernels read `facts.value` in both forms and may ask `facts.is_constant`.
template <class Node> struct constant_facts {
    static constexpr bool is_constant = true;
    static constexpr const auto& value = Node::value;
};

/// A node whose facts come at run time: the host tool, and policies that share code between layers.
template <class Op> struct variable_facts {
    static constexpr bool is_constant = false;
    node_facts<Op> value;
};

/// Memory that the caller lends a kernel.
struct workspace {
    std::byte* scratch = nullptr;        ///< scratch_bytes(facts), aligned as the architecture says; contents undefined
    const std::int8_t* packed = nullptr; ///< what pack() wrote before the program started, aligned to `alignment`
};

constexpr std::size_t alignment = 64;

/// Bytes [first, last) of packed constants; both are multiples of `alignment`.
struct packed_piece {
    std::int8_t* to; ///< where byte `first` belongs
    std::ptrdiff_t first, last;

    /// The same piece, counted from byte `at` on.
    constexpr packed_piece from(std::ptrdiff_t at) const { return {to, first - at, last - at}; }

    /// Calls write(i, place) for each of `count` entries of `size` bytes, from byte `at` on, that the piece holds.
    /// `at` and the piece's ends are multiples of the size: it holds an entry whole or not at all.
    template <class Write>
    constexpr void each(std::ptrdiff_t at, std::ptrdiff_t size, std::ptrdiff_t count, Write write) const {
        for (std::ptrdiff_t i = at < first ? (first - at) / size : 0; i < count && at + i * size < last; ++i)
            write(i, to + (at + i * size - first));
    }
};

/// What a kernel is that needs no scratch and packs nothing: a base, to which run() is added.
template <class Op> struct plain_kernel {
    static constexpr std::size_t scratch_bytes(const node_facts<Op>&) { return 0; }
    static constexpr std::size_t packed_bytes(const node_facts<Op>&) { return 0; }
    static constexpr void pack(const node_facts<Op>&, const_tensors, std::int8_t*) {}
};

/// The interface, and the fall-through. A kernel must equal the operator's `compute_integer` bit for bit.
///
/// - `scratch_bytes(facts)`: scratch that run() needs; planned into the arena.
/// - `packed_bytes(facts)`, `pack(facts, in, to)`: constants in an order of the kernel's own, made in the compiler (or
///   when the tool loads a model); 0 when the lowered node's own layout serves.
/// - `piece_bytes(facts)`, `pack_piece(facts, in, piece)`, where there may be too many of them for one constant
///   evaluation (`packs_in_pieces`): the bytes that one can pack, a multiple of `alignment`, and pack() for a piece.
/// - `run(facts, in, out, space)`.
template <class Architecture, class Op, signature S> struct kernel : kernel<typename Architecture::parent, Op, S> {};

template <class Op, signature S> struct kernel<scalar, Op, S> : plain_kernel<Op> {
    /// Flat, and with the operator as a constant of its own, so that the compiler sees shapes and attributes where they
    /// are used: else they land in flash as tables.
    template <class Facts>
    [[gnu::flatten]] static constexpr void run(const Facts& facts, const_tensors in, tensors out, const workspace&) {
        if constexpr (Facts::is_constant) {
            constexpr Op op = Facts::value.op;
            constexpr lowered_of<Op> lowered = Facts::value.lowered;
            apply(op, lowered, in, out);
        } else {
            apply(facts.value.op, facts.value.lowered, in, out);
        }
    }

  private:
    static constexpr void apply(const Op& op, const lowered_of<Op>& lowered, const_tensors in, tensors out) {
        if constexpr (computes_lowered<Op, S>)
            op.template compute_integer<S>(lowered, in, out);
        else if constexpr (computes_plainly<Op, S>)
            op.template compute_integer<S>(in, out);
        else
            op::look_up<S>(in[0], in[1], out[0]);
    }
};

/// What a kernel must offer to run: see `kernel`, from which all but new ones inherit what they do not replace.
template <class Kernel, class Op>
concept node_kernel = requires(const node_facts<Op>& facts, const variable_facts<Op>& variable, const_tensors in,
                               tensors out, std::int8_t* to, const workspace& space) {
    { Kernel::scratch_bytes(facts) } -> std::same_as<std::size_t>;
    { Kernel::packed_bytes(facts) } -> std::same_as<std::size_t>;
    Kernel::pack(facts, in, to);
    Kernel::run(variable, in, out, space);
};

/// A kernel whose constants the compiler packs in several constant evaluations.
template <class Kernel, class Op>
concept packs_in_pieces = requires(const node_facts<Op>& facts, const_tensors in, const packed_piece& piece) {
    { Kernel::piece_bytes(facts) } -> std::same_as<std::size_t>;
    Kernel::pack_piece(facts, in, piece);
};

namespace detail {

template <class Architecture, class Op, signature S> struct checked_kernel {
    static constexpr bool is_whole = node_kernel<kernel<Architecture, Op, S>, Op>;
    static_assert(
        is_whole,
        "ctq: kernel: scratch_bytes, packed_bytes, pack and run are required; derive it from the parent's kernel");
    using type = std::conditional_t<is_whole, kernel<Architecture, Op, S>, kernel<scalar, Op, S>>; // one error is all
};

} // namespace detail

/// The kernel that runs a node, checked: what planners, executors and engines name.
template <class Architecture, class Op, signature S>
using kernel_for = typename detail::checked_kernel<Architecture, Op, S>::type;

} // namespace ctq::inline CTQ_TARGET::kernels

// ---- ctq/core/weighted_sum.hpp
// weighted_sum: the sum of two quantized tensors in the output's integers. The scalar definition of add.
// room: core | runs on: all | heap: no | float: only in encode

namespace ctq::inline CTQ_TARGET {

/// The integers of a weighted sum; which fields count is the arithmetic's affair.
struct sum_scaling {
    scaling left, right, result;

    friend constexpr bool operator==(const sum_scaling&, const sum_scaling&) = default;
};

/// One rounding: q = (a * left + b * right + half) >> shift, a and b less their zero points, `Bits` wide before that.
///
/// 8 bits, |a|, |b| <= 255: both multipliers are 16 bits with a common shift, so a pair of inputs is one dual
/// multiply-add (`vpmaddwd`, `SMLAD`). The multiplier of the larger scale keeps 14 bits; the error of the sum is below
/// 1/64 before the rounding where the result fits int8.
///
/// 16 bits, |a|, |b| <= 65535: multipliers of 32 bits and a sum of 64 (`smull`, `smlal`), since 16-bit ones would cost
/// a whole output step. The error is below 2^-14 of the larger input scale over the output's before the rounding; a sum
/// beyond 2^30 saturates there, so that any zero point can be added.
template <class Requantizer, int Bits = 8> struct weighted_sum {
    static_assert(Bits == 8 || Bits == 16, "ctq: weighted_sum: of 8 or 16 bits; other widths have no definition yet");
    using sum_type = std::conditional_t<Bits == 8, std::int32_t, std::int64_t>;

    static constexpr sum_scaling encode(double left, double right, double result) {
        const double a = left / result, b = right / result;
        double largest = a > b ? a : b;
        std::int32_t shift = 0;
        while (shift < largest_shift && largest * 2 < largest_multiplier) {
            largest *= 2;
            ++shift;
        }
        // An output far narrower than its inputs saturates; one factor for both keeps its sign right.
        const double one = largest < largest_multiplier ? static_cast<double>(std::int64_t{1} << shift)
                                                        : (largest_multiplier - 1) / largest;
        const auto fixed = [&](double scale) { return static_cast<std::int32_t>(scale * one + 0.5); };
        return {{fixed(a), 0}, {fixed(b), 0}, {1, shift}};
    }

    /// True when nothing overflows for |a| <= left, |b| <= right.
    static constexpr bool fits(std::int64_t left, std::int64_t right, const sum_scaling& s) {
        if (Bits == 16) return left <= largest_operand && right <= largest_operand;
        const std::int64_t sum = left * s.left.multiplier + right * s.right.multiplier;
        return sum + rounding_half<std::int32_t>(s.result.shift) <= std::numeric_limits<std::int32_t>::max();
    }

    static constexpr std::int32_t apply(std::int32_t a, std::int32_t b, const sum_scaling& s) {
        const sum_type sum = sum_type{a} * s.left.multiplier + sum_type{b} * s.right.multiplier;
        const sum_type rounded = rounding_shift_right(sum, s.result.shift);
        if constexpr (Bits == 8)
            return rounded;
        else
            return static_cast<std::int32_t>(clamp_to(rounded, -largest_operand, largest_operand));
    }

  private:
    static constexpr std::int64_t largest_operand = std::int64_t{1} << 30;
    static constexpr double largest_multiplier = Bits == 8 ? 0x1p15 - 1 : 0x1p31 - 1;
    static constexpr std::int32_t largest_shift = Bits == 8 ? 29 : 60;
};

/// TFLite's: both inputs shifted left, rescaled to a common scale, added and rescaled, each rescaling rounded twice.
/// |a|, |b| <= 255 for 8 bits, 32768 for 16. From: TFLite's reference add (tested on its results).
template <int Bits> struct weighted_sum<double_rounding, Bits> {
    static_assert(Bits == 8 || Bits == 16, "ctq: weighted_sum: TFLite adds integers of 8 or 16 bits");
    static constexpr int left_shift = Bits == 8 ? 20 : 15;

    static constexpr sum_scaling encode(double left, double right, double result) {
        const double common = 2 * (left > right ? left : right);
        return {double_rounding::encode(left / common), double_rounding::encode(right / common),
                double_rounding::encode(common / (static_cast<double>(1 << left_shift) * result))};
    }

    /// True when nothing overflows for |a| <= left, |b| <= right: both are scaled by at most one half, and a sum that
    /// the last scaling takes out of 32 bits saturates.
    static constexpr bool fits(std::int64_t left, std::int64_t right, const sum_scaling& s) {
        return (left << left_shift) <= double_rounding::headroom(s.left) &&
               (right << left_shift) <= double_rounding::headroom(s.right);
    }

    static constexpr std::int32_t apply(std::int32_t a, std::int32_t b, const sum_scaling& s) {
        const std::int32_t left = double_rounding::apply(a * (1 << left_shift), s.left, 0);
        const std::int32_t right = double_rounding::apply(b * (1 << left_shift), s.right, 0);
        return apply_saturating<double_rounding>(left + right, s.result, 0);
    }
};

} // namespace ctq::inline CTQ_TARGET

// ---- ctq/operators/broadcast.hpp
// Element by element over two tensors under numpy's broadcasting.
// room: operators | runs on: all | heap: no

namespace ctq::inline CTQ_TARGET::op {

/// Calls visit(index of the output, index of a, index of b) for every output element, in order. Both shapes broadcast
/// to that of the output, which a third one may have widened.
template <class Visitor>
constexpr void for_each_broadcast(const shape& out, const shape& a, const shape& b, Visitor visit) {
    const auto elements = static_cast<std::size_t>(out.elements());
    if (a == out && b == out) {
        for (std::size_t i = 0; i < elements; ++i) visit(i, i, i);
        return;
    }
    const auto step_a = broadcast_strides(a, out), step_b = broadcast_strides(b, out);
    std::array<std::int32_t, shape::max_rank> at{};
    std::int64_t in_a = 0, in_b = 0;
    for (std::size_t i = 0; i < elements; ++i) {
        visit(i, static_cast<std::size_t>(in_a), static_cast<std::size_t>(in_b));
        for (int axis = out.rank - 1; axis >= 0; --axis) {
            const auto x = static_cast<std::size_t>(axis);
            in_a += step_a[x];
            in_b += step_b[x];
            if (++at[x] < out[axis]) break;
            in_a -= step_a[x] * at[x];
            in_b -= step_b[x] * at[x];
            at[x] = 0;
        }
    }
}

} // namespace ctq::inline CTQ_TARGET::op

// ---- ctq/operators/element_wise.hpp
// element_wise: what operators without weights share: the walks over two broadcast operands, which stored types their
// integer meanings take, and how far their integers lie from zero.
// room: operators | runs on: all | heap: no

namespace ctq::inline CTQ_TARGET::op {

/// Operands and output of any activation types, and results that are rounded.
template <signature S>
concept element_wise_signature = is_activation(S.x) && is_activation(S.w) && is_activation(S.y) && rounded<S>;

/// Operators that move or choose elements: one type for all.
template <signature S>
concept same_stored_types = is_activation(S.x) && S.x == S.w&& S.x == S.y;

/// Calls `visitor` as with_element_type does, for the types whose elements are an entry of their own each: all but
/// int4.
template <class Visitor> constexpr void with_entry_type(dtype type, Visitor&& visitor) {
    require(type != dtype::int4, "the operator takes no int4");
    with_element_type(type, [&](auto each) {
        if constexpr (!std::is_same_v<decltype(each), int4_pair>) visitor(each);
    });
}

/// to[i] = combine(a, b) of two operands of type T, broadcast.
template <class T, class Combine>
constexpr void for_each_pair_of(const_tensors in, const tensor& out, Combine combine) {
    const T *a = in[0].as<T>(), *b = in[1].as<T>();
    auto* to = out.as<std::invoke_result_t<Combine, T, T>>();
    for_each_broadcast(out.shape(), in[0].shape(), in[1].shape(),
                       [&](std::size_t i, std::size_t in_a, std::size_t in_b) { to[i] = combine(a[in_a], b[in_b]); });
}

/// The same of float, int32 or int64.
template <class Combine> constexpr void for_each_pair(const_tensors in, const tensor& out, Combine combine) {
    with_number_type(in[0].facts.type, [&](auto each) { for_each_pair_of<decltype(each)>(in, out, combine); });
}

/// to[i] = combine(a, b), a and b less their zero points, clamped to the output's range.
template <signature S, class Combine>
constexpr void for_each_integer_pair(const_tensors in, const tensor& out, Combine combine) {
    const auto* a = in[0].as<element<S.x>>();
    const auto* b = in[1].as<element<S.w>>();
    auto* to = out.as<element<S.y>>();
    const std::int32_t zero_a = in[0].zero_point(), zero_b = in[1].zero_point();
    for_each_broadcast(
        out.shape(), in[0].shape(), in[1].shape(), [&](std::size_t i, std::size_t in_a, std::size_t in_b) {
            to[i] = static_cast<element<S.y>>(out.facts.range.clamp(combine(a[in_a] - zero_a, b[in_b] - zero_b)));
        });
}

/// The largest |integer - zero point| of a tensor.
constexpr std::int64_t farthest_from_zero(const tensor_facts& of) {
    const std::int64_t below = std::int64_t{of.quantization.zero_point} - of.range.low;
    const std::int64_t above = std::int64_t{of.range.high} - of.quantization.zero_point;
    return below > above ? below : above;
}

/// True for nodes whose integers are all of 8 bits: vector kernels run them in 32 bits, without saturation.
template <signature S> constexpr bool all_bytes = is_byte(S.x) && is_byte(S.w) && is_byte(S.y);

/// A scale for outputs of 8 bits that saturate: from 1024 on, every accumulator but 0 leaves them. So a larger scale
/// need not be encoded, and costs no headroom.
template <signature S> constexpr bool saturates(double scale) {
    return is_byte(S.y) && scale > 1024.0;
}

/// The scaling of a real scale; one that vanished makes every output the zero point.
template <signature S> constexpr scaling encode_saturating(double scale) {
    if (!(scale > 0)) return {0, 0};
    return requantizer_of<S>::encode(saturates<S>(scale) ? 1024.0 : scale);
}

/// A sum, a product or a difference of integers in the output's integers, not clamped to its range.
template <signature S>
constexpr std::int32_t scaled_to(std::int32_t accumulator, const scaling& s, const tensor_facts& out) {
    const std::int32_t zero_point = out.quantization.zero_point;
    if constexpr (all_bytes<S>)
        return requantizer_of<S>::apply(accumulator, s, zero_point);
    else
        return apply_saturating<requantizer_of<S>>(accumulator, s, zero_point);
}

/// The largest |accumulator| that scaled_to takes.
template <signature S> constexpr std::int64_t room_to_scale(const scaling& s) {
    return all_bytes<S> ? requantizer_of<S>::headroom(s) : largest_saturating;
}

} // namespace ctq::inline CTQ_TARGET::op

// ---- ctq/operators/add.hpp
// add: element-wise sum of two tensors, broadcast; one of them may be constant.
// room: operators | runs on: all | heap: no

namespace ctq::inline CTQ_TARGET::op {

/// Inputs: a and b, broadcast as ONNX does. Output: a + b within `activation`. Integer meaning: core/weighted_sum.hpp,
/// which states the error; no sum overflows where its `fits` says so.
struct add {
    static constexpr std::string_view name = "add";
    static constexpr std::string_view cpp_name = "ctq::op::add";
    static constexpr operator_traits traits{.operands = element_types::numbers,
                                            .in_place = true,
                                            .is_element_wise = true,
                                            .aligns_operands = true,
                                            .is_commutative = true};

    bounds activation{};

    static constexpr auto attributes = attribute_list{attribute{"activation", &add::activation}};

    friend constexpr bool operator==(const add&, const add&) = default;

    struct lowered {
        sum_scaling scales{};

        static constexpr auto attributes = attribute_list{attribute{"scales", &lowered::scales}};
        friend constexpr bool operator==(const lowered&, const lowered&) = default;
    };

    constexpr shape output_shape(shapes in) const {
        require(in.size() == 2, "add takes two inputs");
        return broadcast(in[0], in[1]);
    }

    constexpr void compute(const_tensors in, tensors out) const {
        for_each_pair(in, out[0], [&]<class T>(T a, T b) {
            if constexpr (std::is_same_v<T, float>)
                return activation.clamp(a + b);
            else
                return wrapped_sum(a, b);
        });
    }

    template <signature S> using sum_of = weighted_sum<requantizer_of<S>, all_bytes<S> ? 8 : 16>;

    template <signature S>
    requires element_wise_signature<S>
    constexpr void compute_integer(const lowered& with, const_tensors in, tensors out) const {
        for_each_integer_pair<S>(in, out[0], [&](std::int32_t a, std::int32_t b) {
            return sum_of<S>::apply(a, b, with.scales) + out[0].zero_point();
        });
    }

    template <signature S>
    requires element_wise_signature<S>
    constexpr bool never_overflows(const lowered& with, const_tensors in, const tensor_facts&) const {
        return sum_of<S>::fits(farthest_from_zero(in[0].facts), farthest_from_zero(in[1].facts), with.scales);
    }

    template <signature S, lowering_view Node>
    requires element_wise_signature<S>
    constexpr lowered lower(Node& node) const {
        node.keep(0);
        node.keep(1);
        return {sum_of<S>::encode(node.input(0).quantization.scale, node.input(1).quantization.scale,
                                  node.output().quantization.scale)};
    }

    constexpr affine of_channel(std::span<const float> added) const { return {1.0, static_cast<double>(added[0])}; }

    constexpr add permuted(std::span<const std::int32_t>) const { return *this; }
};

} // namespace ctq::inline CTQ_TARGET::op

// ---- ctq/operators/window.hpp
// A sliding window over the two image axes of an NHWC tensor: what convolution and pooling share.
// room: operators | runs on: all | heap: no

namespace ctq::inline CTQ_TARGET::op {

using extents = std::array<std::int32_t, 2>; ///< rows, columns
using margins = std::array<std::int32_t, 4>; ///< top, left, bottom, right

/// A border of one value that is put around an image, and the least that an element of the image can be.
struct image_border {
    margins width{};
    float value = 0, least = 0;
};

/// Borrowed view of an operator's window attributes.
struct window {
    extents kernel{1, 1}, stride{1, 1}, dilation{1, 1};
    margins padding{};

    constexpr std::int32_t span(std::size_t axis) const { return (kernel[axis] - 1) * dilation[axis] + 1; }

    /// Faults on attributes that no window can have, and on a window larger than the padded input.
    constexpr void validate(const shape& in) const {
        require(in.rank == 4, "the input must have 4 axes (batch, rows, columns, channels); reshape it");
        for (std::size_t axis = 0; axis < 2; ++axis) {
            require(kernel[axis] > 0, "kernel extents must be at least 1");
            require(stride[axis] > 0, "strides must be at least 1");
            require(dilation[axis] > 0, "dilations must be at least 1");
            require(kernel[axis] <= limit && stride[axis] <= limit && dilation[axis] <= limit,
                    "kernel, stride and dilation must be at most 65536");
            require(padding[axis] >= 0 && padding[axis + 2] >= 0, "pads must not be negative");
            require(padding[axis] <= limit && padding[axis + 2] <= limit, "pads must be at most 65536");
            const std::int64_t reach = std::int64_t{kernel[axis] - 1} * dilation[axis] + 1;
            const std::int64_t padded =
                std::int64_t{in[static_cast<int>(axis) + 1]} + padding[axis] + padding[axis + 2];
            require(reach <= padded, "the window is larger than the padded input; shrink kernel or dilation");
        }
    }

    constexpr std::int32_t output_extent(const shape& in, std::size_t axis) const {
        const std::int32_t padded = in[static_cast<int>(axis) + 1] + padding[axis] + padding[axis + 2];
        return (padded - span(axis)) / stride[axis] + 1;
    }

    constexpr shape output_shape(const shape& in, std::int32_t channels) const {
        validate(in);
        return {in[0], output_extent(in, 0), output_extent(in, 1), channels};
    }

    /// First input row (axis 0) or column (axis 1) under the window at output position `at`; may be outside.
    constexpr std::int32_t origin(std::size_t axis, std::int32_t at) const { return at * stride[axis] - padding[axis]; }

    /// How many of the window's cells lie before the image, where the first one is at `first`.
    constexpr std::int32_t cells_before_image(std::size_t axis, std::int32_t first) const {
        return first < 0 ? divide_up(-first, dilation[axis]) : 0;
    }

    /// Some of a window's cells along one axis: those with the numbers begin .. end - 1, none if end <= begin.
    struct cells {
        std::int32_t begin, end;
    };

    /// Those that lie in an image of this extent, where the first one is at `first`.
    constexpr cells cells_in_image(std::size_t axis, std::int32_t first, std::int32_t extent) const {
        const std::int32_t beyond = extent > first ? divide_up(extent - first, dilation[axis]) : 0;
        return {cells_before_image(axis, first), beyond < kernel[axis] ? beyond : kernel[axis]};
    }

    static constexpr std::int32_t limit = 65536;
};

/// Widens an operator's padding by a border; false, and nothing is done, where it would be wider than it may be.
template <class Op> constexpr bool widen_padding(Op& op, const margins& by) {
    for (std::size_t side = 0; side < by.size(); ++side)
        if (by[side] > window::limit - op.padding[side]) return false;
    for (std::size_t side = 0; side < by.size(); ++side) op.padding[side] += by[side];
    return true;
}

/// The window of any operator that has these four attributes.
template <class Op> constexpr window window_of(const Op& op) {
    window result{op.kernel, op.stride, {1, 1}, op.padding};
    if constexpr (requires { op.dilation; }) result.dilation = op.dilation;
    return result;
}

} // namespace ctq::inline CTQ_TARGET::op

// ---- ctq/operators/pooling.hpp
// The walk over pooling windows that max_pool and average_pool share.
// room: operators | runs on: all | heap: no

namespace ctq::inline CTQ_TARGET::op {

/// The input elements of one channel under one window; only cells inside the image are visited.
struct pooled_window {
    const window& over;
    const shape& in;
    std::int32_t image, row, column, channel; ///< row and column of the window's first cell, may be negative

    constexpr pooled_window(const window& w, const shape& of, std::int32_t n, std::int32_t y, std::int32_t x,
                            std::int32_t c)
        : over(w), in(of), image(n), row(y), column(x), channel(c) {}

    template <class Visitor> constexpr void for_each(Visitor visit) const {
        const std::int32_t down = over.dilation[0], right = over.dilation[1];
        const std::int32_t bottom = end(0, row), side = end(1, column);
        const std::int32_t top = row + over.cells_before_image(0, row) * down;
        const std::int32_t left = column + over.cells_before_image(1, column) * right;
        for (std::int32_t y = top; y < bottom; y += down)
            for (std::int32_t x = left; x < side; x += right)
                visit(static_cast<std::size_t>(((image * in[1] + y) * in[2] + x) * in[3] + channel));
    }

  private:
    /// Where the window or the image ends, along one axis.
    constexpr std::int32_t end(std::size_t axis, std::int32_t first) const {
        const std::int32_t window_end = first + over.span(axis), image_end = in[static_cast<int>(axis) + 1];
        return window_end < image_end ? window_end : image_end;
    }
};

template <class Visitor>
constexpr void for_each_pooled(const window& over, const shape& in, const shape& out, Visitor visit) {
    std::size_t index = 0;
    for (std::int32_t image = 0; image < out[0]; ++image)
        for (std::int32_t y = 0; y < out[1]; ++y)
            for (std::int32_t x = 0; x < out[2]; ++x)
                for (std::int32_t channel = 0; channel < out[3]; ++channel)
                    visit(index++, pooled_window{over, in, image, over.origin(0, y), over.origin(1, x), channel});
}

/// True when the window at output position `at` covers a row (axis 0) or column (axis 1) of the image.
constexpr bool meets_image(const window& over, const shape& in, std::size_t axis, std::int32_t at) {
    const window::cells found = over.cells_in_image(axis, over.origin(axis, at), in[static_cast<int>(axis) + 1]);
    return found.begin < found.end;
}

/// True when the window does at each of `count` positions. Of those whose first cell is in the image the last one
/// tells; only as many as the padding allows begin before it. Cost: padding / stride.
constexpr bool all_meet_image(const window& over, const shape& in, std::size_t axis, std::int32_t count) {
    for (std::int32_t at = 0; at < count && over.origin(axis, at) < 0; ++at)
        if (!meets_image(over, in, axis, at)) return false;
    return count == 0 || meets_image(over, in, axis, count - 1);
}

/// Widens a pool's padding by a border; false, and nothing is done, where a window could then miss the image.
template <class Op> constexpr bool widen_pool_padding(Op& op, const margins& by) {
    Op wide = op;
    if (!widen_padding(wide, by)) return false;
    const window over = window_of(wide);
    for (std::size_t axis = 0; axis < 2; ++axis)
        if (over.dilation[axis] != 1 || over.padding[axis] >= over.span(axis) ||
            over.padding[axis + 2] >= over.span(axis))
            return false;
    op = wide;
    return true;
}

/// Cells that the windows read, of a window no more than the image has.
template <class Op> constexpr std::int64_t pooled_cells(const Op& op, const shape& in, const shape& out) {
    std::int64_t cells = out.elements();
    for (std::size_t axis = 0; axis < 2; ++axis) {
        const std::int32_t extent = in[static_cast<int>(axis) + 1];
        cells *= op.kernel[axis] < extent ? op.kernel[axis] : extent;
    }
    return cells;
}

/// The shape rule of both pools. Padding must be smaller than the kernel: each window then meets the image, unless it
/// is dilated so far that the image falls between its cells.
template <class Op> constexpr shape pooled_shape(const Op& op, shapes in) {
    require(in.size() == 1, "a pooling layer takes one input");
    const window over = window_of(op);
    const shape result = over.output_shape(in[0], in[0].rank == 4 ? in[0][3] : 0);
    for (std::size_t axis = 0; axis < 2; ++axis)
        require(over.padding[axis] < over.span(axis) && over.padding[axis + 2] < over.span(axis),
                "pads must be smaller than the kernel");
    for (std::size_t axis = 0; axis < 2; ++axis)
        require(over.dilation[axis] == 1 || all_meet_image(over, in[0], axis, result[static_cast<int>(axis) + 1]),
                "a window would lie between the image's cells; shrink dilations");
    return result;
}

} // namespace ctq::inline CTQ_TARGET::op

// ---- ctq/operators/element_walks.hpp
// element_walks: the elements of a tensor one after the other, by strides or by runs that share an index.
// room: operators | runs on: all | heap: no

namespace ctq::inline CTQ_TARGET::op {

/// Calls visit(offset) for every element of a box of shape `over`, in row-major order, offset by these strides.
template <class Visitor>
constexpr void for_each_offset(const shape& over, const std::array<std::int64_t, shape::max_rank>& strides,
                               Visitor visit) {
    std::array<std::int32_t, shape::max_rank> at{};
    std::int64_t offset = 0;
    for (std::int64_t i = over.elements(); i > 0; --i) {
        visit(offset);
        for (int axis = over.rank - 1; axis >= 0; --axis) {
            const auto x = static_cast<std::size_t>(axis);
            offset += strides[x];
            if (++at[x] < over[axis]) break;
            offset -= strides[x] * at[x];
            at[x] = 0;
        }
    }
}

/// Calls visit(index, first, length) for each run of elements that lie in a row and have one index along `axis` of a
/// tensor of shape `of`, in row-major order.
template <class Visitor> constexpr void for_each_run(const shape& of, int axis, Visitor visit) {
    const auto extent = static_cast<std::size_t>(of[axis]), size = static_cast<std::size_t>(of.elements());
    const auto length = static_cast<std::size_t>(of.elements(axis + 1, of.rank));
    std::size_t index = 0;
    for (std::size_t first = 0; first < size; first += length) {
        visit(index, first, length);
        index = index + 1 < extent ? index + 1 : 0;
    }
}

} // namespace ctq::inline CTQ_TARGET::op

// ---- ctq/operators/weighted.hpp
// weighted: what the integer meanings of conv2d and dense share: the inputs of a lowered node, how its constants are
// made from integer weights and bias, how an accumulator becomes an output, and the bound of the accumulators.
// room: operators | runs on: all | heap: only where constants are made (compiler, host)

namespace ctq::inline CTQ_TARGET::op {

/// Inputs of a lowered conv2d or dense node, by position. Without rounding there are neither multiplier nor shift; the
/// residual is there if the operator says so. Sums that become reals have the weights' scales instead, and the value
/// that holds the activation's scale. The value that holds its zero point, if one does, is the last input.
namespace weighted {
constexpr std::size_t activation = 0, weights = 1, bias = 2, multiplier = 3, shift = 4, residual = 5;
constexpr std::size_t weight_scale = 3, scale = 4;
} // namespace weighted

/// True when the arithmetic takes the accumulators.
template <signature S>
concept rounds_sums = rounded<S> && sizeof(typename requantizer_of<S>::accumulator_type) >= sizeof(element<S.sum>);

/// Sums of integers that become reals at once: the activation's scale is known only when the network runs.
template <signature S>
concept makes_reals = S.y == dtype::float32&& S.how == rounding::unrounded;

/// Types that sums of products are defined for.
template <signature S>
concept weighted_signature = is_activation(S.x) && is_weight(S.w) &&
                             (is_activation(S.y) || makes_reals<S>)&&(S.sum == dtype::int32 || S.sum == dtype::int64) &&
                             (rounds_sums<S> || S.how == rounding::unrounded);

/// True when 32 bits may not hold a product.
template <signature S> constexpr bool has_wide_products = S.x == dtype::int32 || S.w == dtype::int32;

/// A product: where it is wide, in the accumulator's type, which the overflow proof bounds.
template <signature S> using product_type = std::conditional_t<has_wide_products<S>, element<S.sum>, std::int32_t>;

/// An activation times a weight.
template <signature S> constexpr element<S.sum> product_of(std::int32_t activation, std::int32_t weight) {
    return product_type<S>{activation} * weight;
}

/// True when the activation's zero point is a value of the graph, which those of bytes can be. Rounded sums have it in
/// their bias.
template <signature S> constexpr bool has_dynamic_zero_point(const_tensors in) {
    return S.how == rounding::unrounded && is_byte(S.x) &&
           in.size() > (makes_reals<S> ? weighted::scale : weighted::bias) + 1;
}

/// What a sum subtracts from each activation: that zero point, or nothing.
template <signature S> constexpr std::int32_t dynamic_zero_point(const_tensors in) {
    return has_dynamic_zero_point<S>(in) ? in[in.size() - 1].as<std::int32_t>()[0] : 0;
}

/// Facts of what weights are multiplied with: the activation's own, or those of its differences from a dynamic zero
/// point.
template <signature S> constexpr tensor_facts factor_facts(const_tensors in) {
    tensor_facts facts = in[weighted::activation].facts;
    if (has_dynamic_zero_point<S>(in)) {
        const limits zero = in[in.size() - 1].facts.range;
        const auto difference = [](std::int64_t a, std::int64_t b) { return saturate<std::int32_t>(a - b); };
        facts.range = {difference(facts.range.low, zero.high), difference(facts.range.high, zero.low)};
    }
    return facts;
}

/// A real within a fused activation. Integers are within theirs by the output's range.
constexpr float within(const bounds& activation, float value) {
    return activation.clamp(value);
}
template <std::integral Integer> constexpr Integer within(const bounds&, Integer value) {
    return value;
}

/// Views of the per-channel constants. The bias holds all that is known before the program starts: the quantized bias,
/// minus the input's zero point times the sum of the weights, plus the requantizer's rounding constant.
template <signature S> struct channel_scaling {
    using requantizer = requantizer_of<S>;
    using multiplier_type = typename requantizer::multiplier_type;
    using accumulator = element<S.sum>;

    const accumulator* bias;
    const multiplier_type* multiplier;
    const std::int8_t* shift;

    constexpr explicit channel_scaling(const_tensors in)
        : bias(in[weighted::bias].as<accumulator>()),
          multiplier(in[weighted::multiplier].as<multiplier_type>()),
          shift(in[weighted::shift].as<std::int8_t>()) {}

    constexpr scaling operator[](std::size_t channel) const { return {multiplier[channel], shift[channel]}; }
    constexpr accumulator start(std::size_t channel) const { return bias[channel]; }

    /// The output integer of an accumulator that started at bias[channel]; with a residual's term, if one is given,
    /// added before the last rounding: see adds_residual.
    template <class... Term>
    constexpr element<S.y> finish(accumulator sum, std::size_t channel, const tensor_facts& out, Term... term) const {
        const std::int32_t q = requantizer::apply_folded(sum, (*this)[channel], out.quantization.zero_point, term...);
        return static_cast<element<S.y>>(out.range.clamp(q));
    }

    /// The largest magnitude of an accumulator that its type holds and that is requantized right.
    constexpr std::int64_t headroom(std::size_t channel) const {
        const std::int64_t room = requantizer::headroom((*this)[channel]) + requantizer::rounding((*this)[channel]);
        constexpr std::int64_t most = std::numeric_limits<accumulator>::max();
        return room < most ? room : most;
    }
};

/// The same where accumulators are the outputs.
template <signature S>
requires(S.how == rounding::unrounded && !makes_reals<S>) struct channel_scaling<S> {
    using accumulator = element<S.sum>;

    const accumulator* bias;

    constexpr explicit channel_scaling(const_tensors in) : bias(in[weighted::bias].as<accumulator>()) {}

    constexpr accumulator start(std::size_t channel) const { return bias[channel]; }
    constexpr element<S.y> finish(accumulator sum, std::size_t, const tensor_facts& out) const {
        return static_cast<element<S.y>>(out.range.clamp(static_cast<std::int32_t>(sum)));
    }
    constexpr std::int64_t headroom(std::size_t) const { return std::numeric_limits<std::int32_t>::max(); }
};

/// The same where sums become reals: sum * (scale * weight_scale) + bias, each step rounded to float32.
template <signature S>
requires makes_reals<S>
struct channel_scaling<S> {
    using accumulator = element<S.sum>;

    const float* bias;
    const float* weight_scale;
    const float* scale; ///< of the activation; read when the network runs

    constexpr explicit channel_scaling(const_tensors in)
        : bias(in[weighted::bias].as<float>()),
          weight_scale(in[weighted::weight_scale].as<float>()),
          scale(in[weighted::scale].as<float>()) {}

    constexpr accumulator start(std::size_t) const { return 0; }
    constexpr float finish(accumulator sum, std::size_t channel, const tensor_facts&) const {
        return multiply_add_unfused(static_cast<float>(sum), scale[0] * weight_scale[channel], bias[channel]);
    }
    constexpr std::int64_t headroom(std::size_t) const { return std::numeric_limits<std::int32_t>::max(); }
};

/// The sums of the positive and of the negative weights of a channel, both as magnitudes.
struct weight_sums {
    std::int64_t positive = 0, negative = 0;

    constexpr void add(std::int64_t weight) {
        positive += weight > 0 ? weight : 0;
        negative -= weight < 0 ? weight : 0;
    }
};

/// True when no product of a channel overflows before it is added, nor the sums of the proof below.
template <signature S>
constexpr bool wide_products_fit(const weight_sums& weights, std::int64_t low, std::int64_t high) {
    constexpr std::int64_t held = std::numeric_limits<element<S.sum>>::max();
    constexpr std::int64_t most = S.sum == dtype::int64 ? held / 4 : held;
    const std::int64_t activation = -low > high ? -low : high;
    const std::int64_t weight = weights.positive > weights.negative ? weights.positive : weights.negative;
    return activation == 0 || weight <= most / activation;
}

/// What a sum adds or multiplies of an image with padding: activations within their range. Padding is read as the zero
/// point, so that counts as one of them; 0, as which a layer without padding counts nothing, too.
constexpr interval factors_of(const tensor_facts& input) {
    const std::int64_t zero = input.quantization.zero_point < 0 ? input.quantization.zero_point : 0;
    const std::int64_t above = input.quantization.zero_point > 0 ? input.quantization.zero_point : 0;
    return {input.range.low < zero ? input.range.low : zero, input.range.high > above ? input.range.high : above};
}

/// True when a sum that starts at `start` and adds the products in any order keeps within -room .. room.
constexpr bool sum_keeps_within(std::int64_t room, std::int64_t start, const weight_sums& weights,
                                const interval& factors) {
    if (start > room || start < -room) return false;
    const std::int64_t largest = start + weights.positive * factors.high - weights.negative * factors.low;
    const std::int64_t smallest = start + weights.positive * factors.low - weights.negative * factors.high;
    return largest <= room && smallest >= -room;
}

/// True when an accumulator that starts at the bias keeps within the arithmetic, whatever activations within their
/// range come.
template <signature S>
constexpr bool accumulator_fits(const channel_scaling<S>& scales, const weight_sums& weights, const tensor_facts& input,
                                std::size_t channel) {
    const interval factors = factors_of(input);
    if constexpr (has_wide_products<S>)
        if (!wide_products_fit<S>(weights, factors.low, factors.high)) return false;
    return sum_keeps_within(scales.headroom(channel), scales.start(channel), weights, factors);
}

/// Sums that no channel of `length` weights of a type exceeds.
template <dtype Weight> constexpr weight_sums largest_sums(std::int64_t length) {
    constexpr std::int64_t low = limits_of(Weight).low, high = limits_of(Weight).high;
    const std::int64_t most = (-low > high ? -low : high) * length;
    return {most, most};
}

/// The overflow proof of some of a node's channels, of `length` weights each: no accumulator can leave the
/// requantizer's headroom. A channel's weights are read, by `sums_of(channel)`, only where they could: reading them is
/// most of what a constant evaluation of this costs, and few layers are that long.
template <signature S, class Sums>
constexpr bool accumulators_fit(const_tensors in, channel_range some, std::int64_t length, Sums sums_of) {
    const channel_scaling<S> scales(in);
    const tensor_facts factor = factor_facts<S>(in);
    const weight_sums largest = largest_sums<S.w>(length);
    const auto fit = [&](const weight_sums& sums, std::int32_t channel) {
        return accumulator_fits(scales, sums, factor, static_cast<std::size_t>(channel));
    };
    const std::int32_t last = in[weighted::bias].shape()[0];
    for (std::int32_t channel = some.first; channel < last && channel < some.last; ++channel)
        if (!fit(largest, channel) && !fit(sums_of(channel), channel)) return false;
    return true;
}

/// Places the integer weights, input 1, where `place(channel, k)` says, k counting those of a channel as they lie; the
/// sum of each channel's is returned.
template <signature S, class Node, class Weights, class Place>
constexpr auto place_weights(const Node& node, std::size_t channels, Weights& placed, Place place) {
    const auto* weights = node.template constant<element<S.w>>(1);
    auto sums = node.template list<std::int64_t>(channels);
    for_each_run(
        node.input(1).shape, node.weight_axis(), [&](std::size_t channel, std::size_t first, std::size_t length) {
            const std::size_t before = first / (length * channels) * length;
            std::int64_t sum = 0;
            for (std::size_t i = 0; i < length; ++i) {
                const std::int32_t weight = read_integer<S.w>(weights, first + i);
                const std::size_t at = place(static_cast<std::int32_t>(channel), static_cast<std::int32_t>(before + i));
                write_integer<S.w>(placed.data(), at, weight);
                sum += weight;
            }
            sums[channel] += sum;
        });
    return sums;
}

/// The same constants where sums become reals: bias and weight scales in float32, and the activation's dynamic scale.
template <signature S, class Node, class Place>
requires makes_reals<S>
constexpr void lower_weights(Node& node, std::int32_t channels, const shape& packed, Place place) {
    const auto count = static_cast<std::size_t>(channels);
    auto placed = node.template list<element<S.w>>(entries_of(S.w, static_cast<std::size_t>(packed.elements())));
    auto bias = node.template list<float>(count), weight_scale = bias;
    place_weights<S>(node, count, placed, place);
    for (std::size_t channel = 0; channel < count; ++channel) {
        weight_scale[channel] = static_cast<float>(node.scale(1, channel));
        if (node.input_count() > 2) bias[channel] = node.template constant<float>(2)[channel];
    }
    node.keep(0);
    node.append("weights", packed, placed);
    node.append("bias", shape{channels}, bias);
    node.append("weight_scale", shape{channels}, weight_scale);
    node.keep_scale(0);
    node.keep_zero_point(0);
}

/// Where the accumulator of a channel starts, with all that is known before: the bias, less the activation's zero point
/// times the sum of the weights, and the rounding constant. Of 64 bits half is left to the products, in the proof too.
template <signature S>
constexpr element<S.sum> folded_bias(std::int64_t bias, std::int32_t zero_point, std::int64_t weights,
                                     std::int64_t constant) {
    constexpr bool wide = S.sum == dtype::int64;
    constexpr double most = wide ? 0x1p62 : 2147483647.0;
    const double start = static_cast<double>(bias) - static_cast<double>(zero_point) * static_cast<double>(weights) +
                         static_cast<double>(constant);
    const bool fits = start >= -most && start <= most;
    require(fits || wide,
            "a channel's sums start beyond 32 bits, at its bias less the input's zero point times the sum "
            "of its weights; exclude the layer");
    require(fits, "a channel's sums start beyond 64 bits, at its bias less the input's zero point times the sum of its "
                  "weights; exclude the layer");
    return static_cast<element<S.sum>>(bias - zero_point * weights + constant);
}

/// Makes the constants of a lowered node: the weights in the order of `place(channel, k)` in an array of shape
/// `packed`, the folded bias and, where results are rounded, multipliers and shifts. `node` is a lowering_view: inputs
/// 0 (activation), 1 (integer weights, their channels and the scales of these along the operator's `weight_axis`) and 2
/// (bias of the sums' type, or none).
/// Cost: a pass over the weights.
template <signature S, class Node, class Place>
constexpr void lower_weights(Node& node, std::int32_t channels, const shape& packed, Place place) {
    const auto count = static_cast<std::size_t>(channels);
    const quantization in = node.input(0).quantization, out = node.output().quantization;
    auto placed = node.template list<element<S.w>>(entries_of(S.w, static_cast<std::size_t>(packed.elements())));
    auto bias = node.template list<element<S.sum>>(count);
    auto multiplier = node.template list<std::int32_t>(count);
    auto shift = node.template list<std::int8_t>(count);
    const auto sums = place_weights<S>(node, count, placed, place);
    for (std::size_t channel = 0; channel < count; ++channel) {
        std::int64_t constant = 0;
        if constexpr (rounded<S>) {
            const double product = static_cast<double>(in.scale) * node.scale(1, channel);
            const scaling s = requantizer_of<S>::encode(product / static_cast<double>(out.scale));
            constant = requantizer_of<S>::rounding(s);
            multiplier[channel] = s.multiplier;
            shift[channel] = static_cast<std::int8_t>(s.shift);
        }
        bias[channel] = folded_bias<S>(node.bias(channel), in.zero_point, sums[channel], constant);
    }
    node.keep(0);
    node.append("weights", packed, placed);
    node.append("bias", shape{channels}, bias);
    if constexpr (rounded<S>) {
        node.append_narrow("multiplier", shape{channels}, multiplier,
                           dtype_of<typename requantizer_of<S>::multiplier_type>);
        node.append("shift", shape{channels}, shift);
    } else {
        node.keep_zero_point(0);
    }
}

} // namespace ctq::inline CTQ_TARGET::op

// ---- ctq/operators/average_pool.hpp
// average_pool: the mean under a window of an NHWC image, with or without the padding in the count.
// room: operators | runs on: all | heap: no

namespace ctq::inline CTQ_TARGET::op {

/// Input [N,H,W,C], output [N,H',W',C]: the mean of each window's cells, those of the padding counted as zeros if
/// `count_padding`, else left out. The output has the input's scale. Windows of 4194304 cells at most. Integer meaning:
/// the nearest integer, halves away from zero, as TFLite rounds. Cost: a read of each cell of each window.
struct average_pool {
    static constexpr std::string_view name = "average_pool";
    static constexpr std::string_view cpp_name = "ctq::op::average_pool";
    static constexpr operator_traits traits{.output_range = range_rule::same_as_input};

    extents kernel{1, 1}, stride{1, 1};
    margins padding{};
    bool count_padding = false;

    static constexpr auto attributes = attribute_list{
        attribute{"kernel", &average_pool::kernel}, attribute{"stride", &average_pool::stride},
        attribute{"padding", &average_pool::padding}, attribute{"count_padding", &average_pool::count_padding}};

    friend constexpr bool operator==(const average_pool&, const average_pool&) = default;

    constexpr shape output_shape(shapes in) const {
        require(std::int64_t{kernel[0]} * kernel[1] <= 4194304, "an average is over at most 4194304 cells");
        return pooled_shape(*this, in);
    }
    constexpr std::int64_t steps(shapes in, const shape& out) const { return pooled_cells(*this, in[0], out); }

    /// A border of zeros, which count.
    constexpr bool absorb_border(const image_border& border) {
        const bool counts_all = count_padding || padding == margins{};
        if (border.value != 0 || !counts_all || !widen_pool_padding(*this, border.width)) return false;
        count_padding = true;
        return true;
    }

    constexpr void compute(const_tensors in, tensors out) const {
        for_each_pooled(window_of(*this), in[0].shape(), out[0].shape(),
                        [&](std::size_t index, const pooled_window& under) {
                            float sum = 0;
                            std::int32_t count = 0;
                            under.for_each([&](std::size_t at) {
                                sum += in[0].as<float>()[at];
                                ++count;
                            });
                            out[0].as<float>()[index] = sum / static_cast<float>(divisor(count));
                        });
    }

    /// The sum of the integers, padding read as the zero point, divided with halves away from zero (TFLite's rule).
    template <signature S>
    requires same_stored_types<S>
    constexpr void compute_integer(const_tensors in, tensors out) const {
        using stored = element<S.x>;
        for_each_pooled(window_of(*this), in[0].shape(), out[0].shape(),
                        [&](std::size_t index, const pooled_window& under) {
                            std::int32_t sum = 0, count = 0;
                            under.for_each([&](std::size_t at) {
                                sum += in[0].as<stored>()[at];
                                ++count;
                            });
                            const std::int32_t cells = divisor(count);
                            sum += (cells - count) * in[0].zero_point();
                            out[0].as<stored>()[index] = static_cast<stored>(rounded_mean(sum, cells));
                        });
    }

    template <signature S>
    requires same_stored_types<S>
    constexpr bool never_overflows(const nothing_lowered&, const_tensors in, const tensor_facts&) const {
        const limits& range = in[0].facts.range;
        const interval summed = count_padding ? factors_of(in[0].facts) : interval{range.low, range.high};
        const std::int64_t cells = std::int64_t{kernel[0]} * kernel[1];
        const std::int64_t farthest = -summed.low > summed.high ? -summed.low : summed.high;
        return farthest * cells + cells / 2 <= std::numeric_limits<std::int32_t>::max();
    }

    static constexpr std::int32_t rounded_mean(std::int32_t sum, std::int32_t count) {
        return (sum > 0 ? sum + count / 2 : sum - count / 2) / count;
    }

  private:
    constexpr std::int32_t divisor(std::int32_t inside) const { return count_padding ? kernel[0] * kernel[1] : inside; }
};

} // namespace ctq::inline CTQ_TARGET::op

// ---- ctq/operators/packing.hpp
// The layout of weights in flash: one for every target.
// room: operators | runs on: all | heap: no

namespace ctq::inline CTQ_TARGET::op {

/// A kernel row (kernel width * input channels of a group, contiguous in NHWC) is cut into dwords of four weights; the
/// slack of the last one is zero. The dwords of all output channels that meet the same four activations lie side by
/// side: [group][kernel row][dword][output channel][4]. VNNI and sdot read it as it is, Cortex-M's LDRD takes two
/// channels at once, and a plain loop loses nothing. A dense layer is one row.
struct row_packing {
    std::int32_t groups = 1;
    std::int32_t rows = 1;       ///< kernel height
    std::int32_t row_length = 1; ///< kernel width * input channels per group
    std::int32_t channels = 1;   ///< output channels per group

    constexpr std::int32_t dwords() const { return divide_up(row_length, 4); }
    constexpr std::size_t index(std::int32_t group, std::int32_t row, std::int32_t k, std::int32_t channel) const {
        const auto block = static_cast<std::size_t>((group * rows + row) * dwords() + k / 4);
        return (block * static_cast<std::size_t>(channels) + static_cast<std::size_t>(channel)) * 4 +
               static_cast<std::size_t>(k % 4);
    }
    constexpr std::size_t size() const {
        return static_cast<std::size_t>(groups) * static_cast<std::size_t>(rows) * static_cast<std::size_t>(dwords()) *
               static_cast<std::size_t>(channels) * 4;
    }
};

/// The sums of one output channel's weights; they bound its accumulator. One statement for four weights, so that
/// clang's limit on constant evaluation allows a million of them, and no call where they are stored as they are: half
/// the time of g++.
template <dtype Type, class Elements>
constexpr weight_sums sums_of(const Elements* packed, const row_packing& layout, std::int32_t group,
                              std::int32_t channel) {
    weight_sums sums;
    std::size_t at = layout.index(group, 0, 0, channel);
    const std::size_t step = 4 * static_cast<std::size_t>(layout.channels);
    const std::int32_t blocks = layout.rows * layout.dwords();
    std::int64_t total = 0;
    for (std::int32_t block = 0; block < blocks; ++block, at += step) {
        std::int64_t a{}, b{}, c{}, d{};
        if constexpr (Type == dtype::int4)
            a = read_integer<Type>(packed, at), b = read_integer<Type>(packed, at + 1),
            c = read_integer<Type>(packed, at + 2), d = read_integer<Type>(packed, at + 3);
        else
            a = packed[at], b = packed[at + 1], c = packed[at + 2], d = packed[at + 3];
        total += a + b + c + d;
        sums.positive += (a > 0 ? a : 0) + (b > 0 ? b : 0) + (c > 0 ? c : 0) + (d > 0 ? d : 0);
    }
    sums.negative = sums.positive - total;
    return sums;
}

} // namespace ctq::inline CTQ_TARGET::op

// ---- ctq/operators/conv2d.hpp
// conv2d: convolution of NHWC images, with groups, dilation, any padding; depthwise is groups = channels.
// room: operators | runs on: all | heap: only where constants are made (compiler, host)

namespace ctq::inline CTQ_TARGET::op {

/// Float inputs: x [N,H,W,C], weights [O,KH,KW,C/groups], optionally a bias [O] and then a residual of the output's
/// shape that is added before the activation. Output [N,H',W',O]. Inputs of the lowered node: see `weighted`; the
/// weights packed as `packing` says, or [KH,KW,O] when a group has one channel.
struct conv2d {
    static constexpr std::string_view name = "conv2d";
    static constexpr std::string_view cpp_name = "ctq::op::conv2d";
    static constexpr operator_traits traits{.roles = {operand_role::operand, operand_role::weights, operand_role::bias},
                                            .folds_scale = true};

    extents kernel{1, 1}, stride{1, 1}, dilation{1, 1};
    margins padding{};
    std::int32_t groups = 1;
    bounds activation{};

    static constexpr auto attributes =
        attribute_list{attribute{"kernel", &conv2d::kernel},     attribute{"stride", &conv2d::stride},
                       attribute{"dilation", &conv2d::dilation}, attribute{"padding", &conv2d::padding},
                       attribute{"groups", &conv2d::groups},     attribute{"activation", &conv2d::activation}};

    friend constexpr bool operator==(const conv2d&, const conv2d&) = default;

    struct lowered {
        std::int32_t residual = 0; ///< the residual's multiplier, 0 if there is none

        static constexpr auto attributes = attribute_list{attribute{"residual", &lowered::residual}};
        friend constexpr bool operator==(const lowered&, const lowered&) = default;
    };

  private:
    // Defined first: clang (docs/design.md, section 1).
    template <class Visitor> static constexpr void for_each_output(const shape& out, Visitor visit) {
        std::size_t index = 0;
        for (std::int32_t n = 0; n < out[0]; ++n)
            for (std::int32_t y = 0; y < out[1]; ++y)
                for (std::int32_t x = 0; x < out[2]; ++x)
                    for (std::int32_t channel = 0; channel < out[3]; ++channel) visit(index++, n, y, x, channel);
    }

    /// Visits the pixels under the window of output (y, x): the pixel's number, or -1 for padding.
    template <class Visitor>
    constexpr void for_each_tap(const shape& in, std::int32_t n, std::int32_t y, std::int32_t x, Visitor visit) const {
        for (std::int32_t ky = 0; ky < kernel[0]; ++ky)
            for (std::int32_t kx = 0; kx < kernel[1]; ++kx) {
                const std::int32_t row = y * stride[0] - padding[0] + ky * dilation[0];
                const std::int32_t column = x * stride[1] - padding[1] + kx * dilation[1];
                const bool inside = row >= 0 && row < in[1] && column >= 0 && column < in[2];
                visit(inside ? (std::int64_t{n} * in[1] + row) * in[2] + column : -1, ky, kx);
            }
    }

  public:
    constexpr shape output_shape(shapes in) const {
        require(in.size() >= 2 && in.size() <= 4, "conv2d takes an image, weights, an optional bias and a residual");
        require(in[1].rank == 4, "the weights must have 4 axes (outputs, rows, columns, inputs per group)");
        require(groups > 0, "groups must be at least 1");
        require(in[0].rank == 4 && in[0][3] % groups == 0, "the input channels must be a multiple of groups");
        require(in[1][3] == in[0][3] / groups, "the weights' inputs per group must be input channels / groups");
        require(in[1][0] % groups == 0 && in[1][0] > 0, "the output channels must be a multiple of groups");
        require(in[1][1] == kernel[0] && in[1][2] == kernel[1], "the weights' extents must be the kernel attribute");
        require(in.size() < 3 || (in[2].rank == 1 && in[2][0] == in[1][0]), "the bias must have one value a channel");
        const shape result = window_of(*this).output_shape(in[0], in[1][0]);
        require(in.size() < 4 || in[3] == result, "the residual must have the output's shape");
        return result;
    }

    constexpr std::int64_t macs(const shape& in, const shape& out) const {
        return out.elements() * kernel[0] * kernel[1] * (in[3] / groups);
    }

    /// A border of zeros.
    constexpr bool absorb_border(const image_border& border) {
        return border.value == 0 && widen_padding(*this, border.width);
    }

    constexpr void compute(const_tensors in, tensors out) const {
        const std::int32_t channels = out[0].shape()[3], inputs = in[1].shape()[3];
        const float* weights = in[1].as<float>();
        const float* bias = in.size() > 2 ? in[2].as<float>() : nullptr;
        for_each_output(out[0].shape(), [&](std::size_t index, std::int32_t n, std::int32_t y, std::int32_t x,
                                            std::int32_t channel) {
            float sum = bias != nullptr ? bias[channel] : 0.0f;
            const std::int32_t first = channel / (channels / groups) * inputs;
            for_each_tap(in[0].shape(), n, y, x, [&](std::int64_t pixel, std::int32_t ky, std::int32_t kx) {
                if (pixel < 0) return;
                const float* from = in[0].as<float>() + pixel * in[0].shape()[3] + first;
                const float* w = weights + ((channel * kernel[0] + ky) * kernel[1] + kx) * inputs;
                for (std::int32_t i = 0; i < inputs; ++i) sum = multiply_add_unfused(from[i], w[i], sum);
            });
            if (in.size() > 3) sum += in[3].as<float>()[index];
            out[0].as<float>()[index] = activation.clamp(sum);
        });
    }

    /// True when each output channel reads one input channel, so that the weights are kept [KH,KW,O].
    static constexpr bool per_channel_layout(std::int32_t inputs_per_group) { return inputs_per_group == 1; }

    constexpr row_packing packing(std::int32_t inputs_per_group, std::int32_t outputs) const {
        return {groups, kernel[0], kernel[1] * inputs_per_group, outputs / groups};
    }

    /// acc = bias + sum of x * w, padding read as the zero point; q = requantized (with the residual before the last
    /// rounding), clamped to the output's range.
    template <signature S>
    requires weighted_signature<S>
    constexpr void compute_integer(const lowered& with, const_tensors in, tensors out) const {
        const const_tensor& image = in[weighted::activation];
        const auto* pixels = image.as<element<S.x>>();
        const auto* weights = in[weighted::weights].as<element<S.w>>();
        const channel_scaling<S> scales(in);
        const std::int32_t channels = out[0].shape()[3], depth = image.shape()[3], inputs = depth / groups;
        const row_packing layout = packing(inputs, channels);
        const std::int32_t zero = dynamic_zero_point<S>(in), padding_value = zero + image.zero_point();
        for_each_output(out[0].shape(), [&](std::size_t index, std::int32_t n, std::int32_t y, std::int32_t x,
                                            std::int32_t channel) {
            const std::int32_t group = channel / layout.channels, member = channel % layout.channels;
            element<S.sum> sum = scales.start(static_cast<std::size_t>(channel));
            for_each_tap(image.shape(), n, y, x, [&](std::int64_t pixel, std::int32_t ky, std::int32_t kx) {
                for (std::int32_t i = 0; i < inputs; ++i) {
                    const std::size_t at = per_channel_layout(inputs)
                                               ? static_cast<std::size_t>((ky * kernel[1] + kx) * channels + channel)
                                               : layout.index(group, ky, kx * inputs + i, member);
                    const std::int32_t value =
                        pixel < 0
                            ? padding_value
                            : read_integer<S.x>(pixels, static_cast<std::size_t>(pixel * depth + group * inputs + i));
                    sum += product_of<S>(value - zero, read_integer<S.w>(weights, at));
                }
            });
            const auto finish = [&](auto... term) {
                return within(activation, scales.finish(sum, static_cast<std::size_t>(channel), out[0].facts, term...));
            };
            element<S.y>& to = out[0].as<element<S.y>>()[index];
            if constexpr (adds_residual<requantizer_or_none<S>>) {
                if (with.residual != 0) {
                    const const_tensor& added = in[weighted::residual];
                    to = finish(requantizer_of<S>::residual_term(
                        read_integer<S.x>(added.as<element<S.x>>(), index) - added.zero_point(), with.residual));
                    return;
                }
            }
            to = finish();
        });
    }

    /// The overflow proof of some channels.
    template <signature S>
    requires weighted_signature<S>
    constexpr bool never_overflows(const lowered&, const_tensors in, const tensor_facts& out,
                                   channel_range some) const {
        const auto* weights = in[weighted::weights].as<element<S.w>>();
        const std::int32_t channels = out.shape[3], inputs = in[weighted::activation].shape()[3] / groups;
        const std::int32_t taps = kernel[0] * kernel[1];
        const row_packing layout = packing(inputs, channels);
        return accumulators_fit<S>(in, some, std::int64_t{taps} * inputs, [&](std::int32_t channel) {
            if (!per_channel_layout(inputs))
                return sums_of<S.w>(weights, layout, channel / layout.channels, channel % layout.channels);
            weight_sums sums;
            for (std::int32_t tap = 0; tap < taps; ++tap)
                sums.add(read_integer<S.w>(weights, static_cast<std::size_t>(tap * channels + channel)));
            return sums;
        });
    }

    template <signature S, lowering_view Node>
    requires weighted_signature<S>
    constexpr lowered lower(Node& node) const {
        const shape weights = node.input(1).shape;
        const std::int32_t inputs = weights[3], outputs = weights[0];
        const row_packing layout = packing(inputs, outputs);
        const auto place = [&](std::int32_t channel, std::int32_t k) {
            const std::int32_t row_length = kernel[1] * inputs;
            return per_channel_layout(inputs) ? static_cast<std::size_t>(k * outputs + channel)
                                              : layout.index(channel / layout.channels, k / row_length, k % row_length,
                                                             channel % layout.channels);
        };
        const shape packed = per_channel_layout(inputs) ? shape{kernel[0], kernel[1], outputs}
                                                        : shape{groups, kernel[0], layout.dwords(), layout.channels, 4};
        lower_weights<S>(node, outputs, packed, place);
        if (node.input_count() < 4) return {};
        if constexpr (adds_residual<requantizer_or_none<S>>) {
            const std::int32_t multiplier = residual_multiplier<requantizer_of<S>>(node.input(3), node.output());
            require(multiplier != 0, "a residual's scale is four times the output's or more; keep the sum apart");
            node.keep(3);
            return {multiplier};
        } else {
            fail("the rule's arithmetic adds no residuals; keep the sum apart");
        }
    }

    /// The multiplier with which a residual joins an output of these facts, 0 when its scale is too large for that.
    template <class Requantizer>
    static constexpr std::int32_t residual_multiplier(const tensor_facts& residual, const tensor_facts& out) {
        return Requantizer::encode_residual(static_cast<double>(residual.quantization.scale) /
                                            static_cast<double>(out.quantization.scale));
    }
};

} // namespace ctq::inline CTQ_TARGET::op

// ---- ctq/operators/dense.hpp
// dense: a fully connected layer, y = x W' + b, over the last axis.
// room: operators | runs on: all | heap: only where constants are made (compiler, host)

namespace ctq::inline CTQ_TARGET::op {

/// Float inputs: x [..., K], weights [O,K], optionally a bias [O]. Output [..., O].
/// Inputs of the lowered node: see `weighted`; the weights packed as one row of `row_packing`.
struct dense {
    static constexpr std::string_view name = "dense";
    static constexpr std::string_view cpp_name = "ctq::op::dense";
    static constexpr operator_traits traits{.roles = {operand_role::operand, operand_role::weights, operand_role::bias},
                                            .folds_scale = true};

    bounds activation{};

    static constexpr auto attributes = attribute_list{attribute{"activation", &dense::activation}};

    friend constexpr bool operator==(const dense&, const dense&) = default;

    constexpr shape output_shape(shapes in) const {
        require(in.size() == 2 || in.size() == 3, "dense takes a tensor, weights and an optional bias");
        require(in[0].rank >= 1 && in[1].rank == 2, "the weights must have 2 axes (outputs, inputs)");
        require(in[0][in[0].rank - 1] == in[1][1], "the input's last extent must equal the weights' inputs");
        require(in.size() == 2 || (in[2].rank == 1 && in[2][0] == in[1][0]), "the bias must have one value an output");
        shape result = in[0];
        result[result.rank - 1] = in[1][0];
        return result;
    }

    constexpr std::int64_t macs(const shape& in, const shape& out) const { return out.elements() * in[in.rank - 1]; }

    constexpr void compute(const_tensors in, tensors out) const {
        const auto length = static_cast<std::size_t>(in[1].shape()[1]);
        const auto outputs = static_cast<std::size_t>(in[1].shape()[0]);
        for (std::size_t i = 0; i < out[0].size(); ++i) {
            const float* x = in[0].as<float>() + i / outputs * length;
            const float* w = in[1].as<float>() + i % outputs * length;
            float sum = in.size() > 2 ? in[2].as<float>()[i % outputs] : 0.0f;
            for (std::size_t k = 0; k < length; ++k) sum = multiply_add_unfused(x[k], w[k], sum);
            out[0].as<float>()[i] = activation.clamp(sum);
        }
    }

    static constexpr row_packing packing(std::int32_t inputs, std::int32_t outputs) { return {1, 1, inputs, outputs}; }

    template <signature S>
    requires weighted_signature<S>
    constexpr void compute_integer(const_tensors in, tensors out) const {
        const shape& from = in[weighted::activation].shape();
        const auto inputs = static_cast<std::size_t>(from[from.rank - 1]);
        const auto outputs = static_cast<std::size_t>(out[0].shape()[out[0].shape().rank - 1]);
        const row_packing layout = packing(static_cast<std::int32_t>(inputs), static_cast<std::int32_t>(outputs));
        const auto* activations = in[weighted::activation].as<element<S.x>>();
        const auto* weights = in[weighted::weights].as<element<S.w>>();
        const channel_scaling<S> scales(in);
        const std::int32_t zero = dynamic_zero_point<S>(in);
        for (std::size_t i = 0; i < out[0].size(); ++i) {
            const std::size_t channel = i % outputs, row = i / outputs * inputs;
            element<S.sum> sum = scales.start(channel);
            for (std::size_t k = 0; k < inputs; ++k)
                sum += product_of<S>(read_integer<S.x>(activations, row + k) - zero,
                                     read_integer<S.w>(weights, layout.index(0, 0, static_cast<std::int32_t>(k),
                                                                             static_cast<std::int32_t>(channel))));
            out[0].as<element<S.y>>()[i] = within(activation, scales.finish(sum, channel, out[0].facts));
        }
    }

    /// The overflow proof of some channels.
    template <signature S>
    requires weighted_signature<S>
    constexpr bool never_overflows(const nothing_lowered&, const_tensors in, const tensor_facts& out,
                                   channel_range some) const {
        const shape& from = in[weighted::activation].shape();
        const std::int32_t outputs = out.shape[out.shape.rank - 1];
        const row_packing layout = packing(from[from.rank - 1], outputs);
        return accumulators_fit<S>(in, some, layout.row_length, [&](std::int32_t channel) {
            return sums_of<S.w>(in[weighted::weights].as<element<S.w>>(), layout, 0, channel);
        });
    }

    template <signature S, lowering_view Node>
    requires weighted_signature<S>
    constexpr nothing_lowered lower(Node& node) const {
        const shape weights = node.input(1).shape;
        const row_packing layout = packing(weights[1], weights[0]);
        lower_weights<S>(node, weights[0], shape{layout.dwords(), layout.channels, 4},
                         [&](std::int32_t channel, std::int32_t k) { return layout.index(0, 0, k, channel); });
        return {};
    }
};

} // namespace ctq::inline CTQ_TARGET::op

// ---- ctq/operators/max_pool.hpp
// max_pool: the largest value under a window of an NHWC image; padding never wins.
// room: operators | runs on: all | heap: no

namespace ctq::inline CTQ_TARGET::op {

/// Input [N,H,W,C], output [N,H',W',C]: the largest cell of each window, the padding left out; pads are smaller than
/// the kernel. NaN is left out too. Integer meaning: the same of the integers, exact. Cost: a read of each cell of each
/// window.
struct max_pool {
    static constexpr std::string_view name = "max_pool";
    static constexpr std::string_view cpp_name = "ctq::op::max_pool";
    static constexpr operator_traits traits{.output_range = range_rule::same_as_input, .adds_nothing = true};

    extents kernel{1, 1}, stride{1, 1}, dilation{1, 1};
    margins padding{};

    static constexpr auto attributes =
        attribute_list{attribute{"kernel", &max_pool::kernel}, attribute{"stride", &max_pool::stride},
                       attribute{"dilation", &max_pool::dilation}, attribute{"padding", &max_pool::padding}};

    friend constexpr bool operator==(const max_pool&, const max_pool&) = default;

  private:
    // Defined first: clang (docs/design.md, section 1).
    template <class T> constexpr void largest(const const_tensor& in, const tensor& out, T least) const {
        for_each_pooled(window_of(*this), in.shape(), out.shape(), [&](std::size_t index, const pooled_window& under) {
            T result = least;
            under.for_each([&](std::size_t at) {
                if (in.as<T>()[at] > result) result = in.as<T>()[at];
            });
            out.as<T>()[index] = result;
        });
    }

  public:
    constexpr shape output_shape(shapes in) const { return pooled_shape(*this, in); }
    constexpr std::int64_t steps(shapes in, const shape& out) const { return pooled_cells(*this, in[0], out); }

    /// A border that is never above an element; the lowest real stands for none.
    constexpr bool absorb_border(const image_border& border) {
        constexpr float lowest = std::numeric_limits<float>::lowest();
        return (border.value <= border.least || border.value <= lowest) && widen_pool_padding(*this, border.width);
    }

    constexpr void compute(const_tensors in, tensors out) const {
        largest(in[0], out[0], -std::numeric_limits<float>::infinity());
    }

    template <signature S>
    requires same_stored_types<S>
    constexpr void compute_integer(const_tensors in, tensors out) const {
        largest(in[0], out[0], std::numeric_limits<element<S.x>>::min());
    }
};

} // namespace ctq::inline CTQ_TARGET::op

// ---- ctq/core/scaled_product.hpp
// scaled_product: the product of two quantized tensors in the output's integers. The scalar definition of multiply.
// room: core | runs on: all | heap: no | float: only in encode

namespace ctq::inline CTQ_TARGET {

/// q = a * b * (left * right / result) + zero_point, a and b less their zero points. |a|, |b| <= 32768; one of them may
/// reach 65535 where the other stays within 32767. Rounded as `Requantizer` rounds; no scale overflows.
template <class Requantizer> struct scaled_product {
    /// The real scale of a product. The scales are positive and finite. Under TFLite's double_rounding each step is
    /// float32, as in its kernel, and may vanish.
    static constexpr double ratio(float left, float right, float result) {
        if constexpr (std::is_same_v<Requantizer, double_rounding>)
            return static_cast<double>(exact(left * right) / result);
        else
            return static_cast<double>(left) * static_cast<double>(right) / static_cast<double>(result);
    }

    /// A ratio that vanishes makes every output the zero point.
    static constexpr scaling encode(float left, float right, float result) {
        const double real = ratio(left, right, result);
        return real > 0 ? Requantizer::encode(real) : scaling{0, 0};
    }

    static constexpr std::int32_t apply(std::int32_t a, std::int32_t b, scaling s, std::int32_t zero_point) {
        return apply_saturating<Requantizer>(a * b, s, zero_point);
    }
};

} // namespace ctq::inline CTQ_TARGET

// ---- ctq/operators/multiply.hpp
// multiply: element-wise product of two tensors, broadcast; one of them may be constant.
// room: operators | runs on: all | heap: no

namespace ctq::inline CTQ_TARGET::op {

/// Inputs: a and b, broadcast as ONNX does. Output: a * b within `activation`. Integer meaning:
/// core/scaled_product.hpp, which states the error.
struct multiply {
    static constexpr std::string_view name = "multiply";
    static constexpr std::string_view cpp_name = "ctq::op::multiply";
    static constexpr operator_traits traits{.operands = element_types::numbers,
                                            .in_place = true,
                                            .is_element_wise = true,
                                            .aligns_operands = true,
                                            .is_commutative = true};

    bounds activation{};

    static constexpr auto attributes = attribute_list{attribute{"activation", &multiply::activation}};

    friend constexpr bool operator==(const multiply&, const multiply&) = default;

    struct lowered {
        scaling scale{};

        static constexpr auto attributes = attribute_list{attribute{"scale", &lowered::scale}};
        friend constexpr bool operator==(const lowered&, const lowered&) = default;
    };

    constexpr shape output_shape(shapes in) const {
        require(in.size() == 2, "multiply takes two inputs");
        return broadcast(in[0], in[1]);
    }

    constexpr void compute(const_tensors in, tensors out) const {
        for_each_pair(in, out[0], [&]<class T>(T a, T b) {
            if constexpr (std::is_same_v<T, float>)
                return activation.clamp(a * b);
            else
                return wrapped_product(a, b);
        });
    }

    template <signature S>
    requires element_wise_signature<S>
    constexpr void compute_integer(const lowered& with, const_tensors in, tensors out) const {
        for_each_integer_pair<S>(
            in, out[0], [&](std::int32_t a, std::int32_t b) { return scaled_to<S>(a * b, with.scale, out[0].facts); });
    }

    template <signature S>
    requires element_wise_signature<S>
    constexpr bool never_overflows(const lowered& with, const_tensors in, const tensor_facts&) const {
        const std::int64_t largest = farthest_from_zero(in[0].facts) * farthest_from_zero(in[1].facts);
        return largest <= std::numeric_limits<std::int32_t>::max() && largest <= room_to_scale<S>(with.scale);
    }

    template <signature S, lowering_view Node>
    requires element_wise_signature<S>
    constexpr lowered lower(Node& node) const {
        node.keep(0);
        node.keep(1);
        return {encode_saturating<S>(scaled_product<requantizer_of<S>>::ratio(
            node.input(0).quantization.scale, node.input(1).quantization.scale, node.output().quantization.scale))};
    }

    constexpr affine of_channel(std::span<const float> factor) const { return {static_cast<double>(factor[0]), 0.0}; }

    constexpr multiply permuted(std::span<const std::int32_t>) const { return *this; }
};

} // namespace ctq::inline CTQ_TARGET::op

// ---- ctq/core/scaled_mean.hpp
// scaled_mean: the mean of quantized integers in the output's integers, from their sum. The scalar definition of
// reduce_mean.
// room: core | runs on: all | heap: no | float: only in encode

namespace ctq::inline CTQ_TARGET {

/// q = sum * (in / (count * out)) + zero_point. sum: of `count` integers less their zero points, 1 <= count < 2^32 and
/// |sum| <= 2^31 - 2^16: 8,421,247 int8, 65,534 int16 with zero point 0. Rounded as `Requantizer` rounds; no scale
/// overflows.
template <class Requantizer> struct scaled_mean {
    /// Under double_rounding TFLite's: in / out is encoded, then its multiplier is divided by count, with as many bits
    /// of the quotient as the shift can give back. From: TFLite's reference mean (tested on its results).
    static constexpr scaling encode(double in, double out, std::int64_t count) {
        if constexpr (std::is_same_v<Requantizer, double_rounding>) {
            const scaling whole = double_rounding::encode(in / out);
            const auto kept = static_cast<int>(std::bit_width(static_cast<std::uint64_t>(count))) - 1;
            const int spare = whole.shift + 31;
            const int bits = kept < spare ? kept : spare;
            const std::int64_t multiplier = (std::int64_t{whole.multiplier} << bits) / count;
            return {static_cast<std::int32_t>(multiplier), whole.shift - bits};
        } else {
            return Requantizer::encode(in / (static_cast<double>(count) * out));
        }
    }

    static constexpr std::int32_t apply(std::int32_t sum, scaling s, std::int32_t zero_point) {
        return apply_saturating<Requantizer>(sum, s, zero_point);
    }
};

} // namespace ctq::inline CTQ_TARGET

// ---- ctq/operators/axes.hpp
// axes: a set of a tensor's axes, and where axes stand after a permutation of them.
// room: operators | runs on: all | heap: no

namespace ctq::inline CTQ_TARGET::op {

/// Some of a shape's axes, as a structural value.
struct axis_set {
    std::array<bool, shape::max_rank> member{};

    constexpr bool contains(int axis) const { return member[static_cast<std::size_t>(axis)]; }
    constexpr void insert(int axis) { member[static_cast<std::size_t>(axis)] = true; }

    /// The set after a transpose: axis i of the result is axis permutation[i] of the source.
    constexpr axis_set permuted(std::span<const std::int32_t> permutation) const {
        axis_set result;
        for (std::size_t axis = 0; axis < permutation.size(); ++axis)
            result.member[axis] = member[static_cast<std::size_t>(permutation[axis])];
        return result;
    }
    friend constexpr bool operator==(const axis_set&, const axis_set&) = default;
};

/// Where axis `axis` of a tensor stands after a transpose by `permutation`.
constexpr std::int32_t permuted_axis(std::int32_t axis, std::span<const std::int32_t> permutation) {
    for (std::size_t i = 0; i < permutation.size(); ++i)
        if (permutation[i] == axis) return static_cast<std::int32_t>(i);
    fail("the axis is not in the permutation");
}

} // namespace ctq::inline CTQ_TARGET::op

// ---- ctq/operators/reducing.hpp
// reducing: what operators share that make one element of all that lie along some axes.
// room: operators | runs on: all | heap: no

namespace ctq::inline CTQ_TARGET::op {

/// How many elements each element of the result is made of.
constexpr std::int64_t reduced_count(const shape& in, const axis_set& axes) {
    std::int64_t product = 1;
    for (int axis = 0; axis < in.rank; ++axis)
        if (axes.contains(axis)) product *= in[axis];
    return product;
}

/// The shape without these axes, or with an extent of 1 along each of them if `keep_axes`.
constexpr shape reduced_shape(const shape& in, const axis_set& axes, bool keep_axes) {
    shape result;
    for (int axis = 0; axis < in.rank; ++axis) {
        if (!axes.contains(axis))
            result.append(in[axis]);
        else if (keep_axes)
            result.append(1);
    }
    return result;
}

/// Calls visit(output index, walker) for each element of the result, where the walker visits the input elements that it
/// is made of, in the order of memory.
template <class Visitor> constexpr void for_each_reduced(const shape& in, const axis_set& axes, Visitor visit) {
    const auto strides = strides_of(in);
    shape kept = in, reduced = in;
    for (int axis = 0; axis < in.rank; ++axis) (axes.contains(axis) ? kept : reduced)[axis] = 1;
    std::size_t index = 0;
    for_each_offset(kept, strides, [&](std::int64_t base) {
        visit(index++, [&](auto at) {
            for_each_offset(reduced, strides,
                            [&](std::int64_t offset) { at(static_cast<std::size_t>(base + offset)); });
        });
    });
}

} // namespace ctq::inline CTQ_TARGET::op

// ---- ctq/operators/reduce_mean.hpp
// reduce_mean: the mean over some axes.
// room: operators | runs on: all | heap: no

namespace ctq::inline CTQ_TARGET::op {

/// The mean over `axes`, 1 to 4194304 elements each; the axes stay with extent 1 if `keep_axes`, else they go. Integer
/// meaning: core/scaled_mean.hpp, which states the error. The float sum is taken in the order of memory.
struct reduce_mean {
    static constexpr std::string_view name = "reduce_mean";
    static constexpr std::string_view cpp_name = "ctq::op::reduce_mean";

    axis_set axes{};
    bool keep_axes = true;

    static constexpr auto attributes =
        attribute_list{attribute{"axes", &reduce_mean::axes}, attribute{"keep_axes", &reduce_mean::keep_axes}};

    friend constexpr bool operator==(const reduce_mean&, const reduce_mean&) = default;

    struct lowered {
        scaling scale{}; ///< of the sum of the integers

        static constexpr auto attributes = attribute_list{attribute{"scale", &lowered::scale}};
        friend constexpr bool operator==(const lowered&, const lowered&) = default;
    };

  private:
    static constexpr std::int64_t largest_count = 4194304;

  public:
    constexpr shape output_shape(shapes in) const {
        require(in.size() == 1, "reduce_mean takes one input");
        require(reduced_count(in[0], axes) > 0 && reduced_count(in[0], axes) <= largest_count,
                "a mean is over 1 to 4194304 elements");
        return reduced_shape(in[0], axes, keep_axes);
    }

    constexpr void compute(const_tensors in, tensors out) const {
        const auto cells = static_cast<float>(reduced_count(in[0].shape(), axes));
        for_each_reduced(in[0].shape(), axes, [&](std::size_t index, auto for_each_cell) {
            float sum = 0;
            for_each_cell([&](std::size_t at) { sum += in[0].as<float>()[at]; });
            out[0].as<float>()[index] = sum / cells;
        });
    }

    /// q = requantized sum of (x - zero point).
    template <signature S>
    requires element_wise_signature<S>
    constexpr void compute_integer(const lowered& with, const_tensors in, tensors out) const {
        const auto cells = static_cast<std::int32_t>(reduced_count(in[0].shape(), axes));
        for_each_reduced(in[0].shape(), axes, [&](std::size_t index, auto for_each_cell) {
            std::int32_t sum = -cells * in[0].zero_point();
            for_each_cell([&](std::size_t at) { sum += in[0].as<element<S.x>>()[at]; });
            out[0].as<element<S.y>>()[index] =
                static_cast<element<S.y>>(out[0].facts.range.clamp(scaled_to<S>(sum, with.scale, out[0].facts)));
        });
    }

    template <signature S>
    requires element_wise_signature<S>
    constexpr bool never_overflows(const lowered& with, const_tensors in, const tensor_facts&) const {
        const std::int64_t cells = reduced_count(in[0].shape(), axes), start = -cells * in[0].zero_point();
        constexpr std::int64_t most = std::numeric_limits<std::int32_t>::max();
        return (start < 0 ? -start : start) + cells * farthest_from_zero(in[0].facts) <= most &&
               cells * farthest_from_zero(in[0].facts) <= room_to_scale<S>(with.scale);
    }

    template <signature S, lowering_view Node>
    requires element_wise_signature<S>
    constexpr lowered lower(Node& node) const {
        node.keep(0);
        const std::int64_t cells = reduced_count(node.input(0).shape, axes);
        const auto in = static_cast<double>(node.input(0).quantization.scale);
        const auto out = static_cast<double>(node.output().quantization.scale);
        const double ratio = in / (static_cast<double>(cells) * out);
        return {saturates<S>(ratio) ? encode_saturating<S>(ratio)
                                    : scaled_mean<requantizer_of<S>>::encode(in, out, cells)};
    }

    /// The axes that the result has no more.
    constexpr axis_set dropped_axes() const { return keep_axes ? axis_set{} : axes; }

    constexpr reduce_mean permuted(std::span<const std::int32_t> permutation) const {
        reduce_mean result = *this;
        result.axes = axes.permuted(permutation);
        return result;
    }
};

} // namespace ctq::inline CTQ_TARGET::op

// ---- ctq/kernels/all.hpp
// The door of the room: the kernel interface, and the instruction sets that this translation unit may use.
// room: kernels | runs on: all | heap: no

// What vector kernels are for, before the condition: the single header holds once more what stands in one.
#if defined(CTQ_HAS_VECTORS)

// ---- ctq/kernels/vector/unroll.hpp
#include <type_traits>
#include <utility>
// Unrolling by templates: what keeps accumulators in registers under every compiler (a pragma over arrays does not).
// room: kernels | runs on: all | heap: no

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

// ---- ctq/kernels/vector/elementwise.hpp
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <numeric>
// Element by element over two int8 tensors: what add and multiply share. The second operand may repeat along the
// first: one value, one a channel, or any trailing part of the shape.
// room: kernels | runs on: all | heap: no

namespace ctq::inline CTQ_TARGET::kernels::vector {

/// One operand (`full`) has the output's shape; the other repeats after `period` elements.
struct elementwise_plan {
    bool supported = false;
    int full = 0;
    std::ptrdiff_t elements = 0, period = 0;
};

/// The period of `repeating` under numpy's broadcasting to `out`, or 0 if it is no repetition of a contiguous block.
constexpr std::ptrdiff_t period_of(const shape& repeating, const shape& out) {
    int axis = repeating.rank - 1, in_out = out.rank - 1;
    std::ptrdiff_t period = 1;
    for (; axis >= 0 && repeating[axis] == out[in_out]; --axis, --in_out) period *= repeating[axis];
    for (; axis >= 0; --axis)
        if (repeating[axis] != 1) return 0;
    return period;
}

constexpr elementwise_plan plan_elementwise(const shape& a, const shape& b, const shape& out) {
    const auto elements = static_cast<std::ptrdiff_t>(out.elements());
    const auto is_full = [&](const shape& of) { return of.elements() == out.elements(); };
    elementwise_plan plan{false, is_full(a) ? 0 : 1, elements, 0};
    if (elements == 0 || (!is_full(a) && !is_full(b))) return plan;
    plan.period = is_full(a) && is_full(b) ? elements : period_of(plan.full == 0 ? b : a, out);
    plan.supported = plan.period > 0;
    return plan;
}

/// Applies work(a, b, to), which makes `width` outputs, to `count` elements; the rest goes through a buffer, so that
/// nothing outside is touched and `to` may be `a` or `b`.
template <std::ptrdiff_t Width, class Work>
CTQ_ALWAYS_INLINE inline void for_each_vector(const std::int8_t* a, const std::int8_t* b, std::int8_t* to,
                                              std::ptrdiff_t count, Work&& work) {
    std::ptrdiff_t i = 0;
    for (; i + Width <= count; i += Width) work(a + i, b + i, to + i);
    if (i == count) return;
    alignas(64) std::int8_t rest_a[Width] = {}, rest_b[Width] = {}, rest[Width];
    const auto left = static_cast<std::size_t>(count - i);
    std::memcpy(rest_a, a + i, left);
    std::memcpy(rest_b, b + i, left);
    work(rest_a, rest_b, rest);
    std::memcpy(to + i, rest, left);
}

/// The whole tensor. An operand that repeats after fewer elements than a vector has is first written out so often
/// that whole vectors repeat.
template <std::ptrdiff_t Width, class Work>
void run_elementwise(const elementwise_plan& plan, const std::int8_t* full, const std::int8_t* other, std::int8_t* to,
                     Work&& work) {
    alignas(64) std::int8_t repeated[Width * Width];
    std::ptrdiff_t period = plan.period;
    if (period < Width && plan.elements > period) {
        const std::ptrdiff_t longer = std::lcm(period, Width);
        for (std::ptrdiff_t i = 0; i < longer; i += period)
            std::memcpy(repeated + i, other, static_cast<std::size_t>(period));
        other = repeated;
        period = longer;
    }
    for (std::ptrdiff_t first = 0; first < plan.elements; first += period) {
        const std::ptrdiff_t left = plan.elements - first;
        for_each_vector<Width>(full + first, other, to + first, left < period ? left : period, work);
    }
}

} // namespace ctq::inline CTQ_TARGET::kernels::vector

// ---- ctq/kernels/vector/signatures.hpp
// Which signatures the kernels of this folder take.
// room: kernels | runs on: all | heap: no

namespace ctq::inline CTQ_TARGET::kernels::vector {

/// int8 in, int8 out, sums of 32 bits.
template <signature S>
concept bytes_signature = S.x == dtype::int8&& S.w == dtype::int8&& S.y == dtype::int8&& S.sum == dtype::int32;

/// The same with an arithmetic that has a vector form: see requantize.hpp.
template <signature S>
concept requantized_bytes = bytes_signature<S> &&(S.how == rounding::three_step || S.how == rounding::double_rounding);

} // namespace ctq::inline CTQ_TARGET::kernels::vector

// ---- ctq/kernels/vector/provider.hpp
#include <concepts>
#include <cstddef>
#include <cstdint>
// What an instruction set gives the kernels that are written once: the operations of its vectors, by one set of names.
// One file for each: kernels/<architecture>/vector.hpp.
// room: kernels | runs on: all | heap: no

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

// ---- ctq/kernels/vector/vectors.hpp
// The vectors of every instruction set that this translation unit may use: the one list of them. An instruction set
// stands inside its parent's condition: what both read is read once.
// room: kernels | runs on: all | heap: no

#if defined(CTQ_HAS_AVX2)

// ---- ctq/kernels/x86/intrinsics.hpp
// The compiler's intrinsics. g++ 12 takes the "undefined" operands inside its own AVX-512 header for uninitialised
// variables (GCC bug 105593); its warning is switched off there and nowhere else.
// room: kernels | runs on: x86-64 | heap: no

#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#pragma GCC diagnostic ignored "-Wuninitialized"
#include <immintrin.h>
#pragma GCC diagnostic pop
#else
#include <immintrin.h>
#endif

// ---- ctq/kernels/x86/vector128.hpp
#include <cstddef>
#include <cstdint>
// Vectors of 16 and of 8 int8 in an SSE register, by the names of a byte_provider (vector/provider.hpp).
// room: kernels | runs on: x86-64 with AVX2 | heap: no

namespace ctq::inline CTQ_TARGET::kernels::x86 {

struct bytes8 {
    using vector = __m128i;
    using narrower = void;
    static constexpr std::ptrdiff_t width = 8;
    static vector load_vector(const void* p) { return _mm_loadl_epi64(static_cast<const vector*>(p)); }
    static void store(void* p, vector v) { _mm_storel_epi64(static_cast<vector*>(p), v); }
    static vector all8(std::int8_t v) { return _mm_set1_epi8(v); }
    static vector largest8(vector a, vector b) { return _mm_max_epi8(a, b); }
};

struct bytes16 : bytes8 {
    using narrower = bytes8;
    static constexpr std::ptrdiff_t width = 16;
    static vector load_vector(const void* p) { return _mm_loadu_si128(static_cast<const vector*>(p)); }
    static void store(void* p, vector v) { _mm_storeu_si128(static_cast<vector*>(p), v); }
};

} // namespace ctq::inline CTQ_TARGET::kernels::x86

// ---- ctq/kernels/avx2/vector.hpp
#include <cstddef>
#include <cstdint>
// The vectors of AVX2: 256 bits, beside them the lower 128 and 64 for pools of few channels.
// room: kernels | runs on: x86-64 with AVX2 | heap: no

namespace ctq::inline CTQ_TARGET::kernels::vector {

template <> struct vectors<avx2> {
    using vector = __m256i;
    using floats = __m256;
    using narrower = x86::bytes16;
    static constexpr int lanes = 8;
    static constexpr std::ptrdiff_t width = 32;

    static vector load(const std::int32_t* p) { return _mm256_loadu_si256(reinterpret_cast<const vector*>(p)); }
    static vector load(const std::int16_t* p) {
        return _mm256_cvtepi16_epi32(_mm_loadu_si128(reinterpret_cast<const __m128i*>(p)));
    }
    static vector load(const std::int8_t* p) {
        return _mm256_cvtepi8_epi32(_mm_loadl_epi64(reinterpret_cast<const __m128i*>(p)));
    }
    static vector load16(const std::int8_t* p) {
        return _mm256_cvtepi8_epi16(_mm_loadu_si128(reinterpret_cast<const __m128i*>(p)));
    }
    static vector load_vector(const void* p) { return _mm256_loadu_si256(static_cast<const vector*>(p)); }
    static void store(void* p, vector v) { _mm256_storeu_si256(static_cast<vector*>(p), v); }
    static void store_lanes(std::int8_t* p, vector v) {
        const vector words = _mm256_packs_epi32(v, _mm256_setzero_si256());
        const vector bytes = _mm256_packs_epi16(words, words);
        _mm_storel_epi64(reinterpret_cast<__m128i*>(p),
                         _mm_unpacklo_epi32(_mm256_castsi256_si128(bytes), _mm256_extracti128_si256(bytes, 1)));
    }

    static vector all8(std::int8_t v) { return _mm256_set1_epi8(v); }
    static vector all16(std::int16_t v) { return _mm256_set1_epi16(v); }
    static vector all32(std::int32_t v) { return _mm256_set1_epi32(v); }
    static vector all64(std::int64_t v) { return _mm256_set1_epi64x(v); }

    static vector add32(vector a, vector b) { return _mm256_add_epi32(a, b); }
    static vector add64(vector a, vector b) { return _mm256_add_epi64(a, b); }
    static vector double64(vector a) { return _mm256_add_epi64(a, a); }
    static vector subtract16(vector a, vector b) { return _mm256_sub_epi16(a, b); }
    static vector subtract32(vector a, vector b) { return _mm256_sub_epi32(a, b); }
    static vector saturating_add16(vector a, vector b) { return _mm256_adds_epi16(a, b); }
    static vector absolute32(vector a) { return _mm256_abs_epi32(a); }
    static vector with_sign32(vector a, vector sign) { return _mm256_sign_epi32(a, sign); }
    static vector both(vector a, vector b) { return _mm256_and_si256(a, b); }
    static vector inverted(vector a) { return _mm256_xor_si256(a, _mm256_set1_epi32(-1)); }
    static vector sign32(vector a) { return _mm256_srai_epi32(a, 31); }
    static vector least8(vector a, vector b) { return _mm256_min_epi8(a, b); }
    static vector largest8(vector a, vector b) { return _mm256_max_epi8(a, b); }
    static vector least32(vector a, vector b) { return _mm256_min_epi32(a, b); }
    static vector largest32(vector a, vector b) { return _mm256_max_epi32(a, b); }

    static vector shift_left(vector a, vector counts) { return _mm256_sllv_epi32(a, counts); }
    static vector shift_right(vector a, vector counts) { return _mm256_srav_epi32(a, counts); }
    static vector shift_right_logical(vector a, vector counts) { return _mm256_srlv_epi32(a, counts); }
    static vector shift_right32(vector a, int count) { return _mm256_sra_epi32(a, _mm_cvtsi32_si128(count)); }
    template <int Count> static vector shift_right16(vector a) { return _mm256_srai_epi16(a, Count); }
    static vector times128(vector a) { return _mm256_slli_epi32(a, 7); }

    static vector multiply_high16(vector a, vector b) { return _mm256_mulhi_epi16(a, b); }
    static vector rounded_high_multiply16(vector a, vector b) { return _mm256_mulhrs_epi16(a, b); }
    static vector multiply_add_pairs16(vector a, vector b) { return _mm256_madd_epi16(a, b); }
    static vector multiply_even(vector a, vector b) { return _mm256_mul_epi32(a, b); }
    static vector odd_to_even(vector a) { return _mm256_srli_epi64(a, 32); }
    static vector halve64_to_even(vector a) { return _mm256_srli_epi64(a, 31); }
    static vector even_and_odd(vector even, vector odd) { return _mm256_blend_epi32(even, odd, 0xAA); }

    static vector interleave_low16(vector a, vector b) { return _mm256_unpacklo_epi16(a, b); }
    static vector interleave_high16(vector a, vector b) { return _mm256_unpackhi_epi16(a, b); }
    static vector narrow32(vector a, vector b) { return _mm256_packs_epi32(a, b); }
    static vector narrow16(vector a, vector b) { return _mm256_packs_epi16(a, b); }
    static vector in_order(vector narrowed) {
        return _mm256_permutevar8x32_epi32(narrowed, _mm256_setr_epi32(0, 4, 1, 5, 2, 6, 3, 7));
    }
    static vector halves_in_order(vector narrowed) { return _mm256_permute4x64_epi64(narrowed, 0xD8); }

    static floats all_floats(float v) { return _mm256_set1_ps(v); }
    static floats to_floats(vector a) { return _mm256_cvtepi32_ps(a); }
    static floats add_floats(floats a, floats b) { return _mm256_add_ps(a, b); }
    static floats multiply_floats(floats a, floats b) { return _mm256_mul_ps(a, b); }
    static vector truncate(floats a) { return _mm256_cvttps_epi32(a); }
};

} // namespace ctq::inline CTQ_TARGET::kernels::vector
#if defined(CTQ_HAS_AVX512VNNI)

// ---- ctq/kernels/avx512vnni/vector.hpp
#include <cstddef>
#include <cstdint>
// The vectors of AVX-512: 512 bits. Pools of few channels are the parent's.
// room: kernels | runs on: x86-64 with AVX-512 F, BW, DQ, VL, VNNI | heap: no

namespace ctq::inline CTQ_TARGET::kernels::vector {

template <> struct vectors<avx512vnni> {
    using vector = __m512i;
    using floats = __m512;
    using narrower = void;
    static constexpr int lanes = 16;
    static constexpr std::ptrdiff_t width = 64;

    static vector load(const std::int32_t* p) { return _mm512_loadu_si512(p); }
    static vector load(const std::int16_t* p) {
        return _mm512_cvtepi16_epi32(_mm256_loadu_si256(reinterpret_cast<const __m256i*>(p)));
    }
    static vector load(const std::int8_t* p) {
        return _mm512_cvtepi8_epi32(_mm_loadu_si128(reinterpret_cast<const __m128i*>(p)));
    }
    static vector load16(const std::int8_t* p) {
        return _mm512_cvtepi8_epi16(_mm256_loadu_si256(reinterpret_cast<const __m256i*>(p)));
    }
    static vector load_vector(const void* p) { return _mm512_loadu_si512(p); }
    static void store(void* p, vector v) { _mm512_storeu_si512(p, v); }
    static void store_lanes(std::int8_t* p, vector v) {
        _mm_storeu_si128(reinterpret_cast<__m128i*>(p), _mm512_cvtepi32_epi8(v));
    }

    static vector all8(std::int8_t v) { return _mm512_set1_epi8(v); }
    static vector all16(std::int16_t v) { return _mm512_set1_epi16(v); }
    static vector all32(std::int32_t v) { return _mm512_set1_epi32(v); }
    static vector all64(std::int64_t v) { return _mm512_set1_epi64(v); }

    static vector add32(vector a, vector b) { return _mm512_add_epi32(a, b); }
    static vector add64(vector a, vector b) { return _mm512_add_epi64(a, b); }
    static vector double64(vector a) { return _mm512_add_epi64(a, a); }
    static vector subtract16(vector a, vector b) { return _mm512_sub_epi16(a, b); }
    static vector subtract32(vector a, vector b) { return _mm512_sub_epi32(a, b); }
    static vector saturating_add16(vector a, vector b) { return _mm512_adds_epi16(a, b); }
    static vector absolute32(vector a) { return _mm512_abs_epi32(a); }
    static vector with_sign32(vector a, vector sign) {
        return _mm512_mask_mov_epi32(a, _mm512_movepi32_mask(sign), _mm512_sub_epi32(_mm512_setzero_si512(), a));
    }
    static vector both(vector a, vector b) { return _mm512_and_si512(a, b); }
    static vector inverted(vector a) { return _mm512_ternarylogic_epi32(a, a, a, 0x55); }
    static vector sign32(vector a) { return _mm512_srai_epi32(a, 31); }
    static vector least8(vector a, vector b) { return _mm512_min_epi8(a, b); }
    static vector largest8(vector a, vector b) { return _mm512_max_epi8(a, b); }
    static vector least32(vector a, vector b) { return _mm512_min_epi32(a, b); }
    static vector largest32(vector a, vector b) { return _mm512_max_epi32(a, b); }

    static vector shift_left(vector a, vector counts) { return _mm512_sllv_epi32(a, counts); }
    static vector shift_right(vector a, vector counts) { return _mm512_srav_epi32(a, counts); }
    static vector shift_right_logical(vector a, vector counts) { return _mm512_srlv_epi32(a, counts); }
    static vector shift_right32(vector a, int count) { return _mm512_sra_epi32(a, _mm_cvtsi32_si128(count)); }
    template <int Count> static vector shift_right16(vector a) { return _mm512_srai_epi16(a, Count); }
    static vector times128(vector a) { return _mm512_slli_epi32(a, 7); }

    static vector multiply_high16(vector a, vector b) { return _mm512_mulhi_epi16(a, b); }
    static vector rounded_high_multiply16(vector a, vector b) { return _mm512_mulhrs_epi16(a, b); }
    static vector multiply_add_pairs16(vector a, vector b) { return _mm512_madd_epi16(a, b); }
    static vector multiply_even(vector a, vector b) { return _mm512_mul_epi32(a, b); }
    static vector odd_to_even(vector a) { return _mm512_srli_epi64(a, 32); }
    static vector halve64_to_even(vector a) { return _mm512_srli_epi64(a, 31); }
    static vector even_and_odd(vector even, vector odd) { return _mm512_mask_blend_epi32(0xAAAA, even, odd); }

    static vector interleave_low16(vector a, vector b) { return _mm512_unpacklo_epi16(a, b); }
    static vector interleave_high16(vector a, vector b) { return _mm512_unpackhi_epi16(a, b); }
    static vector narrow32(vector a, vector b) { return _mm512_packs_epi32(a, b); }
    static vector narrow16(vector a, vector b) { return _mm512_packs_epi16(a, b); }
    static vector in_order(vector narrowed) {
        return _mm512_permutexvar_epi32(_mm512_setr_epi32(0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15),
                                        narrowed);
    }
    static vector halves_in_order(vector narrowed) {
        return _mm512_permutexvar_epi64(_mm512_setr_epi64(0, 2, 4, 6, 1, 3, 5, 7), narrowed);
    }

    static floats all_floats(float v) { return _mm512_set1_ps(v); }
    static floats to_floats(vector a) { return _mm512_cvtepi32_ps(a); }
    static floats add_floats(floats a, floats b) { return _mm512_add_ps(a, b); }
    static floats multiply_floats(floats a, floats b) { return _mm512_mul_ps(a, b); }
    static vector truncate(floats a) { return _mm512_cvttps_epi32(a); }
};

} // namespace ctq::inline CTQ_TARGET::kernels::vector
#endif
#endif

namespace ctq::inline CTQ_TARGET::kernels::vector {

/// An architecture whose vectors offer all that the kernels use.
template <class Architecture> struct checked_vectors {
    static_assert(vector_provider<vectors<Architecture>>,
                  "ctq: vectors: an operation is missing; vector/provider.hpp lists what kernels use");
    using type = vectors<Architecture>;
};
template <class Architecture> using vectors_of = typename checked_vectors<Architecture>::type;

} // namespace ctq::inline CTQ_TARGET::kernels::vector

// ---- ctq/kernels/vector/add.hpp
#include <type_traits>
// add over vectors: a pair of inputs is one dual multiply-add, as weighted_sum is made for. Operands that do not repeat
// in blocks and TFLite's double rounding go to the definition.
// room: kernels | runs on: all | heap: no

namespace ctq::inline CTQ_TARGET::kernels {

namespace vector {

/// What one vector of sums needs.
template <class Vectors> struct weighted_adder {
    using vector = typename Vectors::vector;

    vector zeros_full, zeros_other, multipliers, half, zero_point, low, high;
    int shift;

    weighted_adder(const sum_scaling& s, const limits& range, bool swapped, std::int32_t zero_full,
                   std::int32_t zero_other, std::int32_t zero)
        : zeros_full(all16(zero_full)),
          zeros_other(all16(zero_other)),
          multipliers(Vectors::all32(pair(swapped ? s.right.multiplier : s.left.multiplier,
                                          swapped ? s.left.multiplier : s.right.multiplier))),
          half(Vectors::all32(rounding_half<std::int32_t>(s.result.shift))),
          zero_point(all16(zero)),
          low(Vectors::all8(static_cast<std::int8_t>(range.low))),
          high(Vectors::all8(static_cast<std::int8_t>(range.high))),
          shift(s.result.shift) {}

    CTQ_ALWAYS_INLINE inline void operator()(const std::int8_t* full, const std::int8_t* other, std::int8_t* to) const {
        const vector narrowed =
            Vectors::narrow16(half_of(full, other), half_of(full + Vectors::width / 2, other + Vectors::width / 2));
        Vectors::store(to, Vectors::least8(Vectors::largest8(Vectors::halves_in_order(narrowed), low), high));
    }

  private:
    static vector all16(std::int32_t value) { return Vectors::all16(static_cast<std::int16_t>(value)); }
    static std::int32_t pair(std::int32_t first, std::int32_t second) { return second * 65536 + first; }

    CTQ_ALWAYS_INLINE inline vector half_of(const std::int8_t* full, const std::int8_t* other) const {
        const vector a = Vectors::subtract16(Vectors::load16(full), zeros_full);
        const vector b = Vectors::subtract16(Vectors::load16(other), zeros_other);
        const vector sums =
            Vectors::narrow32(scaled(Vectors::interleave_low16(a, b)), scaled(Vectors::interleave_high16(a, b)));
        return Vectors::saturating_add16(sums, zero_point);
    }
    CTQ_ALWAYS_INLINE inline vector scaled(vector pairs) const {
        return Vectors::shift_right32(Vectors::add32(Vectors::multiply_add_pairs16(pairs, multipliers), half), shift);
    }
};

template <class Vectors>
[[gnu::noinline]] void run_add(const elementwise_plan& plan, const sum_scaling& scales, const_tensors in,
                               const tensor& out) {
    const const_tensor &full = in[plan.full == 0 ? 0 : 1], &other = in[plan.full == 0 ? 1 : 0];
    const weighted_adder<Vectors> work(scales, out.facts.range, plan.full != 0, full.zero_point(), other.zero_point(),
                                       out.zero_point());
    run_elementwise<Vectors::width>(plan, full.as<std::int8_t>(), other.as<std::int8_t>(), out.as<std::int8_t>(), work);
}

template <signature S, class Vectors, class Facts>
constexpr void add_or_define(const Facts& facts, const_tensors in, tensors out, const workspace& space) {
    const auto plan = plan_elementwise(in[0].shape(), in[1].shape(), out[0].shape());
    if constexpr (S.how == rounding::three_step)
        if (!std::is_constant_evaluated() && plan.supported)
            return run_add<Vectors>(plan, facts.value.lowered.scales, in, out[0]);
    kernel<scalar, op::add, S>::run(facts, in, out, space);
}

} // namespace vector

template <class Architecture, signature S>
requires vector::has_vectors<Architecture> && vector::requantized_bytes<S>
struct kernel<Architecture, op::add, S> : kernel<scalar, op::add, S> {
    template <class Facts>
    static constexpr void run(const Facts& facts, const_tensors in, tensors out, const workspace& space) {
        vector::add_or_define<S, vector::vectors_of<Architecture>>(facts, in, out, space);
    }
};

} // namespace ctq::inline CTQ_TARGET::kernels

// ---- ctq/kernels/vector/plan.hpp
#include <cstddef>
#include <cstdint>
// plan: the numbers that a kernel works with, made from a node's facts; constants where the facts are constants.
// room: kernels | runs on: all | heap: no

namespace ctq::inline CTQ_TARGET::kernels::vector {

/// The margins above and to the left of an image, as op::margins has them at 0 and 1. Scalars, because a plan is a
/// template argument: g++ 12 takes two for the same if their arrays hold the same nonzero elements, in whatever places.
/// A plan has other arrays only of what is never 0, as extents.
struct leading_margins {
    std::int32_t top = 0, left = 0;

    constexpr leading_margins() = default;
    constexpr leading_margins(const op::margins& all) : top(all[0]), left(all[1]) {}
    constexpr std::int32_t operator[](std::size_t axis) const { return axis == 0 ? top : left; }
};

/// A plan that the compiler knows. Layers of equal plans share one instance of the kernel.
template <auto Value> struct constant_plan {
    static constexpr bool is_constant = true;
    static constexpr auto value = Value;
};

/// A plan made at run time.
template <class Plan> struct variable_plan {
    static constexpr bool is_constant = false;
    Plan value;
};

/// The plan that `Make` makes of a node's facts, in the form that the facts have.
template <auto Make, class Facts> constexpr auto plan_of([[maybe_unused]] const Facts& facts) {
    if constexpr (Facts::is_constant)
        return constant_plan<Make(Facts::value)>{};
    else
        return variable_plan<decltype(Make(facts.value))>{Make(facts.value)};
}

} // namespace ctq::inline CTQ_TARGET::kernels::vector

// ---- ctq/kernels/vector/pooling.hpp
#include <cstddef>
#include <cstdint>
// The windows of a pool, cut at the image's edge, and their channels by vectors: what max_pool and average_pool share.
// room: kernels | runs on: all | heap: no

namespace ctq::inline CTQ_TARGET::kernels::vector {

struct pooling_plan {
    std::ptrdiff_t images = 1, height = 1, width = 1, channels = 1, lines = 1, columns = 1;
    op::extents kernel{1, 1}, stride{1, 1}, dilation{1, 1};
    leading_margins padding{};
    bool count_padding = false;

    constexpr op::window over() const { return {kernel, stride, dilation, {padding.top, padding.left, 0, 0}}; }

    /// The cells inside the image of the window at output position `at`, along one axis.
    constexpr op::window::cells inside(std::size_t axis, std::ptrdiff_t at) const {
        const op::window w = over();
        return w.cells_in_image(axis, w.origin(axis, static_cast<std::int32_t>(at)),
                                static_cast<std::int32_t>(axis == 0 ? height : width));
    }
};

template <class Op> constexpr pooling_plan plan_pooling(const node_facts<Op>& facts) {
    const shape &in = facts.inputs[0].shape, &out = facts.outputs[0].shape;
    const op::window over = op::window_of(facts.op);
    pooling_plan plan{in[0],       in[1],       in[2],         in[3],        out[1], out[2],
                      over.kernel, over.stride, over.dilation, over.padding, false};
    if constexpr (requires { facts.op.count_padding; }) plan.count_padding = facts.op.count_padding;
    return plan;
}

/// A window's cells inside the image: rows x columns pixels from `first` on.
struct pool_window {
    const std::int8_t* first;
    std::ptrdiff_t rows, columns, row_step, column_step;

    constexpr std::ptrdiff_t count() const { return rows > 0 && columns > 0 ? rows * columns : 0; }

    template <class Visitor> CTQ_ALWAYS_INLINE inline void for_each(Visitor&& visit) const {
        for (std::ptrdiff_t row = 0; row < rows; ++row)
            for (std::ptrdiff_t column = 0; column < columns; ++column)
                visit(first + row * row_step + column * column_step);
    }
};

/// Calls visit(window, output pixel) for every output pixel.
template <class Visitor>
CTQ_ALWAYS_INLINE inline void for_each_window(const pooling_plan& plan, const std::int8_t* in, std::int8_t* out,
                                              Visitor&& visit) {
    const std::ptrdiff_t row = plan.width * plan.channels;
    for (std::ptrdiff_t image = 0; image < plan.images; ++image, in += plan.height * row)
        for (std::ptrdiff_t y = 0; y < plan.lines; ++y) {
            const auto [top, bottom] = plan.inside(0, y);
            const std::ptrdiff_t first_row = y * plan.stride[0] - plan.padding[0] + top * plan.dilation[0];
            for (std::ptrdiff_t x = 0; x < plan.columns; ++x, out += plan.channels) {
                const auto [left, right] = plan.inside(1, x);
                const std::ptrdiff_t first_column = x * plan.stride[1] - plan.padding[1] + left * plan.dilation[1];
                visit(pool_window{in + (first_row * plan.width + first_column) * plan.channels, bottom - top,
                                  right - left, plan.dilation[0] * row, plan.dilation[1] * plan.channels},
                      out);
            }
        }
}

/// Calls body(first) for pieces of `width` channels that cover 0 .. channels - 1; the last one overlaps the one before.
/// channels >= width.
template <class Body>
CTQ_ALWAYS_INLINE inline void each_piece(std::ptrdiff_t channels, std::ptrdiff_t width, Body&& body) {
    for (std::ptrdiff_t first = 0; first < channels; first += width)
        body(first + width <= channels ? first : channels - width);
}

} // namespace ctq::inline CTQ_TARGET::kernels::vector

// ---- ctq/kernels/vector/average_pool.hpp
#include <type_traits>
// average_pool over vectors: int32 sums over the channels, divided exactly by a float reciprocal; from a vector of
// int32 on.
// room: kernels | runs on: all | heap: no | float: exact, see pool_mean

namespace ctq::inline CTQ_TARGET::kernels {

namespace vector {

/// Windows of more cells go to the definition: see pool_mean.
constexpr std::ptrdiff_t largest_pool = 8192;

/// The mean of `count` integers of a byte's range, halves away from zero. With n = |sum| + floor(count / 2) the result
/// is floor(n / count), and (n + 1/2) / count is no nearer than 1 / (2 count) >= 2^-14 to an integer; at most 2^8, the
/// product of the rounded sum and the rounded reciprocal is wrong by less than 2^-15. So the truncation is exact.
template <class Vectors> struct pool_mean {
    using vector = typename Vectors::vector;
    using floats = typename Vectors::floats;
    floats half, reciprocal;

    explicit pool_mean(std::int32_t count)
        : half(Vectors::all_floats(static_cast<float>(count / 2) + 0.5f)),
          reciprocal(Vectors::all_floats(1.0f / static_cast<float>(count))) {}

    void store(std::int8_t* to, vector sums) const {
        const floats size = Vectors::to_floats(Vectors::absolute32(sums));
        const vector mean = Vectors::truncate(Vectors::multiply_floats(Vectors::add_floats(size, half), reciprocal));
        Vectors::store_lanes(to, Vectors::with_sign32(mean, sums));
    }
};

template <class Vectors, class Plan>
[[gnu::noinline]] void run_average_pool(const Plan& plan, const std::int8_t* in, std::int32_t zero_point,
                                        std::int8_t* out) {
    const pooling_plan& p = plan.value;
    const std::ptrdiff_t whole = std::ptrdiff_t{p.kernel[0]} * p.kernel[1];
    std::ptrdiff_t count = whole;
    pool_mean<Vectors> mean(static_cast<std::int32_t>(whole));
    for_each_window(p, in, out, [&](const pool_window& window, std::int8_t* to) CTQ_ALWAYS_INLINE {
        const std::ptrdiff_t cells = p.count_padding ? whole : window.count();
        if (cells != count) mean = pool_mean<Vectors>(static_cast<std::int32_t>(count = cells));
        const auto start = Vectors::all32(static_cast<std::int32_t>(cells - window.count()) * zero_point);
        each_piece(p.channels, Vectors::lanes, [&](std::ptrdiff_t first) CTQ_ALWAYS_INLINE {
            auto sums = start;
            window.for_each([&](const std::int8_t* pixel)
                                CTQ_ALWAYS_INLINE { sums = Vectors::add32(sums, Vectors::load(pixel + first)); });
            mean.store(to + first, sums);
        });
    });
}

} // namespace vector

template <class Architecture, signature S>
requires vector::has_vectors<Architecture> && vector::bytes_signature<S>
struct kernel<Architecture, op::average_pool, S> : kernel<typename Architecture::parent, op::average_pool, S> {
    template <class Facts>
    static constexpr void run(const Facts& facts, const_tensors in, tensors out, const workspace& space) {
        using vectors = vector::vectors_of<Architecture>;
        const auto& op = facts.value.op;
        if (std::is_constant_evaluated() || facts.value.outputs[0].shape[3] < vectors::lanes ||
            std::int64_t{op.kernel[0]} * op.kernel[1] > vector::largest_pool)
            return kernel<typename Architecture::parent, op::average_pool, S>::run(facts, in, out, space);
        const auto plan = vector::plan_of<&vector::plan_pooling<op::average_pool>>(facts);
        vector::run_average_pool<vectors>(plan, in[0].as<std::int8_t>(), in[0].zero_point(), out[0].as<std::int8_t>());
    }
};

} // namespace ctq::inline CTQ_TARGET::kernels

// ---- ctq/kernels/vector/channel_tables.hpp
#include <cstddef>
#include <cstdint>
// The per-channel constants of a weighted layer in a kernel's own order and padded to whole vectors, so that no kernel
// reads past a table. Written by pack().
// room: kernels | runs on: all | heap: no

namespace ctq::inline CTQ_TARGET::kernels::vector {

/// Where the tables stand in the packed bytes: [int32 bias][multiplier][int8 shift][smallest shift][largest shift].
struct channel_table_layout {
    std::ptrdiff_t entries = 0;         ///< with padding
    std::ptrdiff_t multiplier_size = 2; ///< bytes of one

    constexpr std::ptrdiff_t multipliers() const { return entries * 4; }
    constexpr std::ptrdiff_t shifts() const { return entries * (4 + multiplier_size); }
    constexpr std::ptrdiff_t extremes() const { return entries * (5 + multiplier_size); }
    constexpr std::size_t bytes() const { return round_up_to(static_cast<std::size_t>(extremes()) + 2, alignment); }
    friend constexpr bool operator==(const channel_table_layout&, const channel_table_layout&) = default;
};

/// Little-endian bytes of `value`, in constant expressions too.
constexpr void put_bytes(std::int8_t* to, std::int64_t value, std::ptrdiff_t count) {
    for (std::ptrdiff_t i = 0; i < count; ++i)
        to[i] = static_cast<std::int8_t>(static_cast<std::uint8_t>(static_cast<std::uint64_t>(value) >> (8 * i)));
}

/// Writes what a piece holds of the tables, which begin at its byte 0: entry i is of channel `channel_of(i)`, or zeros
/// where that is negative. `correct(channel)` is added to the bias.
template <class ChannelOf, class Correct>
constexpr void pack_channel_tables(const channel_table_layout& layout, const_tensors in, const packed_piece& piece,
                                   ChannelOf channel_of, Correct correct) {
    const std::int32_t* biases = in[op::weighted::bias].as<std::int32_t>();
    const std::int8_t* shifts = in[op::weighted::shift].as<std::int8_t>();
    piece.each(0, 4, layout.entries, [&](std::ptrdiff_t i, std::int8_t* to) {
        const std::ptrdiff_t channel = channel_of(i);
        put_bytes(to, channel < 0 ? 0 : biases[channel] + correct(channel), 4);
    });
    piece.each(layout.multipliers(), layout.multiplier_size, layout.entries, [&](std::ptrdiff_t i, std::int8_t* to) {
        const std::ptrdiff_t channel = channel_of(i);
        const std::int64_t multiplier = channel < 0 ? 0
                                        : layout.multiplier_size == 2
                                            ? in[op::weighted::multiplier].as<std::int16_t>()[channel]
                                            : in[op::weighted::multiplier].as<std::int32_t>()[channel];
        put_bytes(to, multiplier, layout.multiplier_size);
    });
    const auto shift_of = [&](std::ptrdiff_t i) {
        const std::ptrdiff_t channel = channel_of(i);
        return channel < 0 ? std::int8_t{0} : shifts[channel];
    };
    piece.each(layout.shifts(), 1, layout.entries, [&](std::ptrdiff_t i, std::int8_t* to) { *to = shift_of(i); });
    piece.each(layout.extremes(), 1, 2, [&](std::ptrdiff_t which, std::int8_t* to) {
        *to = 0;
        for (std::ptrdiff_t i = 0; i < layout.entries; ++i)
            if (which == 0 ? shift_of(i) < *to : shift_of(i) > *to) *to = shift_of(i);
    });
}

/// The tables as a kernel reads them.
template <class Requantizer> struct channel_tables {
    using multiplier_type = typename Requantizer::multiplier_type;

    const std::int32_t* bias;
    const multiplier_type* multiplier;
    const std::int8_t* shift;
    bool shifts_left; ///< whether any channel does

    channel_tables(const std::int8_t* packed, const channel_table_layout& layout)
        : bias(reinterpret_cast<const std::int32_t*>(packed)),
          multiplier(reinterpret_cast<const multiplier_type*>(packed + layout.multipliers())),
          shift(packed + layout.shifts()),
          shifts_left(Requantizer::shifts_left({1, packed[layout.extremes()]}) ||
                      Requantizer::shifts_left({1, packed[layout.extremes() + 1]})) {}
};

} // namespace ctq::inline CTQ_TARGET::kernels::vector

// ---- ctq/kernels/vector/depthwise_plan.hpp
#include <cstddef>
#include <cstdint>
#include <numeric>
// depthwise_plan: how a depthwise convolution is cut into units of one vector of outputs, and its packed constants.
// room: kernels | runs on: all (plan and packing: in the compiler or where a model is loaded) | heap: no

namespace ctq::inline CTQ_TARGET::kernels::vector {

/// True where each output channel reads an input channel of its own.
constexpr bool is_depthwise(const node_facts<op::conv2d>& facts) {
    return facts.op.groups > 1 && facts.op.groups == facts.inputs[op::weighted::activation].shape[3] &&
           facts.op.groups == facts.outputs[0].shape[3];
}

/// What an instruction set's unit is: `outputs` neighbours in a line of (pixel, channel), `taps` of the kernel in one
/// product, weights of `weight_size` bytes.
struct depthwise_limits {
    std::ptrdiff_t outputs, taps, weight_size, element_size;
};

/// A line of output (pixel, channel) values is one flat segment where few channels repeat in a short pattern, and one
/// segment a pixel otherwise. Units u, u + patterns, ... of a segment have the same channels, so the same constants.
/// In the copied image of a flat plan the columns are sorted by their remainder to the stride, so that a unit's
/// neighbours are neighbours under every tap.
struct depthwise_plan {
    std::ptrdiff_t images = 1, channels = 1;
    std::ptrdiff_t height = 1, width = 1;                   ///< of the input
    std::ptrdiff_t rows = 1, phases = 1, phase_columns = 1; ///< of the copy
    std::ptrdiff_t lines = 1, columns = 1;                  ///< of the output
    op::extents kernel{1, 1}, stride{1, 1}, dilation{1, 1};
    leading_margins padding{};
    bool flat = false;
    std::ptrdiff_t patterns = 1;
    depthwise_limits unit{64, 4, 1, 1};
    channel_table_layout tables{};

    constexpr std::ptrdiff_t row_length() const { return phases * phase_columns * channels; }
    constexpr std::ptrdiff_t segments() const { return flat ? 1 : columns; }
    constexpr std::ptrdiff_t segment_length() const { return flat ? columns * channels : channels; }
    constexpr std::ptrdiff_t segment_step() const { return (flat ? 1 : stride[1]) * channels; } ///< in the image
    constexpr std::ptrdiff_t line_step() const { return stride[0] * row_length(); }

    /// Products a unit needs: the taps of a column fill one where the kernel is low enough, else they follow row by
    /// row.
    constexpr bool by_column() const {
        return kernel[0] <= unit.taps && kernel[1] <= divide_up(std::ptrdiff_t{kernel[0]} * kernel[1], unit.taps);
    }
    constexpr std::ptrdiff_t products() const {
        return by_column() ? kernel[1] : divide_up(std::ptrdiff_t{kernel[0]} * kernel[1], unit.taps);
    }

    /// The tap at position `at` of a product: its number ky * kernel[1] + kx, or -1.
    constexpr std::ptrdiff_t tap(std::ptrdiff_t product, std::ptrdiff_t at) const {
        if (by_column()) return at < kernel[0] ? at * kernel[1] + product : -1;
        const std::ptrdiff_t number = product * unit.taps + at;
        return number < std::ptrdiff_t{kernel[0]} * kernel[1] ? number : -1;
    }

    /// Where the copied image has the activations of a tap, from those of a unit's first cell on.
    constexpr std::ptrdiff_t tap_offset(std::ptrdiff_t number) const {
        const std::ptrdiff_t column = number % kernel[1] * dilation[1];
        return number / kernel[1] * dilation[0] * row_length() + column % phases * phase_columns * channels +
               column / phases * channels;
    }

    constexpr std::size_t scratch_bytes() const {
        constexpr std::ptrdiff_t slack = 128;
        return static_cast<std::size_t>(round_up_to((rows * row_length() + slack) * unit.element_size, alignment));
    }

    /// Packed bytes: the weights [pattern][product][entry][tap], the channel tables, the tap offsets as int32.
    constexpr std::ptrdiff_t product_bytes() const { return unit.outputs * unit.taps * unit.weight_size; }
    constexpr std::ptrdiff_t tables_at() const { return patterns * products() * product_bytes(); }
    constexpr std::ptrdiff_t offsets_at() const { return tables_at() + static_cast<std::ptrdiff_t>(tables.bytes()); }
    constexpr std::size_t packed_bytes() const {
        return static_cast<std::size_t>(round_up_to(offsets_at() + products() * unit.taps * 4, alignment));
    }
};

constexpr depthwise_plan plan_depthwise(const node_facts<op::conv2d>& facts, const depthwise_limits& unit) {
    const op::conv2d& op = facts.op;
    const shape &in = facts.inputs[op::weighted::activation].shape, &out = facts.outputs[0].shape;
    const op::window over = op::window_of(op);
    depthwise_plan plan;
    plan.images = in[0];
    plan.channels = in[3];
    plan.height = in[1];
    plan.width = in[2];
    plan.lines = out[1];
    plan.columns = out[2];
    plan.kernel = op.kernel;
    plan.stride = op.stride;
    plan.dilation = op.dilation;
    plan.padding = op.padding;
    plan.unit = unit;
    const std::ptrdiff_t repeat = std::lcm(plan.channels, unit.outputs) / unit.outputs;
    plan.flat = plan.channels < unit.outputs && repeat <= 5;
    plan.patterns = plan.flat ? repeat : divide_up(plan.channels, unit.outputs);
    plan.phases = plan.flat ? op.stride[1] : 1;
    plan.rows = (plan.lines - 1) * op.stride[0] + over.span(0);
    plan.phase_columns = divide_up((plan.columns - 1) * op.stride[1] + over.span(1), plan.phases);
    plan.tables = {plan.patterns * unit.outputs,
                   static_cast<std::ptrdiff_t>(bytes_of(facts.inputs[op::weighted::multiplier].type, 1))};
    return plan;
}

/// Writes all packed bytes. `output_of(i)` is the place, within its unit, of entry i of the kernel's order; `offset` is
/// what the image adds to each activation, and the bias takes back.
template <class OutputOf>
constexpr void pack_depthwise(const depthwise_plan& plan, const_tensors in, std::int8_t* to, std::int64_t offset,
                              OutputOf output_of) {
    const std::int8_t* weights = in[op::weighted::weights].as<std::int8_t>();
    const std::ptrdiff_t taps = std::ptrdiff_t{plan.kernel[0]} * plan.kernel[1];
    const auto channel_of = [&](std::ptrdiff_t entry) {
        const std::ptrdiff_t output =
            entry / plan.unit.outputs * plan.unit.outputs + output_of(entry % plan.unit.outputs);
        return plan.flat ? output % plan.channels : output < plan.channels ? output : -1;
    };
    std::int8_t* weight = to;
    for (std::ptrdiff_t entry = 0; entry < plan.patterns * plan.products() * plan.unit.outputs; ++entry) {
        const std::ptrdiff_t product = entry / plan.unit.outputs % plan.products();
        const std::ptrdiff_t pattern = entry / plan.unit.outputs / plan.products();
        const std::ptrdiff_t channel = channel_of(pattern * plan.unit.outputs + entry % plan.unit.outputs);
        for (std::ptrdiff_t at = 0; at < plan.unit.taps; ++at, weight += plan.unit.weight_size) {
            const std::ptrdiff_t tap = plan.tap(product, at);
            put_bytes(weight, channel < 0 || tap < 0 ? 0 : weights[tap * plan.channels + channel],
                      plan.unit.weight_size);
        }
    }
    const packed_piece tables{to + plan.tables_at(), 0, static_cast<std::ptrdiff_t>(plan.tables.bytes())};
    pack_channel_tables(plan.tables, in, tables, channel_of, [&](std::ptrdiff_t channel) {
        std::int64_t sum = 0;
        for (std::ptrdiff_t tap = 0; tap < taps; ++tap) sum += weights[tap * plan.channels + channel];
        return -offset * sum;
    });
    for (std::ptrdiff_t i = 0; i < plan.products() * plan.unit.taps; ++i) {
        const std::ptrdiff_t tap = plan.tap(i / plan.unit.taps, i % plan.unit.taps);
        put_bytes(to + plan.offsets_at() + 4 * i, tap < 0 ? 0 : plan.tap_offset(tap), 4);
    }
}

} // namespace ctq::inline CTQ_TARGET::kernels::vector

// ---- ctq/kernels/vector/image.hpp
#include <cstddef>
#include <cstdint>
// The copy of an activation image that weighted kernels read: widened to the tile's element, with a border of the zero
// point, so that no kernel asks where the image ends.
// room: kernels | runs on: all | heap: no

namespace ctq::inline CTQ_TARGET::kernels::vector {

/// How the copy of one image (of the batch) is laid out.
///
/// Direct: rows x columns pixels of `inputs` channels, window after window reads the same bytes.
/// Gathered: for each output pixel and kernel row the activations under it, side by side, in a row of `gathered_row`
/// elements; for windows whose columns do not lie side by side, and where few of the pixels are read.
struct image_plan {
    std::ptrdiff_t height = 1, width = 1, depth = 1; ///< of the input
    std::ptrdiff_t inputs = 1;                       ///< channels that are copied
    std::ptrdiff_t rows = 1, columns = 1;            ///< of the copy
    std::ptrdiff_t out_rows = 1, out_columns = 1;
    op::extents kernel{1, 1}, stride{1, 1}, dilation{1, 1};
    leading_margins padding{};
    bool gathered = false;
    std::ptrdiff_t gathered_row = 0;

    /// Elements that kernels may read past the last one that is written.
    static constexpr std::ptrdiff_t slack = 128;

    constexpr std::ptrdiff_t elements() const {
        return gathered ? out_rows * out_columns * kernel[0] * gathered_row : rows * columns * inputs;
    }
    constexpr std::size_t bytes(std::size_t element_size) const {
        return round_up_to(static_cast<std::size_t>(elements() + slack) * element_size, alignment);
    }
};

/// Copies whole channels of the image at `from`, row by row (image_row, tile.hpp). `to` has room for plan.bytes().
template <class Row, class Element = typename Row::layout::element>
void copy_direct(const image_plan& plan, const std::int8_t* from, Element* to, Element border) {
    const std::ptrdiff_t row_length = plan.columns * plan.inputs;
    const auto at_most = [](std::ptrdiff_t value, std::ptrdiff_t most) { return value < most ? value : most; };
    const std::ptrdiff_t left = at_most(plan.padding[1], plan.columns);
    const std::ptrdiff_t inside = at_most(plan.width, plan.columns - left), right = plan.columns - left - inside;
    const std::ptrdiff_t top = plan.padding[0];
    if (left == 0 && right == 0 && inside == plan.width && top == 0 && plan.rows <= plan.height)
        return Row::widen(to, from, plan.rows * row_length);
    for (std::ptrdiff_t row = 0; row < plan.rows; ++row, to += row_length) {
        if (row < top || row - top >= plan.height) {
            Row::fill(to, border, row_length);
            continue;
        }
        Row::fill(to, border, left * plan.inputs);
        Row::widen(to + left * plan.inputs, from + (row - top) * plan.width * plan.inputs, inside * plan.inputs);
        Row::fill(to + (left + inside) * plan.inputs, border, right * plan.inputs);
    }
}

template <class Row, class Element = typename Row::layout::element>
void copy_gathered(const image_plan& plan, const std::int8_t* from, Element* to, Element border) {
    for (std::ptrdiff_t y = 0; y < plan.out_rows; ++y)
        for (std::ptrdiff_t x = 0; x < plan.out_columns; ++x)
            for (std::ptrdiff_t ky = 0; ky < plan.kernel[0]; ++ky, to += plan.gathered_row) {
                const std::ptrdiff_t row = y * plan.stride[0] - plan.padding[0] + ky * plan.dilation[0];
                std::ptrdiff_t column = x * plan.stride[1] - plan.padding[1];
                for (std::ptrdiff_t kx = 0; kx < plan.kernel[1]; ++kx, column += plan.dilation[1]) {
                    const bool inside = row >= 0 && row < plan.height && column >= 0 && column < plan.width;
                    if (inside)
                        Row::widen(to + kx * plan.inputs, from + (row * plan.width + column) * plan.depth, plan.inputs);
                    else
                        Row::fill(to + kx * plan.inputs, border, plan.inputs);
                }
            }
}

/// Copies plan.inputs channels of one image, the first of them at `from`.
template <class Row, class Element = typename Row::layout::element>
void copy_image(const image_plan& plan, const std::int8_t* from, Element* to, Element border) {
    if (plan.gathered)
        copy_gathered<Row>(plan, from, to, border);
    else
        copy_direct<Row>(plan, from, to, border);
}

} // namespace ctq::inline CTQ_TARGET::kernels::vector

// ---- ctq/kernels/vector/depthwise_image.hpp
#include <cstddef>
#include <cstdint>
// The copy of an image that depthwise convolutions read: a border of the zero point, and where columns are skipped, the
// columns sorted by phase.
// room: kernels | runs on: all | heap: no

namespace ctq::inline CTQ_TARGET::kernels::vector {

/// Where the pixels of one phase go, from the start of a row of the copy: `count` of them at `first`.
struct phase_place {
    std::ptrdiff_t start, first, count;
};

/// The phase of the input's column `column` < plan.phases.
constexpr phase_place place_of(const depthwise_plan& plan, std::ptrdiff_t column) {
    const std::ptrdiff_t at = column + plan.padding[1], first = at / plan.phases;
    const std::ptrdiff_t room = plan.phase_columns > first ? plan.phase_columns - first : 0;
    const std::ptrdiff_t there = column < plan.width ? divide_up(plan.width - column, plan.phases) : 0;
    return {at % plan.phases * plan.phase_columns, plan.phase_columns - room, there < room ? there : room};
}

/// Fills what is beside the pixels of a phase in one row.
template <class Row, class Element = typename Row::layout::element>
void fill_beside(const depthwise_plan& plan, const phase_place& place, Element* row, Element border) {
    const std::ptrdiff_t channels = plan.channels, end = place.first + place.count;
    Row::fill(row + place.start * channels, border, place.first * channels);
    Row::fill(row + (place.start + end) * channels, border, (plan.phase_columns - end) * channels);
}

/// Calls copy(source row, row of the copy) for the rows that are inside the image and fills the others of a phase.
template <class Row, class Copy, class Element = typename Row::layout::element>
void for_each_row(const depthwise_plan& plan, const phase_place& place, const std::int8_t* from, Element* to,
                  Element border, Copy copy) {
    for (std::ptrdiff_t row = 0; row < plan.rows; ++row, to += plan.row_length()) {
        const std::ptrdiff_t source = row - plan.padding[0];
        if (source >= 0 && source < plan.height) {
            fill_beside<Row>(plan, place, to, border);
            copy(from + source * plan.width * plan.channels, to);
        } else {
            Row::fill(to + place.start * plan.channels, border, plan.phase_columns * plan.channels);
        }
    }
}

/// Copies every `step`-th pixel of a row.
template <class Row, class Element = typename Row::layout::element>
void copy_pixels(const std::int8_t* from, Element* to, std::ptrdiff_t count, std::ptrdiff_t channels,
                 std::ptrdiff_t step) {
    for (std::ptrdiff_t i = 0; i < count; ++i) Row::widen(to + i * channels, from + i * step * channels, channels);
}

/// Copies one image: a border of the zero point, columns sorted by phase.
template <class Row, class Element = typename Row::layout::element>
void copy_phases(const depthwise_plan& plan, const std::int8_t* from, Element* to, Element border) {
    const std::ptrdiff_t channels = plan.channels;
    for (std::ptrdiff_t column = 0; column < plan.phases; ++column) {
        const phase_place place = place_of(plan, column);
        for_each_row<Row>(plan, place, from, to, border, [&](const std::int8_t* pixels, Element* row) {
            copy_pixels<Row>(pixels + column * channels, row + (place.start + place.first) * channels, place.count,
                             channels, plan.phases);
        });
    }
}

/// Copies one image, in the unit's own way where it has one.
template <class Unit, class Element = typename Unit::row::layout::element>
void copy_depthwise(const depthwise_plan& plan, const std::int8_t* from, Element* to, Element border) {
    if constexpr (requires { Unit::copy_two_phases(plan, from, to, border); })
        if (plan.phases == 2 && (plan.channels == 8 || plan.channels == 16 || plan.channels == 32))
            return Unit::copy_two_phases(plan, from, to, border);
    if (plan.phases > 1) return copy_phases<typename Unit::row>(plan, from, to, border);
    image_plan image;
    image.height = plan.height;
    image.width = plan.width;
    image.inputs = plan.channels;
    image.rows = plan.rows;
    image.columns = plan.phase_columns;
    image.padding = plan.padding;
    copy_direct<typename Unit::row>(image, from, to, border);
}

} // namespace ctq::inline CTQ_TARGET::kernels::vector

// ---- ctq/kernels/vector/product_plan.hpp
#include <cstddef>
// product_plan: rows of activations times packed weights, the loop that convolutions and dense layers share, and the
// choice of its register tile.
// room: kernels | runs on: all (the choice: in the compiler where shapes are constants) | heap: no

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

// ---- ctq/kernels/vector/product_layout.hpp
#include <cstddef>
#include <cstdint>
// How an instruction set's kernels of weighted sums want their operands. Known without its instructions, so that every
// compiler and the tool can plan and pack for it.
// room: kernels | runs on: all | heap: no

namespace ctq::inline CTQ_TARGET::kernels::vector {

/// Specialised in kernels/<architecture>/product_layout.hpp; everything is static.
///
/// - `element`: an activation in the copied image; `offset`: what the copy adds to each, and the bias takes back;
/// - `tile`: the registers that a product of rows with weights may use;
/// - `whole_blocks`: whether a tile reads whole blocks of weights, so that pack() pads those of a part of one;
/// - `unit`: what a depthwise convolution makes at a time; `unit_order(entry)`: which of a unit's outputs is entry
///   `entry` of its accumulators, the order in which depthwise constants are packed.
template <class Architecture> struct product_layout;

template <class Architecture> constexpr bool has_product_layout = requires {
    sizeof(product_layout<Architecture>);
};

/// The zero point of an activation, as an image holds it.
template <class Layout> constexpr typename Layout::element border_of(std::int32_t zero_point) {
    return static_cast<typename Layout::element>(zero_point + Layout::offset);
}

} // namespace ctq::inline CTQ_TARGET::kernels::vector

// ---- ctq/kernels/vector/requantize.hpp
#include <cstdint>
// Requantization of int32 vectors to int8, once for all instruction sets: the epilogue of every kernel. Equal bit for
// bit to the scalar definitions in core for every accumulator within headroom.
// room: kernels | runs on: all | heap: no

namespace ctq::inline CTQ_TARGET::kernels::vector {

/// The constants of an output tensor: its zero point in the form that a requantizer adds, its bounds.
template <class Vectors> struct output_constants {
    using vector = typename Vectors::vector;

    vector offset; // int16 lanes
    vector low;    // int8 lanes
    vector high;

    /// int8 lanes within the bounds. Bounded may be false if these are [-128, 127].
    template <bool Bounded> vector clamped(vector bytes) const {
        if constexpr (!Bounded) return bytes;
        return Vectors::least8(Vectors::largest8(bytes, low), high);
    }
};

/// Four accumulator vectors to one vector of int8. Specialised for each requantizer; every specialisation has
///
/// - `channels`: parameters of `lanes` channels; `load(multipliers, shifts)` reads them from tables in channel order;
/// - `block`: parameters of four accumulator vectors, made once by `join(c0, c1, c2, c3)` before the pixel loop. The
///   same channels may be joined four times (four pixels of one channel vector);
/// - `prepare(zero_point, low, high)`: the output_constants of an int8 tensor;
/// - `apply<LeftShifts, Bounded>(a0, a1, a2, a3, block, constants)`: 4 * lanes results, those of a0 first.
///   The accumulators carry Requantizer::rounding already. LeftShifts may be false if no channel's scaling
///   shifts_left; Bounded may be false if [low, high] is [-128, 127].
/// - `apply_with_residual(a0, ..., constants, residual)`: apply with a residual's terms, where the requantizer
///   adds_residual;
/// - `apply_unordered`: the same without the final permutation: dword 4 l + j of the result is the l-th four of aj. For
///   kernels whose channels are packed in that order.
template <class Requantizer, class Vectors> struct epilogue;

template <class Vectors> struct epilogue<three_step, Vectors> {
    using requantizer = three_step;
    using multiplier_type = requantizer::multiplier_type;
    using vector = typename Vectors::vector;
    static constexpr int lanes = Vectors::lanes;

    struct channels {
        vector multiplier;
        vector shift;
    };

    struct block {
        vector multiplier01, multiplier23; // int16, in the order that narrowing leaves
        vector shift0, shift1, shift2, shift3;
    };

    static channels load(const multiplier_type* multipliers, const std::int8_t* shifts) {
        return {Vectors::load(multipliers), Vectors::load(shifts)};
    }

    static block join(const channels& c0, const channels& c1, const channels& c2, const channels& c3) {
        return {Vectors::narrow32(c0.multiplier, c1.multiplier),
                Vectors::narrow32(c2.multiplier, c3.multiplier),
                c0.shift,
                c1.shift,
                c2.shift,
                c3.shift};
    }

    static output_constants<Vectors> prepare(std::int32_t zero_point, std::int8_t low, std::int8_t high) {
        return {Vectors::all16(static_cast<std::int16_t>(requantizer::offset(zero_point))), Vectors::all8(low),
                Vectors::all8(high)};
    }

    template <bool LeftShifts, bool Bounded>
    static vector apply_unordered(vector a0, vector a1, vector a2, vector a3, const block& p,
                                  const output_constants<Vectors>& out) {
        const vector short01 = Vectors::narrow32(shift<LeftShifts>(a0, p.shift0), shift<LeftShifts>(a1, p.shift1));
        const vector short23 = Vectors::narrow32(shift<LeftShifts>(a2, p.shift2), shift<LeftShifts>(a3, p.shift3));
        const vector narrowed =
            Vectors::narrow16(finish(short01, p.multiplier01, out.offset), finish(short23, p.multiplier23, out.offset));
        return out.template clamped<Bounded>(narrowed);
    }

    template <bool LeftShifts, bool Bounded>
    static vector apply(vector a0, vector a1, vector a2, vector a3, const block& p,
                        const output_constants<Vectors>& out) {
        return Vectors::in_order(apply_unordered<LeftShifts, Bounded>(a0, a1, a2, a3, p, out));
    }

    /// The residual tensor's zero point and multiplier (requantizer::residual_term).
    struct residual_constants {
        vector zero_point; // int32 lanes
        vector multiplier; // int16 lanes
    };
    static residual_constants prepare_residual(std::int32_t zero_point, std::int32_t multiplier) {
        return {Vectors::all32(zero_point), Vectors::all16(static_cast<std::int16_t>(multiplier))};
    }

    /// `r0` to `r3`: the residual's integers, as int32, for the accumulators `a0` to `a3`.
    template <bool LeftShifts, bool Bounded>
    static vector apply_with_residual(vector a0, vector a1, vector a2, vector a3, const block& p,
                                      const output_constants<Vectors>& out, const residual_constants& c, vector r0,
                                      vector r1, vector r2, vector r3) {
        const vector short01 = Vectors::narrow32(shift<LeftShifts>(a0, p.shift0), shift<LeftShifts>(a1, p.shift1));
        const vector short23 = Vectors::narrow32(shift<LeftShifts>(a2, p.shift2), shift<LeftShifts>(a3, p.shift3));
        const vector narrowed = Vectors::narrow16(
            finish(short01, p.multiplier01, Vectors::saturating_add16(residual_terms(r0, r1, c), out.offset)),
            finish(short23, p.multiplier23, Vectors::saturating_add16(residual_terms(r2, r3, c), out.offset)));
        return out.template clamped<Bounded>(Vectors::in_order(narrowed));
    }

  private:
    static vector residual_terms(vector r0, vector r1, const residual_constants& c) {
        return Vectors::rounded_high_multiply16(
            Vectors::narrow32(Vectors::times128(Vectors::subtract32(r0, c.zero_point)),
                              Vectors::times128(Vectors::subtract32(r1, c.zero_point))),
            c.multiplier);
    }

    /// A left shift saturates: the accumulator is first clamped to what the shift can hold, which is beyond int16 after
    /// the shift. For right shifts the clamp is to the whole of int32.
    template <bool LeftShifts> static vector shift(vector a, vector counts) {
        if constexpr (!LeftShifts) {
            return Vectors::shift_right(a, counts);
        } else {
            const vector right = Vectors::largest32(counts, Vectors::all32(0));
            const vector left = Vectors::subtract32(right, counts);
            const vector high = Vectors::shift_right_logical(Vectors::all32(0x7FFFFFFF), left);
            const vector clamped = Vectors::least32(Vectors::largest32(a, Vectors::inverted(high)), high);
            return Vectors::shift_right(Vectors::shift_left(clamped, left), right);
        }
    }

    static vector finish(vector shortened, vector multiplier, vector offset) {
        return Vectors::template shift_right16<5>(
            Vectors::saturating_add16(Vectors::multiply_high16(shortened, multiplier), offset));
    }
};

template <class Vectors> struct epilogue<double_rounding, Vectors> {
    using requantizer = double_rounding;
    using multiplier_type = requantizer::multiplier_type;
    using vector = typename Vectors::vector;
    static constexpr int lanes = Vectors::lanes;

    struct channels {
        vector multiplier, odd_multiplier;
        vector left;        // max(shift, 0)
        vector minus_right; // min(shift, 0)
        vector half;        // 2^(right - 1), 0 without a right shift
    };

    struct block {
        channels c0, c1, c2, c3;
    };

    static channels load(const multiplier_type* multipliers, const std::int8_t* shifts) {
        return prepare_channels(Vectors::load(multipliers), Vectors::load(shifts));
    }

    static channels prepare_channels(vector multiplier, vector shift) {
        const vector zero = Vectors::all32(0);
        const vector minus_right = Vectors::least32(shift, zero);
        const vector beyond =
            Vectors::subtract32(Vectors::all32(-1), minus_right); // right - 1; a count of -1 shifts out
        return {multiplier, Vectors::odd_to_even(multiplier), Vectors::largest32(shift, zero), minus_right,
                Vectors::shift_left(Vectors::all32(1), beyond)};
    }

    static block join(const channels& c0, const channels& c1, const channels& c2, const channels& c3) {
        return {c0, c1, c2, c3};
    }

    static output_constants<Vectors> prepare(std::int32_t zero_point, std::int8_t low, std::int8_t high) {
        return {Vectors::all16(static_cast<std::int16_t>(zero_point)), Vectors::all8(low), Vectors::all8(high)};
    }

    template <bool LeftShifts, bool Bounded>
    static vector apply_unordered(vector a0, vector a1, vector a2, vector a3, const block& p,
                                  const output_constants<Vectors>& out) {
        const vector short01 = Vectors::narrow32(scale<LeftShifts>(a0, p.c0), scale<LeftShifts>(a1, p.c1));
        const vector short23 = Vectors::narrow32(scale<LeftShifts>(a2, p.c2), scale<LeftShifts>(a3, p.c3));
        const vector narrowed = Vectors::narrow16(Vectors::saturating_add16(short01, out.offset),
                                                  Vectors::saturating_add16(short23, out.offset));
        return out.template clamped<Bounded>(narrowed);
    }

    template <bool LeftShifts, bool Bounded>
    static vector apply(vector a0, vector a1, vector a2, vector a3, const block& p,
                        const output_constants<Vectors>& out) {
        return Vectors::in_order(apply_unordered<LeftShifts, Bounded>(a0, a1, a2, a3, p, out));
    }

  private:
    template <bool LeftShifts> static vector scale(vector a, const channels& c) {
        if constexpr (LeftShifts) a = Vectors::shift_left(a, c.left);
        const vector rounded = high_multiply(a, c);
        const vector minus_one_if_negative = Vectors::sign32(Vectors::both(rounded, c.minus_right));
        const vector nudged = Vectors::add32(Vectors::add32(rounded, c.half), minus_one_if_negative);
        return Vectors::shift_right(nudged, Vectors::subtract32(Vectors::all32(0), c.minus_right));
    }

    /// floor(a * multiplier / 2^31 + 1/2): the even and the odd lanes in 64 bits each.
    static vector high_multiply(vector a, const channels& c) {
        const vector half = Vectors::all64(std::int64_t{1} << 30);
        const vector even = Vectors::add64(Vectors::multiply_even(a, c.multiplier), half);
        const vector odd = Vectors::add64(Vectors::multiply_even(Vectors::odd_to_even(a), c.odd_multiplier), half);
        return Vectors::even_and_odd(Vectors::halve64_to_even(even), Vectors::double64(odd));
    }
};

/// The parameters where a whole tensor has one scaling.
template <class Requantizer, class Vectors> typename epilogue<Requantizer, Vectors>::block one_scale(const scaling& s) {
    using finish = epilogue<Requantizer, Vectors>;
    typename Requantizer::multiplier_type multipliers[Vectors::lanes];
    std::int8_t shifts[Vectors::lanes];
    for (int lane = 0; lane < Vectors::lanes; ++lane) {
        multipliers[lane] = static_cast<typename Requantizer::multiplier_type>(s.multiplier);
        shifts[lane] = static_cast<std::int8_t>(s.shift);
    }
    const auto channels = finish::load(multipliers, shifts);
    return finish::join(channels, channels, channels, channels);
}

} // namespace ctq::inline CTQ_TARGET::kernels::vector

// ---- ctq/kernels/vector/depthwise.hpp
#include <cstdint>
// Depthwise convolution: the activations under several taps of the kernel are interleaved by channel, so that one dot
// product takes them all. Any channels, kernel, stride and dilation.
// room: kernels | runs on: all | heap: no

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

// ---- ctq/kernels/vector/product.hpp
// The product of a copied image with packed weights, requantized: the work of convolutions and dense layers, for every
// register tile (tile.hpp).
// room: kernels | runs on: all | heap: no

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

// ---- ctq/kernels/avx2/product_layout.hpp
#include <cstddef>
#include <cstdint>
// The operands of AVX2's sums of products: activations widened to int16, for vpmaddwd.
// room: kernels | runs on: all (what runs on them: x86-64 with AVX2) | heap: no

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

// ---- ctq/kernels/avx512vnni/product_layout.hpp
#include <cstddef>
#include <cstdint>
// The operands of AVX-512 VNNI's sums of products: activations as unsigned bytes (x + 128), for vpdpbusd.
// room: kernels | runs on: all (what runs on them: x86-64 with AVX-512 VNNI) | heap: no

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

// ---- ctq/kernels/vector/tile.hpp
// What an instruction set gives convolutions and dense layers beside its vectors: a register tile, a depthwise unit and
// the copy of activations that both read.
// room: kernels | runs on: all | heap: no

namespace ctq::inline CTQ_TARGET::kernels::vector {

/// A row of an image's copy, specialised in kernels/<architecture>/image.hpp: `layout`; `widen(to, from, count)` copies
/// activations, `fill(to, value, count)` writes a border.
template <class Architecture> struct image_row;

/// The accumulators of a product, specialised in kernels/<architecture>/tile.hpp: `vectors`, `row` (image_row), `sum`
/// of one block of channels, and
///
/// - `start(sum, bias)`, `clear(sum)`, `add(sum, other)`, `total(sum)`: a vector of int32;
/// - `step<Masked>(sums, pixel, at, weights, tail)`: every sum of pixels and blocks takes four activations times a
///   dword of weights; where Masked, the last block has `tail` channels only;
/// - `store(to, v)`, `store_first(to, v, count)`, `store_quarter<Quarter>(to, v[, count])` of a vector of int8,
///   `half_quarters(v)`: the first halves of its quarters side by side;
/// - `load_block(from, count)`: int8 as a vector of int32.
template <class Architecture> struct tile;

/// The outputs of a depthwise convolution that are made at a time, specialised in
/// kernels/<architecture>/depthwise_unit.hpp: `vectors`, `row`, `activations` of all outputs under one tap, and
///
/// - `kept_products`, `rolling_columns`: of how many products the weights, of how many columns the sums stay in
///   registers;
/// - `load(from)`, `none()`: activations; `weights(from)`: of a quarter of the outputs;
/// - `interleave(taps, to)`: the activations of a product's taps, side by side for each output;
/// - `multiply(sum, interleaved, weights)`; `store(to, narrowed, count)`;
/// - if it has a faster way: `copy_two_phases(plan, from, to, border)`, for images of 8, 16 or 32 channels.
template <class Architecture> struct depthwise_unit;

/// Whether this translation unit may use an architecture's tile and unit.
template <class Architecture> constexpr bool has_tile = requires {
    sizeof(tile<Architecture>);
};

} // namespace ctq::inline CTQ_TARGET::kernels::vector

// ---- ctq/kernels/vector/tiles.hpp
// The tiles of every instruction set that this translation unit may use, and the layouts of all: the one list of them.
// An instruction set stands inside its parent's condition: what both read is read once.
// room: kernels | runs on: all | heap: no

#if defined(CTQ_HAS_AVX2)

// ---- ctq/kernels/avx2/image.hpp
#include <cstddef>
#include <cstdint>
// Activations for AVX2's tile: widened to int16.
// room: kernels | runs on: x86-64 with AVX2 | heap: no

namespace ctq::inline CTQ_TARGET::kernels::vector {

template <> struct image_row<avx2> {
    using layout = product_layout<avx2>;

    static void widen(std::int16_t* to, const std::int8_t* from, std::ptrdiff_t count) {
        std::ptrdiff_t i = 0;
        for (; i + 16 <= count; i += 16)
            _mm256_storeu_si256(reinterpret_cast<__m256i*>(to + i),
                                _mm256_cvtepi8_epi16(_mm_loadu_si128(reinterpret_cast<const __m128i*>(from + i))));
        if (i + 8 <= count) {
            const __m128i eight = _mm_loadl_epi64(reinterpret_cast<const __m128i*>(from + i));
            _mm_storeu_si128(reinterpret_cast<__m128i*>(to + i), _mm_cvtepi8_epi16(eight));
            i += 8;
        }
        for (; i < count; ++i) to[i] = from[i];
    }

    static void fill(std::int16_t* to, std::int16_t value, std::ptrdiff_t count) {
        std::ptrdiff_t i = 0;
        for (; i + 16 <= count; i += 16)
            _mm256_storeu_si256(reinterpret_cast<__m256i*>(to + i), _mm256_set1_epi16(value));
        for (; i < count; ++i) to[i] = value;
    }
};

} // namespace ctq::inline CTQ_TARGET::kernels::vector

// ---- ctq/kernels/avx2/tile.hpp
#include <cstdint>
#include <cstring>
// The register tile of AVX2 without VNNI, exact: activations widened once to int16, weights widened as they are loaded,
// vpmaddwd. One product is four channels times four activations; pairs of a channel's sums are added at the end.
// room: kernels | runs on: x86-64 with AVX2 | heap: no

namespace ctq::inline CTQ_TARGET::kernels::vector {

template <> struct tile<avx2> {
    using vectors = kernels::vector::vectors<avx2>;
    using row = image_row<avx2>;
    using vector = __m256i;
    using element = row::layout::element;
    struct sum { ///< of the eight channels of a block: four in each, two partial sums a channel
        __m256i low, high;
    };
    static constexpr tile_limits limits = row::layout::tile;

    static CTQ_ALWAYS_INLINE inline void start(sum& s, const std::int32_t* bias) {
        s.low = _mm256_cvtepu32_epi64(_mm_loadu_si128(reinterpret_cast<const __m128i*>(bias)));
        s.high = _mm256_cvtepu32_epi64(_mm_loadu_si128(reinterpret_cast<const __m128i*>(bias + 4)));
    }
    static CTQ_ALWAYS_INLINE inline void clear(sum& s) { s.low = s.high = _mm256_setzero_si256(); }
    static CTQ_ALWAYS_INLINE inline void add(sum& s, const sum& other) {
        s.low = _mm256_add_epi32(s.low, other.low);
        s.high = _mm256_add_epi32(s.high, other.high);
    }
    static CTQ_ALWAYS_INLINE inline vector total(const sum& s) {
        return _mm256_permute4x64_epi64(_mm256_hadd_epi32(s.low, s.high), 0xD8);
    }

    /// sums[pixel][block] += the four activations at `at` times a dword of weights. Blocks are whole: pack() pads.
    template <bool Masked, int Pixels, int Blocks, class PixelAt>
    static CTQ_ALWAYS_INLINE inline void step(sum (&sums)[Pixels][Blocks], const PixelAt& pixel, std::ptrdiff_t at,
                                              const std::int8_t* weights, int) {
        __m256i low[Blocks], high[Blocks];
        each<Blocks>([&](auto b) CTQ_ALWAYS_INLINE {
            low[b] = widened(weights + 32 * b);
            high[b] = widened(weights + 32 * b + 16);
        });
        each<Pixels>([&](auto m) CTQ_ALWAYS_INLINE {
            std::int64_t four;
            std::memcpy(&four, pixel(m) + at, 8);
            const __m256i activations = _mm256_set1_epi64x(four);
            each<Blocks>([&](auto b) CTQ_ALWAYS_INLINE {
                sum& s = sums[m][b];
                s.low = _mm256_add_epi32(s.low, _mm256_madd_epi16(activations, low[b]));
                s.high = _mm256_add_epi32(s.high, _mm256_madd_epi16(activations, high[b]));
            });
        });
    }

    static CTQ_ALWAYS_INLINE inline void store(std::int8_t* to, vector v) {
        _mm256_storeu_si256(reinterpret_cast<__m256i*>(to), v);
    }

    /// The first `count` bytes.
    static CTQ_ALWAYS_INLINE inline void store_first(std::int8_t* to, vector v, int count) {
        alignas(32) std::int8_t bytes[32];
        _mm256_store_si256(reinterpret_cast<__m256i*>(bytes), v);
        std::memcpy(to, bytes, static_cast<std::size_t>(count));
    }

    /// The first `count` bytes of one quarter.
    template <int Quarter> static CTQ_ALWAYS_INLINE inline void store_quarter(std::int8_t* to, vector v, int count) {
        std::int64_t bytes = _mm256_extract_epi64(v, Quarter);
        for (int i = 0; i < count; ++i, bytes >>= 8) to[i] = static_cast<std::int8_t>(bytes & 0xFF);
    }
    template <int Quarter> static CTQ_ALWAYS_INLINE inline void store_quarter(std::int8_t* to, vector v) {
        const std::int64_t bytes = _mm256_extract_epi64(v, Quarter);
        std::memcpy(to, &bytes, 8);
    }

    /// The first halves of the quarters, side by side.
    static CTQ_ALWAYS_INLINE inline vector half_quarters(vector v) {
        return _mm256_permutevar8x32_epi32(v, _mm256_setr_epi32(0, 2, 4, 6, 1, 3, 5, 7));
    }

    /// The first `count` bytes, as int32.
    static CTQ_ALWAYS_INLINE inline vector load_block(const std::int8_t* from, int count) {
        std::int64_t bytes = 0;
        if (count == 8)
            std::memcpy(&bytes, from, 8);
        else
            std::memcpy(&bytes, from, static_cast<std::size_t>(count));
        return _mm256_cvtepi8_epi32(_mm_cvtsi64_si128(bytes));
    }

  private:
    static CTQ_ALWAYS_INLINE inline __m256i widened(const std::int8_t* weights) {
        return _mm256_cvtepi8_epi16(_mm_loadu_si128(reinterpret_cast<const __m128i*>(weights)));
    }
};

} // namespace ctq::inline CTQ_TARGET::kernels::vector

// ---- ctq/kernels/avx2/depthwise_unit.hpp
#include <cstddef>
#include <cstdint>
// AVX2's depthwise unit: 32 outputs, two taps of the kernel in one multiply-add.
// room: kernels | runs on: x86-64 with AVX2 | heap: no

namespace ctq::inline CTQ_TARGET::kernels::vector {

/// 32 neighbouring outputs in four accumulators, two taps a product.
template <> struct depthwise_unit<avx2> {
    using vectors = kernels::vector::vectors<avx2>;
    using row = image_row<avx2>;
    using vector = __m256i;
    using element = row::layout::element;
    struct activations { ///< 32, under one tap
        __m256i first, second;
    };
    static constexpr depthwise_limits limits = row::layout::unit;
    static constexpr std::ptrdiff_t kept_products = 0;
    static constexpr std::int32_t rolling_columns = 0;

    static CTQ_ALWAYS_INLINE inline activations load(const element* from) {
        return {_mm256_loadu_si256(reinterpret_cast<const __m256i*>(from)),
                _mm256_loadu_si256(reinterpret_cast<const __m256i*>(from + 16))};
    }
    static CTQ_ALWAYS_INLINE inline activations none() { return {_mm256_setzero_si256(), _mm256_setzero_si256()}; }
    static CTQ_ALWAYS_INLINE inline vector weights(const std::int8_t* from) {
        return _mm256_loadu_si256(reinterpret_cast<const __m256i*>(from));
    }
    static CTQ_ALWAYS_INLINE inline void interleave(const activations (&taps)[2], vector (&to)[4]) {
        to[0] = _mm256_unpacklo_epi16(taps[0].first, taps[1].first);
        to[1] = _mm256_unpackhi_epi16(taps[0].first, taps[1].first);
        to[2] = _mm256_unpacklo_epi16(taps[0].second, taps[1].second);
        to[3] = _mm256_unpackhi_epi16(taps[0].second, taps[1].second);
    }
    static CTQ_ALWAYS_INLINE inline void multiply(vector& sum, vector interleaved, vector weights) {
        sum = _mm256_add_epi32(sum, _mm256_madd_epi16(interleaved, weights));
    }
    static CTQ_ALWAYS_INLINE inline void store(std::int8_t* to, vector narrowed, std::ptrdiff_t count) {
        const __m256i ordered = _mm256_permute4x64_epi64(narrowed, 0xD8);
        if (count >= 32)
            _mm256_storeu_si256(reinterpret_cast<__m256i*>(to), ordered);
        else
            tile<avx2>::store_first(to, ordered, static_cast<int>(count));
    }
};

} // namespace ctq::inline CTQ_TARGET::kernels::vector
#if defined(CTQ_HAS_AVX512VNNI)

// ---- ctq/kernels/avx512vnni/dot.hpp
#include <cstdint>
#include <cstring>
// AVX-512 VNNI's dot product and its operand, in the form that each compiler makes one instruction of.
// room: kernels | runs on: x86-64 with AVX-512 F, BW, DQ, VL, VNNI | heap: no

namespace ctq::inline CTQ_TARGET::kernels::vector {

/// sum += four unsigned bytes of `activations` times four signed bytes of `weights`, in every lane. One instruction of
/// assembly under g++: around the intrinsic, g++ 12 spills accumulators.
CTQ_ALWAYS_INLINE inline void dot(__m512i& sum, __m512i activations, __m512i weights) {
#if defined(__GNUC__) && !defined(__clang__)
    asm("vpdpbusd %2, %1, %0" : "+v"(sum) : "v"(activations), "v"(weights));
#else
    sum = _mm512_dpbusd_epi32(sum, activations, weights);
#endif
}

/// Four bytes in every lane. As assembly under g++, which otherwise goes through a general register.
CTQ_ALWAYS_INLINE inline __m512i broadcast(const std::uint8_t* from) {
#if defined(__GNUC__) && !defined(__clang__)
    __m512i result;
    asm("vpbroadcastd %1, %0" : "=v"(result) : "m"(*reinterpret_cast<const std::uint8_t(*)[4]>(from)));
    return result;
#else
    std::int32_t four;
    std::memcpy(&four, from, 4);
    return _mm512_set1_epi32(four);
#endif
}

} // namespace ctq::inline CTQ_TARGET::kernels::vector

// ---- ctq/kernels/avx512vnni/image.hpp
#include <cstddef>
#include <cstdint>
// Activations for AVX-512 VNNI's tile: as unsigned bytes, x + 128.
// room: kernels | runs on: x86-64 with AVX-512 F, BW, DQ, VL, VNNI | heap: no

namespace ctq::inline CTQ_TARGET::kernels::vector {

template <> struct image_row<avx512vnni> {
    using layout = product_layout<avx512vnni>;

    static void widen(std::uint8_t* to, const std::int8_t* from, std::ptrdiff_t count) {
        const __m512i sign = _mm512_set1_epi8(-128);
        std::ptrdiff_t i = 0;
        for (; i + 64 <= count; i += 64)
            _mm512_storeu_si512(to + i, _mm512_xor_si512(_mm512_loadu_si512(from + i), sign));
        if (i == count) return;
        const __mmask64 rest = ~__mmask64{0} >> (64 - (count - i));
        _mm512_mask_storeu_epi8(to + i, rest, _mm512_xor_si512(_mm512_maskz_loadu_epi8(rest, from + i), sign));
    }

    static void fill(std::uint8_t* to, std::uint8_t value, std::ptrdiff_t count) {
        const __m512i all = _mm512_set1_epi8(static_cast<char>(value));
        std::ptrdiff_t i = 0;
        for (; i + 64 <= count; i += 64) _mm512_storeu_si512(to + i, all);
        if (i < count) _mm512_mask_storeu_epi8(to + i, ~__mmask64{0} >> (64 - (count - i)), all);
    }
};

} // namespace ctq::inline CTQ_TARGET::kernels::vector

// ---- ctq/kernels/avx512vnni/depthwise_unit.hpp
#include <cstddef>
#include <cstdint>
// AVX-512 VNNI's depthwise unit: 64 outputs, four taps of the kernel in one dot product.
// room: kernels | runs on: x86-64 with AVX-512 F, BW, DQ, VL, VNNI | heap: no

namespace ctq::inline CTQ_TARGET::kernels::vector {

/// 64 neighbouring outputs in four accumulators, four taps a product.
template <> struct depthwise_unit<avx512vnni> {
    using vectors = kernels::vector::vectors<avx512vnni>;
    using row = image_row<avx512vnni>;
    using vector = __m512i;
    using element = row::layout::element;
    using activations = __m512i; ///< 64, under one tap
    static constexpr depthwise_limits limits = row::layout::unit;
    static constexpr std::ptrdiff_t kept_products = 4; ///< whose weights stay in registers
    static constexpr std::int32_t rolling_columns = 3; ///< whose sums do

    static CTQ_ALWAYS_INLINE inline activations load(const element* from) { return _mm512_loadu_si512(from); }
    static CTQ_ALWAYS_INLINE inline activations none() { return _mm512_setzero_si512(); }
    static CTQ_ALWAYS_INLINE inline vector weights(const std::int8_t* from) { return _mm512_loadu_si512(from); }

    static CTQ_ALWAYS_INLINE inline void interleave(const activations (&taps)[4], vector (&to)[4]) {
        const __m512i low01 = _mm512_unpacklo_epi8(taps[0], taps[1]), high01 = _mm512_unpackhi_epi8(taps[0], taps[1]);
        const __m512i low23 = _mm512_unpacklo_epi8(taps[2], taps[3]), high23 = _mm512_unpackhi_epi8(taps[2], taps[3]);
        to[0] = _mm512_unpacklo_epi16(low01, low23);
        to[1] = _mm512_unpackhi_epi16(low01, low23);
        to[2] = _mm512_unpacklo_epi16(high01, high23);
        to[3] = _mm512_unpackhi_epi16(high01, high23);
    }
    static CTQ_ALWAYS_INLINE inline void multiply(vector& sum, vector interleaved, vector weights) {
        dot(sum, interleaved, weights);
    }
    static CTQ_ALWAYS_INLINE inline void store(std::int8_t* to, vector narrowed, std::ptrdiff_t count) {
        if (count >= 64)
            _mm512_storeu_si512(to, narrowed);
        else
            _mm512_mask_storeu_epi8(to, ~__mmask64{0} >> (64 - count), narrowed);
    }

    /// Copies an image of two phases of 8, 16 or 32 channels, 128 bytes at a time.
    static void copy_two_phases(const depthwise_plan& plan, const std::int8_t* from, std::uint8_t* to,
                                std::uint8_t border) {
        const std::ptrdiff_t channels = plan.channels;
        alignas(64) std::int64_t words[2][8];
        for (std::int64_t word = 0, seen[2] = {}; word < 16; ++word) {
            const std::int64_t parity = word / (channels / 8) % 2;
            words[parity][seen[parity]++] = word;
        }
        const __m512i evens = _mm512_load_si512(words[0]), odds = _mm512_load_si512(words[1]);
        const __m512i sign = _mm512_set1_epi8(-128);
        const phase_place even = place_of(plan, 0), odd = place_of(plan, 1);
        const std::ptrdiff_t most = even.count < odd.count ? even.count : odd.count, block = 64 / channels;
        for_each_row<row>(plan, even, from, to, border, [&](const std::int8_t* pixels, std::uint8_t* line) {
            fill_beside<row>(plan, odd, line, border);
            std::uint8_t* to_even = line + (even.start + even.first) * channels;
            std::uint8_t* to_odd = line + (odd.start + odd.first) * channels;
            std::ptrdiff_t i = 0;
            for (; i + block <= most; i += block, pixels += 128, to_even += 64, to_odd += 64) {
                const __m512i a = _mm512_xor_si512(_mm512_loadu_si512(pixels), sign);
                const __m512i b = _mm512_xor_si512(_mm512_loadu_si512(pixels + 64), sign);
                _mm512_storeu_si512(to_even, _mm512_permutex2var_epi64(a, evens, b));
                _mm512_storeu_si512(to_odd, _mm512_permutex2var_epi64(a, odds, b));
            }
            copy_pixels<row>(pixels, to_even, even.count - i, channels, 2);
            copy_pixels<row>(pixels + channels, to_odd, odd.count - i, channels, 2);
        });
        const std::ptrdiff_t odd_start = odd.start * channels, length = plan.phase_columns * channels;
        for (std::ptrdiff_t y = 0; y < plan.rows; ++y)
            if (y < plan.padding[0] || y - plan.padding[0] >= plan.height)
                row::fill(to + y * plan.row_length() + odd_start, border, length);
    }
};

} // namespace ctq::inline CTQ_TARGET::kernels::vector

// ---- ctq/kernels/avx512vnni/tile.hpp
#include <cstddef>
#include <cstdint>
// The register tile of AVX-512 VNNI: one vpdpbusd is 16 channels times four activations, which are kept as unsigned
// bytes (x + 128); the bias takes 128 times the weights' sum back.
// room: kernels | runs on: x86-64 with AVX-512 F, BW, DQ, VL, VNNI | heap: no

namespace ctq::inline CTQ_TARGET::kernels::vector {

template <> struct tile<avx512vnni> {
    using vectors = kernels::vector::vectors<avx512vnni>;
    using row = image_row<avx512vnni>;
    using vector = __m512i;
    using element = row::layout::element;
    using sum = __m512i; ///< of the 16 channels of a block
    static constexpr tile_limits limits = row::layout::tile;

    static CTQ_ALWAYS_INLINE inline void start(sum& s, const std::int32_t* bias) { s = _mm512_loadu_si512(bias); }
    static CTQ_ALWAYS_INLINE inline void clear(sum& s) { s = _mm512_setzero_si512(); }
    static CTQ_ALWAYS_INLINE inline void add(sum& s, const sum& other) { s = _mm512_add_epi32(s, other); }
    static CTQ_ALWAYS_INLINE inline vector total(const sum& s) { return s; }

    /// sums[pixel][block] += the dword of activations at `at` times a dword of weights. `tail` is the number of
    /// channels of the last block.
    template <bool Masked, int Pixels, int Blocks, class PixelAt>
    static CTQ_ALWAYS_INLINE inline void step(sum (&sums)[Pixels][Blocks], const PixelAt& pixel, std::ptrdiff_t at,
                                              const std::int8_t* weights, [[maybe_unused]] int tail) {
        __m512i weight[Blocks];
        each<Blocks>([&](auto b) CTQ_ALWAYS_INLINE {
            if constexpr (Masked && b == Blocks - 1)
                weight[b] = _mm512_maskz_loadu_epi32(first_bits(tail), weights + 64 * b);
            else
                weight[b] = _mm512_loadu_si512(weights + 64 * b);
        });
        each<Pixels>([&](auto m) CTQ_ALWAYS_INLINE {
            const __m512i activations = broadcast(pixel(m) + at);
            each<Blocks>([&](auto b) CTQ_ALWAYS_INLINE { dot(sums[m][b], activations, weight[b]); });
        });
    }

    static CTQ_ALWAYS_INLINE inline void store(std::int8_t* to, vector v) { _mm512_storeu_si512(to, v); }

    /// The first `count` bytes.
    static CTQ_ALWAYS_INLINE inline void store_first(std::int8_t* to, vector v, int count) {
        _mm512_mask_storeu_epi8(to, ~__mmask64{0} >> (64 - count), v);
    }

    /// The first `count` bytes of one quarter.
    template <int Quarter> static CTQ_ALWAYS_INLINE inline void store_quarter(std::int8_t* to, vector v, int count) {
        _mm_mask_storeu_epi8(to, first_bits(count), _mm512_extracti32x4_epi32(v, Quarter));
    }
    template <int Quarter> static CTQ_ALWAYS_INLINE inline void store_quarter(std::int8_t* to, vector v) {
        _mm_storeu_si128(reinterpret_cast<__m128i*>(to), _mm512_extracti32x4_epi32(v, Quarter));
    }

    /// The first halves of the quarters, side by side.
    static CTQ_ALWAYS_INLINE inline vector half_quarters(vector v) {
        return _mm512_permutexvar_epi64(_mm512_setr_epi64(0, 2, 4, 6, 1, 3, 5, 7), v);
    }

    /// The first `count` bytes, as int32.
    static CTQ_ALWAYS_INLINE inline vector load_block(const std::int8_t* from, int count) {
        return _mm512_cvtepi8_epi32(_mm_maskz_loadu_epi8(first_bits(count), from));
    }

  private:
    static CTQ_ALWAYS_INLINE inline __mmask16 first_bits(int count) {
        return static_cast<__mmask16>(0xFFFFU >> (16 - count));
    }
};

} // namespace ctq::inline CTQ_TARGET::kernels::vector
#endif
#endif

// ---- ctq/kernels/vector/weights.hpp
#include <cstddef>
#include <cstdint>
// The packed constants of a product: the per-channel tables of each group, and the weights where the operator's own
// layout does not serve. Written by pack(), piece by piece where the compiler does it.
// room: kernels | runs on: all (packing: in the compiler or where a model is loaded) | heap: no

namespace ctq::inline CTQ_TARGET::kernels::vector {

/// Packed bytes: [weights of all groups, if repacked][tables of group 0][tables of group 1] ...
struct packed_weights {
    std::ptrdiff_t groups = 1, rows = 1, dwords = 1, channels = 1; ///< of `row_packing`
    std::ptrdiff_t weight_step = 4;                                ///< bytes between a channel's dwords
    bool repacked = false;                                         ///< padded to whole blocks of channels
    channel_table_layout tables{};                                 ///< of one group

    constexpr std::ptrdiff_t group_bytes() const { return rows * dwords * weight_step; }
    constexpr std::ptrdiff_t tables_at(std::ptrdiff_t group) const {
        const std::ptrdiff_t weights = repacked ? groups * group_bytes() : 0;
        return round_up_to(weights, alignment) + group * static_cast<std::ptrdiff_t>(tables.bytes());
    }
    constexpr std::size_t bytes() const { return static_cast<std::size_t>(tables_at(groups)); }

    /// Bytes that one constant evaluation packs: 128 KiB at most, and where a bias needs the sum of its channel's
    /// weights (`sums`), no more biases than there are sums for in half a million weights.
    constexpr std::size_t piece_bytes(bool sums) const {
        const std::ptrdiff_t biases = (std::ptrdiff_t{1} << 19) / (4 * rows * dwords);
        const std::ptrdiff_t summed = round_up_to(4 * biases + 1, alignment);
        const std::ptrdiff_t most = sums && summed < (1 << 17) ? summed : 1 << 17;
        const std::ptrdiff_t pieces = divide_up(tables_at(groups), most);
        return static_cast<std::size_t>(round_up_to(divide_up(tables_at(groups), pieces), alignment));
    }

    /// The weights of one group, where the kernel reads them.
    constexpr const std::int8_t* weights_of(std::ptrdiff_t group, const_tensors in, const std::int8_t* packed) const {
        return (repacked ? packed : in[op::weighted::weights].as<std::int8_t>()) + group * group_bytes();
    }

    /// The part of a product's plan that the weights decide.
    constexpr product_plan product(const op::row_packing& of) const {
        product_plan plan;
        plan.rows = rows;
        plan.dwords = dwords;
        plan.channels = of.channels;
        plan.weight_step = weight_step;
        return plan;
    }
};

constexpr packed_weights plan_weights(const op::row_packing& of, dtype multiplier, const tile_limits& limits,
                                      bool repacked) {
    const std::ptrdiff_t padded = round_up_to<std::ptrdiff_t>(of.channels, limits.block_channels);
    packed_weights plan;
    plan.groups = of.groups;
    plan.rows = of.rows;
    plan.dwords = of.dwords();
    plan.channels = of.channels;
    plan.weight_step = 4 * (repacked ? padded : plan.channels);
    plan.repacked = repacked;
    plan.tables = {padded, static_cast<std::ptrdiff_t>(bytes_of(multiplier, 1))};
    return plan;
}

/// Copies `count` bytes: in clang's constant evaluation one step, not one for each byte.
constexpr void copy_bytes(const std::int8_t* from, std::int8_t* to, std::ptrdiff_t count) {
#if defined(__clang__)
    __builtin_memcpy(to, from, static_cast<std::size_t>(count));
#else
    for (std::ptrdiff_t i = 0; i < count; ++i) to[i] = from[i];
#endif
}

/// Weights that the operator keeps in `row_packing`'s own order.
struct weights_in_order {
    op::row_packing of;
    const std::int8_t* from;

    /// Channels [begin, end) of the dword that is the `dword`th of all groups and rows.
    constexpr void copy(std::ptrdiff_t dword, std::ptrdiff_t begin, std::ptrdiff_t end, std::int8_t* to) const {
        copy_bytes(from + 4 * (dword * of.channels + begin), to, 4 * (end - begin));
    }

    /// The sum of one channel's weights. One statement for four weights: see sums_of.
    constexpr std::int64_t sum(std::ptrdiff_t group, std::ptrdiff_t channel) const {
        const std::ptrdiff_t step = std::ptrdiff_t{4} * of.channels, size = step * of.rows * of.dwords();
        const std::int8_t* w = from + group * size + 4 * channel;
        std::int64_t total = 0;
        for (std::ptrdiff_t at = 0; at < size; at += step) total += w[at] + w[at + 1] + w[at + 2] + w[at + 3];
        return total;
    }
};

/// Weights that the operator keeps as [kernel row][k][group][channel]: convolutions of one channel a group.
struct weights_by_tap {
    op::row_packing of;
    const std::int8_t* from;

    /// Channel 0 of a group at one tap, of all rows' taps.
    constexpr const std::int8_t* channels_at(std::ptrdiff_t group, std::ptrdiff_t tap) const {
        return from + (tap * of.groups + group) * of.channels;
    }

    constexpr void copy(std::ptrdiff_t dword, std::ptrdiff_t begin, std::ptrdiff_t end, std::int8_t* to) const {
        const std::ptrdiff_t row = dword / of.dwords(), first = dword % of.dwords() * 4;
        for (std::ptrdiff_t lane = 0; lane < 4; ++lane) {
            const bool slack = first + lane >= of.row_length;
            const std::int8_t* w =
                channels_at(row / of.rows, row % of.rows * of.row_length + (slack ? 0 : first + lane));
            for (std::ptrdiff_t c = begin; c < end; ++c) to[4 * (c - begin) + lane] = slack ? std::int8_t{0} : w[c];
        }
    }

    constexpr std::int64_t sum(std::ptrdiff_t group, std::ptrdiff_t channel) const {
        std::int64_t total = 0;
        const std::ptrdiff_t taps = std::ptrdiff_t{of.rows} * of.row_length;
        for (std::ptrdiff_t tap = 0; tap < taps; ++tap) total += channels_at(group, tap)[channel];
        return total;
    }
};

/// Writes what a piece holds of the weights of all groups, and zeros between them.
template <class Weights> constexpr void repack(const packed_weights& plan, const Weights& weights, packed_piece piece) {
    const std::ptrdiff_t step = plan.weight_step, dwords = plan.groups * plan.rows * plan.dwords;
    const std::ptrdiff_t end = piece.last < plan.tables_at(0) ? piece.last : plan.tables_at(0);
    std::int8_t* to = piece.to;
    for (std::ptrdiff_t at = piece.first; at < end;) {
        const std::ptrdiff_t dword = at / step, begin = at % step / 4;
        const std::ptrdiff_t line = dword < dwords ? (dword + 1) * step : end, next = line < end ? line : end;
        const std::int8_t* zeros = to + (next - at);
        const std::ptrdiff_t held = begin + (next - at) / 4, last = held < plan.channels ? held : plan.channels;
        if (dword < dwords && begin < last) {
            weights.copy(dword, begin, last, to);
            to += 4 * (last - begin);
        }
        while (to < zeros) *to++ = 0;
        at = next;
    }
}

/// Writes a piece of the packed bytes. `offset` is what the kernel's image adds to each activation, and the bias takes
/// back.
template <class Weights>
constexpr void pack_weights(const packed_weights& plan, const Weights& weights, const_tensors in,
                            const packed_piece& piece, std::int64_t offset) {
    if (plan.repacked) repack(plan, weights, piece);
    for (std::ptrdiff_t group = 0; group < plan.groups; ++group) {
        const std::ptrdiff_t first = group * plan.channels;
        pack_channel_tables(
            plan.tables, in, piece.from(plan.tables_at(group)),
            [&](std::ptrdiff_t i) { return i < plan.channels ? first + i : std::ptrdiff_t{-1}; },
            [&](std::ptrdiff_t channel) { return offset == 0 ? 0 : -offset * weights.sum(group, channel - first); });
    }
}

} // namespace ctq::inline CTQ_TARGET::kernels::vector

// ---- ctq/kernels/vector/conv2d.hpp
#include <type_traits>
// Convolution over an instruction set's tile: groups of any number of channels as products of a bordered copy of the
// image; depthwise in depthwise.hpp.
// room: kernels | runs on: all | heap: no

namespace ctq::inline CTQ_TARGET::kernels::vector {

/// All that the kernel of a convolution knows before it runs.
struct convolution_plan {
    image_plan image{};     ///< of one group
    product_plan product{}; ///< of one group
    packed_weights packed{};
    std::ptrdiff_t images = 1;
};

/// Weights are read where they are if rows of dwords end with whole blocks (`padded`: what the tile needs) and each
/// channel reads more than one input.
constexpr convolution_plan plan_convolution(const node_facts<op::conv2d>& facts, const tile_limits& limits,
                                            bool padded) {
    const op::conv2d& op = facts.op;
    const shape &in = facts.inputs[op::weighted::activation].shape, &out = facts.outputs[0].shape;
    const op::window over = op::window_of(op);
    convolution_plan plan;
    plan.images = in[0];
    image_plan& image = plan.image;
    image.height = in[1];
    image.width = in[2];
    image.depth = in[3];
    image.inputs = in[3] / op.groups;
    image.rows = std::ptrdiff_t{out[1] - 1} * op.stride[0] + over.span(0);
    image.columns = std::ptrdiff_t{out[2] - 1} * op.stride[1] + over.span(1);
    image.out_rows = out[1];
    image.out_columns = out[2];
    image.kernel = over.kernel;
    image.stride = over.stride;
    image.dilation = over.dilation;
    image.padding = over.padding;
    image.gathered = op.groups > 1 || (op.kernel[1] > 1 && op.dilation[1] > 1) ||
                     (op.kernel == op::extents{1, 1} && op.stride != op::extents{1, 1});

    const op::row_packing packing = op.packing(in[3] / op.groups, out[3]);
    image.gathered_row = image.gathered ? 4 * packing.dwords() : 0;
    plan.packed = plan_weights(packing, facts.inputs[op::weighted::multiplier].type, limits,
                               op::conv2d::per_channel_layout(in[3] / op.groups) ||
                                   (padded && packing.channels % limits.block_channels != 0));
    product_plan& product = plan.product;
    product = plan.packed.product(packing);
    product.output_step = out[3];
    product.lines = out[1];
    product.columns = out[2];
    const std::ptrdiff_t row = image.gathered ? image.gathered_row : image.columns * image.inputs;
    product.pixel_step = image.gathered ? op.kernel[0] * row : op.stride[1] * image.inputs;
    product.line_step = image.gathered ? product.columns * product.pixel_step : op.stride[0] * row;
    product.row_step = image.gathered ? row : op.dilation[0] * row;
    product = merged(product);
    return plan;
}

template <class Architecture> constexpr convolution_plan convolution_plan_for(const node_facts<op::conv2d>& facts) {
    using layout = product_layout<Architecture>;
    return plan_convolution(facts, layout::tile, layout::whole_blocks);
}
template <class Architecture> constexpr depthwise_plan depthwise_plan_for(const node_facts<op::conv2d>& facts) {
    return plan_depthwise(facts, product_layout<Architecture>::unit);
}

/// `offset` is what the image adds to each activation.
constexpr void pack_convolution(const node_facts<op::conv2d>& facts, const convolution_plan& plan, const_tensors in,
                                const packed_piece& piece, std::int32_t offset) {
    const auto inputs = static_cast<std::int32_t>(plan.image.inputs);
    const op::row_packing packing = facts.op.packing(inputs, facts.outputs[0].shape[3]);
    const auto* weights = in[op::weighted::weights].as<std::int8_t>();
    if (op::conv2d::per_channel_layout(inputs))
        pack_weights(plan.packed, weights_by_tap{packing, weights}, in, piece, offset);
    else
        pack_weights(plan.packed, weights_in_order{packing, weights}, in, piece, offset);
}

/// The whole layer: for each image and group, a copy and a product.
template <class Requantizer, class Tile, class Plan>
void run_convolution(const Plan& plan, std::int32_t residual_multiplier, const_tensors in, const tensor& out,
                     const workspace& space) {
    using element = typename Tile::element;
    const convolution_plan& p = plan.value;
    const const_tensor& image = in[op::weighted::activation];
    auto* copy = reinterpret_cast<element*>(space.scratch);
    const std::ptrdiff_t image_size = p.image.height * p.image.width * p.image.depth;
    const std::ptrdiff_t result_size = p.image.out_rows * p.image.out_columns * p.product.output_step;
    for (std::ptrdiff_t n = 0; n < p.images; ++n)
        for (std::ptrdiff_t group = 0; group < p.packed.groups; ++group) {
            copy_image<typename Tile::row>(p.image, image.as<std::int8_t>() + n * image_size + group * p.image.inputs,
                                           copy, border_of<typename Tile::row::layout>(image.zero_point()));
            const std::ptrdiff_t first = n * result_size + group * p.product.channels;
            product<Requantizer, Tile> work{copy,
                                            p.packed.weights_of(group, in, space.packed),
                                            {space.packed + p.packed.tables_at(group), p.packed.tables},
                                            out.as<std::int8_t>() + first,
                                            out.zero_point(),
                                            out.facts.range};
            if (residual_multiplier != 0) {
                const const_tensor& residual = in[op::weighted::residual];
                work.residual = {residual.as<std::int8_t>() + first, residual.zero_point(), residual_multiplier};
            }
            if constexpr (Plan::is_constant)
                work.run(constant_plan<Plan::value.product>{});
            else
                work.run(variable_plan<product_plan>{p.product});
        }
}

/// Chooses between the two ways, in the compiler where the facts are constants.
template <signature S, class Architecture, class Facts>
void run_either(const Facts& facts, const_tensors in, const tensor& out, const workspace& space) {
    using requantizer = requantizer_of<S>;
    const std::int32_t residual = facts.value.lowered.residual;
    const auto convolve = [&] {
        run_convolution<requantizer, tile<Architecture>>(plan_of<&convolution_plan_for<Architecture>>(facts), residual,
                                                         in, out, space);
    };
    const auto by_channel = [&] {
        if (residual != 0) return kernel<scalar, op::conv2d, S>::run(facts, in, tensors(&out, 1), space);
        run_depthwise<requantizer, depthwise_unit<Architecture>>(plan_of<&depthwise_plan_for<Architecture>>(facts), in,
                                                                 out, space);
    };
    if constexpr (!Facts::is_constant)
        is_depthwise(facts.value) ? by_channel() : convolve();
    else if constexpr (is_depthwise(Facts::value))
        by_channel();
    else
        convolve();
}

} // namespace ctq::inline CTQ_TARGET::kernels::vector

namespace ctq::inline CTQ_TARGET::kernels {

template <class Architecture, signature S>
requires vector::has_product_layout<Architecture> && vector::requantized_bytes<S>
struct kernel<Architecture, op::conv2d, S> : kernel<scalar, op::conv2d, S> {
    static constexpr std::size_t scratch_bytes(const node_facts<op::conv2d>& facts) {
        return vector::is_depthwise(facts) ? vector::depthwise_plan_for<Architecture>(facts).scratch_bytes()
                                           : convolution(facts).image.bytes(sizeof(typename layout::element));
    }
    static constexpr std::size_t packed_bytes(const node_facts<op::conv2d>& facts) {
        return vector::is_depthwise(facts) ? vector::depthwise_plan_for<Architecture>(facts).packed_bytes()
                                           : convolution(facts).packed.bytes();
    }
    static constexpr std::size_t piece_bytes(const node_facts<op::conv2d>& facts) {
        return vector::is_depthwise(facts) ? packed_bytes(facts)
                                           : convolution(facts).packed.piece_bytes(layout::offset != 0);
    }
    static constexpr void pack_piece(const node_facts<op::conv2d>& facts, const_tensors in, const packed_piece& piece) {
        if (vector::is_depthwise(facts))
            vector::pack_depthwise(vector::depthwise_plan_for<Architecture>(facts), in, piece.to, layout::offset,
                                   layout::unit_order);
        else
            vector::pack_convolution(facts, convolution(facts), in, piece, layout::offset);
    }
    static constexpr void pack(const node_facts<op::conv2d>& facts, const_tensors in, std::int8_t* to) {
        pack_piece(facts, in, {to, 0, static_cast<std::ptrdiff_t>(packed_bytes(facts))});
    }

    template <class Facts>
    static constexpr void run(const Facts& facts, const_tensors in, tensors out, const workspace& space) {
        if constexpr (vector::has_tile<Architecture>)
            if (!std::is_constant_evaluated()) return vector::run_either<S, Architecture>(facts, in, out[0], space);
        kernel<scalar, op::conv2d, S>::run(facts, in, out, space);
    }

  private:
    using layout = vector::product_layout<Architecture>;

    static constexpr vector::convolution_plan convolution(const node_facts<op::conv2d>& facts) {
        return vector::convolution_plan_for<Architecture>(facts);
    }
};

} // namespace ctq::inline CTQ_TARGET::kernels

// ---- ctq/kernels/vector/dense.hpp
#include <type_traits>
// Fully connected layers over an instruction set's tile: products of the copied rows of the input; for a single row, a
// matrix times a vector.
// room: kernels | runs on: all | heap: no

namespace ctq::inline CTQ_TARGET::kernels::vector {

/// All that the kernel of a dense layer knows before it runs.
struct dense_plan {
    std::ptrdiff_t inputs = 1;
    product_plan product{};
    packed_weights packed{};

    /// The copy of the input: rows of whole dwords.
    constexpr std::size_t scratch_bytes(std::size_t element_size) const {
        const std::ptrdiff_t elements = product.columns * product.pixel_step + image_plan::slack;
        return round_up_to(static_cast<std::size_t>(elements) * element_size, alignment);
    }
};

constexpr dense_plan plan_dense(const node_facts<op::dense>& facts, const tile_limits& limits, bool padded) {
    const shape &in = facts.inputs[op::weighted::activation].shape, &out = facts.outputs[0].shape;
    dense_plan plan;
    plan.inputs = in[in.rank - 1];
    const op::row_packing packing = op::dense::packing(in[in.rank - 1], out[out.rank - 1]);
    plan.packed = plan_weights(packing, facts.inputs[op::weighted::multiplier].type, limits,
                               padded && packing.channels % limits.block_channels != 0);
    plan.product = plan.packed.product(packing);
    plan.product.output_step = packing.channels;
    plan.product.columns = static_cast<std::ptrdiff_t>(in.elements(0, in.rank - 1));
    plan.product.pixel_step = 4 * plan.product.dwords;
    return plan;
}

template <class Architecture> constexpr dense_plan dense_plan_for(const node_facts<op::dense>& facts) {
    using layout = product_layout<Architecture>;
    return plan_dense(facts, layout::tile, layout::whole_blocks);
}

constexpr void pack_dense(const dense_plan& plan, const_tensors in, const packed_piece& piece, std::int32_t offset) {
    const op::row_packing packing =
        op::dense::packing(static_cast<std::int32_t>(plan.inputs), static_cast<std::int32_t>(plan.product.channels));
    const weights_in_order weights{packing, in[op::weighted::weights].as<std::int8_t>()};
    pack_weights(plan.packed, weights, in, piece, offset);
}

template <class Requantizer, class Tile, class Plan>
void run_dense(const Plan& plan, const_tensors in, const tensor& out, const workspace& space) {
    using element = typename Tile::element;
    const dense_plan& p = plan.value;
    auto* copy = reinterpret_cast<element*>(space.scratch);
    const std::int8_t* from = in[op::weighted::activation].as<std::int8_t>();
    if (p.inputs == p.product.pixel_step)
        Tile::row::widen(copy, from, p.product.columns * p.inputs);
    else
        for (std::ptrdiff_t row = 0; row < p.product.columns; ++row)
            Tile::row::widen(copy + row * p.product.pixel_step, from + row * p.inputs, p.inputs);
    const product<Requantizer, Tile> work{copy,
                                          p.packed.weights_of(0, in, space.packed),
                                          {space.packed + p.packed.tables_at(0), p.packed.tables},
                                          out.as<std::int8_t>(),
                                          out.zero_point(),
                                          out.facts.range};
    if constexpr (Plan::is_constant)
        work.run(constant_plan<Plan::value.product>{});
    else
        work.run(variable_plan<product_plan>{p.product});
}

} // namespace ctq::inline CTQ_TARGET::kernels::vector

namespace ctq::inline CTQ_TARGET::kernels {

template <class Architecture, signature S>
requires vector::has_product_layout<Architecture> && vector::requantized_bytes<S>
struct kernel<Architecture, op::dense, S> : kernel<scalar, op::dense, S> {
    static constexpr std::size_t scratch_bytes(const node_facts<op::dense>& facts) {
        return plan(facts).scratch_bytes(sizeof(typename layout::element));
    }
    static constexpr std::size_t packed_bytes(const node_facts<op::dense>& facts) { return plan(facts).packed.bytes(); }
    static constexpr std::size_t piece_bytes(const node_facts<op::dense>& facts) {
        return plan(facts).packed.piece_bytes(layout::offset != 0);
    }
    static constexpr void pack_piece(const node_facts<op::dense>& facts, const_tensors in, const packed_piece& piece) {
        vector::pack_dense(plan(facts), in, piece, layout::offset);
    }
    static constexpr void pack(const node_facts<op::dense>& facts, const_tensors in, std::int8_t* to) {
        pack_piece(facts, in, {to, 0, static_cast<std::ptrdiff_t>(packed_bytes(facts))});
    }

    template <class Facts>
    static constexpr void run(const Facts& facts, const_tensors in, tensors out, const workspace& space) {
        if constexpr (vector::has_tile<Architecture>)
            if (!std::is_constant_evaluated())
                return vector::run_dense<requantizer_of<S>, vector::tile<Architecture>>(
                    vector::plan_of<&vector::dense_plan_for<Architecture>>(facts), in, out[0], space);
        kernel<scalar, op::dense, S>::run(facts, in, out, space);
    }

  private:
    using layout = vector::product_layout<Architecture>;

    static constexpr vector::dense_plan plan(const node_facts<op::dense>& facts) {
        return vector::dense_plan_for<Architecture>(facts);
    }
};

} // namespace ctq::inline CTQ_TARGET::kernels

// ---- ctq/kernels/vector/max_pool.hpp
#include <type_traits>
// max_pool over vectors: the largest of int8 vectors over the channels, of the widest that the channels fill.
// room: kernels | runs on: all | heap: no

namespace ctq::inline CTQ_TARGET::kernels {

namespace vector {

template <byte_provider Bytes, class Plan>
[[gnu::noinline]] void run_max_pool(const Plan& plan, const std::int8_t* in, std::int8_t* out) {
    for_each_window(plan.value, in, out, [&](const pool_window& window, std::int8_t* to) CTQ_ALWAYS_INLINE {
        each_piece(plan.value.channels, Bytes::width, [&](std::ptrdiff_t first) CTQ_ALWAYS_INLINE {
            auto best = Bytes::all8(-128);
            window.for_each([&](const std::int8_t* pixel)
                                CTQ_ALWAYS_INLINE { best = Bytes::largest8(best, Bytes::load_vector(pixel + first)); });
            Bytes::store(to + first, best);
        });
    });
}

/// The same with the widest of `Bytes` and what is narrower that the channels fill; the narrowest serves all others.
template <byte_provider Bytes, class Plan>
void run_widest_max_pool(const Plan& plan, std::int32_t channels, const std::int8_t* in, std::int8_t* out) {
    if constexpr (std::is_void_v<typename Bytes::narrower>)
        run_max_pool<Bytes>(plan, in, out);
    else if (channels >= Bytes::width)
        run_max_pool<Bytes>(plan, in, out);
    else
        run_widest_max_pool<typename Bytes::narrower>(plan, channels, in, out);
}

} // namespace vector

template <class Architecture, signature S>
requires vector::has_vectors<Architecture> && vector::bytes_signature<S>
struct kernel<Architecture, op::max_pool, S> : kernel<typename Architecture::parent, op::max_pool, S> {
    template <class Facts>
    static constexpr void run(const Facts& facts, const_tensors in, tensors out, const workspace& space) {
        using bytes = vector::vectors_of<Architecture>;
        const std::int32_t channels = facts.value.outputs[0].shape[3];
        if (std::is_constant_evaluated() || channels < vector::narrowest_width<bytes>)
            return kernel<typename Architecture::parent, op::max_pool, S>::run(facts, in, out, space);
        vector::run_widest_max_pool<bytes>(vector::plan_of<&vector::plan_pooling<op::max_pool>>(facts), channels,
                                           in[0].as<std::int8_t>(), out[0].as<std::int8_t>());
    }
};

} // namespace ctq::inline CTQ_TARGET::kernels

// ---- ctq/kernels/vector/multiply.hpp
#include <type_traits>
// multiply over vectors: products in int32, requantized like a layer's sums. Operands that do not repeat in blocks go
// to the definition.
// room: kernels | runs on: all | heap: no

namespace ctq::inline CTQ_TARGET::kernels {

namespace vector {

/// What one vector of products needs.
template <class Requantizer, class Vectors, bool LeftShifts> struct requantizing_multiplier {
    using vector = typename Vectors::vector;
    using finish = epilogue<Requantizer, Vectors>;

    vector zeros_full, zeros_other, rounding;
    typename finish::block scales;
    output_constants<Vectors> ends;

    requantizing_multiplier(const scaling& s, const limits& range, std::int32_t zero_full, std::int32_t zero_other,
                            std::int32_t zero)
        : zeros_full(Vectors::all16(static_cast<std::int16_t>(zero_full))),
          zeros_other(Vectors::all16(static_cast<std::int16_t>(zero_other))),
          rounding(Vectors::all32(Requantizer::rounding(s))),
          scales(one_scale<Requantizer, Vectors>(s)),
          ends(finish::prepare(zero, static_cast<std::int8_t>(range.low), static_cast<std::int8_t>(range.high))) {}

    /// Interleaved halves of a vector's elements are requantized side by side, so that narrowing brings them into
    /// order.
    CTQ_ALWAYS_INLINE inline void operator()(const std::int8_t* full, const std::int8_t* other, std::int8_t* to) const {
        constexpr std::ptrdiff_t half = Vectors::width / 2;
        const vector a0 = difference(full, zeros_full), b0 = difference(other, zeros_other);
        const vector a1 = difference(full + half, zeros_full), b1 = difference(other + half, zeros_other);
        const vector none = Vectors::all32(0);
        const auto low = [&](vector a, vector b) CTQ_ALWAYS_INLINE {
            return product(Vectors::interleave_low16(a, none), Vectors::interleave_low16(b, none));
        };
        const auto high = [&](vector a, vector b) CTQ_ALWAYS_INLINE {
            return product(Vectors::interleave_high16(a, none), Vectors::interleave_high16(b, none));
        };
        const vector narrowed = finish::template apply_unordered<LeftShifts, true>(
            low(a0, b0), high(a0, b0), low(a1, b1), high(a1, b1), scales, ends);
        Vectors::store(to, Vectors::halves_in_order(narrowed));
    }

  private:
    static CTQ_ALWAYS_INLINE inline vector difference(const std::int8_t* from, vector zeros) {
        return Vectors::subtract16(Vectors::load16(from), zeros);
    }
    CTQ_ALWAYS_INLINE inline vector product(vector a, vector b) const {
        return Vectors::add32(Vectors::multiply_add_pairs16(a, b), rounding);
    }
};

template <class Requantizer, class Vectors>
[[gnu::noinline]] void run_multiply(const elementwise_plan& plan, const scaling& scale, const_tensors in,
                                    const tensor& out) {
    const const_tensor &full = in[plan.full == 0 ? 0 : 1], &other = in[plan.full == 0 ? 1 : 0];
    const auto with = [&]<bool LeftShifts>(std::bool_constant<LeftShifts>) {
        const requantizing_multiplier<Requantizer, Vectors, LeftShifts> work(scale, out.facts.range, full.zero_point(),
                                                                             other.zero_point(), out.zero_point());
        run_elementwise<Vectors::width>(plan, full.as<std::int8_t>(), other.as<std::int8_t>(), out.as<std::int8_t>(),
                                        work);
    };
    if (Requantizer::shifts_left(scale))
        with(std::true_type{});
    else
        with(std::false_type{});
}

template <signature S, class Vectors, class Facts>
constexpr void multiply_or_define(const Facts& facts, const_tensors in, tensors out, const workspace& space) {
    const auto plan = plan_elementwise(in[0].shape(), in[1].shape(), out[0].shape());
    if (!std::is_constant_evaluated() && plan.supported)
        return run_multiply<requantizer_of<S>, Vectors>(plan, facts.value.lowered.scale, in, out[0]);
    kernel<scalar, op::multiply, S>::run(facts, in, out, space);
}

} // namespace vector

template <class Architecture, signature S>
requires vector::has_vectors<Architecture> && vector::requantized_bytes<S>
struct kernel<Architecture, op::multiply, S> : kernel<scalar, op::multiply, S> {
    template <class Facts>
    static constexpr void run(const Facts& facts, const_tensors in, tensors out, const workspace& space) {
        vector::multiply_or_define<S, vector::vectors_of<Architecture>>(facts, in, out, space);
    }
};

} // namespace ctq::inline CTQ_TARGET::kernels

// ---- ctq/kernels/vector/reduce_mean.hpp
#include <cstdint>
#include <cstring>
#include <type_traits>
// reduce_mean over vectors: sums over adjacent axes that end before the last one (global average pooling), requantized.
// Other axes and fewer than 8 channels go to the definition.
// room: kernels | runs on: all | heap: no

namespace ctq::inline CTQ_TARGET::kernels {

namespace vector {

/// The input as [outer][cells][inner], the mean over cells.
struct mean_plan {
    bool supported = false;
    std::ptrdiff_t outer = 1, cells = 1, inner = 1;
};

constexpr mean_plan plan_mean(const node_facts<op::reduce_mean>& facts) {
    const shape& in = facts.inputs[0].shape;
    const op::axis_set& axes = facts.op.axes;
    mean_plan plan;
    int axis = 0;
    for (; axis < in.rank && !axes.contains(axis); ++axis) plan.outer *= in[axis];
    for (; axis < in.rank && axes.contains(axis); ++axis) plan.cells *= in[axis];
    plan.supported = true;
    for (; axis < in.rank; ++axis) {
        plan.inner *= in[axis];
        if (axes.contains(axis)) plan.supported = false;
    }
    return plan;
}

/// Four vectors of sums at a time; channels beyond the last whole vector are added one by one.
template <class Requantizer, class Vectors, bool LeftShifts>
[[gnu::noinline]] void sum_and_scale(const mean_plan& plan, const std::int8_t* in, std::int8_t* to, std::int32_t start,
                                     const scaling& scale, std::int32_t zero_point, const limits& range) {
    using vector = typename Vectors::vector;
    using finish = epilogue<Requantizer, Vectors>;
    constexpr std::ptrdiff_t lanes = Vectors::lanes, width = 4 * lanes;
    const auto scales = one_scale<Requantizer, Vectors>(scale);
    const auto ends =
        finish::prepare(zero_point, static_cast<std::int8_t>(range.low), static_cast<std::int8_t>(range.high));
    for (std::ptrdiff_t outer = 0; outer < plan.outer; ++outer, in += plan.cells * plan.inner)
        for (std::ptrdiff_t first = 0; first < plan.inner; first += width, to += width) {
            const std::ptrdiff_t left = plan.inner - first, count = left < width ? left : width;
            alignas(64) std::int32_t sums[width];
            for (std::ptrdiff_t lane = 0; lane + lanes <= count; lane += lanes) {
                vector sum = Vectors::all32(start);
                const std::int8_t* from = in + first + lane;
                for (std::ptrdiff_t cell = 0; cell < plan.cells; ++cell, from += plan.inner)
                    sum = Vectors::add32(sum, Vectors::load(from));
                Vectors::store(sums + lane, sum);
            }
            for (std::ptrdiff_t lane = count / lanes * lanes; lane < count; ++lane) {
                sums[lane] = start;
                for (std::ptrdiff_t cell = 0; cell < plan.cells; ++cell)
                    sums[lane] += in[cell * plan.inner + first + lane];
            }
            for (std::ptrdiff_t lane = count; lane < width; ++lane) sums[lane] = 0;
            const vector narrowed = finish::template apply<LeftShifts, true>(
                Vectors::load(sums), Vectors::load(sums + lanes), Vectors::load(sums + 2 * lanes),
                Vectors::load(sums + 3 * lanes), scales, ends);
            alignas(64) std::int8_t bytes[width];
            Vectors::store(bytes, narrowed);
            std::memcpy(to, bytes, static_cast<std::size_t>(count));
            to -= width - count;
        }
}

template <class Requantizer, class Vectors>
void run_mean(const mean_plan& plan, const scaling& scale, const const_tensor& in, const tensor& out) {
    const auto start = static_cast<std::int32_t>(-plan.cells * in.zero_point() + Requantizer::rounding(scale));
    const auto run = Requantizer::shifts_left(scale) ? &sum_and_scale<Requantizer, Vectors, true>
                                                     : &sum_and_scale<Requantizer, Vectors, false>;
    run(plan, in.as<std::int8_t>(), out.as<std::int8_t>(), start, scale, out.zero_point(), out.facts.range);
}

template <signature S, class Vectors, class Facts>
constexpr void mean_or_define(const Facts& facts, const_tensors in, tensors out, const workspace& space) {
    const mean_plan plan = plan_mean(facts.value);
    if (!std::is_constant_evaluated() && plan.supported && plan.inner >= 8)
        return run_mean<requantizer_of<S>, Vectors>(plan, facts.value.lowered.scale, in[0], out[0]);
    kernel<scalar, op::reduce_mean, S>::run(facts, in, out, space);
}

} // namespace vector

template <class Architecture, signature S>
requires vector::has_vectors<Architecture> && vector::requantized_bytes<S>
struct kernel<Architecture, op::reduce_mean, S> : kernel<scalar, op::reduce_mean, S> {
    template <class Facts>
    static constexpr void run(const Facts& facts, const_tensors in, tensors out, const workspace& space) {
        vector::mean_or_define<S, vector::vectors_of<Architecture>>(facts, in, out, space);
    }
};

} // namespace ctq::inline CTQ_TARGET::kernels

// ---- ctq/kernels/vector/all.hpp
// All kernels that are written once over what an instruction set gives: vectors, and for weighted layers a tile. Read
// where the compiler's flags allow an instruction set that has them.
// room: kernels | runs on: all | heap: no

#endif

// ---- ctq/execute/run_node.hpp
// One node at work: its float meaning in the float domain, else the kernel of its signature.
// room: execute | runs on: all | heap: no

namespace ctq::inline CTQ_TARGET {

/// Runs a node whose signature is a constant.
template <class Architecture, signature S, class Facts>
constexpr void run_node(const Facts& facts, const_tensors in, tensors out, const kernels::workspace& space) {
    using op_type = std::remove_cvref_t<decltype(facts.value.op)>;
    if constexpr (is_float_signature(S))
        compute(facts.value.op, in, out);
    else
        kernels::kernel_for<Architecture, op_type, S>::run(facts, in, out, space);
}

} // namespace ctq::inline CTQ_TARGET

// ---- ctq/execute/weights_file.hpp
// weights_file: the constants of a large network in a binary beside the header, and what is checked before they are
// used.
// room: execute | runs on: all | heap: no
//
// The format: the constants as they stand in memory, little-endian, each at a multiple of `weights_alignment`, nothing
// else. Which constant lies where is the header's knowledge; the checksum ties the two together.

namespace ctq::inline CTQ_TARGET {

/// Of the file's place in memory, and of each constant in the file.
constexpr std::size_t weights_alignment = 16;

/// What a header says of its weights file.
struct weights_file {
    std::size_t bytes = 0;
    std::uint32_t checksum = 0;   ///< crc32() of all bytes
    bool never_overflows = false; ///< the overflow proof, made by the tool from these very bytes
};

namespace detail {

/// The remainders of four bits. 64 bytes of flash where the usual table takes 1024.
constexpr std::array<std::uint32_t, 16> crc32_table = [] {
    std::array<std::uint32_t, 16> table{};
    for (std::uint32_t i = 0; i < 16; ++i) {
        table[i] = i;
        for (int bit = 0; bit < 4; ++bit) table[i] = (table[i] >> 1) ^ ((table[i] & 1U) != 0 ? 0xEDB88320U : 0U);
    }
    return table;
}();

} // namespace detail

/// CRC-32 as zlib, PNG and Ethernet define it. Two table look-ups a byte.
constexpr std::uint32_t crc32(std::span<const std::byte> bytes) {
    std::uint32_t crc = 0xFFFFFFFFU;
    for (const std::byte each : bytes) {
        crc ^= static_cast<std::uint32_t>(each);
        crc = (crc >> 4) ^ detail::crc32_table[crc & 15U];
        crc = (crc >> 4) ^ detail::crc32_table[crc & 15U];
    }
    return ~crc;
}

/// What executor::bind() found.
enum class weights_status : std::uint8_t {
    ready,
    wrong_size, ///< not as many bytes as the header says: another model's file, or a cut one
    misaligned, ///< the memory must begin at a multiple of weights_alignment
    damaged     ///< the checksum differs
};

/// Compares bytes in memory with what the header says. Cost: one pass over the bytes.
constexpr weights_status check(const weights_file& file, std::span<const std::byte> bytes) {
    if (bytes.size() != file.bytes) return weights_status::wrong_size;
    return crc32(bytes) == file.checksum ? weights_status::ready : weights_status::damaged;
}

} // namespace ctq::inline CTQ_TARGET

// ---- ctq/execute/model.hpp
// A model: a quantized network as a type of constants. Emitted headers define one; ctq::quantized makes one.
// room: execute | runs on: all | heap: no

namespace ctq::inline CTQ_TARGET {

/// A tensor of a model: an activation (no elements yet) or a constant.
struct model_value {
    std::string_view name;
    tensor_facts facts;
    const_data elements{};
    bool constant = false;
    std::size_t file_offset = not_in_a_file; ///< of a constant that lies in the model's weights file

    constexpr bool in_file() const { return file_offset != not_in_a_file; }

    static constexpr std::size_t not_in_a_file = static_cast<std::size_t>(-1);
};

/// An activation of `shape`, float32 or of quantized integers.
constexpr model_value activation(std::string_view name, const shape& of, dtype type = dtype::float32, float scale = 0,
                                 std::int32_t zero_point = 0) {
    return {name, {type, of, {scale, zero_point}}, {}, false};
}

/// The same where not all integers of the type occur: a fused activation, or a precision.
constexpr model_value activation(std::string_view name, const shape& of, dtype type, float scale,
                                 std::int32_t zero_point, const limits& range) {
    return {name, {type, of, {scale, zero_point}, range}, {}, false};
}

/// A constant in flash.
template <class T, std::size_t N>
constexpr model_value constant_value(std::string_view name, const shape& of, const T (&elements)[N], float scale = 0,
                                     std::int32_t zero_point = 0) {
    require(entries_of(dtype_of<T>, static_cast<std::size_t>(of.elements())) == N,
            "a constant must have as many elements as its shape");
    return {name, {dtype_of<T>, of, {scale, zero_point}}, elements, true};
}

/// The same where not all integers of the type occur: a rule's limits.
template <class T, std::size_t N>
constexpr model_value constant_value(std::string_view name, const shape& of, const T (&elements)[N], float scale,
                                     std::int32_t zero_point, const limits& range) {
    model_value made = constant_value(name, of, elements, scale, zero_point);
    made.facts.range = range;
    return made;
}

/// A constant that the weights file holds, `offset` bytes from its beginning; the model has a member `file`.
constexpr model_value constant_in_file(std::string_view name, const shape& of, dtype type, std::size_t offset,
                                       float scale = 0, std::int32_t zero_point = 0) {
    return {name, {type, of, {scale, zero_point}}, {}, true, offset};
}

/// The same where not all integers of the type occur.
constexpr model_value constant_in_file(std::string_view name, const shape& of, dtype type, std::size_t offset,
                                       float scale, std::int32_t zero_point, const limits& range) {
    return {name, {type, of, {scale, zero_point}, range}, {}, true, offset};
}

/// A layer: its operator, what lowering made of it, the values it reads and those it makes, by position in the model's
/// `values`, and how it rounds: not at all where its float meaning runs.
template <class Op, std::size_t Inputs, std::size_t Outputs> struct model_node {
    std::string_view name;
    Op op;
    lowered_of<Op> lowered;
    std::array<int, Inputs> inputs;
    std::array<int, Outputs> outputs;
    rounding how = rounding::in_float;
};

template <class Op, std::size_t Inputs, std::size_t Outputs>
constexpr model_node<Op, Inputs, Outputs> node(std::string_view name, const Op& op, const lowered_of<Op>& lowered,
                                               const int (&inputs)[Inputs], const int (&outputs)[Outputs],
                                               rounding how = rounding::in_float) {
    return {name, op, lowered, std::to_array(inputs), std::to_array(outputs), how};
}

/// What `{}` stands for among the arguments of node(): an array has one element at least.
struct no_inputs {};

/// The same for a layer that reads nothing.
template <class Op, std::size_t Outputs>
constexpr model_node<Op, 0, Outputs> node(std::string_view name, const Op& op, const lowered_of<Op>& lowered, no_inputs,
                                          const int (&outputs)[Outputs], rounding how = rounding::in_float) {
    return {name, op, lowered, {}, std::to_array(outputs), how};
}

/// A tensor that lives from one run to the next, by positions in the model's `values`: the constant that it holds at
/// first and after a reset, the activation as which layers read it, and what it holds in the next run.
struct model_state {
    std::string_view name;
    int initial = -1, read = -1, written = -1;
};

constexpr model_state state(std::string_view name, int initial, int read, int written) {
    return {name, initial, read, written};
}

/// What an executor needs of a model type. Members: `name`; `values`, an array of model_value; `nodes`, a node_list of
/// model_node in the order of execution, made by ctq::nodes(); `inputs` and `outputs`, arrays of
/// positions in `values`; where it has states, `states`, an array of model_state; where constants lie in a file,
/// `file`, a weights_file.
template <class Model>
concept model = requires {
    { Model::name } -> std::convertible_to<std::string_view>;
    Model::values[0].facts;
    Model::inputs[0];
    Model::outputs[0];
    Model::nodes.size;
};

template <class Model> constexpr std::size_t node_count = Model::nodes.size;

template <class Model>
constexpr std::size_t state_count = [] {
    if constexpr (requires { Model::states; })
        return std::size(Model::states);
    else
        return std::size_t{0};
}();

namespace detail {

template <class Model, std::size_t N>
constexpr std::array<tensor_facts, N> facts_of(const std::array<int, N>& positions) {
    std::array<tensor_facts, N> facts{};
    for (std::size_t i = 0; i < N; ++i) facts[i] = Model::values[static_cast<std::size_t>(positions[i])].facts;
    return facts;
}

} // namespace detail

/// The facts of node I as static constants; `kernels::constant_facts<node_constants<Model, I>>` hands them to a kernel.
template <class Model, std::size_t I> struct node_constants {
    static constexpr const auto& source = get<I>(Model::nodes);
    using op_type = std::remove_cvref_t<decltype(source.op)>;
    static constexpr std::size_t input_count = source.inputs.size(), output_count = source.outputs.size();

    static constexpr auto input_facts = detail::facts_of<Model>(source.inputs);
    static constexpr auto output_facts = detail::facts_of<Model>(source.outputs);
    static constexpr kernels::node_facts<op_type> value{source.op, source.lowered, input_facts, output_facts};
    static constexpr signature types = signature_of<op_type>(input_facts, output_facts[0].type, source.how);
    /// The inputs with their elements where they are constant.
    static constexpr std::array<const_tensor, input_count> constant_inputs() {
        std::array<const_tensor, input_count> in{};
        for (std::size_t i = 0; i < input_count; ++i) {
            const model_value& from = Model::values[static_cast<std::size_t>(source.inputs[i])];
            in[i] = {from.facts, from.elements};
        }
        return in;
    }
};

/// One value's facts, and its elements if the program holds them: apart from its name, which so stays out of flash.
template <class Model, int Value> struct value_constants {
    static constexpr const model_value& source = Model::values[static_cast<std::size_t>(Value)];
    static constexpr tensor_facts facts = source.facts;
    static constexpr const_data elements = source.elements;
};

/// True when node I reads a constant from the model's weights file.
template <class Model, std::size_t I>
constexpr bool node_reads_file = [] {
    for (const int input : node_constants<Model, I>::source.inputs)
        if (Model::values[static_cast<std::size_t>(input)].in_file()) return true;
    return false;
}();

/// True when a model's constants are not all in the program.
template <class Model> constexpr bool has_weights_file = requires {
    Model::file;
};

namespace detail {

/// Channels that one constant evaluation proves: g++ 12 allows about a million weights, clang 19 some 10,000 channels.
template <class Model, std::size_t I>
constexpr std::int32_t channels_per_proof = [] {
    using constants = node_constants<Model, I>;
    std::uint64_t weights = 1;
    for (const int input : constants::source.inputs) {
        const model_value& v = Model::values[static_cast<std::size_t>(input)];
        if (v.constant && v.facts.elements() > weights) weights = v.facts.elements();
    }
    const shape& out = constants::output_facts[0].shape;
    const std::uint64_t channels = out.rank == 0 ? 1 : static_cast<std::uint64_t>(out[out.rank - 1]);
    const std::uint64_t most = 131072 * channels / weights;
    return static_cast<std::int32_t>(most < 1 ? 1 : most > 1024 ? 1024 : most);
}();

template <class Model, std::size_t I, std::int32_t First>
constexpr bool channels_never_overflow = [] {
    using constants = node_constants<Model, I>;
    const auto in = constants::constant_inputs();
    return never_overflows<constants::types>(constants::source.op, constants::source.lowered, in,
                                             constants::output_facts[0], {First, First + channels_per_proof<Model, I>});
}();

template <class Model, std::size_t I> constexpr bool integer_node_never_overflows() {
    constexpr const shape& out = node_constants<Model, I>::output_facts[0].shape;
    constexpr std::int32_t channels = out.rank == 0 ? 1 : out[out.rank - 1], step = channels_per_proof<Model, I>;
    constexpr auto blocks = static_cast<std::size_t>(divide_up(channels, step));
    return all_of(array_of<bool, blocks>([]<std::size_t Block>(std::integral_constant<std::size_t, Block>) {
        return channels_never_overflow<Model, I, static_cast<std::int32_t>(Block) * step>;
    }));
}

} // namespace detail

/// The overflow proof of node I, from its actual constants. For constants in a file the tool has proved it when it
/// wrote the file, and says so in `Model::file`; the file's checksum ties them together.
template <class Model, std::size_t I>
constexpr bool node_never_overflows = [] {
    using constants = node_constants<Model, I>;
    if constexpr (is_float_signature(constants::types))
        return true;
    else if constexpr (node_reads_file<Model, I>)
        return Model::file.never_overflows;
    else if constexpr (proves_channels<typename constants::op_type, constants::types>)
        return detail::integer_node_never_overflows<Model, I>();
    else
        return never_overflows<constants::types>(constants::source.op, constants::source.lowered,
                                                 constants::constant_inputs(), constants::output_facts[0]);
}();

/// The overflow proof of the whole model.
template <class Model>
constexpr bool model_never_overflows = detail::all_of(detail::array_of<bool, node_count<Model>>(
    []<std::size_t I>(std::integral_constant<std::size_t, I>) { return node_never_overflows<Model, I>; }));

/// True where layers compute with floats: a value is one.
template <class Model>
constexpr bool has_floats = [] {
    for (const model_value& v : Model::values)
        if (v.facts.type == dtype::float32) return true;
    return false;
}();

/// Bytes of all constants.
template <class Model>
constexpr std::size_t model_weight_bytes = [] {
    std::size_t bytes = 0;
    for (const model_value& v : Model::values) bytes += v.constant ? v.facts.bytes() : 0;
    return bytes;
}();

} // namespace ctq::inline CTQ_TARGET

// ---- ctq/execute/plan.hpp
// plan: where each buffer lies in the arena. Lifetimes that do not meet share memory.
// room: execute | runs on: all (constexpr, so in the compiler) | heap: no

namespace ctq::inline CTQ_TARGET {

/// A buffer in use from step `first` to step `last`, both included; `bytes` may be 0.
struct buffer {
    std::size_t bytes = 0;
    int first = 0, last = 0;

    /// Whether both are in use at one step.
    constexpr bool meets(const buffer& other) const { return first <= other.last && other.first <= last; }
};

/// The orders in which buffers are laid down; no one order is best for every network.
enum class packing_order : std::uint8_t { by_size, by_start, by_end, by_duration, by_area };
constexpr std::size_t packing_orders = 5;

namespace detail {

/// Larger keys are laid down first; equal keys in the order of the buffers.
constexpr std::int64_t packing_key(const buffer& b, packing_order order) {
    const auto bytes = static_cast<std::int64_t>(b.bytes);
    switch (order) {
    case packing_order::by_size:
        return bytes;
    case packing_order::by_start:
        return -b.first;
    case packing_order::by_end:
        return b.last;
    case packing_order::by_duration:
        return b.last - b.first;
    default:
        return bytes * (b.last - b.first + 1);
    }
}

/// Whether buffer a is laid down before buffer b.
constexpr bool comes_first(const buffer* buffers, packing_order order, int a, int b) {
    const std::int64_t left = packing_key(buffers[a], order), right = packing_key(buffers[b], order);
    return left != right ? left > right : a < b;
}

/// Lets the element at `root` of a heap sink to its place; the heap's top comes last.
constexpr void sink(const buffer* buffers, packing_order order, int* heap, std::size_t root, std::size_t size) {
    for (std::size_t child = 2 * root + 1; child < size; child = 2 * root + 1) {
        if (child + 1 < size && comes_first(buffers, order, heap[child], heap[child + 1])) ++child;
        if (!comes_first(buffers, order, heap[root], heap[child])) return;
        const int above = heap[root];
        heap[root] = heap[child];
        heap[child] = above;
        root = child;
    }
}

} // namespace detail

/// Writes the indices of the buffers that are not empty to `sorted`, in the order in which they are laid down, and
/// gives their number. Cost: O(n log n), a heap sort: the compilers count the steps of a constant evaluation.
constexpr std::size_t sort_buffers(std::span<const buffer> buffers, packing_order order, std::span<int> sorted) {
    std::size_t used = 0;
    for (std::size_t i = 0; i < buffers.size(); ++i)
        if (buffers[i].bytes != 0) sorted[used++] = static_cast<int>(i);
    for (std::size_t i = used / 2; i-- > 0;) detail::sink(buffers.data(), order, sorted.data(), i, used);
    for (std::size_t end = used; end-- > 1;) {
        const int top = sorted[0];
        sorted[0] = sorted[end];
        sorted[end] = top;
        detail::sink(buffers.data(), order, sorted.data(), 0, end);
    }
    return used;
}

/// Lays the buffers sorted[first .. last) at the lowest offsets where they meet none of those before them in `sorted`,
/// whose offsets are known. `total`: the arena's size so far. Returns the new one. Cost: O((last - first) * last).
constexpr std::size_t lay_down(const buffer* buffers, const int* sorted, std::size_t first, std::size_t last,
                               std::size_t alignment, std::size_t* offsets, std::size_t total) {
    for (std::size_t i = first; i < last; ++i) {
        const buffer current = buffers[sorted[i]];
        std::size_t offset = 0;
        for (bool moved = true; moved;) {
            moved = false;
            for (std::size_t j = 0; j < i; ++j) {
                const int other = sorted[j];
                // Whether they share memory comes first: it is rarely true, and clang counts the steps of a call.
                if (offset < offsets[other] + buffers[other].bytes && offset + current.bytes > offsets[other] &&
                    current.meets(buffers[other])) {
                    offset = round_up_to(offsets[other] + buffers[other].bytes, alignment);
                    moved = true;
                }
            }
        }
        offsets[sorted[i]] = offset;
        if (offset + current.bytes > total) total = offset + current.bytes;
    }
    return total;
}

/// Lays each buffer at the lowest offset where it meets no earlier one, in the given order. `offsets` and `sorted` have
/// one entry for each buffer; an empty buffer keeps its offset. Returns the arena's size. Cost: O(n^2) for n buffers.
constexpr std::size_t pack(std::span<const buffer> buffers, packing_order order, std::size_t alignment,
                           std::span<std::size_t> offsets, std::span<int> sorted) {
    const std::size_t used = sort_buffers(buffers, order, sorted);
    return lay_down(buffers.data(), sorted.data(), 0, used, alignment, offsets.data(), 0);
}

/// What any plan needs at least: the most bytes that are in use at one step.
constexpr std::size_t peak_bytes(std::span<const buffer> buffers, int steps) {
    std::size_t peak = 0;
    for (int step = 0; step < steps; ++step) {
        std::size_t used = 0;
        for (const buffer& b : buffers)
            if (b.first <= step && step <= b.last) used += b.bytes;
        if (used > peak) peak = used;
    }
    return peak;
}

/// What a plan needs to know of a value, and of a node.
struct planned_value {
    std::size_t bytes = 0;
    bool constant = false;
    std::size_t elements = 0;
};
struct planned_node {
    std::span<const int> inputs; ///< positions of values
    std::span<const int> outputs;
    bool in_place = false; ///< may write over its first input
    std::size_t scratch_bytes = 0;
};

/// What a state is read as, and what is written to it at the end: positions of values.
struct planned_state {
    int read = -1, written = -1;
};

/// A network as the plan sees it: borrowed, nodes in the order of execution, inputs and outputs positions of values.
struct planned_network {
    std::span<const planned_value> values;
    std::span<const planned_node> nodes;
    std::span<const int> inputs, outputs;
    std::span<const planned_state> states = {};
};

namespace detail {

/// From the step that makes a value to the last that reads it; outputs, and what is written to states, are read after
/// all nodes. A state's memory ends with its last reader here: see place_states.
constexpr void find_uses(const planned_network& net, std::span<buffer> buffers) {
    const auto of = [&](int value) -> buffer& { return buffers[static_cast<std::size_t>(value)]; };
    const auto bytes = [&](int value) { return net.values[static_cast<std::size_t>(value)].bytes; };
    for (const int input : net.inputs) of(input) = {bytes(input), 0, 0};
    for (const planned_state& each : net.states) of(each.read) = {bytes(each.read), 0, 0};
    for (std::size_t i = 0; i < net.nodes.size(); ++i) {
        const int step = static_cast<int>(i);
        for (const int input : net.nodes[i].inputs)
            if (!net.values[static_cast<std::size_t>(input)].constant) of(input).last = step;
        for (const int output : net.nodes[i].outputs) of(output) = {bytes(output), step, step};
        buffers[net.values.size() + i] = {net.nodes[i].scratch_bytes, step, step};
    }
    const int end = static_cast<int>(net.nodes.size());
    for (const int output : net.outputs) of(output).last = end;
    for (const planned_state& each : net.states)
        if (!net.values[static_cast<std::size_t>(each.written)].constant) of(each.written).last = end;
}

constexpr bool is_state(const planned_network& net, int value) {
    for (const planned_state& each : net.states)
        if (each.read == value) return true;
    return false;
}

/// True when a node may write its output over its first input, once nobody reads that afterwards: element over element,
/// so that none is broadcast and each is as wide as what it is made of.
constexpr bool may_write_over(const planned_network& net, const planned_node& node) {
    if (!node.in_place || node.inputs.empty()) return false;
    const planned_value& from = net.values[static_cast<std::size_t>(node.inputs[0])];
    const planned_value& to = net.values[static_cast<std::size_t>(node.outputs[0])];
    bool alone = !from.constant && from.bytes == to.bytes && from.elements == to.elements;
    for (std::size_t other = 1; other < node.inputs.size(); ++other) alone &= node.inputs[other] != node.inputs[0];
    return alone;
}

/// True when what is written to a state can be made in the state's memory: the first node that writes to its buffer
/// (`made`'s) comes behind the last that reads the state, or is that and works in place.
constexpr bool can_be_made_in(const planned_network& net, int state, int made, std::span<const buffer> buffers) {
    const buffer &kept = buffers[static_cast<std::size_t>(state)], &written = buffers[static_cast<std::size_t>(made)];
    if (written.bytes == 0 || written.bytes != kept.bytes || kept.last > written.first) return false;
    if (kept.last < written.first) return true;
    const planned_node& node = net.nodes[static_cast<std::size_t>(written.first)];
    return may_write_over(net, node) && node.inputs[0] == state && node.outputs[0] == made;
}

/// A state's memory lives through all steps. What is written to the state is made right there where that can be; else
/// it is copied at the end.
constexpr void place_states(const planned_network& net, std::span<buffer> buffers, std::span<int> home) {
    for (const planned_state& each : net.states) {
        const int made = home[static_cast<std::size_t>(each.written)];
        if (can_be_made_in(net, each.read, made, buffers)) {
            for (int& value : home)
                if (value == made) value = each.read;
            buffers[static_cast<std::size_t>(made)] = {};
        }
        buffers[static_cast<std::size_t>(each.read)].last = static_cast<int>(net.nodes.size());
    }
}

} // namespace detail

/// The buffers of a network: one for each value (empty for constants and for values that live in another's buffer),
/// then one for each node's scratch. `home[v]`: the value in whose buffer v lies. A node that may work in place does so
/// when nobody reads its first input afterwards; over what a state holds, only to make what is written to it. `buffers`
/// has values + nodes entries, `home` one for each value.
constexpr void find_lifetimes(const planned_network& net, std::span<buffer> buffers, std::span<int> home) {
    for (std::size_t v = 0; v < home.size(); ++v) home[v] = static_cast<int>(v);
    detail::find_uses(net, buffers);
    for (std::size_t i = 0; i < net.nodes.size(); ++i) {
        const planned_node& node = net.nodes[i];
        if (!detail::may_write_over(net, node)) continue;
        const auto from = static_cast<std::size_t>(node.inputs[0]), to = static_cast<std::size_t>(node.outputs[0]);
        buffer& shared = buffers[static_cast<std::size_t>(home[from])];
        if (shared.last != static_cast<int>(i) || detail::is_state(net, node.inputs[0])) continue;
        home[to] = home[from];
        shared.last = buffers[to].last;
        buffers[to] = {};
    }
    detail::place_states(net, buffers, home);
}

} // namespace ctq::inline CTQ_TARGET

// ---- ctq/execute/model_plan.hpp
// model_plan: the arena of a model on one architecture: which values share a buffer, and where each lies.
// room: execute | runs on: all (evaluated by the compiler) | heap: no

namespace ctq::inline CTQ_TARGET {

/// Scratch that a node's kernel needs; none where its float meaning runs.
template <class Architecture, signature S, class Op>
constexpr std::size_t planned_scratch([[maybe_unused]] const kernels::node_facts<Op>& facts) {
    if constexpr (is_float_signature(S))
        return 0;
    else
        return kernels::kernel_for<Architecture, Op, S>::scratch_bytes(facts);
}

/// The plan of a model; see find_lifetimes. Each packing is made of constants of 64 buffers each, so that the
/// compilers' limits on one constant evaluation are met for each of them, not for all together.
template <class Model, class Architecture> class model_plan {
    static constexpr std::size_t values = std::size(Model::values);
    static constexpr std::size_t nodes = node_count<Model>;

    template <std::size_t I> static constexpr planned_node planned() {
        using constants = node_constants<Model, I>;
        const std::size_t scratch = planned_scratch<Architecture, constants::types>(constants::value);
        return {constants::source.inputs, constants::source.outputs, traits_of<typename constants::op_type>.in_place,
                scratch};
    }

    static constexpr auto planned_nodes = detail::array_of<planned_node, nodes>(
        []<std::size_t I>(std::integral_constant<std::size_t, I>) { return planned<I>(); });

    static constexpr auto planned_values = [] {
        std::array<planned_value, values> result{};
        for (std::size_t v = 0; v < values; ++v)
            result[v] = {Model::values[v].facts.bytes(), Model::values[v].constant, Model::values[v].facts.elements()};
        return result;
    }();

    static constexpr auto planned_states = [] {
        std::array<planned_state, state_count<Model>> result{};
        if constexpr (state_count<Model> != 0)
            for (std::size_t i = 0; i < result.size(); ++i)
                result[i] = {Model::states[i].read, Model::states[i].written};
        return result;
    }();

    struct lifetimes {
        std::array<buffer, values + nodes> buffers{};
        std::array<int, values> home{};
    };

    static constexpr lifetimes found = [] {
        lifetimes result;
        find_lifetimes({planned_values, planned_nodes, Model::inputs, Model::outputs, planned_states}, result.buffers,
                       result.home);
        return result;
    }();

    static constexpr std::size_t used = [] {
        std::size_t count = 0;
        for (const buffer& each : found.buffers) count += each.bytes != 0 ? 1 : 0;
        return count;
    }();

    /// The buffers that are not empty, and where each buffer stands among them.
    struct compact {
        std::array<buffer, used> buffers{};
        std::array<std::size_t, values + nodes> position{};
    };

    static constexpr compact live = [] {
        compact result;
        std::size_t at = 0;
        for (std::size_t i = 0; i < found.buffers.size(); ++i) {
            if (found.buffers[i].bytes == 0) continue;
            result.position[i] = at;
            result.buffers[at++] = found.buffers[i];
        }
        return result;
    }();

    template <packing_order Order>
    static constexpr std::array<int, used> sequence = [] {
        std::array<int, used> sorted{};
        sort_buffers(live.buffers, Order, sorted);
        return sorted;
    }();

    struct packed {
        std::size_t bytes = 0;
        std::array<std::size_t, used> offsets{};
    };

    /// The first `Count` buffers laid down.
    template <packing_order Order, std::size_t Count> struct packing {
        static constexpr packed value = [] {
            constexpr std::size_t slice = 64, before = Count == 0 ? 0 : (Count - 1) / slice * slice;
            packed result;
            if constexpr (before > 0) result = packing<Order, before>::value;
            result.bytes = lay_down(live.buffers.data(), sequence<Order>.data(), before, Count, Architecture::alignment,
                                    result.offsets.data(), result.bytes);
            return result;
        }();
    };

    static constexpr const packed& best = []() -> const packed& {
        const packed* chosen = &packing<packing_order::by_size, used>::value;
        for (const packed* other :
             {&packing<packing_order::by_start, used>::value, &packing<packing_order::by_end, used>::value,
              &packing<packing_order::by_duration, used>::value, &packing<packing_order::by_area, used>::value})
            if (other->bytes < chosen->bytes) chosen = other;
        return *chosen;
    }();

    static constexpr std::size_t offset_of_buffer(std::size_t buffer) {
        return found.buffers[buffer].bytes == 0 ? 0 : best.offsets[live.position[buffer]];
    }

  public:
    static constexpr std::size_t bytes = best.bytes;
    /// The least that any plan could need, for reports.
    static constexpr std::size_t lower_bound = peak_bytes(found.buffers, static_cast<int>(nodes) + 1);

    static constexpr std::size_t offset_of_value(int value) {
        return offset_of_buffer(static_cast<std::size_t>(found.home[static_cast<std::size_t>(value)]));
    }
    /// True when what is written to a state, which is read as `read`, lies in the state's memory already.
    static constexpr bool is_made_in_place(int read, int written) {
        return found.home[static_cast<std::size_t>(written)] == read;
    }
    static constexpr std::size_t offset_of_scratch(std::size_t node) { return offset_of_buffer(values + node); }
};

} // namespace ctq::inline CTQ_TARGET

// ---- ctq/execute/executor.hpp
// executor: a model as an object that runs. Its arena holds all that changes: no heap, re-entrant, copyable.
// room: execute | runs on: all | heap: no

namespace ctq::inline CTQ_TARGET {

/// How an executor is compiled.
namespace policy {

/// Compiles every layer for its own shapes.
struct fast {
    static constexpr bool constant_shapes = true;
};

/// Shares one instantiation of a kernel between all layers of an operator: less flash, more instructions.
struct small {
    static constexpr bool constant_shapes = false;
};

} // namespace policy

namespace detail {

/// Constants in a kernel's own order, made by the compiler: in pieces that meet the compilers' limits on one constant
/// evaluation each.
template <class Model, class Architecture, std::size_t I> struct packed_constants {
    using constants = node_constants<Model, I>;
    using kernel = kernels::kernel_for<Architecture, typename constants::op_type, constants::types>;
    static constexpr std::size_t bytes = [] {
        if constexpr (is_float_signature(constants::types))
            return std::size_t{0};
        else
            return kernel::packed_bytes(constants::value);
    }();

    /// nullptr where the kernel keeps none.
    static const std::int8_t* data() {
        if constexpr (bytes == 0)
            return nullptr;
        else
            return reinterpret_cast<const std::int8_t*>(&elements);
    }

  private:
    static constexpr std::size_t piece_bytes = [] {
        if constexpr (bytes == 0)
            return std::size_t{1};
        else if constexpr (kernels::packs_in_pieces<kernel, typename constants::op_type>)
            return kernel::piece_bytes(constants::value);
        else
            return bytes;
    }();
    static constexpr std::size_t pieces = divide_up(bytes, piece_bytes);
    using piece_type = std::array<std::int8_t, piece_bytes>;

    template <std::size_t Piece>
    static constexpr piece_type piece = [] {
        piece_type result{};
        const auto in = constants::constant_inputs();
        if constexpr (pieces > 1) {
            constexpr auto size = static_cast<std::ptrdiff_t>(piece_bytes), first = size * std::ptrdiff_t{Piece};
            kernel::pack_piece(constants::value, in, {result.data(), first, first + size});
        } else {
            kernel::pack(constants::value, in, result.data());
        }
        return result;
    }();

    alignas(kernels::alignment) static constexpr std::array<piece_type, pieces> elements = array_of<piece_type, pieces>(
        []<std::size_t Piece>(std::integral_constant<std::size_t, Piece>) { return piece<Piece>; });
};

/// A constant of the weights file, typed.
template <class T> const T* file_elements(const std::byte* file, std::size_t offset) {
    return reinterpret_cast<const T*>(file + offset);
}

/// What an executor holds of constants that are not in the program: nothing for most models.
template <class Model, class Architecture, bool InFile = has_weights_file<Model>> class bound_weights {
  protected:
    static constexpr const std::byte* file() { return nullptr; }

    template <std::size_t I> static const std::int8_t* packed() {
        return packed_constants<Model, Architecture, I>::data();
    }
};

/// For a model with a weights file: where the file is in memory, and what the kernels made of it.
template <class Model, class Architecture> class bound_weights<Model, Architecture, true> {
    static_assert(std::endian::native == std::endian::little,
                  "ctq: executor: a weights file is little-endian, and this target is not; emit without --weights");

  public:
    /// Names the weights file's bytes, which must stay where they are as long as the executor runs. Checks size,
    /// alignment and checksum; the executor runs only after `ready`. Cost: two passes over the bytes.
    [[nodiscard]] weights_status bind(std::span<const std::byte> bytes) {
        file_ = nullptr;
        if (reinterpret_cast<std::uintptr_t>(bytes.data()) % weights_alignment != 0) return weights_status::misaligned;
        const weights_status status = check(Model::file, bytes);
        if (status != weights_status::ready) return status;
        file_ = bytes.data();
        for_each_index<node_count<Model>>(
            [&]<std::size_t I>(std::integral_constant<std::size_t, I>) { pack_node<I>(); });
        return status;
    }

  protected:
    const std::byte* file() const {
        require(file_ != nullptr, "the model's weights are in a file: bind() its bytes first");
        return file_;
    }

    template <std::size_t I> const std::int8_t* packed() const {
        if constexpr (!node_reads_file<Model, I>)
            return packed_constants<Model, Architecture, I>::data();
        else
            return places[I] == places[I + 1] ? nullptr : packed_.data() + places[I];
    }

  private:
    /// Where each node's packed constants lie in `packed_`, and after the last one its size.
    static constexpr auto places = [] {
        std::array<std::size_t, node_count<Model> + 1> result{};
        for_each_index<node_count<Model>>([&]<std::size_t I>(std::integral_constant<std::size_t, I>) {
            const std::size_t bytes = node_reads_file<Model, I> ? packed_constants<Model, Architecture, I>::bytes : 0;
            result[I + 1] = result[I] + round_up_to(bytes, kernels::alignment);
        });
        return result;
    }();

    template <std::size_t I> void pack_node() {
        using packing = packed_constants<Model, Architecture, I>;
        if constexpr (places[I] != places[I + 1]) {
            auto in = node_constants<Model, I>::constant_inputs();
            for (std::size_t i = 0; i < in.size(); ++i) {
                const auto value = static_cast<std::size_t>(node_constants<Model, I>::source.inputs[i]);
                if (!Model::values[value].in_file()) continue;
                with_element_type(in[i].facts.type, [&](auto element) {
                    in[i].elements = file_elements<decltype(element)>(file_, Model::values[value].file_offset);
                });
            }
            packing::kernel::pack(node_constants<Model, I>::value, in, packed_.data() + places[I]);
        }
    }

    const std::byte* file_ = nullptr;
    alignas(kernels::alignment) std::array<std::int8_t, places.back() == 0 ? 1 : places.back()> packed_;
};

} // namespace detail

/// False where the compiler may reorder and approximate operations on floats, and says so: clang does not of each of
/// the flags that -ffast-math stands for. The constants of a model and its golden vector are made without such liberty.
#if defined(__FAST_MATH__) || defined(__ASSOCIATIVE_MATH__) || defined(__RECIPROCAL_MATH__) || __FINITE_MATH_ONLY__ + 0
constexpr bool has_ieee_arithmetic = false;
#else
constexpr bool has_ieee_arithmetic = true;
#endif

/// The element type of a value of a model.
template <class Model, int Value>
using element_type = element<Model::values[static_cast<std::size_t>(Value)].facts.type>;

/// Runs `Model` on one architecture. `ram_bytes` is the arena: activations, states and the kernels' scratch together.
template <model Model, class Policy = policy::fast, class Architecture = kernels::native>
class executor : public detail::bound_weights<Model, Architecture> {
    using plan = model_plan<Model, Architecture>;

  public:
    static constexpr std::size_t ram_bytes = plan::bytes;
    static constexpr std::size_t input_count = std::size(Model::inputs), output_count = std::size(Model::outputs);

    static_assert(
        model_never_overflows<Model>,
        "ctq: executor: accumulators that are proved to fit are required, and a layer's are not; use smaller weights, "
        "exclude the layer, or state the bound of an operator of your own");
    static_assert(has_ieee_arithmetic || !has_floats<Model>,
                  "ctq: executor: a model with float layers needs IEEE arithmetic; compile without -ffast-math");

    template <std::size_t I = 0>
    static constexpr std::size_t
        input_size = Model::values[static_cast<std::size_t>(Model::inputs[I])].facts.elements();
    template <std::size_t I = 0>
    static constexpr std::size_t
        output_size = Model::values[static_cast<std::size_t>(Model::outputs[I])].facts.elements();

    executor() requires(state_count<Model> == 0) = default;
    executor() requires(state_count<Model> != 0) { reset(); }

    /// The states hold their initial values again, as in a new executor. Nothing to do for a model without states.
    void reset() {
        detail::for_each_index<state_count<Model>>([&]<std::size_t I>(std::integral_constant<std::size_t, I>) {
            hold<Model::states[I].read, Model::states[I].initial>();
        });
    }

    /// The input's place in the arena: write it, invoke(), read output(). Its contents do not survive invoke().
    template <std::size_t I = 0> auto input() {
        return std::span<element_type<Model, Model::inputs[I]>, input_size<I>>(at<Model::inputs[I]>(), input_size<I>);
    }
    /// An output's place: in the arena, or among the model's constants where the output is one of them.
    template <std::size_t I = 0> auto output() {
        using element = element_type<Model, Model::outputs[I]>;
        return std::span<const element, output_size<I>>(read<Model::outputs[I]>().template as<element>(),
                                                        output_size<I>);
    }

    /// The network on what stands in the inputs and in the states, which then hold what is written to them.
    void invoke() {
        detail::for_each_index<node_count<Model>>(
            [&]<std::size_t I>(std::integral_constant<std::size_t, I>) { run_step<I>(); });
        if constexpr (state_count<Model> != 0)
            detail::for_each_index<state_count<Model>>([&]<std::size_t I>(std::integral_constant<std::size_t, I>) {
                if constexpr (!plan::is_made_in_place(Model::states[I].read, Model::states[I].written))
                    hold<Model::states[I].read, Model::states[I].written>();
            });
    }

    /// Quantizes the inputs, runs, dequantizes the outputs. Ranges: first the inputs, then the outputs, each of the
    /// model's size (an array's size is checked by the compiler); of float, and of the element type where the model's
    /// input or output is plain integers or booleans (bool will do for these), which are copied.
    template <class... Ranges> void run(Ranges&&... ranges) {
        check_count<Ranges...>();
        auto all = std::forward_as_tuple(ranges...);
        for_inputs<sizeof...(Ranges)>([&]<std::size_t I>(std::integral_constant<std::size_t, I>) {
            load<Model::inputs[I]>(range_of<Model::inputs[I]>(std::as_const(std::get<I>(all))), input<I>());
        });
        invoke();
        for_outputs<sizeof...(Ranges)>([&]<std::size_t I>(std::integral_constant<std::size_t, I>) {
            store<Model::outputs[I]>(output<I>(), range_of<Model::outputs[I]>(std::get<input_count + I>(all)));
        });
    }

    /// The same on the model's own element types: integers in, which must lie within the inputs' ranges (all of the
    /// type under most rules), integers out.
    template <class... Ranges> void run_quantized(Ranges&&... ranges) {
        check_count<Ranges...>();
        auto all = std::forward_as_tuple(ranges...);
        for_inputs<sizeof...(Ranges)>([&]<std::size_t I>(std::integral_constant<std::size_t, I>) {
            copy(range_of<Model::inputs[I]>(std::as_const(std::get<I>(all))), input<I>());
        });
        invoke();
        for_outputs<sizeof...(Ranges)>([&]<std::size_t I>(std::integral_constant<std::size_t, I>) {
            copy(output<I>(), range_of<Model::outputs[I]>(std::get<input_count + I>(all)));
        });
    }

    /// True when the network gives exactly these outputs for these inputs; ranges as run_quantized takes them, all
    /// read only. What an emitted header's selftest() calls with its golden vector. States are reset before.
    template <class... Ranges> [[nodiscard]] bool reproduces(const Ranges&... ranges) {
        check_count<Ranges...>();
        if constexpr (state_count<Model> != 0) reset();
        const auto all = std::forward_as_tuple(ranges...);
        for_inputs<sizeof...(Ranges)>([&]<std::size_t I>(std::integral_constant<std::size_t, I>) {
            copy(std::span(std::get<I>(all)), input<I>());
        });
        invoke();
        bool equal = true;
        for_outputs<sizeof...(Ranges)>([&]<std::size_t I>(std::integral_constant<std::size_t, I>) {
            const auto wanted = std::span(std::get<input_count + I>(all));
            check_size<decltype(wanted)::extent, output_size<I>>(wanted.size());
            for (std::size_t i = 0; i < output_size<I>; ++i) equal &= is_same(output<I>()[i], wanted[i]);
        });
        return equal;
    }

  private:
    /// A value's place in the arena.
    template <int Value> element_type<Model, Value>* at() {
        constexpr std::size_t offset = plan::offset_of_value(Value);
        return reinterpret_cast<element_type<Model, Value>*>(arena_.data() + offset);
    }

    /// Copies value `From` to where state `To` is held.
    template <int To, int From> void hold() {
        constexpr tensor_facts facts = value_constants<Model, From>::facts;
        constexpr std::size_t entries = entries_of(facts.type, facts.elements());
        const auto* from = read<From>().template as<element_type<Model, From>>();
        for (std::size_t i = 0; i < entries; ++i) at<To>()[i] = from[i];
    }

    template <class... Ranges> static constexpr void check_count() {
        static_assert(
            sizeof...(Ranges) == input_count + output_count,
            "ctq: run: one range for each input and then one for each output is required; see input_count and "
            "output_count");
    }

    /// Any NaN is any other.
    template <class A, class B> static constexpr bool is_same(A a, B b) { return a == b || (a != a && b != b); }

    /// Nothing is visited when the number of ranges is wrong: check_count() has said so, and once is enough.
    template <std::size_t Ranges, class Visitor> static void for_inputs(Visitor visit) {
        detail::for_each_index<Ranges == input_count + output_count ? input_count : 0>(visit);
    }
    template <std::size_t Ranges, class Visitor> static void for_outputs(Visitor visit) {
        detail::for_each_index<Ranges == input_count + output_count ? output_count : 0>(visit);
    }

    template <std::size_t Given, std::size_t Wanted> static constexpr void check_size(std::size_t given) {
        static_assert(Given == std::dynamic_extent || Given == Wanted,
                      "ctq: run: a range must have as many elements as the model's input or output; see input_size and "
                      "output_size");
        require(given == Wanted, "a range must have as many elements as the model's input or output");
    }

    /// Whether elements of A are those of B, of which one is the model's type.
    template <class A, class B>
    static constexpr bool is_element = std::is_same_v<A, B> ||
                                       (std::is_same_v<A, bool> && std::is_same_v<B, boolean>) ||
                                       (std::is_same_v<A, boolean> && std::is_same_v<B, bool>);

    template <int Value, class Range> static constexpr auto range_of(Range& range) {
        return element_range<Range>::of(range, Model::values[static_cast<std::size_t>(Value)].facts.shape);
    }

    template <int Value, class From, class To, std::size_t Size>
    static void load(const From& from, std::span<To, Size> to) {
        constexpr const tensor_facts& facts = value_constants<Model, Value>::facts;
        check_type<Value, typename From::value_type>();
        check_size<From::extent, Size>(from.size());
        auto at = from.begin();
        for (std::size_t i = 0; i < Size; ++i, ++at) {
            if constexpr (is_plain(facts) || std::is_same_v<To, float>)
                to[i] = static_cast<To>(*at);
            else
                to[i] = static_cast<To>(quantize(*at, facts));
        }
    }
    template <int Value, class From, std::size_t Size, class To>
    static void store(std::span<const From, Size> from, const To& to) {
        constexpr const tensor_facts& facts = value_constants<Model, Value>::facts;
        check_type<Value, typename To::value_type>();
        check_size<To::extent, Size>(to.size());
        auto at = to.begin();
        for (std::size_t i = 0; i < Size; ++i, ++at) {
            if constexpr (is_plain(facts))
                *at = static_cast<typename To::value_type>(from[i]);
            else
                *at = real_of(from[i], facts.quantization);
        }
    }
    /// The type of what run() takes or gives for a value.
    template <int Value, class Given> static constexpr void check_type() {
        if constexpr (is_plain(value_constants<Model, Value>::facts))
            static_assert(is_element<Given, element_type<Model, Value>>,
                          "ctq: run: ranges of the element type are required for plain integers and booleans; see "
                          "element_type");
        else
            static_assert(std::is_same_v<Given, float>,
                          "ctq: run: ranges of float are required; use run_quantized for integers");
    }
    template <class From, class To> static void copy(const From& from, const To& to) {
        static_assert(is_element<typename From::value_type, typename To::value_type>,
                      "ctq: run_quantized: ranges of the model's element types are required; see element_type");
        constexpr std::size_t size = To::extent == std::dynamic_extent ? From::extent : To::extent;
        check_size<From::extent, size>(from.size());
        check_size<To::extent, size>(to.size());
        auto at = from.begin();
        for (auto& each : to) {
            each = static_cast<typename To::value_type>(*at);
            ++at;
        }
    }

    template <int Value> const_tensor read() {
        using constants = value_constants<Model, Value>;
        constexpr std::size_t file_offset = constants::source.file_offset;
        if constexpr (constants::source.in_file())
            return {constants::facts, detail::file_elements<element_type<Model, Value>>(this->file(), file_offset)};
        else if constexpr (constants::source.constant)
            return {constants::facts, constants::elements};
        else
            return {constants::facts, at<Value>()};
    }

    template <std::size_t I> void run_step() {
        using constants = node_constants<Model, I>;
        constexpr std::size_t scratch = plan::offset_of_scratch(I);
        const auto in = [&]<std::size_t... N>(std::index_sequence<N...>) {
            return std::array<const_tensor, sizeof...(N)>{read<constants::source.inputs[N]>()...};
        }
        (std::make_index_sequence<constants::input_count>{});
        const auto out = [&]<std::size_t... N>(std::index_sequence<N...>) {
            return std::array<tensor, sizeof...(N)>{write<constants::source.outputs[N]>()...};
        }
        (std::make_index_sequence<constants::output_count>{});
        const kernels::workspace space{arena_.data() + scratch, this->template packed<I>()};
        if constexpr (Policy::constant_shapes)
            run_node<Architecture, constants::types>(kernels::constant_facts<constants>{}, in, out, space);
        else
            run_shared<constants::types, typename constants::op_type>({constants::value}, in, out, space);
    }

    template <int Value> tensor write() { return {value_constants<Model, Value>::facts, at<Value>()}; }

    template <signature S, class Op>
    [[gnu::noinline]] static void run_shared(const kernels::variable_facts<Op>& facts, const_tensors in, tensors out,
                                             const kernels::workspace& space) {
        run_node<Architecture, S>(facts, in, out, space);
    }

    alignas(Architecture::alignment) std::array<std::byte, ram_bytes == 0 ? 1 : ram_bytes> arena_;
};

} // namespace ctq::inline CTQ_TARGET

#endif // CTQ_SINGLE_HEADER

#if !defined(CTQ_OPERATORS_LISTED) && !defined(CTQ_ALL_OPERATORS)
#define CTQ_ALL_OPERATORS 1
#endif
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <limits>
#include <span>
#include <string_view>
#include <type_traits>

#if !defined(CTQ_HAS_OPERATORS_BATCH_NORMALIZATION) && (defined(CTQ_ALL_OPERATORS) || \
    defined(CTQ_USES_BATCH_NORMALIZATION))
#define CTQ_HAS_OPERATORS_BATCH_NORMALIZATION
// ---- ctq/operators/batch_normalization.hpp
// batch_normalization: per-channel scale and shift from statistics; the passes fold it into a neighbour or turn it
// into a depthwise convolution, so it has no integer meaning of its own.
// room: operators | runs on: all | heap: no

namespace ctq::inline CTQ_TARGET::op {

/// Inputs: x, then gamma, beta, mean and variance, one value a channel each.
struct batch_normalization {
    static constexpr std::string_view name = "batch_normalization";
    static constexpr std::string_view cpp_name = "ctq::op::batch_normalization";
    static constexpr std::string_view runs_as = "folded, or a depthwise convolution";
    static constexpr operator_traits traits{.is_element_wise = true};

    float epsilon = 1e-5f;
    std::int32_t axis = 1; ///< the channel axis

    static constexpr auto channel_axis = &batch_normalization::axis;
    static constexpr auto attributes = attribute_list{attribute{"epsilon", &batch_normalization::epsilon},
                                                      attribute{"axis", &batch_normalization::axis}};

    friend constexpr bool operator==(const batch_normalization&, const batch_normalization&) = default;

    constexpr shape output_shape(shapes in) const {
        require(in.size() == 5, "batch_normalization takes a tensor, gamma, beta, mean and variance");
        const int along = in[0].normalized_axis(axis);
        for (std::size_t i = 1; i < 5; ++i)
            require(in[i].rank == 1 && in[i][0] == in[0][along],
                    "gamma, beta, mean and variance must have one value a channel");
        return in[0];
    }

    /// What the layer multiplies a channel with, and what it then adds. `statistics`: gamma, beta, mean and
    /// variance.
    constexpr affine of_channel(std::span<const float> statistics) const {
        const float gamma = statistics[0], beta = statistics[1], mean = statistics[2], variance = statistics[3];
        const double spread = static_cast<double>(variance) + static_cast<double>(epsilon);
        require(variance >= 0 && spread > 0, "variances must not be negative, nor variance + epsilon zero");
        const double scale = static_cast<double>(gamma) / elementary::sqrt(spread);
        return {scale, static_cast<double>(beta) - exact(static_cast<double>(mean) * scale)};
    }

    constexpr void compute(const_tensors in, tensors out) const {
        const shape& of = in[0].shape();
        const int along = of.normalized_axis(axis);
        const auto channels = static_cast<std::size_t>(of[along]);
        const auto inner = static_cast<std::size_t>(of.elements(along + 1, of.rank));
        for (std::size_t i = 0; i < out[0].size(); ++i) {
            const std::size_t channel = i / inner % channels;
            const std::array statistics{in[1].as<float>()[channel], in[2].as<float>()[channel],
                                        in[3].as<float>()[channel], in[4].as<float>()[channel]};
            const affine map = of_channel(statistics);
            out[0].as<float>()[i] = static_cast<float>(
                multiply_add_unfused(static_cast<double>(in[0].as<float>()[i]), map.scale, map.shift));
        }
    }

    constexpr batch_normalization permuted(std::span<const std::int32_t> permutation) const {
        const auto rank = static_cast<std::int32_t>(permutation.size());
        return {epsilon, permuted_axis(axis < 0 ? axis + rank : axis, permutation)};
    }
};

} // namespace ctq::inline CTQ_TARGET::op
#endif

#if !defined(CTQ_HAS_OPERATORS_CAST) && (defined(CTQ_ALL_OPERATORS) || \
    defined(CTQ_USES_CAST))
#define CTQ_HAS_OPERATORS_CAST
// ---- ctq/operators/cast.hpp
// cast: the same numbers in another element type.
// room: operators | runs on: all | heap: no

namespace ctq::inline CTQ_TARGET::op {

/// Input of any type and shape, output of type `to`. Of reals the integer towards zero, or the nearest that the type
/// has, 0 for NaN; of integers that are too wide the low bits; of booleans 0 and 1; as a boolean, whether it is not 0.
struct cast {
    static constexpr std::string_view name = "cast";
    static constexpr std::string_view cpp_name = "ctq::op::cast";
    static constexpr operator_traits traits{
        .operands = element_types::all, .adds_nothing = true, .is_element_wise = true, .aligns_operands = true};

    dtype to = dtype::float32;

    static constexpr auto attributes = attribute_list{attribute{"to", &cast::to}};

    friend constexpr bool operator==(const cast&, const cast&) = default;

  private:
    // Defined first: clang (docs/design.md, section 1).
    /// The integer of a type with these limits; the higher one may be rounded up to a power of two.
    static constexpr std::int64_t truncated(float value, std::int64_t low, std::int64_t high) {
        if (value != value) return 0;
        if (value <= static_cast<float>(low)) return low;
        return value >= static_cast<float>(high) ? high : static_cast<std::int64_t>(value);
    }

    static constexpr std::int64_t integer_in(dtype type, float value) {
        if (type == dtype::int64)
            return truncated(value, std::numeric_limits<std::int64_t>::min(), std::numeric_limits<std::int64_t>::max());
        const limits range = limits_of(type);
        return truncated(value, range.low, range.high);
    }
    static constexpr std::int64_t integer_in(dtype, std::int64_t value) { return value; }

    template <class Number> static constexpr void store(const tensor& out, std::size_t i, Number value) {
        with_element_type(out.facts.type, [&](auto each) {
            using type = decltype(each);
            if constexpr (std::is_same_v<type, float>)
                out.as<float>()[i] = static_cast<float>(value);
            else if constexpr (std::is_same_v<type, boolean>)
                out.as<boolean>()[i] = value != 0 ? boolean::yes : boolean::no;
            else if constexpr (std::is_same_v<type, int4_pair>)
                out.as<int4_pair>()[i / 2].set(i, static_cast<std::int32_t>(integer_in(dtype::int4, value) & 15));
            else
                out.as<type>()[i] = static_cast<type>(integer_in(dtype_of<type>, value));
        });
    }

  public:
    constexpr shape output_shape(shapes in) const {
        require(in.size() == 1, "cast takes one input");
        return in[0];
    }
    constexpr dtype output_type(int) const { return to; }

    constexpr void compute(const_tensors in, tensors out) const {
        with_element_type(in[0].facts.type, [&](auto each) {
            using type = decltype(each);
            for (std::size_t i = 0; i < out[0].size(); ++i)
                if constexpr (std::is_same_v<type, float>)
                    store(out[0], i, in[0].as<float>()[i]);
                else
                    store(out[0], i, std::int64_t{read_integer<dtype_of<type>>(in[0].as<type>(), i)});
        });
    }

    constexpr cast permuted(std::span<const std::int32_t>) const { return *this; }
};

} // namespace ctq::inline CTQ_TARGET::op
#endif

#if !defined(CTQ_HAS_CORE_RESCALE) && (defined(CTQ_ALL_OPERATORS) || \
    defined(CTQ_USES_CLIP) || \
    defined(CTQ_USES_GRU) || \
    defined(CTQ_USES_LSTM) || \
    defined(CTQ_USES_RELU) || \
    defined(CTQ_USES_REQUANTIZE) || \
    defined(CTQ_USES_RNN))
#define CTQ_HAS_CORE_RESCALE
// ---- ctq/core/rescale.hpp
// Rescaling: the integers of one quantization as those of another, clamped. The scalar definition of requantize, of a
// ReLU that changes the scale, and of TFLite's QUANTIZE from integers.
// room: core | runs on: all | heap: no | float: only to encode

namespace ctq::inline CTQ_TARGET {

/// The scaling of in / out. Scales are positive and finite.
template <requantizer R> constexpr scaling encode_rescale(const quantization& in, const quantization& out) {
    return R::encode(static_cast<double>(in.scale) / static_cast<double>(out.scale));
}

/// The same with a quotient of float32, as TFLite's RELU, RELU6, RELU_N1_TO_1 and LEAKY_RELU have it.
template <requantizer R> constexpr scaling encode_activation_rescale(const quantization& in, const quantization& out) {
    const float ratio = in.scale / out.scale;
    return R::encode(static_cast<double>(ratio));
}

/// (x - zero_in) * s + zero_out, rounded as R rounds, within `range`: the limits of the type or of an activation.
/// |x - zero_in| <= largest_saturating. No scale overflows.
template <requantizer R>
constexpr std::int32_t rescale(std::int32_t x, std::int32_t zero_in, scaling s, std::int32_t zero_out,
                               const limits& range) {
    return range.clamp(apply_saturating<R>(x - zero_in, s, zero_out));
}

} // namespace ctq::inline CTQ_TARGET
#endif

#if !defined(CTQ_HAS_OPERATORS_CLAMPING) && (defined(CTQ_ALL_OPERATORS) || \
    defined(CTQ_USES_CLIP) || \
    defined(CTQ_USES_GRU) || \
    defined(CTQ_USES_LSTM) || \
    defined(CTQ_USES_RELU) || \
    defined(CTQ_USES_RNN))
#define CTQ_HAS_OPERATORS_CLAMPING
// ---- ctq/operators/clamping.hpp
// The integer meaning that relu and clip share where they could not be fused into their producer.
// room: operators | runs on: all | heap: no

namespace ctq::inline CTQ_TARGET::op {

/// What lowering makes of relu and clip.
struct clamp_scaling {
    bool rescales = false; ///< where input and output are not quantized alike
    scaling scale{};       ///< input over output, where it rescales

    static constexpr auto attributes =
        attribute_list{attribute{"rescales", &clamp_scaling::rescales}, attribute{"scale", &clamp_scaling::scale}};
    friend constexpr bool operator==(const clamp_scaling&, const clamp_scaling&) = default;
};

template <signature S, lowering_view Node> constexpr clamp_scaling lower_clamp(Node& node) {
    node.keep(0);
    const quantization &in = node.input(0).quantization, &out = node.output().quantization;
    if (in == out) return {};
    if constexpr (rounded<S>)
        return {true, encode_activation_rescale<requantizer_of<S>>(in, out)};
    else
        fail("a clamp without rounding needs an input and an output of one scale");
}

/// The bounds are the output's range.
template <signature S>
constexpr void clamp_integers(const clamp_scaling& with, const const_tensor& in, const tensor& out) {
    using stored = element<S.x>;
    const stored* from = in.as<stored>();
    stored* to = out.as<stored>();
    if constexpr (rounded<S>)
        if (with.rescales) {
            for (std::size_t i = 0; i < out.size(); ++i)
                to[i] = static_cast<stored>(rescale<requantizer_of<S>>(from[i], in.zero_point(), with.scale,
                                                                       out.zero_point(), out.facts.range));
            return;
        }
    for (std::size_t i = 0; i < out.size(); ++i) to[i] = static_cast<stored>(out.facts.range.clamp(from[i]));
}

/// True when no integer of the input is farther from its zero point than the change of scale takes.
constexpr bool clamp_fits(const clamp_scaling& with, const tensor_facts& in) {
    return !with.rescales || farthest_from_zero(in) <= largest_saturating;
}

} // namespace ctq::inline CTQ_TARGET::op
#endif

#if !defined(CTQ_HAS_OPERATORS_CLIP) && (defined(CTQ_ALL_OPERATORS) || \
    defined(CTQ_USES_CLIP))
#define CTQ_HAS_OPERATORS_CLIP
// ---- ctq/operators/clip.hpp
// clip: min(max(x, low), high); ReLU6 among others.
// room: operators | runs on: all | heap: no

namespace ctq::inline CTQ_TARGET::op {

/// A real within `to`, which may be open at either end. Integer meaning: the input's integer within the nearest of each
/// bound, exact; requantized first where the output has a scale of its own.
struct clip {
    static constexpr std::string_view name = "clip";
    static constexpr std::string_view cpp_name = "ctq::op::clip";
    static constexpr operator_traits traits{.output_range = range_rule::same_as_input};

    bounds to{};

    static constexpr auto attributes = attribute_list{attribute{"to", &clip::to}};

    friend constexpr bool operator==(const clip&, const clip&) = default;

    using lowered = clamp_scaling;

    constexpr bounds activation_bounds() const { return to; }
    constexpr float operator()(float x) const { return to.clamp(x); }

    template <signature S>
    requires same_stored_types<S>
    constexpr void compute_integer(const lowered& with, const_tensors in, tensors out) const {
        clamp_integers<S>(with, in[0], out[0]);
    }

    template <signature S>
    requires same_stored_types<S>
    constexpr bool never_overflows(const lowered& with, const_tensors in, const tensor_facts&) const {
        return clamp_fits(with, in[0].facts);
    }

    template <signature S, lowering_view Node>
    requires same_stored_types<S>
    constexpr lowered lower(Node& node) const { return lower_clamp<S>(node); }
};

} // namespace ctq::inline CTQ_TARGET::op
#endif

#if !defined(CTQ_HAS_OPERATORS_COMPARE) && (defined(CTQ_ALL_OPERATORS) || \
    defined(CTQ_USES_COMPARE))
#define CTQ_HAS_OPERATORS_COMPARE
// ---- ctq/operators/compare.hpp
// compare: for each pair of elements of two tensors, broadcast, whether they are in a relation.
// room: operators | runs on: all | heap: no

namespace ctq::inline CTQ_TARGET::op {

/// What is asked of a pair. The others are these with the operands the other way round.
enum class relation : std::uint8_t { equal, less, less_or_equal };

/// Inputs: a and b of one type, broadcast as ONNX does. Output: booleans, whether a is to b as `asked`. NaN is nothing
/// to anything.
struct compare {
    static constexpr std::string_view name = "compare";
    static constexpr std::string_view cpp_name = "ctq::op::compare";
    static constexpr operator_traits traits{
        .operands = element_types::all, .adds_nothing = true, .is_element_wise = true, .aligns_operands = true};

    relation asked = relation::equal;

    static constexpr auto attributes = attribute_list{attribute{"asked", &compare::asked}};

    friend constexpr bool operator==(const compare&, const compare&) = default;

    constexpr shape output_shape(shapes in) const {
        require(in.size() == 2, "compare takes two inputs");
        return broadcast(in[0], in[1]);
    }
    constexpr dtype output_type(int) const { return dtype::boolean; }

    constexpr void compute(const_tensors in, tensors out) const {
        with_entry_type(in[0].facts.type, [&](auto each) {
            for_each_pair_of<decltype(each)>(in, out[0], [&](auto a, auto b) {
                const bool holds = asked == relation::equal ? a == b : asked == relation::less ? a < b : a <= b;
                return holds ? boolean::yes : boolean::no;
            });
        });
    }

    constexpr compare permuted(std::span<const std::int32_t>) const { return *this; }
};

} // namespace ctq::inline CTQ_TARGET::op
#endif

#if !defined(CTQ_HAS_OPERATORS_CONCAT) && (defined(CTQ_ALL_OPERATORS) || \
    defined(CTQ_USES_CONCAT))
#define CTQ_HAS_OPERATORS_CONCAT
// ---- ctq/operators/concat.hpp
// concat: tensors joined along one axis.
// room: operators | runs on: all | heap: no

namespace ctq::inline CTQ_TARGET::op {

/// Integer meaning: a copy. Quantization gives all inputs and the output one scale and zero point.
struct concat {
    static constexpr std::string_view name = "concat";
    static constexpr std::string_view cpp_name = "ctq::op::concat";
    static constexpr operator_traits traits{.operands = element_types::all,
                                            .output_range = range_rule::same_as_input,
                                            .adds_nothing = true,
                                            .aligns_operands = true};

    std::int32_t axis = -1;

    static constexpr auto attributes = attribute_list{attribute{"axis", &concat::axis}};

    friend constexpr bool operator==(const concat&, const concat&) = default;

  private:
    // Defined first: clang (docs/design.md, section 1).
    template <class T> constexpr void join(const_tensors in, const tensor& out) const {
        const int along = out.shape().normalized_axis(axis);
        const auto outer = static_cast<std::size_t>(out.shape().elements(0, along));
        const auto whole = static_cast<std::size_t>(out.shape().elements(along, out.shape().rank));
        std::size_t start = 0;
        for (const const_tensor& part : in) {
            const auto length = static_cast<std::size_t>(part.shape().elements(along, part.shape().rank));
            for (std::size_t o = 0; o < outer; ++o)
                for (std::size_t i = 0; i < length; ++i)
                    out.as<T>()[o * whole + start + i] = part.as<T>()[o * length + i];
            start += length;
        }
    }

  public:
    constexpr shape output_shape(shapes in) const {
        require(!in.empty(), "concat takes at least one input");
        shape result = in[0];
        const int along = result.normalized_axis(axis);
        for (std::size_t i = 1; i < in.size(); ++i) {
            require(in[i].rank == result.rank, "the inputs of concat must have the same number of axes");
            for (int other = 0; other < result.rank; ++other)
                require(other == along || in[i][other] == result[other],
                        "the inputs of concat may differ along its axis only");
            require(in[i][along] <= 2147483647 - result[along], "concat makes an axis too long");
            result[along] += in[i][along];
        }
        return result;
    }

    constexpr void compute(const_tensors in, tensors out) const {
        with_element_type(out[0].facts.type, [&](auto each) { join<decltype(each)>(in, out[0]); });
    }

    template <signature S>
    requires same_stored_types<S>
    constexpr void compute_integer(const_tensors in, tensors out) const { join<element<S.y>>(in, out[0]); }

    constexpr concat permuted(std::span<const std::int32_t> permutation) const {
        const auto rank = static_cast<std::int32_t>(permutation.size());
        return {permuted_axis(axis < 0 ? axis + rank : axis, permutation)};
    }
};

} // namespace ctq::inline CTQ_TARGET::op
#endif

#if !defined(CTQ_HAS_OPERATORS_CONVERSION) && (defined(CTQ_ALL_OPERATORS) || \
    defined(CTQ_USES_DEQUANTIZE) || \
    defined(CTQ_USES_QUANTIZE) || \
    defined(CTQ_USES_REQUANTIZE))
#define CTQ_HAS_OPERATORS_CONVERSION
// ---- ctq/operators/conversion.hpp
// conversion: what quantize, dequantize and requantize share, the nodes that annotate inserts under known scales.
// room: operators | runs on: all | heap: no

namespace ctq::inline CTQ_TARGET::op {

namespace detail {

/// One input, whose reals are the output's.
struct conversion {
    static constexpr auto attributes = no_attributes;

    constexpr shape output_shape(shapes in) const {
        require(in.size() == 1, "a conversion takes one input");
        return in[0];
    }
    constexpr void compute(const_tensors in, tensors out) const {
        for (std::size_t i = 0; i < out[0].size(); ++i) out[0].as<float>()[i] = in[0].as<float>()[i];
    }
    friend constexpr bool operator==(const conversion&, const conversion&) = default;
};

} // namespace detail

} // namespace ctq::inline CTQ_TARGET::op
#endif

#if !defined(CTQ_HAS_OPERATORS_DEQUANTIZE) && (defined(CTQ_ALL_OPERATORS) || \
    defined(CTQ_USES_DEQUANTIZE))
#define CTQ_HAS_OPERATORS_DEQUANTIZE
// ---- ctq/operators/dequantize.hpp
// dequantize: integers to float, at the exits of integer layers.
// room: operators | runs on: all | heap: no

namespace ctq::inline CTQ_TARGET::op {

/// Integers to float32 under the input's scale and zero point.
struct dequantize : detail::conversion {
    static constexpr std::string_view name = "dequantize";
    static constexpr std::string_view cpp_name = "ctq::op::dequantize";
    static constexpr operator_traits traits{.converts = true, .adds_nothing = true};

    template <signature S>
    requires(is_activation(S.x) && S.y == dtype::float32) constexpr void compute_integer(const_tensors in,
                                                                                         tensors out) const {
        for (std::size_t i = 0; i < out[0].size(); ++i)
            out[0].as<float>()[i] = ctq::dequantize(in[0].as<element<S.x>>()[i], in[0].facts.quantization);
    }
};

} // namespace ctq::inline CTQ_TARGET::op
#endif

#if !defined(CTQ_HAS_OPERATORS_DIVIDE) && (defined(CTQ_ALL_OPERATORS) || \
    defined(CTQ_USES_DIVIDE))
#define CTQ_HAS_OPERATORS_DIVIDE
// ---- ctq/operators/divide.hpp
// divide: element-wise quotient of two tensors, broadcast.
// room: operators | runs on: all | heap: no

namespace ctq::inline CTQ_TARGET::op {

/// a / b of reals, of 0 as IEEE 754 has it, in the compiler too, which takes such a division for an error.
constexpr float quotient(float a, float b) {
    if (b != 0 || b != b) return a / b;
    if (a == 0 || a != a) return std::numeric_limits<float>::quiet_NaN();
    constexpr double infinity = std::numeric_limits<double>::infinity();
    const bool is_negative =
        elementary::sign_bit(static_cast<double>(a)) != elementary::sign_bit(static_cast<double>(b));
    return static_cast<float>(is_negative ? -infinity : infinity);
}

/// Inputs: a and b, broadcast as ONNX does. Output: a / b; of integers towards zero, modulo 2^bits, and 0 where b is 0.
/// Integer meaning, where b is constant: a requantized by the scale that each divisor makes of it, rounded once as
/// `requantizer_of<S>` rounds; what is divided by less than 2^-17 of an output's step, by 0 too, saturates.
struct divide {
    static constexpr std::string_view name = "divide";
    static constexpr std::string_view cpp_name = "ctq::op::divide";
    static constexpr operator_traits traits{.operands = element_types::numbers,
                                            .roles = {operand_role::operand, operand_role::parameter},
                                            .in_place = true,
                                            .is_element_wise = true,
                                            .aligns_operands = true};
    static constexpr auto attributes = no_attributes;

    friend constexpr bool operator==(const divide&, const divide&) = default;

  private:
    // Defined first: clang (docs/design.md, section 1).
    /// What lowering makes of the divisors: tables of their shape. A multiplier has the divisor's sign.
    static constexpr std::size_t multiplier = 1, shift = 2;
    template <signature S> using multiplier_type = typename requantizer_of<S>::multiplier_type;

    /// The size of what a divisor multiplies by.
    template <signature S> static constexpr scaling scaling_at(const_tensors in, std::size_t at) {
        const auto signed_multiplier = std::int32_t{in[multiplier].as<multiplier_type<S>>()[at]};
        return {signed_multiplier < 0 ? -signed_multiplier : signed_multiplier, in[shift].as<std::int8_t>()[at]};
    }

    /// Beyond every output, whatever is divided.
    static constexpr double largest_scale = 131072;

  public:
    constexpr shape output_shape(shapes in) const {
        require(in.size() == 2, "divide takes two inputs");
        return broadcast(in[0], in[1]);
    }
    constexpr dtype output_type(dtypes in, int) const {
        require(in.size() == 2 && in[0] == in[1] && contains(traits.operands, in[0]),
                "divide takes two operands of one type of numbers");
        return in[0];
    }

    constexpr void compute(const_tensors in, tensors out) const {
        for_each_pair(in, out[0], []<class T>(T a, T b) {
            if constexpr (std::is_same_v<T, float>)
                return quotient(a, b);
            else
                return wrapped_quotient(a, b);
        });
    }

    template <signature S>
    requires element_wise_signature<S>
    constexpr void compute_integer(const_tensors in, tensors out) const {
        const auto* from = in[0].as<element<S.x>>();
        auto* to = out[0].as<element<S.y>>();
        const auto* multipliers = in[multiplier].as<multiplier_type<S>>();
        for_each_broadcast(out[0].shape(), in[0].shape(), in[multiplier].shape(),
                           [&](std::size_t i, std::size_t at, std::size_t divisor) {
                               const std::int32_t size = from[at] - in[0].zero_point();
                               const std::int32_t scaled = scaled_to<S>(multipliers[divisor] < 0 ? -size : size,
                                                                        scaling_at<S>(in, divisor), out[0].facts);
                               to[i] = static_cast<element<S.y>>(out[0].facts.range.clamp(scaled));
                           });
    }

    template <signature S>
    requires element_wise_signature<S>
    constexpr bool never_overflows(const nothing_lowered&, const_tensors in, const tensor_facts&) const {
        const std::int64_t farthest = farthest_from_zero(in[0].facts);
        for (std::size_t i = 0; i < in[multiplier].size(); ++i)
            if (farthest > room_to_scale<S>(scaling_at<S>(in, i))) return false;
        return true;
    }

    template <signature S, lowering_view Node>
    requires element_wise_signature<S>
    constexpr nothing_lowered lower(Node& node) const {
        const shape& of = node.input(1).shape;
        const auto count = static_cast<std::size_t>(of.elements());
        const float* divisors = node.template constant<float>(1);
        const double ratio = static_cast<double>(node.input(0).quantization.scale) /
                             static_cast<double>(node.output().quantization.scale);
        auto multipliers = node.template list<multiplier_type<S>>(count);
        auto shifts = node.template list<std::int8_t>(count);
        for (std::size_t i = 0; i < count; ++i) {
            const double size = elementary::absolute(static_cast<double>(divisors[i]));
            const scaling s = encode_saturating<S>(size * largest_scale > ratio ? ratio / size : largest_scale);
            multipliers[i] = static_cast<multiplier_type<S>>(divisors[i] < 0 ? -s.multiplier : s.multiplier);
            shifts[i] = static_cast<std::int8_t>(s.shift);
        }
        node.keep(0);
        node.append("multiplier", of, multipliers);
        node.append("shift", of, shifts);
        return {};
    }

    constexpr divide permuted(std::span<const std::int32_t>) const { return *this; }
};

} // namespace ctq::inline CTQ_TARGET::op
#endif

#if !defined(CTQ_HAS_CORE_DYNAMIC_RANGE) && (defined(CTQ_ALL_OPERATORS) || \
    defined(CTQ_USES_DYNAMIC_QUANTIZE))
#define CTQ_HAS_CORE_DYNAMIC_RANGE
// ---- ctq/core/dynamic_range.hpp
// dynamic_range: a scale and a zero point from the reals that they are for, while a network runs; their integers.
// room: core | runs on: all | heap: no | source: ONNX's DynamicQuantizeLinear

namespace ctq::inline CTQ_TARGET {

/// The lowest and highest of the reals and zero. NaN is passed over; an infinity counts as the largest float.
constexpr bounds measured_range(std::span<const float> reals) {
    constexpr bounds finite{std::numeric_limits<float>::lowest(), std::numeric_limits<float>::max()};
    bounds range{0.0f, 0.0f};
    for (const float real : reals) range = {real < range.low ? real : range.low, real > range.high ? real : range.high};
    return {finite.clamp(range.low), finite.clamp(range.high)};
}

/// The integers that a scale measured at run time is for: all of uint8, and those of int8 that lie evenly about zero.
constexpr limits dynamic_limits(dtype type) {
    return type == dtype::int8 ? limits{-127, 127} : limits_of(type);
}

/// The quantization of reals within `range`, which contains zero, as int8 (the zero point is 0) or uint8. The scale is
/// 1 where the range is empty, and never below 1e-30, so that quotients and products of scales stay finite.
constexpr quantization dynamic_quantization(dtype type, const bounds& range) {
    if (range.low == range.high) return {1.0f, 0};
    constexpr float least = 1.0e-30f;
    if (type == dtype::int8) {
        const float scale = (-range.low > range.high ? -range.low : range.high) / 127.0f;
        return {scale < least ? least : scale, 0};
    }
    // In double the difference cannot overflow, and rounds to the float that ONNX's own subtraction gives.
    const double difference = static_cast<double>(range.high) - static_cast<double>(range.low);
    const bool fits = difference <= static_cast<double>(std::numeric_limits<float>::max());
    const float scale = fits ? static_cast<float>(difference) / 255.0f : static_cast<float>(difference / 255.0);
    const quantization q{scale < least ? least : scale, 0};
    return {q.scale, limits_of(dtype::uint8).clamp(nearest_int31(-range.low / q.scale))};
}

/// round(real / scale) + zero_point, halves to even, within `range`: by a true quotient, as ONNX states it. NaN gives
/// the zero point.
constexpr std::int32_t quantize_by_quotient(float real, const quantization& q, const limits& range) {
    return range.clamp(nearest_int31(real / q.scale) + q.zero_point);
}

} // namespace ctq::inline CTQ_TARGET
#endif

#if !defined(CTQ_HAS_OPERATORS_DYNAMIC_QUANTIZE) && (defined(CTQ_ALL_OPERATORS) || \
    defined(CTQ_USES_DYNAMIC_QUANTIZE))
#define CTQ_HAS_OPERATORS_DYNAMIC_QUANTIZE
// ---- ctq/operators/dynamic_quantize.hpp
// dynamic_quantize: float32 to int8 or uint8 under a scale that is measured on the tensor itself, each time it runs.
// room: operators | runs on: all | heap: no | source: ONNX's DynamicQuantizeLinear, which is its form for uint8

namespace ctq::inline CTQ_TARGET::op {

/// Input: x of any shape, float32. Outputs: its integers; the scale, a float32 scalar; the zero point, an int32 scalar,
/// 0 for int8. The float meaning is that of the other conversions: the reals themselves, under a scale of 1.
/// Cost: two passes over the elements and a division for each.
struct dynamic_quantize {
    static constexpr std::string_view name = "dynamic_quantize";
    static constexpr std::string_view cpp_name = "ctq::op::dynamic_quantize";
    static constexpr auto attributes = no_attributes;
    static constexpr operator_traits traits{.converts = true, .adds_nothing = true};

    friend constexpr bool operator==(const dynamic_quantize&, const dynamic_quantize&) = default;

    constexpr int output_count() const { return 3; }
    constexpr shape output_shape(shapes in, int which) const {
        require(in.size() == 1, "a conversion takes one input");
        return which == 0 ? in[0] : shape{};
    }
    constexpr dtype output_type(int which) const { return which == 2 ? dtype::int32 : dtype::float32; }

    constexpr void compute(const_tensors in, tensors out) const {
        for (std::size_t i = 0; i < out[0].size(); ++i) out[0].as<float>()[i] = in[0].as<float>()[i];
        out[1].as<float>()[0] = 1.0f;
        out[2].as<std::int32_t>()[0] = 0;
    }

    template <signature S>
    requires(S.x == dtype::float32 && is_byte(S.y) &&
             S.how == rounding::unrounded) constexpr void compute_integer(const_tensors in, tensors out) const {
        const std::span<const float> reals(in[0].as<float>(), in[0].size());
        const quantization q = dynamic_quantization(S.y, measured_range(reals));
        auto* to = out[0].as<element<S.y>>();
        for (const float real : reals)
            *to++ = static_cast<element<S.y>>(quantize_by_quotient(real, q, out[0].facts.range));
        out[1].as<float>()[0] = q.scale;
        out[2].as<std::int32_t>()[0] = q.zero_point;
    }
};

} // namespace ctq::inline CTQ_TARGET::op
#endif

#if !defined(CTQ_HAS_OPERATORS_COPYING) && (defined(CTQ_ALL_OPERATORS) || \
    defined(CTQ_USES_GATHER) || \
    defined(CTQ_USES_IDENTITY) || \
    defined(CTQ_USES_RESHAPE))
#define CTQ_HAS_OPERATORS_COPYING
// ---- ctq/operators/copying.hpp
// Operators that move elements and compute nothing: one body for every element type.
// room: operators | runs on: all | heap: no

namespace ctq::inline CTQ_TARGET::op {

/// to[at] = from[source], elements of a tensor; two int4 share an entry.
template <class Element>
constexpr void copy_element(const Element* from, std::size_t source, Element* to, std::size_t at) {
    if constexpr (std::is_same_v<Element, int4_pair>)
        to[at / 2].set(at, from[source / 2][source]);
    else
        to[at] = from[source];
}

/// out[i] = in[i] for tensors whose elements are stored as `Element`.
template <class Element> constexpr void copy_elements(const const_tensor& in, const tensor& out) {
    const Element* from = in.as<Element>();
    Element* to = out.as<Element>();
    if (from == to) return;
    const std::size_t entries = entries_of(out.facts.type, out.size());
    for (std::size_t i = 0; i < entries; ++i) to[i] = from[i];
}

/// The same for tensors of one element type, whichever it is.
constexpr void copy_elements(const const_tensor& in, const tensor& out) {
    with_element_type(out.facts.type, [&](auto each) { copy_elements<decltype(each)>(in, out); });
}

} // namespace ctq::inline CTQ_TARGET::op
#endif

#if !defined(CTQ_HAS_OPERATORS_GATHER) && (defined(CTQ_ALL_OPERATORS) || \
    defined(CTQ_USES_GATHER))
#define CTQ_HAS_OPERATORS_GATHER
// ---- ctq/operators/gather.hpp
// gather: the entries of a tensor along one axis that a list of indices names: rows of a table, channels in an order.
// room: operators | runs on: all | heap: no

namespace ctq::inline CTQ_TARGET::op {

/// Inputs: data and indices, int32 or int64 of any rank. Output: the data's shape with the indices' in place of `axis`,
/// each index replaced by the entries there. An index below 0 counts from the end; one that is outside of the axis is
/// the nearest that is inside. Integer meaning: the same, exact. Cost: one read and one write an element of the output.
struct gather {
    static constexpr std::string_view name = "gather";
    static constexpr std::string_view cpp_name = "ctq::op::gather";
    static constexpr operator_traits traits{.operands = element_types::all,
                                            .output_range = range_rule::same_as_input,
                                            .roles = {operand_role::operand, operand_role::positions},
                                            .moves_elements = true};

    std::int32_t axis = 0;

    static constexpr auto attributes = attribute_list{attribute{"axis", &gather::axis}};

    friend constexpr bool operator==(const gather&, const gather&) = default;

  private:
    // Defined first: clang (docs/design.md, section 1).
    /// Where entry `index` of so many stands.
    static constexpr std::int64_t place_of(std::int64_t index, std::int64_t extent) {
        return clamp_to<std::int64_t>(index < 0 ? index + extent : index, 0, extent - 1);
    }

    template <class T> constexpr void pick(const_tensors in, const tensor& out) const {
        const shape& from = in[0].shape();
        const int along = from.normalized_axis(axis);
        const std::int64_t outer = from.elements(0, along), inner = from.elements(along + 1, from.rank);
        const bool is_narrow = in[1].facts.type == dtype::int32;
        std::size_t to = 0;
        for (std::int64_t o = 0; o < outer; ++o)
            for (std::size_t i = 0; i < in[1].size(); ++i) {
                const std::int64_t index = is_narrow ? in[1].as<std::int32_t>()[i] : in[1].as<std::int64_t>()[i];
                auto at = static_cast<std::size_t>((o * from[along] + place_of(index, from[along])) * inner);
                for (std::int64_t k = 0; k < inner; ++k) copy_element(in[0].as<T>(), at++, out.as<T>(), to++);
            }
    }

  public:
    constexpr shape output_shape(shapes in) const {
        require(in.size() == 2, "gather takes data and indices");
        const int along = in[0].normalized_axis(axis);
        require(in[0][along] > 0 || in[1].elements() == 0, "an axis without entries has none to gather");
        shape result;
        for (int i = 0; i < along; ++i) result.append(in[0][i]);
        for (int i = 0; i < in[1].rank; ++i) result.append(in[1][i]);
        for (int i = along + 1; i < in[0].rank; ++i) result.append(in[0][i]);
        return result;
    }

    constexpr std::int64_t places(shapes in) const { return in[0][in[0].normalized_axis(axis)]; }

    constexpr void compute(const_tensors in, tensors out) const {
        with_element_type(out[0].facts.type, [&](auto each) { pick<decltype(each)>(in, out[0]); });
    }

    template <signature S>
    requires same_stored_types<S>
    constexpr void compute_integer(const_tensors in, tensors out) const { pick<element<S.y>>(in, out[0]); }
};

} // namespace ctq::inline CTQ_TARGET::op
#endif

#if !defined(CTQ_HAS_OPERATORS_LEAKY_RELU) && (defined(CTQ_ALL_OPERATORS) || \
    defined(CTQ_USES_GRU) || \
    defined(CTQ_USES_LEAKY_RELU) || \
    defined(CTQ_USES_LSTM) || \
    defined(CTQ_USES_RNN))
#define CTQ_HAS_OPERATORS_LEAKY_RELU
// ---- ctq/operators/leaky_relu.hpp
// leaky_relu: x where it is positive, else a part of it.
// room: operators | runs on: all | heap: no

namespace ctq::inline CTQ_TARGET::op {

/// max(0, x) + alpha * min(0, x). Integer meaning: x less its zero point, rescaled by one of two multipliers; under
/// TFLite's rounding its LEAKY_RELU.
struct leaky_relu {
    static constexpr std::string_view name = "leaky_relu";
    static constexpr std::string_view cpp_name = "ctq::op::leaky_relu";

    float alpha = 0.01f; ///< the slope below 0, finite

    static constexpr auto attributes = attribute_list{attribute{"alpha", &leaky_relu::alpha}};

    friend constexpr bool operator==(const leaky_relu&, const leaky_relu&) = default;

    struct lowered {
        scaling above, below; ///< below 0: of the magnitude, by that of alpha

        static constexpr auto attributes =
            attribute_list{attribute{"above", &lowered::above}, attribute{"below", &lowered::below}};
        friend constexpr bool operator==(const lowered&, const lowered&) = default;
    };

    constexpr float operator()(float x) const { return x < 0 ? alpha * x : x; }

    template <signature S>
    requires element_wise_signature<S>
    constexpr void compute_integer(const lowered& with, const_tensors in, tensors out) const {
        for (std::size_t i = 0; i < out[0].size(); ++i) {
            const std::int32_t x = in[0].as<element<S.x>>()[i] - in[0].zero_point(), zero = out[0].zero_point();
            const std::int32_t y = x >= 0 ? apply_saturating<requantizer_of<S>>(x, with.above, zero)
                                          : apply_saturating<requantizer_of<S>>(alpha < 0 ? -x : x, with.below, zero);
            out[0].as<element<S.y>>()[i] = static_cast<element<S.y>>(out[0].facts.range.clamp(y));
        }
    }

    template <signature S>
    requires element_wise_signature<S>
    constexpr bool never_overflows(const lowered&, const_tensors in, const tensor_facts&) const {
        return farthest_from_zero(in[0].facts) <= largest_saturating;
    }

    /// The factors are quotients of float32, as TFLite has them.
    template <signature S, lowering_view Node>
    requires element_wise_signature<S>
    constexpr lowered lower(Node& node) const {
        require(elementary::is_finite(alpha), "the slope of leaky_relu must be finite");
        node.keep(0);
        const float in = node.input(0).quantization.scale, out = node.output().quantization.scale;
        const float above = in / out, below = exact(in * elementary::absolute(alpha)) / out;
        return {encode_saturating<S>(static_cast<double>(above)), encode_saturating<S>(static_cast<double>(below))};
    }
};

} // namespace ctq::inline CTQ_TARGET::op
#endif

#if !defined(CTQ_HAS_OPERATORS_RELU) && (defined(CTQ_ALL_OPERATORS) || \
    defined(CTQ_USES_GRU) || \
    defined(CTQ_USES_LSTM) || \
    defined(CTQ_USES_RELU) || \
    defined(CTQ_USES_RNN))
#define CTQ_HAS_OPERATORS_RELU
// ---- ctq/operators/relu.hpp
// relu: max(x, 0).
// room: operators | runs on: all | heap: no

namespace ctq::inline CTQ_TARGET::op {

/// The larger of a real and zero. Integer meaning: the larger of the input's integer and its zero point, exact;
/// requantized first where the output has a scale of its own.
struct relu {
    static constexpr std::string_view name = "relu";
    static constexpr std::string_view cpp_name = "ctq::op::relu";
    static constexpr operator_traits traits{.output_range = range_rule::same_as_input};

    static constexpr auto attributes = no_attributes;

    friend constexpr bool operator==(const relu&, const relu&) = default;

    using lowered = clamp_scaling;

    constexpr bounds activation_bounds() const { return bounds::relu(); }
    constexpr float operator()(float x) const { return bounds::relu().clamp(x); }

    template <signature S>
    requires same_stored_types<S>
    constexpr void compute_integer(const lowered& with, const_tensors in, tensors out) const {
        clamp_integers<S>(with, in[0], out[0]);
    }

    template <signature S>
    requires same_stored_types<S>
    constexpr bool never_overflows(const lowered& with, const_tensors in, const tensor_facts&) const {
        return clamp_fits(with, in[0].facts);
    }

    template <signature S, lowering_view Node>
    requires same_stored_types<S>
    constexpr lowered lower(Node& node) const { return lower_clamp<S>(node); }
};

} // namespace ctq::inline CTQ_TARGET::op
#endif

#if !defined(CTQ_HAS_CORE_LOGISTIC_INT16) && (defined(CTQ_ALL_OPERATORS) || \
    defined(CTQ_USES_GRU) || \
    defined(CTQ_USES_LSTM) || \
    defined(CTQ_USES_RNN) || \
    defined(CTQ_USES_SIGMOID) || \
    defined(CTQ_USES_TANH))
#define CTQ_HAS_CORE_LOGISTIC_INT16
// ---- ctq/core/logistic_int16.hpp
// The logistic function and the hyperbolic tangent on int16, from one table of 256 values, bit for bit TFLite's.
// room: core | runs on: all | heap: no | float: only in encode and in the table, which the compiler makes

namespace ctq::inline CTQ_TARGET {

namespace detail {

/// The logistic function at i / 24 in units of 2^-16, rounded. TFLite's own table is one unit above that at 44 entries:
/// a fact of the format, not an error here.
template <class Real> constexpr std::array<std::uint16_t, 256> make_logistic_table() {
    constexpr std::uint8_t one_above[] = {4,  8,  12, 14, 15, 16, 17, 19, 20,  21,  22,  25,  27,  28, 29,
                                          30, 31, 33, 34, 35, 37, 39, 40, 41,  43,  44,  45,  46,  49, 50,
                                          54, 62, 63, 64, 66, 82, 86, 93, 100, 103, 112, 116, 135, 255};
    std::array<std::uint16_t, 256> table{};
    for (std::size_t i = 0; i < table.size(); ++i) {
        const Real value = Real{65536} * elementary::logistic(static_cast<Real>(i) / Real{24});
        const Real nearest = elementary::round_half_away(value);
        table[i] = static_cast<std::uint16_t>(nearest > 65535.0 ? 65535.0 : nearest);
    }
    for (const std::uint8_t i : one_above) ++table[i];
    return table;
}

/// A template, and so is what reads the table: only programs that use it make it.
template <class Real = double>
inline constexpr std::array<std::uint16_t, 256> logistic_table = make_logistic_table<Real>();

/// x in units of 2^-12 / 3, with which 256 entries of 1/24 reach 10.7. |x * multiplier| <= 2^31 - 2^15.
constexpr std::int32_t to_table_units(std::int16_t x, scaling s) {
    return rounding_shift_right(x * s.multiplier, s.shift);
}

/// The table read at `magnitude` >= 0, linearly between its entries, in units of 2^-(16 + fraction_bits).
/// fraction_bits: of one table entry's width. `end`: the value from the last entry on.
template <class Real = double>
constexpr std::int32_t read_logistic_table(std::int32_t magnitude, int fraction_bits, std::int32_t end) {
    const auto entry = static_cast<std::size_t>(magnitude >> fraction_bits);
    if (entry >= 255) return end;
    const std::int32_t from = logistic_table<Real>[entry], to = logistic_table<Real>[entry + 1];
    return (from << fraction_bits) + (magnitude & ((1 << fraction_bits) - 1)) * (to - from);
}

/// The multiplier of a scale that is no power of two: scale * 3 * 2^12 doubled into 2^14 .. 2^15 and truncated. A scale
/// of 16 / 3 or more (TFLite overflows) is taken for 16 / 3.
constexpr scaling encode_table_units(double scale) {
    require(scale > 0.0 && elementary::is_finite(scale), "logistic: an input scale must be positive and finite");
    double multiplier = scale * 12288.0;
    std::int32_t shift = 0;
    for (; multiplier <= 16383.5 && shift <= 30; ++shift) multiplier *= 2.0;
    return {static_cast<std::int32_t>(multiplier < 65535.0 ? multiplier : 65535.0), shift};
}

} // namespace detail

/// The parameters of logistic_int16 for an input scale, positive and finite. A scale of 2^-12 is exact.
constexpr scaling encode_logistic_int16(double input_scale) {
    return near_power_of_two(input_scale) == -12 ? scaling{3, 0} : detail::encode_table_units(input_scale);
}

/// The parameters of tanh_int16. Scales of 2^-12 and 2^-11 are exact.
constexpr scaling encode_tanh_int16(double input_scale) {
    const auto exponent = near_power_of_two(input_scale);
    if (exponent == -12 || exponent == -11) return {*exponent == -12 ? 3 : 6, 0};
    return detail::encode_table_units(input_scale);
}

/// 1 / (1 + e^-x): the input symmetric with the scale that was encoded, the output symmetric with scale 2^-15.
/// Integers only. From: TFLite's reference logistic (tested on its results).
template <class Real = double> constexpr std::int16_t logistic_int16(std::int16_t x, scaling s) {
    const std::int32_t units = detail::to_table_units(x, s);
    const std::int32_t half_unit = 1 << 9, one = 1 << 25;
    const std::int32_t value = detail::read_logistic_table<Real>(units < 0 ? -units : units, 9, 32767 << 10);
    const std::int32_t rounded = units < 0 ? one - value + half_unit - 1 : value + half_unit;
    return static_cast<std::int16_t>(rounded >> 10);
}

/// tanh x = 2 logistic(2x) - 1: scales as for logistic_int16. From: TFLite's reference tanh (tested on its results).
template <class Real = double> constexpr std::int16_t tanh_int16(std::int16_t x, scaling s) {
    const std::int32_t units = detail::to_table_units(x, s);
    const std::int32_t half_unit = 1 << 7, one_half = 1 << 23;
    const std::int32_t value = detail::read_logistic_table<Real>(units < 0 ? -units : units, 8, 65535 << 8);
    const std::int32_t rounded = units < 0 ? one_half - value + half_unit - 1 : value - one_half + half_unit;
    return static_cast<std::int16_t>(rounded >> 8);
}

} // namespace ctq::inline CTQ_TARGET
#endif

#if !defined(CTQ_HAS_OPERATORS_FIXED_INT16) && (defined(CTQ_ALL_OPERATORS) || \
    defined(CTQ_USES_GRU) || \
    defined(CTQ_USES_LSTM) || \
    defined(CTQ_USES_RNN) || \
    defined(CTQ_USES_SIGMOID) || \
    defined(CTQ_USES_SOFTMAX) || \
    defined(CTQ_USES_TANH))
#define CTQ_HAS_OPERATORS_FIXED_INT16
// ---- ctq/operators/fixed_int16.hpp
// What operators share whose int16 meaning is TFLite's fixed format: inputs with zero point 0, outputs of scale 2^-15.
// room: operators | runs on: all | heap: no

namespace ctq::inline CTQ_TARGET::op::fixed_int16 {

template <signature S>
concept signature_of_function = S.x == dtype::int16&& S.y == dtype::int16;

/// double, said in a way that depends on the signature: what is called without that, clang instantiates where it reads
/// the call, and evaluates the tables of 16 bits for a network of bytes (2 s).
template <signature S> using real = std::conditional_t<signature_of_function<S>, double, void>;

struct lowered {
    scaling scale{}; ///< of the input, where it is int16

    static constexpr auto attributes = attribute_list{attribute{"scale", &lowered::scale}};
    friend constexpr bool operator==(const lowered&, const lowered&) = default;
};

/// Faults where a rule gave the tensors other parameters than the format's.
constexpr void check(const tensor_facts& in, const tensor_facts& out) {
    require(in.quantization.zero_point == 0 && out.quantization == quantization{1.0f / 32768.0f, 0},
            "in int16 this operator needs inputs with zero point 0 and outputs of scale 2^-15; exclude the layer");
}

/// Lowers a function of one int16; `encode` makes its parameter of the input's scale.
template <class Encode, lowering_view Node> constexpr lowered lower(Encode encode, Node& node) {
    check(node.input(0), node.output());
    node.keep(0);
    return {encode(static_cast<double>(node.input(0).quantization.scale))};
}

/// to[i] = function(from[i], scale).
template <class Function>
constexpr void apply(Function function, const lowered& with, const const_tensor& in, const tensor& out) {
    for (std::size_t i = 0; i < out.size(); ++i)
        out.as<std::int16_t>()[i] = function(in.as<std::int16_t>()[i], with.scale);
}

} // namespace ctq::inline CTQ_TARGET::op::fixed_int16
#endif

#if !defined(CTQ_HAS_OPERATORS_SIGMOID) && (defined(CTQ_ALL_OPERATORS) || \
    defined(CTQ_USES_GRU) || \
    defined(CTQ_USES_LSTM) || \
    defined(CTQ_USES_RNN) || \
    defined(CTQ_USES_SIGMOID))
#define CTQ_HAS_OPERATORS_SIGMOID
// ---- ctq/operators/sigmoid.hpp
// sigmoid: 1 / (1 + exp(-x)).
// room: operators | runs on: all | heap: no

namespace ctq::inline CTQ_TARGET::op {

/// 1 / (1 + exp(-x)); the output's scale is fixed, [0, 1) as `unit_interval` has it. Integer meaning: in 8 bits a table
/// of the nearest integers; in int16 core/logistic_int16.hpp, TFLite's arithmetic, which states the error.
struct sigmoid {
    static constexpr std::string_view name = "sigmoid";
    static constexpr std::string_view cpp_name = "ctq::op::sigmoid";
    // It adds nothing: in int16 the format bounds it, else it is a table.
    static constexpr operator_traits traits{.output_range = range_rule::fixed, .adds_nothing = true};
    static constexpr auto attributes = no_attributes;

    friend constexpr bool operator==(const sigmoid&, const sigmoid&) = default;

    using lowered = fixed_int16::lowered;

    static constexpr bounds output_bounds(dtype type) { return unit_interval(type); }
    constexpr float operator()(float x) const {
        return static_cast<float>(elementary::logistic(static_cast<double>(x)));
    }

    template <signature S>
    requires fixed_int16::signature_of_function<S>
    constexpr void compute_integer(const lowered& with, const_tensors in, tensors out) const {
        fixed_int16::apply(logistic_int16<fixed_int16::real<S>>, with, in[0], out[0]);
    }

    template <signature S, lowering_view Node>
    requires fixed_int16::signature_of_function<S>
    constexpr lowered lower(Node& node) const { return fixed_int16::lower(encode_logistic_int16, node); }
};

} // namespace ctq::inline CTQ_TARGET::op
#endif

#if !defined(CTQ_HAS_OPERATORS_TANH) && (defined(CTQ_ALL_OPERATORS) || \
    defined(CTQ_USES_GRU) || \
    defined(CTQ_USES_LSTM) || \
    defined(CTQ_USES_RNN) || \
    defined(CTQ_USES_TANH))
#define CTQ_HAS_OPERATORS_TANH
// ---- ctq/operators/tanh.hpp
// tanh: the hyperbolic tangent.
// room: operators | runs on: all | heap: no

namespace ctq::inline CTQ_TARGET::op {

/// The hyperbolic tangent; the output's scale is fixed, see output_bounds. Integer meaning: in 8 bits a table of the
/// nearest integers; in int16 core/logistic_int16.hpp, TFLite's arithmetic, which states the error.
struct tanh {
    static constexpr std::string_view name = "tanh";
    static constexpr std::string_view cpp_name = "ctq::op::tanh";
    // It adds nothing: in int16 the format bounds it, else it is a table.
    static constexpr operator_traits traits{.output_range = range_rule::fixed, .adds_nothing = true};
    static constexpr auto attributes = no_attributes;

    friend constexpr bool operator==(const tanh&, const tanh&) = default;

    using lowered = fixed_int16::lowered;

    /// Steps of 1/128 around zero point 0 in 8 bits, of 2^-15 in 16, as TFLite fixes it; in 32 both ends.
    static constexpr bounds output_bounds(dtype type) {
        if (is_byte(type)) return {-1.0f, 127.0f / 128.0f};
        return {-unit_interval(type).high, unit_interval(type).high};
    }
    constexpr float operator()(float x) const { return static_cast<float>(elementary::tanh(static_cast<double>(x))); }

    template <signature S>
    requires fixed_int16::signature_of_function<S>
    constexpr void compute_integer(const lowered& with, const_tensors in, tensors out) const {
        fixed_int16::apply(tanh_int16<fixed_int16::real<S>>, with, in[0], out[0]);
    }

    template <signature S, lowering_view Node>
    requires fixed_int16::signature_of_function<S>
    constexpr lowered lower(Node& node) const { return fixed_int16::lower(encode_tanh_int16, node); }
};

} // namespace ctq::inline CTQ_TARGET::op
#endif

#if !defined(CTQ_HAS_OPERATORS_RECURRENT) && (defined(CTQ_ALL_OPERATORS) || \
    defined(CTQ_USES_GRU) || \
    defined(CTQ_USES_LSTM) || \
    defined(CTQ_USES_RNN))
#define CTQ_HAS_OPERATORS_RECURRENT
// ---- ctq/operators/recurrent.hpp
// recurrent: what layers share that read a sequence a step at a time: the direction, the functions within a cell, the
// walk over the steps, and the sums of products that each gate of each step makes.
// room: operators | runs on: all | heap: no

namespace ctq::inline CTQ_TARGET::op {

/// From which end a sequence is read; bidirectional: from each by a cell of its own.
enum class sequence_direction : std::uint8_t { forward, reverse, bidirectional };

/// A function of one real within a cell.
enum class cell_function : std::uint8_t {
    relu,
    tanh,
    sigmoid,
    affine,           ///< alpha * x + beta
    leaky_relu,       ///< x, below 0 alpha * x
    thresholded_relu, ///< x, below alpha 0
    scaled_tanh,      ///< alpha * tanh(beta * x)
    hard_sigmoid,     ///< alpha * x + beta within 0 and 1
    elu,              ///< x, below 0 alpha * (e^x - 1)
    softsign,         ///< x / (1 + |x|)
    softplus,         ///< log(1 + e^x)
};

/// The function's value, by double steps where it is no line, rounded once.
constexpr float value_of(cell_function function, float x, float alpha, float beta) {
    const auto wide = static_cast<double>(x), a = static_cast<double>(alpha), b = static_cast<double>(beta);
    switch (function) {
    case cell_function::relu:
        return relu{}(x);
    case cell_function::tanh:
        return tanh{}(x);
    case cell_function::sigmoid:
        return sigmoid{}(x);
    case cell_function::affine:
        return multiply_add_unfused(alpha, x, beta);
    case cell_function::leaky_relu:
        return leaky_relu{alpha}(x);
    case cell_function::thresholded_relu:
        return x < alpha ? 0.0f : x;
    case cell_function::scaled_tanh:
        return static_cast<float>(a * elementary::tanh(exact(b * wide)));
    case cell_function::hard_sigmoid:
        return bounds{0.0f, 1.0f}.clamp(multiply_add_unfused(alpha, x, beta));
    case cell_function::elu:
        return x < 0 ? static_cast<float>(a * (elementary::exp(wide) - 1)) : x;
    case cell_function::softsign:
        return static_cast<float>(wide / (1 + elementary::absolute(wide)));
    default:
        return static_cast<float>((x > 0 ? wide : 0) +
                                  elementary::log(1 + elementary::exp(-elementary::absolute(wide))));
    }
}

/// What function `which` of a cell makes of a gate's sum, which the operator clips. Opaque to contraction.
template <class Op> constexpr float gate_of(const Op& op, std::size_t which, float sum) {
    const float clipped = bounds{-op.clip, op.clip}.clamp(sum);
    return exact(value_of(op.functions[which], clipped, op.alpha[which], op.beta[which]));
}

/// The inputs that all recurrent layers have; what others a layer has comes behind.
namespace recurrent {
inline constexpr std::size_t sequence = 0, weights = 1, state_weights = 2, bias = 3, state = 4, inputs = 5;
inline constexpr operator_traits traits{
    .roles = {operand_role::operand, operand_role::parameter, operand_role::parameter, operand_role::parameter}};
} // namespace recurrent

/// The numbers of a recurrent layer.
struct recurrent_extents {
    std::size_t steps, samples, inputs, directions, units;
};

constexpr recurrent_extents extents_of(const shape& sequence, const shape& state_weights) {
    const auto extent = [](const shape& of, int axis) { return static_cast<std::size_t>(of[axis]); };
    return {extent(sequence, 0), extent(sequence, 1), extent(sequence, 2), extent(state_weights, 0),
            extent(state_weights, 2)};
}

constexpr bool has_extents(const shape& of, std::initializer_list<std::int64_t> wanted) {
    if (of.rank != static_cast<int>(wanted.size())) return false;
    int axis = 0;
    for (const std::int64_t each : wanted)
        if (of[axis++] != each) return false;
    return true;
}

/// Faults unless the inputs that all recurrent layers have fit each other, and the operator's numbers are such.
template <class Op> constexpr void check_recurrent(const Op& op, shapes in) {
    const shape &x = in[recurrent::sequence], &r = in[recurrent::state_weights];
    require(x.rank == 3, "a recurrent layer reads a sequence of [steps, samples, inputs]");
    require(r.rank == 3 && r[0] == (op.direction == sequence_direction::bidirectional ? 2 : 1),
            "a recurrent layer's weights are [directions, gates * units, ...]; two directions if it is bidirectional");
    const std::int64_t directions = r[0], units = r[2], rows = Op::gates * units;
    require(has_extents(r, {directions, rows, units}),
            "the weights of a recurrent layer's state are [directions, gates * units, units]");
    require(has_extents(in[recurrent::weights], {directions, rows, x[2]}),
            "the weights of a recurrent layer's inputs are [directions, gates * units, inputs]");
    require(has_extents(in[recurrent::bias], {directions, 2 * rows}),
            "a recurrent layer's bias is [directions, 2 * gates * units]");
    require(has_extents(in[recurrent::state], {directions, x[1], units}),
            "a recurrent layer's initial state is [directions, samples, units]");
    require(op.clip > 0, "a recurrent layer's clip must be positive");
    for (std::size_t i = 0; i < op.functions.size(); ++i)
        require(elementary::is_finite(op.alpha[i]) && elementary::is_finite(op.beta[i]),
                "the alphas and betas of a recurrent layer must be finite");
}

/// The shape of all states of a recurrent layer, [steps, directions, samples, units], or of the last ones.
constexpr shape states_shape(shapes in, bool of_all_steps) {
    const shape& last = in[recurrent::state];
    return of_all_steps ? shape{in[recurrent::sequence][0], last[0], last[1], last[2]} : last;
}

/// From the shape of the sequence and that of all states.
constexpr std::int64_t recurrent_macs(std::int64_t gates, const shape& sequence, const shape& states) {
    return states.elements() * gates * (sequence[2] + states[3]);
}

/// A step of one direction on one sample.
struct recurrent_step {
    std::size_t direction, sequence; ///< sequence: direction and sample as one index, of states
    const float* x;                  ///< the inputs
    const float* before;             ///< the state that the step reads
    float* after;                    ///< the one that it makes
    float* scratch;                  ///< as many reals, of no meaning before or behind
};

/// Calls visit(step) for the steps of each sequence in the order in which it is read, and copies each last state.
/// `out`: all states and the last ones, whose memory is scratch until then.
template <class Visitor>
constexpr void for_each_step(sequence_direction direction, const_tensors in, tensors out, Visitor visit) {
    const recurrent_extents of = extents_of(in[recurrent::sequence].shape(), in[recurrent::state_weights].shape());
    for (std::size_t sequence = 0; sequence < of.directions * of.samples; ++sequence) {
        const std::size_t which = sequence / of.samples, sample = sequence % of.samples;
        const bool backwards = direction == sequence_direction::reverse || which == 1;
        const float* before = in[recurrent::state].as<float>() + sequence * of.units;
        float* last = out[1].as<float>() + sequence * of.units;
        for (std::size_t step = 0; step < of.steps; ++step) {
            const std::size_t at = backwards ? of.steps - 1 - step : step;
            const float* x = in[recurrent::sequence].as<float>() + (at * of.samples + sample) * of.inputs;
            float* after = out[0].as<float>() + (at * of.directions * of.samples + sequence) * of.units;
            visit(recurrent_step{which, sequence, x, before, after, last});
            before = after;
        }
        for (std::size_t unit = 0; unit < of.units; ++unit) last[unit] = before[unit];
    }
}

/// The weights of a recurrent node, by gates, and the sums that they make: each begins with its bias and goes on with
/// products in their order.
class recurrent_weights {
    recurrent_extents of_;
    std::size_t rows_; ///< of one direction: a row for each unit of each gate
    const float *of_inputs_, *of_state_, *bias_;

    static constexpr float add_products(float sum, const float* values, const float* weights, std::size_t count) {
        for (std::size_t i = 0; i < count; ++i) sum = multiply_add_unfused(values[i], weights[i], sum);
        return sum;
    }

  public:
    constexpr explicit recurrent_weights(const_tensors in)
        : of_(extents_of(in[recurrent::sequence].shape(), in[recurrent::state_weights].shape())),
          rows_(static_cast<std::size_t>(in[recurrent::state_weights].shape()[1])),
          of_inputs_(in[recurrent::weights].as<float>()),
          of_state_(in[recurrent::state_weights].as<float>()),
          bias_(in[recurrent::bias].as<float>()) {}

    constexpr std::size_t units() const { return of_.units; }

    constexpr float of_inputs(const recurrent_step& at, std::size_t gate, std::size_t unit) const {
        const std::size_t row = gate * of_.units + unit, place = at.direction * rows_ + row;
        return add_products(bias_[at.direction * 2 * rows_ + row], at.x, of_inputs_ + place * of_.inputs, of_.inputs);
    }

    constexpr float of_state(const recurrent_step& at, std::size_t gate, std::size_t unit, const float* state) const {
        const std::size_t row = gate * of_.units + unit, place = at.direction * rows_ + row;
        return add_products(bias_[(at.direction * 2 + 1) * rows_ + row], state, of_state_ + place * of_.units,
                            of_.units);
    }

    /// Both, of the state before.
    constexpr float sum(const recurrent_step& at, std::size_t gate, std::size_t unit) const {
        return of_inputs(at, gate, unit) + of_state(at, gate, unit, at.before);
    }
};

} // namespace ctq::inline CTQ_TARGET::op
#endif

#if !defined(CTQ_HAS_OPERATORS_GRU) && (defined(CTQ_ALL_OPERATORS) || \
    defined(CTQ_USES_GRU))
#define CTQ_HAS_OPERATORS_GRU
// ---- ctq/operators/gru.hpp
// gru: gated recurrent units: a cell with two gates that reads a sequence, in one direction or in both.
// room: operators | runs on: all | heap: no

namespace ctq::inline CTQ_TARGET::op {

/// Inputs: x [steps, samples, inputs]; weights of the inputs [directions, 3 * units, inputs] and of the state
/// [directions, 3 * units, units], the gates z and r and what is new one after the other; their biases
/// [directions, 6 * units], the former's first; the initial state h [directions, samples, units]. Outputs: each step's
/// h [steps, directions, samples, units]; the last h.
///
/// z = f(sums within `clip`), r likewise, new = g(sums, of r * h before in h's place), h = (1 - z) * new + z * h
/// before, each step rounded to float. No integer meaning. Cost: 3 * units * (inputs + units) products a step, with no
/// memory but the outputs'. Faults where the shapes do not fit each other, or the numbers are none that a cell can
/// have.
struct gru {
    static constexpr std::string_view name = "gru";
    static constexpr std::string_view cpp_name = "ctq::op::gru";
    static constexpr operator_traits traits = recurrent::traits;
    static constexpr std::int64_t gates = 3;

    sequence_direction direction = sequence_direction::forward;
    bool linear_before_reset = false; ///< r is a factor of the sum that h before makes, its bias included
    /// f and g of the first direction, then of the second; their alphas and betas.
    std::array<cell_function, 4> functions{cell_function::sigmoid, cell_function::tanh, cell_function::sigmoid,
                                           cell_function::tanh};
    std::array<float, 4> alpha{}, beta{};
    float clip = std::numeric_limits<float>::infinity(); ///< of what goes into f and g

    static constexpr auto attributes = attribute_list{
        attribute{"direction", &gru::direction}, attribute{"linear_before_reset", &gru::linear_before_reset},
        attribute{"functions", &gru::functions}, attribute{"alpha", &gru::alpha},
        attribute{"beta", &gru::beta},           attribute{"clip", &gru::clip}};

    friend constexpr bool operator==(const gru&, const gru&) = default;

    static constexpr int output_count() { return 2; }

    constexpr shape output_shape(shapes in, int which) const {
        require(in.size() == recurrent::inputs,
                "gru takes a sequence, weights of inputs and state, a bias and a state");
        check_recurrent(*this, in);
        return states_shape(in, which == 0);
    }

    constexpr std::int64_t macs(const shape& in, const shape& out) const { return recurrent_macs(gates, in, out); }

    constexpr void compute(const_tensors in, tensors out) const {
        const recurrent_weights weights(in);
        for_each_step(direction, in, out, [&](const recurrent_step& at) {
            // Every unit's sum may read every unit's r.
            for (std::size_t unit = 0; unit < weights.units(); ++unit) {
                const float r = gate_of(*this, 2 * at.direction, weights.sum(at, 1, unit));
                at.scratch[unit] = linear_before_reset ? r : r * at.before[unit];
            }
            for (std::size_t unit = 0; unit < weights.units(); ++unit) {
                const float z = gate_of(*this, 2 * at.direction, weights.sum(at, 0, unit));
                const float made = gate_of(*this, 2 * at.direction + 1, sum_of_new(weights, at, unit));
                at.after[unit] = exact((1 - z) * made) + exact(z * at.before[unit]);
            }
        });
    }

  private:
    constexpr float sum_of_new(const recurrent_weights& weights, const recurrent_step& at, std::size_t unit) const {
        const float of_inputs = weights.of_inputs(at, 2, unit);
        if (linear_before_reset)
            return multiply_add_unfused(at.scratch[unit], weights.of_state(at, 2, unit, at.before), of_inputs);
        return of_inputs + weights.of_state(at, 2, unit, at.scratch);
    }
};

} // namespace ctq::inline CTQ_TARGET::op
#endif

#if !defined(CTQ_HAS_OPERATORS_IDENTITY) && (defined(CTQ_ALL_OPERATORS) || \
    defined(CTQ_USES_IDENTITY))
#define CTQ_HAS_OPERATORS_IDENTITY
// ---- ctq/operators/identity.hpp
// identity: its input, unchanged. The passes remove it.
// room: operators | runs on: all | heap: no

namespace ctq::inline CTQ_TARGET::op {

/// The input itself. A pass removes it wherever it stands, but between a state and what is written to it.
struct identity {
    static constexpr std::string_view name = "identity";
    static constexpr std::string_view cpp_name = "ctq::op::identity";
    static constexpr std::string_view runs_as = "removed";
    static constexpr operator_traits traits{
        .output_range = range_rule::same_as_input, .in_place = true, .is_view = true, .is_element_wise = true};
    static constexpr auto attributes = no_attributes;

    friend constexpr bool operator==(const identity&, const identity&) = default;

    constexpr shape output_shape(shapes in) const {
        require(in.size() == 1, "identity takes one input");
        return in[0];
    }

    constexpr void compute(const_tensors in, tensors out) const { copy_elements(in[0], out[0]); }

    template <signature S>
    requires same_stored_types<S>
    constexpr void compute_integer(const_tensors in, tensors out) const { copy_elements<element<S.y>>(in[0], out[0]); }

    constexpr identity permuted(std::span<const std::int32_t>) const { return *this; }
};

} // namespace ctq::inline CTQ_TARGET::op
#endif

#if !defined(CTQ_HAS_OPERATORS_LAYER_NORM) && (defined(CTQ_ALL_OPERATORS) || \
    defined(CTQ_USES_LAYER_NORM))
#define CTQ_HAS_OPERATORS_LAYER_NORM
// ---- ctq/operators/layer_norm.hpp
// layer_norm: each row less its mean, over its deviation, then a scale and a shift for each element of the row.
// room: operators | runs on: all | heap: no

namespace ctq::inline CTQ_TARGET::op {

/// Inputs: x, a scale and optionally a bias, both of the shape of a row: x's axes from `axis` on. Output:
/// (x - mean) / sqrt(variance + epsilon) * scale + bias, in double, rounded once. It has no integer meaning. Cost:
/// three reads of x.
struct layer_norm {
    static constexpr std::string_view name = "layer_norm";
    static constexpr std::string_view cpp_name = "ctq::op::layer_norm";
    static constexpr operator_traits traits{
        .roles = {operand_role::operand, operand_role::parameter, operand_role::parameter}, .in_place = true};

    std::int32_t axis = -1;
    float epsilon = 1e-5f; ///< positive

    static constexpr auto attributes =
        attribute_list{attribute{"axis", &layer_norm::axis}, attribute{"epsilon", &layer_norm::epsilon}};

    friend constexpr bool operator==(const layer_norm&, const layer_norm&) = default;

    constexpr shape output_shape(shapes in) const {
        require(in.size() == 2 || in.size() == 3, "layer_norm takes a tensor, a scale and an optional bias");
        require(epsilon > 0 && elementary::is_finite(epsilon), "layer_norm's epsilon must be positive and finite");
        const shape row = row_of(in[0]);
        for (std::size_t i = 1; i < in.size(); ++i)
            require(in[i] == row, "scale and bias must have the shape of a row, which is normalized");
        return in[0];
    }

    constexpr void compute(const_tensors in, tensors out) const {
        const std::size_t length = in[1].size();
        for (std::size_t first = 0; first < out[0].size(); first += length) {
            const float* x = in[0].as<float>() + first;
            double sum = 0, squares = 0;
            for (std::size_t i = 0; i < length; ++i) sum += static_cast<double>(x[i]);
            const double mean = sum / static_cast<double>(length);
            for (std::size_t i = 0; i < length; ++i) {
                const double away = static_cast<double>(x[i]) - mean;
                squares = multiply_add_unfused(away, away, squares);
            }
            const double variance = squares / static_cast<double>(length);
            const double deviation = elementary::sqrt(variance + static_cast<double>(epsilon));
            for (std::size_t i = 0; i < length; ++i) {
                const double scale = static_cast<double>(in[1].as<float>()[i]);
                const double bias = in.size() > 2 ? static_cast<double>(in[2].as<float>()[i]) : 0.0;
                const double normal = (static_cast<double>(x[i]) - mean) / deviation;
                out[0].as<float>()[first + i] = static_cast<float>(multiply_add_unfused(normal, scale, bias));
            }
        }
    }

  private:
    constexpr shape row_of(const shape& of) const {
        shape row;
        for (int at = of.normalized_axis(axis); at < of.rank; ++at) row.append(of[at]);
        return row;
    }
};

} // namespace ctq::inline CTQ_TARGET::op
#endif

#if !defined(CTQ_HAS_OPERATORS_LSTM) && (defined(CTQ_ALL_OPERATORS) || \
    defined(CTQ_USES_LSTM))
#define CTQ_HAS_OPERATORS_LSTM
// ---- ctq/operators/lstm.hpp
// lstm: long short-term memory: a cell with gates that reads a sequence, in one direction or in both.
// room: operators | runs on: all | heap: no

namespace ctq::inline CTQ_TARGET::op {

/// Inputs: x [steps, samples, inputs]; weights of the inputs [directions, 4 * units, inputs] and of the state
/// [directions, 4 * units, units], the gates i, o, f and c one after the other; their biases [directions, 8 * units],
/// the former's first; the initial state h and cell c [directions, samples, units]; peepholes of i, o and f
/// [directions, 3 * units]. Outputs: each step's h [steps, directions, samples, units]; the last h and the last c.
///
/// i = f(sums within `clip` + peephole * c before), f likewise or 1 - i, c = f * c before + i * g(sums), o = f(sums +
/// peephole * c), h = o * h(c), each step rounded to float. No integer meaning. Cost: 4 * units * (inputs + units)
/// products a step, with no memory but the outputs'. Faults where the shapes do not fit each other, or the numbers are
/// none that a cell can have.
struct lstm {
    static constexpr std::string_view name = "lstm";
    static constexpr std::string_view cpp_name = "ctq::op::lstm";
    static constexpr operator_traits traits = recurrent::traits;
    static constexpr std::int64_t gates = 4;

    sequence_direction direction = sequence_direction::forward;
    bool input_forget = false; ///< what is forgotten is what no input replaces
    /// f, g and h of the first direction, then of the second; their alphas and betas.
    std::array<cell_function, 6> functions{cell_function::sigmoid, cell_function::tanh, cell_function::tanh,
                                           cell_function::sigmoid, cell_function::tanh, cell_function::tanh};
    std::array<float, 6> alpha{}, beta{};
    float clip = std::numeric_limits<float>::infinity(); ///< of what goes into f and g

    static constexpr auto attributes =
        attribute_list{attribute{"direction", &lstm::direction}, attribute{"input_forget", &lstm::input_forget},
                       attribute{"functions", &lstm::functions}, attribute{"alpha", &lstm::alpha},
                       attribute{"beta", &lstm::beta},           attribute{"clip", &lstm::clip}};

    friend constexpr bool operator==(const lstm&, const lstm&) = default;

    static constexpr int output_count() { return 3; }

    constexpr shape output_shape(shapes in, int which) const {
        require(in.size() == recurrent::inputs + 2,
                "lstm takes a sequence, weights of inputs and state, a bias, a state, a cell and peepholes");
        check_recurrent(*this, in);
        require(in[initial_cell] == in[recurrent::state], "the initial cell must have the initial state's shape");
        require(has_extents(in[peepholes], {in[recurrent::state][0], 3 * std::int64_t{in[recurrent::state][2]}}),
                "the peepholes are [directions, 3 * units]");
        return states_shape(in, which == 0);
    }

    constexpr std::int64_t macs(const shape& in, const shape& out) const { return recurrent_macs(gates, in, out); }

    constexpr void compute(const_tensors in, tensors out) const {
        const recurrent_weights weights(in);
        float* cells = out[2].as<float>();
        for (std::size_t i = 0; i < out[2].size(); ++i) cells[i] = in[initial_cell].as<float>()[i];
        for_each_step(direction, in, out, [&](const recurrent_step& at) {
            const std::size_t units = weights.units();
            const float* peephole = in[peepholes].as<float>() + at.direction * 3 * units;
            for (std::size_t unit = 0; unit < units; ++unit)
                at.after[unit] = step_of_unit(weights, at, unit, peephole + unit, cells[at.sequence * units + unit]);
        });
    }

  private:
    static constexpr std::size_t initial_cell = recurrent::inputs, peepholes = recurrent::inputs + 1;

    /// A unit's new state; its cell goes on.
    constexpr float step_of_unit(const recurrent_weights& weights, const recurrent_step& at, std::size_t unit,
                                 const float* peephole, float& cell) const {
        const std::size_t f = 3 * at.direction, g = f + 1, h = f + 2;
        const auto gate = [&](std::size_t which) {
            const float looked = peephole[which * weights.units()];
            return gate_of(*this, f, multiply_add_unfused(looked, cell, weights.sum(at, which, unit)));
        };
        const float i = gate(0), forget = input_forget ? 1 - i : gate(2);
        cell = exact(forget * cell) + exact(i * gate_of(*this, g, weights.sum(at, 3, unit)));
        return gate(1) * value_of(functions[h], cell, alpha[h], beta[h]);
    }
};

} // namespace ctq::inline CTQ_TARGET::op
#endif

#if !defined(CTQ_HAS_OPERATORS_MATRIX_PRODUCT) && (defined(CTQ_ALL_OPERATORS) || \
    defined(CTQ_USES_MATRIX_PRODUCT))
#define CTQ_HAS_OPERATORS_MATRIX_PRODUCT
// ---- ctq/operators/matrix_product.hpp
// matrix_product: the products of two stacks of matrices, either of which may be constant.
// room: operators | runs on: all | heap: no

namespace ctq::inline CTQ_TARGET::op {

/// Types that products of activations are added up and rounded for.
template <signature S>
concept product_signature = element_wise_signature<S> && rounds_sums<S>;

/// Inputs: a [..., I, K] and b [..., K, J], whose other axes are broadcast. Output [..., I, J]: the sums of a[i, k] *
/// b[k, j] within `activation`, added up in the order of k. Integer meaning: the exact sum of the products of both less
/// their zero points, requantized; under TFLite's roundings its BATCH_MATMUL.
struct matrix_product {
    static constexpr std::string_view name = "matrix_product";
    static constexpr std::string_view cpp_name = "ctq::op::matrix_product";
    static constexpr operator_traits traits{.sums_products = true};

    bounds activation{};

    static constexpr auto attributes = attribute_list{attribute{"activation", &matrix_product::activation}};

    friend constexpr bool operator==(const matrix_product&, const matrix_product&) = default;

    struct lowered {
        scaling scale{}; ///< of the sum of the products

        static constexpr auto attributes = attribute_list{attribute{"scale", &lowered::scale}};
        friend constexpr bool operator==(const lowered&, const lowered&) = default;
    };

  private:
    // Defined first: clang (docs/design.md, section 1).
    static constexpr shape stack_of(const shape& matrices) {
        shape stack;
        for (int axis = 0; axis + 2 < matrices.rank; ++axis) stack.append(matrices[axis]);
        return stack;
    }

    /// Makes each output `finish(sum)`, where sum = add(sum, a's element, b's element) for each k. Columns are taken
    /// some at a time, so that b is read along its rows.
    template <class Sum, class A, class B, class Y, class Add, class Finish>
    static constexpr void for_each_sum(const_tensors in, const tensor& out, const A* a, const B* b, Y* to, Add add,
                                       Finish finish) {
        const shape &of_a = in[0].shape(), &of_b = in[1].shape();
        const auto rows = static_cast<std::size_t>(of_a[of_a.rank - 2]);
        const auto length = static_cast<std::size_t>(of_a[of_a.rank - 1]);
        const auto columns = static_cast<std::size_t>(of_b[of_b.rank - 1]);
        constexpr std::size_t most = 16;
        for_each_broadcast(stack_of(out.shape()), stack_of(of_a), stack_of(of_b),
                           [&](std::size_t, auto at_a, auto at_b) {
                               for (std::size_t row = 0; row < rows; ++row) {
                                   const A* left = a + (at_a * rows + row) * length;
                                   for (std::size_t first = 0; first < columns; first += most) {
                                       const std::size_t some = columns - first < most ? columns - first : most;
                                       const B* right = b + at_b * length * columns + first;
                                       std::array<Sum, most> sums{};
                                       for (std::size_t k = 0; k < length; ++k, right += columns)
                                           for (std::size_t j = 0; j < some; ++j)
                                               sums[j] = add(sums[j], left[k], right[j]);
                                       for (std::size_t j = 0; j < some; ++j) *to++ = finish(sums[j]);
                                   }
                               }
                           });
    }

    /// The largest magnitude of a sum that is requantized right.
    template <signature S> static constexpr std::int64_t room(const scaling& s) {
        return S.sum == dtype::int32 ? largest_saturating : requantizer_of<S>::headroom(s);
    }

    /// The real scale of a product over the result's. TFLite rounds the product of the scales to float32.
    template <signature S> static constexpr double ratio(float left, float right, float result) {
        constexpr bool as_tflite = S.how == rounding::double_rounding || S.how == rounding::single_rounding;
        const double product = as_tflite ? static_cast<double>(exact(left * right))
                                         : static_cast<double>(left) * static_cast<double>(right);
        return product / static_cast<double>(result);
    }

  public:
    constexpr shape output_shape(shapes in) const {
        require(in.size() == 2, "matrix_product takes two inputs");
        require(in[0].rank >= 2 && in[1].rank >= 2, "a matrix must have 2 axes at least");
        require(in[0][in[0].rank - 1] == in[1][in[1].rank - 2],
                "the first operand's last extent must equal the second's last but one");
        shape result = broadcast(stack_of(in[0]), stack_of(in[1]));
        result.append(in[0][in[0].rank - 2]);
        result.append(in[1][in[1].rank - 1]);
        return result;
    }

    constexpr std::int64_t macs(const shape& in, const shape& out) const { return out.elements() * in[in.rank - 1]; }

    constexpr void compute(const_tensors in, tensors out) const {
        for_each_sum<float>(
            in, out[0], in[0].as<float>(), in[1].as<float>(), out[0].as<float>(),
            [](float sum, float a, float b) { return multiply_add_unfused(a, b, sum); },
            [&](float sum) { return activation.clamp(sum); });
    }

    template <signature S>
    requires product_signature<S>
    constexpr void compute_integer(const lowered& with, const_tensors in, tensors out) const {
        using accumulator = element<S.sum>;
        const std::int32_t zero_a = in[0].zero_point(), zero_b = in[1].zero_point(), zero = out[0].zero_point();
        for_each_sum<accumulator>(
            in, out[0], in[0].as<element<S.x>>(), in[1].as<element<S.w>>(), out[0].as<element<S.y>>(),
            [&](accumulator sum, std::int32_t a, std::int32_t b) {
                return sum + accumulator{a - zero_a} * (b - zero_b);
            },
            [&](accumulator sum) {
                const std::int32_t y = apply_saturating<requantizer_of<S>>(sum, with.scale, zero);
                return static_cast<element<S.y>>(out[0].facts.range.clamp(y));
            });
    }

    /// No product is beyond those of the operands' farthest integers, whatever their signs.
    template <signature S>
    requires product_signature<S>
    constexpr bool never_overflows(const lowered& with, const_tensors in, const tensor_facts&) const {
        constexpr std::int64_t most = std::numeric_limits<std::int32_t>::max();
        const std::int64_t a = farthest_from_zero(in[0].facts), b = farthest_from_zero(in[1].facts);
        const std::int64_t length = in[0].shape()[in[0].shape().rank - 1];
        return a <= most && b <= most && (length == 0 || a * b <= room<S>(with.scale) / length);
    }

    template <signature S, lowering_view Node>
    requires product_signature<S>
    constexpr lowered lower(Node& node) const {
        node.keep(0);
        node.keep(1);
        return {encode_saturating<S>(ratio<S>(node.input(0).quantization.scale, node.input(1).quantization.scale,
                                              node.output().quantization.scale))};
    }
};

} // namespace ctq::inline CTQ_TARGET::op
#endif

#if !defined(CTQ_HAS_OPERATORS_MODULO) && (defined(CTQ_ALL_OPERATORS) || \
    defined(CTQ_USES_MODULO))
#define CTQ_HAS_OPERATORS_MODULO
// ---- ctq/operators/modulo.hpp
// modulo: element-wise remainder of two tensors, broadcast.
// room: operators | runs on: all | heap: no

namespace ctq::inline CTQ_TARGET::op {

/// a - b * (a / b towards zero), exact: the sign is a's (std::fmod).
constexpr float remainder(float a, float b) {
    const auto whole = static_cast<double>(a);
    const double divisor = elementary::absolute(static_cast<double>(b));
    if (!elementary::is_finite(whole) || divisor == 0 || elementary::is_nan(divisor))
        return std::numeric_limits<float>::quiet_NaN();
    if (!elementary::is_finite(divisor)) return a;
    const auto left = elementary::frexp(elementary::absolute(whole)), by = elementary::frexp(divisor);
    if (left.exponent < by.exponent) return a;
    // A float is a whole number of 24 bits times a power of two. 40 bits of the power at a time: the rest of what came
    // before is below 2^24, so 64 bits hold it with them, and all is exact.
    const auto digits = static_cast<std::uint64_t>(by.fraction * 0x1p24);
    auto rest = static_cast<std::uint64_t>(left.fraction * 0x1p24) % digits;
    for (int power = left.exponent - by.exponent; power > 0; power -= 40)
        rest = (rest << (power < 40 ? power : 40)) % digits;
    const double result = elementary::ldexp(static_cast<double>(rest), by.exponent - 24);
    return static_cast<float>(elementary::copy_sign(result, whole));
}

/// The same of integers, 0 where b is 0.
template <std::signed_integral T> constexpr T remainder(T a, T b) {
    return b == 0 || b == -1 ? T{0} : static_cast<T>(a % b);
}

/// Inputs: a and b, broadcast as ONNX does. Output: the remainder of a / b, with the sign of a if `truncates`, else
/// that of b.
struct modulo {
    static constexpr std::string_view name = "modulo";
    static constexpr std::string_view cpp_name = "ctq::op::modulo";
    static constexpr operator_traits traits{.operands = element_types::numbers,
                                            .is_continuous = false,
                                            .in_place = true,
                                            .is_element_wise = true,
                                            .aligns_operands = true};

    bool truncates = false;

    static constexpr auto attributes = attribute_list{attribute{"truncates", &modulo::truncates}};

    friend constexpr bool operator==(const modulo&, const modulo&) = default;

    constexpr shape output_shape(shapes in) const {
        require(in.size() == 2, "modulo takes two inputs");
        return broadcast(in[0], in[1]);
    }

    constexpr void compute(const_tensors in, tensors out) const {
        for_each_pair(in, out[0], [&]<class T>(T a, T b) {
            const T left = remainder(a, b);
            return truncates || left == 0 || (left < 0) == (b < 0) ? left : static_cast<T>(left + b);
        });
    }

    constexpr modulo permuted(std::span<const std::int32_t>) const { return *this; }
};

} // namespace ctq::inline CTQ_TARGET::op
#endif

#if !defined(CTQ_HAS_OPERATORS_NON_MAX_SUPPRESSION) && (defined(CTQ_ALL_OPERATORS) || \
    defined(CTQ_USES_NON_MAX_SUPPRESSION))
#define CTQ_HAS_OPERATORS_NON_MAX_SUPPRESSION
// ---- ctq/operators/non_max_suppression.hpp
// non_max_suppression: of boxes that overlap the one with the highest score, class by class.
// room: operators | runs on: all | heap: no

namespace ctq::inline CTQ_TARGET::op {

/// Inputs: boxes [images, N, 4] and scores [images, classes, N]. Outputs: rows of image, class and box, int64, and how
/// many they are, which the data decide; the rows behind are 0. Of each class of each image the boxes in the order of
/// their scores, of equal ones that of the lower index first, without those that share more than `iou_threshold` of
/// their common area with one before, and `most` of them at most. Boxes whose score is not above `score_threshold` are
/// left out, and NaN always. It has no integer meaning. Cost, of each class: a pass over its scores for each 32 boxes
/// that are looked at, in which the scores are compared with those of up to 32 others; and an overlap of each such box
/// with each row before it.
struct non_max_suppression {
    static constexpr std::string_view name = "non_max_suppression";
    static constexpr std::string_view cpp_name = "ctq::op::non_max_suppression";

    std::int32_t most = 1;
    float iou_threshold = 0;
    float score_threshold = -std::numeric_limits<float>::infinity(); ///< minus infinity: none
    bool is_centered = false; ///< a box is [x, y, width, height] around its centre, else [y, x, y, x] of two corners

    static constexpr auto attributes = attribute_list{
        attribute{"most", &non_max_suppression::most}, attribute{"iou_threshold", &non_max_suppression::iou_threshold},
        attribute{"score_threshold", &non_max_suppression::score_threshold},
        attribute{"is_centered", &non_max_suppression::is_centered}};

    friend constexpr bool operator==(const non_max_suppression&, const non_max_suppression&) = default;

  private:
    // Defined first: clang (docs/design.md, section 1).
    struct span_of {
        float low, high;

        constexpr float length() const { return high - low; }
    };
    struct box {
        span_of x, y;

        constexpr float area() const { return exact(x.length() * y.length()); }
    };

    static constexpr span_of between(float a, float b) { return a < b ? span_of{a, b} : span_of{b, a}; }
    static constexpr span_of around(float center, float length) {
        const float half = exact(length / 2);
        return {center - half, center + half};
    }
    static constexpr span_of common(const span_of& a, const span_of& b) {
        return {a.low > b.low ? a.low : b.low, a.high < b.high ? a.high : b.high};
    }

    constexpr box box_at(const float* at) const {
        if (is_centered) return {around(at[0], at[2]), around(at[1], at[3])};
        return {between(at[1], at[3]), between(at[0], at[2])};
    }

    /// Boxes without an area overlap none.
    constexpr bool overlaps(const box& a, const box& b) const {
        const box shared{common(a.x, b.x), common(a.y, b.y)};
        if (!(shared.x.length() > 0 && shared.y.length() > 0)) return false;
        const float area = shared.area(), both = a.area() + b.area() - area;
        return area > 0 && a.area() > 0 && b.area() > 0 && both > 0 && area / both > iou_threshold;
    }

    constexpr bool is_candidate(float score) const {
        return score > score_threshold ||
               (score == score_threshold && score == -std::numeric_limits<float>::infinity());
    }

    /// The boxes of one class of one image, and the rows that are chosen of them.
    struct one_class {
        const float *boxes, *scores;
        std::int32_t count;
        std::int64_t* rows;
        std::int32_t chosen = 0;

        constexpr std::int64_t row(std::int32_t at) const { return rows[3 * at + 2]; }
        constexpr bool precedes(std::int64_t a, std::int64_t b) const {
            return scores[a] > scores[b] || (scores[a] == scores[b] && a < b);
        }
    };

    constexpr bool is_suppressed(const one_class& of, std::int64_t index) const {
        const box own = box_at(of.boxes + 4 * index);
        for (std::int32_t i = 0; i < of.chosen; ++i)
            if (overlaps(box_at(of.boxes + 4 * of.row(i)), own)) return true;
        return false;
    }

    /// The next candidates in the order of the scores.
    struct next_few {
        std::array<std::int32_t, 32> index{};
        std::size_t count = 0;

        constexpr void put(const one_class& of, std::int32_t box) {
            if (count == index.size() && !of.precedes(box, index[count - 1])) return;
            std::size_t at = count < index.size() ? count++ : count - 1;
            for (; at > 0 && of.precedes(box, index[at - 1]); --at) index[at] = index[at - 1];
            index[at] = box;
        }
    };

    /// Those behind the box `last`, or the first of all where that is -1.
    constexpr next_few behind(const one_class& of, std::int32_t last) const {
        next_few found;
        for (std::int32_t i = 0; i < of.count; ++i)
            if (is_candidate(of.scores[i]) && (last < 0 || of.precedes(last, i))) found.put(of, i);
        return found;
    }

    /// How many rows it writes.
    constexpr std::int32_t choose(one_class of, std::int64_t image, std::int64_t which) const {
        for (next_few next = behind(of, -1); next.count > 0; next = behind(of, next.index[next.count - 1]))
            for (std::size_t i = 0; i < next.count; ++i) {
                if (is_suppressed(of, next.index[i])) continue;
                std::int64_t* row = of.rows + 3 * of.chosen;
                row[0] = image;
                row[1] = which;
                row[2] = next.index[i];
                if (++of.chosen == most) return of.chosen;
            }
        return of.chosen;
    }

  public:
    constexpr int output_count() const { return 2; }
    constexpr shape output_shape(shapes in, int which) const {
        require(in.size() == 2, "non_max_suppression takes boxes and scores");
        const shape &boxes = in[0], &scores = in[1];
        require(boxes.rank == 3 && scores.rank == 3 && boxes[2] == 4 && boxes[0] == scores[0] && boxes[1] == scores[2],
                "boxes must be [images, boxes, 4], and scores [images, classes, boxes]");
        require(most >= 1, "non_max_suppression must choose 1 box of a class at least");
        require(iou_threshold >= 0 && iou_threshold <= 1, "an iou_threshold must be 0 to 1");
        require(score_threshold == score_threshold, "a score_threshold must be a number");
        const std::int64_t of_class = boxes[1] < most ? boxes[1] : most;
        const std::int64_t classes = std::int64_t{scores[0]} * scores[1];
        require(of_class == 0 || classes <= 2147483647 / of_class, "non_max_suppression could choose too many boxes");
        return which == 0 ? shape{static_cast<std::int32_t>(classes * of_class), 3} : shape{};
    }
    /// Each box of each class among the others, and beside each row.
    constexpr std::int64_t steps(shapes in, const shape&) const {
        const std::int64_t boxes = in[0][1];
        return in[1].elements() * (boxes + (boxes < most ? boxes : most));
    }
    constexpr dtype output_type(int) const { return dtype::int64; }
    /// See count_output of registry/operation.hpp.
    static constexpr int count_output(int which) { return which == 0 ? 1 : -1; }

    constexpr void compute(const_tensors in, tensors out) const {
        const shape& scores = in[1].shape();
        std::int64_t* rows = out[0].as<std::int64_t>();
        std::int64_t count = 0;
        for (std::int64_t image = 0; image < scores[0]; ++image)
            for (std::int64_t which = 0; which < scores[1]; ++which)
                count +=
                    choose({in[0].as<float>() + image * scores[2] * 4,
                            in[1].as<float>() + (image * scores[1] + which) * scores[2], scores[2], rows + 3 * count},
                           image, which);
        for (auto i = static_cast<std::size_t>(3 * count); i < out[0].size(); ++i) rows[i] = 0;
        out[1].as<std::int64_t>()[0] = count;
    }
};

} // namespace ctq::inline CTQ_TARGET::op
#endif

#if !defined(CTQ_HAS_OPERATORS_PAD) && (defined(CTQ_ALL_OPERATORS) || \
    defined(CTQ_USES_PAD))
#define CTQ_HAS_OPERATORS_PAD
// ---- ctq/operators/pad.hpp
// pad: a constant border around a tensor.
// room: operators | runs on: all | heap: no

namespace ctq::inline CTQ_TARGET::op {

/// Input of any rank, output larger by `before` and `after` along each axis, 0 or more each: filled with `value`.
/// Integer meaning: exact, the fill rounded to the nearest integer; the output's range holds it.
struct pad {
    static constexpr std::string_view name = "pad";
    static constexpr std::string_view cpp_name = "ctq::op::pad";
    static constexpr operator_traits traits{.output_range = range_rule::same_as_input, .adds_nothing = true};

    using widths = std::array<std::int32_t, shape::max_rank>;
    widths before{}, after{};
    float value = 0;

    static constexpr auto attributes = attribute_list{attribute{"before", &pad::before},
                                                      attribute{"after", &pad::after}, attribute{"value", &pad::value}};

    friend constexpr bool operator==(const pad&, const pad&) = default;

    struct lowered {
        std::int32_t fill = 0; ///< `value` as an integer

        static constexpr auto attributes = attribute_list{attribute{"fill", &lowered::fill}};
        friend constexpr bool operator==(const lowered&, const lowered&) = default;
    };

  private:
    // Defined first: clang (docs/design.md, section 1).
    template <class T> constexpr void surround(const const_tensor& in, const tensor& out, T with) const {
        for (std::size_t i = 0; i < out.size(); ++i) out.as<T>()[i] = with;
        const auto strides = strides_of(out.shape());
        std::int64_t origin = 0;
        for (int axis = 0; axis < in.shape().rank; ++axis)
            origin += before[static_cast<std::size_t>(axis)] * strides[static_cast<std::size_t>(axis)];
        const T* from = in.as<T>();
        for_each_offset(in.shape(), strides, [&](std::int64_t offset) { out.as<T>()[origin + offset] = *from++; });
    }

  public:
    constexpr shape output_shape(shapes in) const {
        require(in.size() == 1, "pad takes one input");
        shape result = in[0];
        for (int axis = 0; axis < in[0].rank; ++axis) {
            const auto x = static_cast<std::size_t>(axis);
            require(before[x] >= 0 && after[x] >= 0, "pads must not be negative");
            require(std::int64_t{before[x]} + after[x] <= 2147483647 - in[0][axis], "pads make an axis too long");
            result[axis] += before[x] + after[x];
        }
        return result;
    }

    /// The fill. An infinite one saturates, and one so large that it stands for infinity: see with_added.
    constexpr bounds added_bounds() const {
        return elementary::is_finite(value) ? bounds{value, value} : bounds{0.0f, 0.0f};
    }

    constexpr void compute(const_tensors in, tensors out) const { surround<float>(in[0], out[0], value); }

    template <signature S>
    requires same_stored_types<S>
    constexpr void compute_integer(const lowered& with, const_tensors in, tensors out) const {
        surround<element<S.y>>(in[0], out[0], static_cast<element<S.y>>(with.fill));
    }

    template <signature S, lowering_view Node>
    requires same_stored_types<S>
    constexpr lowered lower(Node& node) const {
        node.keep(0);
        return {ctq::quantize(value, node.output())};
    }

    constexpr pad permuted(std::span<const std::int32_t> permutation) const {
        pad result = *this;
        for (std::size_t axis = 0; axis < permutation.size(); ++axis) {
            result.before[axis] = before[static_cast<std::size_t>(permutation[axis])];
            result.after[axis] = after[static_cast<std::size_t>(permutation[axis])];
        }
        return result;
    }
};

} // namespace ctq::inline CTQ_TARGET::op
#endif

#if !defined(CTQ_HAS_OPERATORS_QUANTIZE) && (defined(CTQ_ALL_OPERATORS) || \
    defined(CTQ_USES_QUANTIZE))
#define CTQ_HAS_OPERATORS_QUANTIZE
// ---- ctq/operators/quantize.hpp
// quantize: float to integers, at the entries of integer layers.
// room: operators | runs on: all | heap: no

namespace ctq::inline CTQ_TARGET::op {

/// float32 to integers under the output's scale and zero point.
struct quantize : detail::conversion {
    static constexpr std::string_view name = "quantize";
    static constexpr std::string_view cpp_name = "ctq::op::quantize";
    static constexpr operator_traits traits{.converts = true, .adds_nothing = true};

    /// Rounded as TFLite's QUANTIZE rounds where the node rounds as TFLite does.
    template <signature S>
    requires(S.x == dtype::float32 && is_activation(S.y)) constexpr void compute_integer(const_tensors in,
                                                                                         tensors out) const {
        const tensor_facts& facts = out[0].facts;
        for (std::size_t i = 0; i < out[0].size(); ++i) {
            const float real = in[0].as<float>()[i];
            if constexpr (S.how == rounding::double_rounding)
                out[0].as<element<S.y>>()[i] =
                    static_cast<element<S.y>>(quantize_half_away(real, facts.quantization, facts.range));
            else
                out[0].as<element<S.y>>()[i] = static_cast<element<S.y>>(ctq::quantize(real, facts));
        }
    }
};

} // namespace ctq::inline CTQ_TARGET::op
#endif

#if !defined(CTQ_HAS_OPERATORS_RANGE) && (defined(CTQ_ALL_OPERATORS) || \
    defined(CTQ_USES_RANGE))
#define CTQ_HAS_OPERATORS_RANGE
// ---- ctq/operators/range.hpp
// range: numbers that lie evenly.
// room: operators | runs on: all | heap: no

namespace ctq::inline CTQ_TARGET::op {

/// Inputs: a first number and a step, one element each. Output: the `count` numbers first, first + step, ..., each
/// rounded once more than its product with the step; of integers modulo 2^bits. So ONNX says it; onnxruntime adds the
/// step again and again, so that of reals its later numbers are other roundings.
struct range {
    static constexpr std::string_view name = "range";
    static constexpr std::string_view cpp_name = "ctq::op::range";
    static constexpr operator_traits traits{.operands = element_types::numbers};

    std::int32_t count = 0;

    static constexpr auto attributes = attribute_list{attribute{"count", &range::count}};

    friend constexpr bool operator==(const range&, const range&) = default;

    constexpr shape output_shape(shapes in) const {
        require(in.size() == 2, "range takes two inputs");
        require(in[0].elements() == 1 && in[1].elements() == 1, "the first number and the step must be one element");
        require(count >= 0, "a count must not be negative");
        return {count};
    }

    constexpr void compute(const_tensors in, tensors out) const {
        with_number_type(out[0].facts.type, [&](auto each) {
            using type = decltype(each);
            const type first = in[0].as<type>()[0], step = in[1].as<type>()[0];
            for (std::int32_t i = 0; i < count; ++i) {
                type& to = out[0].as<type>()[static_cast<std::size_t>(i)];
                if constexpr (std::is_same_v<type, float>)
                    to = multiply_add_unfused(static_cast<float>(i), step, first);
                else
                    to = wrapped_sum(first, wrapped_product(static_cast<type>(i), step));
            }
        });
    }
};

} // namespace ctq::inline CTQ_TARGET::op
#endif

#if !defined(CTQ_HAS_OPERATORS_REDUCE_PRODUCT) && (defined(CTQ_ALL_OPERATORS) || \
    defined(CTQ_USES_REDUCE_PRODUCT))
#define CTQ_HAS_OPERATORS_REDUCE_PRODUCT
// ---- ctq/operators/reduce_product.hpp
// reduce_product: the product over some axes.
// room: operators | runs on: all | heap: no

namespace ctq::inline CTQ_TARGET::op {

/// The product over `axes`, 1 of no elements; the axes stay with extent 1 if `keep_axes`, else they go. Of reals in the
/// order of memory, of integers modulo 2^bits.
struct reduce_product {
    static constexpr std::string_view name = "reduce_product";
    static constexpr std::string_view cpp_name = "ctq::op::reduce_product";
    static constexpr operator_traits traits{.operands = element_types::numbers};

    axis_set axes{};
    bool keep_axes = true;

    static constexpr auto attributes =
        attribute_list{attribute{"axes", &reduce_product::axes}, attribute{"keep_axes", &reduce_product::keep_axes}};

    friend constexpr bool operator==(const reduce_product&, const reduce_product&) = default;

    constexpr shape output_shape(shapes in) const {
        require(in.size() == 1, "reduce_product takes one input");
        return reduced_shape(in[0], axes, keep_axes);
    }

    constexpr void compute(const_tensors in, tensors out) const {
        with_number_type(out[0].facts.type, [&](auto each) {
            using type = decltype(each);
            for_each_reduced(in[0].shape(), axes, [&](std::size_t index, auto for_each_factor) {
                type product{1};
                for_each_factor([&](std::size_t at) {
                    if constexpr (std::is_same_v<type, float>)
                        product *= in[0].as<float>()[at];
                    else
                        product = wrapped_product(product, in[0].as<type>()[at]);
                });
                out[0].as<type>()[index] = product;
            });
        });
    }
};

} // namespace ctq::inline CTQ_TARGET::op
#endif

#if !defined(CTQ_HAS_OPERATORS_REQUANTIZE) && (defined(CTQ_ALL_OPERATORS) || \
    defined(CTQ_USES_REQUANTIZE))
#define CTQ_HAS_OPERATORS_REQUANTIZE
// ---- ctq/operators/requantize.hpp
// requantize: integers of one scale to integers of another, where readers want theirs.
// room: operators | runs on: all | heap: no

namespace ctq::inline CTQ_TARGET::op {

/// Integers under one scale and zero point to integers under another, where two consumers, a concat or two rules need
/// it.
struct requantize : detail::conversion {
    static constexpr std::string_view name = "requantize";
    static constexpr std::string_view cpp_name = "ctq::op::requantize";
    static constexpr operator_traits traits{.converts = true, .in_place = true};

    struct lowered {
        scaling scale{};

        static constexpr auto attributes = attribute_list{attribute{"scale", &lowered::scale}};
        friend constexpr bool operator==(const lowered&, const lowered&) = default;
    };

    template <signature S>
    requires element_wise_signature<S>
    constexpr void compute_integer(const lowered& with, const_tensors in, tensors out) const {
        for (std::size_t i = 0; i < out[0].size(); ++i) {
            const std::int32_t value = rescale<requantizer_of<S>>(in[0].as<element<S.x>>()[i], in[0].zero_point(),
                                                                  with.scale, out[0].zero_point(), out[0].facts.range);
            out[0].as<element<S.y>>()[i] = static_cast<element<S.y>>(value);
        }
    }

    template <signature S>
    requires element_wise_signature<S>
    constexpr bool never_overflows(const lowered&, const_tensors in, const tensor_facts&) const {
        return farthest_from_zero(in[0].facts) <= largest_saturating;
    }

    template <signature S, lowering_view Node>
    requires element_wise_signature<S>
    constexpr lowered lower(Node& node) const {
        node.keep(0);
        return {encode_rescale<requantizer_of<S>>(node.input(0).quantization, node.output().quantization)};
    }
};

} // namespace ctq::inline CTQ_TARGET::op
#endif

#if !defined(CTQ_HAS_OPERATORS_RESHAPE) && (defined(CTQ_ALL_OPERATORS) || \
    defined(CTQ_USES_RESHAPE))
#define CTQ_HAS_OPERATORS_RESHAPE
// ---- ctq/operators/reshape.hpp
// reshape: the same elements under another shape.
// room: operators | runs on: all | heap: no

namespace ctq::inline CTQ_TARGET::op {

/// The input's elements as they lie, under the shape `to`, which has as many. Integer meaning: the same; costs nothing
/// where the output may lie over the input.
struct reshape {
    static constexpr std::string_view name = "reshape";
    static constexpr std::string_view cpp_name = "ctq::op::reshape";
    static constexpr operator_traits traits{
        .output_range = range_rule::same_as_input, .in_place = true, .is_view = true};

    shape to{};

    static constexpr auto attributes = attribute_list{attribute{"to", &reshape::to}};

    friend constexpr bool operator==(const reshape&, const reshape&) = default;

    constexpr shape output_shape(shapes in) const {
        require(in.size() == 1, "reshape takes one input");
        require(in[0].elements() == to.elements(), "reshape must keep the number of elements");
        return to;
    }

    constexpr void compute(const_tensors in, tensors out) const { copy_elements(in[0], out[0]); }

    template <signature S>
    requires same_stored_types<S>
    constexpr void compute_integer(const_tensors in, tensors out) const { copy_elements<element<S.y>>(in[0], out[0]); }
};

} // namespace ctq::inline CTQ_TARGET::op
#endif

#if !defined(CTQ_HAS_OPERATORS_RESIZING) && (defined(CTQ_ALL_OPERATORS) || \
    defined(CTQ_USES_RESIZE_LINEAR) || \
    defined(CTQ_USES_RESIZE_NEAREST))
#define CTQ_HAS_OPERATORS_RESIZING
// ---- ctq/operators/resizing.hpp
// resizing: what operators that resample a tensor share: which place of the source an index of the result stands for,
// and the walk over the result that asks for it once an axis.
// room: operators | runs on: all | heap: no

namespace ctq::inline CTQ_TARGET::op {

/// Which coordinate of the source an index x of the result stands for; s is the scale, result over source.
enum class coordinates : std::uint8_t {
    half_pixel,             ///< (x + 1/2) / s - 1/2
    half_pixel_symmetric,   ///< the same about the middle, where the result is not just s times as long
    pytorch_half_pixel,     ///< the same, and 0 where the result has one element
    half_pixel_for_nearest, ///< (x + 1/2) / s
    align_corners,          ///< first on first and last on last, whatever the scale
    asymmetric,             ///< x / s
};

constexpr std::string_view name_of(coordinates how) {
    constexpr std::array<std::string_view, 6> names{"half_pixel",         "half_pixel_symmetric",
                                                    "pytorch_half_pixel", "half_pixel_for_nearest",
                                                    "align_corners",      "asymmetric"};
    return names[static_cast<std::size_t>(how)];
}

/// One axis of the source, and of the result.
struct resized_axis {
    std::int32_t from = 1, to = 1;
    float scale = 1;
};

/// The coordinate by the steps of onnxruntime (the symmetric one has some in double), so that places next to a half
/// fall alike, and the same everywhere; not cut to the source.
constexpr float source_coordinate(coordinates how, const resized_axis& axis, std::int32_t index) {
    const auto x = static_cast<float>(index), from = static_cast<float>(axis.from), to = static_cast<float>(axis.to);
    switch (how) {
    case coordinates::asymmetric:
        return x / axis.scale;
    case coordinates::align_corners:
        return axis.to == 1 ? 0.0f : exact(x * (from - 1)) / (to - 1);
    case coordinates::half_pixel_for_nearest:
        return (x + 0.5f) / axis.scale;
    case coordinates::half_pixel_symmetric: {
        const float aside = exact(from / 2 * (1 - to / exact(axis.scale * from)));
        const double inside = (static_cast<double>(x) + 0.5) / static_cast<double>(axis.scale);
        return static_cast<float>(static_cast<double>(aside) + inside - 0.5);
    }
    case coordinates::pytorch_half_pixel:
        if (axis.to == 1) return 0.0f;
        [[fallthrough]];
    default:
        return (x + 0.5f) / axis.scale - 0.5f;
    }
}

/// A coordinate cut to the source: an element, and how far it is on the way to the next one, which is there unless that
/// is 0.
struct source_place {
    std::int32_t first = 0;
    float fraction = 0; ///< 0 <= fraction < 1
};

constexpr source_place source_place_of(coordinates how, const resized_axis& axis, std::int32_t index) {
    const float at = source_coordinate(how, axis, index);
    if (!(at > 0)) return {0, 0};
    if (at >= static_cast<float>(axis.from - 1)) return {axis.from - 1, 0};
    const auto first = static_cast<std::int32_t>(at);
    return {first, at - static_cast<float>(first)};
}

/// Numbers of axes; those of extent 0 stay as they are.
using axis_extents = std::array<std::int32_t, shape::max_rank>;
using axis_scales = std::array<float, shape::max_rank>;

template <class Op> constexpr bool resizes(const Op& op, int axis) {
    return op.extent[static_cast<std::size_t>(axis)] != 0;
}

template <class Op> constexpr resized_axis axis_of(const Op& op, const shape& in, int axis) {
    const auto x = static_cast<std::size_t>(axis);
    return {in[axis], op.extent[x], op.scale[x]};
}

/// How many of a tensor's axes are resized, and how many there are up to the last such one.
template <class Op> constexpr int resized_count(const Op& op, int rank) {
    int count = 0;
    for (int axis = 0; axis < rank; ++axis) count += resizes(op, axis) ? 1 : 0;
    return count;
}
template <class Op> constexpr int resized_depth(const Op& op, int rank) {
    while (rank > 0 && !resizes(op, rank - 1)) --rank;
    return rank;
}

template <class Op> constexpr shape resized_shape(const Op& op, shapes in) {
    require(in.size() == 1, "a resize takes one input");
    constexpr std::int32_t longest = 1 << 24; // coordinates are floats
    shape result = in[0];
    require(resized_count(op, result.rank) > 0, "a resize must be along one axis at least; leave it out");
    for (int axis = 0; axis < in[0].rank; ++axis) {
        if (!resizes(op, axis)) continue;
        const auto [from, to, scale] = axis_of(op, in[0], axis);
        require(from > 0 && from <= longest && to > 0 && to <= longest,
                "an axis that is resized must have 1 to 16777216 elements, before and after");
        require(scale > 0 && elementary::is_finite(scale), "the scales of a resize must be positive and finite");
        result[axis] = to;
    }
    return result;
}

/// The same operator on a transposed tensor.
template <class Op> constexpr Op permuted_resize(const Op& op, std::span<const std::int32_t> permutation) {
    Op result = op;
    for (std::size_t axis = 0; axis < permutation.size(); ++axis) {
        result.extent[axis] = op.extent[static_cast<std::size_t>(permutation[axis])];
        result.scale[axis] = op.scale[static_cast<std::size_t>(permutation[axis])];
    }
    return result;
}

/// Where in a table of entries for each index along each resized axis those of an axis begin; behind all, its size.
template <class Op> constexpr std::array<std::int32_t, shape::max_rank + 1> table_starts(const Op& op, int rank) {
    std::array<std::int32_t, shape::max_rank + 1> starts{};
    for (std::size_t axis = 0; axis < static_cast<std::size_t>(rank); ++axis)
        starts[axis + 1] = starts[axis] + op.extent[axis];
    return starts;
}

/// Calls visit(state) for each index along the first `depth` axes of a shape, in row-major order, where the state comes
/// from `start` by step(axis, index, state) along one axis after the other: once an axis for all that lies behind it.
template <class State, class Step, class Visitor>
constexpr void for_each_prefix(const shape& over, int depth, const State& start, Step step, Visitor visit) {
    if (over.elements(0, depth) == 0) return;
    std::array<State, shape::max_rank + 1> states{start};
    std::array<std::int32_t, shape::max_rank> index{};
    int axis = 0;
    for (;;) {
        for (; axis < depth; ++axis) {
            const auto x = static_cast<std::size_t>(axis);
            states[x + 1] = step(axis, index[x], states[x]);
        }
        visit(states[static_cast<std::size_t>(depth)]);
        for (--axis; axis >= 0 && ++index[static_cast<std::size_t>(axis)] == over[axis]; --axis)
            index[static_cast<std::size_t>(axis)] = 0;
        if (axis < 0) return;
    }
}

} // namespace ctq::inline CTQ_TARGET::op
#endif

#if !defined(CTQ_HAS_OPERATORS_RESIZE_LINEAR) && (defined(CTQ_ALL_OPERATORS) || \
    defined(CTQ_USES_RESIZE_LINEAR))
#define CTQ_HAS_OPERATORS_RESIZE_LINEAR
// ---- ctq/operators/resize_linear.hpp
// resize_linear: a tensor resampled along some axes, by lines between the elements of the source.
// room: operators | runs on: all | heap: only where the table is made (compiler, host)

namespace ctq::inline CTQ_TARGET::op {

/// Elements of the source with a weight each, whose weighted sum is an element of the result: two along each axis.
template <class Weight> struct corner_set {
    static constexpr int most_axes = 3;

    int count = 0;
    std::array<std::size_t, 1 << most_axes> offset{};
    std::array<Weight, 1 << most_axes> weight{};

    /// All corners, moved by `distance` and weighted; without a weight there is none.
    constexpr void append(const corner_set& from, std::size_t distance, Weight by) {
        if (by == 0) return;
        for (int i = 0; i < from.count; ++i, ++count) {
            offset[static_cast<std::size_t>(count)] = from.offset[static_cast<std::size_t>(i)] + distance;
            weight[static_cast<std::size_t>(count)] = from.weight[static_cast<std::size_t>(i)] * by;
        }
    }
};

/// An element of the source along one axis and the next one, with their weights.
template <class Weight> struct weighted_pair {
    std::int32_t first = 0;
    Weight of_first{}, of_second{};
};

/// The place in TFLite's steps of 2^-10 (RESIZE_BILINEAR): of a ratio of integers, so its error grows along the axis.
constexpr std::int64_t tflite_place_of(coordinates how, const resized_axis& axis, std::int32_t index) {
    const bool aligned = how == coordinates::align_corners && axis.to > 1;
    const std::int64_t from = aligned ? axis.from - 1 : axis.from, to = aligned ? axis.to - 1 : axis.to;
    const std::int64_t step = (from * 1024 + to / 2) / to;
    const bool centred = how != coordinates::align_corners && how != coordinates::asymmetric;
    const std::int64_t place = index * step + (centred ? step / 2 - 512 : 0), last = std::int64_t{axis.from - 1} * 1024;
    return place < 0 ? 0 : place > last ? last : place;
}

/// True where TFLite has the coordinates: with the scale that the extents have.
constexpr bool is_of_tflite(coordinates how, const resized_axis& axis) {
    if (how == coordinates::align_corners) return true;
    if (how == coordinates::half_pixel_for_nearest || (how == coordinates::pytorch_half_pixel && axis.to == 1))
        return false;
    return axis.scale == static_cast<float>(axis.to) / static_cast<float>(axis.from);
}

/// The input with `extent` elements along each axis where that is not 0, at most 3 axes, each the mean of the nearest
/// elements of the source by their distance. Integer meaning: the sum of the integers under weights of 15 bits along
/// one or two axes, 10 along three, rounded once, halves away from zero; under TFLite's rounding RESIZE_BILINEAR, whose
/// places have 10. Cost: 2, 4 or 8 reads and products an element; the places are worked out once an axis.
struct resize_linear {
    static constexpr std::string_view name = "resize_linear";
    static constexpr std::string_view cpp_name = "ctq::op::resize_linear";
    static constexpr operator_traits traits{.output_range = range_rule::same_as_input,
                                            .roles = {operand_role::operand, operand_role::parameter}};

    axis_extents extent{};
    axis_scales scale{}; ///< result over source, of the axes that are resized
    coordinates mode = coordinates::half_pixel;

    static constexpr auto attributes =
        attribute_list{attribute{"extent", &resize_linear::extent}, attribute{"scale", &resize_linear::scale},
                       attribute{"mode", &resize_linear::mode}};

    friend constexpr bool operator==(const resize_linear&, const resize_linear&) = default;

  private:
    // Defined first: clang (docs/design.md, section 1).
    /// `pair(axis, index)`: the weighted pair of an axis that is resized; `finish(corners, i)`: element i behind them.
    template <class T, class Weight, class Pair, class Finish>
    constexpr void interpolate(const const_tensor& in, const tensor& out, Pair pair, Finish finish) const {
        using corners = corner_set<Weight>;
        const int depth = resized_depth(*this, in.shape().rank);
        const auto strides = strides_of(in.shape());
        const auto length = static_cast<std::size_t>(in.shape().elements(depth, in.shape().rank));
        T* to = out.as<T>();
        for_each_prefix(
            out.shape(), depth, corners{1, {0}, {Weight{1}}},
            [&](int axis, std::int32_t index, const corners& before) {
                const auto stride = static_cast<std::size_t>(strides[static_cast<std::size_t>(axis)]);
                corners result;
                if (!resizes(*this, axis)) {
                    result.append(before, static_cast<std::size_t>(index) * stride, Weight{1});
                    return result;
                }
                const weighted_pair<Weight> along = pair(axis, index);
                result.append(before, static_cast<std::size_t>(along.first) * stride, along.of_first);
                result.append(before, static_cast<std::size_t>(along.first + 1) * stride, along.of_second);
                return result;
            },
            [&](const corners& at) {
                for (std::size_t i = 0; i < length; ++i) *to++ = finish(at, i);
            });
    }

    /// The weight of a pair's second element, of 2^bits.
    template <signature S>
    constexpr weighted_pair<std::int32_t> integer_pair(const shape& in, int axis, std::int32_t index) const {
        const resized_axis along = axis_of(*this, in, axis);
        const std::int32_t one = 1 << weight_bits<S>(in.rank);
        if (S.how == rounding::double_rounding && is_of_tflite(mode, along)) {
            const std::int64_t place = tflite_place_of(mode, along, index);
            const auto second = static_cast<std::int32_t>(place % 1024);
            return {static_cast<std::int32_t>(place / 1024), 1024 - second, second};
        }
        const source_place place = source_place_of(mode, along, index);
        const auto second = ctq::nearest<std::int32_t>(static_cast<double>(place.fraction) * one);
        return {place.first, one - second, second};
    }

  public:
    /// Bits of a weight along one axis: all of an element together have 30.
    template <signature S> constexpr int weight_bits(int rank) const {
        return S.how == rounding::double_rounding || resized_count(*this, rank) > 2 ? 10 : 15;
    }

    constexpr shape output_shape(shapes in) const {
        const shape result = resized_shape(*this, in);
        require(resized_count(*this, result.rank) <= corner_set<float>::most_axes,
                "a linear resize is along 3 axes at most; use two of them");
        return result;
    }

    constexpr void compute(const_tensors in, tensors out) const {
        const float* from = in[0].as<float>();
        interpolate<float, float>(
            in[0], out[0],
            [&](int axis, std::int32_t index) {
                const source_place place = source_place_of(mode, axis_of(*this, in[0].shape(), axis), index);
                return weighted_pair<float>{place.first, 1 - place.fraction, place.fraction};
            },
            [&](const corner_set<float>& at, std::size_t i) {
                float sum = exact(at.weight[0] * from[at.offset[0] + i]);
                for (std::size_t k = 1; k < static_cast<std::size_t>(at.count); ++k)
                    sum += exact(at.weight[k] * from[at.offset[k] + i]);
                return sum;
            });
    }

    template <signature S>
    requires same_stored_types<S>
    constexpr void compute_integer(const_tensors in, tensors out) const {
        const int rank = in[0].shape().rank, bits = weight_bits<S>(rank), shift = bits * resized_count(*this, rank);
        const std::int64_t half = (std::int64_t{1} << shift) >> 1;
        const auto* from = in[0].as<element<S.x>>();
        const std::int32_t* table = in[1].as<std::int32_t>();
        const auto starts = table_starts(*this, in[0].shape().rank);
        interpolate<element<S.y>, std::int32_t>(
            in[0], out[0],
            [&](int axis, std::int32_t index) {
                const std::int32_t* entry = table + 2 * (starts[static_cast<std::size_t>(axis)] + index);
                return weighted_pair<std::int32_t>{entry[0], (1 << bits) - entry[1], entry[1]};
            },
            [&](const corner_set<std::int32_t>& at, std::size_t i) {
                std::int64_t sum = 0;
                for (std::size_t k = 0; k < static_cast<std::size_t>(at.count); ++k)
                    sum += std::int64_t{at.weight[k]} * from[at.offset[k] + i];
                return static_cast<element<S.y>>(sum < 0 ? -((half - sum) >> shift) : (sum + half) >> shift);
            });
    }

    /// The weights are positive and together 2^30 at most, so that a sum is within 2^30 of the farthest integers.
    template <signature S>
    requires same_stored_types<S>
    constexpr bool never_overflows(const nothing_lowered&, const_tensors in, const tensor_facts&) const {
        const int rank = in[0].shape().rank, shift = weight_bits<S>(rank) * resized_count(*this, rank);
        const limits& range = in[0].facts.range;
        const std::int64_t below = -std::int64_t{range.low}, above = range.high,
                           farthest = below > above ? below : above;
        return farthest <= (std::numeric_limits<std::int64_t>::max() >> shift) - 1;
    }

    /// The table: for each axis that is resized, and each index of the result, the first element of its pair and the
    /// weight of the second.
    template <signature S, lowering_view Node>
    requires same_stored_types<S>
    constexpr nothing_lowered lower(Node& node) const {
        const shape& in = node.input(0).shape;
        const std::int32_t size = table_starts(*this, in.rank)[static_cast<std::size_t>(in.rank)];
        auto table = node.template list<std::int32_t>(2 * static_cast<std::size_t>(size));
        std::size_t at = 0;
        for (int axis = 0; axis < in.rank; ++axis)
            for (std::int32_t i = 0; i < extent[static_cast<std::size_t>(axis)]; ++i) {
                const weighted_pair<std::int32_t> pair = integer_pair<S>(in, axis, i);
                table[at++] = pair.first;
                table[at++] = pair.of_second;
            }
        node.keep(0);
        node.append("table", shape{size, 2}, table);
        return {};
    }

    constexpr resize_linear permuted(std::span<const std::int32_t> permutation) const {
        return permuted_resize(*this, permutation);
    }
};

} // namespace ctq::inline CTQ_TARGET::op
#endif

#if !defined(CTQ_HAS_OPERATORS_RESIZE_NEAREST) && (defined(CTQ_ALL_OPERATORS) || \
    defined(CTQ_USES_RESIZE_NEAREST))
#define CTQ_HAS_OPERATORS_RESIZE_NEAREST
// ---- ctq/operators/resize_nearest.hpp
// resize_nearest: a tensor resampled along some axes, each element the nearest one of the source.
// room: operators | runs on: all | heap: only where the table is made (compiler, host)

namespace ctq::inline CTQ_TARGET::op {

/// Which of two elements a place between them is nearest to.
enum class nearest_rounding : std::uint8_t {
    prefer_floor,       ///< the nearer one, of two as near the first
    prefer_ceil,        ///< the nearer one, of two as near the second
    floor,              ///< the first
    ceil,               ///< the second
    ceil_where_smaller, ///< the second along axes whose scale is below 1, else the first
};

constexpr std::int32_t nearest_of(const source_place& place, nearest_rounding how, float scale) {
    const auto is_second = [&] {
        switch (how) {
        case nearest_rounding::prefer_floor:
            return place.fraction > 0.5f;
        case nearest_rounding::prefer_ceil:
            return place.fraction >= 0.5f;
        case nearest_rounding::ceil:
            return place.fraction > 0;
        case nearest_rounding::ceil_where_smaller:
            return scale < 1 && place.fraction > 0;
        default:
            return false;
        }
    };
    return place.first + (is_second() ? 1 : 0);
}

/// The input with `extent` elements along each axis where that is not 0, those of the places that `mode` says. Integer
/// meaning: the same elements, exact, by a table of the indices. Cost: a read and a write an element.
struct resize_nearest {
    static constexpr std::string_view name = "resize_nearest";
    static constexpr std::string_view cpp_name = "ctq::op::resize_nearest";
    static constexpr operator_traits traits{.output_range = range_rule::same_as_input,
                                            .roles = {operand_role::operand, operand_role::parameter},
                                            .moves_elements = true};

    axis_extents extent{};
    axis_scales scale{}; ///< result over source, of the axes that are resized
    coordinates mode = coordinates::half_pixel;
    nearest_rounding rounds = nearest_rounding::prefer_floor;

    static constexpr auto attributes =
        attribute_list{attribute{"extent", &resize_nearest::extent}, attribute{"scale", &resize_nearest::scale},
                       attribute{"mode", &resize_nearest::mode}, attribute{"rounds", &resize_nearest::rounds}};

    friend constexpr bool operator==(const resize_nearest&, const resize_nearest&) = default;

  private:
    // Defined first: clang (docs/design.md, section 1).
    constexpr std::int32_t source_index(const shape& in, int axis, std::int32_t index) const {
        const resized_axis along = axis_of(*this, in, axis);
        return nearest_of(source_place_of(mode, along, index), rounds, along.scale);
    }

    /// `source(axis, index)`: of an axis that is resized.
    template <class T, class Source>
    constexpr void pick(const const_tensor& in, const tensor& out, Source source) const {
        const int depth = resized_depth(*this, in.shape().rank);
        const auto strides = strides_of(in.shape());
        const std::int64_t length = in.shape().elements(depth, in.shape().rank);
        T* to = out.as<T>();
        for_each_prefix(
            out.shape(), depth, std::int64_t{0},
            [&](int axis, std::int32_t index, std::int64_t offset) {
                return offset +
                       strides[static_cast<std::size_t>(axis)] * (resizes(*this, axis) ? source(axis, index) : index);
            },
            [&](std::int64_t offset) {
                for (std::int64_t i = 0; i < length; ++i) *to++ = in.as<T>()[offset + i];
            });
    }

  public:
    constexpr shape output_shape(shapes in) const { return resized_shape(*this, in); }

    constexpr void compute(const_tensors in, tensors out) const {
        with_element_type(out[0].facts.type, [&](auto each) {
            pick<decltype(each)>(in[0], out[0],
                                 [&](int axis, std::int32_t i) { return source_index(in[0].shape(), axis, i); });
        });
    }

    template <signature S>
    requires same_stored_types<S>
    constexpr void compute_integer(const_tensors in, tensors out) const {
        const std::int32_t* table = in[1].as<std::int32_t>();
        const auto starts = table_starts(*this, in[0].shape().rank);
        pick<element<S.y>>(in[0], out[0],
                           [&](int axis, std::int32_t i) { return table[starts[static_cast<std::size_t>(axis)] + i]; });
    }

    /// The table: for each axis that is resized the index of the source for each of the result.
    template <signature S, lowering_view Node>
    requires same_stored_types<S>
    constexpr nothing_lowered lower(Node& node) const {
        const shape& in = node.input(0).shape;
        const std::int32_t size = table_starts(*this, in.rank)[static_cast<std::size_t>(in.rank)];
        auto table = node.template list<std::int32_t>(static_cast<std::size_t>(size));
        std::size_t at = 0;
        for (int axis = 0; axis < in.rank; ++axis)
            for (std::int32_t i = 0; i < extent[static_cast<std::size_t>(axis)]; ++i)
                table[at++] = source_index(in, axis, i);
        node.keep(0);
        node.append("table", shape{size}, table);
        return {};
    }

    constexpr resize_nearest permuted(std::span<const std::int32_t> permutation) const {
        return permuted_resize(*this, permutation);
    }
};

} // namespace ctq::inline CTQ_TARGET::op
#endif

#if !defined(CTQ_HAS_OPERATORS_RNN) && (defined(CTQ_ALL_OPERATORS) || \
    defined(CTQ_USES_RNN))
#define CTQ_HAS_OPERATORS_RNN
// ---- ctq/operators/rnn.hpp
// rnn: a cell without gates that reads a sequence, in one direction or in both.
// room: operators | runs on: all | heap: no

namespace ctq::inline CTQ_TARGET::op {

/// Inputs: x [steps, samples, inputs]; weights of the inputs [directions, units, inputs] and of the state
/// [directions, units, units]; their biases [directions, 2 * units], the former's first; the initial state h
/// [directions, samples, units]. Outputs: each step's h [steps, directions, samples, units]; the last h.
///
/// h = f(sums within `clip`), each step rounded to float. No integer meaning. Cost: units * (inputs + units) products a
/// step, with no memory but the outputs'. Faults where the shapes do not fit each other, or the numbers are none that a
/// cell can have.
struct rnn {
    static constexpr std::string_view name = "rnn";
    static constexpr std::string_view cpp_name = "ctq::op::rnn";
    static constexpr operator_traits traits = recurrent::traits;
    static constexpr std::int64_t gates = 1;

    sequence_direction direction = sequence_direction::forward;
    /// f of each direction; their alphas and betas.
    std::array<cell_function, 2> functions{cell_function::tanh, cell_function::tanh};
    std::array<float, 2> alpha{}, beta{};
    float clip = std::numeric_limits<float>::infinity(); ///< of what goes into f

    static constexpr auto attributes =
        attribute_list{attribute{"direction", &rnn::direction}, attribute{"functions", &rnn::functions},
                       attribute{"alpha", &rnn::alpha}, attribute{"beta", &rnn::beta}, attribute{"clip", &rnn::clip}};

    friend constexpr bool operator==(const rnn&, const rnn&) = default;

    static constexpr int output_count() { return 2; }

    constexpr shape output_shape(shapes in, int which) const {
        require(in.size() == recurrent::inputs,
                "rnn takes a sequence, weights of inputs and state, a bias and a state");
        check_recurrent(*this, in);
        return states_shape(in, which == 0);
    }

    constexpr std::int64_t macs(const shape& in, const shape& out) const { return recurrent_macs(gates, in, out); }

    constexpr void compute(const_tensors in, tensors out) const {
        const recurrent_weights weights(in);
        for_each_step(direction, in, out, [&](const recurrent_step& at) {
            for (std::size_t unit = 0; unit < weights.units(); ++unit)
                at.after[unit] = gate_of(*this, at.direction, weights.sum(at, 0, unit));
        });
    }
};

} // namespace ctq::inline CTQ_TARGET::op
#endif

#if !defined(CTQ_HAS_OPERATORS_SELECT) && (defined(CTQ_ALL_OPERATORS) || \
    defined(CTQ_USES_SELECT))
#define CTQ_HAS_OPERATORS_SELECT
// ---- ctq/operators/select.hpp
// select: of two tensors the elements of one or of the other, as a third says.
// room: operators | runs on: all | heap: no

namespace ctq::inline CTQ_TARGET::op {

/// Inputs: booleans, and a and b of one type, all broadcast as ONNX does. Output: a where the boolean is yes, else b.
struct select {
    static constexpr std::string_view name = "select";
    static constexpr std::string_view cpp_name = "ctq::op::select";
    static constexpr operator_traits traits{
        .operands = element_types::all, .adds_nothing = true, .is_element_wise = true, .aligns_operands = true};
    static constexpr auto attributes = no_attributes;

    friend constexpr bool operator==(const select&, const select&) = default;

  private:
    // Defined first: clang (docs/design.md, section 1).
    template <class T> static constexpr void pick(const_tensors in, std::size_t operand, const tensor& out) {
        const boolean* which = in[0].as<boolean>();
        const T* from = in[operand].as<T>();
        const boolean asked = operand == 1 ? boolean::yes : boolean::no;
        for_each_broadcast(out.shape(), in[0].shape(), in[operand].shape(),
                           [&](std::size_t i, std::size_t in_which, std::size_t in_from) {
                               if (which[in_which] == asked) out.as<T>()[i] = from[in_from];
                           });
    }

  public:
    constexpr shape output_shape(shapes in) const {
        require(in.size() == 3, "select takes three inputs");
        return broadcast(broadcast(in[0], in[1]), in[2]);
    }
    constexpr dtype output_type(dtypes in, int) const {
        require(in.size() == 3 && in[0] == dtype::boolean && in[1] == in[2],
                "select takes booleans, and two operands of one element type");
        return in[1];
    }

    constexpr void compute(const_tensors in, tensors out) const {
        with_entry_type(out[0].facts.type, [&](auto each) {
            pick<decltype(each)>(in, 1, out[0]);
            pick<decltype(each)>(in, 2, out[0]);
        });
    }

    constexpr select permuted(std::span<const std::int32_t>) const { return *this; }
};

} // namespace ctq::inline CTQ_TARGET::op
#endif

#if !defined(CTQ_HAS_OPERATORS_SLICE) && (defined(CTQ_ALL_OPERATORS) || \
    defined(CTQ_USES_SLICE))
#define CTQ_HAS_OPERATORS_SLICE
// ---- ctq/operators/slice.hpp
// slice: some of the elements along each axis: from one on, every so many, forwards or backwards, or one over and over.
// room: operators | runs on: all | heap: no

namespace ctq::inline CTQ_TARGET::op {

/// Along each axis of the input the `count` elements `first`, `first` + `step`, ..., of a step of 0 the same one; as
/// many entries count as the input has axes. Integer meaning: the same, exact. Cost: one read and one write an element
/// of the output.
struct slice {
    static constexpr std::string_view name = "slice";
    static constexpr std::string_view cpp_name = "ctq::op::slice";
    static constexpr operator_traits traits{
        .operands = element_types::all, .output_range = range_rule::same_as_input, .moves_elements = true};

    using numbers = std::array<std::int32_t, shape::max_rank>;
    numbers first{}, step{}, count{};

    static constexpr auto attributes = attribute_list{
        attribute{"first", &slice::first}, attribute{"step", &slice::step}, attribute{"count", &slice::count}};

    friend constexpr bool operator==(const slice&, const slice&) = default;

  private:
    // Defined first: clang (docs/design.md, section 1).
    template <class T> constexpr void pick(const const_tensor& in, const tensor& out) const {
        auto walk = strides_of(in.shape());
        std::int64_t origin = 0;
        for (std::size_t axis = 0; axis < static_cast<std::size_t>(in.shape().rank); ++axis) {
            origin += first[axis] * walk[axis];
            walk[axis] *= step[axis];
        }
        T* to = out.as<T>();
        for_each_offset(out.shape(), walk, [&](std::int64_t offset) { *to++ = in.as<T>()[origin + offset]; });
    }

  public:
    constexpr shape output_shape(shapes in) const {
        require(in.size() == 1, "slice takes one input");
        shape result;
        for (int axis = 0; axis < in[0].rank; ++axis) {
            const auto x = static_cast<std::size_t>(axis);
            require(count[x] >= 0, "a slice must not have a negative number of elements");
            const std::int64_t last = first[x] + std::int64_t{step[x]} * (count[x] - 1);
            require(count[x] == 0 || (first[x] >= 0 && first[x] < in[0][axis] && last >= 0 && last < in[0][axis]),
                    "a slice must lie within the input");
            result.append(count[x]);
        }
        return result;
    }

    constexpr void compute(const_tensors in, tensors out) const {
        with_element_type(out[0].facts.type, [&](auto each) { pick<decltype(each)>(in[0], out[0]); });
    }

    template <signature S>
    requires same_stored_types<S>
    constexpr void compute_integer(const_tensors in, tensors out) const { pick<element<S.y>>(in[0], out[0]); }

    constexpr slice permuted(std::span<const std::int32_t> permutation) const {
        slice result = *this;
        for (std::size_t axis = 0; axis < permutation.size(); ++axis) {
            const auto from = static_cast<std::size_t>(permutation[axis]);
            result.first[axis] = first[from];
            result.step[axis] = step[from];
            result.count[axis] = count[from];
        }
        return result;
    }
};

} // namespace ctq::inline CTQ_TARGET::op
#endif

#if !defined(CTQ_HAS_CORE_SOFTMAX_INT16) && (defined(CTQ_ALL_OPERATORS) || \
    defined(CTQ_USES_SOFTMAX))
#define CTQ_HAS_CORE_SOFTMAX_INT16
// ---- ctq/core/softmax_int16.hpp
// softmax on int16, by two tables with interpolation, bit for bit TFLite's.
// room: core | runs on: all | heap: no | float: only in encode and in the tables, which the compiler makes

namespace ctq::inline CTQ_TARGET {

namespace detail {

/// e^x over [-10, 0] in units of 2^-15. Templates, and so is what reads the tables: only programs that use them make
/// them.
template <class Real = double>
inline constexpr interpolated_table exponential_table = make_interpolated_table<Real>(Real{10.0 / 65535}, 32767,
                                                                                      Real{2.0 / 65535}, [](Real x) {
                                                                                          return elementary::exp(x);
                                                                                      });

/// 1 / (1 + x) over [0, 1] in units of 2^-15.
template <class Real = double>
inline constexpr interpolated_table reciprocal_table = make_interpolated_table<Real>(Real{1.0 / 65535}, -32768,
                                                                                     Real{2.0 / 65535}, [](Real x) {
                                                                                         return Real{1} / (Real{1} + x);
                                                                                     });

/// e^(x - largest) in units of 2^-15, 1 .. 32767. x <= largest.
template <class Real = double>
constexpr std::int32_t exponential_of_difference(std::int32_t x, std::int32_t largest, scaling s) {
    const std::int32_t scaled = apply_saturating<double_rounding>(x - largest, s, 0);
    return interpolate(saturate<std::int16_t>(scaled + 32767), exponential_table<Real>);
}

/// 1 / sum as multiplier * 2^-shift, for exponentials in units of 2^-15.
struct reciprocal {
    std::int32_t multiplier, shift;
};
template <class Real = double> constexpr reciprocal reciprocal_of(std::int32_t sum) {
    const int zeros = std::countl_zero(static_cast<std::uint32_t>(sum));
    // The sum's leading bits as 1 + x, x in units of 2^-16: the table wants x on int16's whole range.
    const std::uint32_t normal = static_cast<std::uint32_t>(sum) << (zeros - 1);
    const std::int32_t beyond_one = static_cast<std::int32_t>((normal + (1U << 13)) >> 14) - 65536;
    return {interpolate(saturate<std::int16_t>(beyond_one - 32768), reciprocal_table<Real>), 31 - zeros};
}

} // namespace detail

/// The parameters of softmax_int16: the input's scale times beta, positive and finite. The product is float32, as in
/// TFLite's kernel.
constexpr scaling encode_softmax_int16(float input_scale, float beta) {
    const float scale = input_scale * beta;
    return double_rounding::encode(static_cast<double>(scale) / (10.0 / 65535));
}

/// One row: to[i * step] = e^from[i * step] / sum of all, i < length. The input is symmetric with the scale that was
/// encoded; the output symmetric with scale 2^-15, 0 .. 32767. 1 <= length <= 65538; `to` may be `from`. Integers only.
/// Within 2 * (length + 1) units of the real softmax: an input so far below the largest that it should count nothing
/// still counts 2 units of 2^-15, so the format suits short rows.
/// Cost: two passes of table look-ups and one of multiplications. From: TFLite's reference int16 softmax (tested on its
/// results).
template <class Real = double>
constexpr void softmax_int16(const std::int16_t* from, std::int16_t* to, std::size_t length, std::size_t step,
                             scaling s) {
    std::int32_t largest = from[0];
    for (std::size_t i = 1; i < length; ++i) largest = from[i * step] > largest ? from[i * step] : largest;
    std::int32_t sum = 0;
    for (std::size_t i = 0; i < length; ++i) {
        const std::int32_t share = detail::exponential_of_difference<Real>(from[i * step], largest, s);
        to[i * step] = static_cast<std::int16_t>(share);
        sum += share;
    }
    const auto [multiplier, shift] = detail::reciprocal_of<Real>(sum);
    for (std::size_t i = 0; i < length; ++i) {
        const std::int32_t share = rounding_shift_right(to[i * step] * multiplier, shift);
        to[i * step] = static_cast<std::int16_t>(clamp_to<std::int32_t>(share, 0, 32767));
    }
}

} // namespace ctq::inline CTQ_TARGET
#endif

#if !defined(CTQ_HAS_OPERATORS_SOFTMAX) && (defined(CTQ_ALL_OPERATORS) || \
    defined(CTQ_USES_SOFTMAX))
#define CTQ_HAS_OPERATORS_SOFTMAX
// ---- ctq/operators/softmax.hpp
// softmax: exp(x - max) / sum along one axis.
// room: operators | runs on: all | heap: only where the table is made (compiler, host)

namespace ctq::inline CTQ_TARGET::op {

template <signature S>
concept softmax_of_bytes = is_byte(S.x) && is_byte(S.y);

/// The output's range is customary: [0, 1) as `unit_interval` has it, or as far as the data go, for shares of many.
/// Integer meaning in 8 bits: a table holds exp(-i * input scale) for i = 0..255 with as many bits as the axis leaves
/// in 30; q = (steps e + sum / 2) / sum + zero point, where `steps` is what 1 is worth in the output: 256 under
/// TFLite's parameters. In 16 bits: softmax_int16.
struct softmax {
    static constexpr std::string_view name = "softmax";
    static constexpr std::string_view cpp_name = "ctq::op::softmax";
    static constexpr operator_traits traits{.output_range = range_rule::customary,
                                            .roles = {operand_role::operand, operand_role::parameter}};

    std::int32_t axis = -1;

    static constexpr auto attributes = attribute_list{attribute{"axis", &softmax::axis}};

    friend constexpr bool operator==(const softmax&, const softmax&) = default;

    struct lowered {
        std::int32_t steps = 256; ///< the output's steps in 1, in 8 bits
        scaling scale{};          ///< of the input, in 16 bits

        static constexpr auto attributes =
            attribute_list{attribute{"steps", &lowered::steps}, attribute{"scale", &lowered::scale}};
        friend constexpr bool operator==(const lowered&, const lowered&) = default;
    };

  private:
    // Defined first: clang (docs/design.md, section 1).
    static constexpr std::int32_t largest_axis = 65536;
    static constexpr std::int64_t most = std::numeric_limits<std::int32_t>::max();

    /// Calls visit(first element, step, length) for every line along the axis.
    template <class Visitor> constexpr void for_each_line(const shape& in, Visitor visit) const {
        const int along = in.normalized_axis(axis);
        const auto length = static_cast<std::size_t>(in[along]);
        const auto inner = static_cast<std::size_t>(in.elements(along + 1, in.rank));
        const auto outer = static_cast<std::size_t>(in.elements(0, along));
        for (std::size_t o = 0; o < outer; ++o)
            for (std::size_t i = 0; i < inner; ++i) visit(o * length * inner + i, inner, length);
    }

  public:
    static constexpr bounds output_bounds(dtype type) { return unit_interval(type); }

    constexpr shape output_shape(shapes in) const {
        require(in.size() == 1, "softmax takes one input");
        require(in[0][in[0].normalized_axis(axis)] <= largest_axis, "a softmax is over at most 65536 values");
        return in[0];
    }

    constexpr void compute(const_tensors in, tensors out) const {
        for_each_line(in[0].shape(), [&](std::size_t first, std::size_t step, std::size_t length) {
            const float* from = in[0].as<float>() + first;
            float* to = out[0].as<float>() + first;
            float largest = from[0];
            for (std::size_t i = 1; i < length; ++i) largest = from[i * step] > largest ? from[i * step] : largest;
            double sum = 0;
            for (std::size_t i = 0; i < length; ++i)
                sum += elementary::exp(static_cast<double>(from[i * step] - largest));
            for (std::size_t i = 0; i < length; ++i)
                to[i * step] = static_cast<float>(elementary::exp(static_cast<double>(from[i * step] - largest)) / sum);
        });
    }

    template <signature S>
    requires fixed_int16::signature_of_function<S>
    constexpr void compute_integer(const lowered& with, const_tensors in, tensors out) const {
        for_each_line(in[0].shape(), [&](std::size_t first, std::size_t step, std::size_t length) {
            softmax_int16<fixed_int16::real<S>>(in[0].as<std::int16_t>() + first, out[0].as<std::int16_t>() + first,
                                                length, step, with.scale);
        });
    }

    /// The longest line keeps its sum within 31 bits.
    template <signature S>
    requires fixed_int16::signature_of_function<S>
    constexpr bool never_overflows(const lowered&, const_tensors, const tensor_facts&) const { return true; }

    template <signature S, lowering_view Node>
    requires fixed_int16::signature_of_function<S>
    constexpr lowered lower(Node& node) const {
        fixed_int16::check(node.input(0), node.output());
        node.keep(0);
        return {.scale = encode_softmax_int16(node.input(0).quantization.scale, 1.0f)};
    }

    template <signature S>
    requires softmax_of_bytes<S>
    constexpr void compute_integer(const lowered& with, const_tensors in, tensors out) const {
        const std::int32_t* table = in[1].as<std::int32_t>();
        for_each_line(in[0].shape(), [&](std::size_t first, std::size_t step, std::size_t length) {
            const auto* from = in[0].as<element<S.x>>() + first;
            auto* to = out[0].as<element<S.y>>() + first;
            std::int32_t largest = from[0];
            for (std::size_t i = 1; i < length; ++i) largest = from[i * step] > largest ? from[i * step] : largest;
            std::int32_t sum = 0;
            for (std::size_t i = 0; i < length; ++i) sum += table[largest - from[i * step]];
            for (std::size_t i = 0; i < length; ++i) {
                const std::int32_t share = (table[largest - from[i * step]] * with.steps + sum / 2) / sum;
                to[i * step] = static_cast<element<S.y>>(out[0].facts.range.clamp(share + out[0].zero_point()));
            }
        });
    }

    /// The sum of a line, and `steps` times an entry with half a sum, keep within 31 bits.
    template <signature S>
    requires softmax_of_bytes<S>
    constexpr bool never_overflows(const lowered& with, const_tensors in, const tensor_facts&) const {
        const std::int64_t one = in[1].as<std::int32_t>()[0],
                           length = in[0].shape()[in[0].shape().normalized_axis(axis)];
        return one * length <= most && one * with.steps + one * length / 2 <= most;
    }

    /// Bits of a table entry: `steps` times an entry and the sum over `length` entries stay within 2^30.
    static constexpr std::int32_t table_bits(std::int32_t length, std::int32_t steps) {
        const std::int64_t most_terms = length > steps ? length : steps;
        std::int32_t bits = 22;
        while (bits > 0 && (most_terms << bits) > (std::int64_t{1} << 30)) --bits;
        return bits;
    }

    template <signature S, lowering_view Node>
    requires softmax_of_bytes<S>
    constexpr lowered lower(Node& node) const {
        const shape& in = node.input(0).shape;
        const std::int32_t steps = nearest<std::int32_t>(1.0 / static_cast<double>(node.output().quantization.scale));
        require(steps >= 1 && steps <= largest_axis,
                "a softmax's output must have 1 to 65536 steps; exclude the layer");
        const double step = static_cast<double>(node.input(0).quantization.scale);
        const double one = static_cast<double>(std::int32_t{1} << table_bits(in[in.normalized_axis(axis)], steps));
        auto table = node.template list<std::int32_t>(256);
        for (std::size_t i = 0; i < table.size(); ++i)
            table[i] = nearest<std::int32_t>(one * elementary::exp(-step * static_cast<double>(i)));
        node.keep(0);
        node.append("table", shape{256}, table);
        return {.steps = steps};
    }

    constexpr softmax permuted(std::span<const std::int32_t> permutation) const {
        const auto rank = static_cast<std::int32_t>(permutation.size());
        return {permuted_axis(axis < 0 ? axis + rank : axis, permutation)};
    }
};

} // namespace ctq::inline CTQ_TARGET::op
#endif

#if !defined(CTQ_HAS_OPERATORS_SUBTRACT) && (defined(CTQ_ALL_OPERATORS) || \
    defined(CTQ_USES_SUBTRACT))
#define CTQ_HAS_OPERATORS_SUBTRACT
// ---- ctq/operators/subtract.hpp
// subtract: element-wise difference of two tensors, broadcast; one of them may be constant.
// room: operators | runs on: all | heap: no

namespace ctq::inline CTQ_TARGET::op {

/// Inputs: a and b, broadcast as ONNX does. Output: a - b within `activation`. Integer meaning: that of the sum of a
/// and -b (core/weighted_sum.hpp), whose rounding does not ask for b's sign.
struct subtract {
    static constexpr std::string_view name = "subtract";
    static constexpr std::string_view cpp_name = "ctq::op::subtract";
    static constexpr operator_traits traits{
        .operands = element_types::numbers, .in_place = true, .is_element_wise = true, .aligns_operands = true};

    bounds activation{};

    static constexpr auto attributes = attribute_list{attribute{"activation", &subtract::activation}};

    friend constexpr bool operator==(const subtract&, const subtract&) = default;

    using lowered = add::lowered;

    constexpr shape output_shape(shapes in) const {
        require(in.size() == 2, "subtract takes two inputs");
        return broadcast(in[0], in[1]);
    }

    constexpr void compute(const_tensors in, tensors out) const {
        for_each_pair(in, out[0], [&]<class T>(T a, T b) {
            if constexpr (std::is_same_v<T, float>)
                return activation.clamp(a - b);
            else
                return wrapped_difference(a, b);
        });
    }

    template <signature S>
    requires element_wise_signature<S>
    constexpr void compute_integer(const lowered& with, const_tensors in, tensors out) const {
        for_each_integer_pair<S>(in, out[0], [&](std::int32_t a, std::int32_t b) {
            return add::sum_of<S>::apply(a, -b, with.scales) + out[0].zero_point();
        });
    }

    template <signature S>
    requires element_wise_signature<S>
    constexpr bool never_overflows(const lowered& with, const_tensors in, const tensor_facts& out) const {
        return add{}.never_overflows<S>(with, in, out);
    }

    template <signature S, lowering_view Node>
    requires element_wise_signature<S>
    constexpr lowered lower(Node& node) const { return add{}.lower<S>(node); }

    constexpr affine of_channel(std::span<const float> taken) const { return {1.0, -static_cast<double>(taken[0])}; }

    constexpr subtract permuted(std::span<const std::int32_t>) const { return *this; }
};

} // namespace ctq::inline CTQ_TARGET::op
#endif

#if !defined(CTQ_HAS_OPERATORS_THRESHOLDED_RELU) && (defined(CTQ_ALL_OPERATORS) || \
    defined(CTQ_USES_THRESHOLDED_RELU))
#define CTQ_HAS_OPERATORS_THRESHOLDED_RELU
// ---- ctq/operators/thresholded_relu.hpp
// thresholded_relu: x where it is above a threshold, else 0.
// room: operators | runs on: all | heap: no

namespace ctq::inline CTQ_TARGET::op {

/// x above `alpha`, else 0. It jumps there, so that it has a table in 8 bits and runs in float in 16.
struct thresholded_relu {
    static constexpr std::string_view name = "thresholded_relu";
    static constexpr std::string_view cpp_name = "ctq::op::thresholded_relu";
    static constexpr operator_traits traits{.is_continuous = false}; // so no int16 meaning

    float alpha = 1.0f; ///< the threshold

    static constexpr auto attributes = attribute_list{attribute{"alpha", &thresholded_relu::alpha}};

    friend constexpr bool operator==(const thresholded_relu&, const thresholded_relu&) = default;

    constexpr float operator()(float x) const { return x > alpha ? x : 0.0f; }
};

} // namespace ctq::inline CTQ_TARGET::op
#endif

#if !defined(CTQ_HAS_OPERATORS_TOP_K) && (defined(CTQ_ALL_OPERATORS) || \
    defined(CTQ_USES_TOP_K))
#define CTQ_HAS_OPERATORS_TOP_K
// ---- ctq/operators/top_k.hpp
// top_k: the largest or smallest elements of each line along one axis, and where they stood.
// room: operators | runs on: all | heap: no

namespace ctq::inline CTQ_TARGET::op {

/// Outputs: the `count` largest elements of each line along `axis`, or the smallest, and their indices in it, int64.
/// They are in order, the largest or smallest first, of equal ones that of the lower index; NaN is larger than all
/// other numbers, as numpy sorts. Integer meaning: the same of the integers, which order as the reals do; exact. Cost:
/// a read and, for what is among the best so far, log2(count) steps an element.
struct top_k {
    static constexpr std::string_view name = "top_k";
    static constexpr std::string_view cpp_name = "ctq::op::top_k";
    static constexpr operator_traits traits{
        .operands = element_types::numbers, .output_range = range_rule::same_as_input, .moves_elements = true};

    std::int32_t axis = -1;
    std::int32_t count = 1;
    bool largest = true;

    static constexpr auto attributes = attribute_list{
        attribute{"axis", &top_k::axis}, attribute{"count", &top_k::count}, attribute{"largest", &top_k::largest}};

    friend constexpr bool operator==(const top_k&, const top_k&) = default;

  private:
    // Defined first: clang (docs/design.md, section 1).
    /// The elements that are chosen of a line, `step` apart: while they are chosen a heap, the last of them on top.
    template <class T> struct chosen {
        T* values;
        std::int64_t* indices;
        std::size_t step;
        bool largest;

        constexpr void put(std::size_t at, T value, std::int64_t index) const {
            values[at * step] = value;
            indices[at * step] = index;
        }
        constexpr void exchange(std::size_t a, std::size_t b) const {
            const T value = values[a * step];
            const std::int64_t index = indices[a * step];
            put(a, values[b * step], indices[b * step]);
            put(b, value, index);
        }

        static constexpr bool exceeds(T a, T b) {
            if constexpr (std::is_same_v<T, float>)
                return a > b || (a != a && b == b);
            else
                return a > b;
        }
        /// Whether an element comes before the one at `at`.
        constexpr bool precedes(T value, std::int64_t index, std::size_t at) const {
            const T other = values[at * step];
            if (exceeds(value, other)) return largest;
            if (exceeds(other, value)) return !largest;
            return index < indices[at * step];
        }
        constexpr bool precedes(std::size_t a, std::size_t b) const {
            return precedes(values[a * step], indices[a * step], b);
        }

        /// Lets the element at `at` sink below those that come after it, among the first `size`.
        constexpr void sink(std::size_t at, std::size_t size) const {
            for (std::size_t below = 2 * at + 1; below < size; below = 2 * at + 1) {
                if (below + 1 < size && precedes(below, below + 1)) ++below;
                if (!precedes(at, below)) return;
                exchange(at, below);
                at = below;
            }
        }
        constexpr void make_heap(std::size_t size) const {
            for (std::size_t at = size / 2; at-- > 0;) sink(at, size);
        }
        /// From a heap to the order.
        constexpr void sort(std::size_t size) const {
            while (size-- > 1) {
                exchange(0, size);
                sink(0, size);
            }
        }
    };

    template <class T> constexpr void choose(const const_tensor& in, tensors out) const {
        const int along = in.shape().normalized_axis(axis);
        const auto length = static_cast<std::size_t>(in.shape()[along]), kept = static_cast<std::size_t>(count);
        const auto step = static_cast<std::size_t>(in.shape().elements(along + 1, in.shape().rank));
        for (std::size_t first = 0, at = 0; first < in.size(); first += length * step, at += kept * step)
            for (std::size_t i = 0; i < step; ++i) {
                const T* line = in.as<T>() + first + i;
                const chosen<T> best{out[0].as<T>() + at + i, out[1].as<std::int64_t>() + at + i, step, largest};
                for (std::size_t k = 0; k < kept; ++k) best.put(k, line[k * step], static_cast<std::int64_t>(k));
                best.make_heap(kept);
                for (std::size_t k = kept; k < length; ++k) {
                    if (!best.precedes(line[k * step], static_cast<std::int64_t>(k), 0)) continue;
                    best.put(0, line[k * step], static_cast<std::int64_t>(k));
                    best.sink(0, kept);
                }
                best.sort(kept);
            }
    }

  public:
    constexpr int output_count() const { return 2; }
    constexpr shape output_shape(shapes in, int) const {
        require(in.size() == 1, "top_k takes one input");
        shape result = in[0];
        const int along = result.normalized_axis(axis);
        require(count >= 1 && count <= result[along], "top_k must choose 1 element at least and all of a line at most");
        result[along] = count;
        return result;
    }
    constexpr std::int64_t steps(shapes in, const shape&) const {
        return in[0].elements() * std::bit_width(static_cast<std::uint32_t>(count));
    }
    constexpr dtype output_type(dtypes in, int which) const {
        return which == 0 ? operand_type<top_k>(in) : dtype::int64;
    }

    constexpr void compute(const_tensors in, tensors out) const {
        with_number_type(in[0].facts.type, [&](auto each) { choose<decltype(each)>(in[0], out); });
    }

    template <signature S>
    requires same_stored_types<S>
    constexpr void compute_integer(const_tensors in, tensors out) const { choose<element<S.y>>(in[0], out); }
};

} // namespace ctq::inline CTQ_TARGET::op
#endif

#if !defined(CTQ_HAS_OPERATORS_TRANSPOSE) && (defined(CTQ_ALL_OPERATORS) || \
    defined(CTQ_USES_TRANSPOSE))
#define CTQ_HAS_OPERATORS_TRANSPOSE
// ---- ctq/operators/transpose.hpp
// transpose: axes in another order.
// room: operators | runs on: all | heap: no

namespace ctq::inline CTQ_TARGET::op {

/// The input with its axes in another order. Integer meaning: the same, exact. Cost: one read and one write an element,
/// in the order of the output.
struct transpose {
    static constexpr std::string_view name = "transpose";
    static constexpr std::string_view cpp_name = "ctq::op::transpose";
    static constexpr operator_traits traits{
        .operands = element_types::all, .output_range = range_rule::same_as_input, .moves_elements = true};

    /// Axis i of the output is axis permutation[i] of the input; as many entries count as the input has axes.
    std::array<std::int32_t, shape::max_rank> permutation{0, 1, 2, 3, 4, 5};

    static constexpr auto attributes = attribute_list{attribute{"permutation", &transpose::permutation}};

    friend constexpr bool operator==(const transpose&, const transpose&) = default;

  private:
    // Defined first: clang (docs/design.md, section 1).
    template <class T> constexpr void reorder(const const_tensor& in, const tensor& out) const {
        const auto strides = strides_of(in.shape());
        std::array<std::int64_t, shape::max_rank> walk{};
        for (int axis = 0; axis < in.shape().rank; ++axis)
            walk[static_cast<std::size_t>(axis)] =
                strides[static_cast<std::size_t>(permutation[static_cast<std::size_t>(axis)])];
        T* to = out.as<T>();
        for_each_offset(out.shape(), walk, [&](std::int64_t offset) { *to++ = in.as<T>()[offset]; });
    }

  public:
    constexpr shape output_shape(shapes in) const {
        require(in.size() == 1, "transpose takes one input");
        axis_set seen;
        shape result;
        for (int axis = 0; axis < in[0].rank; ++axis) {
            const std::int32_t source = permutation[static_cast<std::size_t>(axis)];
            require(source >= 0 && source < in[0].rank && !seen.contains(source),
                    "a permutation must name every axis once");
            seen.insert(source);
            result.append(in[0][source]);
        }
        return result;
    }

    constexpr void compute(const_tensors in, tensors out) const {
        with_element_type(out[0].facts.type, [&](auto each) { reorder<decltype(each)>(in[0], out[0]); });
    }

    template <signature S>
    requires same_stored_types<S>
    constexpr void compute_integer(const_tensors in, tensors out) const { reorder<element<S.y>>(in[0], out[0]); }
};

} // namespace ctq::inline CTQ_TARGET::op
#endif

#if !defined(CTQ_FIRMWARE_ONLY) && !defined(CTQ_SINGLE_HEADER_REST)
#define CTQ_SINGLE_HEADER_REST 1
#include <algorithm>
#include <array>
#include <bit>
#include <compare>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <limits>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

// ---- ctq/calibrate/mxnet_histogram.hpp
// mxnet_histogram: the histogram of mxnet.contrib.quantization, counter for counter; it depends on the batches' order.
// room: calibrate | runs on: compiler + host | heap: yes

namespace ctq::inline CTQ_TARGET::calibration {

/// Counts in equal bins over [-threshold, threshold]; `edges` are the bins' bounds in float32, one more than counts.
struct mxnet_histogram {
    std::vector<std::uint64_t> counts;
    std::vector<float> edges;
    float min = 0;
    float max = 0;
    double threshold = 0;

    friend constexpr bool operator==(const mxnet_histogram&, const mxnet_histogram&) = default;
};

/// The number of bins that MXNet begins with.
inline constexpr std::size_t mxnet_bins = 8001;

/// A histogram may grow to this many bins; the KL search is quadratic in them.
inline constexpr double mxnet_most_bins = 1 << 20;

namespace detail {

/// bins + 1 edges from -threshold to threshold: formed in double, rounded to float32. A threshold of 0 counts in
/// [-1/2, 1/2], as numpy does.
constexpr std::vector<float> mxnet_edges(double threshold, std::size_t bins) {
    const double reach = threshold == 0 ? 0.5 : threshold;
    const double step = 2 * reach / static_cast<double>(bins);
    std::vector<float> edges;
    for (std::size_t k = 0; k < bins; ++k) {
        edges.push_back(static_cast<float>(exact(static_cast<double>(k) * step) - reach));
    }
    edges.push_back(static_cast<float>(reach));
    return edges;
}

/// Counts edges[k] <= x < edges[k + 1], the last bin closed; what lies outside, NaN included, is not counted.
constexpr std::vector<std::uint64_t> mxnet_counts(std::span<const float> values, std::span<const float> edges) {
    std::vector<std::uint64_t> counts(edges.size() - 1);
    const double scale = static_cast<double>(counts.size()) / (static_cast<double>(edges.back()) - edges.front());
    for (const float value : values) {
        if (!(value >= edges.front() && value <= edges.back())) continue;
        const double guess = exact((static_cast<double>(value) - edges.front()) * scale);
        std::size_t k = std::min(static_cast<std::size_t>(guess), counts.size() - 1);
        while (k > 0 && value < edges[k]) --k;
        while (k + 1 < counts.size() && value >= edges[k + 1]) ++k;
        ++counts[k];
    }
    return counts;
}

constexpr bool has_bins(const mxnet_histogram& h) {
    return h.counts.size() % 2 == 1 && h.edges.size() == h.counts.size() + 1;
}

} // namespace detail

/// The first batch's histogram, over the batch's largest magnitude. `bins` is odd. Non-finite values are skipped (MXNet
/// raises); an empty batch has the threshold 0.
constexpr mxnet_histogram first_histogram(std::span<const float> values, std::size_t bins = mxnet_bins) {
    require(bins % 2 == 1, "an MXNet histogram has an odd number of bins");
    mxnet_histogram result;
    bool fresh = true;
    for (const float value : values) {
        if (!elementary::is_finite(value)) continue;
        result.min = fresh ? value : std::min(result.min, value);
        result.max = fresh ? value : std::max(result.max, value);
        fresh = false;
    }
    result.threshold = std::max(elementary::absolute(result.min), elementary::absolute(result.max));
    result.edges = detail::mxnet_edges(result.threshold, bins);
    result.counts = detail::mxnet_counts(values, result.edges);
    return result;
}

/// MXNet's combine_histogram: `old` and a batch whose extremes and largest magnitude are given. A batch inside the old
/// range is added to the same bins; a larger one adds bins of the same width on both sides. Fails when that would make
/// more than `mxnet_most_bins`. Where old.threshold is 0, which MXNet cannot take, the old values are zeros, and move
/// to the middle bin of the new batch's own histogram.
constexpr mxnet_histogram combine_histogram(const mxnet_histogram& old, std::span<const float> values, float new_min,
                                            float new_max, float new_threshold) {
    require(detail::has_bins(old), "an MXNet histogram has an odd number of bins and one edge more");
    require(elementary::is_finite(new_threshold), "the threshold of a batch is not finite");
    mxnet_histogram result = old;
    std::size_t added = 0;
    if (new_threshold > old.threshold && old.threshold == 0) {
        result.threshold = new_threshold;
    } else if (new_threshold > old.threshold) {
        const double step = 2 * old.threshold / static_cast<double>(old.counts.size());
        const double needed = elementary::floor((new_threshold - old.threshold) / step) + 1;
        require(2 * needed + static_cast<double>(old.counts.size()) <= mxnet_most_bins,
                "a batch's values are so much larger than the first batch's that the histogram would not fit");
        added = static_cast<std::size_t>(needed);
        result.threshold = old.threshold + exact(needed * step);
    }
    if (new_threshold > old.threshold) {
        result.edges = detail::mxnet_edges(result.threshold, old.counts.size() + 2 * added);
    }
    result.counts = detail::mxnet_counts(values, result.edges);
    for (std::size_t k = 0; k < old.counts.size(); ++k) result.counts[k + added] += old.counts[k];
    result.min = std::min(old.min, new_min);
    result.max = std::max(old.max, new_max);
    return result;
}

} // namespace ctq::inline CTQ_TARGET::calibration

// ---- ctq/calibrate/mxnet_search.hpp
// mxnet_search: the KL search of mxnet.contrib.quantization, value for value, in float32.
// room: calibrate | runs on: compiler + host | heap: yes | source: the published algorithm of MXNet 1.6 and later

namespace ctq::inline CTQ_TARGET::calibration {

/// MXNet leaves the lowest bin of each candidate window out of the quantized distribution. `dropped` does the same;
/// `kept` treats both ends alike, so that mass at the lower end is no worse than mass at the upper.
enum class lowest_bin : std::uint8_t { dropped, kept };

/// The best candidate: its index, its threshold and its divergence.
struct mxnet_threshold {
    std::size_t index = 0;
    float threshold = 0;
    float divergence = 0;

    friend constexpr bool operator==(const mxnet_threshold&, const mxnet_threshold&) = default;
};

/// Gives every zero of `distribution` 1e-4, taken evenly from the other elements. False, unchanged, when there is no
/// other or when each would lose 1 or more.
constexpr bool smooth(std::span<float> distribution) {
    constexpr float epsilon = 1e-4f;
    std::size_t zeros = 0;
    for (const float value : distribution) zeros += value == 0 ? 1 : 0;
    const std::size_t others = distribution.size() - zeros;
    if (others == 0) return false;
    const float loss = epsilon * static_cast<float>(zeros) / static_cast<float>(others);
    if (loss >= 1.0f) return false;
    for (float& value : distribution) value = value == 0 ? epsilon : value - loss;
    return true;
}

namespace detail {

constexpr float float_sum(std::span<const float> values) {
    float sum = 0;
    for (const float value : values) sum += value;
    return sum;
}

/// Sum of P ln(P / Q) after both are normalized, left to right in float32. Runs of equal terms, as empty bins make
/// them, cost one logarithm.
constexpr float float_divergence(std::span<const float> reference, std::span<const float> quantized) {
    const float reference_sum = float_sum(reference);
    const float quantized_sum = float_sum(quantized);
    float divergence = 0;
    float p_before = 0;
    float q_before = 0;
    float term = 0;
    for (std::size_t k = 0; k < reference.size(); ++k) {
        if (reference[k] != p_before || quantized[k] != q_before) {
            p_before = reference[k];
            q_before = quantized[k];
            const float p = p_before / reference_sum;
            const float q = q_before / quantized_sum;
            term = exact(p * static_cast<float>(elementary::log(p / q)));
        }
        divergence += term;
    }
    return divergence;
}

/// The candidate windows of one histogram; buffers are kept from candidate to candidate.
class mxnet_candidates {
    std::span<const std::uint64_t> counts_;
    std::size_t levels_;
    lowest_bin lowest_;
    std::vector<float> reference_;
    std::vector<float> quantized_;

    // The observed distribution: what lies left of the window goes into its first bin, what lies right into its last.
    constexpr void make_reference(std::size_t begin, std::size_t end) {
        reference_.assign(end - begin, 0.0f);
        for (std::size_t k = 0; k <= begin; ++k) reference_.front() += static_cast<float>(counts_[k]);
        for (std::size_t k = begin + 1; k < end; ++k) reference_[k - begin] = static_cast<float>(counts_[k]);
        for (std::size_t k = end; k < counts_.size(); ++k) reference_.back() += static_cast<float>(counts_[k]);
    }

    constexpr std::uint64_t inside(std::size_t begin, std::size_t k) const {
        return k == begin && lowest_ == lowest_bin::dropped ? 0 : counts_[k];
    }

    // The bins [from, to) of the window at `begin` become one level, shared by those of them that are not empty.
    constexpr void make_level(std::size_t begin, std::size_t from, std::size_t to, std::size_t remainder) {
        std::uint64_t sum = 0;
        std::uint64_t rest = 0;
        std::size_t occupied = 0;
        for (std::size_t k = from; k < to; ++k) {
            const std::uint64_t count = inside(begin, k);
            (k < remainder ? sum : rest) += static_cast<std::uint64_t>(static_cast<float>(count));
            occupied += count != 0 ? 1 : 0;
        }
        if (occupied == 0) return;
        const float share = (static_cast<float>(sum) + static_cast<float>(rest)) / static_cast<float>(occupied);
        for (std::size_t k = from; k < to; ++k) {
            if (reference_[k - begin] != 0) quantized_[k - begin] = share;
        }
    }

    constexpr void make_quantized(std::size_t begin, std::size_t end) {
        quantized_.assign(end - begin, 0.0f);
        const std::size_t run = (end - begin) / levels_;
        for (std::size_t level = 0; level < levels_; ++level) {
            const std::size_t from = begin + level * run;
            make_level(begin, from, level + 1 == levels_ ? end : from + run, from + run);
        }
    }

  public:
    constexpr mxnet_candidates(std::span<const std::uint64_t> counts, std::size_t levels, lowest_bin lowest)
        : counts_(counts), levels_(levels), lowest_(lowest) {
        require(counts.size() % 2 == 1 && levels % 2 == 1, "the KL search takes an odd number of bins and of levels");
        require(levels <= counts.size(), "the KL search takes no more levels than bins");
    }

    constexpr std::size_t size() const { return counts_.size() / 2 + 1 - levels_ / 2; }

    /// One past the last bin of the candidate's window: the edge of that number is the threshold.
    constexpr std::size_t end_of(std::size_t candidate) const {
        return counts_.size() / 2 + levels_ / 2 + candidate + 1;
    }

    /// D(P || Q), infinite where a distribution cannot be smoothed.
    constexpr float divergence(std::size_t candidate) {
        const std::size_t end = end_of(candidate);
        const std::size_t begin = counts_.size() - end;
        make_reference(begin, end);
        make_quantized(begin, end);
        const bool comparable = smooth(reference_) && smooth(quantized_);
        return comparable ? float_divergence(reference_, quantized_) : std::numeric_limits<float>::infinity();
    }
};

} // namespace detail

/// The divergence of every candidate: windows about the middle bin, from `levels` bins wide to all.
constexpr std::vector<float> mxnet_divergences(std::span<const std::uint64_t> counts, std::size_t levels,
                                               lowest_bin lowest = lowest_bin::dropped) {
    detail::mxnet_candidates candidates(counts, levels, lowest);
    std::vector<float> all;
    for (std::size_t i = 0; i < candidates.size(); ++i) all.push_back(candidates.divergence(i));
    return all;
}

/// The candidate with the least divergence, the first of equals; the first of all when every divergence is infinite.
/// `counts` and `edges` are a histogram's (an odd number of bins over [-threshold, threshold]); `levels` is odd: 255
/// for int8, 511 for non-negative values as uint8 (the negative half is empty). Cost: quadratic in the bins; 8,001 bins
/// take some tenths of a second.
constexpr mxnet_threshold mxnet_search(std::span<const std::uint64_t> counts, std::span<const float> edges,
                                       std::size_t levels, lowest_bin lowest = lowest_bin::dropped) {
    require(edges.size() == counts.size() + 1, "a histogram has one edge more than bins");
    detail::mxnet_candidates candidates(counts, levels, lowest);
    mxnet_threshold best{0, edges[candidates.end_of(0)], std::numeric_limits<float>::infinity()};
    for (std::size_t i = 0; i < candidates.size(); ++i) {
        const float divergence = candidates.divergence(i);
        if (divergence < best.divergence) best = {i, edges[candidates.end_of(i)], divergence};
    }
    return best;
}

} // namespace ctq::inline CTQ_TARGET::calibration

// ---- ctq/calibrate/range.hpp
// range: the real interval that a tensor's integers must cover, the answer of every calibration strategy.
// room: calibrate | runs on: compiler + host | heap: no

namespace ctq::inline CTQ_TARGET::calibration {

/// The closed interval [low, high], in the tensor's own units. The default is the single point 0: what was never seen.
/// (core's `bounds`, which clamp, bound nothing where nothing is said.)
struct range {
    float low = 0;
    float high = 0;

    constexpr bool contains(float value) const { return low <= value && value <= high; }
    constexpr bool contains(const range& other) const { return low <= other.low && other.high <= high; }
    constexpr float largest_magnitude() const { return -low > high ? -low : high; }
    friend constexpr bool operator==(const range&, const range&) = default;
};

/// The smallest range that contains both.
constexpr range united(const range& a, const range& b) {
    return {a.low < b.low ? a.low : b.low, a.high > b.high ? a.high : b.high};
}

/// The smallest range that contains `seen` and 0: padding, ReLU and zero points need 0 to be representable.
constexpr range with_zero(const range& seen) {
    return united(seen, range{});
}

} // namespace ctq::inline CTQ_TARGET::calibration

// ---- ctq/calibrate/histogram.hpp
// histogram: all that is kept of a tensor's observed values, in under 16 KiB, whatever their number and order.
// room: calibrate | runs on: compiler + host | heap: no

namespace ctq::inline CTQ_TARGET::calibration {

namespace detail {

/// An integer that orders as the float does: -0 is just under +0, infinities and NaNs lie outside `least_key ..
/// most_key`.
constexpr std::int32_t order_key(float value) {
    const auto bits = std::bit_cast<std::int32_t>(value);
    return bits ^ ((bits >> 31) & std::numeric_limits<std::int32_t>::max());
}

constexpr float from_order_key(std::int32_t key) {
    return std::bit_cast<float>(key ^ ((key >> 31) & std::numeric_limits<std::int32_t>::max()));
}

constexpr std::int32_t most_key = order_key(std::numeric_limits<float>::max());
constexpr std::int32_t least_key = order_key(std::numeric_limits<float>::lowest());

constexpr bool is_finite_key(std::int32_t key) {
    return least_key <= key && key <= most_key;
}

/// What one pass over a block of values finds.
struct extremes {
    std::int32_t least = std::numeric_limits<std::int32_t>::max();
    std::int32_t most = std::numeric_limits<std::int32_t>::min();
    std::uint32_t zeros = 0;
};

/// A constant Extent lets the compiler turn the loop into vector instructions at -O2.
template <std::size_t Extent> constexpr extremes extremes_of(std::span<const float, Extent> values) {
    extremes found;
    for (const float value : values) {
        const std::int32_t key = order_key(value);
        found.least = key < found.least ? key : found.least;
        found.most = key > found.most ? key : found.most;
        found.zeros += value == 0.0f ? 1U : 0U;
    }
    return found;
}

} // namespace detail

/// A histogram whose state is a function of the multiset of observed values alone: the order, the batches, the threads
/// and the machines that saw them leave no trace, and merge() of two equals observing everything in one.
///
/// Bin i holds the values x with floor(x / 2^k) == i; the bins are the window from the bin of the minimum to the bin of
/// the maximum. k is the least exponent (-149 <= k <= 118) with which the window has at most `capacity` bins and every
/// |i| < 2^30. When new values need a larger k, pairs of bins coalesce: floor(floor(x / 2^k) / 2) = floor(x / 2^(k+1)).
///
/// NaNs and infinities are counted in non_finite() and nowhere else. Zeros (of either sign) are also counted apart,
/// because every quantization represents them exactly. Needs the default floating-point environment (denormals kept).
class histogram {
  public:
    /// The most bins; 8 bytes each keep the whole object under 16 KiB.
    static constexpr std::int32_t capacity = 2000;
    static constexpr std::int32_t least_exponent = -149;

    /// The state in readable parts, as a file keeps it.
    struct parts {
        float min = 0;
        float max = 0;
        std::uint64_t zeros = 0;
        std::uint64_t non_finite = 0;
        std::int32_t exponent = least_exponent;
        std::int32_t first = 0;
        std::span<const std::uint64_t> bins = {};
    };

  private:
    std::array<std::uint64_t, static_cast<std::size_t>(capacity)> bins_{};
    std::uint64_t count_ = 0;
    std::uint64_t zeros_ = 0;
    std::uint64_t non_finite_ = 0;
    float min_ = 0;
    float max_ = 0;
    std::int32_t exponent_ = least_exponent;
    std::int32_t first_ = 0;
    std::int32_t size_ = 0;

  public:
    constexpr histogram() = default;

    /// Restores a saved state. Fails with a text when no set of values can have led to it.
    constexpr explicit histogram(const parts& saved) {
        non_finite_ = saved.non_finite;
        if (saved.bins.empty()) {
            const bool blank = saved.min == 0 && saved.max == 0 && saved.zeros == 0 && saved.first == 0;
            require(blank && saved.exponent == least_exponent,
                    "there are no bins for the values that min, max tell of");
            return;
        }
        restore_grid(saved);
        restore_counts(saved);
    }

    /// Adds every value. Cost: two vectorized passes and one counter update per value.
    constexpr void observe(std::span<const float> values) {
        while (!values.empty()) {
            const std::size_t length = std::min(values.size(), chunk);
            observe_chunk(values.first(length));
            values = values.subspan(length);
        }
    }

    /// Whether merge() would keep every counter within 64 bits.
    [[nodiscard]] constexpr bool can_merge(const histogram& other) const {
        constexpr auto most = std::numeric_limits<std::uint64_t>::max();
        return other.count_ <= most - count_ && other.non_finite_ <= most - non_finite_;
    }

    /// Adds what `other` has seen, exactly. Fails, unchanged, when a counter would exceed 64 bits.
    constexpr void merge(const histogram& other) {
        require(can_merge(other), "merging these observations exceeds 2^64 values");
        non_finite_ += other.non_finite_;
        if (other.count_ == 0) return;
        widen(other.min_, other.max_, other.exponent_);
        const std::int32_t shift = halvings(other.exponent_, exponent_);
        for (std::int32_t i = 0; i < other.size_; ++i) bin_at((other.first_ + i) >> shift) += other.bin(i);
        count_ += other.count_;
        zeros_ += other.zeros_;
    }

    /// Finite values seen; non_finite() ones are not among them.
    [[nodiscard]] constexpr std::uint64_t count() const { return count_; }
    [[nodiscard]] constexpr std::uint64_t zeros() const { return zeros_; }
    [[nodiscard]] constexpr std::uint64_t non_finite() const { return non_finite_; }
    [[nodiscard]] constexpr bool empty() const { return count_ == 0; }

    /// The least and the greatest finite value seen, exactly; 0 when empty().
    [[nodiscard]] constexpr float min() const { return min_; }
    [[nodiscard]] constexpr float max() const { return max_; }
    [[nodiscard]] constexpr range observed() const { return {min_, max_}; }

    /// The window: bin 0 <= i < size() holds [lower_edge(i), lower_edge(i + 1)).
    [[nodiscard]] constexpr std::int32_t size() const { return size_; }
    [[nodiscard]] constexpr std::span<const std::uint64_t> bins() const {
        return std::span(bins_).first(static_cast<std::size_t>(size_));
    }
    [[nodiscard]] constexpr std::uint64_t bin(std::int32_t i) const { return bins_[static_cast<std::size_t>(i)]; }

    /// The width of a bin is 2^exponent(); the window starts at the integer first() times the width.
    [[nodiscard]] constexpr std::int32_t exponent() const { return exponent_; }
    [[nodiscard]] constexpr std::int32_t first() const { return first_; }
    [[nodiscard]] constexpr double width() const { return elementary::power_of_two(exponent_); }
    [[nodiscard]] constexpr double lower_edge(std::int32_t i) const { return (first_ + i) * width(); }

    friend constexpr bool operator==(const histogram&, const histogram&) = default;

  private:
    static constexpr std::size_t block = 256;
    static constexpr std::size_t chunk = 32 * block;
    // 2^-k is a float from here up; tensors with smaller values (|x| < 2^-97 all of them) take the double path.
    static constexpr std::int32_t least_float_exponent = -127;

    constexpr std::uint64_t& bin_at(std::int32_t index) { return bins_[static_cast<std::size_t>(index - first_)]; }

    // The bin of `value` where `reciprocal` is 2^-k. The product is exact in double.
    static constexpr std::int64_t index_of(float value, double reciprocal) {
        return static_cast<std::int64_t>(elementary::floor(value * reciprocal));
    }

    // How far to shift an index when k grows. Indices are under 2^30: 31 steps take them to 0 or -1, and more do too.
    static constexpr std::int32_t halvings(std::int32_t from, std::int32_t to) { return std::min(to - from, 31); }

    static constexpr bool fits(float low, float high, std::int32_t exponent) {
        constexpr std::int64_t limit = std::int64_t{1} << 30;
        const double reciprocal = elementary::power_of_two(-exponent);
        const std::int64_t first = index_of(low, reciprocal);
        const std::int64_t last = index_of(high, reciprocal);
        return -limit < first && last < limit && last - first < capacity;
    }

    // The least k for values from `low` to `high`, known to be no less than `from`.
    static constexpr std::int32_t exponent_for(float low, float high, std::int32_t from) {
        const float magnitude = range{low, high}.largest_magnitude();
        const auto field = static_cast<std::int32_t>(std::bit_cast<std::uint32_t>(magnitude) >> 23U);
        // A normal magnitude is at least 2^(field - 127), so that 2^30 bins of a lesser width do not reach it.
        std::int32_t exponent = std::max({from, least_exponent, field - 157});
        while (!fits(low, high, exponent)) ++exponent;
        return exponent;
    }

    // Makes the window cover [low, high] too, with an exponent of at least `from`.
    constexpr void widen(float low, float high, std::int32_t from) {
        const bool fresh = count_ == 0;
        if (!fresh && min_ <= low && high <= max_ && from <= exponent_) return;
        min_ = fresh ? low : std::min(min_, low);
        max_ = fresh ? high : std::max(max_, high);
        const std::int32_t exponent = exponent_for(min_, max_, fresh ? from : std::max(from, exponent_));
        const std::int32_t old_first = first_;
        const std::int32_t old_size = size_;
        const std::int32_t shift = halvings(exponent_, exponent);
        set_window(exponent);
        if (!fresh && (shift != 0 || first_ != old_first)) move_bins(shift, old_first, old_size);
    }

    constexpr void set_window(std::int32_t exponent) {
        const double reciprocal = elementary::power_of_two(-exponent);
        exponent_ = exponent;
        first_ = static_cast<std::int32_t>(index_of(min_, reciprocal));
        size_ = static_cast<std::int32_t>(index_of(max_, reciprocal)) - first_ + 1;
    }

    // Coalesces the bins of the old window `shift` times and puts them into the new one.
    constexpr void move_bins(std::int32_t shift, std::int32_t old_first, std::int32_t old_size) {
        const auto old = bins_;
        bins_ = {};
        for (std::int32_t i = 0; i < old_size; ++i)
            bin_at((old_first + i) >> shift) += old[static_cast<std::size_t>(i)];
    }

    template <class Counters>
    static constexpr typename Counters::value_type& at_position(Counters& counters, std::int32_t position) {
        return counters[static_cast<std::size_t>(position)];
    }

    constexpr void observe_chunk(std::span<const float> values) {
        const detail::extremes found = find_extremes(values);
        if (detail::is_finite_key(found.least) && detail::is_finite_key(found.most)) return add(values, found);
        std::array<float, chunk> finite{};
        std::size_t kept = 0;
        for (const float value : values) {
            if (detail::is_finite_key(detail::order_key(value))) finite[kept++] = value;
        }
        const std::uint64_t dropped = values.size() - kept;
        require(dropped <= std::numeric_limits<std::uint64_t>::max() - non_finite_, "more than 2^64 values observed");
        non_finite_ += dropped;
        const auto rest = std::span<const float>(finite).first(kept);
        if (kept != 0) add(rest, find_extremes(rest));
    }

    static constexpr detail::extremes find_extremes(std::span<const float> values) {
        detail::extremes found;
        const auto take = [&found](const detail::extremes& part) {
            found.least = std::min(found.least, part.least);
            found.most = std::max(found.most, part.most);
            found.zeros += part.zeros;
        };
        for (; values.size() >= block; values = values.subspan(block)) take(detail::extremes_of(values.first<block>()));
        take(detail::extremes_of(values));
        return found;
    }

    constexpr void add(std::span<const float> values, const detail::extremes& found) {
        require(values.size() <= std::numeric_limits<std::uint64_t>::max() - count_, "more than 2^64 values observed");
        // + 0 turns -0 into +0, so that the state does not tell which zero came.
        widen(detail::from_order_key(found.least) + 0.0f, detail::from_order_key(found.most) + 0.0f, exponent_);
        count_ += values.size();
        zeros_ += found.zeros;
        if (!std::is_constant_evaluated() && exponent_ >= least_float_exponent) {
            if (values.size() == chunk) return count_chunk(values);
            for (; values.size() >= block; values = values.subspan(block)) {
                for (const std::int32_t position : positions_of(values.first<block>())) ++at_position(bins_, position);
            }
        }
        const double reciprocal = elementary::power_of_two(-exponent_);
        for (const float value : values) ++bin_at(static_cast<std::int32_t>(index_of(value, reciprocal)));
    }

    // index_of() in float, from the window's start: the product is exact unless it is denormal, and then it truncates
    // to 0 all the same; the comparison that turns truncation into floor is made at the value's own scale, exactly.
    constexpr std::array<std::int32_t, block> positions_of(std::span<const float, block> values) const {
        std::array<std::int32_t, block> positions{};
        const auto reciprocal = static_cast<float>(elementary::power_of_two(-exponent_));
        const auto step = static_cast<float>(width());
        for (std::size_t i = 0; i < block; ++i) {
            const auto truncated = static_cast<std::int32_t>(values[i] * reciprocal);
            const bool below = values[i] < static_cast<float>(truncated) * step;
            positions[i] = truncated - static_cast<std::int32_t>(below) - first_;
        }
        return positions;
    }

    // Two sets of counters in turn: where many values share a bin (a ReLU's zeros), an increment need not wait for the
    // one before.
    constexpr void count_chunk(std::span<const float> values) {
        std::array<std::uint32_t, static_cast<std::size_t>(capacity)> odd{};
        for (; !values.empty(); values = values.subspan(block)) {
            const auto positions = positions_of(values.first<block>());
            for (std::size_t i = 0; i < block; i += 2) {
                ++at_position(bins_, positions[i]);
                ++at_position(odd, positions[i + 1]);
            }
        }
        for (std::size_t i = 0; i < odd.size(); ++i) bins_[i] += odd[i];
    }

    constexpr void restore_grid(const parts& saved) {
        const auto finite = [](float value) { return detail::is_finite_key(detail::order_key(value)); };
        require(finite(saved.min) && finite(saved.max) && saved.min <= saved.max, "min and max are not in order");
        min_ = saved.min + 0.0f;
        max_ = saved.max + 0.0f;
        set_window(exponent_for(min_, max_, least_exponent));
        const bool same = exponent_ == saved.exponent && first_ == saved.first;
        require(same && saved.bins.size() == static_cast<std::size_t>(size_), "the bins do not span min to max");
    }

    constexpr void restore_counts(const parts& saved) {
        for (std::size_t i = 0; i < saved.bins.size(); ++i) {
            require(saved.bins[i] <= std::numeric_limits<std::uint64_t>::max() - count_, "the bins exceed 2^64 values");
            bins_[i] = saved.bins[i];
            count_ += saved.bins[i];
        }
        require(saved.bins.front() != 0 && saved.bins.back() != 0, "the bins of min and max are empty");
        const bool zero_inside = first_ <= 0 && 0 < first_ + size_;
        require(saved.zeros <= (zero_inside ? bin(-first_) : 0), "more zeros than the bin of 0 holds");
        zeros_ = saved.zeros;
    }
};

static_assert(sizeof(histogram) <= 16 * 1024);

} // namespace ctq::inline CTQ_TARGET::calibration

// ---- ctq/calibrate/strategy.hpp
// calibration_strategy: what a type must offer to turn a tensor's observed values into a range.
// room: calibrate | runs on: compiler + host | heap: no (a strategy may use it while it chooses)

namespace ctq::inline CTQ_TARGET::calibration {

/// What is collected for each tensor, and all that a strategy may look at. Statistics that a strategy can derive from
/// the bins (a mean, a deviation: sums over at most 2,000 bins, the same on every machine) need nothing else; one that
/// cannot be derived becomes a member here, with an exact merge, and every collector and file then has it.
using observation = histogram;

/// What a quantization rule asks of a range: the number of integers that will cover it, and whether the range is used
/// as [-m, m], m the larger magnitude of its ends (symmetric), or as it is (affine).
struct grid {
    std::int32_t levels = 256;
    bool symmetric = false;

    friend constexpr bool operator==(const grid&, const grid&) = default;
};

/// A calibration strategy. One file of a user's own is enough:
///
///     struct half { static constexpr std::string_view name = "half";
///                   constexpr range choose(const observation& seen, const grid&) const { return ... } };
///
/// Parameters are data members with defaults; one says by `accepts(value)` and `accepted`, in words, what a user may
/// ask for. Further names may stand in a static array `aliases` of string_view. Laws, for every observation, also an
/// empty one, and every grid of at least 2 levels:
///   1. choose() is a pure function of its arguments and the parameters;
///   2. the result is finite, contains 0, and lies within the observed [min, max] united with 0;
///   3. an empty observation and one of zeros only give [0, 0].
/// That no order, batch size, thread count or machine matters follows from 1: an observation does not record them.
template <class Strategy>
concept calibration_strategy = std::semiregular<Strategy> &&
    requires(const Strategy& strategy, const observation& seen, const grid& asked) {
    { Strategy::name } -> std::convertible_to<std::string_view>;
    { strategy.choose(seen, asked) } -> std::same_as<range>;
};

/// The further names under which a strategy is found; empty for most.
template <calibration_strategy Strategy> constexpr std::span<const std::string_view> aliases_of() {
    if constexpr (requires { Strategy::aliases; })
        return Strategy::aliases;
    else
        return {};
}

/// Whether `name` is the strategy's name or one of its aliases.
template <calibration_strategy Strategy> constexpr bool is_called(std::string_view name) {
    if (name == Strategy::name) return true;
    for (const std::string_view alias : aliases_of<Strategy>()) {
        if (name == alias) return true;
    }
    return false;
}

} // namespace ctq::inline CTQ_TARGET::calibration

// ---- ctq/calibrate/table.hpp
// table: the observations of a model's tensors, collected on any number of machines and merged exactly.
// room: calibrate | runs on: host | heap: yes (16 KiB and the name per tensor)

namespace ctq::inline CTQ_TARGET::calibration {

/// What became of a merge; only `merged` changes anything.
enum class merge_result : std::uint8_t { merged, different_models, too_many_values };

/// Observations by tensor name. Two tables that saw the same samples of the same model in any partition, merged in any
/// order, are equal. To resume, keep observing into a loaded table.
struct table {
    /// The fingerprint of the model whose tensors these are.
    std::string model;
    /// How many samples have been observed.
    std::uint64_t samples = 0;
    std::map<std::string, observation, std::less<>> tensors;

    /// Adds what `other` has seen. A tensor that only one of them knows is kept as it is.
    [[nodiscard]] merge_result merge(const table& other) {
        if (model != other.model) return merge_result::different_models;
        if (!has_room_for(other)) return merge_result::too_many_values;
        samples += other.samples;
        for (const auto& [name, seen] : other.tensors) tensors[name].merge(seen);
        return merge_result::merged;
    }

    friend bool operator==(const table&, const table&) = default;

  private:
    [[nodiscard]] bool has_room_for(const table& other) const {
        if (other.samples > std::numeric_limits<std::uint64_t>::max() - samples) return false;
        for (const auto& [name, seen] : other.tensors) {
            const auto own = tensors.find(name);
            if (own != tensors.end() && !own->second.can_merge(seen)) return false;
        }
        return true;
    }
};

} // namespace ctq::inline CTQ_TARGET::calibration

// ---- ctq/core/text.hpp
// text: an owned character string that is constexpr on every compiler.
// room: core | runs on: compiler + host | heap: yes | why: clang refuses libstdc++ 12's std::string in constant
// expressions

namespace ctq::inline CTQ_TARGET {

/// A small value type for names inside graphs. Copies own their characters; reads go through `view()`.
class text {
  public:
    constexpr text() = default;
    constexpr text(std::string_view characters) : characters_(characters.begin(), characters.end()) {}
    constexpr text(const char* characters) : text(std::string_view(characters)) {}

    constexpr std::string_view view() const { return {characters_.data(), characters_.size()}; }
    constexpr operator std::string_view() const { return view(); }
    constexpr bool empty() const { return characters_.empty(); }

    friend constexpr text operator+(text left, std::string_view right) {
        left.characters_.insert(left.characters_.end(), right.begin(), right.end());
        return left;
    }
    friend constexpr bool operator==(const text& left, const text& right) { return left.view() == right.view(); }
    friend constexpr bool operator==(const text& left, std::string_view right) { return left.view() == right; }
    friend constexpr bool operator==(const text& left, const char* right) { return left.view() == right; }

  private:
    std::vector<char> characters_;
};

/// A number >= 0 in decimal digits.
constexpr text decimal_text(std::int64_t number) {
    std::array<char, 20> digits{};
    std::size_t first = digits.size();
    do {
        digits[--first] = static_cast<char>('0' + number % 10);
        number /= 10;
    } while (number > 0);
    return std::string_view(digits.data() + first, digits.size() - first);
}

} // namespace ctq::inline CTQ_TARGET

// ---- ctq/graph/visit_variant.hpp
// Calling a visitor with what a variant holds: one function for each alternative, found by its index. std::visit makes
// some ten types and functions for each alternative and visitor, a sixth of what compiling the tool took.
// room: graph | runs on: compiler + host | heap: no

namespace ctq::inline CTQ_TARGET {
namespace detail {

template <std::size_t I, class Result, class Visitor, class Variant>
constexpr Result visit_alternative(Visitor& visitor, Variant& variant) {
    return visitor(*std::get_if<I>(&variant));
}

template <class Visitor, class Variant, std::size_t... I>
constexpr decltype(auto) visit_by_index(Visitor& visitor, Variant& variant, std::index_sequence<I...>) {
    using result = decltype(visitor(*std::get_if<0>(&variant)));
    using visit_type = result (*)(Visitor&, Variant&);
    constexpr visit_type visits[] = {&visit_alternative<I, result, Visitor, Variant>...};
    return visits[variant.index()](visitor, variant);
}

} // namespace detail

/// visitor(alternative) for what `variant` holds, by reference; the result's type must be the same for all. A variant
/// without a value, which only a throwing move leaves behind, is not taken.
template <class Visitor, class Variant> constexpr decltype(auto) visit_variant(Visitor&& visitor, Variant& variant) {
    return detail::visit_by_index(visitor, variant,
                                  std::make_index_sequence<std::variant_size_v<std::remove_const_t<Variant>>>());
}

} // namespace ctq::inline CTQ_TARGET

// ---- ctq/graph/constant.hpp
// constant: the elements of a tensor in memory of its own, of any element type.
// room: graph | runs on: compiler + host | heap: yes

namespace ctq::inline CTQ_TARGET {

/// A vector of one element type; two int4 share an entry. Empty and float32 when default-made.
class constant {
    std::variant<std::vector<float>, std::vector<std::int8_t>, std::vector<std::uint8_t>, std::vector<std::int16_t>,
                 std::vector<std::int32_t>, std::vector<boolean>, std::vector<int4_pair>, std::vector<std::uint16_t>,
                 std::vector<std::int64_t>>
        elements_;

  public:
    constexpr constant() = default;
    template <class T> constexpr explicit constant(std::vector<T> elements) : elements_(std::move(elements)) {}
    constexpr constant(const constant&) = default;
    constexpr constant(constant&&) = default;
    constexpr ~constant() = default;
    // Clang refuses a variant that changes its alternative in a constant expression; one that is made anew it takes.
    constexpr constant& operator=(constant other) noexcept {
        std::destroy_at(&elements_);
        std::construct_at(&elements_, std::move(other.elements_));
        return *this;
    }

    /// So many zeros of a type.
    static constexpr constant zeros(dtype type, std::size_t elements) {
        return with_element_type(
            type, [&](auto zero) { return constant(std::vector<decltype(zero)>(entries_of(type, elements), zero)); });
    }

    /// The vector, which must be of this type.
    template <class T> constexpr const std::vector<T>& as() const { return holding<T>(elements_); }
    template <class T> constexpr std::vector<T>& as() { return holding<T>(elements_); }
    template <class T> constexpr bool is() const { return std::holds_alternative<std::vector<T>>(elements_); }

    /// Calls visitor(vector).
    template <class Visitor> constexpr decltype(auto) visit(Visitor&& visitor) const {
        return visit_variant(visitor, elements_);
    }
    template <class Visitor> constexpr decltype(auto) visit(Visitor&& visitor) {
        return visit_variant(visitor, elements_);
    }

    constexpr dtype type() const {
        return visit(
            [](const auto& each) { return dtype_of<typename std::remove_cvref_t<decltype(each)>::value_type>; });
    }
    constexpr std::size_t entries() const {
        return visit([](const auto& each) { return each.size(); });
    }
    constexpr const_data view() const {
        return visit([](const auto& each) { return const_data(each.data()); });
    }
    constexpr data writable() {
        return visit([](auto& each) { return data(each.data()); });
    }

    friend constexpr bool operator==(const constant&, const constant&) = default;

  private:
    template <class T, class Variant> static constexpr auto& holding(Variant& elements) {
        auto* found = std::get_if<std::vector<T>>(&elements);
        require(found != nullptr, "the elements of a constant were read as another type than theirs");
        return *found;
    }
};

} // namespace ctq::inline CTQ_TARGET

// ---- ctq/graph/value_list.hpp
// value_list: the tensors of a graph or of a program, and the elements of those that are constant.
// room: graph | runs on: compiler + host | heap: yes

namespace ctq::inline CTQ_TARGET {

/// A quantization that is known only when the network runs: which values of the graph hold its scale, a float32 scalar,
/// and its zero point, an int32 scalar; -1 for a zero point that is 0, and twice -1 where the quantization is not
/// dynamic.
struct dynamic_reference {
    int scale = -1, zero_point = -1;

    constexpr bool is_set() const { return scale >= 0; }
    friend constexpr bool operator==(const dynamic_reference&, const dynamic_reference&) = default;
};

/// A tensor of the graph: an input, a constant, or what a node makes. `facts` holds the element type, the shape, the
/// integers that can occur and a quantization for the whole tensor; integers with a `dynamic` one have none there.
struct value {
    text name;
    tensor_facts facts;
    int constant = -1;            ///< index into value_list::constants, -1 for an activation
    std::vector<double> scales{}; ///< of a constant that has a scale for each channel, and none in `facts`
    int scale_axis = 0;           ///< the axis that `scales` run along: one for each of its extent
    dynamic_reference dynamic{};

    constexpr double scale_of(std::size_t channel) const {
        return scales.empty() ? static_cast<double>(facts.quantization.scale) : scales[channel];
    }
};

/// The values that nodes name by their position here, and the elements of those that have a `constant`.
struct value_list {
    std::vector<value> values;
    std::vector<constant> constants;

    constexpr const value& value_at(int index) const { return values[static_cast<std::size_t>(index)]; }
    constexpr value& value_at(int index) { return values[static_cast<std::size_t>(index)]; }
    constexpr bool is_constant(int index) const { return value_at(index).constant >= 0; }
    constexpr const constant& constant_of(int index) const {
        return constants[static_cast<std::size_t>(value_at(index).constant)];
    }
    /// A value with its elements where it is constant.
    constexpr const_tensor tensor_at(int index) const {
        const value& v = value_at(index);
        if (v.constant < 0) return {v.facts, {}};
        return {v.facts, constant_of(index).view()};
    }
    constexpr std::vector<dtype> types_of(const std::vector<int>& indices) const {
        std::vector<dtype> types;
        for (const int index : indices) types.push_back(value_at(index).facts.type);
        return types;
    }
    constexpr bool is_real(int index) const { return value_at(index).facts.type == dtype::float32; }
    constexpr std::span<const float> reals(int index) const { return constant_of(index).as<float>(); }

    constexpr int add_value(text value_name, const tensor_facts& facts) {
        values.push_back({std::move(value_name), facts});
        return static_cast<int>(values.size()) - 1;
    }

    /// Gives a value the elements that it always has: of its type, as many as its shape asks for.
    constexpr void set_constant(int index, constant elements) {
        value_at(index).constant = static_cast<int>(constants.size());
        constants.push_back(std::move(elements));
    }

    template <class T>
    constexpr int add_constant(text value_name, const shape& of, std::vector<T> elements, quantization q = {}) {
        require(elements.size() == entries_of(dtype_of<T>, static_cast<std::size_t>(of.elements())),
                "a constant must have as many elements as its shape");
        const int index = add_value(std::move(value_name), {dtype_of<T>, of, q});
        set_constant(index, constant(std::move(elements)));
        return index;
    }

    /// Elements of any type, as many as the shape asks for.
    constexpr int add_constant(text value_name, const shape& of, constant elements) {
        require(elements.entries() == entries_of(elements.type(), static_cast<std::size_t>(of.elements())),
                "a constant must have as many elements as its shape");
        const int index = add_value(std::move(value_name), {elements.type(), of});
        set_constant(index, std::move(elements));
        return index;
    }

    /// A list of so many zeros of a type.
    constexpr int add_zeros(text value_name, dtype type, std::int32_t count) {
        const int index = add_value(std::move(value_name), {type, shape{count}});
        set_constant(index, constant::zeros(type, static_cast<std::size_t>(count)));
        return index;
    }
};

} // namespace ctq::inline CTQ_TARGET

// ---- ctq/graph/graph.hpp
// graph: a network as a plain value. Every pass is a constexpr function from graph to graph.
// room: graph | runs on: compiler + host | heap: yes

namespace ctq::inline CTQ_TARGET {

/// One truth value for each node or value of a graph. Not vector<bool>: clang refuses libstdc++ 12's in constant
/// expressions.
using flags = std::vector<std::uint8_t>;

/// The multiplier of a residual, for a rule that fuses none.
constexpr std::int32_t no_residual(double) {
    return 0;
}

/// A rule as nodes know it after annotation: its name, how weighted sums and all other results are rounded, and the
/// multiplier of a residual of this ratio of scales, or 0. Not a null pointer where there is none: g++ 12 cannot
/// compare a function's address with one in a constant expression under -fsanitize=undefined.
struct domain {
    text name;
    rounding weighted = rounding::unrounded, other = rounding::unrounded;
    std::int32_t (*encode_residual)(double ratio) = &no_residual;
};

/// The domain of nodes that no rule quantizes: the first of every graph.
constexpr int float_domain = 0;

/// A name by which the outside knows a value. `count`, of an output of which only as many rows are there as the data
/// fill: the position of the output that says how many, an int64 scalar; else -1.
struct port {
    text name;
    int value = -1;
    int count = -1;
};

/// A tensor that lives from one call to the next. Nodes read it as `read`, an activation that nothing makes; after the
/// call it holds what `written` holds then, and at first and after a reset the elements of `initial`.
struct graph_state {
    text name;
    int initial = -1; ///< a constant
    int read = -1;
    int written = -1;

    friend constexpr bool operator==(const graph_state&, const graph_state&) = default;
};

template <class Operation> struct basic_node {
    text name;
    Operation op;
    std::vector<int> inputs, outputs; ///< indices into the values
    std::vector<text> origins{};      ///< names of the source model's nodes that this one stands for
    int domain = float_domain;        ///< index into graph::domains

    /// The output of a node that has one.
    constexpr int output() const { return outputs[0]; }
    /// True for a node whose float meaning runs, whatever types it reads and makes.
    constexpr bool in_float() const { return domain == float_domain; }
};

/// That a node goes from one position to before what stands at another; to the end where that is the number of nodes.
struct node_move {
    int node, before;
};

/// True when `Op` is one of a std::variant's types.
template <class Op, class Variant> constexpr bool is_alternative = false;
template <class Op, class... Ops>
constexpr bool is_alternative<Op, std::variant<Ops...>> = (std::is_same_v<Op, Ops> || ...);

/// Nodes are in topological order; every value has one producer at most. `Operation` is a std::variant of operators.
template <class Operation> struct basic_graph : value_list {
    using operation_type = Operation;
    using node_type = basic_node<Operation>;

    text name;
    std::vector<node_type> nodes;
    std::vector<port> inputs, outputs;
    std::vector<graph_state> states;
    std::vector<domain> domains = std::vector<domain>(1, domain{"float"});

    /// Appends a float node and its outputs, whose shapes the operator's rule gives; the first of them is returned. An
    /// output is called after the node, the second and later ones with their number.
    template <class Op> constexpr int add_node(text node_name, const Op& op, std::vector<int> from) {
        static_assert(is_alternative<Op, Operation>,
                      "ctq: graph: an operator of the graph's registry is required; add it: registry.with<op>()");
        std::vector<int> made;
        for (int i = 0; i < output_count(op); ++i) {
            text value_name = node_name;
            if (i > 0) value_name = std::move(value_name) + "." + decimal_text(i);
            made.push_back(
                add_value(std::move(value_name), {inferred_type(op, from, i), inferred_shape(op, from, i), {}}));
        }
        const int first = made[0];
        if constexpr (is_alternative<Op, Operation>)
            nodes.push_back({node_name, op, std::move(from), std::move(made), {node_name}});
        else
            for (const int each : made) inputs.push_back({node_name, each}); // so that this error is the only one
        return first;
    }

    template <class Op>
    constexpr shape inferred_shape(const Op& op, const std::vector<int>& from, int which = 0) const {
        std::vector<shape> of;
        for (const int index : from) of.push_back(value_at(index).facts.shape);
        return output_shape(op, of, which);
    }

    /// The element type that it makes of these in its float meaning.
    template <class Op> constexpr dtype inferred_type(const Op& op, const std::vector<int>& from, int which = 0) const {
        return output_type(op, types_of(from), which);
    }

    /// The node that makes a value, or -1. Cost: a walk over the nodes; who asks more than once asks connections.
    constexpr int producer_of(int index) const {
        for (std::size_t i = 0; i < nodes.size(); ++i)
            for (const int made : nodes[i].outputs)
                if (made == index) return static_cast<int>(i);
        return -1;
    }

    /// The state that is read as this value, or null.
    constexpr const graph_state* state_read_as(int index) const {
        for (const graph_state& each : states)
            if (each.read == index) return &each;
        return nullptr;
    }
    constexpr bool is_state(int index) const { return state_read_as(index) != nullptr; }

    /// Erases the nodes that are marked, one flag for each. True if there were any.
    constexpr bool erase_nodes(const flags& marked) {
        std::size_t kept = 0;
        for (std::size_t i = 0; i < nodes.size(); ++i) {
            if (marked[i] != 0) continue;
            if (kept != i) nodes[kept] = std::move(nodes[i]);
            ++kept;
        }
        const bool any = kept != nodes.size();
        nodes.erase(nodes.begin() + static_cast<std::ptrdiff_t>(kept), nodes.end());
        return any;
    }

    /// Puts nodes, new ones that were appended or others, in their places, those of one place in the order of `moves`.
    /// Positions are those before the first move. Cost: a pass over the nodes, if any move.
    constexpr void move_nodes(const std::vector<node_move>& moves) {
        if (moves.empty()) return;
        std::vector<int> first(nodes.size() + 1, -1), next(moves.size(), -1); // of each place: its moves
        flags moved(nodes.size(), 0);
        for (std::size_t i = moves.size(); i-- > 0;) {
            next[i] = std::exchange(first[static_cast<std::size_t>(moves[i].before)], static_cast<int>(i));
            moved[static_cast<std::size_t>(moves[i].node)] = 1;
        }
        std::vector<node_type> placed;
        placed.reserve(nodes.size());
        for (std::size_t i = 0; i <= nodes.size(); ++i) {
            for (int move = first[i]; move >= 0; move = next[static_cast<std::size_t>(move)])
                placed.push_back(std::move(node_at(moves[static_cast<std::size_t>(move)].node)));
            if (i < nodes.size() && moved[i] == 0) placed.push_back(std::move(nodes[i]));
        }
        nodes = std::move(placed);
    }

    constexpr node_type& node_at(int index) { return nodes[static_cast<std::size_t>(index)]; }
    constexpr const node_type& node_at(int index) const { return nodes[static_cast<std::size_t>(index)]; }
};

/// What passes are given: a basic_graph over some operators.
template <class Graph>
concept operator_graph = requires(Graph& graph, int index) {
    typename std::variant_size<typename Graph::operation_type>::type;
    { graph.node_at(index) } -> std::same_as<basic_node<typename Graph::operation_type>&>;
    { graph.value_at(index) } -> std::same_as<value&>;
    { graph.constant_of(index) } -> std::same_as<const constant&>;
    { graph.erase_nodes(flags()) } -> std::same_as<bool>;
    graph.move_nodes(std::vector<node_move>());
};

/// The operator of a node when it is an `Op`, else null.
template <class Op, class Node> constexpr auto* operator_if(Node& node) {
    return std::get_if<Op>(&node.op);
}

/// Gives a node another operator. (Plain assignment of an alternative is no constant expression for clang with
/// libstdc++ 12; that of whole variants is.)
template <class Node, class Op> constexpr void set_operator(Node& node, const Op& op) {
    node.op = std::remove_cvref_t<decltype(node.op)>(op);
}

/// Calls visit(op) with the node's operator as its own type.
template <class Node, class Visitor> constexpr decltype(auto) visit_operator(Node&& node, Visitor&& visit) {
    return visit_variant(visit, node.op);
}

/// Calls visit(rows, count) for each output of a node of which another one says how many rows the data filled.
template <class Node, class Visitor> constexpr void for_each_counted(const Node& node, Visitor visit) {
    visit_operator(node, [&](const auto& op) {
        for (std::size_t i = 0; i < node.outputs.size(); ++i)
            if (const int count = count_output(op, static_cast<int>(i)); count >= 0)
                visit(node.outputs[i], node.outputs[static_cast<std::size_t>(count)]);
    });
}

/// The traits of a node's operator.
template <class Node> constexpr const operator_traits& traits_of_node(const Node& node) {
    return visit_operator(node, []<class Op>(const Op&) -> const operator_traits& { return traits_of<Op>; });
}

/// The name of a node's operator.
template <class Node> constexpr std::string_view operator_name(const Node& node) {
    return visit_operator(node, []<class Op>(const Op&) -> std::string_view { return Op::name; });
}

/// The integers that a node works with: from the types of its values and its domain.
template <class Graph> constexpr signature signature_of(const Graph& graph, const typename Graph::node_type& node) {
    std::vector<tensor_facts> in;
    for (const int input : node.inputs) in.push_back(graph.value_at(input).facts);
    const dtype out = graph.value_at(node.output()).facts.type;
    const domain& rule = graph.domains[static_cast<std::size_t>(node.domain)];
    return visit_operator(node, [&](const auto& op) {
        using op_type = std::remove_cvref_t<decltype(op)>;
        const rounding how = rounding_of_nodes<op_type>(rule.weighted, rule.other);
        return signature_of<op_type>(in, out, node.in_float() ? rounding::in_float : how);
    });
}

} // namespace ctq::inline CTQ_TARGET

// ---- ctq/registry/signatures.hpp
// The signatures that rules make: what the tool instantiates operators and kernels for, and chooses among.
// room: registry | runs on: compiler + host | heap: no

namespace ctq::inline CTQ_TARGET {

template <class Rule>
constexpr rounding weighted_rounding_of = [] {
    if constexpr (requires { Rule::weighted_how; })
        return Rule::weighted_how;
    else
        return Rule::how;
}();

template <class Rule>
constexpr dtype weight_type_of = [] {
    if constexpr (requires { Rule::weight_type; })
        return Rule::weight_type;
    else
        return dtype::int8;
}();

/// The element types that activations can have under a rule: its `activation_types`, or the one.
template <class Rule>
constexpr auto activation_types_of = [] {
    if constexpr (requires { Rule::activation_types; })
        return Rule::activation_types;
    else
        return std::array<dtype, 1>{Rule::activation_type};
}();

/// The element type of activations with this real range.
template <class Rule> constexpr dtype activation_type_for(const bounds& range) {
    if constexpr (requires { Rule::activation_types; })
        return Rule::activation_type_for(range);
    else
        return Rule::activation_type;
}

/// A fixed range under a rule, for the element type that the rule stores it in; `told(type)`: an operator's
/// output_bounds.
template <class Rule, class Told> constexpr bounds fixed_range_under(const Told& told) {
    return told(activation_type_for<Rule>(told(Rule::activation_type)));
}

/// True for a rule that keeps the ranges which are customary for some operators, as TFLite has them.
template <class Rule>
constexpr bool keeps_customary_ranges = [] {
    if constexpr (requires { Rule::keeps_customary_ranges; })
        return Rule::keeps_customary_ranges;
    else
        return false;
}();

/// True where outputs have their operator's own `output_bounds` under a rule. The arithmetic of 16 bits asks for
/// customary ones.
template <class Rule> constexpr bool has_fixed_range(range_rule output) {
    const bool is_kept = keeps_customary_ranges<Rule> || !is_byte(Rule::activation_type);
    return output == range_rule::fixed || (output == range_rule::customary && is_kept);
}

/// The accumulator of weighted sums of `x` under a rule: its `accumulator_type`, or that of the activations.
template <class Rule> constexpr dtype accumulator_under(dtype x) {
    if constexpr (requires { Rule::accumulator_type; })
        return Rule::accumulator_type;
    else
        return accumulator_of(x);
}

/// True when a layer's sums of `x` have 32 bits where they are proved to fit these: under a rule that chooses no type,
/// where the activations ask for 64. The arithmetic that rounds them is the same.
template <class Rule> constexpr bool narrows_accumulators(dtype x) {
    if constexpr (requires { Rule::accumulator_type; })
        return false;
    else
        return accumulator_of(x) == dtype::int64;
}

/// True for a rule whose activations have scales that are measured at run time: only its sums of products are integers,
/// and they become reals at once. Such a rule needs no calibrated ranges.
template <class Rule>
constexpr bool dynamic_ranges = [] {
    if constexpr (requires { Rule::dynamic_ranges; })
        return Rule::dynamic_ranges;
    else
        return false;
}();

/// True when the results of weighted sums are their accumulators, int32 in the scale of the products.
template <class Rule>
constexpr bool keeps_accumulators = weighted_rounding_of<Rule> == rounding::unrounded && !dynamic_ranges<Rule>;

/// Several rules, for networks whose layers follow different ones: layer by layer the rule with that position.
template <class... Rules> struct rule_list { static constexpr std::size_t size = sizeof...(Rules); };

namespace detail {

/// A rule as a list of one; a list as it is.
template <class Rule> struct as_rule_list { using type = rule_list<Rule>; };
template <class... Rules> struct as_rule_list<rule_list<Rules...>> { using type = rule_list<Rules...>; };

/// Nodes whose signatures differ in kind: sums of products read weights; what takes its operands' range has one type
/// for all (choices); pairs read two operands, each of its own type, and so do products, which are added up and so
/// rounded in another way; elements read one operand, or several of one type; only conversions go from one rule to
/// another. What measures a range makes its scale too (measurements), and no rule with known ranges has such a node.
enum class node_kind : std::uint8_t { sums, choices, pairs, products, elements, conversions, measurements };

template <class Op>
constexpr node_kind kind_of = [] {
    if constexpr (is_weighted<Op>) return node_kind::sums;
    if constexpr (traits_of<Op>.converts) return several_outputs<Op> ? node_kind::measurements : node_kind::conversions;
    if constexpr (traits_of<Op>.output_range == range_rule::same_as_input) return node_kind::choices;
    if constexpr (traits_of<Op>.sums_products) return node_kind::products;
    return traits_of<Op>.aligns_operands && computes_with_second<Op> ? node_kind::pairs : node_kind::elements;
}();

/// Calls visit(type) for the integers that nodes of a rule write for others: its activations, and accumulators where
/// these are results. A dynamic rule makes reals.
template <class Rule, class Visit> constexpr void for_each_made([[maybe_unused]] Visit visit) {
    if constexpr (!dynamic_ranges<Rule>)
        for (const dtype type : activation_types_of<Rule>) visit(type);
    if constexpr (keeps_accumulators<Rule>) visit(dtype::int32);
}

/// Calls visit(type) for the accumulators that sums of `x` can have under a rule.
template <class Rule, class Visit> constexpr void for_each_accumulator(dtype x, Visit visit) {
    visit(accumulator_under<Rule>(x));
    if (narrows_accumulators<Rule>(x)) visit(dtype::int32);
}

/// Calls visit(signature) for the nodes of one kind under `Rule`; repeats are the visitor's affair. `Rules`: whose
/// activations its conversions read.
template <node_kind Kind, class Rule, class... Rules, class Visit>
constexpr void for_each_signature(rule_list<Rules...>, Visit visit) {
    constexpr auto& types = activation_types_of<Rule>;
    [[maybe_unused]] const auto add = [&](dtype x, dtype w, dtype y) {
        visit(signature{x, w, y, dtype::int32, Rule::how});
    };
    for (const dtype y : types) {
        if constexpr (Kind == node_kind::conversions) {
            (for_each_made<Rules>([&](dtype x) { add(x, x, y); }), ...);
            add(dtype::float32, dtype::float32, y);
        }
        if constexpr (Kind == node_kind::choices) add(y, y, y);
        for (const dtype x : types) {
            if constexpr (Kind == node_kind::sums)
                for_each_accumulator<Rule>(x, [&](dtype sum) {
                    visit(signature{x, weight_type_of<Rule>, keeps_accumulators<Rule> ? dtype::int32 : y, sum,
                                    weighted_rounding_of<Rule>});
                });
            if constexpr (Kind == node_kind::elements) add(x, x, y);
            if constexpr (Kind == node_kind::pairs)
                for (const dtype w : types) add(x, w, y);
            if constexpr (Kind == node_kind::products)
                for (const dtype w : types)
                    visit(signature{x, w, y, accumulator_of_products(x, w),
                                    rounding_of_products(weighted_rounding_of<Rule>, Rule::how)});
        }
    }
    if constexpr (Kind == node_kind::conversions) for_each_made<Rule>([&](dtype x) { add(x, x, dtype::float32); });
}

/// The same of a dynamic rule: reals become integers, sums of these reals again; there are no other nodes.
template <node_kind Kind, class Rule, class... Rules, class Visit>
requires dynamic_ranges<Rule>
constexpr void for_each_signature(rule_list<Rules...>, [[maybe_unused]] Visit visit) {
    for (const dtype x : activation_types_of<Rule>) {
        if constexpr (Kind == node_kind::sums)
            visit(signature{x, weight_type_of<Rule>, dtype::float32, accumulator_under<Rule>(x),
                            weighted_rounding_of<Rule>});
        if constexpr (Kind == node_kind::measurements)
            visit(signature{dtype::float32, dtype::float32, x, dtype::int32, Rule::how});
    }
}

/// The element type of a fixed range that is the same for all operators of a type, whatever their attributes.
template <class Rule, class Op> constexpr dtype type_of_fixed_range() {
    return activation_type_for<Rule>(fixed_range_under<Rule>([](dtype type) { return Op::output_bounds(type); }));
}

/// True when the range of `Op`, which is fixed, leaves one of a rule's several element types, and the compiler knows
/// it.
template <class Rule, class Op>
constexpr bool fixes_type = [] {
    if constexpr (activation_types_of<Rule>.size() > 1 && requires(dtype type) { Op::output_bounds(type); })
        return requires {
            typename std::integral_constant<dtype, type_of_fixed_range<Rule, Op>()>;
        };
    else
        return false;
}();

/// Signatures without repeats.
template <std::size_t Most> struct signature_set {
    std::array<signature, Most> items{};
    std::size_t count = 0;

    constexpr void insert(const signature& one) {
        for (std::size_t i = 0; i < count; ++i)
            if (items[i] == one) return;
        items[count++] = one;
    }
};

/// The distinct ones, `all`, among the signatures that Source::for_each(visit) visits.
template <class Source> struct distinct_signatures {
    static constexpr std::size_t given = [] {
        std::size_t count = 0;
        Source::for_each([&](const signature&) { ++count; });
        return count;
    }();
    static constexpr signature_set<given> found = [] {
        signature_set<given> result;
        Source::for_each([&](const signature& one) { result.insert(one); });
        return result;
    }();
    static constexpr std::array<signature, found.count> all = [] {
        std::array<signature, found.count> result{};
        for (std::size_t i = 0; i < found.count; ++i) result[i] = found.items[i];
        return result;
    }();
};

template <node_kind Kind, class Rules> struct signatures_of_kind;
template <node_kind Kind, class... Rules> struct signatures_of_kind<Kind, rule_list<Rules...>> {
    template <class Visit> static constexpr void for_each([[maybe_unused]] Visit visit) {
        (for_each_signature<Kind, Rules>(rule_list<Rules...>{}, visit), ...);
    }
};

/// Without those that a fixed range leaves none of the nodes of `Op`.
template <class Op, class Rules> struct signatures_of_fixed_range;
template <class Op, class... Rules> struct signatures_of_fixed_range<Op, rule_list<Rules...>> {
    template <class Visit> static constexpr void for_each([[maybe_unused]] Visit visit) {
        (for_each_under<Rules>(visit), ...);
    }

  private:
    template <class Rule, class Visit> static constexpr void for_each_under(Visit visit) {
        for_each_signature<kind_of<Op>, Rule>(rule_list<Rules...>{}, [&](const signature& each) {
            if constexpr (fixes_type<Rule, Op>)
                if (each.y != type_of_fixed_range<Rule, Op>()) return;
            visit(each);
        });
    }
};

template <class Rules, class Op>
using signatures_of_nodes =
    std::conditional_t<is_own(traits_of<Op>.output_range) && !is_weighted<Op> && !traits_of<Op>.converts,
                       signatures_of_fixed_range<Op, Rules>, signatures_of_kind<kind_of<Op>, Rules>>;

template <class Rules> struct signatures_of_all_kinds {
    template <class Visit> static constexpr void for_each(Visit visit) {
        signatures_of_kind<node_kind::sums, Rules>::for_each(visit);
        signatures_of_kind<node_kind::choices, Rules>::for_each(visit);
        signatures_of_kind<node_kind::pairs, Rules>::for_each(visit);
        signatures_of_kind<node_kind::products, Rules>::for_each(visit);
        signatures_of_kind<node_kind::elements, Rules>::for_each(visit);
        signatures_of_kind<node_kind::conversions, Rules>::for_each(visit);
        signatures_of_kind<node_kind::measurements, Rules>::for_each(visit);
    }
};

} // namespace detail

/// The signatures of all nodes that a rule makes, or the rules of a list; conversions included.
template <class Rules>
constexpr auto signatures_of =
    detail::distinct_signatures<detail::signatures_of_all_kinds<typename detail::as_rule_list<Rules>::type>>::all;

/// Those of them that nodes of `Op` can have; under one rule the first reads its `activation_type`, and makes that
/// where the operator's range is not fixed.
template <class Rules, class Op>
constexpr auto& node_signatures =
    detail::distinct_signatures<detail::signatures_of_nodes<typename detail::as_rule_list<Rules>::type, Op>>::all;

/// A signature to compile an operator for, if the rules make it. What no node has is not compiled.
template <class Rules, class Op, signature S>
concept compiled_for = [] {
    for (const signature& each : node_signatures<Rules, Op>)
        if (each == S) return true;
    return false;
}() && has_integer_meaning<Op, S>;

/// Calls visit.operator()<S>() with each signature that nodes of `Op` can have under `Rules` and that the operator has
/// an integer meaning for.
template <class Rules, class Op, class Visitor> constexpr void for_each_node_signature(Visitor&& visit) {
    const auto try_one = [&]<std::size_t I>() {
        constexpr signature S = node_signatures<Rules, Op>[I];
        if constexpr (has_integer_meaning<Op, S>) visit.template operator()<S>();
    };
    [&]<std::size_t... I>(std::index_sequence<I...>) {
        (try_one.template operator()<I>(), ...);
    }
    (std::make_index_sequence<node_signatures<Rules, Op>.size()>{});
}

/// Calls visit.operator()<S>() with the signature `wanted` of an operator's node, among those that `Rules` make and
/// that the operator has an integer meaning for; faults when it is none of them.
template <class Rules, class Op, class Visitor>
constexpr void visit_signature(const signature& wanted, Visitor&& visit) {
    bool found = false;
    for_each_node_signature<Rules, Op>([&]<signature S>() {
        if (found || !(S == wanted)) return;
        found = true;
        visit.template operator()<S>();
    });
    require(found, "the operator has no integer meaning for the types of this node");
}

} // namespace ctq::inline CTQ_TARGET

// ---- ctq/execute/lower.hpp
// lower: what runs of one annotated node: its lowered parameters, and which tensors it reads in which layout. The
// emitter, the engine and the compiler call this one function, which knows of no target; see kernel::pack.
// room: execute | runs on: compiler + host | heap: yes

namespace ctq::inline CTQ_TARGET {

/// What a lowered node reads: a value of the graph, or a constant that lowering made (`value` is -1).
struct lowered_input {
    int value = -1;
    std::string_view role{}; ///< of a constant: "weights", "bias", ...
    tensor_facts facts{};
    constant elements{};
};

/// An operator with what lowering made of it.
template <class Op> struct lowered_operator {
    Op op;
    lowered_of<Op> lowered;
};

namespace detail {

template <class Operation> struct lowered_variant;
template <class... Ops> struct lowered_variant<std::variant<Ops...>> {
    using type = std::variant<lowered_operator<Ops>...>;
};

/// One annotated node as its operator's `lower<S>` sees it, a lowering_view: facts and constants in, inputs of the
/// lowered node out.
template <class Graph> class lowering_node {
  public:
    constexpr lowering_node(const Graph& graph, const typename Graph::node_type& node) : graph_(graph), node_(node) {}

    constexpr std::size_t input_count() const { return node_.inputs.size(); }
    constexpr const tensor_facts& input(std::size_t i) const { return value_of(i).facts; }
    constexpr const tensor_facts& output() const { return graph_.value_at(node_.output()).facts; }

    /// The elements of constant input i.
    template <class T> constexpr const T* constant(std::size_t i) const {
        require(graph_.is_constant(node_.inputs[i]), "weights and bias must be constant");
        return graph_.constant_of(node_.inputs[i]).template as<T>().data();
    }
    /// The scale of a channel of input i.
    constexpr double scale(std::size_t i, std::size_t channel) const { return value_of(i).scale_of(channel); }

    /// The bias of a channel (input 2), 0 where there is none.
    constexpr std::int64_t bias(std::size_t channel) const {
        if (input_count() < 3) return 0;
        return input(2).type == dtype::int64 ? constant<std::int64_t>(2)[channel]
                                             : std::int64_t{constant<std::int32_t>(2)[channel]};
    }

    /// The axis of the weights along which the operator's channels lie.
    constexpr int weight_axis() const { return traits_of_node(node_).weight_axis; }

    /// `count` zeros: what constants are built in. (The operators themselves need no container.)
    template <class T> static constexpr std::vector<T> list(std::size_t count) { return std::vector<T>(count, T{}); }

    /// Makes input i the next input of the lowered node, as it is.
    constexpr void keep(std::size_t i) { keep_value(node_.inputs[i]); }

    /// Makes the value that holds the scale of input i the next input; it must be dynamic.
    constexpr void keep_scale(std::size_t i) {
        require(value_of(i).dynamic.is_set(), "the scale of an activation whose sums become reals must be a value");
        keep_value(value_of(i).dynamic.scale);
    }
    /// The same for its zero point, if a value holds it.
    constexpr void keep_zero_point(std::size_t i) {
        if (value_of(i).dynamic.zero_point >= 0) keep_value(value_of(i).dynamic.zero_point);
    }

    /// Makes a new constant the next input.
    template <class T> constexpr void append(std::string_view role, const shape& of, std::vector<T> elements) {
        inputs.push_back({-1, role, {dtype_of<T>, of}, ctq::constant(std::move(elements))});
    }

    /// The same with the elements in a narrower type, which holds them.
    constexpr void append_narrow(std::string_view role, const shape& of, const std::vector<std::int32_t>& elements,
                                 dtype type) {
        with_element_type(type, [&](auto zero) {
            if constexpr (std::is_integral_v<decltype(zero)>) {
                std::vector<decltype(zero)> narrow;
                for (const std::int32_t each : elements) narrow.push_back(static_cast<decltype(zero)>(each));
                append(role, of, std::move(narrow));
            } else {
                fail("a list of integers is kept in an integer type");
            }
        });
    }

    /// Faults where the node reads integers whose scale is a value, and does not read that value.
    constexpr void check_dynamic_inputs() const {
        for (std::size_t i = 0; i < input_count(); ++i) {
            const int scale = value_of(i).dynamic.scale;
            bool kept = scale < 0;
            for (const lowered_input& each : inputs) kept |= each.value == scale;
            require(kept, "integers under a scale that is measured at run time are for weighted nodes that make reals");
        }
    }

    std::vector<lowered_input> inputs;

  private:
    constexpr const value& value_of(std::size_t i) const { return graph_.value_at(node_.inputs[i]); }
    constexpr void keep_value(int index) { inputs.push_back({index, {}, graph_.value_at(index).facts}); }

    const Graph& graph_;
    const typename Graph::node_type& node_;
};

/// Here and not where a node is visited, so that a compiler says in a few lines which operator it is.
template <class Rules, class Op, class Node> constexpr void check_lowering() {
    constexpr bool fits = [] {
        bool all = true;
        for_each_node_signature<Rules, Op>(
            [&]<signature S>() { all = all && lowers_what_it_computes_with<Op, S, Node>; });
        return all;
    }();
    static_assert(fits, "ctq: lower: an operator must make the `lowered` that it computes with; give it "
                        "lowered lower<S>(node) const");
}
template <class Rules, class Node, class... Ops> constexpr void check_lowering_of_all(const std::variant<Ops...>*) {
    (check_lowering<Rules, Ops, Node>(), ...);
}

/// Lowers `op` under one signature as it says, to a table, or to the inputs as they are.
template <signature S, class Op, class Node> constexpr lowered_of<Op> lower_operator(const Op& op, Node& node) {
    if constexpr (requires { op.template lower<S>(node); }) {
        return op.template lower<S>(node);
    } else if constexpr (looks_up<Op, S>) {
        op::lower_to_table<S>(op, node);
        return {};
    } else {
        for (std::size_t i = 0; i < node.input_count(); ++i) node.keep(i);
        return {};
    }
}

} // namespace detail

/// A node as it runs; its outputs are the annotated node's.
template <class Operation> struct lowered_node {
    typename detail::lowered_variant<Operation>::type op;
    std::vector<lowered_input> inputs;
};

/// Lowers a node under the signatures of `Rules`. A float node keeps its inputs. Faults where its constants do not fit
/// the arithmetic, or where no rule of these makes such a node. Cost: a pass over its constants.
template <class Rules, class Graph>
constexpr lowered_node<typename Graph::operation_type> lower_node(const Graph& graph,
                                                                  const typename Graph::node_type& node) {
    using operation = typename Graph::operation_type;
    detail::check_lowering_of_all<Rules, detail::lowering_node<Graph>>(static_cast<const operation*>(nullptr));
    lowered_node<operation> result;
    detail::lowering_node<Graph> view(graph, node);
    visit_operator(node, [&](const auto& op) {
        using op_type = std::remove_cvref_t<decltype(op)>;
        lowered_operator<op_type> made{op, {}};
        if (node.in_float())
            for (std::size_t i = 0; i < node.inputs.size(); ++i) view.keep(i);
        else
            visit_signature<Rules, op_type>(signature_of(graph, node), [&]<signature S>() {
                if constexpr (lowers_what_it_computes_with<op_type, S, detail::lowering_node<Graph>>)
                    made.lowered = detail::lower_operator<S>(op, view);
            });
        if (!node.in_float()) view.check_dynamic_inputs();
        // Made anew in place: clang refuses a variant that changes its alternative, g++ warns of one that is returned.
        std::destroy_at(&result.op);
        std::construct_at(&result.op, made);
    });
    result.inputs = std::move(view.inputs);
    return result;
}

} // namespace ctq::inline CTQ_TARGET

// ---- ctq/execute/program.hpp
// program: an annotated graph with every node lowered: what executors are emitted from, frozen from and run from. Made
// node by node by lower_node; nothing is rewritten in it.
// room: execute | runs on: compiler + host | heap: yes

namespace ctq::inline CTQ_TARGET {

/// A lowered node: its operator with lowered parameters, and positions of the program's values.
template <class Operation> struct program_node {
    text name;
    typename detail::lowered_variant<Operation>::type op;
    std::vector<int> inputs, outputs;
    signature types; ///< of the annotated node
    int source = -1; ///< the annotated node's position

    constexpr int output() const { return outputs[0]; }
};

/// `values`: the graph's activations and inputs in their order, and the constants that lowered nodes read or states
/// begin with; integer weights that were packed are not among them.
template <class Operation> struct program : value_list {
    using operation_type = Operation;
    using node_type = program_node<Operation>;

    text name;
    std::vector<node_type> nodes;
    std::vector<port> inputs, outputs;
    std::vector<graph_state> states;
    std::vector<int> places; ///< for each value of the graph where it stands among `values`, or -1
};

/// Calls visit(op, lowered) with a program node's operator as its own type.
template <class Operation, class Visitor>
constexpr decltype(auto) visit_lowered(const program_node<Operation>& node, Visitor&& visit) {
    return visit_variant([&](const auto& with) -> decltype(auto) { return visit(with.op, with.lowered); }, node.op);
}

namespace detail {

/// The work of one call of lower_graph.
template <class Rules, class Graph> class program_writer {
  public:
    constexpr explicit program_writer(const Graph& graph) : graph_(graph) {
        made_.places.assign(graph.values.size(), -1);
    }

    constexpr program<typename Graph::operation_type> run() {
        made_.name = graph_.name;
        for (const port& input : graph_.inputs) made_.inputs.push_back({input.name, place_of(input.value)});
        for (std::size_t i = 0; i < graph_.nodes.size(); ++i) append(static_cast<int>(i));
        for (const port& output : graph_.outputs)
            made_.outputs.push_back({output.name, place_of(output.value), output.count});
        for (const graph_state& each : graph_.states)
            made_.states.push_back({each.name, place_of(each.initial), place_of(each.read), place_of(each.written)});
        return std::move(made_);
    }

  private:
    constexpr void append(int index) {
        const auto& node = graph_.node_at(index);
        auto lowered = lower_node<Rules>(graph_, node);
        program_node<typename Graph::operation_type> next{node.name, lowered.op, {}, {}, signature_of(graph_, node),
                                                          index};
        for (lowered_input& each : lowered.inputs)
            next.inputs.push_back(each.value >= 0 ? place_of(each.value) : append_constant(node.name, each));
        for (const int output : node.outputs) next.outputs.push_back(place_of(output));
        made_.nodes.push_back(std::move(next));
    }

    constexpr int append_constant(const text& node_name, lowered_input& from) {
        const int index = made_.add_value(node_name + "." + from.role, from.facts);
        made_.set_constant(index, std::move(from.elements));
        return index;
    }

    /// Where a value of the graph stands in the program.
    constexpr int place_of(int index) {
        int& place = made_.places[static_cast<std::size_t>(index)];
        if (place >= 0) return place;
        place = static_cast<int>(made_.values.size());
        made_.values.push_back(graph_.value_at(index));
        made_.values.back().dynamic = {}; // of the graph's numbering; lowered nodes read scale and zero point as inputs
        if (graph_.is_constant(index)) made_.set_constant(place, graph_.constant_of(index));
        return place;
    }

    const Graph& graph_;
    program<typename Graph::operation_type> made_;
};

} // namespace detail

/// Lowers every node of an annotated (or float) graph whose integer nodes follow `Rules`. Faults as lower_node does.
/// Cost: a pass over the constants; memory: as much again.
template <class Rules, class Graph> constexpr program<typename Graph::operation_type> lower_graph(const Graph& graph) {
    return detail::program_writer<Rules, Graph>(graph).run();
}

/// The overflow proof of a node of a program, from its actual constants.
template <class Rules, class Program>
constexpr bool never_overflows(const Program& in, const typename Program::node_type& node) {
    if (is_float_signature(node.types)) return true;
    std::vector<const_tensor> read;
    for (const int input : node.inputs) read.push_back(in.tensor_at(input));
    bool holds = false;
    visit_lowered(node, [&]<class Op>(const Op& op, const lowered_of<Op>& lowered) {
        visit_signature<Rules, Op>(node.types, [&]<signature S>() {
            holds = never_overflows<S>(op, lowered, read, in.value_at(node.output()).facts);
        });
    });
    return holds;
}

} // namespace ctq::inline CTQ_TARGET

// ---- ctq/execute/program_plan.hpp
// program_plan: the arena of a graph, planned where the graph is known at run time only: the tool. The same functions
// plan an executor in the compiler (model_plan.hpp), so both come to the same bytes.
// room: execute | runs on: compiler + host | heap: yes

namespace ctq::inline CTQ_TARGET {

/// An arena: its size, the least that any plan needs, and where each value and each node's scratch lies.
struct program_plan {
    std::size_t bytes = 0, lower_bound = 0;
    std::vector<std::size_t> value_offsets, scratch_offsets;
};

namespace detail {

template <class Rules, class Architecture, class Program>
constexpr planned_node planned(const Program& from, const typename Program::node_type& node) {
    std::vector<tensor_facts> in, out;
    for (const int input : node.inputs) in.push_back(from.value_at(input).facts);
    for (const int output : node.outputs) out.push_back(from.value_at(output).facts);
    return visit_lowered(node, [&]<class Op>(const Op& op, const lowered_of<Op>& lowered) -> planned_node {
        std::size_t scratch = 0;
        if (!is_float_signature(node.types))
            visit_signature<Rules, Op>(node.types, [&]<signature S>() {
                scratch = kernels::kernel_for<Architecture, Op, S>::scratch_bytes({op, lowered, in, out});
            });
        return {node.inputs, node.outputs, traits_of<Op>.in_place, scratch};
    });
}

constexpr std::vector<int> positions(const std::vector<port>& ports) {
    std::vector<int> result;
    for (const port& each : ports) result.push_back(each.value);
    return result;
}

} // namespace detail

/// Plans the arena of a program for one architecture's kernels: the best of all packing orders. Cost: O(n^2) for n
/// activations.
template <class Rules, class Architecture, class Program> constexpr program_plan plan_program(const Program& graph) {
    std::vector<planned_value> values;
    for (const value& v : graph.values) values.push_back({v.facts.bytes(), v.constant >= 0, v.facts.elements()});
    std::vector<planned_node> nodes;
    for (const auto& node : graph.nodes) nodes.push_back(detail::planned<Rules, Architecture>(graph, node));
    const std::vector<int> inputs = detail::positions(graph.inputs), outputs = detail::positions(graph.outputs);
    std::vector<planned_state> states;
    for (const graph_state& each : graph.states) states.push_back({each.read, each.written});

    std::vector<buffer> buffers(values.size() + nodes.size(), buffer{});
    std::vector<int> home(values.size(), 0), sorted(buffers.size(), 0);
    find_lifetimes({values, nodes, inputs, outputs, states}, buffers, home);

    std::vector<std::size_t> offsets(buffers.size(), std::size_t{0}), best = offsets;
    program_plan plan;
    for (std::size_t order = 0; order < packing_orders; ++order) {
        const std::size_t bytes =
            pack(buffers, static_cast<packing_order>(order), Architecture::alignment, offsets, sorted);
        if (order > 0 && bytes >= plan.bytes) continue;
        plan.bytes = bytes;
        best = offsets;
    }
    plan.lower_bound = peak_bytes(buffers, static_cast<int>(nodes.size()) + 1);
    for (const int v : home) plan.value_offsets.push_back(best[static_cast<std::size_t>(v)]);
    for (std::size_t i = 0; i < nodes.size(); ++i) plan.scratch_offsets.push_back(best[values.size() + i]);
    return plan;
}

} // namespace ctq::inline CTQ_TARGET

// ---- ctq/firmware.hpp
// The door for firmware: all that an emitted model needs. No third-party header, no heap, no exceptions, no RTTI; no
// float in a model that is integers throughout.

// ---- ctq/calibrate/minmax.hpp
// minmax: the range of all values seen. Nothing is clipped; one outlier coarsens everything else.
// room: calibrate | runs on: compiler + host | heap: no

namespace ctq::inline CTQ_TARGET::calibration {

/// [min, max] of the observed values, united with 0. Cost: nothing. MXNet calls it naive.
struct minmax {
    static constexpr std::string_view name = "minmax";
    static constexpr std::array<std::string_view, 1> aliases{"naive"};

    constexpr range choose(const observation& seen, const grid&) const { return with_zero(seen.observed()); }

    friend constexpr bool operator==(const minmax&, const minmax&) = default;
};

static_assert(calibration_strategy<minmax>);

} // namespace ctq::inline CTQ_TARGET::calibration

// ---- ctq/calibrate/entropy.hpp
// entropy: the range whose quantized distribution tells most of the observed one (Kullback-Leibler divergence).
// room: calibrate | runs on: compiler + host | heap: while it chooses (vectors of at most 2,001 elements)

namespace ctq::inline CTQ_TARGET::calibration {

namespace detail {

/// Counts in equal bins with running sums, so that the divergence of any window costs one logarithm per level.
class profile {
    std::vector<double> counts_;
    std::vector<double> sums_{0.0};      // values before bin i
    std::vector<double> occupied_{0.0};  // non-empty bins before bin i
    std::vector<double> entropies_{0.0}; // sum of c ln c before bin i

    static constexpr double entropy_of(double count) { return count > 0 ? exact(count * elementary::log(count)) : 0; }

    constexpr double at(std::int32_t i) const { return counts_[static_cast<std::size_t>(i)]; }
    constexpr double before(std::int32_t i) const { return sums_[static_cast<std::size_t>(i)]; }
    constexpr double after(std::int32_t i) const { return sums_.back() - before(i); }

    // Sum of P ln P, where the values outside of the window were added to its end bins.
    constexpr double reference_term(std::int32_t begin, std::int32_t end) const {
        const double inner =
            entropies_[static_cast<std::size_t>(end - 1)] - entropies_[static_cast<std::size_t>(begin + 1)];
        return inner + entropy_of(at(begin) + before(begin)) + entropy_of(at(end - 1) + after(end));
    }

    // Sum of P ln Q, where each level's values are shared out evenly among its non-empty bins.
    constexpr double quantized_term(std::int32_t begin, std::int32_t end, std::int32_t levels) const {
        double sum = 0;
        std::int32_t from = begin;
        for (std::int32_t level = 1; level <= levels; ++level) {
            const std::int32_t to = begin + static_cast<std::int32_t>(std::int64_t{end - begin} * level / levels);
            const double inside = before(to) - before(from);
            const double clipped = (from == begin ? before(begin) : 0) + (to == end ? after(end) : 0);
            const double bins = occupied_[static_cast<std::size_t>(to)] - occupied_[static_cast<std::size_t>(from)];
            if (inside > 0) sum += exact((inside + clipped) * elementary::log(inside / bins));
            from = to;
        }
        return sum;
    }

  public:
    constexpr explicit profile(std::vector<double> counts) : counts_(std::move(counts)) {
        for (const double count : counts_) {
            sums_.push_back(sums_.back() + count);
            occupied_.push_back(occupied_.back() + (count > 0 ? 1 : 0));
            entropies_.push_back(entropies_.back() + entropy_of(count));
        }
    }

    constexpr std::int32_t size() const { return static_cast<std::int32_t>(counts_.size()); }

    /// Whether [begin, end) can be judged. The values clipped at both ends must land in bins that the quantized
    /// distribution has too: where it has not, the divergence is infinite. And all but a thousandth of the values must
    /// be inside: a distribution with spikes (a constant background behind a ReLU) else gives up its upper half to
    /// keep them sharp, which costs an image network its accuracy.
    constexpr bool is_candidate(std::int32_t begin, std::int32_t end) const {
        return (at(begin) > 0 || before(begin) == 0) && (at(end - 1) > 0 || after(end) == 0) &&
               before(end) - before(begin) >= 0.999 * sums_.back();
    }

    /// D(P || Q) of the window [begin, end) of at least 2 bins that is_candidate(). In a window of fewer bins than
    /// levels, every bin is a level of its own.
    constexpr double divergence(std::int32_t begin, std::int32_t end, std::int32_t levels) const {
        const double all = sums_.back();
        const double terms = reference_term(begin, end) - quantized_term(begin, end, std::min(levels, end - begin));
        return terms / all + elementary::log((before(end) - before(begin)) / all);
    }
};

/// An observation without its exact zeros, in bins of 2^exponent that cover 0 as well: [first, first + counts) widths.
struct resampled {
    std::vector<double> counts;
    std::int32_t first = 0;
    std::int32_t exponent = 0;

    /// `by_magnitude` folds the negative side onto the positive one.
    constexpr resampled(const observation& seen, bool by_magnitude) : exponent(seen.exponent()) {
        std::int64_t low = std::min(seen.first(), 0);
        std::int64_t high = std::max(seen.first() + seen.size() - 1, 0);
        if (by_magnitude) {
            high = std::max(high, -low - 1);
            low = 0;
        }
        for (; high - low >= observation::capacity; low >>= 1, high >>= 1) ++exponent;
        first = static_cast<std::int32_t>(low);
        counts.assign(static_cast<std::size_t>(high - low + 1), 0.0);
        for (std::int32_t i = 0; i < seen.size(); ++i) {
            std::int32_t index = (seen.first() + i) >> (exponent - seen.exponent());
            if (by_magnitude && index < 0) index = -1 - index;
            const std::uint64_t zeros = seen.first() + i == 0 ? seen.zeros() : 0;
            counts[static_cast<std::size_t>(index - first)] += static_cast<double>(seen.bin(i) - zeros);
        }
    }

    constexpr float edge(std::int32_t i) const {
        return static_cast<float>((first + i) * elementary::power_of_two(exponent));
    }
};

} // namespace detail

/// The KL search over the observed bins, for the grid that the rule asks for. For a window of bins, P is the observed
/// distribution with everything outside moved into the window's end bins; Q is what is left of the inside when each of
/// the grid's levels (equal runs of bins) shares its values evenly among its non-empty bins. The window with the least
/// D(P || Q) is taken, the widest of equals; its ends are edges of bins, cut to the observed extremes.
///
/// - affine, values on one side of 0: windows from 0 to every non-empty bin, asked.levels levels.
/// - affine, values on both sides: the end with the larger magnitude is searched first, the other end whole; then the
///   other end with the first one's result.
/// - symmetric: the same search on the magnitudes, with the (levels + 1) / 2 levels of one side, zero included.
///
/// Unlike MXNet's (mxnet_search.hpp): zeros are left out, because every range represents them exactly (a ReLU's spike
/// at 0 would rule the search); no window starts with a dropped bin; levels differ by at most one bin; a window may
/// have fewer bins than levels; double arithmetic without smoothing, since only windows that end in non-empty bins are
/// tried; 99.9 % of the values stay inside. Values with no more bins than the grid has levels, such as constant ones,
/// keep their whole range. Cost: some 20 ms.
class entropy {
    struct window {
        std::int32_t begin = 0;
        std::int32_t end = 0;
    };

    // Divergences that differ by less are equal: their terms cancel.
    static constexpr double rounding = 1e-12;

    // Of `whole` with 0 .. most bins cut off at the chosen end, the window with the least divergence.
    static constexpr window best_of(const detail::profile& values, window whole, std::int32_t levels, std::int32_t most,
                                    bool cut_begin) {
        if (whole.end - whole.begin <= levels) return whole;
        window best = whole;
        double least = std::numeric_limits<double>::max();
        for (std::int32_t cut = 0; cut <= most; ++cut) {
            const window tried{whole.begin + (cut_begin ? cut : 0), whole.end - (cut_begin ? 0 : cut)};
            if (!values.is_candidate(tried.begin, tried.end)) continue;
            const double found = values.divergence(tried.begin, tried.end, levels);
            if (found < least - rounding) {
                least = found;
                best = tried;
            }
        }
        return best;
    }

    static constexpr window with_best_end(const detail::profile& values, window whole, std::int32_t zero,
                                          std::int32_t levels) {
        return best_of(values, whole, levels, whole.end - std::max(whole.begin + 2, zero + 1), false);
    }

    static constexpr window with_best_begin(const detail::profile& values, window whole, std::int32_t zero,
                                            std::int32_t levels) {
        return best_of(values, whole, levels, std::min(whole.end - 2, zero) - whole.begin, true);
    }

    static constexpr range symmetric_choice(const observation& seen, const range& full, std::int32_t levels) {
        const detail::resampled bins(seen, true);
        const detail::profile values(bins.counts);
        const std::int32_t end = with_best_end(values, {0, values.size()}, 0, levels).end;
        if (end == values.size()) return full;
        const float bound = bins.edge(end);
        return {std::max(full.low, -bound), std::min(full.high, bound)};
    }

    static constexpr range affine_choice(const observation& seen, const range& full, std::int32_t levels) {
        const detail::resampled bins(seen, false);
        const detail::profile values(bins.counts);
        const std::int32_t zero = -bins.first;
        window kept{0, values.size()};
        const bool high_first = full.high >= -full.low;
        if (high_first) kept = with_best_end(values, kept, zero, levels);
        kept = with_best_begin(values, kept, zero, levels);
        if (!high_first) kept = with_best_end(values, kept, zero, levels);
        return {kept.begin == 0 ? full.low : std::clamp(bins.edge(kept.begin), full.low, 0.0f),
                kept.end == values.size() ? full.high : std::clamp(bins.edge(kept.end), 0.0f, full.high)};
    }

  public:
    static constexpr std::string_view name = "entropy";
    static constexpr std::array<std::string_view, 1> aliases{"kl"};

    constexpr range choose(const observation& seen, const grid& asked) const {
        const range full = with_zero(seen.observed());
        if (seen.zeros() == seen.count()) return full;
        return asked.symmetric ? symmetric_choice(seen, full, std::max(2, (asked.levels + 1) / 2))
                               : affine_choice(seen, full, asked.levels);
    }

    friend constexpr bool operator==(const entropy&, const entropy&) = default;
};

static_assert(calibration_strategy<entropy>);

} // namespace ctq::inline CTQ_TARGET::calibration

// ---- ctq/calibrate/mse.hpp
// mse: the range with the least expected squared quantization error.
// room: calibrate | runs on: compiler + host | heap: while it chooses (vectors of at most 2,000 elements)

namespace ctq::inline CTQ_TARGET::calibration {

namespace detail {

/// Values spread evenly over [low, high]; `low == high` stands for one repeated value.
struct spread {
    double low = 0;
    double high = 0;
    double count = 0;
};

/// The non-empty bins, cut to the observed extremes, without the exact zeros: those have no error in any range.
constexpr std::vector<spread> spreads_of(const observation& seen) {
    std::vector<spread> all;
    for (std::int32_t i = 0; i < seen.size(); ++i) {
        const std::uint64_t count = seen.bin(i) - (seen.first() + i == 0 ? seen.zeros() : 0);
        if (count == 0) continue;
        all.push_back({std::max(seen.lower_edge(i), static_cast<double>(seen.min())),
                       std::min(seen.lower_edge(i + 1), static_cast<double>(seen.max())), static_cast<double>(count)});
    }
    return all;
}

/// The integral of the squared error, from 0 to x, of rounding to multiples of `step` and clamping to [low, high].
class error_integral {
    double step_ = 0;
    double low_ = 0;
    double high_ = 0;

    static constexpr double cube(double x) { return exact(exact(x * x) * x); }

    // Within a step the integral is the cube of the distance to the nearest multiple, over 3; each whole step adds
    // step^3 / 12.
    constexpr double inside(double x) const {
        if (step_ == 0) return 0;
        const double steps = elementary::round_half_even(x / step_);
        return exact(steps * (cube(step_) / 12)) + cube(x - exact(steps * step_)) / 3;
    }

  public:
    /// The points that `asked` gives to `chosen`. On an affine grid 0 is one of them, so low and high move to the
    /// nearest multiples of the step, as a rule's zero point makes them.
    constexpr error_integral(const range& chosen, const grid& asked) {
        const double magnitude = chosen.largest_magnitude();
        const double low = asked.symmetric ? -magnitude : chosen.low;
        const double high = asked.symmetric ? magnitude : chosen.high;
        step_ = (high - low) / (asked.levels - 1);
        if (step_ == 0) return;
        const double below =
            asked.symmetric ? elementary::floor((asked.levels - 1) / 2.0) : elementary::round_half_even(-low / step_);
        low_ = -exact(below * step_);
        high_ = asked.symmetric ? -low_ : exact((asked.levels - 1 - below) * step_);
    }

    constexpr double operator()(double x) const {
        if (x > high_) return inside(high_) + cube(x - high_) / 3;
        if (x < low_) return inside(low_) - cube(low_ - x) / 3;
        return inside(x);
    }

    /// The squared error at x.
    constexpr double at(double x) const {
        const double steps = step_ == 0 ? 0 : elementary::round_half_even(x / step_);
        const double error = x - std::clamp(exact(steps * step_), low_, high_);
        return error * error;
    }
};

constexpr double squared_error(const std::vector<spread>& values, const error_integral& integral) {
    double sum = 0;
    for (const spread& part : values) {
        const double length = part.high - part.low;
        const double mean = length > 0 ? (integral(part.high) - integral(part.low)) / length : integral.at(part.low);
        sum += exact(part.count * mean);
    }
    return sum;
}

} // namespace detail

/// The expected sum of squared errors when the observed values are quantized to `asked.levels` points over `chosen`,
/// each bin's values taken as evenly spread over the bin. Cost: one pass over the bins.
constexpr double squared_error(const observation& seen, const range& chosen, const grid& asked) {
    return detail::squared_error(detail::spreads_of(seen), detail::error_integral(chosen, asked));
}

/// Shrinks the observed range towards 0 while the expected squared error falls: on an affine grid both ends in turn,
/// each for itself, on a symmetric one the magnitude. Each search tries 72 sizes from the whole down to 1/2000, 10 %
/// apart, then 24 around the best. Never worse than minmax by its own measure. Cost: some milliseconds.
class mse {
    static constexpr double coarse_ratio = 0.9;
    static constexpr int coarse_steps = 72;
    static constexpr int fine_steps = 24;

    // The share in (0, 1] with the least error, `best` unless another is strictly better.
    template <class Error> static constexpr double best_share(double best, const Error& error) {
        double least = error(best);
        const auto consider = [&](double share) {
            const double found = error(share);
            if (found < least) {
                least = found;
                best = share;
            }
        };
        double share = 1;
        for (int i = 0; i < coarse_steps; ++i, share = exact(share * coarse_ratio)) consider(share);
        const double lower = exact(best * coarse_ratio);
        const double upper = std::min(1.0, best / coarse_ratio);
        for (int i = 1; i < fine_steps; ++i) consider(lower + exact((upper - lower) * i) / fine_steps);
        return best;
    }

    template <class Error> static constexpr range symmetric_choice(const range& full, const Error& error) {
        const double magnitude = full.largest_magnitude();
        const auto clipped = [&](double share) {
            const auto bound = static_cast<float>(magnitude * share);
            return range{std::max(full.low, -bound), std::min(full.high, bound)};
        };
        if (magnitude == 0) return full;
        return clipped(best_share(1, [&](double share) { return error(clipped(share)); }));
    }

  public:
    static constexpr std::string_view name = "mse";

    constexpr range choose(const observation& seen, const grid& asked) const {
        const range full = with_zero(seen.observed());
        const std::vector<detail::spread> values = detail::spreads_of(seen);
        const auto cut = [&](double low, double high) {
            return range{std::max(full.low, static_cast<float>(full.low * low)),
                         std::min(full.high, static_cast<float>(full.high * high))};
        };
        const auto error = [&](const range& tried) {
            return detail::squared_error(values, detail::error_integral(tried, asked));
        };
        if (asked.symmetric) return symmetric_choice(full, error);
        double low = 1;
        double high = 1;
        for (int round = 0; round < (full.low < 0 && full.high > 0 ? 3 : 1); ++round) {
            if (full.high > 0) high = best_share(high, [&](double share) { return error(cut(low, share)); });
            if (full.low < 0) low = best_share(low, [&](double share) { return error(cut(share, high)); });
        }
        return cut(low, high);
    }

    friend constexpr bool operator==(const mse&, const mse&) = default;
};

static_assert(calibration_strategy<mse>);

} // namespace ctq::inline CTQ_TARGET::calibration

// ---- ctq/calibrate/percentile.hpp
// percentile: the range that leaves a fixed share of the values outside.
// room: calibrate | runs on: compiler + host | heap: no

namespace ctq::inline CTQ_TARGET::calibration {

/// Clips at most (100 - percent) % of the finite values seen. Where values lie on both sides of 0 and the grid is
/// affine, each side may lose half of that share; values on one side only lose it at their far end; a symmetric grid
/// loses it by magnitude. The bounds are edges of bins, rounded outwards, so that the share is never exceeded: with
/// percent = 100 the result is minmax's, exactly. A larger percent never gives a smaller range. Cost: one pass over
/// the bins.
struct percentile {
    static constexpr std::string_view name = "percentile";

    /// 0 to 100; what lies outside is taken as the nearer of the two.
    double percent = 99.99;

    /// What a user may ask for, in code and in words.
    static constexpr bool accepts(double wanted) { return wanted > 0 && wanted <= 100; }
    static constexpr std::string_view accepted = "above 0, and 100 at most";

    constexpr range choose(const observation& seen, const grid& asked) const {
        const range full = with_zero(seen.observed());
        if (seen.empty()) return full;
        const bool two_sided = full.low < 0 && full.high > 0;
        if (two_sided && asked.symmetric) return symmetric_range(seen, full, allowance(seen, 1));
        const std::uint64_t allowed = allowance(seen, two_sided ? 2 : 1);
        return {full.low < 0 ? low_end(seen, full, allowed) : 0.0f,
                full.high > 0 ? high_end(seen, full, allowed) : 0.0f};
    }

    friend constexpr bool operator==(const percentile&, const percentile&) = default;

  private:
    // How many values each of `sides` ends may lose.
    constexpr std::uint64_t allowance(const observation& seen, int sides) const {
        const double share = (100.0 - std::clamp(percent, 0.0, 100.0)) / (100.0 * sides);
        const double allowed = static_cast<double>(seen.count()) * share;
        return allowed < 18446744073709549568.0 ? static_cast<std::uint64_t>(allowed) : seen.count();
    }

    static constexpr float high_end(const observation& seen, const range& full, std::uint64_t allowed) {
        std::int32_t kept = seen.size();
        for (; kept > 0 && seen.bin(kept - 1) <= allowed; --kept) allowed -= seen.bin(kept - 1);
        return std::clamp(static_cast<float>(seen.lower_edge(kept)), 0.0f, full.high);
    }

    static constexpr float low_end(const observation& seen, const range& full, std::uint64_t allowed) {
        std::int32_t kept = 0;
        for (; kept < seen.size() && seen.bin(kept) <= allowed; ++kept) allowed -= seen.bin(kept);
        return std::clamp(static_cast<float>(seen.lower_edge(kept)), full.low, 0.0f);
    }

    // Drops the bins that are furthest from 0, whatever their side, in turn.
    static constexpr range symmetric_range(const observation& seen, const range& full, std::uint64_t allowed) {
        std::int32_t begin = 0;
        std::int32_t end = seen.size();
        while (begin < end) {
            const bool high_is_further = seen.lower_edge(end) >= -seen.lower_edge(begin);
            const std::uint64_t next = seen.bin(high_is_further ? end - 1 : begin);
            if (next > allowed) break;
            allowed -= next;
            high_is_further ? --end : ++begin;
        }
        const auto bound = static_cast<float>(std::max(seen.lower_edge(end), -seen.lower_edge(begin)));
        return {std::clamp(-bound, full.low, 0.0f), std::clamp(bound, 0.0f, full.high)};
    }
};

static_assert(calibration_strategy<percentile>);

} // namespace ctq::inline CTQ_TARGET::calibration

// ---- ctq/graph/name_set.hpp
// name_set: how the library names what must not be called like another: nodes, values, identifiers in emitted code.
// room: graph | runs on: compiler + host | heap: yes

namespace ctq::inline CTQ_TARGET {

/// The names that are taken: a hash table with open addressing, for std's are not constexpr. Cost: of each name its
/// length on average, however many of them read alike.
class name_set {
  public:
    /// Takes a name. True if it was free.
    constexpr bool take(std::string_view name) {
        const std::size_t before = entries_.size();
        find_or_add(name);
        return entries_.size() != before;
    }

    /// Takes `wanted` if it is free, else the first free one of wanted_2, wanted_3, ...; the name that was taken.
    constexpr text take_like(std::string_view wanted) {
        const std::size_t before = entries_.size(), at = find_or_add(wanted);
        if (entries_.size() != before) return wanted;
        while (true) { // names stay taken: a number that was tried is not tried again
            text name = text(wanted) + "_" + decimal_text(entries_[at].next_number++);
            if (take(name)) return name;
        }
    }

    constexpr std::size_t size() const { return entries_.size(); }

  private:
    struct entry {
        text name;
        std::uint64_t hash;
        std::int64_t next_number = 2; ///< the first that no take_like has put behind the name
    };
    static constexpr int no_entry = -1;

    /// FNV-1a.
    static constexpr std::uint64_t hash_of(std::string_view name) {
        std::uint64_t hash = 14695981039346656037U;
        for (const char c : name) hash = (hash ^ static_cast<unsigned char>(c)) * 1099511628211U;
        return hash ^ hash >> 32U;
    }

    constexpr std::size_t find_or_add(std::string_view name) {
        if (4 * entries_.size() >= 3 * slots_.size()) widen();
        const std::uint64_t hash = hash_of(name);
        std::size_t slot = first_slot(hash);
        for (; slots_[slot] != no_entry; slot = following(slot)) {
            const auto found = static_cast<std::size_t>(slots_[slot]);
            if (entries_[found].hash == hash && entries_[found].name == name) return found;
        }
        slots_[slot] = static_cast<int>(entries_.size());
        entries_.push_back({name, hash});
        return entries_.size() - 1;
    }

    constexpr void widen() {
        slots_ = std::vector<int>(slots_.empty() ? 32 : 2 * slots_.size(), no_entry);
        for (std::size_t i = 0; i < entries_.size(); ++i) {
            std::size_t slot = first_slot(entries_[i].hash);
            while (slots_[slot] != no_entry) slot = following(slot);
            slots_[slot] = static_cast<int>(i);
        }
    }

    constexpr std::size_t first_slot(std::uint64_t hash) const {
        return static_cast<std::size_t>(hash) & (slots_.size() - 1);
    }
    constexpr std::size_t following(std::size_t slot) const { return (slot + 1) & (slots_.size() - 1); }

    std::vector<entry> entries_;
    std::vector<int> slots_; ///< positions in entries_; a power of two of them, a quarter or more free
};

} // namespace ctq::inline CTQ_TARGET

// ---- ctq/graph/fail_at.hpp
// fail_at: a fault that names the node, value or state that is wrong. Names come from files and may be anything.
// room: graph | runs on: compiler + host | heap: yes

namespace ctq::inline CTQ_TARGET {

namespace detail {

/// As fail(), with `kind 'name': ` before the text, on one line whatever the name holds, and short enough that the text
/// is never what is cut.
[[noreturn]] inline void fail_at(std::string_view kind, std::string_view name, std::string_view what) {
    constexpr std::size_t most = 200;
    std::string line = std::string(kind) + " '";
    for (const char each : name.substr(0, most)) line += static_cast<unsigned char>(each) < 0x20 ? '?' : each;
    line += name.size() > most ? "...': " : "': ";
    fail((line + std::string(what)).c_str());
}

} // namespace detail

} // namespace ctq::inline CTQ_TARGET

// ---- ctq/graph/validate.hpp
// validate: whether a graph, float, annotated or mixed, is one: what every pass and every reader of a graph relies on.
// room: graph | runs on: compiler + host | heap: yes

namespace ctq::inline CTQ_TARGET {

namespace detail {

/// The work of one call of validate.
template <class Graph> class validator {
  public:
    using node_type = typename Graph::node_type;

    constexpr explicit validator(const Graph& graph)
        : graph_(graph), known_(graph.values.size(), 0), counts_(graph.values.size(), -1) {}

    constexpr void run() {
        require(!graph_.domains.empty(), "a graph must have the domain of float nodes");
        for (std::size_t i = 0; i < graph_.values.size(); ++i) check_value(static_cast<int>(i));
        for (const port& input : graph_.inputs) check_input(input);
        for (const graph_state& each : graph_.states) check_state_before(each);
        for (const node_type& node : graph_.nodes) check_node(node);
        for (const port& output : graph_.outputs) check_output(output);
        for (const graph_state& each : graph_.states) check_state_after(each);
    }

  private:
    /// expect(holds, what): faults with `kind 'name': what` unless it holds.
    static constexpr auto expectation(std::string_view kind, const text& name) {
        return [kind, &name](bool holds, const char* what) {
            if (!holds) fail_at(kind, name.view(), what);
        };
    }

    constexpr bool exists(int index) const {
        return index >= 0 && static_cast<std::size_t>(index) < graph_.values.size();
    }
    constexpr std::uint8_t& known(int index) { return known_[static_cast<std::size_t>(index)]; }

    constexpr void check_value(int index) {
        const value& v = graph_.value_at(index);
        const auto expect = expectation("value", v.name);
        const shape& of = v.facts.shape;
        expect(of.rank >= 0 && of.rank <= shape::max_rank, "its shape must have 0 to 6 axes");
        for (int axis = 0; axis < of.rank; ++axis)
            expect(of[axis] >= (v.constant < 0 ? 1 : 0), "an extent must be at least 1, of a constant 0");
        const limits all = limits_of(v.facts.type), &range = v.facts.range;
        expect(range.low <= range.high, "the lowest integer of its range must not be above the highest");
        expect(!is_integer(v.facts.type) || (range.low >= all.low && range.high <= all.high),
               "its range must be within what its type holds");
        expect(v.scales.empty() || (v.constant >= 0 && v.scale_axis >= 0 && v.scale_axis < of.rank &&
                                    v.scales.size() == static_cast<std::size_t>(of[v.scale_axis])),
               "scales for each channel are a constant's, as many as the axis that they run along is long");
        check_dynamic(v);
        if (v.constant < 0) return;
        expect(static_cast<std::size_t>(v.constant) < graph_.constants.size(), "the graph has not so many constants");
        const constant& elements = graph_.constant_of(index);
        expect(elements.type() == v.facts.type, "the constant must have the value's element type");
        expect(elements.entries() == entries_of(v.facts.type, v.facts.elements()),
               "the constant must have as many elements as the value's shape");
        const interval found = interval_of({v.facts, elements.view()});
        const bool stated = is_integer(v.facts.type) && v.facts.type != dtype::int64 && v.facts.elements() > 0;
        expect(!stated || (found.low >= range.low && found.high <= range.high),
               "the constant must have no integer beyond the value's range");
        known(index) = 1;
    }

    /// A dynamic quantization is that of integers without another, and names scalars.
    constexpr void check_dynamic(const value& v) const {
        if (v.dynamic == dynamic_reference{}) return;
        const auto expect = expectation("value", v.name);
        expect(is_byte(v.facts.type) && v.facts.quantization == quantization{},
               "a dynamic quantization is that of integers of 8 bits, and their only one");
        expect(is_scalar(v.dynamic.scale, dtype::float32),
               "the scale of its dynamic quantization must be a float32 value of one element");
        expect(v.dynamic.zero_point == -1 || is_scalar(v.dynamic.zero_point, dtype::int32),
               "the zero point of its dynamic quantization must be an int32 value of one element");
    }

    constexpr bool is_scalar(int index, dtype type) const {
        return exists(index) && graph_.value_at(index).facts.type == type &&
               graph_.value_at(index).facts.elements() == 1;
    }

    /// Whether the values that a value's dynamic quantization names are made by now.
    constexpr bool quantization_is_known(int index) {
        const dynamic_reference& dynamic = graph_.value_at(index).dynamic;
        return (dynamic.scale < 0 || known(dynamic.scale) != 0) &&
               (dynamic.zero_point < 0 || known(dynamic.zero_point) != 0);
    }

    constexpr void check_input(const port& input) {
        const auto expect = expectation("input", input.name);
        expect(exists(input.value), "its value is not in the graph");
        expect(known(input.value)++ == 0, "its value is a constant or another input's too");
    }

    constexpr void check_output(const port& output) {
        const auto expect = expectation("output", output.name);
        expect(exists(output.value) && known(output.value) != 0, "nothing makes its value; name what a node makes");
        expect(quantization_is_known(output.value), "nothing makes the scale or zero point of its value");
        expect(!graph_.is_state(output.value), "a state is written before outputs are read; put an identity between");
        check_count(output);
    }

    /// An output of rows that the data fill names the one that holds how many.
    constexpr void check_count(const port& output) const {
        const auto expect = expectation("output", output.name);
        const bool names_one = output.count >= 0 && static_cast<std::size_t>(output.count) < graph_.outputs.size();
        expect(output.count == -1 || names_one, "the output that counts its rows is not in the graph");
        const int wanted = counts_[static_cast<std::size_t>(output.value)];
        expect(wanted == (names_one ? graph_.outputs[static_cast<std::size_t>(output.count)].value : -1),
               "the data decide how many its rows are, or it names a count that is not theirs; name the output that "
               "holds their count");
    }

    constexpr void check_state_before(const graph_state& each) {
        const auto expect = expectation("state", each.name);
        expect(exists(each.initial) && graph_.is_constant(each.initial), "its initial value must be a constant");
        expect(exists(each.read), "the value that it is read as is not in the graph");
        expect(known(each.read)++ == 0, "the value that it is read as is a constant, an input or another state's too");
        expect(fits(each.initial, each.read), "its initial value must have its element type, shape and quantization, "
                                              "and no integer that it cannot hold");
        int of_that_name = 0;
        for (const graph_state& other : graph_.states) of_that_name += other.name == each.name ? 1 : 0;
        expect(of_that_name == 1, "another state has that name");
    }

    constexpr void check_state_after(const graph_state& each) {
        const auto expect = expectation("state", each.name);
        expect(exists(each.written) && known(each.written) != 0, "nothing makes what is written to it");
        expect(!graph_.is_state(each.written), "what is written must not be what a state holds; put an identity "
                                               "between");
        expect(counts_[static_cast<std::size_t>(each.written)] < 0, "what is written must have all its rows");
        expect(fits(each.written, each.read), "what is written must have its element type, shape and quantization, and "
                                              "no integer that it cannot hold");
    }

    /// Whether value `to` can hold what value `from` is, element by element as it is stored, in a later call too.
    constexpr bool fits(int from, int to) const {
        if (graph_.value_at(from).dynamic.is_set() || graph_.value_at(to).dynamic.is_set()) return false;
        const tensor_facts &given = graph_.value_at(from).facts, &held = graph_.value_at(to).facts;
        return given.type == held.type && given.shape == held.shape && given.quantization == held.quantization &&
               given.range.low >= held.range.low && given.range.high <= held.range.high;
    }

    constexpr void check_node(const node_type& node) {
        const auto expect = expectation("node", node.name);
        expect(node.domain >= 0 && static_cast<std::size_t>(node.domain) < graph_.domains.size(),
               "the graph has not so many domains");
        for (const int input : node.inputs) {
            expect(exists(input), "an input is not in the graph");
            expect(known(input) != 0, "an input is read before it is made");
            expect(quantization_is_known(input), "an input is read before its scale or zero point is made");
            expect(counts_[static_cast<std::size_t>(input)] < 0,
                   "the data decide how many rows an input has; such are for the outside alone");
        }
        visit_operator(node, [&](const auto& op) {
            expect(node.outputs.size() == static_cast<std::size_t>(output_count(op)),
                   "it must have as many outputs as its operator makes");
            for (std::size_t i = 0; i < node.outputs.size(); ++i) {
                expect(exists(node.outputs[i]), "an output is not in the graph");
                expect(known(node.outputs[i])++ == 0,
                       "an output is made already, or an input or constant of the graph");
                const shape made = graph_.inferred_shape(op, node.inputs, static_cast<int>(i));
                expect(made == graph_.value_at(node.outputs[i]).facts.shape,
                       "an output's shape is not what its operator makes of the inputs'");
            }
            check_types(node, op);
        });
        for_each_counted(node, [&](int rows, int count) { counts_[static_cast<std::size_t>(rows)] = count; });
    }

    /// Whether reals are reals in a float node and integers with a scale in another; conversions have one of each.
    template <class Op> constexpr void check_types(const node_type& node, const Op& op) const {
        const auto expect = expectation("node", node.name);
        for (std::size_t i = 0; i < node.inputs.size(); ++i) {
            if (node.in_float())
                expect(!is_quantized(node.inputs[i]), "a float node must not read quantized integers; convert them");
            else
                check_role(node, role_of<Op>(i), node.inputs[i]);
        }
        const std::vector<dtype> types = real_types_of_inputs(node);
        for (std::size_t i = 0; i < node.outputs.size(); ++i) {
            const dtype real = output_type(op, types, static_cast<int>(i));
            const tensor_facts& facts = graph_.value_at(node.outputs[i]).facts;
            if (node.in_float())
                expect(facts.type == real, "an output's type is not what its operator makes in float");
            else
                expect(facts.type == real || (is_activation(facts.type) && is_quantized(node.outputs[i])),
                       "an output of an integer node must be integers with a scale");
        }
    }

    /// The element types that a node would read if nothing were quantized.
    constexpr std::vector<dtype> real_types_of_inputs(const node_type& node) const {
        std::vector<dtype> types = graph_.types_of(node.inputs);
        if (node.in_float()) return types;
        for (std::size_t i = 0; i < types.size(); ++i) {
            const operand_role role = traits_of_node(node).role(i);
            const bool is_sum = role == operand_role::weights || role == operand_role::bias;
            if (is_sum || is_quantized(node.inputs[i])) types[i] = dtype::float32;
        }
        return types;
    }

    constexpr void check_role(const node_type& node, operand_role role, int input) const {
        const auto expect = expectation("node", node.name);
        const value& v = graph_.value_at(input);
        const bool has_channels = !v.scales.empty();
        expect(!has_channels || role == operand_role::weights || role == operand_role::bias,
               "an operand must have one scale; scales for each channel are those of weights and a bias");
        if (role == operand_role::operand || role == operand_role::positions) return;
        expect(graph_.is_constant(input), "weights, bias and parameters of an integer node must be constant");
        const dtype type = v.facts.type;
        if (role == operand_role::weights) {
            expect(is_weight(type) && is_quantized(input), "the weights of an integer node must be integers with a "
                                                           "scale");
            expect(!has_channels || v.scale_axis == traits_of_node(node).weight_axis,
                   "the scales of its weights must run along the axis that its operator states, weight_axis");
        }
        const bool makes_reals = graph_.value_at(node.output()).facts.type == dtype::float32;
        if (role == operand_role::bias)
            expect(makes_reals ? type == dtype::float32 : type == dtype::int32 || type == dtype::int64,
                   "the bias of an integer node must be int32 or int64, of one that makes reals float32");
    }

    constexpr bool is_quantized(int index) const {
        const value& v = graph_.value_at(index);
        return is_integer(v.facts.type) && (v.facts.quantization.scale > 0 || !v.scales.empty() || v.dynamic.is_set());
    }

    const Graph& graph_;
    flags known_;             ///< for each value whether it is a constant, an input, a state or made by now
    std::vector<int> counts_; ///< for each value that which counts its rows, -1 where all are there
};

} // namespace detail

/// Faults, naming the value, port or node, unless: every index is one; each value is a constant, an input or made by
/// one node, before it is read; constants are as large as their shapes and of their type; shapes are what the
/// operators make; float nodes make floats and read no quantized integers; integer nodes make integers with a scale
/// and have constant weights and biases of an integer type; a dynamic quantization names scalars that are made before
/// its integers are read; every output is made; a state has a name of its own, begins with a constant, is read as a
/// value that nothing makes, and that, its constant and what is written to it are tensors of one kind; rows that the
/// data fill are read by the outside alone, which knows their count. An operator's
/// own fault about its inputs' shapes comes as it is. Cost: a pass over values and nodes, and over the elements of
/// integer constants.
template <class Operation> constexpr void validate(const basic_graph<Operation>& graph) {
    detail::validator<basic_graph<Operation>>(graph).run();
}

} // namespace ctq::inline CTQ_TARGET

// ---- ctq/graph/builder.hpp
// builder: a network written in C++, layer by layer. Everything is constexpr, so the graph is a compile-time value.
// room: graph | runs on: compiler + host | heap: yes

namespace ctq::inline CTQ_TARGET {

/// Float weights and bias of a layer, borrowed: `weights` as the operator's float input 1 orders them.
struct parameters {
    std::span<const float> weights;
    std::span<const float> bias = {};
};

/// A value while a network is being built.
struct layer {
    int value = -1;
};

/// Window attributes as the builder takes them. `channels` of output are read off the weights.
struct convolution {
    op::extents kernel{1, 1}, stride{1, 1}, dilation{1, 1};
    op::margins padding{};
    std::int32_t groups = 1;
    bounds activation{};
};

struct pooling {
    op::extents kernel{1, 1}, stride{1, 1};
    op::margins padding{};
};

/// Images are NHWC. Each call appends a layer and gives its output; a fault stops the compilation with its text.
template <class Operation> class basic_builder {
  public:
    using graph_type = basic_graph<Operation>;

    constexpr layer input(text name, const shape& of, dtype type = dtype::float32) {
        names_.take(name);
        const int index = graph_.add_value(name, {type, of, {}});
        graph_.inputs.push_back({name, index});
        return {index};
    }

    constexpr layer conv2d(layer x, const parameters& p, const convolution& c, text name = "conv") {
        require(c.groups > 0, "groups must be at least 1");
        const std::int32_t inputs = extent(x, 3) / c.groups, taps = c.kernel[0] * c.kernel[1] * inputs;
        require(taps > 0 && p.weights.size() % static_cast<std::size_t>(taps) == 0,
                "the number of weights must be a multiple of kernel rows * columns * inputs per group");
        const auto outputs = static_cast<std::int32_t>(p.weights.size()) / taps;
        return weighted_layer(op::conv2d{c.kernel, c.stride, c.dilation, c.padding, c.groups, c.activation}, x,
                              shape{outputs, c.kernel[0], c.kernel[1], inputs}, p, std::move(name));
    }

    /// A dense layer over all but the first axis, flattened.
    constexpr layer dense(layer x, const parameters& p, bounds activation = bounds::none(), text name = "dense") {
        const shape from = shape_of(x);
        const auto inputs = static_cast<std::int32_t>(from.elements(1, from.rank));
        if (from.rank != 2) x = reshape(x, shape{from[0], inputs});
        require(inputs > 0 && !p.weights.empty() && p.weights.size() % static_cast<std::size_t>(inputs) == 0,
                "the number of weights must be a multiple of the inputs");
        const auto outputs = static_cast<std::int32_t>(p.weights.size()) / inputs;
        return weighted_layer(op::dense{activation}, x, shape{outputs, inputs}, p, std::move(name));
    }

    constexpr layer max_pool(layer x, const pooling& p) {
        return apply(op::max_pool{p.kernel, p.stride, {1, 1}, p.padding}, {x});
    }
    constexpr layer average_pool(layer x, const pooling& p) {
        return apply(op::average_pool{p.kernel, p.stride, p.padding, false}, {x});
    }
    constexpr layer global_average_pool(layer x) {
        op::reduce_mean op;
        op.axes.insert(1);
        op.axes.insert(2);
        return apply(op, {x});
    }
    constexpr layer add(layer a, layer b, bounds activation = bounds::none()) {
        return apply(op::add{activation}, {a, b});
    }
    constexpr layer multiply(layer a, layer b) { return apply(op::multiply{}, {a, b}); }
    constexpr layer softmax(layer x) { return apply(op::softmax{}, {x}); }
    constexpr layer reshape(layer x, const shape& to) { return apply(op::reshape{to}, {x}); }
    constexpr layer concat(std::initializer_list<layer> parts, std::int32_t axis = -1) {
        return apply(op::concat{axis}, parts);
    }

    /// Any other operator, registered or the user's own.
    template <class Op>
    constexpr layer apply(const Op& op, std::initializer_list<layer> from, text name = text(Op::name)) {
        std::vector<int> inputs;
        for (const layer& each : from) inputs.push_back(each.value);
        return {graph_.add_node(names_.take_like(name), op, std::move(inputs))};
    }

    constexpr layer constant(text name, const shape& of, std::span<const float> elements) {
        return {graph_.add_constant(std::move(name), of, std::vector<float>(elements.begin(), elements.end()))};
    }

    /// What a state of that name holds when a call begins: at first and after a reset `initial`, then what write() is
    /// given.
    constexpr layer state(text name, const shape& of, std::span<const float> initial) {
        const layer first = constant(name + ".initial", of, initial);
        const int read = graph_.add_value(name, {dtype::float32, of, {}});
        graph_.states.push_back({std::move(name), first.value, read, -1});
        return {read};
    }

    /// The same; it begins with zeros.
    constexpr layer state(text name, const shape& of) {
        return state(std::move(name), of, std::vector<float>(static_cast<std::size_t>(of.elements()), 0.0f));
    }

    /// What a state holds in the next call. `to` is what state() gave; `from` may be another state: a delay.
    constexpr void write(layer to, layer from) {
        if (graph_.is_state(from.value)) from = reshape(from, shape_of(from));
        for (graph_state& each : graph_.states)
            if (each.read == to.value) {
                require(each.written < 0, "a state is written once");
                each.written = from.value;
                return;
            }
        fail("write() takes what state() gave as its first argument");
    }

    /// The network with one output.
    constexpr graph_type finish(layer output, text name = "output") {
        return finish({{std::move(name), output.value}});
    }

    /// The network with these outputs. Faults, as validate does, where it is none.
    constexpr graph_type finish(std::initializer_list<port> outputs) {
        graph_.outputs.assign(outputs.begin(), outputs.end());
        validate(graph_);
        return graph_;
    }

  private:
    constexpr const shape& shape_of(layer x) const { return graph_.value_at(x.value).facts.shape; }
    constexpr std::int32_t extent(layer x, int axis) const {
        require(axis < shape_of(x).rank, "a convolution's input must have 4 axes (batch, rows, columns, channels)");
        return shape_of(x)[axis];
    }

    template <class Op>
    constexpr layer weighted_layer(const Op& op, layer x, const shape& of, const parameters& p, text name) {
        name = names_.take_like(name);
        const layer weights = constant(name + ".weights", of, p.weights);
        if (p.bias.empty()) return {graph_.add_node(name, op, {x.value, weights.value})};
        const layer bias = constant(name + ".bias", shape{of[0]}, p.bias);
        return {graph_.add_node(name, op, {x.value, weights.value, bias.value})};
    }

    graph_type graph_;
    name_set names_; ///< of inputs and layers: calibration goes by them
};

} // namespace ctq::inline CTQ_TARGET

// ---- ctq/registry/rule_members.hpp
// rule_members: what the members of a quantization rule must be. Checked once, where the rule is registered or used:
// one of another type would else count as not stated, or fail far from its cause. quantization_rule documents them.
// room: registry | runs on: compiler + host | heap: no

namespace ctq::inline CTQ_TARGET {

namespace detail {

template <class Rule>
concept states_constant_types = (
                                    !requires { Rule::activation_type; } ||
                                    requires { typename std::integral_constant<dtype, Rule::activation_type>; }) &&
                                (
                                    !requires { Rule::activation_types; } ||
                                    requires {
                                        typename std::integral_constant<dtype, Rule::activation_types[0]>;
                                        typename std::integral_constant<std::size_t, Rule::activation_types.size()>;
                                    }) &&
                                (
                                    !requires { Rule::weight_type; } ||
                                    requires { typename std::integral_constant<dtype, Rule::weight_type>; }) &&
                                (
                                    !requires { Rule::accumulator_type; } ||
                                    requires { typename std::integral_constant<dtype, Rule::accumulator_type>; });

template <class Rule>
concept states_constant_roundings = (
                                        !requires { Rule::how; } ||
                                        requires { typename std::integral_constant<rounding, Rule::how>; }) &&
                                    (
                                        !requires { Rule::weighted_how; } ||
                                        requires { typename std::integral_constant<rounding, Rule::weighted_how>; });

/// The type of a flag: not that of a number, which converts.
template <class T>
concept constant_flag = std::same_as<T, const bool>;

template <class Rule>
concept states_constant_flags = (
                                    !requires { Rule::dynamic_ranges; } ||
                                    requires {
                                        typename std::bool_constant<Rule::dynamic_ranges>;
                                        requires constant_flag<decltype(Rule::dynamic_ranges)>;
                                    }) &&
                                (
                                    !requires { Rule::fuses_residual; } ||
                                    requires {
                                        typename std::bool_constant<Rule::fuses_residual>;
                                        requires constant_flag<decltype(Rule::fuses_residual)>;
                                    }) &&
                                (
                                    !requires { Rule::keeps_customary_ranges; } ||
                                    requires {
                                        typename std::bool_constant<Rule::keeps_customary_ranges>;
                                        requires constant_flag<decltype(Rule::keeps_customary_ranges)>;
                                    });

template <class Rule>
concept states_constant_header = !requires {
    Rule::header;
}
|| requires {
    typename std::bool_constant<std::string_view(Rule::header).empty()>;
};

template <rounding How>
concept has_requantizer = How == rounding::unrounded || requires {
    requires requantizer<typename requantizer_for<How>::type>;
};

} // namespace detail

/// True when each member that `Rule` states as an element type, a rounding, a flag or a header is a constant of its
/// type.
template <class Rule>
constexpr bool states_constant_members = detail::states_constant_types<Rule>&& detail::states_constant_roundings<Rule>&&
    detail::states_constant_flags<Rule>&& detail::states_constant_header<Rule>;

/// True for a rule of one element type, and for one that says of several which a range has and what they hold: its list
/// begins with `activation_type`. What is measured at run time has one type.
template <class Rule>
constexpr bool chooses_among_types = [] {
    constexpr bool chooses = requires(const bounds& range) {
        { Rule::activation_type_for(range) } -> std::same_as<dtype>;
    };
    if constexpr (requires { Rule::activation_types; })
        return chooses && !dynamic_ranges<Rule> && Rule::activation_types[0] == Rule::activation_type &&
               requires(const bounds& range, const quantization& q) {
            { Rule::activation_limits(Rule::activation_type, range, q) } -> std::same_as<limits>;
        };
    else
        return !chooses;
}();

/// True when nodes can have the element types: see is_activation and is_weight; measured activations are bytes,
/// and their sums int32.
template <class Rule>
constexpr bool states_types_of_nodes = [] {
    if constexpr (requires { Rule::activation_type; }) {
        for (const dtype type : activation_types_of<Rule>) {
            const dtype sum = accumulator_under<Rule>(type);
            if (!(dynamic_ranges<Rule> ? is_byte(type) : is_activation(type))) return false;
            if (sum != dtype::int32 && (sum != dtype::int64 || dynamic_ranges<Rule>)) return false;
        }
    }
    return is_weight(weight_type_of<Rule>);
}();

/// True when integer weights are integers of their type.
template <class Rule>
constexpr bool holds_weights = [] {
    if constexpr (requires { typename std::bool_constant<(limits(Rule::weight_limits), true)>; }) {
        const limits weights = Rule::weight_limits, held = limits_of(weight_type_of<Rule>);
        return held.low <= weights.low && weights.low <= weights.high && weights.high <= held.high;
    } else {
        return true;
    }
}();

/// True when each rounding of a rule is an arithmetic.
template <class Rule>
constexpr bool has_arithmetic = [] {
    if constexpr (requires { Rule::how; })
        return detail::has_requantizer<Rule::how> && detail::has_requantizer<weighted_rounding_of<Rule>>;
    else
        return true;
}();

namespace detail {

/// True when an arithmetic takes sums of one type and gives integers of another; one that rounds nothing takes all.
template <rounding How> constexpr bool rounds_to(dtype sum, dtype output) {
    if constexpr (How == rounding::unrounded) {
        return true;
    } else {
        using arithmetic = typename requantizer_for<How>::type;
        return bytes_of(sum, 1) <= sizeof(typename arithmetic::accumulator_type) &&
               static_cast<int>(8 * bytes_of(output, 1)) <= output_bits_of<arithmetic>;
    }
}

} // namespace detail

/// True when the roundings of a rule are defined for its sums and its activations, where it has both.
template <class Rule>
constexpr bool rounds_its_types = [] {
    if constexpr (has_arithmetic<Rule> && states_types_of_nodes<Rule> && requires {
                      Rule::how;
                      Rule::activation_type;
                  })
        for (const dtype type : activation_types_of<Rule>)
            if (!detail::rounds_to<Rule::how>(dtype::int32, type) ||
                !detail::rounds_to<weighted_rounding_of<Rule>>(accumulator_under<Rule>(type), type))
                return false;
    return true;
}();

/// True when nodes are rounded where ranges are known beforehand, and stay as they are where they are measured.
template <class Rule>
constexpr bool rounds_known_ranges = [] {
    if constexpr (requires { Rule::how; })
        return dynamic_ranges<Rule> == (Rule::how == rounding::unrounded) &&
               (!dynamic_ranges<Rule> || weighted_rounding_of<Rule> == rounding::unrounded);
    else
        return true;
}();

namespace detail {

/// True when the members of a rule are constants that agree with each other.
template <class Rule> constexpr bool members_agree() {
    constexpr bool chooses = chooses_among_types<Rule>, types = states_types_of_nodes<Rule>,
                   arithmetic = has_arithmetic<Rule>, defined = rounds_its_types<Rule>,
                   rounds = rounds_known_ranges<Rule>, holds = holds_weights<Rule>;
    static_assert(chooses, "ctq: rule: several activation_types begin with activation_type and are chosen among; give "
                           "activation_type_for(range) and activation_limits(type, bounds, q) with them");
    static_assert(types, "ctq: rule: element types that nodes have are required; see is_activation and is_weight, sums "
                         "are int32 or int64");
    static_assert(arithmetic, "ctq: rule: a requantizer for `how` and `weighted_how` is required; specialize "
                              "requantizer_for for a rounding of your own");
    static_assert(defined, "ctq: rule: requantizers that take its sums and give its activations are required; see "
                           "their accumulator_type and output_bits");
    static_assert(rounds, "ctq: rule: `how` is unrounded where ranges are measured and nowhere else; change it or "
                          "dynamic_ranges");
    static_assert(holds, "ctq: rule: weight_limits must be integers of weight_type; narrow them or state a wider type");
    return chooses && types && arithmetic && defined && rounds && holds;
}

} // namespace detail

/// True for a rule whose members are what they must be; if not, the compiler's error says what is wrong.
template <class Rule> constexpr bool check_rule_members() {
    constexpr bool constants =
        states_constant_members<Rule>; // apart, so that the compiler prints one error and no more
    static_assert(constants, "ctq: rule: members that are static constants are required; see `quantization_rule` for "
                             "their types");
    if constexpr (constants)
        return detail::members_agree<Rule>();
    else
        return false;
}

/// The same of all rules of a list.
template <class... Rules> constexpr bool check_rule_members(rule_list<Rules...>) {
    return (check_rule_members<Rules>() && ...);
}

} // namespace ctq::inline CTQ_TARGET

// ---- ctq/core/fixed_string.hpp
// fixed_string: a string literal that a template takes as an argument.
// room: core | runs on: all | heap: no

namespace ctq::inline CTQ_TARGET {

/// The characters of a literal, without a zero among them.
template <std::size_t Size> struct fixed_string {
    std::array<char, Size> characters{};

    constexpr fixed_string(const char (&from)[Size]) {
        for (std::size_t i = 0; i < Size; ++i) characters[i] = from[i];
    }

    constexpr std::string_view view() const { return {characters.data(), Size - 1}; }
};

} // namespace ctq::inline CTQ_TARGET

// ---- ctq/registry/source_node.hpp
// source_node: what a translation is given: one node of a source model, its attributes and constants, and the graph
// that it becomes a part of. host/source/import_node.hpp is one, for every format.
// room: registry | runs on: all | heap: no

namespace ctq::inline CTQ_TARGET {

namespace detail {

/// Any operator at all, for the concept to name one.
struct some_operator {};

} // namespace detail

/// - `type()`, `version()`: the source's name of the operator, and the version of its meaning.
/// - `integer(name, absent)`, `real(name, absent)`, `string(name, absent)`, `integers(name)`, `reals(name)`,
///   `strings(name)`: attributes.
///   `saturated_integer(name, absent)`, `saturated_integers(name)`: numbers beyond 32 bits are the nearest there ("to
///   the end").
/// - `input_count()`, `has_input(i)`, `is_constant(i)`, `shape_of(i)`: inputs as the source has them, channels first;
///   `type_of(i)`: of the elements; `constant_reals(i)`, `constant_wide_integers(i)`: vectors of float and
///   std::int64_t; `constant_integers(i)`: a list of axes, extents, steps or the like, of std::int32_t.
///   `output_count()`: those with a name.
/// - `input(i)`, `inputs()`: values of the graph; `channels_last(i)`, `constant_channels_last(i)`: the same as NHWC or
///   [O,H,W,I]; `constant(role, shape, elements)`: a new one; `attribute_constant(name)`: one that an attribute holds,
///   -1 where there is none; `fold(op, values)`: what an operator, which need not be the registry's, makes of
///   constants.
/// - `emit(op, values)` appends an operator and gives its value, `reshape(value, shape)` is a short form;
///   `finish(value)` or, for NHWC, `finish_channels_first(value)` says what stands for the node's output.
///   `emit_all(op, values)` gives every output of an operator with several, which `finish(values)` takes.
/// - `check(holds, what)`, `support(holds, what)`: refuse a model that is wrong, or that ctq cannot take.
template <class Node>
concept source_node = requires(Node& node, const Node& seen, std::size_t i, std::string_view text, int value,
                               const shape& of, const detail::some_operator& op) {
    { seen.type() } -> std::same_as<std::string_view>;
    { seen.version() } -> std::same_as<std::int64_t>;
    { seen.integer(text, 0) } -> std::same_as<std::int32_t>;
    { seen.real(text, 0.0f) } -> std::same_as<float>;
    { seen.string(text, text) == text } -> std::same_as<bool>;
    { seen.integers(text)[i] } -> std::convertible_to<std::int32_t>;
    { seen.saturated_integer(text, 0) } -> std::same_as<std::int32_t>;
    { seen.saturated_integers(text)[i] } -> std::convertible_to<std::int32_t>;
    { seen.reals(text)[i] } -> std::convertible_to<float>;
    { seen.strings(text)[i] } -> std::convertible_to<std::string_view>;
    { seen.input_count() } -> std::same_as<std::size_t>;
    { seen.output_count() } -> std::same_as<std::size_t>;
    { seen.has_input(i) } -> std::same_as<bool>;
    { seen.is_constant(i) } -> std::same_as<bool>;
    { seen.shape_of(i) } -> std::same_as<shape>;
    { seen.type_of(i) } -> std::same_as<dtype>;
    { seen.constant_reals(i)[i] } -> std::convertible_to<float>;
    { seen.constant_integers(i)[i] } -> std::convertible_to<std::int32_t>;
    { seen.constant_wide_integers(i)[i] } -> std::convertible_to<std::int64_t>;
    { node.input(i) } -> std::same_as<int>;
    { node.inputs()[i] } -> std::convertible_to<int>;
    { node.channels_last(i) } -> std::same_as<int>;
    { node.constant_channels_last(i) } -> std::same_as<int>;
    { node.constant(text, of, seen.constant_reals(i)) } -> std::same_as<int>;
    { node.constant(text, of, seen.constant_wide_integers(i)) } -> std::same_as<int>;
    { node.attribute_constant(text) } -> std::same_as<int>;
    { node.fold(op, {value}) } -> std::same_as<int>;
    { node.emit(op, {value}) } -> std::same_as<int>;
    { node.reshape(value, of) } -> std::same_as<int>;
    { node.emit_all(op, {value})[i] } -> std::convertible_to<int>;
    node.finish(value);
    node.finish(node.inputs());
    node.finish_channels_first(value);
    seen.check(true, text);
    seen.support(true, text);
};

} // namespace ctq::inline CTQ_TARGET

// ---- ctq/registry/translation.hpp
// translation: what an operator of a source format becomes, for a range of its versions there: the concept, and the one
// line that it takes where the source's operator is one of the registry's.
// room: registry | runs on: all | heap: no

namespace ctq::inline CTQ_TARGET {

/// What a translation says that it is registered as.
struct translation_tag {};

/// Versions of a source's operators, both ends included.
struct version_range {
    std::int64_t first = 1, last = std::numeric_limits<std::int64_t>::max();

    constexpr bool contains(std::int64_t number) const { return first <= number && number <= last; }
    constexpr bool overlaps(const version_range& other) const { return first <= other.last && other.first <= last; }
};

/// Operators that a translation appends beside the one that it `makes`.
template <class... Ops> struct operator_list {};

/// A translation, a type without state:
/// - `source`, `name`: the format ("onnx") and the operator's name there. `domain`, if the format has several
///   vocabularies and this is not its own; `versions`, if it does not hold for all.
/// - `makes`: the operator of the registry that stands for most of it, unless it makes constants only; `also_makes`, an
///   operator_list, if it appends others. A registry without one of them does not use it.
/// - `translate(node)`: static, of any source_node: appends operators to the graph and says what stands for the
/// outputs.
template <class T>
concept translation = std::same_as<typename T::registered_kind, translation_tag> && requires {
    { T::source } -> std::convertible_to<std::string_view>;
    { T::name } -> std::convertible_to<std::string_view>;
};

/// True for one whose nodes are constants, whatever they read.
template <class T>
concept makes_constants = translation<T> && !requires {
    typename T::makes;
};

/// True where `translate` takes a node of that type.
template <class T, class Node>
concept translates = requires(Node& node) {
    T::translate(node);
};

template <translation T>
constexpr std::string_view source_domain_of = [] {
    if constexpr (requires { T::domain; })
        return std::string_view(T::domain);
    else
        return std::string_view();
}();

template <translation T>
constexpr version_range source_versions_of = [] {
    if constexpr (requires { T::versions; })
        return T::versions;
    else
        return version_range{};
}();

namespace detail {

/// An attribute of a source, read into a member of that type: flags, numbers, and lists of as many.
template <source_node Node, class Member> void read_attribute(const Node& in, std::string_view name, Member& member) {
    if constexpr (std::is_same_v<Member, bool>) {
        member = in.integer(name, member ? 1 : 0) != 0;
    } else if constexpr (std::is_floating_point_v<Member>) {
        member = in.real(name, member);
    } else if constexpr (std::is_integral_v<Member>) {
        const std::int32_t value = in.integer(name, static_cast<std::int32_t>(member));
        in.check(std::in_range<Member>(value), "an attribute is outside its range");
        member = static_cast<Member>(value);
    } else {
        const auto values = in.integers(name);
        if (values.empty()) return;
        in.check(values.size() == member.size(), "a list attribute has the wrong length");
        std::copy(values.begin(), values.end(), member.begin());
    }
}

} // namespace detail

/// The attribute of a source that is `Member` of the operator: a flag, a number, or an array of numbers.
template <fixed_string Name, auto Member> struct reads {
    template <source_node Node, class Op> static void into(Op& op, const Node& in) {
        detail::read_attribute(in, Name.view(), op.*Member);
    }
};

/// The translation of a source's operator that is `Op`: every input in its order, and the attributes that are named.
/// One of another domain, or of some versions only, derives from this and says so.
template <fixed_string Source, fixed_string Name, class Op, class... Attributes> struct one_to_one {
    using registered_kind = translation_tag;
    using makes = Op;
    static constexpr std::string_view source = Source.view(), name = Name.view();

    template <source_node Node> static void translate(Node& in) {
        Op op{};
        (Attributes::into(op, in), ...);
        if constexpr (unary_function<Op>) in.check(in.input_count() == 1, "one input is required");
        in.finish(in.emit_all(op, in.inputs()));
    }
};

} // namespace ctq::inline CTQ_TARGET

#if __has_include(<boost/hana.hpp>)
// ---- ctq/registry/registry.hpp
#include <cstdint>
#include <initializer_list>
#include <string_view>
#include <variant>
// The compile-time registry: a set of types, each an operator, a rule, a strategy, a pass or a translation, sorted by
// concept.
// room: registry (the only one with Boost.Hana) | runs on: compiler + host (types only, 0 bytes in flash) | heap: no

#include <boost/hana/filter.hpp>
#include <boost/hana/for_each.hpp>
#include <boost/hana/tuple.hpp>
#include <boost/hana/type.hpp>
#include <boost/hana/unpack.hpp>

namespace ctq::inline CTQ_TARGET {

namespace hana = boost::hana;

/// A rule, a pass and a translation say what they are by a tag; an operator and a strategy are known by their members.
struct rule_tag {};
struct pass_tag {};

template <class T, class Tag>
concept registered_as = requires {
    requires std::same_as<typename T::registered_kind, Tag>;
    { T::name } -> std::convertible_to<std::string_view>;
};

template <class T>
concept chooses_range = requires {
    &T::choose;
    { T::name } -> std::convertible_to<std::string_view>;
};

namespace detail {

enum class member_kind : std::uint8_t { none, operation, rule, strategy, pass, translation };

template <class T> constexpr member_kind member_kind_of() {
    if constexpr (operation<T>)
        return member_kind::operation;
    else if constexpr (registered_as<T, rule_tag>)
        return member_kind::rule;
    else if constexpr (chooses_range<T>)
        return member_kind::strategy;
    else if constexpr (registered_as<T, pass_tag>)
        return member_kind::pass;
    else if constexpr (translation<T>)
        return member_kind::translation;
    else
        return member_kind::none;
}

template <class T> constexpr void check_traits() {
    constexpr bool constant = states_constant_traits<T>; // apart, so that the compiler prints one error and no more
    static_assert(
        constant,
        "ctq: registry: traits must be a static constant; write static constexpr ctq::operator_traits traits{...}");
    if constexpr (constant) {
        static_assert(
            names_channel_axis<T>,
            "ctq: registry: a channel axis is an attribute; write static constexpr auto channel_axis = &op::axis");
        static_assert(tells_own_range<T>,
                      "ctq: registry: a fixed range must be told; give the operator bounds output_bounds(dtype) const");
        static_assert(keeps_moved_range<T>,
                      "ctq: registry: a moved element keeps its range; state output_range = range_rule::same_as_input");
        static_assert(
            places_weights<T>,
            "ctq: registry: weights are input 1 and a bias is input 2; give the operator its inputs in that order");
        static_assert(
            has_weight_axis<T>,
            "ctq: registry: weight_axis is an axis of weights, 0 to 5; state in `roles` which input they are");
        static_assert(folds_into_weights<T>,
                      "ctq: registry: a scale can be folded into weights only; state in `roles` which input they are");
    }
}

/// What a registry asks of each type in it. True: the compiler's error says what is wrong, once for each type.
template <class T> constexpr bool check_member() {
    static_assert(member_kind_of<T>() != member_kind::none,
                  "ctq: registry: an operation, rule, strategy, pass or translation is required; see the concepts");
    if constexpr (operation<T>) {
        static_assert(
            speaks_of_signatures<T>,
            "ctq: registry: an integer meaning is of a signature; make each such member a template <ctq::signature S>");
        check_traits<T>();
    }
    if constexpr (registered_as<T, rule_tag>) check_rule_members<T>();
    return true;
}

/// What tells a member of a registry from the others; a translation is one of versions of a source's operator. A type
/// that is none is refused for that, and has no name here.
struct member_identity {
    member_kind kind = member_kind::none;
    std::string_view name, source, domain;
    version_range versions;

    constexpr bool is_told_from(const member_identity& other) const {
        return kind == member_kind::none || kind != other.kind || name != other.name || source != other.source ||
               domain != other.domain || !versions.overlaps(other.versions);
    }
};

template <class T> constexpr member_identity identity_of() {
    if constexpr (member_kind_of<T>() == member_kind::none)
        return {};
    else if constexpr (translation<T>)
        return {member_kind::translation, T::name, T::source, source_domain_of<T>, source_versions_of<T>};
    else
        return {member_kind_of<T>(), T::name, {}, {}, {}};
}

/// A function of values, not of types: the compiler instantiates nothing for a pair of members.
constexpr bool all_are_told_apart(std::initializer_list<member_identity> members) {
    for (const member_identity* one = members.begin(); one != members.end(); ++one)
        for (const member_identity* other = members.begin(); other != one; ++other)
            if (!one->is_told_from(*other)) return false;
    return true;
}

} // namespace detail

/// A registry is a value without state, whose types and names are checked however it is spelled; `with<T...>()` gives
/// one that knows these types too.
template <class... Members> struct registry {
    static_assert((detail::check_member<Members>() && ...));
    static_assert(detail::all_are_told_apart({detail::identity_of<Members>()...}),
                  "ctq: registry: each operator, rule, strategy and pass needs a name of its own; rename the new one");
    static constexpr auto members = hana::tuple_t<Members...>;

    template <class... T> constexpr auto with() const { return registry<Members..., T...>{}; }

    static constexpr auto operators() {
        return hana::filter(members, [](auto each) { return hana::bool_c<operation<typename decltype(each)::type>>; });
    }
    static constexpr auto rules() { return of_kind<rule_tag>(); }
    static constexpr auto strategies() {
        return hana::filter(members,
                            [](auto each) { return hana::bool_c<chooses_range<typename decltype(each)::type>>; });
    }
    static constexpr auto passes() { return of_kind<pass_tag>(); }
    static constexpr auto translations() { return of_kind<translation_tag>(); }

    /// Calls visit(type) for every type of a hana tuple; the type is `typename decltype(type)::type`.
    template <class Types, class Visitor> static constexpr void for_each(const Types& types, Visitor&& visit) {
        hana::for_each(types, visit);
    }

  private:
    template <class Tag> static constexpr auto of_kind() {
        return hana::filter(members,
                            [](auto each) { return hana::bool_c<registered_as<typename decltype(each)::type, Tag>>; });
    }
};

namespace detail {

template <class Types> constexpr auto variant_of(const Types& types) {
    return hana::unpack(types,
                        [](auto... each) { return hana::type_c<std::variant<typename decltype(each)::type...>>; });
}

} // namespace detail

/// The variant of all operators of a registry: what a graph's node holds.
template <class Registry> using operation_variant = typename decltype(detail::variant_of(Registry::operators()))::type;

} // namespace ctq::inline CTQ_TARGET
#endif

#if __has_include(<boost/hana.hpp>)
// ---- ctq/quantize/rule.hpp
#include <array>
#include <concepts>
#include <cstdint>
#include <string_view>
// What a quantization rule is: from real ranges to integers, and the arithmetic between them.
// room: quantize | runs on: compiler + host | heap: yes

namespace ctq::inline CTQ_TARGET {

/// A fused activation in integers of `type`, one of the rule's.
template <class Rule>
constexpr auto activation_limits_for(dtype, const bounds& activation, const quantization& q)
    -> decltype(Rule::activation_limits(activation, q)) {
    return Rule::activation_limits(activation, q);
}
template <class Rule>
constexpr auto activation_limits_for(dtype type, const bounds& activation, const quantization& q)
    -> decltype(Rule::activation_limits(type, activation, q)) {
    return Rule::activation_limits(type, activation, q);
}

/// - `how`: the rounding of its nodes; `weighted_how` (optional): that of sums of weighted products, if another.
///   `activation_type`: the element type of integer activations. `weight_type` (optional, int8): that of weights.
///   `accumulator_type` (optional; int32, and for activations of 16 bits int64 or, layer by layer, int32 where the sums
///   are proved to fit): int32 or int64.
/// - `activation(range)`: scale > 0 and zero point for a real range that contains zero.
/// - `activation_limits(bounds, q)`: a fused activation in integers, within what the type can hold.
/// - `weight_scale(magnitude)`: the scale for weights up to that magnitude (> 0); `weight_limits`: their integers.
/// - `per_channel`: whether each output channel has a weight scale of its own.
/// - `fuses_residual` (optional): whether a sum may be fused into the convolution before it; see fuse_residual.
/// - `keeps_customary_ranges` (optional): see range_rule::customary.
/// - A rule whose activations have one of several element types, value by value: `activation_types`, an array of them
///   that begins with `activation_type`; `activation_type_for(range)`, the type for a real range;
///   `activation_limits(type, bounds, q)` instead of the form above.
/// - A rule whose `weighted_how` is `unrounded` and whose ranges are known beforehand: weighted sums stay as they are,
///   int32 in the scale of the products. Its `per_channel` is false. Floats and outputs read the sums, integer nodes
///   read them requantized.
/// - `dynamic_ranges` (optional): whether activations have scales that are measured at run time; see there.
/// - `header` (optional): what emitted models include for an arithmetic of the rule's own.
/// - `levels`, `symmetric`: what a calibration strategy should optimize for.
/// registry/rule_members.hpp checks what is stated, where a rule is registered, annotated with or quantized under.
/// Laws: zero is exact (quantize(0) == zero_point); activation(range) covers the range within half a step at each end;
/// weight_scale is monotonic; activation_limits never leave the type.
template <class Rule>
concept quantization_rule = registered_as<Rule, rule_tag> && requires(bounds range, quantization q, double magnitude) {
    { Rule::name } -> std::convertible_to<std::string_view>;
    { Rule::how } -> std::convertible_to<rounding>;
    { Rule::activation_type } -> std::convertible_to<dtype>;
    { Rule::activation(range) } -> std::same_as<quantization>;
    { activation_limits_for<Rule>(Rule::activation_type, range, q) } -> std::same_as<limits>;
    { Rule::weight_scale(magnitude) } -> std::same_as<double>;
    { Rule::weight_limits } -> std::convertible_to<limits>;
    { Rule::per_channel } -> std::convertible_to<bool>;
    { Rule::levels } -> std::convertible_to<int>;
    { Rule::symmetric } -> std::convertible_to<bool>;
} && Rule::how != rounding::in_float&& weighted_rounding_of<Rule> != rounding::in_float;

template <class Rule>
constexpr bool fuses_residual = [] {
    if constexpr (requires { Rule::fuses_residual; })
        return Rule::fuses_residual;
    else
        return false;
}();

namespace detail {

template <class Types> constexpr auto rule_list_of(const Types& types) {
    return hana::unpack(types, [](auto... each) { return rule_list<typename decltype(each)::type...>{}; });
}

} // namespace detail

/// The rules of a registry, as one list.
template <class Registry> using rules_of = decltype(detail::rule_list_of(Registry::rules()));

/// What programs that choose a rule by its name know of it.
struct rule_facts {
    std::string_view name;
    dtype activation_type;
    int levels;     ///< see quantization_rule
    bool symmetric; ///< see quantization_rule
    bool dynamic_ranges;
    int weight_bits; ///< of one weight
};

/// Of all rules of a list, in its order.
template <quantization_rule... Rules>
constexpr std::array<rule_facts, sizeof...(Rules)> facts_of_rules(rule_list<Rules...>) {
    return {rule_facts{
        Rules::name, Rules::activation_type, Rules::levels, Rules::symmetric, dynamic_ranges<Rules>,
        weight_type_of<Rules> == dtype::int4 ? 4 : static_cast<int>(8 * bytes_of(weight_type_of<Rules>, 1))}...};
}

namespace rule {

/// The real range widened to contain zero, and never empty.
constexpr bounds with_zero(const bounds& range) {
    bounds result{range.low < 0 ? range.low : 0.0f, range.high > 0 ? range.high : 0.0f};
    if (result.low == result.high) result.high = 1.0f;
    return result;
}

/// A fused activation in the integers of `type`, each bound by `to_integer(bound)`.
template <class ToInteger>
constexpr limits limits_within(dtype type, const bounds& activation, const ToInteger& to_integer) {
    limits range = limits_of(type);
    if (activation.low != bounds::none().low) range.low = to_integer(activation.low);
    if (activation.high != bounds::none().high) range.high = to_integer(activation.high);
    return range;
}

/// The same as tensors are quantized: what most rules' activation_limits are.
constexpr limits limits_within(dtype type, const bounds& activation, const quantization& q) {
    return limits_within(type, activation, [&](float bound) { return quantize(bound, q, limits_of(type)); });
}

/// The same as TFLite rounds the bounds of a fused activation.
constexpr limits tflite_limits_within(dtype type, const bounds& activation, const quantization& q) {
    return limits_within(type, activation, [&](float bound) { return quantize_half_away(bound, q, limits_of(type)); });
}

/// A fused activation in accumulators that stay as they are, within what can be requantized.
constexpr limits limits_of_accumulators(const bounds& activation, const quantization& q) {
    constexpr limits all{-static_cast<std::int32_t>(largest_saturating), static_cast<std::int32_t>(largest_saturating)};
    const limits range = limits_within(dtype::int32, activation, [&](float bound) {
        return nearest<std::int32_t>(static_cast<double>(bound) / static_cast<double>(q.scale));
    });
    return {all.clamp(range.low), all.clamp(range.high)};
}

} // namespace rule

} // namespace ctq::inline CTQ_TARGET
#endif

#if __has_include(<boost/hana.hpp>)
// ---- ctq/quantize/affine_int8.hpp
// affine_int8, the default rule: int8 activations with a zero point, int8 weights per output channel, int32 bias.
// room: quantize | runs on: compiler + host | heap: no | source: TFLite's 8-bit quantization specification (parameters)

namespace ctq::inline CTQ_TARGET::rule {

/// The parameters of TFLite's 8-bit specification under any requantization arithmetic.
template <rounding How> struct affine_int8_parameters {
    using registered_kind = rule_tag;
    static constexpr rounding how = How;
    static constexpr dtype activation_type = dtype::int8;
    static constexpr bool per_channel = true;
    static constexpr bool symmetric = false;
    static constexpr int levels = 256;
    static constexpr limits weight_limits{-127, 127};

    static constexpr quantization activation(const bounds& observed) {
        const bounds range = with_zero(observed);
        const double exact_scale = (static_cast<double>(range.high) - static_cast<double>(range.low)) / 255.0;
        constexpr double least = 1.0e-30; // keeps the reciprocal and all products of scales finite
        const auto scale = static_cast<float>(exact_scale < least ? least : exact_scale);
        const double zero = -128.0 - static_cast<double>(range.low) / static_cast<double>(scale);
        return {scale, limits_of(activation_type).clamp(nearest<std::int32_t>(zero))};
    }

    static constexpr limits activation_limits(const bounds& activation, const quantization& q) {
        return limits_within(activation_type, activation, q);
    }

    static constexpr double weight_scale(double magnitude) { return magnitude / 127.0; }
};

struct affine_int8 : affine_int8_parameters<rounding::three_step> {
    static constexpr std::string_view name = "affine_int8";
    static constexpr bool fuses_residual = true; ///< a sum behind a convolution is rounded once, with it
};

} // namespace ctq::inline CTQ_TARGET::rule
#endif

#if __has_include(<boost/hana.hpp>)
// ---- ctq/quantize/dynamic_int8.hpp
// dynamic_int8 and dynamic_uint8: rules without calibration. Activations are quantized as they come, under scales that
// are measured at run time; weights are int8, a scale for each output channel; sums become reals again at once.
// room: quantize | runs on: compiler + host | heap: no

namespace ctq::inline CTQ_TARGET::rule {

/// `Type`: of activations, int8 (symmetric) or uint8 (with a zero point).
template <dtype Type> struct dynamic_parameters {
    static_assert(is_byte(Type), "ctq: dynamic_parameters: activations of int8 or uint8 are required");

    using registered_kind = rule_tag;
    static constexpr rounding how = rounding::unrounded;
    static constexpr dtype activation_type = Type;
    static constexpr bool dynamic_ranges = true;
    static constexpr bool per_channel = true;
    static constexpr bool symmetric = Type == dtype::int8;
    static constexpr int levels = symmetric ? 255 : 256;
    static constexpr limits weight_limits{-127, 127};

    /// What the network itself makes of such a range when it runs.
    static constexpr quantization activation(const bounds& observed) {
        return dynamic_quantization(Type, with_zero(observed));
    }
    static constexpr limits activation_limits(const bounds& activation, const quantization& q) {
        constexpr limits all = dynamic_limits(Type);
        const limits range = limits_within(Type, activation, q);
        return {all.clamp(range.low), all.clamp(range.high)};
    }
    static constexpr double weight_scale(double magnitude) { return magnitude / 127.0; }
};

struct dynamic_int8 : dynamic_parameters<dtype::int8> {
    static constexpr std::string_view name = "dynamic_int8";
};

struct dynamic_uint8 : dynamic_parameters<dtype::uint8> {
    static constexpr std::string_view name = "dynamic_uint8";
};

} // namespace ctq::inline CTQ_TARGET::rule
#endif

#if __has_include(<boost/hana.hpp>)
// ---- ctq/quantize/int16x8.hpp
// int16x8, TFLite's rule for sensitive networks: int16 activations with zero point 0, int8 weights per output channel,
// sums of 64 bits, or 32 where proved. Bit for bit TFLite's (its dense layers within 1: they round in double there).
// room: quantize | runs on: compiler + host | heap: no | source: TFLite's 16x8 quantization specification

namespace ctq::inline CTQ_TARGET::rule {

/// Scale: magnitude / 32767 of an activation, / 127 of a channel's weights. Source of each line: TFLite's
/// specification; tests/operators/tflite_int16x8.cpp holds its kernels' results bit for bit.
struct int16x8 {
    using registered_kind = rule_tag;
    static constexpr std::string_view name = "int16x8";
    static constexpr bool keeps_customary_ranges = true;
    static constexpr rounding how = rounding::double_rounding, weighted_how = rounding::single_rounding;
    static constexpr dtype activation_type = dtype::int16;
    static constexpr bool per_channel = true;
    static constexpr bool symmetric = true;
    static constexpr int levels = 65536;
    static constexpr limits weight_limits{-127, 127};

    static constexpr quantization activation(const bounds& observed) {
        const bounds range = with_zero(observed);
        const double magnitude = static_cast<double>(-range.low > range.high ? -range.low : range.high) / 32767.0;
        constexpr double least = 1.0e-30; // keeps the reciprocal and all products of scales finite
        return {static_cast<float>(magnitude < least ? least : magnitude), 0};
    }

    static constexpr limits activation_limits(const bounds& activation, const quantization& q) {
        return tflite_limits_within(activation_type, activation, q);
    }

    static constexpr double weight_scale(double magnitude) { return magnitude / 127.0; }
};

} // namespace ctq::inline CTQ_TARGET::rule
#endif

#if __has_include(<boost/hana.hpp>)
// ---- ctq/quantize/tflite_int8.hpp
// tflite_int8: the same parameters as affine_int8 with TFLite's exact double rounding, to run TFLite models bit for
// bit.
// room: quantize | runs on: compiler + host | heap: no

namespace ctq::inline CTQ_TARGET::rule {

struct tflite_int8 : affine_int8_parameters<rounding::double_rounding> {
    static constexpr std::string_view name = "tflite_int8";
    static constexpr bool keeps_customary_ranges = true;

    static constexpr limits activation_limits(const bounds& activation, const quantization& q) {
        return tflite_limits_within(activation_type, activation, q);
    }
};

} // namespace ctq::inline CTQ_TARGET::rule
#endif

#if __has_include(<boost/hana.hpp>)
// ---- ctq/quantize/with_weight_bits.hpp
#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>
// with_weight_bits: a rule with narrower weights, all else as it is.
// room: quantize | runs on: compiler + host | heap: no

namespace ctq::inline CTQ_TARGET::rule {

/// `Rule` with integer weights of 4 bits, -7 .. 7, two in a byte. Its name is the rule's with "_w4" behind it; the tool
/// finds it by `--weights-bits 4`.
template <class Rule, int Bits> struct with_weight_bits : Rule {
    static_assert(Bits == 4, "ctq: with_weight_bits: weights of 4 bits are required; other widths are not stored");

  private:
    static constexpr std::string_view suffix = "_w4";
    static constexpr std::size_t length = Rule::name.size() + suffix.size();
    static constexpr std::array<char, length> characters = [] {
        std::array<char, length> made{};
        std::copy(suffix.begin(), suffix.end(), std::copy(Rule::name.begin(), Rule::name.end(), made.begin()));
        return made;
    }();
    static constexpr std::int32_t largest = (1 << (Bits - 1)) - 1;

  public:
    static constexpr std::string_view name{characters.data(), length};
    static constexpr dtype weight_type = dtype::int4;
    static constexpr limits weight_limits{-largest, largest};

    static constexpr double weight_scale(double magnitude) { return magnitude / largest; }
};

} // namespace ctq::inline CTQ_TARGET::rule
#endif

// ---- ctq/graph/connections.hpp
// connections: who makes each value of a graph and who reads it, kept up while a pass edits the graph instead of
// searched for at each step. Nodes that go are marked, and taken out together at the end.
// room: graph | runs on: compiler + host | heap: yes

namespace ctq::inline CTQ_TARGET {

/// Of one graph, as it is at the first question: most runs of most passes have none, and pay nothing. From then on
/// until compact() was called, its nodes, their inputs and outputs, and what the graph's own outputs and states read
/// are changed through this object only, but for nodes that it is not asked about any more; values may be added, and
/// positions of nodes stay. A const `Graph` is asked only. Cost: a pass over nodes and values for the first question,
/// and to compact.
template <class Graph> class connections {
  public:
    using node_type = typename Graph::node_type;

    /// Stands among readers for an output of the graph, what is written to a state, and the scale or zero point of
    /// another value.
    static constexpr int outside = -1;

    constexpr explicit connections(Graph& graph) : graph_(&graph) {}

    /// The node that makes a value, or -1.
    constexpr int producer_of(int value) {
        look();
        return producers_[static_cast<std::size_t>(value)];
    }

    /// The nodes that read a value, in their order behind each `outside`: once for each time.
    constexpr std::vector<int> readers_of(int value) {
        look();
        std::vector<int> readers;
        for (int at = first(value); at != no_link; at = next(at)) readers.push_back(reader(at));
        std::ranges::sort(readers);
        return readers;
    }

    /// True for what is wanted after a call: an output, what is written to a state.
    constexpr bool is_wanted(int value) {
        look();
        const auto wanted = static_cast<int>(graph_->outputs.size() + graph_->states.size());
        for (int at = first(value); at != no_link; at = next(at))
            if (reader(at) == outside && link_at(at).place < wanted) return true;
        return false;
    }

    /// The node that reads `value` if that is read once and by a node, else -1.
    constexpr int sole_reader(int value) { return is_read_once(value) ? reader(first(value)) : -1; }

    /// The node that makes `value` if that is read once and nowhere but here, else -1.
    constexpr int sole_producer(int value) { return is_read_once(value) ? producer_of(value) : -1; }

    /// The same of the first input of a node; -1 too for a node without inputs.
    constexpr int sole_producer_of_first(int node) {
        const std::vector<int>& inputs = graph_->node_at(node).inputs;
        return inputs.empty() ? -1 : sole_producer(inputs[0]);
    }

    /// Calls change(node), which may give the node other inputs and outputs.
    template <class Change> constexpr void edit(int node, Change change) {
        look();
        disconnect(node);
        change(graph_->node_at(node));
        notice_new_values();
        connect(node);
    }

    /// Takes a node out, at the end.
    constexpr void remove(int node) {
        look();
        disconnect(node);
        gone_[static_cast<std::size_t>(node)] = 1;
    }

    /// Lets the node `into` stand for the node `from`, its only consumer, as well: `from` goes, its outputs stay.
    constexpr void absorb_consumer(int into, int from) {
        remove(from);
        edit(into, [&](node_type& kept) {
            const node_type& gone = graph_->node_at(from);
            kept.outputs = gone.outputs;
            kept.origins.insert(kept.origins.end(), gone.origins.begin(), gone.origins.end());
        });
    }

    /// Makes every reader of `from` read `to`.
    constexpr void replace_uses(int from, int to) {
        look();
        for (int at = std::exchange(first(from), no_link), following = at; at != no_link; at = following) {
            following = next(at);
            if (reader(at) == outside)
                read_outside(link_at(at).place) = to;
            else
                for (int& input : graph_->node_at(reader(at)).inputs)
                    if (input == from) input = to;
            put_first(at, to);
        }
    }

    /// Takes the marked nodes out. True if there were any.
    constexpr bool compact() { return looked_ && graph_->erase_nodes(gone_); }

  private:
    /// One reader of a value, in a list of them, and in another of all that the reader reads: one vector holds the
    /// lists of all values and nodes, which costs the compiler far less than a vector for each.
    struct link {
        int reader;
        int place; ///< the next link of the node that reads; of `outside`: which place that is, see read_outside
        int value = -1, previous = no_link, next = no_link;
    };
    static constexpr int no_link = -1; ///< ends a list

    constexpr void look() {
        if (looked_) {
            if (first_.size() != graph_->values.size()) notice_new_values();
            return;
        }
        looked_ = true;
        gone_.resize(graph_->nodes.size(), 0);
        links_.reserve(2 * graph_->nodes.size());
        first_of_.resize(graph_->nodes.size(), no_link);
        notice_new_values();
        for (std::size_t i = 0; i < graph_->nodes.size(); ++i) connect(static_cast<int>(i));
        const int outputs = static_cast<int>(graph_->outputs.size()), states = static_cast<int>(graph_->states.size());
        for (int i = 0; i < outputs + states; ++i) add_outside(i);
    }

    constexpr bool is_read_once(int value) {
        look();
        return first(value) != no_link && next(first(value)) == no_link;
    }

    constexpr int& first(int value) { return first_[static_cast<std::size_t>(value)]; }
    constexpr int& first_of(int node) { return first_of_[static_cast<std::size_t>(node)]; }
    constexpr link& link_at(int at) { return links_[static_cast<std::size_t>(at)]; }
    constexpr int reader(int at) const { return links_[static_cast<std::size_t>(at)].reader; }
    constexpr int next(int at) const { return links_[static_cast<std::size_t>(at)].next; }

    /// What reads a value from outside: the outputs, one after the other, what is written to the states, and the scale
    /// and the zero point of each value.
    constexpr auto& read_outside(int place) {
        auto at = static_cast<std::size_t>(place);
        if (at < graph_->outputs.size()) return graph_->outputs[at].value;
        at -= graph_->outputs.size();
        if (at < graph_->states.size()) return graph_->states[at].written;
        at -= graph_->states.size();
        auto& dynamic = graph_->values[at / 2].dynamic;
        return at % 2 == 0 ? dynamic.scale : dynamic.zero_point;
    }

    constexpr void add_outside(int place) {
        links_.push_back({outside, place});
        put_first(static_cast<int>(links_.size()) - 1, read_outside(place));
    }
    constexpr void add_reader(int value, int node) {
        const int at = static_cast<int>(links_.size());
        links_.push_back({node, std::exchange(first_of(node), at)});
        put_first(at, value);
    }

    /// Of a link that is in no value's list.
    constexpr void put_first(int at, int value) {
        link& put = link_at(at);
        put.value = value;
        put.previous = no_link;
        put.next = std::exchange(first(value), at);
        if (put.next != no_link) link_at(put.next).previous = at;
    }

    constexpr void take_out(const link& taken) {
        (taken.previous == no_link ? first(taken.value) : link_at(taken.previous).next) = taken.next;
        if (taken.next != no_link) link_at(taken.next).previous = taken.previous;
    }

    constexpr void notice_new_values() {
        const std::size_t before = producers_.size();
        producers_.resize(graph_->values.size(), -1);
        first_.resize(graph_->values.size(), no_link);
        for (std::size_t i = before; i < graph_->values.size(); ++i) {
            const dynamic_reference& dynamic = graph_->values[i].dynamic;
            const auto scale = static_cast<int>(graph_->outputs.size() + graph_->states.size() + 2 * i);
            if (dynamic.scale >= 0) add_outside(scale);
            if (dynamic.zero_point >= 0) add_outside(scale + 1);
        }
    }

    constexpr void connect(int node) {
        for (const int input : graph_->node_at(node).inputs) add_reader(input, node);
        for (const int output : graph_->node_at(node).outputs) producers_[static_cast<std::size_t>(output)] = node;
    }

    constexpr void disconnect(int node) {
        for (int at = std::exchange(first_of(node), no_link); at != no_link; at = link_at(at).place)
            take_out(link_at(at));
        for (const int output : graph_->node_at(node).outputs) producers_[static_cast<std::size_t>(output)] = -1;
    }

    Graph* graph_;
    bool looked_ = false;
    std::vector<int> producers_; ///< of each value
    std::vector<int> first_;     ///< of each value: its list of readers
    std::vector<int> first_of_;  ///< of each node: the list of what it reads
    std::vector<link> links_;
    flags gone_; ///< for each node
};

} // namespace ctq::inline CTQ_TARGET

#if __has_include(<boost/hana.hpp>)
// ---- ctq/rewrite/pass.hpp
#include <concepts>
#include <cstdint>
#include <string_view>
#include <type_traits>
#include <vector>
// What a pass is: one constexpr function from graph to graph, run by the compiler and by the tool alike.
// room: rewrite | runs on: compiler + host | heap: yes

namespace ctq::inline CTQ_TARGET {

/// When a pass runs: on the float graph, to bring it into one form (canonical), or, when it has that form, to join its
/// layers (fuse); or on the annotated graph.
enum class pass_phase : std::uint8_t { canonical, fuse, annotated };

/// True when the phase that `Pass` names, if it does, is a constant of that type.
template <class Pass>
concept states_constant_phase = !requires {
    Pass::phase;
}
|| requires {
    typename std::integral_constant<pass_phase, Pass::phase>;
    requires std::same_as<decltype(Pass::phase), const pass_phase>;
};

/// A pass that names no phase is canonical.
template <class Pass>
constexpr pass_phase phase_of = [] {
    if constexpr (requires { Pass::phase; })
        return Pass::phase;
    else
        return pass_phase::canonical;
}();

/// run() tells whether it changed the graph. A pass that makes constants has a second form, run(graph, budget), which
/// takes what they cost from a folding_budget; prepare calls that one. Laws: the float function of the graph stays (up
/// to rounding); the names and shapes of inputs and outputs stay, but that of rows that the data fill, where constants
/// say how many these are; a second run right after the first changes nothing.
template <class Pass, class Graph>
concept graph_pass = operator_graph<Graph> && registered_as<Pass, pass_tag> && requires(Graph& graph) {
    { Pass::name } -> std::convertible_to<std::string_view>;
    { Pass::run(graph) } -> std::same_as<bool>;
};

namespace pass {

/// An output of the graph and what is written to a state keep a node of their own between them and an input, a constant
/// or what a state holds; this is true of that node.
template <class Graph, class Node> constexpr bool joins_given_to_wanted(connections<Graph>& links, const Node& node) {
    return links.producer_of(node.inputs[0]) < 0 && links.is_wanted(node.output());
}

/// Names for the values and the nodes that a pass adds: like none that one of the graph has, or was made of, when the
/// first is asked for, and like no other. What the pass itself names otherwise must have a name that was there. Most
/// runs ask for none, and pay nothing.
template <class Graph> class new_names {
  public:
    constexpr explicit new_names(const Graph& graph) : graph_(graph) {}

    /// `wanted`, with a number behind it where a value has that name.
    constexpr text for_value(const text& wanted) { return unused(wanted, values_, graph_.values); }
    /// The same where a node has it.
    constexpr text for_node(const text& wanted) { return unused(wanted, nodes_, graph_.nodes); }

  private:
    template <class Named>
    static constexpr text unused(const text& wanted, name_set& taken, const std::vector<Named>& named) {
        if (taken.size() == 0)
            for (const Named& each : named) {
                taken.take(each.name);
                if constexpr (requires { each.origins; })
                    for (const text& origin : each.origins) taken.take(origin);
            }
        return taken.take_like(wanted);
    }

    const Graph& graph_;
    name_set values_, nodes_;
};

} // namespace pass

} // namespace ctq::inline CTQ_TARGET
#endif

#if __has_include(<boost/hana.hpp>)
// ---- ctq/rewrite/absorb_pad.hpp
#include <cstddef>
// absorb_pad: a border before a convolution or a pool becomes its own padding, where that means the same.
// room: rewrite | runs on: compiler + host | heap: yes

namespace ctq::inline CTQ_TARGET::pass {

/// Where the border lies around the image alone and only that operator reads it, which says what it takes
/// (`absorb_border`). A run is one sweep, and each step takes a node out.
struct absorb_pad {
    using registered_kind = pass_tag;
    static constexpr std::string_view name = "absorb_pad";
    static constexpr pass_phase phase = pass_phase::fuse;

    template <class Graph> static constexpr bool run(Graph& graph) {
        connections links(graph);
        for (int i = 0; i < static_cast<int>(graph.nodes.size()); ++i) {
            const auto& before = graph.node_at(i);
            const auto* pad = operator_if<op::pad>(before);
            if (pad == nullptr || !around_image(*pad)) continue;
            const int reader = links.sole_reader(before.output());
            if (reader < 0 || graph.node_at(reader).inputs[0] != before.output()) continue;
            if (!absorb(graph.node_at(reader), border_of(*pad, least_of(graph, links, before.inputs[0])))) continue;
            links.edit(reader, [&](auto& node) {
                node.inputs[0] = before.inputs[0];
                node.origins.insert(node.origins.end(), before.origins.begin(), before.origins.end());
            });
            links.remove(i);
        }
        return links.compact();
    }

  private:
    template <class Node> static constexpr bool absorb(Node& reader, const op::image_border& border) {
        return visit_operator(reader, [&]<class Op>(Op& op) {
            if constexpr (requires { op.absorb_border(border); })
                return op.absorb_border(border);
            else
                return false;
        });
    }

    static constexpr bool around_image(const op::pad& pad) {
        return pad.before[0] == 0 && pad.after[0] == 0 && pad.before[3] == 0 && pad.after[3] == 0;
    }

    static constexpr op::image_border border_of(const op::pad& pad, float least) {
        return {{pad.before[1], pad.before[2], pad.after[1], pad.after[2]}, pad.value, least};
    }

    /// As far as the operator that makes the value says it.
    template <class Graph> static constexpr float least_of(const Graph& graph, connections<Graph>& links, int value) {
        const int producer = links.producer_of(value);
        if (producer < 0) return bounds::none().low;
        return visit_operator(graph.node_at(producer), [](const auto& op) { return clamp_of(op).low; });
    }
};

} // namespace ctq::inline CTQ_TARGET::pass
#endif

// ---- ctq/rewrite/axis_order.hpp
// Orders of axes, and the transposes and constants of a graph under them: what the layout passes share.
// room: rewrite | runs on: compiler + host | heap: yes

namespace ctq::inline CTQ_TARGET::pass {

/// What transpose::permutation holds; entries beyond the rank stay as they are here.
using axis_order = std::array<std::int32_t, shape::max_rank>;

constexpr axis_order unchanged_order{0, 1, 2, 3, 4, 5};

constexpr axis_order inverse(const axis_order& of, int rank) {
    axis_order result = unchanged_order;
    for (int axis = 0; axis < rank; ++axis) result[static_cast<std::size_t>(of[static_cast<std::size_t>(axis)])] = axis;
    return result;
}

/// The one transpose that does what `first` and then `second` do.
constexpr axis_order composed(const axis_order& first, const axis_order& second, int rank) {
    axis_order result = unchanged_order;
    for (std::size_t axis = 0; axis < static_cast<std::size_t>(rank); ++axis)
        result[axis] = first[static_cast<std::size_t>(second[axis])];
    return result;
}

/// The order that a transpose of a tensor of this rank stands for, whatever its further entries say.
constexpr axis_order order_of(const op::transpose& op, int rank) {
    axis_order result = unchanged_order;
    for (std::size_t axis = 0; axis < static_cast<std::size_t>(rank); ++axis) result[axis] = op.permutation[axis];
    return result;
}

/// The entries that count for a tensor of this rank.
constexpr std::span<const std::int32_t> used(const axis_order& all, int rank) {
    return {all.data(), static_cast<std::size_t>(rank)};
}

/// A new constant: the elements of constant `index`, seen under the shape `seen_as`, transposed by `order`, under the
/// shape `result`.
template <class Graph>
constexpr int transposed_constant(Graph& graph, int index, const shape& seen_as, const axis_order& order,
                                  const shape& result) {
    const op::transpose op{order};
    const shape target = op.output_shape(shapes(&seen_as, 1));
    const dtype type = graph.value_at(index).facts.type;
    constant elements = constant::zeros(type, static_cast<std::size_t>(target.elements()));
    const const_tensor from{{type, seen_as, {}}, graph.constant_of(index).view()};
    const tensor to{{type, target, {}}, elements.writable()};
    op.compute(const_tensors(&from, 1), tensors(&to, 1));
    const text name = graph.value_at(index).name;
    return graph.add_constant(name, result, std::move(elements));
}

} // namespace ctq::inline CTQ_TARGET::pass

#if __has_include(<boost/hana.hpp>)
// ---- ctq/rewrite/absorb_transpose.hpp
#include <vector>
// absorb_transpose: a transpose before flattened dense layers goes into the order of their weights' columns.
// room: rewrite | runs on: compiler + host | heap: yes

namespace ctq::inline CTQ_TARGET::pass {

/// dense(flatten(transpose(x))) is dense(flatten(x)) with other columns, where the batch keeps its place and all
/// readers of the matrix are such layers. A run is one sweep; each step takes a reader from a transpose.
struct absorb_transpose {
    using registered_kind = pass_tag;
    static constexpr std::string_view name = "absorb_transpose";

    template <class Graph> static constexpr bool run(Graph& graph) {
        connections links(graph);
        bool changed = false;
        for (int i = 0; i < static_cast<int>(graph.nodes.size()); ++i) changed |= absorb(graph, links, i);
        return changed;
    }

  private:
    /// dense(flatten(T(x))) for every reader of the flattened value.
    template <class Graph> static constexpr bool absorb(Graph& graph, connections<Graph>& links, int index) {
        if (operator_if<op::reshape>(graph.node_at(index)) == nullptr) return false;
        const int from = graph.node_at(index).inputs[0], flat = graph.node_at(index).output();
        const int before = links.producer_of(from);
        const op::transpose* op = before < 0 ? nullptr : operator_if<op::transpose>(graph.node_at(before));
        const shape turned = graph.value_at(from).facts.shape, flattened = graph.value_at(flat).facts.shape;
        if (op == nullptr || op->permutation[0] != 0) return false;
        if (flattened.rank != 2 || flattened[0] != turned[0]) return false;
        const std::vector<int> readers = links.readers_of(flat);
        if (!are_dense(graph, readers)) return false;
        const axis_order back = inverse(op->permutation, turned.rank);
        for (const int reader : readers)
            links.edit(reader, [&](auto& node) {
                const shape weights = graph.value_at(node.inputs[1]).facts.shape;
                shape columns = turned;
                columns[0] = weights[0];
                node.inputs[1] = transposed_constant(graph, node.inputs[1], columns, back, weights);
            });
        links.edit(index, [&](auto& node) { node.inputs[0] = graph.node_at(before).inputs[0]; });
        return true;
    }

    /// True when there are readers of a matrix and each is a dense layer of constant weights, whose first input it is.
    template <class Graph> static constexpr bool are_dense(const Graph& graph, const std::vector<int>& readers) {
        for (const int reader : readers) {
            if (reader == connections<Graph>::outside) return false;
            const auto& node = graph.node_at(reader);
            if (operator_if<op::dense>(node) == nullptr || !graph.is_constant(node.inputs[1])) return false;
        }
        return !readers.empty();
    }
};

} // namespace ctq::inline CTQ_TARGET::pass
#endif

// ---- ctq/graph/compute_node.hpp
// The float meaning of one node of a graph, applied to tensors that are given by the caller.
// room: graph | runs on: compiler + host | heap: yes

namespace ctq::inline CTQ_TARGET {

namespace detail {

/// Zeros in the type and the number of each output.
constexpr std::vector<constant> zeros_for_outputs(const value_list& graph, const std::vector<int>& outputs) {
    std::vector<constant> made;
    for (const int output : outputs) {
        const tensor_facts& facts = graph.value_at(output).facts;
        made.push_back(constant::zeros(facts.type, facts.elements()));
    }
    return made;
}

/// The outputs as tensors over such constants.
constexpr std::vector<tensor> tensors_over(const value_list& graph, const std::vector<int>& outputs,
                                           std::vector<constant>& made) {
    std::vector<tensor> out;
    for (std::size_t i = 0; i < made.size(); ++i) out.push_back({graph.value_at(outputs[i]).facts, made[i].writable()});
    return out;
}

} // namespace detail

/// What `run(in, out)` makes of values of a graph: a constant for each output, of its type and shape.
/// `tensor_of(value)` gives a const_tensor for each input.
template <class TensorOf, class Run>
constexpr std::vector<constant> compute_outputs(const value_list& graph, const std::vector<int>& inputs,
                                                const std::vector<int>& outputs, TensorOf tensor_of, Run run) {
    std::vector<const_tensor> in;
    for (const int input : inputs) in.push_back(tensor_of(input));
    std::vector<constant> made = detail::zeros_for_outputs(graph, outputs);
    const std::vector<tensor> out = detail::tensors_over(graph, outputs, made);
    run(const_tensors(in), tensors(out));
    return made;
}

/// The same by the float meaning of its operator.
template <class Graph, class Node, class TensorOf>
constexpr std::vector<constant> compute_node(const Graph& graph, const Node& node, TensorOf tensor_of) {
    return compute_outputs(graph, node.inputs, node.outputs, tensor_of, [&](const_tensors in, tensors out) {
        visit_operator(node, [&](const auto& op) { compute(op, in, out); });
    });
}

} // namespace ctq::inline CTQ_TARGET

// ---- ctq/graph/folding_budget.hpp
// folding_budget: how much memory and time the constants that folding makes may take. A few nodes over one small
// constant can ask for any number of elements, or for any time: a file of a hundred bytes must do neither.
// room: graph | runs on: compiler + host | heap: yes

namespace ctq::inline CTQ_TARGET {

/// The most bytes that constants made in one import, or in one prepare, may take together. A network's own constants do
/// not count.
inline constexpr std::int64_t most_folded_bytes = std::int64_t{1} << 30;

/// The most steps (see registry/operation.hpp) that making them may take: seconds.
inline constexpr std::int64_t most_folded_steps = std::int64_t{1} << 30;

/// What it takes to make constants of one node's results.
struct folding_cost {
    std::int64_t made = 0; ///< bytes
    std::int64_t read = 0; ///< bytes: many small results of one large constant take no memory, but time
    std::int64_t steps = 0;
};

/// What is left of one import, or of one prepare.
class folding_budget {
    /// One number that has a bound.
    class account {
        std::int64_t most_, taken_ = 0;

      public:
        constexpr explicit account(std::int64_t most) : most_(most) {}
        constexpr std::int64_t taken() const { return taken_; }

        /// Takes `amount` if it is left, and says nothing; else says what is too much.
        constexpr text take(std::int64_t amount, std::string_view does, std::string_view unit, std::string_view done) {
            if (amount <= most_ - taken_) {
                taken_ += amount;
                return {};
            }
            return text("of constants it ") + does + " " + decimal_text(amount) + " " + unit + " more, after " +
                   decimal_text(taken_) + " that were " + done + " before; " + decimal_text(most_) + " are the most";
        }
    };

    account made_, read_, steps_;

  public:
    /// Sixteen times as much may be read as may be made.
    constexpr explicit folding_budget(std::int64_t most_made = most_folded_bytes,
                                      std::int64_t most_steps = most_folded_steps)
        : made_(most_made), read_(16 * most_made), steps_(most_steps) {}

    /// Takes what one node costs, each number 0 or more, and says nothing where all of it is left; else what is too
    /// much: nothing may be made of the graph then.
    constexpr text take(const folding_cost& cost) {
        if (text fault = read_.take(cost.read, "reads", "bytes", "read"); !fault.empty()) return fault;
        if (text fault = made_.take(cost.made, "makes", "bytes", "made"); !fault.empty()) return fault;
        return steps_.take(cost.steps, "takes", "steps", "taken");
    }

    constexpr std::int64_t bytes_made() const { return made_.taken(); }
};

} // namespace ctq::inline CTQ_TARGET

// ---- ctq/graph/fold_node.hpp
// fold_node: what a node makes of constants becomes constants, within a budget.
// room: graph | runs on: compiler + host | heap: yes

namespace ctq::inline CTQ_TARGET {

namespace detail {

/// What the elements of values take.
constexpr std::int64_t bytes_of_values(const value_list& graph, const std::vector<int>& all) {
    std::int64_t sum = 0;
    for (const int each : all) sum += static_cast<std::int64_t>(graph.value_at(each).facts.bytes());
    return sum;
}

constexpr std::vector<shape> shapes_of_values(const value_list& graph, const std::vector<int>& all) {
    std::vector<shape> of;
    for (const int each : all) of.push_back(graph.value_at(each).facts.shape);
    return of;
}

/// Leaves a value, and its elements, as many rows as `count` says.
constexpr void cut_rows(value& of, constant& elements, const constant& count) {
    of.facts.shape[0] = static_cast<std::int32_t>(count.as<std::int64_t>()[0]);
    elements.visit([&](auto& all) { all.resize(entries_of(of.facts.type, of.facts.elements())); });
}

} // namespace detail

/// What it takes to make constants of the values `to`, the results of an operator on the values `from`.
template <class Op>
constexpr folding_cost cost_of_folding(const value_list& graph, const Op& op, const std::vector<int>& from,
                                       const std::vector<int>& to) {
    return {detail::bytes_of_values(graph, to), detail::bytes_of_values(graph, from),
            steps(op, detail::shapes_of_values(graph, from), graph.value_at(to[0]).facts.shape)};
}

/// Makes constants of the values `to`, whose types and shapes are there: what the operator makes of the constants
/// `from`, by its float meaning. Where the data say how many rows of one there are, it has those, and its shape says
/// so. Says what is too much where the budget has not all that it takes; then nothing is computed. Else empty.
template <class Op>
constexpr text fold_node(value_list& graph, const Op& op, const std::vector<int>& from, const std::vector<int>& to,
                         folding_budget& budget) {
    if (text fault = budget.take(cost_of_folding(graph, op, from, to)); !fault.empty()) return fault;
    std::vector<constant> made = compute_outputs(
        graph, from, to, [&](int value) { return graph.tensor_at(value); },
        [&](const_tensors in, tensors out) { compute(op, in, out); });
    for (std::size_t i = 0; i < made.size(); ++i)
        if (const int count = count_output(op, static_cast<int>(i)); count >= 0)
            detail::cut_rows(graph.value_at(to[i]), made[i], made[static_cast<std::size_t>(count)]);
    for (std::size_t i = 0; i < made.size(); ++i) graph.set_constant(to[i], std::move(made[i]));
    return {};
}

} // namespace ctq::inline CTQ_TARGET

#if __has_include(<boost/hana.hpp>)
// ---- ctq/rewrite/fold_constants.hpp
#include <type_traits>
// fold_constants: a node all of whose inputs are constant becomes a constant.
// room: rewrite | runs on: compiler + host | heap: yes

namespace ctq::inline CTQ_TARGET::pass {

/// With the operator's float meaning, so that the compiler and the tool get the same bits. Faults where the constants
/// that are made would take more memory or time than a folding_budget has. An output of rows that the data fill has
/// those that are there then, and nothing counts them. Each step takes a node out.
struct fold_constants {
    using registered_kind = pass_tag;
    static constexpr std::string_view name = "fold_constants";

    template <class Graph> static constexpr bool run(Graph& graph) {
        folding_budget budget;
        return run(graph, budget);
    }

    /// Faults where that would take more than `budget` has left.
    template <class Graph> static constexpr bool run(Graph& graph, folding_budget& budget) {
        flags folded(graph.nodes.size(), 0);
        for (std::size_t i = 0; i < graph.nodes.size(); ++i) {
            const auto& node = graph.nodes[i];
            if (!all_constant(graph, node)) continue;
            check(node.name, visit_operator(node, [&](const auto& op) {
                      return fold_node(graph, op, node.inputs, node.outputs, budget);
                  }));
            folded[i] = 1;
        }
        for (port& output : graph.outputs)
            if (graph.is_constant(output.value)) output.count = -1;
        return graph.erase_nodes(folded);
    }

  private:
    static constexpr void check(const text& node, const text& fault) {
        if (fault.empty()) return;
        require(!std::is_constant_evaluated(), "the constants that folding makes take more than 2^30 bytes, or as many "
                                               "steps, together; give the network such a constant as its input");
        ctq::detail::fail_at("node", node, fault + ": give the network such a constant as its input");
    }

    template <class Graph, class Node> static constexpr bool all_constant(const Graph& graph, const Node& node) {
        for (const int input : node.inputs)
            if (!graph.is_constant(input)) return false;
        return !node.inputs.empty();
    }
};

} // namespace ctq::inline CTQ_TARGET::pass
#endif

#if __has_include(<boost/hana.hpp>)
// ---- ctq/rewrite/fold_scale.hpp
#include <cstddef>
#include <limits>
#include <span>
#include <utility>
#include <vector>
// fold_scale: batch normalization, and constant per-channel products and sums, go into the convolution or dense layer
// before them, where the products are floats.
// room: rewrite | runs on: compiler + host | heap: yes

namespace ctq::inline CTQ_TARGET::pass {

/// What a node does to each channel: y = scale * x + shift.
struct channel_map {
    std::vector<double> scale, shift;

    constexpr void add(const affine& channel) {
        scale.push_back(channel.scale);
        shift.push_back(channel.shift);
    }
};

/// True where each of these is a finite float when it is rounded to one. What is computed in double, element by
/// element, may be finite where one of its constants as a float is not.
constexpr bool fit_float(const std::vector<double>& reals) {
    constexpr double most = std::numeric_limits<float>::max();
    for (const double real : reals)
        if (!(real >= -most && real <= most)) return false;
    return true;
}

constexpr std::vector<float> rounded_to_float(const std::vector<double>& reals) {
    std::vector<float> rounded;
    for (const double real : reals) rounded.push_back(static_cast<float>(real));
    return rounded;
}

/// What `op`, the operator of `node`, does to a channel: its other inputs are constant, with one value for each channel
/// or one for all.
template <class Graph, class Node, affine_operation Op>
constexpr affine affine_of_channel(const Graph& graph, const Node& node, const Op& op, std::size_t channel) {
    std::vector<float> others;
    for (std::size_t i = 1; i < node.inputs.size(); ++i) {
        const auto values = graph.reals(node.inputs[i]);
        others.push_back(values[values.size() == 1 ? 0 : channel]);
    }
    return op.of_channel(others);
}

namespace detail {

/// True when inputs 1 and up are constants that lie along the last axis of input 0, or are single values.
template <class Graph, class Node> constexpr bool lies_along_last_axis(const Graph& graph, const Node& node) {
    const shape& of = graph.value_at(node.inputs[0]).facts.shape;
    for (std::size_t i = 1; i < node.inputs.size(); ++i) {
        if (!graph.is_constant(node.inputs[i])) return false;
        const shape& other = graph.value_at(node.inputs[i]).facts.shape;
        if (other.elements() == 1) continue;
        if (other.elements() != of[of.rank - 1] || other[other.rank - 1] != of[of.rank - 1]) return false;
    }
    return graph.value_at(node.output()).facts.shape == of;
}

} // namespace detail

/// The map that `node` applies to the last axis of its input 0, or an empty one if it is no such map.
template <class Graph, class Node> constexpr channel_map channel_map_of(const Graph& graph, const Node& node) {
    const shape& of = graph.value_at(node.inputs[0]).facts.shape;
    channel_map map;
    if (of.rank == 0 || !graph.is_real(node.inputs[0]) || !detail::lies_along_last_axis(graph, node)) return map;
    visit_operator(node, [&](const auto& op) {
        using op_type = std::remove_cvref_t<decltype(op)>;
        if constexpr (affine_operation<op_type>) {
            if constexpr (has_channel_axis<op_type>)
                if (of.normalized_axis(op.*op_type::channel_axis) != of.rank - 1) return;
            for (std::int32_t c = 0; c < of[of.rank - 1]; ++c)
                map.add(affine_of_channel(graph, node, op, static_cast<std::size_t>(c)));
        }
    });
    return map;
}

/// Where the layer has no other reader and its weights are constant. Products are taken in double and rounded once to
/// float32. The second operand of what commutes is the constant one from then on. Each step takes a node out.
/// Canonical, for what finds no layer is lowered (lower_batch_normalization) to what other canonical passes move on.
struct fold_scale {
    using registered_kind = pass_tag;
    static constexpr std::string_view name = "fold_scale";

    template <class Graph> static constexpr bool run(Graph& graph) {
        bool changed = false;
        for (auto& node : graph.nodes) changed |= constant_second(graph, node);
        connections links(graph);
        for (int i = 0; i < static_cast<int>(graph.nodes.size()); ++i) {
            const int producer = links.sole_producer_of_first(i);
            if (producer < 0 || !fold(graph, links, producer, graph.node_at(i))) continue;
            take_activation(graph.node_at(producer), graph.node_at(i));
            links.absorb_consumer(producer, i);
        }
        return links.compact() || changed;
    }

  private:
    /// A constant operand of a node that commutes is input 1 from here on.
    template <class Graph, class Node> static constexpr bool constant_second(const Graph& graph, Node& node) {
        if (!traits_of_node(node).is_commutative) return false;
        if (!graph.is_constant(node.inputs[0]) || graph.is_constant(node.inputs[1])) return false;
        std::swap(node.inputs[0], node.inputs[1]);
        return true;
    }

    template <class Graph, class Node>
    static constexpr bool fold(Graph& graph, connections<Graph>& links, int into, const Node& node) {
        const Node& producer = graph.node_at(into);
        if (!accepts(graph, producer) || !can_take_activation(producer, node)) return false;
        const channel_map map = channel_map_of(graph, node);
        if (map.scale.empty() || is_mask(map)) return false;
        const shape of = graph.value_at(producer.inputs[1]).facts.shape;
        const std::size_t channels = map.scale.size();
        std::vector<double> weights(graph.reals(producer.inputs[1]).begin(), graph.reals(producer.inputs[1]).end());
        op::for_each_run(of, traits_of_node(producer).weight_axis,
                         [&](std::size_t channel, std::size_t first, std::size_t length) {
                             for (double& weight : std::span(weights).subspan(first, length))
                                 weight *= map.scale[channel];
                         });
        std::vector<double> bias;
        for (std::size_t c = 0; c < channels; ++c) {
            const double before =
                producer.inputs.size() > 2 ? static_cast<double>(graph.reals(producer.inputs[2])[c]) : 0.0;
            bias.push_back(multiply_add_unfused(before, map.scale[c], map.shift[c]));
        }
        if (!fit_float(weights) || !fit_float(bias)) return false;
        links.edit(into, [&](Node& each) {
            each.inputs = {each.inputs[0], graph.add_constant(each.name + ".weights", of, rounded_to_float(weights)),
                           graph.add_constant(each.name + ".bias", shape{static_cast<std::int32_t>(channels)},
                                              rounded_to_float(bias))};
        });
        return true;
    }

    /// True where what is added hides a channel: as a bias it would take the layer's range.
    static constexpr bool is_mask(const channel_map& map) {
        for (const double each : map.shift)
            if (!is_bounded(each)) return true;
        return false;
    }

    template <class Graph, class Node> static constexpr bool accepts(const Graph& graph, const Node& node) {
        for (std::size_t i = 1; i < node.inputs.size(); ++i)
            if (!graph.is_constant(node.inputs[i])) return false;
        return traits_of_node(node).folds_scale &&
               visit_operator(node, [](const auto& op) { return clamp_of(op).unbounded(); });
    }

    template <class Node> static constexpr bool can_take_activation(const Node& producer, const Node& node) {
        return visit_operator(node, [](const auto& op) { return clamp_of(op).unbounded(); }) ||
               visit_operator(producer,
                              [](const auto& op) { return takes_activation<std::remove_cvref_t<decltype(op)>>; });
    }

    /// A sum or product that was fused with an activation hands it on.
    template <class Node> static constexpr void take_activation(Node& producer, const Node& node) {
        const bounds activation = visit_operator(node, [](const auto& op) { return clamp_of(op); });
        visit_operator(producer, [&](auto& op) {
            if constexpr (takes_activation<std::remove_cvref_t<decltype(op)>>) op.activation = activation;
        });
    }
};

} // namespace ctq::inline CTQ_TARGET::pass
#endif

#if __has_include(<boost/hana.hpp>)
// ---- ctq/rewrite/fuse_activation.hpp
// fuse_activation: a clamping operator becomes the activation of its producer.
// room: rewrite | runs on: compiler + host | heap: yes

namespace ctq::inline CTQ_TARGET::pass {

/// relu(conv(x)) is conv(x) within bounds, where the producer takes an activation and has no other reader; a second
/// clamp is chained to the first. Each step takes a node out.
struct fuse_activation {
    using registered_kind = pass_tag;
    static constexpr std::string_view name = "fuse_activation";
    static constexpr pass_phase phase = pass_phase::fuse;

    template <class Graph> static constexpr bool run(Graph& graph) {
        connections links(graph);
        for (int i = 0; i < static_cast<int>(graph.nodes.size()); ++i) {
            const int producer = links.sole_producer_of_first(i);
            if (producer >= 0 && fuse(graph.node_at(producer), graph.node_at(i))) links.absorb_consumer(producer, i);
        }
        return links.compact();
    }

  private:
    template <class Node> static constexpr bool fuse(Node& producer, const Node& activation) {
        return visit_operator(activation, [&](const auto& clamp) {
            if constexpr (clamping<std::remove_cvref_t<decltype(clamp)>>) {
                return visit_operator(producer, [&](auto& op) {
                    if constexpr (takes_activation<std::remove_cvref_t<decltype(op)>>) {
                        op.activation = chained(op.activation, clamp.activation_bounds());
                        return true;
                    } else
                        return false;
                });
            } else
                return false;
        });
    }
};

} // namespace ctq::inline CTQ_TARGET::pass
#endif

#if __has_include(<boost/hana.hpp>)
// ---- ctq/rewrite/remove_dead.hpp
#include <utility>
#include <vector>
// remove_dead: nodes whose output nobody reads, and values and constants that no node uses, go. States stay. A value is
// read, too, where it holds the scale or zero point of another that is.
// room: rewrite | runs on: compiler + host | heap: yes

namespace ctq::inline CTQ_TARGET::pass {

/// A pass of its own, and the last step of others. Cost: a pass over nodes and values.
struct remove_dead {
    using registered_kind = pass_tag;
    static constexpr std::string_view name = "remove_dead";

    template <class Graph> static constexpr bool run(Graph& graph) {
        flags live(graph.values.size(), false);
        const auto keep = [&](int index) {
            const dynamic_reference& dynamic = graph.value_at(index).dynamic;
            for (const int each : {index, dynamic.scale, dynamic.zero_point})
                if (each >= 0) live[static_cast<std::size_t>(each)] = true;
        };
        for (const port& output : graph.outputs) keep(output.value);
        for (const graph_state& each : graph.states)
            for (const int value : {each.initial, each.read, each.written}) keep(value);
        flags dead(graph.nodes.size(), 0);
        for (std::size_t i = graph.nodes.size(); i-- > 0;) {
            bool used = false;
            for (const int output : graph.nodes[i].outputs) used |= live[static_cast<std::size_t>(output)] != 0;
            for (const int output : graph.nodes[i].outputs)
                if (used) keep(output);
            if (used)
                for (const int input : graph.nodes[i].inputs) keep(input);
            else
                dead[i] = 1;
        }
        graph.erase_nodes(dead);
        for (const port& input : graph.inputs) keep(input.value);
        const std::size_t before = graph.values.size();
        renumber(graph, live);
        return graph.values.size() != before;
    }

  private:
    /// Keeps the live values, in order, and the constants that they own.
    template <class Graph> static constexpr void renumber(Graph& graph, const flags& live) {
        std::vector<int> moved(graph.values.size(), -1);
        value_list kept;
        for (std::size_t i = 0; i < graph.values.size(); ++i) {
            if (!live[i]) continue;
            moved[i] = static_cast<int>(kept.values.size());
            const int elements = graph.values[i].constant;
            kept.values.push_back(std::move(graph.values[i]));
            if (elements >= 0)
                kept.set_constant(moved[i], std::move(graph.constants[static_cast<std::size_t>(elements)]));
        }
        const auto move = [&](int& index) { index = moved[static_cast<std::size_t>(index)]; };
        for (value& each : kept.values)
            for (int* reference : {&each.dynamic.scale, &each.dynamic.zero_point})
                if (*reference >= 0) move(*reference);
        for (auto& node : graph.nodes) {
            for (int& input : node.inputs) move(input);
            for (int& output : node.outputs) move(output);
        }
        for (port& input : graph.inputs) move(input.value);
        for (port& output : graph.outputs) move(output.value);
        for (graph_state& each : graph.states)
            for (int* value : {&each.initial, &each.read, &each.written}) move(*value);
        static_cast<value_list&>(graph) = std::move(kept);
    }
};

} // namespace ctq::inline CTQ_TARGET::pass
#endif

#if __has_include(<boost/hana.hpp>)
// ---- ctq/rewrite/fuse_residual.hpp
#include <utility>
#include <vector>
// fuse_residual: a sum behind a convolution becomes the convolution's residual, where that pays. It depends on the rule
// (TFLite has no such layer) and on the quantizations, so it is a pass over the annotated graph.
// room: rewrite | runs on: compiler + host | heap: yes

namespace ctq::inline CTQ_TARGET::pass {

/// Where the rule's arithmetic adds a residual before its last rounding: one rounding and one pass over the image less.
/// Each step takes a node out.
struct fuse_residual {
    using registered_kind = pass_tag;
    static constexpr std::string_view name = "fuse_residual";
    static constexpr pass_phase phase = pass_phase::annotated;

    template <class Graph> static constexpr bool run(Graph& graph) {
        connections links(graph);
        for (int i = 0; i < static_cast<int>(graph.nodes.size()); ++i) {
            const int operand = fusable_operand(graph, links, i);
            if (operand >= 0) fuse(graph, links, i, static_cast<std::size_t>(operand));
        }
        if (!links.compact()) return false;
        remove_dead::run(graph); // the values between convolutions and sums
        return true;
    }

  private:
    /// The position among the sum's operands of a convolution that can take the other operand in, or -1. It pays when
    /// the convolution is a dense one that nobody else reads, and works where both are of one element type, the
    /// residual's scale is below four of the output's and the convolution's part of the sum keeps its meaning.
    template <class Graph>
    static constexpr int fusable_operand(const Graph& graph, connections<Graph>& links, int index) {
        const auto& sum = graph.node_at(index);
        const auto encode = graph.domains[static_cast<std::size_t>(sum.domain)].encode_residual;
        if (sum.in_float() || operator_if<op::add>(sum) == nullptr) return -1;
        const tensor_facts& out = graph.value_at(sum.output()).facts;
        for (std::size_t i = 0; i < 2; ++i) {
            const int convolved = sum.inputs[i], residual = sum.inputs[1 - i];
            const tensor_facts &part = graph.value_at(convolved).facts, &added = graph.value_at(residual).facts;
            if (graph.is_constant(residual) || convolved == residual) continue;
            if (!(added.shape == out.shape && part.shape == out.shape)) continue;
            const int producer = links.sole_producer(convolved);
            if (producer < 0 || graph.node_at(producer).domain != sum.domain) continue;
            const auto* conv = operator_if<op::conv2d>(graph.node_at(producer));
            if (conv == nullptr || conv->groups != 1 || !conv->activation.unbounded()) continue;
            const std::vector<int>& read = graph.node_at(producer).inputs;
            if (read.size() > 3 || graph.value_at(read[0]).facts.type != added.type) continue;
            const double ratio =
                static_cast<double>(added.quantization.scale) / static_cast<double>(out.quantization.scale);
            if (encode(ratio) != 0 && saturates_harmlessly(part, added, out)) return static_cast<int>(i);
        }
        return -1;
    }

    /// A convolution's part of a sum has 256 output steps to each side at least, beyond which it may saturate. True
    /// where it keeps within them, or where the residual cannot bring it back to what the output can hold.
    static constexpr bool saturates_harmlessly(const tensor_facts& part, const tensor_facts& residual,
                                               const tensor_facts& out) {
        const auto real = [](std::int32_t integer, const tensor_facts& of) {
            return dequantize(integer, of.quantization);
        };
        const float reach = 256 * out.quantization.scale;
        const bool low = real(part.range.low, part) >= -reach ||
                         real(residual.range.high, residual) - reach <= real(out.range.low, out);
        const bool high = real(part.range.high, part) <= reach ||
                          real(residual.range.low, residual) + reach >= real(out.range.high, out);
        return low && high;
    }

    /// The convolution takes the sum's place, so that all it reads comes before it.
    template <class Graph>
    static constexpr void fuse(Graph& graph, connections<Graph>& links, int index, std::size_t operand) {
        const int producer = links.producer_of(graph.node_at(index).inputs[operand]);
        const auto& source = graph.node_at(producer);
        links.edit(index, [&](auto& fused) {
            const int residual = fused.inputs[1 - operand];
            op::conv2d conv = *operator_if<op::conv2d>(source);
            conv.activation = operator_if<op::add>(fused)->activation;
            set_operator(fused, conv);
            fused.name = source.name;
            fused.inputs = source.inputs;
            for (const text& origin : source.origins) fused.origins.push_back(origin);
            if (fused.inputs.size() == 2) {
                const std::int32_t channels = graph.value_at(fused.output()).facts.shape[3];
                const dtype sum = accumulator_of(graph.value_at(source.inputs[0]).facts.type);
                fused.inputs.push_back(graph.add_zeros(fused.name + ".bias", sum, channels));
            }
            fused.inputs.push_back(residual);
        });
        links.remove(producer);
    }
};

} // namespace ctq::inline CTQ_TARGET::pass
#endif

#if __has_include(<boost/hana.hpp>)
// ---- ctq/rewrite/lower_batch_normalization.hpp
#include <utility>
#include <vector>
// lower_batch_normalization: one that found no layer to be folded into becomes scale and shift, where they are floats;
// else it stays, and computes in double.
// room: rewrite | runs on: compiler + host | heap: yes

namespace ctq::inline CTQ_TARGET::pass {

/// A channel map that found no producer to go into becomes a depthwise 1x1 convolution, which has per-channel
/// quantization; on other than images, a product and a sum.
struct lower_batch_normalization {
    using registered_kind = pass_tag;
    static constexpr std::string_view name = "lower_batch_normalization";

    template <class Graph> static constexpr bool run(Graph& graph) {
        bool changed = false;
        std::vector<node_move> products;
        new_names names(graph);
        const int count = static_cast<int>(graph.nodes.size());
        for (int i = 0; i < count; ++i) {
            auto& node = graph.node_at(i);
            const auto* op = operator_if<op::batch_normalization>(node);
            if (op == nullptr) continue;
            const channel_map map = map_of(graph, node, *op);
            if (!fit_float(map.scale) || !fit_float(map.shift)) continue;
            const shape of = graph.value_at(node.inputs[0]).facts.shape;
            if (of.rank == 4 && of.normalized_axis(op->axis) == 3)
                to_depthwise(graph, node, of[3], map);
            else
                products.push_back({to_product_and_sum(graph, names, i, of, of.normalized_axis(op->axis), map), i});
            changed = true;
        }
        graph.move_nodes(products);
        return changed;
    }

  private:
    template <class Graph, class Node>
    static constexpr channel_map map_of(const Graph& graph, const Node& node, const op::batch_normalization& op) {
        channel_map map;
        for (std::size_t c = 0; c < graph.reals(node.inputs[1]).size(); ++c)
            map.add(affine_of_channel(graph, node, op, c));
        return map;
    }

    template <class Graph, class Node>
    static constexpr void to_depthwise(Graph& graph, Node& node, std::int32_t channels, const channel_map& map) {
        op::conv2d op;
        op.groups = channels;
        set_operator(node, op);
        node.inputs = {
            node.inputs[0],
            graph.add_constant(node.name + ".weights", shape{channels, 1, 1, 1}, rounded_to_float(map.scale)),
            graph.add_constant(node.name + ".bias", shape{channels}, rounded_to_float(map.shift))};
    }

    /// The node becomes the sum; the product is appended: its position.
    template <class Graph>
    static constexpr int to_product_and_sum(Graph& graph, new_names<Graph>& names, int index, const shape& of, int axis,
                                            const channel_map& map) {
        auto& node = graph.node_at(index);
        shape operand;
        for (int a = axis; a < of.rank; ++a) operand.append(a == axis ? of[a] : 1);
        const int scale = graph.add_constant(node.name + ".scale", operand, rounded_to_float(map.scale));
        const int shift = graph.add_constant(node.name + ".shift", operand, rounded_to_float(map.shift));
        const int scaled = graph.add_value(names.for_value(node.name + ".scaled"), graph.value_at(node.output()).facts);
        auto product = node;
        product.name = names.for_node(node.name + ".scaled");
        set_operator(product, op::multiply{});
        product.inputs = {node.inputs[0], scale};
        product.outputs = {scaled};
        set_operator(node, op::add{});
        node.inputs = {scaled, shift};
        graph.nodes.push_back(std::move(product));
        return static_cast<int>(graph.nodes.size()) - 1;
    }
};

} // namespace ctq::inline CTQ_TARGET::pass
#endif

#if __has_include(<boost/hana.hpp>)
// ---- ctq/rewrite/push_reshapes.hpp
#include <algorithm>
#include <cstddef>
#include <utility>
#include <vector>
// push_reshapes: a reshape moves behind consumers that do not mind it, so that they stand next to the layer before it.
// room: rewrite | runs on: compiler + host | heap: yes

namespace ctq::inline CTQ_TARGET::pass {

namespace detail {

/// One run of push_reshapes: a sweep over the nodes in their order. Each goes before all reshapes that it may go before
/// at once; the one reshape that is then behind it is appended, and put in its place at the end.
template <class Graph> class reshape_pushing {
    using node_type = typename Graph::node_type;

  public:
    constexpr explicit reshape_pushing(Graph& graph) : graph_(graph), names_(graph), reshaped_(graph.values.size()) {}

    constexpr bool run() {
        const int count = static_cast<int>(graph_.nodes.size());
        for (int i = 0; i < count; ++i) {
            push(i);
            const node_type& node = graph_.node_at(i);
            if (operator_if<op::reshape>(node) != nullptr) note(node);
        }
        graph_.move_nodes(moves_);
        return !moves_.empty();
    }

  private:
    /// What is known of a value that a reshape makes of another, and that perhaps of a third, and so on.
    struct reshaped_value {
        int before = -1, first = -1; ///< what the reshape reads; what the first of them reads
    };

    constexpr const shape& shape_of(int value) const { return graph_.value_at(value).facts.shape; }
    constexpr int before(int value) const { return reshaped_[static_cast<std::size_t>(value)].before; }
    constexpr void note(const node_type& reshape) {
        const int from = reshape.inputs[0];
        if (graph_.is_constant(from)) return;
        const int first = before(from) < 0 ? from : reshaped_[static_cast<std::size_t>(from)].first;
        reshaped_[static_cast<std::size_t>(reshape.output())] = {from, first};
    }

    /// op(reshape(x), constants) becomes reshape(op(x, constants)).
    constexpr void push(int index) {
        if (!find_sources(graph_.node_at(index))) return;
        const int result = graph_.node_at(index).output();
        const shape from = shape_of(activation_in(found_)), to = shape_of(result);
        move_inputs(index, from);
        const text name_of_result = graph_.value_at(result).name;
        graph_.value_at(result).name = names_.for_value(name_of_result + ".reshaped");
        const int inner = graph_.add_value(name_of_result, {graph_.value_at(result).facts.type, from, {}});
        reshaped_.resize(graph_.values.size());
        graph_.node_at(index).outputs = {inner};
        moves_.push_back({static_cast<int>(graph_.nodes.size()), index + 1});
        const text name = names_.for_node(graph_.node_at(index).name + ".reshaped");
        graph_.nodes.push_back({name, op::reshape{to}, {inner}, {result}, {}});
        note(graph_.nodes.back());
    }

    /// Finds in found_ what the node may read instead of its inputs: the same constants, and its activations before as
    /// many reshapes as it may go before, one after the other. One that it may not go before bars the way to those
    /// further up. False where it may go before none.
    constexpr bool find_sources(const node_type& node) {
        const shape* to = &shape_of(node.output());
        for (const int input : node.inputs)
            if (!graph_.is_constant(input) && (before(input) < 0 || !(shape_of(input) == *to))) return false;
        found_ = node.inputs;
        if (goes_before_all(node)) {
            for (int& value : found_)
                if (!graph_.is_constant(value)) value = reshaped_[static_cast<std::size_t>(value)].first;
            return true;
        }
        bool any = false;
        while (step_back() && commutes(node, shape_of(activation_in(next_)), *to)) {
            std::swap(found_, next_);
            to = &shape_of(activation_in(found_));
            any = true;
        }
        return any;
    }

    /// True when the node may go before all reshapes of its one activation, however many there are.
    constexpr bool goes_before_all(const node_type& node) const {
        const bool for_elements = visit_operator(
            node, []<class Op>(const Op&) { return traits_of<Op>.is_element_wise && !has_channel_axis<Op>; });
        const int activation = activation_in(node.inputs);
        if (!for_elements || activation < 0) return false;
        return std::ranges::all_of(node.inputs, [&](int input) {
            return graph_.is_constant(input) ? shape_of(input).elements() == 1 : input == activation;
        });
    }

    /// Puts into next_ the values of found_, the activations among them before their reshapes. False if there is no
    /// activation, or one that is not reshaped, or two that were not alike before.
    constexpr bool step_back() {
        next_ = found_;
        const shape* common = nullptr;
        for (int& value : next_) {
            if (graph_.is_constant(value)) continue;
            value = before(value);
            if (value < 0 || (common != nullptr && !(*common == shape_of(value)))) return false;
            common = &shape_of(value);
        }
        return common != nullptr;
    }

    constexpr int activation_in(const std::vector<int>& values) const {
        for (const int value : values)
            if (!graph_.is_constant(value)) return value;
        return -1;
    }

    static constexpr bool same_last(const shape& a, const shape& b) {
        return a.rank > 0 && b.rank > 0 && a[a.rank - 1] == b[b.rank - 1];
    }

    /// True when all constants are single values, or lie along the last axis, which `from` and `to` have in common.
    constexpr bool constants_serve_both(const node_type& node, const shape& from, const shape& to) const {
        for (const int input : node.inputs) {
            const shape& operand = shape_of(input);
            if (!graph_.is_constant(input) || operand.elements() == 1) continue;
            if (operand.elements(0, operand.rank - 1) != 1 || !same_last(from, to) || !same_last(operand, to))
                return false;
        }
        return true;
    }

    /// True when the operator does the same to the elements whether they are seen under `from` or under `to`, which is
    /// the result's shape, or has its last axis where the operator has a channel axis.
    constexpr bool commutes(const node_type& node, const shape& from, const shape& to) const {
        return visit_operator(node, [&](const auto& op) {
            using op_type = std::remove_cvref_t<decltype(op)>;
            if constexpr (!traits_of<op_type>.is_element_wise)
                return false;
            else if constexpr (has_channel_axis<op_type>) {
                const shape& result = shape_of(node.output());
                return result.normalized_axis(op.*op_type::channel_axis) == result.rank - 1 && same_last(from, to);
            } else
                return constants_serve_both(node, from, to);
        });
    }

    /// To found_, whose activations have the shape `from`.
    constexpr void move_inputs(int index, const shape& from) {
        for (std::size_t i = 0; i < found_.size(); ++i) {
            const int source = graph_.is_constant(found_[i]) ? constant_for(found_[i], from) : found_[i];
            graph_.node_at(index).inputs[i] = source;
        }
        visit_operator(graph_.node_at(index), [&](auto& op) {
            using op_type = std::remove_cvref_t<decltype(op)>;
            if constexpr (has_channel_axis<op_type>) op.*op_type::channel_axis = from.rank - 1;
        });
    }

    /// A constant as a plain list along the last axis of activations of that shape, or as a scalar where they are.
    constexpr int constant_for(const int value, const shape& activation) {
        const shape own = shape_of(value);
        if (own.rank <= 1 && own.rank <= activation.rank) return value;
        constant elements = graph_.constant_of(value);
        const text name = graph_.value_at(value).name;
        return graph_.add_constant(name, activation.rank == 0 ? shape{} : shape{own[own.rank - 1]},
                                   std::move(elements));
    }

    Graph& graph_;
    new_names<Graph> names_;
    std::vector<reshaped_value> reshaped_; ///< of each value, as far as the run has come
    std::vector<int> found_, next_;        ///< see find_sources; kept, so that a step of it allocates nothing
    std::vector<node_move> moves_;         ///< of the reshapes that were appended
};

} // namespace detail

/// Past element-wise operators whose operands are all reshaped alike or constant along the last axis. A run is one
/// sweep, and each step brings a node nearer to the inputs; it adds a reshape at most for each node that is none.
struct push_reshapes {
    using registered_kind = pass_tag;
    static constexpr std::string_view name = "push_reshapes";

    template <class Graph> static constexpr bool run(Graph& graph) {
        return detail::reshape_pushing<Graph>(graph).run();
    }
};

} // namespace ctq::inline CTQ_TARGET::pass
#endif

// ---- ctq/rewrite/turning.hpp
// How a node and a transpose change places: which nodes commute with one, and what becomes of the node's attributes and
// constants. What sink_transposes and raise_transposes share.
// room: rewrite | runs on: compiler + host | heap: yes

namespace ctq::inline CTQ_TARGET::pass {

/// An operator that commutes with transposes: T(op(x)) == op'(T(x)), where op' is op itself or `op.permuted(T)`.
template <class Op>
concept turnable = unary_function<Op> || requires(const Op& op, std::span<const std::int32_t> permutation) {
    { op.permuted(permutation) } -> std::same_as<Op>;
};

/// The axes that a node's result lacks.
template <class Node> constexpr op::axis_set dropped_axes(const Node& node) {
    return visit_operator(node, [](const auto& op) {
        if constexpr (requires { op.dropped_axes(); })
            return op.dropped_axes();
        else
            return op::axis_set{};
    });
}

template <class Graph> constexpr int rank_of(const Graph& graph, int value) {
    return graph.value_at(value).facts.shape.rank;
}

/// True when the node commutes with a transpose of its activations, which all have one rank: that of its one result,
/// before axes were dropped.
template <class Graph, class Node> constexpr bool commutes(const Graph& graph, const Node& node) {
    if (node.outputs.size() != 1) return false;
    if (!visit_operator(node, [](const auto& op) { return turnable<std::remove_cvref_t<decltype(op)>>; })) return false;
    if (!(dropped_axes(node) == op::axis_set{})) return true;
    for (const int input : node.inputs)
        if (!graph.is_constant(input) && rank_of(graph, input) != rank_of(graph, node.output())) return false;
    return true;
}

/// How the axes of op(T(x)) are turned against those of op'(x): as T says, T being `by`; but of dropped axes only the
/// order of the others is left.
template <class Node> constexpr axis_order order_behind(const Node& node, const axis_order& by, int rank) {
    const op::axis_set dropped = dropped_axes(node);
    if (dropped == op::axis_set{}) return by;
    // Axis by[i] of x is axis i of T(x), where the node's attributes still count.
    axis_order result = unchanged_order;
    std::size_t kept = 0;
    for (int axis = 0; axis < rank; ++axis) {
        if (dropped.contains(axis)) continue;
        std::int32_t place = 0;
        for (int other = 0; other < rank; ++other)
            if (!dropped.contains(other) && by[static_cast<std::size_t>(other)] < by[static_cast<std::size_t>(axis)])
                ++place;
        result[kept++] = place;
    }
    return result;
}

namespace detail {

/// A copy of a constant operand, seen with `rank` axes, its axes in the order `by`.
template <class Graph> constexpr int turned_operand(Graph& graph, int operand, const axis_order& by, int rank) {
    const shape own = graph.value_at(operand).facts.shape;
    shape widened;
    for (int axis = own.rank; axis < rank; ++axis) widened.append(1);
    for (int axis = 0; axis < own.rank; ++axis) widened.append(own[axis]);
    return transposed_constant(graph, operand, widened, by, op::transpose{by}.output_shape(shapes(&widened, 1)));
}

} // namespace detail

/// Makes the node do to activations that are turned by `by` what it did to them before: its attributes and aligned
/// constants are turned too. `rank`: the activations'.
template <class Graph, class Node> constexpr void turn(Graph& graph, Node& node, const axis_order& by, int rank) {
    if (traits_of_node(node).aligns_operands)
        for (int& input : node.inputs)
            if (graph.is_constant(input) && graph.value_at(input).facts.elements() != 1)
                input = detail::turned_operand(graph, input, by, rank);
    visit_operator(node, [&](auto& op) {
        if constexpr (requires { op.permuted(used(by, rank)); }) op = op.permuted(used(by, rank));
    });
}

} // namespace ctq::inline CTQ_TARGET::pass

#if __has_include(<boost/hana.hpp>)
// ---- ctq/rewrite/raise_transposes.hpp
#include <cstddef>
#include <utility>
#include <vector>
// raise_transposes: a transpose with nothing but commuting nodes between itself and an input of the graph moves there.
// room: rewrite | runs on: compiler + host | heap: yes

namespace ctq::inline CTQ_TARGET::pass {

namespace detail {

/// One run of raise_transposes: a sweep over the transposes in their order. They keep their positions while it lasts,
/// and are put in their places at the end.
template <class Graph> class transpose_raising {
    using node_type = typename Graph::node_type;

  public:
    constexpr explicit transpose_raising(Graph& graph) : graph_(graph), links_(graph), names_(graph) {}

    constexpr bool run() {
        for (int i = 0; i < static_cast<int>(graph_.nodes.size()); ++i) {
            if (operator_if<op::transpose>(graph_.node_at(i)) == nullptr) continue;
            const std::vector<int> way = way_up(graph_.node_at(i).inputs[0]);
            if (!way.empty()) raise(i, way);
        }
        graph_.move_nodes(moves_);
        return !moves_.empty();
    }

  private:
    /// The activation that a node reads if it reads one, commutes, keeps the rank and does not shrink it (there would
    /// be more to transpose before it); else -1.
    constexpr int way_past(const node_type& node) const {
        if (!commutes(graph_, node)) return -1;
        int from = -1;
        for (const int input : node.inputs) {
            if (graph_.is_constant(input)) continue;
            if (from >= 0) return -1;
            from = input;
        }
        if (from < 0 || rank_of(graph_, from) != rank_of(graph_, node.output())) return -1;
        const auto elements = [&](int value) { return graph_.value_at(value).facts.elements(); };
        return elements(from) <= elements(node.output()) ? from : -1;
    }

    /// The nodes from the one that makes `value` up to the first behind an input, or behind a transpose of one; none if
    /// the way is barred. What is made on it must be read on it only.
    constexpr std::vector<int> way_up(int value) {
        std::vector<int> way;
        for (int producer = links_.producer_of(value); producer >= 0; producer = links_.producer_of(value)) {
            const node_type& node = graph_.node_at(producer);
            if (operator_if<op::transpose>(node) != nullptr)
                return links_.producer_of(node.inputs[0]) < 0 ? way : std::vector<int>();
            const int from = links_.sole_producer(value) == producer ? way_past(node) : -1;
            if (from < 0) return {};
            way.push_back(producer);
            value = from;
        }
        return way;
    }

    /// T(op(x, constants)) becomes op'(T(x), constants') for all nodes of the way, the last of which stands highest.
    constexpr void raise(int index, const std::vector<int>& way) {
        const int top = way.back(), from = way_past(graph_.node_at(top)), rank = rank_of(graph_, from);
        const op::transpose op = *operator_if<op::transpose>(graph_.node_at(index));
        const axis_order by = order_of(op, rank);
        const int result = graph_.node_at(index).output(), turned = add_turned(from, op);
        links_.edit(index, [&](node_type& transpose) {
            transpose.inputs = {from};
            transpose.outputs = {turned};
        });
        int read = from, instead = turned;
        for (std::size_t k = way.size(); k-- > 0;) {
            const int made = graph_.node_at(way[k]).output();
            links_.edit(way[k], [&](node_type& node) {
                for (int& input : node.inputs)
                    if (input == read) input = instead;
                turn(graph_, node, by, rank);
                if (k == 0) node.outputs = {result};
            });
            read = made;
            const node_type& node = graph_.node_at(way[k]);
            instead = node.output();
            graph_.value_at(instead).facts.shape =
                visit_operator(node, [&](const auto& each) { return graph_.inferred_shape(each, node.inputs); });
        }
        std::swap(graph_.value_at(read).name, graph_.value_at(result).name); // the layer keeps its name
        moves_.push_back({index, top});
    }

    constexpr int add_turned(int value, const op::transpose& op) {
        const tensor_facts from = graph_.value_at(value).facts;
        const text name = names_.for_value(graph_.value_at(value).name + ".transposed");
        return graph_.add_value(name, {from.type, op.output_shape(shapes(&from.shape, 1)), {}});
    }

    Graph& graph_;
    connections<Graph> links_;
    new_names<Graph> names_;
    std::vector<node_move> moves_; ///< of the transposes that were raised
};

} // namespace detail

/// It moves all the way at once: half way, it would sink again. Each step lowers the number of transposes that read the
/// result of a layer, and sink_transposes never turns one that reads an input into one of those for nothing in return.
struct raise_transposes {
    using registered_kind = pass_tag;
    static constexpr std::string_view name = "raise_transposes";

    template <class Graph> static constexpr bool run(Graph& graph) {
        return detail::transpose_raising<Graph>(graph).run();
    }
};

} // namespace ctq::inline CTQ_TARGET::pass
#endif

#if __has_include(<boost/hana.hpp>)
// ---- ctq/rewrite/remove_identity.hpp
// remove_identity: operators that change nothing go, and a reshape of a reshape becomes one.
// room: rewrite | runs on: compiler + host | heap: yes

namespace ctq::inline CTQ_TARGET::pass {

/// An identity, a clip within nothing, a reshape to the shape that is there; but where an input is an output,
/// one stays between them. A step takes a node out, or makes a reshape of a transpose that moves nothing.
struct remove_identity {
    using registered_kind = pass_tag;
    static constexpr std::string_view name = "remove_identity";

    template <class Graph> static constexpr bool run(Graph& graph) {
        connections links(graph);
        bool changed = false;
        for (int i = 0; i < static_cast<int>(graph.nodes.size()); ++i) {
            auto& node = graph.node_at(i);
            changed |= moves_unit_axes_only(graph, node);
            changed |= merge_reshapes(graph, links, i);
            if (!changes_nothing(graph, node) || joins_given_to_wanted(links, node)) continue;
            links.replace_uses(node.output(), node.inputs[0]);
            links.remove(i);
        }
        return links.compact() || changed;
    }

  private:
    /// A transpose that leaves the order of the elements as it is becomes a reshape.
    template <class Graph, class Node> static constexpr bool moves_unit_axes_only(const Graph& graph, Node& node) {
        const auto* op = operator_if<op::transpose>(node);
        if (op == nullptr) return false;
        const shape& from = graph.value_at(node.inputs[0]).facts.shape;
        std::int32_t last = -1;
        for (int axis = 0; axis < from.rank; ++axis) {
            const std::int32_t source = op->permutation[static_cast<std::size_t>(axis)];
            if (from[source] == 1) continue;
            if (source < last) return false;
            last = source;
        }
        set_operator(node, op::reshape{graph.value_at(node.output()).facts.shape});
        return true;
    }

    template <class Graph>
    static constexpr bool merge_reshapes(const Graph& graph, connections<Graph>& links, int index) {
        if (operator_if<op::reshape>(graph.node_at(index)) == nullptr) return false;
        const int before = links.producer_of(graph.node_at(index).inputs[0]);
        if (before < 0 || operator_if<op::reshape>(graph.node_at(before)) == nullptr) return false;
        links.edit(index, [&](auto& node) { node.inputs[0] = graph.node_at(before).inputs[0]; });
        return true;
    }

    template <class Graph, class Node> static constexpr bool changes_nothing(const Graph& graph, const Node& node) {
        if (operator_if<op::identity>(node) != nullptr) return true;
        if (const auto* op = operator_if<op::clip>(node)) return op->to.unbounded();
        return operator_if<op::reshape>(node) != nullptr &&
               graph.value_at(node.inputs[0]).facts.shape == graph.value_at(node.output()).facts.shape;
    }
};

} // namespace ctq::inline CTQ_TARGET::pass
#endif

#if __has_include(<boost/hana.hpp>)
// ---- ctq/rewrite/share_transposes.hpp
#include <utility>
#include <vector>
// share_transposes: equal transposes of one value become one, and one that changes nothing goes.
// room: rewrite | runs on: compiler + host | heap: yes

namespace ctq::inline CTQ_TARGET::pass {

namespace detail {

/// One run of share_transposes: a sweep over the nodes in their order.
template <class Graph> class transpose_sharing {
  public:
    constexpr explicit transpose_sharing(Graph& graph) : graph_(graph), links_(graph) {}

    constexpr bool run() {
        for (int i = 0; i < static_cast<int>(graph_.nodes.size()); ++i) {
            const auto& node = graph_.node_at(i);
            const auto* op = operator_if<op::transpose>(node);
            if (op == nullptr) continue;
            const int same = same_value(node, *op);
            if (same < 0) continue;
            links_.replace_uses(node.output(), same);
            links_.remove(i);
        }
        return links_.compact();
    }

  private:
    /// A transpose that stays, in a list of those of one value.
    struct seen_transpose {
        axis_order order;
        int output, before;
    };

    /// The value that can be read instead of what the transpose makes; -1, and a note of it, if there is none.
    template <class Node> constexpr int same_value(const Node& node, const op::transpose& op) {
        const int from = node.inputs[0];
        const axis_order order = order_of(op, graph_.value_at(from).facts.shape.rank);
        if (order == unchanged_order && !joins_given_to_wanted(links_, node)) return from;
        latest_.resize(graph_.values.size(), -1);
        int& latest = latest_[static_cast<std::size_t>(from)];
        for (int at = latest; at >= 0; at = seen_[static_cast<std::size_t>(at)].before)
            if (seen_[static_cast<std::size_t>(at)].order == order) return seen_[static_cast<std::size_t>(at)].output;
        seen_.push_back({order, node.output(), std::exchange(latest, static_cast<int>(seen_.size()))});
        return -1;
    }

    Graph& graph_;
    connections<Graph> links_;
    std::vector<seen_transpose> seen_;
    std::vector<int> latest_; ///< of each value, into seen_
};

} // namespace detail

/// A run is one sweep, and each step takes a node out.
struct share_transposes {
    using registered_kind = pass_tag;
    static constexpr std::string_view name = "share_transposes";

    template <class Graph> static constexpr bool run(Graph& graph) {
        return detail::transpose_sharing<Graph>(graph).run();
    }
};

} // namespace ctq::inline CTQ_TARGET::pass
#endif

#if __has_include(<boost/hana.hpp>)
// ---- ctq/rewrite/sink_transposes.hpp
#include <cstddef>
#include <utility>
#include <vector>
// sink_transposes: transposes move towards the outputs, past all that commutes with them, and two in a row become one:
// so those that the importer put around channels-last layers meet and cancel.
// room: rewrite | runs on: compiler + host | heap: yes

namespace ctq::inline CTQ_TARGET::pass {

namespace detail {

/// One run of sink_transposes: a sweep over the nodes in their order. A transpose that sank is a note at the value that
/// it would make; the node is made where a reader needs it.
template <class Graph> class transpose_sinking {
    using node_type = typename Graph::node_type;

  public:
    constexpr explicit transpose_sinking(Graph& graph)
        : graph_(graph),
          links_(graph),
          names_(graph),
          turned_(graph.values.size(), turned_value{}),
          layer_made_(graph.values.size(), 0) {}

    constexpr bool run() {
        const int count = static_cast<int>(graph_.nodes.size());
        for (; at_ < count; ++at_) visit();
        for (const port& output : graph_.outputs) make(output.value);
        for (const graph_state& each : graph_.states) make(each.written);
        graph_.move_nodes(made_);
        return changed_;
    }

  private:
    /// What is known of a value: it is `source`, which no transpose makes, with its axes in `order`.
    struct turned_value {
        int source = -1;
        axis_order order = unchanged_order;
        int waits_behind = -1; ///< the node that makes `source`, while no transpose makes the value yet
        int also = -1;         ///< the value of the same source that was noted before this one
        int latest = -1;       ///< of the values that this one is the source of: the one noted last
    };

    constexpr turned_value& turned(int value) { return turned_[static_cast<std::size_t>(value)]; }
    constexpr const turned_value& turned(int value) const { return turned_[static_cast<std::size_t>(value)]; }
    constexpr bool is_turned(int value) const { return turned(value).source >= 0; }

    constexpr void note(int value, int source, const axis_order& order, int waits_behind) {
        turned_value& noted = turned(value);
        noted.source = source;
        noted.order = order;
        noted.waits_behind = waits_behind;
        noted.also = std::exchange(turned(source).latest, value);
    }

    /// Of the node at `at_`.
    constexpr void visit() {
        node_type& node = graph_.node_at(at_);
        for (int& input : node.inputs)
            if (is_turned(input) && turned(input).order == unchanged_order) read(input, turned(input).source);
        if (auto* op = operator_if<op::transpose>(node)) return merge(node, *op);
        const bool sank = sink(node);
        for (const int output : node.outputs) layer_made_[static_cast<std::size_t>(output)] = 1;
        if (sank) return;
        for (std::size_t i = 0; i < graph_.node_at(at_).inputs.size(); ++i) make(graph_.node_at(at_).inputs[i]);
    }

    constexpr void read(int& input, int source) {
        input = source;
        changed_ = true;
    }

    /// transpose(transpose(x)) becomes one.
    constexpr void merge(node_type& node, op::transpose& op) {
        int& from = node.inputs[0];
        if (graph_.is_constant(from)) return;
        const int rank = rank_of(graph_, from);
        axis_order order = order_of(op, rank);
        if (is_turned(from)) {
            op.permutation = order = composed(turned(from).order, order, rank);
            read(from, turned(from).source);
        }
        note(node.output(), from, order, -1);
    }

    /// Makes the transpose that gives `value`, if it waits to be made, before the node at `at_`. The node that makes
    /// what it reads keeps the name.
    constexpr void make(int value) {
        turned_value& note = turned(value);
        if (note.waits_behind < 0) return;
        graph_.value_at(value).name = names_.for_value(graph_.value_at(value).name + ".transposed");
        const text name = names_.for_node(graph_.node_at(note.waits_behind).name + ".transposed");
        made_.push_back({static_cast<int>(graph_.nodes.size()), at_});
        graph_.nodes.push_back({name, op::transpose{note.order}, {note.source}, {value}, {}});
        note.waits_behind = -1;
    }

    /// op(T(x), T(y), constants) becomes T(op'(x, y, constants')).
    constexpr bool sink(node_type& node) {
        const int first = first_turned(node);
        if (first < 0 || !commutes(graph_, node)) return false;
        const axis_order by = turned(first).order;
        const int rank = rank_of(graph_, first);
        std::vector<int> sources;
        bool from_layer = false;
        for (const int input : node.inputs) {
            const int source = graph_.is_constant(input) ? input : before(node, input, by);
            if (source < 0) return false;
            from_layer |= is_layer_made(source);
            sources.push_back(source);
        }
        const axis_order behind = order_behind(node, by, rank);
        if (!from_layer && behind != unchanged_order && !is_undone(node.output(), behind)) return false;
        node.inputs = std::move(sources);
        turn(graph_, node, inverse(by, rank), rank);
        notice_new_values();
        changed_ = true;
        if (behind != unchanged_order) turn_result(node, behind);
        return true;
    }

    constexpr int first_turned(const node_type& node) const {
        for (const int input : node.inputs)
            if (is_turned(input)) return input;
        return -1;
    }

    /// The value x for which T(x) is `input`, T being `by`: what a transpose was made from, or what an earlier node
    /// made of an input of the graph by the inverse (the way round a whole network). -1 if there is none.
    constexpr int before(const node_type& node, int input, const axis_order& by) const {
        if (is_turned(input)) return turned(input).order == by ? turned(input).source : -1;
        if (!traits_of_node(node).aligns_operands || is_layer_made(input)) return -1;
        const axis_order back = inverse(by, rank_of(graph_, input));
        int found = -1; // the first of the values, as they are numbered
        for (int v = turned(input).latest; v >= 0; v = turned(v).also)
            if (turned(v).order == back && (found < 0 || v < found)) found = v;
        return found;
    }

    /// True when a layer makes the value or, where a transpose makes it, what that reads.
    constexpr bool is_layer_made(int value) const {
        return layer_made_[static_cast<std::size_t>(is_turned(value) ? turned(value).source : value)] != 0;
    }

    /// True when the only reader of `value`, which the visited node makes, is a transpose that undoes `order`.
    constexpr bool is_undone(int value, const axis_order& order) {
        const int reader = links_.sole_reader(value);
        const auto* next = reader < 0 ? nullptr : operator_if<op::transpose>(graph_.node_at(reader));
        return next != nullptr && composed(order, next->permutation, rank_of(graph_, value)) == unchanged_order;
    }

    constexpr void notice_new_values() {
        turned_.resize(graph_.values.size(), turned_value{});
        layer_made_.resize(graph_.values.size(), 0);
    }

    /// The node makes a value of its own, under the name of its result; the result is that value, turned.
    constexpr void turn_result(node_type& node, const axis_order& behind) {
        const int result = node.output();
        const shape made = visit_operator(node, [&](const auto& op) { return graph_.inferred_shape(op, node.inputs); });
        const text name = graph_.value_at(result).name;
        node.outputs = {graph_.add_value(name, {graph_.value_at(result).facts.type, made, {}})};
        notice_new_values();
        note(result, node.output(), behind, at_);
    }

    Graph& graph_;
    connections<Graph> links_; ///< asked about nodes that are not visited yet
    new_names<Graph> names_;
    std::vector<turned_value> turned_; ///< for each value
    flags layer_made_;                 ///< for each value: by a node other than a transpose
    int at_ = 0;                       ///< the node that is visited; at the end, their number
    std::vector<node_move> made_;      ///< of the transposes that were made, and appended
    bool changed_ = false;
};

} // namespace detail

/// One right behind an input stays there, unless it has no effect further on: raise_transposes brings others to it.
///
/// A run is one sweep. Runs come to rest because each step takes a node out of those that read a transposed result of a
/// layer and may add nodes behind it only, or else takes a reader from a transpose of an input for nothing.
struct sink_transposes {
    using registered_kind = pass_tag;
    static constexpr std::string_view name = "sink_transposes";

    template <class Graph> static constexpr bool run(Graph& graph) {
        return detail::transpose_sinking<Graph>(graph).run();
    }
};

} // namespace ctq::inline CTQ_TARGET::pass
#endif

#if __has_include(<boost/hana.hpp>)
// ---- ctq/default_registry.hpp
// default_registry: all that ctq itself registers. The one list; importers, verbs, emitters and reports follow it.
// room: door of compiler and host (Boost.Hana)

namespace ctq::inline CTQ_TARGET {

/// Passes of a phase run in this order; a rule or strategy that is not named by the user is the first of its kind.
constexpr registry<
    // operators
    op::conv2d, op::dense, op::matrix_product, op::max_pool, op::average_pool, op::reduce_mean, op::relu, op::clip,
    op::sigmoid, op::tanh, op::thresholded_relu, op::leaky_relu, op::softmax, op::add, op::subtract, op::multiply,
    op::divide, op::compare, op::select, op::cast, op::concat, op::reshape, op::transpose, op::slice, op::gather,
    op::top_k, op::resize_nearest, op::resize_linear, op::pad, op::batch_normalization, op::layer_norm, op::lstm,
    op::gru, op::rnn, op::non_max_suppression, op::identity, op::quantize, op::dequantize, op::requantize,
    op::dynamic_quantize,
    // rules
    rule::affine_int8, rule::tflite_int8, rule::int16x8, rule::with_weight_bits<rule::affine_int8, 4>,
    rule::dynamic_int8, rule::dynamic_uint8,
    // calibration strategies
    calibration::minmax, calibration::entropy, calibration::percentile, calibration::mse,
    // passes
    pass::fold_constants, pass::share_transposes, pass::sink_transposes, pass::raise_transposes, pass::push_reshapes,
    pass::absorb_transpose, pass::remove_identity, pass::remove_dead, pass::absorb_pad, pass::fold_scale,
    pass::fuse_activation, pass::lower_batch_normalization, pass::fuse_residual>
    default_registry{};

/// The graph and builder of a registry's operators, and of the default one's.
template <const auto& Registry>
using graph_of = basic_graph<operation_variant<std::remove_cvref_t<decltype(Registry)>>>;
template <const auto& Registry>
using builder_of = basic_builder<operation_variant<std::remove_cvref_t<decltype(Registry)>>>;

using default_graph = graph_of<default_registry>;
using builder = builder_of<default_registry>;

} // namespace ctq::inline CTQ_TARGET
#endif

// ---- ctq/execute/evaluate.hpp
// evaluate: a graph run value by value, each in memory of its own. Slow and simple: it runs in a constant expression,
// and it is what executors and kernels are held to.
// room: execute | runs on: compiler + host | heap: yes

namespace ctq::inline CTQ_TARGET {

namespace detail {

/// One tensor for each input and state, of its type and size.
constexpr void check_input(const constant& given, const tensor_facts& wanted) {
    require(given.type() == wanted.type, "an input must have the element type of the graph's");
    require(given.entries() == entries_of(wanted.type, wanted.elements()),
            "an input must have as many elements as the graph's");
}

/// A copy of a tensor's elements.
constexpr constant copy_of(const const_tensor& from) {
    constant copy = constant::zeros(from.facts.type, from.size());
    copy.visit([&](auto& elements) {
        using type = typename std::remove_cvref_t<decltype(elements)>::value_type;
        for (std::size_t i = 0; i < elements.size(); ++i) elements[i] = from.template as<type>()[i];
    });
    return copy;
}

/// Runs one lowered node under signature S by the operator's definition.
template <signature S, class Op>
constexpr void run_lowered(const lowered_operator<Op>& with, std::span<const const_tensor> in, tensors out) {
    std::vector<tensor_facts> in_facts, out_facts;
    for (const const_tensor& each : in) in_facts.push_back(each.facts);
    for (const tensor& each : out) out_facts.push_back(each.facts);
    const kernels::variable_facts<Op> facts{{with.op, with.lowered, in_facts, out_facts}};
    run_node<kernels::scalar, S>(facts, in, out, {});
}

/// The outputs of an annotated graph's integer node. `tensor_of(value)` is what it reads.
template <class Rules, class Graph, class TensorOf>
constexpr std::vector<constant> compute_integer_node(const Graph& graph, const typename Graph::node_type& node,
                                                     const TensorOf& tensor_of) {
    const auto lowered = lower_node<Rules>(graph, node);
    std::vector<const_tensor> in;
    for (const lowered_input& each : lowered.inputs)
        in.push_back(each.value >= 0 ? tensor_of(each.value) : const_tensor{each.facts, each.elements.view()});
    std::vector<constant> made = zeros_for_outputs(graph, node.outputs);
    const std::vector<tensor> out = tensors_over(graph, node.outputs, made);
    visit_variant(
        [&]<class Op>(const lowered_operator<Op>& with) {
            visit_signature<Rules, Op>(signature_of(graph, node),
                                       [&]<signature S>() { run_lowered<S>(with, in, out); });
        },
        lowered.op);
    return made;
}

/// Runs node I of a model by its operator's definition. `elements`: those of all values.
template <model Model, std::size_t I> constexpr void run_model_node(std::vector<constant>& elements) {
    using constants = node_constants<Model, I>;
    auto in = constants::constant_inputs();
    for (std::size_t i = 0; i < in.size(); ++i) {
        const auto index = static_cast<std::size_t>(constants::source.inputs[i]);
        if (!Model::values[index].constant) in[i].elements = elements[index].view();
    }
    std::array<tensor, constants::output_count> out{};
    for (std::size_t i = 0; i < out.size(); ++i) {
        constant& made = elements[static_cast<std::size_t>(constants::source.outputs[i])];
        made = constant::zeros(constants::output_facts[i].type, constants::output_facts[i].elements());
        out[i] = {constants::output_facts[i], made.writable()};
    }
    run_node<kernels::scalar, constants::types>(kernels::constant_facts<constants>{}, in, out, {});
}

} // namespace detail

/// What the states of a graph hold at first and after a reset, in the order of graph.states.
template <class Graph> constexpr std::vector<constant> initial_states(const Graph& graph) {
    std::vector<constant> states;
    for (const graph_state& each : graph.states) states.push_back(graph.constant_of(each.initial));
    return states;
}

/// Runs a float, annotated or mixed graph whose integer nodes follow `Rules`, a rule or a rule_list. `inputs` in the
/// order of graph.inputs, each of the input's own type and size; `states` alike in the order of graph.states: what they
/// hold before the run, and then what was written to them. Returns the elements of every value of the graph, constants
/// empty: outputs are found through graph.outputs.
template <class Rules, class Graph>
requires requires {
    typename Graph::operation_type;
}
constexpr std::vector<constant> evaluate(const Graph& graph, std::vector<constant> inputs,
                                         std::vector<constant>& states) {
    require(inputs.size() == graph.inputs.size(), "one tensor for each input of the graph is required");
    require(states.size() == graph.states.size(), "one tensor for each state of the graph is required");
    std::vector<constant> elements(graph.values.size());
    const auto give = [&](int value, constant& given) {
        detail::check_input(given, graph.value_at(value).facts);
        elements[static_cast<std::size_t>(value)] = std::move(given);
    };
    for (std::size_t i = 0; i < inputs.size(); ++i) give(graph.inputs[i].value, inputs[i]);
    for (std::size_t i = 0; i < states.size(); ++i) give(graph.states[i].read, states[i]);
    const auto tensor_of = [&](int index) {
        const value& v = graph.value_at(index);
        const constant& from = v.constant >= 0 ? graph.constant_of(index) : elements[static_cast<std::size_t>(index)];
        return const_tensor{v.facts, from.view()};
    };
    for (const auto& node : graph.nodes) {
        std::vector<constant> made; // no ?: makes it, since g++ 12 frees the chosen one in a constant expression
        if (node.in_float())
            made = compute_node(graph, node, tensor_of);
        else
            made = detail::compute_integer_node<Rules>(graph, node, tensor_of);
        for (std::size_t i = 0; i < made.size(); ++i)
            elements[static_cast<std::size_t>(node.outputs[i])] = std::move(made[i]);
    }
    for (std::size_t i = 0; i < states.size(); ++i) {
        const int written = graph.states[i].written;
        states[i] =
            graph.is_constant(written) ? graph.constant_of(written) : elements[static_cast<std::size_t>(written)];
    }
    return elements;
}

/// The same from the initial states.
template <class Rules, class Graph>
constexpr std::vector<constant> evaluate(const Graph& graph, std::vector<constant> inputs) {
    std::vector<constant> states = initial_states(graph);
    return evaluate<Rules>(graph, std::move(inputs), states);
}

/// The same for a graph without integer nodes.
template <class Graph>
requires requires {
    typename Graph::operation_type;
}
constexpr std::vector<constant> evaluate(const Graph& graph, std::vector<constant> inputs,
                                         std::vector<constant>& states) {
    return evaluate<rule_list<>>(graph, std::move(inputs), states);
}
template <class Graph> constexpr std::vector<constant> evaluate(const Graph& graph, std::vector<constant> inputs) {
    return evaluate<rule_list<>>(graph, std::move(inputs));
}

/// What the states of a model hold at first and after a reset.
template <model Model> constexpr std::vector<constant> initial_states() {
    std::vector<constant> states;
    if constexpr (state_count<Model> != 0)
        for (const model_state& each : Model::states) {
            const model_value& from = Model::values[static_cast<std::size_t>(each.initial)];
            states.push_back(detail::copy_of({from.facts, from.elements}));
        }
    return states;
}

/// The same for a model type: the elements of all its values.
template <model Model>
constexpr std::vector<constant> evaluate(std::vector<constant> inputs, std::vector<constant>& states) {
    require(inputs.size() == std::size(Model::inputs), "one tensor for each input of the model is required");
    require(states.size() == state_count<Model>, "one tensor for each state of the model is required");
    std::vector<constant> elements(std::size(Model::values));
    const auto give = [&](int value, constant& given) {
        const auto index = static_cast<std::size_t>(value);
        detail::check_input(given, Model::values[index].facts);
        elements[index] = std::move(given);
    };
    for (std::size_t i = 0; i < inputs.size(); ++i) give(Model::inputs[i], inputs[i]);
    if constexpr (state_count<Model> != 0)
        for (std::size_t i = 0; i < states.size(); ++i) give(Model::states[i].read, states[i]);
    detail::for_each_index<node_count<Model>>(
        [&]<std::size_t I>(std::integral_constant<std::size_t, I>) { detail::run_model_node<Model, I>(elements); });
    if constexpr (state_count<Model> != 0)
        for (std::size_t i = 0; i < states.size(); ++i) {
            const auto index = static_cast<std::size_t>(Model::states[i].written);
            const model_value& from = Model::values[index];
            states[i] = detail::copy_of({from.facts, from.constant ? from.elements : elements[index].view()});
        }
    return elements;
}

/// The same from the initial states.
template <model Model> constexpr std::vector<constant> evaluate(std::vector<constant> inputs) {
    std::vector<constant> states = initial_states<Model>();
    return evaluate<Model>(std::move(inputs), states);
}

} // namespace ctq::inline CTQ_TARGET

// ---- ctq/execute/freeze.hpp
// freeze: a graph that a constexpr function makes becomes a model type: arrays of fixed size in static constants.
// room: execute | runs on: compiler | heap: yes

namespace ctq::inline CTQ_TARGET {

/// The sizes of a program's parts; `entries[d]`: array entries of the constants of dtype d.
struct program_sizes {
    std::size_t values = 0, nodes = 0, edges = 0, inputs = 0, outputs = 0, states = 0, characters = 0;
    std::array<std::size_t, dtype_count> entries{};
};

template <class Program> constexpr program_sizes sizes_of(const Program& from) {
    program_sizes sizes{from.values.size(),  from.nodes.size(),  0, from.inputs.size(),
                        from.outputs.size(), from.states.size(), 0, {}};
    for (const value& v : from.values) sizes.characters += v.name.view().size();
    for (const auto& node : from.nodes) {
        sizes.edges += node.inputs.size() + node.outputs.size();
        sizes.characters += node.name.view().size();
    }
    for (const graph_state& each : from.states) sizes.characters += each.name.view().size();
    for (const constant& c : from.constants) sizes.entries[static_cast<std::size_t>(c.type())] += c.entries();
    return sizes;
}

/// The sizes of the program that `Make()` gives, as a type; `Make` is a captureless constexpr callable. Templates take
/// this and not the value: g++ 12 takes two values for the same template argument if their arrays hold the same nonzero
/// elements, in whatever places.
template <auto Make> struct sizes_made_by { static constexpr program_sizes value = sizes_of(Make()); };

/// A piece of one of the frozen arrays.
struct extent_in {
    std::size_t first = 0, count = 0;
};

struct frozen_value {
    tensor_facts facts;
    extent_in name, elements;
    bool constant = false;
};

struct frozen_state {
    extent_in name;
    int initial = -1, read = -1, written = -1;
};

template <class Lowered> struct frozen_node {
    Lowered op;
    extent_in name, inputs, outputs;
    rounding how = rounding::in_float;
};

namespace detail {

/// The elements of all constants of one type.
template <dtype Type, std::size_t Entries> struct frozen_elements { std::array<element<Type>, Entries + 1> values{}; };

template <class Sizes, class Types> struct frozen_constants;
template <class Sizes, std::size_t... Type>
struct frozen_constants<Sizes, std::index_sequence<Type...>>
    : frozen_elements<static_cast<dtype>(Type), Sizes::value.entries[Type]>... {};

template <class From, class To> constexpr extent_in append(const From& from, To& to, std::size_t& used) {
    const extent_in piece{used, from.size()};
    for (const auto& element : from) to[used++] = element;
    return piece;
}

} // namespace detail

/// All of a program in arrays; a literal type, so an object of it can be a static constant. `Sizes`: sizes_made_by.
template <class Lowered, class Sizes>
struct frozen_program : detail::frozen_constants<Sizes, std::make_index_sequence<dtype_count>> {
    std::array<frozen_value, Sizes::value.values> values{};
    std::array<frozen_node<Lowered>, Sizes::value.nodes> nodes{};
    std::array<int, Sizes::value.edges> edges{};
    std::array<int, Sizes::value.inputs> inputs{};
    std::array<int, Sizes::value.outputs> outputs{};
    std::array<frozen_state, Sizes::value.states> states{};
    std::array<char, Sizes::value.characters + 1> characters{};

    template <dtype Type> constexpr auto& elements() {
        return static_cast<detail::frozen_elements<Type, Sizes::value.entries[static_cast<std::size_t>(Type)]>&>(*this)
            .values;
    }
    template <dtype Type> constexpr const auto& elements() const {
        return static_cast<const detail::frozen_elements<Type, Sizes::value.entries[static_cast<std::size_t>(Type)]>&>(
                   *this)
            .values;
    }
};

template <class Sizes, class Program> constexpr auto freeze(const Program& from) {
    using lowered = decltype(from.nodes[0].op);
    frozen_program<std::remove_cvref_t<lowered>, Sizes> frozen;
    std::size_t characters = 0, edges = 0;
    std::array<std::size_t, dtype_count> used{};
    for (std::size_t i = 0; i < from.values.size(); ++i) {
        const value& v = from.values[i];
        frozen.values[i] = {v.facts, detail::append(v.name.view(), frozen.characters, characters), {}, v.constant >= 0};
        if (v.constant < 0) continue;
        from.constant_of(static_cast<int>(i)).visit([&](const auto& elements) {
            constexpr dtype type = dtype_of<typename std::remove_cvref_t<decltype(elements)>::value_type>;
            frozen.values[i].elements =
                detail::append(elements, frozen.template elements<type>(), used[static_cast<std::size_t>(type)]);
        });
    }
    for (std::size_t i = 0; i < from.nodes.size(); ++i) {
        const auto& node = from.nodes[i];
        frozen.nodes[i] = {node.op, detail::append(node.name.view(), frozen.characters, characters),
                           detail::append(node.inputs, frozen.edges, edges),
                           detail::append(node.outputs, frozen.edges, edges), node.types.how};
    }
    for (std::size_t i = 0; i < from.inputs.size(); ++i) frozen.inputs[i] = from.inputs[i].value;
    for (std::size_t i = 0; i < from.outputs.size(); ++i) frozen.outputs[i] = from.outputs[i].value;
    for (std::size_t i = 0; i < from.states.size(); ++i) {
        const graph_state& each = from.states[i];
        frozen.states[i] = {detail::append(each.name.view(), frozen.characters, characters), each.initial, each.read,
                            each.written};
    }
    return frozen;
}

/// The model type of the graph that `Make()` gives, whose integer nodes follow `Rules`. `Make` is a captureless
/// constexpr callable.
template <auto Make, class Rules> struct frozen_model {
  private:
    struct lowered {
        constexpr auto operator()() const { return lower_graph<Rules>(Make()); }
    };
    using made_sizes = sizes_made_by<lowered{}>;
    static constexpr program_sizes sizes = made_sizes::value;
    static constexpr auto source = freeze<made_sizes>(lowered{}());

    static constexpr std::string_view characters(const extent_in& piece) {
        return {source.characters.data() + piece.first, piece.count};
    }

    static constexpr const_data elements(const frozen_value& v) {
        if (!v.constant) return {};
        return with_element_type(v.facts.type, [&](auto zero) {
            return const_data(source.template elements<dtype_of<decltype(zero)>>().data() + v.elements.first);
        });
    }

    template <std::size_t I> static constexpr auto thawed_node() {
        constexpr const auto& from = source.nodes[I];
        constexpr const auto& with = std::get<from.op.index()>(from.op);
        model_node<std::remove_cvref_t<decltype(with.op)>, from.inputs.count, from.outputs.count> node{
            characters(from.name), with.op, with.lowered, {}, {}, from.how};
        for (std::size_t i = 0; i < from.inputs.count; ++i) node.inputs[i] = source.edges[from.inputs.first + i];
        for (std::size_t i = 0; i < from.outputs.count; ++i) node.outputs[i] = source.edges[from.outputs.first + i];
        return node;
    }

  public:
    static constexpr std::string_view name = "model";
    static constexpr auto values = [] {
        std::array<model_value, sizes.values> result{};
        for (std::size_t i = 0; i < sizes.values; ++i) {
            const frozen_value& v = source.values[i];
            result[i] = {characters(v.name), v.facts, elements(v), v.constant};
        }
        return result;
    }();
    static constexpr auto nodes = []<std::size_t... I>(std::index_sequence<I...>) {
        return ctq::nodes(thawed_node<I>()...);
    }
    (std::make_index_sequence<sizes.nodes>{});
    static constexpr auto inputs = source.inputs;
    static constexpr auto outputs = source.outputs;
    static constexpr auto states = [] {
        std::array<model_state, sizes.states> result{};
        for (std::size_t i = 0; i < sizes.states; ++i) {
            const frozen_state& each = source.states[i];
            result[i] = state(characters(each.name), each.initial, each.read, each.written);
        }
        return result;
    }();
};

} // namespace ctq::inline CTQ_TARGET

// ---- ctq/graph/frozen_graph.hpp
// frozen_graph: the float graph that a constexpr function makes, kept in static constants, so that the compiler runs
// that function twice however often the graph is needed. The compiler's memory ends with each constant evaluation.
// room: graph | runs on: compiler | heap: yes

namespace ctq::inline CTQ_TARGET {

namespace detail {

/// What a graph says besides operators and reals, as numbers one behind the other; lists begin with their length.
/// Reads what it writes: `graph_fields` names the fields once for both.
class number_writer {
  public:
    std::vector<std::int64_t> numbers;
    std::vector<float> reals;

    constexpr void number(const int& from) { numbers.push_back(from); }
    constexpr void characters(const text& from) {
        numbers.push_back(static_cast<std::int64_t>(from.view().size()));
        for (const char each : from.view()) numbers.push_back(each);
    }
    constexpr void elements(const constant& from) {
        numbers.push_back(static_cast<std::int64_t>(from.type()));
        numbers.push_back(static_cast<std::int64_t>(from.entries()));
        from.visit([&]<class T>(const std::vector<T>& all) {
            if constexpr (std::is_same_v<T, float>)
                reals.insert(reals.end(), all.begin(), all.end());
            else if constexpr (std::is_same_v<T, int4_pair>)
                for (const T& each : all) numbers.push_back(each.bits);
            else
                for (const T each : all) numbers.push_back(static_cast<std::int64_t>(each));
        });
    }
    template <class T, class Each> constexpr void list(const std::vector<T>& from, Each each) {
        numbers.push_back(static_cast<std::int64_t>(from.size()));
        for (const T& one : from) each(one);
    }
};

class number_reader {
  public:
    constexpr number_reader(const std::int64_t* numbers, const float* reals) : numbers_(numbers), reals_(reals) {}

    constexpr void number(int& to) { to = static_cast<int>(*numbers_++); }
    constexpr void characters(text& to) {
        std::vector<char> read(length(), '\0');
        for (char& each : read) each = static_cast<char>(*numbers_++);
        to = text(std::string_view(read.data(), read.size()));
    }
    constexpr void elements(constant& to) {
        const auto type = static_cast<dtype>(*numbers_++);
        const std::size_t count = length();
        to = with_element_type(type, [&]<class T>(T) {
            if constexpr (std::is_same_v<T, float>) {
                const float* first = std::exchange(reals_, reals_ + count);
                return constant(std::vector<float>(first, first + count));
            } else {
                std::vector<T> all;
                for (std::size_t i = 0; i < count; ++i) {
                    if constexpr (std::is_same_v<T, int4_pair>)
                        all.push_back({static_cast<std::uint8_t>(*numbers_++)});
                    else
                        all.push_back(static_cast<T>(*numbers_++));
                }
                return constant(std::move(all));
            }
        });
    }
    template <class T, class Each> constexpr void list(std::vector<T>& to, Each each) {
        to = std::vector<T>(length(), T{});
        for (T& one : to) each(one);
    }

  private:
    constexpr std::size_t length() { return static_cast<std::size_t>(*numbers_++); }

    const std::int64_t* numbers_;
    const float* reals_;
};

/// All of a float graph that `stream` writes or reads.
template <class Stream, class Graph> constexpr void graph_fields(Stream& stream, Graph& graph) {
    const auto number = [&](auto& each) { stream.number(each); };
    const auto characters = [&](auto& each) { stream.characters(each); };
    const auto port = [&](auto& each) {
        stream.characters(each.name);
        stream.number(each.value);
        stream.number(each.count);
    };
    stream.characters(graph.name);
    stream.list(graph.values, [&](auto& each) {
        stream.characters(each.name);
        stream.number(each.constant);
    });
    stream.list(graph.nodes, [&](auto& each) {
        stream.characters(each.name);
        stream.list(each.inputs, number);
        stream.list(each.outputs, number);
        stream.list(each.origins, characters);
    });
    stream.list(graph.constants, [&](auto& each) { stream.elements(each); });
    stream.list(graph.inputs, port);
    stream.list(graph.outputs, port);
    stream.list(graph.states, [&](auto& each) {
        stream.characters(each.name);
        stream.number(each.initial);
        stream.number(each.read);
        stream.number(each.written);
    });
}

template <class Graph> constexpr number_writer written(const Graph& graph) {
    require(graph.domains.size() == 1, "a graph of reals is frozen, not an annotated one");
    number_writer writer;
    graph_fields(writer, graph);
    return writer;
}

} // namespace detail

/// `Make`: a captureless constexpr callable that gives a graph of reals, before annotation.
template <auto Make> class frozen_graph {
    using graph_type = decltype(Make());

    struct sizes {
        std::size_t values, nodes, numbers, reals;
    };
    static constexpr sizes size = [] {
        const auto graph = Make();
        const detail::number_writer all = detail::written(graph);
        return sizes{graph.values.size(), graph.nodes.size(), all.numbers.size(), all.reals.size()};
    }();

    struct parts {
        std::array<tensor_facts, size.values> facts{};
        std::array<typename graph_type::operation_type, size.nodes> operators{};
        std::array<std::int64_t, size.numbers> numbers{};
        std::array<float, size.reals + 1> reals{};
    };
    static constexpr parts stored = [] {
        parts result;
        const auto graph = Make();
        const detail::number_writer all = detail::written(graph);
        for (std::size_t i = 0; i < size.values; ++i) result.facts[i] = graph.values[i].facts;
        for (std::size_t i = 0; i < size.nodes; ++i) result.operators[i] = graph.nodes[i].op;
        for (std::size_t i = 0; i < size.numbers; ++i) result.numbers[i] = all.numbers[i];
        for (std::size_t i = 0; i < size.reals; ++i) result.reals[i] = all.reals[i];
        return result;
    }();

  public:
    static constexpr std::size_t values = size.values, nodes = size.nodes;

    /// A graph equal to Make()'s. Cost: a pass over its elements.
    static constexpr graph_type thawed() {
        graph_type graph;
        detail::number_reader reader(stored.numbers.data(), stored.reals.data());
        detail::graph_fields(reader, graph);
        for (std::size_t i = 0; i < size.values; ++i) graph.values[i].facts = stored.facts[i];
        for (std::size_t i = 0; i < size.nodes; ++i) graph.nodes[i].op = stored.operators[i];
        return graph;
    }
};

} // namespace ctq::inline CTQ_TARGET

#if __has_include(<boost/hana.hpp>)
// ---- ctq/quantize/domains.hpp
#include <cstddef>
#include <type_traits>
#include <utility>
#include <vector>
// domains: the rules of a list as the domains of a graph: 0 is float, then one for each rule.
// room: quantize | runs on: compiler + host | heap: yes

namespace ctq::inline CTQ_TARGET::detail {

/// A rule as nodes know it.
template <class Rule> constexpr domain domain_of() {
    constexpr bool has_one_scale = !keeps_accumulators<Rule> || !Rule::per_channel;
    static_assert(has_one_scale,
                  "ctq: rule: sums that stay accumulators need one weight scale; set per_channel to false");
    domain made{Rule::name, weighted_rounding_of<Rule>, Rule::how};
    if constexpr (fuses_residual<Rule>) {
        using requantizer = typename requantizer_for<weighted_rounding_of<Rule>>::type;
        constexpr bool adds = adds_residual<requantizer>; // apart, so that the compiler prints one error and no more
        static_assert(adds, "ctq: rule: a requantizer that adds residuals is required; set fuses_residual to false");
        if constexpr (adds) made.encode_residual = &requantizer::encode_residual;
    }
    return made;
}

/// The domains that a list of rules makes: float, then one for each rule.
template <class... Rules> constexpr std::vector<domain> domains_of(rule_list<Rules...>) {
    std::vector<domain> made(1, domain{"float"});
    (made.push_back(domain_of<Rules>()), ...);
    return made;
}

/// Calls visit(rule) for the rule of an integer domain; the rules are empty types.
template <class Visitor, class Rule, class... Rest>
constexpr decltype(auto) with_rule_of(int domain, rule_list<Rule, Rest...>, Visitor&& visit) {
    if constexpr (sizeof...(Rest) > 0)
        if (domain > 1) return with_rule_of(domain - 1, rule_list<Rest...>{}, visit);
    return visit(Rule{});
}

/// True for the domain of a rule whose ranges are measured when the network runs.
template <class Rules> constexpr bool is_dynamic_domain(int domain) {
    return domain != float_domain &&
           with_rule_of(domain, Rules{}, [](auto rule) { return dynamic_ranges<decltype(rule)>; });
}

/// The domain of what nodes of a domain make: those of a dynamic rule make reals.
template <class Rules> constexpr int domain_of_outputs(int domain) {
    return is_dynamic_domain<Rules>(domain) ? float_domain : domain;
}

/// The signature that nodes of `Op` have under `Rule` where all activations are of its `activation_type`; that of reals
/// where the rule makes none.
template <class Rule, class Op> constexpr signature signature_under() {
    if constexpr (node_signatures<Rule, Op>.empty())
        return {dtype::float32, dtype::float32, dtype::float32};
    else
        return node_signatures<Rule, Op>[0];
}

/// True when `Op` has an integer meaning for all types that its nodes can have under `Rule`, and these are some.
template <class Rule, class Op> constexpr bool is_integer_under = []<std::size_t... I>(std::index_sequence<I...>) {
    return sizeof...(I) > 0 && (has_integer_meaning<Op, node_signatures<Rule, Op>[I]> && ...);
}
(std::make_index_sequence<node_signatures<Rule, Op>.size()>{});

} // namespace ctq::inline CTQ_TARGET::detail
#endif

// ---- ctq/quantize/infinite_values.hpp
// infinite_values: which values of a float graph may be infinite, or as good as that: attention's scores under a mask.
// No integers hold them.
// room: quantize | runs on: compiler + host | heap: yes

namespace ctq::inline CTQ_TARGET {

namespace detail {

template <class Graph> constexpr bool holds_infinity(const Graph& graph, int value) {
    for (const float each : graph.reals(value))
        if (!is_bounded(each)) return true;
    return false;
}

/// The work of one call of infinite_values.
template <class Graph> class infinity_finder {
    using node_type = typename Graph::node_type;

  public:
    constexpr explicit infinity_finder(const Graph& graph) : graph_(graph), found_(graph.values.size(), 0) {}

    /// As often as there are states, for one may be written from another.
    constexpr flags run() {
        if (!find_constants()) return found_;
        for (std::size_t round = 0; round <= graph_.states.size(); ++round) {
            for (const graph_state& each : graph_.states) flag_of(each.read) |= flag_of(each.written);
            for (const node_type& node : graph_.nodes) follow(node);
        }
        return found_;
    }

  private:
    constexpr flags::value_type& flag_of(int value) { return found_[static_cast<std::size_t>(value)]; }
    constexpr bool is_real(int value) const { return graph_.value_at(value).facts.type == dtype::float32; }

    /// Calls visit(value) for what a node computes with.
    template <class Visit> static constexpr void for_each_operand(const node_type& node, Visit visit) {
        for (std::size_t i = 0; i < node.inputs.size(); ++i)
            if (traits_of_node(node).role(i) == operand_role::operand) visit(node.inputs[i]);
    }

    /// Whether there are any.
    constexpr bool find_constants() {
        bool any = false;
        flags seen(graph_.values.size(), 0);
        for (const node_type& node : graph_.nodes)
            for_each_operand(node, [&](int value) {
                if (!graph_.is_constant(value) || !is_real(value)) return;
                flags::value_type& before = seen[static_cast<std::size_t>(value)];
                if (before == 0 && holds_infinity(graph_, value)) flag_of(value) = any = true;
                before = 1;
            });
        return any;
    }

    constexpr void follow(const node_type& node) {
        bool reads = false;
        for_each_operand(node, [&](int value) { reads |= flag_of(value) != 0; });
        if (!reads || is_bounding(node)) return;
        for (const int output : node.outputs)
            if (is_real(output)) flag_of(output) = 1;
    }

    /// Whether what a node makes is bounded, whatever it reads.
    static constexpr bool is_bounding(const node_type& node) {
        if (is_own(traits_of_node(node).output_range)) return true;
        return visit_operator(node, [](const auto& op) {
            const bounds to = clamp_of(op);
            return is_bounded(to.low) && is_bounded(to.high);
        });
    }

    const Graph& graph_;
    flags found_;
};

} // namespace detail

/// For each value whether it may be infinite: constant operands that are, somewhere, and what nodes make of such values
/// until one bounds it: softmax, tanh, a clip. What reads them stays float. Weights and biases are not looked at: what
/// is not finite there is damage. Cost: a pass over the constant operands.
template <class Graph> constexpr flags infinite_values(const Graph& graph) {
    return detail::infinity_finder<Graph>(graph).run();
}

} // namespace ctq::inline CTQ_TARGET

#if __has_include(<boost/hana.hpp>)
// ---- ctq/quantize/choose_domains.hpp
#include <cstddef>
#include <type_traits>
#include <vector>
// choose_domains: which rule, or float, each node of a graph follows, and which domain makes each value.
// room: quantize | runs on: compiler + host | heap: yes

namespace ctq::inline CTQ_TARGET::detail {

/// The domain of each node, and that of what makes each value: of inputs and states the one that they are given in.
struct chosen_domains {
    std::vector<int> of_nodes, of_values;

    constexpr int node(std::size_t index) const { return of_nodes[index]; }
    constexpr int made_in(int value) const { return of_values[static_cast<std::size_t>(value)]; }
};

/// Who reads a value.
struct reading {
    bool by_floats = false, by_integers = false;
    int first = float_domain; ///< the domain of the first node that reads it in integers, or does so if it has them
};

/// The work of one call of choose_domains: each pass settles what the one before left undecided.
template <class Rules, class Graph> class domain_chooser {
    using node_type = typename Graph::node_type;

    /// Of what is given, and of nodes that only move it: the domain is that of those who read it.
    static constexpr int undecided = -1;

  public:
    constexpr domain_chooser(const Graph& graph, const std::vector<int>& wanted)
        : graph_(graph),
          wanted_(wanted),
          made_{std::vector<int>(graph.nodes.size(), undecided), std::vector<int>(graph.values.size(), float_domain)},
          readings_(graph.values.size(), reading{}),
          infinite_(infinite_values(graph)) {}

    constexpr chosen_domains run() {
        for_each_given([&](int value) { made_in(value) = undecided; });
        for (std::size_t i = 0; i < graph_.nodes.size(); ++i) settle(i, as_fed(i));
        for (std::size_t i = graph_.nodes.size(); i-- > 0;) {
            if (made_.node(i) == undecided) settle(i, as_read(i));
            note_reader(i);
        }
        for_each_given([&](int value) {
            const reading& by = readings_[static_cast<std::size_t>(value)];
            made_in(value) = by.by_floats ? float_domain : by.first;
        });
        for (std::size_t i = 0; i < graph_.nodes.size(); ++i)
            if (made_.node(i) == undecided) settle(i, as_fed(i) == float_domain ? float_domain : wanted_[i]);
        return std::move(made_);
    }

  private:
    constexpr int& made_in(int value) { return made_.of_values[static_cast<std::size_t>(value)]; }

    /// Calls visit(value) for the graph's inputs and what its states are read as.
    template <class Visit> constexpr void for_each_given(Visit visit) const {
        for (const port& input : graph_.inputs) visit(input.value);
        for (const graph_state& each : graph_.states) visit(each.read);
    }

    /// What is not real is made in no rule's domain.
    constexpr void settle(std::size_t node, int domain) {
        made_.of_nodes[node] = domain;
        const int of_outputs = domain == undecided ? undecided : domain_of_outputs<Rules>(domain);
        for (const int output : graph_.nodes[node].outputs)
            if (graph_.is_real(output)) made_in(output) = of_outputs;
    }

    /// The domain of a node by its operator and, if it only moves elements, by what it is given: undecided where that
    /// is constant, a table that is looked up.
    constexpr int as_fed(std::size_t index) const {
        const node_type& node = graph_.nodes[index];
        if (!can_be_integer(node, wanted_[index])) return float_domain;
        if (traits_of_node(node).output_range != range_rule::same_as_input) return wanted_[index];
        bool reads_reals = false, is_open = false;
        for (std::size_t i = 0; i < node.inputs.size(); ++i) {
            const int input = node.inputs[i];
            if (graph_.is_constant(input) || traits_of_node(node).role(i) != operand_role::operand) continue;
            const int made = made_.made_in(input);
            if (made != undecided && made != float_domain) return wanted_[index];
            reads_reals |= made == float_domain;
            is_open |= made == undecided;
        }
        return reads_reals && !is_open ? float_domain : undecided;
    }

    /// The same by who reads it: where that is the outside alone, it goes with what it moves.
    constexpr int as_read(std::size_t index) const {
        int found = undecided;
        for (const int output : graph_.nodes[index].outputs) {
            const reading& by = readings_[static_cast<std::size_t>(output)];
            if (by.by_integers) return wanted_[index];
            if (by.by_floats) found = float_domain;
        }
        return found;
    }

    /// For nodes from the last to the first.
    constexpr void note_reader(std::size_t index) {
        const int domain = made_.node(index);
        const bool in_float = domain != undecided && domain_of_outputs<Rules>(domain) == float_domain;
        const node_type& node = graph_.nodes[index];
        for (std::size_t i = 0; i < node.inputs.size(); ++i) {
            if (traits_of_node(node).role(i) == operand_role::positions) continue;
            reading& by = readings_[static_cast<std::size_t>(node.inputs[i])];
            by.by_floats |= in_float;
            by.by_integers |= domain != undecided && !in_float;
            if (!in_float) by.first = wanted_[index];
        }
    }

    constexpr bool can_be_integer(const node_type& node, int domain) const {
        if (domain == float_domain || node.inputs.empty()) return false;
        for (std::size_t i = 0; i < node.inputs.size(); ++i) {
            const operand_role role = traits_of_node(node).role(i);
            if (role != operand_role::positions && !graph_.is_real(node.inputs[i])) return false;
            if (role == operand_role::parameter && !graph_.is_constant(node.inputs[i])) return false;
            if (infinite_[static_cast<std::size_t>(node.inputs[i])] != 0) return false;
        }
        if (graph_.is_constant(node.inputs[0]) && (node.inputs.size() == 1 || is_dynamic_domain<Rules>(domain)))
            return false;
        return with_rule_of(domain, Rules{}, [&](auto rule) {
            return visit_operator(node, [](const auto& op) {
                return is_integer_under<decltype(rule), std::remove_cvref_t<decltype(op)>>;
            });
        });
    }

    const Graph& graph_;
    const std::vector<int>& wanted_;
    chosen_domains made_;
    std::vector<reading> readings_; ///< of each value
    flags infinite_;                ///< likewise
};

/// A node has the domain that is wanted for it if its operator has an integer meaning there, what it computes with is
/// real and not infinite, and its parameters are constant. One that only moves elements follows what it is given; where
/// that is a graph's input or a state it is float if floats read it and no integers do. An input and a state have the
/// domain of those who read it if none of them is float. Cost: three passes over the nodes.
template <class Rules, class Graph>
constexpr chosen_domains choose_domains(const Graph& graph, const std::vector<int>& wanted) {
    return domain_chooser<Rules, Graph>(graph, wanted).run();
}

} // namespace ctq::inline CTQ_TARGET::detail
#endif

#if __has_include(<boost/hana.hpp>)
// ---- ctq/quantize/value_forms.hpp
#include <cstddef>
#include <type_traits>
#include <utility>
#include <vector>
// value_forms: the element type and the quantization of each value in each domain. Values that a node only chooses
// among share one, and so do those that a state holds.
// room: quantize | runs on: compiler + host | heap: yes

namespace ctq::inline CTQ_TARGET::detail {

/// Which values share one scale and zero point: a union-find over the values of a graph.
class sharing {
  public:
    constexpr explicit sharing(std::size_t values) {
        for (std::size_t i = 0; i < values; ++i) parent_.push_back(static_cast<int>(i));
    }
    constexpr int root(int value) {
        int top = value;
        while (parent_[static_cast<std::size_t>(top)] != top) top = parent_[static_cast<std::size_t>(top)];
        while (value != top) value = std::exchange(parent_[static_cast<std::size_t>(value)], top);
        return top;
    }
    constexpr void join(int a, int b) { parent_[static_cast<std::size_t>(root(a))] = root(b); }

  private:
    std::vector<int> parent_;
};

/// How the activations of one real range are stored.
struct stored_form {
    dtype type = dtype::float32;
    ctq::quantization quantization{};

    friend constexpr bool operator==(const stored_form&, const stored_form&) = default;
};

constexpr stored_form form_of(const tensor_facts& facts) {
    return {facts.type, facts.quantization};
}

template <class Rule> constexpr stored_form form_for(const bounds& range) {
    return {activation_type_for<Rule>(range), Rule::activation(range)};
}

constexpr bounds joined(const bounds& a, const bounds& b) {
    return {b.low < a.low ? b.low : a.low, b.high > a.high ? b.high : a.high};
}
constexpr bool contains(const bounds& all, const bounds& part) {
    return part.low >= all.low && part.high <= all.high;
}

/// The range of a constant's elements and zero; what stands for infinity in it is left out, since nobody reads it in
/// integers.
template <class Graph> constexpr bounds range_of_constant(const Graph& graph, int value) {
    bounds range{0.0f, 0.0f};
    for (const float each : graph.reals(value))
        if (is_bounded(each)) range = joined(range, {each, each});
    return range;
}

template <class Node> constexpr bounds fixed_bounds(const Node& node, dtype type) {
    return visit_operator(node, [&](const auto& op) {
        if constexpr (requires { op.output_bounds(type); })
            return op.output_bounds(type);
        else
            return bounds::none();
    });
}

/// A range with what a node adds to it. What is so far out that in 8 bits all else would be one integer saturates
/// instead: a border that stands for minus infinity around a maximum.
constexpr bounds with_added(const bounds& range, const bounds& added) {
    const float most = 127 * (-range.low > range.high ? -range.low : range.high);
    return joined(range, {added.low < -most ? 0.0f : added.low, added.high > most ? 0.0f : added.high});
}

/// What a node that chooses among its inputs' elements may put in their place: what its operator says, and where it
/// clamps all to one side of zero, the bound on that side.
template <class Node> constexpr bounds added_bounds(const Node& node) {
    return visit_operator(node, [](const auto& op) {
        const float clamped = clamp_of(op).clamp(0.0f);
        const bounds bound = elementary::is_finite(clamped) ? bounds{clamped, clamped} : bounds{0.0f, 0.0f};
        if constexpr (requires { op.added_bounds(); })
            return joined(bound, op.added_bounds());
        else
            return bound;
    });
}

/// The forms of a graph's values by domain, found when it is made; of domains that no node has there are none.
template <class Rules, class Graph> class value_forms {
    using node_type = typename Graph::node_type;

  public:
    /// `ranges`: the real range of each value.
    constexpr value_forms(const Graph& graph, const chosen_domains& domains, std::vector<bounds> ranges)
        : graph_(graph), domains_(domains), ranges_(std::move(ranges)), links_(graph) {
        forms_.resize(Rules::size + 1);
        for (const int domain : domains.of_nodes)
            if (forms_of(domain).empty() && domain_of_outputs<Rules>(domain) != float_domain) choose_forms(domain);
    }

    constexpr const stored_form& in(int domain, int value) const {
        return forms_[static_cast<std::size_t>(domain)][static_cast<std::size_t>(value)];
    }

  private:
    constexpr std::vector<stored_form>& forms_of(int domain) { return forms_[static_cast<std::size_t>(domain)]; }
    constexpr bool is_real(int value) const { return graph_.value_at(value).facts.type == dtype::float32; }

    /// The ranges for a domain, with those of what calibration does not look at: outputs of a fixed range, which a
    /// float node makes too; states, which have the range of their initial value and of what is written to them; and
    /// what only moves elements of these. As often as there are states, for one may be written from another.
    constexpr std::vector<bounds> complete_ranges(int domain) const {
        std::vector<bounds> ranges = ranges_;
        for (std::size_t round = 0; round <= graph_.states.size(); ++round) {
            for (const graph_state& each : graph_.states)
                if (is_real(each.read)) widen(ranges, each.read, range_of_state(ranges, each));
            for (const node_type& node : graph_.nodes)
                for (const int output : node.outputs)
                    if (is_real(output)) widen(ranges, output, range_by_node(ranges, node, domain));
        }
        return ranges;
    }

    static constexpr void widen(std::vector<bounds>& ranges, int value, const bounds& by) {
        bounds& range = ranges[static_cast<std::size_t>(value)];
        range = joined(range, by);
    }

    constexpr bounds range_of(const std::vector<bounds>& ranges, int value) const {
        return graph_.is_constant(value) ? range_of_constant(graph_, value) : ranges[static_cast<std::size_t>(value)];
    }

    constexpr bounds range_of_state(const std::vector<bounds>& ranges, const graph_state& state) const {
        return joined(range_of_constant(graph_, state.initial), range_of(ranges, state.written));
    }

    /// What is known of a node's outputs without calibration.
    constexpr bounds range_by_node(const std::vector<bounds>& ranges, const node_type& node, int domain) const {
        if (has_own_range(node)) return own_range(node, domain);
        if (traits_of_node(node).moves_elements) return range_of(ranges, node.inputs[0]);
        return {0.0f, 0.0f};
    }

    constexpr void choose_forms(int domain) {
        origins_.assign(graph_.values.size(), origin{});
        sharing same = values_of_one_form(domain);
        const std::vector<bounds> shared = ranges_of_forms(domain, same);
        with_rule_of(domain, Rules{}, [&](auto rule) {
            for (std::size_t i = 0; i < graph_.values.size(); ++i)
                forms_of(domain).push_back(
                    form_for<decltype(rule)>(shared[static_cast<std::size_t>(same.root(static_cast<int>(i)))]));
        });
    }

    /// Which values share a form: those that a domain's nodes only choose among, and those that a state holds.
    constexpr sharing values_of_one_form(int domain) {
        sharing same(graph_.values.size());
        for (std::size_t i = 0; i < graph_.nodes.size(); ++i) {
            const node_type& node = graph_.nodes[i];
            if (domains_.node(i) != domain || traits_of_node(node).output_range != range_rule::same_as_input) continue;
            for (const int output : node.outputs)
                for (std::size_t k = 0; k < node.inputs.size(); ++k)
                    if (shares_form(node, k, output) &&
                        (!made_with_fixed_scale(node.inputs[k], domain) || made_with_fixed_scale(output, domain)))
                        same.join(node.inputs[k], output);
        }
        for (const graph_state& each : graph_.states)
            if (domains_.made_in(each.read) == domain && is_copied(each, domain)) same.join(each.read, each.written);
        return same;
    }

    /// Whether an input of a node that chooses among its operands' elements is one of these, and the output is made of
    /// them.
    constexpr bool shares_form(const node_type& node, std::size_t input, int output) const {
        return traits_of_node(node).role(input) == operand_role::operand && !graph_.is_constant(node.inputs[input]) &&
               is_real(output);
    }

    /// True when a state holds the very integers that are written to it: in its domain both then have one scale.
    constexpr bool is_copied(const graph_state& each, int domain) {
        if (graph_.is_constant(each.written)) return false;
        return made_with_fixed_scale(each.read, domain) || !made_with_fixed_scale(each.written, domain);
    }

    /// By the root of the values that share a form: the range of all of them, or a fixed one.
    constexpr std::vector<bounds> ranges_of_forms(int domain, sharing& same) const {
        const std::vector<bounds> ranges = complete_ranges(domain);
        std::vector<bounds> shared(graph_.values.size(), bounds{0.0f, 0.0f});
        for (std::size_t i = 0; i < graph_.values.size(); ++i) {
            if (graph_.values[i].constant >= 0) continue;
            bounds& range = shared[static_cast<std::size_t>(same.root(static_cast<int>(i)))];
            range = joined(range, ranges[i]);
        }
        for (const node_type& node : graph_.nodes) {
            for (const int output : node.outputs) {
                bounds& range = shared[static_cast<std::size_t>(same.root(output))];
                range = has_own_range(node) ? own_range(node, domain) : with_added(range, added_bounds(node));
            }
        }
        return shared;
    }

    static constexpr bool has_own_range(const node_type& node) { return is_own(traits_of_node(node).output_range); }

    /// The range of a node that has one of its own: a customary one that the rule does not keep goes as far as the data
    /// within it, but not less far than a 256th: arithmetic has so many steps in it.
    constexpr bounds own_range(const node_type& node, int domain) const {
        const bounds own = fixed_range(node, domain);
        const bool is_kept = with_rule_of(domain, Rules{}, [&](auto rule) {
            return has_fixed_range<decltype(rule)>(traits_of_node(node).output_range);
        });
        if (is_kept) return own;
        const bounds seen = joined(ranges_[static_cast<std::size_t>(node.output())], {own.low / 256, own.high / 256});
        return {own.clamp(seen.low), own.clamp(seen.high)};
    }

    /// The range of a node whose scale is fixed, for the element type that the rule stores such a range in.
    static constexpr bounds fixed_range(const node_type& node, int domain) {
        return with_rule_of(domain, Rules{}, [&](auto rule) {
            return fixed_range_under<decltype(rule)>([&](dtype type) { return fixed_bounds(node, type); });
        });
    }

    /// True when a value is made under a scale that is not free to be widened, directly or moved about, in this call
    /// or, where a state holds it, in an earlier one. Where a state's initial value or what a node adds does not fit
    /// that scale it is not.
    constexpr bool made_with_fixed_scale(int value, int domain) {
        const origin& from = origin_of(value, domain);
        return from.is_fixed && contains(from.fixed, from.initial) &&
               contains(from.fixed, with_added(from.fixed, from.added));
    }

    /// What a value is moved from, if it is one that nodes and states only move: where it was made, and what is put
    /// beside it on the way.
    struct origin {
        bool is_known = false, is_fixed = false;
        bounds fixed{0.0f, 0.0f}, initial{0.0f, 0.0f}, added{0.0f, 0.0f};
    };

    /// Found once for each value in a domain. What goes round in a circle of states was made nowhere.
    constexpr const origin& origin_of(int value, int domain) {
        std::vector<int> way;
        for (int at = value; at >= 0 && !known_origin(at).is_known; at = moved_from(at)) {
            known_origin(at).is_known = true;
            way.push_back(at);
        }
        for (std::size_t i = way.size(); i-- > 0;) known_origin(way[i]) = origin_by_maker(way[i], domain);
        return known_origin(value);
    }

    constexpr origin& known_origin(int value) { return origins_[static_cast<std::size_t>(value)]; }

    /// The value that a value is a copy of, but for what is added; -1 if it is made here.
    constexpr int moved_from(int value) {
        if (const graph_state* held = graph_.state_read_as(value)) return held->written;
        const int at = links_.producer_of(value);
        if (at < 0) return -1;
        const node_type& node = graph_.node_at(at);
        if (traits_of_node(node).output_range != range_rule::same_as_input) return -1;
        std::size_t operands = 0;
        for (std::size_t i = 0; i < node.inputs.size(); ++i)
            operands += traits_of_node(node).role(i) == operand_role::operand ? 1 : 0;
        return operands == 1 ? node.inputs[0] : -1;
    }

    /// From that of what it is moved from, which is known.
    constexpr origin origin_by_maker(int value, int domain) {
        const int before = moved_from(value);
        origin from = before < 0 ? origin{true} : known_origin(before);
        if (const graph_state* held = graph_.state_read_as(value)) {
            from.initial = joined(from.initial, range_of_constant(graph_, held->initial));
        } else if (const int at = links_.producer_of(value); at >= 0) {
            const node_type& node = graph_.node_at(at);
            if (before >= 0) from.added = joined(from.added, added_bounds(node));
            if (has_own_range(node)) {
                from.is_fixed = true;
                from.fixed = own_range(node, domain);
            }
        }
        return from;
    }

    const Graph& graph_;
    const chosen_domains& domains_;
    std::vector<bounds> ranges_;
    connections<const Graph> links_;
    std::vector<std::vector<stored_form>> forms_; ///< by domain and value
    std::vector<origin> origins_;                 ///< by value, in the domain whose forms are chosen
};

} // namespace ctq::inline CTQ_TARGET::detail
#endif

#if __has_include(<boost/hana.hpp>)
// ---- ctq/quantize/value_twins.hpp
#include <cstddef>
#include <utility>
#include <vector>
// value_twins: the values of an annotated graph: each value of the source has a twin for each domain that makes or
// reads it, made when it is first asked for, and a conversion before it where another domain makes it.
// room: quantize | runs on: compiler + host | heap: yes

namespace ctq::inline CTQ_TARGET::detail {

/// Of the source and the target of one call of annotate.
template <class Rules, class Graph> class value_twins {
  public:
    constexpr value_twins(const Graph& source, const chosen_domains& domains, const value_forms<Rules, Graph>& forms,
                          Graph& target)
        : source_(source), domains_(domains), forms_(forms), target_(target), twins_(Rules::size + 1) {
        twins_of(float_domain).assign(source.values.size(), -1);
        for (const int domain : domains.of_nodes)
            if (twins_of(domain).empty()) twins_of(domain).assign(source.values.size(), -1);
    }

    /// The twin of a value in a domain, -1 where there is none yet. The first is that of the domain that makes it.
    constexpr int& twin(int domain, int value) { return twins_of(domain)[static_cast<std::size_t>(value)]; }

    /// The same; made where there is none yet.
    constexpr int in_domain(int domain, int value) {
        if (twin(domain, value) >= 0) return twin(domain, value);
        const ctq::value& from = source_.value_at(value);
        if (from.constant >= 0) return twin(domain, value) = copied_constant(value);
        if (is_dynamic_domain<Rules>(domain)) return twin(domain, value) = measured(value, domain);
        const int home = domains_.made_in(value);
        if (domain == float_domain)
            return twin(domain, value) = converted(op::dequantize{}, from.name + ".dequantized", in_domain(home, value),
                                                   from.facts, home);
        const tensor_facts facts = facts_in(domain, value);
        if (home == float_domain)
            return twin(domain, value) =
                       converted(op::quantize{}, from.name + ".quantized", in_domain(home, value), facts, domain);
        return twin(domain, value) =
                   converted(op::requantize{}, from.name + ".requantized", in_domain(home, value), facts, domain);
    }

    /// A value as integer nodes read it: accumulators that stayed as they are in the form of its range.
    constexpr int activation_in(int domain, int value) {
        const int integers = in_domain(domain, value);
        const stored_form& read = forms_.in(domain, value);
        if (!is_real(value) || has_form(integers, read)) return integers;
        return converted_to(read, integers, target_.value_at(integers).name + ".requantized", domain);
    }

    /// What a value of the target is converted to, once for all readers.
    constexpr int converted_to(const stored_form& wanted, int integers, const text& name, int domain) {
        latest_conversion_.resize(target_.values.size(), -1);
        for (int at = latest_conversion_of(integers); at >= 0; at = conversions_[static_cast<std::size_t>(at)].before)
            if (has_form(conversions_[static_cast<std::size_t>(at)].to, wanted))
                return conversions_[static_cast<std::size_t>(at)].to;
        const shape of = target_.value_at(integers).facts.shape;
        const int to = converted(op::requantize{}, name, integers, integer_facts(domain, of, wanted), domain);
        conversions_.push_back(
            {to, std::exchange(latest_conversion_of(integers), static_cast<int>(conversions_.size()))});
        return to;
    }

    /// What is real in the source; integers and truth values there are what they are.
    constexpr bool is_real(int value) const { return source_.value_at(value).facts.type == dtype::float32; }

    /// Of a value of the target.
    constexpr bool has_form(int integers, const stored_form& form) const {
        return form_of(target_.value_at(integers).facts) == form;
    }

    /// Facts of a value's twin in a domain.
    constexpr tensor_facts facts_in(int domain, int value) const {
        const tensor_facts& facts = source_.value_at(value).facts;
        if (domain_of_outputs<Rules>(domain) == float_domain || facts.type != dtype::float32) return facts;
        return integer_facts(domain, facts.shape, forms_.in(domain, value));
    }

    /// Facts of an activation under a domain's rule: all the integers that the rule has.
    static constexpr tensor_facts integer_facts(int domain, const shape& of, const stored_form& form) {
        return {form.type, of, form.quantization, limits_in(domain, form, bounds::none())};
    }

    static constexpr limits limits_in(int domain, const stored_form& form, const bounds& activation) {
        const limits held = limits_of(form.type);
        const limits range = with_rule_of(domain, Rules{}, [&](auto rule) {
            return activation_limits_for<decltype(rule)>(form.type, activation, form.quantization);
        });
        require(held.low <= range.low && range.low <= range.high && range.high <= held.high,
                "a rule's activation_limits are not integers of its activation_type; give it limits of that type");
        return range;
    }

  private:
    /// What a value of the target was converted to, and the conversion of it before.
    struct conversion {
        int to, before;
    };

    constexpr int& latest_conversion_of(int value) { return latest_conversion_[static_cast<std::size_t>(value)]; }
    constexpr std::vector<int>& twins_of(int domain) { return twins_[static_cast<std::size_t>(domain)]; }

    constexpr int copied_constant(int value) {
        const ctq::value& from = source_.value_at(value);
        const int copy = target_.add_value(from.name, from.facts);
        target_.set_constant(copy, source_.constant_of(value));
        return copy;
    }

    template <class Op>
    constexpr int converted(const Op& op, const text& name, int from, const tensor_facts& facts, int domain) {
        const int made = target_.add_value(name, facts);
        target_.nodes.push_back({name, op, {from}, {made}, {}, domain});
        return made;
    }

    /// A value's integers under a dynamic rule.
    constexpr int measured(int value, int domain) {
        return with_rule_of(domain, Rules{}, [&](auto rule) {
            if constexpr (dynamic_ranges<decltype(rule)>)
                return measured_under<decltype(rule)>(value, domain);
            else
                return -1;
        });
    }

    /// The same: a node measures their scale and zero point when the network runs.
    template <class Rule> constexpr int measured_under(int value, int domain) {
        constexpr dtype type = Rule::activation_type;
        constexpr limits range = dynamic_limits(type), zeros{0, Rule::symmetric ? 0 : range.high};
        const ctq::value& from = source_.value_at(value);
        const int reals = in_domain(float_domain, value);
        const int integers = target_.add_value(from.name + ".quantized", {type, from.facts.shape, {}, range});
        const int scale = target_.add_value(from.name + ".scale", {dtype::float32, {}});
        const int zero = target_.add_value(from.name + ".zero_point", {dtype::int32, {}, {}, zeros});
        target_.value_at(integers).dynamic = {scale, Rule::symmetric ? -1 : zero};
        target_.nodes.push_back(
            {from.name + ".quantized", op::dynamic_quantize{}, {reals}, {integers, scale, zero}, {}, domain});
        return integers;
    }

    const Graph& source_;
    const chosen_domains& domains_;
    const value_forms<Rules, Graph>& forms_;
    Graph& target_;
    std::vector<std::vector<int>> twins_; ///< by domain and value of the source
    std::vector<conversion> conversions_;
    std::vector<int> latest_conversion_; ///< by value of the target, into conversions_
};

} // namespace ctq::inline CTQ_TARGET::detail
#endif

#if __has_include(<boost/hana.hpp>)
// ---- ctq/quantize/weights.hpp
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <utility>
#include <vector>
// weights: how a rule makes integer weights and biases of float ones, channel by channel.
// room: quantize | runs on: compiler + host | heap: yes

namespace ctq::inline CTQ_TARGET {

namespace detail {

constexpr double largest_magnitude(std::span<const float> values) {
    double largest = 0;
    for (const float value : values) {
        const double magnitude = value < 0 ? -static_cast<double>(value) : static_cast<double>(value);
        if (magnitude > largest) largest = magnitude;
    }
    return largest;
}

/// True when some weighted sums of a rule have 32 bits, whatever their weights.
template <class Rule>
constexpr bool has_narrow_accumulators = [] {
    for (const dtype x : activation_types_of<Rule>)
        if (accumulator_under<Rule>(x) == dtype::int32) return true;
    return false;
}();

/// True when some have 32 bits where their weights allow it.
template <class Rule>
constexpr bool narrows_some_accumulators = [] {
    for (const dtype x : activation_types_of<Rule>)
        if (narrows_accumulators<Rule>(x)) return true;
    return false;
}();

} // namespace detail

/// The scale of one channel's integer weights. Beyond the rule's own choice it keeps, where a channel's weights vanish
/// beside its bias, a bias of 32 bits within 2^30, and sums of 64 bits in a scale that requantizers have a multiplier
/// for, and accumulators that stay as they are one that float32 holds: by the rule's scale for larger weights, so that
/// one of shifts has powers of two only. A channel without weights has a scale that resolves its bias.
template <class Rule>
constexpr double weight_scale(double largest_weight, double bias, double input_scale, double output_scale) {
    const double magnitude = bias < 0 ? -bias : bias;
    double least = detail::has_narrow_accumulators<Rule> ? magnitude / (input_scale * 1073741824.0)
                                                         : output_scale / input_scale * 0x1p-31;
    if (keeps_accumulators<Rule>) least = std::max(least, 1.0e-30 / input_scale);
    const double chosen =
        largest_weight > 0 ? Rule::weight_scale(largest_weight) : output_scale / (256.0 * input_scale);
    return chosen < least ? Rule::weight_scale(least * Rule::weight_limits.high) : chosen;
}

/// Float weights, and where their channels lie.
struct channel_weights {
    std::span<const float> values;
    ctq::shape shape;
    int axis = 0; ///< the channels'
};

/// The scale of each channel of weights, the same for all where the rule has none a channel; `biases` may be empty.
template <class Rule>
constexpr std::vector<double> weight_scales(const channel_weights& weights, std::span<const float> biases,
                                            double input_scale, double output_scale) {
    const auto channels = static_cast<std::size_t>(weights.shape[weights.axis]);
    const double whole = Rule::per_channel ? 0.0 : detail::largest_magnitude(weights.values);
    std::vector<double> largest(channels, whole), scales;
    if (Rule::per_channel)
        op::for_each_run(weights.shape, weights.axis, [&](std::size_t channel, std::size_t first, std::size_t length) {
            const double found = detail::largest_magnitude(weights.values.subspan(first, length));
            if (found > largest[channel]) largest[channel] = found;
        });
    for (std::size_t channel = 0; channel < channels; ++channel) {
        const double bias = biases.empty() ? 0.0 : static_cast<double>(biases[channel]);
        scales.push_back(weight_scale<Rule>(largest[channel], bias, input_scale, output_scale));
    }
    if (!Rule::per_channel) std::fill(scales.begin(), scales.end(), *std::max_element(scales.begin(), scales.end()));
    return scales;
}

/// The integers of weights under one scale a channel. Cost: a pass over the weights.
template <class Rule>
constexpr constant integer_weights(const channel_weights& weights, const std::vector<double>& scales) {
    constexpr dtype type = weight_type_of<Rule>;
    std::vector<element<type>> integers(entries_of(type, weights.values.size()), element<type>{});
    op::for_each_run(weights.shape, weights.axis, [&](std::size_t channel, std::size_t first, std::size_t length) {
        const double scale = scales[channel];
        for (std::size_t k = first; k < first + length; ++k) {
            const std::int32_t integer =
                Rule::weight_limits.clamp(nearest<std::int32_t>(static_cast<double>(weights.values[k]) / scale));
            write_integer<type>(integers.data(), k, integer);
        }
    });
    return constant(std::move(integers));
}

/// The integers of a bias in the scales of the products of data and weights; `type`: the accumulator's, int32 or int64.
constexpr constant integer_bias(std::span<const float> biases, const std::vector<double>& scales, dtype type) {
    const auto in_type = [&](auto zero) {
        std::vector<decltype(zero)> integers;
        for (std::size_t channel = 0; channel < biases.size(); ++channel)
            integers.push_back(nearest<decltype(zero)>(static_cast<double>(biases[channel]) / scales[channel]));
        return constant(std::move(integers));
    };
    if (type == dtype::int64) return in_type(std::int64_t{});
    return in_type(std::int32_t{});
}

/// True when 32 bits hold the sums of a channel whatever its activations, `x`, as the proof of the lowered node will
/// find; `scale`: from sums to outputs.
template <class Rule>
constexpr bool sum_fits_32_bits(const op::weight_sums& weights, std::int64_t bias, const tensor_facts& x,
                                double scale) {
    constexpr signature S{dtype::int16, weight_type_of<Rule>, dtype::int16, dtype::int32, weighted_rounding_of<Rule>};
    constexpr std::int64_t most = std::numeric_limits<std::int32_t>::max();
    std::int64_t constant = 0, room = most;
    if constexpr (rounded<S>) {
        const scaling s = requantizer_of<S>::encode(scale);
        constant = requantizer_of<S>::rounding(s);
        room = std::min(most, requantizer_of<S>::headroom(s) + constant);
    }
    const interval factors = op::factors_of(x);
    if (bias > most || bias < -most || !op::wide_products_fit<S>(weights, factors.low, factors.high)) return false;
    const std::int64_t zero = x.quantization.zero_point * (weights.positive - weights.negative);
    return op::sum_keeps_within(room, bias - zero + constant, weights, factors);
}

/// The sums of each channel's integer weights, as a rule made them. Cost: a pass over them.
template <class Rule>
constexpr std::vector<op::weight_sums> channel_sums(const constant& weights, const shape& of, int axis) {
    constexpr dtype type = weight_type_of<Rule>;
    std::vector<op::weight_sums> sums(static_cast<std::size_t>(of[axis]), op::weight_sums{});
    const auto* elements = weights.as<element<type>>().data();
    op::for_each_run(of, axis, [&](std::size_t channel, std::size_t first, std::size_t length) {
        for (std::size_t k = first; k < first + length; ++k) sums[channel].add(read_integer<type>(elements, k));
    });
    return sums;
}

} // namespace ctq::inline CTQ_TARGET
#endif

#if __has_include(<boost/hana.hpp>)
// ---- ctq/quantize/annotate.hpp
#include <utility>
#include <vector>
// annotate: from a prepared float graph and real ranges to the same graph with integers: each value has an element type
// and a quantization, weights are integers, conversions stand where two domains meet. What runs of a node is not its
// affair: see execute/lower.hpp.
// room: quantize | runs on: compiler + host | heap: yes

namespace ctq::inline CTQ_TARGET {

namespace detail {

/// The work of one call of annotate: the target's nodes, what they read, its ports and states.
template <class Rules, class Graph> class annotator {
  public:
    using node_type = typename Graph::node_type;

    constexpr annotator(const Graph& source, std::vector<bounds> ranges, const std::vector<int>& domains)
        : source_(source),
          domains_(choose_domains<Rules>(source, domains)),
          forms_(source, domains_, std::move(ranges)),
          twins_(source, domains_, forms_, target_) {
        target_.name = source.name;
        target_.domains = domains_of(Rules{});
    }

    constexpr Graph run() {
        for (const port& input : source_.inputs)
            target_.inputs.push_back({input.name, add_given(domains_.made_in(input.value), input.name, input.value)});
        for (const graph_state& each : source_.states) append_state(each);
        for (std::size_t i = 0; i < source_.nodes.size(); ++i) append(source_.nodes[i], domains_.node(i));
        for (const port& output : source_.outputs)
            target_.outputs.push_back(
                {output.name, twins_.in_domain(domains_.made_in(output.value), output.value), output.count});
        for (std::size_t i = 0; i < source_.states.size(); ++i)
            target_.states[i].written = written_value(source_.states[i]);
        return std::move(target_);
    }

  private:
    template <class Visitor> static constexpr decltype(auto) with_rule(int domain, Visitor&& visit) {
        return with_rule_of(domain, Rules{}, visit);
    }

    static constexpr bool sums_stay(int domain) {
        return with_rule(domain, [](auto rule) { return keeps_accumulators<decltype(rule)>; });
    }
    static constexpr dtype accumulator_in(int domain, dtype x) {
        return with_rule(domain, [&](auto rule) { return accumulator_under<decltype(rule)>(x); });
    }

    /// What nothing makes, in the domain that it is given in.
    constexpr int add_given(int domain, const text& name, int value) {
        return twins_.twin(domain, value) = target_.add_value(name, twins_.facts_in(domain, value));
    }

    constexpr void append(const node_type& node, int domain) {
        node_type copy = node;
        copy.domain = domain;
        for (std::size_t i = 0; i < node.inputs.size(); ++i)
            copy.inputs[i] = domain == float_domain ? twins_.in_domain(float_domain, node.inputs[i])
                                                    : integer_operand(node, domain, i);
        const bool sums = domain != float_domain && traits_of_node(node).is_weighted();
        if (sums) name_accumulator(copy, domain, node.output());
        for (std::size_t i = 0; i < node.outputs.size(); ++i) {
            const int value = node.outputs[i];
            const tensor_facts facts =
                sums && sums_stay(domain) ? facts_of_sums(copy, value) : facts_of_output(node, copy, domain, value);
            copy.outputs[i] = target_.add_value(source_.value_at(value).name, facts);
            twins_.twin(domains_.made_in(value), value) = copy.outputs[i];
        }
        target_.nodes.push_back(std::move(copy));
    }

    static constexpr bounds clamp_of_node(const node_type& node) {
        return visit_operator(node, [](const auto& op) { return clamp_of(op); });
    }

    /// A sum of products has the type of its bias: the rule's, or 32 bits where these are proved to do. One that has
    /// none gets zeros where the accumulators are not those that follow from the activations.
    constexpr void name_accumulator(node_type& copy, int domain, int output) {
        const dtype x = target_.value_at(copy.inputs[0]).facts.type, chosen = accumulator_in(domain, x);
        const dtype type = fits_32_bits(copy, domain, output) ? dtype::int32 : chosen;
        if (copy.inputs.size() == 2) {
            if (type == accumulator_of(x)) return;
            const shape& of = target_.value_at(copy.inputs[1]).facts.shape;
            const std::int32_t channels = of[traits_of_node(copy).weight_axis];
            copy.inputs.push_back(target_.add_zeros(copy.name + ".bias", type, channels));
        } else if (type != chosen) {
            narrow(copy.inputs[2]);
        }
    }

    /// Whether 32 bits hold all sums of a layer that would have 64, from its integers. The type of a bias must tell it.
    constexpr bool fits_32_bits(const node_type& copy, int domain, int output) const {
        if (traits_of_node(copy).role(2) != operand_role::bias) return false;
        const tensor_facts& x = target_.value_at(copy.inputs[0]).facts;
        return with_rule(domain, [&](auto rule) {
            using rule_type = decltype(rule);
            if constexpr (narrows_some_accumulators<rule_type>)
                return narrows_accumulators<rule_type>(x.type) &&
                       channels_fit_32_bits<rule_type>(copy, x, forms_.in(domain, output).quantization);
            else
                return false;
        });
    }
    template <class Rule>
    constexpr bool channels_fit_32_bits(const node_type& copy, const tensor_facts& x, const quantization& out) const {
        const auto sums =
            channel_sums<Rule>(target_.constant_of(copy.inputs[1]), target_.value_at(copy.inputs[1]).facts.shape,
                               traits_of_node(copy).weight_axis);
        for (std::size_t channel = 0; channel < sums.size(); ++channel) {
            const double product = static_cast<double>(x.quantization.scale) * weight_scales_[channel];
            std::int64_t bias = 0;
            if (copy.inputs.size() > 2) bias = target_.constant_of(copy.inputs[2]).template as<std::int64_t>()[channel];
            if (!sum_fits_32_bits<Rule>(sums[channel], bias, x, product / static_cast<double>(out.scale))) return false;
        }
        return true;
    }

    /// A bias of 64 bits that 32 hold.
    constexpr void narrow(int bias) {
        std::vector<std::int32_t> integers;
        for (const std::int64_t each : target_.constant_of(bias).template as<std::int64_t>())
            integers.push_back(static_cast<std::int32_t>(each));
        value& narrowed = target_.value_at(bias);
        narrowed.facts.type = dtype::int32;
        target_.constants[static_cast<std::size_t>(narrowed.constant)] = constant(std::move(integers));
    }

    /// Accumulators that stay as they are, in the scale of the products.
    constexpr tensor_facts facts_of_sums(const node_type& copy, int value) const {
        const double x = static_cast<double>(target_.value_at(copy.inputs[0]).facts.quantization.scale);
        const quantization q{static_cast<float>(x * target_.value_at(copy.inputs[1]).scale_of(0)), 0};
        return {dtype::int32, source_.value_at(value).facts.shape, q,
                rule::limits_of_accumulators(clamp_of_node(copy), q)};
    }

    /// The integers that a node can make: those of its operands where it chooses among them, within its own clamp.
    constexpr tensor_facts facts_of_output(const node_type& node, const node_type& copy, int domain, int value) {
        tensor_facts facts = twins_.facts_in(domain, value);
        if (!twins_.is_real(value) || !is_integer(facts.type) || domain == float_domain) return facts;
        const limits own = twins_.limits_in(domain, form_of(facts), clamp_of_node(node));
        const limits from =
            traits_of_node(node).moves_elements ? target_.value_at(copy.inputs[0]).facts.range : limits_of(facts.type);
        facts.range = {own.clamp(from.low), own.clamp(from.high)};
        return facts;
    }

    constexpr int integer_operand(const node_type& node, int domain, std::size_t i) {
        const int value = node.inputs[i];
        const operand_role role = traits_of_node(node).role(i);
        const bool stays_real = role == operand_role::bias && is_dynamic_domain<Rules>(domain);
        if (role == operand_role::parameter || role == operand_role::positions || stays_real)
            return twins_.in_domain(float_domain, value);
        if (role == operand_role::weights) return integer_weights_of(node, domain);
        if (role == operand_role::bias) return integer_bias_of(node, domain);
        if (is_dynamic_domain<Rules>(domain)) return twins_.in_domain(domain, value);
        const bool shares = traits_of_node(node).output_range == range_rule::same_as_input;
        const stored_form& out = forms_.in(domain, node.output());
        if (source_.is_constant(value))
            return integer_constant(value, domain, shares ? out : form_of_constant(value, domain));
        const int integers = twins_.activation_in(domain, value);
        return shares && twins_.is_real(value) ? shared_operand(node, integers, out, domain) : integers;
    }

    /// An operand that must have the output's form.
    constexpr int shared_operand(const node_type& node, int integers, const stored_form& wanted, int domain) {
        if (twins_.has_form(integers, wanted)) return integers;
        const text& from = target_.value_at(integers).name;
        return twins_.converted_to(wanted, integers, node.name + "." + from.view() + ".requantized", domain);
    }

    /// A constant operand has the form of its own range.
    constexpr stored_form form_of_constant(int value, int domain) const {
        const bounds range = range_of_constant(source_, value);
        return with_rule(domain, [&](auto rule) { return form_for<decltype(rule)>(range); });
    }

    constexpr int integer_constant(int value, int domain, const stored_form& form) {
        const ctq::value& from = source_.value_at(value);
        const tensor_facts facts = twins_.integer_facts(domain, from.facts.shape, form);
        const int index = target_.add_value(from.name, facts);
        target_.set_constant(index, with_element_type(form.type, [&](auto zero) {
                                 using stored = decltype(zero);
                                 std::vector<stored> integers;
                                 if constexpr (std::is_integral_v<stored>)
                                     for (const float each : source_.reals(value))
                                         integers.push_back(static_cast<stored>(quantize(each, facts)));
                                 return constant(std::move(integers));
                             }));
        return index;
    }

    constexpr void append_state(const graph_state& each) {
        const int domain = domains_.made_in(each.read);
        const int read = add_given(domain, source_.value_at(each.read).name, each.read);
        target_.states.push_back({each.name, held_constant(each.initial, each, domain), read, -1});
    }

    /// A constant as a state holds it.
    constexpr int held_constant(int value, const graph_state& in, int domain) {
        if (domain == float_domain || !twins_.is_real(value)) return twins_.in_domain(float_domain, value);
        return integer_constant(value, domain, forms_.in(domain, in.read));
    }

    /// What is written to a state, as the state holds it: converted where another domain makes it, or another scale is
    /// fixed for it.
    constexpr int written_value(const graph_state& each) {
        const int domain = domains_.made_in(each.read);
        if (source_.is_constant(each.written)) return held_constant(each.written, each, domain);
        const int made = twins_.in_domain(domain, each.written);
        const bool kept = domain == float_domain || twins_.has_form(made, forms_.in(domain, each.read));
        return kept ? made
                    : twins_.converted_to(forms_.in(domain, each.read), made, each.name + ".requantized", domain);
    }

    constexpr std::span<const float> biases_of(const node_type& node) const {
        return node.inputs.size() > 2 ? source_.reals(node.inputs[2]) : std::span<const float>();
    }
    /// The activations that a weighted node multiplies.
    constexpr const tensor_facts& input_facts(const node_type& node, int domain) {
        return target_.value_at(twins_.activation_in(domain, node.inputs[0])).facts;
    }

    constexpr int integer_weights_of(const node_type& node, int domain) {
        require(source_.is_constant(node.inputs[1]), "weights must be constant");
        const shape& of = source_.value_at(node.inputs[1]).facts.shape;
        const int axis = traits_of_node(node).weight_axis;
        require(axis < of.rank, "weights must have the channel axis that their operator states");
        return with_rule(domain, [&](auto rule) {
            using rule_type = decltype(rule);
            const channel_weights weights{source_.reals(node.inputs[1]), of, axis};
            if constexpr (dynamic_ranges<rule_type>) {
                weight_scales_ = weight_scales<rule_type>(weights, {}, 1.0, 1.0); // the bias stays real
            } else {
                const auto input_scale = static_cast<double>(input_facts(node, domain).quantization.scale);
                const auto output_scale = static_cast<double>(forms_.in(domain, node.output()).quantization.scale);
                weight_scales_ = weight_scales<rule_type>(weights, biases_of(node), input_scale, output_scale);
            }
            const int made = scaled_constant(node.inputs[1], integer_weights<rule_type>(weights, weight_scales_),
                                             weight_scales_, rule_type::weight_limits);
            target_.value_at(made).scale_axis = axis;
            return made;
        });
    }

    /// The bias follows the weights, whose scales are known by then.
    constexpr int integer_bias_of(const node_type& node, int domain) {
        require(source_.is_constant(node.inputs[2]), "a bias must be constant");
        const tensor_facts x = input_facts(node, domain);
        std::vector<double> scales = weight_scales_;
        for (double& scale : scales) scale *= static_cast<double>(x.quantization.scale);
        const dtype type = accumulator_in(domain, x.type);
        constant made = integer_bias(source_.reals(node.inputs[2]), scales, type);
        return scaled_constant(node.inputs[2], std::move(made), std::move(scales), limits{});
    }

    constexpr int scaled_constant(int value, constant made, std::vector<double> scales, const limits& range) {
        const ctq::value& from = source_.value_at(value);
        const int index = target_.add_value(from.name, {made.type(), from.facts.shape, {}, range});
        target_.value_at(index).scales = std::move(scales);
        target_.set_constant(index, std::move(made));
        return index;
    }

    const Graph& source_;
    Graph target_;
    chosen_domains domains_;
    value_forms<Rules, Graph> forms_;
    value_twins<Rules, Graph> twins_;
    std::vector<double> weight_scales_; ///< of the node that is being annotated
};

} // namespace detail

/// Annotates a prepared float graph under `Rules`, a rule or a rule_list. `ranges`: the real range of each value;
/// `domains`: for each node 0 for float, or the position of its rule in the list, counted from 1. An operator without
/// an integer meaning under its rule stays in float. Faults (model_error, or the compiler's error) where a layer's
/// constants do not fit the rule's integers. Cost: a pass over the constants.
template <class Rules, class Graph>
constexpr Graph annotate(const Graph& graph, std::vector<bounds> ranges, const std::vector<int>& domains) {
    using rules = typename detail::as_rule_list<Rules>::type;
    if constexpr (check_rule_members(rules{}))
        return detail::annotator<rules, Graph>(graph, std::move(ranges), domains).run();
    else
        return graph;
}

/// The same under one rule; `keep_float`: nodes that stay float.
template <quantization_rule Rule, class Graph>
constexpr Graph annotate(const Graph& graph, std::vector<bounds> ranges, const flags& keep_float) {
    std::vector<int> domains;
    for (const std::uint8_t keep : keep_float) domains.push_back(keep != 0 ? float_domain : 1);
    return annotate<rule_list<Rule>>(graph, std::move(ranges), domains);
}

} // namespace ctq::inline CTQ_TARGET
#endif

// ---- ctq/quantize/customary_ranges.hpp
// customary_ranges: the values of a graph whose ranges no calibration strategy cuts: those of operators that have a
// customary one.
// room: quantize | runs on: compiler + host | heap: yes

namespace ctq::inline CTQ_TARGET {

/// For each value of a graph whether an operator with a customary range makes it.
template <class Graph> constexpr flags customary_values(const Graph& graph) {
    flags found(graph.values.size(), 0);
    for (const auto& node : graph.nodes)
        if (traits_of_node(node).output_range == range_rule::customary)
            for (const int output : node.outputs) found[static_cast<std::size_t>(output)] = 1;
    return found;
}

} // namespace ctq::inline CTQ_TARGET

#if __has_include(<boost/hana.hpp>)
// ---- ctq/rewrite/prepare.hpp
#include <algorithm>
#include <array>
#include <cstddef>
#include <string_view>
// prepare: the passes of a registry, phase by phase and in its order, until the graph is what quantization expects.
// room: rewrite | runs on: compiler + host | heap: yes

namespace ctq::inline CTQ_TARGET {

namespace detail {

/// "the pass NAME does not come to rest: WHAT".
template <class Pass, std::size_t Size> constexpr auto restless_text(const char (&what)[Size]) {
    constexpr std::string_view before = "the pass ", name = Pass::name, between = " does not come to rest: ";
    std::array<char, before.size() + name.size() + between.size() + Size> result{};
    auto end = result.begin();
    for (const std::string_view part : {before, name, between, std::string_view(what)})
        end = std::ranges::copy(part, end).out;
    return result;
}

/// Faults as fail() does, with names of their own, so that the compiler's error says what happens to which pass.
template <class Pass> [[noreturn]] void pass_changes_for_ever() {
    static constexpr auto text = restless_text<Pass>(
        "it still changes the graph after 4 * nodes + 100 rounds; its run() must say true only when "
        "it brought the graph nearer to an end");
    fail(text.data());
}
template <class Pass> [[noreturn]] void pass_makes_nodes_for_ever() {
    static constexpr auto text = restless_text<Pass>(
        "it makes more than the 16 * nodes + 200 nodes that passes may make of a graph; its run() must "
        "not add to what it made itself");
    fail(text.data());
}

/// One call of prepare or post_process.
template <class Graph, class... Passes> class pass_runner {
  public:
    constexpr explicit pass_runner(Graph& graph)
        : graph_(graph), rounds_left_(4 * graph.nodes.size() + 100), most_nodes_(16 * graph.nodes.size() + 200) {}

    /// Runs the passes of a phase, again and again, until none changes anything. True if one did.
    template <pass_phase Phase> constexpr bool run_to_rest() {
        const std::size_t before = changes_;
        for (std::size_t round = changes_; run_once<Phase>(), changes_ != round; round = changes_)
            if (rounds_left_-- == 0) fail_of_rounds();
        return changes_ != before;
    }

  private:
    template <pass_phase Phase> constexpr void run_once() {
        [[maybe_unused]] std::size_t index = 0;
        (run_in<Phase, Passes>(index++), ...);
    }

    /// Unless nothing changed since the pass last changed nothing.
    template <pass_phase Phase, class Pass> constexpr void run_in([[maybe_unused]] std::size_t index) {
        if constexpr (phase_of<Pass> == Phase) {
            if (rested_at_[index] == changes_) return;
            if (!run<Pass>()) {
                rested_at_[index] = changes_;
                return;
            }
            ++changes_;
            changed_last_ = index;
            if (graph_.nodes.size() > most_nodes_) pass_makes_nodes_for_ever<Pass>();
        }
    }

    /// One that makes constants takes what they cost from what all passes together may make.
    template <class Pass> constexpr bool run() {
        if constexpr (requires { Pass::run(graph_, budget_); })
            return Pass::run(graph_, budget_);
        else
            return Pass::run(graph_);
    }

    constexpr void fail_of_rounds() const {
        [[maybe_unused]] std::size_t index = 0;
        (fail_if_last<Passes>(index++), ...);
    }

    template <class Pass> constexpr void fail_if_last(std::size_t index) const {
        if (index == changed_last_) pass_changes_for_ever<Pass>();
    }

    Graph& graph_;
    std::size_t rounds_left_, most_nodes_;
    folding_budget budget_;
    std::size_t changed_last_ = 0;                           ///< the pass that changed the graph last
    std::size_t changes_ = 1;                                ///< one more for each run that changed the graph
    std::array<std::size_t, sizeof...(Passes)> rested_at_{}; ///< of each pass: `changes_` when it last changed nothing
};

template <class... Passes> struct pass_list {
    template <class Graph> static constexpr bool are_passes = (graph_pass<Passes, Graph> && ...);
    static constexpr bool have_phase = (states_constant_phase<Passes> && ...);
    template <class Graph> using runner = pass_runner<Graph, Passes...>;
};

template <class Types> constexpr auto pass_list_of(const Types& types) {
    return hana::unpack(types, [](auto... each) { return pass_list<typename decltype(each)::type...>(); });
}

/// What is said where a list of passes cannot run on a `Graph`: by a class, so that it is said once.
template <class Passes, class Graph> struct passes_that_cannot_run {
    static constexpr bool have_graph = operator_graph<Graph>, are_passes = Passes::template are_passes<Graph>;
    static_assert(have_graph,
                  "ctq: prepare: a graph is required; finish a builder, or call the function that makes the graph");
    static_assert(!have_graph || are_passes,
                  "ctq: prepare: a graph_pass is required; give the type a name and static bool run(graph)");
    static_assert(!have_graph || !are_passes,
                  "ctq: prepare: a pass_phase constant is required; write static constexpr auto phase = "
                  "ctq::pass_phase::fuse");
};

/// Calls run(runner), which runs the registry's passes on the graph.
template <class Registry, class Graph, class Run> constexpr void with_passes(Graph& graph, Run run) {
    using passes = decltype(pass_list_of(Registry::passes()));
    if constexpr (operator_graph<Graph> && passes::template are_passes<Graph> && passes::have_phase)
        run(typename passes::template runner<Graph>(graph));
    else
        static_cast<void>(passes_that_cannot_run<passes, Graph>());
}

} // namespace detail

/// The float graph after all registered passes but the annotated ones: the canonical ones run until none changes
/// anything, then those that fuse, and so on by turns until neither do; those of a phase in the registry's order.
/// Faults, naming the pass, when one does not come to rest: when it still changes something after 4 rounds for each
/// node of the graph and 100 more, or when it leaves more than 16 nodes for each and 200 more. And where the constants
/// that passes make would take more memory or time together than a folding_budget has.
template <class Registry, class Graph> constexpr Graph prepare(Graph graph, const Registry&) {
    detail::with_passes<Registry>(graph, [](auto runner) {
        do runner.template run_to_rest<pass_phase::canonical>();
        while (runner.template run_to_rest<pass_phase::fuse>());
    });
    return graph;
}

/// The annotated graph after the passes of that phase. Faults as prepare does.
template <class Registry, class Graph> constexpr Graph post_process(Graph graph, const Registry&) {
    detail::with_passes<Registry>(graph, [](auto runner) { runner.template run_to_rest<pass_phase::annotated>(); });
    return graph;
}

} // namespace ctq::inline CTQ_TARGET
#endif

#if __has_include(<boost/hana.hpp>)
// ---- ctq/quantized.hpp
#include <array>
#include <cstddef>
#include <span>
#include <type_traits>
#include <utility>
#include <vector>
// quantized: a network written in C++, prepared, calibrated, quantized, proved, planned and specialised by the
// compiler: the door of that path. Boost.Hana comes through the default registry.

namespace ctq::inline CTQ_TARGET {

/// Samples to calibrate with, in the compiler: `count` samples of `size` floats each, one after the other.
template <class Strategy, std::size_t Count, std::size_t Size> struct calibration_samples {
    static_assert(calibration::calibration_strategy<Strategy>,
                  "ctq: calibration_samples: a calibration_strategy is required; give the type a name and "
                  "choose(observation, grid)");
    using strategy = Strategy;
    static constexpr std::size_t count = Count, size = Size;
    std::array<float, Count * Size> values{};
};

/// For rules that need no calibration: see dynamic_ranges.
constexpr calibration_samples<calibration::minmax, 0, 0> no_samples{};

namespace detail {

/// Where each activation of a graph begins when all lie one after the other; the last entry is their end.
template <class Graph> constexpr std::vector<std::size_t> activation_offsets(const Graph& graph) {
    std::vector<std::size_t> offsets(1, 0);
    for (const value& v : graph.values) offsets.push_back(offsets.back() + (v.constant < 0 ? v.facts.elements() : 0));
    return offsets;
}

/// All activations of a float graph for one sample, written to `to` as activation_offsets() says.
template <class Graph>
constexpr void run_sample(const Graph& graph, std::span<const float> sample, std::span<float> to) {
    require(graph.inputs.size() == 1, "calibration in the compiler is for networks with one input");
    require(sample.size() == graph.value_at(graph.inputs[0].value).facts.elements(),
            "a calibration sample must have as many elements as the input");
    const auto elements = evaluate(graph, {constant(std::vector<float>(sample.begin(), sample.end()))});
    std::size_t at = 0;
    for (std::size_t v = 0; v < elements.size(); ++v)
        if (!graph.is_constant(static_cast<int>(v)))
            for (const float each : elements[v].template as<float>()) to[at++] = each;
}

/// The range that a strategy chooses for value `index` after `runs`, each as run_sample() wrote it.
template <class Rule, class Strategy>
constexpr bounds range_of_activation(std::span<const std::span<const float>> runs, std::size_t first,
                                     std::size_t last) {
    calibration::observation seen;
    for (const std::span<const float> run : runs) seen.observe(run.subspan(first, last - first));
    const calibration::range chosen = Strategy{}.choose(seen, {Rule::levels, Rule::symmetric});
    return {chosen.low, chosen.high};
}

} // namespace detail

/// `Network`: a captureless constexpr callable that gives a graph (see builder). `Calibration`: a static constexpr
/// calibration_samples object, no_samples for a rule that measures ranges at run time. Everything happens while this
/// compiles; a wrong shape, a possible overflow or a fault in the constants is a compile error.
template <auto Network, const auto& Calibration, class Rule = rule::affine_int8,
          const auto& Registry = default_registry, class Policy = policy::fast>
struct quantized {
    static_assert(quantization_rule<Rule>,
                  "ctq: quantized: a quantization_rule is required; give the type the members that the concept lists");
    using rule_type = std::conditional_t<quantization_rule<Rule> && check_rule_members<Rule>(), Rule,
                                         rule::affine_int8>; ///< so that one error is all
    static_assert((std::remove_cvref_t<decltype(Calibration)>::count == 0) == dynamic_ranges<rule_type>,
                  "ctq: quantized: calibration samples are required, but for a rule that measures ranges at run time; "
                  "give no_samples to such a rule only");

  private:
    // Classes, not lambdas: g++ gives each use of an alias a lambda of its own, and evaluates all behind it again.
    struct prepared_network {
        constexpr auto operator()() const { return prepare(Network(), Registry); }
    };
    struct quantized_network {
        constexpr auto operator()() const { return quantized::graph(); }
    };
    using frozen = frozen_graph<prepared_network{}>;

  public:
    /// The float graph after all passes.
    static constexpr auto prepared() { return frozen::thawed(); }

  private:
    using samples = std::remove_cvref_t<decltype(Calibration)>;
    static constexpr std::size_t values = frozen::values;

    static constexpr auto offsets = [] {
        std::array<std::size_t, values + 1> result{};
        const auto found = detail::activation_offsets(prepared());
        for (std::size_t v = 0; v <= values; ++v) result[v] = found[v];
        return result;
    }();

    /// The float network on one sample. A constant for each sample, because clang limits each constant evaluation; so
    /// with the ranges.
    template <std::size_t Sample>
    static constexpr auto run_on = [] {
        std::array<float, offsets[values]> result{};
        detail::run_sample(prepared(), std::span(Calibration.values).subspan(Sample * samples::size, samples::size),
                           result);
        return result;
    }();

    static constexpr auto is_customary = [] {
        std::array<bool, values> result{};
        const flags found = customary_values(prepared());
        for (std::size_t v = 0; v < values; ++v) result[v] = found[v] != 0;
        return result;
    }();

    template <std::size_t Value>
    static constexpr bounds range_of = []<std::size_t... Sample>(std::index_sequence<Sample...>) {
        using strategy = std::conditional_t<is_customary[Value], calibration::minmax, typename samples::strategy>;
        const std::array<std::span<const float>, sizeof...(Sample)> runs{run_on<Sample>...};
        return detail::range_of_activation<rule_type, strategy>(runs, offsets[Value], offsets[Value + 1]);
    }
    (std::make_index_sequence<samples::count>{});

  public:
    /// The real range of every value of prepared().
    static constexpr auto ranges = []<std::size_t... Value>(std::index_sequence<Value...>) {
        return std::array<bounds, values>{range_of<Value>...};
    }
    (std::make_index_sequence<values>{});

    /// The annotated graph.
    static constexpr auto graph() {
        const auto ready = prepared();
        return post_process(annotate<rule_type>(ready, std::vector<bounds>(ranges.begin(), ranges.end()),
                                                flags(ready.nodes.size(), false)),
                            Registry);
    }

    using model = frozen_model<quantized_network{}, rule_type>;
    using executor = ctq::executor<model, Policy>;

    static constexpr std::size_t ram_bytes = executor::ram_bytes;
    static constexpr std::size_t weight_bytes = model_weight_bytes<model>;
    static constexpr bool never_overflows = model_never_overflows<model>;
    using input_element = element_type<model, model::inputs[0]>;

    /// The integer outputs for integer inputs, in a constant expression.
    static constexpr auto infer(std::span<const input_element> input) {
        const auto elements = evaluate<model>({constant(std::vector<input_element>(input.begin(), input.end()))});
        return elements[static_cast<std::size_t>(model::outputs[0])]
            .template as<element_type<model, model::outputs[0]>>();
    }
};

} // namespace ctq::inline CTQ_TARGET
#endif

#if __has_include(<boost/hana.hpp>)
// ---- ctq/ctq.hpp
// The door for everything but the host: a model written in C++, rewritten and quantized by the compiler. Needs
// Boost.Hana on the include path; what an emitted model needs is ctq/firmware.hpp.

#endif

#endif // CTQ_SINGLE_HEADER_REST
