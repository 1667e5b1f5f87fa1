#pragma once
// Element by element over two tensors under numpy's broadcasting.
// room: operators | runs on: all | heap: no

#include <ctq/core/tensor.hpp>

#include <array>
#include <cstddef>

namespace ctq::inline CTQ_TARGET::op {

/// Calls visit(index of the output, index of a, index of b) for every output element, in order. Both shapes broadcast
/// to that of the output, which a third one may have widened.
template <class Visitor>
constexpr void for_each_broadcast(const shape& out, const shape& a, const shape& b, Visitor visit) {
    const auto elements = static_cast<std::size_t>(out.elements());
    if (a == out && b == out) {
        for (std::size_t i = 0; i < elements; ++i) visit(i, i, i);
        return;
    }
    const auto step_a = broadcast_strides(a, out), step_b = broadcast_strides(b, out);
    std::array<std::int32_t, shape::max_rank> at{};
    std::int64_t in_a = 0, in_b = 0;
    for (std::size_t i = 0; i < elements; ++i) {
        visit(i, static_cast<std::size_t>(in_a), static_cast<std::size_t>(in_b));
        for (int axis = out.rank - 1; axis >= 0; --axis) {
            const auto x = static_cast<std::size_t>(axis);
            in_a += step_a[x];
            in_b += step_b[x];
            if (++at[x] < out[axis]) break;
            in_a -= step_a[x] * at[x];
            in_b -= step_b[x] * at[x];
            at[x] = 0;
        }
    }
}

} // namespace ctq::inline CTQ_TARGET::op
