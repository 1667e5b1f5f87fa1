#include <ctq/operators/gru.hpp>

#include <doctest/doctest.h>
#include <operators/recurrent_layers.hpp>
#include <operators/single_node.hpp>

#include <cstddef>
#include <utility>
#include <vector>

using namespace ctq::testing;
using ctq::shape;
using ctq::op::cell_function;
using ctq::op::gru;
using ctq::op::sequence_direction;

namespace {

std::vector<shape> gru_shapes(const recurrent_sizes& of, int directions) {
    return recurrent_shapes(of, 3, directions);
}

/// The gates are numbered z, r, h.
class gru_cell : public reference_cell<gru> {
  public:
    using reference_cell::reference_cell;

    void step(int t) {
        std::vector<double> r, reset, h;
        for (int unit = 0; unit < units(); ++unit) {
            r.push_back(gate(0, sum(1, unit, t)));
            reset.push_back(r.back() * h_[static_cast<std::size_t>(unit)]);
        }
        for (int unit = 0; unit < units(); ++unit) {
            const auto u = static_cast<std::size_t>(unit);
            const double of_h =
                operation().linear_before_reset ? r[u] * of_state(2, unit, h_) : of_state(2, unit, reset);
            const double z = gate(0, sum(0, unit, t));
            h.push_back((1 - z) * gate(1, of_inputs(2, unit, t) + of_h) + z * h_[u]);
        }
        h_ = std::move(h);
    }
};

constexpr auto gru_digits = [] {
    const gru other{.linear_before_reset = true,
                    .functions = {cell_function::hard_sigmoid, cell_function::scaled_tanh},
                    .alpha = {0.3f, 0.9f},
                    .beta = {0.45f, 1.1f}};
    return last_digits_of<20, gru>({{}, other}, {{4, 1, 3}, {1, 6, 3}, {1, 6, 2}, {1, 12}, {1, 1, 2}});
};
constexpr auto gru_of_the_compiler = gru_digits();

} // namespace

TEST_CASE("gru: directions, samples and steps, with the reset before the sum and behind it") {
    for (const bool linear : {false, true})
        for_each_layer(gru{.linear_before_reset = linear}, gru_shapes, check_against_cell<gru_cell, gru>);
}

TEST_CASE("gru: functions of each direction, and clip") {
    gru op{.functions = {cell_function::hard_sigmoid, cell_function::softsign, cell_function::softsign,
                         cell_function::affine},
           .alpha = {0.25f, 0, 0, 0.5f},
           .beta = {0.5f, 0, 0, 0.125f}};
    for_each_layer(op, gru_shapes, check_against_cell<gru_cell, gru>);
    op.clip = 0.625f;
    for_each_layer(op, gru_shapes, check_against_cell<gru_cell, gru>);
    op.linear_before_reset = true;
    for_each_layer(op, gru_shapes, check_against_cell<gru_cell, gru>);
}

TEST_CASE("gru: the same bits at run time as in the compiler") {
    CHECK(gru_digits() == gru_of_the_compiler);
}

TEST_CASE("gru: shapes of the outputs, and of inputs that fit") {
    const gru op{.direction = sequence_direction::bidirectional};
    std::vector<shape> in = gru_shapes({5, 2, 3, 4}, 2);
    CHECK(ctq::output_shape(op, in, 0) == shape{5, 2, 2, 4});
    CHECK(ctq::output_shape(op, in, 1) == shape{2, 2, 4});
    CHECK(ctq::macs(op, in) == 5 * 2 * 2 * 4 * 3 * (3 + 4));
    const auto refused = [&](const char* text) {
        CHECK_THROWS_WITH_AS(static_cast<void>(ctq::output_shape(op, in, 0)), text, ctq::model_error);
    };
    in[2] = {2, 16, 4};
    refused("the weights of a recurrent layer's state are [directions, gates * units, units]");
    in.pop_back();
    refused("gru takes a sequence, weights of inputs and state, a bias and a state");
}

TEST_CASE("gru: it has no integer meaning, and its constants are no rule's") {
    constexpr ctq::signature bytes{ctq::dtype::int8, ctq::dtype::int8, ctq::dtype::int8, ctq::dtype::int32,
                                   ctq::rounding::three_step};
    static_assert(!ctq::has_integer_meaning<gru, bytes>);
    auto operands = random_operands(gru_shapes({3, 1, 2, 2}, 1), 9);
    operands[0].elements.clear();
    const auto graph = quantized_node(gru{}, operands).graph;
    REQUIRE(graph.nodes.size() == 1);
    CHECK(graph.nodes[0].in_float());
    for (const std::size_t input : {1U, 2U, 3U, 4U})
        CHECK(graph.reals(graph.nodes[0].inputs[input])[1] == operands[input].elements[1]);
}
