#include "graphs.hpp"

#include <ctq/host/engine/observed_values.hpp>

#include <doctest/doctest.h>

using namespace ctq;
using namespace engine_test;

TEST_CASE("constants and fixed outputs need nothing, what only moves elements takes its input's range") {
    random_builder b;
    layer x = b.plain.input("image", {1, 4, 4, 2});
    const layer c = b.conv(x, 2, 3, {.kernel = {3, 3}});
    const layer flat = b.plain.reshape(c, {1, 12});
    const layer flipped = b.plain.apply(op::transpose{{1, 0}}, {flat});
    const layer soft = b.plain.softmax(b.plain.reshape(flipped, {1, 12}));
    const layer gate = b.plain.apply(op::sigmoid{}, {soft});
    const default_graph graph = b.plain.finish(gate);
    const host::observed_values observed(graph);
    CHECK(observed.source_of(x.value) == x.value);
    CHECK(observed.source_of(c.value) == c.value);
    CHECK(observed.source_of(flat.value) == c.value);
    CHECK(observed.source_of(flipped.value) == c.value);
    CHECK(observed.source_of(soft.value) == soft.value); // some rules have no range of its own for it
    CHECK(observed.source_of(gate.value) == -1);
    CHECK(observed.source_of(graph.nodes[0].inputs[1]) == -1);
    CHECK(observed.count() == 3);
}

TEST_CASE("positions and truth values are in no need of a range") {
    default_graph graph;
    const int x = graph.add_value("x", {dtype::float32, {2}});
    graph.inputs.push_back({"x", x});
    const int y = graph.add_node("y", op::relu{}, {x});
    for (const dtype type : {dtype::int32, dtype::int64, dtype::boolean}) {
        graph.value_at(y).facts.type = type;
        CHECK(host::observed_values(graph).source_of(y) == -1);
    }
}
