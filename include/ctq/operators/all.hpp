#pragma once
// The door of the room: every operator of ctq's own.
// room: operators | runs on: all | heap: no

#include <ctq/operators/add.hpp>
#include <ctq/operators/average_pool.hpp>
#include <ctq/operators/batch_normalization.hpp>
#include <ctq/operators/clip.hpp>
#include <ctq/operators/concat.hpp>
#include <ctq/operators/conv2d.hpp>
#include <ctq/operators/dense.hpp>
#include <ctq/operators/dequantize.hpp>
#include <ctq/operators/dynamic_quantize.hpp>
#include <ctq/operators/gru.hpp>
#include <ctq/operators/identity.hpp>
#include <ctq/operators/layer_norm.hpp>
#include <ctq/operators/leaky_relu.hpp>
#include <ctq/operators/lstm.hpp>
#include <ctq/operators/matrix_product.hpp>
#include <ctq/operators/max_pool.hpp>
#include <ctq/operators/multiply.hpp>
#include <ctq/operators/pad.hpp>
#include <ctq/operators/quantize.hpp>
#include <ctq/operators/reduce_mean.hpp>
#include <ctq/operators/relu.hpp>
#include <ctq/operators/requantize.hpp>
#include <ctq/operators/reshape.hpp>
#include <ctq/operators/resize_linear.hpp>
#include <ctq/operators/resize_nearest.hpp>
#include <ctq/operators/rnn.hpp>
#include <ctq/operators/sigmoid.hpp>
#include <ctq/operators/slice.hpp>
#include <ctq/operators/softmax.hpp>
#include <ctq/operators/subtract.hpp>
#include <ctq/operators/tanh.hpp>
#include <ctq/operators/thresholded_relu.hpp>
#include <ctq/operators/transpose.hpp>
