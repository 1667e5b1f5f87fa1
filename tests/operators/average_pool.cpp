#include <ctq/operators/average_pool.hpp>

#include <doctest/doctest.h>
#include <operators/single_node.hpp>

#include <cmath>

using namespace ctq::testing;
using ctq::shape;
using ctq::op::average_pool;

namespace {

constexpr average_pool halving_average{{2, 2}, {2, 2}, {}, false};

static_assert([] {
    return float_result(halving_average, {{{1, 2, 2, 1}, {1, 5, -1, -3}}}) == std::vector<float>{0.5f};
}());
static_assert([] {
    return quantized_node(halving_average, {{{1, 2, 2, 1}}}).run({{-128, -128, -127, -127}})[0] == -128;
}());
static_assert(average_pool::rounded_mean(3, 2) == 2 && average_pool::rounded_mean(-3, 2) == -2);
static_assert(average_pool::rounded_mean(4, 3) == 1 && average_pool::rounded_mean(-5, 3) == -2);

// The proof counts padding as what it is read as, the zero point, which a range may leave out.
constexpr bool is_proved(bool count_padding) {
    const ctq::const_tensor in{{ctq::dtype::int16, {1, 1, 1, 1}, {1.0f, -30000}, {-100, 100}}, {}};
    constexpr ctq::signature words{ctq::dtype::int16, ctq::dtype::int16, ctq::dtype::int16};
    return average_pool{{400, 400}, {1, 1}, {}, count_padding}.never_overflows<words>({}, {&in, 1}, in.facts);
}
static_assert(is_proved(false) && !is_proved(true));

/// The mean as TFLite rounds it: halves away from zero, in the integers of the tensor.
void check(bool count_padding) {
    dice random(count_padding ? 41 : 42);
    const average_pool op{{3, 2}, {1, 2}, {1, 1, 2, 1}, count_padding};
    const shape image{2, 6, 5, 3};
    const auto node = quantized_node(op, {{image, {}, {-0.3f, 1.0f}}});
    const int zero = node.input().quantization.zero_point;
    const auto x = random.integers(image.elements());
    const auto reals = random.reals(image.elements());
    const auto out = node.run({x});
    const auto in_floats = float_result(op, {{image, reals}});
    const shape of = node.output().shape;
    std::size_t index = 0;
    for (int n = 0; n < of[0]; ++n)
        for (int row = 0; row < of[1]; ++row)
            for (int column = 0; column < of[2]; ++column)
                for (int c = 0; c < of[3]; ++c, ++index) {
                    double sum = 0, real_sum = 0;
                    int inside = 0;
                    for (int y = row - 1; y <= row + 1; ++y)
                        for (int at = 2 * column - 1; at <= 2 * column; ++at) {
                            const bool in = y >= 0 && y < 6 && at >= 0 && at < 5;
                            const auto i = static_cast<std::size_t>(in ? ((n * 6 + y) * 5 + at) * 3 + c : 0);
                            inside += in ? 1 : 0;
                            real_sum += in ? double{reals[i]} : 0.0;
                            sum += in ? x[i] : count_padding ? zero : 0;
                        }
                    const int cells = count_padding ? 6 : inside;
                    CHECK(out[index] == static_cast<int>(std::round(sum / cells)));
                    CHECK(in_floats[index] == doctest::Approx(real_sum / cells).epsilon(1e-5));
                }
}

} // namespace

TEST_CASE("average_pool: shape rule") {
    CHECK(shape_from(halving_average, {{{2, 7, 8, 3}}}) == shape{2, 3, 4, 3});
    CHECK_THROWS_WITH_AS(shape_from(halving_average, {}), "a pooling layer takes one input", ctq::model_error);
    CHECK_THROWS_WITH_AS(shape_from(average_pool{{2, 2}, {1, 1}, {0, 2, 0, 0}, false}, {{{1, 4, 4, 1}}}),
                         "pads must be smaller than the kernel", ctq::model_error);
    CHECK_THROWS_WITH_AS(shape_from(average_pool{{2, 2}, {1, 1}, {0, 0, 0, 2}, false}, {{{1, 4, 4, 1}}}),
                         "pads must be smaller than the kernel", ctq::model_error);
    CHECK_THROWS_WITH_AS(shape_from(halving_average, {{{1, 1, 4, 1}}}),
                         "the window is larger than the padded input; shrink kernel or dilation", ctq::model_error);
}

TEST_CASE("average_pool: over the cells inside") {
    check(false);
}

TEST_CASE("average_pool: over the whole window, padding as zero") {
    check(true);
}
