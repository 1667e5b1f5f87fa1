#pragma once
// slice: some of the elements along each axis: from one on, every so many, forwards or backwards, or one over and over.
// room: operators | runs on: all | heap: no

#include <ctq/operators/element_walks.hpp>
#include <ctq/operators/element_wise.hpp>
#include <ctq/registry/operation.hpp>

namespace ctq::inline CTQ_TARGET::op {

/// Along each axis of the input the `count` elements `first`, `first` + `step`, ..., of a step of 0 the same one; as
/// many entries count as the input has axes. Integer meaning: the same, exact. Cost: one read and one write an element
/// of the output.
struct slice {
    static constexpr std::string_view name = "slice";
    static constexpr std::string_view cpp_name = "ctq::op::slice";
    static constexpr operator_traits traits{
        .operands = element_types::all, .output_range = range_rule::same_as_input, .moves_elements = true};

    using numbers = std::array<std::int32_t, shape::max_rank>;
    numbers first{}, step{}, count{};

    static constexpr auto attributes = attribute_list{
        attribute{"first", &slice::first}, attribute{"step", &slice::step}, attribute{"count", &slice::count}};

    friend constexpr bool operator==(const slice&, const slice&) = default;

  private:
    // Defined first: clang (docs/design.md, section 1).
    template <class T> constexpr void pick(const const_tensor& in, const tensor& out) const {
        auto walk = strides_of(in.shape());
        std::int64_t origin = 0;
        for (std::size_t axis = 0; axis < static_cast<std::size_t>(in.shape().rank); ++axis) {
            origin += first[axis] * walk[axis];
            walk[axis] *= step[axis];
        }
        T* to = out.as<T>();
        for_each_offset(out.shape(), walk, [&](std::int64_t offset) { *to++ = in.as<T>()[origin + offset]; });
    }

  public:
    constexpr shape output_shape(shapes in) const {
        require(in.size() == 1, "slice takes one input");
        shape result;
        for (int axis = 0; axis < in[0].rank; ++axis) {
            const auto x = static_cast<std::size_t>(axis);
            require(count[x] >= 0, "a slice must not have a negative number of elements");
            const std::int64_t last = first[x] + std::int64_t{step[x]} * (count[x] - 1);
            require(count[x] == 0 || (first[x] >= 0 && first[x] < in[0][axis] && last >= 0 && last < in[0][axis]),
                    "a slice must lie within the input");
            result.append(count[x]);
        }
        return result;
    }

    constexpr void compute(const_tensors in, tensors out) const {
        with_element_type(out[0].facts.type, [&](auto each) { pick<decltype(each)>(in[0], out[0]); });
    }

    template <signature S>
    requires same_stored_types<S>
    constexpr void compute_integer(const_tensors in, tensors out) const { pick<element<S.y>>(in[0], out[0]); }

    constexpr slice permuted(std::span<const std::int32_t> permutation) const {
        slice result = *this;
        for (std::size_t axis = 0; axis < permutation.size(); ++axis) {
            const auto from = static_cast<std::size_t>(permutation[axis]);
            result.first[axis] = first[from];
            result.step[axis] = step[from];
            result.count[axis] = count[from];
        }
        return result;
    }
};

} // namespace ctq::inline CTQ_TARGET::op
