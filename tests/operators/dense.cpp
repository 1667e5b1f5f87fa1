#include <ctq/operators/dense.hpp>
#include <ctq/quantize/tflite_int8.hpp>

#include <doctest/doctest.h>
#include <operators/single_node.hpp>

#include <cmath>
#include <cstdlib>

using namespace ctq::testing;
using ctq::shape;
using ctq::op::dense;

namespace {

static_assert([] {
    return float_result(dense{}, {{{2, 2}, {1, 2, 3, 4}}, {{3, 2}, {1, 0, 0, 1, 1, 1}}, {{3}, {0, 0, 10}}}) ==
           std::vector<float>{1, 2, 13, 3, 4, 17};
}());
static_assert([] {
    return float_result(dense{ctq::bounds::relu()}, {{{1, 2}, {1, 2}}, {{2, 2}, {-1, 0, 0, 1}}}) ==
           std::vector<float>{0, 2};
}());

static_assert([] {
    return quantized_node(dense{}, {{{1, 1}}, {{2, 1}, {1.0f, -1.0f}}}).run({{60}}) ==
           std::vector<std::int8_t>{60, -62};
}());
static_assert([] {
    return quantized_node<ctq::rule::tflite_int8>(dense{}, {{{2, 1}}, {{1, 1}, {1.0f}}}).run({{-128, 127}}) ==
           std::vector<std::int8_t>{-128, 127};
}());

template <class Rule> void check_against_reals(const shape& x_shape, int outputs, unsigned seed) {
    CAPTURE(seed);
    dice random(seed);
    const int length = x_shape[x_shape.rank - 1];
    const dense op{seed % 2 != 0 ? ctq::bounds::relu6() : ctq::bounds::none()};
    const auto weights = random.reals(std::int64_t{length} * outputs);
    const auto bias = random.reals(outputs);
    const auto node = quantized_node<Rule>(
        op, {{x_shape, {}, {-0.5f, 1.0f}}, {{outputs, length}, weights}, {{outputs}, bias}}, {-4.0f, 5.0f});
    CHECK(node.never_overflows());
    const auto x = random.integers(x_shape.elements());
    const auto out = node.run({x});
    const auto in_q = node.input().quantization, out_q = node.output().quantization;
    for (std::size_t i = 0; i < out.size(); ++i) {
        const std::size_t o = i % static_cast<std::size_t>(outputs), row = i / static_cast<std::size_t>(outputs);
        double largest = 0;
        for (std::size_t k = 0; k < static_cast<std::size_t>(length); ++k)
            largest = std::max(largest, std::abs(double{weights[o * static_cast<std::size_t>(length) + k]}));
        const double step = largest / 127, product = step * double{in_q.scale};
        double sum = static_cast<double>(std::lrint(bias[o] / product));
        for (std::size_t k = 0; k < static_cast<std::size_t>(length); ++k)
            sum += static_cast<double>(std::lrint(weights[o * static_cast<std::size_t>(length) + k] / step)) *
                   (x[row * static_cast<std::size_t>(length) + k] - in_q.zero_point);
        const double real = op.activation.unbounded() ? sum * product : std::fmin(std::fmax(sum * product, 0.0), 6.0);
        CHECK(std::abs(out[i] - nearest_integer(real, out_q)) <= 1);
    }
}

} // namespace

TEST_CASE("dense: shape rule") {
    CHECK(shape_from(dense{}, {{{2, 7, 3}}, {{5, 3}}}) == shape{2, 7, 5});
    CHECK(shape_from(dense{}, {{{3}}, {{5, 3}}, {{5}}}) == shape{5});
    CHECK_THROWS_WITH_AS(shape_from(dense{}, {{{3}}}), "dense takes a tensor, weights and an optional bias",
                         ctq::model_error);
    CHECK_THROWS_WITH_AS(shape_from(dense{}, {{{3}}, {{5, 3, 1}}}), "the weights must have 2 axes (outputs, inputs)",
                         ctq::model_error);
    CHECK_THROWS_WITH_AS(shape_from(dense{}, {{{4}}, {{5, 3}}}),
                         "the input's last extent must equal the weights' inputs", ctq::model_error);
    CHECK_THROWS_WITH_AS(shape_from(dense{}, {{{3}}, {{5, 3}}, {{3}}}), "the bias must have one value an output",
                         ctq::model_error);
    CHECK(ctq::macs(dense{}, {2, 7, 3}, {2, 7, 5}) == 2 * 7 * 3 * 5);
}

TEST_CASE("dense: within one step of exact arithmetic on the integers' reals") {
    unsigned seed = 1;
    for (const auto& [of, outputs] : {std::pair<shape, int>{{1, 1}, 1}, {{3, 5}, 4}, {{2, 3, 16}, 7}, {{1, 130}, 33}}) {
        check_against_reals<ctq::rule::affine_int8>(of, outputs, seed);
        check_against_reals<ctq::rule::tflite_int8>(of, outputs, seed++);
    }
}

TEST_CASE("dense: the proof fails exactly where an accumulator can leave 32 bits") {
    auto node = quantized_node(dense{}, {{{1, 4}}, {{1, 4}, {1, -1, 1, -1}}, {{1}, {0.0f}}});
    CHECK(node.never_overflows());
    const int value = node.node().inputs[2];
    auto& bias = node.graph.constants[static_cast<std::size_t>(node.graph.value_at(value).constant)];
    // Two weights of 127 and two of -127 meet -128 .. 127; the zero point of the input is 0 or -1, and weights cancel.
    const std::int64_t room = 2147483647 - 2 * 127 * (128 + 127);
    const auto holds_with = [&](std::int64_t start) {
        bias.as<std::int32_t>()[0] = static_cast<std::int32_t>(start);
        const auto made = node.lowered();
        const auto lowered = made.constant_of(made.nodes.back().inputs[ctq::op::weighted::bias]).as<std::int32_t>()[0];
        const auto shift = made.constant_of(made.nodes.back().inputs[ctq::op::weighted::shift]).as<std::int8_t>()[0];
        CHECK(lowered == start + ctq::three_step::rounding({1, shift}));
        return node.never_overflows();
    };
    const auto made = node.lowered();
    const auto shift = made.constant_of(made.nodes.back().inputs[ctq::op::weighted::shift]).as<std::int8_t>()[0];
    const std::int64_t half = ctq::three_step::rounding({1, shift});
    CHECK(holds_with(room - half));
    CHECK_FALSE(holds_with(room - half + 1));
    CHECK(holds_with(-room - half));
    CHECK_FALSE(holds_with(-room - half - 1));
}
