#include <ctq/rewrite/remove_dead.hpp>

#include <laws/graph_pass.hpp>

using namespace ctq;

TEST_CASE("remove_dead: laws") {
    laws::check_graph_pass<remove_dead>();
}

TEST_CASE("remove_dead: chains, values and constants that nobody reads go, inputs stay") {
    builder b;
    const layer x = b.input("x", {2}), unread = b.input("unread", {3});
    const layer dead = b.multiply(x, b.constant("gone", {2}, std::array{1.0f, 2.0f}));
    static_cast<void>(b.apply(relu_function{}, {b.add(dead, dead)}));
    const default_graph before = b.finish(b.add(x, b.constant("kept", {2}, std::array{3.0f, 4.0f})));
    const default_graph graph = laws::after<remove_dead>(before);
    CHECK(laws::operators_of(graph) == "add");
    REQUIRE(graph.values.size() == 4);
    CHECK(graph.value_at(graph.inputs[1].value).name == before.value_at(unread.value).name);
    REQUIRE(graph.constants.size() == 1);
    CHECK(graph.constants[0].as<float>() == std::vector<float>{3.0f, 4.0f});
}
