#include "../onnx_builder.hpp"
#include "../scratch.hpp"

#include <ctq/default_registry.hpp>
#include <ctq/execute/evaluate.hpp>
#include <ctq/host/npy.hpp>
#include <ctq/host/onnx/import.hpp>
#include <ctq/rewrite/prepare.hpp>

#include <doctest/doctest.h>

#include <cmath>
#include <filesystem>
#include <initializer_list>
#include <limits>
#include <set>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

using namespace ctq::host;
using namespace std::string_literals;
namespace build = ctq::test::onnx_builder;
using ctq::default_graph;
using registry_type = std::remove_cvref_t<decltype(ctq::default_registry)>;

namespace {

using build::node;

// Text of what stands in the folder of test models.
const std::string models = CTQ_TEST_DATA "/models/";

std::vector<std::string> model_names() {
    std::set<std::string> names;
    for (const auto& entry : std::filesystem::directory_iterator(models))
        if (entry.path().extension() == ".onnx") names.insert(entry.path().stem().string());
    return {names.begin(), names.end()};
}

// NAME.input.npy, or NAME.input_PORT.npy where a model has several.
std::vector<float> elements_of(const std::string& model, const std::string& role, const ctq::port& port) {
    const std::string single = message(models, model, ".", role, ".npy");
    return npy::read(std::filesystem::exists(single) ? single
                                                     : message(models, model, ".", role, "_", port.name.view(), ".npy"))
        .values();
}

// Largest difference to the reference, relative to 1 + |expected|.
double difference(const default_graph& graph, const std::string& model) {
    std::vector<ctq::constant> inputs;
    for (const ctq::port& port : graph.inputs) inputs.emplace_back(elements_of(model, "input", port));
    const auto elements = ctq::evaluate(graph, inputs);
    double worst = 0;
    for (const ctq::port& port : graph.outputs) {
        const std::vector<float> expected = elements_of(model, "output", port);
        const std::vector<float>& found = elements[static_cast<std::size_t>(port.value)].as<float>();
        REQUIRE(found.size() == expected.size());
        for (std::size_t i = 0; i < found.size(); ++i)
            worst = std::max(worst, static_cast<double>(std::fabs(found[i] - expected[i])) /
                                        (1 + static_cast<double>(std::fabs(expected[i]))));
    }
    return worst;
}

template <class Op> int count(const default_graph& graph) {
    int found = 0;
    for (const auto& each : graph.nodes) found += ctq::operator_if<Op>(each) != nullptr ? 1 : 0;
    return found;
}

std::string names_of(const std::vector<ctq::port>& ports, const default_graph& graph) {
    std::string out;
    for (const ctq::port& port : ports)
        out += message(port.name.view(), " ", text_of(graph.value_at(port.value).facts.shape), ";");
    return out;
}

void check_names(const default_graph& graph) {
    std::set<std::string_view> values, nodes;
    for (const ctq::value& each : graph.values)
        if (each.constant < 0) CHECK_MESSAGE(values.insert(each.name.view()).second, std::string(each.name.view()));
    for (const auto& each : graph.nodes)
        CHECK_MESSAGE(nodes.insert(each.name.view()).second, std::string(each.name.view()));
}

default_graph imported(const build::message& model, const onnx::import_options& options = {}) {
    onnx::model m = onnx::parse(model.str(), "m.onnx");
    onnx::validate(m, "m.onnx", onnx::control_flow::keep);
    return onnx::import_model<registry_type>(m, "m.onnx", options);
}

default_graph imported(const build::graph_parts& parts, const onnx::import_options& options = {}) {
    return imported(build::model(build::graph(parts)), options);
}

ctq::test::outcome importing(const build::graph_parts& parts, const onnx::import_options& options = {},
                             std::int64_t opset = 13) {
    return ctq::test::outcome_of(
        [&] { static_cast<void>(imported(build::model(build::graph(parts), 8, opset), options)); });
}

build::message ints(const char* name, const std::vector<std::int64_t>& values) {
    return build::attribute(name, 7).integers(8, values);
}
build::message integer(const char* name, std::int64_t value) {
    return build::attribute(name, 2).integer(3, value);
}
build::message real(const char* name, float value) {
    return build::attribute(name, 1).real(2, value);
}
build::message word(const char* name, const char* value) {
    return build::attribute(name, 3).bytes(4, value);
}

build::message with(build::message n, const std::vector<build::message>& attributes) {
    for (const build::message& each : attributes) n.sub(5, each);
    return n;
}

build::message int64s(const char* name, const std::vector<std::int64_t>& values) {
    return build::tensor_head(name, 7, {static_cast<std::int64_t>(values.size())}).integers(7, values);
}

build::message floats(const char* name, const build::dims& dims, float value = 0.5F) {
    std::int64_t elements = 1;
    for (const std::int64_t dim : dims) elements *= dim;
    return build::float_tensor(name, dims, std::vector<float>(static_cast<std::size_t>(elements), value));
}

// x (and z, of the same shape) -> nodes -> y
build::graph_parts parts_of(const std::vector<build::message>& nodes, const std::vector<build::message>& constants = {},
                            const build::dims& input = {1, 4, 6, 6}) {
    return {nodes, constants, {build::value("x", input), build::value("z", input)}, {build::value("y", {1})}, {}};
}

// A Conv of 4 channels to 4 by 3x3 with these attributes.
build::graph_parts conv(const std::vector<build::message>& attributes, const build::dims& weights = {4, 4, 3, 3}) {
    return parts_of({with(node("c", "Conv", {"x", "w"}, {"y"}), attributes)}, {floats("w", weights)});
}

// One node on x with these constants as further inputs.
build::graph_parts one(const char* type, const std::vector<build::message>& attributes,
                       const std::vector<build::message>& constants = {}, const build::dims& input = {1, 4, 6, 6}) {
    build::names inputs{"x"};
    for (std::size_t i = 0; i < constants.size(); ++i) inputs.push_back(message("k", i));
    return parts_of({with(node("n", type, inputs, {"y"}), attributes)}, constants, input);
}

struct hostile {
    build::graph_parts parts;
    int code;
    std::string text;
    std::int64_t opset = 13;
};

void check_rows(const std::vector<hostile>& rows) {
    for (const hostile& row : rows) {
        const auto result = importing(row.parts, {}, row.opset);
        CHECK_MESSAGE(result.number() == row.code, row.text, " | ", result.text);
        CHECK_MESSAGE(result.says(row.text), row.text, " | ", result.text);
        if (result.number() == 3 || result.number() == 4) {
            CHECK_MESSAGE(result.text.substr(0, 14) == "m.onnx: node '", result.text);
            CHECK_MESSAGE(result.text.find("; ") != std::string::npos, result.text);
        }
    }
}

} // namespace

TEST_CASE("import: every test model computes what its reference says, imported and prepared") {
    const std::vector<std::string> all = model_names();
    CHECK(all.size() >= 65);
    for (const std::string& name : all) {
        CAPTURE(name);
        const default_graph graph = onnx::load_model<registry_type>(message(models, name, ".onnx"));
        CHECK(difference(graph, name) < 1e-5);
        const default_graph ready = ctq::prepare(graph, ctq::default_registry);
        CHECK(difference(ready, name) < 1e-5);
        CHECK(names_of(ready.inputs, ready) == names_of(graph.inputs, graph));
        CHECK(names_of(ready.outputs, ready) == names_of(graph.outputs, graph));
        check_names(graph);
        check_names(ready);
    }
}

TEST_CASE("import: after the passes nothing of the layout and of the folded operators is left") {
    const auto prepared = [](const std::string& path) {
        return ctq::prepare(onnx::load_model<registry_type>(path), ctq::default_registry);
    };
    for (const std::string name : {"lenet", "residual", "depthwise"}) {
        CAPTURE(name);
        const default_graph graph = prepared(message(CTQ_SOURCE_DIR "/examples/fashion_mnist/", name, ".onnx"));
        CHECK(count<ctq::transpose>(graph) == 0);
        CHECK(count<ctq::batch_normalization>(graph) == 0);
        CHECK(count<ctq::identity>(graph) == 0);
        CHECK(count<ctq::relu_function>(graph) == 0);
        CHECK(count<ctq::clip>(graph) == 0);
        CHECK(count<ctq::multiply>(graph) == 0);
        CHECK(count<ctq::reshape>(graph) == 2);
        check_names(graph);
    }
    CHECK(prepared(CTQ_SOURCE_DIR "/examples/fashion_mnist/lenet.onnx").nodes.size() == 8);
    // Channels-last inside, channels-first at the doors: one transpose for each door that is an image of channels.
    const std::vector<std::tuple<std::string, int, int>> doors{{"pad_opset7_conv", 2, 3},
                                                               {"pad_opset13_conv", 2, 3},
                                                               {"conv_batch_normalization", 2, 3},
                                                               {"flatten_gemm", 1, 4},
                                                               {"concat_branches", 2, 5},
                                                               {"depthwise_batch_normalization_relu6", 2, 3},
                                                               {"residual", 0, 13},
                                                               {"mul_channel_gate", 0, 6},
                                                               {"two_inputs_two_outputs", 3, 10},
                                                               {"reduce_mean_keepdims0", 0, 1}};
    for (const auto& [name, transposes, nodes] : doors) {
        CAPTURE(name);
        const default_graph graph = prepared(message(models, name, ".onnx"));
        CHECK(count<ctq::transpose>(graph) == transposes);
        CHECK(graph.nodes.size() == static_cast<std::size_t>(nodes));
        CHECK(count<ctq::pad>(graph) == 0);
        CHECK(count<ctq::batch_normalization>(graph) == 0);
    }
    CHECK(count<ctq::batch_normalization>(prepared(models + "batch_normalization.onnx")) == 0);
}

TEST_CASE("import: values and nodes keep their ONNX names, origins name ONNX nodes only") {
    const default_graph ready = ctq::prepare(
        onnx::load_model<registry_type>(CTQ_SOURCE_DIR "/examples/fashion_mnist/residual.onnx"), ctq::default_registry);
    const auto& first = ready.nodes[1];
    CHECK(first.name == "/0/0.0/Conv");
    REQUIRE(first.origins.size() == 3);
    CHECK(first.origins[1] == "/0/0.1/BatchNormalization");
    CHECK(first.origins[2] == "/1/Relu");
    CHECK(ready.value_at(first.output()).name == "/1/Relu_output_0");
    CHECK(ready.nodes[0].origins.empty());
    const default_graph nameless = imported(
        parts_of({node("", "Relu", {"x"}, {"h"}), node("n", "Relu", {"h"}, {"g"}), node("n", "Relu", {"g"}, {"y"})}));
    CHECK(nameless.nodes[0].name == "h");
    CHECK(nameless.nodes[1].name == "n");
    CHECK(nameless.nodes[2].name == "n_2");
    CHECK(nameless.nodes[2].origins[0] == "n");
    const default_graph taken =
        imported(parts_of({node("c", "Conv", {"x", "w"}, {"h"}), node("h.transposed", "Relu", {"h"}, {"h.transposed"}),
                           node("e", "Add", {"h.transposed", "z"}, {"y"})},
                          {floats("w", {4, 4, 1, 1})}));
    check_names(taken);
    check_names(ctq::prepare(taken, ctq::default_registry));
}

TEST_CASE("import: a warning of the reader is handed on") {
    const ctq::test::scratch_folder folder;
    build::graph_parts parts = build::dense();
    parts.initializers[0] = build::float_tensor("w", {4, 2}, {1e30F, 1, 1, 1, 1, 1, 1, 1});
    const std::string path = folder.put("m.onnx", build::model(build::graph(parts)).str());
    std::vector<std::string> warnings;
    const default_graph graph = onnx::load_model<registry_type>(path, {}, &warnings);
    CHECK(graph.nodes.size() == 2);
    REQUIRE(warnings.size() == 1);
    CHECK(warnings[0].find("initializer 'w'") != std::string::npos);
}

TEST_CASE("import: symbolic dimensions are pinned by name, the rest is told how") {
    const auto symbolic = [](const std::vector<std::string>& dims) {
        build::message shape, tensor_type, type, out;
        for (const std::string& dim : dims) {
            build::message dimension;
            if (dim.find_first_not_of("0123456789") == std::string::npos && !dim.empty())
                dimension.integer(1, std::stoll(dim));
            else if (!dim.empty())
                dimension.bytes(2, dim);
            shape.sub(1, dimension);
        }
        tensor_type.integer(1, 1).sub(2, shape);
        return out.bytes(1, "x").sub(2, type.sub(1, tensor_type));
    };
    const auto parts = [&](const std::vector<std::string>& dims) {
        return build::graph_parts{
            {node("r", "Relu", {"x"}, {"y"})}, {}, {symbolic(dims)}, {build::value("y", {1})}, {}};
    };
    const auto shape_with = [&](const std::vector<std::string>& dims, const onnx::import_options& options) {
        return imported(parts(dims), options).value_at(0).facts.shape;
    };
    CHECK(shape_with({"N", "3"}, {{{"N", 2}}}) == ctq::shape{2, 3});
    CHECK(shape_with({"N", "N"}, {{{"N", 2}}}) == ctq::shape{2, 2});
    CHECK(shape_with({"", "3"}, {{{"x.0", 5}}}) == ctq::shape{5, 3});
    const auto open = importing(parts({"batch", "3"}));
    CHECK(open.number() == 4);
    CHECK(open.says("m.onnx: input 'x': dimension 0 'batch' is not fixed; give it a size: --dim batch=1"));
    CHECK(importing(parts({"3", ""})).says("--dim x.1=1"));
    const auto other = importing(parts({"N", "3"}), {{{"M", 1}}});
    CHECK(other.number() == 2);
    CHECK(other.says("--dim M=1: the inputs of m.onnx have no such dimension; theirs are N"));
    CHECK(importing(parts({"1", "3"}), {{{"M", 1}}}).says("all theirs are fixed"));
    CHECK(importing(parts({"N", "3"}), {{{"N", 0}}}).number() == 2);
    CHECK(importing(parts({"0"})).number() == 3);
    CHECK(importing(parts({"2147483647"})).number() == 4);
    CHECK(importing(parts({"N", "M", "3"}), {{{"N", 65536}, {"M", 65536}}}).number() == 4);
    CHECK(importing(parts({"1", "1", "1", "1", "1", "1", "1"})).says("has 7 axes"));
    build::message no_shape, tensor_type, type;
    build::graph_parts shapeless = parts({"1"});
    shapeless.inputs = {no_shape.bytes(1, "x").sub(2, type.sub(1, tensor_type.integer(1, 1)))};
    CHECK(importing(shapeless).number() == 4);
    CHECK(importing(shapeless).says("input 'x' has no shape"));
}

TEST_CASE("import: inputs are float, constants may be inputs too, outputs are made by nodes") {
    build::graph_parts integers = parts_of({node("n", "Relu", {"x"}, {"y"})});
    integers.inputs[0] = build::value("x", {1, 4}, 7);
    CHECK(importing(integers).number() == 4);
    CHECK(importing(integers).says("input 'x' is of type INT64; only FLOAT inputs"));
    build::graph_parts old = build::dense();
    old.inputs.push_back(build::value("w", {4, 2}));
    CHECK(imported(old).inputs.size() == 1);
    build::graph_parts constant = parts_of({node("n", "Relu", {"w"}, {"y"})}, {floats("w", {2})});
    CHECK(importing(constant).number() == 4);
    CHECK(importing(constant).says("output 'y' depends on no input"));
    build::graph_parts through = parts_of({node("n", "Relu", {"x"}, {"y"})});
    through.outputs.push_back(build::value("x", {1}));
    CHECK(importing(through).number() == 4);
    CHECK(importing(through).says("output 'x' is an input"));
}

TEST_CASE("import: constants of every form reach operators") {
    const auto clipped = [](const build::message& low, const build::message& high) {
        return imported(parts_of({with(node("a", "Constant", {}, {"low"}), {low}),
                                  with(node("b", "Constant", {}, {"high"}), {high}),
                                  node("c", "Clip", {"x", "low", "high"}, {"y"})}));
    };
    const default_graph graph =
        clipped(real("value_float", -1.0F), build::attribute("value_floats", 6).floats(7, {2.0F}));
    const auto* op = ctq::operator_if<ctq::clip>(graph.nodes[0]);
    REQUIRE(op != nullptr);
    CHECK(op->to == ctq::bounds{-1.0F, 2.0F});
    const default_graph by_tensor = clipped(build::attribute("value", 4).sub(5, floats("", {}, -3.0F)),
                                            build::attribute("value", 4).sub(5, floats("", {}, 3.0F)));
    CHECK(ctq::operator_if<ctq::clip>(by_tensor.nodes[0])->to == ctq::bounds{-3.0F, 3.0F});
    const auto reshaped = [](const build::message& value) {
        return imported(parts_of({with(node("a", "Constant", {}, {"s"}), {value}), node("i", "Identity", {"s"}, {"t"}),
                                  node("c", "Reshape", {"x", "t"}, {"y"})}));
    };
    const default_graph list = reshaped(ints("value_ints", {2, -1}));
    CHECK(list.value_at(list.outputs[0].value).facts.shape == ctq::shape{2, 72});
    const auto refused = [](const build::message& value) {
        return importing(
            parts_of({with(node("a", "Constant", {}, {"s"}), {value}), node("c", "Add", {"x", "s"}, {"y"})}));
    };
    CHECK(refused(word("value_string", "a")).number() == 4);
    CHECK(refused(word("value_string", "a"))
              .says("node 'a' (Constant): a constant given by 'value_string' of type STRING"));
    const auto added = refused(integer("value_int", 1));
    CHECK(added.number() == 4);
    CHECK(added.says(
        "node 'c' (Add): input 1 's' is of type INT64 (inputs 1x4x6x6, scalar); only FLOAT is computed with"));
}

TEST_CASE("import: operators over constants are computed, so that their results can be weights") {
    const default_graph graph =
        imported(parts_of({with(node("t", "Transpose", {"w"}, {"wt"}), {ints("perm", {1, 0})}),
                           node("m", "Mul", {"wt", "two"}, {"w2"}), node("g", "MatMul", {"x", "w2"}, {"y"})},
                          {build::float_tensor("w", {2, 3}, {1, 2, 3, 4, 5, 6}), floats("two", {}, 2.0F)}, {1, 3}));
    REQUIRE(graph.nodes.size() == 1);
    const auto elements = ctq::evaluate(
        graph, {ctq::constant(std::vector<float>{1, 10, 100}), ctq::constant(std::vector<float>{0, 0, 0})});
    CHECK(elements[static_cast<std::size_t>(graph.outputs[0].value)].as<float>() == std::vector<float>{642, 1308});
}

TEST_CASE("import: a few nodes over one constant cannot fill the memory") {
    const auto bomb =
        importing(parts_of({node("p", "Pad", {"two", "few"}, {"a"}), node("q", "Pad", {"a", "many"}, {"b"}),
                            node("m", "Mul", {"x", "b"}, {"y"})},
                           {floats("two", {1}, 2.0F), int64s("few", {0, 10}), int64s("many", {0, 300'000'000})}, {1}));
    CHECK(bomb.number() == 4);
    CHECK(bomb.says("node 'q' (Pad): of constants it makes 300000011 elements more, after 11 that were made before "
                    "(inputs 11, 2); 268435456 are the most: "));

    std::vector<build::message> doubling;
    for (int i = 0; i < 40; ++i) {
        const std::string from = "v" + std::to_string(i), to = "v" + std::to_string(i + 1);
        doubling.push_back(with(node(from.c_str(), "Concat", {from, from}, {to}), {integer("axis", 0)}));
    }
    doubling.push_back(node("r", "Reshape", {"x", "v40"}, {"y"}));
    const auto chain = importing(parts_of(doubling, {int64s("v0", std::vector<std::int64_t>(1 << 16, 1))}));
    CHECK(chain.number() == 4);
    CHECK(chain.says("node 'v5' (Concat): of constants it makes 4194304 elements more, after 4063232 "));
}

TEST_CASE("import: shapes that exporters compute at run time are constants here") {
    const default_graph graph = imported(parts_of(
        {node("s", "Shape", {"x"}, {"s"}), node("g", "Gather", {"s", "zero"}, {"n"}),
         node("u", "Unsqueeze", {"n", "axes"}, {"n1"}),
         with(node("c", "Concat", {"n1", "rest"}, {"to"}), {integer("axis", 0)}),
         node("r", "Reshape", {"x", "to"}, {"y"})},
        {build::tensor_head("zero", 7, {}).integers(7, {0}), int64s("axes", {0}), int64s("rest", {-1})}, {2, 3, 4}));
    CHECK(graph.value_at(graph.outputs[0].value).facts.shape == ctq::shape{2, 12});
    CHECK(graph.nodes.size() == 1);
    const auto result = importing(parts_of({node("s", "Shape", {"x"}, {"s"}), node("g", "Gather", {"s", "k"}, {"n"}),
                                            node("r", "Reshape", {"x", "n"}, {"y"})},
                                           {int64s("k", {9})}));
    CHECK(result.number() == 3);
    CHECK(result.says("node 'g' (Gather): index 9 is outside 4 elements (inputs 4, 1)"));
}

TEST_CASE("import: wrong windows and weights are malformed") {
    const std::int64_t huge = std::int64_t{1} << 31;
    check_rows({
        {conv({ints("strides", {0, 1})}), 3,
         "kernel and strides must be at least 1 (inputs 1x4x6x6, 4x4x3x3; strides 0,1)"},
        {conv({ints("strides", {-1, 1})}), 3, "strides must be at least 1"},
        {conv({ints("strides", {huge, 1})}), 3, "attribute 'strides' holds 2147483648"},
        {conv({ints("strides", {65537, 1})}), 3, "at most 65536"},
        {conv({ints("strides", {1})}), 3, "one value for each spatial axis"},
        {conv({ints("dilations", {0, 1})}), 3, "dilations must be at least 1"},
        {conv({ints("dilations", {65536, 65536})}), 3, "the window is larger than the padded input"},
        {conv({ints("dilations", {65536, 65536}), word("auto_pad", "SAME_UPPER")}), 0, ""},
        {conv({ints("kernel_shape", {0, 3})}), 3, "kernel and strides must be at least 1"},
        {conv({ints("kernel_shape", {2, 3})}), 3, "the weights' extents must be the kernel attribute"},
        {conv({ints("kernel_shape", {3, 3, 3})}), 3, "one value for each spatial axis"},
        {conv({}, {4, 4, 9, 9}), 3, "the window is larger than the padded input"},
        {conv({ints("pads", {-1, 0, 0, 0})}), 3, "pads must not be negative"},
        {conv({ints("pads", {1, 1})}), 3, "pads must have two values"},
        {conv({ints("pads", {70000, 0, 0, 0})}), 3, "at most 65536"},
        {conv({word("auto_pad", "SOME")}), 3, "auto_pad must be"},
        {conv({integer("group", 0)}), 3, "groups must be at least 1"},
        {conv({integer("group", 3)}), 3, "must be a multiple of groups"},
        {conv({integer("group", 2)}), 3, "inputs per group must be input channels / groups"},
        {conv({}, {4, 3, 3, 3}), 3, "inputs per group"},
        {conv({}, {4, 4, 3}), 3, "the same number of axes"},
        {conv({real("group", 1)}), 3,
         "attribute 'group' is of type FLOAT (inputs 1x4x6x6, 4x4x3x3; group 1); INT is required"},
        {conv({integer("strides", 1)}), 3, "attribute 'strides' is of type INT (inputs"},
        {parts_of({node("c", "Conv", {"x", "z"}, {"y"})}), 4, "the weights must be constant"},
        {parts_of({node("c", "Conv", {"x"}, {"y"})}), 3, "input 1 is missing"},
        {parts_of({node("c", "Conv", {"x", "w"}, {"y"})}, {floats("w", {2, 4, 1, 1, 1})}, {1, 4, 2, 2, 2}), 4,
         "only 1-D and 2-D"},
        {one("MaxPool", {}), 3, "kernel_shape is missing"},
        {one("MaxPool", {ints("kernel_shape", {2, 2}), ints("pads", {2, 0, 0, 0})}), 3, "smaller than the kernel"},
        {one("MaxPool", {ints("kernel_shape", {2, 2}), ints("pads", {0, 0, 2, 0})}), 3, "smaller than the kernel"},
        {one("MaxPool", {ints("kernel_shape", {2, 2}), ints("dilations", {7, 1}), ints("pads", {1, 0, 1, 0})}), 3,
         "between the image's cells"},
        {one("MaxPool", {ints("kernel_shape", {2, 2}), integer("storage_order", 1)}), 4, "storage_order"},
        {one("MaxPool", {ints("kernel_shape", {2})}, {}, {1, 4}), 3, "the input must have spatial axes"},
        {one("AveragePool", {ints("kernel_shape", {7, 7})}), 3, "the window is larger"},
        {one("GlobalAveragePool", {}, {}, {1, 4}), 3, "the input must have spatial axes"},
    });
}

TEST_CASE("import: wrong shapes and axes are malformed") {
    const build::message k = floats("k0", {5, 2});
    check_rows({
        {one("Gemm", {}, {k}, {1, 4}), 3, "the input's last extent must equal the weights' inputs (inputs 1x4, 5x2)"},
        {one("Gemm", {}, {floats("k0", {4, 2}), floats("k1", {3})}, {1, 4}), 3, "broadcast"},
        {one("Gemm", {}, {floats("k0", {4, 2}), floats("k1", {3, 2})}, {3, 4}), 4, "differs between rows"},
        {one("Gemm", {integer("transA", 1)}, {floats("k0", {4, 2})}, {1, 4}), 4, "transA"},
        {one("MatMul", {}, {k}, {1, 4}), 3, "the input's last extent"},
        {parts_of({node("m", "MatMul", {"x", "z"}, {"y"})}, {}, {4, 4}), 4, "the second input must be constant"},
        {parts_of({with(node("c", "Concat", {"x", "z"}, {"y"}), {integer("axis", 4)})}), 3,
         "out of the tensor's range"},
        {parts_of({with(node("c", "Concat", {"x", "k"}, {"y"}), {integer("axis", 1)})}, {floats("k", {2, 4, 6, 6})}), 3,
         "differ along its axis only"},
        {parts_of({with(node("c", "Concat", {"x", "z"}, {"y"}), {integer("axis", 0)})}, {}, {1073741824}), 3,
         "too long"},
        {parts_of({with(node("c", "Concat", {"x", "z"}, {"y"}), {integer("axis", 0)})}, {}, {536870913}), 4, "2^30"},
        {one("Reshape", {}, {int64s("k0", {-1, -1})}), 3, "only one extent"},
        {one("Reshape", {}, {int64s("k0", {5, -1})}), 3, "not divisible"},
        {one("Reshape", {}, {int64s("k0", {3, 4})}), 3, "keep the number of elements"},
        {one("Reshape", {}, {int64s("k0", {2147483647, 2147483647, 2147483647, 4611686018427387904})}), 3,
         "keep the number of elements"},
        {one("Reshape", {}, {int64s("k0", {-2})}), 3, "-1, 0 or more"},
        {one("Reshape", {}, {int64s("k0", {1, 4, 6, 6, 0})}), 3, "needs an input axis"},
        {one("Reshape", {}, {int64s("k0", {1, 1, 1, 1, 1, 1, 144})}), 4, "at most 6 axes"},
        {one("Reshape", {}, {floats("k0", {2})}), 3, "must hold integers"},
        {parts_of({node("r", "Reshape", {"x", "z"}, {"y"})}), 4, "must be constant"},
        {one("Flatten", {integer("axis", 5)}), 3, "axis must be within"},
        {one("Transpose", {ints("perm", {0, 1, 1, 3})}), 3, "a permutation must name every axis once"},
        {one("Transpose", {ints("perm", {0, 1, 2})}), 3, "one entry for each axis"},
        {one("Transpose", {ints("perm", {0, 1, 2, 4})}), 3, "a permutation"},
        {one("Squeeze", {}, {int64s("k0", {1})}), 3, "only axes of extent 1"},
        {one("Squeeze", {ints("axes", {7})}, {}, {1, 2}), 3, "out of the tensor's range", 11},
        {one("Unsqueeze", {}, {int64s("k0", {0, 0})}), 3, "must not repeat"},
        {one("Unsqueeze", {}, {int64s("k0", {0, 1, 2})}), 4, "at most 6 axes"},
        {one("Softmax", {integer("axis", 4)}), 3, "out of the tensor's range"},
        {one("ReduceMean", {ints("axes", {1, 1})}), 3, "must not repeat"},
        {one("ReduceMean", {ints("axes", {-5})}), 3, "out of the tensor's range"},
        {one("Pad", {}, {int64s("k0", {1, 1})}), 3, "two values for each axis"},
        {one("Pad", {word("mode", "mirror")}, {int64s("k0", {0, 0, 0, 0, 0, 0, 0, 0})}), 3, "mode must be"},
        {one("Pad", {word("mode", "reflect")}, {int64s("k0", {0, 0, 0, 0, 0, 0, 0, 0})}), 4, "only mode constant"},
        {one("Pad", {}, {int64s("k0", {-1, 0, 0, 0, 0, 0, 0, 0})}), 4, "negative pads"},
        {one("Pad", {}, {int64s("k0", {2147483647, 0, 0, 0, 2147483647, 0, 0, 0})}), 3, "too long"},
        {one("Pad", {}, {int64s("k0", {0, 0, 0, 0, 0, 0, 0, 0}), floats("k1", {2})}), 3, "one value"},
        {one("Add", {}, {floats("k0", {5})}), 3, "do not broadcast (inputs 1x4x6x6, 5); make each pair"},
        {one("Add", {}, {floats("k0", {1, 1, 1, 1, 1, 1, 1})}), 4, "has 7 axes"},
        {parts_of({node("a", "Add", {"x"}, {"y"})}), 3, "two inputs are required"},
        {parts_of({node("a", "Relu", {"x", "z"}, {"y"})}), 3, "one input is required"},
        {one("Add", {}, {int64s("k0", {1})}), 4, "is of type INT64"},
    });
}

TEST_CASE("import: wrong numbers are malformed") {
    const auto normalization = [](float variance, float epsilon, std::int64_t channels = 4) {
        return one("BatchNormalization", {real("epsilon", epsilon)},
                   {floats("k0", {channels}), floats("k1", {channels}), floats("k2", {channels}),
                    floats("k3", {channels}, variance)});
    };
    check_rows({
        {one("Clip", {real("min", 1), real("max", 0)}), 3, "neither may be NaN (input 1x4x6x6; min 1; max 0); ", 7},
        {one("Clip", {}, {floats("k0", {}, 2.0F), floats("k1", {}, 1.0F)}), 3, "min must not exceed max"},
        {one("Clip", {}, {floats("k0", {2})}), 3, "a bound must be one value"},
        {parts_of({node("c", "Clip", {"x", "z"}, {"y"})}), 4, "the bounds must be constant"},
        {normalization(-1, 1e-5F), 3, "variances must not be negative"},
        {normalization(0, 0), 3, "variance + epsilon zero"},
        {normalization(1, -1), 3, "epsilon must not be negative"},
        {normalization(1, 1e-5F, 3), 3, "one value a channel"},
        {parts_of({node("b", "BatchNormalization", {"x", "z", "z", "z", "z"}, {"y"})}), 4, "must be constant"},
        {parts_of({node("d", "Dropout", {"x"}, {"y", "mask"}), node("r", "Relu", {"mask"}, {"w"})}), 4,
         "node 'd' (Dropout): output 1 'mask' is used, but not made"},
        {parts_of({with(node("p", "MaxPool", {"x"}, {"v", "y"}), {ints("kernel_shape", {2, 2})})}), 4, "output 1 'y'"},
    });
}

TEST_CASE("import: every unsupported node is listed, 20 of them, and no node that only follows one") {
    build::graph_parts mixed = parts_of(
        {node("a", "Loop", {"x"}, {"a"}).sub(5, build::attribute("body", 5).sub(6, build::graph(build::dense()))),
         node("b", "SequenceConstruct", {"a"}, {"b"}), node("c", "Relu", {"b"}, {"c"}),
         node("d", "Fancy", {"x"}, {"d"}).bytes(7, "com.example"), node("e", "Clip", {"c"}, {"y"})});
    const auto result = ctq::test::outcome_of(
        [&] { static_cast<void>(imported(build::model(build::graph(mixed)).sub(8, build::opset(1, "com.example")))); });
    CHECK(result.number() == 4);
    CHECK(result.says("m.onnx: node 'a' (Loop): control flow is not supported; "));
    CHECK(result.says("m.onnx: node 'b' (SequenceConstruct): the operator is not supported; see ctq supported-ops"));
    CHECK(result.says("m.onnx: node 'd' (Fancy): the operator of domain 'com.example' is not supported"));
    CHECK_FALSE(result.says("Relu"));
    CHECK_FALSE(result.says("Clip"));
    std::vector<build::message> nodes;
    for (int i = 0; i < 25; ++i)
        nodes.push_back(node(message("n", i), "Fancy", {"x"}, {i == 24 ? "y"s : message("v", i)}));
    const auto many = importing(parts_of(nodes));
    CHECK(many.number() == 4);
    CHECK(many.says("'n19'"));
    CHECK_FALSE(many.says("'n20'"));
    CHECK(many.says("\xE2\x80\xA6"
                    "and 5 more"));
    const auto worse = importing(parts_of({node("a", "Fancy", {"x"}, {"a"}), node("b", "Add", {"x"}, {"y"})}));
    CHECK(worse.number() == 3);
    CHECK(worse.says("node 'a' (Fancy)"));
    CHECK(worse.says("node 'b' (Add)"));
    build::message local;
    local.bytes(1, "f").sub(7, node("n", "Relu", {"a"}, {"b"})).bytes(10, "");
    const auto function = ctq::test::outcome_of([&] {
        static_cast<void>(
            imported(build::model(build::graph(parts_of({node("a", "f", {"x"}, {"y"})}))).sub(25, local)));
    });
    CHECK(function.number() == 4);
    CHECK(function.says("local functions are not supported"));
}

TEST_CASE("import: a graph that is none is refused by load_model") {
    const ctq::test::scratch_folder folder;
    const auto loading = [&](const build::message& model) {
        const std::string path = folder.put("m.onnx", model.str());
        return ctq::test::outcome_of([&] { static_cast<void>(onnx::load_model<registry_type>(path)); });
    };
    const auto of = [&](const build::graph_parts& parts) { return loading(build::model(build::graph(parts))); };
    CHECK(of(parts_of({node("a", "Relu", {"q"}, {"p"}), node("b", "Tanh", {"p"}, {"q"}),
                       node("c", "Add", {"x", "p"}, {"y"})}))
              .says("the graph has a cycle: node 'a' (Relu) -> node 'b' (Tanh) -> node 'a' (Relu)"));
    CHECK(of(parts_of({node("a", "Relu", {"lost"}, {"y"})})).number() == 3);
    CHECK(of(parts_of({node("a", "Relu", {"x"}, {"v"})})).number() == 3);
    CHECK(of(parts_of({node("a", "Relu", {"x"}, {"y"}), node("b", "Relu", {"x"}, {"y"})})).number() == 3);
    CHECK(of(parts_of({node("a", "Add", {"x", "y"}, {"y"})})).number() == 3);
    CHECK(of(parts_of({})).number() == 3);
    const auto opset = loading(build::model(build::graph(build::dense()), 8, 18));
    CHECK(opset.number() == 4);
    CHECK(opset.says("opset 18 is not supported; opsets 7 to 17 are"));
    CHECK(loading(build::model(build::graph(build::dense()), 8, 6)).number() == 4);
    for (const std::int64_t version : {7, 17})
        CHECK(loading(build::model(build::graph(build::dense()), 8, version)).number() == 0);
    for (const std::string& name : {"a\"b"s, "a\nb"s, "*/"s, "a\0b"s, "../../x"s, "\xFF\xFE"s}) {
        const default_graph graph =
            imported(parts_of({node(name, "Relu", {"x"}, {name}), node("", "Relu", {name}, {"y"})}));
        CHECK(graph.value_at(graph.nodes[0].output()).name == name);
    }
    std::vector<build::message> chain{node("first", "Relu", {"x"}, {"v0"})};
    for (int i = 0; i < 3000; ++i)
        chain.push_back(node(message("n", i), "Relu", {message("v", i)}, {message("v", i + 1)}));
    chain.push_back(node("last", "Relu", {"v3000"}, {"y"}));
    CHECK(of(parts_of(chain, {}, {1})).number() == 0);
}

namespace {

// A user's operator: no from_onnx, an attribute by its ONNX name, a domain of its own.
struct leaky {
    static constexpr std::string_view name = "leaky";
    static constexpr std::string_view cpp_name = "mine::leaky";
    static constexpr std::array<std::string_view, 1> onnx_names{"Leaky"};
    static constexpr std::string_view onnx_domain = "com.example";

    float slope = 0.01F;
    std::int32_t power = 1;
    bool flip = false;
    std::array<std::int32_t, 2> pair{};

    static constexpr auto attributes =
        std::tuple{ctq::attribute{"slope", &leaky::slope, "alpha"}, ctq::attribute{"power", &leaky::power, "power"},
                   ctq::attribute{"flip", &leaky::flip, "flip"}, ctq::attribute{"pair", &leaky::pair, "pair"}};

    friend constexpr bool operator==(const leaky&, const leaky&) = default;
    constexpr float operator()(float x) const { return x < 0 ? slope * x : x; }
};

} // namespace

TEST_CASE("import: a user's operator is imported by what it says of itself") {
    using mine = decltype(ctq::default_registry.with<leaky>());
    const auto import = [](const build::message& n) {
        const auto file = build::model(build::graph(parts_of({n}))).sub(8, build::opset(3, "com.example"));
        onnx::model m = onnx::parse(file.str(), "m.onnx");
        onnx::validate(m, "m.onnx");
        return onnx::import_model<mine>(m, "m.onnx");
    };
    const build::message plain = node("l", "Leaky", {"x"}, {"y"}).bytes(7, "com.example");
    const auto graph =
        import(with(plain, {real("alpha", 0.25F), integer("power", 3), integer("flip", 1), ints("pair", {4, 5})}));
    const auto* op = ctq::operator_if<leaky>(graph.nodes[0]);
    REQUIRE(op != nullptr);
    CHECK(*op == leaky{0.25F, 3, true, {4, 5}});
    CHECK(*ctq::operator_if<leaky>(import(plain).nodes[0]) == leaky{});
    const auto short_pair = ctq::test::outcome_of([&] { import(with(plain, {ints("pair", {4})})); });
    CHECK(short_pair.number() == 3);
    CHECK(short_pair.says("node 'l' (Leaky): a list attribute has the wrong length"));
    CHECK(ctq::test::outcome_of([&] { import(node("l", "Leaky", {"x"}, {"y"})); }).number() == 4);
}
