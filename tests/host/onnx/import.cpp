#include "import_models.hpp"

#include <ctq/execute/evaluate.hpp>
#include <ctq/host/npy.hpp>
#include <ctq/rewrite/prepare.hpp>

#include <processor_time.hpp>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <filesystem>
#include <set>
#include <string>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

using namespace ctq::host;
using namespace ctq::test::onnx_import;
using namespace std::string_literals;
namespace build = ctq::test::onnx_builder;
using ctq::default_graph;

namespace {

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

// The reals or integers of an output, without rows that the data did not fill.
std::vector<float> found_at(const default_graph& graph, const std::vector<ctq::constant>& elements,
                            const ctq::port& port) {
    std::vector<float> found;
    elements[static_cast<std::size_t>(port.value)].visit([&]<class T>(const std::vector<T>& all) {
        if constexpr (std::is_arithmetic_v<T>)
            for (const T each : all) found.push_back(static_cast<float>(each));
    });
    if (port.count < 0) return found;
    const int rows = graph.outputs[static_cast<std::size_t>(port.count)].value;
    const auto count = static_cast<std::size_t>(elements[static_cast<std::size_t>(rows)].as<std::int64_t>()[0]);
    const auto most = static_cast<std::size_t>(graph.value_at(port.value).facts.shape[0]);
    CHECK(count < most);
    found.resize(found.size() / most * count);
    return found;
}

// Largest difference to the reference, relative to 1 + |expected|; a count is what cuts the rows that it counts.
double difference(const default_graph& graph, const std::string& model) {
    std::vector<ctq::constant> inputs;
    for (const ctq::port& port : graph.inputs) inputs.emplace_back(elements_of(model, "input", port));
    const auto elements = ctq::evaluate(graph, inputs);
    double worst = 0;
    for (std::size_t at = 0; at < graph.outputs.size(); ++at) {
        const auto is_counted = [&](const ctq::port& each) { return each.count == static_cast<int>(at); };
        if (std::ranges::any_of(graph.outputs, is_counted)) continue;
        const std::vector<float> expected = elements_of(model, "output", graph.outputs[at]);
        const std::vector<float> found = found_at(graph, elements, graph.outputs[at]);
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

} // namespace

TEST_CASE("import: every test model computes what its reference says, imported and prepared") {
    const std::vector<std::string> all = model_names();
    CHECK(all.size() >= 156);
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
        CHECK(count<ctq::op::transpose>(graph) == 0);
        CHECK(count<ctq::op::batch_normalization>(graph) == 0);
        CHECK(count<ctq::op::identity>(graph) == 0);
        CHECK(count<ctq::op::relu>(graph) == 0);
        CHECK(count<ctq::op::clip>(graph) == 0);
        CHECK(count<ctq::op::multiply>(graph) == 0);
        CHECK(count<ctq::op::reshape>(graph) == 2);
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
        CHECK(count<ctq::op::transpose>(graph) == transposes);
        CHECK(graph.nodes.size() == static_cast<std::size_t>(nodes));
        CHECK(count<ctq::op::pad>(graph) == 0);
        CHECK(count<ctq::op::batch_normalization>(graph) == 0);
    }
    CHECK(count<ctq::op::batch_normalization>(prepared(models + "batch_normalization.onnx")) == 0);
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

TEST_CASE("import: a constant that is listed as an input is none") {
    build::graph_parts old = build::dense();
    old.inputs.push_back(build::value("w", {4, 2}));
    CHECK(imported(old).inputs.size() == 1);
}

TEST_CASE("import: constants of every form reach operators") {
    const auto clipped = [](const build::message& low, const build::message& high) {
        return imported(parts_of({with(node("a", "Constant", {}, {"low"}), {low}),
                                  with(node("b", "Constant", {}, {"high"}), {high}),
                                  node("c", "Clip", {"x", "low", "high"}, {"y"})}));
    };
    const default_graph graph =
        clipped(real("value_float", -1.0F), build::attribute("value_floats", 6).floats(7, {2.0F}));
    const auto* op = ctq::operator_if<ctq::op::clip>(graph.nodes[0]);
    REQUIRE(op != nullptr);
    CHECK(op->to == ctq::bounds{-1.0F, 2.0F});
    const default_graph by_tensor = clipped(build::attribute("value", 4).sub(5, floats("", {}, -3.0F)),
                                            build::attribute("value", 4).sub(5, floats("", {}, 3.0F)));
    CHECK(ctq::operator_if<ctq::op::clip>(by_tensor.nodes[0])->to == ctq::bounds{-3.0F, 3.0F});
    const auto reshaped = [](const build::message& value) {
        return imported(parts_of({with(node("a", "Constant", {}, {"s"}), {value}), node("i", "Identity", {"s"}, {"t"}),
                                  node("c", "Reshape", {"x", "t"}, {"y"})}));
    };
    const default_graph list = reshaped(ints("value_ints", {2, -1}));
    CHECK(list.value_at(list.outputs[0].value).facts.shape == ctq::shape{2, 72});
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

TEST_CASE("import: shapes that exporters compute at run time are constants here") {
    const default_graph graph = imported(parts_of(
        {node("s", "Shape", {"x"}, {"s"}), node("g", "Gather", {"s", "zero"}, {"n"}),
         node("u", "Unsqueeze", {"n", "axes"}, {"n1"}),
         with(node("c", "Concat", {"n1", "rest"}, {"to"}), {integer("axis", 0)}),
         node("r", "Reshape", {"x", "to"}, {"y"})},
        {build::tensor_head("zero", 7, {}).integers(7, {0}), int64s("axes", {0}), int64s("rest", {-1})}, {2, 3, 4}));
    CHECK(graph.value_at(graph.outputs[0].value).facts.shape == ctq::shape{2, 12});
    CHECK(graph.nodes.size() == 1);
}

TEST_CASE("import: every opset from 6 to 23, names of any bytes, graphs of any length") {
    for (const std::int64_t version : {6, 23})
        CHECK(imported(build::model(build::graph(one("Relu", {})), 8, version)).nodes.size() == 1);
    for (const std::string& name : {"a\"b"s, "a\nb"s, "*/"s, "a\0b"s, "../../x"s, "\xFF\xFE"s}) {
        const default_graph graph =
            imported(parts_of({node(name, "Relu", {"x"}, {name}), node("", "Relu", {name}, {"y"})}));
        CHECK(graph.value_at(graph.nodes[0].output()).name == name);
    }
    std::vector<build::message> chain{node("first", "Relu", {"x"}, {"v0"})};
    for (int i = 0; i < 3000; ++i)
        chain.push_back(node(message("n", i), "Relu", {message("v", i)}, {message("v", i + 1)}));
    chain.push_back(node("last", "Relu", {"v3000"}, {"y"}));
    CHECK(imported(parts_of(chain, {}, {1})).nodes.size() == 3002);
}

TEST_CASE("import: a node for each of many outputs takes no longer than they are many") {
    constexpr int count = 32000;
    build::graph_parts parts = parts_of({}, {}, {1});
    parts.outputs.clear();
    for (int i = 0; i < count; ++i) {
        parts.nodes.push_back(node(message("n", i), "Relu", {"x"}, {message("v", i)}));
        parts.outputs.push_back(build::value(message("v", i), {1}));
    }
    CHECK(ctq::test::processor_seconds([&] { CHECK(imported(parts).outputs.size() == count); }) < 4);
}

namespace {

// A user's operator, and its translation: attributes by their ONNX names, a domain of its own, some versions.
struct leaky {
    static constexpr std::string_view name = "leaky";
    static constexpr std::string_view cpp_name = "mine::leaky";

    float slope = 0.01F;
    std::int32_t power = 1;
    bool flip = false;
    std::array<std::int32_t, 2> pair{};

    static constexpr auto attributes =
        ctq::attribute_list{ctq::attribute{"slope", &leaky::slope}, ctq::attribute{"power", &leaky::power},
                            ctq::attribute{"flip", &leaky::flip}, ctq::attribute{"pair", &leaky::pair}};

    friend constexpr bool operator==(const leaky&, const leaky&) = default;
    constexpr float operator()(float x) const { return x < 0 ? slope * x : x; }
};

struct leaky_of_onnx
    : ctq::one_to_one<"onnx", "Leaky", leaky, ctq::reads<"alpha", &leaky::slope>, ctq::reads<"power", &leaky::power>,
                      ctq::reads<"flip", &leaky::flip>, ctq::reads<"pair", &leaky::pair>> {
    static constexpr std::string_view domain = "com.example";
    static constexpr ctq::version_range versions{3, 4};
};

} // namespace

namespace users_own {

// One with two outputs: x without its first row, and that row.
struct rest_and_first {
    static constexpr std::string_view name = "rest_and_first";
    static constexpr std::string_view cpp_name = "mine::rest_and_first";
    static constexpr auto attributes = ctq::no_attributes;

    friend constexpr bool operator==(const rest_and_first&, const rest_and_first&) = default;
    constexpr int output_count() const { return 2; }
    constexpr ctq::shape output_shape(ctq::shapes in, int which) const {
        ctq::shape rows = in[0];
        rows[0] = which == 0 ? in[0][0] - 1 : 1;
        return rows;
    }
    constexpr void compute(ctq::const_tensors in, ctq::tensors out) const {
        const float* from = in[0].as<float>();
        std::copy_n(from, out[1].size(), out[1].as<float>());
        std::copy_n(from + out[1].size(), out[0].size(), out[0].as<float>());
    }
};

using rest_and_first_of_onnx = ctq::one_to_one<"onnx", "RestAndFirst", rest_and_first>;

// The same with the outputs in the other order.
struct first_and_rest_of_onnx {
    using registered_kind = ctq::translation_tag;
    using makes = rest_and_first;
    static constexpr std::string_view source = "onnx", name = "FirstAndRest";

    template <ctq::source_node Node> static void translate(Node& in) {
        const auto made = in.emit_all(rest_and_first{}, {in.input(0)});
        in.finish({made[1], made[0]});
    }
};

} // namespace users_own

namespace {

using with_two_outputs =
    decltype(ctq::default_registry.with<users_own::rest_and_first, users_own::rest_and_first_of_onnx,
                                        users_own::first_and_rest_of_onnx>());

auto import_rows(const std::string& type, const build::names& outputs, const build::names& wanted,
                 const std::string& input = "x") {
    build::graph_parts parts{{node("r", type, {input}, outputs)},
                             {build::float_tensor("k", {3, 2}, {1, 2, 3, 4, 5, 6})},
                             {build::value("x", {3, 2})},
                             {},
                             {}};
    for (const std::string& each : wanted) {
        parts.nodes.push_back(input == "x" ? node("of_" + each, "Relu", {each}, {"y_" + each})
                                           : node("of_" + each, "Add", {each, "x"}, {"y_" + each}));
        parts.outputs.push_back(build::value("y_" + each, {1}));
    }
    onnx::model m = onnx::parse(build::model(build::graph(parts)).str(), "m.onnx");
    onnx::validate(m, "m.onnx");
    return onnx::import_model<with_two_outputs>(m, "m.onnx");
}

} // namespace

TEST_CASE("import: a user's operator is imported by its translation") {
    using mine = decltype(ctq::default_registry.with<leaky, leaky_of_onnx>());
    const auto import = [](const build::message& n, std::int64_t version = 3) {
        const auto file = build::model(build::graph(parts_of({n}))).sub(8, build::opset(version, "com.example"));
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
    const auto newer = ctq::test::outcome_of([&] { import(plain, 5); });
    CHECK(newer.number() == 4);
    CHECK(newer.says("node 'l' (Leaky): version 5 of the operator is not supported, 3 to 4 are; export"));
}

TEST_CASE("import: what the importer adds is never called like a node of the file, whichever comes first") {
    const auto graph =
        imported(parts_of({node("conv", "Conv", {"x", "w"}, {"h"}), //
                           node("conv.transposed", "Sigmoid", {"h"}, {"i"}), node("k", "Relu", {"i"}, {"k1"}),
                           node("k", "Tanh", {"k1"}, {"k2"}), node("k_2", "Sigmoid", {"k2"}, {"k3"}),
                           node("", "Relu", {"k3"}, {"y"}), node("y", "Tanh", {"k3"}, {"z2"})},
                          {floats("w", {4, 4, 3, 3})}));
    const auto named = [&](std::string_view name) {
        std::vector<std::string_view> found; // what goes by the name, by name or by origin
        for (const auto& each : graph.nodes) {
            const bool is_from = std::ranges::any_of(each.origins, [&](const auto& o) { return o.view() == name; });
            if (each.name.view() != name && !is_from) continue;
            ctq::visit_operator(each, [&](const auto& op) { found.push_back(op.name); });
        }
        return found;
    };
    using names = std::vector<std::string_view>;
    CHECK(named("conv") == names{"conv2d"});
    CHECK(named("conv.transposed") == names{"sigmoid"});
    CHECK(named("k") == names{"relu", "tanh"}); // the file's own doing
    CHECK(named("k_2") == names{"sigmoid"});
    CHECK(named("y") == names{"tanh"});
    check_names(graph);
}

TEST_CASE("import: a local function gives way to a user's translation of its domain and name, and to nothing else") {
    using mine = decltype(ctq::default_registry.with<leaky, leaky_of_onnx>());
    const ctq::test::scratch_folder folder;
    const auto path_of = [&](const char* domain, const char* name, std::int64_t version) {
        build::message by_relu;
        by_relu.bytes(1, name).bytes(10, domain).bytes(4, "a").bytes(5, "b").sub(7, node("r", "Relu", {"a"}, {"b"}));
        const build::message called = node("l", name, {"x"}, {"y"}).bytes(7, domain);
        return folder.put(message(domain, name, version), build::model(build::graph(parts_of({called})), {by_relu})
                                                              .sub(8, build::opset(version, "com.example"))
                                                              .str());
    };
    const std::string both = path_of("com.example", "Leaky", 3);
    CHECK(ctq::operator_if<leaky>(onnx::load_model<mine>(both).nodes[0]) != nullptr);
    const auto inlined = onnx::load_model<registry_type>(both);
    CHECK(ctq::operator_if<ctq::op::relu>(inlined.nodes[0]) != nullptr);
    CHECK(inlined.nodes[0].name == "l/r");
    for (const std::string& other : {path_of("com.example", "Leaky", 5), path_of("com.example", "Leakier", 3)})
        CHECK(ctq::operator_if<leaky>(onnx::load_model<mine>(other).nodes[0]) == nullptr);
    const auto ours = onnx::load_model<mine>(path_of("", "Sigmoid", 3)); // the file's meaning, not ONNX's
    CHECK(ctq::operator_if<ctq::op::relu>(ours.nodes[0]) != nullptr);
}

TEST_CASE("import: the nodes of a local function are of the operator sets that it imports") {
    const auto clip = [](std::int64_t version) {
        const auto f = build::function("six", {"a"}, {"b"},
                                       {with(node("c", "Clip", {"a"}, {"b"}), {real("min", 0.0F), real("max", 6.0F)})});
        return imported(build::model(build::graph(parts_of({build::call("n", "six", {"x"}, {"y"})})),
                                     {build::message(f).sub(9, build::opset(version))}));
    };
    const default_graph old = clip(10), newer = clip(13);
    const auto *before = ctq::operator_if<ctq::op::clip>(old.nodes[0]),
               *after = ctq::operator_if<ctq::op::clip>(newer.nodes[0]);
    REQUIRE((before != nullptr && after != nullptr));
    CHECK(before->to == ctq::bounds{0.0F, 6.0F}); // from 11 on they are inputs, and these attributes are none
    CHECK(after->to == ctq::bounds::none());
}

TEST_CASE("import: an operator with several outputs, in its own order and in another") {
    for (const auto& [type, outputs] :
         {std::pair{"RestAndFirst"s, build::names{"rest", "first"}}, {"FirstAndRest"s, {"first", "rest"}}}) {
        CAPTURE(type);
        const auto graph = import_rows(type, outputs, {"rest", "first"}, "x");
        REQUIRE(graph.nodes[0].outputs.size() == 2);
        CHECK(graph.value_at(graph.nodes[0].outputs[0]).name == "rest");
        CHECK(graph.value_at(graph.nodes[0].outputs[1]).name == "first");
        CHECK(graph.nodes[1].inputs[0] == graph.nodes[0].outputs[0]);
        CHECK(graph.nodes[2].inputs[0] == graph.nodes[0].outputs[1]);
        const auto folded = import_rows(type, outputs, {"first"}, "k");
        REQUIRE(folded.nodes.size() == 1);
        CHECK(folded.constant_of(folded.nodes[0].inputs[0]).template as<float>() == std::vector<float>{1, 2});
    }
}

TEST_CASE("import: outputs that nobody reads or names, and those that an operator does not make") {
    for (const build::names& outputs :
         {build::names{"rest"}, {"rest", ""}, {"rest", "first"}, {"rest", "first", "more"}, {"rest", "", "more"}}) {
        const auto graph = import_rows("RestAndFirst", outputs, {"rest"});
        CHECK(graph.nodes[0].outputs.size() == 2);
        CHECK(graph.value_at(graph.nodes[0].outputs[0]).name == "rest");
    }
    const auto second = import_rows("RestAndFirst", {"", "first"}, {"first"});
    CHECK(second.nodes[1].inputs[0] == second.nodes[0].outputs[1]);
    const auto many = ctq::test::outcome_of([] { import_rows("RestAndFirst", {"a", "b", "c"}, {"c"}); });
    CHECK(many.code == exit_code::unsupported);
    CHECK_MESSAGE(many.says("node 'r' (RestAndFirst): output 2 'c' is used, but not made by ctq, which makes 2 of 3"),
                  many.text);
}
