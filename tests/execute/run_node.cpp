#include <ctq/execute/run_node.hpp>
#include <ctq/operators/batch_normalization.hpp>
#include <ctq/operators/conversions.hpp>
#include <ctq/operators/identity.hpp>

#include <doctest/doctest.h>

#include <array>
#include <vector>

using ctq::const_tensor;
using ctq::dtype;
using ctq::tensor;
using ctq::tensor_facts;

namespace {

constexpr tensor_facts real{dtype::float32, {2}, {}}, integer{dtype::int8, {2}, {0.5f, 1}};
constexpr std::array floats{real, real, real, real, real};
static_assert(ctq::is_float_node(floats, std::span(&real, 1)));
static_assert(!ctq::is_float_node(std::span(&real, 1), std::span(&integer, 1)));
static_assert(!ctq::is_float_node(std::span(&integer, 1), std::span(&real, 1)));

template <class Op> constexpr void run(const Op& op, const const_tensor& in, const tensor& out) {
    const ctq::kernels::variable_facts<Op> facts{{op, std::span(&in.facts, 1), std::span(&out.facts, 1)}};
    ctq::run_node<ctq::kernels::scalar, ctq::three_step>(facts, ctq::const_tensors(&in, 1), ctq::tensors(&out, 1), {});
}

static_assert([] {
    const std::array<float, 2> from{1.0f, -2.0f};
    std::array<std::int8_t, 2> quantized{};
    std::array<float, 2> copied{}, back{};
    run(ctq::identity{}, {real, from.data()}, {real, copied.data()});
    run(ctq::quantize_layer{}, {real, from.data()}, {integer, quantized.data()});
    run(ctq::dequantize_layer{}, {integer, quantized.data()}, {real, back.data()});
    return copied == from && quantized == std::array<std::int8_t, 2>{3, -3} && back == from;
}());

} // namespace

TEST_CASE("run_node: integers through an operator that has no integer meaning are a fault") {
    std::array<std::int8_t, 2> elements{};
    CHECK_THROWS_WITH_AS(run(ctq::batch_normalization{}, {integer, elements.data()}, {integer, elements.data()}),
                         "the operator has no integer meaning", ctq::model_error);
}
