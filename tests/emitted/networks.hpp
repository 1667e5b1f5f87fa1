#pragma once
// Quantized networks that the tests of the emitter share: between them every operator, every kind of port, a float
// island, an operator of the user's own, and names that no identifier can be.

#include "../../examples/custom_rule/shift_uint8.hpp"

#include <ctq/default_registry.hpp>
#include <ctq/host/emit/header.hpp>

#include <emitted/choices.hpp>
#include <emitted/ramp.hpp>
#include <emitted/scaled_gelu.hpp>
#include <emitted/transposed_dense.hpp>

#include <cstdint>
#include <initializer_list>
#include <vector>

namespace ctq::test {

inline constexpr auto registry_with_gelu = default_registry.with<user::scaled_gelu>()
                                               .with<user::transposed_dense>()
                                               .with<user::ramp>()
                                               .with<user::arg_max>()
                                               .with<user::one_hot>()
                                               .with<user::is_positive>();
using graph = graph_of<registry_with_gelu>;

/// A convolution and a dense layer, a few weights each.
graph tiny();

graph lenet();
graph depthwise();

/// Two inputs, two outputs, and whatever the other networks have not.
graph branches();

/// A layer that stays float between integer ones, and operators of the user's own: one has no inputs, one has the
/// channels of its weights along another axis, others make or read positions and truth values.
graph island();

/// Rows of a table that an input of indices names, in integers and in floats; the best of them with their places, by
/// which others are picked; and boxes of which the data decide how many there are.
graph picked();

/// Names that a model file can hold and C++ cannot.
graph hostile_names();

/// TFLite's arithmetic: for emitted_double_rounding().
graph double_rounded();

/// A residual sum, and a layer "exact" with TFLite's arithmetic between others with the default's: for
/// emitted_two_roundings().
using both_rules = rule_list<rule::affine_int8, rule::tflite_int8>;
graph two_roundings();

/// Layers of four rules and one in float: uint8 with a user's own rounding, int16, int8 and weights of 4 bits; for
/// emitted_four_rules().
using four_rules =
    rule_list<my::shift_uint8, rule::int16x8, rule::affine_int8, rule::with_weight_bits<rule::affine_int8, 4>>;
graph of_four_rules();

/// Every operator that int16x8 changes: for emitted_int16x8().
graph of_int16();

/// Convolutions and a dense layer whose ranges are measured at run time, in int8 and in uint8, one layer between them
/// under the default rule; for emitted_dynamic().
using dynamic_rules = rule_list<rule::affine_int8, rule::dynamic_int8, rule::dynamic_uint8>;
graph of_dynamic();

/// h' = tanh(dense(concat(x, h))) and a sum that goes on, one input and two outputs.
graph recurrent();

/// Two states and no input.
graph counter();

/// Positions, a mask and bytes beside reals.
graph typed_ports();

/// Layers that read a sequence, in float between integer ones: of each kind, in each direction, from states that are
/// constants and from one that is an input; an output is none of the states but the cells.
graph sequences();

/// A chain of dense layers of these sizes, the input's first.
graph mlp(std::initializer_list<std::int32_t> sizes);

/// As many dense layers of 20 values in a row.
graph chain(int layers);

/// The emitter, compiled once for all tests.
host::emit::emitted emitted_header(const graph& source, const host::emit::emit_options& options);
host::emit::emitted emitted_double_rounding(const graph& source, const host::emit::emit_options& options);
host::emit::emitted emitted_two_roundings(const graph& source, const host::emit::emit_options& options);
host::emit::emitted emitted_four_rules(const graph& source, const host::emit::emit_options& options);
host::emit::emitted emitted_int16x8(const graph& source, const host::emit::emit_options& options);
host::emit::emitted emitted_dynamic(const graph& source, const host::emit::emit_options& options);
host::emit::model_report report_of(const graph& source);

/// What emitted_header()'s networks give when they are called with these inputs, one call after the other from the
/// initial states: for each call the outputs.
std::vector<std::vector<constant>> outputs_of_calls(const graph& source,
                                                    const std::vector<std::vector<constant>>& inputs);

} // namespace ctq::test
