#include <ctq/graph/connections.hpp>

#include <doctest/doctest.h>
#include <graph/recurrent.hpp>

#include <algorithm>
#include <vector>

using namespace ctq;
using namespace ctq::testing;

namespace {

/// What is kept is what a search finds.
void check_kept(const connections<default_graph>& links, const default_graph& graph) {
    for (int v = 0; v < static_cast<int>(graph.values.size()); ++v) {
        CAPTURE(graph.value_at(v).name.view());
        CHECK(links.producer_of(v) == graph.producer_of(v));
        CHECK(links.uses_of(v) == graph.uses_of(v));
        for (const int reader : links.readers_of(v)) {
            if (reader == links.outside) continue;
            const auto& inputs = graph.node_at(reader).inputs;
            CHECK(std::count(inputs.begin(), inputs.end(), v) ==
                  std::count(links.readers_of(v).begin(), links.readers_of(v).end(), reader));
        }
    }
}

} // namespace

TEST_CASE("connections: what is kept is what a search finds") {
    for (default_graph graph : {residual_network(), branching_network(), many_ports_network(), in_place_network(),
                                recurrent_network(), delaying_network()})
        check_kept(connections(graph), graph);
}

TEST_CASE("connections: a sole producer is that of a value that is read once") {
    builder b;
    const layer x = b.input("x", {2}), once = b.softmax(x), twice = b.softmax(once);
    default_graph graph = b.finish(b.add(twice, twice));
    const connections links(graph);
    CHECK(links.sole_producer(once.value) == 0);
    CHECK(links.sole_producer(twice.value) == -1);
    CHECK(links.sole_producer(x.value) == -1); // nothing makes it
    CHECK(links.sole_producer_of_first(1) == 0);
    CHECK(links.readers_of(graph.outputs[0].value) == std::vector<int>{links.outside});
}

TEST_CASE("connections: a value that holds another's scale or zero point is read") {
    default_graph graph;
    const int scale = graph.add_value("scale", {dtype::float32, {}}),
              zero = graph.add_value("zero", {dtype::int32, {}});
    const int other = graph.add_value("other", {dtype::float32, {}}),
              integers = graph.add_value("x", {dtype::int8, {4}});
    graph.value_at(integers).dynamic = {scale, zero};
    connections links(graph);
    check_kept(links, graph);
    CHECK(links.uses_of(scale) == 1);
    links.replace_uses(scale, other);
    CHECK(graph.value_at(integers).dynamic == dynamic_reference{other, zero});
    check_kept(links, graph);
}

TEST_CASE("connections: kept up while nodes are edited, removed and read instead of others") {
    builder b;
    const layer x = b.input("x", {2}), first = b.softmax(x), second = b.softmax(first), s = b.state("s", {2});
    const layer sum = b.add(second, second);
    b.write(s, second);
    default_graph graph = b.finish({{"sum", sum.value}, {"second", second.value}});
    connections links(graph);
    links.replace_uses(second.value, first.value);
    links.remove(1);
    CHECK(links.is_gone(1));
    CHECK(graph.node_at(2).inputs == std::vector<int>{first.value, first.value});
    CHECK(graph.outputs[1].value == first.value);
    CHECK(graph.states[0].written == first.value);
    CHECK(links.uses_of(first.value) == 4);
    CHECK(links.uses_of(second.value) == 0);
    CHECK(links.producer_of(second.value) == -1);
    links.edit(2, [&](auto& node) { node.inputs[1] = graph.add_constant("c", {2}, std::vector<float>{1, 2}); });
    CHECK(links.uses_of(first.value) == 3);
    CHECK(links.uses_of(static_cast<int>(graph.values.size()) - 1) == 1);
    CHECK(graph.nodes.size() == 3);
    CHECK(links.compact());
    CHECK(graph.nodes.size() == 2);
    CHECK(graph.node_at(1).name == "add");
    check_kept(connections(graph), graph);
    CHECK_FALSE(connections(graph).compact());
}
