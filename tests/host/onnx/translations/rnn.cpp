#include <ctq/host/onnx/translations/rnn.hpp>

#include <doctest/doctest.h>
#include <host/onnx/translations/recurrent_models.hpp>

using namespace ctq::test::onnx_import;
using ctq::op::cell_function;
using ctq::op::rnn;

TEST_CASE("rnn: a cell with one function") {
    const recurrent_model of{"RNN", 1, 1, {"x", "w", "r", "b", "", "z"}, {"y", "last"}};
    const auto graph = imported(of.with_attributes({words("activations", {"Relu"})}));
    CHECK(recurrent_operator_of<rnn>(graph) == rnn{.functions = {cell_function::relu, cell_function::tanh}});
    REQUIRE(graph.outputs.size() == 2);
    CHECK(graph.value_at(graph.outputs[0].value).facts.shape == ctq::shape{4, 1, 1, 2});
    CHECK(graph.outputs[1].value == recurrent_node_of<rnn>(graph).outputs[1]);
}
