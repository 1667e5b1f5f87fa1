#pragma once
// remove_dead: nodes whose output nobody reads, and values and constants that no node uses, go. States stay. A value is
// read, too, where it holds the scale or zero point of another that is.
// room: rewrite | runs on: compiler + host | heap: yes

#include <ctq/rewrite/pass.hpp>

#include <utility>
#include <vector>

namespace ctq::inline CTQ_TARGET::pass {

/// A pass of its own, and the last step of others. Cost: a pass over nodes and values.
struct remove_dead {
    using registered_kind = pass_tag;
    static constexpr std::string_view name = "remove_dead";

    template <class Graph> static constexpr bool run(Graph& graph) {
        flags live(graph.values.size(), false);
        const auto keep = [&](int index) {
            const dynamic_reference& dynamic = graph.value_at(index).dynamic;
            for (const int each : {index, dynamic.scale, dynamic.zero_point})
                if (each >= 0) live[static_cast<std::size_t>(each)] = true;
        };
        for (const port& output : graph.outputs) keep(output.value);
        for (const graph_state& each : graph.states)
            for (const int value : {each.initial, each.read, each.written}) keep(value);
        flags dead(graph.nodes.size(), 0);
        for (std::size_t i = graph.nodes.size(); i-- > 0;) {
            bool used = false;
            for (const int output : graph.nodes[i].outputs) used |= live[static_cast<std::size_t>(output)] != 0;
            for (const int output : graph.nodes[i].outputs)
                if (used) keep(output);
            if (used)
                for (const int input : graph.nodes[i].inputs) keep(input);
            else
                dead[i] = 1;
        }
        graph.erase_nodes(dead);
        for (const port& input : graph.inputs) keep(input.value);
        const std::size_t before = graph.values.size();
        renumber(graph, live);
        return graph.values.size() != before;
    }

  private:
    /// Keeps the live values, in order, and the constants that they own.
    template <class Graph> static constexpr void renumber(Graph& graph, const flags& live) {
        std::vector<int> moved(graph.values.size(), -1);
        value_list kept;
        for (std::size_t i = 0; i < graph.values.size(); ++i) {
            if (!live[i]) continue;
            moved[i] = static_cast<int>(kept.values.size());
            const int elements = graph.values[i].constant;
            kept.values.push_back(std::move(graph.values[i]));
            if (elements >= 0)
                kept.set_constant(moved[i], std::move(graph.constants[static_cast<std::size_t>(elements)]));
        }
        const auto move = [&](int& index) { index = moved[static_cast<std::size_t>(index)]; };
        for (value& each : kept.values)
            for (int* reference : {&each.dynamic.scale, &each.dynamic.zero_point})
                if (*reference >= 0) move(*reference);
        for (auto& node : graph.nodes) {
            for (int& input : node.inputs) move(input);
            for (int& output : node.outputs) move(output);
        }
        for (port& input : graph.inputs) move(input.value);
        for (port& output : graph.outputs) move(output.value);
        for (graph_state& each : graph.states)
            for (int* value : {&each.initial, &each.read, &each.written}) move(*value);
        static_cast<value_list&>(graph) = std::move(kept);
    }
};

} // namespace ctq::inline CTQ_TARGET::pass
