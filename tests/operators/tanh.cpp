#include <ctq/operators/tanh.hpp>

#include <doctest/doctest.h>
#include <operators/single_node.hpp>

#include <cmath>
#include <cstdlib>

using namespace ctq::testing;

namespace {

static_assert([] { return float_result(ctq::op::tanh{}, {{{1}, {0.0f}}}) == std::vector<float>{0.0f}; }());
static_assert([] {
    return quantized_node(ctq::op::tanh{}, {{{3}, {}, {-8, 8}}}).run({{-128, -1, 127}}) ==
           std::vector<std::int8_t>{-128, 0, 127};
}());

// TFLite's formats leave out the upper end.
static_assert(ctq::op::tanh::output_bounds(ctq::dtype::uint8) == ctq::bounds{-1.0f, 127.0f / 128.0f} &&
              ctq::op::tanh::output_bounds(ctq::dtype::int16) ==
                  ctq::bounds{-32767.0f / 32768.0f, 32767.0f / 32768.0f} &&
              ctq::op::tanh::output_bounds(ctq::dtype::int32) == ctq::bounds{-1.0f, 1.0f});

double real_tanh(double x) {
    return std::tanh(x);
}

} // namespace

TEST_CASE("tanh: the float meaning") {
    for (float x = -20; x < 20; x += 0.0625f)
        CHECK(ctq::op::tanh{}(x) == doctest::Approx(real_tanh(double{x})).epsilon(1e-6));
}

TEST_CASE("tanh: within one step of the real function, under the scale that the function fixes") {
    for (const float range : {0.1f, 1.0f, 4.0f, 30.0f}) {
        const auto node = quantized_node(ctq::op::tanh{}, {{{256}, {}, {-range, range}}});
        CHECK(node.output().quantization == ctq::quantization{1.0f / 128, 0});
        std::vector<std::int8_t> in(256);
        for (int i = 0; i < 256; ++i) in[static_cast<std::size_t>(i)] = static_cast<std::int8_t>(i - 128);
        const auto out = node.run({in});
        for (std::size_t i = 0; i < 256; ++i) {
            const double real = real_tanh(exact_real_of(in[i], node.input().quantization));
            CHECK(std::abs(out[i] - nearest_integer(real, node.output().quantization)) <= 1);
        }
    }
}
