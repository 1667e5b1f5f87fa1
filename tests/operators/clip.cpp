#include <ctq/operators/clip.hpp>

#include <doctest/doctest.h>
#include <operators/single_node.hpp>

#include <algorithm>

using namespace ctq::testing;
using ctq::op::clip;

static_assert([] {
    return float_result(clip{{-1, 2}}, {{{4}, {-3, -1, 1, 5}}}) == std::vector<float>{-1, -1, 1, 2};
}());
static_assert([] {
    return quantized_node(clip{ctq::bounds::relu6()}, {{{3}, {}, {-1, 254}}}).run({{-128, -125, 127}}) ==
           std::vector<std::int8_t>{-127, -125, -121};
}());

TEST_CASE("clip: between the bounds' integers, exactly") {
    for (const ctq::bounds to :
         {ctq::bounds::relu6(), ctq::bounds::none(), ctq::bounds{-0.5f, 0.25f}, ctq::bounds{-9.0f, -1.0f}}) {
        const auto node = quantized_node(clip{to}, {{{256}, {}, {-3.0f, 7.0f}}});
        const auto q = node.output().quantization;
        CHECK(node.input().quantization == q);
        const int low =
            to.low == ctq::bounds::none().low ? -128 : ctq::quantize(to.low, q, ctq::limits_of(ctq::dtype::int8));
        const int high =
            to.high == ctq::bounds::none().high ? 127 : ctq::quantize(to.high, q, ctq::limits_of(ctq::dtype::int8));
        std::vector<std::int8_t> x(256);
        for (int i = 0; i < 256; ++i) x[static_cast<std::size_t>(i)] = static_cast<std::int8_t>(i - 128);
        const auto out = node.run({x});
        for (std::size_t i = 0; i < 256; ++i) CHECK(out[i] == std::clamp<int>(x[i], low, high));
    }
}

TEST_CASE("clip: it takes one input") {
    CHECK_THROWS_WITH_AS(shape_from(clip{}, {}), "an element-wise function takes one input", ctq::model_error);
}
