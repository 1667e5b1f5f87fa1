#pragma once
// What the tests of recurrent operators share: layers with random operands, ONNX's definitions in double, and runs
// whose last digits show what is fused.

#include <ctq/operators/recurrent.hpp>

#include <doctest/doctest.h>
#include <operators/single_node.hpp>

#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <vector>

namespace ctq::testing {

/// ONNX's definition of a cell's function.
inline double defined(op::cell_function function, double x, double alpha, double beta) {
    using op::cell_function;
    switch (function) {
    case cell_function::relu:
        return std::fmax(x, 0);
    case cell_function::tanh:
        return std::tanh(x);
    case cell_function::sigmoid:
        return 1 / (1 + std::exp(-x));
    case cell_function::affine:
        return alpha * x + beta;
    case cell_function::leaky_relu:
        return x >= 0 ? x : alpha * x;
    case cell_function::thresholded_relu:
        return x >= alpha ? x : 0;
    case cell_function::scaled_tanh:
        return alpha * std::tanh(beta * x);
    case cell_function::hard_sigmoid:
        return std::fmin(std::fmax(alpha * x + beta, 0), 1);
    case cell_function::elu:
        return x >= 0 ? x : alpha * std::expm1(x);
    case cell_function::softsign:
        return x / (1 + std::fabs(x));
    default:
        return x > 30 ? x : std::log1p(std::exp(x));
    }
}

/// Extents of a layer.
struct recurrent_sizes {
    int steps, samples, inputs, units;
};

/// The operands that every recurrent operator takes.
inline std::vector<shape> recurrent_shapes(const recurrent_sizes& of, int gates, int directions) {
    const std::int32_t rows = gates * of.units;
    return {{of.steps, of.samples, of.inputs},
            {directions, rows, of.inputs},
            {directions, rows, of.units},
            {directions, 2 * rows},
            {directions, of.samples, of.units}};
}

inline std::vector<operand> random_operands(const std::vector<shape>& of, unsigned seed) {
    dice random(seed);
    std::vector<operand> operands;
    for (const shape& each : of) operands.push_back({each, random.reals(each.elements(), -1.5f, 1.5f)});
    return operands;
}

/// One sequence of one direction in double, after ONNX's equations; what a cell is derives from it.
template <class Op> class reference_cell {
    const Op& op_;
    const std::vector<operand>& in_;
    int direction_, sample_;

  protected:
    std::vector<double> h_;

    /// An operand's element.
    double at(std::size_t input, std::initializer_list<int> place) const {
        int index = 0, axis = 0;
        for (const int each : place) index = index * in_[input].of[axis++] + each;
        return static_cast<double>(in_[input].elements[static_cast<std::size_t>(index)]);
    }
    const Op& operation() const { return op_; }
    int direction() const { return direction_; }
    int sample() const { return sample_; }
    int units() const { return in_[4].of[2]; }

    double function(std::size_t which, double x) const {
        const std::size_t place = static_cast<std::size_t>(direction_) * (op_.functions.size() / 2) + which;
        return defined(op_.functions[place], x, static_cast<double>(op_.alpha[place]),
                       static_cast<double>(op_.beta[place]));
    }
    /// Of what is clipped.
    double gate(std::size_t which, double x) const {
        const auto most = static_cast<double>(op_.clip);
        return function(which, std::fmin(std::fmax(x, -most), most));
    }

    /// X_t * W^T + Wb
    double of_inputs(int number, int unit, int t) const {
        const int row = number * units() + unit;
        double result = at(3, {direction_, row});
        for (int k = 0; k < in_[0].of[2]; ++k) result += at(0, {t, sample_, k}) * at(1, {direction_, row, k});
        return result;
    }
    /// H * R^T + Rb
    double of_state(int number, int unit, const std::vector<double>& h) const {
        const int row = number * units() + unit;
        double result = at(3, {direction_, in_[1].of[1] + row});
        for (int k = 0; k < units(); ++k) result += h[static_cast<std::size_t>(k)] * at(2, {direction_, row, k});
        return result;
    }
    double sum(int number, int unit, int t) const { return of_inputs(number, unit, t) + of_state(number, unit, h_); }

    std::vector<double> row_of(std::size_t input) const {
        std::vector<double> row;
        for (int unit = 0; unit < units(); ++unit) row.push_back(at(input, {direction_, sample_, unit}));
        return row;
    }

  public:
    reference_cell(const Op& op, const std::vector<operand>& in, int direction, int sample)
        : op_(op), in_(in), direction_(direction), sample_(sample), h_(row_of(4)) {}

    const std::vector<double>& h() const { return h_; }
};

inline void check_near(const std::vector<float>& made, int row, const std::vector<double>& wanted) {
    for (std::size_t i = 0; i < wanted.size(); ++i) {
        const auto value = static_cast<double>(made[static_cast<std::size_t>(row) * wanted.size() + i]);
        CHECK(std::fabs(value - wanted[i]) <= 2e-5 * (1 + std::fabs(wanted[i])));
    }
}

/// Every output is what `Cell`, a reference_cell with `step(t)`, makes.
template <class Cell, class Op> void check_against_cell(const Op& op, const std::vector<operand>& in) {
    const auto out = float_results(op, in);
    const int steps = in[0].of[0], samples = in[0].of[1], directions = in[1].of[0];
    for (int d = 0; d < directions; ++d)
        for (int n = 0; n < samples; ++n) {
            Cell right(op, in, d, n);
            const bool backwards = d == 1 || op.direction == op::sequence_direction::reverse;
            for (int step = 0; step < steps; ++step) {
                const int t = backwards ? steps - 1 - step : step;
                right.step(t);
                check_near(out[0], (t * directions + d) * samples + n, right.h());
            }
            check_near(out[1], d * samples + n, right.h());
        }
}

/// Calls visit(op, operands) for each direction of an operator and sizes of several kinds; `shapes`: those of its
/// operands, from the sizes and how many directions there are.
template <class Op, class Shapes, class Visitor> void for_each_layer(Op op, Shapes shapes_of, Visitor visit) {
    unsigned seed = 0;
    for (const auto direction :
         {op::sequence_direction::forward, op::sequence_direction::reverse, op::sequence_direction::bidirectional})
        for (const recurrent_sizes& sizes : {recurrent_sizes{1, 1, 1, 1}, {7, 1, 3, 5}, {4, 3, 2, 4}}) {
            CAPTURE(static_cast<int>(direction));
            CAPTURE(sizes.steps);
            op.direction = direction;
            const int directions = direction == op::sequence_direction::bidirectional ? 2 : 1;
            visit(op, random_operands(shapes_of(sizes, directions), ++seed));
        }
}

/// All outputs, whose `N` reals lie one after the other, from operands that are the same everywhere.
template <std::size_t N, class Op>
constexpr std::array<float, N> last_digits_of(const std::vector<Op>& ops, const std::vector<shape>& of) {
    std::vector<operand> operands;
    std::uint32_t next = 1;
    for (const shape& each : of) {
        operands.push_back({each, {}});
        for (std::int64_t i = 0; i < each.elements(); ++i) {
            next = next * 1664525U + 1013904223U;
            operands.back().elements.push_back(static_cast<float>(next >> 8) / 8388608.0f - 1.0f);
        }
    }
    std::array<float, N> result{};
    std::size_t at = 0;
    for (const Op& op : ops)
        for (const auto& each : float_results(op, operands))
            for (const float real : each) result[at++] = real;
    return result;
}

} // namespace ctq::testing
