#include <ctq/operators/element_wise.hpp>

#include <doctest/doctest.h>

#include <array>

using ctq::dtype;
using ctq::rounding;
using ctq::signature;

namespace {

constexpr signature bytes{dtype::int8, dtype::int8, dtype::int8, dtype::int32, rounding::double_rounding};
constexpr signature mixed{dtype::uint8, dtype::int8, dtype::uint8, dtype::int32, rounding::three_step};
constexpr signature words{dtype::int16, dtype::int16, dtype::int16, dtype::int32, rounding::double_rounding};

static_assert(ctq::op::element_wise_signature<bytes> && ctq::op::element_wise_signature<mixed>);
static_assert(!ctq::op::element_wise_signature<signature{}>); // nothing rounds
static_assert(ctq::op::same_stored_types<words> && !ctq::op::same_stored_types<mixed>);

static_assert(ctq::op::farthest_from_zero({dtype::int8, {1}, {1.0f, -128}}) == 255);
static_assert(ctq::op::farthest_from_zero({dtype::int8, {1}, {1.0f, 0}, {0, 90}}) == 90);

// What leaves the arithmetic saturates in 16 bits, and is not there in 8: the proof has refused it.
constexpr ctq::scaling four = ctq::double_rounding::encode(4.0);
static_assert(ctq::op::scaled_to<words>(1 << 30, four, {dtype::int16, {1}}) > 32767 &&
              ctq::op::scaled_to<words>(-(1 << 30), four, {dtype::int16, {1}}) < -32768);
static_assert(ctq::op::scaled_to<bytes>(5, four, {dtype::int8, {1}, {1.0f, -3}}) == 17);
static_assert(ctq::op::room_to_scale<bytes>(four) == ctq::double_rounding::headroom(four) &&
              ctq::op::room_to_scale<words>(four) == ctq::largest_saturating);
static_assert(ctq::op::encode_saturating<words>(0.0) == ctq::scaling{0, 0});

} // namespace

TEST_CASE("element_wise: two float operands, broadcast") {
    const std::array<float, 4> a{1, 2, 3, 4};
    const std::array<float, 2> b{10, 20};
    std::array<float, 4> out{};
    const std::array in{ctq::const_tensor{{dtype::float32, {2, 2}}, a.data()},
                        ctq::const_tensor{{dtype::float32, {2}}, b.data()}};
    ctq::op::for_each_pair(in, {{dtype::float32, {2, 2}}, out.data()},
                           []<class T>(T x, T y) { return static_cast<T>(y - x); });
    CHECK(out == std::array<float, 4>{9, 18, 7, 16});
}

TEST_CASE("element_wise: operands of two stored types, less their zero points, clamped to the output's range") {
    const std::array<std::uint8_t, 3> a{0, 128, 255};
    const std::array<std::int8_t, 1> b{-100};
    std::array<std::uint8_t, 3> out{};
    const std::array in{ctq::const_tensor{{dtype::uint8, {3}, {1.0f, 128}}, a.data()},
                        ctq::const_tensor{{dtype::int8, {1}, {1.0f, 1}}, b.data()}};
    ctq::op::for_each_integer_pair<mixed>(in, {{dtype::uint8, {3}, {}, {0, 20}}, out.data()},
                                          [](std::int32_t x, std::int32_t y) { return x + y + 101; });
    CHECK(out == std::array<std::uint8_t, 3>{0, 0, 20});
}

TEST_CASE("element_wise: a scale beyond all outputs of 8 bits is encoded no larger than it must be") {
    CHECK(ctq::op::encode_saturating<bytes>(1e9) == ctq::double_rounding::encode(1024.0));
    CHECK(ctq::op::encode_saturating<bytes>(3.0) == ctq::double_rounding::encode(3.0));
    CHECK(ctq::op::encode_saturating<words>(1e5) == ctq::double_rounding::encode(1e5));
    // A gate that is closed in all samples: the products of two int8 keep within the arithmetic.
    CHECK(65025 <= ctq::double_rounding::headroom(ctq::op::encode_saturating<bytes>(65536.0)));
}
