#pragma once
// push_reshapes: a reshape moves behind consumers that do not mind it, so that they stand next to the layer before it.
// room: rewrite | runs on: compiler + host | heap: yes

#include <ctq/operators/reshape.hpp>
#include <ctq/rewrite/pass.hpp>

#include <algorithm>
#include <cstddef>
#include <utility>
#include <vector>

namespace ctq::inline CTQ_TARGET::pass {

namespace detail {

/// One run of push_reshapes: a sweep over the nodes in their order. Each goes before all reshapes that it may go before
/// at once; the one reshape that is then behind it is appended, and put in its place at the end.
template <class Graph> class reshape_pushing {
    using node_type = typename Graph::node_type;

  public:
    constexpr explicit reshape_pushing(Graph& graph) : graph_(graph), names_(graph), reshaped_(graph.values.size()) {}

    constexpr bool run() {
        const int count = static_cast<int>(graph_.nodes.size());
        for (int i = 0; i < count; ++i) {
            push(i);
            const node_type& node = graph_.node_at(i);
            if (operator_if<op::reshape>(node) != nullptr) note(node);
        }
        graph_.move_nodes(moves_);
        return !moves_.empty();
    }

  private:
    /// What is known of a value that a reshape makes of another, and that perhaps of a third, and so on.
    struct reshaped_value {
        int before = -1, first = -1; ///< what the reshape reads; what the first of them reads
    };

    constexpr const shape& shape_of(int value) const { return graph_.value_at(value).facts.shape; }
    constexpr int before(int value) const { return reshaped_[static_cast<std::size_t>(value)].before; }
    constexpr void note(const node_type& reshape) {
        const int from = reshape.inputs[0];
        if (graph_.is_constant(from)) return;
        const int first = before(from) < 0 ? from : reshaped_[static_cast<std::size_t>(from)].first;
        reshaped_[static_cast<std::size_t>(reshape.output())] = {from, first};
    }

    /// op(reshape(x), constants) becomes reshape(op(x, constants)).
    constexpr void push(int index) {
        if (!find_sources(graph_.node_at(index))) return;
        const int result = graph_.node_at(index).output();
        const shape from = shape_of(activation_in(found_)), to = shape_of(result);
        move_inputs(index, from);
        const text name_of_result = graph_.value_at(result).name;
        graph_.value_at(result).name = names_.for_value(name_of_result + ".reshaped");
        const int inner = graph_.add_value(name_of_result, {graph_.value_at(result).facts.type, from, {}});
        reshaped_.resize(graph_.values.size());
        graph_.node_at(index).outputs = {inner};
        moves_.push_back({static_cast<int>(graph_.nodes.size()), index + 1});
        const text name = names_.for_node(graph_.node_at(index).name + ".reshaped");
        graph_.nodes.push_back({name, op::reshape{to}, {inner}, {result}, {}});
        note(graph_.nodes.back());
    }

    /// Finds in found_ what the node may read instead of its inputs: the same constants, and its activations before as
    /// many reshapes as it may go before, one after the other. One that it may not go before bars the way to those
    /// further up. False where it may go before none.
    constexpr bool find_sources(const node_type& node) {
        const shape* to = &shape_of(node.output());
        for (const int input : node.inputs)
            if (!graph_.is_constant(input) && (before(input) < 0 || !(shape_of(input) == *to))) return false;
        found_ = node.inputs;
        if (goes_before_all(node)) {
            for (int& value : found_)
                if (!graph_.is_constant(value)) value = reshaped_[static_cast<std::size_t>(value)].first;
            return true;
        }
        bool any = false;
        while (step_back() && commutes(node, shape_of(activation_in(next_)), *to)) {
            std::swap(found_, next_);
            to = &shape_of(activation_in(found_));
            any = true;
        }
        return any;
    }

    /// True when the node may go before all reshapes of its one activation, however many there are.
    constexpr bool goes_before_all(const node_type& node) const {
        const bool for_elements = visit_operator(
            node, []<class Op>(const Op&) { return traits_of<Op>.is_element_wise && !has_channel_axis<Op>; });
        const int activation = activation_in(node.inputs);
        if (!for_elements || activation < 0) return false;
        return std::ranges::all_of(node.inputs, [&](int input) {
            return graph_.is_constant(input) ? shape_of(input).elements() == 1 : input == activation;
        });
    }

    /// Puts into next_ the values of found_, the activations among them before their reshapes. False if there is no
    /// activation, or one that is not reshaped, or two that were not alike before.
    constexpr bool step_back() {
        next_ = found_;
        const shape* common = nullptr;
        for (int& value : next_) {
            if (graph_.is_constant(value)) continue;
            value = before(value);
            if (value < 0 || (common != nullptr && !(*common == shape_of(value)))) return false;
            common = &shape_of(value);
        }
        return common != nullptr;
    }

    constexpr int activation_in(const std::vector<int>& values) const {
        for (const int value : values)
            if (!graph_.is_constant(value)) return value;
        return -1;
    }

    static constexpr bool same_last(const shape& a, const shape& b) {
        return a.rank > 0 && b.rank > 0 && a[a.rank - 1] == b[b.rank - 1];
    }

    /// True when all constants are single values, or lie along the last axis, which `from` and `to` have in common.
    constexpr bool constants_serve_both(const node_type& node, const shape& from, const shape& to) const {
        for (const int input : node.inputs) {
            const shape& operand = shape_of(input);
            if (!graph_.is_constant(input) || operand.elements() == 1) continue;
            if (operand.elements(0, operand.rank - 1) != 1 || !same_last(from, to) || !same_last(operand, to))
                return false;
        }
        return true;
    }

    /// True when the operator does the same to the elements whether they are seen under `from` or under `to`, which is
    /// the result's shape, or has its last axis where the operator has a channel axis.
    constexpr bool commutes(const node_type& node, const shape& from, const shape& to) const {
        return visit_operator(node, [&](const auto& op) {
            using op_type = std::remove_cvref_t<decltype(op)>;
            if constexpr (!traits_of<op_type>.is_element_wise)
                return false;
            else if constexpr (has_channel_axis<op_type>) {
                const shape& result = shape_of(node.output());
                return result.normalized_axis(op.*op_type::channel_axis) == result.rank - 1 && same_last(from, to);
            } else
                return constants_serve_both(node, from, to);
        });
    }

    /// To found_, whose activations have the shape `from`.
    constexpr void move_inputs(int index, const shape& from) {
        for (std::size_t i = 0; i < found_.size(); ++i) {
            const int source = graph_.is_constant(found_[i]) ? constant_for(found_[i], from) : found_[i];
            graph_.node_at(index).inputs[i] = source;
        }
        visit_operator(graph_.node_at(index), [&](auto& op) {
            using op_type = std::remove_cvref_t<decltype(op)>;
            if constexpr (has_channel_axis<op_type>) op.*op_type::channel_axis = from.rank - 1;
        });
    }

    /// A constant as a plain list along the last axis of activations of that shape, or as a scalar where they are.
    constexpr int constant_for(const int value, const shape& activation) {
        const shape own = shape_of(value);
        if (own.rank <= 1 && own.rank <= activation.rank) return value;
        constant elements = graph_.constant_of(value);
        const text name = graph_.value_at(value).name;
        return graph_.add_constant(name, activation.rank == 0 ? shape{} : shape{own[own.rank - 1]},
                                   std::move(elements));
    }

    Graph& graph_;
    new_names<Graph> names_;
    std::vector<reshaped_value> reshaped_; ///< of each value, as far as the run has come
    std::vector<int> found_, next_;        ///< see find_sources; kept, so that a step of it allocates nothing
    std::vector<node_move> moves_;         ///< of the reshapes that were appended
};

} // namespace detail

/// Past element-wise operators whose operands are all reshaped alike or constant along the last axis. A run is one
/// sweep, and each step brings a node nearer to the inputs; it adds a reshape at most for each node that is none.
struct push_reshapes {
    using registered_kind = pass_tag;
    static constexpr std::string_view name = "push_reshapes";

    template <class Graph> static constexpr bool run(Graph& graph) {
        return detail::reshape_pushing<Graph>(graph).run();
    }
};

} // namespace ctq::inline CTQ_TARGET::pass
