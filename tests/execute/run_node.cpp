#include <ctq/execute/run_node.hpp>
#include <ctq/operators/batch_normalization.hpp>
#include <ctq/operators/dequantize.hpp>
#include <ctq/operators/identity.hpp>
#include <ctq/operators/quantize.hpp>
#include <ctq/operators/requantize.hpp>

#include <doctest/doctest.h>

#include <array>
#include <vector>

using ctq::const_tensor;
using ctq::dtype;
using ctq::tensor;
using ctq::tensor_facts;

namespace {

constexpr tensor_facts real{dtype::float32, {2}, {}}, integer{dtype::int8, {2}, {0.5f, 1}};
constexpr ctq::signature floats{dtype::float32, dtype::float32, dtype::float32, dtype::int32, ctq::rounding::in_float};
constexpr ctq::signature quantizes{dtype::float32, dtype::float32, dtype::int8};
constexpr ctq::signature dequantizes{dtype::int8, dtype::int8, dtype::float32};

template <ctq::signature S, class Op> constexpr void run(const Op& op, const const_tensor& in, const tensor& out) {
    const ctq::kernels::variable_facts<Op> facts{{op, {}, std::span(&in.facts, 1), std::span(&out.facts, 1)}};
    ctq::run_node<ctq::kernels::scalar, S>(facts, ctq::const_tensors(&in, 1), ctq::tensors(&out, 1), {});
}

static_assert([] {
    const std::array<float, 2> from{1.0f, -2.0f};
    std::array<std::int8_t, 2> quantized{};
    std::array<float, 2> copied{}, back{};
    run<floats>(ctq::op::identity{}, {real, from.data()}, {real, copied.data()});
    run<quantizes>(ctq::op::quantize{}, {real, from.data()}, {integer, quantized.data()});
    run<dequantizes>(ctq::op::dequantize{}, {integer, quantized.data()}, {real, back.data()});
    return copied == from && quantized == std::array<std::int8_t, 2>{3, -3} && back == from;
}());

} // namespace

TEST_CASE("run_node: integers through the kernel of their signature, floats through the float meaning") {
    const std::array<std::int8_t, 2> from{-7, 120};
    std::array<std::int8_t, 2> copied{};
    run<ctq::signature{}>(ctq::op::identity{}, {integer, from.data()}, {integer, copied.data()});
    CHECK(copied == from);
    static_assert(!ctq::has_integer_meaning<ctq::op::batch_normalization, ctq::signature{}>);
}
