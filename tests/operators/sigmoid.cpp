#include <ctq/operators/sigmoid.hpp>

#include <doctest/doctest.h>
#include <operators/single_node.hpp>

#include <cmath>
#include <cstdlib>

using namespace ctq::testing;
using ctq::op::sigmoid;

namespace {

static_assert([] { return float_result(sigmoid{}, {{{1}, {0.0f}}}) == std::vector<float>{0.5f}; }());
static_assert([] {
    return quantized_node(sigmoid{}, {{{3}, {}, {-8, 8}}}).run({{-128, -1, 127}}) ==
           std::vector<std::int8_t>{-128, 0, 127};
}());

double real_sigmoid(double x) {
    return 1 / (1 + std::exp(-x));
}

} // namespace

TEST_CASE("sigmoid: the float meaning") {
    for (float x = -20; x < 20; x += 0.0625f)
        CHECK(sigmoid{}(x) == doctest::Approx(real_sigmoid(double{x})).epsilon(1e-6));
}

TEST_CASE("sigmoid: within one step of the real function, under the scale that the function fixes") {
    for (const float range : {0.1f, 1.0f, 4.0f, 30.0f}) {
        const auto node = quantized_node(sigmoid{}, {{{256}, {}, {-range, range}}});
        CHECK(node.output().quantization == ctq::quantization{1.0f / 256, -128});
        std::vector<std::int8_t> in(256);
        for (int i = 0; i < 256; ++i) in[static_cast<std::size_t>(i)] = static_cast<std::int8_t>(i - 128);
        const auto out = node.run({in});
        for (std::size_t i = 0; i < 256; ++i) {
            const double real = real_sigmoid(exact_real_of(in[i], node.input().quantization));
            CHECK(std::abs(out[i] - nearest_integer(real, node.output().quantization)) <= 1);
        }
    }
}
