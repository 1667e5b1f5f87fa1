#pragma once
// Operators that move elements and compute nothing: one body for every element type.
// room: operators | runs on: all | heap: no

#include <ctq/core/tensor.hpp>

#include <cstddef>

namespace ctq::inline CTQ_TARGET::op {

/// out[i] = in[i] for tensors of one element type.
constexpr void copy_elements(const const_tensor& in, const tensor& out) {
    with_element_type(out.facts.type, [&](auto element) {
        using type = decltype(element);
        const type* from = in.as<type>();
        type* to = out.as<type>();
        if (from == to) return;
        const std::size_t entries = entries_of(out.facts.type, out.size());
        for (std::size_t i = 0; i < entries; ++i) to[i] = from[i];
    });
}

} // namespace ctq::inline CTQ_TARGET::op
