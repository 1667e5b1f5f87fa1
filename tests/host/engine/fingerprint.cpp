#include "graphs.hpp"

#include <ctq/host/engine/fingerprint.hpp>

#include <doctest/doctest.h>

#include <set>

using namespace ctq;
using namespace engine_test;

TEST_CASE("equal graphs, equal fingerprints: 16 hexadecimal digits") {
    const std::string made = host::fingerprint(residual());
    CHECK(made == host::fingerprint(residual()));
    CHECK(made.size() == 16);
    CHECK(made.find_first_not_of("0123456789abcdef") == std::string::npos);
}

TEST_CASE("anything that changes the numbers or the names changes the fingerprint") {
    std::set<std::string> seen;
    for (const named_graph& each : graphs()) seen.insert(host::fingerprint(each.graph));
    CHECK(seen.size() == graphs().size());
    seen.clear();
    const auto add = [&](auto change) {
        default_graph graph = residual();
        change(graph);
        seen.insert(host::fingerprint(graph));
    };
    add([](default_graph&) {});
    add([](default_graph& g) { g.constants[0].as<float>()[3] += 1e-6f; });
    add([](default_graph& g) { g.values[0].name = "picture"; });
    add([](default_graph& g) { operator_if<op::conv2d>(g.nodes[0])->activation = bounds::relu6(); });
    add([](default_graph& g) { operator_if<op::conv2d>(g.nodes[0])->padding = {1, 1, 1, 2}; });
    add([](default_graph& g) { g.outputs[0].value -= 1; });
    add([](default_graph& g) { g.outputs[0].count = 0; });
    CHECK(seen.size() == 7);
}
