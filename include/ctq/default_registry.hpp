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

/// Passes of a phase run in this order; a rule or strategy that is not named by the user is the first of its kind.
constexpr registry<
    // operators
    op::conv2d, op::dense, op::matrix_product, op::max_pool, op::average_pool, op::reduce_mean, op::relu, op::clip,
    op::sigmoid, op::tanh, op::thresholded_relu, op::leaky_relu, op::softmax, op::add, op::subtract, op::multiply,
    op::divide, op::compare, op::select, op::cast, op::concat, op::reshape, op::transpose, op::slice, op::gather,
    op::top_k, op::resize_nearest, op::resize_linear, op::pad, op::batch_normalization, op::layer_norm, op::lstm,
    op::gru, op::rnn, op::non_max_suppression, op::identity, op::quantize, op::dequantize, op::requantize,
    op::dynamic_quantize,
    // rules
    rule::affine_int8, rule::tflite_int8, rule::int16x8, rule::with_weight_bits<rule::affine_int8, 4>,
    rule::dynamic_int8, rule::dynamic_uint8,
    // calibration strategies
    calibration::minmax, calibration::entropy, calibration::percentile, calibration::mse,
    // passes
    pass::fold_constants, pass::share_transposes, pass::sink_transposes, pass::raise_transposes, pass::push_reshapes,
    pass::absorb_transpose, pass::remove_identity, pass::remove_dead, pass::absorb_pad, pass::fold_scale,
    pass::fuse_activation, pass::lower_batch_normalization, pass::fuse_residual>
    default_registry{};

/// The graph and builder of a registry's operators, and of the default one's.
template <const auto& Registry>
using graph_of = basic_graph<operation_variant<std::remove_cvref_t<decltype(Registry)>>>;
template <const auto& Registry>
using builder_of = basic_builder<operation_variant<std::remove_cvref_t<decltype(Registry)>>>;

using default_graph = graph_of<default_registry>;
using builder = builder_of<default_registry>;

} // namespace ctq::inline CTQ_TARGET
