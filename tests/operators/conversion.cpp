#include <ctq/operators/dequantize.hpp>
#include <ctq/operators/quantize.hpp>
#include <ctq/operators/requantize.hpp>

#include <doctest/doctest.h>

#include <array>
#include <cmath>
#include <cstdlib>

using ctq::const_tensor;
using ctq::dtype;
using ctq::quantization;
using ctq::tensor;
using ctq::tensors;

namespace {

template <dtype From, dtype To, ctq::rounding How = ctq::rounding::three_step>
constexpr ctq::signature signature{From, From, To, dtype::int32, How};

template <ctq::signature S, class Op, class... Lowered>
constexpr void run(const Op& op, const_tensor in, tensor out, const Lowered&... lowered) {
    op.template compute_integer<S>(lowered..., ctq::const_tensors(&in, 1), tensors(&out, 1));
}

constexpr quantization half{0.5f, -3};

static_assert([] {
    const std::array<float, 4> reals{0.0f, 1.0f, -200.0f, 0.74f};
    std::array<std::int8_t, 4> integers{};
    std::array<float, 4> back{};
    run<signature<dtype::float32, dtype::int8>>(ctq::op::quantize{}, {{dtype::float32, {4}, {}}, reals.data()},
                                                {{dtype::int8, {4}, half}, integers.data()});
    run<signature<dtype::int8, dtype::float32>>(ctq::op::dequantize{}, {{dtype::int8, {4}, half}, integers.data()},
                                                {{dtype::float32, {4}, {}}, back.data()});
    return integers == std::array<std::int8_t, 4>{-3, -1, -128, -2} && back == std::array<float, 4>{0, 1, -62.5f, 0.5f};
}());

template <ctq::rounding How> void check_requantize(quantization from, quantization to) {
    constexpr ctq::signature S = signature<dtype::int8, dtype::int8, How>;
    std::array<std::int8_t, 256> in{}, out{};
    for (int i = 0; i < 256; ++i) in[static_cast<std::size_t>(i)] = static_cast<std::int8_t>(i - 128);
    const ctq::op::requantize op;
    const ctq::op::requantize::lowered with{ctq::requantizer_of<S>::encode(double{from.scale} / double{to.scale})};
    run<S>(op, {{dtype::int8, {256}, from}, in.data()}, {{dtype::int8, {256}, to}, out.data()}, with);
    for (std::size_t i = 0; i < 256; ++i) {
        const double exact = double{from.scale} * (in[i] - from.zero_point) / double{to.scale} + to.zero_point;
        const double clamped = std::fmin(std::fmax(exact, -128), 127);
        CHECK(std::abs(out[i] - clamped) <= (How == ctq::rounding::three_step ? 0.52 : 0.76));
    }
    auto in_place = in;
    run<S>(op, {{dtype::int8, {256}, from}, in_place.data()}, {{dtype::int8, {256}, to}, in_place.data()}, with);
    CHECK(in_place == out);
}

} // namespace

TEST_CASE("conversion: requantize is the change of scale, rounded as the requantizer rounds, in place or not") {
    for (const quantization from : {quantization{0.1f, -128}, {0.037f, 0}, {2.0f, 127}})
        for (const quantization to : {quantization{0.1f, 5}, {0.3f, -128}, {0.02f, 0}}) {
            check_requantize<ctq::rounding::three_step>(from, to);
            check_requantize<ctq::rounding::double_rounding>(from, to);
        }
}

TEST_CASE("conversion: they take one input and keep its shape") {
    const std::array<ctq::shape, 1> one{ctq::shape{2, 3}};
    CHECK(ctq::output_shape(ctq::op::quantize{}, one) == one[0]);
    CHECK(ctq::output_shape(ctq::op::dequantize{}, one) == one[0]);
    CHECK(ctq::output_shape(ctq::op::requantize{}, one) == one[0]);
    CHECK_THROWS_WITH_AS(ctq::output_shape(ctq::op::quantize{}, {}), "a conversion takes one input", ctq::model_error);
    CHECK_THROWS_WITH_AS(ctq::output_shape(ctq::op::dequantize{}, {}), "a conversion takes one input",
                         ctq::model_error);
    CHECK_THROWS_WITH_AS(ctq::output_shape(ctq::op::requantize{}, {}), "a conversion takes one input",
                         ctq::model_error);
}
