#pragma once
// fuse_residual: a sum behind a convolution becomes the convolution's residual, where that pays. It depends on the rule
// (TFLite has no such layer) and on the quantizations, so it is a pass over the annotated graph.
// room: rewrite | runs on: compiler + host | heap: yes

#include <ctq/graph/connections.hpp>
#include <ctq/operators/add.hpp>
#include <ctq/operators/conv2d.hpp>
#include <ctq/rewrite/pass.hpp>
#include <ctq/rewrite/remove_dead.hpp>

#include <utility>
#include <vector>

namespace ctq::inline CTQ_TARGET::pass {

/// Where the rule's arithmetic adds a residual before its last rounding: one rounding and one pass over the image less.
/// Each step takes a node out.
struct fuse_residual {
    using registered_kind = pass_tag;
    static constexpr std::string_view name = "fuse_residual";
    static constexpr pass_phase phase = pass_phase::annotated;

    template <class Graph> static constexpr bool run(Graph& graph) {
        connections links(graph);
        for (int i = 0; i < static_cast<int>(graph.nodes.size()); ++i) {
            const int operand = fusable_operand(graph, links, i);
            if (operand >= 0) fuse(graph, links, i, static_cast<std::size_t>(operand));
        }
        if (!links.compact()) return false;
        remove_dead::run(graph); // the values between convolutions and sums
        return true;
    }

  private:
    /// The position among the sum's operands of a convolution that can take the other operand in, or -1. It pays when
    /// the convolution is a dense one that nobody else reads, and works where both are of one element type, the
    /// residual's scale is below four of the output's and the convolution's part of the sum keeps its meaning.
    template <class Graph>
    static constexpr int fusable_operand(const Graph& graph, connections<Graph>& links, int index) {
        const auto& sum = graph.node_at(index);
        const auto encode = graph.domains[static_cast<std::size_t>(sum.domain)].encode_residual;
        if (sum.in_float() || operator_if<op::add>(sum) == nullptr) return -1;
        const tensor_facts& out = graph.value_at(sum.output()).facts;
        for (std::size_t i = 0; i < 2; ++i) {
            const int convolved = sum.inputs[i], residual = sum.inputs[1 - i];
            const tensor_facts &part = graph.value_at(convolved).facts, &added = graph.value_at(residual).facts;
            if (graph.is_constant(residual) || convolved == residual) continue;
            if (!(added.shape == out.shape && part.shape == out.shape)) continue;
            const int producer = links.sole_producer(convolved);
            if (producer < 0 || graph.node_at(producer).domain != sum.domain) continue;
            const auto* conv = operator_if<op::conv2d>(graph.node_at(producer));
            if (conv == nullptr || conv->groups != 1 || !conv->activation.unbounded()) continue;
            const std::vector<int>& read = graph.node_at(producer).inputs;
            if (read.size() > 3 || graph.value_at(read[0]).facts.type != added.type) continue;
            const double ratio =
                static_cast<double>(added.quantization.scale) / static_cast<double>(out.quantization.scale);
            if (encode(ratio) != 0 && saturates_harmlessly(part, added, out)) return static_cast<int>(i);
        }
        return -1;
    }

    /// A convolution's part of a sum has 256 output steps to each side at least, beyond which it may saturate. True
    /// where it keeps within them, or where the residual cannot bring it back to what the output can hold.
    static constexpr bool saturates_harmlessly(const tensor_facts& part, const tensor_facts& residual,
                                               const tensor_facts& out) {
        const auto real = [](std::int32_t integer, const tensor_facts& of) {
            return dequantize(integer, of.quantization);
        };
        const float reach = 256 * out.quantization.scale;
        const bool low = real(part.range.low, part) >= -reach ||
                         real(residual.range.high, residual) - reach <= real(out.range.low, out);
        const bool high = real(part.range.high, part) <= reach ||
                          real(residual.range.low, residual) + reach >= real(out.range.high, out);
        return low && high;
    }

    /// The convolution takes the sum's place, so that all it reads comes before it.
    template <class Graph>
    static constexpr void fuse(Graph& graph, connections<Graph>& links, int index, std::size_t operand) {
        const int producer = links.producer_of(graph.node_at(index).inputs[operand]);
        const auto& source = graph.node_at(producer);
        links.edit(index, [&](auto& fused) {
            const int residual = fused.inputs[1 - operand];
            op::conv2d conv = *operator_if<op::conv2d>(source);
            conv.activation = operator_if<op::add>(fused)->activation;
            set_operator(fused, conv);
            fused.name = source.name;
            fused.inputs = source.inputs;
            for (const text& origin : source.origins) fused.origins.push_back(origin);
            if (fused.inputs.size() == 2) {
                const std::int32_t channels = graph.value_at(fused.output()).facts.shape[3];
                const dtype sum = accumulator_of(graph.value_at(source.inputs[0]).facts.type);
                fused.inputs.push_back(graph.add_zeros(fused.name + ".bias", sum, channels));
            }
            fused.inputs.push_back(residual);
        });
        links.remove(producer);
    }
};

} // namespace ctq::inline CTQ_TARGET::pass
