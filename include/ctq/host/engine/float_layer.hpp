#pragma once
// float_layer: which kernel runs an operator's float meaning fast; most run by their own definition.
// room: host | runs on: host | heap: no

#include <ctq/host/engine/bound_node.hpp>
#include <ctq/host/engine/float_convolution.hpp>
#include <ctq/host/engine/float_dense.hpp>
#include <ctq/host/engine/float_elementwise.hpp>
#include <ctq/host/engine/float_pooling.hpp>

namespace ctq::inline CTQ_TARGET::host {

/// Specialized where a fast kernel exists. Results may differ from the operator's definition by rounding, but not from
/// one instruction set or compiler to another: sums have one order, and a product in one is fused or is not (fused.hpp,
/// exact.hpp).
template <class Op> struct float_layer : defined_float_kernel<Op> {};

template <> struct float_layer<op::conv2d> : fast_convolution {};
template <> struct float_layer<op::dense> : fast_dense {};
template <> struct float_layer<op::max_pool> : fast_max_pool {};
template <> struct float_layer<op::average_pool> : fast_average_pool {};
template <> struct float_layer<op::reduce_mean> : fast_reduce_mean {};
template <> struct float_layer<op::add> : fast_add {};
template <> struct float_layer<op::multiply> : fast_multiply {};
template <> struct float_layer<op::relu> : detail::fast_clamp<op::relu> {};
template <> struct float_layer<op::clip> : detail::fast_clamp<op::clip> {};

/// True for kernels that pack inputs 1 and up when the engine is made, so that these must be constant.
template <class Op> inline constexpr bool packs_constants = false;
template <> inline constexpr bool packs_constants<op::conv2d> = true;
template <> inline constexpr bool packs_constants<op::dense> = true;

} // namespace ctq::inline CTQ_TARGET::host
