#pragma once
// raise_transposes: a transpose with nothing but commuting nodes between itself and an input of the graph moves there.
// room: rewrite | runs on: compiler + host | heap: yes

#include <ctq/graph/connections.hpp>
#include <ctq/rewrite/pass.hpp>
#include <ctq/rewrite/turning.hpp>

#include <cstddef>
#include <utility>
#include <vector>

namespace ctq::inline CTQ_TARGET::pass {

namespace detail {

/// One run of raise_transposes: a sweep over the transposes in their order. They keep their positions while it lasts,
/// and are put in their places at the end.
template <class Graph> class transpose_raising {
    using node_type = typename Graph::node_type;

  public:
    constexpr explicit transpose_raising(Graph& graph) : graph_(graph), links_(graph), names_(graph) {}

    constexpr bool run() {
        for (int i = 0; i < static_cast<int>(graph_.nodes.size()); ++i) {
            if (operator_if<op::transpose>(graph_.node_at(i)) == nullptr) continue;
            const std::vector<int> way = way_up(graph_.node_at(i).inputs[0]);
            if (!way.empty()) raise(i, way);
        }
        graph_.move_nodes(moves_);
        return !moves_.empty();
    }

  private:
    /// The activation that a node reads if it reads one, commutes, keeps the rank and does not shrink it (there would
    /// be more to transpose before it); else -1.
    constexpr int way_past(const node_type& node) const {
        if (!commutes(graph_, node)) return -1;
        int from = -1;
        for (const int input : node.inputs) {
            if (graph_.is_constant(input)) continue;
            if (from >= 0) return -1;
            from = input;
        }
        if (from < 0 || rank_of(graph_, from) != rank_of(graph_, node.output())) return -1;
        const auto elements = [&](int value) { return graph_.value_at(value).facts.elements(); };
        return elements(from) <= elements(node.output()) ? from : -1;
    }

    /// The nodes from the one that makes `value` up to the first behind an input, or behind a transpose of one; none if
    /// the way is barred. What is made on it must be read on it only.
    constexpr std::vector<int> way_up(int value) {
        std::vector<int> way;
        for (int producer = links_.producer_of(value); producer >= 0; producer = links_.producer_of(value)) {
            const node_type& node = graph_.node_at(producer);
            if (operator_if<op::transpose>(node) != nullptr)
                return links_.producer_of(node.inputs[0]) < 0 ? way : std::vector<int>();
            const int from = links_.sole_producer(value) == producer ? way_past(node) : -1;
            if (from < 0) return {};
            way.push_back(producer);
            value = from;
        }
        return way;
    }

    /// T(op(x, constants)) becomes op'(T(x), constants') for all nodes of the way, the last of which stands highest.
    constexpr void raise(int index, const std::vector<int>& way) {
        const int top = way.back(), from = way_past(graph_.node_at(top)), rank = rank_of(graph_, from);
        const op::transpose op = *operator_if<op::transpose>(graph_.node_at(index));
        const axis_order by = order_of(op, rank);
        const int result = graph_.node_at(index).output(), turned = add_turned(from, op);
        links_.edit(index, [&](node_type& transpose) {
            transpose.inputs = {from};
            transpose.outputs = {turned};
        });
        int read = from, instead = turned;
        for (std::size_t k = way.size(); k-- > 0;) {
            const int made = graph_.node_at(way[k]).output();
            links_.edit(way[k], [&](node_type& node) {
                for (int& input : node.inputs)
                    if (input == read) input = instead;
                turn(graph_, node, by, rank);
                if (k == 0) node.outputs = {result};
            });
            read = made;
            const node_type& node = graph_.node_at(way[k]);
            instead = node.output();
            graph_.value_at(instead).facts.shape =
                visit_operator(node, [&](const auto& each) { return graph_.inferred_shape(each, node.inputs); });
        }
        std::swap(graph_.value_at(read).name, graph_.value_at(result).name); // the layer keeps its name
        moves_.push_back({index, top});
    }

    constexpr int add_turned(int value, const op::transpose& op) {
        const tensor_facts from = graph_.value_at(value).facts;
        const text name = names_.for_value(graph_.value_at(value).name + ".transposed");
        return graph_.add_value(name, {from.type, op.output_shape(shapes(&from.shape, 1)), {}});
    }

    Graph& graph_;
    connections<Graph> links_;
    new_names<Graph> names_;
    std::vector<node_move> moves_; ///< of the transposes that were raised
};

} // namespace detail

/// It moves all the way at once: half way, it would sink again. Each step lowers the number of transposes that read the
/// result of a layer, and sink_transposes never turns one that reads an input into one of those for nothing in return.
struct raise_transposes {
    using registered_kind = pass_tag;
    static constexpr std::string_view name = "raise_transposes";

    template <class Graph> static constexpr bool run(Graph& graph) {
        return detail::transpose_raising<Graph>(graph).run();
    }
};

} // namespace ctq::inline CTQ_TARGET::pass
