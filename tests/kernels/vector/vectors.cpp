// Every operation of a provider gives what vector/provider.hpp says, for all vectors that this is compiled for.
#include <ctq/kernels/vector/vectors.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>
#include <limits>
#include <random>
#include <type_traits>

namespace {

using namespace ctq::kernels::vector;

/// A vector's lanes as integers of one width.
template <class T, class V> using lanes_of = std::array<T, sizeof(typename V::vector) / sizeof(T)>;

template <class T, class V> lanes_of<T, V> lanes(typename V::vector v) {
    lanes_of<T, V> result{};
    std::array<std::int8_t, sizeof v> bytes{};
    V::store(bytes.data(), v);
    std::memcpy(result.data(), bytes.data(), sizeof v);
    return result;
}
template <class V, class T> typename V::vector vector_from(const lanes_of<T, V>& values) {
    return V::load_vector(values.data());
}

/// Random lanes, one in four an extreme.
template <class T, class V> lanes_of<T, V> random_lanes(std::mt19937_64& random) {
    lanes_of<T, V> result{};
    for (T& lane : result) {
        lane = static_cast<T>(random());
        if (random() % 4 == 0) lane = random() % 2 == 0 ? std::numeric_limits<T>::min() : std::numeric_limits<T>::max();
    }
    return result;
}

/// Compares operation(a, b) with expected(lane of a, lane of b), lane by lane of T.
template <class T, class V, class Operation, class Expected>
void binary(const char* name, Operation operation, Expected expected) {
    std::mt19937_64 random(1);
    for (int round = 0; round < 50; ++round) {
        const auto a = random_lanes<T, V>(random), b = random_lanes<T, V>(random);
        lanes_of<T, V> wanted{};
        for (std::size_t i = 0; i < a.size(); ++i) wanted[i] = static_cast<T>(expected(a[i], b[i]));
        INFO(name);
        CHECK(lanes<T, V>(operation(vector_from<V, T>(a), vector_from<V, T>(b))) == wanted);
    }
}
template <class T, class V, class Operation, class Expected>
void unary(const char* name, Operation operation, Expected expected) {
    binary<T, V>(
        name, [&](auto a, auto) { return operation(a); }, [&](T a, T) { return expected(a); });
}

using i8 = std::int8_t;
using i16 = std::int16_t;
using i32 = std::int32_t;
using i64 = std::int64_t;
using u32 = std::uint32_t;
using u64 = std::uint64_t;

template <class T> T saturated(std::int64_t value) {
    return static_cast<T>(
        std::clamp<std::int64_t>(value, std::numeric_limits<T>::min(), std::numeric_limits<T>::max()));
}

template <class V> void check_bytes() {
    std::array<i8, 64> values{}, copied{};
    for (std::size_t i = 0; i < values.size(); ++i) values[i] = static_cast<i8>(3 * static_cast<int>(i) - 90);
    V::store(copied.data(), V::largest8(V::all8(-5), V::load_vector(values.data())));
    for (std::size_t i = 0; i < copied.size(); ++i)
        CHECK(copied[i] == (i < static_cast<std::size_t>(V::width) ? std::max<i8>(values[i], -5) : 0));
    if constexpr (!std::is_void_v<typename V::narrower>) check_bytes<typename V::narrower>();
}

template <class V> void check_arithmetic() {
    binary<i8, V>("least8", V::least8, [](i8 a, i8 b) { return std::min(a, b); });
    binary<i16, V>("subtract16", V::subtract16, [](i16 a, i16 b) { return a - b; });
    binary<i16, V>("saturating_add16", V::saturating_add16, [](i16 a, i16 b) { return saturated<i16>(a + b); });
    binary<i16, V>("multiply_high16", V::multiply_high16, [](i16 a, i16 b) { return a * b >> 16; });
    binary<i16, V>("rounded_high_multiply16", V::rounded_high_multiply16,
                   [](i16 a, i16 b) { return (a * b + (1 << 14)) >> 15; });
    binary<i32, V>("add32", V::add32, [](i32 a, i32 b) { return i64{a} + b; });
    binary<i32, V>("subtract32", V::subtract32, [](i32 a, i32 b) { return i64{a} - b; });
    binary<i32, V>("least32", V::least32, [](i32 a, i32 b) { return std::min(a, b); });
    binary<i32, V>("largest32", V::largest32, [](i32 a, i32 b) { return std::max(a, b); });
    unary<i32, V>("absolute32", V::absolute32,
                  [](i32 a) { return a < 0 ? 0U - static_cast<u32>(a) : static_cast<u32>(a); });
    unary<i32, V>(
        "with_sign32", [](auto a) { return V::with_sign32(V::absolute32(a), a); }, [](i32 a) { return a; });
    unary<i32, V>("sign32", V::sign32, [](i32 a) { return a < 0 ? -1 : 0; });
    binary<i32, V>("both", V::both, [](i32 a, i32 b) { return a & b; });
    unary<i32, V>("inverted", V::inverted, [](i32 a) { return ~a; });
    binary<i64, V>("add64", V::add64, [](i64 a, i64 b) { return static_cast<u64>(a) + static_cast<u64>(b); });
    unary<i64, V>("double64", V::double64, [](i64 a) { return 2 * static_cast<u64>(a); });
    binary<i64, V>("multiply_even", V::multiply_even,
                   [](i64 a, i64 b) { return i64{static_cast<i32>(a)} * static_cast<i32>(b); });
    const auto even = [](auto a) { return V::multiply_even(a, V::all32(1)); };
    unary<i64, V>(
        "odd_to_even", [&](auto a) { return even(V::odd_to_even(a)); }, [](i64 a) { return a >> 32; });
    unary<i64, V>(
        "halve64_to_even", [&](auto a) { return even(V::halve64_to_even(a)); },
        [](i64 a) { return static_cast<i32>(a >> 31); });
    binary<u64, V>("even_and_odd", V::even_and_odd, [](u64 a, u64 b) { return (a & 0xFFFFFFFFU) | (b >> 32 << 32); });
}

template <class V> void check_shifts() {
    const auto by = [](auto shift) {
        return [=](auto a, auto counts) { return shift(a, V::both(counts, V::all32(31))); };
    };
    binary<i32, V>("shift_left", by(V::shift_left), [](i32 a, i32 n) { return static_cast<u32>(a) << (n & 31); });
    binary<i32, V>("shift_right", by(V::shift_right), [](i32 a, i32 n) { return a >> (n & 31); });
    binary<i32, V>("shift_right_logical", by(V::shift_right_logical),
                   [](i32 a, i32 n) { return static_cast<u32>(a) >> (n & 31); });
    unary<i32, V>(
        "beyond", [](auto a) { return V::shift_left(a, V::all32(-1)); }, [](i32) { return 0; });
    unary<i32, V>(
        "shift_right32", [](auto a) { return V::shift_right32(a, 9); }, [](i32 a) { return a >> 9; });
    unary<i16, V>(
        "shift_right16", [](auto a) { return V::template shift_right16<5>(a); }, [](i16 a) { return a >> 5; });
    unary<i32, V>("times128", V::times128, [](i32 a) { return static_cast<u32>(a) << 7; });
}

template <class V> void check_order() {
    constexpr auto lanes32 = static_cast<std::size_t>(V::lanes), bytes = static_cast<std::size_t>(V::width);
    std::array<i8, bytes> values{}, got{};
    for (std::size_t i = 0; i < bytes; ++i) values[i] = static_cast<i8>(2 * static_cast<int>(i) - 64);
    const auto four = [&](std::size_t i) { return V::load(values.data() + i * lanes32); };
    V::store(got.data(), V::in_order(V::narrow16(V::narrow32(four(0), four(1)), V::narrow32(four(2), four(3)))));
    CHECK(got == values);
    V::store(got.data(),
             V::halves_in_order(V::narrow16(V::load16(values.data()), V::load16(values.data() + bytes / 2))));
    CHECK(got == values);
    const auto a = V::load16(values.data());
    const auto plus_two = [](auto pairs) { return V::multiply_add_pairs16(pairs, V::all32(1 + 2 * 65536)); };
    const auto low = plus_two(V::interleave_low16(a, V::all16(1))),
               high = plus_two(V::interleave_high16(a, V::all16(1)));
    const auto sums = lanes<i16, V>(V::narrow32(low, high)), terms = lanes<i16, V>(a);
    for (std::size_t i = 0; i < sums.size(); ++i) CHECK(sums[i] == terms[i] + 2);
    std::array<i8, 64> stored{};
    V::store_lanes(stored.data(), four(1));
    CHECK(std::equal(stored.begin(), stored.begin() + V::lanes, values.begin() + V::lanes));
    CHECK(stored[lanes32] == 0);
}

template <class V> void check_numbers() {
    const std::array<i32, 16> wide{-70000, 70000, 0, -1, 1, 32768, -32769, 5, 7, 9, 11, 13, 15, 17, 19, 21};
    const std::array<i16, 16> narrow{-300, 300, 0, -1, 1, 32767, -32768, 5, 7, 9, 11, 13, 15, 17, 19, 21};
    lanes_of<i32, V> expected{};
    std::copy_n(wide.begin(), expected.size(), expected.begin());
    CHECK(lanes<i32, V>(V::load(wide.data())) == expected);
    std::copy_n(narrow.begin(), expected.size(), expected.begin());
    CHECK(lanes<i32, V>(V::load(narrow.data())) == expected);
    const auto clamped = V::narrow32(V::load(wide.data()), V::load(wide.data()));
    CHECK(lanes<i16, V>(clamped)[0] == -32768);
    CHECK(lanes<i16, V>(clamped)[1] == 32767);
    CHECK(lanes<i8, V>(V::narrow16(clamped, clamped))[0] == -128);
    CHECK(lanes<i64, V>(V::all64(i64{-7} << 40))[V::lanes / 2 - 1] == i64{-7} << 40);
    const auto floats =
        V::multiply_floats(V::add_floats(V::to_floats(V::all32(7)), V::all_floats(0.5f)), V::all_floats(-0.5f));
    CHECK(lanes<i32, V>(V::truncate(floats))[V::lanes - 1] == -3);
}

template <class Architecture> void check_vectors() {
    using provider = vectors_of<Architecture>;
    check_bytes<provider>();
    check_arithmetic<provider>();
    check_shifts<provider>();
    check_order<provider>();
    check_numbers<provider>();
}

} // namespace

#if defined(CTQ_HAS_AVX2)
TEST_CASE("vectors: AVX2") {
    check_vectors<ctq::kernels::avx2>();
}
#endif

#if defined(CTQ_HAS_AVX512VNNI)
TEST_CASE("vectors: AVX-512") {
    check_vectors<ctq::kernels::avx512vnni>();
}
#endif
