#pragma once
// unique_name: how the library names what must not be called like another: nodes, values, identifiers in emitted code.
// room: graph | runs on: compiler + host | heap: yes (texts)

#include <ctq/core/text.hpp>

#include <string_view>

namespace ctq::inline CTQ_TARGET {

/// `wanted` if `take(name)` says that it is free, else the first free one of wanted_2, wanted_3, ... Each name is asked
/// for once, and the first free one is the last, so `take` may note it as taken. Cost: one call for each taken name.
template <class Take> constexpr text unique_name(std::string_view wanted, Take take) {
    text name = wanted;
    for (int number = 2; !take(name.view()); ++number) name = text(wanted) + "_" + decimal_text(number);
    return name;
}

} // namespace ctq::inline CTQ_TARGET
