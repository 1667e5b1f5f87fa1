#pragma once
// The cases of the kernels without weights, for every architecture.

#include "harness.hpp"

#include <ctq/kernels/x86/x86.hpp>

namespace kernel_test {

/// Checks a node with facts at run time, from int8 inputs of these shapes and zero points.
template <class Architecture, class Requantizer, class Op>
void check_node(const Op& op, std::vector<shape> shapes, const shape& out_shape, std::uint32_t seed,
                pattern values = pattern::random) {
    std::mt19937 random(seed);
    const auto zero_point = [&] { return static_cast<std::int32_t>(random() % 256) - 128; };
    std::vector<tensor_facts> in_facts;
    for (const shape& of : shapes) in_facts.push_back(int8_facts(of, zero_point()));
    const tensor_facts out = int8_facts(
        out_shape, range_rule_of<Op> == range_rule::same_as_input ? in_facts[0].quantization.zero_point : zero_point());
    std::vector<std::unique_ptr<owned_tensor>> owned;
    std::vector<const_tensor> in;
    for (const tensor_facts& facts : in_facts) {
        owned.push_back(std::make_unique<owned_tensor>(facts));
        owned.back()->fill(values, random);
        in.push_back(owned.back()->view());
    }
    const kernels::variable_facts<Op> facts{{op, in_facts, std::span(&out, 1)}};
    std::string text;
    for (const shape& of : shapes) {
        for (int axis = 0; axis < of.rank; ++axis) text += std::to_string(of[axis]) + " ";
        text += "; ";
    }
    INFO(text);
    CHECK(differing<Architecture, Requantizer>(facts, in, out) == 0);
}

template <class Architecture, class Op, class Encode>
void check_binary(const std::vector<std::pair<shape, shape>>& operands, Encode encode) {
    std::uint32_t seed = 1;
    for (const auto& [a, b] : operands)
        for (int repeat = 0; repeat < 6; ++repeat) {
            std::mt19937 random(seed);
            const auto real = [&](double low, double high) {
                return std::exp2(std::uniform_real_distribution<double>(low, high)(random));
            };
            Op op;
            if (repeat % 2 == 1) op.range = {-static_cast<std::int32_t>(random() % 128), 77};
            const double scale_a = real(-9, 2), scale_b = real(-9, 2), scale_out = real(-9, 2);
            const pattern values = repeat == 5 ? pattern::alternating : pattern::random;
            encode(op, three_step{}, scale_a, scale_b, scale_out);
            check_node<Architecture, three_step>(op, {a, b}, broadcast(a, b), seed, values);
            encode(op, double_rounding{}, scale_a, scale_b, scale_out);
            check_node<Architecture, double_rounding>(op, {a, b}, broadcast(a, b), seed++, values);
        }
}

inline std::vector<std::pair<shape, shape>> operand_shapes() {
    std::vector<std::pair<shape, shape>> result;
    for (const std::int32_t channels : {1, 2, 3, 8, 15, 16, 17, 33, 64, 100}) {
        const shape image{2, 3, 5, channels};
        result.insert(result.end(), {{image, image},
                                     {image, {channels}},
                                     {{1, 1, 1, channels}, image},
                                     {image, {}},
                                     {image, {1}},
                                     {image, {5, channels}},
                                     {image, {2, 1, 1, channels}},
                                     {{2, 3, 5, 1}, image},
                                     {{3, 1, channels}, {2, 1, 5, 1}}});
    }
    return result;
}

template <class Architecture> void check_add() {
    check_binary<Architecture, add>(operand_shapes(), [](add& op, auto requantizer, double a, double b, double out) {
        op.scales = weighted_sum<decltype(requantizer)>::encode(a, b, out);
    });
}

template <class Architecture> void check_multiply() {
    check_binary<Architecture, multiply>(operand_shapes(),
                                         [](multiply& op, auto requantizer, double a, double b, double out) {
                                             op.scale = decltype(requantizer)::encode(a * b / out);
                                             if (65025 > decltype(requantizer)::headroom(op.scale))
                                                 op.scale = decltype(requantizer)::encode(0.01);
                                         });
}

template <class Architecture, class Op> void check_pools(const std::vector<Op>& variants) {
    std::uint32_t seed = 1;
    for (const Op& variant : variants)
        for (const std::int32_t channels : {1, 2, 3, 8, 15, 16, 17, 33, 64, 130})
            for (const extents kernel : {extents{1, 1}, {2, 2}, {3, 3}, {2, 5}, {7, 7}})
                for (const extents stride : {extents{1, 1}, {2, 2}, {3, 1}})
                    for (const margins padding : {margins{}, {1, 1, 1, 1}, {0, 1, 3, 0}}) {
                        Op op = variant;
                        op.kernel = kernel;
                        op.stride = stride;
                        op.padding = padding;
                        const window over = window_of(op);
                        if (padding[0] >= over.span(0) || padding[1] >= over.span(1)) continue;
                        if (padding[2] >= over.span(0)) op.padding[2] = 0;
                        if (padding[3] >= over.span(1)) op.padding[3] = 0;
                        const shape in{1 + channels % 2, over.span(0) + 4, over.span(1) + 5, channels};
                        check_node<Architecture, three_step>(op, {in}, op.output_shape(std::span(&in, 1)), seed,
                                                             seed % 7 == 0    ? pattern::lowest
                                                             : seed % 11 == 0 ? pattern::highest
                                                                              : pattern::random);
                        ++seed;
                    }
}

template <class Architecture> void check_max_pool() {
    check_pools<Architecture, max_pool>({max_pool{}, max_pool{.dilation = {2, 1}}, max_pool{.dilation = {1, 2}}});
}

template <class Architecture> void check_average_pool() {
    check_pools<Architecture, average_pool>({average_pool{}, average_pool{.count_padding = true}});
}

/// Cells whose float reciprocal is inexact, and the largest windows.
template <class Architecture> void check_average_pool_division() {
    for (const std::int32_t cells : {2, 3, 7, 41, 47, 55, 61, 64, 83, 97, 8191, 8192, 8193})
        for (const pattern values : {pattern::random, pattern::lowest, pattern::highest, pattern::alternating}) {
            const shape in{1, cells, 1, 128};
            const average_pool op{.kernel = {cells, 1}};
            check_node<Architecture, three_step>(op, {in}, op.output_shape(std::span(&in, 1)), 5, values);
        }
}

template <class Architecture> void check_reduce_mean() {
    std::uint32_t seed = 1;
    for (const std::int32_t channels : {1, 2, 3, 8, 15, 16, 17, 33, 64, 130})
        for (const std::vector<int>& axes : {std::vector<int>{1, 2}, {2}, {1}, {3}, {1, 3}, {0, 1, 2, 3}}) {
            const shape in{2, 6, 5, channels};
            reduce_mean op;
            std::int64_t cells = 1;
            for (const int axis : axes) {
                op.axes.insert(axis);
                cells *= in[axis];
            }
            for (const double ratio : {0.4, 1.0, 3.0}) {
                const shape out = op.output_shape(std::span(&in, 1));
                op.scale = three_step::encode(ratio / static_cast<double>(cells));
                check_node<Architecture, three_step>(op, {in}, out, seed);
                op.scale = double_rounding::encode(ratio / static_cast<double>(cells));
                check_node<Architecture, double_rounding>(op, {in}, out, seed++);
            }
        }
}

} // namespace kernel_test
