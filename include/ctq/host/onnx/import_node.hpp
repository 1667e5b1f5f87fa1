#pragma once
// What an operator's `from_onnx` is given: one ONNX node, its constants and attributes, and a graph to append to.
// room: host | runs on: host | heap: yes

#include <ctq/graph/compute_node.hpp>
#include <ctq/graph/folding_budget.hpp>
#include <ctq/graph/graph.hpp>
#include <ctq/graph/name_set.hpp>
#include <ctq/host/failure.hpp>
#include <ctq/host/onnx/attributes.hpp>
#include <ctq/host/onnx/limits.hpp>
#include <ctq/host/onnx/model.hpp>
#include <ctq/host/shape_text.hpp>
#include <ctq/operators/reshape.hpp>
#include <ctq/operators/transpose.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <limits>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <unordered_map>
#include <utility>
#include <vector>

namespace ctq::inline CTQ_TARGET::host::onnx {

namespace detail {

/// Elements of one tensor that a graph may hold.
inline constexpr std::int64_t most_elements = std::int64_t{1} << 30;

/// What an ONNX name stands for: a value of the graph, or a constant that no node has asked for as a value yet.
struct binding {
    int value = -1;
    const tensor* elements = nullptr;
    bool broken = false; ///< made by a node that had a fault; readers are not looked at

    [[nodiscard]] bool integer() const { return elements != nullptr && !elements->is_real(); }
};

/// What all nodes of one import share.
template <class Graph> struct import_state {
    Graph graph;
    std::unordered_map<std::string, binding> bindings;
    std::unordered_map<int, int> channels_last; ///< value -> the same in NHWC
    name_set names;                             ///< of values
    name_set node_names;
    std::deque<tensor> made; ///< constants that the file does not hold as such
    folding_budget folding{limits{}.max_folded_elements}, shape_folding{limits{}.max_shape_elements};

    /// Before `elements` more of constants are computed. Throws `node_fault` when they are too many.
    static void take(folding_budget& from, std::int64_t elements) {
        if (from.take(elements)) return;
        throw node_fault{exit_code::unsupported,
                         message("of constants it makes ", elements, " elements more, after ", from.taken(),
                                 " that were made before; ", from.most(),
                                 " are the most: make it an input of the model, or export the model without it")};
    }
};

/// The shape of a constant of the file. Faults beyond ctq's rank.
inline shape shape_of_tensor(const tensor& of) {
    if (of.dims.size() > static_cast<std::size_t>(shape::max_rank))
        throw node_fault{exit_code::unsupported,
                         message("constant ", in_quotes(of.name), " has ", of.dims.size(), " axes; 6 are supported")};
    shape out;
    for (const std::int64_t extent : of.dims) out.append(static_cast<std::int32_t>(extent));
    return out;
}

} // namespace detail

/// The domain that an operator's ONNX names belong to: ONNX's own unless the operator has a static `onnx_domain`.
template <class Op>
constexpr std::string_view onnx_domain_of = [] {
    if constexpr (requires { Op::onnx_domain; })
        return std::string_view(Op::onnx_domain);
    else
        return std::string_view();
}();

/// One node while it is imported, a source_node. Positions count the node's inputs; `int`s are values of the graph.
/// Faults are thrown as `node_fault`, or as the core's model_error.
template <class Graph> class import_node {
    using state_type = detail::import_state<Graph>;

    const node* node_;
    std::int64_t opset_;
    state_type* state_;
    node_attributes attributes_;
    std::string name_;
    int first_value_; // values from here on are this node's
    bool finished_ = false;

    [[nodiscard]] Graph& graph() const { return state_->graph; }
    [[nodiscard]] const shape& shape_at(int value) const { return graph().value_at(value).facts.shape; }
    [[nodiscard]] std::string name_at(int value) const { return std::string(graph().value_at(value).name.view()); }

    [[nodiscard]] detail::binding& bound(std::size_t i) const {
        if (!has_input(i)) throw node_fault{exit_code::malformed, message("input ", i, " is missing")};
        return state_->bindings.at(node_->inputs[i]);
    }

    [[nodiscard]] std::string integer_text(std::size_t i, const tensor& elements) const {
        return message("input ", i, " ", in_quotes(node_->inputs[i]), " is of type ", name_of(elements.type),
                       "; only float32 is computed with");
    }

    [[nodiscard]] std::string output_name() const {
        for (const std::string& output : node_->outputs)
            if (!output.empty()) return output;
        return "value";
    }

    [[nodiscard]] bool all_constant(const std::vector<int>& values) const {
        return std::all_of(values.begin(), values.end(), [&](int value) { return graph().is_constant(value); });
    }

    [[nodiscard]] shape checked_shape(const shape& of) const {
        std::int64_t elements = 1;
        for (int axis = 0; axis < of.rank; ++axis) {
            check(of[axis] > 0, "the result would have no elements");
            support(of[axis] <= detail::most_elements / elements, "a tensor of more than 2^30 elements");
            elements *= of[axis];
        }
        return of;
    }

    /// The values that an operator is to make, each unused before: VALUE_NAME, and VALUE_NAME.1 on.
    template <class Op>
    std::vector<int> add_outputs(const Op& op, const std::vector<int>& from, const std::string& value_name) {
        std::vector<shape> of;
        for (int i = 0; i < ctq::output_count(op); ++i)
            of.push_back(checked_shape(graph().inferred_shape(op, from, i)));
        std::vector<int> made;
        for (int i = 0; i < ctq::output_count(op); ++i) {
            const std::string name = i == 0 ? value_name : message(value_name, ".", i);
            made.push_back(graph().add_value(state_->names.take_like(name),
                                             {output_type(op, i), of[static_cast<std::size_t>(i)], {}}));
        }
        return made;
    }

    /// Appends a node; where all it reads is constant, its results instead.
    template <class Op>
    std::vector<int> append(const Op& op, std::vector<int> from, const std::string& node_name,
                            const std::string& value_name, std::vector<text> origins) {
        const bool fold = all_constant(from);
        const std::vector<int> outputs = add_outputs(op, from, value_name);
        typename Graph::node_type made{text(node_name), op, std::move(from), outputs, std::move(origins)};
        if (!fold) {
            made.name = state_->node_names.take_like(node_name);
            graph().nodes.push_back(std::move(made));
            return outputs;
        }
        state_type::take(state_->folding, made_elements(graph(), made));
        std::vector<ctq::constant> elements =
            compute_node(graph(), made, [&](int index) { return graph().tensor_at(index); });
        for (std::size_t i = 0; i < outputs.size(); ++i) graph().set_constant(outputs[i], std::move(elements[i]));
        return outputs;
    }

    template <class Op> int append_layout(const Op& op, int from, std::string_view role) {
        return append(op, {from}, message(name_, ".", role), message(name_at(from), ".", role), {}).front();
    }

    int turned(int value, std::array<std::int32_t, shape::max_rank> permutation) {
        return append_layout(op::transpose{permutation}, value, "transposed");
    }

    void bind(std::size_t output, int value) {
        const std::string& name = node_->outputs[output];
        if (!name.empty()) state_->bindings[name] = {value, nullptr, false};
    }

    void finish_once() {
        check(!finished_, "the operator's import finishes twice");
        finished_ = true;
    }

    /// What stands for an output of the node carries the output's name.
    void name_output(std::size_t output, int value) {
        const std::string& name = node_->outputs[output];
        if (value >= first_value_ && !name.empty()) graph().value_at(value).name = text(name);
    }

    template <class Member> void read_member(std::string_view name, Member& member) const {
        if constexpr (std::is_same_v<Member, bool>) {
            member = integer(name, member ? 1 : 0) != 0;
        } else if constexpr (std::is_floating_point_v<Member>) {
            member = real(name, member);
        } else if constexpr (std::is_integral_v<Member>) {
            const std::int32_t value = integer(name, static_cast<std::int32_t>(member));
            check(std::in_range<Member>(value), "an attribute is outside its range");
            member = static_cast<Member>(value);
        } else if constexpr (!requires { member.size(); }) {
            check(false, "the operator's attribute is of a type that its own from_onnx must read");
        } else {
            const auto values = integers(name);
            if (values.empty()) return;
            check(values.size() == member.size(), "a list attribute has the wrong length");
            std::copy(values.begin(), values.end(), member.begin());
        }
    }

    template <class Op> void import_plainly() {
        Op op{};
        std::apply(
            [&](const auto&... each) {
                (
                    [&] {
                        if (!each.onnx_name.empty()) read_member(each.onnx_name, op.*(each.member));
                    }(),
                    ...);
            },
            Op::attributes);
        if constexpr (unary_function<Op>) check(input_count() == 1, "one input is required");
        finish(emit_all(op, inputs()));
    }

  public:
    import_node(const node& n, std::int64_t opset, state_type& state)
        : node_(&n),
          opset_(opset),
          state_(&state),
          attributes_(n),
          name_(n.name.empty() ? output_name() : n.name),
          first_value_(static_cast<int>(state.graph.values.size())) {}

    [[nodiscard]] std::string_view type() const { return node_->op_type; }
    /// Version of the node's domain.
    [[nodiscard]] std::int64_t opset() const { return opset_; }

    [[nodiscard]] std::int32_t integer(std::string_view name, std::int32_t absent) const {
        return attributes_.integer(name, absent);
    }
    [[nodiscard]] std::vector<std::int32_t> integers(std::string_view name) const { return attributes_.integers(name); }
    [[nodiscard]] float real(std::string_view name, float absent) const { return attributes_.real(name, absent); }
    [[nodiscard]] std::string string(std::string_view name, std::string_view absent) const {
        return attributes_.string(name, absent);
    }

    /// Up to the last one that has a name.
    [[nodiscard]] std::size_t output_count() const {
        std::size_t count = node_->outputs.size();
        while (count > 0 && node_->outputs[count - 1].empty()) --count;
        return count;
    }
    [[nodiscard]] std::size_t input_count() const { return node_->inputs.size(); }
    [[nodiscard]] bool has_input(std::size_t i) const { return i < input_count() && !node_->inputs[i].empty(); }
    [[nodiscard]] bool is_constant(std::size_t i) const {
        if (!has_input(i)) return false;
        const detail::binding& from = bound(i);
        return from.elements != nullptr || graph().is_constant(from.value);
    }

    /// In ONNX's layout.
    [[nodiscard]] shape shape_of(std::size_t i) const {
        const detail::binding& from = bound(i);
        return from.value >= 0 ? shape_at(from.value) : detail::shape_of_tensor(*from.elements);
    }

    [[nodiscard]] std::vector<float> constant_reals(std::size_t i) const {
        const detail::binding& from = bound(i);
        support(!from.integer(), from.integer() ? integer_text(i, *from.elements) : std::string());
        support(is_constant(i), message("input ", i, " ", in_quotes(node_->inputs[i]), " must be constant"));
        if (from.elements != nullptr) return from.elements->floats;
        const auto elements = graph().reals(from.value);
        return {elements.begin(), elements.end()};
    }

    /// Of an integer constant; what lies beyond 32 bits (ONNX writes "to the end" so) becomes the nearest there.
    [[nodiscard]] std::vector<std::int32_t> constant_integers(std::size_t i) const {
        const detail::binding& from = bound(i);
        support(is_constant(i), message("input ", i, " ", in_quotes(node_->inputs[i]), " must be constant"));
        check(from.integer(), message("input ", i, " ", in_quotes(node_->inputs[i]), " must hold integers"));
        std::vector<std::int32_t> out;
        for (const std::int64_t value : from.elements->integers)
            out.push_back(static_cast<std::int32_t>(std::clamp<std::int64_t>(
                value, std::numeric_limits<std::int32_t>::min(), std::numeric_limits<std::int32_t>::max())));
        return out;
    }

    /// Input i as a value of the graph; faults when it is absent or holds integers.
    int input(std::size_t i) {
        detail::binding& from = bound(i);
        if (from.value >= 0) return from.value;
        support(!from.integer(), from.integer() ? integer_text(i, *from.elements) : std::string());
        from.value = graph().add_constant(text(node_->inputs[i]), detail::shape_of_tensor(*from.elements),
                                          from.elements->floats);
        return from.value;
    }

    /// All inputs, none of which may be absent.
    std::vector<int> inputs() {
        std::vector<int> out;
        for (std::size_t i = 0; i < input_count(); ++i) out.push_back(input(i));
        return out;
    }

    /// Input i, an image [N,C,H,W] or a series [N,C,L], as [N,H,W,C] or [N,1,L,C].
    int channels_last(std::size_t i) {
        const int from = input(i);
        if (const auto known = state_->channels_last.find(from); known != state_->channels_last.end())
            return known->second;
        const shape of = shape_at(from);
        check(of.rank == 3 || of.rank == 4, "the input must have 1 or 2 spatial axes");
        int value = turned(from, of.rank == 4 ? std::array<std::int32_t, shape::max_rank>{0, 2, 3, 1, 4, 5}
                                              : std::array<std::int32_t, shape::max_rank>{0, 2, 1, 3, 4, 5});
        if (of.rank == 3) value = append_layout(op::reshape{{of[0], 1, of[2], of[1]}}, value, "reshaped");
        state_->channels_last.emplace(from, value);
        return value;
    }

    /// Constant weights [O,I,H,W] or [O,I,L] as [O,H,W,I] or [O,1,L,I].
    int constant_channels_last(std::size_t i) {
        support(is_constant(i), message("input ", i, " must be constant"));
        return channels_last(i);
    }

    /// Appends an operator that stands for the ONNX node, or for a part of it; its first output.
    template <class Op> int emit(const Op& op, std::vector<int> from) { return emit_all(op, std::move(from)).front(); }

    /// The same; every output.
    template <class Op> std::vector<int> emit_all(const Op& op, std::vector<int> from) {
        constexpr bool is_registered = is_alternative<Op, typename Graph::operation_type>;
        static_assert(is_registered,
                      "ctq: import: an operator of the registry is required; add what is emitted: registry.with<op>()");
        if constexpr (is_registered)
            return append(op, std::move(from), name_, message(output_name(), ".", Op::name), {text(name_)});
        else
            return {-1};
    }

    int constant(std::string_view role, const shape& of, std::vector<float> elements) {
        return graph().add_constant(state_->names.take_like(message(name_, ".", role)), of, std::move(elements));
    }

    int reshape(int value, const shape& to) { return emit(op::reshape{to}, {value}); }

    /// `value` is what the node's output 0 stands for; whoever reads another one is refused.
    void finish(int value) { finish(std::vector<int>{value}); }

    /// The values that the node's outputs stand for, in their order; where there are several, all that it names.
    void finish(const std::vector<int>& values) {
        finish_once();
        const std::size_t named = output_count();
        support(named <= values.size() || values.size() == 1,
                message("names ", named, " outputs, and the operator makes ", values.size(),
                        "; export it with as many, or let the operator make them"));
        for (std::size_t i = 0; i < std::min(named, values.size()); ++i) {
            name_output(i, values[i]);
            bind(i, values[i]);
        }
    }

    /// The same for a value in NHWC, which readers in ONNX's layout get in the layout and rank of input 0.
    void finish_channels_first(int value) {
        finish_once();
        name_output(0, value);
        const shape of = shape_at(value);
        const bool series = shape_of(0).rank == 3;
        int first = series ? append_layout(op::reshape{{of[0], of[2], of[3]}}, value, "reshaped") : value;
        first = turned(first, series ? std::array<std::int32_t, shape::max_rank>{0, 2, 1, 3, 4, 5}
                                     : std::array<std::int32_t, shape::max_rank>{0, 3, 1, 2, 4, 5});
        state_->channels_last.emplace(first, value);
        bind(0, first);
    }

    /// A false condition makes the model malformed.
    void check(bool holds, std::string_view what) const {
        if (!holds) throw node_fault{exit_code::malformed, std::string(what)};
    }

    /// A false condition makes the model one that ctq cannot take.
    void support(bool holds, std::string_view what) const {
        if (!holds) throw node_fault{exit_code::unsupported, std::string(what)};
    }

    /// Imports the node as an `Op`: by its own from_onnx, or plainly: every input, attributes by their ONNX names.
    template <class Op> void import_as() {
        static_assert(
            !states_import<Op, import_node> || imports_itself<Op, import_node>,
            "ctq: import: a static from_onnx of any source_node is required; write static void from_onnx(Node& in)");
        if constexpr (imports_itself<Op, import_node>)
            Op::from_onnx(*this);
        else
            import_plainly<Op>();
        check(finished_, "the operator's import gives no output");
    }

    /// "(inputs 1x3x8x8, 4x3x3x3; group 2)": what faults are told with.
    [[nodiscard]] std::string numbers() const {
        std::string shapes;
        for (std::size_t i = 0; i < input_count(); ++i) {
            const detail::binding* from = has_input(i) ? &bound(i) : nullptr;
            const bool known = from != nullptr && (from->value >= 0 || from->elements->dims.size() <= 6);
            shapes += message(i == 0 ? "" : ", ", known ? text_of(shape_of(i)) : std::string("-"));
        }
        const std::string given = attributes_.numbers();
        return message("(", input_count() == 1 ? "input " : "inputs ", shapes, given.empty() ? "" : "; ", given, ")");
    }
};

} // namespace ctq::inline CTQ_TARGET::host::onnx
