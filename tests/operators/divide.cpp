#include <ctq/operators/divide.hpp>
#include <ctq/quantize/int16x8.hpp>
#include <ctq/quantize/tflite_int8.hpp>

#include <doctest/doctest.h>
#include <operators/single_node.hpp>

#include <bit>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <limits>
#include <vector>

using namespace ctq::testing;
using ctq::shape;
using ctq::op::divide;

namespace {

static_assert([] {
    return float_result(divide{}, {{{2, 2}, {10, 20, 30, 40}}, {{2}, {4, -8}}}) ==
           std::vector<float>{2.5f, -2.5f, 7.5f, -5.0f};
}());
static_assert(ctq::op::quotient(-1.0f, 0.0f) == -std::numeric_limits<float>::infinity());

template <class T> std::vector<T> quotients(std::vector<T> a, std::vector<T> b) {
    return result_of(divide{}, {list_of(std::move(a)), list_of(std::move(b))}).template as<T>();
}

template <class T> void check_quotients() {
    constexpr T least = std::numeric_limits<T>::min(), most = std::numeric_limits<T>::max();
    CHECK(quotients<T>({7, -7, 7, -7, 0, most, least}, {2, 2, -2, -2, 5, -1, 1}) ==
          std::vector<T>{3, -3, -3, 3, 0, -most, least});
    CHECK(quotients<T>({1, -1, 0, least, least, most}, {0, 0, 0, 0, -1, least}) ==
          std::vector<T>{0, 0, 0, 0, least, 0});
}

/// What every integer of an input of this range is divided by, against the real quotients.
template <class Rule> void check_against_real_quotients(const ctq::bounds& of, const std::vector<float>& divisors) {
    const auto count = static_cast<std::int32_t>(divisors.size());
    const auto node = quantized_node<Rule>(divide{}, {{{256, count}, {}, of}, {{count}, divisors}}, {-2.0f, 3.0f});
    REQUIRE(node.never_overflows());
    std::vector<std::int32_t> x;
    for (std::int32_t row = 0; row < 256; ++row)
        for (std::size_t c = 0; c < divisors.size(); ++c)
            x.push_back((row - 128) * ((node.input().range.high + 1) / 128));
    const auto out = node.run_integers({x});
    for (std::size_t i = 0; i < out.size(); ++i) {
        const double real =
            exact_real_of(x[i], node.input().quantization) / static_cast<double>(divisors[i % divisors.size()]);
        CAPTURE(x[i]);
        CAPTURE(divisors[i % divisors.size()]);
        CHECK(std::abs(out[i] - nearest_integer(real, node.output().quantization, node.output().range)) <= 1);
    }
}

} // namespace

TEST_CASE("divide: shape rule") {
    CHECK(shape_from(divide{}, {{{2, 1, 3}}, {{4, 1}}}) == shape{2, 4, 3});
    CHECK_THROWS_WITH_AS(shape_from(divide{}, {{{2}}}), "divide takes two inputs", ctq::model_error);
    CHECK_THROWS_WITH_AS(quotients<std::uint8_t>({1}, {1}), "divide takes two operands of one type of numbers",
                         ctq::model_error);
    CHECK_THROWS_AS(shape_from(divide{}, {{{2}}, {{3}}}), ctq::model_error);
}

TEST_CASE("divide: integers towards zero, by 0 to 0, beyond the type modulo its bits") {
    check_quotients<std::int32_t>();
    check_quotients<std::int64_t>();
    const auto made = result_of(divide{}, {scalar_of<std::int64_t>(9007199254740993), list_of<std::int64_t>({1, 3})});
    CHECK(made.as<std::int64_t>() == std::vector<std::int64_t>{9007199254740993, 3002399751580331});
    CHECK(result_of(divide{}, {{{0, 2}, ctq::constant(std::vector<float>())}, list_of<float>({1, 2})}).entries() == 0);
}

TEST_CASE("divide: reals as the processor does, bit for bit, by 0 too") {
    constexpr float infinity = std::numeric_limits<float>::infinity();
    std::vector<float> numbers{0.0f, -0.0f, 1.0f, -3.0f, 1e-45f, 3e38f, infinity, -infinity, std::nanf("")};
    dice random(5);
    for (const float each : random.reals(20, -10.0f, 10.0f)) numbers.push_back(each);
    for (const float a : numbers)
        for (const float b : numbers) {
            volatile float divisor = b; // for the processor to divide, whatever the compiler knows
            const float expected = a / divisor, found = quotients<float>({a}, {b})[0];
            CAPTURE(a);
            CAPTURE(b);
            CHECK((std::isnan(expected)
                       ? std::isnan(found)
                       : std::bit_cast<std::uint32_t>(found) == std::bit_cast<std::uint32_t>(expected)));
        }
}

TEST_CASE("divide: integers by constants, each by its own, within one step of the real quotient") {
    const std::vector<float> divisors{41, 47, -3, 0.01f, 1e-30f, -1e-30f, 1e30f, 1, -1, 7.5f};
    for (const ctq::bounds& of : {ctq::bounds{-1.0f, 3.0f}, ctq::bounds{-100.0f, 5.0f}}) {
        check_against_real_quotients<ctq::rule::affine_int8>(of, divisors);
        check_against_real_quotients<ctq::rule::tflite_int8>(of, divisors);
        check_against_real_quotients<ctq::rule::int16x8>(of, divisors);
        check_against_real_quotients<ctq::rule::affine_int8>(of, {41});
    }
}

TEST_CASE("divide: of integers by 0 the farthest, of the sign of what is divided") {
    const auto node = quantized_node(divide{}, {{{3}, {}, {-1, 1}}, {{}, {0.0f}}}, {-1, 1});
    const ctq::tensor_facts& out = node.output();
    CHECK(node.run_integers({{-128, node.input().quantization.zero_point, 127}}) ==
          std::vector<std::int32_t>{out.range.low, out.quantization.zero_point, out.range.high});
}

TEST_CASE("divide: it has an integer meaning by constants alone") {
    const auto by_input = quantized_node(divide{}, {{{3}}, {{3}}});
    CHECK(by_input.node().domain == ctq::float_domain);
    CHECK(by_input.graph.inputs.size() == 2);
    CHECK(by_input.input().type == ctq::dtype::float32);
}
