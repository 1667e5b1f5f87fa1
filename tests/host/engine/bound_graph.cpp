#include "graphs.hpp"

#include <ctq/host/engine/bound_graph.hpp>
#include <ctq/host/engine/layer_choice.hpp>

#include <doctest/doctest.h>

#include <utility>

using namespace ctq;
using namespace ctq::host;
using namespace engine_test;

namespace {

bound_graph bound(const default_graph& graph, memory_use use) {
    return bound_graph(graph, use, [](const auto& node, bool) -> const ctq_border::layer_functions& {
        return visit_operator(node, [](const auto& op) -> const ctq_border::layer_functions& {
            return defined_float_functions<std::remove_cvref_t<decltype(op)>>();
        });
    });
}

/// Whether a graph of this constness runs.
template <class Bound>
concept running = requires(Bound& graph) {
    graph.run([](std::size_t) {});
};
static_assert(running<bound_graph> && !running<const bound_graph>); // what is const may be shared between threads

} // namespace

TEST_CASE("reshapes are views, other values have places of their own while they are needed") {
    random_builder b;
    const layer x = b.plain.input("image", {1, 2, 2, 3});
    const layer flat = b.plain.reshape(x, {1, 12});
    const layer y = b.dense(flat, 12, 4);
    const default_graph graph = b.plain.finish(b.plain.add(y, b.dense(flat, 12, 4)));
    for (const memory_use use : {memory_use::reused, memory_use::kept}) {
        bound_graph run = bound(graph, use);
        CHECK(run.steps() == graph.nodes.size());
        CHECK(run.elements<float>(x.value).data() == run.elements<float>(flat.value).data());
        CHECK(run.elements<float>(y.value).data() != run.elements<float>(flat.value).data());
        CHECK(run.facts_of(y.value) == graph.value_at(y.value).facts);
        CHECK_THROWS_AS(static_cast<void>(run.elements<std::int8_t>(y.value)), model_error);
        const int weights = graph.nodes[1].inputs[1];
        CHECK_THROWS_AS(static_cast<void>(run.elements<float>(weights)), model_error);
        CHECK(std::as_const(run).elements<float>(weights).data() == graph.constant_of(weights).as<float>().data());
        std::vector<std::size_t> order;
        run.run([&](std::size_t node) { order.push_back(node); });
        CHECK(order.size() == graph.nodes.size());
        CHECK(std::is_sorted(order.begin(), order.end()));
    }
}

TEST_CASE("long chains take the memory of two values, not of all") {
    builder b;
    layer x = b.input("row", {1, 1000});
    for (int i = 0; i < 50; ++i) x = b.apply(op::clip{{-1.0f, 1.0f}}, {x});
    const default_graph graph = b.finish(x);
    CHECK(bound(graph, memory_use::reused).arena_bytes() <= 3 * 4096);
    CHECK(bound(graph, memory_use::kept).arena_bytes() >= 51 * 4000);
}
