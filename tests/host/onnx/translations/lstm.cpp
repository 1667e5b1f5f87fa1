#include <ctq/host/onnx/translations/lstm.hpp>

#include <doctest/doctest.h>
#include <host/onnx/translations/recurrent_models.hpp>

using namespace ctq::test::onnx_import;
using ctq::op::lstm;

TEST_CASE("lstm: a cell and peepholes, and what is forgotten") {
    recurrent_model of{"LSTM", 4, 1, {"x", "w", "r", "b", "", "h", "z", "p"}, {"y", "last", "cell"}};
    const auto full = imported(of.with_attributes({integer("input_forget", 1)}));
    CHECK(recurrent_operator_of<lstm>(full) == lstm{.input_forget = true});
    const auto& inputs = recurrent_node_of<lstm>(full).inputs;
    REQUIRE(inputs.size() == 7);
    CHECK(full.value_at(inputs[5]).name == "z");
    CHECK(full.reals(inputs[6])[5] == 0.5F);
    REQUIRE(full.outputs.size() == 3);
    CHECK(full.value_at(full.outputs[2].value).facts.shape == ctq::shape{1, 1, 2});
    CHECK(full.outputs[2].value == recurrent_node_of<lstm>(full).outputs[2]);

    of.inputs = {"x", "w", "r"};
    of.outputs = {"", "", "cell"};
    const auto least = imported(of.with_attributes({}));
    CHECK(recurrent_operator_of<lstm>(least) == lstm{});
    const auto& zeros = recurrent_node_of<lstm>(least).inputs;
    CHECK(least.value_at(zeros[5]).facts.shape == ctq::shape{1, 1, 2});
    CHECK(least.value_at(zeros[6]).facts.shape == ctq::shape{1, 6});
    CHECK(least.reals(zeros[5])[1] == 0);
    CHECK(least.reals(zeros[6])[5] == 0);
}

TEST_CASE("lstm: with the samples first, the cell is turned too") {
    const recurrent_model of{"LSTM",           4,         1,         {"x", "w", "r", "", "", "", "z"},
                             {"", "", "cell"}, {3, 4, 3}, {3, 1, 2}, {}};
    const auto graph = imported(of.with_attributes({integer("layout", 1)}));
    CHECK(graph.value_at(recurrent_node_of<lstm>(graph).inputs[5]).facts.shape == ctq::shape{1, 3, 2});
    CHECK(graph.value_at(graph.outputs[0].value).facts.shape == ctq::shape{3, 1, 2});
}

TEST_CASE("lstm: peepholes that are computed, or none, are refused") {
    recurrent_model of{"LSTM", 4, 1, {"x", "w", "r", "", "", "", "", "z"}};
    check_refused(exit_code::unsupported, {{of.with_attributes({}), "weights, biases and peepholes must be constant"}});
    of.inputs.back() = "b";
    check_refused(exit_code::malformed, {{of.with_attributes({}), "the peepholes are [directions, 3 * units]"}});
}
