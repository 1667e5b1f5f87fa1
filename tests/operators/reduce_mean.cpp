#include <ctq/operators/reduce_mean.hpp>
#include <ctq/quantize/tflite_int8.hpp>

#include <doctest/doctest.h>
#include <operators/single_node.hpp>

#include <cstdlib>

using namespace ctq::testing;
using ctq::shape;
using ctq::op::reduce_mean;

namespace {

constexpr reduce_mean over(std::initializer_list<int> axes, bool keep = true) {
    reduce_mean op;
    for (const int axis : axes) op.axes.insert(axis);
    op.keep_axes = keep;
    return op;
}

static_assert([] { return float_result(over({1}), {{{2, 3}, {1, 2, 3, 4, 5, 9}}}) == std::vector<float>{2, 6}; }());
static_assert([] {
    return float_result(over({0, 2}), {{{2, 2, 2}, {1, 2, 3, 4, 5, 6, 7, 8}}}) == std::vector<float>{3.5f, 5.5f};
}());
static_assert([] {
    return quantized_node(over({1}), {{{1, 4}}}).run({{-128, -128, 127, 127}}) == std::vector<std::int8_t>{0} ||
           quantized_node(over({1}), {{{1, 4}}}).run({{-128, -128, 127, 127}}) == std::vector<std::int8_t>{-1};
}());

template <class Rule> void check_against_reals(const shape& in, const reduce_mean& op, unsigned seed) {
    dice random(seed);
    const auto node = quantized_node<Rule>(op, {{in, {}, {-0.7f, 1.9f}}}, {-0.3f, 0.9f});
    const auto x = random.integers(in.elements(), -60, 90);
    const auto out = node.run({x});
    const auto strides = ctq::strides_of(in);
    shape kept = in;
    for (int axis = 0; axis < in.rank; ++axis)
        if (op.axes.contains(axis)) kept[axis] = 1;
    const auto to = ctq::broadcast_strides(kept, in);
    std::vector<double> sums(out.size(), 0.0);
    for (std::int64_t i = 0; i < in.elements(); ++i) {
        std::int64_t at = 0;
        for (int axis = 0; axis < in.rank; ++axis) {
            const auto a = static_cast<std::size_t>(axis);
            at += i / strides[a] % in[axis] * to[a];
        }
        sums[static_cast<std::size_t>(at)] += exact_real_of(x[static_cast<std::size_t>(i)], node.input().quantization);
    }
    const double cells = static_cast<double>(in.elements()) / static_cast<double>(out.size());
    for (std::size_t i = 0; i < out.size(); ++i)
        CHECK(std::abs(out[i] - nearest_integer(sums[i] / cells, node.output().quantization)) <= 1);
}

} // namespace

TEST_CASE("reduce_mean: shape rule") {
    CHECK(shape_from(over({1, 2}), {{{2, 5, 6, 3}}}) == shape{2, 1, 1, 3});
    CHECK(shape_from(over({1, 2}, false), {{{2, 5, 6, 3}}}) == shape{2, 3});
    CHECK(shape_from(over({0}, false), {{{7}}}) == shape{});
    CHECK_THROWS_WITH_AS(shape_from(over({0}), {{{2}}, {{2}}}), "reduce_mean takes one input", ctq::model_error);
    const char* text = "a mean is over 1 to 4194304 elements";
    CHECK_THROWS_WITH_AS(shape_from(over({1}), {{{2, 0}}}), text, ctq::model_error);
    CHECK_THROWS_WITH_AS(shape_from(over({0, 1}), {{{2048, 2049}}}), text, ctq::model_error);
    CHECK(shape_from(over({0, 1}), {{{2048, 2048}}}) == shape{1, 1});
}

TEST_CASE("reduce_mean: within one step of the real mean") {
    unsigned seed = 51;
    for (const auto& [in, op] : {std::pair<shape, reduce_mean>{{2, 5, 6, 3}, over({1, 2})},
                                 {{3, 4, 5}, over({1}, false)},
                                 {{4, 100}, over({0, 1})},
                                 {{2, 3, 1, 2, 2}, over({0, 3})},
                                 {{1, 1, 1, 9}, over({1, 2})},
                                 {{1, 64, 64, 2}, over({1, 2})}}) {
        check_against_reals<ctq::rule::affine_int8>(in, op, seed);
        check_against_reals<ctq::rule::tflite_int8>(in, op, seed++);
    }
}

TEST_CASE("reduce_mean: axes move with a transpose") {
    const std::array<std::int32_t, 4> to_channels_last{0, 2, 3, 1};
    CHECK(over({2, 3}).permuted(to_channels_last) == over({1, 2}));
}
