#pragma once
// lower: what runs of one annotated node: its lowered parameters, and which tensors it reads in which layout. The
// emitter, the engine and the compiler call this one function, which knows of no target; see kernel::pack.
// room: execute | runs on: compiler + host | heap: yes

#include <ctq/graph/graph.hpp>
#include <ctq/operators/function_table.hpp>
#include <ctq/registry/signatures.hpp>

#include <memory>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace ctq::inline CTQ_TARGET {

/// What a lowered node reads: a value of the graph, or a constant that lowering made (`value` is -1).
struct lowered_input {
    int value = -1;
    std::string_view role{}; ///< of a constant: "weights", "bias", ...
    tensor_facts facts{};
    constant elements{};
};

/// An operator with what lowering made of it.
template <class Op> struct lowered_operator {
    Op op;
    lowered_of<Op> lowered;
};

namespace detail {

template <class Operation> struct lowered_variant;
template <class... Ops> struct lowered_variant<std::variant<Ops...>> {
    using type = std::variant<lowered_operator<Ops>...>;
};

/// One annotated node as its operator's `lower<S>` sees it, a lowering_view: facts and constants in, inputs of the
/// lowered node out.
template <class Graph> class lowering_node {
  public:
    constexpr lowering_node(const Graph& graph, const typename Graph::node_type& node) : graph_(graph), node_(node) {}

    constexpr std::size_t input_count() const { return node_.inputs.size(); }
    constexpr const tensor_facts& input(std::size_t i) const { return value_of(i).facts; }
    constexpr const tensor_facts& output() const { return graph_.value_at(node_.output()).facts; }

    /// The elements of constant input i.
    template <class T> constexpr const T* constant(std::size_t i) const {
        require(graph_.is_constant(node_.inputs[i]), "weights and bias must be constant");
        return graph_.constant_of(node_.inputs[i]).template as<T>().data();
    }
    /// The scale of a channel of input i.
    constexpr double scale(std::size_t i, std::size_t channel) const { return value_of(i).scale_of(channel); }

    /// The bias of a channel (input 2), 0 where there is none.
    constexpr std::int64_t bias(std::size_t channel) const {
        if (input_count() < 3) return 0;
        return input(2).type == dtype::int64 ? constant<std::int64_t>(2)[channel]
                                             : std::int64_t{constant<std::int32_t>(2)[channel]};
    }

    /// The axis of the weights along which the operator's channels lie.
    constexpr int weight_axis() const { return traits_of_node(node_).weight_axis; }

    /// `count` zeros: what constants are built in. (The operators themselves need no container.)
    template <class T> static constexpr std::vector<T> list(std::size_t count) { return std::vector<T>(count, T{}); }

    /// Makes input i the next input of the lowered node, as it is.
    constexpr void keep(std::size_t i) { keep_value(node_.inputs[i]); }

    /// Makes the value that holds the scale of input i the next input; it must be dynamic.
    constexpr void keep_scale(std::size_t i) {
        require(value_of(i).dynamic.is_set(), "the scale of an activation whose sums become reals must be a value");
        keep_value(value_of(i).dynamic.scale);
    }
    /// The same for its zero point, if a value holds it.
    constexpr void keep_zero_point(std::size_t i) {
        if (value_of(i).dynamic.zero_point >= 0) keep_value(value_of(i).dynamic.zero_point);
    }

    /// Makes a new constant the next input.
    template <class T> constexpr void append(std::string_view role, const shape& of, std::vector<T> elements) {
        inputs.push_back({-1, role, {dtype_of<T>, of}, ctq::constant(std::move(elements))});
    }

    /// The same with the elements in a narrower type, which holds them.
    constexpr void append_narrow(std::string_view role, const shape& of, const std::vector<std::int32_t>& elements,
                                 dtype type) {
        with_element_type(type, [&](auto zero) {
            if constexpr (std::is_integral_v<decltype(zero)>) {
                std::vector<decltype(zero)> narrow;
                for (const std::int32_t each : elements) narrow.push_back(static_cast<decltype(zero)>(each));
                append(role, of, std::move(narrow));
            } else {
                fail("a list of integers is kept in an integer type");
            }
        });
    }

    /// Faults where the node reads integers whose scale is a value, and does not read that value.
    constexpr void check_dynamic_inputs() const {
        for (std::size_t i = 0; i < input_count(); ++i) {
            const int scale = value_of(i).dynamic.scale;
            bool kept = scale < 0;
            for (const lowered_input& each : inputs) kept |= each.value == scale;
            require(kept, "integers under a scale that is measured at run time are for weighted nodes that make reals");
        }
    }

    std::vector<lowered_input> inputs;

  private:
    constexpr const value& value_of(std::size_t i) const { return graph_.value_at(node_.inputs[i]); }
    constexpr void keep_value(int index) { inputs.push_back({index, {}, graph_.value_at(index).facts}); }

    const Graph& graph_;
    const typename Graph::node_type& node_;
};

/// Here and not where a node is visited, so that a compiler says in a few lines which operator it is.
template <class Rules, class Op, class Node> constexpr void check_lowering() {
    constexpr bool fits = [] {
        bool all = true;
        for_each_node_signature<Rules, Op>(
            [&]<signature S>() { all = all && lowers_what_it_computes_with<Op, S, Node>; });
        return all;
    }();
    static_assert(fits, "ctq: lower: an operator must make the `lowered` that it computes with; give it "
                        "lowered lower<S>(node) const");
}
template <class Rules, class Node, class... Ops> constexpr void check_lowering_of_all(const std::variant<Ops...>*) {
    (check_lowering<Rules, Ops, Node>(), ...);
}

/// Lowers `op` under one signature as it says, to a table, or to the inputs as they are.
template <signature S, class Op, class Node> constexpr lowered_of<Op> lower_operator(const Op& op, Node& node) {
    if constexpr (requires { op.template lower<S>(node); }) {
        return op.template lower<S>(node);
    } else if constexpr (looks_up<Op, S>) {
        op::lower_to_table<S>(op, node);
        return {};
    } else {
        for (std::size_t i = 0; i < node.input_count(); ++i) node.keep(i);
        return {};
    }
}

} // namespace detail

/// A node as it runs; its outputs are the annotated node's.
template <class Operation> struct lowered_node {
    typename detail::lowered_variant<Operation>::type op;
    std::vector<lowered_input> inputs;
};

/// Lowers a node under the signatures of `Rules`. A float node keeps its inputs. Faults where its constants do not fit
/// the arithmetic, or where no rule of these makes such a node. Cost: a pass over its constants.
template <class Rules, class Graph>
constexpr lowered_node<typename Graph::operation_type> lower_node(const Graph& graph,
                                                                  const typename Graph::node_type& node) {
    using operation = typename Graph::operation_type;
    detail::check_lowering_of_all<Rules, detail::lowering_node<Graph>>(static_cast<const operation*>(nullptr));
    lowered_node<operation> result;
    detail::lowering_node<Graph> view(graph, node);
    visit_operator(node, [&](const auto& op) {
        using op_type = std::remove_cvref_t<decltype(op)>;
        lowered_operator<op_type> made{op, {}};
        if (node.in_float())
            for (std::size_t i = 0; i < node.inputs.size(); ++i) view.keep(i);
        else
            visit_signature<Rules, op_type>(signature_of(graph, node), [&]<signature S>() {
                if constexpr (lowers_what_it_computes_with<op_type, S, detail::lowering_node<Graph>>)
                    made.lowered = detail::lower_operator<S>(op, view);
            });
        if (!node.in_float()) view.check_dynamic_inputs();
        // Made anew in place: clang refuses a variant that changes its alternative, g++ warns of one that is returned.
        std::destroy_at(&result.op);
        std::construct_at(&result.op, made);
    });
    result.inputs = std::move(view.inputs);
    return result;
}

} // namespace ctq::inline CTQ_TARGET
