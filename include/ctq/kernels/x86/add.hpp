#pragma once
// add on x86: a pair of inputs is one dual multiply-add, as weighted_sum is made for. TFLite's double rounding and
// operands that do not repeat in blocks go to the definition.
// room: kernels | runs on: x86-64 with AVX-512BW or AVX2 | heap: no

#include <ctq/kernels/kernel.hpp>
#include <ctq/kernels/x86/elementwise.hpp>
#include <ctq/kernels/x86/signatures.hpp>
#include <ctq/operators/add.hpp>

#include <type_traits>

namespace ctq::inline CTQ_TARGET::kernels {

#if defined(__AVX2__)

namespace x86 {

/// What one vector of sums needs.
template <class Elements> struct weighted_adder {
    using vector = typename Elements::vector;
    using vectors = typename Elements::vectors;

    vector zeros_full, zeros_other, multipliers, half, zero_point, low, high;
    int shift;

    weighted_adder(const sum_scaling& s, const limits& range, bool swapped, std::int32_t zero_full,
                   std::int32_t zero_other, std::int32_t zero)
        : zeros_full(all16(zero_full)),
          zeros_other(all16(zero_other)),
          multipliers(vectors::all32(pair(swapped ? s.right.multiplier : s.left.multiplier,
                                          swapped ? s.left.multiplier : s.right.multiplier))),
          half(vectors::all32(rounding_half<std::int32_t>(s.result.shift))),
          zero_point(all16(zero)),
          low(vectors::all8(static_cast<std::int8_t>(range.low))),
          high(vectors::all8(static_cast<std::int8_t>(range.high))),
          shift(s.result.shift) {}

    CTQ_ALWAYS_INLINE inline void operator()(const std::int8_t* full, const std::int8_t* other, std::int8_t* to) const {
        const vector narrowed =
            vectors::narrow16(half_of(full, other), half_of(full + Elements::width / 2, other + Elements::width / 2));
        vectors::store(to, vectors::least8(vectors::largest8(Elements::in_order(narrowed), low), high));
    }

  private:
    static vector all16(std::int32_t value) { return vectors::all16(static_cast<std::int16_t>(value)); }
    static std::int32_t pair(std::int32_t first, std::int32_t second) { return second * 65536 + first; }

    CTQ_ALWAYS_INLINE inline vector half_of(const std::int8_t* full, const std::int8_t* other) const {
        const vector a = Elements::subtract16(Elements::widen(full), zeros_full);
        const vector b = Elements::subtract16(Elements::widen(other), zeros_other);
        const vector sums = vectors::narrow32(scaled(Elements::low_pairs(a, b)), scaled(Elements::high_pairs(a, b)));
        return vectors::saturating_add16(sums, zero_point);
    }
    CTQ_ALWAYS_INLINE inline vector scaled(vector pairs) const {
        return Elements::shift_right(vectors::add32(Elements::multiply_pairs(pairs, multipliers), half), shift);
    }
};

template <class Elements>
[[gnu::noinline]] void run_add(const elementwise_plan& plan, const sum_scaling& scales, const_tensors in,
                               const tensor& out) {
    const const_tensor &full = in[plan.full == 0 ? 0 : 1], &other = in[plan.full == 0 ? 1 : 0];
    const weighted_adder<Elements> work(scales, out.facts.range, plan.full != 0, full.zero_point(), other.zero_point(),
                                        out.zero_point());
    run_elementwise<Elements::width>(plan, full.as<std::int8_t>(), other.as<std::int8_t>(), out.as<std::int8_t>(),
                                     work);
}

template <signature S, class Elements, class Facts>
constexpr void add_or_define(const Facts& facts, const_tensors in, tensors out, const workspace& space) {
    const auto plan = plan_elementwise(in[0].shape(), in[1].shape(), out[0].shape());
    if constexpr (S.how == rounding::three_step)
        if (!std::is_constant_evaluated() && plan.supported)
            return run_add<Elements>(plan, facts.value.lowered.scales, in, out[0]);
    kernel<scalar, op::add, S>::run(facts, in, out, space);
}

} // namespace x86

template <signature S>
requires x86::requantized_bytes<S>
struct kernel<avx2, op::add, S> : kernel<scalar, op::add, S> {
    template <class Facts>
    static constexpr void run(const Facts& facts, const_tensors in, tensors out, const workspace& space) {
        x86::add_or_define<S, x86::elements32>(facts, in, out, space);
    }
};

#endif

#if defined(__AVX512BW__)

template <signature S>
requires x86::requantized_bytes<S>
struct kernel<avx512vnni, op::add, S> : kernel<scalar, op::add, S> {
    template <class Facts>
    static constexpr void run(const Facts& facts, const_tensors in, tensors out, const workspace& space) {
        x86::add_or_define<S, x86::elements64>(facts, in, out, space);
    }
};

#endif

} // namespace ctq::inline CTQ_TARGET::kernels
