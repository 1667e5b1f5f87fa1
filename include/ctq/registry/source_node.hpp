#pragma once
// source_node: what a translation is given: one node of a source model, its attributes and constants, and the graph
// that it becomes a part of. host/source/import_node.hpp is one, for every format.
// room: registry | runs on: all | heap: no

#include <ctq/core/dtype.hpp>
#include <ctq/core/shape.hpp>

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace ctq::inline CTQ_TARGET {

namespace detail {

/// Any operator at all, for the concept to name one.
struct some_operator {};

} // namespace detail

/// - `type()`, `version()`: the source's name of the operator, and the version of its meaning.
/// - `integer(name, absent)`, `real(name, absent)`, `string(name, absent)`, `integers(name)`, `reals(name)`,
///   `strings(name)`: attributes.
///   `saturated_integer(name, absent)`, `saturated_integers(name)`: numbers beyond 32 bits are the nearest there ("to
///   the end").
/// - `input_count()`, `has_input(i)`, `is_constant(i)`, `shape_of(i)`: inputs as the source has them, channels first;
///   `type_of(i)`: of the elements; `constant_reals(i)`, `constant_wide_integers(i)`: vectors of float and
///   std::int64_t; `constant_integers(i)`: a list of axes, extents, steps or the like, of std::int32_t.
///   `output_count()`: those with a name.
/// - `input(i)`, `inputs()`: values of the graph; `channels_last(i)`, `constant_channels_last(i)`: the same as NHWC or
///   [O,H,W,I]; `constant(role, shape, elements)`: a new one; `attribute_constant(name)`: one that an attribute holds,
///   -1 where there is none; `fold(op, values)`: what an operator, which need not be the registry's, makes of
///   constants.
/// - `emit(op, values)` appends an operator and gives its value, `reshape(value, shape)` is a short form;
///   `finish(value)` or, for NHWC, `finish_channels_first(value)` says what stands for the node's output.
///   `emit_all(op, values)` gives every output of an operator with several, which `finish(values)` takes.
/// - `check(holds, what)`, `support(holds, what)`: refuse a model that is wrong, or that ctq cannot take.
template <class Node>
concept source_node = requires(Node& node, const Node& seen, std::size_t i, std::string_view text, int value,
                               const shape& of, const detail::some_operator& op) {
    { seen.type() } -> std::same_as<std::string_view>;
    { seen.version() } -> std::same_as<std::int64_t>;
    { seen.integer(text, 0) } -> std::same_as<std::int32_t>;
    { seen.real(text, 0.0f) } -> std::same_as<float>;
    { seen.string(text, text) == text } -> std::same_as<bool>;
    { seen.integers(text)[i] } -> std::convertible_to<std::int32_t>;
    { seen.saturated_integer(text, 0) } -> std::same_as<std::int32_t>;
    { seen.saturated_integers(text)[i] } -> std::convertible_to<std::int32_t>;
    { seen.reals(text)[i] } -> std::convertible_to<float>;
    { seen.strings(text)[i] } -> std::convertible_to<std::string_view>;
    { seen.input_count() } -> std::same_as<std::size_t>;
    { seen.output_count() } -> std::same_as<std::size_t>;
    { seen.has_input(i) } -> std::same_as<bool>;
    { seen.is_constant(i) } -> std::same_as<bool>;
    { seen.shape_of(i) } -> std::same_as<shape>;
    { seen.type_of(i) } -> std::same_as<dtype>;
    { seen.constant_reals(i)[i] } -> std::convertible_to<float>;
    { seen.constant_integers(i)[i] } -> std::convertible_to<std::int32_t>;
    { seen.constant_wide_integers(i)[i] } -> std::convertible_to<std::int64_t>;
    { node.input(i) } -> std::same_as<int>;
    { node.inputs()[i] } -> std::convertible_to<int>;
    { node.channels_last(i) } -> std::same_as<int>;
    { node.constant_channels_last(i) } -> std::same_as<int>;
    { node.constant(text, of, seen.constant_reals(i)) } -> std::same_as<int>;
    { node.constant(text, of, seen.constant_wide_integers(i)) } -> std::same_as<int>;
    { node.attribute_constant(text) } -> std::same_as<int>;
    { node.fold(op, {value}) } -> std::same_as<int>;
    { node.emit(op, {value}) } -> std::same_as<int>;
    { node.reshape(value, of) } -> std::same_as<int>;
    { node.emit_all(op, {value})[i] } -> std::convertible_to<int>;
    node.finish(value);
    node.finish(node.inputs());
    node.finish_channels_first(value);
    seen.check(true, text);
    seen.support(true, text);
};

} // namespace ctq::inline CTQ_TARGET
