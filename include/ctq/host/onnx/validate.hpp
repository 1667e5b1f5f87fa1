#pragma once
// Whether the graph of an ONNX file is a graph: every value defined once and before use, no cycles, something to
// compute.
// room: host | runs on: host | heap: yes

#include <ctq/host/failure.hpp>
#include <ctq/host/onnx/model.hpp>

#include <algorithm>
#include <cstddef>
#include <functional>
#include <queue>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

namespace ctq::inline CTQ_TARGET::host::onnx {

/// What validate() does with nodes that hold graphs of their own (If, Loop, Scan).
enum class control_flow { refuse, keep };

namespace detail {

// Items that depend on items, put in an order in which each comes after all that it needs.
class dependency_order {
    std::vector<std::vector<std::size_t>> users_; // of item i
    std::vector<std::size_t> missing_;            // how many needs of item i are not placed yet
    std::vector<std::size_t> order_;

  public:
    explicit dependency_order(std::size_t count) : users_(count), missing_(count) { order_.reserve(count); }

    void needs(std::size_t item, std::size_t other) {
        users_[other].push_back(item);
        ++missing_[item];
    }

    /// The items in order; among those that are ready the first in the file goes first. Shorter than all when there is
    /// a cycle.
    const std::vector<std::size_t>& solve() {
        std::priority_queue<std::size_t, std::vector<std::size_t>, std::greater<>> ready;
        for (std::size_t i = 0; i < missing_.size(); ++i) {
            if (missing_[i] == 0) ready.push(i);
        }
        while (!ready.empty()) {
            const std::size_t item = ready.top();
            ready.pop();
            order_.push_back(item);
            for (const std::size_t user : users_[item]) {
                if (--missing_[user] == 0) ready.push(user);
            }
        }
        return order_;
    }

    /// After solve() fell short: the items of one cycle from the first in the file, each needed by the next.
    [[nodiscard]] std::vector<std::size_t> cycle() const {
        std::vector<std::size_t> needed(missing_.size(),
                                        missing_.size()); // of a stuck item, one stuck item that it needs
        for (std::size_t item = 0; item < users_.size(); ++item) {
            for (const std::size_t user : users_[item]) {
                if (missing_[item] != 0) needed[user] = item;
            }
        }
        std::vector<std::size_t> seen_at(missing_.size(), 0);
        std::vector<std::size_t> walk;
        auto here = static_cast<std::size_t>(
            std::find_if(missing_.begin(), missing_.end(), [](std::size_t m) { return m != 0; }) - missing_.begin());
        while (seen_at[here] == 0) {
            walk.push_back(here);
            seen_at[here] = walk.size();
            here = needed[here];
        }
        std::vector<std::size_t> found(walk.begin() + static_cast<std::ptrdiff_t>(seen_at[here] - 1), walk.end());
        std::reverse(found.begin(), found.end());
        std::rotate(found.begin(), std::min_element(found.begin(), found.end()), found.end());
        return found;
    }
};

// What tells local functions apart, and which of them a node calls.
inline std::string function_key(const std::string& domain, const std::string& name, const std::string& overload) {
    return message(domain.size(), ":", domain, name.size(), ":", name, overload);
}
inline std::string key_of(const function& f) {
    return function_key(f.domain, f.name, f.overload);
}
inline std::string key_of_called(const node& n) {
    return function_key(n.domain, n.op_type, n.overload);
}

// Whether each local function is given once, and none calls itself.
class function_checker {
    const model* model_;
    std::string path_;
    fault_list* faults_;
    std::unordered_map<std::string, std::size_t> index_;

    [[nodiscard]] const std::vector<function>& all() const { return model_->functions; }

    template <typename... Parts> void malformed(const function& f, const Parts&... what) {
        faults_->add(exit_code::malformed, message(printable_path(path_), ": ", describe(f), what...));
    }

    void check_names(const function& f, const char* role, const std::vector<std::string>& given) {
        std::unordered_set<std::string_view> names;
        for (const std::string& name : given)
            if (!names.insert(name).second) malformed(f, ": ", role, " ", in_quotes(name), " is given twice");
    }

    void check_calls() {
        dependency_order order(all().size());
        for (std::size_t i = 0; i < all().size(); ++i) add_calls(order, i, all()[i].nodes);
        if (order.solve().size() == all().size()) return;
        const std::vector<std::size_t> cycle = order.cycle();
        malformed(all()[cycle.front()], " calls itself",
                  cycle.size() > 1 ? message(" through ", in_quotes(all()[cycle[1]].name)) : std::string{});
    }

    // Nested graphs are bounded in depth by the reader.
    void add_calls(dependency_order& order, std::size_t caller, const std::vector<node>& nodes) {
        for (const node& n : nodes) {
            const auto called = index_.find(key_of_called(n));
            if (called != index_.end()) order.needs(caller, called->second);
            for (const attribute& a : n.attributes) {
                for (const graph& inner : a.graphs) add_calls(order, caller, inner.nodes);
            }
        }
    }

  public:
    function_checker(const model& checked, std::string_view path, fault_list& faults)
        : model_(&checked), path_(path), faults_(&faults) {}

    void run() {
        for (std::size_t i = 0; i < all().size(); ++i) {
            if (!index_.emplace(key_of(all()[i]), i).second) malformed(all()[i], " is given twice");
            check_names(all()[i], "input", all()[i].inputs);
            check_names(all()[i], "output", all()[i].outputs);
        }
        check_calls();
    }
};

class validator {
    model* model_;
    std::string path_;
    control_flow policy_;
    fault_list faults_;
    std::unordered_map<std::string_view, std::size_t> producer_; // value -> node, or `outside` for inputs and constants

    static constexpr std::size_t outside = static_cast<std::size_t>(-1);

    template <typename... Parts> void malformed(const Parts&... what) {
        faults_.add(exit_code::malformed, message(printable_path(path_), ": ", what...));
    }

    [[nodiscard]] graph& whole() const { return model_->graph; }

    void check_not_empty() {
        if (whole().nodes.empty()) malformed("the graph is empty: it has no nodes");
        if (whole().outputs.empty()) malformed("the graph has no outputs");
        const auto is_constant = [&](const value_info& input) { return producer_.contains(input.name); };
        if (std::all_of(whole().inputs.begin(), whole().inputs.end(), is_constant))
            malformed("the graph has no inputs");
    }

    void define_constants() {
        for (const tensor& constant : whole().initializers) {
            if (constant.name.empty())
                malformed("an initializer has no name");
            else if (!producer_.emplace(constant.name, outside).second)
                malformed("initializer ", in_quotes(constant.name), " is given twice");
        }
    }

    // An input may share its name with an initializer, which is then its default.
    void define_inputs() {
        std::unordered_set<std::string_view> names;
        for (const value_info& input : whole().inputs) {
            if (input.name.empty())
                malformed("an input of the graph has no name");
            else if (!names.insert(input.name).second)
                malformed("input ", in_quotes(input.name), " is given twice");
            producer_.emplace(input.name, outside);
            check_kind("input", input);
        }
    }

    void check_kind(const char* role, const value_info& value) {
        if (!value.kind.empty() && value.kind != "tensor")
            faults_.add(exit_code::unsupported, message(printable_path(path_), ": ", role, " ", in_quotes(value.name),
                                                        " is a ", value.kind, "; only tensors are supported"));
    }

    void define_outputs(std::size_t index) {
        const node& n = whole().nodes[index];
        bool any = false;
        for (const std::string& output : n.outputs) {
            if (output.empty()) continue;
            any = true;
            const auto [place, added] = producer_.emplace(output, index);
            if (!added) malformed(describe(n), ": output ", in_quotes(output), " is already ", owner(place->second));
        }
        if (!any) malformed(describe(n), " has no output");
    }

    [[nodiscard]] std::string owner(std::size_t producer) const {
        return producer == outside ? std::string("an input or initializer of the graph")
                                   : message("made by ", describe(whole().nodes[producer]));
    }

    void check_operator(const node& n) {
        if (n.op_type.empty()) malformed(describe(n), " has no op_type");
        if (model_->version_of(n) == 0)
            malformed(describe(n), ": domain ", in_quotes(n.domain), " is not in opset_import");
    }

    void check_inputs(std::size_t index) {
        const node& n = whole().nodes[index];
        for (std::size_t i = 0; i < n.inputs.size(); ++i) {
            if (n.inputs[i].empty()) continue;
            const auto made = producer_.find(n.inputs[i]);
            if (made == producer_.end())
                malformed(describe(n), ": input ", i, " ", in_quotes(n.inputs[i]),
                          " is made by no node, input or initializer");
            else if (made->second == index)
                malformed(describe(n), ": takes its own output ", in_quotes(n.inputs[i]), " as input ", i);
        }
    }

    void check_graph_outputs() {
        std::unordered_set<std::string_view> names;
        for (const value_info& output : whole().outputs) {
            if (!names.insert(output.name).second) malformed("output ", in_quotes(output.name), " is given twice");
            if (!producer_.contains(output.name))
                malformed("output ", in_quotes(output.name), " of the graph is made by no node");
            check_kind("output", output);
        }
    }

    // Exporters repeat value_info; only a contradiction is a fault.
    void check_value_infos() {
        std::unordered_map<std::string_view, const value_info*> known;
        for (const value_info& value : whole().values) {
            const auto [place, added] = known.emplace(value.name, &value);
            if (!added && *place->second != value)
                malformed("value_info of ", in_quotes(value.name), " is given twice and differs");
        }
    }

    using name_list = std::unordered_set<std::string_view>;

    // What a graph within a node reads of the main graph's values is needed before the node. `defined`: the names of
    // the graphs that it stands in.
    void need_captured(dependency_order& order, std::size_t item, const graph& inner, std::vector<name_list>& defined) {
        name_list own;
        for (const value_info& input : inner.inputs) own.insert(input.name);
        for (const tensor& constant : inner.initializers) own.insert(constant.name);
        for (const node& n : inner.nodes) own.insert(n.outputs.begin(), n.outputs.end());
        defined.push_back(std::move(own));
        const auto need = [&](const std::string& name) {
            const auto made = producer_.find(name);
            if (made == producer_.end() || made->second == outside || made->second == item) return;
            const auto defines = [&](const name_list& names) { return names.contains(name); };
            if (std::none_of(defined.begin(), defined.end(), defines)) order.needs(item, made->second);
        };
        for (const node& n : inner.nodes) {
            for (const std::string& input : n.inputs) need(input);
            for (const attribute& a : n.attributes)
                for (const graph& nested : a.graphs) need_captured(order, item, nested, defined);
        }
        for (const value_info& output : inner.outputs) need(output.name);
        defined.pop_back();
    }

    void sort_nodes() {
        auto& nodes = whole().nodes;
        dependency_order order(nodes.size());
        for (std::size_t i = 0; i < nodes.size(); ++i) {
            for (const std::string& input : nodes[i].inputs) {
                const auto made = producer_.find(input);
                if (made != producer_.end() && made->second != outside) order.needs(i, made->second);
            }
            std::vector<name_list> defined;
            for (const attribute& a : nodes[i].attributes)
                for (const graph& inner : a.graphs) need_captured(order, i, inner, defined);
        }
        const std::vector<std::size_t>& sorted = order.solve();
        if (sorted.size() < nodes.size()) return report_cycle(order.cycle());
        if (std::is_sorted(sorted.begin(), sorted.end())) return;
        std::vector<node> moved;
        moved.reserve(nodes.size());
        for (const std::size_t i : sorted) moved.push_back(std::move(nodes[i]));
        nodes = std::move(moved);
    }

    void report_cycle(const std::vector<std::size_t>& cycle) {
        constexpr std::size_t shown = 6;
        std::string names;
        for (std::size_t i = 0; i < std::min(cycle.size(), shown); ++i)
            names += describe(whole().nodes[cycle[i]]) + " -> ";
        if (cycle.size() > shown) names += message("... ", cycle.size() - shown, " more -> ");
        malformed("the graph has a cycle: ", names, describe(whole().nodes[cycle.front()]));
    }

    void refuse_control_flow() {
        for (const node& n : whole().nodes) {
            const bool nested = std::any_of(n.attributes.begin(), n.attributes.end(),
                                            [](const attribute& a) { return !a.graphs.empty(); });
            if (nested)
                faults_.add(exit_code::unsupported, message(printable_path(path_), ": ", describe(n),
                                                            ": control flow is not supported; export the model with it "
                                                            "unrolled or folded"));
        }
    }

  public:
    validator(model& checked, std::string_view path, control_flow policy)
        : model_(&checked), path_(path), policy_(policy) {}

    void run() {
        function_checker(*model_, path_, faults_).run();
        check_value_infos();
        define_constants();
        check_not_empty();
        define_inputs();
        for (std::size_t i = 0; i < whole().nodes.size(); ++i) define_outputs(i);
        for (std::size_t i = 0; i < whole().nodes.size(); ++i) {
            check_operator(whole().nodes[i]);
            check_inputs(i);
        }
        check_graph_outputs();
        if (policy_ == control_flow::refuse) refuse_control_flow();
        if (faults_.empty()) sort_nodes();
        faults_.throw_if_any();
    }
};

} // namespace detail

/// Checks the local functions of a model: each given once, none that calls itself, directly or through others, and no
/// input or output of one given twice. Throws `failure` (malformed) with every fault found. Cost: linear in the file.
inline void validate_functions(const model& checked, std::string_view path) {
    fault_list faults;
    detail::function_checker(checked, path, faults).run();
    faults.throw_if_any();
}

/// Checks the structure of the main graph and puts its nodes in an order of use when the file's is not one. Throws
/// `failure` with every fault found: malformed for an empty graph, a value without or with two definitions, a cycle
/// (naming its nodes), an undeclared domain, a function that calls itself; unsupported for control flow (unless kept)
/// and for inputs and outputs that are not tensors. Names may be any bytes. Cost: linear in the graph, O(n log n) to
/// sort.
inline void validate(model& checked, std::string_view path, control_flow policy = control_flow::refuse) {
    detail::validator(checked, path, policy).run();
}

} // namespace ctq::inline CTQ_TARGET::host::onnx
