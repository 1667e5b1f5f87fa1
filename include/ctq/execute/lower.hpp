#pragma once
// lower: what a kernel makes of one annotated node: its lowered parameters, and which tensors it reads in which layout.
// The emitter, the engine and the compiler call this one function.
// room: execute | runs on: compiler + host | heap: yes

#include <ctq/execute/run_node.hpp>
#include <ctq/graph/graph.hpp>
#include <ctq/registry/signatures.hpp>

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

/// One annotated node as its kernel's lower() sees it: facts and constants in, inputs of the lowered node out.
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

    /// `count` zeros: what constants are built in. (The operators themselves need no container.)
    template <class T> static constexpr std::vector<T> list(std::size_t count) { return std::vector<T>(count, T{}); }

    /// Makes input i the next input of the lowered node, as it is.
    constexpr void keep(std::size_t i) { inputs.push_back({node_.inputs[i], {}, input(i)}); }

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
            }
        });
    }

    std::vector<lowered_input> inputs;

  private:
    constexpr const value& value_of(std::size_t i) const { return graph_.value_at(node_.inputs[i]); }

    const Graph& graph_;
    const typename Graph::node_type& node_;
};

} // namespace detail

/// A node as it runs; its outputs are the annotated node's.
template <class Operation> struct lowered_node {
    typename detail::lowered_variant<Operation>::type op;
    std::vector<lowered_input> inputs;
};

/// Lowers a node under the signatures of `Rules`. A float node keeps its inputs. Faults where its constants do not fit
/// the arithmetic, or where no rule of these makes such a node. Cost: a pass over its constants.
template <class Rules, class Architecture = kernels::scalar, class Graph>
constexpr lowered_node<typename Graph::operation_type> lower_node(const Graph& graph,
                                                                  const typename Graph::node_type& node) {
    using result_type = lowered_node<typename Graph::operation_type>;
    detail::lowering_node<Graph> view(graph, node);
    const auto lowered = visit_operator(node, [&](const auto& op) {
        using op_type = std::remove_cvref_t<decltype(op)>;
        using variant = decltype(result_type::op);
        if (node.domain == float_domain) {
            for (std::size_t i = 0; i < node.inputs.size(); ++i) view.keep(i);
            return variant(lowered_operator<op_type>{op, {}});
        }
        lowered_operator<op_type> made{op, {}};
        visit_signature<Rules, op_type>(signature_of(graph, node), [&]<signature S>() {
            made.lowered = kernels::kernel<Architecture, op_type, S>::lower(op, view);
        });
        return variant(made);
    });
    return {lowered, std::move(view.inputs)};
}

} // namespace ctq::inline CTQ_TARGET
