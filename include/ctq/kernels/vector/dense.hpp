#pragma once
// Fully connected layers over an instruction set's tile: products of the copied rows of the input; for a single row, a
// matrix times a vector.
// room: kernels | runs on: all | heap: no

#include <ctq/core/integer.hpp>
#include <ctq/kernels/kernel.hpp>
#include <ctq/kernels/vector/image.hpp>
#include <ctq/kernels/vector/product.hpp>
#include <ctq/kernels/vector/signatures.hpp>
#include <ctq/kernels/vector/tiles.hpp>
#include <ctq/kernels/vector/weights.hpp>
#include <ctq/operators/dense.hpp>

#include <type_traits>

namespace ctq::inline CTQ_TARGET::kernels::vector {

/// All that the kernel of a dense layer knows before it runs.
struct dense_plan {
    std::ptrdiff_t inputs = 1;
    product_plan product{};
    packed_weights packed{};

    /// The copy of the input: rows of whole dwords.
    constexpr std::size_t scratch_bytes(std::size_t element_size) const {
        const std::ptrdiff_t elements = product.columns * product.pixel_step + image_plan::slack;
        return round_up_to(static_cast<std::size_t>(elements) * element_size, alignment);
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

template <class Architecture> constexpr dense_plan dense_plan_for(const node_facts<op::dense>& facts) {
    using layout = product_layout<Architecture>;
    return plan_dense(facts, layout::tile, layout::whole_blocks);
}

constexpr void pack_dense(const dense_plan& plan, const_tensors in, const packed_piece& piece, std::int32_t offset) {
    const op::row_packing packing =
        op::dense::packing(static_cast<std::int32_t>(plan.inputs), static_cast<std::int32_t>(plan.product.channels));
    const weights_in_order weights{packing, in[op::weighted::weights].as<std::int8_t>()};
    pack_weights(plan.packed, weights, in, piece, offset);
}

template <class Requantizer, class Tile, class Plan>
void run_dense(const Plan& plan, const_tensors in, const tensor& out, const workspace& space) {
    using element = typename Tile::element;
    const dense_plan& p = plan.value;
    auto* copy = reinterpret_cast<element*>(space.scratch);
    const std::int8_t* from = in[op::weighted::activation].as<std::int8_t>();
    if (p.inputs == p.product.pixel_step)
        Tile::row::widen(copy, from, p.product.columns * p.inputs);
    else
        for (std::ptrdiff_t row = 0; row < p.product.columns; ++row)
            Tile::row::widen(copy + row * p.product.pixel_step, from + row * p.inputs, p.inputs);
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

} // namespace ctq::inline CTQ_TARGET::kernels::vector

namespace ctq::inline CTQ_TARGET::kernels {

template <class Architecture, signature S>
requires vector::has_product_layout<Architecture> && vector::requantized_bytes<S>
struct kernel<Architecture, op::dense, S> : kernel<scalar, op::dense, S> {
    static constexpr std::size_t scratch_bytes(const node_facts<op::dense>& facts) {
        return plan(facts).scratch_bytes(sizeof(typename layout::element));
    }
    static constexpr std::size_t packed_bytes(const node_facts<op::dense>& facts) { return plan(facts).packed.bytes(); }
    static constexpr std::size_t piece_bytes(const node_facts<op::dense>& facts) {
        return plan(facts).packed.piece_bytes(layout::offset != 0);
    }
    static constexpr void pack_piece(const node_facts<op::dense>& facts, const_tensors in, const packed_piece& piece) {
        vector::pack_dense(plan(facts), in, piece, layout::offset);
    }
    static constexpr void pack(const node_facts<op::dense>& facts, const_tensors in, std::int8_t* to) {
        pack_piece(facts, in, {to, 0, static_cast<std::ptrdiff_t>(packed_bytes(facts))});
    }

    template <class Facts>
    static constexpr void run(const Facts& facts, const_tensors in, tensors out, const workspace& space) {
        if constexpr (vector::has_tile<Architecture>)
            if (!std::is_constant_evaluated())
                return vector::run_dense<requantizer_of<S>, vector::tile<Architecture>>(
                    vector::plan_of<&vector::dense_plan_for<Architecture>>(facts), in, out[0], space);
        kernel<scalar, op::dense, S>::run(facts, in, out, space);
    }

  private:
    using layout = vector::product_layout<Architecture>;

    static constexpr vector::dense_plan plan(const node_facts<op::dense>& facts) {
        return vector::dense_plan_for<Architecture>(facts);
    }
};

} // namespace ctq::inline CTQ_TARGET::kernels
