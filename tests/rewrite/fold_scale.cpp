#include <ctq/rewrite/fold_scale.hpp>

#include <laws/graph_pass.hpp>

using namespace ctq;

namespace {

default_graph after_dense(const auto& op, const shape& operand, bool constant_first = false,
                          bounds activation = bounds::none()) {
    builder b;
    const layer y = b.dense(b.input("x", {2, 3}), {laws::weights<12>}, activation);
    const auto elements = std::span(laws::weights<8>).first(static_cast<std::size_t>(operand.elements()));
    const layer k = b.constant("k", operand, elements);
    return b.finish(constant_first ? b.apply(op, {k, y}) : b.apply(op, {y, k}));
}

bool folds(const default_graph& before) {
    laws::check_graph_pass_on<pass::fold_scale>(before);
    return laws::after<pass::fold_scale>(before).nodes.size() == 1;
}

} // namespace

TEST_CASE("fold_scale: laws") {
    laws::check_graph_pass<pass::fold_scale>();
}

TEST_CASE("fold_scale: products and sums of one value a channel fold, in either order") {
    for (const bool first : {false, true}) {
        CHECK(folds(after_dense(op::multiply{}, {4}, first)));
        CHECK(folds(after_dense(op::add{}, {4}, first)));
        CHECK(folds(after_dense(op::add{}, {1, 4}, first)));
        CHECK(folds(after_dense(op::multiply{}, {}, first)));
    }
    CHECK_FALSE(folds(after_dense(op::add{}, {2, 4})));
    CHECK_FALSE(folds(after_dense(op::add{}, {2, 1})));
    CHECK_FALSE(folds(after_dense(op::multiply{}, {2, 1, 4})));
    CHECK_FALSE(folds(after_dense(op::multiply{}, {4}, false, bounds::relu())));
}

TEST_CASE("fold_scale: the activation of the sum goes with it, and origins are kept") {
    const default_graph graph = laws::after<pass::fold_scale>(after_dense(op::add{.activation = bounds::relu6()}, {4}));
    REQUIRE(graph.nodes.size() == 1);
    CHECK(operator_if<op::dense>(graph.nodes[0])->activation == bounds::relu6());
    CHECK(graph.nodes[0].origins.size() == 2);
    CHECK(graph.outputs[0].value == graph.nodes[0].output());
}

TEST_CASE("fold_scale: what would make a weight or a bias infinite does not fold") {
    const auto folded_after = [](float weight, float bias, const auto& op, float operand) {
        builder b;
        const layer y = b.dense(b.input("x", {1, 1}), {std::array{weight}, std::array{bias}});
        return folds(b.finish(b.apply(op, {y, b.constant("k", {1}, std::array{operand})})));
    };
    CHECK(folded_after(1e30f, 1.0f, op::multiply{}, 1e8f));
    CHECK_FALSE(folded_after(1e30f, 1.0f, op::multiply{}, 1e9f));
    CHECK_FALSE(folded_after(1.0f, -1e30f, op::multiply{}, 1e9f));
    CHECK_FALSE(folded_after(1.0f, 3e38f, op::add{}, 3e38f));
}

TEST_CASE("fold_scale: a mask is no bias, for it would take the range of the layer") {
    const auto folds_with = [](float hidden) {
        builder b;
        const layer y = b.dense(b.input("x", {2, 3}), {laws::weights<12>});
        const layer mask = b.constant("mask", {4}, std::array{0.0f, hidden, 0.0f, hidden});
        return laws::after<pass::fold_scale>(b.finish(b.add(y, mask))).nodes.size() == 1;
    };
    CHECK(folds_with(-1e8f));
    for (const float hidden : {-1e9f, std::numeric_limits<float>::lowest(), -std::numeric_limits<float>::infinity()})
        CHECK_FALSE(folds_with(hidden));
}

TEST_CASE("fold_scale: of many channels only along the last axis") {
    builder b;
    const layer y = b.conv2d(b.input("x", {1, 2, 2, 1}), {laws::weights<2>}, {});
    const default_graph rows = b.finish(b.multiply(y, b.constant("k", {2, 1, 1}, laws::weights<2>)));
    laws::check_graph_pass_on<pass::fold_scale>(rows);
    CHECK(laws::after<pass::fold_scale>(rows).nodes.size() == 2);
}

namespace users_own {

/// A product with weights that clamps nothing.
struct unbounded_product {
    static constexpr std::string_view name = "unbounded_product", cpp_name = "unbounded_product";
    static constexpr operator_traits traits{.roles = {operand_role::operand, operand_role::weights},
                                            .folds_scale = true};
    static constexpr auto attributes = no_attributes;
    friend constexpr bool operator==(const unbounded_product&, const unbounded_product&) = default;

    constexpr shape output_shape(shapes in) const { return {in[0][0], in[1][0]}; }
    constexpr void compute(const_tensors in, tensors out) const { op::dense{}.compute(in, out); }
};

} // namespace users_own

TEST_CASE("fold_scale: a clamp is not lost on a producer that takes none") {
    constexpr auto with_product = default_registry.with<users_own::unbounded_product>();
    for (const bool clamped : {false, true}) {
        basic_builder<operation_variant<std::remove_cvref_t<decltype(with_product)>>> b;
        const layer y =
            b.apply(users_own::unbounded_product{}, {b.input("x", {2, 3}), b.constant("w", {4, 3}, laws::weights<12>)});
        auto graph = b.finish(b.apply(op::multiply{.activation = clamped ? bounds::relu() : bounds::none()},
                                      {y, b.constant("k", {4}, std::span(laws::weights<8>).first(4))}));
        pass::fold_scale::run(graph);
        CHECK(graph.nodes.size() == (clamped ? 2 : 1));
    }
}
