#pragma once
// subtract: element-wise difference of two tensors, broadcast; one of them may be constant.
// room: operators | runs on: all | heap: no

#include <ctq/operators/add.hpp>

namespace ctq::inline CTQ_TARGET::op {

/// Inputs: a and b, broadcast as ONNX does. Output: a - b within `activation`. Integer meaning: that of the sum of a
/// and -b (core/weighted_sum.hpp), whose rounding does not ask for b's sign.
struct subtract {
    static constexpr std::string_view name = "subtract";
    static constexpr std::string_view cpp_name = "ctq::op::subtract";
    static constexpr operator_traits traits{
        .operands = element_types::numbers, .in_place = true, .is_element_wise = true, .aligns_operands = true};

    bounds activation{};

    static constexpr auto attributes = attribute_list{attribute{"activation", &subtract::activation}};

    friend constexpr bool operator==(const subtract&, const subtract&) = default;

    using lowered = add::lowered;

    constexpr shape output_shape(shapes in) const {
        require(in.size() == 2, "subtract takes two inputs");
        return broadcast(in[0], in[1]);
    }

    constexpr void compute(const_tensors in, tensors out) const {
        for_each_pair(in, out[0], [&]<class T>(T a, T b) {
            if constexpr (std::is_same_v<T, float>)
                return activation.clamp(a - b);
            else
                return wrapped_difference(a, b);
        });
    }

    template <signature S>
    requires element_wise_signature<S>
    constexpr void compute_integer(const lowered& with, const_tensors in, tensors out) const {
        for_each_integer_pair<S>(in, out[0], [&](std::int32_t a, std::int32_t b) {
            return add::sum_of<S>::apply(a, -b, with.scales) + out[0].zero_point();
        });
    }

    template <signature S>
    requires element_wise_signature<S>
    constexpr bool never_overflows(const lowered& with, const_tensors in, const tensor_facts& out) const {
        return add{}.never_overflows<S>(with, in, out);
    }

    template <signature S, lowering_view Node>
    requires element_wise_signature<S>
    constexpr lowered lower(Node& node) const { return add{}.lower<S>(node); }

    constexpr affine of_channel(std::span<const float> taken) const { return {1.0, -static_cast<double>(taken[0])}; }

    constexpr subtract permuted(std::span<const std::int32_t>) const { return *this; }
};

} // namespace ctq::inline CTQ_TARGET::op
