#pragma once
// Requantization of int32 vectors to int8, once for all instruction sets: the epilogue of every kernel. Equal bit for
// bit to the scalar definitions in core for every accumulator within headroom.
// room: kernels | runs on: all | heap: no

#include <ctq/core/requantize.hpp>
#include <ctq/kernels/vector/provider.hpp>

#include <cstdint>

namespace ctq::inline CTQ_TARGET::kernels::vector {

/// The constants of an output tensor: its zero point in the form that a requantizer adds, its bounds.
template <class Vectors> struct output_constants {
    using vector = typename Vectors::vector;

    vector offset; // int16 lanes
    vector low;    // int8 lanes
    vector high;

    /// int8 lanes within the bounds. Bounded may be false if these are [-128, 127].
    template <bool Bounded> vector clamped(vector bytes) const {
        if constexpr (!Bounded) return bytes;
        return Vectors::least8(Vectors::largest8(bytes, low), high);
    }
};

/// Four accumulator vectors to one vector of int8. Specialised for each requantizer; every specialisation has
///
/// - `channels`: parameters of `lanes` channels; `load(multipliers, shifts)` reads them from tables in channel order;
/// - `block`: parameters of four accumulator vectors, made once by `join(c0, c1, c2, c3)` before the pixel loop. The
///   same channels may be joined four times (four pixels of one channel vector);
/// - `prepare(zero_point, low, high)`: the output_constants of an int8 tensor;
/// - `apply<LeftShifts, Bounded>(a0, a1, a2, a3, block, constants)`: 4 * lanes results, those of a0 first.
///   The accumulators carry Requantizer::rounding already. LeftShifts may be false if no channel's scaling
///   shifts_left; Bounded may be false if [low, high] is [-128, 127].
/// - `apply_with_residual(a0, ..., constants, residual)`: apply with a residual's terms, where the requantizer
///   adds_residual;
/// - `apply_unordered`: the same without the final permutation: dword 4 l + j of the result is the l-th four of aj. For
///   kernels whose channels are packed in that order.
template <class Requantizer, class Vectors> struct epilogue;

template <class Vectors> struct epilogue<three_step, Vectors> {
    using requantizer = three_step;
    using multiplier_type = requantizer::multiplier_type;
    using vector = typename Vectors::vector;
    static constexpr int lanes = Vectors::lanes;

    struct channels {
        vector multiplier;
        vector shift;
    };

    struct block {
        vector multiplier01, multiplier23; // int16, in the order that narrowing leaves
        vector shift0, shift1, shift2, shift3;
    };

    static channels load(const multiplier_type* multipliers, const std::int8_t* shifts) {
        return {Vectors::load(multipliers), Vectors::load(shifts)};
    }

    static block join(const channels& c0, const channels& c1, const channels& c2, const channels& c3) {
        return {Vectors::narrow32(c0.multiplier, c1.multiplier),
                Vectors::narrow32(c2.multiplier, c3.multiplier),
                c0.shift,
                c1.shift,
                c2.shift,
                c3.shift};
    }

    static output_constants<Vectors> prepare(std::int32_t zero_point, std::int8_t low, std::int8_t high) {
        return {Vectors::all16(static_cast<std::int16_t>(requantizer::offset(zero_point))), Vectors::all8(low),
                Vectors::all8(high)};
    }

    template <bool LeftShifts, bool Bounded>
    static vector apply_unordered(vector a0, vector a1, vector a2, vector a3, const block& p,
                                  const output_constants<Vectors>& out) {
        const vector short01 = Vectors::narrow32(shift<LeftShifts>(a0, p.shift0), shift<LeftShifts>(a1, p.shift1));
        const vector short23 = Vectors::narrow32(shift<LeftShifts>(a2, p.shift2), shift<LeftShifts>(a3, p.shift3));
        const vector narrowed =
            Vectors::narrow16(finish(short01, p.multiplier01, out.offset), finish(short23, p.multiplier23, out.offset));
        return out.template clamped<Bounded>(narrowed);
    }

    template <bool LeftShifts, bool Bounded>
    static vector apply(vector a0, vector a1, vector a2, vector a3, const block& p,
                        const output_constants<Vectors>& out) {
        return Vectors::in_order(apply_unordered<LeftShifts, Bounded>(a0, a1, a2, a3, p, out));
    }

    /// The residual tensor's zero point and multiplier (requantizer::residual_term).
    struct residual_constants {
        vector zero_point; // int32 lanes
        vector multiplier; // int16 lanes
    };
    static residual_constants prepare_residual(std::int32_t zero_point, std::int32_t multiplier) {
        return {Vectors::all32(zero_point), Vectors::all16(static_cast<std::int16_t>(multiplier))};
    }

    /// `r0` to `r3`: the residual's integers, as int32, for the accumulators `a0` to `a3`.
    template <bool LeftShifts, bool Bounded>
    static vector apply_with_residual(vector a0, vector a1, vector a2, vector a3, const block& p,
                                      const output_constants<Vectors>& out, const residual_constants& c, vector r0,
                                      vector r1, vector r2, vector r3) {
        const vector short01 = Vectors::narrow32(shift<LeftShifts>(a0, p.shift0), shift<LeftShifts>(a1, p.shift1));
        const vector short23 = Vectors::narrow32(shift<LeftShifts>(a2, p.shift2), shift<LeftShifts>(a3, p.shift3));
        const vector narrowed = Vectors::narrow16(
            finish(short01, p.multiplier01, Vectors::saturating_add16(residual_terms(r0, r1, c), out.offset)),
            finish(short23, p.multiplier23, Vectors::saturating_add16(residual_terms(r2, r3, c), out.offset)));
        return out.template clamped<Bounded>(Vectors::in_order(narrowed));
    }

  private:
    static vector residual_terms(vector r0, vector r1, const residual_constants& c) {
        return Vectors::rounded_high_multiply16(
            Vectors::narrow32(Vectors::times128(Vectors::subtract32(r0, c.zero_point)),
                              Vectors::times128(Vectors::subtract32(r1, c.zero_point))),
            c.multiplier);
    }

    /// A left shift saturates: the accumulator is first clamped to what the shift can hold, which is beyond int16 after
    /// the shift. For right shifts the clamp is to the whole of int32.
    template <bool LeftShifts> static vector shift(vector a, vector counts) {
        if constexpr (!LeftShifts) {
            return Vectors::shift_right(a, counts);
        } else {
            const vector right = Vectors::largest32(counts, Vectors::all32(0));
            const vector left = Vectors::subtract32(right, counts);
            const vector high = Vectors::shift_right_logical(Vectors::all32(0x7FFFFFFF), left);
            const vector clamped = Vectors::least32(Vectors::largest32(a, Vectors::inverted(high)), high);
            return Vectors::shift_right(Vectors::shift_left(clamped, left), right);
        }
    }

    static vector finish(vector shortened, vector multiplier, vector offset) {
        return Vectors::template shift_right16<5>(
            Vectors::saturating_add16(Vectors::multiply_high16(shortened, multiplier), offset));
    }
};

template <class Vectors> struct epilogue<double_rounding, Vectors> {
    using requantizer = double_rounding;
    using multiplier_type = requantizer::multiplier_type;
    using vector = typename Vectors::vector;
    static constexpr int lanes = Vectors::lanes;

    struct channels {
        vector multiplier, odd_multiplier;
        vector left;        // max(shift, 0)
        vector minus_right; // min(shift, 0)
        vector half;        // 2^(right - 1), 0 without a right shift
    };

    struct block {
        channels c0, c1, c2, c3;
    };

    static channels load(const multiplier_type* multipliers, const std::int8_t* shifts) {
        return prepare_channels(Vectors::load(multipliers), Vectors::load(shifts));
    }

    static channels prepare_channels(vector multiplier, vector shift) {
        const vector zero = Vectors::all32(0);
        const vector minus_right = Vectors::least32(shift, zero);
        const vector beyond =
            Vectors::subtract32(Vectors::all32(-1), minus_right); // right - 1; a count of -1 shifts out
        return {multiplier, Vectors::odd_to_even(multiplier), Vectors::largest32(shift, zero), minus_right,
                Vectors::shift_left(Vectors::all32(1), beyond)};
    }

    static block join(const channels& c0, const channels& c1, const channels& c2, const channels& c3) {
        return {c0, c1, c2, c3};
    }

    static output_constants<Vectors> prepare(std::int32_t zero_point, std::int8_t low, std::int8_t high) {
        return {Vectors::all16(static_cast<std::int16_t>(zero_point)), Vectors::all8(low), Vectors::all8(high)};
    }

    template <bool LeftShifts, bool Bounded>
    static vector apply_unordered(vector a0, vector a1, vector a2, vector a3, const block& p,
                                  const output_constants<Vectors>& out) {
        const vector short01 = Vectors::narrow32(scale<LeftShifts>(a0, p.c0), scale<LeftShifts>(a1, p.c1));
        const vector short23 = Vectors::narrow32(scale<LeftShifts>(a2, p.c2), scale<LeftShifts>(a3, p.c3));
        const vector narrowed = Vectors::narrow16(Vectors::saturating_add16(short01, out.offset),
                                                  Vectors::saturating_add16(short23, out.offset));
        return out.template clamped<Bounded>(narrowed);
    }

    template <bool LeftShifts, bool Bounded>
    static vector apply(vector a0, vector a1, vector a2, vector a3, const block& p,
                        const output_constants<Vectors>& out) {
        return Vectors::in_order(apply_unordered<LeftShifts, Bounded>(a0, a1, a2, a3, p, out));
    }

  private:
    template <bool LeftShifts> static vector scale(vector a, const channels& c) {
        if constexpr (LeftShifts) a = Vectors::shift_left(a, c.left);
        const vector rounded = high_multiply(a, c);
        const vector minus_one_if_negative = Vectors::sign32(Vectors::both(rounded, c.minus_right));
        const vector nudged = Vectors::add32(Vectors::add32(rounded, c.half), minus_one_if_negative);
        return Vectors::shift_right(nudged, Vectors::subtract32(Vectors::all32(0), c.minus_right));
    }

    /// floor(a * multiplier / 2^31 + 1/2): the even and the odd lanes in 64 bits each.
    static vector high_multiply(vector a, const channels& c) {
        const vector half = Vectors::all64(std::int64_t{1} << 30);
        const vector even = Vectors::add64(Vectors::multiply_even(a, c.multiplier), half);
        const vector odd = Vectors::add64(Vectors::multiply_even(Vectors::odd_to_even(a), c.odd_multiplier), half);
        return Vectors::even_and_odd(Vectors::halve64_to_even(even), Vectors::double64(odd));
    }
};

/// The parameters where a whole tensor has one scaling.
template <class Requantizer, class Vectors> typename epilogue<Requantizer, Vectors>::block one_scale(const scaling& s) {
    using finish = epilogue<Requantizer, Vectors>;
    typename Requantizer::multiplier_type multipliers[Vectors::lanes];
    std::int8_t shifts[Vectors::lanes];
    for (int lane = 0; lane < Vectors::lanes; ++lane) {
        multipliers[lane] = static_cast<typename Requantizer::multiplier_type>(s.multiplier);
        shifts[lane] = static_cast<std::int8_t>(s.shift);
    }
    const auto channels = finish::load(multipliers, shifts);
    return finish::join(channels, channels, channels, channels);
}

} // namespace ctq::inline CTQ_TARGET::kernels::vector
