#include <ctq/rewrite/push_reshapes.hpp>

#include <laws/graph_pass.hpp>

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
