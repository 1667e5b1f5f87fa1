#include <ctq/graph/compute_node.hpp>
#include <ctq/operators/add.hpp>

#include <doctest/doctest.h>

#include <variant>

namespace {

constexpr bool adds() {
    ctq::basic_graph<std::variant<ctq::op::add>> g;
    const int a = g.add_constant("a", {2}, std::vector<float>{1, 2});
    const int b = g.add_constant("b", {2, 1}, std::vector<float>{10, 20});
    g.add_node("sum", ctq::op::add{}, {a, b});
    const auto result = ctq::compute_node(g, g.node_at(0), [&](int value) { return g.tensor_at(value); });
    return result.size() == 1 && result[0].as<float>() == std::vector<float>{11, 12, 21, 22};
}
static_assert(adds());

} // namespace

TEST_CASE("compute_node: the float meaning of one node, in constants of the right size") {
    CHECK(adds());
}
