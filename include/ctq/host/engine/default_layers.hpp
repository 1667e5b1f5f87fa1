#pragma once
// default_layers: what a table of layers has entries for: the default registry's operators and its rules' signatures.
// room: host | runs on: host | heap: no

#include <ctq/default_registry.hpp>
#include <ctq/quantize/rule.hpp>

#include <type_traits>

namespace ctq::inline CTQ_TARGET::host {

using default_operators = operation_variant<std::remove_cvref_t<decltype(default_registry)>>;

using default_rules = rules_of<std::remove_cvref_t<decltype(default_registry)>>;

inline constexpr auto default_signatures = signatures_of<default_rules>;

} // namespace ctq::inline CTQ_TARGET::host
