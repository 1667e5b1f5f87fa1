#include <ctq/operators/recurrent.hpp>

#include <doctest/doctest.h>
#include <operators/recurrent_layers.hpp>

#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <vector>

using namespace ctq::testing;
using ctq::shape;
using ctq::op::cell_function;
using ctq::op::sequence_direction;

namespace {

/// Of a cell with three gates.
struct three_gates {
    static constexpr std::int64_t gates = 3;
    sequence_direction direction = sequence_direction::forward;
    std::array<cell_function, 1> functions{};
    std::array<float, 1> alpha{}, beta{};
    float clip = 1;
};

const char* const wrong_directions =
    "a recurrent layer's weights are [directions, gates * units, ...]; two directions if it is bidirectional";

const std::vector<shape> right_shapes{{5, 2, 4}, {1, 9, 4}, {1, 9, 3}, {1, 18}, {1, 2, 3}};

void refused_layer(const three_gates& op, const std::vector<shape>& in, const char* text) {
    CAPTURE(text);
    CHECK_THROWS_WITH_AS(ctq::op::check_recurrent(op, in), text, ctq::model_error);
}

} // namespace

TEST_CASE("recurrent: each function of a cell is what ONNX says") {
    for (int which = 0; which <= static_cast<int>(cell_function::softplus); ++which) {
        CAPTURE(which);
        const auto function = static_cast<cell_function>(which);
        for (const float x : {-100.0f, -2.5f, -0.25f, 0.0f, 0.25f, 0.7f, 1.0f, 3.0f, 100.0f}) {
            const double wanted = defined(function, static_cast<double>(x), 0.25, 0.5);
            const auto made = static_cast<double>(ctq::op::value_of(function, x, 0.25f, 0.5f));
            CHECK(std::fabs(made - wanted) <= 1e-7 * std::fabs(wanted) + 1e-15);
        }
    }
}

TEST_CASE("recurrent: the steps of each direction, and the states that they read and make") {
    for (const sequence_direction direction :
         {sequence_direction::forward, sequence_direction::reverse, sequence_direction::bidirectional}) {
        const int directions = direction == sequence_direction::bidirectional ? 2 : 1;
        const std::vector<shape> of{{3, 2, 1}, {}, {directions, 1, 1}, {}, {directions, 2, 1}};
        const std::vector<float> x{0, 1, 10, 11, 20, 21}, initial{100, 200, 300, 400};
        std::vector<ctq::const_tensor> in;
        for (const shape& each : of) in.push_back({{ctq::dtype::float32, each}, initial.data()});
        in[0].elements = x.data();
        std::vector<float> all(static_cast<std::size_t>(6 * directions)),
            last(static_cast<std::size_t>(2 * directions));
        const std::vector<ctq::tensor> out{{{ctq::dtype::float32, {3, directions, 2, 1}}, all.data()},
                                           {{ctq::dtype::float32, {directions, 2, 1}}, last.data()}};
        ctq::op::for_each_step(direction, in, out, [](const ctq::op::recurrent_step& at) {
            CHECK(at.sequence / 2 == at.direction);
            *at.scratch = -1;
            *at.after = *at.before + *at.x;
        });
        // Sums of what was read so far; the samples lie beside each other.
        if (direction == sequence_direction::forward) {
            CHECK(all == std::vector<float>{100, 201, 110, 212, 130, 233});
            CHECK(last == std::vector<float>{130, 233});
        } else if (direction == sequence_direction::reverse) {
            CHECK(all == std::vector<float>{130, 233, 130, 232, 120, 221});
            CHECK(last == std::vector<float>{130, 233});
        } else {
            CHECK(all == std::vector<float>{100, 201, 330, 433, 110, 212, 330, 432, 130, 233, 320, 421});
            CHECK(last == std::vector<float>{130, 233, 330, 433});
        }
    }
}

TEST_CASE("recurrent: inputs that do not fit each other") {
    ctq::op::check_recurrent(three_gates{.direction = sequence_direction::reverse}, right_shapes);
    refused_layer({.direction = sequence_direction::bidirectional}, right_shapes, wrong_directions);
    struct wrong_input {
        std::size_t input;
        std::vector<shape> of;
        const char* text;
    };
    for (const wrong_input& each : {
             wrong_input{0, {{5, 4}}, "a recurrent layer reads a sequence of [steps, samples, inputs]"},
             {1,
              {{1, 9, 5}, {1, 8, 4}, {9, 4}},
              "the weights of a recurrent layer's inputs are [directions, gates * units, inputs]"},
             {2, {{2, 9, 3}, {9, 3}}, wrong_directions},
             {2,
              {{1, 9, 4}, {1, 6, 3}},
              "the weights of a recurrent layer's state are [directions, gates * units, units]"},
             {3, {{1, 9}, {2, 18}, {18}}, "a recurrent layer's bias is [directions, 2 * gates * units]"},
             {4,
              {{1, 3, 3}, {1, 2, 4}, {2, 2, 3}, {2, 3}},
              "a recurrent layer's initial state is [directions, samples, units]"},
         })
        for (const shape& of : each.of) {
            std::vector<shape> in = right_shapes;
            in[each.input] = of;
            refused_layer({}, in, each.text);
        }
}

TEST_CASE("recurrent: numbers that no cell can have") {
    constexpr float infinity = std::numeric_limits<float>::infinity(), nan = std::numeric_limits<float>::quiet_NaN();
    ctq::op::check_recurrent(three_gates{.clip = infinity}, right_shapes);
    for (const float clip : {0.0f, -1.0f, nan})
        refused_layer({.clip = clip}, right_shapes, "a recurrent layer's clip must be positive");
    for (const float each : {infinity, nan}) {
        refused_layer({.alpha = {each}}, right_shapes, "the alphas and betas of a recurrent layer must be finite");
        refused_layer({.beta = {each}}, right_shapes, "the alphas and betas of a recurrent layer must be finite");
    }
}
