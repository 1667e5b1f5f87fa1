// TFLite's int16x8 vectors through the operators: each case is one annotated node that is lowered and evaluated.
#include <ctq/execute/program.hpp>
#include <ctq/quantize/int16x8.hpp>
#include <ctq/quantize/tflite_int8.hpp>

#include <core/tflite_cases.hpp>
#include <doctest/doctest.h>
#include <graph/networks.hpp>

#include <algorithm>
#include <cstdlib>
#include <functional>

using namespace ctq;
using namespace ctq::testing;

namespace {

using rules = rule_list<rule::int16x8, rule::tflite_int8>;
constexpr int under_int16x8 = 1, under_tflite_int8 = 2;

dtype type_of(const tflite_tensor& tensor) {
    for (int type = 0; type < dtype_count; ++type)
        if (name_of(static_cast<dtype>(type)) == tensor.dtype) return static_cast<dtype>(type);
    FAIL("a dtype that ctq has not: " << tensor.dtype);
    return dtype::float32;
}

shape shape_of(const std::vector<std::int32_t>& extents) {
    shape result;
    for (const std::int32_t extent : extents) result.append(extent);
    return result;
}

tensor_facts facts_of(const tflite_tensor& tensor) {
    const bool integers = tensor.dtype != "float32";
    return {type_of(tensor), shape_of(tensor.shape), integers ? tensor.facts() : quantization{}};
}

constant elements_of(const tflite_tensor& tensor) {
    if (tensor.dtype == "float32") return constant(tensor.reals);
    return with_element_type(type_of(tensor), [&](auto zero) {
        std::vector<decltype(zero)> elements;
        if constexpr (std::is_integral_v<decltype(zero)>)
            for (const std::int64_t each : tensor.data) elements.push_back(static_cast<decltype(zero)>(each));
        return constant(std::move(elements));
    });
}

/// A node with the first `operands` tensors of a case as inputs of the graph and the rest as its constants.
struct node_of_case {
    default_graph graph;
    std::vector<constant> inputs;

    template <class Op>
    node_of_case(const tflite_case& c, const Op& op, std::size_t operands, const limits& range, int domain) {
        graph.domains = ctq::detail::domains_of(rules{});
        std::vector<int> from;
        for (std::size_t i = 0; i < c.inputs.size() && !c.inputs[i].absent; ++i) {
            const tflite_tensor& each = c.inputs[i];
            if (i >= operands && each.dtype == "int32") break; // axes and the like are attributes
            from.push_back(graph.add_value("in", facts_of(each)));
            if (i < operands) {
                graph.inputs.push_back({"in", from.back()});
                inputs.push_back(elements_of(each));
                continue;
            }
            value& made = graph.value_at(from.back());
            made.constant = static_cast<int>(graph.constants.size());
            made.scales.assign(each.scale.begin(), each.scale.end());
            made.scales.resize(static_cast<std::size_t>(made.facts.shape[0]), made.scales.back());
            graph.constants.push_back(elements_of(each));
        }
        REQUIRE(graph.inferred_shape(op, from, 0) == shape_of(c.output.shape));
        const int out = graph.add_value("out", facts_of(c.output));
        graph.value_at(out).facts.range = range;
        graph.nodes.push_back({"node", op, from, {out}, {}, domain});
        graph.outputs.push_back({"out", out});
    }

    /// The output, where the overflow proof holds.
    constant run() const {
        const auto made = lower_graph<rules>(graph);
        CHECK(never_overflows<rules>(made, made.nodes[0]));
        return evaluate<rules>(graph, inputs)[static_cast<std::size_t>(graph.outputs[0].value)];
    }
};

template <class Op> constant result_of(const tflite_case& c, const Op& op, std::size_t operands = 1) {
    return node_of_case(c, op, operands, c.range(), under_int16x8).run();
}

/// Whether all integers of a constant are int32.
bool fit_32_bits(const std::vector<std::int64_t>& integers) {
    return std::all_of(integers.begin(), integers.end(),
                       [](std::int64_t each) { return each == static_cast<std::int32_t>(each); });
}

/// The result of a layer, whose sums have TFLite's 64 bits; where 32 are proved to hold them, they give the same.
template <class Op> constant result_of_layer(const tflite_case& c, const Op& op, int& narrowed) {
    node_of_case layer(c, op, 1, c.range(), under_int16x8);
    constant wide = layer.run();
    const int at = layer.graph.nodes[0].inputs.size() > 2 ? layer.graph.nodes[0].inputs[2] : -1;
    if (at >= 0) {
        const std::vector<std::int64_t> bias = layer.graph.constant_of(at).as<std::int64_t>();
        if (!fit_32_bits(bias)) return wide;
        layer.graph.value_at(at).facts.type = dtype::int32;
        layer.graph.set_constant(at, constant(std::vector<std::int32_t>(bias.begin(), bias.end())));
    } else {
        const std::int32_t channels = layer.graph.value_at(layer.graph.nodes[0].inputs[1]).facts.shape[0];
        layer.graph.nodes[0].inputs.push_back(layer.graph.add_zeros("bias", dtype::int32, channels));
    }
    const auto made = lower_graph<rules>(layer.graph);
    CHECK(made.nodes[0].types.sum == dtype::int32);
    if (!never_overflows<rules>(made, made.nodes[0])) return wide;
    CHECK(layer.run() == wide);
    ++narrowed;
    return wide;
}

/// Checks that an operator makes of each of `count` cases what TFLite made of it.
void check_operator(const std::vector<tflite_case>& cases, std::size_t count,
                    const std::function<constant(const tflite_case&)>& run, std::int64_t tolerance = 0) {
    CHECK(cases.size() == count);
    for (const tflite_case& c : cases) {
        CAPTURE(c.op);
        CAPTURE(c.note);
        const constant made = run(c);
        REQUIRE(made.type() == type_of(c.output));
        REQUIRE(made.entries() == c.output.data.size());
        std::size_t wrong = 0;
        made.visit([&](const auto& elements) {
            using type = typename std::remove_cvref_t<decltype(elements)>::value_type;
            if constexpr (std::is_integral_v<type>)
                for (std::size_t i = 0; i < elements.size(); ++i)
                    wrong += std::abs(std::int64_t{elements[i]} - c.output.data[i]) > tolerance ? 1 : 0;
        });
        CHECK(wrong == 0);
    }
}

/// Kernel, stride, dilation and padding of a convolution or a pool.
template <class Op> Op with_window(Op op, const tflite_case& c, const op::extents& kernel) {
    op.kernel = kernel;
    op.stride = {c.options.integer("stride_h"), c.options.integer("stride_w")};
    op::extents dilation{c.options.integer("dilation_h_factor", 1), c.options.integer("dilation_w_factor", 1)};
    if constexpr (requires { op.dilation; }) op.dilation = dilation;
    if (c.options.text("padding") == "VALID") return op;
    for (std::size_t axis = 0; axis < 2; ++axis) {
        const std::int32_t span = (kernel[axis] - 1) * dilation[axis] + 1;
        const std::int32_t total =
            std::max(0, (c.output.shape[axis + 1] - 1) * op.stride[axis] + span - c.inputs[0].shape[axis + 1]);
        op.padding[axis] = total / 2; // the smaller half first
        op.padding[axis + 2] = total - total / 2;
    }
    return op;
}

op::extents pool_kernel(const tflite_case& c) {
    return {c.options.integer("filter_height"), c.options.integer("filter_width")};
}

/// TFLite's depthwise weights [1,KH,KW,O] as a grouped convolution's, [O,KH,KW,1].
tflite_case channels_outermost(tflite_case c) {
    tflite_tensor& weights = c.inputs[1];
    const auto channels = static_cast<std::size_t>(weights.shape[3]), taps = weights.data.size() / channels;
    std::vector<std::int64_t> turned;
    for (std::size_t channel = 0; channel < channels; ++channel)
        for (std::size_t tap = 0; tap < taps; ++tap) turned.push_back(weights.data[tap * channels + channel]);
    weights.data = turned;
    weights.shape = {weights.shape[3], weights.shape[1], weights.shape[2], 1};
    return c;
}

/// With the last two axes of its second operand in their order, where TFLite reads them turned.
tflite_case with_columns_last(tflite_case c) {
    if (c.options.integer("adj_y") == 0) return c;
    tflite_tensor& b = c.inputs[1];
    const auto rank = b.shape.size();
    const auto columns = static_cast<std::size_t>(b.shape[rank - 2]),
               rows = static_cast<std::size_t>(b.shape[rank - 1]);
    const std::vector<std::int64_t> given = b.data;
    for (std::size_t i = 0; i < given.size(); ++i) {
        const std::size_t matrix = i / (rows * columns), row = i % rows, column = i / rows % columns;
        b.data[(matrix * rows + row) * columns + column] = given[i];
    }
    std::swap(b.shape[rank - 2], b.shape[rank - 1]);
    return c;
}

op::axis_set axes_of(const tflite_tensor& tensor) {
    op::axis_set axes;
    for (const std::int64_t axis : tensor.data) axes.insert(static_cast<int>(axis));
    return axes;
}

/// `centred`: the coordinates of half_pixel_centers.
template <class Op> Op resized_as(const tflite_case& c, op::coordinates centred) {
    Op op;
    op.mode = c.options.integer("align_corners") != 0        ? op::coordinates::align_corners
              : c.options.integer("half_pixel_centers") != 0 ? centred
                                                             : op::coordinates::asymmetric;
    for (const std::size_t axis : {1U, 2U}) {
        op.extent[axis] = c.output.shape[axis];
        op.scale[axis] = static_cast<float>(op.extent[axis]) / static_cast<float>(c.inputs[0].shape[axis]);
    }
    return op;
}

} // namespace

TEST_CASE("TFLite int16x8: CONV_2D") {
    int narrowed = 0;
    check_operator(tflite_cases("CONV_2D"), 6, [&](const tflite_case& c) {
        const op::extents kernel{c.inputs[1].shape[1], c.inputs[1].shape[2]};
        return result_of_layer(c, with_window(op::conv2d{}, c, kernel), narrowed);
    });
    CHECK(narrowed == 6);
}

TEST_CASE("TFLite int16x8: DEPTHWISE_CONV_2D") {
    int narrowed = 0;
    check_operator(tflite_cases("DEPTHWISE_CONV_2D"), 3, [&](const tflite_case& given) {
        const tflite_case c = channels_outermost(given);
        op::conv2d op = with_window(op::conv2d{}, c, {c.inputs[1].shape[1], c.inputs[1].shape[2]});
        op.groups = c.inputs[0].shape[3];
        return result_of_layer(c, op, narrowed);
    });
    CHECK(narrowed == 3);
}

TEST_CASE("TFLite int16x8: FULLY_CONNECTED within one unit, since TFLite rounds it in double") {
    int narrowed = 0;
    check_operator(
        tflite_cases("FULLY_CONNECTED"), 4,
        [&](const tflite_case& c) { return result_of_layer(c, op::dense{}, narrowed); }, 1);
    CHECK(narrowed == 4);
}

TEST_CASE("TFLite int16x8: pools") {
    check_operator(tflite_cases("AVERAGE_POOL_2D"), 3, [](const tflite_case& c) {
        return result_of(c, with_window(op::average_pool{}, c, pool_kernel(c)));
    });
    check_operator(tflite_cases("MAX_POOL_2D"), 3,
                   [](const tflite_case& c) { return result_of(c, with_window(op::max_pool{}, c, pool_kernel(c))); });
}

TEST_CASE("TFLite int16x8: ADD, SUB and MUL") {
    check_operator(tflite_cases("ADD"), 3, [](const tflite_case& c) { return result_of(c, op::add{}, 2); });
    check_operator(tflite_cases("SUB"), 3, [](const tflite_case& c) { return result_of(c, op::subtract{}, 2); });
    check_operator(tflite_cases("MUL"), 3, [](const tflite_case& c) { return result_of(c, op::multiply{}, 2); });
}

TEST_CASE("TFLite int16x8 and int8: BATCH_MATMUL") {
    for (const auto& [dtype, domain] : {std::pair{"int16", under_int16x8}, std::pair{"int8", under_tflite_int8}})
        check_operator(tflite_cases("BATCH_MATMUL", dtype), 3, [under = domain](const tflite_case& given) {
            const tflite_case c = with_columns_last(given);
            return node_of_case(c, op::matrix_product{}, 2, c.range(), under).run();
        });
}

TEST_CASE("TFLite int16x8: RELU and RELU6, which rescale") {
    check_operator(tflite_cases("RELU"), 1, [](const tflite_case& c) {
        return node_of_case(c, op::relu{}, 1, c.range("RELU"), under_int16x8).run();
    });
    check_operator(tflite_cases("RELU6"), 1, [](const tflite_case& c) {
        return node_of_case(c, op::clip{bounds::relu6()}, 1, c.range("RELU6"), under_int16x8).run();
    });
}

TEST_CASE("TFLite int16x8: LEAKY_RELU") {
    check_operator(tflite_cases("LEAKY_RELU"), 2,
                   [](const tflite_case& c) { return result_of(c, op::leaky_relu{c.options.real("alpha")}); });
}

TEST_CASE("TFLite int16x8: LOGISTIC, TANH and SOFTMAX") {
    check_operator(tflite_cases("LOGISTIC"), 2, [](const tflite_case& c) { return result_of(c, op::sigmoid{}); });
    check_operator(tflite_cases("TANH"), 2, [](const tflite_case& c) { return result_of(c, op::tanh{}); });
    check_operator(tflite_cases("SOFTMAX"), 3, [](tflite_case c) {
        c.inputs[0].scale[0] *= c.options.real("beta"); // a factor of the input
        return result_of(c, op::softmax{});
    });
}

TEST_CASE("TFLite int16x8: MEAN") {
    check_operator(tflite_cases("MEAN"), 4, [](const tflite_case& c) {
        return result_of(c, op::reduce_mean{axes_of(c.inputs[1]), c.options.integer("keep_dims") != 0});
    });
}

TEST_CASE("TFLite int16x8: what moves elements") {
    check_operator(tflite_cases("CONCATENATION"), 1, [](const tflite_case& c) {
        return result_of(c, op::concat{c.options.integer("axis")}, c.inputs.size());
    });
    check_operator(tflite_cases("PAD"), 1, [](const tflite_case& c) {
        op::pad op;
        for (std::size_t axis = 0; axis < c.inputs[0].shape.size(); ++axis) {
            op.before[axis] = static_cast<std::int32_t>(c.inputs[1].data[2 * axis]);
            op.after[axis] = static_cast<std::int32_t>(c.inputs[1].data[2 * axis + 1]);
        }
        return result_of(c, op);
    });
    check_operator(tflite_cases("TRANSPOSE"), 1, [](const tflite_case& c) {
        op::transpose op;
        for (std::size_t axis = 0; axis < c.inputs[1].data.size(); ++axis)
            op.permutation[axis] = static_cast<std::int32_t>(c.inputs[1].data[axis]);
        return result_of(c, op);
    });
    check_operator(tflite_cases("RESHAPE"), 1,
                   [](const tflite_case& c) { return result_of(c, op::reshape{shape_of(c.output.shape)}); });
}

TEST_CASE("TFLite int16x8: RESIZE_BILINEAR and RESIZE_NEAREST_NEIGHBOR") {
    check_operator(tflite_cases("RESIZE_BILINEAR"), 3, [](const tflite_case& c) {
        return result_of(c, resized_as<op::resize_linear>(c, op::coordinates::half_pixel));
    });
    check_operator(tflite_cases("RESIZE_NEAREST_NEIGHBOR"), 2, [](const tflite_case& c) {
        op::resize_nearest op = resized_as<op::resize_nearest>(c, op::coordinates::half_pixel_for_nearest);
        op.rounds =
            op.mode == op::coordinates::align_corners ? op::nearest_rounding::prefer_ceil : op::nearest_rounding::floor;
        return result_of(c, op);
    });
}

TEST_CASE("TFLite int16x8: QUANTIZE and DEQUANTIZE") {
    check_operator(tflite_cases("QUANTIZE", "float32"), 1,
                   [](const tflite_case& c) { return result_of(c, op::quantize{}); });
    check_operator(tflite_cases("QUANTIZE", "int8"), 1,
                   [](const tflite_case& c) { return result_of(c, op::requantize{}); });
    check_operator(tflite_cases("QUANTIZE", "int16"), 1, [](const tflite_case& c) {
        return node_of_case(c, op::requantize{}, 1, c.output.whole(), under_tflite_int8).run();
    });
    const auto cases = tflite_cases("DEQUANTIZE");
    REQUIRE(cases.size() == 1);
    const constant made = node_of_case(cases[0], op::dequantize{}, 1, limits{}, under_int16x8).run();
    CHECK(made.as<float>() == cases[0].output.reals);
}
