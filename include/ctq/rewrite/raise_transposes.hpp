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

/// It moves all the way at once: half way, it would sink again. Each step lowers the number of transposes that read the
/// result of a layer, and sink_transposes never turns one that reads an input into one of those for nothing in return.
struct raise_transposes {
    using registered_kind = pass_tag;
    static constexpr std::string_view name = "raise_transposes";

    template <class Graph> static constexpr bool run(Graph& graph) {
        connections links(graph);
        bool changed = false;
        for (std::size_t i = 0; i < graph.nodes.size(); ++i) {
            if (operator_if<op::transpose>(graph.nodes[i]) == nullptr) continue;
            const std::vector<int> way = way_up(graph, links, graph.nodes[i].inputs[0]);
            if (way.empty()) continue;
            raise(graph, i, way);
            links = connections(graph); // for nodes moved
            changed = true;
        }
        return changed;
    }

  private:
    /// The activation that a node reads if it reads one, commutes, keeps the rank and does not shrink it (there would
    /// be more to transpose before it); else -1.
    template <class Graph, class Node> static constexpr int way_past(const Graph& graph, const Node& node) {
        if (!commutes(graph, node)) return -1;
        int from = -1;
        for (const int input : node.inputs) {
            if (graph.is_constant(input)) continue;
            if (from >= 0) return -1;
            from = input;
        }
        if (from < 0 || rank_of(graph, from) != rank_of(graph, node.output())) return -1;
        const auto elements = [&](int value) { return graph.value_at(value).facts.elements(); };
        return elements(from) <= elements(node.output()) ? from : -1;
    }

    /// The nodes from the one that makes `value` up to the first behind an input, or behind a transpose of one; none if
    /// the way is barred. What is made on it must be read on it only.
    template <class Graph>
    static constexpr std::vector<int> way_up(const Graph& graph, connections<Graph>& links, int value) {
        std::vector<int> way;
        for (int producer = links.producer_of(value); producer >= 0; producer = links.producer_of(value)) {
            const auto& node = graph.node_at(producer);
            if (operator_if<op::transpose>(node) != nullptr)
                return links.producer_of(node.inputs[0]) < 0 ? way : std::vector<int>();
            const int from = links.sole_producer(value) == producer ? way_past(graph, node) : -1;
            if (from < 0) return {};
            way.push_back(producer);
            value = from;
        }
        return way;
    }

    /// T(op(x, constants)) becomes op'(T(x), constants') for all nodes of the way, the last of which stands highest.
    template <class Graph> static constexpr void raise(Graph& graph, std::size_t index, const std::vector<int>& way) {
        auto turned = graph.nodes[index];
        const int top = way.back(), from = way_past(graph, graph.node_at(top)), rank = rank_of(graph, from);
        const op::transpose op = *operator_if<op::transpose>(turned);
        const axis_order by = order_of(op, rank);
        const int result = std::exchange(turned.outputs[0], append_turned(graph, from, op));
        turned.inputs = {from};
        int read = from, instead = turned.output();
        for (std::size_t k = way.size(); k-- > 0;) {
            auto& node = graph.node_at(way[k]);
            for (int& input : node.inputs)
                if (input == read) input = instead;
            turn(graph, node, by, rank);
            read = node.output();
            if (k == 0) node.outputs = {result};
            instead = node.output();
            graph.value_at(instead).facts.shape =
                visit_operator(node, [&](const auto& each) { return graph.inferred_shape(each, node.inputs); });
        }
        std::swap(graph.value_at(read).name, graph.value_at(result).name); // the layer keeps its name
        graph.nodes.erase(graph.nodes.begin() + static_cast<std::ptrdiff_t>(index));
        graph.nodes.insert(graph.nodes.begin() + top, std::move(turned));
    }

    template <class Graph> static constexpr int append_turned(Graph& graph, int value, const op::transpose& op) {
        const shape of = graph.value_at(value).facts.shape;
        const text turned_name = unused_value_name(graph, graph.value_at(value).name + ".transposed");
        return graph.add_value(turned_name, {dtype::float32, op.output_shape(shapes(&of, 1)), {}});
    }
};

} // namespace ctq::inline CTQ_TARGET::pass
