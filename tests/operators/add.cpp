#include <ctq/operators/add.hpp>
#include <ctq/quantize/tflite_int8.hpp>

#include <doctest/doctest.h>
#include <laws/rules.hpp>
#include <operators/single_node.hpp>

#include <cstdlib>

using namespace ctq::testing;
using ctq::shape;

namespace {

static_assert([] {
    return float_result(ctq::op::add{}, {{{2, 2}, {1, 2, 3, 4}}, {{2}, {10, 20}}}) ==
           std::vector<float>{11, 22, 13, 24};
}());
static_assert([] {
    return float_result(ctq::op::add{ctq::bounds::relu()}, {{{2}, {1, -3}}, {{2}, {1, 1}}}) == std::vector<float>{2, 0};
}());

// Scales 2/255 on both sides, 4/255 on the result: the mean of two integers, halves up.
static_assert([] {
    return quantized_node(ctq::op::add{}, {{{3}}, {{3}}}, {-2.0f, 2.0f}).run({{-128, 0, 127}, {-128, 1, 127}}) ==
           std::vector<std::int8_t>{-128, 1, 127};
}());

template <class Rule> void check_against_real_sums(const shape& a, const shape& b, unsigned seed) {
    dice random(seed);
    const ctq::bounds range_a{-random.real(0.01f, 3.0f), random.real(0.01f, 3.0f)};
    const ctq::bounds range_b{-random.real(0.01f, 3.0f), random.real(0.01f, 3.0f)};
    const ctq::bounds activation = seed % 2 == 0 ? ctq::bounds::none() : ctq::bounds::relu();
    const auto node =
        quantized_node<Rule>(ctq::op::add{activation}, {{a, {}, range_a}, {b, {}, range_b}}, {-2.0f, 4.0f});
    const auto x = random.integers(a.elements()), y = random.integers(b.elements());
    const auto out = node.run({x, y});
    const shape of = ctq::broadcast(a, b);
    const auto in_a = ctq::broadcast_strides(a, of), in_b = ctq::broadcast_strides(b, of);
    const auto own = ctq::strides_of(of);
    for (std::int64_t i = 0; i < of.elements(); ++i) {
        std::int64_t at_a = 0, at_b = 0;
        for (std::size_t axis = 0; axis < static_cast<std::size_t>(of.rank); ++axis) {
            const std::int64_t coordinate = i / own[axis] % of[static_cast<int>(axis)];
            at_a += coordinate * in_a[axis];
            at_b += coordinate * in_b[axis];
        }
        double real = exact_real_of(x[static_cast<std::size_t>(at_a)], node.input(0).quantization) +
                      exact_real_of(y[static_cast<std::size_t>(at_b)], node.input(1).quantization);
        if (activation == ctq::bounds::relu() && real < 0) real = 0;
        CHECK(std::abs(out[static_cast<std::size_t>(i)] - nearest_integer(real, node.output().quantization)) <= 1);
    }
}

} // namespace

TEST_CASE("add: shape rule") {
    CHECK(shape_from(ctq::op::add{}, {{{2, 1, 3}}, {{4, 1}}}) == shape{2, 4, 3});
    CHECK_THROWS_WITH_AS(shape_from(ctq::op::add{}, {{{2}}}), "add takes two inputs", ctq::model_error);
    CHECK_THROWS_AS(shape_from(ctq::op::add{}, {{{2}}, {{3}}}), ctq::model_error);
}

TEST_CASE("add: within one step of the real sum, broadcast or not") {
    unsigned seed = 0;
    for (const auto& [a, b] : {std::pair<shape, shape>{{2, 5, 5, 3}, {2, 5, 5, 3}},
                               {{2, 4, 4, 8}, {8}},
                               {{1, 1, 6}, {7, 6}},
                               {{3, 1, 5}, {1, 4, 1}},
                               {{1}, {200}},
                               {{}, {9}}}) {
        check_against_real_sums<ctq::rule::affine_int8>(a, b, seed++);
        check_against_real_sums<ctq::rule::tflite_int8>(a, b, seed++);
    }
}

TEST_CASE("add: operands and result of int8 and uint8, each of its own") {
    const ctq::bounds above{0.0f, 1.5f}, around{-1.0f, 0.5f};
    dice random(3);
    for (const ctq::bounds& a : {above, around})
        for (const ctq::bounds& b : {above, around})
            for (const ctq::bounds& to : {above, around}) {
                const auto node =
                    quantized_node<ctq::laws::auto_int8>(ctq::op::add{}, {{{50}, {}, a}, {{50}, {}, b}}, to);
                const auto type_of = [&](const ctq::bounds& range) {
                    return range == above ? ctq::dtype::uint8 : ctq::dtype::int8;
                };
                CHECK(ctq::signature_of(node.graph, node.node()) == ctq::signature{type_of(a), type_of(b), type_of(to),
                                                                                   ctq::dtype::int32,
                                                                                   ctq::rounding::three_step});
                CHECK(node.never_overflows());
                std::vector<std::vector<std::int32_t>> in(2, std::vector<std::int32_t>(50));
                for (std::size_t i = 0; i < 2; ++i)
                    for (std::int32_t& each : in[i])
                        each = random.whole(node.input(i).range.low, node.input(i).range.high);
                const auto out = node.run_integers(in);
                for (std::size_t i = 0; i < out.size(); ++i) {
                    const double real = exact_real_of(in[0][i], node.input(0).quantization) +
                                        exact_real_of(in[1][i], node.input(1).quantization);
                    CHECK(std::abs(out[i] - nearest_integer(real, node.output().quantization, node.output().range)) <=
                          1);
                }
            }
}

TEST_CASE("add: a constant operand is quantized over its own range") {
    const auto node =
        quantized_node(ctq::op::add{}, {{{4}, {}, {0.0f, 1.0f}}, {{4}, {0.5f, 0.25f, 0.0f, -1.0f}}}, {-1.0f, 2.0f});
    const auto out = node.run({{-128, -128, 127, 127}});
    const std::vector<double> real{0.5, 0.25, 1.0, 0.0};
    for (std::size_t i = 0; i < real.size(); ++i)
        CHECK(std::abs(out[i] - nearest_integer(real[i], node.output().quantization)) <= 1);
}
