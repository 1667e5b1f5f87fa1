#pragma once
// An operator of a user's own whose weights lie as they are multiplied, [inputs, outputs]: their channels are axis 1.

#include <ctq/operators/dense.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace user {

/// y = x W + b for x [..., K], W [K,O] and b [O]: the dense layer of the transposed weights. Lowered it is one.
struct transposed_dense {
    static constexpr std::string_view name = "transposed_dense";
    static constexpr std::string_view cpp_name = "user::transposed_dense";
    static constexpr std::string_view header = "emitted/transposed_dense.hpp";
    static constexpr ctq::operator_traits traits{
        .roles = {ctq::operand_role::operand, ctq::operand_role::weights, ctq::operand_role::bias},
        .weight_axis = 1,
        .folds_scale = true};
    static constexpr auto attributes = ctq::no_attributes;

    friend constexpr bool operator==(const transposed_dense&, const transposed_dense&) = default;

    constexpr ctq::shape output_shape(ctq::shapes in) const {
        const ctq::shape transposed{in[1][1], in[1][0]};
        return in.size() > 2 ? ctq::op::dense{}.output_shape(std::array{in[0], transposed, in[2]})
                             : ctq::op::dense{}.output_shape(std::array{in[0], transposed});
    }
    constexpr void compute(ctq::const_tensors in, ctq::tensors out) const {
        const auto outputs = static_cast<std::size_t>(in[1].shape()[1]);
        const auto inputs = static_cast<std::size_t>(in[1].shape()[0]);
        for (std::size_t i = 0; i < out[0].size(); ++i) {
            float sum = in.size() > 2 ? in[2].as<float>()[i % outputs] : 0.0f;
            for (std::size_t k = 0; k < inputs; ++k)
                sum = ctq::multiply_add_unfused(in[0].as<float>()[i / outputs * inputs + k],
                                                in[1].as<float>()[k * outputs + i % outputs], sum);
            out[0].as<float>()[i] = sum;
        }
    }

    template <ctq::signature S>
    requires ctq::op::weighted_signature<S>
    constexpr void compute_integer(ctq::const_tensors in, ctq::tensors out) const {
        ctq::op::dense{}.compute_integer<S>(in, out);
    }
    template <ctq::signature S>
    requires ctq::op::weighted_signature<S>
    constexpr bool never_overflows(const ctq::nothing_lowered& lowered, ctq::const_tensors in,
                                   const ctq::tensor_facts& out, ctq::channel_range some) const {
        return ctq::op::dense{}.never_overflows<S>(lowered, in, out, some);
    }
    template <ctq::signature S, ctq::lowering_view Node>
    requires ctq::op::weighted_signature<S>
    constexpr ctq::nothing_lowered lower(Node& node) const {
        const ctq::shape weights = node.input(1).shape;
        const ctq::op::row_packing layout = ctq::op::dense::packing(weights[0], weights[1]);
        ctq::op::lower_weights<S>(node, weights[1], ctq::shape{layout.dwords(), layout.channels, 4},
                                  [&](std::int32_t channel, std::int32_t k) { return layout.index(0, 0, k, channel); });
        return {};
    }
};

} // namespace user
