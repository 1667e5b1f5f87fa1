#include "import_models.hpp"

#include <string>
#include <vector>

using namespace ctq::test::onnx_import;
namespace build = ctq::test::onnx_builder;
using ctq::default_graph;

TEST_CASE("input_shapes: symbolic dimensions are pinned by name") {
    const auto shape_with = [&](const std::vector<std::string>& dims, const onnx::import_options& options) {
        return imported(relu_on(input_with(dims)), options).value_at(0).facts.shape;
    };
    CHECK(shape_with({"N", "3"}, {{{"N", 2}}}) == ctq::shape{2, 3});
    CHECK(shape_with({"N", "N"}, {{{"N", 2}}}) == ctq::shape{2, 2});
    CHECK(shape_with({"", "3"}, {{{"x.0", 5}}}) == ctq::shape{5, 3});
}

TEST_CASE("input_shapes: dimensions that are not fixed are unsupported, and it is told how to fix them") {
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

TEST_CASE("input_shapes: a dimension of zero is malformed") {
    CHECK(importing(relu_on(input_with({"0"}))).code == exit_code::malformed);
}
