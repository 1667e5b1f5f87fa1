#include "../onnx_builder.hpp"
#include "../scratch.hpp"

#include <ctq/host/onnx/read.hpp>
#include <ctq/host/onnx/validate.hpp>

#include <doctest/doctest.h>

#include <string>
#include <vector>

using namespace ctq::host;
using namespace std::string_literals;
namespace build = ctq::test::onnx_builder;

namespace {

onnx::model valid(const build::message& model_proto, onnx::control_flow policy = onnx::control_flow::refuse) {
    onnx::model m = onnx::parse(model_proto.str(), "m.onnx");
    onnx::validate(m, "m.onnx", policy);
    return m;
}

ctq::test::outcome validating(const build::message& model_proto) {
    return ctq::test::outcome_of([&] { static_cast<void>(valid(model_proto)); });
}

ctq::test::outcome validating(const build::graph_parts& parts) {
    return validating(build::model(build::graph(parts)));
}

// x -> nodes -> y
build::graph_parts graph_of(const std::vector<build::message>& nodes) {
    return {nodes, {}, {build::value("x", {1})}, {build::value("y", {1})}, {}};
}

build::message function_calling(const char* name, const char* called) {
    return build::function(name, {"a"}, {"b"}, {build::call("n", called, {"a"}, {"b"})});
}

} // namespace

TEST_CASE("validate: a right graph passes unchanged") {
    const onnx::model m = valid(build::model(build::graph(build::dense())));
    CHECK(m.graph.nodes[0].name == "fc");
    CHECK(m.graph.nodes[1].name == "act");
}

TEST_CASE("validate: nodes out of order are sorted, others keep the file's order") {
    using build::node;
    const onnx::model m =
        valid(build::model(build::graph(graph_of({node("d", "Add", {"b", "c"}, {"y"}), node("c", "Relu", {"a"}, {"c"}),
                                                  node("b", "Tanh", {"a"}, {"b"}), node("a", "Relu", {"x"}, {"a"})}))));
    std::string order;
    for (const onnx::node& n : m.graph.nodes) order += n.name;
    CHECK(order == "acbd");
    CHECK(m.graph.nodes[0].position == 3);
}

TEST_CASE("validate: structure faults name the node and the value") {
    using build::node;
    build::graph_parts no_nodes = graph_of({});
    build::graph_parts no_outputs = graph_of({node("n", "Relu", {"x"}, {"y"})});
    no_outputs.outputs.clear();
    build::graph_parts no_inputs = graph_of({node("n", "Relu", {"w"}, {"y"})});
    no_inputs.inputs = {build::value("w", {1})};
    no_inputs.initializers = {build::float_tensor("w", {1}, {1})};
    build::graph_parts weight_twice = build::dense();
    weight_twice.initializers.push_back(weight_twice.initializers[0]);
    build::graph_parts weight_nameless = build::dense();
    weight_nameless.initializers.push_back(build::float_tensor("", {1}, {1}));
    build::graph_parts input_twice = build::dense();
    input_twice.inputs.push_back(input_twice.inputs[0]);
    build::graph_parts input_nameless = build::dense();
    input_nameless.inputs.push_back(build::value("", {1}));
    build::graph_parts output_twice = build::dense();
    output_twice.outputs.push_back(output_twice.outputs[0]);
    build::graph_parts info_differs = build::dense();
    info_differs.values = {build::value("h", {1, 2}), build::value("h", {2, 1})};
    struct row {
        build::graph_parts parts;
        const char* text;
    };
    const row rows[] = {
        {graph_of(
             {node("a", "Relu", {"q"}, {"p"}), node("b", "Tanh", {"p"}, {"q"}), node("c", "Add", {"x", "p"}, {"y"})}),
         "the graph has a cycle: node 'a' (Relu) -> node 'b' (Tanh) -> node 'a' (Relu)"},
        {graph_of({node("a", "Relu", {"x"}, {"y"}), node("b", "Add", {"x", "v"}, {"v"})}),
         "node 'b' (Add): takes its own output 'v' as input 1"},
        {graph_of({node("a", "Add", {"x", "lost"}, {"y"})}),
         "node 'a' (Add): input 1 'lost' is made by no node, input or initializer"},
        {graph_of({node("a", "Relu", {"x"}, {"z"})}), "output 'y' of the graph is made by no node"},
        {graph_of({node("a", "Relu", {"x"}, {"y"}), node("b", "Relu", {"x"}, {"y"})}),
         "node 'b' (Relu): output 'y' is already made by node 'a' (Relu)"},
        {graph_of({node("a", "Relu", {"x"}, {"x"})}), "output 'x' is already an input or initializer of the graph"},
        {graph_of({node("a", "Split", {"x"}, {"y", "y"})}), "output 'y' is already made by node 'a' (Split)"},
        {graph_of({node("a", "", {"x"}, {"y"})}), "node 'a' () has no op_type"},
        {graph_of({node("", "Relu", {"x"}, {"y"}), node("", "Relu", {"x"}, {})}), "node #1 (Relu) has no output"},
        {graph_of({node("a", "Relu", {"x"}, {"y"}).bytes(7, "com.example")}),
         "domain 'com.example' is not in opset_import"},
        {no_nodes, "the graph is empty"},
        {no_outputs, "the graph has no outputs"},
        {no_inputs, "the graph has no inputs"},
        {weight_twice, "initializer 'w' is given twice"},
        {weight_nameless, "an initializer has no name"},
        {input_twice, "input 'x' is given twice"},
        {input_nameless, "an input of the graph has no name"},
        {output_twice, "output 'y' is given twice"},
        {info_differs, "value_info of 'h' is given twice and differs"}};
    for (const row& r : rows) {
        const auto result = validating(r.parts);
        CHECK_MESSAGE(result.number() == 3, r.text);
        CHECK_MESSAGE(result.says(r.text), result.text);
    }
}

TEST_CASE("validate: a long cycle is told by its first nodes") {
    std::vector<build::message> nodes{build::node("out", "Relu", {"x"}, {"y"})};
    for (int i = 0; i < 1000; ++i)
        nodes.push_back(build::node(message("n", i), "Relu", {message("v", i)}, {message("v", (i + 1) % 1000)}));
    const auto result = validating(graph_of(nodes));
    CHECK(result.number() == 3);
    CHECK(result.says("... 994 more -> "));
}

TEST_CASE("validate: legal peculiarities pass") {
    build::graph_parts old_style = build::dense(); // before IR 4 constants are inputs too
    old_style.inputs.push_back(build::value("w", {4, 2}));
    build::graph_parts optional = graph_of({build::node("c", "Clip", {"x", "", ""}, {"y", ""})});
    build::graph_parts same_info = build::dense();
    same_info.values = {build::value("h", {1, 2}), build::value("h", {1, 2})};
    for (const build::graph_parts& parts : {old_style, optional, same_info}) {
        const auto result = validating(parts);
        CHECK_MESSAGE(result.number() == 0, result.text);
    }
}

TEST_CASE("validate: names may be anything") {
    const std::string names[] = {
        "a\"b", "a\nb", "*/", "a\0b"s, "../../x", "int", std::string(1'000'000, 'n'), "\xE2\x80\xAE", "\xFF\xFE"};
    for (const std::string& name : names) {
        const auto good =
            validating(graph_of({build::node(name, "Relu", {"x"}, {name}), build::node("", "Relu", {name}, {"y"})}));
        CHECK_MESSAGE(good.number() == 0, good.text);
        const auto bad = validating(graph_of({build::node(name, "Relu", {name}, {"y"})}));
        CHECK(bad.number() == 3);
        CHECK(bad.text.find('\n') == std::string::npos);
        CHECK(bad.text.find('\0') == std::string::npos);
        CHECK(bad.text.size() < 500);
    }
}

TEST_CASE("validate: functions that call themselves, or are or have something twice, are malformed") {
    const auto with = [](const std::vector<build::message>& functions) {
        return build::model(build::graph(build::dense()), functions);
    };
    CHECK(validating(with({function_calling("f", "Relu")})).number() == 0);
    CHECK(validating(with({function_calling("f", "g"), function_calling("g", "Relu")})).number() == 0);
    CHECK(validating(with({function_calling("f", "f")})).says("function 'f' calls itself"));
    const auto both = validating(with({function_calling("f", "g"), function_calling("g", "f")}));
    CHECK(both.number() == 3);
    CHECK(both.says("calls itself through"));
    CHECK(validating(with({function_calling("f", "Relu"), function_calling("f", "Relu")}))
              .says("function 'f' is given twice"));
    const auto overload = function_calling("f", "Relu").bytes(13, "of_two");
    CHECK(validating(with({function_calling("f", "Relu"), overload})).number() == 0);
    CHECK(
        validating(with({build::function("f", {"a", "b", "a"}, {"c"}, {})})).says("function 'f': input 'a' is given"));
    CHECK(validating(with({build::function("f", {"a"}, {"c", "c"}, {})})).says("function 'f': output 'c' is given"));
    const auto alone = ctq::test::outcome_of([&] {
        const onnx::model m = onnx::parse(with({function_calling("f", "f")}).str(), "m.onnx");
        onnx::validate_functions(m, "m.onnx");
    });
    CHECK(alone.number() == 3);
    CHECK(alone.says("m.onnx: function 'f' calls itself"));
}

TEST_CASE("validate: control flow is refused, all of it at once, or kept") {
    const build::message branch = build::attribute("body", 5).sub(6, build::graph(build::dense()));
    const build::graph_parts parts = graph_of(
        {build::node("l", "Loop", {"x"}, {"m"}).sub(5, branch), build::node("s", "Scan", {"m"}, {"y"}).sub(5, branch)});
    const auto result = validating(parts);
    CHECK(result.number() == 4);
    CHECK(result.says("node 'l' (Loop): control flow is not supported"));
    CHECK(result.says("node 's' (Scan): control flow is not supported"));
    const onnx::model kept = valid(build::model(build::graph(parts)), onnx::control_flow::keep);
    CHECK(kept.graph.nodes[0].attributes[0].graphs[0].nodes.size() == 2);
}
