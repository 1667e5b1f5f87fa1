#include "import_models.hpp"

#include <cstdint>
#include <string>
#include <vector>

using namespace ctq::test::onnx_import;
using namespace std::string_literals;
namespace build = ctq::test::onnx_builder;

TEST_CASE("import: dimensions that are not fixed are unsupported, and it is told how to fix them") {
    const auto sized = [](const std::vector<std::string>& dims) { return relu_on(input_with(dims)); };
    const auto open = importing(sized({"batch", "3"}));
    CHECK(open.number() == 4);
    CHECK(open.says("m.onnx: input 'x': dimension 0 'batch' is not fixed; give it a size: --dim batch=1"));
    CHECK(importing(sized({"3", ""})).says("--dim x.1=1"));
    CHECK(importing(sized({"3", "-1"})).says("input 'x': dimension 1 is not fixed; give it a size: --dim x.1=1"));
    CHECK(importing(sized({"-1", "-1"}), {{{"x.0", 2}, {"x.1", 3}}}).number() == 0);
    CHECK(importing(sized({"-2", "3"})).number() == 3);
    const auto other = importing(sized({"N", "3"}), {{{"M", 1}}});
    CHECK(other.number() == 2);
    CHECK(other.says("--dim M=1: the inputs of m.onnx have no such dimension; theirs are N"));
    CHECK(importing(sized({"1", "3"}), {{{"M", 1}}}).says("all theirs are fixed"));
    CHECK(importing(sized({"N", "3"}), {{{"N", 0}}}).number() == 2);
    CHECK(importing(sized({"2147483647"})).number() == 4);
    CHECK(importing(sized({"N", "M", "3"}), {{{"N", 65536}, {"M", 65536}}}).number() == 4);
    CHECK(importing(sized({"1", "1", "1", "1", "1", "1", "1"})).says("has 7 axes"));
    build::message no_shape, tensor_type, type;
    build::graph_parts shapeless = sized({"1"});
    shapeless.inputs = {no_shape.bytes(1, "x").sub(2, type.sub(1, tensor_type.integer(1, 1)))};
    CHECK(importing(shapeless).number() == 4);
    CHECK(importing(shapeless).says("input 'x' has no shape"));
}

TEST_CASE("import: inputs of integers, and outputs that no node makes, are unsupported") {
    build::graph_parts integers = parts_of({node("n", "Relu", {"x"}, {"y"})});
    integers.inputs[0] = build::value("x", {1, 4}, 7);
    CHECK(importing(integers).number() == 4);
    CHECK(importing(integers).says("input 'x' is of type INT64; only FLOAT inputs"));
    build::graph_parts constant = parts_of({node("n", "Relu", {"w"}, {"y"})}, {floats("w", {2})});
    CHECK(importing(constant).number() == 4);
    CHECK(importing(constant).says("output 'y' depends on no input"));
    build::graph_parts through = parts_of({node("n", "Relu", {"x"}, {"y"})});
    through.outputs.push_back(build::value("x", {1}));
    CHECK(importing(through).number() == 4);
    CHECK(importing(through).says("output 'x' is an input"));
}

TEST_CASE("import: a constant of text, or of integers among reals, is unsupported") {
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
        "node 'c' (Add): input 1 's' is of type int64 (inputs 1x4x6x6, scalar); only float32 is computed with"));
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

TEST_CASE("import: an opset that is too old or too new is unsupported") {
    const auto late = importing(build::dense(), {}, 24);
    CHECK(late.number() == 4);
    CHECK(late.says("opset 24 is not supported; opsets 6 to 23 are"));
    CHECK(importing(build::dense(), {}, 5).number() == 4);
}
