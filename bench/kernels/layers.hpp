#pragma once
// The layers of MLPerf Tiny's networks (reference: their shapes at batch 1), each timed with its shapes as constants.
// Include it in a program of one instruction set; ctq::kernels::native is what is measured.

#include <ctq/kernels/vector/all.hpp>

#include <benchmark/benchmark.h>

#include <cstdint>
#include <cstring>
#include <memory>
#include <new>
#include <random>
#include <span>
#include <string>
#include <type_traits>
#include <vector>

namespace ctq_bench {

using namespace ctq;

/// What sums of products are under the default rule.
constexpr signature int8_products{.how = rounding::three_step};
using requantizer = requantizer_of<int8_products>;

constexpr tensor_facts int8_facts(const shape& of) {
    return {dtype::int8, of, {0.05f, -4}};
}

/// The facts of an integer conv2d or dense node.
template <auto Op, shape In, shape Weights, shape Out> struct weighted_node {
    static constexpr std::int32_t channels = Out[Out.rank - 1];
    static constexpr tensor_facts inputs[] = {int8_facts(In),
                                              {dtype::int8, Weights, {}},
                                              {dtype::int32, {channels}, {}},
                                              {dtype_of<requantizer::multiplier_type>, {channels}, {}},
                                              {dtype::int8, {channels}, {}}};
    static constexpr tensor_facts outputs[] = {int8_facts(Out)};
    static constexpr kernels::node_facts<std::remove_cv_t<decltype(Op)>> value{Op, {}, inputs, outputs};
};

constexpr shape packed_shape(const op::conv2d& op, const shape& in, std::int32_t outputs) {
    const std::int32_t inputs = in[3] / op.groups;
    const op::row_packing layout = op.packing(inputs, outputs);
    if (op::conv2d::per_channel_layout(inputs)) return {op.kernel[0], op.kernel[1], outputs};
    return {op.groups, op.kernel[0], layout.dwords(), layout.channels, 4};
}

template <op::conv2d Op, shape In, std::int32_t Outputs>
using convolution = weighted_node<Op, In, packed_shape(Op, In, Outputs), op::window_of(Op).output_shape(In, Outputs)>;
template <std::int32_t Inputs, std::int32_t Outputs>
using fully_connected =
    weighted_node<op::dense{}, shape{1, Inputs}, shape{op::dense::packing(Inputs, Outputs).dwords(), Outputs, 4},
                  shape{1, Outputs}>;

/// Memory on cache lines.
struct aligned_bytes {
    explicit aligned_bytes(std::size_t bytes)
        : memory(static_cast<std::byte*>(::operator new (bytes + 64, std::align_val_t{64}))) {
        std::memset(memory.get(), 0, bytes + 64);
    }
    template <class T> T* as() const { return reinterpret_cast<T*>(memory.get()); }

    struct release {
        void operator()(std::byte* p) const { ::operator delete (p, std::align_val_t{64}); }
    };
    std::unique_ptr<std::byte, release> memory;
};

/// All memory of one layer, filled with reproducible values.
template <class Node> struct layer {
    using operator_type = std::remove_cvref_t<decltype(Node::value.op)>;
    using kernel = kernels::kernel<kernels::native, operator_type, int8_products>;

    std::vector<aligned_bytes> memory;
    std::vector<const_tensor> in;
    ctq::tensor out;
    kernels::workspace space;

    layer() {
        std::mt19937 random(1);
        for (const tensor_facts& facts : Node::inputs) {
            memory.emplace_back(facts.bytes());
            with_element_type(facts.type, [&](auto element) {
                using type = decltype(element);
                auto* values = memory.back().template as<type>();
                if constexpr (std::is_integral_v<type>)
                    for (std::size_t i = 0; i < facts.elements(); ++i) values[i] = static_cast<type>(random());
                in.push_back({facts, const_data(values)});
            });
        }
        fill_scaling();
        memory.emplace_back(Node::outputs[0].bytes());
        out = {Node::outputs[0], data(memory.back().template as<std::int8_t>())};
        memory.emplace_back(kernel::packed_bytes(Node::value));
        kernel::pack(Node::value, in, memory.back().template as<std::int8_t>());
        space.packed = memory.back().template as<std::int8_t>();
        memory.emplace_back(kernel::scratch_bytes(Node::value));
        space.scratch = memory.back().template as<std::byte>();
    }

    void run() { kernel::run(kernels::constant_facts<Node>{}, in, std::span(&out, 1), space); }

  private:
    /// Scales that spread the outputs over the whole range.
    void fill_scaling() {
        const std::size_t channels = in[op::weighted::bias].size();
        const scaling s = requantizer::encode(1.0 / 2000);
        for (std::size_t c = 0; c < channels; ++c) {
            memory[op::weighted::bias].template as<std::int32_t>()[c] %= 10000;
            memory[op::weighted::multiplier].template as<requantizer::multiplier_type>()[c] =
                static_cast<requantizer::multiplier_type>(s.multiplier);
            memory[op::weighted::shift].template as<std::int8_t>()[c] = static_cast<std::int8_t>(s.shift);
        }
    }
};

/// Multiplications with a weight, padding counted.
template <class Node> constexpr std::int64_t macs_of() {
    constexpr std::int64_t outputs = Node::outputs[0].shape.elements();
    if constexpr (requires { Node::value.op.kernel; })
        return outputs * Node::value.op.kernel[0] * Node::value.op.kernel[1] * Node::inputs[0].shape[3] /
               Node::value.op.groups;
    else
        return outputs * Node::inputs[0].shape[1];
}

template <class Node> void time(benchmark::State& state) {
    layer<Node> tested;
    for (auto _ : state) {
        tested.run();
        benchmark::ClobberMemory();
    }
    state.counters["GMAC/s"] =
        benchmark::Counter(static_cast<double>(macs_of<Node>()) * 1e-9, benchmark::Counter::kIsIterationInvariantRate);
}

constexpr op::conv2d square(std::int32_t kernel, std::int32_t stride, op::margins padding) {
    return {.kernel = {kernel, kernel}, .stride = {stride, stride}, .padding = padding};
}
constexpr op::conv2d depthwise(std::int32_t channels, std::int32_t stride, op::margins padding) {
    return {.kernel = {3, 3}, .stride = {stride, stride}, .padding = padding, .groups = channels};
}
constexpr op::margins around{1, 1, 1, 1}, after{0, 0, 1, 1};

/// Calls visit.template operator()<Node>(name) for every layer.
template <class Visitor> void for_each_layer(Visitor visit) {
    visit.template operator()<convolution<square(3, 1, around), shape{1, 32, 32, 3}, 16>>("r8_3x3_3_16_32");
    visit.template operator()<convolution<square(3, 1, around), shape{1, 32, 32, 16}, 16>>("r8_3x3_16_16_32");
    visit.template operator()<convolution<square(3, 2, after), shape{1, 32, 32, 16}, 32>>("r8_3x3_16_32_s2");
    visit.template operator()<convolution<square(1, 2, {}), shape{1, 32, 32, 16}, 32>>("r8_1x1_16_32_s2");
    visit.template operator()<convolution<square(3, 1, around), shape{1, 16, 16, 32}, 32>>("r8_3x3_32_32_16");
    visit.template operator()<convolution<square(3, 2, after), shape{1, 16, 16, 32}, 64>>("r8_3x3_32_64_s2");
    visit.template operator()<convolution<square(1, 2, {}), shape{1, 16, 16, 32}, 64>>("r8_1x1_32_64_s2");
    visit.template operator()<convolution<square(3, 1, around), shape{1, 8, 8, 64}, 64>>("r8_3x3_64_64_8");
    visit.template operator()<fully_connected<64, 10>>("r8_fc_64_10");
    visit.template operator()<
        convolution<op::conv2d{.kernel = {10, 4}, .stride = {2, 2}, .padding = {4, 1, 5, 1}}, shape{1, 49, 10, 1}, 64>>(
        "kws_10x4_1_64_s2");
    visit.template operator()<convolution<depthwise(64, 1, around), shape{1, 25, 5, 64}, 64>>("kws_dw3_64_25x5");
    visit.template operator()<convolution<square(1, 1, {}), shape{1, 25, 5, 64}, 64>>("kws_1x1_64_64_25x5");
    visit.template operator()<fully_connected<64, 12>>("kws_fc_64_12");
    visit.template operator()<convolution<square(3, 2, after), shape{1, 96, 96, 3}, 8>>("vww_3x3_3_8_s2");
    visit.template operator()<convolution<depthwise(8, 1, around), shape{1, 48, 48, 8}, 8>>("vww_dw3_8_48_s1");
    visit.template operator()<convolution<square(1, 1, {}), shape{1, 48, 48, 8}, 16>>("vww_1x1_8_16_48");
    visit.template operator()<convolution<depthwise(16, 2, after), shape{1, 48, 48, 16}, 16>>("vww_dw3_16_48_s2");
    visit.template operator()<convolution<square(1, 1, {}), shape{1, 24, 24, 16}, 32>>("vww_1x1_16_32_24");
    visit.template operator()<convolution<depthwise(32, 1, around), shape{1, 24, 24, 32}, 32>>("vww_dw3_32_24_s1");
    visit.template operator()<convolution<square(1, 1, {}), shape{1, 24, 24, 32}, 32>>("vww_1x1_32_32_24");
    visit.template operator()<convolution<depthwise(32, 2, after), shape{1, 24, 24, 32}, 32>>("vww_dw3_32_24_s2");
    visit.template operator()<convolution<square(1, 1, {}), shape{1, 12, 12, 32}, 64>>("vww_1x1_32_64_12");
    visit.template operator()<convolution<depthwise(64, 1, around), shape{1, 12, 12, 64}, 64>>("vww_dw3_64_12_s1");
    visit.template operator()<convolution<square(1, 1, {}), shape{1, 12, 12, 64}, 64>>("vww_1x1_64_64_12");
    visit.template operator()<convolution<depthwise(128, 1, around), shape{1, 6, 6, 128}, 128>>("vww_dw3_128_6_s1");
    visit.template operator()<convolution<square(1, 1, {}), shape{1, 6, 6, 128}, 128>>("vww_1x1_128_128_6");
    visit.template operator()<convolution<square(1, 1, {}), shape{1, 3, 3, 256}, 256>>("vww_1x1_256_256_3");
    visit.template operator()<fully_connected<256, 2>>("vww_fc_256_2");
    visit.template operator()<fully_connected<640, 128>>("ad_fc_640_128");
    visit.template operator()<fully_connected<128, 128>>("ad_fc_128_128");
    visit.template operator()<fully_connected<128, 8>>("ad_fc_128_8");
    visit.template operator()<fully_connected<8, 128>>("ad_fc_8_128");
    visit.template operator()<fully_connected<128, 640>>("ad_fc_128_640");
}

} // namespace ctq_bench
