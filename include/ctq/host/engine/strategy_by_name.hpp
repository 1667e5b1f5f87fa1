#pragma once
// strategy_by_name: calibration strategies as a command line writes them: "minmax", "percentile=99.9".
// room: host | runs on: host | heap: yes

#include <ctq/calibrate/strategy.hpp>
#include <ctq/host/failure.hpp>
#include <ctq/host/near_misses.hpp>

#include <charconv>
#include <cstddef>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

namespace ctq::inline CTQ_TARGET::host {

namespace detail {

/// A strategy whose one parameter is a double.
template <class Strategy>
concept has_parameter = requires(double value) {
    Strategy{value};
};

/// "; give it above 0, and 100 at most", of a strategy that says so.
template <class Strategy> std::string range_text() {
    if constexpr (requires { Strategy::accepted; })
        return message("; give it ", Strategy::accepted);
    else
        return {};
}

template <class Strategy> Strategy with_parameter(std::string_view text) {
    double value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    const bool is_number = error == std::errc{} && end == text.data() + text.size() && value - value == 0;
    if (!is_number)
        fail_usage("strategy ", Strategy::name, ": ", in_quotes(text), " is not a number; write ", Strategy::name,
                   "=NUMBER");
    if constexpr (has_parameter<Strategy>) {
        if constexpr (requires { Strategy::accepts(value); })
            if (!Strategy::accepts(value))
                fail_usage("strategy ", Strategy::name, ": the parameter ", value, " is out of its range",
                           range_text<Strategy>());
        return Strategy{value};
    } else {
        fail_usage("strategy ", Strategy::name, ": takes no parameter; write ", Strategy::name);
    }
}

} // namespace detail

/// Calls use(strategy) with the registered strategy that `text` names ("name" or "name=parameter"), the registry's
/// first one when it is empty. Throws `failure` (usage) with the near misses and the known names.
template <class Registry, class Use> void with_strategy(const Registry&, std::string_view text, Use use) {
    const std::size_t cut = text.find('=');
    const std::string_view name = text.substr(0, cut);
    bool found = false;
    std::vector<std::string_view> known;
    Registry::for_each(Registry::strategies(), [&](auto each) {
        using type = typename decltype(each)::type;
        known.push_back(type::name);
        for (const std::string_view alias : calibration::aliases_of<type>()) known.push_back(alias);
        if (found || !(text.empty() || calibration::is_called<type>(name))) return;
        found = true;
        use(cut == std::string_view::npos ? type{} : detail::with_parameter<type>(text.substr(cut + 1)));
    });
    if (found) return;
    fail_usage("no calibration strategy is called ", in_quotes(name), near_misses_and_all(name, known));
}

} // namespace ctq::inline CTQ_TARGET::host
