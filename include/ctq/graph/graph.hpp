#pragma once
// graph: a network as a plain value. Every pass is a constexpr function from graph to graph.
// room: graph | runs on: compiler + host | heap: yes

#include <ctq/core/signature.hpp>
#include <ctq/core/tensor.hpp>
#include <ctq/core/text.hpp>
#include <ctq/graph/value_list.hpp>
#include <ctq/graph/visit_variant.hpp>
#include <ctq/registry/integer_meaning.hpp>
#include <ctq/registry/operation.hpp>

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

namespace ctq::inline CTQ_TARGET {

/// One truth value for each node or value of a graph. Not vector<bool>: clang refuses libstdc++ 12's in constant
/// expressions.
using flags = std::vector<std::uint8_t>;

/// The multiplier of a residual, for a rule that fuses none.
constexpr std::int32_t no_residual(double) {
    return 0;
}

/// A rule as nodes know it after annotation: its name, how weighted sums and all other results are rounded, and the
/// multiplier of a residual of this ratio of scales, or 0. Not a null pointer where there is none: g++ 12 cannot
/// compare a function's address with one in a constant expression under -fsanitize=undefined.
struct domain {
    text name;
    rounding weighted = rounding::unrounded, other = rounding::unrounded;
    std::int32_t (*encode_residual)(double ratio) = &no_residual;
};

/// The domain of nodes that no rule quantizes: the first of every graph.
constexpr int float_domain = 0;

/// A name by which the outside knows a value. `count`, of an output of which only as many rows are there as the data
/// fill: the position of the output that says how many, an int64 scalar; else -1.
struct port {
    text name;
    int value = -1;
    int count = -1;
};

/// A tensor that lives from one call to the next. Nodes read it as `read`, an activation that nothing makes; after the
/// call it holds what `written` holds then, and at first and after a reset the elements of `initial`.
struct graph_state {
    text name;
    int initial = -1; ///< a constant
    int read = -1;
    int written = -1;

    friend constexpr bool operator==(const graph_state&, const graph_state&) = default;
};

template <class Operation> struct basic_node {
    text name;
    Operation op;
    std::vector<int> inputs, outputs; ///< indices into the values
    std::vector<text> origins{};      ///< names of the source model's nodes that this one stands for
    int domain = float_domain;        ///< index into graph::domains

    /// The output of a node that has one.
    constexpr int output() const { return outputs[0]; }
    /// True for a node whose float meaning runs, whatever types it reads and makes.
    constexpr bool in_float() const { return domain == float_domain; }
};

/// That a node goes from one position to before what stands at another; to the end where that is the number of nodes.
struct node_move {
    int node, before;
};

/// True when `Op` is one of a std::variant's types.
template <class Op, class Variant> constexpr bool is_alternative = false;
template <class Op, class... Ops>
constexpr bool is_alternative<Op, std::variant<Ops...>> = (std::is_same_v<Op, Ops> || ...);

/// Nodes are in topological order; every value has one producer at most. `Operation` is a std::variant of operators.
template <class Operation> struct basic_graph : value_list {
    using operation_type = Operation;
    using node_type = basic_node<Operation>;

    text name;
    std::vector<node_type> nodes;
    std::vector<port> inputs, outputs;
    std::vector<graph_state> states;
    std::vector<domain> domains = std::vector<domain>(1, domain{"float"});

    /// Appends a float node and its outputs, whose shapes the operator's rule gives; the first of them is returned. An
    /// output is called after the node, the second and later ones with their number.
    template <class Op> constexpr int add_node(text node_name, const Op& op, std::vector<int> from) {
        static_assert(is_alternative<Op, Operation>,
                      "ctq: graph: an operator of the graph's registry is required; add it: registry.with<op>()");
        std::vector<int> made;
        for (int i = 0; i < output_count(op); ++i) {
            text value_name = node_name;
            if (i > 0) value_name = std::move(value_name) + "." + decimal_text(i);
            made.push_back(
                add_value(std::move(value_name), {inferred_type(op, from, i), inferred_shape(op, from, i), {}}));
        }
        const int first = made[0];
        if constexpr (is_alternative<Op, Operation>)
            nodes.push_back({node_name, op, std::move(from), std::move(made), {node_name}});
        else
            for (const int each : made) inputs.push_back({node_name, each}); // so that this error is the only one
        return first;
    }

    template <class Op>
    constexpr shape inferred_shape(const Op& op, const std::vector<int>& from, int which = 0) const {
        std::vector<shape> of;
        for (const int index : from) of.push_back(value_at(index).facts.shape);
        return output_shape(op, of, which);
    }

    /// The element type that it makes of these in its float meaning.
    template <class Op> constexpr dtype inferred_type(const Op& op, const std::vector<int>& from, int which = 0) const {
        return output_type(op, types_of(from), which);
    }

    /// The node that makes a value, or -1. Cost: a walk over the nodes; who asks more than once asks connections.
    constexpr int producer_of(int index) const {
        for (std::size_t i = 0; i < nodes.size(); ++i)
            for (const int made : nodes[i].outputs)
                if (made == index) return static_cast<int>(i);
        return -1;
    }

    /// The state that is read as this value, or null.
    constexpr const graph_state* state_read_as(int index) const {
        for (const graph_state& each : states)
            if (each.read == index) return &each;
        return nullptr;
    }
    constexpr bool is_state(int index) const { return state_read_as(index) != nullptr; }

    /// Erases the nodes that are marked, one flag for each. True if there were any.
    constexpr bool erase_nodes(const flags& marked) {
        std::size_t kept = 0;
        for (std::size_t i = 0; i < nodes.size(); ++i) {
            if (marked[i] != 0) continue;
            if (kept != i) nodes[kept] = std::move(nodes[i]);
            ++kept;
        }
        const bool any = kept != nodes.size();
        nodes.erase(nodes.begin() + static_cast<std::ptrdiff_t>(kept), nodes.end());
        return any;
    }

    /// Puts nodes, new ones that were appended or others, in their places, those of one place in the order of `moves`.
    /// Positions are those before the first move. Cost: a pass over the nodes, if any move.
    constexpr void move_nodes(const std::vector<node_move>& moves) {
        if (moves.empty()) return;
        std::vector<int> first(nodes.size() + 1, -1), next(moves.size(), -1); // of each place: its moves
        flags moved(nodes.size(), 0);
        for (std::size_t i = moves.size(); i-- > 0;) {
            next[i] = std::exchange(first[static_cast<std::size_t>(moves[i].before)], static_cast<int>(i));
            moved[static_cast<std::size_t>(moves[i].node)] = 1;
        }
        std::vector<node_type> placed;
        placed.reserve(nodes.size());
        for (std::size_t i = 0; i <= nodes.size(); ++i) {
            for (int move = first[i]; move >= 0; move = next[static_cast<std::size_t>(move)])
                placed.push_back(std::move(node_at(moves[static_cast<std::size_t>(move)].node)));
            if (i < nodes.size() && moved[i] == 0) placed.push_back(std::move(nodes[i]));
        }
        nodes = std::move(placed);
    }

    constexpr node_type& node_at(int index) { return nodes[static_cast<std::size_t>(index)]; }
    constexpr const node_type& node_at(int index) const { return nodes[static_cast<std::size_t>(index)]; }
};

/// What passes are given: a basic_graph over some operators.
template <class Graph>
concept operator_graph = requires(Graph& graph, int index) {
    typename std::variant_size<typename Graph::operation_type>::type;
    { graph.node_at(index) } -> std::same_as<basic_node<typename Graph::operation_type>&>;
    { graph.value_at(index) } -> std::same_as<value&>;
    { graph.constant_of(index) } -> std::same_as<const constant&>;
    { graph.erase_nodes(flags()) } -> std::same_as<bool>;
    graph.move_nodes(std::vector<node_move>());
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
    return visit_variant(visit, node.op);
}

/// Calls visit(rows, count) for each output of a node of which another one says how many rows the data filled.
template <class Node, class Visitor> constexpr void for_each_counted(const Node& node, Visitor visit) {
    visit_operator(node, [&](const auto& op) {
        for (std::size_t i = 0; i < node.outputs.size(); ++i)
            if (const int count = count_output(op, static_cast<int>(i)); count >= 0)
                visit(node.outputs[i], node.outputs[static_cast<std::size_t>(count)]);
    });
}

/// The traits of a node's operator.
template <class Node> constexpr const operator_traits& traits_of_node(const Node& node) {
    return visit_operator(node, []<class Op>(const Op&) -> const operator_traits& { return traits_of<Op>; });
}

/// The name of a node's operator.
template <class Node> constexpr std::string_view operator_name(const Node& node) {
    return visit_operator(node, []<class Op>(const Op&) -> std::string_view { return Op::name; });
}

/// The integers that a node works with: from the types of its values and its domain.
template <class Graph> constexpr signature signature_of(const Graph& graph, const typename Graph::node_type& node) {
    std::vector<tensor_facts> in;
    for (const int input : node.inputs) in.push_back(graph.value_at(input).facts);
    const dtype out = graph.value_at(node.output()).facts.type;
    const domain& rule = graph.domains[static_cast<std::size_t>(node.domain)];
    return visit_operator(node, [&](const auto& op) {
        using op_type = std::remove_cvref_t<decltype(op)>;
        const rounding how = rounding_of_nodes<op_type>(rule.weighted, rule.other);
        return signature_of<op_type>(in, out, node.in_float() ? rounding::in_float : how);
    });
}

} // namespace ctq::inline CTQ_TARGET
