#include <ctq/default_registry.hpp>
#include <ctq/graph/builder.hpp>
#include <ctq/graph/folding_budget.hpp>

#include <doctest/doctest.h>

#include <limits>

using namespace ctq;

TEST_CASE("folding_budget: what is left is given, what is not is refused and takes nothing") {
    folding_budget budget(10);
    CHECK(budget.take(4));
    CHECK_FALSE(budget.take(7));
    CHECK(budget.taken() == 4);
    CHECK_FALSE(budget.take(std::numeric_limits<std::int64_t>::max()));
    CHECK(budget.take(6));
    CHECK_FALSE(budget.take(1));
    CHECK(budget.take(0));
    CHECK(folding_budget().most() == most_folded_bytes);
}

TEST_CASE("folding_budget: values take as much as their elements, each as wide as its type") {
    builder b;
    const default_graph graph = b.finish(b.apply(op::relu{}, {b.input("x", {3, 5})}));
    CHECK(bytes_of_values(graph, graph.nodes[0].outputs) == 60);
    value_list values;
    const int wide = values.add_value("w", {dtype::int64, {3, 5}}), flag = values.add_value("f", {dtype::boolean, {}});
    CHECK(bytes_of_values(values, {wide, flag}) == 121);
}
