#pragma once
// evaluate: a graph run value by value, each in memory of its own. Slow and simple: it runs in a constant expression,
// and it is what executors and kernels are held to.
// room: execute | runs on: compiler + host (allocates)

#include <ctq/execute/model.hpp>
#include <ctq/execute/run_node.hpp>
#include <ctq/graph/graph.hpp>

#include <utility>
#include <vector>

namespace ctq {

/// Zeroed elements for a tensor of these facts.
constexpr constant elements_for(const tensor_facts& facts) {
    constant result;
    switch (facts.type) {
    case dtype::float32:
        result.reals.assign(facts.elements(), 0.0f);
        break;
    case dtype::int8:
        result.int8s.assign(facts.elements(), std::int8_t{0});
        break;
    case dtype::int16:
        result.int16s.assign(facts.elements(), std::int16_t{0});
        break;
    case dtype::int32:
        result.int32s.assign(facts.elements(), 0);
        break;
    default:
        fail("tensors are float32, int8, int16 or int32");
    }
    return result;
}

constexpr data writable(constant& elements, dtype type) {
    switch (type) {
    case dtype::float32:
        return elements.reals.data();
    case dtype::int8:
        return elements.int8s.data();
    case dtype::int16:
        return elements.int16s.data();
    default:
        return elements.int32s.data();
    }
}

/// Runs a float, integer or mixed graph. `inputs` in the order of graph.inputs, each in the input's own dtype. Returns
/// the elements of every value of the graph, constants empty: outputs are found through graph.outputs.
template <class Requantizer, class Graph>
constexpr std::vector<constant> evaluate(const Graph& graph, std::vector<constant> inputs) {
    require(inputs.size() == graph.inputs.size(), "one tensor for each input of the graph is required");
    std::vector<constant> elements(graph.values.size());
    for (std::size_t i = 0; i < inputs.size(); ++i)
        elements[static_cast<std::size_t>(graph.inputs[i].value)] = std::move(inputs[i]);
    for (const auto& node : graph.nodes) {
        std::vector<const_tensor> in;
        std::vector<tensor_facts> in_facts;
        for (const int index : node.inputs) {
            const value& v = graph.value_at(index);
            const constant& from =
                v.constant >= 0 ? graph.constant_of(index) : elements[static_cast<std::size_t>(index)];
            in.push_back({v.facts, from.view(v.facts.type)});
            in_facts.push_back(v.facts);
        }
        const tensor_facts& facts = graph.value_at(node.output).facts;
        constant made = elements_for(facts);
        const tensor out{facts, writable(made, facts.type)};
        visit_operator(node, [&](const auto& op) {
            using op_type = std::remove_cvref_t<decltype(op)>;
            const kernels::variable_facts<op_type> of{{op, in_facts, std::span(&facts, 1)}};
            run_node<kernels::scalar, Requantizer>(of, in, tensors(&out, 1), {});
        });
        elements[static_cast<std::size_t>(node.output)] = std::move(made);
    }
    return elements;
}

/// The same for a model type: the elements of all its values.
template <model Model> constexpr std::vector<constant> evaluate(std::vector<constant> inputs) {
    require(inputs.size() == std::size(Model::inputs), "one tensor for each input of the model is required");
    std::vector<constant> elements(std::size(Model::values));
    for (std::size_t i = 0; i < inputs.size(); ++i)
        elements[static_cast<std::size_t>(Model::inputs[i])] = std::move(inputs[i]);
    const auto step = [&]<std::size_t I>(std::integral_constant<std::size_t, I>) {
        using constants = node_constants<Model, I>;
        auto in = constants::constant_inputs();
        for (std::size_t i = 0; i < in.size(); ++i) {
            const auto index = static_cast<std::size_t>(constants::source.inputs[i]);
            if (!Model::values[index].constant) in[i].elements = elements[index].view(in[i].facts.type);
        }
        const tensor_facts& facts = constants::output_facts[0];
        constant made = elements_for(facts);
        const tensor out{facts, writable(made, facts.type)};
        run_node<kernels::scalar, typename Model::requantizer>(kernels::constant_facts<constants>{}, in,
                                                               tensors(&out, 1), {});
        elements[static_cast<std::size_t>(constants::source.output)] = std::move(made);
    };
    detail::for_each_index<node_count<Model>>(step);
    return elements;
}

} // namespace ctq
