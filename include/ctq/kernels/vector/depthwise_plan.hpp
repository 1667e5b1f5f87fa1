#pragma once
// depthwise_plan: how a depthwise convolution is cut into units of one vector of outputs, and its packed constants.
// room: kernels | runs on: all (plan and packing: in the compiler or where a model is loaded) | heap: no

#include <ctq/core/integer.hpp>
#include <ctq/kernels/vector/channel_tables.hpp>
#include <ctq/kernels/vector/plan.hpp>
#include <ctq/operators/conv2d.hpp>

#include <cstddef>
#include <cstdint>
#include <numeric>

namespace ctq::inline CTQ_TARGET::kernels::vector {

/// True where each output channel reads an input channel of its own.
constexpr bool is_depthwise(const node_facts<op::conv2d>& facts) {
    return facts.op.groups > 1 && facts.op.groups == facts.inputs[op::weighted::activation].shape[3] &&
           facts.op.groups == facts.outputs[0].shape[3];
}

/// What an instruction set's unit is: `outputs` neighbours in a line of (pixel, channel), `taps` of the kernel in one
/// product, weights of `weight_size` bytes.
struct depthwise_limits {
    std::ptrdiff_t outputs, taps, weight_size, element_size;
};

/// A line of output (pixel, channel) values is one flat segment where few channels repeat in a short pattern, and one
/// segment a pixel otherwise. Units u, u + patterns, ... of a segment have the same channels, so the same constants.
/// In the copied image of a flat plan the columns are sorted by their remainder to the stride, so that a unit's
/// neighbours are neighbours under every tap.
struct depthwise_plan {
    std::ptrdiff_t images = 1, channels = 1;
    std::ptrdiff_t height = 1, width = 1;                   ///< of the input
    std::ptrdiff_t rows = 1, phases = 1, phase_columns = 1; ///< of the copy
    std::ptrdiff_t lines = 1, columns = 1;                  ///< of the output
    op::extents kernel{1, 1}, stride{1, 1}, dilation{1, 1};
    leading_margins padding{};
    bool flat = false;
    std::ptrdiff_t patterns = 1;
    depthwise_limits unit{64, 4, 1, 1};
    channel_table_layout tables{};

    constexpr std::ptrdiff_t row_length() const { return phases * phase_columns * channels; }
    constexpr std::ptrdiff_t segments() const { return flat ? 1 : columns; }
    constexpr std::ptrdiff_t segment_length() const { return flat ? columns * channels : channels; }
    constexpr std::ptrdiff_t segment_step() const { return (flat ? 1 : stride[1]) * channels; } ///< in the image
    constexpr std::ptrdiff_t line_step() const { return stride[0] * row_length(); }

    /// Products a unit needs: the taps of a column fill one where the kernel is low enough, else they follow row by
    /// row.
    constexpr bool by_column() const {
        return kernel[0] <= unit.taps && kernel[1] <= divide_up(std::ptrdiff_t{kernel[0]} * kernel[1], unit.taps);
    }
    constexpr std::ptrdiff_t products() const {
        return by_column() ? kernel[1] : divide_up(std::ptrdiff_t{kernel[0]} * kernel[1], unit.taps);
    }

    /// The tap at position `at` of a product: its number ky * kernel[1] + kx, or -1.
    constexpr std::ptrdiff_t tap(std::ptrdiff_t product, std::ptrdiff_t at) const {
        if (by_column()) return at < kernel[0] ? at * kernel[1] + product : -1;
        const std::ptrdiff_t number = product * unit.taps + at;
        return number < std::ptrdiff_t{kernel[0]} * kernel[1] ? number : -1;
    }

    /// Where the copied image has the activations of a tap, from those of a unit's first cell on.
    constexpr std::ptrdiff_t tap_offset(std::ptrdiff_t number) const {
        const std::ptrdiff_t column = number % kernel[1] * dilation[1];
        return number / kernel[1] * dilation[0] * row_length() + column % phases * phase_columns * channels +
               column / phases * channels;
    }

    constexpr std::size_t scratch_bytes() const {
        constexpr std::ptrdiff_t slack = 128;
        return static_cast<std::size_t>(round_up_to((rows * row_length() + slack) * unit.element_size, alignment));
    }

    /// Packed bytes: the weights [pattern][product][entry][tap], the channel tables, the tap offsets as int32.
    constexpr std::ptrdiff_t product_bytes() const { return unit.outputs * unit.taps * unit.weight_size; }
    constexpr std::ptrdiff_t tables_at() const { return patterns * products() * product_bytes(); }
    constexpr std::ptrdiff_t offsets_at() const { return tables_at() + static_cast<std::ptrdiff_t>(tables.bytes()); }
    constexpr std::size_t packed_bytes() const {
        return static_cast<std::size_t>(round_up_to(offsets_at() + products() * unit.taps * 4, alignment));
    }
};

constexpr depthwise_plan plan_depthwise(const node_facts<op::conv2d>& facts, const depthwise_limits& unit) {
    const op::conv2d& op = facts.op;
    const shape &in = facts.inputs[op::weighted::activation].shape, &out = facts.outputs[0].shape;
    const op::window over = op::window_of(op);
    depthwise_plan plan;
    plan.images = in[0];
    plan.channels = in[3];
    plan.height = in[1];
    plan.width = in[2];
    plan.lines = out[1];
    plan.columns = out[2];
    plan.kernel = op.kernel;
    plan.stride = op.stride;
    plan.dilation = op.dilation;
    plan.padding = op.padding;
    plan.unit = unit;
    const std::ptrdiff_t repeat = std::lcm(plan.channels, unit.outputs) / unit.outputs;
    plan.flat = plan.channels < unit.outputs && repeat <= 5;
    plan.patterns = plan.flat ? repeat : divide_up(plan.channels, unit.outputs);
    plan.phases = plan.flat ? op.stride[1] : 1;
    plan.rows = (plan.lines - 1) * op.stride[0] + over.span(0);
    plan.phase_columns = divide_up((plan.columns - 1) * op.stride[1] + over.span(1), plan.phases);
    plan.tables = {plan.patterns * unit.outputs,
                   static_cast<std::ptrdiff_t>(bytes_of(facts.inputs[op::weighted::multiplier].type, 1))};
    return plan;
}

/// Writes all packed bytes. `output_of(i)` is the place, within its unit, of entry i of the kernel's order; `offset` is
/// what the image adds to each activation, and the bias takes back.
template <class OutputOf>
constexpr void pack_depthwise(const depthwise_plan& plan, const_tensors in, std::int8_t* to, std::int64_t offset,
                              OutputOf output_of) {
    const std::int8_t* weights = in[op::weighted::weights].as<std::int8_t>();
    const std::ptrdiff_t taps = std::ptrdiff_t{plan.kernel[0]} * plan.kernel[1];
    const auto channel_of = [&](std::ptrdiff_t entry) {
        const std::ptrdiff_t output =
            entry / plan.unit.outputs * plan.unit.outputs + output_of(entry % plan.unit.outputs);
        return plan.flat ? output % plan.channels : output < plan.channels ? output : -1;
    };
    std::int8_t* weight = to;
    for (std::ptrdiff_t entry = 0; entry < plan.patterns * plan.products() * plan.unit.outputs; ++entry) {
        const std::ptrdiff_t product = entry / plan.unit.outputs % plan.products();
        const std::ptrdiff_t pattern = entry / plan.unit.outputs / plan.products();
        const std::ptrdiff_t channel = channel_of(pattern * plan.unit.outputs + entry % plan.unit.outputs);
        for (std::ptrdiff_t at = 0; at < plan.unit.taps; ++at, weight += plan.unit.weight_size) {
            const std::ptrdiff_t tap = plan.tap(product, at);
            put_bytes(weight, channel < 0 || tap < 0 ? 0 : weights[tap * plan.channels + channel],
                      plan.unit.weight_size);
        }
    }
    const packed_piece tables{to + plan.tables_at(), 0, static_cast<std::ptrdiff_t>(plan.tables.bytes())};
    pack_channel_tables(plan.tables, in, tables, channel_of, [&](std::ptrdiff_t channel) {
        std::int64_t sum = 0;
        for (std::ptrdiff_t tap = 0; tap < taps; ++tap) sum += weights[tap * plan.channels + channel];
        return -offset * sum;
    });
    for (std::ptrdiff_t i = 0; i < plan.products() * plan.unit.taps; ++i) {
        const std::ptrdiff_t tap = plan.tap(i / plan.unit.taps, i % plan.unit.taps);
        put_bytes(to + plan.offsets_at() + 4 * i, tap < 0 ? 0 : plan.tap_offset(tap), 4);
    }
}

} // namespace ctq::inline CTQ_TARGET::kernels::vector
