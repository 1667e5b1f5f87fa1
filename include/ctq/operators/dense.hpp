#pragma once
// dense: a fully connected layer, y = x W' + b, over the last axis.
// room: operators | runs on: all | heap: only where constants are made (compiler, host)

#include <ctq/core/elementary.hpp>
#include <ctq/core/exact.hpp>
#include <ctq/operators/packing.hpp>
#include <ctq/operators/weighted.hpp>
#include <ctq/registry/integer_meaning.hpp>
#include <ctq/registry/operation.hpp>

namespace ctq::inline CTQ_TARGET::op {

/// Float inputs: x [..., K], weights [O,K], optionally a bias [O]. Output [..., O].
/// Inputs of the lowered node: see `weighted`; the weights packed as one row of `row_packing`.
struct dense {
    static constexpr std::string_view name = "dense";
    static constexpr std::string_view cpp_name = "ctq::op::dense";
    static constexpr operator_traits traits{.roles = {operand_role::operand, operand_role::weights, operand_role::bias},
                                            .folds_scale = true};

    bounds activation{};

    static constexpr auto attributes = attribute_list{attribute{"activation", &dense::activation}};

    friend constexpr bool operator==(const dense&, const dense&) = default;

    constexpr shape output_shape(shapes in) const {
        require(in.size() == 2 || in.size() == 3, "dense takes a tensor, weights and an optional bias");
        require(in[0].rank >= 1 && in[1].rank == 2, "the weights must have 2 axes (outputs, inputs)");
        require(in[0][in[0].rank - 1] == in[1][1], "the input's last extent must equal the weights' inputs");
        require(in.size() == 2 || (in[2].rank == 1 && in[2][0] == in[1][0]), "the bias must have one value an output");
        shape result = in[0];
        result[result.rank - 1] = in[1][0];
        return result;
    }

    constexpr std::int64_t macs(const shape& in, const shape& out) const { return out.elements() * in[in.rank - 1]; }

    constexpr void compute(const_tensors in, tensors out) const {
        const auto length = static_cast<std::size_t>(in[1].shape()[1]);
        const auto outputs = static_cast<std::size_t>(in[1].shape()[0]);
        for (std::size_t i = 0; i < out[0].size(); ++i) {
            const float* x = in[0].as<float>() + i / outputs * length;
            const float* w = in[1].as<float>() + i % outputs * length;
            float sum = in.size() > 2 ? in[2].as<float>()[i % outputs] : 0.0f;
            for (std::size_t k = 0; k < length; ++k) sum = multiply_add_unfused(x[k], w[k], sum);
            out[0].as<float>()[i] = activation.clamp(sum);
        }
    }

    static constexpr row_packing packing(std::int32_t inputs, std::int32_t outputs) { return {1, 1, inputs, outputs}; }

    template <signature S>
    requires weighted_signature<S>
    constexpr void compute_integer(const_tensors in, tensors out) const {
        const shape& from = in[weighted::activation].shape();
        const auto inputs = static_cast<std::size_t>(from[from.rank - 1]);
        const auto outputs = static_cast<std::size_t>(out[0].shape()[out[0].shape().rank - 1]);
        const row_packing layout = packing(static_cast<std::int32_t>(inputs), static_cast<std::int32_t>(outputs));
        const auto* activations = in[weighted::activation].as<element<S.x>>();
        const auto* weights = in[weighted::weights].as<element<S.w>>();
        const channel_scaling<S> scales(in);
        const std::int32_t zero = dynamic_zero_point<S>(in);
        for (std::size_t i = 0; i < out[0].size(); ++i) {
            const std::size_t channel = i % outputs, row = i / outputs * inputs;
            element<S.sum> sum = scales.start(channel);
            for (std::size_t k = 0; k < inputs; ++k)
                sum += product_of<S>(read_integer<S.x>(activations, row + k) - zero,
                                     read_integer<S.w>(weights, layout.index(0, 0, static_cast<std::int32_t>(k),
                                                                             static_cast<std::int32_t>(channel))));
            out[0].as<element<S.y>>()[i] = within(activation, scales.finish(sum, channel, out[0].facts));
        }
    }

    /// The overflow proof of some channels.
    template <signature S>
    requires weighted_signature<S>
    constexpr bool never_overflows(const nothing_lowered&, const_tensors in, const tensor_facts& out,
                                   channel_range some) const {
        const shape& from = in[weighted::activation].shape();
        const std::int32_t outputs = out.shape[out.shape.rank - 1];
        const row_packing layout = packing(from[from.rank - 1], outputs);
        return accumulators_fit<S>(in, some, layout.row_length, [&](std::int32_t channel) {
            return sums_of<S.w>(in[weighted::weights].as<element<S.w>>(), layout, 0, channel);
        });
    }

    template <signature S, lowering_view Node>
    requires weighted_signature<S>
    constexpr nothing_lowered lower(Node& node) const {
        const shape weights = node.input(1).shape;
        const row_packing layout = packing(weights[1], weights[0]);
        lower_weights<S>(node, weights[0], shape{layout.dwords(), layout.channels, 4},
                         [&](std::int32_t channel, std::int32_t k) { return layout.index(0, 0, k, channel); });
        return {};
    }
};

} // namespace ctq::inline CTQ_TARGET::op
