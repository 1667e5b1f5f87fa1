#pragma once
// calibrated_ranges: from a calibration table to the ranges that annotate takes.
// room: host | runs on: host | heap: yes

#include <ctq/calibrate/minmax.hpp>
#include <ctq/calibrate/table.hpp>
#include <ctq/core/quantization.hpp>
#include <ctq/host/engine/observed_values.hpp>
#include <ctq/host/engine/strategy_by_name.hpp>
#include <ctq/host/failure.hpp>
#include <ctq/quantize/customary_ranges.hpp>
#include <ctq/quantize/rule.hpp>

#include <cstddef>
#include <string_view>
#include <vector>

namespace ctq::inline CTQ_TARGET::host {

/// The integers of a rule, as a calibration strategy is told of them.
constexpr calibration::grid grid_of(const rule_facts& rule) {
    return {rule.levels, rule.symmetric};
}
template <quantization_rule Rule> constexpr calibration::grid grid_of() {
    return {Rule::levels, Rule::symmetric};
}

/// One range for each value of the graph, [0, 0] where none is needed; `asked`: what a rule's integers are, see
/// grid_of. `name` is what messages call the table. Throws `failure` (malformed) that lists the tensors which the table
/// does not have.
template <calibration::calibration_strategy Strategy, class Graph>
[[nodiscard]] std::vector<bounds> ranges_of(const Graph& graph, const calibration::table& table,
                                            const calibration::grid& asked, const Strategy& strategy = {},
                                            std::string_view name = "calibration table") {
    const observed_values observed(graph);
    const flags customary = customary_values(graph);
    std::vector<bounds> ranges(graph.values.size(), bounds{0.0f, 0.0f});
    fault_list missing;
    for (std::size_t v = 0; v < graph.values.size(); ++v) {
        const int value = static_cast<int>(v);
        if (!observed.is_observed(value)) continue;
        const auto seen = table.tensors.find(graph.values[v].name.view());
        if (seen == table.tensors.end() || seen->second.empty()) {
            missing.add(exit_code::malformed,
                        message(printable_path(name), ": has no values of tensor ",
                                in_quotes(graph.values[v].name.view()), "; calibrate this model again"));
            continue;
        }
        const calibration::range chosen = customary[v] != 0 ? calibration::minmax{}.choose(seen->second, asked)
                                                            : strategy.choose(seen->second, asked);
        ranges[v] = {chosen.low, chosen.high};
    }
    missing.throw_if_any();
    for (std::size_t v = 0; v < graph.values.size(); ++v) {
        const int source = observed.source_of(static_cast<int>(v));
        if (source >= 0) ranges[v] = ranges[static_cast<std::size_t>(source)];
    }
    return ranges;
}

/// The same by the name of a registered strategy; see with_strategy.
template <class Registry, class Graph>
[[nodiscard]] std::vector<bounds>
ranges_by_name(const Graph& graph, const calibration::table& table, const calibration::grid& asked,
               std::string_view strategy, const Registry& registry, std::string_view name = "calibration table") {
    std::vector<bounds> ranges;
    with_strategy(registry, strategy,
                  [&](const auto& chosen) { ranges = ranges_of(graph, table, asked, chosen, name); });
    return ranges;
}

} // namespace ctq::inline CTQ_TARGET::host
