#pragma once
// element_range: how an executor sees what run() is given: elements in row-major order, one after the other.
// room: execute | runs on: all | heap: no

#include <ctq/core/shape.hpp>

#include <iterator>
#include <span>

namespace ctq::inline CTQ_TARGET {

/// `of(range, wanted)` gives something with begin(), size(), `extent` (a span's, or std::dynamic_extent) and
/// `value_type`; `wanted` is the shape of the model's input or output. Contiguous ranges are spans, and have no shape
/// to be wrong. Specialised for tensors: ctq/xtensor.hpp.
template <class Range> struct element_range {
    static constexpr auto of(Range& range, const shape&) {
        if constexpr (requires { std::span(range); }) {
            using elements = decltype(std::span(range));
            if constexpr (elements::extent != std::dynamic_extent)
                return elements(range);
            else // from where it begins: the data() of a view of xtensor's is that of the whole
                return elements(std::begin(range), std::size(range));
        } else {
            static_assert(
                requires { std::span(range); },
                "ctq: run: ranges whose elements lie one after the other are required, which "
                "std::vector<bool> is not; use std::array, or include ctq/xtensor.hpp for xtensor's tensors");
            return std::span<std::iter_value_t<decltype(std::begin(range))>>(); // so that this is all that is said
        }
    }
};

} // namespace ctq::inline CTQ_TARGET
