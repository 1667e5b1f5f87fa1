#pragma once
// gather: the entries of a tensor along one axis that a list of indices names: rows of a table, channels in an order.
// room: operators | runs on: all | heap: no

#include <ctq/operators/copying.hpp>
#include <ctq/operators/element_wise.hpp>
#include <ctq/registry/operation.hpp>

namespace ctq::inline CTQ_TARGET::op {

/// Inputs: data and indices, int32 or int64 of any rank. Output: the data's shape with the indices' in place of `axis`,
/// each index replaced by the entries there. An index below 0 counts from the end; one that is outside of the axis is
/// the nearest that is inside. Integer meaning: the same, exact. Cost: one read and one write an element of the output.
struct gather {
    static constexpr std::string_view name = "gather";
    static constexpr std::string_view cpp_name = "ctq::op::gather";
    static constexpr operator_traits traits{.operands = element_types::all,
                                            .output_range = range_rule::same_as_input,
                                            .roles = {operand_role::operand, operand_role::positions},
                                            .moves_elements = true};

    std::int32_t axis = 0;

    static constexpr auto attributes = attribute_list{attribute{"axis", &gather::axis}};

    friend constexpr bool operator==(const gather&, const gather&) = default;

  private:
    // Defined first: clang (docs/design.md, section 1).
    /// Where entry `index` of so many stands.
    static constexpr std::int64_t place_of(std::int64_t index, std::int64_t extent) {
        return clamp_to<std::int64_t>(index < 0 ? index + extent : index, 0, extent - 1);
    }

    template <class T> constexpr void pick(const_tensors in, const tensor& out) const {
        const shape& from = in[0].shape();
        const int along = from.normalized_axis(axis);
        const std::int64_t outer = from.elements(0, along), inner = from.elements(along + 1, from.rank);
        const bool is_narrow = in[1].facts.type == dtype::int32;
        std::size_t to = 0;
        for (std::int64_t o = 0; o < outer; ++o)
            for (std::size_t i = 0; i < in[1].size(); ++i) {
                const std::int64_t index = is_narrow ? in[1].as<std::int32_t>()[i] : in[1].as<std::int64_t>()[i];
                auto at = static_cast<std::size_t>((o * from[along] + place_of(index, from[along])) * inner);
                for (std::int64_t k = 0; k < inner; ++k) copy_element(in[0].as<T>(), at++, out.as<T>(), to++);
            }
    }

  public:
    constexpr shape output_shape(shapes in) const {
        require(in.size() == 2, "gather takes data and indices");
        const int along = in[0].normalized_axis(axis);
        require(in[0][along] > 0 || in[1].elements() == 0, "an axis without entries has none to gather");
        shape result;
        for (int i = 0; i < along; ++i) result.append(in[0][i]);
        for (int i = 0; i < in[1].rank; ++i) result.append(in[1][i]);
        for (int i = along + 1; i < in[0].rank; ++i) result.append(in[0][i]);
        return result;
    }

    constexpr std::int64_t places(shapes in) const { return in[0][in[0].normalized_axis(axis)]; }

    constexpr void compute(const_tensors in, tensors out) const {
        with_element_type(out[0].facts.type, [&](auto each) { pick<decltype(each)>(in, out[0]); });
    }

    template <signature S>
    requires same_stored_types<S>
    constexpr void compute_integer(const_tensors in, tensors out) const { pick<element<S.y>>(in, out[0]); }
};

} // namespace ctq::inline CTQ_TARGET::op
