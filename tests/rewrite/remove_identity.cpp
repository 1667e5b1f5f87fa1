#include <ctq/rewrite/remove_identity.hpp>

#include <laws/graph_pass.hpp>

#include <algorithm>

using namespace ctq;

namespace {

std::string after_relu(const auto& op) {
    builder b;
    const layer x = b.apply(op::relu{}, {b.input("x", {1, 1, 3, 2})});
    const default_graph before = b.finish(b.softmax(b.apply(op, {x})));
    laws::check_graph_pass_on<pass::remove_identity>(before);
    return laws::operators_of(laws::after<pass::remove_identity>(before));
}

} // namespace

TEST_CASE("remove_identity: laws") {
    laws::check_graph_pass<pass::remove_identity>();
}

TEST_CASE("remove_identity: what changes nothing goes") {
    CHECK(after_relu(op::identity{}) == "relu softmax");
    CHECK(after_relu(op::clip{}) == "relu softmax");
    CHECK(after_relu(op::clip{{0.0f, bounds::none().high}}) == "relu clip softmax");
    CHECK(after_relu(op::reshape{shape{1, 1, 3, 2}}) == "relu softmax");
    CHECK(after_relu(op::reshape{shape{3, 2}}) == "relu reshape softmax");
    CHECK(after_relu(op::transpose{}) == "relu softmax");
    CHECK(after_relu(op::transpose{{1, 0, 2, 3, 4, 5}}) == "relu softmax");
    CHECK(after_relu(op::transpose{{0, 2, 1, 3, 4, 5}}) == "relu reshape softmax");
    CHECK(after_relu(op::transpose{{0, 1, 3, 2, 4, 5}}) == "relu transpose softmax");
}

TEST_CASE("remove_identity: reshapes of reshapes are one") {
    builder b;
    const layer x = b.softmax(b.input("x", {2, 6}));
    const layer y = b.softmax(b.reshape(b.reshape(b.reshape(x, {3, 4}), {12}), {4, 3}));
    const default_graph before = b.finish(b.softmax(b.reshape(b.reshape(y, {12}), {4, 3})));
    laws::check_graph_pass_on<pass::remove_identity>(before);
    default_graph graph = laws::after<pass::remove_identity>(before);
    connections links(graph);
    CHECK(std::ranges::count_if(graph.nodes, [&](const auto& node) {
              return operator_if<op::reshape>(node) != nullptr && !links.readers_of(node.output()).empty();
          }) == 1);
}

TEST_CASE("remove_identity: an output keeps a node between itself and an input") {
    builder b;
    const layer x = b.input("x", {2});
    const default_graph graph =
        laws::after<pass::remove_identity>(b.finish(b.apply(op::identity{}, {b.apply(op::identity{}, {x})})));
    CHECK(laws::operators_of(graph) == "identity");
}
