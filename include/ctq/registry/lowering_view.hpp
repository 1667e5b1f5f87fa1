#pragma once
// lowering_view: what `lower<S>` of an operator is given: one annotated node, its facts and constants, and the inputs
// of the lowered node to write. execute/lower.hpp makes one.
// room: registry | runs on: all | heap: no

#include <ctq/core/tensor.hpp>

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace ctq::inline CTQ_TARGET {

/// - `input_count()`, `input(i)`, `output()`: facts of the annotated node's values; `constant<T>(i)`: the elements of
///   a constant input; `scale(i, channel)`: its scale there; `bias(channel)`: of input 2, 0 where there is none;
///   `weight_axis()`: the operator's trait, the axis of input 1 along which its channels lie.
/// - `list<T>(count)`: a vector of zeros to build a constant in.
/// - `keep(i)`: input i is the lowered node's next input; `keep_scale(i)`: the value that holds its scale is;
///   `keep_zero_point(i)`: the value that holds its zero point, if one does; `append(role, shape, list)`: a new
///   constant is; `append_narrow` stores its elements in a narrower type.
template <class Node>
concept lowering_view = requires(Node& node, const Node& seen, std::size_t i, std::string_view role, const shape& of) {
    { seen.input_count() } -> std::same_as<std::size_t>;
    { seen.input(i) } -> std::same_as<const tensor_facts&>;
    { seen.output() } -> std::same_as<const tensor_facts&>;
    { seen.template constant<std::int8_t>(i) } -> std::same_as<const std::int8_t*>;
    { seen.scale(i, i) } -> std::same_as<double>;
    { seen.bias(i) } -> std::same_as<std::int64_t>;
    { seen.weight_axis() } -> std::same_as<int>;
    { Node::template list<std::int32_t>(i)[i] } -> std::convertible_to<std::int32_t>;
    node.keep(i);
    node.keep_scale(i);
    node.keep_zero_point(i);
    node.append(role, of, Node::template list<std::int32_t>(i));
    node.append_narrow(role, of, Node::template list<std::int32_t>(i), dtype::int8);
};

} // namespace ctq::inline CTQ_TARGET
