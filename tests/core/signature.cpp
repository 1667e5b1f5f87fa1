#include <ctq/core/signature.hpp>

#include <doctest/doctest.h>

#include <type_traits>

using ctq::dtype;
using ctq::rounding;
using ctq::signature;

namespace {

/// An arithmetic of a user's own.
struct halving : ctq::three_step {};

} // namespace

namespace ctq {

template <> struct requantizer_for<rounding::own> { using type = halving; };

} // namespace ctq

namespace {

constexpr signature bytes{dtype::int8, dtype::int8, dtype::int8, dtype::int32, rounding::three_step};
constexpr signature sums{dtype::int8, dtype::int8, dtype::int32};
constexpr signature own{dtype::int8, dtype::int8, dtype::int8, dtype::int32, rounding::own};

constexpr signature in_float{dtype::int32, dtype::int32, dtype::boolean, dtype::int32, rounding::in_float};
constexpr signature reals{dtype::float32, dtype::float32, dtype::float32};

static_assert(std::is_same_v<ctq::requantizer_of<bytes>, ctq::three_step>);
static_assert(std::is_same_v<ctq::requantizer_of<own>, halving>);
static_assert(std::is_same_v<ctq::requantizer_or_none<own>, halving>);
static_assert(!ctq::requantizer<ctq::requantizer_or_none<sums>>);
static_assert(std::is_same_v<ctq::requantizer_for<ctq::rounding::double_rounding>::type, ctq::double_rounding>);
static_assert(ctq::rounded<bytes> && ctq::rounded<own> && !ctq::rounded<sums> && !ctq::rounded<in_float>);
static_assert(ctq::is_float_signature(in_float) && !ctq::is_float_signature(reals));
static_assert(ctq::accumulator_of(dtype::int8) == dtype::int32 && ctq::accumulator_of(dtype::int16) == dtype::int64);
static_assert(ctq::accumulator_of(dtype::uint8) == dtype::int32);
static_assert(ctq::accumulator_of_products(dtype::int8, dtype::uint8) == dtype::int32 &&
              ctq::accumulator_of_products(dtype::int16, dtype::int8) == dtype::int64 &&
              ctq::accumulator_of_products(dtype::int8, dtype::int16) == dtype::int64 &&
              ctq::accumulator_of_products(dtype::int32, dtype::int32) == dtype::int64);

template <class Is> constexpr int count(Is is) {
    int found = 0;
    for (int i = 0; i < ctq::dtype_count; ++i) found += is(static_cast<dtype>(i)) ? 1 : 0;
    return found;
}
static_assert(ctq::is_activation(dtype::int8) && ctq::is_activation(dtype::uint8) && ctq::is_activation(dtype::int16) &&
              ctq::is_activation(dtype::int32) && count(ctq::is_activation) == 4);
static_assert(ctq::is_weight(dtype::int8) && ctq::is_weight(dtype::int4) && ctq::is_weight(dtype::int32) &&
              count(ctq::is_weight) == 3);

template <signature S> constexpr dtype first_type = S.x;

} // namespace

TEST_CASE("signature: a template argument, equal where all parts are") {
    static_assert(first_type<bytes> == dtype::int8);
    CHECK(bytes == bytes);
    CHECK_FALSE(bytes == own);
    CHECK_FALSE(bytes == sums);
}
