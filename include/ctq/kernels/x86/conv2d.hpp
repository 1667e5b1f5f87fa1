#pragma once
// Convolution on x86: groups of any number of channels as products of a bordered copy of the image; depthwise in
// depthwise.hpp. room: kernels | runs on: x86-64 with AVX-512 VNNI or AVX2 | heap: no

#include <ctq/kernels/kernel.hpp>
#include <ctq/kernels/x86/depthwise.hpp>
#include <ctq/kernels/x86/image.hpp>
#include <ctq/kernels/x86/product.hpp>
#include <ctq/kernels/x86/tile_avx2.hpp>
#include <ctq/kernels/x86/tile_avx512vnni.hpp>
#include <ctq/operators/conv2d.hpp>

#include <type_traits>

namespace ctq::kernels::x86 {

/// All that the kernel of a convolution knows before it runs.
struct convolution_plan {
    image_plan image{};
    product_plan product{}; ///< of one group
    std::ptrdiff_t images = 1, groups = 1;
    bool repacked = false; ///< the weights in pack()'s order, not the operator's
    channel_table_layout tables{}; ///< of one group

    constexpr std::size_t weight_bytes() const {
        if (!repacked) return 0;
        const std::ptrdiff_t bytes = groups * group_weights();
        return static_cast<std::size_t>((bytes + 63) / 64 * 64);
    }
    constexpr std::ptrdiff_t group_weights() const { return product.rows * product.dwords * product.weight_step; }
    constexpr std::size_t packed_bytes() const { return weight_bytes() + static_cast<std::size_t>(groups) * tables.bytes(); }
};

/// True where each output channel reads its own input channel and depthwise.hpp serves.
constexpr bool is_depthwise(const node_facts<conv2d>& facts) {
    return facts.op.groups > 1 && facts.op.groups == facts.inputs[weighted::activation].shape[3] &&
           facts.op.groups == facts.outputs[0].shape[3];
}

/// Weights are read where they are if rows of dwords end with whole blocks (`padded`: what the tile needs) and each
/// channel reads more than one input.
constexpr convolution_plan plan_convolution(const node_facts<conv2d>& facts, const tile_limits& limits, bool padded) {
    const conv2d& op = facts.op;
    const shape &in = facts.inputs[weighted::activation].shape, &out = facts.outputs[0].shape;
    const window over = window_of(op);
    convolution_plan plan;
    plan.images = in[0];
    plan.groups = op.groups;
    image_plan& image = plan.image;
    image.height = in[1];
    image.width = in[2];
    image.depth = in[3];
    image.inputs = in[3] / op.groups;
    image.rows = std::ptrdiff_t{out[1] - 1} * op.stride[0] + over.span(0);
    image.columns = std::ptrdiff_t{out[2] - 1} * op.stride[1] + over.span(1);
    image.out_rows = out[1];
    image.out_columns = out[2];
    image.over = over;
    const bool pointwise = op.kernel == extents{1, 1};
    image.gathered = op.groups > 1 || (op.kernel[1] > 1 && op.dilation[1] > 1) ||
                     (pointwise && op.stride != extents{1, 1});

    product_plan& product = plan.product;
    const row_packing packing = op.packing(in[3] / op.groups, out[3]);
    product.rows = packing.rows;
    product.dwords = packing.dwords();
    product.channels = packing.channels;
    product.output_step = out[3];
    plan.repacked = image.inputs == 1 || (padded && packing.channels % limits.block_channels != 0);
    product.weight_step =
        4 * (plan.repacked ? blocks_of(packing.channels, limits.block_channels) * limits.block_channels
                           : std::ptrdiff_t{packing.channels});
    product.lines = out[1];
    product.columns = out[2];
    image.gathered_row = image.gathered ? 4 * product.dwords : 0;
    product.pixel_step = image.gathered ? op.kernel[0] * image.gathered_row : op.stride[1] * image.inputs;
    const std::ptrdiff_t row = image.gathered ? image.gathered_row : image.columns * image.inputs;
    product.line_step = image.gathered ? product.columns * product.pixel_step : op.stride[0] * row;
    product.row_step = image.gathered ? row : op.dilation[0] * row;
    product = merged(product);

    plan.tables.entries = blocks_of(packing.channels, limits.block_channels) * limits.block_channels;
    plan.tables.multiplier_size = static_cast<std::ptrdiff_t>(size_of(facts.inputs[weighted::multiplier].type));
    return plan;
}

constexpr convolution_plan plan_convolution_avx512vnni(const node_facts<conv2d>& facts) {
    return plan_convolution(facts, avx512vnni_limits, false);
}
constexpr convolution_plan plan_convolution_avx2(const node_facts<conv2d>& facts) {
    return plan_convolution(facts, avx2_limits, true);
}

/// Writes the weights in padded rows, [group][row][dword][channel][4], whatever their layout was.
constexpr void repack_weights(const node_facts<conv2d>& facts, const convolution_plan& plan, const std::int8_t* from,
                              std::int8_t* to) {
    const std::int32_t inputs = static_cast<std::int32_t>(plan.image.inputs), channels = facts.outputs[0].shape[3];
    const row_packing packing = facts.op.packing(inputs, channels);
    for (std::size_t i = 0; i < plan.weight_bytes(); ++i) to[i] = 0;
    for (std::int32_t group = 0; group < packing.groups; ++group)
        for (std::int32_t row = 0; row < packing.rows; ++row)
            for (std::int32_t k = 0; k < packing.row_length; ++k)
                for (std::int32_t c = 0; c < packing.channels; ++c) {
                    const std::size_t at =
                        facts.op.per_channel_layout(inputs)
                            ? static_cast<std::size_t>((row * packing.row_length + k) * channels +
                                                       group * packing.channels + c)
                            : packing.index(group, row, k, c);
                    const std::ptrdiff_t dword = (group * packing.rows + row) * packing.dwords() + k / 4;
                    to[dword * plan.product.weight_step + 4 * c + k % 4] = from[at];
                }
}

/// The sum of the weights of one channel in rows of dwords. One statement for four weights: see absolute_sum.
constexpr std::int64_t weight_sum(const product_plan& plan, const std::int8_t* weights, std::ptrdiff_t channel) {
    std::int64_t sum = 0;
    const std::int8_t* w = weights + 4 * channel;
    for (std::ptrdiff_t left = plan.rows * plan.dwords; left > 0; --left, w += plan.weight_step)
        sum += w[0] + w[1] + w[2] + w[3];
    return sum;
}

/// Packed bytes: [weights, if repacked][tables of each group]. `offset` is what an image adds to each activation.
constexpr void pack_convolution(const node_facts<conv2d>& facts, const convolution_plan& plan, const_tensors in,
                                std::int8_t* to, std::int32_t offset) {
    const std::int8_t* weights = in[weighted::weights].as<std::int8_t>();
    if (plan.repacked) {
        repack_weights(facts, plan, weights, to);
        weights = to;
    }
    std::int8_t* tables = to + plan.weight_bytes();
    for (std::ptrdiff_t group = 0; group < plan.groups; ++group) {
        const std::ptrdiff_t first = group * plan.product.channels;
        const std::int8_t* own = weights + group * plan.group_weights();
        pack_channel_tables(
            plan.tables, in, tables + group * static_cast<std::ptrdiff_t>(plan.tables.bytes()),
            [&](std::ptrdiff_t i) { return i < plan.product.channels ? first + i : -1; },
            [&](std::ptrdiff_t channel) {
                return offset == 0 ? 0 : -offset * weight_sum(plan.product, own, channel - first);
            });
    }
}

#if defined(__AVX2__)

/// The whole layer: for each image and group, a copy and a product.
template <class Requantizer, class Tile, class Plan>
void run_convolution(const Plan& plan, const limits& range, const_tensors in, const tensor& out,
                     const workspace& space) {
    using element = typename Tile::element;
    const convolution_plan& p = plan.value;
    const const_tensor& image = in[weighted::activation];
    auto* copy = reinterpret_cast<element*>(space.scratch);
    const std::int8_t* weights = p.repacked ? space.packed : in[weighted::weights].as<std::int8_t>();
    const std::int8_t* tables = space.packed + p.weight_bytes();
    const std::ptrdiff_t image_size = p.image.height * p.image.width * p.image.depth;
    const std::ptrdiff_t result_size = p.image.out_rows * p.image.out_columns * p.product.output_step;
    for (std::ptrdiff_t n = 0; n < p.images; ++n)
        for (std::ptrdiff_t group = 0; group < p.groups; ++group) {
            copy_image(p.image, image.as<std::int8_t>() + n * image_size + group * p.image.inputs, copy,
                       widened_value<element>(image.zero_point()));
            const product<Requantizer, Tile> work{
                copy,
                weights + group * p.group_weights(),
                {tables + group * static_cast<std::ptrdiff_t>(p.tables.bytes()), p.tables},
                out.as<std::int8_t>() + n * result_size + group * p.product.channels,
                out.zero_point(),
                range};
            if constexpr (Plan::is_constant)
                work.run(constant_plan<Plan::value.product>{});
            else
                work.run(variable_plan<product_plan>{p.product});
        }
}

#endif

} // namespace ctq::kernels::x86

namespace ctq::kernels {

template <> struct kernel<avx2, conv2d> {
    static constexpr std::size_t scratch_bytes(const node_facts<conv2d>& facts) {
        return x86::plan_convolution_avx2(facts).image.bytes(2);
    }
    static constexpr std::size_t packed_bytes(const node_facts<conv2d>& facts) {
        return x86::plan_convolution_avx2(facts).packed_bytes();
    }
    static constexpr void pack(const node_facts<conv2d>& facts, const_tensors in, std::int8_t* to) {
        x86::pack_convolution(facts, x86::plan_convolution_avx2(facts), in, to, 0);
    }

#if defined(__AVX2__)
    template <class Requantizer, class Facts>
    static constexpr void run(const Facts& facts, const_tensors in, tensors out, const workspace& space) {
        if (std::is_constant_evaluated()) return kernel<scalar, conv2d>::run<Requantizer>(facts, in, out, space);
        const auto plan = x86::plan_of<&x86::plan_convolution_avx2>(facts);
        x86::run_convolution<Requantizer, x86::avx2_tile>(plan, facts.value.op.range, in, out[0], space);
    }
#endif
};

template <> struct kernel<avx512vnni, conv2d> {
    static constexpr std::size_t scratch_bytes(const node_facts<conv2d>& facts) {
        return x86::plan_convolution_avx512vnni(facts).image.bytes(1);
    }
    static constexpr std::size_t packed_bytes(const node_facts<conv2d>& facts) {
        return x86::plan_convolution_avx512vnni(facts).packed_bytes();
    }
    static constexpr void pack(const node_facts<conv2d>& facts, const_tensors in, std::int8_t* to) {
        x86::pack_convolution(facts, x86::plan_convolution_avx512vnni(facts), in, to, 128);
    }

#if defined(__AVX512VNNI__) && defined(__AVX512BW__) && defined(__AVX512VL__) && defined(__AVX512DQ__)
    template <class Requantizer, class Facts>
    static constexpr void run(const Facts& facts, const_tensors in, tensors out, const workspace& space) {
        if (std::is_constant_evaluated()) return kernel<scalar, conv2d>::run<Requantizer>(facts, in, out, space);
        const auto plan = x86::plan_of<&x86::plan_convolution_avx512vnni>(facts);
        x86::run_convolution<Requantizer, x86::avx512vnni_tile>(plan, facts.value.op.range, in, out[0], space);
    }
#endif
};

} // namespace ctq::kernels
