#include <ctq/host/onnx/translations/recurrent.hpp>

#include <doctest/doctest.h>
#include <host/onnx/translations/recurrent_models.hpp>

#include <array>
#include <cstddef>
#include <limits>
#include <utility>
#include <vector>

using namespace ctq::test::onnx_import;
using ctq::op::cell_function;
using ctq::op::gru;
using ctq::op::rnn;
using ctq::op::sequence_direction;

namespace {

const recurrent_model plain{"RNN", 1}, both_directions{"RNN", 1, 2}, both_of_gates{"GRU", 3, 2};

rnn rnn_with(const std::vector<build::message>& attributes, const recurrent_model& of = plain) {
    return recurrent_operator_of<rnn>(imported(of.with_attributes(attributes)));
}

} // namespace

TEST_CASE("recurrent: direction and clip") {
    CHECK(rnn_with({}) == rnn{});
    CHECK(rnn_with({word("direction", "forward")}) == rnn{});
    CHECK(rnn_with({word("direction", "reverse")}) == rnn{.direction = sequence_direction::reverse});
    CHECK(rnn_with({word("direction", "bidirectional")}, both_directions).direction ==
          sequence_direction::bidirectional);
    CHECK(rnn_with({real("clip", 0.5F), integer("hidden_size", 2)}) == rnn{.clip = 0.5F});
}

TEST_CASE("recurrent: each of ONNX's functions of a cell") {
    const std::vector<std::pair<const char*, cell_function>> all{
        {"Relu", cell_function::relu},
        {"Tanh", cell_function::tanh},
        {"Sigmoid", cell_function::sigmoid},
        {"Affine", cell_function::affine},
        {"LeakyRelu", cell_function::leaky_relu},
        {"ThresholdedRelu", cell_function::thresholded_relu},
        {"ScaledTanh", cell_function::scaled_tanh},
        {"HardSigmoid", cell_function::hard_sigmoid},
        {"Elu", cell_function::elu},
        {"Softsign", cell_function::softsign},
        {"Softplus", cell_function::softplus},
    };
    for (const auto& [name, function] : all) {
        CAPTURE(name);
        const bool takes_alpha = function != cell_function::relu && function != cell_function::tanh &&
                                 function != cell_function::sigmoid && function != cell_function::softsign &&
                                 function != cell_function::softplus;
        const bool takes_beta = function == cell_function::affine || function == cell_function::scaled_tanh ||
                                function == cell_function::hard_sigmoid;
        const rnn made = rnn_with({words("activations", {name}),
                                   real_list("activation_alpha", std::vector<float>(takes_alpha ? 1 : 0, 0.75F)),
                                   real_list("activation_beta", std::vector<float>(takes_beta ? 1 : 0, 0.125F))});
        CHECK(made.functions[0] == function);
        CHECK(made.alpha[0] == (takes_alpha ? 0.75F : 0));
        CHECK(made.beta[0] == (takes_beta ? 0.125F : 0));
    }
}

TEST_CASE("recurrent: functions take their numbers in order; some have them by default") {
    const auto direction = word("direction", "bidirectional");
    const gru op = recurrent_operator_of<gru>(imported(both_of_gates.with_attributes(
        {direction, words("activations", {"HardSigmoid", "Softsign", "Affine", "LeakyRelu"}),
         real_list("activation_alpha", {0.25F, 0.5F, 0.75F}), real_list("activation_beta", {0.125F, 2})})));
    CHECK(op.functions == std::array{cell_function::hard_sigmoid, cell_function::softsign, cell_function::affine,
                                     cell_function::leaky_relu});
    CHECK(op.alpha == std::array{0.25F, 0.0F, 0.5F, 0.75F});
    CHECK(op.beta == std::array{0.125F, 0.0F, 2.0F, 0.0F});
    const gru absent = recurrent_operator_of<gru>(imported(
        both_of_gates.with_attributes({direction, words("activations", {"HardSigmoid", "Elu", "LeakyRelu", "Tanh"})})));
    CHECK(absent.alpha == std::array{0.2F, 1.0F, 0.01F, 0.0F});
    CHECK(absent.beta == std::array{0.5F, 0.0F, 0.0F, 0.0F});
}

TEST_CASE("recurrent: a bias and a state that are left out are zeros") {
    const auto without = imported(both_of_gates.with_attributes({word("direction", "bidirectional")}));
    const auto& inputs = recurrent_node_of<gru>(without).inputs;
    REQUIRE(inputs.size() == 5);
    CHECK(without.value_at(inputs[3]).facts.shape == ctq::shape{2, 12});
    CHECK(without.value_at(inputs[4]).facts.shape == ctq::shape{2, 1, 2});
    for (const std::size_t input : {3U, 4U})
        for (const float each : without.reals(inputs[input])) CHECK(each == 0);

    recurrent_model full = plain;
    full.inputs = {"x", "w", "r", "b", "", "h"};
    const auto with_all = imported(full.with_attributes({}));
    CHECK(with_all.reals(recurrent_node_of<rnn>(with_all).inputs[3])[3] == 0.5F);
    CHECK(with_all.reals(recurrent_node_of<rnn>(with_all).inputs[4])[1] == 0.25F);
}

TEST_CASE("recurrent: a state may be an activation, and any output may be left out") {
    recurrent_model of = plain;
    of.inputs = {"x", "w", "r", "", "", "z"};
    const std::vector<std::pair<build::names, std::vector<ctq::shape>>> all{
        {{"y"}, {{4, 1, 1, 2}}}, {{"", "last"}, {{1, 1, 2}}}, {{"y", "last"}, {{4, 1, 1, 2}, {1, 1, 2}}}};
    for (const auto& [outputs, shapes] : all) {
        of.outputs = outputs;
        const auto graph = imported(of.with_attributes({}));
        CHECK_FALSE(graph.is_constant(recurrent_node_of<rnn>(graph).inputs[4]));
        REQUIRE(graph.outputs.size() == shapes.size());
        for (std::size_t i = 0; i < shapes.size(); ++i)
            CHECK(graph.value_at(graph.outputs[i].value).facts.shape == shapes[i]);
    }
}

TEST_CASE("recurrent: samples that come first are turned, and the states back") {
    recurrent_model of{"RNN", 1, 2, {"x", "w", "r", "", "", "z"}, {"y", "last"}, {3, 4, 3}, {3, 2, 2}, {}};
    const auto graph = imported(of.with_attributes({integer("layout", 1), word("direction", "bidirectional")}));
    const auto& inputs = recurrent_node_of<rnn>(graph).inputs;
    CHECK(graph.value_at(inputs[0]).facts.shape == ctq::shape{4, 3, 3});
    CHECK(graph.value_at(inputs[4]).facts.shape == ctq::shape{2, 3, 2});
    CHECK(graph.value_at(graph.outputs[0].value).facts.shape == ctq::shape{3, 4, 2, 2});
    CHECK(graph.value_at(graph.outputs[1].value).facts.shape == ctq::shape{3, 2, 2});
    CHECK(graph.outputs[0].name == "y");
}

TEST_CASE("recurrent: sequences must be as long as they can be") {
    recurrent_model of = plain;
    of.inputs = {"x", "w", "r", "", "lengths"};
    CHECK(importing(of.with_attributes({})).number() == 0);
    const auto with_lengths = [&](const std::vector<std::int64_t>& lengths) {
        of.lengths = lengths;
        return of.with_attributes({});
    };
    recurrent_model open = plain;
    open.inputs = {"x", "w", "r", "", "n"};
    check_refused(exit_code::unsupported, {{with_lengths({3}), "sequences of different lengths are not supported"},
                                           {open.with_attributes({}), "sequence_lens must be constant"}});
    check_refused(exit_code::malformed, {{with_lengths({4, 4}), "there must be a length for each sample"},
                                         {with_lengths({5}), "a length must be within the sequence"},
                                         {with_lengths({-1}), "a length must be within the sequence"}});
}

TEST_CASE("recurrent: what is none is malformed") {
    const auto with_inputs = [](const build::names& inputs) {
        recurrent_model of = plain;
        of.inputs = inputs;
        return of.with_attributes({});
    };
    recurrent_model flat = plain, infinite = plain;
    flat.sequence = {4, 3};
    infinite.weight = std::numeric_limits<float>::infinity();
    check_refused(exit_code::malformed,
                  {
                      {with_inputs({"x", "w"}), "a sequence and two inputs of weights are required"},
                      {with_inputs({"x", "", "r"}), "a sequence and two inputs of weights are required"},
                      {flat.with_attributes({}), "must have 3 axes"},
                      {with_inputs({"x", "w", "b"}), "must have 3 axes"},
                      {with_inputs({"x", "w", "w"}), "must be [directions, gates * hidden_size, hidden_size]"},
                      {plain.with_attributes({integer("hidden_size", 3)}), "gates * hidden_size"},
                      {plain.with_attributes({word("direction", "backwards")}), "direction must be forward"},
                      {plain.with_attributes({word("direction", "bidirectional")}), "two directions if it is"},
                      {plain.with_attributes({words("activations", {"Tanh", "Tanh"})}), "must name 1 function"},
                      {both_of_gates.with_attributes({words("activations", {"Tanh"})}), "must name 2 functions"},
                      {plain.with_attributes({words("activations", {"Sin"})}), "functions that ONNX has"},
                      {plain.with_attributes({real("clip", -1)}), "clip must be positive"},
                      {infinite.with_attributes({}), "element 0 of input 1 is inf, among weights"},
                  });
}

TEST_CASE("recurrent: weights that are computed, and numbers that nobody agrees on, are unsupported") {
    const auto with_bias = [](const char* bias) {
        recurrent_model of = plain;
        of.inputs = {"x", "w", "r", bias};
        return of.with_attributes({});
    };
    check_refused(
        exit_code::unsupported,
        {
            {with_bias("z"), "weights, biases and peepholes must be constant"},
            {plain.with_attributes({words("activations", {"Affine"})}), "Affine without its activation_alpha"},
            {plain.with_attributes({words("activations", {"Affine"}), real_list("activation_alpha", {1})}),
             "Affine without its activation_alpha and activation_beta"},
            {plain.with_attributes({words("activations", {"Tanh"}), real_list("activation_alpha", {1})}),
             "more of activation_alpha"},
            {plain.with_attributes({words("activations", {"Elu"}), real_list("activation_beta", {1})}),
             "more of activation_alpha or activation_beta"},
        });
}
