#pragma once
// multiply over vectors: products in int32, requantized like a layer's sums. Operands that do not repeat in blocks go
// to the definition.
// room: kernels | runs on: all | heap: no

#include <ctq/kernels/kernel.hpp>
#include <ctq/kernels/vector/elementwise.hpp>
#include <ctq/kernels/vector/requantize.hpp>
#include <ctq/kernels/vector/signatures.hpp>
#include <ctq/kernels/vector/unroll.hpp>
#include <ctq/kernels/vector/vectors.hpp>
#include <ctq/operators/multiply.hpp>

#include <type_traits>

namespace ctq::inline CTQ_TARGET::kernels {

namespace vector {

/// What one vector of products needs.
template <class Requantizer, class Vectors, bool LeftShifts> struct requantizing_multiplier {
    using vector = typename Vectors::vector;
    using finish = epilogue<Requantizer, Vectors>;

    vector zeros_full, zeros_other, rounding;
    typename finish::block scales;
    output_constants<Vectors> ends;

    requantizing_multiplier(const scaling& s, const limits& range, std::int32_t zero_full, std::int32_t zero_other,
                            std::int32_t zero)
        : zeros_full(Vectors::all16(static_cast<std::int16_t>(zero_full))),
          zeros_other(Vectors::all16(static_cast<std::int16_t>(zero_other))),
          rounding(Vectors::all32(Requantizer::rounding(s))),
          scales(one_scale<Requantizer, Vectors>(s)),
          ends(finish::prepare(zero, static_cast<std::int8_t>(range.low), static_cast<std::int8_t>(range.high))) {}

    /// Interleaved halves of a vector's elements are requantized side by side, so that narrowing brings them into
    /// order.
    CTQ_ALWAYS_INLINE inline void operator()(const std::int8_t* full, const std::int8_t* other, std::int8_t* to) const {
        constexpr std::ptrdiff_t half = Vectors::width / 2;
        const vector a0 = difference(full, zeros_full), b0 = difference(other, zeros_other);
        const vector a1 = difference(full + half, zeros_full), b1 = difference(other + half, zeros_other);
        const vector none = Vectors::all32(0);
        const auto low = [&](vector a, vector b) CTQ_ALWAYS_INLINE {
            return product(Vectors::interleave_low16(a, none), Vectors::interleave_low16(b, none));
        };
        const auto high = [&](vector a, vector b) CTQ_ALWAYS_INLINE {
            return product(Vectors::interleave_high16(a, none), Vectors::interleave_high16(b, none));
        };
        const vector narrowed = finish::template apply_unordered<LeftShifts, true>(
            low(a0, b0), high(a0, b0), low(a1, b1), high(a1, b1), scales, ends);
        Vectors::store(to, Vectors::halves_in_order(narrowed));
    }

  private:
    static CTQ_ALWAYS_INLINE inline vector difference(const std::int8_t* from, vector zeros) {
        return Vectors::subtract16(Vectors::load16(from), zeros);
    }
    CTQ_ALWAYS_INLINE inline vector product(vector a, vector b) const {
        return Vectors::add32(Vectors::multiply_add_pairs16(a, b), rounding);
    }
};

template <class Requantizer, class Vectors>
[[gnu::noinline]] void run_multiply(const elementwise_plan& plan, const scaling& scale, const_tensors in,
                                    const tensor& out) {
    const const_tensor &full = in[plan.full == 0 ? 0 : 1], &other = in[plan.full == 0 ? 1 : 0];
    const auto with = [&]<bool LeftShifts>(std::bool_constant<LeftShifts>) {
        const requantizing_multiplier<Requantizer, Vectors, LeftShifts> work(scale, out.facts.range, full.zero_point(),
                                                                             other.zero_point(), out.zero_point());
        run_elementwise<Vectors::width>(plan, full.as<std::int8_t>(), other.as<std::int8_t>(), out.as<std::int8_t>(),
                                        work);
    };
    if (Requantizer::shifts_left(scale))
        with(std::true_type{});
    else
        with(std::false_type{});
}

template <signature S, class Vectors, class Facts>
constexpr void multiply_or_define(const Facts& facts, const_tensors in, tensors out, const workspace& space) {
    const auto plan = plan_elementwise(in[0].shape(), in[1].shape(), out[0].shape());
    if (!std::is_constant_evaluated() && plan.supported)
        return run_multiply<requantizer_of<S>, Vectors>(plan, facts.value.lowered.scale, in, out[0]);
    kernel<scalar, op::multiply, S>::run(facts, in, out, space);
}

} // namespace vector

template <class Architecture, signature S>
requires vector::has_vectors<Architecture> && vector::requantized_bytes<S>
struct kernel<Architecture, op::multiply, S> : kernel<scalar, op::multiply, S> {
    template <class Facts>
    static constexpr void run(const Facts& facts, const_tensors in, tensors out, const workspace& space) {
        vector::multiply_or_define<S, vector::vectors_of<Architecture>>(facts, in, out, space);
    }
};

} // namespace ctq::inline CTQ_TARGET::kernels
