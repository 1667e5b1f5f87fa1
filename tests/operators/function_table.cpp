#include <ctq/operators/function_table.hpp>

#include <doctest/doctest.h>
#include <operators/single_node.hpp>

using namespace ctq::testing;

namespace {

/// All that a user writes for a function of one real.
struct square {
    static constexpr std::string_view name = "square";
    static constexpr std::string_view cpp_name = "square";
    static constexpr auto attributes = ctq::no_attributes;
    friend constexpr bool operator==(const square&, const square&) = default;
    constexpr float operator()(float x) const { return x * x; }
};
static_assert(ctq::operation<square> && ctq::unary_function<square> && ctq::traits_of<square>.in_place);
static_assert(square{} == square{});

static_assert([] {
    return quantized_node(square{}, {{{3}, {}, {-1, 1}}}, {0, 1}).run({{-128, -1, 127}}) ==
           std::vector<std::int8_t>{125, -128, 127};
}());

} // namespace

TEST_CASE("function_table: each integer's entry is the function of its real, rounded") {
    const auto node = quantized_node(square{}, {{{256}, {}, {-1, 3}}}, {0, 5});
    std::vector<std::int8_t> in(256);
    for (int i = 0; i < 256; ++i) in[static_cast<std::size_t>(i)] = static_cast<std::int8_t>(i - 128);
    const auto out = node.run({in});
    for (std::size_t i = 0; i < 256; ++i) {
        const float x = ctq::dequantize(in[i], node.input().quantization);
        CHECK(out[i] == ctq::quantize(x * x, node.output()));
    }
}
