#pragma once
// node_reader: what a format says of one of its nodes: operator, version, attributes, names. All that the importer of a
// format must offer of a node; import_node makes a source_node of it.
// room: host | runs on: host | heap: yes

#include <ctq/host/source/file_tensor.hpp>

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace ctq::inline CTQ_TARGET::host::source {

/// - `type()`, `version()`: the operator, and the version of its meaning; `name()`: the node's, empty if it has none.
/// - `integer(name, absent)`, `saturated_integer(name, absent)`, `real(name, absent)`, `string(name, absent)`,
///   `integers(name)`, `saturated_integers(name)`, `reals(name)`, `strings(name)`: attributes; they throw node_fault
///   for one of another type. `numbers()`: the numbers among them, for messages. `tensor(name)`: null where there is
///   none.
/// - `domain()`: the vocabulary that the operator is of, empty for the format's own; `described()`: the node, for
/// messages.
/// - `input_names()`, `output_names()`: what tells the node's values from others; empty for one that is left out.
template <class Reader>
concept node_reader = requires(const Reader& node, std::string_view name) {
    { node.type() } -> std::same_as<std::string_view>;
    { node.version() } -> std::same_as<std::int64_t>;
    { node.name() } -> std::convertible_to<std::string_view>;
    { node.domain() } -> std::convertible_to<std::string_view>;
    { node.described() } -> std::same_as<std::string>;
    { node.integer(name, 0) } -> std::same_as<std::int32_t>;
    { node.saturated_integer(name, 0) } -> std::same_as<std::int32_t>;
    { node.real(name, 0.0f) } -> std::same_as<float>;
    { node.string(name, name) } -> std::same_as<std::string>;
    { node.integers(name) } -> std::same_as<std::vector<std::int32_t>>;
    { node.saturated_integers(name) } -> std::same_as<std::vector<std::int32_t>>;
    { node.reals(name) } -> std::same_as<std::vector<float>>;
    { node.strings(name) } -> std::same_as<std::vector<std::string>>;
    { node.tensor(name) } -> std::same_as<const file_tensor*>;
    { node.numbers() } -> std::same_as<std::string>;
    { node.input_names() } -> std::same_as<const std::vector<std::string>&>;
    { node.output_names() } -> std::same_as<const std::vector<std::string>&>;
};

} // namespace ctq::inline CTQ_TARGET::host::source
