#include <ctq/operators/pad.hpp>

#include <doctest/doctest.h>
#include <operators/single_node.hpp>

using namespace ctq::testing;
using ctq::shape;
using ctq::op::pad;

static_assert([] {
    return float_result(pad{{1, 0}, {0, 1}, 9.0f}, {{{1, 2}, {1, 2}}}) == std::vector<float>{9, 9, 9, 1, 2, 9};
}());
static_assert([] {
    return quantized_node(pad{{1}, {1}, 0.0f}, {{{2}, {}, {0, 1}}}, {0, 1}).run({{5, 6}}) ==
           std::vector<std::int8_t>{-128, 5, 6, -128};
}());

TEST_CASE("pad: shape rule") {
    CHECK(shape_from(pad{{0, 1, 2}, {3, 0, 1}, 0}, {{{2, 2, 2}}}) == shape{5, 3, 5});
    CHECK_THROWS_WITH_AS(shape_from(pad{}, {}), "pad takes one input", ctq::model_error);
    CHECK_THROWS_WITH_AS(shape_from(pad{{0, -1}, {}, 0}, {{{2, 2}}}), "pads must not be negative", ctq::model_error);
    CHECK_THROWS_WITH_AS(shape_from(pad{{}, {-1}, 0}, {{{2, 2}}}), "pads must not be negative", ctq::model_error);
}

TEST_CASE("pad: the input stands inside, the value around it, in floats and in integers") {
    dice random(101);
    const pad op{{1, 0, 2, 3}, {0, 2, 1, 0}, 0.5f};
    const shape in{2, 3, 4, 2};
    const auto node = quantized_node(op, {{in, {}, {-1, 3}}});
    const int fill = ctq::quantize(0.5f, node.output());
    CHECK(std::get<ctq::lowered_operator<pad>>(node.lowered().nodes.back().op).lowered.fill == fill);
    const auto x = random.integers(in.elements());
    const auto out = node.run({x});
    const auto reals = float_result(op, {{in, std::vector<float>(x.begin(), x.end())}});
    const shape of = node.output().shape;
    const auto to = ctq::strides_of(of), from = ctq::strides_of(in);
    for (std::int64_t i = 0; i < of.elements(); ++i) {
        std::int64_t at = 0;
        bool inside = true;
        for (std::size_t axis = 0; axis < 4; ++axis) {
            const std::int64_t coordinate = i / to[axis] % of[static_cast<int>(axis)] - op.before[axis];
            inside = inside && coordinate >= 0 && coordinate < in[static_cast<int>(axis)];
            at += coordinate * from[axis];
        }
        const auto index = static_cast<std::size_t>(i);
        CHECK(out[index] == (inside ? x[static_cast<std::size_t>(at)] : fill));
        CHECK(reals[index] == (inside ? static_cast<float>(x[static_cast<std::size_t>(at)]) : 0.5f));
    }
}

TEST_CASE("pad: widths move with a transpose") {
    const std::array<std::int32_t, 4> to_channels_last{0, 2, 3, 1};
    const pad moved = pad{{0, 1, 2, 3}, {4, 5, 6, 7}, 1.0f}.permuted(to_channels_last);
    CHECK(moved == pad{{0, 2, 3, 1}, {4, 6, 7, 5}, 1.0f});
}
