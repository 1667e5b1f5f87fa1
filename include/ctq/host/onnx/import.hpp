#pragma once
// From an ONNX model to a float graph of a registry's operators; every node that cannot be taken is told at once.
// room: host | runs on: host | heap: yes

#include <ctq/graph/connections.hpp>
#include <ctq/graph/graph.hpp>
#include <ctq/graph/validate.hpp>
#include <ctq/host/failure.hpp>
#include <ctq/host/onnx/constant_nodes.hpp>
#include <ctq/host/onnx/import_node.hpp>
#include <ctq/host/onnx/integer_constants.hpp>
#include <ctq/host/onnx/model.hpp>
#include <ctq/host/onnx/read.hpp>
#include <ctq/host/onnx/validate.hpp>
#include <ctq/registry/registry.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <unordered_set>
#include <utility>
#include <vector>

namespace ctq::inline CTQ_TARGET::host::onnx {

struct import_options {
    /// Sizes of symbolic dimensions of the model's inputs, each at least 1. An axis without a symbol is called
    /// INPUT.AXIS.
    std::map<std::string, std::int64_t> dims;
};

namespace detail {

template <class Registry> class model_importer {
    using graph_type = basic_graph<operation_variant<Registry>>;

    const model* model_;
    std::string path_;
    const import_options* options_;
    import_state<graph_type> state_;
    std::unordered_set<std::string_view> used_;
    std::set<std::string> symbols_;
    fault_list faults_;

    template <typename... Parts> void fault(exit_code code, const Parts&... what) {
        faults_.add(code, message(printable_path(path_), ": ", what...));
    }

    void note_names() {
        const onnx::graph& from = model_->graph;
        for (const value_info& input : from.inputs) state_.names.take(input.name);
        for (const tensor& constant : from.initializers) state_.names.take(constant.name);
        for (const node& n : from.nodes) {
            for (const std::string& output : n.outputs) state_.names.take(output);
            used_.insert(n.inputs.begin(), n.inputs.end());
        }
        for (const value_info& output : from.outputs) used_.insert(output.name);
    }

    /// The extent of an axis: given, or pinned by the options. Nothing after a fault was noted.
    std::optional<std::int32_t> extent_of(const value_info& input, std::size_t axis) {
        const dimension& dim = input.dims[axis];
        if (dim.value) {
            if (*dim.value >= 1 && *dim.value <= most_elements) return static_cast<std::int32_t>(*dim.value);
            fault(*dim.value < 1 ? exit_code::malformed : exit_code::unsupported, "input ", in_quotes(input.name),
                  ": dimension ", axis, " is ", *dim.value, "; 1 to ", most_elements, " is supported");
            return std::nullopt;
        }
        const std::string symbol = dim.symbol.empty() ? message(input.name, ".", axis) : dim.symbol;
        symbols_.insert(symbol);
        if (const auto given = options_->dims.find(symbol); given != options_->dims.end())
            return static_cast<std::int32_t>(given->second);
        fault(exit_code::unsupported, "input ", in_quotes(input.name), ": dimension ", axis, " ",
              dim.symbol.empty() ? std::string() : in_quotes(dim.symbol) + " ", "is not fixed; give it a size: --dim ",
              printable(symbol), "=1");
        return std::nullopt;
    }

    /// True when an input says its axes and they are not too many; else a fault was noted.
    bool has_axes(const value_info& input) {
        if (!input.has_shape)
            fault(exit_code::unsupported, "input ", in_quotes(input.name),
                  " has no shape; export the model with the shapes of its inputs");
        else if (input.dims.size() > static_cast<std::size_t>(shape::max_rank))
            fault(exit_code::unsupported, "input ", in_quotes(input.name), " has ", input.dims.size(),
                  " axes; at most 6 are supported");
        else
            return true;
        return false;
    }

    /// True when an input of this shape is not too large; else a fault was noted.
    bool has_size(const value_info& input, const shape& of) {
        std::int64_t elements = 1;
        for (int axis = 0; axis < of.rank; ++axis) {
            if (of[axis] > most_elements / elements) {
                fault(exit_code::unsupported, "input ", in_quotes(input.name), " of ", text_of(of),
                      " has more than 2^30 elements; give it smaller dimensions");
                return false;
            }
            elements *= of[axis];
        }
        return true;
    }

    /// Nothing after a fault was noted.
    std::optional<shape> shape_of_input(const value_info& input) {
        if (!has_axes(input)) return std::nullopt;
        shape out;
        bool whole = true;
        for (std::size_t axis = 0; axis < input.dims.size(); ++axis) {
            const auto extent = extent_of(input, axis);
            whole &= extent.has_value();
            out.append(extent.value_or(1));
        }
        if (!has_size(input, out) || !whole) return std::nullopt;
        return out;
    }

    void add_input(const value_info& input) {
        binding& made = state_.bindings[input.name];
        made.broken = true;
        if (input.elem_type != data_type::float32)
            return fault(exit_code::unsupported, "input ", in_quotes(input.name), " is of type ",
                         name_of(input.elem_type), "; only FLOAT inputs are supported: convert outside of the model");
        const auto of = shape_of_input(input);
        if (!of) return;
        made = {state_.graph.add_value(text(input.name), {dtype::float32, *of, {}}), nullptr, false};
        state_.graph.inputs.push_back({text(input.name), made.value});
    }

    /// A constant that is also listed as an input (before IR version 4 all are) is a constant.
    void add_inputs() {
        for (const tensor& constant : model_->graph.initializers)
            state_.bindings.emplace(constant.name, binding{-1, &constant, false});
        for (const value_info& input : model_->graph.inputs)
            if (!state_.bindings.contains(input.name)) add_input(input);
    }

    void check_sizes() const {
        for (const auto& [name, size] : options_->dims)
            if (size < 1 || size > most_elements)
                throw failure(exit_code::usage,
                              message("--dim ", printable(name), "=", size, ": a size is 1 to ", most_elements));
    }

    void check_symbols() const {
        for (const auto& [name, size] : options_->dims) {
            if (symbols_.contains(name)) continue;
            std::string known;
            for (const std::string& symbol : symbols_) known += message(known.empty() ? "" : ", ", printable(symbol));
            throw failure(exit_code::usage,
                          message("--dim ", printable(name), "=", size, ": the inputs of ", printable_path(path_),
                                  " have no such dimension; ",
                                  known.empty() ? "all theirs are fixed" : message("theirs are ", known)));
        }
    }

    void break_outputs(const node& n) {
        for (const std::string& output : n.outputs)
            if (!output.empty()) state_.bindings[output] = {-1, nullptr, true};
    }

    [[nodiscard]] bool reads_broken(const node& n) const {
        return std::any_of(n.inputs.begin(), n.inputs.end(), [&](const std::string& input) {
            return !input.empty() && state_.bindings.at(input).broken;
        });
    }

    void bind_constant(const node& n, tensor made) {
        made.name = n.outputs.front();
        state_.made.push_back(std::move(made));
        state_.bindings[n.outputs.front()] = {-1, &state_.made.back(), false};
    }

    /// What a node that makes a constant, whatever its input holds, reads of it.
    [[nodiscard]] shape read_by(const constant_operator& each, const node& n) const {
        if (!each.reads_shape) return {};
        const binding& from = state_.bindings.at(n.inputs[0]);
        return from.value >= 0 ? state_.graph.value_at(from.value).facts.shape : shape_of_tensor(*from.elements);
    }

    /// Computes a node over integer constants alone. False when it is not such a node.
    bool fold_integers(const node& n) {
        std::vector<const tensor*> in;
        for (const std::string& input : n.inputs) {
            if (input.empty() || !state_.bindings.at(input).integer()) return false;
            in.push_back(state_.bindings.at(input).elements);
        }
        // No result is longer than all that it reads; a chain of Concat doubles it each time.
        std::size_t read = 0;
        for (const tensor* each : in) read += each->integers.size();
        state_.take(state_.shape_folding, static_cast<std::int64_t>(read));
        auto result = integer_result(n, in);
        if (!result) return false;
        bind_constant(n, std::move(*result));
        return true;
    }

    /// Constants, and what exporters compute shapes with. True when the node was one of these.
    bool import_early(const node& n) {
        if (const constant_operator* each = constant_operator_of(n)) {
            bind_constant(n, each->result(n, read_by(*each, n)));
            return true;
        }
        return fold_integers(n);
    }

    /// After a node's import: what others read of it is there.
    void check_outputs(const node& n) const {
        const auto made = [&](const std::string& name) { return !name.empty() && state_.bindings.contains(name); };
        const auto count = std::count_if(n.outputs.begin(), n.outputs.end(), made);
        if (count == 0) throw node_fault{exit_code::unsupported, "output 0 is left out"};
        for (std::size_t i = 0; i < n.outputs.size(); ++i)
            if (!made(n.outputs[i]) && used_.contains(n.outputs[i]) && !n.outputs[i].empty())
                throw node_fault{exit_code::unsupported, message("output ", i, " ", in_quotes(n.outputs[i]),
                                                                 " is used, but not made by ctq, which makes ", count,
                                                                 " of ", n.outputs.size())};
    }

    template <class Op> [[nodiscard]] static bool stands_for(const node& n) {
        return n.domain == onnx_domain_of<Op> && std::any_of(std::begin(Op::onnx_names), std::end(Op::onnx_names),
                                                             [&](std::string_view name) { return name == n.op_type; });
    }

    /// Calls use(type) for the operator that the node stands for; false when there is none.
    template <class Use> static bool with_operator(const node& n, Use use) {
        bool found = false;
        Registry::for_each(Registry::operators(), [&](auto each) {
            using operator_type = typename decltype(each)::type;
            if (found || !stands_for<operator_type>(n)) return;
            found = true;
            use(each);
        });
        return found;
    }

    /// True for nodes that import_early may take, whatever the registry has.
    [[nodiscard]] static bool is_early(const node& n) {
        return constant_operator_of(n) != nullptr || integer_operator_of(n) != nullptr;
    }

    [[nodiscard]] node_fault unknown(const node& n) const {
        const bool nested =
            std::any_of(n.attributes.begin(), n.attributes.end(), [](const attribute& a) { return !a.graphs.empty(); });
        const auto& functions = model_->functions;
        const bool local = std::any_of(functions.begin(), functions.end(),
                                       [&](const function& f) { return f.name == n.op_type && f.domain == n.domain; });
        if (nested)
            return {exit_code::unsupported,
                    "control flow is not supported; export the model with it unrolled or folded"};
        if (local)
            return {exit_code::unsupported, "local functions are not supported; export the model with them inlined"};
        return {exit_code::unsupported,
                message("the operator", n.domain.empty() ? std::string() : message(" of domain ", in_quotes(n.domain)),
                        " is not supported; see ctq supported-ops, or register an operator of your own")};
    }

    /// "FILE: node 'n' (Op): what (numbers); what to do".
    void tell(const node& n, const node_fault& what, const std::string& numbers) {
        const std::size_t cut = std::min(what.text.find(';'), what.text.size());
        const std::string advice = cut < what.text.size() ? what.text.substr(cut)
                                   : what.code == exit_code::unsupported
                                       ? "; change this layer, or register an operator of your own"
                                       : "; correct the model where it was made";
        fault(what.code, describe(n), ": ", what.text.substr(0, cut), numbers.empty() ? "" : " ", numbers, advice);
    }

    /// Runs `work`; a fault of the node is noted and its outputs are not to be used. `numbers()` describes the node.
    template <class Work, class Numbers> void guarded(const node& n, Work work, Numbers numbers) {
        try {
            work();
        } catch (const node_fault& error) {
            tell(n, error, numbers());
            break_outputs(n);
        } catch (const model_error& error) {
            tell(n, {exit_code::malformed, error.what()}, numbers());
            break_outputs(n);
        }
    }

    void import_one(const node& n) {
        const auto nothing = [] { return std::string(); };
        const bool known = with_operator(n, [](auto) {});
        if (!known && !is_early(n))
            return guarded(
                n, [&] { throw unknown(n); }, nothing);
        if (reads_broken(n)) return break_outputs(n);
        import_node<graph_type> in(n, model_->opset(n.domain), state_);
        const auto work = [&] {
            if (!import_early(n)) {
                if (!known) throw unknown(n);
                with_operator(n, [&](auto each) { in.template import_as<typename decltype(each)::type>(); });
            }
            check_outputs(n);
        };
        guarded(n, work, [&] { return n.inputs.empty() ? std::string() : in.numbers(); });
    }

    void add_outputs() {
        std::vector<port> outputs;
        connections links(state_.graph);
        for (const value_info& output : model_->graph.outputs) {
            const binding& made = state_.bindings.at(output.name);
            if (made.broken) continue;
            const bool constant = made.value < 0 || state_.graph.is_constant(made.value);
            if (constant || links.producer_of(made.value) < 0)
                fault(exit_code::unsupported, "output ", in_quotes(output.name),
                      constant ? " depends on no input; remove it from the model's outputs"
                               : " is an input, unchanged; remove it from the model's outputs");
            else
                outputs.push_back({text(output.name), made.value});
        }
        state_.graph.outputs = std::move(outputs);
    }

  public:
    model_importer(const model& from, std::string_view path, const import_options& options)
        : model_(&from), path_(path), options_(&options) {}

    graph_type run() {
        state_.graph.name = text(model_->graph.name);
        note_names();
        check_sizes();
        add_inputs();
        check_symbols();
        for (const node& n : model_->graph.nodes) import_one(n);
        add_outputs();
        faults_.throw_if_any();
        ctq::validate(state_.graph);
        return std::move(state_.graph);
    }
};

} // namespace detail

/// The float graph of a validated model, in the operators of `Registry`. Values keep their ONNX names (an image's
/// channels-last copy has the name, its channels-first one NAME.transposed), nodes too (one without a name is called
/// after its output); `origins` are ONNX nodes. Operators over constants alone are computed here. Throws `failure` with
/// every fault found: malformed for attributes and shapes that break an operator's rules; unsupported for operators,
/// element types and dimensions that are not fixed, and for more of such constants than `limits` allows;
/// usage for options that name no dimension. Memory: the constants once more, and those.
template <class Registry>
[[nodiscard]] auto import_model(const model& from, std::string_view path, const import_options& options = {})
    -> basic_graph<operation_variant<Registry>> {
    return detail::model_importer<Registry>(from, path, options).run();
}

/// Reads, checks and imports an ONNX file. `warnings`, when given, gets a line for each thing that is odd but no fault.
template <class Registry>
[[nodiscard]] auto load_model(const std::string& path, const import_options& options = {},
                              std::vector<std::string>* warnings = nullptr)
    -> basic_graph<operation_variant<Registry>> {
    model from = read(path);
    validate(from, path, control_flow::keep);
    if (warnings != nullptr) *warnings = from.warnings;
    return import_model<Registry>(from, path, options);
}

} // namespace ctq::inline CTQ_TARGET::host::onnx
