#include <ctq/operators/concat.hpp>

#include <doctest/doctest.h>
#include <operators/single_node.hpp>

using namespace ctq::testing;
using ctq::shape;
using ctq::op::concat;

namespace {

static_assert([] {
    return float_result(concat{}, {{{2, 1}, {1, 2}}, {{2, 2}, {3, 4, 5, 6}}}) == std::vector<float>{1, 3, 4, 2, 5, 6};
}());
static_assert([] {
    return float_result(concat{0}, {{{1, 2}, {1, 2}}, {{2, 2}, {3, 4, 5, 6}}}) == std::vector<float>{1, 2, 3, 4, 5, 6};
}());
static_assert([] {
    return quantized_node(concat{}, {{{2, 1}}, {{2, 1}}}).run({{1, 2}, {3, 4}}) == std::vector<std::int8_t>{1, 3, 2, 4};
}());

} // namespace

TEST_CASE("concat: shape rule") {
    CHECK(shape_from(concat{-2}, {{{2, 3, 4}}, {{2, 5, 4}}, {{2, 1, 4}}}) == shape{2, 9, 4});
    CHECK_THROWS_WITH_AS(shape_from(concat{}, {}), "concat takes at least one input", ctq::model_error);
    CHECK_THROWS_WITH_AS(shape_from(concat{0}, {{{2, 3}}, {{2}}}),
                         "the inputs of concat must have the same number of axes", ctq::model_error);
    CHECK_THROWS_WITH_AS(shape_from(concat{0}, {{{2, 3}}, {{2, 4}}}),
                         "the inputs of concat may differ along its axis only", ctq::model_error);
    CHECK_THROWS_AS(shape_from(concat{2}, {{{2, 3}}}), ctq::model_error);
}

TEST_CASE("concat: a copy, in floats and in integers") {
    dice random(71);
    for (const int axis : {0, 1, 2, 3}) {
        shape a{2, 3, 4, 5}, b = a, c = a;
        b[axis] = 1;
        c[axis] = 7;
        const auto node = quantized_node(concat{axis}, {{a}, {b}, {c}});
        const std::vector<std::vector<std::int8_t>> in{random.integers(a.elements()), random.integers(b.elements()),
                                                       random.integers(c.elements())};
        const auto out = node.run(in);
        std::vector<operand> reals;
        for (std::size_t i = 0; i < 3; ++i)
            reals.push_back({i == 0 ? a : i == 1 ? b : c, std::vector<float>(in[i].begin(), in[i].end())});
        const auto in_floats = float_result(concat{axis}, reals);
        const shape of = node.output().shape;
        const auto own = ctq::strides_of(of);
        for (std::int64_t i = 0; i < of.elements(); ++i) {
            const auto x = static_cast<std::size_t>(axis);
            std::int64_t along = i / own[x] % of[axis];
            std::size_t part = 0;
            for (const int extent : {a[axis], b[axis]})
                if (part < 2 && along >= extent) {
                    along -= extent;
                    ++part;
                } else {
                    break;
                }
            const shape& from = part == 0 ? a : part == 1 ? b : c;
            const auto strides = ctq::strides_of(from);
            std::int64_t at = 0;
            for (std::size_t other = 0; other < 4; ++other)
                at += (other == x ? along : i / own[other] % of[static_cast<int>(other)]) * strides[other];
            CHECK(out[static_cast<std::size_t>(i)] == in[part][static_cast<std::size_t>(at)]);
            CHECK(in_floats[static_cast<std::size_t>(i)] == static_cast<float>(out[static_cast<std::size_t>(i)]));
        }
    }
}

TEST_CASE("concat: inputs and output share one scale, the widest") {
    const auto node = quantized_node(concat{}, {{{1, 1}, {}, {-1, 1}}, {{1, 1}, {}, {0, 4}}}, {0, 2});
    CHECK(node.input(0).quantization == node.output().quantization);
    CHECK(node.input(1).quantization == node.output().quantization);
    CHECK(node.output().quantization == ctq::rule::affine_int8::activation({-1, 4}));
}

TEST_CASE("concat: a constant input is quantized with the output's scale") {
    const auto node = quantized_node(concat{}, {{{1, 1}, {}, {0, 2}}, {{1, 2}, {0.5f, 1.0f}}}, {0, 2});
    const auto& out = node.output();
    CHECK(node.run({{3}}) == std::vector<std::int8_t>{3, static_cast<std::int8_t>(ctq::quantize(0.5f, out)),
                                                      static_cast<std::int8_t>(ctq::quantize(1.0f, out))});
}

TEST_CASE("concat: its axis moves with a transpose") {
    const std::array<std::int32_t, 4> to_channels_last{0, 2, 3, 1};
    CHECK(concat{1}.permuted(to_channels_last) == concat{3});
    CHECK(concat{-1}.permuted(to_channels_last) == concat{2});
}

TEST_CASE("concat: parts without elements") {
    const typed_operand none{{0, 2}, ctq::constant(std::vector<std::int64_t>())},
        some{{1, 2}, ctq::constant(std::vector<std::int64_t>{5, 6})};
    CHECK(result_of(ctq::op::concat{0}, {none, some, none}).as<std::int64_t>() == std::vector<std::int64_t>{5, 6});
    CHECK(result_of(ctq::op::concat{1}, {none, none}).entries() == 0);
}
