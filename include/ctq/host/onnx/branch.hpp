#pragma once
// branch: an If is the nodes of one of its graphs: which one, what the names in it stand for, and what it gives.
// room: host | runs on: host | heap: yes

#include <ctq/host/onnx/model.hpp>
#include <ctq/host/onnx/name_scope.hpp>
#include <ctq/host/source/bindings.hpp>
#include <ctq/host/source/node_fault.hpp>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

namespace ctq::inline CTQ_TARGET::host::onnx {

/// True for an If.
[[nodiscard]] inline bool is_choice(const node& n) {
    return n.domain.empty() && n.op_type == "If";
}

/// The attribute with the graph that an If asks for. `in`: the If while it is imported, whose condition must be a
/// constant. Throws node_fault.
template <class Node> [[nodiscard]] const attribute& branch_taken(const node& n, const Node& in) {
    in.check(in.has_input(0), "a condition is required");
    in.support(in.is_constant(0), "the condition is known only when the network runs; export the model with it folded");
    in.check(in.type_of(0) == dtype::boolean && in.shape_of(0).elements() == 1, "the condition must be one boolean");
    const attribute* taken = n.find(in.constant_wide_integers(0)[0] != 0 ? "then_branch" : "else_branch");
    in.check(taken != nullptr && taken->type == attribute_type::graph, "a graph for each case is required");
    const onnx::graph& branch = taken->graphs.front();
    in.check(branch.inputs.empty(), "its graphs must have no inputs");
    in.check(branch.outputs.size() >= n.outputs.size(), "its graphs must give each of its outputs");
    return *taken;
}

/// What messages call a graph of an If that stands among the names `outside`.
[[nodiscard]] inline std::string place_of(const attribute& branch, const node& n, const name_scope& outside) {
    const std::string own = message(branch.name, " of ", describe(n));
    return n.name.empty() && !outside.place().empty() ? message(outside.place(), ": ", own) : own;
}

/// What the names in a graph of an If stand for, whose outputs are called `outputs` outside: what nodes make as one of
/// these stands for that name, and all else that the graph defines for one that `take_name(wanted)` gives. `names`: one
/// that defines nothing yet. Throws node_fault where the graph defines a name twice.
template <class TakeName>
void define_names(const onnx::graph& branch, const std::vector<std::string>& outputs, TakeName take_name,
                  name_scope& names) {
    std::unordered_map<std::string_view, std::string_view> given;
    for (std::size_t i = 0; i < outputs.size(); ++i)
        if (!outputs[i].empty()) given.emplace(branch.outputs[i].name, outputs[i]);
    const auto define = [&](const std::string& name, std::string as) {
        if (!names.define(name, std::move(as)))
            throw source::node_fault{exit_code::malformed, message("its graph defines ", in_quotes(name), " twice")};
    };
    for (const tensor& constant : branch.initializers) define(constant.name, take_name(constant.name));
    for (const node& n : branch.nodes)
        for (const std::string& output : n.outputs) {
            if (output.empty()) continue;
            const auto outer = given.find(output);
            define(output, outer != given.end() ? std::string(outer->second) : take_name(output));
        }
}

/// Lets the outputs of an If stand for what its graph gives, once the graph's nodes are imported. Throws node_fault
/// where it does not give one.
inline void bind_outputs(const onnx::graph& branch, const std::vector<std::string>& outputs, const name_scope& names,
                         source::bindings& known) {
    for (std::size_t i = 0; i < outputs.size(); ++i) {
        if (outputs[i].empty()) continue;
        const std::string& made = names.of(branch.outputs[i].name);
        if (!known.contains(made))
            throw source::node_fault{
                exit_code::malformed,
                message("its graph gives ", in_quotes(branch.outputs[i].name), ", which nothing makes")};
        known.bind_like(outputs[i], made);
    }
}

} // namespace ctq::inline CTQ_TARGET::host::onnx
