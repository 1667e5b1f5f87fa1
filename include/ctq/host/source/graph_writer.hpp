#pragma once
// graph_writer: how the importers of all formats write a graph: names, layouts, and the computing of what is constant.
// room: host | runs on: host | heap: yes

#include <ctq/graph/fold_node.hpp>
#include <ctq/graph/folding_budget.hpp>
#include <ctq/graph/graph.hpp>
#include <ctq/graph/name_set.hpp>
#include <ctq/host/source/node_fault.hpp>
#include <ctq/host/source/source_type.hpp>
#include <ctq/operators/reshape.hpp>
#include <ctq/operators/transpose.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

namespace ctq::inline CTQ_TARGET::host::source {

/// Elements of one tensor that a graph may hold, and what one with more is.
inline constexpr std::int64_t most_elements = std::int64_t{1} << 30;
inline constexpr std::string_view too_many_elements = "a tensor of more than 2^30 elements";

/// A graph while it is imported. `int`s are its values. Faults are thrown as node_fault, or as the core's model_error.
template <class Graph> class graph_writer {
  public:
    /// How what is appended is called: the node, its first value (others are NAME.1 on), and what it came from. A
    /// node's name that is taken for it is used as it is.
    struct names {
        std::string node, value;
        std::vector<text> origins = {};
        bool is_taken = false;
    };

    explicit graph_writer(std::int64_t most_folded = most_folded_bytes) : budget_(most_folded) {}

    [[nodiscard]] Graph& graph() { return graph_; }
    [[nodiscard]] const Graph& graph() const { return graph_; }
    [[nodiscard]] const ctq::shape& shape_of(int value) const { return graph_.value_at(value).facts.shape; }

    /// A name that the source gives to one of its values: no value that is made here gets it.
    void keep_name(std::string_view name) { value_names_.take(name); }
    /// One for a value, like none that is kept or was taken.
    [[nodiscard]] std::string take_name(std::string_view wanted) {
        return std::string(value_names_.take_like(wanted).view());
    }
    /// The same of a node.
    void keep_node_name(std::string_view name) { node_names_.take(name); }
    /// One for a node, like none that is kept or was taken.
    [[nodiscard]] std::string take_node_name(std::string_view wanted) {
        return std::string(node_names_.take_like(wanted).view());
    }

    /// Calls a value so, or like that where another is.
    void rename(int value, std::string_view wanted) { graph_.value_at(value).name = value_names_.take_like(wanted); }

    int add_constant(std::string_view name, const ctq::shape& of, std::vector<float> elements) {
        return add_constant(name, of, constant(std::move(elements)));
    }
    int add_constant(std::string_view name, const ctq::shape& of, constant elements) {
        return graph_.add_constant(value_names_.take_like(name), of, std::move(elements));
    }

    /// What a value is in the source.
    [[nodiscard]] source_type source_type_of(int value) const {
        const auto found = source_types_.find(value);
        return found == source_types_.end() ? source_type{} : found->second;
    }
    /// Notes that.
    void note_source_type(int value, const source_type& is) {
        if (is != source_type{}) source_types_[value] = is;
    }

    /// Makes a value one of type `to` in the source, to which it was cast from another.
    void finish_cast(int value, int from, foreign_type to) {
        fidelity elements = source_type_of(from).elements;
        if (loses_digits(value, from)) elements = fidelity::nearest;
        if (to == foreign_type::none && elements == fidelity::nearest) elements = fidelity::exact; // rounded once
        if (to != foreign_type::none && to != foreign_type::float64 && elements != fidelity::exact)
            elements = fidelity::computed; // rounded twice
        if (graph_.is_constant(value)) conform(elements_at(value), to);
        source_types_[value] = {to, elements};
    }

    /// Refuses a value, called so, that is not just what it is in the source: for what jumps where that changes.
    static void require_exact(std::string_view name, const source_type& is) {
        if (is.elements == fidelity::exact) return;
        throw node_fault{exit_code::unsupported,
                         message("reads ", in_quotes(name),
                                 ", whose reals have more digits in the model than ctq keeps, and a result that jumps "
                                 "with them could be another; make them FLOAT, or compute it outside of the model")};
    }

    /// Takes bytes of constants that are read, or made, from what may be.
    void take_read(std::int64_t bytes) { check_budget(budget_.take({.read = bytes})); }
    void take_made(std::int64_t bytes) { check_budget(budget_.take({.made = bytes})); }

    /// Appends a node; where all it reads is constant, its results instead, which may have no elements. Its values.
    template <class Op> std::vector<int> append(const Op& op, std::vector<int> from, const names& called) {
        check_types<Op>(from);
        const bool fold = std::ranges::all_of(from, [&](int value) { return graph_.is_constant(value); });
        if (fold) return computed(op, from, called.value);
        for (const int each : from)
            if (graph_.is_constant(each) && shape_of(each).elements() == 0)
                throw node_fault{exit_code::unsupported,
                                 message("reads ", described(graph_.value_at(each)), ", which has no elements")};
        const std::vector<int> outputs = add_outputs(op, from, called.value, 1);
        if (chooses<Op>) note_source_type(outputs[0], common_source_type(from, outputs[0]));
        typename Graph::node_type made{text(called.node), op, std::move(from), outputs, called.origins};
        if (!called.is_taken) made.name = node_names_.take_like(called.node);
        graph_.nodes.push_back(std::move(made));
        for_each_counted(graph_.nodes.back(), [&](int rows, int count) { counts_.emplace(rows, count); });
        return outputs;
    }

    /// The value that holds how many rows of this one the data fill, -1 where all are there.
    [[nodiscard]] int count_of(int value) const {
        const auto found = counts_.find(value);
        return found == counts_.end() ? -1 : found->second;
    }

    /// What an operator, which need not be one of the graph's, makes of constants.
    template <class Op> std::vector<int> fold(const Op& op, const std::vector<int>& from, const names& called) {
        check_types<Op>(from);
        for (const int each : from)
            if (!graph_.is_constant(each))
                throw node_fault{exit_code::unsupported, message("reads ", in_quotes(graph_.value_at(each).name.view()),
                                                                 ", which is not constant; of constants only the "
                                                                 "operator is supported")};
        return computed(op, from, called.value);
    }

    /// An image [N,C,H,W] or a series [N,C,L] as [N,H,W,C] or [N,1,L,C], for a node of the source; no new one where it
    /// is there.
    int channels_last(int value, std::string_view node) {
        if (const auto known = channels_last_.find(value); known != channels_last_.end()) return known->second;
        const ctq::shape of = shape_of(value);
        check(of.rank == 3 || of.rank == 4, "the input must have 1 or 2 spatial axes");
        int last = turned(node, value, of.rank == 4 ? order{0, 2, 3, 1, 4, 5} : order{0, 2, 1, 3, 4, 5});
        if (of.rank == 3) last = append_layout(op::reshape{{of[0], 1, of[2], of[1]}}, node, last, "reshaped");
        channels_last_.emplace(value, last);
        return last;
    }

    /// The other way; `is_series`: [N,1,L,C] as [N,C,L].
    int channels_first(int value, bool is_series, std::string_view node) {
        const ctq::shape of = shape_of(value);
        int first = is_series ? append_layout(op::reshape{{of[0], of[2], of[3]}}, node, value, "reshaped") : value;
        first = turned(node, first, is_series ? order{0, 2, 1, 3, 4, 5} : order{0, 3, 1, 2, 4, 5});
        channels_last_.emplace(first, value);
        return first;
    }

  private:
    using order = std::array<std::int32_t, shape::max_rank>;

    static void check(bool holds, std::string_view what) {
        if (!holds) throw node_fault{exit_code::malformed, std::string(what)};
    }

    /// What is too much of what folding may take, if anything is.
    static void check_budget(const text& fault) {
        if (!fault.empty())
            throw node_fault{exit_code::unsupported,
                             message(fault.view(), ": make it an input of the model, or export the model without it")};
    }

    /// Of a constant.
    constant& elements_at(int value) {
        return graph_.constants[static_cast<std::size_t>(graph_.value_at(value).constant)];
    }

    /// Refuses operands of element types that the operator does not take, or that differ, unless it says itself which
    /// may.
    template <class Op> void check_types(const std::vector<int>& from) const {
        constexpr bool may_differ = requires(const Op& op, dtypes types) {
            op.output_type(types, 0);
        };
        const value* first = nullptr;
        for (std::size_t i = 0; i < from.size(); ++i) {
            if (role_of<Op>(i) == operand_role::parameter || role_of<Op>(i) == operand_role::positions) continue;
            const value& operand = graph_.value_at(from[i]);
            if (!contains(traits_of<Op>.operands, operand.facts.type))
                throw node_fault{exit_code::unsupported, message("reads ", described(operand), "; the operator takes ",
                                                                 name_of(traits_of<Op>.operands), " only")};
            if (first == nullptr) first = &operand;
            if (!may_differ && operand.facts.type != first->facts.type)
                throw node_fault{exit_code::malformed, message("reads ", described(*first), " and ", described(operand),
                                                               "; one type for all is required")};
        }
    }

    /// True for an operator each element of whose first result is one of an operand's, or is of another type: one that
    /// takes every type can compute with none.
    template <class Op>
    static constexpr bool chooses = traits_of<Op>.moves_elements || traits_of<Op>.operands == element_types::all;

    /// What is made of these values, in the type of another, is in the source, if nothing is computed.
    [[nodiscard]] source_type common_source_type(const std::vector<int>& from, int made) const {
        source_type common;
        for (const int each : from) {
            if (graph_.value_at(each).facts.type != graph_.value_at(made).facts.type) continue;
            const source_type is = source_type_of(each);
            if (common.type == foreign_type::none) common.type = is.type;
            common.elements = std::max(common.elements, is.elements);
        }
        return common;
    }

    /// The same if something is: elements then become what they are in the source.
    [[nodiscard]] source_type computed_source_type(const std::vector<int>& from, int made) {
        source_type common = common_source_type(from, made);
        conform(elements_at(made), common.type);
        if (common.type == foreign_type::float64 || common.elements != fidelity::exact)
            common.elements = fidelity::computed;
        return common;
    }

    /// True where integers became reals that are, or may be, others.
    [[nodiscard]] bool loses_digits(int reals, int integers) const {
        const dtype type = graph_.value_at(integers).facts.type;
        if (!graph_.is_real(reals) || (type != dtype::int32 && type != dtype::int64)) return false;
        if (!graph_.is_constant(integers)) return true;
        const auto keeps = [](const auto& all) {
            return std::ranges::all_of(all, [](auto each) { return is_float32(each); });
        };
        const constant& elements = graph_.constant_of(integers);
        return type == dtype::int32 ? !keeps(elements.template as<std::int32_t>())
                                    : !keeps(elements.template as<std::int64_t>());
    }

    static std::string described(const value& operand) {
        return message(in_quotes(operand.name.view()), " of type ", name_of(operand.facts.type));
    }

    /// Of a result whose extents are `least` or more. The product of those that are not 0 is bounded too: strides are
    /// such products.
    static ctq::shape checked(const ctq::shape& of, std::int32_t least) {
        std::int64_t elements = 1;
        for (int axis = 0; axis < of.rank; ++axis) {
            if (of[axis] < least) throw node_fault{exit_code::unsupported, "the result would have no elements"};
            if (of[axis] > most_elements / elements)
                throw node_fault{exit_code::unsupported, std::string(too_many_elements)};
            elements *= std::max(of[axis], 1);
        }
        return of;
    }

    template <class Op>
    std::vector<int> add_outputs(const Op& op, const std::vector<int>& from, const std::string& name,
                                 std::int32_t least) {
        std::vector<ctq::shape> of;
        for (int i = 0; i < ctq::output_count(op); ++i)
            of.push_back(checked(graph_.inferred_shape(op, from, i), least));
        std::vector<int> made;
        for (int i = 0; i < ctq::output_count(op); ++i)
            made.push_back(graph_.add_value(value_names_.take_like(i == 0 ? name : message(name, ".", i)),
                                            {graph_.inferred_type(op, from, i), of[static_cast<std::size_t>(i)], {}}));
        const auto jumps = [&](int each) { return !traits_of<Op>.is_continuous || !graph_.is_real(each); };
        if (std::ranges::any_of(made, jumps))
            for (const int each : from) require_exact(graph_.value_at(each).name.view(), source_type_of(each));
        return made;
    }

    template <class Op> std::vector<int> computed(const Op& op, const std::vector<int>& from, const std::string& name) {
        const std::vector<int> outputs = add_outputs(op, from, name, 0);
        check_budget(fold_node(graph_, op, from, outputs, budget_));
        note_source_type(outputs[0],
                         chooses<Op> ? common_source_type(from, outputs[0]) : computed_source_type(from, outputs[0]));
        return outputs;
    }

    int turned(std::string_view node, int value, const order& permutation) {
        return append_layout(op::transpose{permutation}, node, value, "transposed");
    }

    template <class Op> int append_layout(const Op& op, std::string_view node, int from, std::string_view role) {
        const names called{message(node, ".", role), message(graph_.value_at(from).name.view(), ".", role), {}};
        return append(op, {from}, called).front();
    }

    Graph graph_;
    name_set value_names_, node_names_;
    std::unordered_map<int, int> channels_last_; ///< value -> the same in NHWC
    std::unordered_map<int, int> counts_;        ///< see count_of
    std::unordered_map<int, source_type> source_types_;
    folding_budget budget_;
};

} // namespace ctq::inline CTQ_TARGET::host::source
