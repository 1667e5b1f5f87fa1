#include <ctq/default_registry.hpp>
#include <ctq/host/source/graph_writer.hpp>

#include <doctest/doctest.h>

#include <string>
#include <vector>

using ctq::shape;

namespace {

using graph_writer = ctq::host::source::graph_writer<ctq::default_graph>;

int put(graph_writer& to, const char* name, const shape& of) {
    to.keep_name(name);
    return to.graph().add_value(name, {ctq::dtype::float32, of, {}});
}

template <class Call> std::string fault_of(Call call) {
    try {
        call();
    } catch (const ctq::host::source::node_fault& fault) {
        return ctq::host::message(static_cast<int>(fault.code), " ", fault.text);
    }
    return "none";
}

} // namespace

TEST_CASE("graph_writer: nodes and values have names of their own, and say what they came from") {
    graph_writer to;
    const int x = put(to, "x", {2, 3});
    const auto first = to.append(ctq::op::relu{}, {x}, {"n", "x", {"here"}});
    const auto second = to.append(ctq::op::tanh{}, {first[0]}, {"n", "x", {}});
    CHECK(to.graph().value_at(first[0]).name == "x_2");
    CHECK(to.graph().value_at(second[0]).name == "x_3");
    CHECK(to.graph().nodes[0].name == "n");
    CHECK(to.graph().nodes[1].name == "n_2");
    CHECK(to.graph().nodes[0].origins == std::vector<ctq::text>{"here"});
    to.keep_node_name("kept");
    CHECK(to.take_node_name("kept") == "kept_2");
    to.append(ctq::op::relu{}, {x}, {"kept", "x", {}});
    CHECK(to.graph().nodes.back().name == "kept_3");
    to.append(ctq::op::relu{}, {x}, {"kept", "x", {}, true});
    CHECK(to.graph().nodes.back().name == "kept");
    const int k = to.add_constant("x", {1}, {4});
    CHECK(to.graph().value_at(k).name == "x_6");
    to.rename(k, "n");
    CHECK(to.graph().value_at(k).name == "n");
    to.rename(k, "x");
    CHECK(to.graph().value_at(k).name == "x_7");
}

TEST_CASE("graph_writer: an image or a series goes channels last once, and what was made so needs no way back") {
    for (const bool series : {false, true}) {
        CAPTURE(series);
        graph_writer to;
        const int x = put(to, "x", series ? shape{1, 2, 3} : shape{1, 2, 3, 4});
        const int last = to.channels_last(x, "n");
        CHECK(to.shape_of(last) == (series ? shape{1, 1, 3, 2} : shape{1, 3, 4, 2}));
        CHECK(to.channels_last(x, "n") == last);
        const int first = to.channels_first(last, series, "n");
        CHECK(to.shape_of(first) == to.shape_of(x));
        CHECK(to.channels_last(first, "n") == last);
        CHECK(to.graph().nodes.size() == (series ? 4 : 2));
        CHECK(to.graph().nodes[0].name == "n.transposed");
        for (const auto& node : to.graph().nodes) CHECK(node.origins.empty());
    }
    graph_writer to;
    const int flat = put(to, "x", {2, 3});
    CHECK(fault_of([&] { to.channels_last(flat, "n"); }) == "3 the input must have 1 or 2 spatial axes");
}

TEST_CASE("graph_writer: what reads constants only is computed, within a budget") {
    graph_writer to(6);
    const int k = to.add_constant("k", {2}, {3, 4});
    const auto square = [&](int value) {
        return to.append(ctq::op::multiply{}, {value, value}, {"n", "v", {}}).front();
    };
    const int once = square(k);
    CHECK(to.graph().constant_of(once).as<float>() == std::vector<float>{9, 16});
    CHECK(to.graph().nodes.empty());
    CHECK(square(square(once)) >= 0);
    CHECK(fault_of([&] { square(once); }).substr(0, 80) ==
          "4 of constants it makes 2 elements more, after 6 that were made before; 6 are th");
}

TEST_CASE("graph_writer: a result without elements is malformed, one with too many unsupported") {
    graph_writer to;
    const int x = put(to, "x", {2, 4});
    ctq::op::pad border;
    border.before[0] = 1 << 28;
    CHECK(fault_of([&] { to.append(border, {x}, {"n", "v", {}}); }) == "4 a tensor of more than 2^30 elements");
    to.graph().value_at(x).facts.shape = {0, 2};
    CHECK(fault_of([&] { to.append(ctq::op::relu{}, {x}, {"n", "v", {}}); }) == "3 the result would have no elements");
}
