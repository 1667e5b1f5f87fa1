#pragma once
// default_registry: all that ctq itself registers. The one list; importers, verbs, emitters and reports follow it.
// room: door of compiler and host (Boost.Hana)

#include <ctq/calibrate/entropy.hpp>
#include <ctq/calibrate/minmax.hpp>
#include <ctq/calibrate/mse.hpp>
#include <ctq/calibrate/percentile.hpp>
#include <ctq/graph/builder.hpp>
#include <ctq/operators/all.hpp>
#include <ctq/quantize/affine_int8.hpp>
#include <ctq/quantize/dynamic_int8.hpp>
#include <ctq/quantize/int16x8.hpp>
#include <ctq/quantize/tflite_int8.hpp>
#include <ctq/quantize/with_weight_bits.hpp>
#include <ctq/registry/registry.hpp>
#include <ctq/rewrite/absorb_pad.hpp>
#include <ctq/rewrite/absorb_transpose.hpp>
#include <ctq/rewrite/fold_constants.hpp>
#include <ctq/rewrite/fold_scale.hpp>
#include <ctq/rewrite/fuse_activation.hpp>
#include <ctq/rewrite/fuse_residual.hpp>
#include <ctq/rewrite/lower_batch_normalization.hpp>
#include <ctq/rewrite/push_reshapes.hpp>
#include <ctq/rewrite/raise_transposes.hpp>
#include <ctq/rewrite/remove_dead.hpp>
#include <ctq/rewrite/remove_identity.hpp>
#include <ctq/rewrite/share_transposes.hpp>
#include <ctq/rewrite/sink_transposes.hpp>

namespace ctq::inline CTQ_TARGET {

/// Passes run in this order; a rule or strategy that is not named by the user is the first of its kind.
constexpr registry<
    // operators
    conv2d, dense, max_pool, average_pool, reduce_mean, relu_function, clip, sigmoid, hyperbolic_tangent,
    thresholded_relu, softmax, add, multiply, concat, reshape, transpose, pad, batch_normalization, identity,
    quantize_layer, dequantize_layer, requantize_layer, dynamic_quantize,
    // rules
    affine_int8, tflite_int8, int16x8, with_weight_bits<affine_int8, 4>, dynamic_int8, dynamic_uint8,
    // calibration strategies
    calibrate::minmax, calibrate::entropy, calibrate::percentile, calibrate::mse,
    // passes
    fold_constants, share_transposes, sink_transposes, raise_transposes, push_reshapes, absorb_transpose,
    remove_identity, remove_dead, absorb_pad, fold_scale, fuse_activation, lower_batch_normalization, fuse_residual>
    default_registry{};

/// The graph and builder of a registry's operators, and of the default one's.
template <const auto& Registry>
using graph_of = basic_graph<operation_variant<std::remove_cvref_t<decltype(Registry)>>>;
template <const auto& Registry>
using builder_of = basic_builder<operation_variant<std::remove_cvref_t<decltype(Registry)>>>;

using default_graph = graph_of<default_registry>;
using builder = builder_of<default_registry>;

} // namespace ctq::inline CTQ_TARGET
