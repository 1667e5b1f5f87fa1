#pragma once
// The cases of conv2d's kernels, for every architecture: KERNEL_ARCHITECTURE is one of ctq::kernels.

#include "harness.hpp"

#include <ctq/kernels/x86/conv2d.hpp>

namespace kernel_test {

struct convolution_case {
    conv2d op;
    shape in;
    std::int32_t outputs;
    std::int32_t zero_point = -3, output_zero_point = 5;
    pattern activations = pattern::random, weights = pattern::random;
    bool large_scales = false;
};

inline shape weights_shape(const conv2d& op, const shape& in, std::int32_t outputs) {
    const std::int32_t inputs = in[3] / op.groups;
    const row_packing layout = op.packing(inputs, outputs);
    if (conv2d::per_channel_layout(inputs)) return {op.kernel[0], op.kernel[1], outputs};
    return {op.groups, op.kernel[0], layout.dwords(), layout.channels, 4};
}

inline std::string describe(const convolution_case& c) {
    std::string text;
    for (const std::int32_t number :
         {c.in[0],         c.in[1],         c.in[2],         c.in[3],         c.outputs,        c.op.groups,
          c.op.kernel[0],  c.op.kernel[1],  c.op.stride[0],  c.op.stride[1],  c.op.dilation[0], c.op.dilation[1],
          c.op.padding[0], c.op.padding[1], c.op.padding[2], c.op.padding[3], c.zero_point,     c.output_zero_point,
          c.op.range.low,  c.op.range.high})
        text += std::to_string(number) + " ";
    return text;
}

/// The slack of the rows' last dwords is zero, as `packing` promises.
inline void clear_slack(const convolution_case& c, std::int8_t* weights) {
    const std::int32_t inputs = c.in[3] / c.op.groups;
    if (conv2d::per_channel_layout(inputs)) return;
    const row_packing layout = c.op.packing(inputs, c.outputs);
    for (std::int32_t group = 0; group < layout.groups; ++group)
        for (std::int32_t row = 0; row < layout.rows; ++row)
            for (std::int32_t k = layout.row_length; k < 4 * layout.dwords(); ++k)
                for (std::int32_t channel = 0; channel < layout.channels; ++channel)
                    weights[layout.index(group, row, k, channel)] = 0;
}

template <class Architecture, class Requantizer, class Facts>
void check_convolution(const convolution_case& c, const Facts& facts, const tensor_facts& out, std::uint32_t seed) {
    std::mt19937 random(seed);
    const shape packed = weights_shape(c.op, c.in, c.outputs);
    weighted_inputs<Requantizer> inputs(c.in, c.zero_point, packed, c.outputs);
    inputs.randomize(random, c.activations, c.weights,
                     std::int64_t{c.op.kernel[0]} * c.op.kernel[1] * c.in[3] / c.op.groups, c.large_scales);
    clear_slack(c, inputs.weights.memory.template as<std::int8_t>());
    INFO(describe(c));
    REQUIRE(c.op.template never_overflows<Requantizer>(inputs.views(), out));
    std::vector<const_tensor> in = inputs.views();
    std::vector<std::int8_t> residual(out.elements());
    for (std::int8_t& each : residual) each = static_cast<std::int8_t>(random());
    if (c.op.residual != 0) in.push_back({int8_facts(out.shape, -c.zero_point / 2), residual.data()});
    CHECK(differing<Architecture, Requantizer>(facts, in, out) == 0);
}

/// A node whose facts come at run time.
template <class Architecture, class Requantizer> void check(const convolution_case& c, std::uint32_t seed = 1) {
    const shape packed = weights_shape(c.op, c.in, c.outputs);
    const weighted_inputs<Requantizer> inputs(c.in, c.zero_point, packed, c.outputs);
    const tensor_facts out = int8_facts(window_of(c.op).output_shape(c.in, c.outputs), c.output_zero_point);
    const kernels::variable_facts<conv2d> facts{{c.op, inputs.facts, std::span(&out, 1)}};
    check_convolution<Architecture, Requantizer>(c, facts, out, seed);
}

/// The same node with constant facts.
template <conv2d Op, shape In, std::int32_t Outputs, class Requantizer> struct convolution_node {
    static constexpr tensor_facts inputs[] = {int8_facts(In, -128),
                                              {dtype::int8, {}, {}},
                                              {dtype::int32, {Outputs}, {}},
                                              {dtype_of<typename Requantizer::multiplier_type>, {Outputs}, {}},
                                              {dtype::int8, {Outputs}, {}}};
    static constexpr tensor_facts outputs[] = {int8_facts(window_of(Op).output_shape(In, Outputs), 127)};
    static constexpr kernels::node_facts<conv2d> value{Op, inputs, outputs};
};

template <class Architecture, conv2d Op, shape In, std::int32_t Outputs> void check_constant() {
    const convolution_case c{Op, In, Outputs, -128, 127};
    const auto one = [&]<class Requantizer>(Requantizer) {
        using node = convolution_node<Op, In, Outputs, Requantizer>;
        check_convolution<Architecture, Requantizer>(c, kernels::constant_facts<node>{}, node::outputs[0], 7);
    };
    one(three_step{});
    one(double_rounding{});
}

template <class Architecture> void check_both(const convolution_case& c, std::uint32_t seed = 1) {
    check<Architecture, three_step>(c, seed);
    check<Architecture, double_rounding>(c, seed);
}

template <class Architecture> void check_channels() {
    for (const std::int32_t inputs : {1, 2, 3, 8, 15, 16, 17, 33, 64})
        for (const std::int32_t outputs : {1, 2, 3, 8, 15, 16, 17, 33, 64, 80, 130})
            for (const std::int32_t kernel : {1, 3})
                check_both<Architecture>({{.kernel = {kernel, kernel}, .padding = {kernel / 2, 0, 0, kernel / 2}},
                                          {1, 5, 4, inputs},
                                          outputs});
}

template <class Architecture> void check_windows() {
    for (const extents kernel : {extents{1, 1}, {3, 3}, {5, 5}, {1, 4}, {10, 4}})
        for (const std::int32_t size : {1, 2, 3, 5, 7, 8})
            for (const extents stride : {extents{1, 1}, {2, 2}, {3, 1}, {1, 3}})
                for (const extents dilation : {extents{1, 1}, {2, 1}, {2, 2}})
                    for (const std::int32_t batch : {1, 2}) {
                        const conv2d op{.kernel = kernel,
                                        .stride = stride,
                                        .dilation = dilation,
                                        .padding = {dilation[0] * (kernel[0] - 1), kernel[1] - 1, 0,
                                                    (dilation[1] - 1) * (kernel[1] - 1) + 1}};
                        check_both<Architecture>({op, {batch, size, size + 1, 3}, 9});
                    }
}

template <class Architecture> void check_extremes() {
    for (const pattern activations : {pattern::lowest, pattern::highest, pattern::alternating})
        for (const pattern weights : {pattern::lowest, pattern::highest, pattern::alternating})
            for (const std::int32_t zero_point : {-128, 0, 127})
                for (const limits range : {limits{-128, 127}, limits{-7, 90}})
                    check_both<Architecture>({{.kernel = {3, 3}, .padding = {1, 1, 1, 1}, .range = range},
                                              {1, 6, 6, 20},
                                              24,
                                              zero_point,
                                              -zero_point - 1,
                                              activations,
                                              weights});
}

/// Residuals from a weak to the strongest multiplier, over whole and partial blocks; a depthwise layer falls back.
template <class Architecture> void check_residuals() {
    for (const std::int32_t residual : {1, 700, 8192, 32767})
        for (const std::int32_t outputs : {1, 3, 8, 15, 16, 33, 64, 130})
            for (const limits range : {limits{-128, 127}, limits{-100, 99}})
                check<Architecture, three_step>(
                    {{.kernel = {3, 3}, .padding = {1, 1, 1, 1}, .range = range, .residual = residual},
                     {2, 5, 4, 7},
                     outputs});
    check<Architecture, three_step>({{.kernel = {3, 3}, .groups = 8, .residual = 900}, {1, 5, 5, 8}, 8});
    check_constant<Architecture, conv2d{.kernel = {3, 3}, .padding = {1, 1, 1, 1}, .residual = 9000},
                   shape{1, 8, 8, 16}, 16>();
    check_constant<Architecture, conv2d{.kernel = {1, 1}, .residual = 20000}, shape{1, 7, 7, 24}, 40>();
}

template <class Architecture> void check_constants() {
    check_constant<Architecture, conv2d{.kernel = {3, 3}, .padding = {1, 1, 1, 1}}, shape{1, 8, 8, 16}, 16>();
    check_constant<Architecture, conv2d{.kernel = {3, 3}, .padding = {1, 1, 1, 1}}, shape{2, 7, 5, 3}, 40>();
    check_constant<Architecture, conv2d{.kernel = {3, 3}, .stride = {2, 2}, .padding = {0, 0, 1, 1}},
                   shape{1, 12, 12, 3}, 8>();
    check_constant<Architecture, conv2d{.kernel = {10, 4}, .stride = {2, 2}, .padding = {4, 1, 5, 1}},
                   shape{1, 49, 10, 1}, 64>();
    check_constant<Architecture, conv2d{}, shape{1, 25, 5, 64}, 64>();
    check_constant<Architecture, conv2d{}, shape{1, 3, 3, 33}, 130>();
    check_constant<Architecture, conv2d{.stride = {2, 2}}, shape{1, 9, 9, 16}, 32>();
    check_constant<Architecture, conv2d{.kernel = {5, 5}, .dilation = {2, 2}, .range = {-20, 99}}, shape{1, 11, 13, 5},
                   17>();
    check_constant<Architecture, conv2d{.kernel = {3, 3}, .groups = 3}, shape{1, 6, 6, 12}, 24>();
    check_constant<Architecture, conv2d{}, shape{1, 1, 1, 64}, 10>();
}

template <class Architecture> void check_random(int cases) {
    std::mt19937 random(20);
    const auto from = [&](std::int32_t low, std::int32_t high) {
        return low + static_cast<std::int32_t>(random() % static_cast<std::uint32_t>(high - low + 1));
    };
    for (int i = 0; i < cases; ++i) {
        convolution_case c;
        c.op.groups = from(0, 3) == 0 ? from(2, 4) : 1;
        c.op.kernel = {from(1, 5), from(1, 5)};
        c.op.stride = {from(1, 3), from(1, 3)};
        c.op.dilation = {from(1, 2), from(1, 2)};
        c.op.padding = {from(0, 4), from(0, 4), from(0, 4), from(0, 4)};
        c.op.range = {from(-128, 0), from(0, 127)};
        c.in = {from(1, 2), from(9, 16), from(9, 16), c.op.groups * from(1, 40)};
        c.outputs = c.op.groups * from(1, 70);
        c.zero_point = from(-128, 127);
        c.output_zero_point = from(-128, 127);
        c.large_scales = from(0, 1) == 0;
        check_both<Architecture>(c, static_cast<std::uint32_t>(random()));
    }
}

template <class Architecture> void check_depthwise() {
    for (const std::int32_t channels : {2, 3, 8, 15, 16, 17, 24, 32, 33, 40, 48, 64, 65, 96, 128, 130})
        for (const extents kernel : {extents{1, 1}, {3, 3}, {5, 5}, {2, 4}, {10, 4}})
            for (const extents stride : {extents{1, 1}, {2, 2}, {1, 3}})
                for (const std::int32_t dilation : {1, 2})
                    check_both<Architecture>({{.kernel = kernel,
                                               .stride = stride,
                                               .dilation = {dilation, dilation},
                                               .padding = {dilation * (kernel[0] - 1), kernel[1] / 2, 0,
                                                           (dilation - 1) * (kernel[1] - 1) + 2},
                                               .groups = channels,
                                               .range = {-100, 127}},
                                              {1 + channels % 2, 5, 9, channels},
                                              channels,
                                              -128,
                                              30,
                                              pattern::random,
                                              pattern::random,
                                              channels % 3 == 0});
    for (const pattern activations : {pattern::lowest, pattern::highest, pattern::alternating})
        for (const pattern weights : {pattern::lowest, pattern::highest, pattern::alternating})
            for (const std::int32_t channels : {8, 64})
                check_both<Architecture>({{.kernel = {3, 3}, .padding = {1, 1, 1, 1}, .groups = channels},
                                          {1, 6, 6, channels},
                                          channels,
                                          127,
                                          -128,
                                          activations,
                                          weights});
    check_both<Architecture>({{.kernel = {3, 3}, .groups = 5}, {1, 6, 6, 5}, 10});
}

template <class Architecture> void check_depthwise_constants() {
    constexpr margins around{1, 1, 1, 1}, after{0, 0, 1, 1};
    check_constant<Architecture, conv2d{.kernel = {3, 3}, .padding = around, .groups = 64}, shape{1, 25, 5, 64}, 64>();
    check_constant<Architecture, conv2d{.kernel = {3, 3}, .padding = around, .groups = 8}, shape{2, 7, 9, 8}, 8>();
    check_constant<Architecture, conv2d{.kernel = {3, 3}, .stride = {2, 2}, .padding = after, .groups = 16},
                   shape{1, 8, 8, 16}, 16>();
    check_constant<Architecture, conv2d{.kernel = {3, 3}, .stride = {2, 2}, .padding = after, .groups = 128},
                   shape{1, 6, 6, 128}, 128>();
    check_constant<Architecture, conv2d{.kernel = {5, 5}, .padding = {2, 2, 2, 2}, .groups = 33}, shape{1, 6, 7, 33},
                   33>();
    check_constant<Architecture, conv2d{.kernel = {3, 3}, .dilation = {2, 2}, .groups = 96}, shape{1, 7, 8, 96}, 96>();
    check_constant<Architecture, conv2d{.kernel = {4, 2}, .groups = 130}, shape{1, 7, 8, 130}, 130>();
}

} // namespace kernel_test
