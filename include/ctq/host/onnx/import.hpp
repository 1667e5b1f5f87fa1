#pragma once
// From an ONNX model to a float graph of a registry's operators; every node that cannot be taken is told at once.
// room: host | runs on: host | heap: yes

#include <ctq/graph/connections.hpp>
#include <ctq/graph/graph.hpp>
#include <ctq/graph/validate.hpp>
#include <ctq/host/onnx/constant_nodes.hpp>
#include <ctq/host/onnx/inline_functions.hpp>
#include <ctq/host/onnx/model.hpp>
#include <ctq/host/onnx/name_scope.hpp>
#include <ctq/host/onnx/node_reader.hpp>
#include <ctq/host/onnx/read.hpp>
#include <ctq/host/onnx/translations.hpp>
#include <ctq/host/onnx/validate.hpp>
#include <ctq/host/source/node_importer.hpp>
#include <ctq/registry/registry.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

namespace ctq::inline CTQ_TARGET::host::onnx {

struct import_options {
    /// Sizes of symbolic dimensions of the model's inputs, each at least 1. An axis without a symbol is called
    /// INPUT.AXIS.
    std::map<std::string, std::int64_t> dims;
};

namespace detail {

/// The format, as the importer of all formats knows it.
struct format {
    static constexpr std::string_view source = source_name;
    static constexpr auto translations() { return standard_translations.translations(); }
};

template <class Registry> class model_importer {
    using importer_type = source::node_importer<Registry, format, node_reader>;
    using graph_type = typename importer_type::graph_type;

    const model* model_;
    std::string path_;
    const import_options* options_;
    importer_type to_;
    std::set<std::string> symbols_;

    [[nodiscard]] source::bindings& known() { return to_.known(); }
    [[nodiscard]] graph_type& graph() { return to_.graph(); }

    template <typename... Parts> void fault(exit_code code, const Parts&... what) { to_.fault(code, what...); }

    void note_names() {
        const onnx::graph& from = model_->graph;
        for (const value_info& input : from.inputs) to_.writer().keep_name(input.name);
        for (const tensor& constant : from.initializers) to_.writer().keep_name(constant.name);
        for (const node& n : from.nodes)
            for (const std::string& output : n.outputs) to_.writer().keep_name(output);
        note_uses(from, {});
        note_node_names(from);
    }

    /// Of a graph and of those within it.
    void note_node_names(const onnx::graph& from) {
        for (const node& n : from.nodes) {
            to_.note_name(node_reader(n, 0));
            for (const attribute& a : n.attributes)
                for (const onnx::graph& inner : a.graphs) note_node_names(inner);
        }
    }

    /// What the nodes of a graph read, and those of graphs within it of what is outside of these.
    void note_uses(const onnx::graph& from, const name_scope& names) {
        for (const node& n : from.nodes) {
            for (const std::string& input : n.inputs) to_.note_use(names.of(input));
            for (const attribute& a : n.attributes)
                for (const onnx::graph& inner : a.graphs) note_uses(inner, names);
        }
        for (const value_info& output : from.outputs) to_.note_use(names.of(output.name));
    }

    /// The extent of an axis: given, or pinned by the options. Nothing after a fault was noted.
    std::optional<std::int32_t> extent_of(const value_info& input, std::size_t axis) {
        const dimension& dim = input.dims[axis];
        if (dim.value) {
            if (*dim.value >= 1 && *dim.value <= source::most_elements) return static_cast<std::int32_t>(*dim.value);
            fault(*dim.value < 1 ? exit_code::malformed : exit_code::unsupported, "input ", in_quotes(input.name),
                  ": dimension ", axis, " is ", *dim.value, "; 1 to ", source::most_elements, " is supported");
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
            if (of[axis] > source::most_elements / elements) {
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

    static constexpr bool can_be_input(data_type type) {
        return type == data_type::float32 || type == data_type::int64 || type == data_type::int32 ||
               type == data_type::uint8 || type == data_type::boolean;
    }

    void add_input(const value_info& input) {
        known().bind_broken(input.name);
        if (!can_be_input(input.elem_type))
            return fault(exit_code::unsupported, "input ", in_quotes(input.name), " is of type ",
                         name_of(input.elem_type),
                         "; FLOAT, INT64, INT32, UINT8 and BOOL inputs are supported: convert outside of the model");
        const auto of = shape_of_input(input);
        if (!of) return;
        const int value = graph().add_value(text(input.name), {read_as(input.elem_type), *of, {}});
        known().bind(input.name, value);
        graph().inputs.push_back({text(input.name), value});
    }

    /// A constant that is also listed as an input (before IR version 4 all are) is a constant.
    void add_inputs() {
        for (const tensor& constant : model_->graph.initializers) known().bind(constant.name, constant);
        for (const value_info& input : model_->graph.inputs)
            if (!known().contains(input.name)) add_input(input);
    }

    void check_sizes() const {
        for (const auto& [name, size] : options_->dims)
            if (size < 1 || size > source::most_elements)
                fail_usage("--dim ", printable(name), "=", size, ": a size is 1 to ", source::most_elements);
    }

    void check_symbols() const {
        for (const auto& [name, size] : options_->dims) {
            if (symbols_.contains(name)) continue;
            std::string known;
            for (const std::string& symbol : symbols_) known += message(known.empty() ? "" : ", ", printable(symbol));
            fail_usage("--dim ", printable(name), "=", size, ": the inputs of ", printable_path(path_),
                       " have no such dimension; ",
                       known.empty() ? "all theirs are fixed" : message("theirs are ", known));
        }
    }

    void bind_constant(const std::string& name, tensor made) {
        made.name = name;
        known().bind(name, std::move(made));
    }

    /// An If is the nodes of one of its graphs: that which its condition, a constant, asks for.
    template <class Node>
    void import_choice(const node& n, const node_reader& reader, Node& in, const name_scope& names) {
        in.check(in.has_input(0), "a condition is required");
        in.support(in.is_constant(0),
                   "the condition is known only when the network runs; export the model with it folded");
        const std::vector<std::int64_t> condition = in.constant_wide_integers(0);
        in.check(in.type_of(0) == dtype::boolean && condition.size() == 1, "the condition must be one boolean");
        const attribute* taken = n.find(condition[0] != 0 ? "then_branch" : "else_branch");
        in.check(taken != nullptr && taken->type == attribute_type::graph, "a graph for each case is required");
        const onnx::graph& branch = taken->graphs.front();
        in.check(branch.inputs.empty(), "its graphs must have no inputs");
        in.check(branch.outputs.size() >= reader.output_names().size(), "its graphs must give each of its outputs");
        import_branch(branch, reader.output_names(), names);
    }

    /// Imports a graph within another; `outputs`: what its outputs are called there.
    void import_branch(const onnx::graph& branch, const std::vector<std::string>& outputs, const name_scope& outside) {
        const name_scope names = names_within(branch, outputs, outside);
        note_uses(branch, names);
        for (const tensor& constant : branch.initializers) known().bind(names.of(constant.name), constant);
        for (const node& n : branch.nodes) import_one(n, names);
        for (std::size_t i = 0; i < outputs.size(); ++i) {
            const std::string& made = names.of(branch.outputs[i].name);
            if (outputs[i].empty() || made == outputs[i]) continue;
            if (!known().contains(made))
                throw node_fault{exit_code::malformed, message("its graph gives ", in_quotes(branch.outputs[i].name),
                                                               ", which nothing makes")};
            known().bind_like(outputs[i], made);
        }
    }

    /// What nodes make as an output of the graph is called as that is outside, all else like nothing that is there.
    name_scope names_within(const onnx::graph& branch, const std::vector<std::string>& outputs,
                            const name_scope& outside) {
        std::unordered_map<std::string_view, std::string_view> given;
        for (std::size_t i = 0; i < outputs.size(); ++i)
            if (!outputs[i].empty()) given.emplace(branch.outputs[i].name, outputs[i]);
        name_scope names(&outside);
        const auto define = [&](const std::string& name, std::string as) {
            if (!names.define(name, std::move(as)))
                throw node_fault{exit_code::malformed, message("its graph defines ", in_quotes(name), " twice")};
        };
        for (const tensor& constant : branch.initializers) define(constant.name, to_.writer().take_name(constant.name));
        for (const node& n : branch.nodes)
            for (const std::string& output : n.outputs) {
                if (output.empty()) continue;
                const auto outer = given.find(output);
                define(output, outer != given.end() ? std::string(outer->second) : to_.writer().take_name(output));
            }
        return names;
    }

    [[nodiscard]] node_fault unknown(const node& n, const node_reader& reader) const {
        const bool nested =
            std::any_of(n.attributes.begin(), n.attributes.end(), [](const attribute& a) { return !a.graphs.empty(); });
        if (nested)
            return {exit_code::unsupported,
                    "control flow is not supported; export the model with it unrolled or folded"};
        if (const std::string versions = importer_type::other_versions(reader); !versions.empty())
            return {exit_code::unsupported, message("version ", reader.version(), " of the operator is not supported, ",
                                                    versions, " are; export the model with such a one")};
        return {exit_code::unsupported,
                message("the operator", n.domain.empty() ? std::string() : message(" of domain ", in_quotes(n.domain)),
                        " is not supported; see ctq supported-ops, or register an operator of your own")};
    }

    [[nodiscard]] static bool is_choice(const node& n) { return n.domain.empty() && n.op_type == "If"; }

    /// True for what needs no translation.
    [[nodiscard]] static bool is_own(const node& n) { return is_constant_node(n) || is_choice(n); }

    /// Where the meaning of nodes is uncertain, only operators that ctq has in no version are told.
    void look_up(const node& n, const node_reader& reader) {
        if (is_own(n) || importer_type::knows_a_version(reader)) return to_.break_outputs(reader);
        to_.refuse(reader, unknown(n, reader));
    }

    /// What validate() leaves open of the nodes of graphs within nodes. Empty where nothing is wrong.
    [[nodiscard]] std::string malformed_in(const node_reader& reader) {
        if (reader.type().empty()) return "has no op_type";
        if (reader.version() == 0) return message("domain ", in_quotes(reader.domain()), " is not in opset_import");
        const auto is_named = [](const std::string& name) { return !name.empty(); };
        if (std::ranges::none_of(reader.output_names(), is_named)) return "has no output";
        const std::vector<std::string>& inputs = reader.input_names();
        for (std::size_t i = 0; i < inputs.size(); ++i)
            if (is_named(inputs[i]) && !known().contains(inputs[i]))
                return message("input ", i, " ", in_quotes(inputs[i]), " is made by nothing before it");
        return {};
    }

    /// A node of a graph whose names stand for these.
    void import_one(const node& n, const name_scope& names) {
        const std::vector<std::string> inputs = names.of(n.inputs), outputs = names.of(n.outputs);
        const node_reader reader(n, model_->version_of(n), inputs, outputs);
        if (!model_->unsupported.empty()) return look_up(n, reader);
        if (const std::string wrong = malformed_in(reader); !wrong.empty())
            return to_.refuse(reader, {exit_code::malformed, wrong});
        if (!is_own(n) && !importer_type::knows(reader)) return to_.refuse(reader, unknown(n, reader));
        if (to_.reads_broken(reader)) return to_.break_outputs(reader);
        to_.import(reader, [&](auto& in) {
            if (is_constant_node(n))
                bind_constant(outputs.front(), constant_given_by(n));
            else if (is_choice(n))
                import_choice(n, reader, in, names);
            else
                importer_type::translate(in, reader);
        });
    }

    void add_outputs() {
        std::vector<port> outputs;
        connections links(graph());
        for (const value_info& output : model_->graph.outputs) {
            const source::binding& made = known().at(output.name);
            if (made.broken) continue;
            const bool constant = made.value < 0 || graph().is_constant(made.value);
            if (constant || links.producer_of(made.value) < 0)
                fault(exit_code::unsupported, "output ", in_quotes(output.name),
                      constant ? " depends on no input; remove it from the model's outputs"
                               : " is an input, unchanged; remove it from the model's outputs");
            else
                outputs.push_back({text(output.name), made.value});
        }
        add_counts(outputs);
        graph().outputs = std::move(outputs);
    }

    /// Adds an output "NAME.count" for each output of which the data decide how many rows it has.
    void add_counts(std::vector<port>& outputs) {
        for (std::size_t i = 0, all = outputs.size(); i < all; ++i) {
            const int count = to_.writer().count_of(outputs[i].value);
            if (count < 0) continue;
            to_.writer().rename(count, message(outputs[i].name.view(), ".count"));
            outputs[i].count = static_cast<int>(outputs.size());
            outputs.push_back({graph().value_at(count).name, count});
        }
    }

  public:
    model_importer(const model& from, std::string_view path, const import_options& options)
        : model_(&from), path_(path), options_(&options), to_(path, limits{}.max_folded_bytes) {}

    graph_type run() {
        graph().name = text(model_->graph.name);
        note_names();
        check_sizes();
        add_inputs();
        check_symbols();
        for (const std::string& each : model_->unsupported) fault(exit_code::unsupported, each);
        for (const node& n : model_->graph.nodes) import_one(n, {});
        add_outputs();
        to_.faults().throw_if_any();
        ctq::validate(graph());
        return std::move(graph());
    }
};

} // namespace detail

/// The float graph of a validated model, in the operators of `Registry`. Values keep their ONNX names (an image's
/// channels-last copy has the name, its channels-first one NAME.transposed), nodes too (one without a name is called
/// after its output); `origins` are ONNX nodes. Operators over constants alone are computed here, and an If
/// on a constant is the graph that it asks for. Throws `failure` with
/// every fault found (of a model whose IR version or opset is not supported also each operator that is in none):
/// malformed for attributes and shapes that break an operator's rules; unsupported for operators, element types and
/// dimensions that are not fixed, and for more of such constants than `limits` allows; usage for options that name no
/// dimension. Memory: the constants once more, and those.
template <class Registry>
[[nodiscard]] auto import_model(const model& from, std::string_view path, const import_options& options = {})
    -> basic_graph<operation_variant<Registry>> {
    return detail::model_importer<Registry>(from, path, options).run();
}

/// Reads, checks and imports an ONNX file, its local functions inlined; one that `Registry` has a translation of its
/// own for, by domain and name, is left to that. `warnings`, when given, gets a line for each thing that is odd but no
/// fault.
template <class Registry>
[[nodiscard]] auto load_model(const std::string& path, const import_options& options = {},
                              std::vector<std::string>* warnings = nullptr)
    -> basic_graph<operation_variant<Registry>> {
    model from = read(path);
    inline_functions(from, path, {}, [](const node& n, std::int64_t version) {
        return source::node_importer<Registry, detail::format, node_reader>::is_of_registry(node_reader(n, version));
    });
    validate(from, path, control_flow::keep);
    if (warnings != nullptr) *warnings = from.warnings;
    return import_model<Registry>(from, path, options);
}

} // namespace ctq::inline CTQ_TARGET::host::onnx
