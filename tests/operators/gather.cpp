#include <ctq/graph/validate.hpp>
#include <ctq/operators/gather.hpp>
#include <ctq/operators/relu.hpp>
#include <ctq/operators/sigmoid.hpp>
#include <ctq/quantize/tflite_int8.hpp>

#include <doctest/doctest.h>
#include <operators/single_node.hpp>

#include <cstddef>
#include <cstdint>
#include <limits>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

using namespace ctq::testing;
using ctq::constant;
using ctq::dtype;
using ctq::shape;
using ctq::op::gather;

namespace {

constexpr std::int64_t least = std::numeric_limits<std::int64_t>::min(),
                       most = std::numeric_limits<std::int64_t>::max();

constexpr std::array<shape, 2> of_three_axes{{{2, 5, 3}, {7}}};
static_assert(ctq::places(gather{1}, of_three_axes) == 5 && ctq::places(gather{-1}, of_three_axes) == 3);

operand positions(const shape& of, std::vector<std::int64_t> indices) {
    return {.of = of, .integers = std::move(indices)};
}

static_assert([] {
    return float_result(gather{0}, {{{3, 2}, {1, 2, 3, 4, 5, 6}}, {.of = {2}, .integers = {2, -3}}}) ==
           std::vector<float>{5, 6, 1, 2};
}());
static_assert([] {
    return quantized_node(gather{1}, {{{2, 3}}, {.of = {}, .integers = {-1}}}).run({{1, 2, 3, 4, 5, 6}}) ==
           std::vector<std::int8_t>{3, 6};
}());

} // namespace

TEST_CASE("gather: the indices' axes stand where the axis was") {
    CHECK(shape_from(gather{1}, {{{4, 3, 5}}, positions({2, 7}, {})}) == shape{4, 2, 7, 5});
    CHECK(shape_from(gather{-1}, {{{4, 3}}, positions({}, {})}) == shape{4});
    CHECK(shape_from(gather{0}, {{{3}}, positions({0}, {})}) == shape{0});
    CHECK_THROWS_WITH_AS(shape_from(gather{}, {{{4}}}), "gather takes data and indices", ctq::model_error);
    CHECK_THROWS_WITH_AS(shape_from(gather{2}, {{{4, 3}}, {{1}}}),
                         "the axis is out of the tensor's range; use -rank .. rank-1", ctq::model_error);
    CHECK_THROWS_WITH_AS(shape_from(gather{0}, {{{}}, {{1}}}),
                         "the axis is out of the tensor's range; use -rank .. rank-1", ctq::model_error);
    CHECK_THROWS_WITH_AS(shape_from(gather{0}, {{{0, 2}}, {{1}}}), "an axis without entries has none to gather",
                         ctq::model_error);
    CHECK_THROWS_AS(shape_from(gather{0}, {{{1, 1, 1, 1}}, {{1, 1, 1, 1}}}), ctq::model_error);
}

TEST_CASE("gather: an index outside of the axis is the nearest inside, the farthest ones too") {
    const operand data{{3}, {10, 20, 30}};
    CHECK(float_result(gather{}, {data, positions({6}, {3, -4, most, least, -3, 2})}) ==
          std::vector<float>{30, 10, 30, 10, 10, 30});
    constexpr auto narrow_most = std::numeric_limits<std::int32_t>::max(),
                   narrow_least = std::numeric_limits<std::int32_t>::min();
    const std::vector<std::int32_t> narrow{1, narrow_most, narrow_least, -1};
    const auto made =
        all_results(gather{}, {{{dtype::float32, {3}}, data.elements.data()}, {{dtype::int32, {4}}, narrow.data()}});
    CHECK(made[0].as<float>() == std::vector<float>{20, 30, 10, 30});
}

TEST_CASE("gather: elements of every type") {
    const std::vector<std::int64_t> indices{4, 0, -2};
    for (int type = 0; type < ctq::dtype_count; ++type) {
        CAPTURE(type);
        constant data = constant::zeros(static_cast<dtype>(type), 5);
        data.visit([]<class T>(std::vector<T>& elements) {
            for (std::size_t i = 0; i < 5; ++i) {
                if constexpr (std::is_same_v<T, ctq::int4_pair>)
                    elements[i / 2].set(i, static_cast<std::int32_t>(i) - 3);
                else if constexpr (std::is_same_v<T, ctq::boolean>)
                    elements[i] = static_cast<T>(i % 4 == 0);
                else
                    elements[i] = static_cast<T>(i + 1);
            }
        });
        const auto made =
            all_results(gather{}, {{{data.type(), {5}}, data.view()}, {{dtype::int64, {3}}, indices.data()}});
        REQUIRE(made[0].type() == data.type());
        data.visit([&]<class T>(const std::vector<T>& elements) {
            const std::vector<T>& out = made[0].as<T>();
            for (std::size_t i = 0; i < 3; ++i) {
                const std::size_t from = i == 0 ? 4 : i == 1 ? 0 : 3;
                if constexpr (std::is_same_v<T, ctq::int4_pair>)
                    CHECK(out[i / 2][i] == elements[from / 2][from]);
                else
                    CHECK(out[i] == elements[from]);
            }
        });
    }
    const float real = 1;
    const std::vector<ctq::const_tensor> by_reals{{{dtype::float32, {1}}, &real}, {{dtype::float32, {}}, &real}};
    CHECK_THROWS_WITH_AS(all_results(gather{}, by_reals), "positions must be int32 or int64", ctq::model_error);
}

namespace {

/// A table of reals that is looked up by an input of indices, and what reads the rows.
template <class... Ops>
ctq::basic_graph<std::variant<gather, ctq::op::quantize, ctq::op::dequantize, ctq::op::requantize, Ops...>>
table_read_by(const std::vector<float>& table, const Ops&... ops) {
    ctq::basic_graph<std::variant<gather, ctq::op::quantize, ctq::op::dequantize, ctq::op::requantize, Ops...>> graph;
    const int rows = static_cast<int>(table.size()) / 2;
    const int data = graph.add_constant("table", {rows, 2}, table);
    const int ids = graph.add_value("ids", {dtype::int64, {3}});
    graph.inputs.push_back({"ids", ids});
    int last = graph.add_node("rows", gather{}, {data, ids});
    ((last = graph.add_node(Ops::name, ops, {last})), ...);
    graph.outputs.push_back({"out", last});
    ctq::validate(graph);
    return graph;
}

} // namespace

TEST_CASE("gather: a table of reals becomes integers over all of its range, which the rows have") {
    const auto graph = table_read_by({-4, 0.75f, 0.5f, 2, 6, 0});
    const std::vector<ctq::bounds> seen{{0, 0}, {0, 0}, {0.5f, 2}};
    const auto integers = ctq::annotate<ctq::rule::affine_int8>(graph, seen, ctq::flags(1, 0));
    ctq::validate(integers);
    REQUIRE(integers.nodes.size() == 1);
    const ctq::value &table = integers.value_at(integers.nodes[0].inputs[0]),
                     &rows = integers.value_at(integers.outputs[0].value);
    CHECK(integers.value_at(integers.inputs[0].value).facts.type == dtype::int64);
    CHECK(table.facts.type == dtype::int8);
    CHECK(table.facts.quantization == rows.facts.quantization);
    CHECK(rows.facts.quantization == ctq::rule::affine_int8::activation({-4, 6}));
    const auto elements =
        ctq::evaluate<ctq::rule::affine_int8>(integers, {constant(std::vector<std::int64_t>{2, -3, 1})});
    const auto& made = elements[static_cast<std::size_t>(integers.outputs[0].value)].as<std::int8_t>();
    const std::vector<float> wanted{6, 0, -4, 0.75f, 0.5f, 2};
    for (std::size_t i = 0; i < wanted.size(); ++i)
        CHECK(made[i] == nearest_integer(static_cast<double>(wanted[i]), rows.facts.quantization));
}

TEST_CASE("gather: a table that floats read stays one of reals") {
    const auto graph = table_read_by({-4, 0.75f, 0.5f, 2, 6, 0}, ctq::op::relu{});
    const std::vector<ctq::bounds> seen(graph.values.size(), {0, 1});
    const auto integers = ctq::annotate<ctq::rule::affine_int8>(graph, seen, ctq::flags{0, 1});
    ctq::validate(integers);
    REQUIRE(integers.nodes.size() == 2);
    CHECK(integers.nodes[0].in_float());
    CHECK(integers.nodes[1].in_float());
    CHECK(integers.value_at(integers.nodes[0].inputs[0]).facts.type == dtype::float32);
}

TEST_CASE("gather: by indices that are an activation, and of data with a fixed range") {
    ctq::basic_graph<
        std::variant<gather, ctq::op::sigmoid, ctq::op::quantize, ctq::op::dequantize, ctq::op::requantize>>
        graph;
    const int x = graph.add_value("x", {dtype::float32, {4}}), ids = graph.add_value("ids", {dtype::int32, {2}});
    const int other = graph.add_value("other", {dtype::float32, {4}});
    graph.inputs = {{"x", x}, {"ids", ids}, {"other", other}};
    const int bent = graph.add_node("bent", ctq::op::sigmoid{}, {x});
    graph.outputs = {{"some", graph.add_node("some", gather{}, {bent, ids})},
                     {"others", graph.add_node("others", gather{}, {other, ids})}};
    const std::vector<ctq::bounds> seen(graph.values.size(), {-1, 1});
    const auto integers = ctq::annotate<ctq::rule::tflite_int8>(graph, seen, ctq::flags(3, 0));
    ctq::validate(integers);
    CHECK(integers.nodes.size() == 3); // no conversion of what has the range of a sigmoid, none of indices
    const auto facts_of = [&](std::size_t output) { return integers.value_at(integers.outputs[output].value).facts; };
    CHECK(facts_of(0).quantization == ctq::quantization{1.0f / 256, -128});
    CHECK(facts_of(1).quantization == ctq::rule::tflite_int8::activation({-1, 1})); // no more than its data's
    const auto elements = ctq::evaluate<ctq::rule::tflite_int8>(
        integers, {constant(std::vector<std::int8_t>{1, 2, 3, 4}), constant(std::vector<std::int32_t>{-1, 9}),
                   constant(std::vector<std::int8_t>{5, 6, 7, 8})});
    CHECK(elements[static_cast<std::size_t>(integers.outputs[1].value)].as<std::int8_t>() ==
          std::vector<std::int8_t>{8, 8});
}
