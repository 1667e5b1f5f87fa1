#pragma once
// evaluate: a graph run value by value, each in memory of its own. Slow and simple: it runs in a constant expression,
// and it is what executors and kernels are held to.
// room: execute | runs on: compiler + host | heap: yes

#include <ctq/execute/lower.hpp>
#include <ctq/execute/model.hpp>
#include <ctq/execute/run_node.hpp>
#include <ctq/graph/compute_node.hpp>
#include <ctq/graph/graph.hpp>
#include <ctq/graph/visit_variant.hpp>

#include <utility>
#include <vector>

namespace ctq::inline CTQ_TARGET {

namespace detail {

/// One tensor for each input and state, of its type and size.
constexpr void check_input(const constant& given, const tensor_facts& wanted) {
    require(given.type() == wanted.type, "an input must have the element type of the graph's");
    require(given.entries() == entries_of(wanted.type, wanted.elements()),
            "an input must have as many elements as the graph's");
}

/// A copy of a tensor's elements.
constexpr constant copy_of(const const_tensor& from) {
    constant copy = constant::zeros(from.facts.type, from.size());
    copy.visit([&](auto& elements) {
        using type = typename std::remove_cvref_t<decltype(elements)>::value_type;
        for (std::size_t i = 0; i < elements.size(); ++i) elements[i] = from.template as<type>()[i];
    });
    return copy;
}

/// Runs one lowered node under signature S by the operator's definition.
template <signature S, class Op>
constexpr void run_lowered(const lowered_operator<Op>& with, std::span<const const_tensor> in, tensors out) {
    std::vector<tensor_facts> in_facts, out_facts;
    for (const const_tensor& each : in) in_facts.push_back(each.facts);
    for (const tensor& each : out) out_facts.push_back(each.facts);
    const kernels::variable_facts<Op> facts{{with.op, with.lowered, in_facts, out_facts}};
    run_node<kernels::scalar, S>(facts, in, out, {});
}

/// The outputs of an annotated graph's integer node. `tensor_of(value)` is what it reads.
template <class Rules, class Graph, class TensorOf>
constexpr std::vector<constant> compute_integer_node(const Graph& graph, const typename Graph::node_type& node,
                                                     const TensorOf& tensor_of) {
    const auto lowered = lower_node<Rules>(graph, node);
    std::vector<const_tensor> in;
    for (const lowered_input& each : lowered.inputs)
        in.push_back(each.value >= 0 ? tensor_of(each.value) : const_tensor{each.facts, each.elements.view()});
    std::vector<constant> made = zeros_for_outputs(graph, node.outputs);
    const std::vector<tensor> out = tensors_over(graph, node.outputs, made);
    visit_variant(
        [&]<class Op>(const lowered_operator<Op>& with) {
            visit_signature<Rules, Op>(signature_of(graph, node),
                                       [&]<signature S>() { run_lowered<S>(with, in, out); });
        },
        lowered.op);
    return made;
}

/// Runs node I of a model by its operator's definition. `elements`: those of all values.
template <model Model, std::size_t I> constexpr void run_model_node(std::vector<constant>& elements) {
    using constants = node_constants<Model, I>;
    auto in = constants::constant_inputs();
    for (std::size_t i = 0; i < in.size(); ++i) {
        const auto index = static_cast<std::size_t>(constants::source.inputs[i]);
        if (!Model::values[index].constant) in[i].elements = elements[index].view();
    }
    std::array<tensor, constants::output_count> out{};
    for (std::size_t i = 0; i < out.size(); ++i) {
        constant& made = elements[static_cast<std::size_t>(constants::source.outputs[i])];
        made = constant::zeros(constants::output_facts[i].type, constants::output_facts[i].elements());
        out[i] = {constants::output_facts[i], made.writable()};
    }
    run_node<kernels::scalar, constants::types>(kernels::constant_facts<constants>{}, in, out, {});
}

} // namespace detail

/// What the states of a graph hold at first and after a reset, in the order of graph.states.
template <class Graph> constexpr std::vector<constant> initial_states(const Graph& graph) {
    std::vector<constant> states;
    for (const graph_state& each : graph.states) states.push_back(graph.constant_of(each.initial));
    return states;
}

/// Runs a float, annotated or mixed graph whose integer nodes follow `Rules`, a rule or a rule_list. `inputs` in the
/// order of graph.inputs, each of the input's own type and size; `states` alike in the order of graph.states: what they
/// hold before the run, and then what was written to them. Returns the elements of every value of the graph, constants
/// empty: outputs are found through graph.outputs.
template <class Rules, class Graph>
requires requires {
    typename Graph::operation_type;
}
constexpr std::vector<constant> evaluate(const Graph& graph, std::vector<constant> inputs,
                                         std::vector<constant>& states) {
    require(inputs.size() == graph.inputs.size(), "one tensor for each input of the graph is required");
    require(states.size() == graph.states.size(), "one tensor for each state of the graph is required");
    std::vector<constant> elements(graph.values.size());
    const auto give = [&](int value, constant& given) {
        detail::check_input(given, graph.value_at(value).facts);
        elements[static_cast<std::size_t>(value)] = std::move(given);
    };
    for (std::size_t i = 0; i < inputs.size(); ++i) give(graph.inputs[i].value, inputs[i]);
    for (std::size_t i = 0; i < states.size(); ++i) give(graph.states[i].read, states[i]);
    const auto tensor_of = [&](int index) {
        const value& v = graph.value_at(index);
        const constant& from = v.constant >= 0 ? graph.constant_of(index) : elements[static_cast<std::size_t>(index)];
        return const_tensor{v.facts, from.view()};
    };
    for (const auto& node : graph.nodes) {
        std::vector<constant> made; // no ?: makes it, since g++ 12 frees the chosen one in a constant expression
        if (node.in_float())
            made = compute_node(graph, node, tensor_of);
        else
            made = detail::compute_integer_node<Rules>(graph, node, tensor_of);
        for (std::size_t i = 0; i < made.size(); ++i)
            elements[static_cast<std::size_t>(node.outputs[i])] = std::move(made[i]);
    }
    for (std::size_t i = 0; i < states.size(); ++i) {
        const int written = graph.states[i].written;
        states[i] =
            graph.is_constant(written) ? graph.constant_of(written) : elements[static_cast<std::size_t>(written)];
    }
    return elements;
}

/// The same from the initial states.
template <class Rules, class Graph>
constexpr std::vector<constant> evaluate(const Graph& graph, std::vector<constant> inputs) {
    std::vector<constant> states = initial_states(graph);
    return evaluate<Rules>(graph, std::move(inputs), states);
}

/// The same for a graph without integer nodes.
template <class Graph>
requires requires {
    typename Graph::operation_type;
}
constexpr std::vector<constant> evaluate(const Graph& graph, std::vector<constant> inputs,
                                         std::vector<constant>& states) {
    return evaluate<rule_list<>>(graph, std::move(inputs), states);
}
template <class Graph> constexpr std::vector<constant> evaluate(const Graph& graph, std::vector<constant> inputs) {
    return evaluate<rule_list<>>(graph, std::move(inputs));
}

/// What the states of a model hold at first and after a reset.
template <model Model> constexpr std::vector<constant> initial_states() {
    std::vector<constant> states;
    if constexpr (state_count<Model> != 0)
        for (const model_state& each : Model::states) {
            const model_value& from = Model::values[static_cast<std::size_t>(each.initial)];
            states.push_back(detail::copy_of({from.facts, from.elements}));
        }
    return states;
}

/// The same for a model type: the elements of all its values.
template <model Model>
constexpr std::vector<constant> evaluate(std::vector<constant> inputs, std::vector<constant>& states) {
    require(inputs.size() == std::size(Model::inputs), "one tensor for each input of the model is required");
    require(states.size() == state_count<Model>, "one tensor for each state of the model is required");
    std::vector<constant> elements(std::size(Model::values));
    const auto give = [&](int value, constant& given) {
        const auto index = static_cast<std::size_t>(value);
        detail::check_input(given, Model::values[index].facts);
        elements[index] = std::move(given);
    };
    for (std::size_t i = 0; i < inputs.size(); ++i) give(Model::inputs[i], inputs[i]);
    if constexpr (state_count<Model> != 0)
        for (std::size_t i = 0; i < states.size(); ++i) give(Model::states[i].read, states[i]);
    detail::for_each_index<node_count<Model>>(
        [&]<std::size_t I>(std::integral_constant<std::size_t, I>) { detail::run_model_node<Model, I>(elements); });
    if constexpr (state_count<Model> != 0)
        for (std::size_t i = 0; i < states.size(); ++i) {
            const auto index = static_cast<std::size_t>(Model::states[i].written);
            const model_value& from = Model::values[index];
            states[i] = detail::copy_of({from.facts, from.constant ? from.elements : elements[index].view()});
        }
    return elements;
}

/// The same from the initial states.
template <model Model> constexpr std::vector<constant> evaluate(std::vector<constant> inputs) {
    std::vector<constant> states = initial_states<Model>();
    return evaluate<Model>(std::move(inputs), states);
}

} // namespace ctq::inline CTQ_TARGET
