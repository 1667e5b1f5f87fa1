#pragma once
// fold_scale: batch normalization, and constant per-channel products and sums, go into the convolution or dense layer
// before them.
// room: rewrite | runs on: compiler + host | heap: yes

#include <ctq/operators/add.hpp>
#include <ctq/operators/batch_normalization.hpp>
#include <ctq/operators/conv2d.hpp>
#include <ctq/operators/dense.hpp>
#include <ctq/operators/multiply.hpp>
#include <ctq/rewrite/pass.hpp>

#include <vector>

namespace ctq::inline CTQ_TARGET {

/// What a node does to each channel: y = scale * x + shift.
struct channel_map {
    std::vector<double> scale, shift;
};

/// The map that `node` applies to the last axis of its input 0, or an empty one if it is no such map.
template <class Graph, class Node> constexpr channel_map channel_map_of(const Graph& graph, const Node& node) {
    const shape& of = graph.value_at(node.inputs[0]).facts.shape;
    if (of.rank == 0) return {};
    const auto channels = static_cast<std::size_t>(of[of.rank - 1]);
    channel_map map;
    if (const auto* op = operator_if<batch_normalization>(node)) {
        if (of.normalized_axis(op->axis) != of.rank - 1) return {};
        for (std::size_t c = 0; c < channels; ++c) {
            const auto [scale, shift] = op->of_channel(graph.reals(node.inputs[1])[c], graph.reals(node.inputs[2])[c],
                                                       graph.reals(node.inputs[3])[c], graph.reals(node.inputs[4])[c]);
            map.scale.push_back(scale);
            map.shift.push_back(shift);
        }
        return map;
    }
    const bool sum = operator_if<add>(node) != nullptr, product = operator_if<multiply>(node) != nullptr;
    if ((!sum && !product) || !graph.is_constant(node.inputs[1])) return {};
    const shape& operand = graph.value_at(node.inputs[1]).facts.shape;
    const auto values = graph.reals(node.inputs[1]);
    if (!(graph.value_at(node.output()).facts.shape == of)) return {};
    if (values.size() != 1 && (values.size() != channels || operand[operand.rank - 1] != of[of.rank - 1])) return {};
    for (std::size_t c = 0; c < channels; ++c) {
        const double operand_value = static_cast<double>(values[values.size() == 1 ? 0 : c]);
        map.scale.push_back(product ? operand_value : 1.0);
        map.shift.push_back(sum ? operand_value : 0.0);
    }
    return map;
}

struct fold_scale {
    using registered_kind = pass_tag;
    static constexpr std::string_view name = "fold_scale";

    template <class Graph> static constexpr bool run(Graph& graph) {
        bool changed = false;
        for (auto& node : graph.nodes) changed |= constant_second(graph, node);
        for (int i = 0; i < static_cast<int>(graph.nodes.size());) {
            const int producer = sole_producer_of_first(graph, graph.node_at(i));
            if (producer >= 0 && fold(graph, graph.node_at(producer), graph.node_at(i))) {
                take_activation(graph.node_at(producer), graph.node_at(i));
                absorb_consumer(graph, producer, i);
                changed = true;
            } else
                ++i;
        }
        return changed;
    }

  private:
    /// Sums and products commute: a constant operand is input 1 from here on.
    template <class Graph, class Node> static constexpr bool constant_second(const Graph& graph, Node& node) {
        if (operator_if<add>(node) == nullptr && operator_if<multiply>(node) == nullptr) return false;
        if (!graph.is_constant(node.inputs[0]) || graph.is_constant(node.inputs[1])) return false;
        std::swap(node.inputs[0], node.inputs[1]);
        return true;
    }

    template <class Graph, class Node> static constexpr bool fold(Graph& graph, Node& producer, const Node& node) {
        if (!accepts(graph, producer)) return false;
        const channel_map map = channel_map_of(graph, node);
        if (map.scale.empty()) return false;
        const shape of = graph.value_at(producer.inputs[1]).facts.shape;
        const std::size_t channels = map.scale.size(), length = graph.reals(producer.inputs[1]).size() / channels;
        std::vector<float> weights(graph.reals(producer.inputs[1]).begin(), graph.reals(producer.inputs[1]).end());
        for (std::size_t k = 0; k < weights.size(); ++k)
            weights[k] = static_cast<float>(static_cast<double>(weights[k]) * map.scale[k / length]);
        std::vector<float> bias;
        for (std::size_t c = 0; c < channels; ++c) {
            const double before =
                producer.inputs.size() > 2 ? static_cast<double>(graph.reals(producer.inputs[2])[c]) : 0.0;
            bias.push_back(static_cast<float>(multiply_add_unfused(before, map.scale[c], map.shift[c])));
        }
        producer.inputs = {
            producer.inputs[0], graph.add_constant(producer.name + ".weights", of, std::move(weights)),
            graph.add_constant(producer.name + ".bias", shape{static_cast<std::int32_t>(channels)}, std::move(bias))};
        return true;
    }

    template <class Graph, class Node> static constexpr bool accepts(const Graph& graph, const Node& node) {
        const auto* conv = operator_if<conv2d>(node);
        const auto* full = operator_if<dense>(node);
        if (conv == nullptr && full == nullptr) return false;
        for (std::size_t i = 1; i < node.inputs.size(); ++i)
            if (!graph.is_constant(node.inputs[i])) return false;
        return conv != nullptr ? conv->activation.unbounded() : full->activation.unbounded();
    }

    /// A sum or product that was fused with an activation hands it on.
    template <class Node> static constexpr void take_activation(Node& producer, const Node& node) {
        const bounds activation = visit_operator(node, [](const auto& op) {
            if constexpr (requires { op.activation; })
                return op.activation;
            else
                return none;
        });
        visit_operator(producer, [&](auto& op) {
            if constexpr (takes_activation<std::remove_cvref_t<decltype(op)>>) op.activation = activation;
        });
    }
};

} // namespace ctq::inline CTQ_TARGET
