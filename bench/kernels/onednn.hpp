#pragma once
// The same layers through oneDNN (Debian's libdnnl-dev), as a peer in the same run: u8 activations, s8 weights, one
// scale a channel, bias; "any" layouts, arguments prepared once. Its numbers are not checked, only timed.

#include "layers.hpp"

#if __has_include(<oneapi/dnnl/dnnl.hpp>) && defined(CTQ_BENCH_ONEDNN)

#include <oneapi/dnnl/dnnl.hpp>

#include <unordered_map>

namespace ctq_bench {

struct onednn_layer {
    dnnl::engine engine{dnnl::engine::kind::cpu, 0};
    dnnl::stream stream{engine};
    dnnl::primitive primitive;
    std::unordered_map<int, dnnl::memory> arguments;

    void run() {
        primitive.execute(stream, arguments);
        stream.wait();
    }

    template <class Descriptor> void prepare(const Descriptor& descriptor) {
        primitive = dnnl::primitive(descriptor);
        const std::pair<int, dnnl::memory::desc> all[] = {{DNNL_ARG_SRC, descriptor.src_desc()},
                                                          {DNNL_ARG_WEIGHTS, descriptor.weights_desc()},
                                                          {DNNL_ARG_BIAS, descriptor.bias_desc()},
                                                          {DNNL_ARG_DST, descriptor.dst_desc()}};
        for (const auto& [name, of] : all) {
            dnnl::memory memory(of, engine);
            std::memset(memory.get_data_handle(), 1, of.get_size());
            arguments.emplace(name, memory);
        }
    }
};

inline dnnl::primitive_attr channel_scales(std::int32_t channels) {
    dnnl::primitive_attr attributes;
    attributes.set_output_scales(2, std::vector<float>(static_cast<std::size_t>(channels), 0.001f));
    return attributes;
}

template <class Node> onednn_layer make_onednn() {
    using dims = dnnl::memory::dims;
    using type = dnnl::memory::data_type;
    using tag = dnnl::memory::format_tag;
    const auto desc = [](const dims& of, type t, tag layout = tag::any) { return dnnl::memory::desc(of, t, layout); };
    const shape &in = Node::inputs[0].shape, &out = Node::outputs[0].shape;
    onednn_layer result;
    if constexpr (requires { Node::value.op.kernel; }) {
        const op::conv2d& op = Node::value.op;
        const std::int64_t inputs = in[3] / op.groups, outputs = out[3] / op.groups;
        const dims weights = op.groups > 1 ? dims{op.groups, outputs, inputs, op.kernel[0], op.kernel[1]}
                                           : dims{outputs, inputs, op.kernel[0], op.kernel[1]};
        const dnnl::convolution_forward::desc d(
            dnnl::prop_kind::forward_inference, dnnl::algorithm::convolution_direct,
            desc({in[0], in[3], in[1], in[2]}, type::u8), desc(weights, type::s8), desc({out[3]}, type::s32),
            desc({out[0], out[3], out[1], out[2]}, type::u8), {op.stride[0], op.stride[1]},
            {op.padding[0], op.padding[1]}, {op.padding[2], op.padding[3]});
        result.prepare(dnnl::convolution_forward::primitive_desc(d, channel_scales(out[3]), result.engine));
    } else {
        const dnnl::inner_product_forward::desc d(dnnl::prop_kind::forward_inference, desc({1, in[1]}, type::u8),
                                                  desc({out[1], in[1]}, type::s8), desc({out[1]}, type::s32),
                                                  desc({1, out[1]}, type::u8));
        result.prepare(dnnl::inner_product_forward::primitive_desc(d, channel_scales(out[1]), result.engine));
    }
    return result;
}

template <class Node> void time_onednn(benchmark::State& state) {
    onednn_layer tested = make_onednn<Node>();
    for (auto _ : state) {
        tested.run();
        benchmark::ClobberMemory();
    }
    state.counters["GMAC/s"] =
        benchmark::Counter(static_cast<double>(macs_of<Node>()) * 1e-9, benchmark::Counter::kIsIterationInvariantRate);
}

} // namespace ctq_bench

#endif
