#pragma once
// float_dense: the float meaning of dense, fast.
// room: host | runs on: host | heap: no

#include <ctq/host/engine/float_product.hpp>
#include <ctq/kernels/kernel.hpp>
#include <ctq/operators/dense.hpp>

namespace ctq::inline CTQ_TARGET::host {

/// Fast float dense layer; see kernels::kernel for the members. Needs constant weights and bias.
struct fast_dense {
    using facts = kernels::node_facts<op::dense>;

    static channel_blocks blocks_of(const facts& of) { return {of.inputs[1].shape[0]}; }

    static std::size_t scratch_bytes(const facts&) { return 0; }
    static std::size_t packed_bytes(const facts& of) {
        return static_cast<std::size_t>(blocks_of(of).packed_channels() * (of.inputs[1].shape[1] + 1)) * sizeof(float);
    }
    static void pack(const facts& of, const_tensors in, std::int8_t* packed) {
        pack_blocks(blocks_of(of), in[1].shape()[1], in[1].as<float>(), in.size() > 2 ? in[2].as<float>() : nullptr,
                    reinterpret_cast<float*>(packed));
    }

    static void run(const kernels::variable_facts<op::dense>& facts, const_tensors in, tensors out,
                    const kernels::workspace& space) {
        const std::ptrdiff_t inputs = in[1].shape()[1], outputs = in[1].shape()[0];
        const std::ptrdiff_t rows = outputs == 0 ? 0 : static_cast<std::ptrdiff_t>(out[0].size()) / outputs;
        const float_window window{1, 0, 1, 0, inputs};
        multiply_lines(window, blocks_of(facts.value), reinterpret_cast<const float*>(space.packed),
                       facts.value.op.activation, [&](auto visit) {
                           visit(pixel_line{in[0].as<float>(), inputs, out[0].as<float>(), outputs, rows});
                       });
    }
};

} // namespace ctq::inline CTQ_TARGET::host
