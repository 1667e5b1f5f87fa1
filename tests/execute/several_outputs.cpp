// An operator with two outputs, from the builder to the executor.

#include <ctq/execute/evaluate.hpp>
#include <ctq/execute/executor.hpp>
#include <ctq/execute/freeze.hpp>
#include <ctq/execute/program.hpp>
#include <ctq/execute/program_plan.hpp>
#include <ctq/graph/connections.hpp>
#include <ctq/operators/element_wise.hpp>

#include <doctest/doctest.h>
#include <graph/networks.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <type_traits>
#include <vector>

using namespace ctq;
using namespace ctq::testing;

namespace {

/// The halves of the last axis, whose extent is even.
struct halves {
    static constexpr std::string_view name = "halves";
    static constexpr std::string_view cpp_name = "halves";
    static constexpr operator_traits traits{.output_range = range_rule::same_as_input, .moves_elements = true};
    static constexpr auto attributes = no_attributes;
    friend constexpr bool operator==(const halves&, const halves&) = default;

  private:
    // Before its use: clang evaluates a template in a constant expression only if it was defined by then.
    template <class T> static constexpr void split(const const_tensor& in, tensors out) {
        const auto half = static_cast<std::size_t>(out[0].shape()[out[0].shape().rank - 1]);
        for (std::size_t i = 0; i < in.size(); ++i)
            out[i / half % 2].template as<T>()[i / half / 2 * half + i % half] = in.template as<T>()[i];
    }

  public:
    constexpr int output_count() const { return 2; }
    constexpr shape output_shape(shapes in, int) const {
        shape half = in[0];
        require(half.rank > 0 && half[half.rank - 1] % 2 == 0, "halves need a last axis of even extent");
        half[half.rank - 1] /= 2;
        return half;
    }
    constexpr void compute(const_tensors in, tensors out) const { split<float>(in[0], out); }

    template <signature S>
    requires op::same_stored_types<S>
    constexpr void compute_integer(const_tensors in, tensors out) const { split<element<S.x>>(in[0], out); }
};

static_assert(operation<halves> && several_outputs<halves> && output_count(halves{}) == 2 && halves{} == halves{});

constexpr auto with_halves = default_registry.with<halves>();
using graph_with_halves = graph_of<with_halves>;
using builder_with_halves = builder_of<with_halves>;

/// The other output of a layer whose first one is given.
constexpr layer second_of(layer first) {
    return {first.value + 1};
}

/// Which halves are read; the first is an output of the network too.
enum class used { both, first, second };

/// x [2, 6] -> dense [2, 4] -> halves -> the first half as it is, the second through another dense layer.
template <used Which> constexpr graph_with_halves halving_network() {
    builder_with_halves b;
    const layer first = b.apply(halves{}, {b.dense(b.input("x", {2, 6}), {testing::weights(24)})});
    if (Which == used::first) return b.finish(first, "first");
    const layer last = b.dense(second_of(first), {testing::weights(4, 9), testing::weights(2, 30)});
    if (Which == used::second) return b.finish(last, "last");
    return b.finish({{"first", first.value}, {"last", last.value}});
}

template <used Which> constexpr graph_with_halves prepared_network() {
    return prepare(halving_network<Which>(), with_halves);
}

constexpr int node_of_halves(const graph_with_halves& graph) {
    for (std::size_t i = 0; i < graph.nodes.size(); ++i)
        if (operator_if<halves>(graph.nodes[i]) != nullptr) return static_cast<int>(i);
    return -1;
}

/// The network under affine_int8, the operator itself in float if wanted.
template <used Which, bool InFloat = false> constexpr graph_with_halves annotated_network() {
    const graph_with_halves graph = prepared_network<Which>();
    std::vector<bounds> ranges(graph.values.size(), bounds{-2.0f, 2.0f});
    flags keep(graph.nodes.size(), false);
    if (InFloat) keep[static_cast<std::size_t>(node_of_halves(graph))] = true;
    return post_process(annotate<rule::affine_int8>(graph, std::move(ranges), keep), with_halves);
}

constexpr std::vector<std::int8_t> integer_input() {
    std::vector<std::int8_t> input;
    for (int i = 0; i < 12; ++i) input.push_back(static_cast<std::int8_t>(i * 20 - 110));
    return input;
}

/// Columns first .. first + 1 of rows of four.
template <class T> std::vector<T> columns(const std::vector<T>& rows, std::size_t first) {
    return {rows[first], rows[first + 1], rows[first + 4], rows[first + 5]};
}

template <class T> const std::vector<T>& elements_of(const std::vector<constant>& elements, int value) {
    return elements[static_cast<std::size_t>(value)].as<T>();
}

} // namespace

TEST_CASE("several outputs: a node names, shapes and makes each of them") {
    graph_with_halves graph = halving_network<used::both>();
    const int index = node_of_halves(graph);
    const auto& node = graph.node_at(index);
    REQUIRE(node.outputs.size() == 2);
    CHECK(graph.value_at(node.outputs[0]).name == "halves");
    CHECK(graph.value_at(node.outputs[1]).name == "halves.1");
    for (const int output : node.outputs) {
        CHECK(graph.value_at(output).facts == tensor_facts{dtype::float32, {2, 2}});
        CHECK(graph.producer_of(output) == index);
        CHECK(connections(graph).sole_producer(output) == index);
    }
    graph_with_halves by_hand;
    const int x = by_hand.add_value("x", {dtype::float32, {4}});
    const int first = by_hand.add_node("split", halves{}, {x});
    CHECK(first == by_hand.nodes[0].outputs[0]);
    CHECK(by_hand.value_at(by_hand.nodes[0].outputs[1]).name == "split.1");
    const int odd = by_hand.add_value("odd", {dtype::float32, {3}});
    CHECK_THROWS_WITH_AS(by_hand.add_node("bad", halves{}, {odd}), "halves need a last axis of even extent",
                         model_error);
    CHECK(by_hand.nodes.size() == 1);
}

TEST_CASE("several outputs: a node of constants becomes as many constants, and unread ones go") {
    builder_with_halves b;
    const layer first = b.apply(halves{}, {b.constant("k", {2, 4}, std::array<float, 8>{1, 2, 3, 4, 5, 6, 7, 8})});
    graph_with_halves graph = b.finish(b.add(b.input("x", {2, 2}), second_of(first)));
    CHECK(pass::fold_constants::run(graph));
    CHECK_FALSE(pass::fold_constants::run(graph));
    REQUIRE(graph.nodes.size() == 1);
    CHECK(graph.constant_of(first.value) == constant(std::vector<float>{1, 2, 5, 6}));
    CHECK(graph.constant_of(second_of(first).value) == constant(std::vector<float>{3, 4, 7, 8}));
    CHECK(pass::remove_dead::run(graph));
    REQUIRE(graph.constants.size() == 1);
    CHECK(graph.constant_of(graph.nodes[0].inputs[1]) == constant(std::vector<float>{3, 4, 7, 8}));
}

TEST_CASE("several outputs: a node lives as long as one of them is read, with all of them") {
    for (graph_with_halves graph : {halving_network<used::first>(), halving_network<used::second>()}) {
        const std::size_t nodes = graph.nodes.size();
        pass::remove_dead::run(graph);
        CHECK(graph.nodes.size() == nodes);
        const auto& node = graph.node_at(node_of_halves(graph));
        REQUIRE(node.outputs.size() == 2);
        for (const int output : node.outputs) CHECK(graph.producer_of(output) == node_of_halves(graph));
    }
    builder_with_halves b;
    const layer x = b.input("x", {4});
    static_cast<void>(b.apply(halves{}, {x}));
    graph_with_halves unread = b.finish(b.add(x, x));
    CHECK(pass::remove_dead::run(unread));
    CHECK(node_of_halves(unread) == -1);
    CHECK(unread.values.size() == 2);
}

TEST_CASE("several outputs: the float meaning writes each, in a constant expression too") {
    const graph_with_halves graph = halving_network<used::both>();
    const std::vector<float> input{0.5f, -1, 0.25f, 1, -0.75f, 0, 1, -0.5f, 0.125f, -1, 0.75f, 0.5f};
    const auto elements = evaluate(graph, {constant(input)});
    const auto& node = graph.node_at(node_of_halves(graph));
    const auto& whole = elements_of<float>(elements, node.inputs[0]);
    CHECK(elements_of<float>(elements, node.outputs[0]) == columns(whole, 0));
    CHECK(elements_of<float>(elements, node.outputs[1]) == columns(whole, 2));
    static_assert([] {
        builder_with_halves b;
        const layer first = b.apply(halves{}, {b.input("x", {4})});
        const graph_with_halves split = b.finish({{"a", first.value}, {"b", second_of(first).value}});
        const auto made = evaluate(split, {constant(std::vector<float>{1, 2, 3, 4})});
        return made[1].as<float>() == std::vector<float>{1, 2} && made[2].as<float>() == std::vector<float>{3, 4};
    }());
}

TEST_CASE("several outputs: annotated, each has the input's type, quantization and range") {
    const auto check = [](const graph_with_halves& graph) {
        const auto& node = graph.node_at(node_of_halves(graph));
        REQUIRE(node.outputs.size() == 2);
        CHECK(node.domain == 1);
        const tensor_facts& in = graph.value_at(node.inputs[0]).facts;
        CHECK(in.type == dtype::int8);
        for (const int output : node.outputs) {
            const tensor_facts& out = graph.value_at(output).facts;
            CHECK(out == tensor_facts{in.type, {2, 2}, in.quantization, in.range});
        }
        const auto elements = evaluate<rule::affine_int8>(graph, {constant(integer_input())});
        const auto& whole = elements_of<std::int8_t>(elements, node.inputs[0]);
        CHECK(elements_of<std::int8_t>(elements, node.outputs[0]) == columns(whole, 0));
        CHECK(elements_of<std::int8_t>(elements, node.outputs[1]) == columns(whole, 2));
        CHECK(columns(whole, 0) != columns(whole, 2));
    };
    check(annotated_network<used::both>());
    check(annotated_network<used::first>());
    check(annotated_network<used::second>());
}

TEST_CASE("several outputs: in float among integer layers, each is converted where it is read") {
    const graph_with_halves graph = annotated_network<used::both, true>();
    const auto& node = graph.node_at(node_of_halves(graph));
    CHECK(node.domain == float_domain);
    for (const int output : node.outputs) CHECK(graph.value_at(output).facts.type == dtype::float32);
    int conversions = 0;
    for (const auto& each : graph.nodes) conversions += operator_if<op::quantize>(each) != nullptr ? 1 : 0;
    CHECK(conversions == 1); // of the half that the dense layer reads; the other half is an output
    const graph_with_halves integers = annotated_network<used::both>();
    const auto in_float = evaluate<rule::affine_int8>(graph, {constant(integer_input())});
    const auto in_integers = evaluate<rule::affine_int8>(integers, {constant(integer_input())});
    CHECK(output_reals(graph, in_float, 0) == output_reals(integers, in_integers, 0));
    CHECK(output_reals(graph, in_float, 1) == output_reals(integers, in_integers, 1));
}

TEST_CASE("several outputs: the program's node keeps them all, and needs nothing lowered") {
    const graph_with_halves graph = annotated_network<used::second>();
    const auto made = lower_graph<rule::affine_int8>(graph);
    const auto& from = graph.node_at(node_of_halves(graph));
    const auto& to = made.nodes[static_cast<std::size_t>(node_of_halves(graph))];
    REQUIRE(to.outputs.size() == 2);
    REQUIRE(to.inputs.size() == 1);
    CHECK(to.inputs[0] == made.places[static_cast<std::size_t>(from.inputs[0])]);
    for (std::size_t i = 0; i < 2; ++i) CHECK(to.outputs[i] == made.places[static_cast<std::size_t>(from.outputs[i])]);
    CHECK(never_overflows<rule::affine_int8>(made, to));
    visit_lowered(to, [](const auto& op, const auto& lowered) {
        CHECK((std::is_same_v<decltype(op), const halves&>));
        CHECK((std::is_same_v<decltype(lowered), const nothing_lowered&>));
    });
}

namespace {

constexpr auto make_both = [] { return annotated_network<used::both>(); };
constexpr auto make_first = [] { return annotated_network<used::first>(); };
constexpr auto make_second = [] { return annotated_network<used::second>(); };
constexpr auto make_in_float = [] { return annotated_network<used::both, true>(); };

/// Input and outputs of an executor and of evaluate() are the same.
template <auto Make, class Policy, class Architecture> void check_executor() {
    using model = frozen_model<Make, rule::affine_int8>;
    executor<model, Policy, Architecture> net;
    const std::vector<std::int8_t> input = integer_input();
    std::copy(input.begin(), input.end(), net.input().begin());
    net.invoke();
    const graph_with_halves graph = Make();
    const auto wanted = evaluate<rule::affine_int8>(graph, {constant(input)});
    const auto check = [&]<std::size_t I>(std::integral_constant<std::size_t, I>) {
        const auto out = net.template output<I>();
        using type = typename decltype(out)::value_type;
        CHECK(std::vector<type>(out.begin(), out.end()) == elements_of<type>(wanted, graph.outputs[I].value));
    };
    [&]<std::size_t... I>(std::index_sequence<I...>) {
        (check(std::integral_constant<std::size_t, I>{}), ...);
    }
    (std::make_index_sequence<net.output_count>{});
}

/// No two outputs of the node share a byte, whether they are read or not; and the tool plans the compiler's arena.
template <auto Make> void check_plan() {
    using model = frozen_model<Make, rule::affine_int8>;
    using arena = model_plan<model, kernels::scalar>;
    const auto source = lower_graph<rule::affine_int8>(Make());
    const program_plan plan = plan_program<rule::affine_int8, kernels::scalar>(source);
    CHECK(plan.bytes == arena::bytes);
    for (std::size_t v = 0; v < source.values.size(); ++v)
        if (source.values[v].constant < 0) CHECK(plan.value_offsets[v] == arena::offset_of_value(static_cast<int>(v)));
    const auto& split = source.nodes[static_cast<std::size_t>(node_of_halves(Make()))];
    const auto first = static_cast<std::size_t>(split.outputs[0]), second = static_cast<std::size_t>(split.outputs[1]);
    const std::size_t bytes = source.values[first].facts.bytes();
    CHECK((plan.value_offsets[first] + bytes <= plan.value_offsets[second] ||
           plan.value_offsets[second] + bytes <= plan.value_offsets[first]));
}

template <auto Make> void check_model() {
    static_assert(model_never_overflows<frozen_model<Make, rule::affine_int8>>);
    check_plan<Make>();
    check_executor<Make, policy::fast, kernels::scalar>();
    check_executor<Make, policy::small, kernels::scalar>();
    check_executor<Make, policy::fast, kernels::native>();
    check_executor<Make, policy::small, kernels::native>();
}

} // namespace

TEST_CASE("several outputs: planned, frozen and run, both read, one of them, or in float") {
    check_model<make_both>();
    check_model<make_first>();
    check_model<make_second>();
    check_model<make_in_float>();
}
