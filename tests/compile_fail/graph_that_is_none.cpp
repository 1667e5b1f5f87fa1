// error: ctq: prepare: a graph is required; finish a builder, or call the function that makes the graph
#include <ctq/ctq.hpp>

constexpr auto network = [] {
    ctq::builder b;
    return b.finish(b.max_pool(b.input("x", {1, 2, 2, 1}), {.kernel = {2, 2}}));
};

constexpr auto prepared = ctq::prepare(network, ctq::default_registry);
