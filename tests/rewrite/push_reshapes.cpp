#include <ctq/rewrite/push_reshapes.hpp>

#include <laws/graph_pass.hpp>
#include <processor_time.hpp>

#include <array>

using namespace ctq;

namespace {

// op(reshape(x), more)
default_graph behind_reshape(const auto& op, const shape& from, const shape& to, const std::vector<shape>& constants) {
    builder b;
    const layer y = b.reshape(b.input("x", from), to);
    default_graph graph = b.finish(y);
    std::vector<int> inputs{y.value};
    for (const shape& each : constants)
        inputs.push_back(
            graph.add_constant("k", each, std::vector<float>(static_cast<std::size_t>(each.elements()), 0.75f)));
    graph.outputs[0].value = graph.add_node("op", op, inputs);
    return graph;
}

bool moves(const default_graph& before) {
    laws::check_graph_pass_on<pass::push_reshapes>(before);
    const default_graph graph = laws::after<pass::push_reshapes>(before);
    return operator_if<op::reshape>(graph.nodes.back()) != nullptr;
}

/// `count` times a reshape and a sigmoid, between two shapes that come in turn: each sigmoid may go before all of them.
default_graph chain(int count) {
    builder b;
    layer x = b.input("x", {4, 6});
    for (int i = 0; i < count; ++i) x = b.apply(op::sigmoid{}, {b.reshape(x, i % 2 == 0 ? shape{8, 3} : shape{2, 12})});
    return b.finish(x);
}

} // namespace

TEST_CASE("push_reshapes: laws") {
    laws::check_graph_pass<pass::push_reshapes>();
}

TEST_CASE("push_reshapes: past what does the same to every element or to the last axis") {
    const shape flat{3, 4}, image{1, 3, 1, 4}, other{2, 6};
    CHECK(moves(behind_reshape(op::relu{}, flat, other, {})));
    CHECK(moves(behind_reshape(op::identity{}, flat, other, {})));
    CHECK(moves(behind_reshape(op::add{}, flat, image, {shape{4}})));
    CHECK(moves(behind_reshape(op::multiply{}, image, flat, {shape{1, 4}})));
    CHECK(moves(behind_reshape(op::multiply{}, flat, other, {shape{1, 1}})));
    CHECK(moves(behind_reshape(op::add{}, {}, {1, 1}, {shape{1}})));
    CHECK(moves(behind_reshape(op::multiply{}, {}, {1, 1}, {shape{1, 1}})));
    const std::vector<shape> statistics(4, shape{4}), rows(4, shape{3});
    CHECK(moves(behind_reshape(op::batch_normalization{1e-3f, 1}, image, flat, statistics)));
    CHECK(moves(behind_reshape(op::batch_normalization{1e-3f, -1}, flat, image, statistics)));
    CHECK_FALSE(moves(behind_reshape(op::batch_normalization{1e-3f, 1}, flat, image, rows)));
    CHECK_FALSE(moves(behind_reshape(op::add{}, flat, other, {shape{6}})));
    CHECK_FALSE(moves(behind_reshape(op::add{}, flat, image, {shape{3, 1, 4}})));
    CHECK_FALSE(moves(behind_reshape(op::add{}, flat, flat, {shape{2, 3, 4}})));
    CHECK_FALSE(moves(behind_reshape(op::softmax{}, flat, image, {})));
}

TEST_CASE("push_reshapes: past a sum of two that were reshaped alike, not otherwise") {
    const auto sum = [](const shape& second) {
        builder b;
        const layer x = b.reshape(b.input("x", {3, 4}), {2, 6}), y = b.reshape(b.input("y", second), {2, 6});
        return b.finish(b.add(x, y));
    };
    CHECK(moves(sum({3, 4})));
    CHECK_FALSE(moves(sum({4, 3})));
}

TEST_CASE("push_reshapes: the layer keeps the value's name") {
    const default_graph before = behind_reshape(op::relu{}, {3, 4}, {2, 6}, {});
    const default_graph graph = laws::after<pass::push_reshapes>(before);
    CHECK(graph.value_at(graph.nodes[1].output()).name == "op");
    CHECK(graph.value_at(graph.nodes[2].output()).name == "op.reshaped");
    CHECK(graph.nodes[2].origins.empty());
}

TEST_CASE("push_reshapes: past many reshapes at once, with one reshape behind each node") {
    for (const int count : {2, 3, 7}) laws::check_graph_pass_on<pass::push_reshapes>(chain(count));
    for (const int count : {400, 4000}) {
        default_graph graph = chain(count);
        CHECK(test::processor_seconds([&] { CHECK(pass::push_reshapes::run(graph)); }) < 5);
        CHECK(graph.nodes.size() == static_cast<std::size_t>(3 * count));
        CHECK_FALSE(pass::push_reshapes::run(graph));
        pass::remove_dead::run(graph);
        CHECK(graph.nodes.size() == static_cast<std::size_t>(count + 1));
        CHECK(operator_if<op::reshape>(graph.nodes.back()) != nullptr);
        CHECK_NOTHROW(validate(graph));
    }
}

TEST_CASE("push_reshapes: many readers of the last of many reshapes") {
    const auto fan = [](int count, auto apply) {
        builder b;
        layer x = b.input("x", {4, 6});
        const layer k = b.constant("k", {2}, std::array{0.5f, 1.0f});
        for (int i = 0; i < count; ++i) x = b.reshape(x, i % 2 == 0 ? shape{12, 2} : shape{3, 4, 2});
        std::vector<port> shown;
        for (int i = 0; i < count; ++i) shown.push_back({decimal_text(i), apply(b, x, k).value});
        default_graph graph = b.finish(x);
        graph.outputs = shown;
        return graph;
    };
    const auto bent = [](builder& b, layer x, layer) { return b.apply(op::sigmoid{}, {x}); };
    const auto moved = [](builder& b, layer x, layer k) { return b.add(x, k); };
    laws::check_graph_pass_on<pass::push_reshapes>(fan(5, bent));
    laws::check_graph_pass_on<pass::push_reshapes>(fan(5, moved));
    const auto check = [](default_graph graph, int source) { // what the sigmoids or sums read then
        CHECK(test::processor_seconds([&] { CHECK(pass::push_reshapes::run(graph)); }) < 2);
        CHECK(graph.nodes.back().inputs[0] == graph.nodes[graph.nodes.size() - 2].output());
        CHECK(graph.nodes[graph.nodes.size() - 2].inputs[0] == source);
    };
    check(fan(8000, bent), 0);
    const default_graph sums = fan(1000, moved);
    check(sums, sums.nodes[0].output());
}

TEST_CASE("push_reshapes: one that bars the way bars it to those further up") {
    builder b;
    const layer x = b.reshape(b.reshape(b.input("x", {3, 4}), {2, 6}), {1, 3, 4});
    const layer k = b.constant("k", {4}, std::array{0.5f, 1.0f, 2.0f, 4.0f});
    const default_graph graph = laws::after<pass::push_reshapes>(b.finish(b.apply(op::relu{}, {b.add(x, k)})));
    CHECK(laws::operators_of(graph) == "reshape reshape add relu");
    builder c;
    const layer y = c.reshape(c.reshape(c.input("x", {2, 6}), {3, 4}), {1, 3, 4});
    const layer same = c.constant("k", {4}, std::array{0.5f, 1.0f, 2.0f, 4.0f});
    const default_graph one = laws::after<pass::push_reshapes>(c.finish(c.add(y, same)));
    CHECK(laws::operators_of(one) == "reshape reshape add reshape");
    CHECK(one.value_at(one.nodes[2].output()).facts.shape == shape{3, 4});
}

TEST_CASE("push_reshapes: what a reshape makes of a constant stays before its readers") {
    builder b;
    const layer k = b.constant("k", {2}, std::array{0.5f, 1.0f}), y = b.softmax(b.input("y", {2}));
    const default_graph graph =
        b.finish({{"bent", b.apply(op::sigmoid{}, {b.reshape(k, {2, 1})}).value}, {"y", y.value}});
    CHECK_FALSE(moves(graph));
}
