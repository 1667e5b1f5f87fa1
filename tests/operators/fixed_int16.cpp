#include <ctq/operators/fixed_int16.hpp>
#include <ctq/operators/sigmoid.hpp>
#include <ctq/quantize/int16x8.hpp>

#include <doctest/doctest.h>
#include <operators/single_node.hpp>

#include <array>
#include <string>

using namespace ctq;
using namespace ctq::testing;

namespace {

constexpr tensor_facts table_input{dtype::int16, {3}, {0.001f, 0}}, table_output{dtype::int16, {3}, {0x1p-15f, 0}};
static_assert([] {
    std::array<std::int16_t, 3> elements{-2, 0, 7};
    op::fixed_int16::apply([](std::int16_t x, scaling s) { return static_cast<std::int16_t>(x * s.multiplier); },
                           {{3, 0}}, {table_input, elements.data()}, {table_output, elements.data()});
    return elements == std::array<std::int16_t, 3>{-6, 0, 21};
}());

/// A rule of int16 whose zero points are not 0.
struct shifted : rule::int16x8 {
    static constexpr std::string_view name = "shifted";
    static constexpr quantization activation(const bounds& observed) {
        return {rule::int16x8::activation(observed).scale, 100};
    }
};

} // namespace

TEST_CASE("fixed_int16: parameters that the format has not are refused") {
    CHECK_NOTHROW(op::fixed_int16::check(table_input, table_output));
    CHECK_THROWS_AS(op::fixed_int16::check(table_input, {dtype::int16, {3}, {0x1p-14f, 0}}), model_error);
    CHECK_THROWS_AS(op::fixed_int16::check({dtype::int16, {3}, {0.001f, 1}}, table_output), model_error);
    CHECK_THROWS_AS(testing::quantized_node<shifted>(op::sigmoid{}, {{{3}}}).lowered(), model_error);
    CHECK_NOTHROW(testing::quantized_node<rule::int16x8>(op::sigmoid{}, {{{3}}}).lowered());
}
