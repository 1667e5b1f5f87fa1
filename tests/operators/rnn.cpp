#include <ctq/operators/rnn.hpp>

#include <doctest/doctest.h>
#include <operators/recurrent_layers.hpp>
#include <operators/single_node.hpp>

#include <cstddef>
#include <utility>
#include <vector>

using namespace ctq::testing;
using ctq::shape;
using ctq::op::cell_function;
using ctq::op::rnn;
using ctq::op::sequence_direction;

namespace {

std::vector<shape> rnn_shapes(const recurrent_sizes& of, int directions) {
    return recurrent_shapes(of, 1, directions);
}

class rnn_cell : public reference_cell<rnn> {
  public:
    using reference_cell::reference_cell;

    void step(int t) {
        std::vector<double> h;
        for (int unit = 0; unit < units(); ++unit) h.push_back(gate(0, sum(0, unit, t)));
        h_ = std::move(h);
    }
};

constexpr auto rnn_digits = [] {
    const rnn other{.functions = {cell_function::scaled_tanh}, .alpha = {0.9f}, .beta = {1.1f}};
    return last_digits_of<20, rnn>({{}, other}, {{4, 1, 3}, {1, 2, 3}, {1, 2, 2}, {1, 4}, {1, 1, 2}});
};
constexpr auto rnn_of_the_compiler = rnn_digits();

} // namespace

TEST_CASE("rnn: directions, samples and steps") {
    for_each_layer(rnn{}, rnn_shapes, check_against_cell<rnn_cell, rnn>);
}

TEST_CASE("rnn: functions of each direction, and clip") {
    rnn op{.functions = {cell_function::affine, cell_function::softsign}, .alpha = {0.5f, 0}, .beta = {0.125f, 0}};
    for_each_layer(op, rnn_shapes, check_against_cell<rnn_cell, rnn>);
    op.clip = 0.625f;
    for_each_layer(op, rnn_shapes, check_against_cell<rnn_cell, rnn>);
}

TEST_CASE("rnn: the same bits at run time as in the compiler") {
    CHECK(rnn_digits() == rnn_of_the_compiler);
}

TEST_CASE("rnn: shapes of the outputs, and of inputs that fit") {
    const rnn op{.direction = sequence_direction::bidirectional};
    std::vector<shape> in = rnn_shapes({5, 2, 3, 4}, 2);
    CHECK(ctq::output_shape(op, in, 0) == shape{5, 2, 2, 4});
    CHECK(ctq::output_shape(op, in, 1) == shape{2, 2, 4});
    CHECK(ctq::macs(op, in) == 5 * 2 * 2 * 4 * (3 + 4));
    const auto refused = [&](const char* text) {
        CHECK_THROWS_WITH_AS(static_cast<void>(ctq::output_shape(op, in, 0)), text, ctq::model_error);
    };
    in[2] = {2, 8, 4};
    refused("the weights of a recurrent layer's state are [directions, gates * units, units]");
    in.pop_back();
    refused("rnn takes a sequence, weights of inputs and state, a bias and a state");
}

TEST_CASE("rnn: it has no integer meaning, and its constants are no rule's") {
    constexpr ctq::signature bytes{ctq::dtype::int8, ctq::dtype::int8, ctq::dtype::int8, ctq::dtype::int32,
                                   ctq::rounding::three_step};
    static_assert(!ctq::has_integer_meaning<rnn, bytes>);
    auto operands = random_operands(rnn_shapes({3, 1, 2, 2}, 1), 9);
    operands[0].elements.clear();
    const auto graph = quantized_node(rnn{}, operands).graph;
    REQUIRE(graph.nodes.size() == 1);
    CHECK(graph.nodes[0].in_float());
    for (const std::size_t input : {1U, 2U, 3U, 4U})
        CHECK(graph.reals(graph.nodes[0].inputs[input])[1] == operands[input].elements[1]);
}
