#pragma once
// pad: a constant border around a tensor.
// room: operators | runs on: all | heap: no

#include <ctq/core/elementary.hpp>
#include <ctq/operators/element_walks.hpp>
#include <ctq/operators/element_wise.hpp>
#include <ctq/registry/operation.hpp>

namespace ctq::inline CTQ_TARGET::op {

/// Input of any rank, output larger by `before` and `after` along each axis, 0 or more each: filled with `value`.
/// Integer meaning: exact, the fill rounded to the nearest integer; the output's range holds it.
struct pad {
    static constexpr std::string_view name = "pad";
    static constexpr std::string_view cpp_name = "ctq::op::pad";
    static constexpr operator_traits traits{.output_range = range_rule::same_as_input, .adds_nothing = true};

    using widths = std::array<std::int32_t, shape::max_rank>;
    widths before{}, after{};
    float value = 0;

    static constexpr auto attributes = attribute_list{attribute{"before", &pad::before},
                                                      attribute{"after", &pad::after}, attribute{"value", &pad::value}};

    friend constexpr bool operator==(const pad&, const pad&) = default;

    struct lowered {
        std::int32_t fill = 0; ///< `value` as an integer

        static constexpr auto attributes = attribute_list{attribute{"fill", &lowered::fill}};
        friend constexpr bool operator==(const lowered&, const lowered&) = default;
    };

  private:
    // Defined first: clang (docs/design.md, section 1).
    template <class T> constexpr void surround(const const_tensor& in, const tensor& out, T with) const {
        for (std::size_t i = 0; i < out.size(); ++i) out.as<T>()[i] = with;
        const auto strides = strides_of(out.shape());
        std::int64_t origin = 0;
        for (int axis = 0; axis < in.shape().rank; ++axis)
            origin += before[static_cast<std::size_t>(axis)] * strides[static_cast<std::size_t>(axis)];
        const T* from = in.as<T>();
        for_each_offset(in.shape(), strides, [&](std::int64_t offset) { out.as<T>()[origin + offset] = *from++; });
    }

  public:
    constexpr shape output_shape(shapes in) const {
        require(in.size() == 1, "pad takes one input");
        shape result = in[0];
        for (int axis = 0; axis < in[0].rank; ++axis) {
            const auto x = static_cast<std::size_t>(axis);
            require(before[x] >= 0 && after[x] >= 0, "pads must not be negative");
            require(std::int64_t{before[x]} + after[x] <= 2147483647 - in[0][axis], "pads make an axis too long");
            result[axis] += before[x] + after[x];
        }
        return result;
    }

    /// The fill. An infinite one saturates, and one so large that it stands for infinity: see with_added.
    constexpr bounds added_bounds() const {
        return elementary::is_finite(value) ? bounds{value, value} : bounds{0.0f, 0.0f};
    }

    constexpr void compute(const_tensors in, tensors out) const { surround<float>(in[0], out[0], value); }

    template <signature S>
    requires same_stored_types<S>
    constexpr void compute_integer(const lowered& with, const_tensors in, tensors out) const {
        surround<element<S.y>>(in[0], out[0], static_cast<element<S.y>>(with.fill));
    }

    template <signature S, lowering_view Node>
    requires same_stored_types<S>
    constexpr lowered lower(Node& node) const {
        node.keep(0);
        return {ctq::quantize(value, node.output())};
    }

    constexpr pad permuted(std::span<const std::int32_t> permutation) const {
        pad result = *this;
        for (std::size_t axis = 0; axis < permutation.size(); ++axis) {
            result.before[axis] = before[static_cast<std::size_t>(permutation[axis])];
            result.after[axis] = after[static_cast<std::size_t>(permutation[axis])];
        }
        return result;
    }
};

} // namespace ctq::inline CTQ_TARGET::op
