#pragma once
// graph: a network as a plain value. Every pass is a constexpr function from graph to graph.
// room: graph | runs on: compiler + host (allocates)

#include <ctq/core/diagnostics.hpp>
#include <ctq/core/tensor.hpp>
#include <ctq/core/text.hpp>
#include <ctq/registry/operation.hpp>

#include <cstddef>
#include <cstdint>
#include <span>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

namespace ctq {

/// One truth value for each node or value of a graph. Not vector<bool>: clang refuses libstdc++ 12's in constant
/// expressions.
using flags = std::vector<std::uint8_t>;

/// The elements of a constant; one of the vectors is in use, as the value's dtype says.
struct constant {
    std::vector<float> reals;
    std::vector<std::int8_t> int8s;
    std::vector<std::int16_t> int16s;
    std::vector<std::int32_t> int32s;

    constexpr constant() = default;
    constexpr explicit constant(std::vector<float> elements) : reals(std::move(elements)) {}
    constexpr explicit constant(std::vector<std::int8_t> elements) : int8s(std::move(elements)) {}
    constexpr explicit constant(std::vector<std::int16_t> elements) : int16s(std::move(elements)) {}
    constexpr explicit constant(std::vector<std::int32_t> elements) : int32s(std::move(elements)) {}

    constexpr const_data view(dtype type) const {
        switch (type) {
        case dtype::float32:
            return reals.data();
        case dtype::int8:
            return int8s.data();
        case dtype::int16:
            return int16s.data();
        case dtype::int32:
            return int32s.data();
        default:
            fail("constants are float32, int8, int16 or int32");
        }
    }
};

/// A tensor of the graph: an input, a constant, or what a node makes.
struct value {
    text name;
    tensor_facts facts;
    int constant = -1; ///< index into graph::constants, -1 for an activation
};

/// A name by which the outside knows a value.
struct port {
    text name;
    int value = -1;
};

template <class Operation> struct basic_node {
    text name;
    Operation op;
    std::vector<int> inputs; ///< indices into graph::values
    int output = -1;
    std::vector<text> origins; ///< names of the source model's nodes that this one stands for
};

/// True when `Op` is one of a std::variant's types.
template <class Op, class Variant> constexpr bool is_alternative = false;
template <class Op, class... Ops>
constexpr bool is_alternative<Op, std::variant<Ops...>> = (std::is_same_v<Op, Ops> || ...);

/// Nodes are in topological order; every value has one producer at most. `Operation` is a std::variant of operators.
template <class Operation> struct basic_graph {
    using operation_type = Operation;
    using node_type = basic_node<Operation>;

    text name;
    std::vector<value> values;
    std::vector<node_type> nodes;
    std::vector<constant> constants;
    std::vector<port> inputs, outputs;

    constexpr const value& value_at(int index) const { return values[static_cast<std::size_t>(index)]; }
    constexpr value& value_at(int index) { return values[static_cast<std::size_t>(index)]; }
    constexpr bool is_constant(int index) const { return value_at(index).constant >= 0; }
    constexpr const constant& constant_of(int index) const {
        return constants[static_cast<std::size_t>(value_at(index).constant)];
    }
    constexpr std::span<const float> reals(int index) const { return constant_of(index).reals; }

    constexpr int add_value(text value_name, const tensor_facts& facts) {
        values.push_back({std::move(value_name), facts, -1});
        return static_cast<int>(values.size()) - 1;
    }

    template <class T>
    constexpr int add_constant(text value_name, const shape& of, std::vector<T> elements, quantization q = {}) {
        require(elements.size() == static_cast<std::size_t>(of.elements()),
                "a constant must have as many elements as its shape");
        const int index = add_value(std::move(value_name), {dtype_of<T>, of, q});
        value_at(index).constant = static_cast<int>(constants.size());
        constants.emplace_back(std::move(elements));
        return index;
    }

    /// Appends a float node and its output, whose shape the operator's rule gives.
    template <class Op> constexpr int add_node(text node_name, const Op& op, std::vector<int> from) {
        static_assert(is_alternative<Op, Operation>,
                      "ctq: graph: an operator of the graph's registry is required; add it: registry.with<op>()");
        const int output = add_value(node_name, {dtype::float32, inferred_shape(op, from), {}});
        if constexpr (is_alternative<Op, Operation>)
            nodes.push_back({node_name, op, std::move(from), output, {node_name}});
        return output;
    }

    template <class Op> constexpr shape inferred_shape(const Op& op, const std::vector<int>& from) const {
        std::vector<shape> of;
        for (const int index : from) of.push_back(value_at(index).facts.shape);
        return output_shape(op, of);
    }

    /// The node that makes a value, or -1.
    constexpr int producer_of(int index) const {
        for (std::size_t i = 0; i < nodes.size(); ++i)
            if (nodes[i].output == index) return static_cast<int>(i);
        return -1;
    }

    /// How often a value is read, by nodes and as an output of the graph.
    constexpr int uses_of(int index) const {
        int uses = 0;
        for (const node_type& node : nodes)
            for (const int input : node.inputs) uses += input == index ? 1 : 0;
        for (const port& output : outputs) uses += output.value == index ? 1 : 0;
        return uses;
    }

    /// Makes every reader of `from` read `to`.
    constexpr void replace_uses(int from, int to) {
        for (node_type& node : nodes)
            for (int& input : node.inputs)
                if (input == from) input = to;
        for (port& output : outputs)
            if (output.value == from) output.value = to;
    }

    constexpr void erase_node(int index) { nodes.erase(nodes.begin() + index); }

    constexpr node_type& node_at(int index) { return nodes[static_cast<std::size_t>(index)]; }
    constexpr const node_type& node_at(int index) const { return nodes[static_cast<std::size_t>(index)]; }

    constexpr const_tensor constant_tensor(int index) const {
        const value& v = value_at(index);
        return {v.facts, constant_of(index).view(v.facts.type)};
    }
};

/// The operator of a node when it is an `Op`, else null.
template <class Op, class Node> constexpr auto* operator_if(Node& node) {
    return std::get_if<Op>(&node.op);
}

/// Gives a node another operator. (Plain assignment of an alternative is no constant expression for clang with
/// libstdc++ 12; that of whole variants is.)
template <class Node, class Op> constexpr void set_operator(Node& node, const Op& op) {
    node.op = std::remove_cvref_t<decltype(node.op)>(op);
}

/// Calls visit(op) with the node's operator as its own type.
template <class Node, class Visitor> constexpr decltype(auto) visit_operator(Node&& node, Visitor&& visit) {
    return std::visit(std::forward<Visitor>(visit), std::forward<Node>(node).op);
}

} // namespace ctq
