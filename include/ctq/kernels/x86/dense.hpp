#pragma once
// Fully connected layers on x86: products of the widened rows of the input; for a single row, a matrix times a vector.
// room: kernels | runs on: x86-64 with AVX-512 VNNI or AVX2 | heap: no

#include <ctq/kernels/kernel.hpp>
#include <ctq/kernels/x86/epilogue.hpp>
#include <ctq/kernels/x86/image.hpp>
#include <ctq/kernels/x86/product.hpp>
#include <ctq/kernels/x86/signatures.hpp>
#include <ctq/kernels/x86/tile_avx2.hpp>
#include <ctq/kernels/x86/tile_avx512vnni.hpp>
#include <ctq/kernels/x86/weights.hpp>
#include <ctq/operators/dense.hpp>

#include <type_traits>

namespace ctq::inline CTQ_TARGET::kernels::x86 {

/// All that the kernel of a dense layer knows before it runs.
struct dense_plan {
    std::ptrdiff_t inputs = 1;
    product_plan product{};
    packed_weights packed{};

    /// The copy of the input: rows of whole dwords.
    constexpr std::size_t scratch_bytes(std::size_t element_size) const {
        const std::ptrdiff_t elements = product.columns * product.pixel_step + image_plan::slack;
        return (static_cast<std::size_t>(elements) * element_size + alignment - 1) / alignment * alignment;
    }
};

constexpr dense_plan plan_dense(const node_facts<op::dense>& facts, const tile_limits& limits, bool padded) {
    const shape &in = facts.inputs[op::weighted::activation].shape, &out = facts.outputs[0].shape;
    dense_plan plan;
    plan.inputs = in[in.rank - 1];
    const op::row_packing packing = op::dense::packing(in[in.rank - 1], out[out.rank - 1]);
    plan.packed = plan_weights(packing, facts.inputs[op::weighted::multiplier].type, limits,
                               padded && packing.channels % limits.block_channels != 0);
    plan.product = plan.packed.product(packing);
    plan.product.output_step = packing.channels;
    plan.product.columns = static_cast<std::ptrdiff_t>(in.elements(0, in.rank - 1));
    plan.product.pixel_step = 4 * plan.product.dwords;
    return plan;
}

constexpr dense_plan plan_dense_avx512vnni(const node_facts<op::dense>& facts) {
    return plan_dense(facts, avx512vnni_limits, false);
}
constexpr dense_plan plan_dense_avx2(const node_facts<op::dense>& facts) {
    return plan_dense(facts, avx2_limits, true);
}

constexpr void pack_dense(const dense_plan& plan, const_tensors in, const packed_piece& piece, std::int32_t offset) {
    const op::row_packing packing =
        op::dense::packing(static_cast<std::int32_t>(plan.inputs), static_cast<std::int32_t>(plan.product.channels));
    const weights_in_order weights{packing, in[op::weighted::weights].as<std::int8_t>()};
    pack_weights(plan.packed, weights, in, piece, offset);
}

#if defined(__AVX2__)

template <class Requantizer, class Tile, class Plan>
void run_dense(const Plan& plan, const_tensors in, const tensor& out, const workspace& space) {
    using element = typename Tile::element;
    const dense_plan& p = plan.value;
    auto* copy = reinterpret_cast<element*>(space.scratch);
    const std::int8_t* from = in[op::weighted::activation].as<std::int8_t>();
    if (p.inputs == p.product.pixel_step)
        widen(copy, from, p.product.columns * p.inputs);
    else
        for (std::ptrdiff_t row = 0; row < p.product.columns; ++row)
            widen(copy + row * p.product.pixel_step, from + row * p.inputs, p.inputs);
    const product<Requantizer, Tile> work{copy,
                                          p.packed.weights_of(0, in, space.packed),
                                          {space.packed + p.packed.tables_at(0), p.packed.tables},
                                          out.as<std::int8_t>(),
                                          out.zero_point(),
                                          out.facts.range};
    if constexpr (Plan::is_constant)
        work.run(constant_plan<Plan::value.product>{});
    else
        work.run(variable_plan<product_plan>{p.product});
}

#endif

} // namespace ctq::inline CTQ_TARGET::kernels::x86

namespace ctq::inline CTQ_TARGET::kernels {

template <signature S>
requires x86::requantized_bytes<S>
struct kernel<avx2, op::dense, S> : kernel<scalar, op::dense, S> {
    static constexpr std::size_t scratch_bytes(const node_facts<op::dense>& facts) {
        return x86::plan_dense_avx2(facts).scratch_bytes(2);
    }
    static constexpr std::size_t packed_bytes(const node_facts<op::dense>& facts) {
        return x86::plan_dense_avx2(facts).packed.bytes();
    }
    static constexpr std::size_t piece_bytes(const node_facts<op::dense>& facts) {
        return x86::plan_dense_avx2(facts).packed.piece_bytes(false);
    }
    static constexpr void pack_piece(const node_facts<op::dense>& facts, const_tensors in, const packed_piece& piece) {
        x86::pack_dense(x86::plan_dense_avx2(facts), in, piece, 0);
    }
    static constexpr void pack(const node_facts<op::dense>& facts, const_tensors in, std::int8_t* to) {
        pack_piece(facts, in, {to, 0, static_cast<std::ptrdiff_t>(packed_bytes(facts))});
    }

#if defined(__AVX2__)
    template <class Facts>
    static constexpr void run(const Facts& facts, const_tensors in, tensors out, const workspace& space) {
        if (!std::is_constant_evaluated())
            return x86::run_dense<requantizer_of<S>, x86::avx2_tile>(x86::plan_of<&x86::plan_dense_avx2>(facts), in,
                                                                     out[0], space);
        kernel<scalar, op::dense, S>::run(facts, in, out, space);
    }
#endif
};

template <signature S>
requires x86::requantized_bytes<S>
struct kernel<avx512vnni, op::dense, S> : kernel<scalar, op::dense, S> {
    static constexpr std::size_t scratch_bytes(const node_facts<op::dense>& facts) {
        return x86::plan_dense_avx512vnni(facts).scratch_bytes(1);
    }
    static constexpr std::size_t packed_bytes(const node_facts<op::dense>& facts) {
        return x86::plan_dense_avx512vnni(facts).packed.bytes();
    }
    static constexpr std::size_t piece_bytes(const node_facts<op::dense>& facts) {
        return x86::plan_dense_avx512vnni(facts).packed.piece_bytes(true);
    }
    static constexpr void pack_piece(const node_facts<op::dense>& facts, const_tensors in, const packed_piece& piece) {
        x86::pack_dense(x86::plan_dense_avx512vnni(facts), in, piece, 128);
    }
    static constexpr void pack(const node_facts<op::dense>& facts, const_tensors in, std::int8_t* to) {
        pack_piece(facts, in, {to, 0, static_cast<std::ptrdiff_t>(packed_bytes(facts))});
    }

#if defined(__AVX512VNNI__) && defined(__AVX512BW__) && defined(__AVX512VL__) && defined(__AVX512DQ__)
    template <class Facts>
    static constexpr void run(const Facts& facts, const_tensors in, tensors out, const workspace& space) {
        if (!std::is_constant_evaluated())
            return x86::run_dense<requantizer_of<S>, x86::avx512vnni_tile>(
                x86::plan_of<&x86::plan_dense_avx512vnni>(facts), in, out[0], space);
        kernel<scalar, op::dense, S>::run(facts, in, out, space);
    }
#endif
};

} // namespace ctq::inline CTQ_TARGET::kernels
