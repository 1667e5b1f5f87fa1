#include <ctq/graph/frozen_graph.hpp>

#include <doctest/doctest.h>
#include <graph/networks.hpp>
#include <laws/graph_pass.hpp>

namespace {

template <auto Make> void check_frozen() {
    const auto thawed = ctq::frozen_graph<Make>::thawed();
    CHECK(ctq::laws::same_graph(thawed, Make()));
    CHECK(thawed.name == Make().name);
    CHECK(ctq::frozen_graph<Make>::values == thawed.values.size());
    CHECK(ctq::frozen_graph<Make>::nodes == thawed.nodes.size());
}

constexpr auto empty = [] { return ctq::default_graph{}; };

} // namespace

TEST_CASE("frozen_graph: what comes out is what went in") {
    check_frozen<empty>();
    check_frozen<[] { return ctq::testing::residual_network(); }>();
    check_frozen<[] { return ctq::testing::many_ports_network(); }>();
    check_frozen<[] { return ctq::laws::with_states(); }>();
}
