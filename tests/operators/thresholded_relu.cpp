#include <ctq/operators/thresholded_relu.hpp>

#include <doctest/doctest.h>
#include <operators/single_node.hpp>

using namespace ctq::testing;
using ctq::op::thresholded_relu;

static_assert([] {
    return float_result(thresholded_relu{0.5f}, {{{4}, {0.25f, 0.5f, 0.75f, -3.0f}}}) ==
           std::vector<float>{0, 0, 0.75f, 0};
}());
static_assert(thresholded_relu{}(1.0f) == 0.0f);

TEST_CASE("thresholded_relu: each integer becomes the integer of the function's value") {
    const auto node = quantized_node(thresholded_relu{0.7f}, {{{256}, {}, {-2.0f, 3.0f}}}, {0.0f, 3.0f});
    std::vector<std::int8_t> in(256);
    for (int i = 0; i < 256; ++i) in[static_cast<std::size_t>(i)] = static_cast<std::int8_t>(i - 128);
    const auto out = node.run({in});
    for (std::size_t i = 0; i < 256; ++i) {
        const double x = exact_real_of(in[i], node.input().quantization);
        CHECK(out[i] == nearest_integer(x > 0.7 ? x : 0.0, node.output().quantization));
    }
}
