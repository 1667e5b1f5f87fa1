#include <ctq/rewrite/turning.hpp>

#include <laws/graph_pass.hpp>

using namespace ctq;

namespace {

struct no_turn {
    constexpr no_turn permuted(int) const { return *this; }
};

static_assert(pass::turnable<op::relu> && pass::turnable<op::add> && pass::turnable<op::identity> &&
              pass::turnable<op::concat> && pass::turnable<op::pad>);
static_assert(!pass::turnable<op::conv2d> && !pass::turnable<op::dense> && !pass::turnable<op::reshape> &&
              !pass::turnable<op::max_pool> && !pass::turnable<no_turn>);
static_assert(traits_of<op::add>.aligns_operands && traits_of<op::multiply>.aligns_operands &&
              traits_of<op::concat>.aligns_operands);
static_assert(!traits_of<op::batch_normalization>.aligns_operands && !traits_of<op::relu>.aligns_operands);

constexpr pass::axis_order rows_last{0, 2, 3, 1, 4, 5};

default_graph one_node(const auto& op, const std::vector<shape>& inputs) {
    default_graph graph;
    std::vector<int> from;
    for (const shape& of : inputs) from.push_back(graph.add_value("x", {dtype::float32, of, {}}));
    graph.add_node("op", op, from);
    return graph;
}

bool turns(const default_graph& graph) {
    return pass::commutes(graph, graph.nodes[0]);
}

op::reduce_mean mean_of(std::initializer_list<int> axes, bool keep) {
    op::reduce_mean op;
    op.keep_axes = keep;
    for (const int axis : axes) op.axes.insert(axis);
    return op;
}

pass::axis_order behind_mean(std::initializer_list<int> axes, bool keep) {
    const default_graph graph = one_node(mean_of(axes, keep), {{2, 3, 4, 5}});
    return pass::order_behind(graph.nodes[0], rows_last, 4);
}

} // namespace

TEST_CASE("turning: activations of different ranks do not turn together") {
    CHECK(turns(one_node(op::add{}, {{2, 3}, {2, 1}})));
    CHECK_FALSE(turns(one_node(op::add{}, {{2, 3}, {3}})));
    CHECK_FALSE(turns(one_node(op::reshape{{6}}, {{2, 3}})));
    CHECK(turns(one_node(mean_of({1}, false), {{2, 3}})));
}

TEST_CASE("turning: behind a mean that drops axes only the others are in another order") {
    CHECK(behind_mean({1}, true) == rows_last);
    CHECK(behind_mean({1}, false) == pass::axis_order{0, 2, 1, 3, 4, 5}); // 0 3 1 of the source: the middle ones change
    CHECK(behind_mean({3}, false) == pass::unchanged_order);              // 0 2 3
    CHECK(behind_mean({1, 2}, false) == pass::unchanged_order);           // 0 1
    CHECK(behind_mean({0, 1, 2, 3}, false) == pass::unchanged_order);
}

TEST_CASE("turning: attributes and aligned constants turn with the axes") {
    default_graph graph = one_node(op::concat{1}, {{1, 2, 2, 3}});
    const int list = graph.add_constant("k", {1, 1, 2, 3}, std::vector<float>{1, 2, 3, 4, 5, 6});
    graph.nodes[0].inputs.push_back(list);
    pass::turn(graph, graph.nodes[0], rows_last, 4);
    CHECK(operator_if<op::concat>(graph.nodes[0])->axis == 3);
    const int turned = graph.nodes[0].inputs[1];
    CHECK(graph.value_at(turned).facts.shape == shape{1, 2, 3, 1});
    CHECK(graph.constant_of(turned).as<float>() == graph.constant_of(list).as<float>());
}

TEST_CASE("turning: a constant of fewer axes is aligned at the last, one of one element stays as it is") {
    default_graph graph = one_node(op::add{}, {{1, 2, 2, 3}, {1, 1, 1, 1}});
    const int row = graph.add_constant("row", {3}, std::vector<float>{1, 2, 3});
    const int one = graph.add_constant("one", {}, std::vector<float>{7});
    graph.nodes[0].inputs = {row, one};
    pass::turn(graph, graph.nodes[0], rows_last, 4);
    CHECK(graph.value_at(graph.nodes[0].inputs[0]).facts.shape == shape{1, 1, 3, 1});
    CHECK(graph.nodes[0].inputs[1] == one);
}
