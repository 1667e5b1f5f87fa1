#pragma once
// sink_transposes: transposes move towards the outputs, past all that commutes with them, and two in a row become one:
// so those that the importer put around channels-last layers meet and cancel.
// room: rewrite | runs on: compiler + host | heap: yes

#include <ctq/graph/connections.hpp>
#include <ctq/rewrite/pass.hpp>
#include <ctq/rewrite/turning.hpp>

#include <cstddef>
#include <utility>
#include <vector>

namespace ctq::inline CTQ_TARGET::pass {

namespace detail {

/// One run of sink_transposes: a sweep over the nodes in their order. A transpose that sank is a note at the value that
/// it would make; the node is made where a reader needs it.
template <class Graph> class transpose_sinking {
    using node_type = typename Graph::node_type;

  public:
    constexpr explicit transpose_sinking(Graph& graph)
        : graph_(graph),
          links_(graph),
          names_(graph),
          turned_(graph.values.size(), turned_value{}),
          layer_made_(graph.values.size(), 0) {}

    constexpr bool run() {
        const int count = static_cast<int>(graph_.nodes.size());
        for (; at_ < count; ++at_) visit();
        for (const port& output : graph_.outputs) make(output.value);
        for (const graph_state& each : graph_.states) make(each.written);
        graph_.move_nodes(made_);
        return changed_;
    }

  private:
    /// What is known of a value: it is `source`, which no transpose makes, with its axes in `order`.
    struct turned_value {
        int source = -1;
        axis_order order = unchanged_order;
        int waits_behind = -1; ///< the node that makes `source`, while no transpose makes the value yet
        int also = -1;         ///< the value of the same source that was noted before this one
        int latest = -1;       ///< of the values that this one is the source of: the one noted last
    };

    constexpr turned_value& turned(int value) { return turned_[static_cast<std::size_t>(value)]; }
    constexpr const turned_value& turned(int value) const { return turned_[static_cast<std::size_t>(value)]; }
    constexpr bool is_turned(int value) const { return turned(value).source >= 0; }

    constexpr void note(int value, int source, const axis_order& order, int waits_behind) {
        turned_value& noted = turned(value);
        noted.source = source;
        noted.order = order;
        noted.waits_behind = waits_behind;
        noted.also = std::exchange(turned(source).latest, value);
    }

    /// Of the node at `at_`.
    constexpr void visit() {
        node_type& node = graph_.node_at(at_);
        for (int& input : node.inputs)
            if (is_turned(input) && turned(input).order == unchanged_order) read(input, turned(input).source);
        if (auto* op = operator_if<op::transpose>(node)) return merge(node, *op);
        const bool sank = sink(node);
        for (const int output : node.outputs) layer_made_[static_cast<std::size_t>(output)] = 1;
        if (sank) return;
        for (std::size_t i = 0; i < graph_.node_at(at_).inputs.size(); ++i) make(graph_.node_at(at_).inputs[i]);
    }

    constexpr void read(int& input, int source) {
        input = source;
        changed_ = true;
    }

    /// transpose(transpose(x)) becomes one.
    constexpr void merge(node_type& node, op::transpose& op) {
        int& from = node.inputs[0];
        if (graph_.is_constant(from)) return;
        const int rank = rank_of(graph_, from);
        axis_order order = order_of(op, rank);
        if (is_turned(from)) {
            op.permutation = order = composed(turned(from).order, order, rank);
            read(from, turned(from).source);
        }
        note(node.output(), from, order, -1);
    }

    /// Makes the transpose that gives `value`, if it waits to be made, before the node at `at_`. The node that makes
    /// what it reads keeps the name.
    constexpr void make(int value) {
        turned_value& note = turned(value);
        if (note.waits_behind < 0) return;
        graph_.value_at(value).name = names_.for_value(graph_.value_at(value).name + ".transposed");
        const text name = names_.for_node(graph_.node_at(note.waits_behind).name + ".transposed");
        made_.push_back({static_cast<int>(graph_.nodes.size()), at_});
        graph_.nodes.push_back({name, op::transpose{note.order}, {note.source}, {value}, {}});
        note.waits_behind = -1;
    }

    /// op(T(x), T(y), constants) becomes T(op'(x, y, constants')).
    constexpr bool sink(node_type& node) {
        const int first = first_turned(node);
        if (first < 0 || !commutes(graph_, node)) return false;
        const axis_order by = turned(first).order;
        const int rank = rank_of(graph_, first);
        std::vector<int> sources;
        bool from_layer = false;
        for (const int input : node.inputs) {
            const int source = graph_.is_constant(input) ? input : before(node, input, by);
            if (source < 0) return false;
            from_layer |= is_layer_made(source);
            sources.push_back(source);
        }
        const axis_order behind = order_behind(node, by, rank);
        if (!from_layer && behind != unchanged_order && !is_undone(node.output(), behind)) return false;
        node.inputs = std::move(sources);
        turn(graph_, node, inverse(by, rank), rank);
        notice_new_values();
        changed_ = true;
        if (behind != unchanged_order) turn_result(node, behind);
        return true;
    }

    constexpr int first_turned(const node_type& node) const {
        for (const int input : node.inputs)
            if (is_turned(input)) return input;
        return -1;
    }

    /// The value x for which T(x) is `input`, T being `by`: what a transpose was made from, or what an earlier node
    /// made of an input of the graph by the inverse (the way round a whole network). -1 if there is none.
    constexpr int before(const node_type& node, int input, const axis_order& by) const {
        if (is_turned(input)) return turned(input).order == by ? turned(input).source : -1;
        if (!traits_of_node(node).aligns_operands || is_layer_made(input)) return -1;
        const axis_order back = inverse(by, rank_of(graph_, input));
        int found = -1; // the first of the values, as they are numbered
        for (int v = turned(input).latest; v >= 0; v = turned(v).also)
            if (turned(v).order == back && (found < 0 || v < found)) found = v;
        return found;
    }

    /// True when a layer makes the value or, where a transpose makes it, what that reads.
    constexpr bool is_layer_made(int value) const {
        return layer_made_[static_cast<std::size_t>(is_turned(value) ? turned(value).source : value)] != 0;
    }

    /// True when the only reader of `value`, which the visited node makes, is a transpose that undoes `order`.
    constexpr bool is_undone(int value, const axis_order& order) {
        const int reader = links_.sole_reader(value);
        const auto* next = reader < 0 ? nullptr : operator_if<op::transpose>(graph_.node_at(reader));
        return next != nullptr && composed(order, next->permutation, rank_of(graph_, value)) == unchanged_order;
    }

    constexpr void notice_new_values() {
        turned_.resize(graph_.values.size(), turned_value{});
        layer_made_.resize(graph_.values.size(), 0);
    }

    /// The node makes a value of its own, under the name of its result; the result is that value, turned.
    constexpr void turn_result(node_type& node, const axis_order& behind) {
        const int result = node.output();
        const shape made = visit_operator(node, [&](const auto& op) { return graph_.inferred_shape(op, node.inputs); });
        const text name = graph_.value_at(result).name;
        node.outputs = {graph_.add_value(name, {graph_.value_at(result).facts.type, made, {}})};
        notice_new_values();
        note(result, node.output(), behind, at_);
    }

    Graph& graph_;
    connections<Graph> links_; ///< asked about nodes that are not visited yet
    new_names<Graph> names_;
    std::vector<turned_value> turned_; ///< for each value
    flags layer_made_;                 ///< for each value: by a node other than a transpose
    int at_ = 0;                       ///< the node that is visited; at the end, their number
    std::vector<node_move> made_;      ///< of the transposes that were made, and appended
    bool changed_ = false;
};

} // namespace detail

/// One right behind an input stays there, unless it has no effect further on: raise_transposes brings others to it.
///
/// A run is one sweep. Runs come to rest because each step takes a node out of those that read a transposed result of a
/// layer and may add nodes behind it only, or else takes a reader from a transpose of an input for nothing.
struct sink_transposes {
    using registered_kind = pass_tag;
    static constexpr std::string_view name = "sink_transposes";

    template <class Graph> static constexpr bool run(Graph& graph) {
        return detail::transpose_sinking<Graph>(graph).run();
    }
};

} // namespace ctq::inline CTQ_TARGET::pass
