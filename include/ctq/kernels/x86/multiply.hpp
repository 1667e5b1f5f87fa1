#pragma once
// multiply on x86: products in int32, requantized like a layer's sums. Operands that do not repeat in blocks go to the
// definition.
// room: kernels | runs on: x86-64 with AVX-512BW or AVX2 | heap: no

#include <ctq/kernels/kernel.hpp>
#include <ctq/kernels/x86/elementwise.hpp>
#include <ctq/kernels/x86/epilogue.hpp>
#include <ctq/kernels/x86/signatures.hpp>
#include <ctq/operators/multiply.hpp>

#include <type_traits>

namespace ctq::inline CTQ_TARGET::kernels {

#if defined(__AVX2__)

namespace x86 {

/// What one vector of products needs.
template <class Requantizer, class Elements, bool LeftShifts> struct requantizing_multiplier {
    using vector = typename Elements::vector;
    using vectors = typename Elements::vectors;
    using finish = epilogue<Requantizer, vectors>;

    vector zeros_full, zeros_other, rounding;
    typename finish::block scales;
    output_constants<vectors> ends;

    requantizing_multiplier(const scaling& s, const limits& range, std::int32_t zero_full, std::int32_t zero_other,
                            std::int32_t zero)
        : zeros_full(vectors::all16(static_cast<std::int16_t>(zero_full))),
          zeros_other(vectors::all16(static_cast<std::int16_t>(zero_other))),
          rounding(vectors::all32(Requantizer::rounding(s))),
          scales(one_scale<Requantizer, vectors>(s)),
          ends(finish::prepare(zero, static_cast<std::int8_t>(range.low), static_cast<std::int8_t>(range.high))) {}

    /// In-lane halves of a vector's elements are requantized side by side, so that narrowing brings them into order.
    CTQ_ALWAYS_INLINE inline void operator()(const std::int8_t* full, const std::int8_t* other, std::int8_t* to) const {
        constexpr std::ptrdiff_t half = Elements::width / 2;
        const vector a0 = difference(full, zeros_full), b0 = difference(other, zeros_other);
        const vector a1 = difference(full + half, zeros_full), b1 = difference(other + half, zeros_other);
        const vector none = vectors::all32(0);
        const auto low = [&](vector a, vector b) CTQ_ALWAYS_INLINE {
            return product(Elements::low_pairs(a, none), Elements::low_pairs(b, none));
        };
        const auto high = [&](vector a, vector b) CTQ_ALWAYS_INLINE {
            return product(Elements::high_pairs(a, none), Elements::high_pairs(b, none));
        };
        const vector narrowed = finish::template apply_unordered<LeftShifts, true>(
            low(a0, b0), high(a0, b0), low(a1, b1), high(a1, b1), scales, ends);
        vectors::store(to, Elements::in_order(narrowed));
    }

  private:
    static CTQ_ALWAYS_INLINE inline vector difference(const std::int8_t* from, vector zeros) {
        return Elements::subtract16(Elements::widen(from), zeros);
    }
    CTQ_ALWAYS_INLINE inline vector product(vector a, vector b) const {
        return vectors::add32(Elements::multiply_pairs(a, b), rounding);
    }
};

template <class Requantizer, class Elements>
[[gnu::noinline]] void run_multiply(const elementwise_plan& plan, const scaling& scale, const_tensors in,
                                    const tensor& out) {
    const const_tensor &full = in[plan.full == 0 ? 0 : 1], &other = in[plan.full == 0 ? 1 : 0];
    const auto with = [&]<bool LeftShifts>(std::bool_constant<LeftShifts>) {
        const requantizing_multiplier<Requantizer, Elements, LeftShifts> work(scale, out.facts.range, full.zero_point(),
                                                                              other.zero_point(), out.zero_point());
        run_elementwise<Elements::width>(plan, full.as<std::int8_t>(), other.as<std::int8_t>(), out.as<std::int8_t>(),
                                         work);
    };
    if (Requantizer::shifts_left(scale))
        with(std::true_type{});
    else
        with(std::false_type{});
}

template <signature S, class Elements, class Facts>
constexpr void multiply_or_define(const Facts& facts, const_tensors in, tensors out, const workspace& space) {
    const auto plan = plan_elementwise(in[0].shape(), in[1].shape(), out[0].shape());
    if (!std::is_constant_evaluated() && plan.supported)
        return run_multiply<requantizer_of<S>, Elements>(plan, facts.value.lowered.scale, in, out[0]);
    kernel<scalar, op::multiply, S>::run(facts, in, out, space);
}

} // namespace x86

template <signature S>
requires x86::requantized_bytes<S>
struct kernel<avx2, op::multiply, S> : kernel<scalar, op::multiply, S> {
    template <class Facts>
    static constexpr void run(const Facts& facts, const_tensors in, tensors out, const workspace& space) {
        x86::multiply_or_define<S, x86::elements32>(facts, in, out, space);
    }
};

#endif

#if defined(__AVX512BW__)

template <signature S>
requires x86::requantized_bytes<S>
struct kernel<avx512vnni, op::multiply, S> : kernel<scalar, op::multiply, S> {
    template <class Facts>
    static constexpr void run(const Facts& facts, const_tensors in, tensors out, const workspace& space) {
        x86::multiply_or_define<S, x86::elements64>(facts, in, out, space);
    }
};

#endif

} // namespace ctq::inline CTQ_TARGET::kernels
