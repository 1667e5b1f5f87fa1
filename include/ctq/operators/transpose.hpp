#pragma once
// transpose: axes in another order.
// room: operators | runs on: all | heap: no

#include <ctq/operators/axes.hpp>
#include <ctq/operators/element_walks.hpp>
#include <ctq/operators/element_wise.hpp>
#include <ctq/registry/operation.hpp>

namespace ctq::inline CTQ_TARGET::op {

/// The input with its axes in another order. Integer meaning: the same, exact. Cost: one read and one write an element,
/// in the order of the output.
struct transpose {
    static constexpr std::string_view name = "transpose";
    static constexpr std::string_view cpp_name = "ctq::op::transpose";
    static constexpr operator_traits traits{
        .operands = element_types::all, .output_range = range_rule::same_as_input, .moves_elements = true};

    /// Axis i of the output is axis permutation[i] of the input; as many entries count as the input has axes.
    std::array<std::int32_t, shape::max_rank> permutation{0, 1, 2, 3, 4, 5};

    static constexpr auto attributes = attribute_list{attribute{"permutation", &transpose::permutation}};

    friend constexpr bool operator==(const transpose&, const transpose&) = default;

  private:
    // Defined first: clang (docs/design.md, section 1).
    template <class T> constexpr void reorder(const const_tensor& in, const tensor& out) const {
        const auto strides = strides_of(in.shape());
        std::array<std::int64_t, shape::max_rank> walk{};
        for (int axis = 0; axis < in.shape().rank; ++axis)
            walk[static_cast<std::size_t>(axis)] =
                strides[static_cast<std::size_t>(permutation[static_cast<std::size_t>(axis)])];
        T* to = out.as<T>();
        for_each_offset(out.shape(), walk, [&](std::int64_t offset) { *to++ = in.as<T>()[offset]; });
    }

  public:
    constexpr shape output_shape(shapes in) const {
        require(in.size() == 1, "transpose takes one input");
        axis_set seen;
        shape result;
        for (int axis = 0; axis < in[0].rank; ++axis) {
            const std::int32_t source = permutation[static_cast<std::size_t>(axis)];
            require(source >= 0 && source < in[0].rank && !seen.contains(source),
                    "a permutation must name every axis once");
            seen.insert(source);
            result.append(in[0][source]);
        }
        return result;
    }

    constexpr void compute(const_tensors in, tensors out) const {
        with_element_type(out[0].facts.type, [&](auto each) { reorder<decltype(each)>(in[0], out[0]); });
    }

    template <signature S>
    requires same_stored_types<S>
    constexpr void compute_integer(const_tensors in, tensors out) const { reorder<element<S.y>>(in[0], out[0]); }
};

} // namespace ctq::inline CTQ_TARGET::op
