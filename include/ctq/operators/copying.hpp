#pragma once
// Operators that move elements and compute nothing: one body for every element type.
// room: operators | runs on: all | heap: no

#include <ctq/core/tensor.hpp>

#include <cstddef>
#include <type_traits>

namespace ctq::inline CTQ_TARGET::op {

/// to[at] = from[source], elements of a tensor; two int4 share an entry.
template <class Element>
constexpr void copy_element(const Element* from, std::size_t source, Element* to, std::size_t at) {
    if constexpr (std::is_same_v<Element, int4_pair>)
        to[at / 2].set(at, from[source / 2][source]);
    else
        to[at] = from[source];
}

/// out[i] = in[i] for tensors whose elements are stored as `Element`.
template <class Element> constexpr void copy_elements(const const_tensor& in, const tensor& out) {
    const Element* from = in.as<Element>();
    Element* to = out.as<Element>();
    if (from == to) return;
    const std::size_t entries = entries_of(out.facts.type, out.size());
    for (std::size_t i = 0; i < entries; ++i) to[i] = from[i];
}

/// The same for tensors of one element type, whichever it is.
constexpr void copy_elements(const const_tensor& in, const tensor& out) {
    with_element_type(out.facts.type, [&](auto each) { copy_elements<decltype(each)>(in, out); });
}

} // namespace ctq::inline CTQ_TARGET::op
