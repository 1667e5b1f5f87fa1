#pragma once
// fold_scale: batch normalization, and constant per-channel products and sums, go into the convolution or dense layer
// before them, where the products are floats.
// room: rewrite | runs on: compiler + host | heap: yes

#include <ctq/core/quantization.hpp>
#include <ctq/graph/connections.hpp>
#include <ctq/operators/element_walks.hpp>
#include <ctq/rewrite/pass.hpp>

#include <cstddef>
#include <limits>
#include <span>
#include <utility>
#include <vector>

namespace ctq::inline CTQ_TARGET::pass {

/// What a node does to each channel: y = scale * x + shift.
struct channel_map {
    std::vector<double> scale, shift;

    constexpr void add(const affine& channel) {
        scale.push_back(channel.scale);
        shift.push_back(channel.shift);
    }
};

/// True where each of these is a finite float when it is rounded to one. What is computed in double, element by
/// element, may be finite where one of its constants as a float is not.
constexpr bool fit_float(const std::vector<double>& reals) {
    constexpr double most = std::numeric_limits<float>::max();
    for (const double real : reals)
        if (!(real >= -most && real <= most)) return false;
    return true;
}

constexpr std::vector<float> rounded_to_float(const std::vector<double>& reals) {
    std::vector<float> rounded;
    for (const double real : reals) rounded.push_back(static_cast<float>(real));
    return rounded;
}

/// What `op`, the operator of `node`, does to a channel: its other inputs are constant, with one value for each channel
/// or one for all.
template <class Graph, class Node, affine_operation Op>
constexpr affine affine_of_channel(const Graph& graph, const Node& node, const Op& op, std::size_t channel) {
    std::vector<float> others;
    for (std::size_t i = 1; i < node.inputs.size(); ++i) {
        const auto values = graph.reals(node.inputs[i]);
        others.push_back(values[values.size() == 1 ? 0 : channel]);
    }
    return op.of_channel(others);
}

namespace detail {

/// True when inputs 1 and up are constants that lie along the last axis of input 0, or are single values.
template <class Graph, class Node> constexpr bool lies_along_last_axis(const Graph& graph, const Node& node) {
    const shape& of = graph.value_at(node.inputs[0]).facts.shape;
    for (std::size_t i = 1; i < node.inputs.size(); ++i) {
        if (!graph.is_constant(node.inputs[i])) return false;
        const shape& other = graph.value_at(node.inputs[i]).facts.shape;
        if (other.elements() == 1) continue;
        if (other.elements() != of[of.rank - 1] || other[other.rank - 1] != of[of.rank - 1]) return false;
    }
    return graph.value_at(node.output()).facts.shape == of;
}

} // namespace detail

/// The map that `node` applies to the last axis of its input 0, or an empty one if it is no such map.
template <class Graph, class Node> constexpr channel_map channel_map_of(const Graph& graph, const Node& node) {
    const shape& of = graph.value_at(node.inputs[0]).facts.shape;
    channel_map map;
    if (of.rank == 0 || !graph.is_real(node.inputs[0]) || !detail::lies_along_last_axis(graph, node)) return map;
    visit_operator(node, [&](const auto& op) {
        using op_type = std::remove_cvref_t<decltype(op)>;
        if constexpr (affine_operation<op_type>) {
            if constexpr (has_channel_axis<op_type>)
                if (of.normalized_axis(op.*op_type::channel_axis) != of.rank - 1) return;
            for (std::int32_t c = 0; c < of[of.rank - 1]; ++c)
                map.add(affine_of_channel(graph, node, op, static_cast<std::size_t>(c)));
        }
    });
    return map;
}

/// Where the layer has no other reader and its weights are constant. Products are taken in double and rounded once to
/// float32. The second operand of what commutes is the constant one from then on. Each step takes a node out.
/// Canonical, for what finds no layer is lowered (lower_batch_normalization) to what other canonical passes move on.
struct fold_scale {
    using registered_kind = pass_tag;
    static constexpr std::string_view name = "fold_scale";

    template <class Graph> static constexpr bool run(Graph& graph) {
        bool changed = false;
        for (auto& node : graph.nodes) changed |= constant_second(graph, node);
        connections links(graph);
        for (int i = 0; i < static_cast<int>(graph.nodes.size()); ++i) {
            const int producer = links.sole_producer_of_first(i);
            if (producer < 0 || !fold(graph, links, producer, graph.node_at(i))) continue;
            take_activation(graph.node_at(producer), graph.node_at(i));
            links.absorb_consumer(producer, i);
        }
        return links.compact() || changed;
    }

  private:
    /// A constant operand of a node that commutes is input 1 from here on.
    template <class Graph, class Node> static constexpr bool constant_second(const Graph& graph, Node& node) {
        if (!traits_of_node(node).is_commutative) return false;
        if (!graph.is_constant(node.inputs[0]) || graph.is_constant(node.inputs[1])) return false;
        std::swap(node.inputs[0], node.inputs[1]);
        return true;
    }

    template <class Graph, class Node>
    static constexpr bool fold(Graph& graph, connections<Graph>& links, int into, const Node& node) {
        const Node& producer = graph.node_at(into);
        if (!accepts(graph, producer) || !can_take_activation(producer, node)) return false;
        const channel_map map = channel_map_of(graph, node);
        if (map.scale.empty() || is_mask(map)) return false;
        const shape of = graph.value_at(producer.inputs[1]).facts.shape;
        const std::size_t channels = map.scale.size();
        std::vector<double> weights(graph.reals(producer.inputs[1]).begin(), graph.reals(producer.inputs[1]).end());
        op::for_each_run(of, traits_of_node(producer).weight_axis,
                         [&](std::size_t channel, std::size_t first, std::size_t length) {
                             for (double& weight : std::span(weights).subspan(first, length))
                                 weight *= map.scale[channel];
                         });
        std::vector<double> bias;
        for (std::size_t c = 0; c < channels; ++c) {
            const double before =
                producer.inputs.size() > 2 ? static_cast<double>(graph.reals(producer.inputs[2])[c]) : 0.0;
            bias.push_back(multiply_add_unfused(before, map.scale[c], map.shift[c]));
        }
        if (!fit_float(weights) || !fit_float(bias)) return false;
        links.edit(into, [&](Node& each) {
            each.inputs = {each.inputs[0], graph.add_constant(each.name + ".weights", of, rounded_to_float(weights)),
                           graph.add_constant(each.name + ".bias", shape{static_cast<std::int32_t>(channels)},
                                              rounded_to_float(bias))};
        });
        return true;
    }

    /// True where what is added hides a channel: as a bias it would take the layer's range.
    static constexpr bool is_mask(const channel_map& map) {
        for (const double each : map.shift)
            if (!is_bounded(each)) return true;
        return false;
    }

    template <class Graph, class Node> static constexpr bool accepts(const Graph& graph, const Node& node) {
        for (std::size_t i = 1; i < node.inputs.size(); ++i)
            if (!graph.is_constant(node.inputs[i])) return false;
        return traits_of_node(node).folds_scale &&
               visit_operator(node, [](const auto& op) { return clamp_of(op).unbounded(); });
    }

    template <class Node> static constexpr bool can_take_activation(const Node& producer, const Node& node) {
        return visit_operator(node, [](const auto& op) { return clamp_of(op).unbounded(); }) ||
               visit_operator(producer,
                              [](const auto& op) { return takes_activation<std::remove_cvref_t<decltype(op)>>; });
    }

    /// A sum or product that was fused with an activation hands it on.
    template <class Node> static constexpr void take_activation(Node& producer, const Node& node) {
        const bounds activation = visit_operator(node, [](const auto& op) { return clamp_of(op); });
        visit_operator(producer, [&](auto& op) {
            if constexpr (takes_activation<std::remove_cvref_t<decltype(op)>>) op.activation = activation;
        });
    }
};

} // namespace ctq::inline CTQ_TARGET::pass
