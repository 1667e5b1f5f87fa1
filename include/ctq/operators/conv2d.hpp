#pragma once
// conv2d: convolution of NHWC images, with groups, dilation, any padding; depthwise is groups = channels.
// room: operators | runs on: all | heap: only where constants are made (compiler, host)

#include <ctq/core/exact.hpp>
#include <ctq/operators/packing.hpp>
#include <ctq/operators/weighted.hpp>
#include <ctq/operators/window.hpp>
#include <ctq/registry/integer_meaning.hpp>
#include <ctq/registry/operation.hpp>

namespace ctq::inline CTQ_TARGET::op {

/// Float inputs: x [N,H,W,C], weights [O,KH,KW,C/groups], optionally a bias [O] and then a residual of the output's
/// shape that is added before the activation. Output [N,H',W',O]. Inputs of the lowered node: see `weighted`; the
/// weights packed as `packing` says, or [KH,KW,O] when a group has one channel.
struct conv2d {
    static constexpr std::string_view name = "conv2d";
    static constexpr std::string_view cpp_name = "ctq::op::conv2d";
    static constexpr operator_traits traits{.roles = {operand_role::operand, operand_role::weights, operand_role::bias},
                                            .folds_scale = true};

    extents kernel{1, 1}, stride{1, 1}, dilation{1, 1};
    margins padding{};
    std::int32_t groups = 1;
    bounds activation{};

    static constexpr auto attributes =
        attribute_list{attribute{"kernel", &conv2d::kernel},     attribute{"stride", &conv2d::stride},
                       attribute{"dilation", &conv2d::dilation}, attribute{"padding", &conv2d::padding},
                       attribute{"groups", &conv2d::groups},     attribute{"activation", &conv2d::activation}};

    friend constexpr bool operator==(const conv2d&, const conv2d&) = default;

    struct lowered {
        std::int32_t residual = 0; ///< the residual's multiplier, 0 if there is none

        static constexpr auto attributes = attribute_list{attribute{"residual", &lowered::residual}};
        friend constexpr bool operator==(const lowered&, const lowered&) = default;
    };

  private:
    // Defined first: clang (docs/design.md, section 1).
    template <class Visitor> static constexpr void for_each_output(const shape& out, Visitor visit) {
        std::size_t index = 0;
        for (std::int32_t n = 0; n < out[0]; ++n)
            for (std::int32_t y = 0; y < out[1]; ++y)
                for (std::int32_t x = 0; x < out[2]; ++x)
                    for (std::int32_t channel = 0; channel < out[3]; ++channel) visit(index++, n, y, x, channel);
    }

    /// Visits the pixels under the window of output (y, x): the pixel's number, or -1 for padding.
    template <class Visitor>
    constexpr void for_each_tap(const shape& in, std::int32_t n, std::int32_t y, std::int32_t x, Visitor visit) const {
        for (std::int32_t ky = 0; ky < kernel[0]; ++ky)
            for (std::int32_t kx = 0; kx < kernel[1]; ++kx) {
                const std::int32_t row = y * stride[0] - padding[0] + ky * dilation[0];
                const std::int32_t column = x * stride[1] - padding[1] + kx * dilation[1];
                const bool inside = row >= 0 && row < in[1] && column >= 0 && column < in[2];
                visit(inside ? (std::int64_t{n} * in[1] + row) * in[2] + column : -1, ky, kx);
            }
    }

  public:
    constexpr shape output_shape(shapes in) const {
        require(in.size() >= 2 && in.size() <= 4, "conv2d takes an image, weights, an optional bias and a residual");
        require(in[1].rank == 4, "the weights must have 4 axes (outputs, rows, columns, inputs per group)");
        require(groups > 0, "groups must be at least 1");
        require(in[0].rank == 4 && in[0][3] % groups == 0, "the input channels must be a multiple of groups");
        require(in[1][3] == in[0][3] / groups, "the weights' inputs per group must be input channels / groups");
        require(in[1][0] % groups == 0 && in[1][0] > 0, "the output channels must be a multiple of groups");
        require(in[1][1] == kernel[0] && in[1][2] == kernel[1], "the weights' extents must be the kernel attribute");
        require(in.size() < 3 || (in[2].rank == 1 && in[2][0] == in[1][0]), "the bias must have one value a channel");
        const shape result = window_of(*this).output_shape(in[0], in[1][0]);
        require(in.size() < 4 || in[3] == result, "the residual must have the output's shape");
        return result;
    }

    constexpr std::int64_t macs(const shape& in, const shape& out) const {
        return out.elements() * kernel[0] * kernel[1] * (in[3] / groups);
    }

    /// A border of zeros.
    constexpr bool absorb_border(const image_border& border) {
        return border.value == 0 && widen_padding(*this, border.width);
    }

    constexpr void compute(const_tensors in, tensors out) const {
        const std::int32_t channels = out[0].shape()[3], inputs = in[1].shape()[3];
        const float* weights = in[1].as<float>();
        const float* bias = in.size() > 2 ? in[2].as<float>() : nullptr;
        for_each_output(out[0].shape(), [&](std::size_t index, std::int32_t n, std::int32_t y, std::int32_t x,
                                            std::int32_t channel) {
            float sum = bias != nullptr ? bias[channel] : 0.0f;
            const std::int32_t first = channel / (channels / groups) * inputs;
            for_each_tap(in[0].shape(), n, y, x, [&](std::int64_t pixel, std::int32_t ky, std::int32_t kx) {
                if (pixel < 0) return;
                const float* from = in[0].as<float>() + pixel * in[0].shape()[3] + first;
                const float* w = weights + ((channel * kernel[0] + ky) * kernel[1] + kx) * inputs;
                for (std::int32_t i = 0; i < inputs; ++i) sum = multiply_add_unfused(from[i], w[i], sum);
            });
            if (in.size() > 3) sum += in[3].as<float>()[index];
            out[0].as<float>()[index] = activation.clamp(sum);
        });
    }

    /// True when each output channel reads one input channel, so that the weights are kept [KH,KW,O].
    static constexpr bool per_channel_layout(std::int32_t inputs_per_group) { return inputs_per_group == 1; }

    constexpr row_packing packing(std::int32_t inputs_per_group, std::int32_t outputs) const {
        return {groups, kernel[0], kernel[1] * inputs_per_group, outputs / groups};
    }

    /// acc = bias + sum of x * w, padding read as the zero point; q = requantized (with the residual before the last
    /// rounding), clamped to the output's range.
    template <signature S>
    requires weighted_signature<S>
    constexpr void compute_integer(const lowered& with, const_tensors in, tensors out) const {
        const const_tensor& image = in[weighted::activation];
        const auto* pixels = image.as<element<S.x>>();
        const auto* weights = in[weighted::weights].as<element<S.w>>();
        const channel_scaling<S> scales(in);
        const std::int32_t channels = out[0].shape()[3], depth = image.shape()[3], inputs = depth / groups;
        const row_packing layout = packing(inputs, channels);
        const std::int32_t zero = dynamic_zero_point<S>(in), padding_value = zero + image.zero_point();
        for_each_output(out[0].shape(), [&](std::size_t index, std::int32_t n, std::int32_t y, std::int32_t x,
                                            std::int32_t channel) {
            const std::int32_t group = channel / layout.channels, member = channel % layout.channels;
            element<S.sum> sum = scales.start(static_cast<std::size_t>(channel));
            for_each_tap(image.shape(), n, y, x, [&](std::int64_t pixel, std::int32_t ky, std::int32_t kx) {
                for (std::int32_t i = 0; i < inputs; ++i) {
                    const std::size_t at = per_channel_layout(inputs)
                                               ? static_cast<std::size_t>((ky * kernel[1] + kx) * channels + channel)
                                               : layout.index(group, ky, kx * inputs + i, member);
                    const std::int32_t value =
                        pixel < 0
                            ? padding_value
                            : read_integer<S.x>(pixels, static_cast<std::size_t>(pixel * depth + group * inputs + i));
                    sum += product_of<S>(value - zero, read_integer<S.w>(weights, at));
                }
            });
            const auto finish = [&](auto... term) {
                return within(activation, scales.finish(sum, static_cast<std::size_t>(channel), out[0].facts, term...));
            };
            element<S.y>& to = out[0].as<element<S.y>>()[index];
            if constexpr (adds_residual<requantizer_or_none<S>>) {
                if (with.residual != 0) {
                    const const_tensor& added = in[weighted::residual];
                    to = finish(requantizer_of<S>::residual_term(
                        read_integer<S.x>(added.as<element<S.x>>(), index) - added.zero_point(), with.residual));
                    return;
                }
            }
            to = finish();
        });
    }

    /// The overflow proof of some channels.
    template <signature S>
    requires weighted_signature<S>
    constexpr bool never_overflows(const lowered&, const_tensors in, const tensor_facts& out,
                                   channel_range some) const {
        const auto* weights = in[weighted::weights].as<element<S.w>>();
        const std::int32_t channels = out.shape[3], inputs = in[weighted::activation].shape()[3] / groups;
        const std::int32_t taps = kernel[0] * kernel[1];
        const row_packing layout = packing(inputs, channels);
        return accumulators_fit<S>(in, some, std::int64_t{taps} * inputs, [&](std::int32_t channel) {
            if (!per_channel_layout(inputs))
                return sums_of<S.w>(weights, layout, channel / layout.channels, channel % layout.channels);
            weight_sums sums;
            for (std::int32_t tap = 0; tap < taps; ++tap)
                sums.add(read_integer<S.w>(weights, static_cast<std::size_t>(tap * channels + channel)));
            return sums;
        });
    }

    template <signature S, lowering_view Node>
    requires weighted_signature<S>
    constexpr lowered lower(Node& node) const {
        const shape weights = node.input(1).shape;
        const std::int32_t inputs = weights[3], outputs = weights[0];
        const row_packing layout = packing(inputs, outputs);
        const auto place = [&](std::int32_t channel, std::int32_t k) {
            const std::int32_t row_length = kernel[1] * inputs;
            return per_channel_layout(inputs) ? static_cast<std::size_t>(k * outputs + channel)
                                              : layout.index(channel / layout.channels, k / row_length, k % row_length,
                                                             channel % layout.channels);
        };
        const shape packed = per_channel_layout(inputs) ? shape{kernel[0], kernel[1], outputs}
                                                        : shape{groups, kernel[0], layout.dwords(), layout.channels, 4};
        lower_weights<S>(node, outputs, packed, place);
        if (node.input_count() < 4) return {};
        if constexpr (adds_residual<requantizer_or_none<S>>) {
            const std::int32_t multiplier = residual_multiplier<requantizer_of<S>>(node.input(3), node.output());
            require(multiplier != 0, "a residual's scale is four times the output's or more; keep the sum apart");
            node.keep(3);
            return {multiplier};
        } else {
            fail("the rule's arithmetic adds no residuals; keep the sum apart");
        }
    }

    /// The multiplier with which a residual joins an output of these facts, 0 when its scale is too large for that.
    template <class Requantizer>
    static constexpr std::int32_t residual_multiplier(const tensor_facts& residual, const tensor_facts& out) {
        return Requantizer::encode_residual(static_cast<double>(residual.quantization.scale) /
                                            static_cast<double>(out.quantization.scale));
    }
};

} // namespace ctq::inline CTQ_TARGET::op
