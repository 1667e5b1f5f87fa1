#include <ctq/host/onnx/node_reader.hpp>
#include <ctq/host/source/node_reader.hpp>

#include <doctest/doctest.h>

#include <string>
#include <vector>

using namespace ctq::host;

static_assert(source::node_reader<onnx::node_reader>);

TEST_CASE("node_reader: an ONNX node as the importer of all formats reads it") {
    onnx::node n;
    n.name = "gate";
    n.op_type = "Relu";
    n.domain = "com.example";
    n.inputs = {"x", ""};
    n.outputs = {"y"};
    onnx::attribute axis;
    axis.name = "axis";
    axis.type = onnx::attribute_type::integer;
    axis.i = -2;
    n.attributes.push_back(axis);
    const onnx::node_reader reader(n, 13);
    CHECK(reader.type() == "Relu");
    CHECK(reader.domain() == "com.example");
    CHECK(reader.version() == 13);
    CHECK(reader.name() == "gate");
    CHECK(reader.described() == "node 'gate' (Relu)");
    CHECK(reader.input_names() == n.inputs);
    CHECK(reader.output_names() == n.outputs);
    CHECK(reader.integer("axis", 0) == -2);
    CHECK(reader.numbers() == "axis -2");
    const std::vector<std::string> inputs{"a", ""}, outputs{"b"};
    const onnx::node_reader renamed(n, 13, inputs, outputs);
    CHECK(renamed.input_names() == inputs);
    CHECK(renamed.output_names() == outputs);
    CHECK(renamed.type() == "Relu");
}

TEST_CASE("node_reader: a node without a name is told by its place in the graph that it is in") {
    onnx::node n;
    n.op_type = "Relu";
    n.position = 2;
    const std::string place = "then_branch of node #3 (If)";
    const auto described = [&] { return onnx::node_reader(n, 13, n.inputs, n.outputs, place).described(); };
    CHECK(onnx::node_reader(n, 13).described() == "node #2 (Relu)");
    CHECK(described() == "then_branch of node #3 (If): node #2 (Relu)");
    n.name = "gate";
    CHECK(described() == "node 'gate' (Relu)");
}
