#pragma once
// add over vectors: a pair of inputs is one dual multiply-add, as weighted_sum is made for. Operands that do not repeat
// in blocks and TFLite's double rounding go to the definition.
// room: kernels | runs on: all | heap: no

#include <ctq/kernels/kernel.hpp>
#include <ctq/kernels/vector/elementwise.hpp>
#include <ctq/kernels/vector/signatures.hpp>
#include <ctq/kernels/vector/unroll.hpp>
#include <ctq/kernels/vector/vectors.hpp>
#include <ctq/operators/add.hpp>

#include <type_traits>

namespace ctq::inline CTQ_TARGET::kernels {

namespace vector {

/// What one vector of sums needs.
template <class Vectors> struct weighted_adder {
    using vector = typename Vectors::vector;

    vector zeros_full, zeros_other, multipliers, half, zero_point, low, high;
    int shift;

    weighted_adder(const sum_scaling& s, const limits& range, bool swapped, std::int32_t zero_full,
                   std::int32_t zero_other, std::int32_t zero)
        : zeros_full(all16(zero_full)),
          zeros_other(all16(zero_other)),
          multipliers(Vectors::all32(pair(swapped ? s.right.multiplier : s.left.multiplier,
                                          swapped ? s.left.multiplier : s.right.multiplier))),
          half(Vectors::all32(rounding_half<std::int32_t>(s.result.shift))),
          zero_point(all16(zero)),
          low(Vectors::all8(static_cast<std::int8_t>(range.low))),
          high(Vectors::all8(static_cast<std::int8_t>(range.high))),
          shift(s.result.shift) {}

    CTQ_ALWAYS_INLINE inline void operator()(const std::int8_t* full, const std::int8_t* other, std::int8_t* to) const {
        const vector narrowed =
            Vectors::narrow16(half_of(full, other), half_of(full + Vectors::width / 2, other + Vectors::width / 2));
        Vectors::store(to, Vectors::least8(Vectors::largest8(Vectors::halves_in_order(narrowed), low), high));
    }

  private:
    static vector all16(std::int32_t value) { return Vectors::all16(static_cast<std::int16_t>(value)); }
    static std::int32_t pair(std::int32_t first, std::int32_t second) { return second * 65536 + first; }

    CTQ_ALWAYS_INLINE inline vector half_of(const std::int8_t* full, const std::int8_t* other) const {
        const vector a = Vectors::subtract16(Vectors::load16(full), zeros_full);
        const vector b = Vectors::subtract16(Vectors::load16(other), zeros_other);
        const vector sums =
            Vectors::narrow32(scaled(Vectors::interleave_low16(a, b)), scaled(Vectors::interleave_high16(a, b)));
        return Vectors::saturating_add16(sums, zero_point);
    }
    CTQ_ALWAYS_INLINE inline vector scaled(vector pairs) const {
        return Vectors::shift_right32(Vectors::add32(Vectors::multiply_add_pairs16(pairs, multipliers), half), shift);
    }
};

template <class Vectors>
[[gnu::noinline]] void run_add(const elementwise_plan& plan, const sum_scaling& scales, const_tensors in,
                               const tensor& out) {
    const const_tensor &full = in[plan.full == 0 ? 0 : 1], &other = in[plan.full == 0 ? 1 : 0];
    const weighted_adder<Vectors> work(scales, out.facts.range, plan.full != 0, full.zero_point(), other.zero_point(),
                                       out.zero_point());
    run_elementwise<Vectors::width>(plan, full.as<std::int8_t>(), other.as<std::int8_t>(), out.as<std::int8_t>(), work);
}

template <signature S, class Vectors, class Facts>
constexpr void add_or_define(const Facts& facts, const_tensors in, tensors out, const workspace& space) {
    const auto plan = plan_elementwise(in[0].shape(), in[1].shape(), out[0].shape());
    if constexpr (S.how == rounding::three_step)
        if (!std::is_constant_evaluated() && plan.supported)
            return run_add<Vectors>(plan, facts.value.lowered.scales, in, out[0]);
    kernel<scalar, op::add, S>::run(facts, in, out, space);
}

} // namespace vector

template <class Architecture, signature S>
requires vector::has_vectors<Architecture> && vector::requantized_bytes<S>
struct kernel<Architecture, op::add, S> : kernel<scalar, op::add, S> {
    template <class Facts>
    static constexpr void run(const Facts& facts, const_tensors in, tensors out, const workspace& space) {
        vector::add_or_define<S, vector::vectors_of<Architecture>>(facts, in, out, space);
    }
};

} // namespace ctq::inline CTQ_TARGET::kernels
