#include <ctq/operators/batch_normalization.hpp>

#include <doctest/doctest.h>
#include <operators/single_node.hpp>

#include <array>
#include <cmath>

using namespace ctq::testing;
using ctq::shape;
using ctq::op::batch_normalization;

static_assert([] {
    return float_result(batch_normalization{0.0f, -1},
                        {{{2, 2}, {1, 2, 3, 4}}, {{2}, {2, 1}}, {{2}, {0, 10}}, {{2}, {1, 0}}, {{2}, {4, 1}}}) ==
           std::vector<float>{0, 12, 2, 14};
}());

TEST_CASE("batch_normalization: shape rule") {
    const operand c{{3}};
    CHECK(shape_from(batch_normalization{}, {{{2, 3, 4}}, c, c, c, c}) == shape{2, 3, 4});
    CHECK_THROWS_WITH_AS(shape_from(batch_normalization{}, {{{2, 3, 4}}, c, c, c}),
                         "batch_normalization takes a tensor, gamma, beta, mean and variance", ctq::model_error);
    CHECK_THROWS_WITH_AS(shape_from(batch_normalization{}, {{{2, 3, 4}}, c, c, {{4}}, c}),
                         "gamma, beta, mean and variance must have one value a channel", ctq::model_error);
    CHECK_THROWS_AS(shape_from(batch_normalization{1e-5f, 3}, {{{2, 3, 4}}, c, c, c, c}), ctq::model_error);
}

TEST_CASE("batch_normalization: the float meaning along any axis") {
    dice random(111);
    const shape in{2, 3, 4, 5};
    for (const int axis : {0, 1, 2, 3}) {
        const int channels = in[axis];
        const auto x = random.reals(in.elements());
        const auto gamma = random.reals(channels), beta = random.reals(channels), mean = random.reals(channels);
        const auto variance = random.reals(channels, 0.01f, 2.0f);
        const batch_normalization op{1e-3f, axis};
        const auto out = float_result(
            op, {{in, x}, {{channels}, gamma}, {{channels}, beta}, {{channels}, mean}, {{channels}, variance}});
        const auto step = ctq::strides_of(in)[static_cast<std::size_t>(axis)];
        for (std::size_t i = 0; i < x.size(); ++i) {
            const auto c = static_cast<std::size_t>(static_cast<std::int64_t>(i) / step % channels);
            const double spread = std::sqrt(double{variance[c]} + double{1e-3f});
            CHECK(out[i] == doctest::Approx((double{x[i]} - mean[c]) / spread * gamma[c] + beta[c]).epsilon(1e-5));
        }
    }
}

TEST_CASE("batch_normalization: a variance that has no root is refused") {
    const char* text = "variances must not be negative, nor variance + epsilon zero";
    const auto scale = [](float epsilon, float variance) {
        return batch_normalization{epsilon, 1}.of_channel(std::array{1.0f, 0.0f, 0.0f, variance}).scale;
    };
    CHECK_THROWS_WITH_AS(scale(1e-5f, -1), text, ctq::model_error);
    CHECK_THROWS_WITH_AS(scale(0, 0), text, ctq::model_error);
    CHECK_THROWS_WITH_AS(scale(1e-5f, NAN), text, ctq::model_error);
}

TEST_CASE("batch_normalization: its axis moves with a transpose; it has no integer meaning") {
    const std::array<std::int32_t, 4> to_channels_last{0, 2, 3, 1};
    CHECK(batch_normalization{0.5f, 1}.permuted(to_channels_last) == batch_normalization{0.5f, 3});
    CHECK(batch_normalization{0.5f, -1}.permuted(to_channels_last) == batch_normalization{0.5f, 2});
    constexpr ctq::signature bytes{ctq::dtype::int8, ctq::dtype::int8, ctq::dtype::int8, ctq::dtype::int32,
                                   ctq::rounding::three_step};
    static_assert(!ctq::has_integer_meaning<batch_normalization, bytes>);
}
