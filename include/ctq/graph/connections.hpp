#pragma once
// connections: who makes each value of a graph and who reads it, kept up while a pass edits the graph instead of
// searched for at each step. Nodes that go are marked, and taken out together at the end.
// room: graph | runs on: compiler + host | heap: yes

#include <ctq/graph/graph.hpp>

#include <algorithm>
#include <cstddef>
#include <utility>
#include <vector>

namespace ctq::inline CTQ_TARGET {

/// Of one graph, as it is at the first question: most runs of most passes have none, and pay nothing. From then on
/// until compact() was called, its nodes, their inputs and outputs, and what the graph's own outputs and states read
/// are changed through this object only, but for nodes that it is not asked about any more; values may be added, and
/// positions of nodes stay. A const `Graph` is asked only. Cost: a pass over nodes and values for the first question,
/// and to compact.
template <class Graph> class connections {
  public:
    using node_type = typename Graph::node_type;

    /// Stands among readers for an output of the graph, what is written to a state, and the scale or zero point of
    /// another value.
    static constexpr int outside = -1;

    constexpr explicit connections(Graph& graph) : graph_(&graph) {}

    /// The node that makes a value, or -1.
    constexpr int producer_of(int value) {
        look();
        return producers_[static_cast<std::size_t>(value)];
    }

    /// The nodes that read a value, in their order behind each `outside`: once for each time.
    constexpr std::vector<int> readers_of(int value) {
        look();
        std::vector<int> readers;
        for (int at = first(value); at != no_link; at = next(at)) readers.push_back(reader(at));
        std::ranges::sort(readers);
        return readers;
    }

    /// True for what is wanted after a call: an output, what is written to a state.
    constexpr bool is_wanted(int value) {
        look();
        const auto wanted = static_cast<int>(graph_->outputs.size() + graph_->states.size());
        for (int at = first(value); at != no_link; at = next(at))
            if (reader(at) == outside && link_at(at).place < wanted) return true;
        return false;
    }

    /// The node that reads `value` if that is read once and by a node, else -1.
    constexpr int sole_reader(int value) { return is_read_once(value) ? reader(first(value)) : -1; }

    /// The node that makes `value` if that is read once and nowhere but here, else -1.
    constexpr int sole_producer(int value) { return is_read_once(value) ? producer_of(value) : -1; }

    /// The same of the first input of a node; -1 too for a node without inputs.
    constexpr int sole_producer_of_first(int node) {
        const std::vector<int>& inputs = graph_->node_at(node).inputs;
        return inputs.empty() ? -1 : sole_producer(inputs[0]);
    }

    /// Calls change(node), which may give the node other inputs and outputs.
    template <class Change> constexpr void edit(int node, Change change) {
        look();
        disconnect(node);
        change(graph_->node_at(node));
        notice_new_values();
        connect(node);
    }

    /// Takes a node out, at the end.
    constexpr void remove(int node) {
        look();
        disconnect(node);
        gone_[static_cast<std::size_t>(node)] = 1;
    }

    /// Lets the node `into` stand for the node `from`, its only consumer, as well: `from` goes, its outputs stay.
    constexpr void absorb_consumer(int into, int from) {
        remove(from);
        edit(into, [&](node_type& kept) {
            const node_type& gone = graph_->node_at(from);
            kept.outputs = gone.outputs;
            kept.origins.insert(kept.origins.end(), gone.origins.begin(), gone.origins.end());
        });
    }

    /// Makes every reader of `from` read `to`.
    constexpr void replace_uses(int from, int to) {
        look();
        for (int at = std::exchange(first(from), no_link), following = at; at != no_link; at = following) {
            following = next(at);
            if (reader(at) == outside)
                read_outside(link_at(at).place) = to;
            else
                for (int& input : graph_->node_at(reader(at)).inputs)
                    if (input == from) input = to;
            put_first(at, to);
        }
    }

    /// Takes the marked nodes out. True if there were any.
    constexpr bool compact() { return looked_ && graph_->erase_nodes(gone_); }

  private:
    /// One reader of a value, in a list of them, and in another of all that the reader reads: one vector holds the
    /// lists of all values and nodes, which costs the compiler far less than a vector for each.
    struct link {
        int reader;
        int place; ///< the next link of the node that reads; of `outside`: which place that is, see read_outside
        int value = -1, previous = no_link, next = no_link;
    };
    static constexpr int no_link = -1; ///< ends a list

    constexpr void look() {
        if (looked_) {
            if (first_.size() != graph_->values.size()) notice_new_values();
            return;
        }
        looked_ = true;
        gone_.resize(graph_->nodes.size(), 0);
        links_.reserve(2 * graph_->nodes.size());
        first_of_.resize(graph_->nodes.size(), no_link);
        notice_new_values();
        for (std::size_t i = 0; i < graph_->nodes.size(); ++i) connect(static_cast<int>(i));
        const int outputs = static_cast<int>(graph_->outputs.size()), states = static_cast<int>(graph_->states.size());
        for (int i = 0; i < outputs + states; ++i) add_outside(i);
    }

    constexpr bool is_read_once(int value) {
        look();
        return first(value) != no_link && next(first(value)) == no_link;
    }

    constexpr int& first(int value) { return first_[static_cast<std::size_t>(value)]; }
    constexpr int& first_of(int node) { return first_of_[static_cast<std::size_t>(node)]; }
    constexpr link& link_at(int at) { return links_[static_cast<std::size_t>(at)]; }
    constexpr int reader(int at) const { return links_[static_cast<std::size_t>(at)].reader; }
    constexpr int next(int at) const { return links_[static_cast<std::size_t>(at)].next; }

    /// What reads a value from outside: the outputs, one after the other, what is written to the states, and the scale
    /// and the zero point of each value.
    constexpr auto& read_outside(int place) {
        auto at = static_cast<std::size_t>(place);
        if (at < graph_->outputs.size()) return graph_->outputs[at].value;
        at -= graph_->outputs.size();
        if (at < graph_->states.size()) return graph_->states[at].written;
        at -= graph_->states.size();
        auto& dynamic = graph_->values[at / 2].dynamic;
        return at % 2 == 0 ? dynamic.scale : dynamic.zero_point;
    }

    constexpr void add_outside(int place) {
        links_.push_back({outside, place});
        put_first(static_cast<int>(links_.size()) - 1, read_outside(place));
    }
    constexpr void add_reader(int value, int node) {
        const int at = static_cast<int>(links_.size());
        links_.push_back({node, std::exchange(first_of(node), at)});
        put_first(at, value);
    }

    /// Of a link that is in no value's list.
    constexpr void put_first(int at, int value) {
        link& put = link_at(at);
        put.value = value;
        put.previous = no_link;
        put.next = std::exchange(first(value), at);
        if (put.next != no_link) link_at(put.next).previous = at;
    }

    constexpr void take_out(const link& taken) {
        (taken.previous == no_link ? first(taken.value) : link_at(taken.previous).next) = taken.next;
        if (taken.next != no_link) link_at(taken.next).previous = taken.previous;
    }

    constexpr void notice_new_values() {
        const std::size_t before = producers_.size();
        producers_.resize(graph_->values.size(), -1);
        first_.resize(graph_->values.size(), no_link);
        for (std::size_t i = before; i < graph_->values.size(); ++i) {
            const dynamic_reference& dynamic = graph_->values[i].dynamic;
            const auto scale = static_cast<int>(graph_->outputs.size() + graph_->states.size() + 2 * i);
            if (dynamic.scale >= 0) add_outside(scale);
            if (dynamic.zero_point >= 0) add_outside(scale + 1);
        }
    }

    constexpr void connect(int node) {
        for (const int input : graph_->node_at(node).inputs) add_reader(input, node);
        for (const int output : graph_->node_at(node).outputs) producers_[static_cast<std::size_t>(output)] = node;
    }

    constexpr void disconnect(int node) {
        for (int at = std::exchange(first_of(node), no_link); at != no_link; at = link_at(at).place)
            take_out(link_at(at));
        for (const int output : graph_->node_at(node).outputs) producers_[static_cast<std::size_t>(output)] = -1;
    }

    Graph* graph_;
    bool looked_ = false;
    std::vector<int> producers_; ///< of each value
    std::vector<int> first_;     ///< of each value: its list of readers
    std::vector<int> first_of_;  ///< of each node: the list of what it reads
    std::vector<link> links_;
    flags gone_; ///< for each node
};

} // namespace ctq::inline CTQ_TARGET
