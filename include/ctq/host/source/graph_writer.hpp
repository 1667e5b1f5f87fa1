#pragma once
// graph_writer: how the importers of all formats write a graph: names, layouts, and the computing of what is constant.
// room: host | runs on: host | heap: yes

#include <ctq/graph/fold_node.hpp>
#include <ctq/graph/folding_budget.hpp>
#include <ctq/graph/graph.hpp>
#include <ctq/graph/name_set.hpp>
#include <ctq/host/source/node_fault.hpp>
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

/// Elements of one tensor that a graph may hold.
inline constexpr std::int64_t most_elements = std::int64_t{1} << 30;

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

    /// Refuses operands of element types that the operator does not take, or that differ; one that says itself what it
    /// makes of which types is asked later.
    template <class Op> void check_types(const std::vector<int>& from) const {
        if constexpr (!requires(const Op& op, dtypes types) { op.output_type(types, 0); }) {
            const value* first = nullptr;
            for (std::size_t i = 0; i < from.size(); ++i) {
                if (role_of<Op>(i) == operand_role::parameter || role_of<Op>(i) == operand_role::positions) continue;
                const value& operand = graph_.value_at(from[i]);
                if (!contains(traits_of<Op>.operands, operand.facts.type))
                    throw node_fault{exit_code::unsupported,
                                     message("reads ", described(operand), "; the operator takes ",
                                             name_of(traits_of<Op>.operands), " only")};
                if (first == nullptr) first = &operand;
                if (operand.facts.type != first->facts.type)
                    throw node_fault{exit_code::malformed,
                                     message("reads ", described(*first), " and ", described(operand),
                                             "; one type for all is required")};
            }
        }
    }

    static std::string described(const value& operand) {
        return message(in_quotes(operand.name.view()), " of type ", name_of(operand.facts.type));
    }

    /// Of a result whose extents are `least` or more. The product of those that are not 0 is bounded too: strides are
    /// such products.
    static ctq::shape checked(const ctq::shape& of, std::int32_t least) {
        std::int64_t elements = 1;
        for (int axis = 0; axis < of.rank; ++axis) {
            check(of[axis] >= least, "the result would have no elements");
            if (of[axis] > most_elements / elements)
                throw node_fault{exit_code::unsupported, "a tensor of more than 2^30 elements"};
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
        return made;
    }

    template <class Op> std::vector<int> computed(const Op& op, const std::vector<int>& from, const std::string& name) {
        const std::vector<int> outputs = add_outputs(op, from, name, 0);
        if (const text fault = fold_node(graph_, op, from, outputs, budget_); !fault.empty())
            throw node_fault{exit_code::unsupported,
                             message(fault.view(), ": make it an input of the model, or export the model without it")};
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
    folding_budget budget_;
};

} // namespace ctq::inline CTQ_TARGET::host::source
