#pragma once
// fuse_residual: a sum behind a convolution becomes the convolution's residual, where that pays. It depends on the rule
// (TFLite has no such layer) and on the ranges, so it runs between calibration and quantization.
// room: quantize | runs on: compiler + host (allocates)

#include <ctq/core/requantize.hpp>
#include <ctq/graph/graph.hpp>
#include <ctq/operators/add.hpp>
#include <ctq/operators/conv2d.hpp>

#include <utility>
#include <vector>

namespace ctq {

namespace detail {

/// The position among the sum's operands of a convolution that can take the other operand in, or -1. It pays when the
/// convolution is a dense one that nobody else reads, and the residual's scale is below four of the output's.
template <class Rule, class Graph>
constexpr int fusable_operand(const Graph& graph, const basic_node<typename Graph::operation_type>& sum,
                              const std::vector<bounds>& ranges, const flags& keep_float) {
    const auto scale_of = [&](int value) {
        return static_cast<double>(Rule::activation(ranges[static_cast<std::size_t>(value)]).scale);
    };
    for (std::size_t i = 0; i < 2; ++i) {
        const int convolved = sum.inputs[i], residual = sum.inputs[1 - i];
        if (graph.is_constant(residual) || convolved == residual || graph.uses_of(convolved) != 1) continue;
        if (!(graph.value_at(residual).facts.shape == graph.value_at(sum.output).facts.shape)) continue;
        const int producer = graph.producer_of(convolved);
        if (producer < 0 || keep_float[static_cast<std::size_t>(producer)] != 0) continue;
        const auto* conv = operator_if<conv2d>(graph.node_at(producer));
        if (conv == nullptr || conv->groups != 1 || !conv->activation.unbounded()) continue;
        if (graph.node_at(producer).inputs.size() > 3) continue;
        if (Rule::requantizer::encode_residual(scale_of(residual) / scale_of(sum.output)) != 0)
            return static_cast<int>(i);
    }
    return -1;
}

} // namespace detail

/// Fuses in place. Values keep their positions, so `ranges` stays valid; `keep_float` loses the flags of nodes that go.
template <class Rule, class Graph>
constexpr void fuse_residual(Graph& graph, const std::vector<bounds>& ranges, flags& keep_float) {
    static_assert(adds_residual<typename Rule::requantizer>,
                  "ctq: fuse_residual: the rule's requantizer must add residuals; set fuses_residual to false");
    for (std::size_t i = 0; i < graph.nodes.size(); ++i) {
        const auto* sum = operator_if<add>(graph.nodes[i]);
        if (sum == nullptr || keep_float[i] != 0) continue;
        const int operand = detail::fusable_operand<Rule>(graph, graph.nodes[i], ranges, keep_float);
        if (operand < 0) continue;
        auto fused = graph.nodes[i];
        const int producer = graph.producer_of(fused.inputs[static_cast<std::size_t>(operand)]);
        const auto& source = graph.node_at(producer);
        conv2d conv = *operator_if<conv2d>(source);
        conv.activation = sum->activation;
        const int residual = fused.inputs[static_cast<std::size_t>(1 - operand)];
        fused.op = typename Graph::operation_type(conv); // whole: clang refuses to change a variant's alternative
        fused.name = source.name;
        fused.inputs = source.inputs;
        for (const text& origin : source.origins) fused.origins.push_back(origin);
        if (fused.inputs.size() == 2) {
            const std::int32_t channels = graph.value_at(fused.output).facts.shape[3];
            fused.inputs.push_back(graph.add_constant(fused.name + ".bias", shape{channels},
                                                      std::vector<float>(static_cast<std::size_t>(channels), 0.0f)));
        }
        fused.inputs.push_back(residual);
        graph.nodes[i] = std::move(fused);
        graph.erase_node(producer);
        keep_float.erase(keep_float.begin() + producer);
        --i;
    }
}

} // namespace ctq
