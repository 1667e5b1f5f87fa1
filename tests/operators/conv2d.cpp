#include <ctq/operators/conv2d.hpp>
#include <ctq/quantize/tflite_int8.hpp>

#include <doctest/doctest.h>
#include <operators/single_node.hpp>

#include <cmath>
#include <cstdlib>
#include <string>

using namespace ctq::testing;
using ctq::shape;
using ctq::op::conv2d;

namespace {

constexpr conv2d window(ctq::op::extents kernel, ctq::op::margins padding = {}) {
    conv2d op;
    op.kernel = kernel;
    op.padding = padding;
    return op;
}

// A 3x3 image under a 2x2 kernel of ones.
static_assert([] {
    return float_result(window({2, 2}), {{{1, 3, 3, 1}, {1, 2, 3, 4, 5, 6, 7, 8, 9}}, {{1, 2, 2, 1}, {1, 1, 1, 1}}}) ==
           std::vector<float>{12, 16, 24, 28};
}());
// Padding on top and left only, with a bias; two groups.
static_assert([] {
    return float_result(window({2, 2}, {1, 1, 0, 0}),
                        {{{1, 2, 2, 1}, {1, 2, 3, 4}}, {{1, 2, 2, 1}, {1, 10, 100, 1000}}, {{1}, {5}}}) ==
           std::vector<float>{1005, 2105, 3015, 4326};
}());
constexpr conv2d two_groups = [] {
    conv2d op;
    op.groups = 2;
    return op;
}();
static_assert([] {
    return float_result(two_groups, {{{1, 1, 1, 4}, {1, 2, 3, 4}}, {{2, 1, 1, 2}, {1, 1, 1, 1}}}) ==
           std::vector<float>{3, 7};
}());

// The identity kernel gives its input back when scales agree.
static_assert([] {
    return quantized_node(conv2d{}, {{{1, 1, 3, 1}}, {{1, 1, 1, 1}, {1.0f}}}).run({{-128, 5, 127}}) ==
           std::vector<std::int8_t>{-128, 5, 127};
}());
static_assert([] {
    return quantized_node<ctq::rule::tflite_int8>(window({1, 3}, {0, 1, 0, 1}),
                                                  {{{1, 1, 2, 1}}, {{1, 1, 3, 1}, {1, 1, 1}}}, {-2, 2})
               .run({{-128, 126}}) == std::vector<std::int8_t>{-1, -1};
}());

struct problem {
    shape image, weights; ///< [N,H,W,C], [O,KH,KW,C/groups]
    ctq::op::extents stride{1, 1}, dilation{1, 1};
    ctq::op::margins padding{};
    std::int32_t groups = 1;
};

/// The integers that the rule promises, found anew: real weights over a channel's own scale, bias over the product.
struct channel_integers {
    std::vector<long> weights;
    long bias;
    double scale; ///< of the accumulator
};

channel_integers channel_of(const std::vector<float>& weights, const std::vector<float>& bias, int channel, double in) {
    const std::size_t length = weights.size() / bias.size(), first = static_cast<std::size_t>(channel) * length;
    double largest = 0;
    for (std::size_t k = 0; k < length; ++k) largest = std::max(largest, std::abs(double{weights[first + k]}));
    const double scale = largest / 127;
    channel_integers result{{}, 0, scale * in};
    for (std::size_t k = 0; k < length; ++k) result.weights.push_back(std::lrint(weights[first + k] / scale));
    result.bias = std::lrint(bias[static_cast<std::size_t>(channel)] / result.scale);
    return result;
}

template <class Rule> void check_against_reals(const problem& p, unsigned seed) {
    CAPTURE(seed);
    dice random(seed);
    const conv2d op{{p.weights[1], p.weights[2]},
                    p.stride,
                    p.dilation,
                    p.padding,
                    p.groups,
                    seed % 2 != 0 ? ctq::bounds::relu() : ctq::bounds::none()};
    const auto weights = random.reals(p.weights.elements());
    const auto bias = random.reals(p.weights[0]);
    const ctq::bounds range{-random.real(0.0f, 2.0f), random.real(0.1f, 2.0f)};
    const auto node =
        quantized_node<Rule>(op, {{p.image, {}, range}, {p.weights, weights}, {{p.weights[0]}, bias}}, {-2.0f, 3.0f});
    CHECK(node.never_overflows());
    const auto x = random.integers(p.image.elements());
    const auto out = node.run({x});
    const shape of = node.output().shape;
    const auto in_q = node.input().quantization, out_q = node.output().quantization;
    const int per_group = p.weights[0] / p.groups, inputs = p.weights[3];
    for (int channel = 0; channel < of[3]; ++channel) {
        const channel_integers integers = channel_of(weights, bias, channel, double{in_q.scale});
        for (int n = 0; n < of[0]; ++n)
            for (int row = 0; row < of[1]; ++row)
                for (int column = 0; column < of[2]; ++column) {
                    double sum = static_cast<double>(integers.bias);
                    for (int k = 0; k < static_cast<int>(integers.weights.size()); ++k) {
                        const int i = k % inputs, kx = k / inputs % p.weights[2], ky = k / inputs / p.weights[2];
                        const int y = row * p.stride[0] - p.padding[0] + ky * p.dilation[0];
                        const int at = column * p.stride[1] - p.padding[1] + kx * p.dilation[1];
                        if (y < 0 || at < 0 || y >= p.image[1] || at >= p.image[2]) continue;
                        const int c = channel / per_group * inputs + i;
                        const int q =
                            x[static_cast<std::size_t>(((n * p.image[1] + y) * p.image[2] + at) * p.image[3] + c)];
                        sum +=
                            static_cast<double>(integers.weights[static_cast<std::size_t>(k)]) * (q - in_q.zero_point);
                    }
                    double real = sum * integers.scale;
                    if (op.activation == ctq::bounds::relu() && real < 0) real = 0;
                    const int got =
                        out[static_cast<std::size_t>(((n * of[1] + row) * of[2] + column) * of[3] + channel)];
                    CHECK(std::abs(got - nearest_integer(real, out_q)) <= 1);
                }
    }
}

} // namespace

TEST_CASE("conv2d: shape rule") {
    const auto of = [](const conv2d& op, shape image, shape weights) { return shape_from(op, {{image}, {weights}}); };
    CHECK(of(window({3, 3}), {2, 8, 9, 4}, {5, 3, 3, 4}) == shape{2, 6, 7, 5});
    CHECK(of(window({3, 3}, {1, 1, 1, 1}), {1, 8, 8, 4}, {5, 3, 3, 4}) == shape{1, 8, 8, 5});
    conv2d sparse = window({3, 2}, {0, 1, 2, 3});
    sparse.dilation = {2, 3};
    sparse.stride = {2, 1};
    CHECK(of(sparse, {1, 8, 8, 1}, {1, 3, 2, 1}) == shape{1, 3, 9, 1});
}

TEST_CASE("conv2d: what no convolution can be is refused") {
    const auto refuses = [](conv2d op, std::vector<operand> operands, const char* text) {
        CAPTURE(std::string(text));
        CHECK_THROWS_WITH_AS(shape_from(op, operands), text, ctq::model_error);
    };
    const std::vector<operand> good{{{1, 8, 8, 4}}, {{6, 3, 3, 4}}};
    refuses(window({3, 3}), {{{1, 8, 8, 4}}}, "conv2d takes an image, weights, an optional bias and a residual");
    refuses(window({3, 3}), {{{1, 8, 8, 4}}, {{3, 3, 4}}},
            "the weights must have 4 axes (outputs, rows, columns, inputs per group)");
    refuses(window({3, 3}), {{{8, 8, 4}}, {{6, 3, 3, 4}}}, "the input channels must be a multiple of groups");
    refuses(window({2, 3}), good, "the weights' extents must be the kernel attribute");
    refuses(window({3, 3}), {{{1, 8, 8, 4}}, {{6, 3, 3, 3}}},
            "the weights' inputs per group must be input channels / groups");
    refuses(window({3, 3}), {{{1, 8, 8, 4}}, {{6, 3, 3, 4}}, {{5}}}, "the bias must have one value a channel");
    refuses(window({3, 3}), {{{1, 2, 8, 4}}, {{6, 3, 3, 4}}},
            "the window is larger than the padded input; shrink kernel or dilation");
    refuses(window({3, 3}, {-1, 0, 0, 0}), good, "pads must not be negative");
    conv2d op = window({3, 3});
    op.groups = 0;
    refuses(op, good, "groups must be at least 1");
    op.groups = 4;
    refuses(op, {{{1, 8, 8, 4}}, {{6, 3, 3, 1}}}, "the output channels must be a multiple of groups");
    op = window({3, 3});
    op.stride = {0, 1};
    refuses(op, good, "strides must be at least 1");
    op = window({3, 3});
    op.dilation = {1, 0};
    refuses(op, good, "dilations must be at least 1");
}

TEST_CASE("conv2d: multiply-accumulates") {
    conv2d op = window({3, 3});
    op.groups = 2;
    CHECK(ctq::macs(op, {2, 6, 6, 4}, {2, 4, 4, 8}) == 2 * 4 * 4 * 8 * 9 * 2);
}

TEST_CASE("conv2d: within one step of exact arithmetic on the integers' reals") {
    const std::vector<problem> problems{
        {{1, 5, 5, 1}, {1, 3, 3, 1}},
        {{2, 7, 6, 3}, {5, 3, 3, 3}, {1, 1}, {1, 1}, {1, 1, 1, 1}},
        {{1, 9, 9, 4}, {6, 3, 3, 4}, {2, 2}, {1, 1}, {0, 1, 1, 0}},    // asymmetric pads, stride
        {{2, 8, 8, 6}, {9, 3, 2, 2}, {1, 2}, {1, 1}, {2, 0, 0, 1}, 3}, // groups
        {{1, 8, 8, 5}, {5, 3, 3, 1}, {1, 1}, {1, 1}, {1, 1, 1, 1}, 5}, // depthwise
        {{2, 6, 6, 3}, {6, 5, 5, 1}, {2, 1}, {1, 1}, {2, 2, 2, 2}, 3}, // depthwise, multiplier 2
        {{1, 11, 10, 2}, {3, 3, 3, 2}, {1, 1}, {3, 2}, {3, 2, 3, 2}},  // dilation
        {{2, 1, 20, 4}, {7, 1, 5, 4}, {1, 2}, {1, 2}, {0, 4, 0, 0}},   // 1-D
        {{1, 4, 4, 33}, {17, 1, 1, 33}},                               // pointwise, odd
    };
    unsigned seed = 1;
    for (const problem& p : problems)
        for (int repeat = 0; repeat < 2; ++repeat) {
            check_against_reals<ctq::rule::affine_int8>(p, seed);
            check_against_reals<ctq::rule::tflite_int8>(p, seed++);
        }
}

TEST_CASE("conv2d: a channel of zero weights gives its bias") {
    const std::vector<float> weights{0, 0, 0.5f, -0.5f}, bias{0.75f, 0.0f};
    const auto node = quantized_node(conv2d{}, {{{1, 1, 1, 2}}, {{2, 1, 1, 2}, weights}, {{2}, bias}});
    const auto out = node.run({{100, -100}});
    CHECK(std::abs(out[0] - nearest_integer(0.75, node.output().quantization)) <= 1);
}

TEST_CASE("conv2d: the float meaning is convolution in double, whatever the window") {
    dice random(5);
    const problem p{{2, 6, 7, 4}, {6, 3, 2, 2}, {2, 1}, {1, 2}, {1, 0, 2, 1}, 2};
    const conv2d op{{3, 2}, p.stride, p.dilation, p.padding, 2, {}};
    const auto x = random.reals(p.image.elements()), w = random.reals(p.weights.elements());
    const auto out = float_result(op, {{p.image, x}, {p.weights, w}});
    const shape of = shape_from(op, {{p.image}, {p.weights}});
    std::size_t index = 0;
    for (int n = 0; n < of[0]; ++n)
        for (int row = 0; row < of[1]; ++row)
            for (int column = 0; column < of[2]; ++column)
                for (int o = 0; o < of[3]; ++o) {
                    double sum = 0;
                    for (int y = 0; y < p.image[1]; ++y)
                        for (int at = 0; at < p.image[2]; ++at) {
                            const int dy = y - (row * 2 - 1), dx = at - column;
                            if (dy < 0 || dy > 2 || dx < 0 || dx % 2 != 0 || dx > 2) continue;
                            for (int i = 0; i < 2; ++i)
                                sum += double{x[static_cast<std::size_t>(((n * 6 + y) * 7 + at) * 4 + o / 3 * 2 + i)]} *
                                       double{w[static_cast<std::size_t>(((o * 3 + dy) * 2 + dx / 2) * 2 + i)]};
                        }
                    CHECK(out[index++] == doctest::Approx(sum).epsilon(1e-5));
                }
}
