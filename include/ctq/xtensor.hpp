#pragma once
// xtensor: tensors of xtensor as what an emitted executor's run() and run_quantized() take and give: `net.run(image,
// scores)`, views and expressions included. Include it after the model's header and before the calls.
// runs on: host (xtensor 0.24; clang 19 needs -fno-relaxed-template-template-args for it)

#ifndef CTQ_SINGLE_HEADER
#include <ctq/core/diagnostics.hpp>
#include <ctq/execute/element_range.hpp>
#endif

#include <xtensor/xexpression.hpp>
#include <xtensor/xsemantic.hpp>

#include <concepts>
#include <cstddef>
#include <iterator>
#include <span>
#include <type_traits>

namespace ctq::inline CTQ_TARGET {

namespace detail {

template <class Tensor>
concept xtensor_expression = xt::is_xexpression<std::remove_const_t<Tensor>>::value;

/// Elements in row-major order, wherever they lie.
template <class Value, class Iterator> struct row_major_elements {
    using value_type = Value;
    static constexpr std::size_t extent = std::dynamic_extent;

    Iterator first, last;
    std::size_t count;

    constexpr Iterator begin() const { return first; }
    constexpr Iterator end() const { return last; }
    constexpr std::size_t size() const { return count; }
};

/// Faults unless the tensor has the wanted shape, extents of 1 in front apart: a batch of one sample may be one sample.
template <class Tensor> void check_shape(const Tensor& tensor, const shape& wanted) {
    const auto skip_ones = [](int rank, auto extent_of) {
        int first = 0;
        while (first < rank && extent_of(first) == 1) ++first;
        return first;
    };
    const auto extent = [&](int axis) {
        return static_cast<std::int64_t>(tensor.shape(static_cast<std::size_t>(axis)));
    };
    const int rank = static_cast<int>(tensor.dimension()), first = skip_ones(rank, extent);
    const int wanted_first = skip_ones(wanted.rank, [&](int axis) { return wanted[axis]; });
    bool equal = rank - first == wanted.rank - wanted_first;
    for (int axis = 0; equal && axis < rank - first; ++axis)
        equal = extent(first + axis) == wanted[wanted_first + axis];
    require(equal, "a tensor must have the shape of the model's input or output, extents of 1 in front apart");
}

} // namespace detail

/// Shapes are checked: `of` throws model_error for a tensor of another shape than the model's. Elements are read in
/// row-major order, whatever XTENSOR_DEFAULT_LAYOUT and XTENSOR_DEFAULT_TRAVERSAL are.
template <detail::xtensor_expression Tensor> struct element_range<Tensor> {
    static auto of(Tensor& tensor, const shape& wanted) {
        detail::check_shape(tensor, wanted);
        const auto first = tensor.template begin<xt::layout_type::row_major>();
        if constexpr (std::contiguous_iterator<std::remove_const_t<decltype(first)>>) {
            return std::span(first, tensor.size());
        } else {
            const auto last = tensor.template end<xt::layout_type::row_major>();
            using stored = typename std::remove_const_t<Tensor>::value_type;
            return detail::row_major_elements<stored, std::remove_const_t<decltype(first)>>{first, last, tensor.size()};
        }
    }
};

} // namespace ctq::inline CTQ_TARGET
