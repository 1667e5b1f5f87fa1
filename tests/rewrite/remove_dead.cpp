#include <ctq/rewrite/remove_dead.hpp>

#include <laws/graph_pass.hpp>

using namespace ctq;

TEST_CASE("remove_dead: laws") {
    laws::check_graph_pass<pass::remove_dead>();
}

TEST_CASE("remove_dead: chains, values and constants that nobody reads go, inputs stay") {
    builder b;
    const layer x = b.input("x", {2}), unread = b.input("unread", {3});
    const layer dead = b.multiply(x, b.constant("gone", {2}, std::array{1.0f, 2.0f}));
    static_cast<void>(b.apply(op::relu{}, {b.add(dead, dead)}));
    const default_graph before = b.finish(b.add(x, b.constant("kept", {2}, std::array{3.0f, 4.0f})));
    const default_graph graph = laws::after<pass::remove_dead>(before);
    CHECK(laws::operators_of(graph) == "add");
    REQUIRE(graph.values.size() == 4);
    CHECK(graph.value_at(graph.inputs[1].value).name == before.value_at(unread.value).name);
    REQUIRE(graph.constants.size() == 1);
    CHECK(graph.constants[0].as<float>() == std::vector<float>{3.0f, 4.0f});
}

TEST_CASE("remove_dead: what holds the scale or zero point of a value that is read stays, under its new number") {
    default_graph graph;
    graph.domains.push_back({"rule"});
    const int unread = graph.add_value("unread", {dtype::float32, {}}); // so that all numbers change
    const int x = graph.add_value("x", {dtype::float32, {2}}), factor = graph.add_value("factor", {dtype::float32, {}});
    const int integers = graph.add_value("integers", {dtype::int8, {2}});
    const int zero = graph.add_constant("zero", {}, std::vector<std::int32_t>{5});
    graph.inputs = {{"x", x}, {"factor", factor}};
    const int scale = graph.add_node("scale", op::relu{}, {factor});
    const int other = graph.add_node("other", op::relu{}, {factor});
    graph.value_at(integers).dynamic = {scale, zero};
    graph.nodes.push_back({"quantize", op::quantize{}, {x}, {integers}, {}, 1});
    static_cast<void>(unread);
    const auto check = [&](int output, std::size_t nodes) {
        default_graph changed = graph;
        changed.outputs = {{"y", output}};
        CHECK(pass::remove_dead::run(changed));
        CHECK(changed.nodes.size() == nodes);
        return changed;
    };
    const default_graph kept = check(integers, 2);
    const dynamic_reference& dynamic = kept.value_at(kept.outputs[0].value).dynamic;
    CHECK(kept.value_at(dynamic.scale).name == text("scale"));
    CHECK(kept.value_at(dynamic.zero_point).name == text("zero"));
    CHECK(kept.constants.size() == 1);
    CHECK(check(other, 1).constants.empty());
}
