#pragma once
// inline_functions: each node that calls a local function of its ONNX file becomes the function's nodes.
// room: host | runs on: host | heap: yes

#include <ctq/graph/name_set.hpp>
#include <ctq/host/failure.hpp>
#include <ctq/host/onnx/limits.hpp>
#include <ctq/host/onnx/model.hpp>
#include <ctq/host/onnx/validate.hpp>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

namespace ctq::inline CTQ_TARGET::host::onnx {

/// Whether a node that calls a local function shall stay, since something else stands for the function; `version` is
/// that of the node's operator.
using keeps_call = bool (*)(const node& call, std::int64_t version);

namespace detail {

// How much may be made of calls: functions that call each other twice each grow by powers of two, and what one holds is
// copied for each of its calls.
class inlining_budget {
    const limits* allowed_;
    std::string path_;
    std::size_t nodes_ = 0;
    std::uint64_t bytes_ = 0;

  public:
    inlining_budget(const limits& allowed, std::string_view path) : allowed_(&allowed), path_(path) {}

    void take_node() {
        if (++nodes_ > allowed_->max_nodes)
            fail_malformed(path_, "too many nodes with its local functions inlined (limit ", allowed_->max_nodes, ")");
    }

    void take_bytes(std::size_t count) {
        bytes_ += count;
        if (bytes_ > allowed_->max_inlined_bytes)
            fail_malformed(path_, "needs more than ", allowed_->max_inlined_bytes,
                           " bytes with its local functions inlined (the limit)");
    }

    // `depth`: how many calls and graphs the nodes stand in.
    void take(const node& n, std::size_t depth) {
        if (depth > allowed_->max_depth)
            fail_malformed(path_, "local functions call each other, or hold graphs, more than ", allowed_->max_depth,
                           " deep (the limit)");
        take_node();
        take_bytes(sizeof(node) + n.op_type.size() + n.domain.size() + n.overload.size());
        take_bytes(sizeof(std::string) * (n.inputs.size() + n.outputs.size()));
        for (const attribute& a : n.attributes) take(a, depth);
    }

    void take(const attribute& a, std::size_t depth) {
        take_bytes(sizeof(attribute) + a.name.size() + a.s.size() + a.floats.size() * sizeof(float) +
                   a.ints.size() * sizeof(std::int64_t));
        for (const std::string& each : a.strings) take_bytes(sizeof(std::string) + each.size());
        for (const tensor& each : a.tensors) take(each);
        for (const graph& each : a.graphs) take(each, depth + 1);
    }

  private:
    void take(const tensor& t) {
        take_bytes(sizeof(tensor) + t.dims.size() * sizeof(std::int64_t) + t.floats.size() * sizeof(float) +
                   t.integers.size() * sizeof(std::int64_t));
    }

    void take(const graph& g, std::size_t depth) {
        take_bytes(sizeof(graph) + g.name.size());
        for (const tensor& each : g.initializers) take(each);
        for (const auto* list : {&g.inputs, &g.outputs, &g.values})
            for (const value_info& each : *list) take_bytes(sizeof(value_info) + each.dims.size() * sizeof(dimension));
        for (const node& each : g.nodes) take(each, depth);
    }
};

// The names of the model, so that no new one is like one that is there.
struct names_in_use {
    name_set values;
    name_set nodes;

    static std::string take(name_set& from, std::string_view wanted) {
        return std::string(from.take_like(wanted).view());
    }
};

// A local function, with the places of its parameters.
struct callee {
    using places = std::unordered_map<std::string_view, std::size_t>;

    const function* body;
    places inputs;
    places outputs;

    explicit callee(const function& of) : body(&of), inputs(places_of(of.inputs)), outputs(places_of(of.outputs)) {}

  private:
    static places places_of(const std::vector<std::string>& names) {
        places out;
        for (std::size_t i = 0; i < names.size(); ++i) out.emplace(names[i], i);
        return out;
    }
};

// One call: what the names and the attributes of its function stand for there.
class function_call {
    const node* call_;
    const callee* to_;
    std::string prefix_;
    names_in_use* used_;
    inlining_budget* budget_;
    std::unordered_map<std::string, std::string> inner_; // names of values that only the function has

  public:
    function_call(const node& call, const callee& to, names_in_use& used, inlining_budget& budget)
        : call_(&call),
          to_(&to),
          prefix_(message(call.name.empty() ? call.op_type : call.name, "/")),
          used_(&used),
          budget_(&budget) {}

    /// A node of the function as it is for this call.
    [[nodiscard]] node made_of(const node& inner, std::size_t depth) {
        budget_->take(inner, depth);
        node out = inner;
        bind(out, depth);
        return out;
    }

    /// For an output of the function that is one of its inputs.
    [[nodiscard]] node copy_of_input(std::size_t output) {
        node out;
        out.op_type = "Identity";
        out.inputs = {to_->body->outputs[output]};
        bind(out, 0);
        out.outputs = {call_->outputs[output]};
        budget_->take(out, 0);
        return out;
    }

  private:
    void bind(node& n, std::size_t depth) {
        n.name = names_in_use::take(used_->nodes, prefix_ + (n.name.empty() ? n.op_type : n.name));
        budget_->take_bytes(n.name.size());
        n.position = call_->position;
        n.version = version_among(to_->body->opset_imports, n.domain);
        for (std::string& name : n.inputs) bind(name);
        for (std::string& name : n.outputs) bind(name);
        std::vector<attribute> bound;
        for (attribute& a : n.attributes) bind(a, bound, depth);
        n.attributes = std::move(bound);
    }

    /// A reference becomes what the call gives, else the default; where there is neither, the attribute is left out.
    void bind(attribute& a, std::vector<attribute>& bound, std::size_t depth) {
        if (a.reference.empty()) {
            for (graph& inner : a.graphs) bind(inner, depth + 1);
            return bound.push_back(std::move(a));
        }
        const attribute* given = call_->find(a.reference);
        if (given == nullptr) given = find_attribute(to_->body->defaults, a.reference);
        if (given == nullptr) return;
        budget_->take(*given, depth);
        bound.push_back(*given);
        bound.back().name = std::move(a.name);
    }

    void bind(graph& g, std::size_t depth) {
        for (auto* list : {&g.inputs, &g.outputs, &g.values})
            for (value_info& each : *list) bind(each.name);
        for (tensor& each : g.initializers) bind(each.name);
        for (node& each : g.nodes) bind(each, depth);
    }

    /// The name of a value.
    void bind(std::string& name) {
        if (name.empty()) return;
        name = bound_name(name);
        budget_->take_bytes(name.size());
    }

    [[nodiscard]] std::string bound_name(const std::string& name) {
        const auto given = [](const std::vector<std::string>& names, std::size_t place) {
            return place < names.size() ? names[place] : std::string();
        };
        if (const auto input = to_->inputs.find(name); input != to_->inputs.end())
            return given(call_->inputs, input->second);
        if (const auto output = to_->outputs.find(name); output != to_->outputs.end())
            if (std::string outer = given(call_->outputs, output->second); !outer.empty()) return outer;
        std::string& inner = inner_[name];
        if (inner.empty()) inner = names_in_use::take(used_->values, prefix_ + name);
        return inner;
    }
};

class function_inliner {
    model* model_;
    std::string path_;
    keeps_call keeps_;
    inlining_budget budget_;
    names_in_use used_;
    std::unordered_map<std::string, callee> callees_;
    fault_list faults_;

    void note_names(const graph& g) {
        for (const auto* list : {&g.inputs, &g.outputs, &g.values})
            for (const value_info& each : *list) used_.values.take(each.name);
        for (const tensor& each : g.initializers) used_.values.take(each.name);
        for (const node& each : g.nodes) note_names(each);
    }

    void note_names(const node& n) {
        budget_.take_node();
        used_.nodes.take(n.name);
        for (const std::string& name : n.inputs) used_.values.take(name);
        for (const std::string& name : n.outputs) used_.values.take(name);
        for (const attribute& a : n.attributes)
            for (const graph& inner : a.graphs) note_names(inner);
    }

    [[nodiscard]] const callee* called_by(const node& n) const {
        const auto found = callees_.find(key_of_called(n));
        const bool stays = found == callees_.end() || (keeps_ != nullptr && keeps_(n, model_->version_of(n)));
        return stays ? nullptr : &found->second;
    }

    void expand(std::vector<node>& nodes, std::size_t depth) {
        std::vector<node> out;
        out.reserve(nodes.size());
        for (node& n : nodes) place(std::move(n), out, depth);
        nodes = std::move(out);
    }

    void place(node n, std::vector<node>& out, std::size_t depth) {
        if (const callee* called = called_by(n)) return place_call(n, *called, out, depth + 1);
        for (attribute& a : n.attributes)
            for (graph& inner : a.graphs) expand(inner.nodes, depth + 1);
        out.push_back(std::move(n));
    }

    void place_call(const node& call, const callee& to, std::vector<node>& out, std::size_t depth) {
        if (!fits(call, "inputs", call.inputs.size(), to.body->inputs.size()) ||
            !fits(call, "outputs", call.outputs.size(), to.body->outputs.size()))
            return;
        function_call bound(call, to, used_, budget_);
        for (const node& inner : to.body->nodes) place(bound.made_of(inner, depth), out, depth);
        for (std::size_t i = 0; i < call.outputs.size(); ++i)
            if (!call.outputs[i].empty() && to.inputs.contains(to.body->outputs[i]))
                out.push_back(bound.copy_of_input(i));
    }

    [[nodiscard]] bool fits(const node& call, const char* role, std::size_t given, std::size_t most) {
        if (given > most)
            faults_.add(exit_code::malformed,
                        message(printable_path(path_), ": ", describe(call), ": gives ", given, " ", role,
                                ", its local function has ", most, "; correct the model where it was made"));
        return given <= most;
    }

  public:
    function_inliner(model& of, std::string_view path, const limits& allowed, keeps_call keeps)
        : model_(&of), path_(path), keeps_(keeps), budget_(allowed, path) {}

    void run() {
        for (const function& f : model_->functions) callees_.emplace(key_of(f), callee(f));
        note_names(model_->graph);
        expand(model_->graph.nodes, 0);
        faults_.throw_if_any();
        model_->functions.clear();
    }
};

} // namespace detail

/// Replaces each node that calls a local function by the function's nodes, in its place, those of nested graphs and of
/// functions that functions call too. A node is called CALL/NODE then, a value that only the function has CALL/VALUE,
/// with a number behind it where that is taken; without a name the call is called after its function, a node after its
/// operator. Inputs and attributes without a default that a call leaves out are left out within; an output that is an
/// input becomes an Identity. The nodes are of the operator sets that their function imports (node::version). A
/// function of the file stands before an operator of ctq's with the same domain and name, unless `keeps` says so of the
/// call; no function is left in the model. Before validate(), which then checks what came of it. Throws `failure`
/// (malformed): all that validate_functions() finds, calls with more inputs or outputs than their function has, and
/// what is beyond `allowed` in all: nodes, bytes, calls and graphs within each other. Cost: linear in what it makes.
inline void inline_functions(model& of, std::string_view path, const limits& allowed = {}, keeps_call keeps = nullptr) {
    if (of.functions.empty()) return;
    validate_functions(of, path);
    detail::function_inliner(of, path, allowed, keeps).run();
}

} // namespace ctq::inline CTQ_TARGET::host::onnx
