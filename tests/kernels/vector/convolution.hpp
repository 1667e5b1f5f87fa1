#pragma once
// What the tests of conv2d and of depthwise share: a convolution, with facts at run time and constant, as both
// requantizers finish it. room: tests | runs on: all | heap: yes

#include <ctq/kernels/vector/conv2d.hpp>

#include <kernels/vector/harness.hpp>

namespace kernel_test {

struct convolution_case {
    op::conv2d op;
    shape in;
    std::int32_t outputs;
    std::int32_t zero_point = -3, output_zero_point = 5;
    pattern activations = pattern::random, weights = pattern::random;
    bool large_scales = false;
    limits range = limits_of(dtype::int8);
    std::int32_t residual = 0;
};

inline shape weights_shape(const op::conv2d& op, const shape& in, std::int32_t outputs) {
    const std::int32_t inputs = in[3] / op.groups;
    const op::row_packing layout = op.packing(inputs, outputs);
    if (op::conv2d::per_channel_layout(inputs)) return {op.kernel[0], op.kernel[1], outputs};
    return {op.groups, op.kernel[0], layout.dwords(), layout.channels, 4};
}

inline std::string describe(const convolution_case& c) {
    std::string text;
    for (const std::int32_t number :
         {c.in[0],         c.in[1],         c.in[2],         c.in[3],         c.outputs,        c.op.groups,
          c.op.kernel[0],  c.op.kernel[1],  c.op.stride[0],  c.op.stride[1],  c.op.dilation[0], c.op.dilation[1],
          c.op.padding[0], c.op.padding[1], c.op.padding[2], c.op.padding[3], c.zero_point,     c.output_zero_point,
          c.range.low,     c.range.high})
        text += std::to_string(number) + " ";
    return text;
}

/// The slack of the rows' last dwords is zero, as `packing` promises.
inline void clear_slack(const convolution_case& c, std::int8_t* weights) {
    const std::int32_t inputs = c.in[3] / c.op.groups;
    if (op::conv2d::per_channel_layout(inputs)) return;
    const op::row_packing layout = c.op.packing(inputs, c.outputs);
    for (std::int32_t group = 0; group < layout.groups; ++group)
        for (std::int32_t row = 0; row < layout.rows; ++row)
            for (std::int32_t k = layout.row_length; k < 4 * layout.dwords(); ++k)
                for (std::int32_t channel = 0; channel < layout.channels; ++channel)
                    weights[layout.index(group, row, k, channel)] = 0;
}

template <class Requantizer, class Facts>
void check_convolution(const convolution_case& c, const Facts& facts, const tensor_facts& out, std::uint32_t seed) {
    std::mt19937 random(seed);
    const shape packed = weights_shape(c.op, c.in, c.outputs);
    weighted_inputs<Requantizer> inputs(c.in, c.zero_point, packed, c.outputs);
    inputs.randomize(random, c.activations, c.weights,
                     std::int64_t{c.op.kernel[0]} * c.op.kernel[1] * c.in[3] / c.op.groups, c.large_scales);
    clear_slack(c, inputs.weights.memory.template as<std::int8_t>());
    INFO(describe(c));
    REQUIRE(ctq::never_overflows<bytes_under<Requantizer>>(c.op, {c.residual}, inputs.views(), out));
    std::vector<const_tensor> in = inputs.views();
    std::vector<std::int8_t> residual(out.elements());
    for (std::int8_t& each : residual) each = static_cast<std::int8_t>(random());
    if (c.residual != 0) in.push_back({int8_facts(out.shape, -c.zero_point / 2), residual.data()});
    CHECK(differing<Requantizer>(facts, in, out) == 0);
    if (!kernels::vector::is_depthwise(facts.value)) CHECK(differing_in_pieces<Requantizer>(facts.value, in) == 0);
}

/// The case with another range of outputs and with a residual of this multiplier.
inline convolution_case with(convolution_case c, const limits& range, std::int32_t residual = 0) {
    c.range = range;
    c.residual = residual;
    return c;
}

/// A node whose facts come at run time.
template <class Requantizer> void check(const convolution_case& c, std::uint32_t seed = 1) {
    const shape packed = weights_shape(c.op, c.in, c.outputs);
    const weighted_inputs<Requantizer> inputs(c.in, c.zero_point, packed, c.outputs);
    tensor_facts out = int8_facts(op::window_of(c.op).output_shape(c.in, c.outputs), c.output_zero_point);
    out.range = c.range;
    const kernels::variable_facts<op::conv2d> facts{{c.op, {c.residual}, inputs.facts, std::span(&out, 1)}};
    check_convolution<Requantizer>(c, facts, out, seed);
}

/// The same node with constant facts.
template <op::conv2d Op, shape In, std::int32_t Outputs, class Requantizer, limits Range, std::int32_t Residual>
struct convolution_node {
    static constexpr tensor_facts inputs[] = {int8_facts(In, -128),
                                              {dtype::int8, {}, {}},
                                              {dtype::int32, {Outputs}, {}},
                                              {dtype_of<typename Requantizer::multiplier_type>, {Outputs}, {}},
                                              {dtype::int8, {Outputs}, {}}};
    static constexpr tensor_facts outputs[] = {
        {dtype::int8, op::window_of(Op).output_shape(In, Outputs), {0.05f, 127}, Range}};
    static constexpr kernels::node_facts<op::conv2d> value{Op, {Residual}, inputs, outputs};
};

template <op::conv2d Op, shape In, std::int32_t Outputs, limits Range = limits_of(dtype::int8),
          std::int32_t Residual = 0>
void check_constant() {
    const convolution_case c = with({Op, In, Outputs, -128, 127}, Range, Residual);
    const auto one = [&]<class Requantizer>(Requantizer) {
        using node = convolution_node<Op, In, Outputs, Requantizer, Range, Residual>;
        check_convolution<Requantizer>(c, kernels::constant_facts<node>{}, node::outputs[0], 7);
    };
    one(three_step{});
    if constexpr (Residual == 0) one(double_rounding{});
}

inline void check_both(const convolution_case& c, std::uint32_t seed = 1) {
    check<three_step>(c, seed);
    check<double_rounding>(c, seed);
}

} // namespace kernel_test
