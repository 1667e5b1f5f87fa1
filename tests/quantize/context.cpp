#include <ctq/operators/add.hpp>
#include <ctq/quantize/affine_int8.hpp>
#include <ctq/quantize/context.hpp>

#include <doctest/doctest.h>

#include <variant>

using ctq::affine_int8;
using ctq::dtype;
using ctq::quantization;
using graph = ctq::basic_graph<std::variant<ctq::add, ctq::requantize_layer>>;

namespace {

constexpr quantization coarse{0.5f, 1}, fine{0.25f, -3};

/// x + c in float, x already quantized as value 0 of the target.
struct scene {
    graph source, target;

    scene() {
        const int x = source.add_value("x", {dtype::float32, {2}, {}});
        const int c = source.add_constant("c", {2}, std::vector<float>{-1.0f, 3.0f});
        source.add_node("sum", ctq::add{}, {x, c});
        target.add_value("x", {dtype::int8, {2}, coarse});
    }
    auto context(const quantization& output) {
        const auto integers_of = [](int value) { return value; };
        return ctq::quantize_context<graph, decltype(integers_of)>(source, source.node_at(0), target,
                                                                   {dtype::int8, {2}, output}, integers_of);
    }
};

} // namespace

TEST_CASE("context: what an operator is told of its node") {
    scene s;
    auto context = s.context(fine);
    CHECK(context.input_count() == 2);
    CHECK(context.input(0).quantization == coarse);
    CHECK(context.input(1).type == dtype::float32);
    CHECK(context.output().quantization == fine);
    CHECK(context.constant(1)[1] == 3.0f);
    CHECK_THROWS_WITH_AS(context.constant(0), "weights and bias must be constant", ctq::model_error);
    CHECK(context.list<std::int16_t>(3) == std::vector<std::int16_t>(3));
}

TEST_CASE("context: an operand that is constant is quantized over its own range, once") {
    scene s;
    auto context = s.context(fine);
    context.keep_operand<affine_int8>(0);
    context.keep_operand<affine_int8>(1);
    REQUIRE(context.inputs().size() == 2);
    CHECK(context.inputs()[0] == 0);
    const quantization own = affine_int8::activation({-1.0f, 3.0f});
    CHECK(context.kept(1) == ctq::tensor_facts{dtype::int8, {2}, own});
    const auto& integers = s.target.constant_of(context.inputs()[1]).int8s;
    CHECK(integers[0] == ctq::quantize(-1.0f, own));
    CHECK(integers[1] == ctq::quantize(3.0f, own));
}

TEST_CASE("context: an operand under another scale than the output's is converted") {
    scene s;
    auto context = s.context(fine);
    context.keep_shared_operand<affine_int8>(0);
    context.keep_shared_operand<affine_int8>(1);
    CHECK(context.kept(0).quantization == fine);
    CHECK(context.kept(1).quantization == fine);
    REQUIRE(s.target.nodes.size() == 1);
    CHECK(s.target.node_at(0).name == "sum.x.requantized");
    CHECK(std::get<ctq::requantize_layer>(s.target.node_at(0).op).scale == ctq::three_step::encode(2.0));
    CHECK(s.target.constant_of(context.inputs()[1]).int8s[1] == ctq::quantize(3.0f, fine));
}

TEST_CASE("context: an operand that shares the output's scale stays as it is") {
    scene s;
    auto context = s.context(coarse);
    context.keep_shared_operand<affine_int8>(0);
    CHECK(context.inputs() == std::vector<int>{0});
    CHECK(s.target.nodes.empty());
}

TEST_CASE("context: constants of the integer node are named after node and role") {
    scene s;
    auto context = s.context(fine);
    context.keep_input(0);
    context.append_constant("table", ctq::shape{3}, std::vector<std::int8_t>{1, 2, 3}, fine);
    CHECK(s.target.value_at(context.inputs()[1]).name == "sum.table");
    CHECK(context.kept(1).quantization == fine);
}
