#pragma once
// multiply: element-wise product of two tensors, broadcast; one of them may be constant.
// room: operators | runs on: all | heap: no

#include <ctq/core/scaled_product.hpp>
#include <ctq/operators/element_wise.hpp>
#include <ctq/registry/operation.hpp>

#include <limits>

namespace ctq::inline CTQ_TARGET::op {

/// Inputs: a and b, broadcast as ONNX does. Output: a * b within `activation`. Integer meaning:
/// core/scaled_product.hpp, which states the error.
struct multiply {
    static constexpr std::string_view name = "multiply";
    static constexpr std::string_view cpp_name = "ctq::op::multiply";
    static constexpr operator_traits traits{.operands = element_types::numbers,
                                            .in_place = true,
                                            .is_element_wise = true,
                                            .aligns_operands = true,
                                            .is_commutative = true};

    bounds activation{};

    static constexpr auto attributes = attribute_list{attribute{"activation", &multiply::activation}};

    friend constexpr bool operator==(const multiply&, const multiply&) = default;

    struct lowered {
        scaling scale{};

        static constexpr auto attributes = attribute_list{attribute{"scale", &lowered::scale}};
        friend constexpr bool operator==(const lowered&, const lowered&) = default;
    };

    constexpr shape output_shape(shapes in) const {
        require(in.size() == 2, "multiply takes two inputs");
        return broadcast(in[0], in[1]);
    }

    constexpr void compute(const_tensors in, tensors out) const {
        for_each_pair(in, out[0], [&]<class T>(T a, T b) {
            if constexpr (std::is_same_v<T, float>)
                return activation.clamp(a * b);
            else
                return wrapped_product(a, b);
        });
    }

    template <signature S>
    requires element_wise_signature<S>
    constexpr void compute_integer(const lowered& with, const_tensors in, tensors out) const {
        for_each_integer_pair<S>(
            in, out[0], [&](std::int32_t a, std::int32_t b) { return scaled_to<S>(a * b, with.scale, out[0].facts); });
    }

    template <signature S>
    requires element_wise_signature<S>
    constexpr bool never_overflows(const lowered& with, const_tensors in, const tensor_facts&) const {
        const std::int64_t largest = farthest_from_zero(in[0].facts) * farthest_from_zero(in[1].facts);
        return largest <= std::numeric_limits<std::int32_t>::max() && largest <= room_to_scale<S>(with.scale);
    }

    template <signature S, lowering_view Node>
    requires element_wise_signature<S>
    constexpr lowered lower(Node& node) const {
        node.keep(0);
        node.keep(1);
        return {encode_saturating<S>(scaled_product<requantizer_of<S>>::ratio(
            node.input(0).quantization.scale, node.input(1).quantization.scale, node.output().quantization.scale))};
    }

    constexpr affine of_channel(std::span<const float> factor) const { return {static_cast<double>(factor[0]), 0.0}; }

    constexpr multiply permuted(std::span<const std::int32_t>) const { return *this; }
};

} // namespace ctq::inline CTQ_TARGET::op
