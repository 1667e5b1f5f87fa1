#pragma once
// Convolution over an instruction set's tile: groups of any number of channels as products of a bordered copy of the
// image; depthwise in depthwise.hpp.
// room: kernels | runs on: all | heap: no

#include <ctq/kernels/kernel.hpp>
#include <ctq/kernels/vector/depthwise.hpp>
#include <ctq/kernels/vector/image.hpp>
#include <ctq/kernels/vector/product.hpp>
#include <ctq/kernels/vector/signatures.hpp>
#include <ctq/kernels/vector/tiles.hpp>
#include <ctq/kernels/vector/weights.hpp>
#include <ctq/operators/conv2d.hpp>

#include <type_traits>

namespace ctq::inline CTQ_TARGET::kernels::vector {

/// All that the kernel of a convolution knows before it runs.
struct convolution_plan {
    image_plan image{};     ///< of one group
    product_plan product{}; ///< of one group
    packed_weights packed{};
    std::ptrdiff_t images = 1;
};

/// Weights are read where they are if rows of dwords end with whole blocks (`padded`: what the tile needs) and each
/// channel reads more than one input.
constexpr convolution_plan plan_convolution(const node_facts<op::conv2d>& facts, const tile_limits& limits,
                                            bool padded) {
    const op::conv2d& op = facts.op;
    const shape &in = facts.inputs[op::weighted::activation].shape, &out = facts.outputs[0].shape;
    const op::window over = op::window_of(op);
    convolution_plan plan;
    plan.images = in[0];
    image_plan& image = plan.image;
    image.height = in[1];
    image.width = in[2];
    image.depth = in[3];
    image.inputs = in[3] / op.groups;
    image.rows = std::ptrdiff_t{out[1] - 1} * op.stride[0] + over.span(0);
    image.columns = std::ptrdiff_t{out[2] - 1} * op.stride[1] + over.span(1);
    image.out_rows = out[1];
    image.out_columns = out[2];
    image.kernel = over.kernel;
    image.stride = over.stride;
    image.dilation = over.dilation;
    image.padding = over.padding;
    image.gathered = op.groups > 1 || (op.kernel[1] > 1 && op.dilation[1] > 1) ||
                     (op.kernel == op::extents{1, 1} && op.stride != op::extents{1, 1});

    const op::row_packing packing = op.packing(in[3] / op.groups, out[3]);
    image.gathered_row = image.gathered ? 4 * packing.dwords() : 0;
    plan.packed = plan_weights(packing, facts.inputs[op::weighted::multiplier].type, limits,
                               op::conv2d::per_channel_layout(in[3] / op.groups) ||
                                   (padded && packing.channels % limits.block_channels != 0));
    product_plan& product = plan.product;
    product = plan.packed.product(packing);
    product.output_step = out[3];
    product.lines = out[1];
    product.columns = out[2];
    const std::ptrdiff_t row = image.gathered ? image.gathered_row : image.columns * image.inputs;
    product.pixel_step = image.gathered ? op.kernel[0] * row : op.stride[1] * image.inputs;
    product.line_step = image.gathered ? product.columns * product.pixel_step : op.stride[0] * row;
    product.row_step = image.gathered ? row : op.dilation[0] * row;
    product = merged(product);
    return plan;
}

template <class Architecture> constexpr convolution_plan convolution_plan_for(const node_facts<op::conv2d>& facts) {
    using layout = product_layout<Architecture>;
    return plan_convolution(facts, layout::tile, layout::whole_blocks);
}
template <class Architecture> constexpr depthwise_plan depthwise_plan_for(const node_facts<op::conv2d>& facts) {
    return plan_depthwise(facts, product_layout<Architecture>::unit);
}

/// `offset` is what the image adds to each activation.
constexpr void pack_convolution(const node_facts<op::conv2d>& facts, const convolution_plan& plan, const_tensors in,
                                const packed_piece& piece, std::int32_t offset) {
    const auto inputs = static_cast<std::int32_t>(plan.image.inputs);
    const op::row_packing packing = facts.op.packing(inputs, facts.outputs[0].shape[3]);
    const auto* weights = in[op::weighted::weights].as<std::int8_t>();
    if (op::conv2d::per_channel_layout(inputs))
        pack_weights(plan.packed, weights_by_tap{packing, weights}, in, piece, offset);
    else
        pack_weights(plan.packed, weights_in_order{packing, weights}, in, piece, offset);
}

/// The whole layer: for each image and group, a copy and a product.
template <class Requantizer, class Tile, class Plan>
void run_convolution(const Plan& plan, std::int32_t residual_multiplier, const_tensors in, const tensor& out,
                     const workspace& space) {
    using element = typename Tile::element;
    const convolution_plan& p = plan.value;
    const const_tensor& image = in[op::weighted::activation];
    auto* copy = reinterpret_cast<element*>(space.scratch);
    const std::ptrdiff_t image_size = p.image.height * p.image.width * p.image.depth;
    const std::ptrdiff_t result_size = p.image.out_rows * p.image.out_columns * p.product.output_step;
    for (std::ptrdiff_t n = 0; n < p.images; ++n)
        for (std::ptrdiff_t group = 0; group < p.packed.groups; ++group) {
            copy_image<typename Tile::row>(p.image, image.as<std::int8_t>() + n * image_size + group * p.image.inputs,
                                           copy, border_of<typename Tile::row::layout>(image.zero_point()));
            const std::ptrdiff_t first = n * result_size + group * p.product.channels;
            product<Requantizer, Tile> work{copy,
                                            p.packed.weights_of(group, in, space.packed),
                                            {space.packed + p.packed.tables_at(group), p.packed.tables},
                                            out.as<std::int8_t>() + first,
                                            out.zero_point(),
                                            out.facts.range};
            if (residual_multiplier != 0) {
                const const_tensor& residual = in[op::weighted::residual];
                work.residual = {residual.as<std::int8_t>() + first, residual.zero_point(), residual_multiplier};
            }
            if constexpr (Plan::is_constant)
                work.run(constant_plan<Plan::value.product>{});
            else
                work.run(variable_plan<product_plan>{p.product});
        }
}

/// Chooses between the two ways, in the compiler where the facts are constants.
template <signature S, class Architecture, class Facts>
void run_either(const Facts& facts, const_tensors in, const tensor& out, const workspace& space) {
    using requantizer = requantizer_of<S>;
    const std::int32_t residual = facts.value.lowered.residual;
    const auto convolve = [&] {
        run_convolution<requantizer, tile<Architecture>>(plan_of<&convolution_plan_for<Architecture>>(facts), residual,
                                                         in, out, space);
    };
    const auto by_channel = [&] {
        if (residual != 0) return kernel<scalar, op::conv2d, S>::run(facts, in, tensors(&out, 1), space);
        run_depthwise<requantizer, depthwise_unit<Architecture>>(plan_of<&depthwise_plan_for<Architecture>>(facts), in,
                                                                 out, space);
    };
    if constexpr (!Facts::is_constant)
        is_depthwise(facts.value) ? by_channel() : convolve();
    else if constexpr (is_depthwise(Facts::value))
        by_channel();
    else
        convolve();
}

} // namespace ctq::inline CTQ_TARGET::kernels::vector

namespace ctq::inline CTQ_TARGET::kernels {

template <class Architecture, signature S>
requires vector::has_product_layout<Architecture> && vector::requantized_bytes<S>
struct kernel<Architecture, op::conv2d, S> : kernel<scalar, op::conv2d, S> {
    static constexpr std::size_t scratch_bytes(const node_facts<op::conv2d>& facts) {
        return vector::is_depthwise(facts) ? vector::depthwise_plan_for<Architecture>(facts).scratch_bytes()
                                           : convolution(facts).image.bytes(sizeof(typename layout::element));
    }
    static constexpr std::size_t packed_bytes(const node_facts<op::conv2d>& facts) {
        return vector::is_depthwise(facts) ? vector::depthwise_plan_for<Architecture>(facts).packed_bytes()
                                           : convolution(facts).packed.bytes();
    }
    static constexpr std::size_t piece_bytes(const node_facts<op::conv2d>& facts) {
        return vector::is_depthwise(facts) ? packed_bytes(facts)
                                           : convolution(facts).packed.piece_bytes(layout::offset != 0);
    }
    static constexpr void pack_piece(const node_facts<op::conv2d>& facts, const_tensors in, const packed_piece& piece) {
        if (vector::is_depthwise(facts))
            vector::pack_depthwise(vector::depthwise_plan_for<Architecture>(facts), in, piece.to, layout::offset,
                                   layout::unit_order);
        else
            vector::pack_convolution(facts, convolution(facts), in, piece, layout::offset);
    }
    static constexpr void pack(const node_facts<op::conv2d>& facts, const_tensors in, std::int8_t* to) {
        pack_piece(facts, in, {to, 0, static_cast<std::ptrdiff_t>(packed_bytes(facts))});
    }

    template <class Facts>
    static constexpr void run(const Facts& facts, const_tensors in, tensors out, const workspace& space) {
        if constexpr (vector::has_tile<Architecture>)
            if (!std::is_constant_evaluated()) return vector::run_either<S, Architecture>(facts, in, out[0], space);
        kernel<scalar, op::conv2d, S>::run(facts, in, out, space);
    }

  private:
    using layout = vector::product_layout<Architecture>;

    static constexpr vector::convolution_plan convolution(const node_facts<op::conv2d>& facts) {
        return vector::convolution_plan_for<Architecture>(facts);
    }
};

} // namespace ctq::inline CTQ_TARGET::kernels
