#pragma once
// lower_batch_normalization: one that found no layer to be folded into becomes scale and shift, where they are floats;
// else it stays, and computes in double.
// room: rewrite | runs on: compiler + host | heap: yes

#include <ctq/operators/add.hpp>
#include <ctq/operators/batch_normalization.hpp>
#include <ctq/operators/conv2d.hpp>
#include <ctq/operators/multiply.hpp>
#include <ctq/rewrite/fold_scale.hpp>

#include <utility>
#include <vector>

namespace ctq::inline CTQ_TARGET::pass {

/// A channel map that found no producer to go into becomes a depthwise 1x1 convolution, which has per-channel
/// quantization; on other than images, a product and a sum.
struct lower_batch_normalization {
    using registered_kind = pass_tag;
    static constexpr std::string_view name = "lower_batch_normalization";

    template <class Graph> static constexpr bool run(Graph& graph) {
        bool changed = false;
        std::vector<node_move> products;
        new_names names(graph);
        const int count = static_cast<int>(graph.nodes.size());
        for (int i = 0; i < count; ++i) {
            auto& node = graph.node_at(i);
            const auto* op = operator_if<op::batch_normalization>(node);
            if (op == nullptr) continue;
            const channel_map map = map_of(graph, node, *op);
            if (!fit_float(map.scale) || !fit_float(map.shift)) continue;
            const shape of = graph.value_at(node.inputs[0]).facts.shape;
            if (of.rank == 4 && of.normalized_axis(op->axis) == 3)
                to_depthwise(graph, node, of[3], map);
            else
                products.push_back({to_product_and_sum(graph, names, i, of, of.normalized_axis(op->axis), map), i});
            changed = true;
        }
        graph.move_nodes(products);
        return changed;
    }

  private:
    template <class Graph, class Node>
    static constexpr channel_map map_of(const Graph& graph, const Node& node, const op::batch_normalization& op) {
        channel_map map;
        for (std::size_t c = 0; c < graph.reals(node.inputs[1]).size(); ++c)
            map.add(affine_of_channel(graph, node, op, c));
        return map;
    }

    template <class Graph, class Node>
    static constexpr void to_depthwise(Graph& graph, Node& node, std::int32_t channels, const channel_map& map) {
        op::conv2d op;
        op.groups = channels;
        set_operator(node, op);
        node.inputs = {
            node.inputs[0],
            graph.add_constant(node.name + ".weights", shape{channels, 1, 1, 1}, rounded_to_float(map.scale)),
            graph.add_constant(node.name + ".bias", shape{channels}, rounded_to_float(map.shift))};
    }

    /// The node becomes the sum; the product is appended: its position.
    template <class Graph>
    static constexpr int to_product_and_sum(Graph& graph, new_names<Graph>& names, int index, const shape& of, int axis,
                                            const channel_map& map) {
        auto& node = graph.node_at(index);
        shape operand;
        for (int a = axis; a < of.rank; ++a) operand.append(a == axis ? of[a] : 1);
        const int scale = graph.add_constant(node.name + ".scale", operand, rounded_to_float(map.scale));
        const int shift = graph.add_constant(node.name + ".shift", operand, rounded_to_float(map.shift));
        const int scaled = graph.add_value(names.for_value(node.name + ".scaled"), graph.value_at(node.output()).facts);
        auto product = node;
        product.name = names.for_node(node.name + ".scaled");
        set_operator(product, op::multiply{});
        product.inputs = {node.inputs[0], scale};
        product.outputs = {scaled};
        set_operator(node, op::add{});
        node.inputs = {scaled, shift};
        graph.nodes.push_back(std::move(product));
        return static_cast<int>(graph.nodes.size()) - 1;
    }
};

} // namespace ctq::inline CTQ_TARGET::pass
