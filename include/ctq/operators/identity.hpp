#pragma once
// identity: its input, unchanged. The passes remove it.
// room: operators | runs on: all | heap: no

#include <ctq/operators/copying.hpp>
#include <ctq/operators/element_wise.hpp>
#include <ctq/registry/operation.hpp>

namespace ctq::inline CTQ_TARGET::op {

/// The input itself. A pass removes it wherever it stands, but between a state and what is written to it.
struct identity {
    static constexpr std::string_view name = "identity";
    static constexpr std::string_view cpp_name = "ctq::op::identity";
    static constexpr std::string_view runs_as = "removed";
    static constexpr operator_traits traits{
        .output_range = range_rule::same_as_input, .in_place = true, .is_view = true, .is_element_wise = true};
    static constexpr auto attributes = no_attributes;

    friend constexpr bool operator==(const identity&, const identity&) = default;

    constexpr shape output_shape(shapes in) const {
        require(in.size() == 1, "identity takes one input");
        return in[0];
    }

    constexpr void compute(const_tensors in, tensors out) const { copy_elements(in[0], out[0]); }

    template <signature S>
    requires same_stored_types<S>
    constexpr void compute_integer(const_tensors in, tensors out) const { copy_elements<element<S.y>>(in[0], out[0]); }

    constexpr identity permuted(std::span<const std::int32_t>) const { return *this; }
};

} // namespace ctq::inline CTQ_TARGET::op
