#pragma once
// How an instruction set's kernels of weighted sums want their operands. Known without its instructions, so that every
// compiler and the tool can plan and pack for it.
// room: kernels | runs on: all | heap: no

#include <ctq/kernels/vector/depthwise_plan.hpp>
#include <ctq/kernels/vector/product_plan.hpp>

#include <cstddef>
#include <cstdint>

namespace ctq::inline CTQ_TARGET::kernels::vector {

/// Specialised in kernels/<architecture>/product_layout.hpp; everything is static.
///
/// - `element`: an activation in the copied image; `offset`: what the copy adds to each, and the bias takes back;
/// - `tile`: the registers that a product of rows with weights may use;
/// - `whole_blocks`: whether a tile reads whole blocks of weights, so that pack() pads those of a part of one;
/// - `unit`: what a depthwise convolution makes at a time; `unit_order(entry)`: which of a unit's outputs is entry
///   `entry` of its accumulators, the order in which depthwise constants are packed.
template <class Architecture> struct product_layout;

template <class Architecture> constexpr bool has_product_layout = requires {
    sizeof(product_layout<Architecture>);
};

/// The zero point of an activation, as an image holds it.
template <class Layout> constexpr typename Layout::element border_of(std::int32_t zero_point) {
    return static_cast<typename Layout::element>(zero_point + Layout::offset);
}

} // namespace ctq::inline CTQ_TARGET::kernels::vector
