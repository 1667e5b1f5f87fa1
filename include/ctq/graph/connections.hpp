#pragma once
// connections: who makes each value of a graph and who reads it, kept up while a pass edits the graph instead of
// searched for at each step. Nodes that go are marked, and taken out together at the end.
// room: graph | runs on: compiler + host | heap: yes

#include <ctq/graph/graph.hpp>

#include <cstddef>
#include <utility>
#include <vector>

namespace ctq::inline CTQ_TARGET {

/// Of one graph, which must be edited through this object only until compact() was called; values may be added.
/// Positions of nodes stay until then. Cost: a pass over nodes and values to make one, and to compact.
template <class Graph> class connections {
  public:
    using node_type = typename Graph::node_type;

    /// Stands among readers for an output of the graph, what is written to a state, and the scale or zero point of
    /// another value.
    static constexpr int outside = -1;

    constexpr explicit connections(Graph& graph) : graph_(graph), gone_(graph.nodes.size(), 0) {
        notice_new_values();
        for (std::size_t i = 0; i < graph.nodes.size(); ++i) connect(static_cast<int>(i));
        for (const port& output : graph.outputs) readers(output.value).push_back(outside);
        for (const graph_state& each : graph.states) readers(each.written).push_back(outside);
    }

    constexpr int node_count() const { return static_cast<int>(gone_.size()); }
    constexpr bool is_gone(int node) const { return gone_[static_cast<std::size_t>(node)] != 0; }

    /// The node that makes a value, or -1.
    constexpr int producer_of(int value) const { return producers_[static_cast<std::size_t>(value)]; }

    /// The nodes that read a value, or `outside`: once for each time, in no order.
    constexpr const std::vector<int>& readers_of(int value) const { return readers_[static_cast<std::size_t>(value)]; }
    constexpr int uses_of(int value) const { return static_cast<int>(readers_of(value).size()); }

    /// The node that makes `value` if that is read once and nowhere but here, else -1.
    constexpr int sole_producer(int value) const { return uses_of(value) == 1 ? producer_of(value) : -1; }

    /// The same of the first input of a node; -1 too for a node without inputs.
    constexpr int sole_producer_of_first(int node) const {
        const node_type& reader = graph_.node_at(node);
        return reader.inputs.empty() ? -1 : sole_producer(reader.inputs[0]);
    }

    /// Calls change(node), which may give the node other inputs and outputs.
    template <class Change> constexpr void edit(int node, Change change) {
        disconnect(node);
        change(graph_.node_at(node));
        notice_new_values();
        connect(node);
    }

    /// Takes a node out, at the end.
    constexpr void remove(int node) {
        disconnect(node);
        gone_[static_cast<std::size_t>(node)] = 1;
    }

    /// Makes every reader of `from` read `to`.
    constexpr void replace_uses(int from, int to) {
        const std::vector<int> moved = std::exchange(readers(from), std::vector<int>());
        for (const int reader : moved) {
            readers(to).push_back(reader);
            if (reader == outside)
                replace_outside(from, to);
            else
                for (int& input : graph_.node_at(reader).inputs)
                    if (input == from) input = to;
        }
    }

    /// Takes the marked nodes out. True if there were any.
    constexpr bool compact() { return graph_.erase_nodes(gone_); }

  private:
    constexpr std::vector<int>& readers(int value) { return readers_[static_cast<std::size_t>(value)]; }

    constexpr void replace_outside(int from, int to) {
        for (port& output : graph_.outputs)
            if (output.value == from) output.value = to;
        for (graph_state& each : graph_.states)
            if (each.written == from) each.written = to;
        for (value& each : graph_.values) each.dynamic.replace(from, to);
    }

    constexpr void notice_new_values() {
        const std::size_t before = producers_.size();
        producers_.resize(graph_.values.size(), -1);
        readers_.resize(graph_.values.size(), std::vector<int>());
        for (std::size_t i = before; i < graph_.values.size(); ++i) {
            const dynamic_reference& dynamic = graph_.values[i].dynamic;
            for (const int reference : {dynamic.scale, dynamic.zero_point})
                if (reference >= 0) readers(reference).push_back(outside);
        }
    }

    constexpr void connect(int node) {
        for (const int input : graph_.node_at(node).inputs) readers(input).push_back(node);
        for (const int output : graph_.node_at(node).outputs) producers_[static_cast<std::size_t>(output)] = node;
    }

    constexpr void disconnect(int node) {
        for (const int input : graph_.node_at(node).inputs) forget(readers(input), node);
        for (const int output : graph_.node_at(node).outputs) producers_[static_cast<std::size_t>(output)] = -1;
    }

    static constexpr void forget(std::vector<int>& all, int one) {
        for (int& each : all)
            if (each == one) {
                each = all.back();
                all.pop_back();
                return;
            }
    }

    Graph& graph_;
    std::vector<int> producers_;            ///< of each value
    std::vector<std::vector<int>> readers_; ///< of each value
    flags gone_;                            ///< for each node
};

} // namespace ctq::inline CTQ_TARGET
