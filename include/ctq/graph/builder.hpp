#pragma once
// builder: a network written in C++, layer by layer. Everything is constexpr, so the graph is a compile-time value.
// room: graph | runs on: compiler + host | heap: yes

#include <ctq/graph/graph.hpp>
#include <ctq/graph/name_set.hpp>
#include <ctq/graph/validate.hpp>
#include <ctq/operators/add.hpp>
#include <ctq/operators/average_pool.hpp>
#include <ctq/operators/concat.hpp>
#include <ctq/operators/conv2d.hpp>
#include <ctq/operators/dense.hpp>
#include <ctq/operators/max_pool.hpp>
#include <ctq/operators/multiply.hpp>
#include <ctq/operators/reduce_mean.hpp>
#include <ctq/operators/reshape.hpp>
#include <ctq/operators/softmax.hpp>

#include <span>

namespace ctq::inline CTQ_TARGET {

/// Float weights and bias of a layer, borrowed: `weights` as the operator's float input 1 orders them.
struct parameters {
    std::span<const float> weights;
    std::span<const float> bias = {};
};

/// A value while a network is being built.
struct layer {
    int value = -1;
};

/// Window attributes as the builder takes them. `channels` of output are read off the weights.
struct convolution {
    op::extents kernel{1, 1}, stride{1, 1}, dilation{1, 1};
    op::margins padding{};
    std::int32_t groups = 1;
    bounds activation{};
};

struct pooling {
    op::extents kernel{1, 1}, stride{1, 1};
    op::margins padding{};
};

/// Images are NHWC. Each call appends a layer and gives its output; a fault stops the compilation with its text.
template <class Operation> class basic_builder {
  public:
    using graph_type = basic_graph<Operation>;

    constexpr layer input(text name, const shape& of, dtype type = dtype::float32) {
        names_.take(name);
        const int index = graph_.add_value(name, {type, of, {}});
        graph_.inputs.push_back({name, index});
        return {index};
    }

    constexpr layer conv2d(layer x, const parameters& p, const convolution& c, text name = "conv") {
        require(c.groups > 0, "groups must be at least 1");
        const std::int32_t inputs = extent(x, 3) / c.groups, taps = c.kernel[0] * c.kernel[1] * inputs;
        require(taps > 0 && p.weights.size() % static_cast<std::size_t>(taps) == 0,
                "the number of weights must be a multiple of kernel rows * columns * inputs per group");
        const auto outputs = static_cast<std::int32_t>(p.weights.size()) / taps;
        return weighted_layer(op::conv2d{c.kernel, c.stride, c.dilation, c.padding, c.groups, c.activation}, x,
                              shape{outputs, c.kernel[0], c.kernel[1], inputs}, p, std::move(name));
    }

    /// A dense layer over all but the first axis, flattened.
    constexpr layer dense(layer x, const parameters& p, bounds activation = bounds::none(), text name = "dense") {
        const shape from = shape_of(x);
        const auto inputs = static_cast<std::int32_t>(from.elements(1, from.rank));
        if (from.rank != 2) x = reshape(x, shape{from[0], inputs});
        require(inputs > 0 && !p.weights.empty() && p.weights.size() % static_cast<std::size_t>(inputs) == 0,
                "the number of weights must be a multiple of the inputs");
        const auto outputs = static_cast<std::int32_t>(p.weights.size()) / inputs;
        return weighted_layer(op::dense{activation}, x, shape{outputs, inputs}, p, std::move(name));
    }

    constexpr layer max_pool(layer x, const pooling& p) {
        return apply(op::max_pool{p.kernel, p.stride, {1, 1}, p.padding}, {x});
    }
    constexpr layer average_pool(layer x, const pooling& p) {
        return apply(op::average_pool{p.kernel, p.stride, p.padding, false}, {x});
    }
    constexpr layer global_average_pool(layer x) {
        op::reduce_mean op;
        op.axes.insert(1);
        op.axes.insert(2);
        return apply(op, {x});
    }
    constexpr layer add(layer a, layer b, bounds activation = bounds::none()) {
        return apply(op::add{activation}, {a, b});
    }
    constexpr layer multiply(layer a, layer b) { return apply(op::multiply{}, {a, b}); }
    constexpr layer softmax(layer x) { return apply(op::softmax{}, {x}); }
    constexpr layer reshape(layer x, const shape& to) { return apply(op::reshape{to}, {x}); }
    constexpr layer concat(std::initializer_list<layer> parts, std::int32_t axis = -1) {
        return apply(op::concat{axis}, parts);
    }

    /// Any other operator, registered or the user's own.
    template <class Op>
    constexpr layer apply(const Op& op, std::initializer_list<layer> from, text name = text(Op::name)) {
        std::vector<int> inputs;
        for (const layer& each : from) inputs.push_back(each.value);
        return {graph_.add_node(names_.take_like(name), op, std::move(inputs))};
    }

    constexpr layer constant(text name, const shape& of, std::span<const float> elements) {
        return {graph_.add_constant(std::move(name), of, std::vector<float>(elements.begin(), elements.end()))};
    }

    /// What a state of that name holds when a call begins: at first and after a reset `initial`, then what write() is
    /// given.
    constexpr layer state(text name, const shape& of, std::span<const float> initial) {
        const layer first = constant(name + ".initial", of, initial);
        const int read = graph_.add_value(name, {dtype::float32, of, {}});
        graph_.states.push_back({std::move(name), first.value, read, -1});
        return {read};
    }

    /// The same; it begins with zeros.
    constexpr layer state(text name, const shape& of) {
        return state(std::move(name), of, std::vector<float>(static_cast<std::size_t>(of.elements()), 0.0f));
    }

    /// What a state holds in the next call. `to` is what state() gave; `from` may be another state: a delay.
    constexpr void write(layer to, layer from) {
        if (graph_.is_state(from.value)) from = reshape(from, shape_of(from));
        for (graph_state& each : graph_.states)
            if (each.read == to.value) {
                require(each.written < 0, "a state is written once");
                each.written = from.value;
                return;
            }
        fail("write() takes what state() gave as its first argument");
    }

    /// The network with one output.
    constexpr graph_type finish(layer output, text name = "output") {
        return finish({{std::move(name), output.value}});
    }

    /// The network with these outputs. Faults, as validate does, where it is none.
    constexpr graph_type finish(std::initializer_list<port> outputs) {
        graph_.outputs.assign(outputs.begin(), outputs.end());
        validate(graph_);
        return graph_;
    }

  private:
    constexpr const shape& shape_of(layer x) const { return graph_.value_at(x.value).facts.shape; }
    constexpr std::int32_t extent(layer x, int axis) const {
        require(axis < shape_of(x).rank, "a convolution's input must have 4 axes (batch, rows, columns, channels)");
        return shape_of(x)[axis];
    }

    template <class Op>
    constexpr layer weighted_layer(const Op& op, layer x, const shape& of, const parameters& p, text name) {
        name = names_.take_like(name);
        const layer weights = constant(name + ".weights", of, p.weights);
        if (p.bias.empty()) return {graph_.add_node(name, op, {x.value, weights.value})};
        const layer bias = constant(name + ".bias", shape{of[0]}, p.bias);
        return {graph_.add_node(name, op, {x.value, weights.value, bias.value})};
    }

    graph_type graph_;
    name_set names_; ///< of inputs and layers: calibration goes by them
};

} // namespace ctq::inline CTQ_TARGET
