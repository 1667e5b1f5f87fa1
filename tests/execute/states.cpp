// States from the builder to the executor: over a sequence of calls, with a reset in the middle.

#include <ctq/execute/evaluate.hpp>
#include <ctq/execute/executor.hpp>
#include <ctq/execute/freeze.hpp>
#include <ctq/execute/program_plan.hpp>
#include <ctq/graph/validate.hpp>

#include <doctest/doctest.h>
#include <graph/recurrent.hpp>

#include <algorithm>
#include <vector>

using namespace ctq;
using namespace ctq::testing;

namespace {

constexpr auto make_recurrent = [] { return quantized_constant<recurrent_network>(); };
constexpr auto make_accumulating = [] { return quantized_constant<accumulating_network, rule::tflite_int8>(); };
constexpr auto make_counting = [] { return quantized_constant<counting_network>(); };
constexpr auto make_delaying = [] { return quantized_constant<delaying_network>(); };
constexpr auto make_turning = [] { return quantized_constant<turning_network>(); };
constexpr auto make_mixed = [] {
    flags keep(recurrent_network().nodes.size(), false);
    keep[0] = true; // concat, the only reader of the state
    return quantized_constant<recurrent_network>(keep);
};
constexpr auto make_float = [] { return recurrent_network(); };

using recurrent = frozen_model<make_recurrent, rule::affine_int8>;
using accumulating = frozen_model<make_accumulating, rule::tflite_int8>;
using counting = frozen_model<make_counting, rule::affine_int8>;
using delaying = frozen_model<make_delaying, rule::affine_int8>;
using turning = frozen_model<make_turning, rule::affine_int8>;
using mixed = frozen_model<make_mixed, rule::affine_int8>;
using in_float = frozen_model<make_float, rule::affine_int8>;

static_assert(state_count<recurrent> == 1 && state_count<counting> == 2);
static_assert(recurrent::states[0].name == "h");
static_assert(model_never_overflows<recurrent> && model_never_overflows<turning>);

template <class T> bool equal(std::span<const T> found, const constant& wanted) {
    return std::equal(found.begin(), found.end(), wanted.as<T>().begin(), wanted.as<T>().end());
}

/// The inputs of one call, written to the executor; returns them.
template <class Model, class Executor> std::vector<constant> give_inputs(Executor& net, std::uint32_t call) {
    std::vector<constant> inputs;
    detail::for_each_index<Executor::input_count>([&]<std::size_t I>(std::integral_constant<std::size_t, I>) {
        const auto to = net.template input<I>();
        std::vector<element_type<Model, Model::inputs[I]>> elements;
        for (std::size_t i = 0; i < to.size(); ++i)
            elements.push_back(
                static_cast<element_type<Model, Model::inputs[I]>>(static_cast<int>((call * 89 + i * 53) % 201) - 100));
        std::copy(elements.begin(), elements.end(), to.begin());
        inputs.emplace_back(std::move(elements));
    });
    return inputs;
}

/// One call equals evaluate's, to the bit.
template <class Model, class Executor>
void check_call(Executor& net, std::vector<constant>& states, std::uint32_t call) {
    CAPTURE(call);
    const auto wanted = evaluate<Model>(give_inputs<Model>(net, call), states);
    net.invoke();
    detail::for_each_index<Executor::output_count>([&]<std::size_t I>(std::integral_constant<std::size_t, I>) {
        const std::span<const element_type<Model, Model::outputs[I]>> found = net.template output<I>();
        CHECK(equal(found, wanted[static_cast<std::size_t>(Model::outputs[I])]));
    });
}

template <class Model, class Executor> void check_sequence(Executor net) {
    std::vector<constant> states = initial_states<Model>();
    for (std::uint32_t call = 0; call < 5; ++call) check_call<Model>(net, states, call);
    Executor copy = net; // goes on from there
    auto states_of_copy = states;
    check_call<Model>(copy, states_of_copy, 9);
    check_call<Model>(net, states, 5);
    net.reset();
    states = initial_states<Model>();
    for (std::uint32_t call = 2; call < 6; ++call) check_call<Model>(net, states, call);
}

template <class Model> void check_executors() {
    check_sequence<Model>(executor<Model, policy::fast, kernels::scalar>{});
    check_sequence<Model>(executor<Model, policy::small, kernels::scalar>{});
    check_sequence<Model>(executor<Model, policy::fast, kernels::native>{});
}

/// The model's evaluation is its graph's, over a sequence.
template <class Model, class Rules, class Graph> void check_model_is_graph(const Graph& graph) {
    auto states = initial_states(graph);
    auto states_of_model = initial_states<Model>();
    CHECK(states == states_of_model);
    for (std::uint32_t call = 0; call < 3; ++call) {
        const auto inputs = as_inputs(graph, sample_inputs(graph, call));
        const auto wanted = evaluate<Rules>(graph, inputs, states);
        const auto found = evaluate<Model>(inputs, states_of_model);
        for (std::size_t i = 0; i < graph.outputs.size(); ++i)
            CHECK(found[static_cast<std::size_t>(Model::outputs[i])] ==
                  wanted[static_cast<std::size_t>(graph.outputs[i].value)]);
        CHECK(states == states_of_model);
    }
    CHECK_FALSE(states == initial_states(graph));
}

/// How many arena bytes the plan at run time comes to, and the executor.
template <class Model, class Rules, class Graph> void check_plan(const Graph& graph) {
    CHECK(plan_program<Rules, kernels::scalar>(lower_graph<Rules>(graph)).bytes ==
          executor<Model, policy::fast, kernels::scalar>::ram_bytes);
}

} // namespace

TEST_CASE("states: evaluate goes on from what was written, and from the initial values after a reset") {
    const auto graph = accumulating_network();
    auto states = initial_states(graph);
    CHECK(states == std::vector<constant>{constant(std::vector<float>{0.5f, -0.25f, 2.0f, 0.0f})});
    const std::vector<constant> ones{constant(std::vector<float>(4, 1.0f))};
    static_cast<void>(evaluate(graph, ones, states));
    const auto second = evaluate(graph, ones, states);
    CHECK(output_reals(graph, second, 0) == std::vector<float>{2.5f, 1.75f, 4.0f, 2.0f});
    CHECK(states[0].as<float>() == output_reals(graph, second, 0));
    CHECK(output_reals(graph, evaluate(graph, ones), 0) == std::vector<float>{1.5f, 0.75f, 3.0f, 1.0f});

    const auto counter = counting_network();
    auto pair = initial_states(counter);
    CHECK(outputs_over(counter, pair, 0, 4) == std::vector<std::vector<float>>{{1, 0.5f}, {2, 1}, {3, 1.5f}, {4, 2}});
}

TEST_CASE("states: what is written from an input or another state is what that held") {
    const auto graph = delaying_network();
    auto states = initial_states(graph);
    std::vector<std::vector<float>> inputs;
    for (std::uint32_t call = 0; call < 5; ++call) inputs.push_back(sample_inputs(graph, call)[0]);
    const auto found = outputs_over(graph, states, 0, 5);
    for (std::size_t call = 0; call < 5; ++call)
        for (std::size_t i = 0; i < 5; ++i)
            CHECK(found[call][i] == inputs[call][i] + (call < 2 ? 0.0f : inputs[call - 2][i]));
}

TEST_CASE("states: prepare keeps them and the function over a sequence") {
    for (const auto& before :
         {recurrent_network(), accumulating_network(), counting_network(), delaying_network(), turning_network()}) {
        const auto after = prepare(before, default_registry);
        CHECK_NOTHROW(validate(after));
        REQUIRE(after.states.size() == before.states.size());
        for (std::size_t i = 0; i < after.states.size(); ++i) {
            CHECK(after.states[i].name == before.states[i].name);
            CHECK(after.value_at(after.states[i].read).facts == before.value_at(before.states[i].read).facts);
        }
        auto states = initial_states(after), wanted_states = initial_states(before);
        const auto found = outputs_over(after, states, 0, 4), wanted = outputs_over(before, wanted_states, 0, 4);
        REQUIRE(found.size() == wanted.size());
        for (std::size_t i = 0; i < found.size(); ++i)
            for (std::size_t k = 0; k < found[i].size(); ++k)
                CHECK(found[i][k] == doctest::Approx(wanted[i][k]).epsilon(1e-5));
    }
    CHECK(prepare(turning_network(), default_registry)
              .is_constant(prepare(turning_network(), default_registry).states[1].written));
}

TEST_CASE("states: an executor equals evaluate over a sequence, and after a reset") {
    check_executors<recurrent>();
    check_executors<accumulating>();
    check_executors<counting>();
    check_executors<delaying>();
    check_executors<turning>();
    check_executors<mixed>();
    check_executors<in_float>();
}

TEST_CASE("states: a frozen model is its graph") {
    check_model_is_graph<recurrent, rule::affine_int8>(make_recurrent());
    check_model_is_graph<accumulating, rule::tflite_int8>(make_accumulating());
    check_model_is_graph<counting, rule::affine_int8>(make_counting());
    check_model_is_graph<turning, rule::affine_int8>(make_turning());
    check_model_is_graph<mixed, rule::affine_int8>(make_mixed());
}

TEST_CASE("states: the plan at run time is the executor's") {
    check_plan<recurrent, rule::affine_int8>(make_recurrent());
    check_plan<accumulating, rule::tflite_int8>(make_accumulating());
    check_plan<counting, rule::affine_int8>(make_counting());
    check_plan<delaying, rule::affine_int8>(make_delaying());
    check_plan<turning, rule::affine_int8>(make_turning());
}

TEST_CASE("states: one call in the compiler") {
    constexpr auto second = [] {
        auto states = initial_states<counting>();
        static_cast<void>(evaluate<counting>({}, states));
        const auto all = evaluate<counting>({}, states);
        return all[static_cast<std::size_t>(counting::outputs[0])].as<std::int8_t>()[0];
    }();
    executor<counting> net;
    net.invoke();
    net.invoke();
    CHECK(net.output()[0] == second);
}

TEST_CASE("states: reproduces() begins with a reset") {
    executor<counting> net;
    net.invoke();
    const std::vector<std::int8_t> first(net.output().begin(), net.output().end());
    net.invoke();
    CHECK_FALSE(equal(std::span<const std::int8_t>(net.output()), constant(first)));
    CHECK(net.reproduces(first));
}
