// An operator without inputs, from the builder to the executor; ctq ships none.

#include <ctq/execute/evaluate.hpp>
#include <ctq/execute/executor.hpp>
#include <ctq/execute/freeze.hpp>
#include <ctq/execute/graph_plan.hpp>
#include <ctq/graph/validate.hpp>

#include <doctest/doctest.h>
#include <emitted/ramp.hpp>
#include <graph/networks.hpp>

#include <algorithm>
#include <vector>

using namespace ctq;

namespace {

constexpr auto with_ramp = default_registry.with<user::ramp>();
using ramp_graph = graph_of<with_ramp>;

/// relu(x + ramp) between layers that every pass looks at; the ramp is an output too.
constexpr ramp_graph ramp_network() {
    builder_of<with_ramp> b;
    const op::transpose turned{{1, 0, 2, 3, 4, 5}};
    const layer ramp = b.apply(user::ramp{4, 0.25f}, {});
    layer x = b.apply(op::relu{}, {b.add(b.input("x", {1, 4}), ramp)});
    x = b.apply(turned, {b.apply(op::identity{}, {b.apply(turned, {x})})});
    x = b.multiply(x, b.apply(op::relu{}, {ramp}));
    return b.finish({{"scores", b.dense(x, {testing::weights(12)}).value}, {"ramp", ramp.value}});
}

constexpr ramp_graph annotated_ramp_network() {
    const ramp_graph graph = prepare(ramp_network(), with_ramp);
    std::vector<bounds> ranges(graph.values.size(), bounds{-2.0f, 2.0f});
    return post_process(annotate<rule::affine_int8>(graph, std::move(ranges), flags(graph.nodes.size(), 0)), with_ramp);
}

constexpr auto annotated_ramp = [] { return annotated_ramp_network(); };
using frozen_ramp = frozen_model<annotated_ramp, rule::affine_int8>;

const std::vector<float> ramp_sample{0.5f, -1.5f, 0.25f, 1.0f};

} // namespace

TEST_CASE("no inputs: prepare keeps the node and the function") {
    const ramp_graph before = ramp_network(), after = prepare(before, with_ramp);
    CHECK_NOTHROW(validate(after));
    const auto count = std::count_if(after.nodes.begin(), after.nodes.end(),
                                     [](const auto& node) { return operator_if<user::ramp>(node) != nullptr; });
    CHECK(count == 1);
    const auto wanted = evaluate(before, {constant(ramp_sample)}), found = evaluate(after, {constant(ramp_sample)});
    for (std::size_t i = 0; i < 2; ++i)
        CHECK(testing::output_reals(after, found, i) == testing::output_reals(before, wanted, i));
    CHECK(testing::output_reals(after, found, 1) == std::vector<float>{0.25f, 0.5f, 0.75f, 1.0f});
}

TEST_CASE("no inputs: annotated, the node stays float and is converted where integers read it") {
    const ramp_graph graph = annotated_ramp_network();
    CHECK_NOTHROW(validate(graph));
    int conversions = 0;
    for (const auto& node : graph.nodes) {
        if (operator_if<user::ramp>(node) != nullptr) CHECK(node.domain == float_domain);
        conversions += operator_if<op::quantize>(node) != nullptr ? 1 : 0;
    }
    CHECK(conversions == 2); // of the ramp, and of its ReLU, which follows it
    CHECK(graph.value_at(graph.outputs[1].value).facts.type == dtype::float32);
    const auto lowered = lower_graph<rule::affine_int8>(graph);
    for (const auto& node : lowered.nodes) CHECK(never_overflows<rule::affine_int8>(lowered, node));
}

TEST_CASE("no inputs: planned, frozen and run") {
    static_assert(model_never_overflows<frozen_ramp>);
    CHECK(plan_graph<rule::affine_int8, kernels::scalar>(lower_graph<rule::affine_int8>(annotated_ramp_network()))
              .bytes == executor<frozen_ramp, policy::fast, kernels::scalar>::ram_bytes);
    const auto check = [](auto net) {
        std::vector<std::int8_t> input;
        for (const float each : ramp_sample)
            input.push_back(static_cast<std::int8_t>(
                quantize(each, frozen_ramp::values[static_cast<std::size_t>(frozen_ramp::inputs[0])].facts)));
        std::copy(input.begin(), input.end(), net.input().begin());
        net.invoke();
        const auto wanted = evaluate<frozen_ramp>({constant(input)});
        const auto scores = net.template output<0>();
        CHECK(std::vector<std::int8_t>(scores.begin(), scores.end()) ==
              wanted[static_cast<std::size_t>(frozen_ramp::outputs[0])].as<std::int8_t>());
        const auto ramp = net.template output<1>();
        CHECK(std::vector<float>(ramp.begin(), ramp.end()) == std::vector<float>{0.25f, 0.5f, 0.75f, 1.0f});
    };
    check(executor<frozen_ramp, policy::fast, kernels::scalar>{});
    check(executor<frozen_ramp, policy::small, kernels::scalar>{});
    check(executor<frozen_ramp, policy::fast, kernels::native>{});
}
