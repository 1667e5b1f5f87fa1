#pragma once
// What an instruction set gives convolutions and dense layers beside its vectors: a register tile, a depthwise unit and
// the copy of activations that both read.
// room: kernels | runs on: all | heap: no

#include <ctq/core/target.hpp>

namespace ctq::inline CTQ_TARGET::kernels::vector {

/// A row of an image's copy, specialised in kernels/<architecture>/image.hpp: `layout`; `widen(to, from, count)` copies
/// activations, `fill(to, value, count)` writes a border.
template <class Architecture> struct image_row;

/// The accumulators of a product, specialised in kernels/<architecture>/tile.hpp: `vectors`, `row` (image_row), `sum`
/// of one block of channels, and
///
/// - `start(sum, bias)`, `clear(sum)`, `add(sum, other)`, `total(sum)`: a vector of int32;
/// - `step<Masked>(sums, pixel, at, weights, tail)`: every sum of pixels and blocks takes four activations times a
///   dword of weights; where Masked, the last block has `tail` channels only;
/// - `store(to, v)`, `store_first(to, v, count)`, `store_quarter<Quarter>(to, v[, count])` of a vector of int8,
///   `half_quarters(v)`: the first halves of its quarters side by side;
/// - `load_block(from, count)`: int8 as a vector of int32.
template <class Architecture> struct tile;

/// The outputs of a depthwise convolution that are made at a time, specialised in
/// kernels/<architecture>/depthwise_unit.hpp: `vectors`, `row`, `activations` of all outputs under one tap, and
///
/// - `kept_products`, `rolling_columns`: of how many products the weights, of how many columns the sums stay in
///   registers;
/// - `load(from)`, `none()`: activations; `weights(from)`: of a quarter of the outputs;
/// - `interleave(taps, to)`: the activations of a product's taps, side by side for each output;
/// - `multiply(sum, interleaved, weights)`; `store(to, narrowed, count)`;
/// - if it has a faster way: `copy_two_phases(plan, from, to, border)`, for images of 8, 16 or 32 channels.
template <class Architecture> struct depthwise_unit;

/// Whether this translation unit may use an architecture's tile and unit.
template <class Architecture> constexpr bool has_tile = requires {
    sizeof(tile<Architecture>);
};

} // namespace ctq::inline CTQ_TARGET::kernels::vector
