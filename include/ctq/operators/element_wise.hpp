#pragma once
// element_wise: what operators without weights share: the walks over two broadcast operands, which stored types their
// integer meanings take, and how far their integers lie from zero.
// room: operators | runs on: all | heap: no

#include <ctq/core/requantize.hpp>
#include <ctq/operators/broadcast.hpp>
#include <ctq/registry/operation.hpp>

#include <cstddef>
#include <cstdint>
#include <type_traits>

namespace ctq::inline CTQ_TARGET::op {

/// Operands and output of any activation types, and results that are rounded.
template <signature S>
concept element_wise_signature = is_activation(S.x) && is_activation(S.w) && is_activation(S.y) && rounded<S>;

/// Operators that move or choose elements: one type for all.
template <signature S>
concept same_stored_types = is_activation(S.x) && S.x == S.w&& S.x == S.y;

/// Calls `visitor` as with_element_type does, for the types whose elements are an entry of their own each: all but
/// int4.
template <class Visitor> constexpr void with_entry_type(dtype type, Visitor&& visitor) {
    require(type != dtype::int4, "the operator takes no int4");
    with_element_type(type, [&](auto each) {
        if constexpr (!std::is_same_v<decltype(each), int4_pair>) visitor(each);
    });
}

/// to[i] = combine(a, b) of two operands of type T, broadcast.
template <class T, class Combine>
constexpr void for_each_pair_of(const_tensors in, const tensor& out, Combine combine) {
    const T *a = in[0].as<T>(), *b = in[1].as<T>();
    auto* to = out.as<std::invoke_result_t<Combine, T, T>>();
    for_each_broadcast(out.shape(), in[0].shape(), in[1].shape(),
                       [&](std::size_t i, std::size_t in_a, std::size_t in_b) { to[i] = combine(a[in_a], b[in_b]); });
}

/// The same of float, int32 or int64.
template <class Combine> constexpr void for_each_pair(const_tensors in, const tensor& out, Combine combine) {
    with_number_type(in[0].facts.type, [&](auto each) { for_each_pair_of<decltype(each)>(in, out, combine); });
}

/// to[i] = combine(a, b), a and b less their zero points, clamped to the output's range.
template <signature S, class Combine>
constexpr void for_each_integer_pair(const_tensors in, const tensor& out, Combine combine) {
    const auto* a = in[0].as<element<S.x>>();
    const auto* b = in[1].as<element<S.w>>();
    auto* to = out.as<element<S.y>>();
    const std::int32_t zero_a = in[0].zero_point(), zero_b = in[1].zero_point();
    for_each_broadcast(
        out.shape(), in[0].shape(), in[1].shape(), [&](std::size_t i, std::size_t in_a, std::size_t in_b) {
            to[i] = static_cast<element<S.y>>(out.facts.range.clamp(combine(a[in_a] - zero_a, b[in_b] - zero_b)));
        });
}

/// The largest |integer - zero point| of a tensor.
constexpr std::int64_t farthest_from_zero(const tensor_facts& of) {
    const std::int64_t below = std::int64_t{of.quantization.zero_point} - of.range.low;
    const std::int64_t above = std::int64_t{of.range.high} - of.quantization.zero_point;
    return below > above ? below : above;
}

/// True for nodes whose integers are all of 8 bits: vector kernels run them in 32 bits, without saturation.
template <signature S> constexpr bool all_bytes = is_byte(S.x) && is_byte(S.w) && is_byte(S.y);

/// A scale for outputs of 8 bits that saturate: from 1024 on, every accumulator but 0 leaves them. So a larger scale
/// need not be encoded, and costs no headroom.
template <signature S> constexpr bool saturates(double scale) {
    return is_byte(S.y) && scale > 1024.0;
}

/// The scaling of a real scale; one that vanished makes every output the zero point.
template <signature S> constexpr scaling encode_saturating(double scale) {
    if (!(scale > 0)) return {0, 0};
    return requantizer_of<S>::encode(saturates<S>(scale) ? 1024.0 : scale);
}

/// A sum, a product or a difference of integers in the output's integers, not clamped to its range.
template <signature S>
constexpr std::int32_t scaled_to(std::int32_t accumulator, const scaling& s, const tensor_facts& out) {
    const std::int32_t zero_point = out.quantization.zero_point;
    if constexpr (all_bytes<S>)
        return requantizer_of<S>::apply(accumulator, s, zero_point);
    else
        return apply_saturating<requantizer_of<S>>(accumulator, s, zero_point);
}

/// The largest |accumulator| that scaled_to takes.
template <signature S> constexpr std::int64_t room_to_scale(const scaling& s) {
    return all_bytes<S> ? requantizer_of<S>::headroom(s) : largest_saturating;
}

} // namespace ctq::inline CTQ_TARGET::op
