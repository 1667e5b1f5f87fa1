#include "import_models.hpp"

#include <cstdint>
#include <string>
#include <vector>

using namespace ctq::test::onnx_import;
using namespace std::string_literals;
namespace build = ctq::test::onnx_builder;

TEST_CASE("import: integers that an operator does not take, inputs of other types, and outputs that no node makes, are "
          "unsupported") {
    build::graph_parts integers = parts_of({node("n", "Relu", {"x"}, {"y"})});
    integers.inputs[0] = build::value("x", {1, 4}, 7);
    CHECK(importing(integers).number() == 4);
    CHECK(importing(integers).says("node 'n' (Relu): reads 'x' of type int64"));
    CHECK(importing(integers).says("; the operator takes float32 only"));
    integers.inputs[0] = build::value("x", {1, 4}, 12);
    CHECK(importing(integers).number() == 4);
    CHECK(importing(integers).says("input 'x' is of type UINT32; FLOAT, INT64, INT32, UINT8 and BOOL inputs"));
    build::graph_parts constant = parts_of({node("n", "Relu", {"w"}, {"y"})}, {floats("w", {2})});
    CHECK(importing(constant).number() == 4);
    CHECK(importing(constant).says("output 'y' depends on no input"));
    build::graph_parts through = parts_of({node("n", "Relu", {"x"}, {"y"})});
    through.outputs.push_back(build::value("x", {1}));
    CHECK(importing(through).number() == 4);
    CHECK(importing(through).says("output 'x' is an input"));
}

TEST_CASE("import: a constant of integers among reals is malformed") {
    const auto added = importing(parts_of(
        {with(node("a", "Constant", {}, {"s"}), {integer("value_int", 1)}), node("c", "Add", {"x", "s"}, {"y"})}));
    CHECK(added.number() == 3);
    CHECK(added.says("node 'c' (Add): reads 'x' of type float32 and 's' of type int64 (inputs 1x4x6x6, scalar); "
                     "one type for all is required"));
}

TEST_CASE("import: a constant that cannot be read is told by the nodes that read it, and is nothing where none does") {
    struct row {
        build::message constant;
        const char* text;
    };
    const auto of_type = [](std::int64_t type) { return build::tensor_head("s", type, {1}); };
    const row rows[] = {{of_type(8).bytes(6, "text"), "is of type STRING, which is not supported"},
                        {of_type(14).floats(4, {1, 2}), "is of type COMPLEX64, which is not supported"},
                        {of_type(17).bytes(9, "1"), "is of type FLOAT8E4M3FN, which is not supported"},
                        {of_type(1).bytes(3, ""), "is a segmented tensor of type FLOAT, which is not supported"}};
    for (const row& each : rows) {
        const build::message relu = node("r", "Relu", {"x"}, {"y"}), add = node("a", "Add", {"x", "s"}, {"y"});
        const build::message made =
            with(node("k", "Constant", {}, {"s"}), {build::attribute("value", 4).sub(5, each.constant)});
        CHECK_MESSAGE(importing(parts_of({relu}, {each.constant})).number() == 0, each.text);
        CHECK_MESSAGE(importing(parts_of({made, relu})).number() == 0, each.text);
        for (const auto& read : {importing(parts_of({add}, {each.constant})), importing(parts_of({made, add}))}) {
            CHECK(read.number() == 4);
            CHECK_MESSAGE(read.says("m.onnx: node 'a' (Add): input 1, the constant 's', "s + each.text), read.text);
            CHECK_MESSAGE(read.text.find('\n') == std::string::npos, read.text);
        }
    }
    build::graph_parts output = parts_of({node("r", "Relu", {"x"}, {"y"})}, {of_type(8).bytes(6, "text")});
    output.outputs.push_back(build::value("s", {1}, 8));
    CHECK(importing(output).says("output 's' depends on no input"));
    const auto with_text = [](const build::message& reader) {
        return importing(parts_of({with(node("k", "Constant", {}, {"s"}), {word("value_string", "a")}), reader}));
    };
    CHECK(with_text(node("r", "Relu", {"x"}, {"y"})).number() == 0);
    CHECK(with_text(node("a", "Add", {"x", "s"}, {"y"}))
              .says("node 'a' (Add): input 1, the constant 's', is of type STRING, which is not supported (inputs "
                    "1x4x6x6, scalar); use FLOAT"));
    build::message sparse;
    sparse.sub(1, build::float_tensor("s", {1}, {1})).sub(2, build::tensor_head("", 7, {1}).integers(7, {0}));
    const auto with_sparse = [&](const build::message& reader) {
        const build::message file = build::model(build::graph(parts_of({reader})).sub(15, sparse));
        return ctq::test::outcome_of([&] { static_cast<void>(imported(file)); });
    };
    CHECK(with_sparse(node("r", "Relu", {"x"}, {"y"})).number() == 0);
    CHECK(with_sparse(node("a", "Add", {"x", "s"}, {"y"})).number() == 4);
    CHECK(with_sparse(node("a", "Add", {"x", "s"}, {"y"}))
              .says("node 'a' (Add): input 1, the constant 's', is a sparse tensor of type float32"));
}

TEST_CASE("import: a few nodes over one constant cannot fill the memory") {
    const auto bomb =
        importing(parts_of({node("p", "Pad", {"two", "few"}, {"a"}), node("q", "Pad", {"a", "many"}, {"b"}),
                            node("m", "Mul", {"x", "b"}, {"y"})},
                           {floats("two", {1}, 2.0F), int64s("few", {0, 10}), int64s("many", {0, 300'000'000})}, {1}));
    CHECK(bomb.number() == 4);
    CHECK(bomb.says("node 'q' (Pad): of constants it makes 1200000044 bytes more, after 44 that were made before "
                    "(inputs 11, 2); 1073741824 are the most: "));

    const auto chain =
        importing(parts_of({with(node("a", "Concat", {"k", "k"}, {"a"}), {integer("axis", 0)}),
                            with(node("b", "Concat", build::names(64, "a"), {"b"}), {integer("axis", 0)}),
                            node("r", "Reshape", {"x", "b"}, {"y"})},
                           {int64s("k", std::vector<std::int64_t>(1 << 20, 1))}));
    CHECK(chain.number() == 4);
    CHECK(chain.says("node 'b' (Concat): of constants it makes 1073741824 bytes more, after 16777216 "));
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
        nodes.push_back(
            node(ctq::host::message("n", i), "Fancy", {"x"}, {i == 24 ? "y"s : ctq::host::message("v", i)}));
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
}

TEST_CASE("import: what is unsupported or wrong in a local function is told by the call and its node") {
    const auto refused = [](const build::message& inner, int code, const char* text) {
        const auto result = ctq::test::outcome_of([&] {
            static_cast<void>(imported(build::model(build::graph(parts_of({build::call("a", "f", {"x"}, {"y"})})),
                                                    {build::function("f", {"a"}, {"b"}, {inner})})
                                           .sub(8, build::opset(1, "local"))));
        });
        CHECK(result.number() == code);
        CHECK_MESSAGE(result.says(text), result.text);
    };
    refused(node("n", "Fancy", {"a"}, {"b"}), 4, "m.onnx: node 'a/n' (Fancy): the operator is not supported");
    refused(build::call("n", "g", {"a"}, {"b"}), 4, "node 'a/n' (g): the operator of domain 'local' is not supported");
    refused(node("n", "Fancy", {"a"}, {"b"}).bytes(7, "other"), 3,
            "node 'a/n' (Fancy): domain 'other' is not in opset");
    refused(with(node("n", "Constant", {}, {"b"}), {build::reference("value", 4, "given")}), 3,
            "node 'a/n' (Constant): has 0 values; one is required");
}

TEST_CASE("import: a version that is too old or too new is unsupported, and hides no operator that is") {
    const std::int64_t newer = onnx::limits().last_opset + 1, older = onnx::limits().first_opset - 1;
    CHECK(importing(build::dense(), {}, older).number() == 4);
    const auto parts = parts_of({node("a", "Fancy", {"x"}, {"a"}), node("b", "Relu", {"x"}, {"b"}),
                                 node("c", "Clip", {"b"}, {"c"}), node("d", "Shape", {"c"}, {"d"}),
                                 node("e", "Strange", {"d"}, {"y"}), node("f", "Add", {"x"}, {"f"})});
    const auto late = importing(parts, {}, newer);
    CHECK(late.number() == 4);
    CHECK(late.says(ctq::host::message("m.onnx: opset ", newer, " is not supported; opsets ")));
    CHECK(late.says("m.onnx: node 'a' (Fancy): the operator is not supported"));
    CHECK(late.says("m.onnx: node 'e' (Strange): the operator is not supported"));
    CHECK_FALSE(late.says("Clip"));
    CHECK_FALSE(late.says("Shape"));
    CHECK_FALSE(late.says("Add")); // another version may read one input
    const auto file = ctq::test::outcome_of(
        [&] { static_cast<void>(imported(build::model(build::graph(parts), onnx::limits().last_ir_version + 1))); });
    CHECK(file.number() == 4);
    CHECK(file.says("m.onnx: IR version "));
    CHECK(file.says("'a' (Fancy)"));
    CHECK_FALSE(file.says("m.onnx: opset"));
}
