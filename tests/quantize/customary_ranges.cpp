#include <ctq/quantize/customary_ranges.hpp>

#include <doctest/doctest.h>
#include <graph/networks.hpp>

using namespace ctq;

TEST_CASE("customary_ranges: values that a softmax makes") {
    builder b;
    const layer x = b.input("x", {1, 4});
    const layer shares = b.softmax(x);
    const layer gate = b.apply(op::sigmoid{}, {shares});
    const default_graph graph = b.finish(gate);
    const flags found = customary_values(graph);
    for (const layer& each : {x, shares, gate})
        CHECK(found[static_cast<std::size_t>(each.value)] == (each.value == shares.value ? 1 : 0));
}
