// The networks of emitted/networks.hpp, and the emitter's one instantiation for them: one object of two test programs.
#include <ctq/quantize/annotate.hpp>
#include <ctq/rewrite/prepare.hpp>

#include <emitted/networks.hpp>

#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace ctq::test {

namespace {

/// Floats in [-size, size), the same on every machine.
std::vector<float> noise(std::size_t count, float size) {
    auto state = static_cast<std::uint32_t>(count);
    std::vector<float> values(count);
    for (float& each : values) {
        state = state * 1664525U + 1013904223U;
        each = (static_cast<float>(state >> 16) / 32768.0f - 1.0f) * size;
    }
    return values;
}

/// A builder whose layers take random weights, and keeps them alive.
class network_builder : public builder_of<registry_with_gelu> {
    using base = builder_of<registry_with_gelu>;
    std::vector<std::vector<float>> kept_;

    parameters random(std::size_t weights, std::size_t outputs, float size) {
        kept_.push_back(noise(weights, size));
        kept_.push_back(noise(outputs, 0.2f));
        return {kept_[kept_.size() - 2], kept_.back()};
    }

  public:
    layer random_conv(layer x, std::int32_t inputs, std::int32_t outputs, const convolution& c, text name = "conv") {
        const auto taps = static_cast<std::size_t>(c.kernel[0] * c.kernel[1] * inputs / c.groups);
        return conv2d(x, random(taps * static_cast<std::size_t>(outputs), static_cast<std::size_t>(outputs), 0.4f), c,
                      std::move(name));
    }
    layer random_dense(layer x, std::int32_t inputs, std::int32_t outputs, bounds activation = bounds::none(),
                       text name = "dense") {
        const auto size = static_cast<std::size_t>(inputs) * static_cast<std::size_t>(outputs);
        return dense(x, random(size, static_cast<std::size_t>(outputs), 0.2f), activation, std::move(name));
    }
    layer random_constant(text name, const shape& of) {
        return constant(std::move(name), of, noise(static_cast<std::size_t>(of.elements()), 0.7f));
    }
    /// A layer that reads a sequence [steps, 1, inputs]; `more`: a state, and what else it begins with.
    template <class Op, class... More>
    layer random_recurrent(const Op& op, layer x, std::int32_t inputs, std::int32_t units, More... more) {
        const std::int32_t directions = op.direction == op::sequence_direction::bidirectional ? 2 : 1;
        const std::int32_t rows = static_cast<std::int32_t>(Op::gates) * units;
        const text name(Op::name);
        const layer w = random_constant(name + ".w", {directions, rows, inputs}),
                    r = random_constant(name + ".r", {directions, rows, units}),
                    b = random_constant(name + ".b", {directions, 2 * rows});
        return apply(op, {x, w, r, b, more...});
    }
};

/// Quantized over the range [-3, 3] everywhere, under the first of the rules; but nodes of these names in the domain
/// beside it.
template <class Rules = rule_list<rule::affine_int8>>
graph quantized(const graph& source, std::initializer_list<std::pair<std::string_view, int>> exceptions = {}) {
    const graph ready = prepare(source, registry_with_gelu);
    std::vector<int> domains(ready.nodes.size(), 1);
    for (std::size_t i = 0; i < ready.nodes.size(); ++i)
        for (const auto& [name, domain] : exceptions)
            if (ready.nodes[i].name == name) domains[i] = domain;
    return post_process(annotate<Rules>(ready, std::vector<bounds>(ready.values.size(), bounds{-3.0f, 3.0f}), domains),
                        registry_with_gelu);
}

} // namespace

graph tiny() {
    network_builder b;
    layer x = b.input("image", {1, 4, 4, 1});
    x = b.random_conv(x, 1, 2,
                      {.kernel = {3, 3}, .stride = {2, 2}, .padding = {0, 0, 1, 1}, .activation = bounds::relu6()});
    return quantized(b.finish(b.random_dense(x, 8, 3)));
}

graph lenet() {
    network_builder b;
    layer x = b.input("image", {1, 28, 28, 1});
    x = b.random_conv(x, 1, 20, {.kernel = {5, 5}, .activation = bounds::relu()});
    x = b.max_pool(x, {.kernel = {2, 2}, .stride = {2, 2}});
    x = b.random_conv(x, 20, 50, {.kernel = {5, 5}, .activation = bounds::relu()});
    x = b.max_pool(x, {.kernel = {2, 2}, .stride = {2, 2}});
    x = b.random_dense(x, 800, 500, bounds::relu());
    x = b.random_dense(x, 500, 10);
    return quantized(b.finish(b.softmax(x)));
}

graph depthwise() {
    network_builder b;
    layer x = b.input("image", {1, 12, 12, 3});
    x = b.random_conv(x, 3, 8,
                      {.kernel = {3, 3}, .stride = {2, 2}, .padding = {0, 1, 1, 0}, .activation = bounds::relu6()});
    x = b.random_conv(x, 8, 8, {.kernel = {3, 3}, .padding = {1, 1, 1, 1}, .groups = 8, .activation = bounds::relu6()});
    x = b.random_conv(x, 8, 16, {.activation = {-0.5f, 1.5f}}, "layer one");
    x = b.random_conv(x, 16, 12, {.kernel = {2, 2}, .dilation = {2, 2}, .groups = 4});
    x = b.global_average_pool(x);
    return quantized(b.finish(b.random_dense(x, 12, 5)));
}

/// Two inputs, two outputs, and whatever the other networks have not.
graph branches() {
    network_builder b;
    const layer left = b.input("left", {1, 6, 6, 4}), right = b.input("right", {1, 6, 6, 4});
    layer sum = b.add(left, right, bounds::relu());
    sum = b.add(sum, b.constant("shift", {4}, noise(4, 1.0f)));
    layer product = b.multiply(b.apply(op::sigmoid{}, {left}), right);
    product = b.apply(op::pad{{0, 1, 0, 0}, {0, 0, 1, 0}, 0.5f}, {product});
    product = b.average_pool(product, {.kernel = {2, 2}});
    const layer both = b.concat({sum, product, b.apply(op::tanh{}, {right})});
    layer turned = b.apply(op::transpose{{0, 2, 1, 3, 4, 5}}, {both});
    turned = b.apply(op::average_pool{{3, 3}, {2, 2}, {1, 1, 1, 1}, true}, {turned});
    turned = b.apply(op::max_pool{{2, 2}, {1, 1}, {2, 1}, {}}, {turned});
    const layer classes = b.softmax(b.random_dense(turned, 1 * 2 * 12, 6));
    return quantized(b.finish({{"classes", classes.value}, {"sum", sum.value}}));
}

/// A layer that stays float between integer ones, and operators of the user's own.
graph island() {
    network_builder b;
    layer x = b.input("x", {1, 24});
    x = b.random_dense(x, 24, 16, bounds::relu(), "first");
    x = b.random_dense(x, 16, 16, bounds::none(), "in float");
    x = b.apply(user::scaled_gelu{.scale = 1.5f, .kind = user::curve::exact}, {x});
    x = b.add(x, b.apply(user::ramp{16, 0.125f}, {}));
    const layer weights = b.constant("weights", {16, 4}, noise(64, 0.2f)),
                bias = b.constant("bias", {4}, noise(4, 0.2f));
    x = b.apply(user::transposed_dense{}, {x, weights, bias}, "last");
    const layer best = b.apply(user::arg_max{}, {x});
    const layer chosen = b.random_dense(b.apply(user::one_hot{4}, {best}), 4, 3, bounds::none(), "chosen");
    const layer positive = b.apply(user::is_positive{}, {chosen});
    return quantized(b.finish({{"y", x.value}, {"best", best.value}, {"positive", positive.value}}),
                     {{"in float", float_domain}});
}

graph picked() {
    graph g;
    const int x = g.add_value("x", {dtype::float32, {3, 8}}), ids = g.add_value("ids", {dtype::int64, {3}});
    const int scores = g.add_value("scores", {dtype::float32, {1, 2, 6}});
    g.inputs = {{"x", x}, {"ids", ids}, {"scores", scores}};
    const int table = g.add_constant("table", {5, 8}, noise(40, 2));
    const int sum = g.add_node("sum", op::add{}, {g.add_node("rows", op::gather{}, {table, ids}), x});
    const int best = g.add_node("best", op::top_k{1, 2, false}, {sum}), places = g.nodes.back().outputs[1];
    const int order = g.add_constant("order", {2, 2}, std::vector<std::int32_t>{7, 0, -2, 3});
    const int boxes = g.add_node("boxes", op::reshape{{1, 6, 4}}, {sum});
    const int kept = g.add_node("kept", op::non_max_suppression{2, 0.25f, 0.5f, true}, {boxes, scores});
    const int count = g.nodes.back().outputs[1];
    g.outputs = {{"kept", kept, 1},
                 {"kept.count", count},
                 {"best", best},
                 {"places", places},
                 {"others", g.add_node("others", op::gather{-1}, {sum, places})},
                 {"ordered", g.add_node("in float", op::gather{1}, {sum, order})}};
    return quantized(g, {{"in float", float_domain}});
}

/// Names that a model file can hold and C++ cannot.
graph hostile_names() {
    using namespace std::string_view_literals;
    network_builder b;
    const std::string long_name(1 << 20, 'x');
    layer x = b.input("*/ int main", {1, 4});
    for (const std::string_view name : {""sv,
                                        "\""sv,
                                        "a\nb"sv,
                                        "a\0b"sv,
                                        "../../a"sv,
                                        "while"sv,
                                        "std"sv,
                                        "a.b"sv,
                                        "a_b"sv,
                                        "A_B"sv,
                                        "a__b"sv,
                                        "_a"sv,
                                        "1"sv,
                                        "\\"sv,
                                        "?\?/"sv,
                                        "/* a"sv,
                                        "// a\\"sv,
                                        "\xff\xfe"sv,
                                        "\xe2\x80\xae gnp"sv,
                                        "\xc3\xa9t\xc3\xa9"sv,
                                        "requantizer"sv,
                                        "values"sv,
                                        "NULL"sv,
                                        "%s%n"sv,
                                        "R\"(x)\""sv,
                                        std::string_view(long_name),
                                        std::string_view(long_name).substr(1)})
        x = b.random_dense(x, 4, 4, bounds::relu(), text(name));
    return quantized(b.finish({{"out\nput", x.value}}));
}

/// TFLite's arithmetic.
graph double_rounded() {
    network_builder b;
    layer x = b.input("x", {1, 5, 5, 3});
    x = b.random_conv(x, 3, 6, {.kernel = {3, 3}, .activation = bounds::relu6()});
    return quantized<rule_list<rule::tflite_int8>>(b.finish(b.random_dense(x, 54, 3)));
}

/// A residual sum, and a layer with TFLite's arithmetic between others.
graph two_roundings() {
    network_builder b;
    layer x = b.input("x", {1, 4, 3, 2});
    x = b.random_conv(x, 2, 8, {.activation = bounds::relu()}, "first");
    x = b.add(x, b.random_conv(x, 8, 8, {.kernel = {3, 3}, .padding = {1, 1, 1, 1}}, "body"), bounds::relu());
    x = b.random_dense(x, 96, 8, bounds::relu6(), "exact");
    return quantized<both_rules>(b.finish(b.random_dense(x, 8, 4, bounds::none(), "last")), {{"exact", 2}});
}

/// Layers of four rules, and one in float.
graph of_four_rules() {
    network_builder b;
    layer x = b.input("x", {1, 6, 6, 3});
    x = b.random_conv(x, 3, 8, {.kernel = {3, 3}, .activation = bounds::relu()}, "shifted");
    x = b.random_conv(x, 8, 8, {.kernel = {3, 3}, .padding = {1, 1, 1, 1}, .groups = 8}, "wide");
    x = b.apply(op::sigmoid{}, {x}, "wide too");
    x = b.random_conv(x, 8, 6, {.activation = bounds::relu6()}, "in bytes");
    x = b.random_dense(x, 96, 8, bounds::none(), "in float");
    x = b.random_dense(x, 8, 8, bounds::relu(), "narrow");
    return quantized<four_rules>(
        b.finish(b.random_dense(x, 8, 4, bounds::none(), "last")),
        {{"wide", 2}, {"wide too", 2}, {"in bytes", 3}, {"in float", float_domain}, {"narrow", 4}, {"last", 2}});
}

/// Every operator that int16x8 changes.
graph of_int16() {
    network_builder b;
    const layer x = b.input("x", {1, 6, 6, 4});
    layer y = b.random_conv(x, 4, 4, {.kernel = {3, 3}, .padding = {1, 1, 1, 1}, .activation = bounds::relu6()});
    y = b.add(b.multiply(b.apply(op::sigmoid{}, {y}), x), b.apply(op::tanh{}, {y}));
    y = b.apply(user::scaled_gelu{.scale = 1.5f, .kind = user::curve::exact}, {y});
    y = b.average_pool(y, {.kernel = {2, 2}, .stride = {2, 2}});
    return quantized<rule_list<rule::int16x8>>(b.finish(b.softmax(b.random_dense(b.global_average_pool(y), 4, 5))));
}

/// Ranges that are measured at run time.
graph of_dynamic() {
    network_builder b;
    layer x = b.input("x", {1, 6, 6, 3});
    x = b.random_conv(x, 3, 8, {.kernel = {3, 3}, .padding = {1, 1, 1, 1}, .activation = bounds::relu()}, "symmetric");
    x = b.random_conv(x, 8, 8, {.kernel = {3, 3}, .stride = {2, 2}, .padding = {1, 1, 1, 1}, .groups = 8}, "unsigned");
    x = b.random_conv(x, 8, 6, {.activation = bounds::relu6()}, "static");
    return quantized<dynamic_rules>(b.finish(b.random_dense(x, 54, 5, bounds::none(), "last")),
                                    {{"symmetric", 2}, {"unsigned", 3}, {"last", 3}});
}

/// A chain of dense layers.
graph mlp(std::initializer_list<std::int32_t> sizes) {
    network_builder b;
    const auto* size = sizes.begin();
    layer x = b.input("x", {1, *size});
    for (; size + 1 != sizes.end(); ++size) x = b.random_dense(x, size[0], size[1], bounds::relu());
    return quantized(b.finish(x));
}

graph recurrent() {
    network_builder b;
    const layer x = b.input("x", {1, 3}), h = b.state("h", {1, 5}, noise(5, 0.9f)), sum = b.state("the sum", {1, 4});
    const layer next = b.apply(op::tanh{}, {b.random_dense(b.concat({x, h}), 8, 5)});
    b.write(h, next);
    const layer scores = b.random_dense(next, 5, 4);
    const layer total = b.add(sum, scores);
    b.write(sum, total);
    return quantized(b.finish({{"scores", scores.value}, {"total", total.value}}));
}

graph counter() {
    network_builder b;
    const std::vector<float> step(3, 0.25f);
    const layer left = b.state("left", {1, 3}), right = b.state("right", {1, 3}, step);
    b.write(left, right);
    b.write(right, b.add(left, b.constant("step", {1, 3}, step)));
    return quantized(b.finish(b.add(left, right)));
}

graph typed_ports() {
    network_builder b;
    const layer image = b.input("image", {1, 8}), positions = b.input("positions", {1, 3}, dtype::int64);
    const layer mask = b.input("mask", {1, 2}, dtype::boolean), bytes = b.input("bytes", {1, 2}, dtype::uint8);
    const layer scores = b.random_dense(image, 8, 4), sums = b.add(positions, positions);
    return quantized(b.finish({{"scores", scores.value},
                               {"sums", sums.value},
                               {"masks", b.concat({mask, mask}).value},
                               {"joined", b.concat({bytes, bytes}).value}}));
}

graph sequences() {
    network_builder b;
    using op::cell_function;
    const layer x = b.reshape(b.random_dense(b.input("x", {4, 3}), 3, 6), {4, 1, 6}), h = b.input("h", {2, 1, 5});
    const op::lstm both{.direction = op::sequence_direction::bidirectional,
                        .functions = {cell_function::sigmoid, cell_function::tanh, cell_function::tanh,
                                      cell_function::hard_sigmoid, cell_function::softsign, cell_function::relu},
                        .alpha = {0, 0, 0, 0.25f},
                        .beta = {0, 0, 0, 0.5f},
                        .clip = 1.5f};
    const layer states =
        b.random_recurrent(both, x, 6, 5, h, b.random_constant("c", {2, 1, 5}), b.random_constant("p", {2, 15}));
    const layer cells{states.value + 2}; // a layer's outputs lie one after the other
    const layer some = b.random_recurrent(op::gru{.linear_before_reset = true}, b.reshape(states, {4, 1, 10}), 10, 4,
                                          b.random_constant("g", {1, 1, 4}));
    const op::rnn reverse{.direction = op::sequence_direction::reverse};
    const layer all = b.random_recurrent(reverse, b.reshape(some, {4, 1, 4}), 4, 3, b.random_constant("s", {1, 1, 3}));
    const layer last{all.value + 1};
    const layer scores = b.random_dense(b.reshape(last, {1, 3}), 3, 4);
    return quantized(b.finish({{"scores", scores.value}, {"cells", cells.value}}));
}

graph chain(int layers) {
    network_builder b;
    layer x = b.input("x", {1, 20});
    for (int i = 0; i < layers; ++i) x = b.random_dense(x, 20, 20, bounds::relu());
    return quantized(b.finish(x));
}

host::emit::emitted emitted_header(const graph& source, const host::emit::emit_options& options) {
    return host::emit::emit_header<rule::affine_int8>(source, options);
}

host::emit::emitted emitted_double_rounding(const graph& source, const host::emit::emit_options& options) {
    return host::emit::emit_header<rule::tflite_int8>(source, options);
}

host::emit::emitted emitted_two_roundings(const graph& source, const host::emit::emit_options& options) {
    return host::emit::emit_header<both_rules>(source, options);
}

host::emit::emitted emitted_four_rules(const graph& source, const host::emit::emit_options& options) {
    return host::emit::emit_header<four_rules>(source, options);
}

host::emit::emitted emitted_int16x8(const graph& source, const host::emit::emit_options& options) {
    return host::emit::emit_header<rule::int16x8>(source, options);
}

host::emit::emitted emitted_dynamic(const graph& source, const host::emit::emit_options& options) {
    return host::emit::emit_header<dynamic_rules>(source, options);
}

std::vector<std::vector<constant>> outputs_of_calls(const graph& source,
                                                    const std::vector<std::vector<constant>>& inputs) {
    std::vector<std::vector<constant>> result;
    std::vector<constant> states = initial_states(source);
    for (const auto& each : inputs) {
        const auto elements = evaluate<rule::affine_int8>(source, each, states);
        result.emplace_back();
        for (const port& output : source.outputs)
            result.back().push_back(elements[static_cast<std::size_t>(output.value)]);
    }
    return result;
}

host::emit::model_report report_of(const graph& source) {
    using rules = rule_list<rule::tflite_int8, my::shift_uint8, rule::int16x8, rule::affine_int8,
                            rule::with_weight_bits<rule::affine_int8, 4>, rule::dynamic_int8, rule::dynamic_uint8>;
    return host::emit::report_of<rules>(lower_graph<rules>(source));
}

} // namespace ctq::test
