#pragma once
// translations: how ONNX's operators become ctq's, each in a file of translations/. The one list.
// room: host | runs on: host | heap: no

#include <ctq/host/onnx/translations/average_pool.hpp>
#include <ctq/host/onnx/translations/batch_normalization.hpp>
#include <ctq/host/onnx/translations/cast.hpp>
#include <ctq/host/onnx/translations/clip.hpp>
#include <ctq/host/onnx/translations/comparison.hpp>
#include <ctq/host/onnx/translations/concat.hpp>
#include <ctq/host/onnx/translations/conv.hpp>
#include <ctq/host/onnx/translations/division.hpp>
#include <ctq/host/onnx/translations/elementwise.hpp>
#include <ctq/host/onnx/translations/expand.hpp>
#include <ctq/host/onnx/translations/functions.hpp>
#include <ctq/host/onnx/translations/gather.hpp>
#include <ctq/host/onnx/translations/gemm.hpp>
#include <ctq/host/onnx/translations/gru.hpp>
#include <ctq/host/onnx/translations/identity.hpp>
#include <ctq/host/onnx/translations/layer_norm.hpp>
#include <ctq/host/onnx/translations/lstm.hpp>
#include <ctq/host/onnx/translations/max_pool.hpp>
#include <ctq/host/onnx/translations/non_max_suppression.hpp>
#include <ctq/host/onnx/translations/pad.hpp>
#include <ctq/host/onnx/translations/range.hpp>
#include <ctq/host/onnx/translations/reduce_mean.hpp>
#include <ctq/host/onnx/translations/reduce_product.hpp>
#include <ctq/host/onnx/translations/reshape.hpp>
#include <ctq/host/onnx/translations/resize.hpp>
#include <ctq/host/onnx/translations/rnn.hpp>
#include <ctq/host/onnx/translations/sequence.hpp>
#include <ctq/host/onnx/translations/shape.hpp>
#include <ctq/host/onnx/translations/slice.hpp>
#include <ctq/host/onnx/translations/softmax.hpp>
#include <ctq/host/onnx/translations/top_k.hpp>
#include <ctq/host/onnx/translations/transpose.hpp>

namespace ctq::inline CTQ_TARGET::host::onnx {

constexpr auto standard_translations = translations::functions.with<
    translations::conv, translations::gemm, translations::gemm_by_attributes, translations::mat_mul,
    translations::max_pool, translations::average_pool, translations::reduce_mean,
    translations::reduce_mean_by_attributes, translations::global_average_pool, translations::clip,
    translations::clip_by_attributes, translations::softmax, translations::softmax_from_axis, translations::add,
    translations::add_by_attributes, translations::sub, translations::sub_by_attributes, translations::mul,
    translations::mul_by_attributes, translations::concat, translations::reshape, translations::flatten,
    translations::squeeze, translations::squeeze_by_attributes, translations::unsqueeze,
    translations::unsqueeze_by_attributes, translations::transpose, translations::slice,
    translations::slice_by_attributes, translations::gather, translations::top_k, translations::top_k_by_attribute,
    translations::resize, translations::resize_by_scales, translations::upsample, translations::upsample_by_attributes,
    translations::pad, translations::pad_by_attributes, translations::batch_normalization,
    translations::batch_normalization_by_outputs, translations::batch_normalization_by_attributes,
    translations::layer_norm, translations::lstm, translations::gru, translations::rnn,
    translations::non_max_suppression, translations::identity, translations::dropout,
    translations::dropout_by_attributes, translations::div, translations::mod, translations::equal, translations::less,
    translations::less_or_equal, translations::greater, translations::greater_or_equal, translations::logical_not,
    translations::logical_and, translations::logical_or, translations::logical_xor, translations::where,
    translations::cast, translations::cast_like, translations::expand, translations::tile,
    translations::split_to_sequence, translations::sequence_at, translations::shape_of_input,
    translations::size_of_input, translations::constant_of_shape, translations::range, translations::reduce_product>();

} // namespace ctq::inline CTQ_TARGET::host::onnx
