#pragma once
// reduce_mean: the mean over some axes.
// room: operators | runs on: all | heap: no

#include <ctq/core/scaled_mean.hpp>
#include <ctq/operators/element_wise.hpp>
#include <ctq/operators/reducing.hpp>
#include <ctq/registry/operation.hpp>

#include <limits>

namespace ctq::inline CTQ_TARGET::op {

/// The mean over `axes`, 1 to 4194304 elements each; the axes stay with extent 1 if `keep_axes`, else they go. Integer
/// meaning: core/scaled_mean.hpp, which states the error. The float sum is taken in the order of memory.
struct reduce_mean {
    static constexpr std::string_view name = "reduce_mean";
    static constexpr std::string_view cpp_name = "ctq::op::reduce_mean";

    axis_set axes{};
    bool keep_axes = true;

    static constexpr auto attributes =
        attribute_list{attribute{"axes", &reduce_mean::axes}, attribute{"keep_axes", &reduce_mean::keep_axes}};

    friend constexpr bool operator==(const reduce_mean&, const reduce_mean&) = default;

    struct lowered {
        scaling scale{}; ///< of the sum of the integers

        static constexpr auto attributes = attribute_list{attribute{"scale", &lowered::scale}};
        friend constexpr bool operator==(const lowered&, const lowered&) = default;
    };

  private:
    static constexpr std::int64_t largest_count = 4194304;

  public:
    constexpr shape output_shape(shapes in) const {
        require(in.size() == 1, "reduce_mean takes one input");
        require(reduced_count(in[0], axes) > 0 && reduced_count(in[0], axes) <= largest_count,
                "a mean is over 1 to 4194304 elements");
        return reduced_shape(in[0], axes, keep_axes);
    }

    constexpr void compute(const_tensors in, tensors out) const {
        const auto cells = static_cast<float>(reduced_count(in[0].shape(), axes));
        for_each_reduced(in[0].shape(), axes, [&](std::size_t index, auto for_each_cell) {
            float sum = 0;
            for_each_cell([&](std::size_t at) { sum += in[0].as<float>()[at]; });
            out[0].as<float>()[index] = sum / cells;
        });
    }

    /// q = requantized sum of (x - zero point).
    template <signature S>
    requires element_wise_signature<S>
    constexpr void compute_integer(const lowered& with, const_tensors in, tensors out) const {
        const auto cells = static_cast<std::int32_t>(reduced_count(in[0].shape(), axes));
        for_each_reduced(in[0].shape(), axes, [&](std::size_t index, auto for_each_cell) {
            std::int32_t sum = -cells * in[0].zero_point();
            for_each_cell([&](std::size_t at) { sum += in[0].as<element<S.x>>()[at]; });
            out[0].as<element<S.y>>()[index] =
                static_cast<element<S.y>>(out[0].facts.range.clamp(scaled_to<S>(sum, with.scale, out[0].facts)));
        });
    }

    template <signature S>
    requires element_wise_signature<S>
    constexpr bool never_overflows(const lowered& with, const_tensors in, const tensor_facts&) const {
        const std::int64_t cells = reduced_count(in[0].shape(), axes), start = -cells * in[0].zero_point();
        constexpr std::int64_t most = std::numeric_limits<std::int32_t>::max();
        return (start < 0 ? -start : start) + cells * farthest_from_zero(in[0].facts) <= most &&
               cells * farthest_from_zero(in[0].facts) <= room_to_scale<S>(with.scale);
    }

    template <signature S, lowering_view Node>
    requires element_wise_signature<S>
    constexpr lowered lower(Node& node) const {
        node.keep(0);
        const std::int64_t cells = reduced_count(node.input(0).shape, axes);
        const auto in = static_cast<double>(node.input(0).quantization.scale);
        const auto out = static_cast<double>(node.output().quantization.scale);
        const double ratio = in / (static_cast<double>(cells) * out);
        return {saturates<S>(ratio) ? encode_saturating<S>(ratio)
                                    : scaled_mean<requantizer_of<S>>::encode(in, out, cells)};
    }

    /// The axes that the result has no more.
    constexpr axis_set dropped_axes() const { return keep_axes ? axis_set{} : axes; }

    constexpr reduce_mean permuted(std::span<const std::int32_t> permutation) const {
        reduce_mean result = *this;
        result.axes = axes.permuted(permutation);
        return result;
    }
};

} // namespace ctq::inline CTQ_TARGET::op
