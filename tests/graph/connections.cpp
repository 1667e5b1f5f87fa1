#include <ctq/graph/connections.hpp>

#include <doctest/doctest.h>
#include <graph/recurrent.hpp>
#include <processor_time.hpp>

#include <algorithm>
#include <vector>

using namespace ctq;
using namespace ctq::testing;

namespace {

/// The readers of a value as a search finds them.
std::vector<int> readers_by_search(const default_graph& graph, int wanted) {
    std::vector<int> readers;
    const auto look_at = [&](int read, int reader) {
        if (read == wanted) readers.push_back(reader);
    };
    for (const port& output : graph.outputs) look_at(output.value, connections<default_graph>::outside);
    for (const graph_state& each : graph.states) look_at(each.written, connections<default_graph>::outside);
    for (const value& each : graph.values)
        for (const int read : {each.dynamic.scale, each.dynamic.zero_point})
            look_at(read, connections<default_graph>::outside);
    for (std::size_t i = 0; i < graph.nodes.size(); ++i)
        for (const int read : graph.nodes[i].inputs) look_at(read, static_cast<int>(i));
    return readers;
}

/// What is kept is what a search finds.
void check_kept(connections<default_graph> links, const default_graph& graph) {
    for (int v = 0; v < static_cast<int>(graph.values.size()); ++v) {
        CAPTURE(graph.value_at(v).name.view());
        CHECK(links.producer_of(v) == graph.producer_of(v));
        CHECK(links.readers_of(v) == readers_by_search(graph, v));
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
    connections links(graph);
    CHECK(links.sole_producer(once.value) == 0);
    CHECK(links.sole_producer(twice.value) == -1);
    CHECK(links.sole_producer(x.value) == -1); // nothing makes it
    CHECK(links.sole_producer_of_first(0) == -1);
    CHECK(links.sole_reader(once.value) == 1);
    CHECK(links.sole_reader(twice.value) == -1);
    CHECK(links.sole_reader(graph.outputs[0].value) == -1); // it is read once, but by no node
    CHECK(links.sole_producer_of_first(1) == 0);
    CHECK(links.readers_of(graph.outputs[0].value) == std::vector<int>{links.outside});
    graph.nodes[1].inputs.clear();
    CHECK(connections(graph).sole_producer_of_first(1) == -1);
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
    CHECK(links.readers_of(scale) == std::vector<int>{links.outside});
    links.replace_uses(scale, other);
    CHECK(graph.value_at(integers).dynamic == dynamic_reference{other, zero});
    check_kept(links, graph);
    CHECK_FALSE(links.is_wanted(other));
    links.replace_uses(zero, scale);
    CHECK(graph.value_at(integers).dynamic == dynamic_reference{other, scale});
    check_kept(links, graph);
}

TEST_CASE("connections: outputs and what is written to states are wanted") {
    builder b;
    const layer x = b.input("x", {2}), s = b.state("s", {2}), written = b.add(x, s), shown = b.softmax(written);
    b.write(s, written);
    default_graph graph = b.finish(shown);
    connections links(graph);
    CHECK(links.is_wanted(written.value));
    CHECK(links.is_wanted(shown.value));
    CHECK_FALSE(links.is_wanted(x.value));
    CHECK_FALSE(links.is_wanted(s.value));
}

TEST_CASE("connections: what many outputs read is replaced at the cost of those that read it") {
    constexpr int count = 32000;
    builder b;
    const layer x = b.input("x", {2});
    default_graph graph = b.finish(b.softmax(x));
    for (int i = 1; i < count; ++i) {
        const text name = decimal_text(i);
        graph.outputs.push_back({name, graph.add_node(name, op::softmax{}, {x.value})});
    }
    connections links(graph);
    CHECK(ctq::test::processor_seconds([&] {
              for (int i = 1; i < count; ++i) links.replace_uses(graph.node_at(i).output(), graph.node_at(0).output());
          }) < 1);
    for (const port& output : graph.outputs) REQUIRE(output.value == graph.node_at(0).output());
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
    CHECK(graph.node_at(2).inputs == std::vector<int>{first.value, first.value});
    CHECK(graph.outputs[1].value == first.value);
    CHECK(graph.states[0].written == first.value);
    CHECK(links.readers_of(first.value) == std::vector<int>{links.outside, links.outside, 2, 2});
    CHECK(links.readers_of(second.value).empty());
    CHECK(links.producer_of(second.value) == -1);
    links.edit(2, [&](auto& node) { node.inputs[1] = graph.add_constant("c", {2}, std::vector<float>{1, 2}); });
    CHECK(links.readers_of(first.value) == std::vector<int>{links.outside, links.outside, 2});
    CHECK(links.readers_of(static_cast<int>(graph.values.size()) - 1) == std::vector<int>{2});
    CHECK(graph.nodes.size() == 3);
    CHECK(links.compact());
    CHECK(graph.nodes.size() == 2);
    CHECK(graph.node_at(1).name == "add");
    check_kept(connections(graph), graph);
    CHECK_FALSE(connections(graph).compact());
}

TEST_CASE("connections: a node absorbs its only consumer, and is found as the producer of what that made") {
    builder b;
    const layer x = b.input("x", {2}), sum = b.add(x, x), last = b.apply(op::relu{}, {sum});
    default_graph graph = b.finish(b.softmax(last));
    connections links(graph);
    links.absorb_consumer(0, 1);
    CHECK(links.producer_of(sum.value) == -1);
    CHECK(links.sole_producer_of_first(2) == 0);
    CHECK(links.readers_of(sum.value).empty());
    CHECK(links.readers_of(x.value) == std::vector<int>{0, 0});
    CHECK(links.compact());
    REQUIRE(graph.nodes.size() == 2);
    CHECK(graph.nodes[0].output() == last.value);
    CHECK(graph.nodes[0].origins == std::vector<text>{"add", "relu"});
    check_kept(connections(graph), graph);
}

TEST_CASE("connections: a value that was added behind the first question is known") {
    builder b;
    const layer x = b.input("x", {2}), y = b.softmax(x);
    default_graph graph = b.finish(b.softmax(y));
    connections links(graph);
    CHECK(links.producer_of(y.value) == 0);
    const int made = graph.add_constant("c", {2}, std::vector<float>{1, 2});
    CHECK(links.producer_of(made) == -1);
    links.replace_uses(y.value, made);
    CHECK(links.readers_of(made) == std::vector<int>{1});
}

TEST_CASE("connections: of a graph as it is at the first question, not before") {
    builder b;
    const layer x = b.input("x", {2}), y = b.softmax(x);
    default_graph graph = b.finish(b.softmax(y));
    connections links(graph);
    CHECK_FALSE(links.compact());
    graph.nodes[1].inputs = {x.value, x.value};
    CHECK(links.readers_of(x.value) == std::vector<int>{0, 1, 1});
}
