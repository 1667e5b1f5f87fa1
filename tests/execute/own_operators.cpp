// Operators that ctq ships none like, from the builder to the executor: one without inputs, some in float that make or
// read positions and truth values, and one whose weights have their channels along another axis.

#include <ctq/execute/evaluate.hpp>
#include <ctq/execute/executor.hpp>
#include <ctq/execute/freeze.hpp>
#include <ctq/execute/program_plan.hpp>
#include <ctq/graph/validate.hpp>

#include <doctest/doctest.h>
#include <emitted/choices.hpp>
#include <emitted/ramp.hpp>
#include <emitted/transposed_dense.hpp>
#include <graph/networks.hpp>

#include <algorithm>
#include <array>
#include <vector>

using namespace ctq;

namespace {

constexpr auto with_own = default_registry.with<user::ramp>()
                              .with<user::arg_max>()
                              .with<user::one_hot>()
                              .with<user::is_positive>()
                              .with<user::transposed_dense>();
using graph_with_own = graph_of<with_own>;

/// relu(x + ramp) between layers that every pass looks at; the ramp is an output too.
constexpr graph_with_own ramp_network() {
    builder_of<with_own> b;
    const op::transpose turned{{1, 0, 2, 3, 4, 5}};
    const layer ramp = b.apply(user::ramp{4, 0.25f}, {});
    layer x = b.apply(op::relu{}, {b.add(b.input("x", {1, 4}), ramp)});
    x = b.apply(turned, {b.apply(op::identity{}, {b.apply(turned, {x})})});
    x = b.multiply(x, b.apply(op::relu{}, {ramp}));
    return b.finish({{"scores", b.dense(x, {testing::weights(12)}).value}, {"ramp", ramp.value}});
}

/// A dense layer, the position of its largest result, and another dense layer of that.
constexpr graph_with_own own_choosing_network() {
    builder_of<with_own> b;
    const layer scores = b.dense(b.input("x", {2, 4}), {testing::weights(12)});
    const layer best = b.apply(user::arg_max{}, {scores});
    const layer chosen = b.dense(b.apply(user::one_hot{3}, {best}), {testing::weights(6, 20)});
    const layer positive = b.apply(user::is_positive{}, {chosen});
    return b.finish({{"chosen", chosen.value}, {"best", best.value}, {"positive", positive.value}});
}

constexpr graph_with_own annotated_own(const graph_with_own& source) {
    const graph_with_own graph = prepare(source, with_own);
    std::vector<bounds> ranges(graph.values.size(), bounds{-2.0f, 2.0f});
    return post_process(annotate<rule::affine_int8>(graph, std::move(ranges), flags(graph.nodes.size(), 0)), with_own);
}

constexpr auto make_ramp = [] { return annotated_own(ramp_network()); };
using frozen_ramp = frozen_model<make_ramp, rule::affine_int8>;
constexpr auto make_choosing = [] { return annotated_own(own_choosing_network()); };
using frozen_choosing = frozen_model<make_choosing, rule::affine_int8>;

const std::vector<float> ramp_sample{0.5f, -1.5f, 0.25f, 1.0f};

} // namespace

TEST_CASE("no inputs: prepare keeps the node and the function") {
    const graph_with_own before = ramp_network(), after = prepare(before, with_own);
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
    const graph_with_own graph = make_ramp();
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
    CHECK(plan_program<rule::affine_int8, kernels::scalar>(lower_graph<rule::affine_int8>(make_ramp())).bytes ==
          executor<frozen_ramp, policy::fast, kernels::scalar>::ram_bytes);
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

namespace {

/// Rows of integers of which the second and the first have the largest scores, by a margin.
const std::vector<std::int8_t> given_rows{100, -50, 30, 70, -90, 60, -20, 10};

template <class T> std::vector<T> output_of(const std::vector<constant>& elements, int value) {
    return elements[static_cast<std::size_t>(value)].as<T>();
}

/// What an executor makes is what the graph and the model type evaluate to.
template <class Policy> void check_choosing() {
    executor<frozen_choosing, Policy> net;
    std::copy(given_rows.begin(), given_rows.end(), net.input().begin());
    net.invoke();
    const graph_with_own graph = make_choosing();
    const auto of_graph = evaluate<rule::affine_int8>(graph, {constant(given_rows)});
    const auto of_model = evaluate<frozen_choosing>({constant(given_rows)});
    const auto check = [&]<std::size_t I>(std::integral_constant<std::size_t, I>) {
        const auto out = net.template output<I>();
        using type = typename decltype(out)::value_type;
        const std::vector<type> made(out.begin(), out.end());
        CHECK(made == output_of<type>(of_graph, graph.outputs[I].value));
        CHECK(made == output_of<type>(of_model, frozen_choosing::outputs[I]));
    };
    check(std::integral_constant<std::size_t, 0>{});
    check(std::integral_constant<std::size_t, 1>{});
    check(std::integral_constant<std::size_t, 2>{});
}

} // namespace

TEST_CASE("positions and truth values: float nodes between integer layers make and read them") {
    const graph_with_own graph = make_choosing();
    CHECK_NOTHROW(validate(graph));
    const auto lowered = lower_graph<rule::affine_int8>(graph);
    int in_float = 0;
    for (std::size_t i = 0; i < graph.nodes.size(); ++i) {
        const auto& node = lowered.nodes[i];
        CHECK(is_float_signature(node.types) == graph.nodes[i].in_float());
        CHECK(never_overflows<rule::affine_int8>(lowered, node));
        in_float += graph.nodes[i].in_float() ? 1 : 0;
    }
    CHECK(in_float == 3);
    CHECK(graph.value_at(graph.outputs[0].value).facts.type == dtype::int8);
    CHECK(graph.value_at(graph.outputs[1].value).facts.type == dtype::int32);
    CHECK(graph.value_at(graph.outputs[2].value).facts.type == dtype::boolean);
}

TEST_CASE("positions and truth values: planned, frozen and run") {
    static_assert(model_never_overflows<frozen_choosing>);
    CHECK(plan_program<rule::affine_int8, kernels::native>(lower_graph<rule::affine_int8>(make_choosing())).bytes ==
          executor<frozen_choosing>::ram_bytes);
    check_choosing<policy::fast>();
    check_choosing<policy::small>();
}

TEST_CASE("positions and truth values are given as they are") {
    std::vector<float> x(8), chosen(4);
    std::array<std::int32_t, 2> best{};
    std::array<bool, 4> positive{};
    for (std::size_t i = 0; i < x.size(); ++i) x[i] = static_cast<float>(given_rows[i]) / 64.0f;
    executor<frozen_choosing> net;
    net.run(x, chosen, best, positive);
    const auto real = evaluate(own_choosing_network(), {constant(x)});
    const auto& wanted = output_of<std::int32_t>(real, own_choosing_network().outputs[1].value);
    REQUIRE(wanted[0] != wanted[1]);
    for (std::size_t row = 0; row < 2; ++row) CHECK(best[row] == wanted[row]);
    for (std::size_t i = 0; i < 4; ++i) CHECK(positive[i] == (chosen[i] > 0));
}

namespace {

/// Weights [5, 3], two more rows of inputs than of outputs, and these as a dense layer has them.
constexpr std::array<float, 15> product_weights{0.5f,  -1.0f, 0.125f, 0.75f, 0.0f,  2.0f, -0.25f, 0.5f,
                                                -0.5f, 1.5f,  0.25f,  -2.0f, 0.01f, 0.3f, -0.7f};
constexpr std::array<float, 15> dense_weights = [] {
    std::array<float, 15> turned{};
    for (std::size_t i = 0; i < 15; ++i) turned[i % 3 * 5 + i / 3] = product_weights[i];
    return turned;
}();
constexpr std::array<float, 3> product_bias{0.25f, -0.5f, 0.0f}, channel_scale{0.5f, -3.0f, 0.25f};

/// A layer whose weights are one or the other, and a product with one number a channel, which goes into them.
template <bool Own> constexpr graph_with_own multiplying_network() {
    builder_of<with_own> b;
    const layer x = b.input("x", {2, 5});
    layer y;
    if constexpr (Own)
        y = b.apply(user::transposed_dense{},
                    {x, b.constant("w", {5, 3}, product_weights), b.constant("b", {3}, product_bias)}, "layer");
    else
        y = b.dense(x, {dense_weights, product_bias}, bounds::none(), "layer");
    return b.finish(b.multiply(y, b.constant("scale", {3}, channel_scale)));
}

template <bool Own> constexpr auto make_multiplying = [] { return annotated_own(multiplying_network<Own>()); };
using frozen_product = frozen_model<make_multiplying<true>, rule::affine_int8>;

} // namespace

TEST_CASE("weights [inputs, outputs]: annotated, each channel has its scale, along axis 1") {
    const graph_with_own own = make_multiplying<true>(), usual = make_multiplying<false>();
    CHECK_NOTHROW(validate(own));
    REQUIRE(own.nodes.size() == 1);
    REQUIRE(usual.nodes.size() == 1);
    const value &w = own.value_at(own.nodes[0].inputs[1]), &turned = usual.value_at(usual.nodes[0].inputs[1]);
    CHECK(w.facts.shape == shape{5, 3});
    CHECK(w.scale_axis == 1);
    CHECK(turned.scale_axis == 0);
    CHECK(w.scales.size() == 3);
    CHECK(w.scales == turned.scales);
    CHECK(w.scales[0] != w.scales[1]);
    const auto integers = own.constant_of(own.nodes[0].inputs[1]).as<std::int8_t>();
    const auto of_dense = usual.constant_of(usual.nodes[0].inputs[1]).as<std::int8_t>();
    for (std::size_t i = 0; i < 15; ++i) CHECK(integers[i] == of_dense[i % 3 * 5 + i / 3]);
}

TEST_CASE("weights [inputs, outputs]: lowered, proved and run, bit for bit the dense layer of the transposed ones") {
    const auto own = lower_graph<rule::affine_int8>(make_multiplying<true>());
    const auto usual = lower_graph<rule::affine_int8>(make_multiplying<false>());
    REQUIRE(own.nodes[0].inputs.size() == usual.nodes[0].inputs.size());
    for (std::size_t i = 1; i < own.nodes[0].inputs.size(); ++i)
        CHECK(own.constant_of(own.nodes[0].inputs[i]) == usual.constant_of(usual.nodes[0].inputs[i]));
    CHECK(never_overflows<rule::affine_int8>(own, own.nodes[0]));
    static_assert(model_never_overflows<frozen_product>);
    executor<frozen_product, policy::fast> net;
    executor<frozen_product, policy::small> net_of_shared_code;
    for (int first = -128; first < 127; first += 5) {
        std::vector<std::int8_t> input;
        for (int i = 0; i < 10; ++i) input.push_back(static_cast<std::int8_t>((first + 29 * i) % 128));
        std::copy(input.begin(), input.end(), net.input().begin());
        std::copy(input.begin(), input.end(), net_of_shared_code.input().begin());
        net.invoke();
        net_of_shared_code.invoke();
        const graph_with_own graph = make_multiplying<false>();
        const auto wanted = evaluate<rule::affine_int8>(graph, {constant(input)});
        const auto out = net.output(), shared = net_of_shared_code.output();
        CHECK(std::vector<std::int8_t>(out.begin(), out.end()) ==
              output_of<std::int8_t>(wanted, graph.outputs[0].value));
        CHECK(std::equal(out.begin(), out.end(), shared.begin()));
    }
}
