#pragma once
// Random float graphs: every kind of layer that a graph can hold before it is quantized, in orders and places that no
// exporter would think of. One seed gives one graph, the same on every machine.

#include <ctq/default_registry.hpp>
#include <ctq/graph/name_set.hpp>

#include <operators/single_node.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace ctq::laws {

/// Draws layers one after the other; what the drawn layer's own rule refuses is drawn again. Extents are small and
/// often equal, so that much fits to much.
class graph_fuzzer {
  public:
    explicit graph_fuzzer(unsigned seed) : random_(seed) {}

    /// One or two inputs, 1 to `most_layers` layers (some of them several nodes), one to three outputs, made by nodes.
    default_graph make() {
        for (int i = random_.whole(1, 2); i > 0; --i) add_input();
        for (int i = random_.whole(1, most_layers); i > 0; --i) add_layer();
        while (graph_.nodes.empty()) add_layer();
        choose_outputs();
        return std::move(graph_);
    }

  private:
    using layer = int (graph_fuzzer::*)(int);
    static constexpr int most_layers = 12;
    static constexpr std::int64_t most_elements = 1000;

    bool one_in(int chances) { return random_.whole(1, chances) == 1; }
    template <class T> const T& one_of(const std::vector<T>& all) {
        return all[static_cast<std::size_t>(random_.whole(0, static_cast<int>(all.size()) - 1))];
    }
    const shape& shape_of(int value) const { return graph_.value_at(value).facts.shape; }
    /// Of what has a name of its own; now and then one that a pass would like to give to what it makes.
    text new_name(std::string_view stem) {
        static const std::vector<text> endings{".scaled", ".reshaped", ".transposed"};
        text name = text(stem) + "_" + decimal_text(next_name_++);
        if (!given_.empty() && one_in(4)) name = taken_.take_like(one_of(given_) + one_of(endings));
        given_.push_back(name);
        return name;
    }

    void add_input() {
        shape of{one_in(8) ? 2 : 1};
        for (int rank = one_in(4) ? random_.whole(1, 5) : 4; of.rank < rank;) of.append(random_.whole(2, 3));
        const text name = new_name("input");
        live_.push_back(graph_.add_value(name, {dtype::float32, of, {}}));
        graph_.inputs.push_back({name, live_.back()});
    }

    void add_layer() {
        static constexpr std::array<layer, 23> all{
            &graph_fuzzer::turned,        &graph_fuzzer::turned,          &graph_fuzzer::turned_and_back,
            &graph_fuzzer::with_own_turn, &graph_fuzzer::channels_last,   &graph_fuzzer::convolved,
            &graph_fuzzer::convolved,     &graph_fuzzer::fully_connected, &graph_fuzzer::pooled,
            &graph_fuzzer::reshaped,      &graph_fuzzer::bordered,        &graph_fuzzer::clamped,
            &graph_fuzzer::bent,          &graph_fuzzer::unchanged,       &graph_fuzzer::with_constant,
            &graph_fuzzer::with_constant, &graph_fuzzer::with_tensor,     &graph_fuzzer::joined,
            &graph_fuzzer::averaged,      &graph_fuzzer::normalized,      &graph_fuzzer::shared_out,
            &graph_fuzzer::picked,        &graph_fuzzer::chosen};
        const int from = one_in(3) ? one_of(live_) : live_.back();
        const int made =
            (this->*all[static_cast<std::size_t>(random_.whole(0, static_cast<int>(all.size()) - 1))])(from);
        if (made >= 0) live_.push_back(made);
    }

    /// The output of a new node, or -1 if the operator does not take these inputs or makes too much of them.
    template <class Op> int add(const Op& op, std::vector<int> from) {
        for (const int input : from)
            if (input < 0) return -1;
        try {
            if (graph_.inferred_shape(op, from).elements() > most_elements) return -1;
        } catch (const model_error&) {
            return -1;
        }
        const text name = new_name(Op::name);
        const int made = graph_.add_node(name, op, std::move(from));
        if (one_in(8)) graph_.value_at(made).name = new_name(Op::name);
        return made;
    }

    /// Mostly numbers between -1 and 1; at times small or large ones, or a zero.
    int constant(const shape& of, float low = -1.0f, float high = 1.0f) {
        const float scale = one_in(16) ? 0.02f : one_in(16) ? 8.0f : 1.0f;
        std::vector<float> elements = random_.reals(of.elements(), low * scale, high * scale);
        if (one_in(8)) elements[elements.size() / 2] = std::max(low, 0.0f);
        return graph_.add_constant(new_name("constant"), of, std::move(elements));
    }

    bounds activation() {
        static const std::vector<bounds> all{bounds::none(), bounds::none(),  bounds::none(),
                                             bounds::relu(), bounds::relu6(), {-0.5f, 1.0f}};
        return one_of(all);
    }

    op::transpose order(int rank) {
        op::transpose op;
        if (rank == 4 && one_in(2))
            return one_in(2) ? op::transpose{{0, 2, 3, 1, 4, 5}} : op::transpose{{0, 3, 1, 2, 4, 5}};
        for (int axis = rank - 1; axis > 0 && !one_in(10); --axis)
            std::swap(op.permutation[static_cast<std::size_t>(axis)],
                      op.permutation[static_cast<std::size_t>(random_.whole(0, axis))]);
        return op;
    }

    int turned(int x) { return add(order(shape_of(x).rank), {x}); }

    int turned_and_back(int x) {
        const int rank = shape_of(x).rank;
        const op::transpose first = order(rank);
        op::transpose back;
        for (int axis = 0; axis < rank; ++axis)
            back.permutation[static_cast<std::size_t>(first.permutation[static_cast<std::size_t>(axis)])] = axis;
        const int inside = add(first, {x});
        return add(back, {one_in(2) ? bent(inside) : inside});
    }

    /// A + A^T, or the like: a tensor with itself, two axes exchanged.
    int with_own_turn(int x) {
        const shape& of = shape_of(x);
        op::transpose op;
        for (int axis = 1; axis < of.rank; ++axis)
            if (of[axis] == of[axis - 1] && one_in(2)) {
                std::swap(op.permutation[static_cast<std::size_t>(axis)],
                          op.permutation[static_cast<std::size_t>(axis - 1)]);
                break;
            }
        const int y = add(op, {x});
        const bool first = one_in(2);
        const std::vector<int> both{first ? x : y, first ? y : x};
        if (one_in(3)) return add(op::concat{random_.whole(-1, 1)}, both);
        return one_in(2) ? add(ctq::op::add{activation()}, both) : add(op::multiply{activation()}, both);
    }

    /// What an exporter makes of an image layer in a network that is channels-first, with or without a way around it.
    int channels_last(int x) {
        if (shape_of(x).rank != 4) return -1;
        const int inside = add(op::transpose{{0, 2, 3, 1, 4, 5}}, {x});
        const int y = add(op::transpose{{0, 3, 1, 2, 4, 5}}, {one_in(3) ? pooled(inside) : convolved(inside)});
        if (y >= 0 && shape_of(y) == shape_of(x) && one_in(2)) return add(ctq::op::add{activation()}, {y, x});
        return y;
    }

    int convolved(int x) {
        const shape of = shape_of(x);
        if (of.rank != 4) return -1;
        op::conv2d op;
        op.kernel = {random_.whole(1, 3), random_.whole(1, 3)};
        op.stride = {random_.whole(1, 2), random_.whole(1, 2)};
        if (one_in(4)) op.dilation = {random_.whole(1, 2), random_.whole(1, 2)};
        for (auto& each : op.padding) each = random_.whole(0, 2);
        if (one_in(2))
            op.stride = {1, 1},
            op.padding = {op.kernel[0] / 2, op.kernel[1] / 2, (op.kernel[0] - 1) / 2, (op.kernel[1] - 1) / 2};
        op.groups = one_in(3) ? of[3] : 1;
        op.activation = activation();
        const std::int32_t outputs = one_in(2) ? of[3] : op.groups * random_.whole(1, 3);
        std::vector<int> from{x, constant({outputs, op.kernel[0], op.kernel[1], of[3] / op.groups})};
        if (one_in(2)) from.push_back(constant({outputs}));
        return add(op, from);
    }

    int fully_connected(int x) {
        const shape of = shape_of(x);
        if (of.rank == 0) return -1;
        const std::int32_t outputs = random_.whole(1, 4);
        std::vector<int> from{x, constant({outputs, of[of.rank - 1]})};
        if (one_in(2)) from.push_back(constant({outputs}));
        return add(op::dense{activation()}, from);
    }

    int pooled(int x) {
        const op::extents kernel{random_.whole(1, 3), random_.whole(1, 3)},
            stride{random_.whole(1, 2), random_.whole(1, 2)};
        const op::margins padding{random_.whole(0, 1), random_.whole(0, 1), random_.whole(0, 1), random_.whole(0, 1)};
        if (x < 0) return -1;
        if (one_in(2)) return add(op::average_pool{kernel, stride, padding, one_in(2)}, {x});
        return add(op::max_pool{kernel, stride, one_in(4) ? op::extents{2, 1} : op::extents{1, 1}, padding}, {x});
    }

    int reshaped(int x) {
        const shape of = shape_of(x);
        if (of.rank > 1 && one_in(3))
            return add(op::reshape{shape{of[0], static_cast<std::int32_t>(of.elements(1, of.rank))}}, {x});
        shape to;
        auto left = static_cast<std::int32_t>(of.elements());
        while (to.rank < 4) {
            const std::int32_t extent = random_.whole(1, 4);
            if (left % extent != 0) continue;
            to.append(extent);
            left /= extent;
        }
        to.append(left);
        return add(op::reshape{to}, {x});
    }

    int bordered(int x) {
        op::pad op;
        for (int axis = 0; axis < shape_of(x).rank; ++axis) {
            if (one_in(2)) op.before[static_cast<std::size_t>(axis)] = random_.whole(0, 1);
            if (one_in(2)) op.after[static_cast<std::size_t>(axis)] = random_.whole(0, 2);
        }
        if (one_in(3)) op.value = random_.real(-1.0f, 1.0f);
        return add(op, {x});
    }

    int clamped(int x) { return one_in(2) ? add(op::relu{}, {x}) : add(op::clip{activation()}, {x}); }

    int bent(int x) {
        if (x < 0) return -1;
        const int kind = random_.whole(0, 3);
        return kind == 0 ? add(op::sigmoid{}, {x}) : kind == 1 ? add(op::tanh{}, {x}) : clamped(x);
    }

    int unchanged(int x) { return one_in(2) ? add(op::identity{}, {x}) : add(op::clip{}, {x}); }

    /// A sum, a product or a quotient with a constant of any shape that broadcasts, on either side; it may widen the
    /// tensor.
    int with_constant(int x) {
        const shape of = shape_of(x);
        shape operand;
        const int first = random_.whole(0, of.rank);
        if (one_in(12) && of.rank < 5) operand.append(2);
        for (int axis = operand.rank == 1 ? 0 : first; axis < of.rank; ++axis)
            operand.append(of[axis] == 1 && one_in(6) ? 2 : one_in(3) ? 1 : of[axis]);
        const int k = constant(operand);
        if (one_in(6)) return add(op::divide{}, {x, k});
        const std::vector<int> both = one_in(3) ? std::vector{k, x} : std::vector{x, k};
        return one_in(2) ? add(ctq::op::add{activation()}, both) : add(op::multiply{activation()}, both);
    }

    int with_tensor(int x) {
        const int y = one_of(live_);
        return one_in(2) ? add(ctq::op::add{activation()}, {x, y}) : add(op::multiply{activation()}, {y, x});
    }

    int joined(int x) {
        const shape of = shape_of(x);
        if (of.rank == 0) return -1;
        const int axis = random_.whole(0, of.rank - 1);
        std::vector<int> parts{x};
        if (one_in(2)) parts.push_back(one_of(live_));
        if (one_in(4)) parts.push_back(x);
        if (one_in(3)) {
            shape part = of;
            part[axis] = random_.whole(1, 2);
            parts.push_back(constant(part));
        }
        return add(op::concat{one_in(2) ? axis : axis - of.rank}, parts);
    }

    int averaged(int x) {
        if (shape_of(x).rank == 0) return -1;
        op::reduce_mean op;
        op.keep_axes = one_in(2);
        for (int count = random_.whole(1, 2); count > 0; --count)
            op.axes.insert(random_.whole(0, shape_of(x).rank - 1));
        return add(op, {x});
    }

    int normalized(int x) {
        const shape of = shape_of(x);
        if (of.rank == 0) return -1;
        const int axis = random_.whole(0, of.rank - 1);
        const shape channels{of[axis]};
        const int gamma = constant(channels), beta = constant(channels), mean = constant(channels);
        const int variance = constant(channels, 0.1f, 2.0f);
        return add(op::batch_normalization{1e-3f, one_in(2) ? axis : axis - of.rank}, {x, gamma, beta, mean, variance});
    }

    int shared_out(int x) {
        const int rank = shape_of(x).rank;
        return rank == 0 ? -1 : add(op::softmax{random_.whole(-rank, rank - 1)}, {x});
    }

    /// By constant indices, or by those of the chosen of another tensor.
    int picked(int x) {
        const shape of = shape_of(x);
        if (of.rank == 0) return -1;
        const int axis = random_.whole(0, of.rank - 1), extent = of[axis];
        shape picks;
        while (picks.rank < 2 && !one_in(3)) picks.append(random_.whole(1, 3));
        std::vector<std::int64_t> indices;
        for (std::int64_t i = 0; i < picks.elements(); ++i) indices.push_back(random_.whole(-extent, extent - 1));
        int by = graph_.add_constant(new_name("constant"), picks, std::move(indices));
        if (one_in(3) && chosen(one_of(live_)) >= 0) by = graph_.nodes.back().outputs[1];
        return add(op::gather{one_in(2) ? axis : axis - of.rank}, {x, by});
    }

    int chosen(int x) {
        const shape of = shape_of(x);
        if (of.rank == 0) return -1;
        const int axis = random_.whole(0, of.rank - 1);
        return add(op::top_k{one_in(2) ? axis : axis - of.rank, random_.whole(1, of[axis]), one_in(2)}, {x});
    }

    void choose_outputs() {
        std::vector<int> made;
        for (const auto& node : graph_.nodes) made.push_back(node.output());
        const auto show = [&](int value) {
            graph_.outputs.push_back({text("output_") + decimal_text(static_cast<int>(graph_.outputs.size())), value});
        };
        show(made.back());
        while (graph_.outputs.size() < 3 && one_in(3)) show(one_of(made));
    }

    testing::dice random_;
    default_graph graph_;
    std::vector<int> live_; ///< what a layer may read
    int next_name_ = 0;
    std::vector<text> given_; ///< all names
    name_set taken_;          ///< those that end like what passes make
};

/// A graph in lines of `output = operator(inputs)` with all shapes, to be shown when a law is broken.
inline std::string listing(const default_graph& graph) {
    const auto shown = [&](int index) {
        const value& v = graph.value_at(index);
        std::string out(v.name.view());
        for (int axis = 0; axis < v.facts.shape.rank; ++axis)
            out += (axis == 0 ? ":" : "x") + std::to_string(v.facts.shape[axis]);
        return v.constant >= 0 ? "*" + out : out;
    };
    std::string out = "\n";
    for (const auto& node : graph.nodes) {
        out += shown(node.output()) + " = ";
        visit_operator(node, [&](const auto& op) { out += std::remove_cvref_t<decltype(op)>::name; });
        for (std::size_t i = 0; i < node.inputs.size(); ++i) out += (i == 0 ? "(" : ", ") + shown(node.inputs[i]);
        out += ")\n";
    }
    for (const port& output : graph.outputs) out += "output " + shown(output.value) + "\n";
    return out;
}

} // namespace ctq::laws
