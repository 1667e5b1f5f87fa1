// Operators that calculate, against xtensor's broadcast expressions and sums.
#include <ctq/operators/layer_norm.hpp>
#include <ctq/operators/leaky_relu.hpp>
#include <ctq/operators/lstm.hpp>
#include <ctq/operators/matrix_product.hpp>
#include <ctq/operators/subtract.hpp>
#include <ctq/quantize/int16x8.hpp>
#include <ctq/quantize/tflite_int8.hpp>

#include <doctest/doctest.h>
#include <operators/recurrent_layers.hpp>
#include <xtensor/xmanipulation.hpp>
#include <xtensor/xstrided_view.hpp>
#include <xtensor/xvectorize.hpp>
#include <xtensor_oracle.hpp>

using namespace ctq::testing;
using ctq::shape;
using ctq::op::cell_function;
using ctq::op::lstm;

namespace {

using reals = xt::xarray<double>;

const std::vector<std::pair<shape, shape>> stacks{
    {{3, 5}, {5, 4}},          {{1, 1}, {1, 1}},           {{2, 3, 4}, {2, 4, 35}}, // columns in three parts
    {{2, 1, 3, 4}, {5, 4, 2}}, {{4, 2}, {3, 1, 2, 2, 16}}, {{1, 2, 1, 2, 2, 3}, {2, 1, 3, 1, 3, 2}}};

ctq::bounds random_range(dice& random) {
    return {-random.real(0.01f, 3.0f), random.real(0.01f, 3.0f)};
}

/// Of stacks of matrices, broadcast.
reals product_of(const reals& a, const reals& b) {
    const reals terms = xt::expand_dims(a, a.dimension()) * xt::expand_dims(b, b.dimension() - 2);
    return xt::sum(terms, {terms.dimension() - 2});
}

struct lstm_results {
    reals all, h, c;
};

/// ONNX's equations for all samples at once; the gates are numbered i, o, f, c.
lstm_results results_of(const lstm& op, const std::vector<operand>& operands) {
    std::vector<reals> in;
    for (const operand& each : operands) in.push_back(array_of(each.of, each.elements));
    const std::size_t steps = in[0].shape(0), directions = in[1].shape(0), samples = in[0].shape(1);
    const std::size_t units = in[4].shape(2);
    lstm_results out{xt::zeros<double>({steps, directions, samples, units}), in[4], in[5]};
    for (std::size_t d = 0; d < directions; ++d) {
        const auto function = [&](std::size_t which, const reals& x) -> reals {
            const std::size_t place = d * (op.functions.size() / 2) + which;
            const auto alpha = static_cast<double>(op.alpha[place]), beta = static_cast<double>(op.beta[place]);
            return xt::vectorize([&](double each) { return defined(op.functions[place], each, alpha, beta); })(x);
        };
        const auto gate = [&](std::size_t which, const reals& x) {
            const auto most = static_cast<double>(op.clip);
            return function(which, xt::clip(x, -most, most));
        };
        const auto part = [&](const reals& of, std::size_t number) {
            return reals(xt::strided_view(of, {xt::ellipsis(), xt::range(number * units, (number + 1) * units)}));
        };
        const reals w = xt::transpose(xt::view(in[1], d)), r = xt::transpose(xt::view(in[2], d));
        const reals both = xt::view(in[3], d), peepholes = xt::view(in[6], d);
        const reals bias = xt::view(both, xt::range(0, 4 * units)) + xt::view(both, xt::range(4 * units, 8 * units));
        reals h = xt::view(in[4], d), c = xt::view(in[5], d);
        const bool backwards = d == 1 || op.direction == ctq::op::sequence_direction::reverse;
        for (std::size_t step = 0; step < steps; ++step) {
            const std::size_t t = backwards ? steps - 1 - step : step;
            const reals sums = product_of(xt::view(in[0], t), w) + product_of(h, r) + bias;
            const reals i = gate(0, part(sums, 0) + part(peepholes, 0) * c);
            const reals f = op.input_forget ? reals(1.0 - i) : gate(0, part(sums, 2) + part(peepholes, 2) * c);
            c = reals(f * c + i * gate(1, part(sums, 3)));
            h = gate(0, part(sums, 1) + part(peepholes, 1) * c) * function(2, c);
            xt::view(out.all, t, d) = h;
        }
        xt::view(out.h, d) = h;
        xt::view(out.c, d) = c;
    }
    return out;
}

void check_lstm(const lstm& op, const std::vector<operand>& operands) {
    const auto made = float_results(op, operands);
    const lstm_results wanted = results_of(op, operands);
    const auto is_made = [&](std::size_t which, const reals& right) {
        return is_near(xt::adapt(made[which], right.shape()), right, 2e-5, 2e-5);
    };
    CHECK(is_made(0, wanted.all));
    CHECK(is_made(1, wanted.h));
    CHECK(is_made(2, wanted.c));
}

std::vector<shape> lstm_shapes(const recurrent_sizes& of, int directions) {
    std::vector<shape> all = recurrent_shapes(of, 4, directions);
    all.push_back(all[4]);
    all.push_back({directions, 3 * of.units});
    return all;
}

} // namespace

TEST_CASE("subtract: xtensor's difference, broadcast, and cut by the activation") {
    dice random(41);
    const std::vector<std::pair<shape, shape>> pairs{
        {{2, 3}, {2, 3}}, {{2, 1, 3}, {4, 1}}, {{}, {3, 2}}, {{5}, {1}}, {{1, 7}, {2, 3, 1, 1}}};
    for (const auto& [of_a, of_b] : pairs) {
        const xt::xarray<float> a = random_reals(random, of_a, -9, 9), b = random_reals(random, of_b, -9, 9);
        const xt::xarray<float> wanted = a - b;
        CHECK(outputs(ctq::op::subtract{}, a, b).as() == wanted);
        CHECK(outputs(ctq::op::subtract{ctq::bounds::relu6()}, a, b).as() == xt::clip(wanted, 0.0f, 6.0f));
        const auto c = random_wholes<std::int64_t>(random, of_a, -99, 99);
        const auto d = random_wholes<std::int64_t>(random, of_b, -99, 99);
        CHECK(outputs(ctq::op::subtract{}, c, d).as<std::int64_t>() == c - d);
    }
}

TEST_CASE("subtract: integers within one step of xtensor's difference") {
    dice random(45);
    const auto check = [&]<class Rule>(Rule) {
        const auto node = quantized_node<Rule>(ctq::op::subtract{},
                                               {{{9, 10}, {}, random_range(random)}, {{10}, {}, random_range(random)}},
                                               {-2.0f, 4.0f});
        CHECK(node.never_overflows());
        const auto x = random_input(random, node, 0), y = random_input(random, node, 1);
        CHECK(is_within_a_step(node, {x, y}, reals_of(x, node.input(0)) - reals_of(y, node.input(1))));
    };
    for (int round = 0; round < 20; ++round) {
        check(ctq::rule::affine_int8{});
        check(ctq::rule::tflite_int8{});
    }
}

TEST_CASE("leaky_relu: xtensor's choice of two slopes") {
    dice random(42);
    for (const float alpha : {0.125f, 0.0f, 1.5f, -0.5f, 0.3f}) {
        CAPTURE(alpha);
        const xt::xarray<float> x = random_reals(random, {3, 4, 5}, -2, 2);
        CHECK(outputs(ctq::op::leaky_relu{alpha}, x).as() == xt::where(x < 0.0f, alpha * x, x));
    }
}

TEST_CASE("leaky_relu: each integer within one step of the function's value, whichever way it leans") {
    const auto check = []<class Rule>(Rule, float alpha, const ctq::bounds& in, const ctq::bounds& out) {
        CAPTURE(alpha);
        const auto node = quantized_node<Rule>(ctq::op::leaky_relu{alpha}, {{{256}, {}, in}}, out);
        CHECK(node.never_overflows());
        const xt::xarray<std::int32_t> all = xt::arange<std::int32_t>(-128, 128);
        const reals x = reals_of(all, node.input());
        CHECK(is_within_a_step(node, {all}, xt::where(x < 0.0, static_cast<double>(alpha) * x, x)));
    };
    for (const float alpha : {0.125f, 0.0f, 1.5f, -0.5f, -2.0f, 1e-30f}) {
        check(ctq::rule::affine_int8{}, alpha, {-2.0f, 3.0f}, {-0.25f, 3.0f});
        check(ctq::rule::tflite_int8{}, alpha, {-2.0f, 3.0f}, {-3.0f, 4.0f});
        check(ctq::rule::affine_int8{}, alpha, {-2.0f, 3.0f}, {-1e-4f, 1e-4f}); // most saturate
    }
}

TEST_CASE("layer_norm: xtensor's mean and variance of each row, from any axis on") {
    dice random(43);
    const auto check = [&](const shape& of, int axis, float offset, bool has_bias) {
        CAPTURE(axis);
        CAPTURE(offset);
        shape row;
        for (int at = of.normalized_axis(axis); at < of.rank; ++at) row.append(of[at]);
        const auto length = static_cast<std::size_t>(row.elements());
        const xt::xarray<float> x = random_reals(random, of, offset - 1, offset + 1);
        const xt::xarray<float> scale = random_reals(random, row), bias = random_reals(random, row);
        const reals rows = xt::reshape_view(xt::cast<double>(x), extents{x.size() / length, length});
        const reals mean = xt::mean(rows, {1}, xt::keep_dims), apart = rows - mean; // xtensor 0.24 does not broadcast
        const reals variance = xt::mean(xt::square(apart), {1}, xt::keep_dims);     // a reduction that is not made yet
        const reals normal = apart / xt::sqrt(variance + static_cast<double>(1e-3f));
        const reals wanted = has_bias ? reals(xt::reshape_view(normal, x.shape()) * scale + bias)
                                      : reals(xt::reshape_view(normal, x.shape()) * scale);
        const ctq::op::layer_norm op{axis, 1e-3f};
        const auto made = has_bias ? outputs(op, x, scale, bias).as() : outputs(op, x, scale).as();
        CHECK(is_near(made, wanted, 1e-6, 1e-9));
    };
    for (const int axis : {-1, 1, 0}) {
        check({5, 4, 6}, axis, 0.5f, true);
        check({5, 4, 6}, axis, -3.0f, false);
    }
    check({3, 1}, -1, 2.0f, true);    // nothing but the bias is left
    check({2, 1000}, -1, 1e4f, true); // a mean far larger than the deviation
}

TEST_CASE("matrix_product: xtensor's sums of broadcast products") {
    dice random(44);
    for (const auto& [of_a, of_b] : stacks) {
        const xt::xarray<float> a = random_reals(random, of_a), b = random_reals(random, of_b);
        const reals made = outputs(ctq::op::matrix_product{}, a, b).as();
        const reals wanted = product_of(a, b), size = product_of(xt::abs(a), xt::abs(b));
        REQUIRE(made.shape() == wanted.shape());
        CHECK(xt::all(xt::abs(made - wanted) <= 1e-6 * size));
    }
}

TEST_CASE("matrix_product: integers within one step of xtensor's sums") {
    dice random(46);
    const auto check = [&]<class Rule>(Rule, const shape& a, const shape& b) {
        const auto node = quantized_node<Rule>(ctq::op::matrix_product{},
                                               {{a, {}, random_range(random)}, {b, {}, random_range(random)}}, {-3, 5});
        CHECK(node.never_overflows());
        CHECK(node.lowered().nodes.back().types == ctq::detail::signature_under<Rule, ctq::op::matrix_product>());
        const auto x = random_input(random, node, 0), y = random_input(random, node, 1);
        CHECK(is_within_a_step(node, {x, y}, product_of(reals_of(x, node.input(0)), reals_of(y, node.input(1)))));
    };
    for (const auto& [of_a, of_b] : stacks)
        for (int round = 0; round < 4; ++round) {
            check(ctq::rule::affine_int8{}, of_a, of_b);
            check(ctq::rule::tflite_int8{}, of_a, of_b);
            check(ctq::rule::int16x8{}, of_a, of_b);
        }
}

TEST_CASE("matrix_product: either operand may be constant, with zero points of their own") {
    const std::vector<float> constant{0.5f, 0.25f, 0.0f, 1.0f};
    const operand held{{2, 2}, constant}, given{{2, 2}, {}, {-1.0f, 0.5f}};
    const reals right = array_of({2, 2}, constant);
    dice random(47);
    for (const bool first : {true, false}) {
        CAPTURE(first);
        const auto node = first ? quantized_node(ctq::op::matrix_product{}, {held, given}, {-2.0f, 2.0f})
                                : quantized_node(ctq::op::matrix_product{}, {given, held}, {-2.0f, 2.0f});
        const auto x = random_input(random, node);
        const reals other = reals_of(x, node.input());
        CHECK(is_within_a_step(node, {x}, first ? product_of(right, other) : product_of(other, right)));
    }
}

TEST_CASE("lstm: ONNX's equations in xtensor: directions, samples and steps") {
    for_each_layer(lstm{}, lstm_shapes, check_lstm);
}

TEST_CASE("lstm: functions of each direction, clip, and what is forgotten as no input replaces it") {
    lstm op{.functions = {cell_function::hard_sigmoid, cell_function::softsign, cell_function::affine,
                          cell_function::softsign, cell_function::sigmoid, cell_function::tanh},
            .alpha = {0.25f, 0, 0.5f, 0, 0, 0},
            .beta = {0.5f, 0, 0.125f, 0, 0, 0}};
    for (const float clip : {op.clip, 0.625f})
        for (const bool input_forget : {false, true}) {
            op.clip = clip;
            op.input_forget = input_forget;
            for_each_layer(op, lstm_shapes, check_lstm);
        }
}

TEST_CASE("lstm: a clip is of what goes into the gates, not of the cell") {
    auto operands = random_operands(lstm_shapes({1, 1, 2, 3}, 1), 5);
    operands[5].elements.assign(3, 4.0f);
    const lstm op{.clip = 0.5f};
    check_lstm(op, operands);
    const auto made = float_results(op, operands);
    for (const float cell : made[2]) CHECK(cell > 1.0f);
}
