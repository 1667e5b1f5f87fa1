#pragma once
// Element by element over two int8 tensors: what add and multiply share. The second operand may repeat along the
// first: one value, one a channel, or any trailing part of the shape.
// room: kernels | runs on: all | heap: no

#include <ctq/core/tensor.hpp>
#include <ctq/kernels/vector/unroll.hpp>

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <numeric>

namespace ctq::inline CTQ_TARGET::kernels::vector {

/// One operand (`full`) has the output's shape; the other repeats after `period` elements.
struct elementwise_plan {
    bool supported = false;
    int full = 0;
    std::ptrdiff_t elements = 0, period = 0;
};

/// The period of `repeating` under numpy's broadcasting to `out`, or 0 if it is no repetition of a contiguous block.
constexpr std::ptrdiff_t period_of(const shape& repeating, const shape& out) {
    int axis = repeating.rank - 1, in_out = out.rank - 1;
    std::ptrdiff_t period = 1;
    for (; axis >= 0 && repeating[axis] == out[in_out]; --axis, --in_out) period *= repeating[axis];
    for (; axis >= 0; --axis)
        if (repeating[axis] != 1) return 0;
    return period;
}

constexpr elementwise_plan plan_elementwise(const shape& a, const shape& b, const shape& out) {
    const auto elements = static_cast<std::ptrdiff_t>(out.elements());
    const auto is_full = [&](const shape& of) { return of.elements() == out.elements(); };
    elementwise_plan plan{false, is_full(a) ? 0 : 1, elements, 0};
    if (elements == 0 || (!is_full(a) && !is_full(b))) return plan;
    plan.period = is_full(a) && is_full(b) ? elements : period_of(plan.full == 0 ? b : a, out);
    plan.supported = plan.period > 0;
    return plan;
}

/// Applies work(a, b, to), which makes `width` outputs, to `count` elements; the rest goes through a buffer, so that
/// nothing outside is touched and `to` may be `a` or `b`.
template <std::ptrdiff_t Width, class Work>
CTQ_ALWAYS_INLINE inline void for_each_vector(const std::int8_t* a, const std::int8_t* b, std::int8_t* to,
                                              std::ptrdiff_t count, Work&& work) {
    std::ptrdiff_t i = 0;
    for (; i + Width <= count; i += Width) work(a + i, b + i, to + i);
    if (i == count) return;
    alignas(64) std::int8_t rest_a[Width] = {}, rest_b[Width] = {}, rest[Width];
    const auto left = static_cast<std::size_t>(count - i);
    std::memcpy(rest_a, a + i, left);
    std::memcpy(rest_b, b + i, left);
    work(rest_a, rest_b, rest);
    std::memcpy(to + i, rest, left);
}

/// The whole tensor. An operand that repeats after fewer elements than a vector has is first written out so often
/// that whole vectors repeat.
template <std::ptrdiff_t Width, class Work>
void run_elementwise(const elementwise_plan& plan, const std::int8_t* full, const std::int8_t* other, std::int8_t* to,
                     Work&& work) {
    alignas(64) std::int8_t repeated[Width * Width];
    std::ptrdiff_t period = plan.period;
    if (period < Width && plan.elements > period) {
        const std::ptrdiff_t longer = std::lcm(period, Width);
        for (std::ptrdiff_t i = 0; i < longer; i += period)
            std::memcpy(repeated + i, other, static_cast<std::size_t>(period));
        other = repeated;
        period = longer;
    }
    for (std::ptrdiff_t first = 0; first < plan.elements; first += period) {
        const std::ptrdiff_t left = plan.elements - first;
        for_each_vector<Width>(full + first, other, to + first, left < period ? left : period, work);
    }
}

} // namespace ctq::inline CTQ_TARGET::kernels::vector
