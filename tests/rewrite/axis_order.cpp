#include <ctq/rewrite/axis_order.hpp>

#include <laws/graph_pass.hpp>

using namespace ctq;

constexpr pass::axis_order to_channels_last{0, 2, 3, 1, 4, 5}, to_channels_first{0, 3, 1, 2, 4, 5},
    mixed_order{2, 0, 3, 1, 4, 5};

static_assert(pass::inverse(to_channels_last, 4) == to_channels_first);
static_assert(pass::composed(to_channels_last, to_channels_first, 4) == pass::unchanged_order);
static_assert(pass::composed(mixed_order, pass::inverse(mixed_order, 4), 4) == pass::unchanged_order);
static_assert(pass::composed(pass::inverse(mixed_order, 4), mixed_order, 4) == pass::unchanged_order);
static_assert(pass::used(mixed_order, 4).size() == 4);

TEST_CASE("axis_order: composed is what two transposes do to a shape, one after the other") {
    const shape of{2, 3, 5, 7};
    const shape between = op::transpose{mixed_order}.output_shape(shapes(&of, 1));
    const shape twice = op::transpose{to_channels_last}.output_shape(shapes(&between, 1));
    CHECK(op::transpose{pass::composed(mixed_order, to_channels_last, 4)}.output_shape(shapes(&of, 1)) == twice);
}

TEST_CASE("axis_order: a constant is transposed under the shape that it is seen as") {
    default_graph graph;
    const int list = graph.add_constant("k", {6}, std::vector<float>{1, 2, 3, 4, 5, 6});
    const int turned = pass::transposed_constant(graph, list, {2, 3}, {1, 0, 2, 3, 4, 5}, {6});
    CHECK(graph.constant_of(turned).as<float>() == std::vector<float>{1, 4, 2, 5, 3, 6});
    CHECK(graph.value_at(turned).facts.shape == shape{6});
}
