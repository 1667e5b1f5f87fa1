#include <ctq/operators/dense.hpp>
#include <ctq/operators/weighted.hpp>

#include <doctest/doctest.h>
#include <operators/single_node.hpp>

#include <array>
#include <cmath>
#include <cstdlib>
#include <limits>

using namespace ctq::testing;
using ctq::rounding;
using ctq::signature;

namespace {

constexpr signature three_step{ctq::dtype::int8, ctq::dtype::int8, ctq::dtype::int8, ctq::dtype::int32,
                               rounding::three_step};
constexpr signature double_rounding{ctq::dtype::int8, ctq::dtype::int8, ctq::dtype::int8, ctq::dtype::int32,
                                    rounding::double_rounding};
constexpr signature unrounded{ctq::dtype::int8, ctq::dtype::int8, ctq::dtype::int32};

template <signature S> struct planes {
    using requantizer = ctq::requantizer_of<S>;
    using multiplier_type = typename requantizer::multiplier_type;

    std::array<std::int32_t, 2> bias{};
    std::array<multiplier_type, 2> multiplier{};
    std::array<std::int8_t, 2> shift{};

    void set(std::size_t channel, double scale) {
        const ctq::scaling s = requantizer::encode(scale);
        multiplier[channel] = static_cast<multiplier_type>(s.multiplier);
        shift[channel] = static_cast<std::int8_t>(s.shift);
    }
    std::array<ctq::const_tensor, ctq::weighted::residual> tensors() const {
        return {ctq::const_tensor{}, ctq::const_tensor{}, ctq::const_tensor{{}, bias.data()},
                ctq::const_tensor{{}, multiplier.data()}, ctq::const_tensor{{}, shift.data()}};
    }
};

template <signature S> void check_finish() {
    using requantizer = ctq::requantizer_of<S>;
    planes<S> table;
    table.set(0, 0.25);
    table.set(1, 1.5e-4);
    const auto in = table.tensors();
    const ctq::channel_scaling<S> scales(in);
    CHECK(scales[0] == requantizer::encode(0.25));
    CHECK(scales[1] == requantizer::encode(1.5e-4));
    const ctq::tensor_facts out{ctq::dtype::int8, {1}, {1.0f, 7}, {-100, 50}};
    for (const std::int32_t sum : {-100000, -400, -3, 0, 2, 399, 100000})
        for (std::size_t channel = 0; channel < 2; ++channel) {
            const std::int32_t start = sum + requantizer::rounding(scales[channel]);
            CHECK(scales.finish(start, channel, out) == out.range.clamp(requantizer::apply(sum, scales[channel], 7)));
        }
}

/// What fits is exactly what no accumulator can overflow with: weights of one sign meet activations of -128 .. 127.
template <signature S> void check_proof(double scale) {
    planes<S> table;
    table.set(0, scale);
    const auto in = table.tensors();
    const ctq::channel_scaling<S> scales(in);
    const ctq::tensor_facts input{ctq::dtype::int8, {1}, {1.0f, 3}};
    const std::int64_t room = scales.headroom(0);
    const auto fits = [&](std::int64_t positive, std::int64_t negative) {
        return ctq::accumulator_fits(scales, ctq::weight_sums{positive, negative}, input, 0);
    };
    CHECK(fits(room / 128, 0));
    CHECK_FALSE(fits(room / 128 + 1, 0));
    CHECK(fits(0, room / 128));
    CHECK_FALSE(fits(0, room / 128 + 1));
    table.bias[0] = -static_cast<std::int32_t>(room % 128) - 128;
    CHECK(fits(room / 128 - 1, 0));
    CHECK_FALSE(fits(room / 128, 0));
    table.bias[0] = std::numeric_limits<std::int32_t>::min();
    CHECK_FALSE(fits(0, 0));
}

} // namespace

TEST_CASE("weighted: finish is the requantizer, clamped") {
    check_finish<three_step>();
    check_finish<double_rounding>();
}

TEST_CASE("weighted: without rounding the accumulator is the output, clamped") {
    const std::array<std::int32_t, 1> bias{5};
    const std::array in{ctq::const_tensor{}, ctq::const_tensor{}, ctq::const_tensor{{}, bias.data()}};
    const ctq::channel_scaling<unrounded> scales(in);
    CHECK(scales.finish(123456, 0, {ctq::dtype::int32, {1}}) == 123456);
    CHECK(scales.finish(123456, 0, {ctq::dtype::int32, {1}, {}, {-100, 1000}}) == 1000);
}

TEST_CASE("weighted: the proof stands at the requantizer's headroom") {
    for (const double scale : {1e-5, 1e-3, 0.1, 2.0}) {
        check_proof<three_step>(scale);
        check_proof<double_rounding>(scale);
    }
}

TEST_CASE("weighted: a range of activations narrower than the type gains the proof room") {
    planes<three_step> table;
    table.set(0, 1e-3);
    const auto in = table.tensors();
    const ctq::channel_scaling<three_step> scales(in);
    const std::int64_t room = scales.headroom(0);
    const ctq::tensor_facts relu{ctq::dtype::int8, {1}, {1.0f, 0}, {0, 127}};
    CHECK(ctq::accumulator_fits(scales, ctq::weight_sums{room / 127, 0}, relu, 0));
    CHECK_FALSE(ctq::accumulator_fits(scales, ctq::weight_sums{room / 127 + 1, 0}, relu, 0));
    // Padding is read as the zero point, even where the range does not reach down to it.
    const ctq::tensor_facts high{ctq::dtype::int8, {1}, {1.0f, -128}, {100, 127}};
    CHECK(ctq::accumulator_fits(scales, ctq::weight_sums{0, room / 128}, high, 0));
    CHECK_FALSE(ctq::accumulator_fits(scales, ctq::weight_sums{0, room / 128 + 1}, high, 0));
}

TEST_CASE("weighted: the lowered bias holds bias, zero point and rounding constant") {
    const std::vector<float> weights{1.0f, 0.25f, -0.75f, 0.5f}, bias{0.3f};
    const auto node = quantized(ctq::dense{}, {{{1, 4}, {}, {-0.2f, 1.0f}}, {{1, 4}, weights}, {{1}, bias}}, {-1, 2});
    const auto made = node.lowered();
    const auto plane = [&](std::size_t input) -> const ctq::constant& {
        return made.constant_of(made.nodes.back().inputs[input]);
    };
    const ctq::quantization q = node.input().quantization;
    const double product = double{q.scale} / 127;
    std::int64_t sum = 0;
    for (const float w : weights) sum += std::lrint(double{w} * 127);
    const ctq::scaling s = ctq::three_step::encode(product / double{node.output().quantization.scale});
    CHECK(plane(ctq::weighted::weights).as<std::int8_t>() == std::vector<std::int8_t>{127, 32, -95, 64});
    CHECK(plane(ctq::weighted::bias).as<std::int32_t>()[0] ==
          std::lrint(double{bias[0]} / product) - q.zero_point * sum + ctq::three_step::rounding(s));
    CHECK(plane(ctq::weighted::multiplier).as<std::int16_t>()[0] == s.multiplier);
    CHECK(plane(ctq::weighted::shift).as<std::int8_t>()[0] == s.shift);
}
