#pragma once
// Which signatures the kernels of this folder take.
// room: kernels | runs on: all | heap: no

#include <ctq/core/signature.hpp>

namespace ctq::inline CTQ_TARGET::kernels::vector {

/// int8 in, int8 out, sums of 32 bits.
template <signature S>
concept bytes_signature = S.x == dtype::int8&& S.w == dtype::int8&& S.y == dtype::int8&& S.sum == dtype::int32;

/// The same with an arithmetic that has a vector form: see requantize.hpp.
template <signature S>
concept requantized_bytes = bytes_signature<S> &&(S.how == rounding::three_step || S.how == rounding::double_rounding);

} // namespace ctq::inline CTQ_TARGET::kernels::vector
