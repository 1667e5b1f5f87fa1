#include <ctq/graph/graph.hpp>
#include <ctq/operators/add.hpp>
#include <ctq/operators/relu.hpp>

#include <doctest/doctest.h>

#include <string>
#include <variant>
#include <vector>

using ctq::dtype;
using ctq::shape;
using graph = ctq::basic_graph<std::variant<ctq::op::add, ctq::op::relu>>;

namespace {

/// relu(x) + c, and relu of that; both are outputs.
constexpr graph sample() {
    graph g;
    const int x = g.add_value("x", {dtype::float32, {2, 3}, {}});
    g.inputs.push_back({"x", x});
    const int c = g.add_constant("c", {3}, std::vector<float>{1, 2, 3});
    const int first = g.add_node("first", ctq::op::relu{}, {x});
    const int sum = g.add_node("sum", ctq::op::add{}, {first, c});
    const int last = g.add_node("last", ctq::op::relu{}, {sum});
    g.outputs = {{"sum", sum}, {"last", last}};
    return g;
}

static_assert(sample().nodes.size() == 3 && sample().values.size() == 5 && sample().constants.size() == 1);
static_assert(sample().is_constant(1) && !sample().is_constant(0) && sample().reals(1)[2] == 3);
static_assert(sample().value_at(3).facts.shape == shape{2, 3} && sample().value_at(3).name == "sum");
static_assert(sample().producer_of(0) == -1 && sample().producer_of(1) == -1 && sample().producer_of(3) == 1);
static_assert(ctq::operator_name(sample().nodes[0]) == "relu" && ctq::operator_name(sample().nodes[1]) == "add");

} // namespace

TEST_CASE("graph: marked nodes go, the others keep their order") {
    graph g = sample();
    CHECK_FALSE(g.erase_nodes({0, 0, 0}));
    CHECK(g.erase_nodes({0, 1, 0}));
    REQUIRE(g.nodes.size() == 2);
    CHECK(g.node_at(0).name == "first");
    CHECK(g.node_at(1).name == "last");
    CHECK(g.producer_of(3) == -1);
}

TEST_CASE("graph: the operator of a node by type") {
    graph g = sample();
    CHECK(ctq::operator_if<ctq::op::add>(g.node_at(0)) == nullptr);
    REQUIRE(ctq::operator_if<ctq::op::add>(g.node_at(1)) != nullptr);
    ctq::operator_if<ctq::op::add>(g.node_at(1))->activation = ctq::bounds::relu6();
    CHECK(std::get<ctq::op::add>(g.node_at(1).op).activation == ctq::bounds::relu6());
    CHECK(ctq::visit_operator(g.node_at(1), [](const auto& op) { return op.name; }) == "add");
    CHECK(ctq::traits_of_node(g.node_at(1)).is_commutative);
}

TEST_CASE("graph: a node's signature is that of its values and its domain") {
    graph g = sample();
    REQUIRE(g.domains.size() == 1);
    CHECK(g.domains[ctq::float_domain].name == "float");
    CHECK(ctq::signature_of(g, g.node_at(1)) ==
          ctq::signature{dtype::float32, dtype::float32, dtype::float32, dtype::int32, ctq::rounding::in_float});
    g.domains.push_back({"mine", ctq::rounding::double_rounding, ctq::rounding::three_step});
    for (ctq::value& v : g.values) v.facts.type = dtype::int8;
    g.value_at(1).facts.type = dtype::int16;
    g.node_at(1).domain = 1;
    CHECK(ctq::signature_of(g, g.node_at(1)) ==
          ctq::signature{dtype::int8, dtype::int16, dtype::int8, dtype::int32, ctq::rounding::three_step});
}

TEST_CASE("graph: nodes are moved to where others stood before, in one pass") {
    const auto order = [](const std::vector<ctq::node_move>& moves) {
        graph g;
        for (const char* name : {"a", "b", "c", "d", "e"}) g.nodes.push_back({name, ctq::op::relu{}, {}, {}, {}});
        g.move_nodes(moves);
        std::string names;
        for (const auto& node : g.nodes) names += node.name.view();
        return names;
    };
    CHECK(order({}) == "abcde");
    CHECK(order({{4, 1}}) == "aebcd");
    CHECK(order({{4, 0}, {2, 1}, {3, 0}}) == "edacb");
    CHECK(order({{0, 5}, {1, 3}}) == "cbdea");
    CHECK(order({{1, 1}, {0, 1}}) == "bacde");
}

TEST_CASE("graph: a node whose shape rule refuses is not added") {
    graph g = sample();
    CHECK_THROWS_AS(g.add_node("bad", ctq::op::add{}, {0}), ctq::model_error);
    CHECK(g.nodes.size() == 3);
}
