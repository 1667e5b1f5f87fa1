#pragma once
// Quantized networks that the tests of the emitter share: between them every operator, every kind of port, a float
// island, an operator of the user's own, and names that no identifier can be.

#include <ctq/default_registry.hpp>
#include <ctq/host/emit/header.hpp>

#include <emitted/scaled_gelu.hpp>

#include <cstdint>
#include <initializer_list>

namespace ctq::test {

inline constexpr auto registry_with_gelu = default_registry.with<user::scaled_gelu>();
using graph = graph_of<registry_with_gelu>;

/// A convolution and a dense layer, a few weights each.
graph tiny();

graph lenet();
graph depthwise();

/// Two inputs, two outputs, and whatever the other networks have not.
graph branches();

/// A layer that stays float between integer ones, and an operator of the user's own.
graph island();

/// Names that a model file can hold and C++ cannot.
graph hostile_names();

/// TFLite's arithmetic: for emitted_double_rounding().
graph double_rounded();

/// A chain of dense layers of these sizes, the input's first.
graph mlp(std::initializer_list<std::int32_t> sizes);

/// As many dense layers of 20 values in a row.
graph chain(int layers);

/// The emitter, compiled once for all tests.
host::emit::emitted emitted_header(const graph& source, const host::emit::emit_options& options);
host::emit::emitted emitted_double_rounding(const graph& source, const host::emit::emit_options& options);
host::emit::model_report report_of(const graph& source);

} // namespace ctq::test
