#include <ctq/quantize/annotate.hpp>
#include <ctq/quantize/infinite_values.hpp>
#include <ctq/rewrite/prepare.hpp>

#include <doctest/doctest.h>
#include <graph/recurrent.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <string>
#include <vector>

using namespace ctq::testing;
using ctq::default_graph;
using ctq::dtype;

namespace {

constexpr float infinity = std::numeric_limits<float>::infinity();

/// The names of all values that may be infinite.
std::vector<std::string> infinite_names(const default_graph& graph) {
    const ctq::flags found = ctq::infinite_values(graph);
    std::vector<std::string> names;
    for (std::size_t i = 0; i < found.size(); ++i)
        if (found[i] != 0) names.emplace_back(graph.values[i].name.view());
    return names;
}

using names = std::vector<std::string>;

/// Attention without its products: scores of three positions, of which each sees none that comes later.
constexpr default_graph masked_attention(float hidden) {
    ctq::builder b;
    const std::array<float, 9> weights{0.5f, -0.25f, 1, 0.75f, 1, -1, 0.25f, -0.5f, 0.75f};
    const std::array<float, 9> mask{0, hidden, hidden, 0, 0, hidden, 0, 0, 0};
    const auto scores = b.dense(b.input("x", {3, 3}), {weights}, ctq::bounds::none(), "scores");
    const auto masked = b.add(b.apply(ctq::op::reshape{{1, 3, 3}}, {scores}), b.constant("mask", {3, 3}, mask));
    const auto shares = b.softmax(b.apply(ctq::op::reshape{{3, 3}}, {masked}));
    return b.finish(b.dense(shares, {weights}, ctq::bounds::none(), "mixed"));
}

const ctq::default_graph::node_type& node_of(const default_graph& graph, std::string_view name) {
    const auto found =
        std::find_if(graph.nodes.begin(), graph.nodes.end(), [&](const auto& each) { return each.name == name; });
    REQUIRE(found != graph.nodes.end());
    return *found;
}

} // namespace

TEST_CASE("infinite_values: what stands for infinity in a constant operand goes on to where a node bounds it") {
    for (const float hidden : {-infinity, std::numeric_limits<float>::lowest(), -1e9f})
        CHECK(infinite_names(masked_attention(hidden)) == names{"mask", "add", "reshape_2"});
    CHECK(infinite_names(masked_attention(-1e8f)).empty());
    ctq::builder b;
    const std::array<float, 2> lower{1, infinity};
    const auto raised = b.multiply(b.constant("k", {2}, lower), b.input("x", {2}));
    const auto clipped = b.apply(ctq::op::clip{.to = {-1, 1}}, {raised});
    CHECK(infinite_names(b.finish(b.apply(ctq::op::relu{}, {b.concat({clipped, raised})}))) ==
          names{"k", "multiply", "concat", "relu"});
}

TEST_CASE("infinite_values: weights are not looked at, and a finite network has none") {
    ctq::builder b;
    const std::array<float, 2> weights{1, infinity};
    CHECK(infinite_names(b.finish(b.dense(b.input("x", {1, 2}), {weights}))).empty());
    CHECK(infinite_names(residual_network()).empty());
    CHECK(infinite_names(branching_network()).empty());
}

TEST_CASE("infinite_values: what a state holds is what is written to it") {
    ctq::builder b;
    const std::array<float, 2> zeros{0, 0}, mask{0, -infinity};
    const auto x = b.input("x", {2});
    const auto held = b.state("held", {2}, zeros), other = b.state("other", {2}, zeros);
    b.write(other, held);
    b.write(held, b.add(x, b.constant("mask", {2}, mask)));
    CHECK(infinite_names(b.finish(b.apply(ctq::op::tanh{}, {b.add(other, x)}))) ==
          names{"held", "other", "reshape", "mask", "add", "add_2"});
}

TEST_CASE_TEMPLATE("infinite_values: annotate leaves a masked softmax in float, and all else in integers", Rule,
                   ctq::rule::affine_int8, ctq::rule::tflite_int8) {
    for (const float hidden : {-infinity, std::numeric_limits<float>::lowest()}) {
        const default_graph source = masked_attention(hidden);
        const default_graph graph = quantized_network<Rule>(source);
        for (const char* each : {"add", "reshape_2", "softmax"}) CHECK(node_of(graph, each).in_float());
        for (const char* each : {"scores", "reshape", "mixed"}) CHECK_FALSE(node_of(graph, each).in_float());
        for (const auto& value : graph.values) CHECK(std::isfinite(value.facts.quantization.scale));
        const auto inputs = sample_inputs(source, 0);
        const auto wanted = output_reals(source, ctq::evaluate<Rule>(source, as_constants(inputs)), 0);
        const auto got = output_reals(graph, ctq::evaluate<Rule>(graph, as_inputs(graph, inputs)), 0);
        REQUIRE(wanted.size() == got.size());
        for (std::size_t i = 0; i < got.size(); ++i) CHECK(std::abs(wanted[i] - got[i]) < 0.03f);
    }
}
