#pragma once
// bound_graph: a graph whose every node is bound to memory and functions, ready to run: what both engines are made of.
// room: host | runs on: host | heap: yes, while it is made; run() allocates nothing

#include <ctq/execute/plan.hpp>
#include <ctq/execute/program.hpp>
#include <ctq/graph/graph.hpp>
#include <ctq/host/engine/aligned_buffer.hpp>
#include <ctq/host/engine/bound_node.hpp>

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <memory>
#include <optional>
#include <span>
#include <vector>

namespace ctq::inline CTQ_TARGET::host {

/// `reused`: values whose lives do not meet share memory, so a value is there while its node is observed and outputs
/// are there after a run. `kept`: every value is there after a run.
enum class memory_use : std::uint8_t { reused, kept };

namespace detail {

/// The operator of a node, and what lowering made of it, as bytes.
struct operator_bytes {
    const void* op = nullptr;
    const void* lowered = nullptr;
};

template <class Operation> operator_bytes bytes_of(const basic_node<Operation>& node) {
    return {visit_operator(node, [](const auto& op) { return static_cast<const void*>(&op); }), nullptr};
}
template <class Operation> operator_bytes bytes_of(const program_node<Operation>& node) {
    return visit_lowered(node, [](const auto& op, const auto& lowered) { return operator_bytes{&op, &lowered}; });
}

template <class Operation> bool is_view_node(const basic_node<Operation>& node) {
    return traits_of_node(node).is_view;
}
template <class Operation> bool is_view_node(const program_node<Operation>& node) {
    return visit_lowered(node, []<class Op>(const Op&, const auto&) { return traits_of<Op>.is_view; });
}

} // namespace detail

/// Of a float graph or of a program: a plan that copies share and nobody changes, and activations and states of each
/// copy's own, reset at first. What writes them is not const, so one copy serves one thread. The graph must outlive all
/// copies, unchanged.
class bound_graph {
    struct step {
        const ctq_border::layer_functions* functions = nullptr; ///< null for a view of its input
        detail::operator_bytes op{};
        std::vector<int> inputs, outputs;
        std::size_t packed = 0, packed_bytes = 0;
        std::size_t scratch_bytes = 0, scratch = 0;
        std::size_t bound = 0;
    };
    /// What copies share.
    struct plan {
        std::vector<ctq_border::tensor> values; ///< elements: of constants only
        std::vector<tensor_facts> facts;
        std::vector<int> home; ///< the value in whose memory a value lies
        std::vector<std::size_t> offsets;
        std::vector<step> steps;
        std::vector<int> inputs, outputs;
        std::vector<graph_state> states;
        std::size_t arena_bytes = 0, bound_bytes = 0, packed_bytes = 0;
        std::optional<aligned_buffer> packed;
    };

    std::shared_ptr<const plan> plan_;
    aligned_buffer arena_, bound_;

  public:
    /// `choose(node, constants_known)` gives the layer_functions of a node. Throws model_error.
    template <class Graph, class Choose>
    bound_graph(const Graph& graph, memory_use use, Choose choose) : bound_graph(make_plan(graph, use, choose)) {}

    bound_graph(const bound_graph& other) : bound_graph(other.plan_) {}
    bound_graph& operator=(const bound_graph&) = delete;

    [[nodiscard]] std::size_t steps() const { return plan_->steps.size(); }
    [[nodiscard]] const tensor_facts& facts_of(int value) const { return plan_->facts[index(value)]; }

    /// Activations and scratch, bytes.
    [[nodiscard]] std::size_t arena_bytes() const { return plan_->arena_bytes; }

    /// An activation, to be written.
    template <class T> [[nodiscard]] std::span<T> elements(int value) {
        require(plan_->values[index(value)].elements == nullptr, "a constant of the graph is not to be written");
        return {static_cast<T*>(tensor_at(value).elements), count<T>(value)};
    }
    template <class T> [[nodiscard]] std::span<const T> elements(int value) const {
        return {static_cast<const T*>(place_of(value)), count<T>(value)};
    }
    [[nodiscard]] const_tensor value(int value) const {
        return with_element_type(facts_of(value).type, [&](auto element) {
            return const_tensor{facts_of(value), const_data(static_cast<const decltype(element)*>(place_of(value)))};
        });
    }

    /// Runs all nodes; calls observe(node index) after each. At the end the states hold what is written to them.
    template <class Observe> void run(Observe observe) {
        for (std::size_t i = 0; i < plan_->steps.size(); ++i) {
            const step& each = plan_->steps[i];
            if (each.functions != nullptr) each.functions->run(bound_.data() + each.bound);
            observe(i);
        }
        for (const graph_state& each : plan_->states) hold(each.read, each.written);
    }

    /// The states hold their initial values again.
    void reset() {
        for (const graph_state& each : plan_->states) hold(each.read, each.initial);
    }

  private:
    static std::size_t index(int value) { return static_cast<std::size_t>(value); }

    explicit bound_graph(std::shared_ptr<const plan> from)
        : plan_(std::move(from)), arena_(plan_->arena_bytes), bound_(plan_->bound_bytes) {
        for (const step& each : plan_->steps) bind(each);
        reset();
    }

    /// Copies a value to where a state is held.
    void hold(int state, int value) {
        std::memcpy(tensor_at(state).elements, place_of(value), facts_of(state).bytes());
    }

    /// The number of a value's elements, which must be of type T.
    template <class T> std::size_t count(int value) const {
        require(facts_of(value).type == dtype_of<T>, "a value was read as another element type");
        return facts_of(value).elements();
    }

    std::size_t offset_of(int value) const { return plan_->offsets[index(plan_->home[index(value)])]; }

    const void* place_of(int value) const {
        const void* constant = plan_->values[index(value)].elements;
        return constant != nullptr ? constant : arena_.data() + offset_of(value);
    }

    ctq_border::tensor tensor_at(int value) {
        ctq_border::tensor to = plan_->values[index(value)];
        if (to.elements == nullptr) to.elements = arena_.data() + offset_of(value);
        return to;
    }

    void bind(const step& each) {
        if (each.functions == nullptr) return;
        std::vector<ctq_border::tensor> in, out;
        for (const int input : each.inputs) in.push_back(tensor_at(input));
        for (const int output : each.outputs) out.push_back(tensor_at(output));
        const auto* packed = reinterpret_cast<const std::int8_t*>(plan_->packed->data() + each.packed);
        each.functions->bind({each.op.op, each.op.lowered, in.data(), in.size(), out.data(), out.size()},
                             arena_.data() + each.scratch, packed, bound_.data() + each.bound);
    }

    /// True for nodes whose output is their input as it is, and stays so: states are written before outputs are read.
    template <class Graph, class Node> static bool is_view(const plan& made, const Graph& graph, const Node& node) {
        const auto holds_it = [&](const graph_state& each) { return each.read == made.home[index(node.inputs[0])]; };
        return detail::is_view_node(node) && !graph.is_constant(node.inputs[0]) &&
               std::ranges::none_of(made.states, holds_it) &&
               graph.value_at(node.inputs[0]).facts.type == graph.value_at(node.output()).facts.type;
    }

    template <class Graph, class Choose>
    static std::shared_ptr<const plan> make_plan(const Graph& graph, memory_use use, Choose& choose) {
        auto made = std::make_shared<plan>();
        for (std::size_t v = 0; v < graph.values.size(); ++v) {
            const auto& from = graph.values[v];
            made->facts.push_back(from.facts);
            made->values.push_back(border_tensor(from.facts, constant_elements(graph, static_cast<int>(v))));
            made->home.push_back(static_cast<int>(v));
        }
        made->states = graph.states;
        for (const auto& node : graph.nodes) add_step(*made, graph, node, choose);
        for (const port& each : graph.inputs) made->inputs.push_back(each.value);
        for (const port& each : graph.outputs) made->outputs.push_back(each.value);
        place_buffers(*made, use);
        pack_constants(*made);
        return made;
    }

    /// The elements of a constant, never written through this pointer; null for activations.
    template <class Graph> static void* constant_elements(const Graph& graph, int value) {
        if (!graph.is_constant(value)) return nullptr;
        return graph.constant_of(value).visit(
            [](const auto& elements) { return const_cast<void*>(static_cast<const void*>(elements.data())); });
    }

    template <class Graph, class Node, class Choose>
    static void add_step(plan& made, const Graph& graph, const Node& node, Choose& choose) {
        step each;
        each.inputs = node.inputs;
        each.outputs = node.outputs;
        if (is_view(made, graph, node)) {
            made.home[index(node.output())] = made.home[index(node.inputs[0])];
            made.steps.push_back(std::move(each));
            return;
        }
        bool constants_known = true;
        for (std::size_t i = 1; i < node.inputs.size(); ++i) constants_known &= graph.is_constant(node.inputs[i]);
        each.functions = &choose(node, constants_known);
        each.op = detail::bytes_of(node);
        with_node(made, each, [&](const ctq_border::node& of) {
            each.scratch_bytes = each.functions->scratch_bytes(of);
            each.packed_bytes = each.functions->packed_bytes(of);
        });
        each.packed = made.packed_bytes;
        made.packed_bytes += aligned_buffer::rounded_up(each.packed_bytes);
        each.bound = made.bound_bytes;
        made.bound_bytes +=
            aligned_buffer::rounded_up(each.functions->bound_bytes(each.inputs.size(), each.outputs.size()));
        made.steps.push_back(std::move(each));
    }

    template <class Use> static void with_node(const plan& made, const step& each, Use use) {
        std::vector<ctq_border::tensor> in, out;
        for (const int input : each.inputs) in.push_back(made.values[index(input)]);
        for (const int output : each.outputs) out.push_back(made.values[index(output)]);
        use(ctq_border::node{each.op.op, each.op.lowered, in.data(), in.size(), out.data(), out.size()});
    }

    static void pack_constants(plan& made) {
        made.packed.emplace(made.packed_bytes);
        for (const step& each : made.steps) {
            if (each.packed_bytes == 0) continue;
            with_node(made, each, [&](const ctq_border::node& of) {
                each.functions->pack(of, reinterpret_cast<std::int8_t*>(made.packed->data() + each.packed));
            });
        }
    }

    /// One buffer for each value and one for each step's scratch; those of views and constants are empty.
    static std::vector<buffer> lifetimes(const plan& made) {
        const int last = static_cast<int>(made.steps.size());
        std::vector<buffer> buffers(made.values.size() + made.steps.size());
        const auto owner = [&](int value) -> buffer& { return buffers[index(made.home[index(value)])]; };
        for (const int input : made.inputs) owner(input) = {made.facts[index(input)].bytes(), 0, 0};
        for (const graph_state& each : made.states) owner(each.read) = {made.facts[index(each.read)].bytes(), 0, last};
        for (int i = 0; i < last; ++i) {
            const step& each = made.steps[index(i)];
            for (const int input : each.inputs) owner(input).last = i;
            for (const int output : each.outputs)
                if (each.functions != nullptr) owner(output) = {made.facts[index(output)].bytes(), i, i};
            buffers[made.values.size() + index(i)] = {each.scratch_bytes, i, i};
        }
        for (const int output : made.outputs) owner(output).last = last;
        for (const graph_state& each : made.states)
            for (const int value : {each.read, each.written}) owner(value).last = last;
        return buffers;
    }

    static void place_buffers(plan& made, memory_use use) {
        std::vector<buffer> buffers = lifetimes(made);
        for (buffer& each : buffers) each.bytes = each.bytes == 0 ? 0 : aligned_buffer::rounded_up(each.bytes);
        made.offsets.assign(buffers.size(), 0);
        constexpr std::size_t most_planned = 5000; // planning takes quadratic time
        if (use == memory_use::reused && buffers.size() <= most_planned) {
            std::vector<int> sorted(buffers.size());
            made.arena_bytes =
                ctq::pack(buffers, packing_order::by_size, aligned_buffer::alignment, made.offsets, sorted);
        } else {
            place_apart(made, buffers);
        }
        for (std::size_t i = 0; i < made.steps.size(); ++i)
            made.steps[i].scratch = made.offsets[made.values.size() + i];
    }

    /// Every value in memory of its own, all scratch in one place.
    static void place_apart(plan& made, std::span<const buffer> buffers) {
        std::size_t scratch = 0;
        for (std::size_t i = made.values.size(); i < buffers.size(); ++i) scratch = std::max(scratch, buffers[i].bytes);
        made.arena_bytes = scratch;
        for (std::size_t v = 0; v < made.values.size(); ++v) {
            made.offsets[v] = made.arena_bytes;
            made.arena_bytes += buffers[v].bytes;
        }
    }
};

} // namespace ctq::inline CTQ_TARGET::host
