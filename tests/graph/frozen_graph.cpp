#include <ctq/graph/frozen_graph.hpp>

#include <doctest/doctest.h>
#include <graph/networks.hpp>
#include <laws/graph_pass.hpp>

#include <limits>
#include <type_traits>
#include <utility>
#include <vector>

namespace {

template <auto Make> void check_frozen() {
    const auto thawed = ctq::frozen_graph<Make>::thawed();
    CHECK(ctq::laws::same_graph(thawed, Make()));
    CHECK(thawed.name == Make().name);
    CHECK(ctq::frozen_graph<Make>::values == thawed.values.size());
    CHECK(ctq::frozen_graph<Make>::nodes == thawed.nodes.size());
}

constexpr auto empty = [] { return ctq::default_graph{}; };

/// A constant of each element type that no two of them store alike.
constexpr ctq::default_graph of_every_type() {
    using namespace ctq;
    default_graph graph;
    for (int type = 0; type < dtype_count; ++type) {
        constant made = constant::zeros(static_cast<dtype>(type), 3);
        made.visit([]<class T>(std::vector<T>& elements) {
            if constexpr (std::is_same_v<T, int4_pair>)
                elements[1].bits = 0xF3;
            else if constexpr (std::is_same_v<T, boolean>)
                elements[2] = boolean::yes;
            else
                elements[1] = std::numeric_limits<T>::lowest();
        });
        graph.add_constant("k", shape{3}, std::move(made));
    }
    return graph;
}

} // namespace

TEST_CASE("frozen_graph: what comes out is what went in") {
    check_frozen<empty>();
    check_frozen<[] { return ctq::testing::residual_network(); }>();
    check_frozen<[] { return ctq::testing::many_ports_network(); }>();
    check_frozen<[] { return ctq::laws::with_states(); }>();
    check_frozen<[] { return ctq::testing::choosing_network(); }>();
    check_frozen<of_every_type>();
}
