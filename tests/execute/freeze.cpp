#include <ctq/execute/freeze.hpp>

#include <doctest/doctest.h>
#include <execute/models.hpp>

#include <string>
#include <type_traits>

using namespace ctq::testing;

namespace {

static_assert(ctq::model<branching_model>);
static_assert(ctq::get<0>(branching_model::nodes).how == ctq::rounding::three_step);
static_assert(std::is_same_v<std::remove_cvref_t<decltype(ctq::get<0>(branching_model::nodes).op)>, ctq::op::dense>);
static_assert(std::is_same_v<std::remove_cvref_t<decltype(ctq::get<3>(branching_model::nodes).op)>, ctq::op::sigmoid>);

} // namespace

TEST_CASE("freeze: the model type says what the graph says") {
    const auto graph = ctq::lower_graph<ctq::rule::affine_int8>(quantized_branching());
    REQUIRE(branching_model::values.size() == graph.values.size());
    for (std::size_t i = 0; i < graph.values.size(); ++i) {
        const ctq::value& from = graph.values[i];
        const ctq::model_value& to = branching_model::values[i];
        CHECK(to.name == from.name.view());
        CHECK(to.facts == from.facts);
        CHECK(to.constant == (from.constant >= 0));
        if (!to.constant) continue;
        ctq::with_element_type(to.facts.type, [&](auto element) {
            using type = decltype(element);
            const type* wanted = graph.tensor_at(static_cast<int>(i)).template as<type>();
            for (std::size_t k = 0; k < ctq::entries_of(to.facts.type, to.facts.elements()); ++k)
                CHECK(to.elements.as<type>()[k] == wanted[k]);
        });
    }
    REQUIRE(ctq::node_count<branching_model> == graph.nodes.size());
    const auto check = [&]<std::size_t I>(std::integral_constant<std::size_t, I>) {
        const auto& to = ctq::get<I>(branching_model::nodes);
        const auto& from = graph.nodes[I];
        CHECK(to.name == from.name.view());
        CHECK(std::vector<int>(to.outputs.begin(), to.outputs.end()) == from.outputs);
        CHECK(to.how == from.types.how);
        CHECK(std::vector<int>(to.inputs.begin(), to.inputs.end()) == from.inputs);
        const auto& with = std::get<ctq::lowered_operator<std::remove_cvref_t<decltype(to.op)>>>(from.op);
        CHECK(with.op == to.op);
        CHECK(with.lowered == to.lowered);
    };
    [&]<std::size_t... I>(std::index_sequence<I...>) {
        (check(std::integral_constant<std::size_t, I>{}), ...);
    }
    (std::make_index_sequence<ctq::node_count<branching_model>>{});
    CHECK(branching_model::inputs[0] == graph.inputs[0].value);
    CHECK(branching_model::outputs[0] == graph.outputs[0].value);
}
