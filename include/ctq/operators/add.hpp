#pragma once
// add: element-wise sum of two tensors, broadcast; one of them may be constant.
// room: operators | runs on: all | heap: no

#include <ctq/core/weighted_sum.hpp>
#include <ctq/operators/element_wise.hpp>
#include <ctq/registry/operation.hpp>

namespace ctq::inline CTQ_TARGET::op {

/// Inputs: a and b, broadcast as ONNX does. Output: a + b within `activation`. Integer meaning: core/weighted_sum.hpp,
/// which states the error; no sum overflows where its `fits` says so.
struct add {
    static constexpr std::string_view name = "add";
    static constexpr std::string_view cpp_name = "ctq::op::add";
    static constexpr operator_traits traits{.operands = element_types::numbers,
                                            .in_place = true,
                                            .is_element_wise = true,
                                            .aligns_operands = true,
                                            .is_commutative = true};

    bounds activation{};

    static constexpr auto attributes = attribute_list{attribute{"activation", &add::activation}};

    friend constexpr bool operator==(const add&, const add&) = default;

    struct lowered {
        sum_scaling scales{};

        static constexpr auto attributes = attribute_list{attribute{"scales", &lowered::scales}};
        friend constexpr bool operator==(const lowered&, const lowered&) = default;
    };

    constexpr shape output_shape(shapes in) const {
        require(in.size() == 2, "add takes two inputs");
        return broadcast(in[0], in[1]);
    }

    constexpr void compute(const_tensors in, tensors out) const {
        for_each_pair(in, out[0], [&]<class T>(T a, T b) {
            if constexpr (std::is_same_v<T, float>)
                return activation.clamp(a + b);
            else
                return wrapped_sum(a, b);
        });
    }

    template <signature S> using sum_of = weighted_sum<requantizer_of<S>, all_bytes<S> ? 8 : 16>;

    template <signature S>
    requires element_wise_signature<S>
    constexpr void compute_integer(const lowered& with, const_tensors in, tensors out) const {
        for_each_integer_pair<S>(in, out[0], [&](std::int32_t a, std::int32_t b) {
            return sum_of<S>::apply(a, b, with.scales) + out[0].zero_point();
        });
    }

    template <signature S>
    requires element_wise_signature<S>
    constexpr bool never_overflows(const lowered& with, const_tensors in, const tensor_facts&) const {
        return sum_of<S>::fits(farthest_from_zero(in[0].facts), farthest_from_zero(in[1].facts), with.scales);
    }

    template <signature S, lowering_view Node>
    requires element_wise_signature<S>
    constexpr lowered lower(Node& node) const {
        node.keep(0);
        node.keep(1);
        return {sum_of<S>::encode(node.input(0).quantization.scale, node.input(1).quantization.scale,
                                  node.output().quantization.scale)};
    }

    constexpr affine of_channel(std::span<const float> added) const { return {1.0, static_cast<double>(added[0])}; }

    constexpr add permuted(std::span<const std::int32_t>) const { return *this; }
};

} // namespace ctq::inline CTQ_TARGET::op
