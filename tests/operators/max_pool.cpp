#include <ctq/operators/max_pool.hpp>

#include <doctest/doctest.h>
#include <operators/single_node.hpp>

#include <algorithm>

using namespace ctq::testing;
using ctq::shape;
using ctq::op::max_pool;

namespace {

constexpr max_pool halving_maximum{{2, 2}, {2, 2}, {1, 1}, {}};

static_assert([] {
    return float_result(halving_maximum, {{{1, 2, 4, 1}, {1, 5, -1, -2, 3, 2, -7, -8}}}) == std::vector<float>{5, -1};
}());
static_assert([] { return quantized_node(halving_maximum, {{{1, 2, 2, 1}}}).run({{-128, -3, 5, -100}})[0] == 5; }());

} // namespace

TEST_CASE("max_pool: shape rule") {
    CHECK(shape_from(halving_maximum, {{{2, 7, 8, 3}}}) == shape{2, 3, 4, 3});
    CHECK(shape_from(max_pool{{3, 3}, {1, 1}, {2, 2}, {1, 2, 0, 2}}, {{{1, 9, 9, 1}}}) == shape{1, 6, 9, 1});
    CHECK_THROWS_WITH_AS(shape_from(halving_maximum, {{{1, 4, 4, 1}}, {{1}}}), "a pooling layer takes one input",
                         ctq::model_error);
    CHECK_THROWS_WITH_AS(shape_from(halving_maximum, {{{4, 4, 1}}}),
                         "the input must have 4 axes (batch, rows, columns, channels); reshape it", ctq::model_error);
    CHECK_THROWS_WITH_AS(shape_from(max_pool{{2, 2}, {1, 1}, {1, 1}, {2, 0, 0, 0}}, {{{1, 4, 4, 1}}}),
                         "pads must be smaller than the kernel", ctq::model_error);
    CHECK_THROWS_WITH_AS(shape_from(max_pool{{2, 2}, {1, 1}, {1, 1}, {0, 0, 2, 0}}, {{{1, 4, 4, 1}}}),
                         "pads must be smaller than the kernel", ctq::model_error);
}

TEST_CASE("max_pool: the largest of the cells inside, exactly, in floats and in integers") {
    dice random(31);
    const max_pool op{{3, 2}, {2, 1}, {1, 2}, {1, 2, 1, 1}};
    const shape image{2, 7, 6, 3};
    const auto node = quantized_node(op, {{image}});
    CHECK(node.input().quantization == node.output().quantization);
    const auto x = random.integers(image.elements());
    const auto out = node.run({x});
    const auto in_floats = float_result(op, {{image, std::vector<float>(x.begin(), x.end())}});
    const shape of = node.output().shape;
    std::size_t index = 0;
    for (int n = 0; n < of[0]; ++n)
        for (int row = 0; row < of[1]; ++row)
            for (int column = 0; column < of[2]; ++column)
                for (int c = 0; c < of[3]; ++c, ++index) {
                    int largest = -1000;
                    for (const int y : {2 * row - 1, 2 * row, 2 * row + 1})
                        for (const int at : {column - 2, column})
                            if (y >= 0 && y < 7 && at >= 0 && at < 6)
                                largest =
                                    std::max<int>(largest, x[static_cast<std::size_t>(((n * 7 + y) * 6 + at) * 3 + c)]);
                    CHECK(out[index] == largest);
                    CHECK(in_floats[index] == static_cast<float>(largest));
                }
}
