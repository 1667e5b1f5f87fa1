#pragma once
// float_convolution: the float meaning of conv2d, fast: products over a bordered copy of the image (none where there is
// no padding), a kernel of its own for depthwise.
// room: host | runs on: host | heap: no

#include <ctq/host/engine/float_product.hpp>
#include <ctq/kernels/kernel.hpp>
#include <ctq/operators/conv2d.hpp>

#include <algorithm>
#include <cstring>

namespace ctq::inline CTQ_TARGET::host {

/// The image under all windows: itself, or a copy with a border of zeros.
struct float_image {
    std::ptrdiff_t height = 0, width = 0, depth = 0; ///< of the input
    std::ptrdiff_t rows = 0, columns = 0;            ///< under the windows
    std::ptrdiff_t top = 0, left = 0;
    bool copied = false;

    std::ptrdiff_t row_size() const { return (copied ? columns : width) * depth; }
    std::size_t scratch_bytes() const {
        return copied ? static_cast<std::size_t>(rows * columns * depth) * sizeof(float) : 0;
    }

    const float* prepare(const float* from, float* copy) const {
        if (!copied) return from;
        const std::ptrdiff_t wanted = std::clamp<std::ptrdiff_t>(columns - left, 0, width);
        for (std::ptrdiff_t row = 0; row < rows; ++row) {
            float* to = copy + row * columns * depth;
            const std::ptrdiff_t source = row - top;
            if (source < 0 || source >= height) {
                std::fill(to, to + columns * depth, 0.0f);
                continue;
            }
            std::fill(to, to + left * depth, 0.0f);
            std::memcpy(to + left * depth, from + source * width * depth,
                        static_cast<std::size_t>(wanted * depth) * sizeof(float));
            std::fill(to + (left + wanted) * depth, to + columns * depth, 0.0f);
        }
        return copy;
    }
};

/// Fast float convolution; see kernels::kernel for the members. Needs constant weights and bias.
struct fast_convolution {
    using facts = kernels::node_facts<op::conv2d>;

    static float_image image_of(const facts& of) {
        const shape &in = of.inputs[0].shape, &out = of.outputs[0].shape;
        const op::window over = op::window_of(of.op);
        float_image image{in[1], in[2], in[3], 0, 0, over.padding[0], over.padding[1], false};
        image.rows = std::ptrdiff_t{out[1] - 1} * over.stride[0] + over.span(0);
        image.columns = std::ptrdiff_t{out[2] - 1} * over.stride[1] + over.span(1);
        for (const std::int32_t margin : over.padding) image.copied |= margin > 0;
        return image;
    }

    /// One input channel and one output channel a group.
    static bool is_depthwise(const facts& of) {
        return of.op.groups > 1 && of.op.groups == of.inputs[0].shape[3] && of.op.groups == of.outputs[0].shape[3];
    }

    static std::size_t scratch_bytes(const facts& of) { return image_of(of).scratch_bytes(); }

    static channel_blocks blocks_of(const facts& of) { return {of.outputs[0].shape[3] / of.op.groups}; }

    static std::size_t packed_bytes(const facts& of) {
        const std::ptrdiff_t taps = std::ptrdiff_t{of.op.kernel[0]} * of.op.kernel[1];
        if (is_depthwise(of)) return static_cast<std::size_t>((taps + 1) * of.op.groups) * sizeof(float);
        const std::ptrdiff_t size = taps * of.inputs[1].shape[3] + 1;
        return static_cast<std::size_t>(of.op.groups * blocks_of(of).packed_channels() * size) * sizeof(float);
    }

    static void pack(const facts& of, const_tensors in, std::int8_t* packed) {
        auto* to = reinterpret_cast<float*>(packed);
        const float* weights = in[1].as<float>();
        const float* bias = in.size() > 2 ? in[2].as<float>() : nullptr;
        const std::ptrdiff_t size = in[1].shape().elements(1, 4), channels = blocks_of(of).channels;
        if (is_depthwise(of)) {
            for (std::ptrdiff_t c = 0; c < of.op.groups; ++c) *to++ = bias != nullptr ? bias[c] : 0.0f;
            for (std::ptrdiff_t tap = 0; tap < size; ++tap)
                for (std::ptrdiff_t c = 0; c < of.op.groups; ++c) *to++ = weights[c * size + tap];
            return;
        }
        for (std::ptrdiff_t group = 0; group < of.op.groups; ++group)
            to = pack_blocks(blocks_of(of), size, weights + group * channels * size,
                             bias == nullptr ? nullptr : bias + group * channels, to);
    }

    static void run(const kernels::variable_facts<op::conv2d>& facts, const_tensors in, tensors out,
                    const kernels::workspace& space) {
        if (in.size() > 3) return compute(facts.value.op, in, out); // a residual: quantization makes those
        const float_image image = image_of(facts.value);
        const shape& made = out[0].shape();
        const std::ptrdiff_t image_size = image.height * image.width * image.depth;
        for (std::int32_t n = 0; n < made[0]; ++n) {
            const float* from =
                image.prepare(in[0].as<float>() + n * image_size, reinterpret_cast<float*>(space.scratch));
            float* to = out[0].as<float>() + n * made.elements(1, 4);
            const auto* packed = reinterpret_cast<const float*>(space.packed);
            if (is_depthwise(facts.value))
                run_depthwise(facts.value, image, packed, from, to);
            else
                run_groups(facts.value, image, packed, from, to);
        }
    }

  private:
    static float_window window_over(const facts& of, const float_image& image) {
        const op::conv2d& op = of.op;
        const std::ptrdiff_t inputs = of.inputs[1].shape[3];
        float_window window{op.kernel[0], op.dilation[0] * image.row_size(), op.kernel[1], op.dilation[1] * image.depth,
                            inputs};
        // Where the inputs of a kernel row lie side by side they are one segment.
        if (window.segment_step == inputs || window.segments == 1) {
            window.length *= window.segments;
            window.segments = 1;
        }
        return window;
    }

    static void run_groups(const facts& of, const float_image& image, const float* packed, const float* from,
                           float* to) {
        const op::conv2d& op = of.op;
        const shape& made = of.outputs[0].shape;
        const channel_blocks blocks = blocks_of(of);
        const float_window window = window_over(of, image);
        const std::ptrdiff_t pixel_step = op.stride[1] * image.depth, line_step = op.stride[0] * image.row_size();
        // Lines that continue each other are one line.
        const bool one_line = line_step == made[2] * pixel_step;
        const std::ptrdiff_t lines = one_line ? 1 : made[1],
                             pixels = one_line ? made[1] * std::ptrdiff_t{made[2]} : made[2];
        const std::ptrdiff_t group_size = blocks.packed_channels() * (window.size() + 1);
        for (std::ptrdiff_t group = 0; group < op.groups; ++group)
            multiply_lines(window, blocks, packed + group * group_size, op.activation, [&](auto visit) {
                for (std::ptrdiff_t line = 0; line < lines; ++line)
                    visit(pixel_line{from + group * of.inputs[1].shape[3] + line * line_step, pixel_step,
                                     to + group * blocks.channels + line * pixels * made[3], made[3], pixels});
            });
    }

    template <int Lanes, int Pixels>
    [[gnu::always_inline]] static void depthwise_tile(const float_window& window, std::ptrdiff_t channels,
                                                      const float* packed, const bounds& activation, const float* from,
                                                      std::ptrdiff_t step, float* to) {
        float_vector<Lanes> sum[Pixels], weight;
        load(weight, packed);
        const auto for_each = [&](auto visit) {
            [&]<std::size_t... P>(std::index_sequence<P...>) {
                (visit(sum[P], static_cast<std::ptrdiff_t>(P)), ...);
            }
            (std::make_index_sequence<static_cast<std::size_t>(Pixels)>{});
        };
        for_each([&](float_vector<Lanes>& of, std::ptrdiff_t) { of = weight; });
        const float* w = packed + channels;
        for (std::ptrdiff_t row = 0; row < window.rows; ++row)
            for (std::ptrdiff_t column = 0; column < window.segments; ++column, w += channels) {
                const float* x = from + row * window.row_step + column * window.segment_step;
                load(weight, w);
                for_each([&](float_vector<Lanes>& of, std::ptrdiff_t p) {
                    float_vector<Lanes> value;
                    load(value, x + p * step);
                    add_product<Lanes>(of, value, weight);
                });
            }
        for_each([&](float_vector<Lanes>& of, std::ptrdiff_t p) {
            clamp(of, activation.low, activation.high);
            store(to + p * channels, of);
        });
    }

    /// One output row, `Lanes` channels.
    template <int Lanes>
    static void depthwise_line(const float_window& window, std::ptrdiff_t channels, const float* packed,
                               const bounds& activation, const float* from, std::ptrdiff_t step, float* to,
                               std::ptrdiff_t pixels) {
        const auto tile = [&]<int Pixels>(std::integral_constant<int, Pixels>) {
            depthwise_tile<Lanes, Pixels>(window, channels, packed, activation, from, step, to);
            from += Pixels * step;
            to += Pixels * channels;
            pixels -= Pixels;
        };
        while (pixels >= 8) tile(std::integral_constant<int, 8>{});
        if (pixels >= 4) tile(std::integral_constant<int, 4>{});
        if (pixels >= 2) tile(std::integral_constant<int, 2>{});
        if (pixels >= 1) tile(std::integral_constant<int, 1>{});
    }

    static void run_depthwise(const facts& of, const float_image& image, const float* packed, const float* from,
                              float* to) {
        const op::conv2d& op = of.op;
        const shape& made = of.outputs[0].shape;
        const std::ptrdiff_t channels = made[3], step = op.stride[1] * channels;
        const float_window window{op.kernel[0], op.dilation[0] * image.row_size(), op.kernel[1],
                                  op.dilation[1] * channels, 1};
        for (std::ptrdiff_t y = 0; y < made[1]; ++y) {
            const float* row = from + y * op.stride[0] * image.row_size();
            float* line = to + y * made[2] * channels;
            for (std::ptrdiff_t c = 0; c < channels;) {
                const auto run = [&]<int Lanes>(std::integral_constant<int, Lanes>) {
                    depthwise_line<Lanes>(window, channels, packed + c, op.activation, row + c, step, line + c,
                                          made[2]);
                    c += Lanes;
                };
                with_full_lanes(channels - c, run);
            }
        }
    }
};

} // namespace ctq::inline CTQ_TARGET::host
