#pragma once
// program: an annotated graph with every node lowered: what executors are emitted from, frozen from and run from. Made
// node by node by lower_node; nothing is rewritten in it.
// room: execute | runs on: compiler + host | heap: yes

#include <ctq/execute/lower.hpp>
#include <ctq/graph/graph.hpp>
#include <ctq/graph/visit_variant.hpp>

#include <utility>
#include <vector>

namespace ctq::inline CTQ_TARGET {

/// A lowered node: its operator with lowered parameters, and positions of the program's values.
template <class Operation> struct program_node {
    text name;
    typename detail::lowered_variant<Operation>::type op;
    std::vector<int> inputs, outputs;
    signature types; ///< of the annotated node
    int source = -1; ///< the annotated node's position

    constexpr int output() const { return outputs[0]; }
};

/// `values`: the graph's activations and inputs in their order, and the constants that lowered nodes read or states
/// begin with; integer weights that were packed are not among them.
template <class Operation> struct program : value_list {
    using operation_type = Operation;
    using node_type = program_node<Operation>;

    text name;
    std::vector<node_type> nodes;
    std::vector<port> inputs, outputs;
    std::vector<graph_state> states;
    std::vector<int> places; ///< for each value of the graph where it stands among `values`, or -1
};

/// Calls visit(op, lowered) with a program node's operator as its own type.
template <class Operation, class Visitor>
constexpr decltype(auto) visit_lowered(const program_node<Operation>& node, Visitor&& visit) {
    return visit_variant([&](const auto& with) -> decltype(auto) { return visit(with.op, with.lowered); }, node.op);
}

namespace detail {

/// The work of one call of lower_graph.
template <class Rules, class Graph> class program_writer {
  public:
    constexpr explicit program_writer(const Graph& graph) : graph_(graph) {
        made_.places.assign(graph.values.size(), -1);
    }

    constexpr program<typename Graph::operation_type> run() {
        made_.name = graph_.name;
        for (const port& input : graph_.inputs) made_.inputs.push_back({input.name, place_of(input.value)});
        for (std::size_t i = 0; i < graph_.nodes.size(); ++i) append(static_cast<int>(i));
        for (const port& output : graph_.outputs)
            made_.outputs.push_back({output.name, place_of(output.value), output.count});
        for (const graph_state& each : graph_.states)
            made_.states.push_back({each.name, place_of(each.initial), place_of(each.read), place_of(each.written)});
        return std::move(made_);
    }

  private:
    constexpr void append(int index) {
        const auto& node = graph_.node_at(index);
        auto lowered = lower_node<Rules>(graph_, node);
        program_node<typename Graph::operation_type> next{node.name, lowered.op, {}, {}, signature_of(graph_, node),
                                                          index};
        for (lowered_input& each : lowered.inputs)
            next.inputs.push_back(each.value >= 0 ? place_of(each.value) : append_constant(node.name, each));
        for (const int output : node.outputs) next.outputs.push_back(place_of(output));
        made_.nodes.push_back(std::move(next));
    }

    constexpr int append_constant(const text& node_name, lowered_input& from) {
        const int index = made_.add_value(node_name + "." + from.role, from.facts);
        made_.set_constant(index, std::move(from.elements));
        return index;
    }

    /// Where a value of the graph stands in the program.
    constexpr int place_of(int index) {
        int& place = made_.places[static_cast<std::size_t>(index)];
        if (place >= 0) return place;
        place = static_cast<int>(made_.values.size());
        made_.values.push_back(graph_.value_at(index));
        made_.values.back().dynamic = {}; // of the graph's numbering; lowered nodes read scale and zero point as inputs
        if (graph_.is_constant(index)) made_.set_constant(place, graph_.constant_of(index));
        return place;
    }

    const Graph& graph_;
    program<typename Graph::operation_type> made_;
};

} // namespace detail

/// Lowers every node of an annotated (or float) graph whose integer nodes follow `Rules`. Faults as lower_node does.
/// Cost: a pass over the constants; memory: as much again.
template <class Rules, class Graph> constexpr program<typename Graph::operation_type> lower_graph(const Graph& graph) {
    return detail::program_writer<Rules, Graph>(graph).run();
}

/// The overflow proof of a node of a program, from its actual constants.
template <class Rules, class Program>
constexpr bool never_overflows(const Program& in, const typename Program::node_type& node) {
    if (is_float_signature(node.types)) return true;
    std::vector<const_tensor> read;
    for (const int input : node.inputs) read.push_back(in.tensor_at(input));
    bool holds = false;
    visit_lowered(node, [&]<class Op>(const Op& op, const lowered_of<Op>& lowered) {
        visit_signature<Rules, Op>(node.types, [&]<signature S>() {
            holds = never_overflows<S>(op, lowered, read, in.value_at(node.output()).facts);
        });
    });
    return holds;
}

} // namespace ctq::inline CTQ_TARGET
