#pragma once
// validate: whether a graph, float, annotated or mixed, is one: what every pass and every reader of a graph relies on.
// room: graph | runs on: compiler + host | heap: yes

#include <ctq/core/diagnostics.hpp>
#include <ctq/graph/fail_at.hpp>
#include <ctq/graph/graph.hpp>

#include <cstddef>
#include <string_view>
#include <type_traits>
#include <vector>

namespace ctq::inline CTQ_TARGET {

namespace detail {

/// The work of one call of validate.
template <class Graph> class validator {
  public:
    using node_type = typename Graph::node_type;

    constexpr explicit validator(const Graph& graph)
        : graph_(graph), known_(graph.values.size(), 0), counts_(graph.values.size(), -1) {}

    constexpr void run() {
        require(!graph_.domains.empty(), "a graph must have the domain of float nodes");
        for (std::size_t i = 0; i < graph_.values.size(); ++i) check_value(static_cast<int>(i));
        for (const port& input : graph_.inputs) check_input(input);
        for (const graph_state& each : graph_.states) check_state_before(each);
        for (const node_type& node : graph_.nodes) check_node(node);
        for (const port& output : graph_.outputs) check_output(output);
        for (const graph_state& each : graph_.states) check_state_after(each);
    }

  private:
    /// expect(holds, what): faults with `kind 'name': what` unless it holds.
    static constexpr auto expectation(std::string_view kind, const text& name) {
        return [kind, &name](bool holds, const char* what) {
            if (!holds) fail_at(kind, name.view(), what);
        };
    }

    constexpr bool exists(int index) const {
        return index >= 0 && static_cast<std::size_t>(index) < graph_.values.size();
    }
    constexpr std::uint8_t& known(int index) { return known_[static_cast<std::size_t>(index)]; }

    constexpr void check_value(int index) {
        const value& v = graph_.value_at(index);
        const auto expect = expectation("value", v.name);
        const shape& of = v.facts.shape;
        expect(of.rank >= 0 && of.rank <= shape::max_rank, "its shape must have 0 to 6 axes");
        for (int axis = 0; axis < of.rank; ++axis)
            expect(of[axis] >= (v.constant < 0 ? 1 : 0), "an extent must be at least 1, of a constant 0");
        const limits all = limits_of(v.facts.type), &range = v.facts.range;
        expect(range.low <= range.high, "the lowest integer of its range must not be above the highest");
        expect(!is_integer(v.facts.type) || (range.low >= all.low && range.high <= all.high),
               "its range must be within what its type holds");
        expect(v.scales.empty() || (v.constant >= 0 && v.scale_axis >= 0 && v.scale_axis < of.rank &&
                                    v.scales.size() == static_cast<std::size_t>(of[v.scale_axis])),
               "scales for each channel are a constant's, as many as the axis that they run along is long");
        check_dynamic(v);
        if (v.constant < 0) return;
        expect(static_cast<std::size_t>(v.constant) < graph_.constants.size(), "the graph has not so many constants");
        const constant& elements = graph_.constant_of(index);
        expect(elements.type() == v.facts.type, "the constant must have the value's element type");
        expect(elements.entries() == entries_of(v.facts.type, v.facts.elements()),
               "the constant must have as many elements as the value's shape");
        const interval found = interval_of({v.facts, elements.view()});
        const bool stated = is_integer(v.facts.type) && v.facts.type != dtype::int64 && v.facts.elements() > 0;
        expect(!stated || (found.low >= range.low && found.high <= range.high),
               "the constant must have no integer beyond the value's range");
        known(index) = 1;
    }

    /// A dynamic quantization is that of integers without another, and names scalars.
    constexpr void check_dynamic(const value& v) const {
        if (v.dynamic == dynamic_reference{}) return;
        const auto expect = expectation("value", v.name);
        expect(is_byte(v.facts.type) && v.facts.quantization == quantization{},
               "a dynamic quantization is that of integers of 8 bits, and their only one");
        expect(is_scalar(v.dynamic.scale, dtype::float32),
               "the scale of its dynamic quantization must be a float32 value of one element");
        expect(v.dynamic.zero_point == -1 || is_scalar(v.dynamic.zero_point, dtype::int32),
               "the zero point of its dynamic quantization must be an int32 value of one element");
    }

    constexpr bool is_scalar(int index, dtype type) const {
        return exists(index) && graph_.value_at(index).facts.type == type &&
               graph_.value_at(index).facts.elements() == 1;
    }

    /// Whether the values that a value's dynamic quantization names are made by now.
    constexpr bool quantization_is_known(int index) {
        const dynamic_reference& dynamic = graph_.value_at(index).dynamic;
        return (dynamic.scale < 0 || known(dynamic.scale) != 0) &&
               (dynamic.zero_point < 0 || known(dynamic.zero_point) != 0);
    }

    constexpr void check_input(const port& input) {
        const auto expect = expectation("input", input.name);
        expect(exists(input.value), "its value is not in the graph");
        expect(known(input.value)++ == 0, "its value is a constant or another input's too");
    }

    constexpr void check_output(const port& output) {
        const auto expect = expectation("output", output.name);
        expect(exists(output.value) && known(output.value) != 0, "nothing makes its value; name what a node makes");
        expect(quantization_is_known(output.value), "nothing makes the scale or zero point of its value");
        expect(!graph_.is_state(output.value), "a state is written before outputs are read; put an identity between");
        check_count(output);
    }

    /// An output of rows that the data fill names the one that holds how many.
    constexpr void check_count(const port& output) const {
        const auto expect = expectation("output", output.name);
        const bool names_one = output.count >= 0 && static_cast<std::size_t>(output.count) < graph_.outputs.size();
        expect(output.count == -1 || names_one, "the output that counts its rows is not in the graph");
        const int wanted = counts_[static_cast<std::size_t>(output.value)];
        expect(wanted == (names_one ? graph_.outputs[static_cast<std::size_t>(output.count)].value : -1),
               "the data decide how many its rows are, or it names a count that is not theirs; name the output that "
               "holds their count");
    }

    constexpr void check_state_before(const graph_state& each) {
        const auto expect = expectation("state", each.name);
        expect(exists(each.initial) && graph_.is_constant(each.initial), "its initial value must be a constant");
        expect(exists(each.read), "the value that it is read as is not in the graph");
        expect(known(each.read)++ == 0, "the value that it is read as is a constant, an input or another state's too");
        expect(fits(each.initial, each.read), "its initial value must have its element type, shape and quantization, "
                                              "and no integer that it cannot hold");
        int of_that_name = 0;
        for (const graph_state& other : graph_.states) of_that_name += other.name == each.name ? 1 : 0;
        expect(of_that_name == 1, "another state has that name");
    }

    constexpr void check_state_after(const graph_state& each) {
        const auto expect = expectation("state", each.name);
        expect(exists(each.written) && known(each.written) != 0, "nothing makes what is written to it");
        expect(!graph_.is_state(each.written), "what is written must not be what a state holds; put an identity "
                                               "between");
        expect(counts_[static_cast<std::size_t>(each.written)] < 0, "what is written must have all its rows");
        expect(fits(each.written, each.read), "what is written must have its element type, shape and quantization, and "
                                              "no integer that it cannot hold");
    }

    /// Whether value `to` can hold what value `from` is, element by element as it is stored, in a later call too.
    constexpr bool fits(int from, int to) const {
        if (graph_.value_at(from).dynamic.is_set() || graph_.value_at(to).dynamic.is_set()) return false;
        const tensor_facts &given = graph_.value_at(from).facts, &held = graph_.value_at(to).facts;
        return given.type == held.type && given.shape == held.shape && given.quantization == held.quantization &&
               given.range.low >= held.range.low && given.range.high <= held.range.high;
    }

    constexpr void check_node(const node_type& node) {
        const auto expect = expectation("node", node.name);
        expect(node.domain >= 0 && static_cast<std::size_t>(node.domain) < graph_.domains.size(),
               "the graph has not so many domains");
        for (const int input : node.inputs) {
            expect(exists(input), "an input is not in the graph");
            expect(known(input) != 0, "an input is read before it is made");
            expect(quantization_is_known(input), "an input is read before its scale or zero point is made");
            expect(counts_[static_cast<std::size_t>(input)] < 0,
                   "the data decide how many rows an input has; such are for the outside alone");
        }
        visit_operator(node, [&](const auto& op) {
            expect(node.outputs.size() == static_cast<std::size_t>(output_count(op)),
                   "it must have as many outputs as its operator makes");
            for (std::size_t i = 0; i < node.outputs.size(); ++i) {
                expect(exists(node.outputs[i]), "an output is not in the graph");
                expect(known(node.outputs[i])++ == 0,
                       "an output is made already, or an input or constant of the graph");
                const shape made = graph_.inferred_shape(op, node.inputs, static_cast<int>(i));
                expect(made == graph_.value_at(node.outputs[i]).facts.shape,
                       "an output's shape is not what its operator makes of the inputs'");
            }
            check_types(node, op);
        });
        for_each_counted(node, [&](int rows, int count) { counts_[static_cast<std::size_t>(rows)] = count; });
    }

    /// Whether reals are reals in a float node and integers with a scale in another; conversions have one of each.
    template <class Op> constexpr void check_types(const node_type& node, const Op& op) const {
        const auto expect = expectation("node", node.name);
        for (std::size_t i = 0; i < node.inputs.size(); ++i) {
            if (node.in_float())
                expect(!is_quantized(node.inputs[i]), "a float node must not read quantized integers; convert them");
            else
                check_role(node, role_of<Op>(i), node.inputs[i]);
        }
        const std::vector<dtype> types = real_types_of_inputs(node);
        for (std::size_t i = 0; i < node.outputs.size(); ++i) {
            const dtype real = output_type(op, types, static_cast<int>(i));
            const tensor_facts& facts = graph_.value_at(node.outputs[i]).facts;
            if (node.in_float())
                expect(facts.type == real, "an output's type is not what its operator makes in float");
            else
                expect(facts.type == real || (is_activation(facts.type) && is_quantized(node.outputs[i])),
                       "an output of an integer node must be integers with a scale");
        }
    }

    /// The element types that a node would read if nothing were quantized.
    constexpr std::vector<dtype> real_types_of_inputs(const node_type& node) const {
        std::vector<dtype> types = graph_.types_of(node.inputs);
        if (node.in_float()) return types;
        for (std::size_t i = 0; i < types.size(); ++i) {
            const operand_role role = traits_of_node(node).role(i);
            const bool is_sum = role == operand_role::weights || role == operand_role::bias;
            if (is_sum || is_quantized(node.inputs[i])) types[i] = dtype::float32;
        }
        return types;
    }

    constexpr void check_role(const node_type& node, operand_role role, int input) const {
        const auto expect = expectation("node", node.name);
        const value& v = graph_.value_at(input);
        const bool has_channels = !v.scales.empty();
        expect(!has_channels || role == operand_role::weights || role == operand_role::bias,
               "an operand must have one scale; scales for each channel are those of weights and a bias");
        if (role == operand_role::operand || role == operand_role::positions) return;
        expect(graph_.is_constant(input), "weights, bias and parameters of an integer node must be constant");
        const dtype type = v.facts.type;
        if (role == operand_role::weights) {
            expect(is_weight(type) && is_quantized(input), "the weights of an integer node must be integers with a "
                                                           "scale");
            expect(!has_channels || v.scale_axis == traits_of_node(node).weight_axis,
                   "the scales of its weights must run along the axis that its operator states, weight_axis");
        }
        const bool makes_reals = graph_.value_at(node.output()).facts.type == dtype::float32;
        if (role == operand_role::bias)
            expect(makes_reals ? type == dtype::float32 : type == dtype::int32 || type == dtype::int64,
                   "the bias of an integer node must be int32 or int64, of one that makes reals float32");
    }

    constexpr bool is_quantized(int index) const {
        const value& v = graph_.value_at(index);
        return is_integer(v.facts.type) && (v.facts.quantization.scale > 0 || !v.scales.empty() || v.dynamic.is_set());
    }

    const Graph& graph_;
    flags known_;             ///< for each value whether it is a constant, an input, a state or made by now
    std::vector<int> counts_; ///< for each value that which counts its rows, -1 where all are there
};

} // namespace detail

/// Faults, naming the value, port or node, unless: every index is one; each value is a constant, an input or made by
/// one node, before it is read; constants are as large as their shapes and of their type; shapes are what the
/// operators make; float nodes make floats and read no quantized integers; integer nodes make integers with a scale
/// and have constant weights and biases of an integer type; a dynamic quantization names scalars that are made before
/// its integers are read; every output is made; a state has a name of its own, begins with a constant, is read as a
/// value that nothing makes, and that, its constant and what is written to it are tensors of one kind; rows that the
/// data fill are read by the outside alone, which knows their count. An operator's
/// own fault about its inputs' shapes comes as it is. Cost: a pass over values and nodes, and over the elements of
/// integer constants.
template <class Operation> constexpr void validate(const basic_graph<Operation>& graph) {
    detail::validator<basic_graph<Operation>>(graph).run();
}

} // namespace ctq::inline CTQ_TARGET
