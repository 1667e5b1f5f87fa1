#include <ctq/operators/lstm.hpp>

#include <doctest/doctest.h>
#include <operators/recurrent_layers.hpp>
#include <operators/single_node.hpp>

#include <cstddef>
#include <vector>

using namespace ctq::testing;
using ctq::shape;
using ctq::op::cell_function;
using ctq::op::lstm;
using ctq::op::sequence_direction;

namespace {

std::vector<shape> lstm_shapes(const recurrent_sizes& of, int directions) {
    std::vector<shape> all = recurrent_shapes(of, 4, directions);
    all.push_back(all[4]);
    all.push_back({directions, 3 * of.units});
    return all;
}

constexpr auto lstm_digits = [] {
    const lstm other{.functions = {cell_function::hard_sigmoid, cell_function::affine, cell_function::scaled_tanh},
                     .alpha = {0.3f, 0.7f, 0.9f},
                     .beta = {0.45f, 0.1f, 1.1f}};
    return last_digits_of<24, lstm>({{}, other},
                                    {{4, 1, 3}, {1, 8, 3}, {1, 8, 2}, {1, 16}, {1, 1, 2}, {1, 1, 2}, {1, 6}});
};
constexpr auto lstm_of_the_compiler = lstm_digits();

} // namespace

TEST_CASE("lstm: the same bits at run time as in the compiler") {
    CHECK(lstm_digits() == lstm_of_the_compiler);
}

TEST_CASE("lstm: shapes of the outputs, and of inputs that fit") {
    const lstm op{.direction = sequence_direction::bidirectional};
    const std::vector<shape> in = lstm_shapes({5, 2, 3, 4}, 2);
    CHECK(ctq::output_shape(op, in, 0) == shape{5, 2, 2, 4});
    CHECK(ctq::output_shape(op, in, 1) == shape{2, 2, 4});
    CHECK(ctq::output_shape(op, in, 2) == shape{2, 2, 4});
    CHECK(ctq::macs(op, in) == 5 * 2 * 2 * 4 * 4 * (3 + 4));
    const auto refused = [&](const std::vector<shape>& of, const char* text) {
        CHECK_THROWS_WITH_AS(static_cast<void>(ctq::output_shape(op, of, 0)), text, ctq::model_error);
    };
    refused({in.begin(), in.end() - 1},
            "lstm takes a sequence, weights of inputs and state, a bias, a state, a cell and peepholes");
    std::vector<shape> wrong = in;
    wrong[2] = {2, 12, 4};
    refused(wrong, "the weights of a recurrent layer's state are [directions, gates * units, units]");
    wrong = in;
    wrong[5] = {2, 2, 3};
    refused(wrong, "the initial cell must have the initial state's shape");
    wrong = in;
    wrong[6] = {2, 16};
    refused(wrong, "the peepholes are [directions, 3 * units]");
}

TEST_CASE("lstm: it has no integer meaning, and its constants are no rule's") {
    constexpr ctq::signature bytes{ctq::dtype::int8, ctq::dtype::int8, ctq::dtype::int8, ctq::dtype::int32,
                                   ctq::rounding::three_step};
    static_assert(!ctq::has_integer_meaning<lstm, bytes>);
    auto operands = random_operands(lstm_shapes({3, 1, 2, 2}, 1), 9);
    operands[0].elements.clear();
    const auto graph = quantized_node(lstm{}, operands).graph;
    REQUIRE(graph.nodes.size() == 1);
    CHECK(graph.nodes[0].in_float());
    for (const std::size_t input : {1U, 2U, 3U, 4U, 5U, 6U})
        CHECK(graph.reals(graph.nodes[0].inputs[input])[1] == operands[input].elements[1]);
}
