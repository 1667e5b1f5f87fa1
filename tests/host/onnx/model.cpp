#include <ctq/host/onnx/model.hpp>

#include <doctest/doctest.h>

using namespace ctq::host;

TEST_CASE("model: types have ONNX's names and widths") {
    using e = onnx::data_type;
    CHECK(name_of(e::float32) == "FLOAT");
    CHECK(name_of(e::bfloat16) == "BFLOAT16");
    CHECK(name_of(static_cast<e>(22)) == "INT4");
    CHECK(name_of(static_cast<e>(27)) == "unknown type");
    CHECK(name_of(static_cast<e>(-1)) == "unknown type");
    CHECK(name_of(onnx::attribute_type::integers) == "INTS");
    CHECK(onnx::width_of(e::float16) == 2);
    CHECK(onnx::width_of(e::uint64) == 8);
    CHECK(onnx::width_of(e::string) == 0);
    using ctq::dtype;
    CHECK(onnx::read_as(e::float64) == dtype::float32);
    CHECK(onnx::read_as(e::bfloat16) == dtype::float32);
    CHECK(onnx::read_as(e::boolean) == dtype::boolean);
    CHECK(onnx::read_as(e::uint8) == dtype::uint8);
    CHECK(onnx::read_as(e::uint32) == dtype::int64);
    CHECK(onnx::read_as(e::int64) == dtype::int64);
    using source::foreign_type;
    CHECK(onnx::foreign_type_of(e::float16) == foreign_type::float16);
    CHECK(onnx::foreign_type_of(e::bfloat16) == foreign_type::bfloat16);
    CHECK(onnx::foreign_type_of(e::float64) == foreign_type::float64);
    CHECK(onnx::foreign_type_of(e::uint32) == foreign_type::uint32);
    CHECK(onnx::foreign_type_of(e::uint64) == foreign_type::uint64);
    CHECK(onnx::foreign_type_of(e::float32) == foreign_type::none);
    CHECK(onnx::foreign_type_of(e::uint16) == foreign_type::none);
}

TEST_CASE("model: nodes are told by name, or by place when they have none") {
    onnx::node n;
    n.op_type = "Conv";
    n.position = 3;
    CHECK(describe(n) == "node #3 (Conv)");
    n.name = "conv\n1";
    CHECK(describe(n) == "node 'conv\\x0a1' (Conv)");
    onnx::attribute a;
    a.name = "group";
    n.attributes.push_back(a);
    CHECK(n.find("group") == &n.attributes[0]);
    CHECK(n.find("pads") == nullptr);
}

TEST_CASE("model: opsets by domain") {
    onnx::model m;
    m.opset_imports = {{"", 13}, {"com.microsoft", 1}};
    CHECK(m.opset() == 13);
    CHECK(m.opset("com.microsoft") == 1);
    CHECK(m.opset("other") == 0);
}
