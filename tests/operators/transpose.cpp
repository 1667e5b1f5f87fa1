#include <ctq/operators/transpose.hpp>

#include <doctest/doctest.h>
#include <operators/single_node.hpp>

#include <algorithm>
#include <array>

using namespace ctq::testing;
using ctq::shape;
using ctq::op::transpose;

static_assert([] {
    return float_result(transpose{{1, 0}}, {{{2, 3}, {1, 2, 3, 4, 5, 6}}}) == std::vector<float>{1, 4, 2, 5, 3, 6};
}());
static_assert([] {
    return quantized_node(transpose{{1, 0}}, {{{2, 2}}}).run({{1, 2, 3, 4}}) == std::vector<std::int8_t>{1, 3, 2, 4};
}());

TEST_CASE("transpose: shape rule") {
    CHECK(shape_from(transpose{{0, 3, 1, 2}}, {{{2, 5, 6, 3}}}) == shape{2, 3, 5, 6});
    CHECK(shape_from(transpose{}, {{{}}}) == shape{});
    CHECK_THROWS_WITH_AS(shape_from(transpose{}, {}), "transpose takes one input", ctq::model_error);
    const char* text = "a permutation must name every axis once";
    CHECK_THROWS_WITH_AS(shape_from(transpose{{0, 0}}, {{{2, 3}}}), text, ctq::model_error);
    CHECK_THROWS_WITH_AS(shape_from(transpose{{0, 2}}, {{{2, 3}}}), text, ctq::model_error);
    CHECK_THROWS_WITH_AS(shape_from(transpose{{-1, 0}}, {{{2, 3}}}), text, ctq::model_error);
}

TEST_CASE("transpose: every permutation of four axes, coordinate by coordinate, in floats and in integers") {
    dice random(91);
    const shape in{2, 3, 4, 5};
    const auto x = random.integers(in.elements());
    std::array<std::int32_t, 6> order{0, 1, 2, 3, 4, 5};
    do {
        const transpose op{order};
        const auto node = quantized_node(op, {{in}});
        const auto out = node.run({x});
        const shape of = node.output().shape;
        const auto from = ctq::strides_of(in), to = ctq::strides_of(of);
        bool right = true;
        for (std::int64_t i = 0; i < of.elements(); ++i) {
            std::int64_t at = 0;
            for (std::size_t axis = 0; axis < 4; ++axis)
                at += i / to[axis] % of[static_cast<int>(axis)] * from[static_cast<std::size_t>(order[axis])];
            right = right && out[static_cast<std::size_t>(i)] == x[static_cast<std::size_t>(at)];
        }
        CHECK(right);
        const auto reals = float_result(op, {{in, std::vector<float>(x.begin(), x.end())}});
        CHECK(std::equal(reals.begin(), reals.end(), out.begin(), out.end()));
    } while (std::next_permutation(order.begin(), order.begin() + 4));
}
