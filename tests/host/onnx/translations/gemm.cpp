#include <ctq/host/onnx/translations/gemm.hpp>

#include <doctest/doctest.h>
#include <host/onnx/import_models.hpp>

#include <limits>
#include <string>

using namespace ctq::test::onnx_import;

TEST_CASE("gemm: weights and biases of other shapes are malformed") {
    const build::message k = floats("k0", {5, 2});
    check_refused(
        exit_code::malformed,
        {
            {one("Gemm", {}, {k}, {1, 4}), "the input's last extent must equal the weights' inputs (inputs 1x4, 5x2)"},
            {one("Gemm", {}, {floats("k0", {4, 2}), floats("k1", {3})}, {1, 4}), "broadcast"},
            {one("Gemm", {}, {floats("k0", {4, 2})}, {1, 1, 4}), "the first input of Gemm must have 2 axes"},
            {one("MatMul", {}, {k}, {1, 4}), "the input's last extent"},
        });
}

TEST_CASE("gemm: infinite weights and biases are malformed") {
    const float infinity = std::numeric_limits<float>::infinity();
    check_refused(
        exit_code::malformed,
        {
            {one("Gemm", {}, {floats("k0", {4, 2}, infinity)}, {1, 4}),
             "node 'n' (Gemm): element 0 of input 1 is inf, among weights (inputs 1x4, 4x2); train or export"},
            {one("Gemm", {}, {floats("k0", {4, 2}), floats("k1", {2}, -infinity)}, {1, 4}),
             "element 0 of input 2 is -inf, among weights"},
            {one("MatMul", {}, {floats("k0", {4, 2}, infinity)}, {1, 4}), "element 0 of input 1 is inf"},
        });
}

TEST_CASE("gemm: what is no dense layer is unsupported") {
    check_refused(
        exit_code::unsupported,
        {
            {one("Gemm", {}, {floats("k0", {4, 2}), floats("k1", {3, 2})}, {3, 4}), "differs between rows"},
            {one("Gemm", {integer("transA", 1)}, {floats("k0", {4, 2})}, {1, 4}), "transA"},
            {one("Gemm", {real("alpha", 1e30F)}, {floats("k0", {4, 2}, 1e30F)}, {1, 4}), "an infinite constant"},
            {parts_of({node("g", "Gemm", {"x", "z"}, {"y"})}, {}, {4, 4}), "the second input must be constant"},
        });
}

TEST_CASE("gemm: before version 7 the third input is there, and broadcasts where an attribute says so") {
    const build::message k = floats("k0", {4, 2}), bias = floats("k1", {2});
    const auto broadcast = integer("broadcast", 1);
    CHECK(importing(one("Gemm", {broadcast}, {k, bias}, {3, 4}), {}, 6).number() == 0);
    CHECK(importing(one("Gemm", {}, {k, floats("k1", {1, 2})}, {1, 4}), {}, 6).number() == 0);
    CHECK(importing(one("Gemm", {integer("transB", 1)}, {floats("k0", {2, 4}), floats("k1", {1, 2})}, {1, 4}), {}, 6)
              .number() == 0);
    CHECK(importing(one("Gemm", {}, {k, bias}, {3, 4}), {}, 7).number() == 0);
    check_refused(exit_code::malformed,
                  {
                      {one("Gemm", {}, {k, bias}, {3, 4}), "than the output's requires broadcast 1", 6},
                      {one("Gemm", {broadcast}, {k}, {3, 4}), "three inputs are required", 6},
                  });
    check_refused(exit_code::unsupported,
                  {{one("Gemm", {broadcast, integer("transA", 1)}, {k, bias}, {4, 3}), "transA is not supported", 6}});
}

namespace {

/// The graph of x times y, two inputs.
ctq::default_graph product(const build::dims& x, const build::dims& y) {
    const build::graph_parts parts{{node("m", "MatMul", {"x", "y"}, {"xy"})},
                                   {},
                                   {build::value("x", x), build::value("y", y)},
                                   {build::value("xy", {1})},
                                   {}};
    return imported(parts);
}
ctq::shape shape_of_product(const build::dims& x, const build::dims& y) {
    const ctq::default_graph graph = product(x, y);
    return graph.value_at(graph.outputs[0].value).facts.shape;
}

} // namespace

TEST_CASE("gemm: MatMul of two inputs is a product of matrices") {
    const auto graph = product({2, 1, 3, 4}, {5, 4, 6});
    REQUIRE(graph.nodes.size() == 1);
    CHECK(ctq::operator_if<ctq::op::matrix_product>(graph.nodes[0]) != nullptr);
    CHECK(graph.value_at(graph.outputs[0].value).facts.shape == ctq::shape{2, 5, 3, 6});
}

TEST_CASE("gemm: an operand of MatMul with one axis is a row or a column, and the result lacks that axis") {
    CHECK(shape_of_product({4}, {2, 3, 4, 5}) == ctq::shape{2, 3, 5});
    CHECK(shape_of_product({4}, {4, 5}) == ctq::shape{5});
    CHECK(shape_of_product({2, 3, 4}, {4}) == ctq::shape{2, 3});
    CHECK(shape_of_product({4}, {4}) == ctq::shape{});
    const auto graph = product({4}, {4});
    CHECK(graph.value_at(graph.nodes[0].output()).facts.shape == ctq::shape{1, 4});
    CHECK(graph.value_at(graph.nodes[1].output()).facts.shape == ctq::shape{4, 1});
}

TEST_CASE("gemm: only a constant matrix makes MatMul a dense layer") {
    const auto main_of = [](const ctq::default_graph& graph) { return std::string(operator_name(graph.nodes[0])); };
    const auto second = [&](const build::dims& of) { return main_of(imported(one("MatMul", {}, {floats("k0", of)}))); };
    CHECK(second({6, 2}) == "dense");
    CHECK(second({4, 6, 2}) == "matrix_product");
    CHECK(second({6}) == "matrix_product");
    CHECK(main_of(imported(parts_of({node("m", "MatMul", {"k", "x"}, {"y"})}, {floats("k", {3, 6})}))) ==
          "matrix_product");
}

TEST_CASE("gemm: operands of MatMul that do not fit, or are damaged, are malformed") {
    const float infinity = std::numeric_limits<float>::infinity();
    check_refused(exit_code::malformed,
                  {
                      {one("MatMul", {}), "two inputs are required"},
                      {one("MatMul", {}, {floats("k0", {4, 5, 2})}), "must equal the second's last but one"},
                      {one("MatMul", {}, {floats("k0", {3, 6, 2})}), "do not broadcast"},
                      {one("MatMul", {}, {floats("k0", {4, 6, 2}, infinity)}), "element 0 of input 1 is inf"},
                      {parts_of({node("m", "MatMul", {"k", "x"}, {"y"})}, {floats("k", {3, 6}, infinity)}),
                       "element 0 of input 0 is inf"},
                  });
}
