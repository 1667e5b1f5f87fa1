#include <ctq/operators/dynamic_quantize.hpp>
#include <ctq/registry/integer_meaning.hpp>

#include <doctest/doctest.h>

#include <array>
#include <cstddef>
#include <cstdint>

using namespace ctq;

namespace {

constexpr signature to_int8{dtype::float32, dtype::float32, dtype::int8};
constexpr signature to_uint8{dtype::float32, dtype::float32, dtype::uint8};

static_assert(has_integer_meaning<op::dynamic_quantize, to_int8> &&
              has_integer_meaning<op::dynamic_quantize, to_uint8>);
static_assert(!has_integer_meaning<op::dynamic_quantize, signature{dtype::float32, dtype::float32, dtype::int16}>);
static_assert(several_outputs<op::dynamic_quantize> && traits_of<op::dynamic_quantize>.converts);

template <class T, std::size_t N> struct result {
    std::array<T, N> y{};
    float scale = -1;
    std::int32_t zero_point = -1;

    friend constexpr bool operator==(const result&, const result&) = default;
};

template <signature S, std::size_t N> constexpr auto quantized_by(const std::array<float, N>& x) {
    result<element<S.y>, N> made;
    const shape of{static_cast<std::int32_t>(N)};
    const const_tensor in{{dtype::float32, of}, x.data()};
    const std::array out{tensor{{S.y, of, {}, dynamic_limits(S.y)}, made.y.data()},
                         tensor{{dtype::float32, {}}, &made.scale}, tensor{{dtype::int32, {}}, &made.zero_point}};
    op::dynamic_quantize{}.compute_integer<S>({&in, 1}, out);
    return made;
}

using bytes = std::array<std::uint8_t, 6>;

// The three examples of ONNX's DynamicQuantizeLinear, calculated by hand: y = round(x / scale) + zero point.
static_assert(quantized_by<to_uint8>(std::array{0.0f, 2.0f, -3.0f, -2.5f, 1.34f, 0.5f}) ==
              result<std::uint8_t, 6>{bytes{153, 255, 0, 26, 221, 179}, 5.0f / 255.0f, 153});
static_assert(quantized_by<to_uint8>(std::array{-1.0f, -2.1f, -1.3f, -2.5f, -3.34f, -4.0f}) ==
              result<std::uint8_t, 6>{bytes{191, 121, 172, 96, 42, 0}, 4.0f / 255.0f, 255});
static_assert(quantized_by<to_uint8>(std::array{1.0f, 2.1f, 1.3f, 2.5f, 3.34f, 4.0f}) ==
              result<std::uint8_t, 6>{bytes{64, 134, 83, 159, 213, 255}, 4.0f / 255.0f, 0});

// Symmetric: the scale is the largest magnitude over 127.
static_assert(quantized_by<to_int8>(std::array{-254.0f, 253.0f, 3.0f, 5.0f}) ==
              result<std::int8_t, 4>{{-127, 126, 2, 2}, 2.0f, 0}); // 126.5, 1.5 and 2.5: halves to even

static_assert(quantized_by<to_int8>(std::array{0.0f, -0.0f}) == result<std::int8_t, 2>{{0, 0}, 1.0f, 0});
static_assert(quantized_by<to_uint8>(std::array{0.0f, -0.0f}) == result<std::uint8_t, 2>{{0, 0}, 1.0f, 0});

} // namespace

TEST_CASE("dynamic_quantize: shapes and types of its outputs") {
    const shape in{2, 3};
    CHECK(output_count(op::dynamic_quantize{}) == 3);
    CHECK(output_shape(op::dynamic_quantize{}, shapes(&in, 1), 0) == in);
    CHECK(output_shape(op::dynamic_quantize{}, shapes(&in, 1), 1) == shape{});
    CHECK(output_shape(op::dynamic_quantize{}, shapes(&in, 1), 2) == shape{});
    const dtype real = dtype::float32;
    CHECK(output_type(op::dynamic_quantize{}, dtypes(&real, 1), 1) == dtype::float32);
    CHECK(output_type(op::dynamic_quantize{}, dtypes(&real, 1), 2) == dtype::int32);
    CHECK_THROWS_WITH_AS(output_shape(op::dynamic_quantize{}, shapes(), 0), "a conversion takes one input",
                         model_error);
}

TEST_CASE("dynamic_quantize: integers lie within the range of the output, NaN is zero") {
    const float nan = std::numeric_limits<float>::quiet_NaN(), infinite = std::numeric_limits<float>::infinity();
    const auto made = quantized_by<to_uint8>(std::array{nan, -1.0f, 254.0f});
    CHECK(made == result<std::uint8_t, 3>{{1, 0, 255}, 1.0f, 1});
    const auto ends = quantized_by<to_int8>(std::array{infinite, -infinite, 1.0f});
    CHECK(ends.y == std::array<std::int8_t, 3>{127, -127, 0});
}
