#pragma once
// The matrix of operators and signatures that `ctq supported-ops --signatures` prints, ticked off cell by cell: each is
// run by a law, and what a graph's node has is listed. lower_node faults at a signature that is not, in any graph.

#include <ctq/default_registry.hpp>
#include <ctq/graph/graph.hpp>
#include <ctq/registry/signatures.hpp>

#include <algorithm>
#include <iterator>
#include <set>
#include <string>
#include <string_view>

namespace ctq::laws {

/// An operator under a signature: "dense int8*int8->int8 in int32, three_step"; of own roundings their number.
inline std::string cell_text(std::string_view op, const signature& s) {
    const std::string how =
        name_of(s.how).empty() ? std::to_string(static_cast<int>(s.how)) : std::string(name_of(s.how));
    std::string text = std::string(op) + " ";
    text += name_of(s.x);
    text += "*";
    text += name_of(s.w);
    text += "->";
    text += name_of(s.y);
    text += " in ";
    text += name_of(s.sum);
    return text + ", " + how;
}

using cells = std::set<std::string>;

/// What nodes of the registered operators can have under `Rules`.
template <class Rules> cells listed_cells() {
    cells listed;
    default_registry.for_each(default_registry.operators(), [&](auto each) {
        using op = typename decltype(each)::type;
        for_each_node_signature<Rules, op>([&]<signature S>() { listed.insert(cell_text(op::name, S)); });
    });
    return listed;
}

/// Adds those of an annotated graph's integer nodes.
template <class Graph> void add_cells(cells& met, const Graph& annotated) {
    for (const auto& node : annotated.nodes)
        if (node.domain != float_domain)
            met.insert(cell_text(visit_operator(node, [](const auto& op) -> std::string_view { return op.name; }),
                                 signature_of(annotated, node)));
}

/// The cells that are in `all` and not in `others`.
inline cells without(const cells& all, const cells& others) {
    cells left;
    std::set_difference(all.begin(), all.end(), others.begin(), others.end(), std::inserter(left, left.end()));
    return left;
}

/// To be shown, a line each.
inline std::string lines_of(const cells& some) {
    std::string lines;
    for (const std::string& each : some) lines += each + "\n";
    return lines;
}

} // namespace ctq::laws
