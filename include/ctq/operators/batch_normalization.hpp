#pragma once
// batch_normalization: per-channel scale and shift from statistics; the passes fold it into a neighbour or turn it
// into a depthwise convolution, so it has no integer meaning of its own.
// room: operators | runs on: all | heap: no

#include <ctq/core/elementary.hpp>
#include <ctq/core/exact.hpp>
#include <ctq/operators/axes.hpp>
#include <ctq/registry/operation.hpp>

namespace ctq::inline CTQ_TARGET::op {

/// Inputs: x, then gamma, beta, mean and variance, one value a channel each.
struct batch_normalization {
    static constexpr std::string_view name = "batch_normalization";
    static constexpr std::string_view cpp_name = "ctq::op::batch_normalization";
    static constexpr std::string_view runs_as = "folded, or a depthwise convolution";
    static constexpr operator_traits traits{.is_element_wise = true};

    float epsilon = 1e-5f;
    std::int32_t axis = 1; ///< the channel axis

    static constexpr auto channel_axis = &batch_normalization::axis;
    static constexpr auto attributes = attribute_list{attribute{"epsilon", &batch_normalization::epsilon},
                                                      attribute{"axis", &batch_normalization::axis}};

    friend constexpr bool operator==(const batch_normalization&, const batch_normalization&) = default;

    constexpr shape output_shape(shapes in) const {
        require(in.size() == 5, "batch_normalization takes a tensor, gamma, beta, mean and variance");
        const int along = in[0].normalized_axis(axis);
        for (std::size_t i = 1; i < 5; ++i)
            require(in[i].rank == 1 && in[i][0] == in[0][along],
                    "gamma, beta, mean and variance must have one value a channel");
        return in[0];
    }

    /// What the layer multiplies a channel with, and what it then adds. `statistics`: gamma, beta, mean and
    /// variance.
    constexpr affine of_channel(std::span<const float> statistics) const {
        const float gamma = statistics[0], beta = statistics[1], mean = statistics[2], variance = statistics[3];
        const double spread = static_cast<double>(variance) + static_cast<double>(epsilon);
        require(variance >= 0 && spread > 0, "variances must not be negative, nor variance + epsilon zero");
        const double scale = static_cast<double>(gamma) / elementary::sqrt(spread);
        return {scale, static_cast<double>(beta) - exact(static_cast<double>(mean) * scale)};
    }

    constexpr void compute(const_tensors in, tensors out) const {
        const shape& of = in[0].shape();
        const int along = of.normalized_axis(axis);
        const auto channels = static_cast<std::size_t>(of[along]);
        const auto inner = static_cast<std::size_t>(of.elements(along + 1, of.rank));
        for (std::size_t i = 0; i < out[0].size(); ++i) {
            const std::size_t channel = i / inner % channels;
            const std::array statistics{in[1].as<float>()[channel], in[2].as<float>()[channel],
                                        in[3].as<float>()[channel], in[4].as<float>()[channel]};
            const affine map = of_channel(statistics);
            out[0].as<float>()[i] = static_cast<float>(
                multiply_add_unfused(static_cast<double>(in[0].as<float>()[i]), map.scale, map.shift));
        }
    }

    constexpr batch_normalization permuted(std::span<const std::int32_t> permutation) const {
        const auto rank = static_cast<std::int32_t>(permutation.size());
        return {epsilon, permuted_axis(axis < 0 ? axis + rank : axis, permutation)};
    }
};

} // namespace ctq::inline CTQ_TARGET::op
