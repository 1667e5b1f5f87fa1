#pragma once
// concat: tensors joined along one axis.
// room: operators | runs on: all | heap: no

#include <ctq/operators/axes.hpp>
#include <ctq/operators/element_wise.hpp>
#include <ctq/registry/operation.hpp>

namespace ctq::inline CTQ_TARGET::op {

/// Integer meaning: a copy. Quantization gives all inputs and the output one scale and zero point.
struct concat {
    static constexpr std::string_view name = "concat";
    static constexpr std::string_view cpp_name = "ctq::op::concat";
    static constexpr operator_traits traits{.operands = element_types::all,
                                            .output_range = range_rule::same_as_input,
                                            .adds_nothing = true,
                                            .aligns_operands = true};

    std::int32_t axis = -1;

    static constexpr auto attributes = attribute_list{attribute{"axis", &concat::axis}};

    friend constexpr bool operator==(const concat&, const concat&) = default;

  private:
    // Defined first: clang (docs/design.md, section 1).
    template <class T> constexpr void join(const_tensors in, const tensor& out) const {
        const int along = out.shape().normalized_axis(axis);
        const auto outer = static_cast<std::size_t>(out.shape().elements(0, along));
        const auto whole = static_cast<std::size_t>(out.shape().elements(along, out.shape().rank));
        std::size_t start = 0;
        for (const const_tensor& part : in) {
            const auto length = static_cast<std::size_t>(part.shape().elements(along, part.shape().rank));
            for (std::size_t o = 0; o < outer; ++o)
                for (std::size_t i = 0; i < length; ++i)
                    out.as<T>()[o * whole + start + i] = part.as<T>()[o * length + i];
            start += length;
        }
    }

  public:
    constexpr shape output_shape(shapes in) const {
        require(!in.empty(), "concat takes at least one input");
        shape result = in[0];
        const int along = result.normalized_axis(axis);
        for (std::size_t i = 1; i < in.size(); ++i) {
            require(in[i].rank == result.rank, "the inputs of concat must have the same number of axes");
            for (int other = 0; other < result.rank; ++other)
                require(other == along || in[i][other] == result[other],
                        "the inputs of concat may differ along its axis only");
            require(in[i][along] <= 2147483647 - result[along], "concat makes an axis too long");
            result[along] += in[i][along];
        }
        return result;
    }

    constexpr void compute(const_tensors in, tensors out) const {
        with_element_type(out[0].facts.type, [&](auto each) { join<decltype(each)>(in, out[0]); });
    }

    template <signature S>
    requires same_stored_types<S>
    constexpr void compute_integer(const_tensors in, tensors out) const { join<element<S.y>>(in, out[0]); }

    constexpr concat permuted(std::span<const std::int32_t> permutation) const {
        const auto rank = static_cast<std::int32_t>(permutation.size());
        return {permuted_axis(axis < 0 ? axis + rank : axis, permutation)};
    }
};

} // namespace ctq::inline CTQ_TARGET::op
