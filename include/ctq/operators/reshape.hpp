#pragma once
// reshape: the same elements under another shape.
// room: operators | runs on: all | heap: no

#include <ctq/operators/copying.hpp>
#include <ctq/operators/element_wise.hpp>
#include <ctq/registry/operation.hpp>

namespace ctq::inline CTQ_TARGET::op {

/// The input's elements as they lie, under the shape `to`, which has as many. Integer meaning: the same; costs nothing
/// where the output may lie over the input.
struct reshape {
    static constexpr std::string_view name = "reshape";
    static constexpr std::string_view cpp_name = "ctq::op::reshape";
    static constexpr operator_traits traits{
        .output_range = range_rule::same_as_input, .in_place = true, .is_view = true};

    shape to{};

    static constexpr auto attributes = attribute_list{attribute{"to", &reshape::to}};

    friend constexpr bool operator==(const reshape&, const reshape&) = default;

    constexpr shape output_shape(shapes in) const {
        require(in.size() == 1, "reshape takes one input");
        require(in[0].elements() == to.elements(), "reshape must keep the number of elements");
        return to;
    }

    constexpr void compute(const_tensors in, tensors out) const { copy_elements(in[0], out[0]); }

    template <signature S>
    requires same_stored_types<S>
    constexpr void compute_integer(const_tensors in, tensors out) const { copy_elements<element<S.y>>(in[0], out[0]); }
};

} // namespace ctq::inline CTQ_TARGET::op
