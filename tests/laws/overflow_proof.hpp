#pragma once
// The law of overflow proofs: where never_overflows() says true, no accumulator leaves its room, whatever the
// activations. Held by recomputing an integer node in 64 bits, and by the integers that the node itself then gives.

#include <ctq/default_registry.hpp>
#include <ctq/execute/evaluate.hpp>
#include <ctq/execute/program.hpp>

#include <doctest/doctest.h>
#include <operators/single_node.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <numeric>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

namespace ctq::laws {

/// A lowered integer node with all its operands.
template <class Op> struct node_at_work {
    const lowered_operator<Op>& with;
    std::vector<const_tensor> in;
    tensor_facts out;

    std::int64_t integer(std::size_t operand, std::size_t at) const {
        return with_element_type(in[operand].facts.type, [&](auto each) -> std::int64_t {
            constexpr dtype type = dtype_of<decltype(each)>;
            if constexpr (is_integer(type))
                return read_integer<type>(in[operand].template as<decltype(each)>(), at);
            else
                return 0;
        });
    }
    std::int64_t difference(std::size_t operand, std::size_t at) const {
        return integer(operand, at) - in[operand].zero_point();
    }
};

/// An output in 64 bits: whether all that is accumulated on the way to it fits, and the output if so.
struct wide_output {
    bool fits = true;
    std::int32_t integer = 0;
};

constexpr std::int64_t int32_room = std::numeric_limits<std::int32_t>::max();

inline std::int64_t size_of_integer(std::int64_t value) {
    return value < 0 ? -value : value;
}

/// A sum in 64 bits that knows its largest magnitude.
class wide_sum {
  public:
    explicit wide_sum(std::int64_t start) { add(start); }
    void add(std::int64_t term) {
        value_ += term;
        largest_ = std::max(largest_, size_of_integer(value_));
    }
    std::int64_t value() const { return value_; }
    std::int64_t largest() const { return largest_; }

  private:
    std::int64_t value_ = 0, largest_ = 0;
};

/// A sum, requantized and clamped; the requantizer's room for its end, int32 for its parts.
template <signature S> wide_output requantized_sum(const wide_sum& sum, scaling s, const tensor_facts& out) {
    using requantizer = requantizer_of<S>;
    if (size_of_integer(sum.value()) > requantizer::headroom(s) || sum.largest() > int32_room) return {false, 0};
    const auto accumulator = static_cast<std::int32_t>(sum.value());
    return {true, out.range.clamp(requantizer::apply(accumulator, s, out.quantization.zero_point))};
}

/// True where apply_saturating gives an end: the scale shifts the sum left, out of the requantizer's room.
template <class Requantizer> bool saturates_at(std::int64_t sum, scaling s) {
    return Requantizer::shifts_left(s) && size_of_integer(sum) > Requantizer::headroom(s);
}

/// The same where the arithmetic saturates instead of a proof, to the end on the sum's side.
template <signature S> wide_output saturated_sum(const wide_sum& sum, scaling s, const tensor_facts& out) {
    using requantizer = requantizer_of<S>;
    if (size_of_integer(sum.value()) > largest_saturating || sum.largest() > int32_room) return {false, 0};
    if (saturates_at<requantizer>(sum.value(), s)) return {true, sum.value() < 0 ? out.range.low : out.range.high};
    const auto accumulator = static_cast<std::int32_t>(sum.value());
    return {true, out.range.clamp(requantizer::apply(accumulator, s, out.quantization.zero_point))};
}

/// A product or a mean: bytes are proved, wider integers saturate.
template <signature S> wide_output scaled_sum(const wide_sum& sum, scaling s, const tensor_facts& out) {
    return op::all_bytes<S> ? requantized_sum<S>(sum, s, out) : saturated_sum<S>(sum, s, out);
}

/// `all<S>(node)`: every output of a node in 64 bits. Specialized for every operator that accumulates.
template <class Op> struct recomputed {
    static_assert(sizeof(Op) == 0,
                  "ctq: laws: no example of this operator's accumulators; specialize recomputed for it");
};

template <> struct recomputed<op::multiply> {
    template <signature S> static std::vector<wide_output> all(const node_at_work<op::multiply>& node) {
        std::vector<wide_output> result;
        op::for_each_broadcast(node.out.shape, node.in[0].shape(), node.in[1].shape(),
                               [&](std::size_t, std::size_t a, std::size_t b) {
                                   const wide_sum product(node.difference(0, a) * node.difference(1, b));
                                   result.push_back(scaled_sum<S>(product, node.with.lowered.scale, node.out));
                               });
        return result;
    }
};

/// What is divided is requantized by what the divisor at its place makes of the scales.
template <> struct recomputed<op::divide> {
    template <signature S> static std::vector<wide_output> all(const node_at_work<op::divide>& node) {
        using stored = typename requantizer_of<S>::multiplier_type;
        std::vector<wide_output> result;
        op::for_each_broadcast(node.out.shape, node.in[0].shape(), node.in[1].shape(),
                               [&](std::size_t, std::size_t a, std::size_t b) {
                                   const std::int64_t multiplier = node.in[1].as<stored>()[b];
                                   const std::int64_t x = node.difference(0, a);
                                   const scaling s{static_cast<std::int32_t>(size_of_integer(multiplier)),
                                                   node.in[2].as<std::int8_t>()[b]};
                                   result.push_back(scaled_sum<S>(wide_sum(multiplier < 0 ? -x : x), s, node.out));
                               });
        return result;
    }
};

/// Each output's terms are found from its own place in the result, not by the operator's walk.
template <> struct recomputed<op::matrix_product> {
    template <signature S> static std::vector<wide_output> all(const node_at_work<op::matrix_product>& node) {
        const shape &a = node.in[0].shape(), &b = node.in[1].shape(), &y = node.out.shape;
        const auto steps_a = broadcast_strides(a, y), steps_b = broadcast_strides(b, y), steps_y = strides_of(y);
        std::vector<wide_output> result;
        for (std::int64_t i = 0; i < y.elements(); ++i) {
            std::int64_t at_a = 0, at_b = 0;
            for (int axis = 0; axis < y.rank; ++axis) {
                const auto x = static_cast<std::size_t>(axis);
                const std::int64_t place = i / steps_y[x] % y[axis];
                if (axis != y.rank - 1) at_a += place * steps_a[x];
                if (axis != y.rank - 2) at_b += place * steps_b[x];
            }
            wide_sum sum(0);
            for (std::int32_t k = 0; k < a[a.rank - 1]; ++k)
                sum.add(node.difference(0, static_cast<std::size_t>(at_a + k)) *
                        node.difference(1, static_cast<std::size_t>(at_b + std::int64_t{k} * b[b.rank - 1])));
            result.push_back(rounded_sum<S>(sum, node.with.lowered.scale, node.out));
        }
        return result;
    }

  private:
    template <signature S> static wide_output rounded_sum(const wide_sum& sum, scaling s, const tensor_facts& out) {
        using requantizer = requantizer_of<S>;
        if constexpr (S.sum == dtype::int32) return saturated_sum<S>(sum, s, out);
        if (sum.largest() > requantizer::headroom(s)) return {false, 0};
        const auto accumulator = static_cast<typename requantizer::accumulator_type>(sum.value());
        return {true, out.range.clamp(requantizer::apply(accumulator, s, out.quantization.zero_point))};
    }
};

/// Of a sum, or with Sign -1 of a difference.
template <class Op, int Sign> struct recomputed_sum {
    template <signature S> static std::vector<wide_output> all(const node_at_work<Op>& node) {
        std::vector<wide_output> result;
        op::for_each_broadcast(node.out.shape, node.in[0].shape(), node.in[1].shape(),
                               [&](std::size_t, std::size_t a, std::size_t b) {
                                   result.push_back(sum_of<S>(requantizer_of<S>{}, node, node.difference(0, a),
                                                              Sign * node.difference(1, b)));
                               });
        return result;
    }

  private:
    template <signature S, class Requantizer>
    static wide_output sum_of(Requantizer, const node_at_work<Op>& node, std::int64_t a, std::int64_t b) {
        static_assert(op::all_bytes<S>, "ctq: laws: no example of the accumulators of this sum in 16 bits");
        const sum_scaling& s = node.with.lowered.scales;
        wide_sum sum(a * s.left.multiplier);
        sum.add(b * s.right.multiplier);
        sum.add(rounding_half<std::int64_t>(s.result.shift));
        return {sum.largest() <= int32_room, clamped(node, sum.value() >> s.result.shift)};
    }
    template <signature S>
    static wide_output sum_of(double_rounding, const node_at_work<Op>& node, std::int64_t a, std::int64_t b) {
        const sum_scaling& s = node.with.lowered.scales;
        constexpr std::int64_t one = 1 << ctq::op::add::sum_of<S>::left_shift;
        const auto fits = [](std::int64_t x, scaling by) {
            return size_of_integer(x) <= double_rounding::headroom(by);
        };
        if (!fits(a * one, s.left) || !fits(b * one, s.right)) return {false, 0};
        const std::int64_t left = double_rounding::apply(static_cast<std::int32_t>(a * one), s.left, 0);
        const std::int64_t right = double_rounding::apply(static_cast<std::int32_t>(b * one), s.right, 0);
        if (saturates_at<double_rounding>(left + right, s.result))
            return {true, left + right < 0 ? node.out.range.low : node.out.range.high};
        return {true, clamped(node, double_rounding::apply(static_cast<std::int32_t>(left + right), s.result, 0))};
    }
    static std::int32_t clamped(const node_at_work<Op>& node, std::int64_t sum) {
        const std::int64_t shown = std::clamp<std::int64_t>(sum, -1000000, 1000000) + node.out.quantization.zero_point;
        return node.out.range.clamp(static_cast<std::int32_t>(shown));
    }
};
template <> struct recomputed<ctq::op::add> : recomputed_sum<ctq::op::add, 1> {};
template <> struct recomputed<op::subtract> : recomputed_sum<op::subtract, -1> {};

template <> struct recomputed<op::requantize> {
    template <signature S> static std::vector<wide_output> all(const node_at_work<op::requantize>& node) {
        std::vector<wide_output> result;
        for (std::size_t i = 0; i < node.out.elements(); ++i)
            result.push_back(saturated_sum<S>(wide_sum(node.difference(0, i)), node.with.lowered.scale, node.out));
        return result;
    }
};

template <> struct recomputed<op::leaky_relu> {
    template <signature S> static std::vector<wide_output> all(const node_at_work<op::leaky_relu>& node) {
        std::vector<wide_output> result;
        for (std::size_t i = 0; i < node.out.elements(); ++i) {
            const std::int64_t x = node.difference(0, i);
            const bool turns = x < 0 && node.with.op.alpha < 0;
            const scaling& by = x < 0 ? node.with.lowered.below : node.with.lowered.above;
            result.push_back(saturated_sum<S>(wide_sum(turns ? -x : x), by, node.out));
        }
        return result;
    }
};

/// relu and clip: the input's integers, under another scale where the output has one.
template <class Op> struct recomputed_clamp {
    template <signature S> static std::vector<wide_output> all(const node_at_work<Op>& node) {
        std::vector<wide_output> result;
        for (std::size_t i = 0; i < node.out.elements(); ++i) result.push_back(clamped_element<S>(node, i));
        return result;
    }

  private:
    template <signature S> static wide_output clamped_element(const node_at_work<Op>& node, std::size_t i) {
        if constexpr (rounded<S>)
            if (node.with.lowered.scale.multiplier != 0)
                return saturated_sum<S>(wide_sum(node.difference(0, i)), node.with.lowered.scale, node.out);
        return {true, node.out.range.clamp(static_cast<std::int32_t>(node.integer(0, i)))};
    }
};
template <> struct recomputed<op::relu> : recomputed_clamp<op::relu> {};
template <> struct recomputed<op::clip> : recomputed_clamp<op::clip> {};

/// Sums over the axes, each taken from a float mean of one-hot tensors' places: the mean's own walk is not used.
template <> struct recomputed<op::reduce_mean> {
    template <signature S> static std::vector<wide_output> all(const node_at_work<op::reduce_mean>& node) {
        const shape& of = node.in[0].shape();
        std::vector<wide_sum> sums(node.out.elements(), wide_sum(0));
        const auto strides = strides_of(of);
        for (std::size_t i = 0; i < node.in[0].size(); ++i) {
            std::size_t to = 0;
            for (int axis = 0; axis < of.rank; ++axis) {
                if (node.with.op.axes.contains(axis)) continue;
                const std::int64_t at =
                    static_cast<std::int64_t>(i) / strides[static_cast<std::size_t>(axis)] % of[axis];
                to = to * static_cast<std::size_t>(of[axis]) + static_cast<std::size_t>(at);
            }
            sums[to].add(node.difference(0, i));
        }
        std::vector<wide_output> result;
        for (const wide_sum& sum : sums) result.push_back(scaled_sum<S>(sum, node.with.lowered.scale, node.out));
        return result;
    }
};

template <> struct recomputed<op::average_pool> {
    template <signature S> static std::vector<wide_output> all(const node_at_work<op::average_pool>& node) {
        std::vector<wide_output> result;
        const op::average_pool& op = node.with.op;
        op::for_each_pooled(
            op::window_of(op), node.in[0].shape(), node.out.shape, [&](std::size_t, const op::pooled_window& under) {
                wide_sum sum(0);
                std::int64_t inside = 0;
                under.for_each([&](std::size_t at) {
                    sum.add(node.integer(0, at));
                    ++inside;
                });
                const std::int64_t counted = op.count_padding ? std::int64_t{op.kernel[0]} * op.kernel[1] : inside;
                sum.add((counted - inside) * node.in[0].zero_point());
                const std::int64_t rounded = sum.value() + (sum.value() > 0 ? counted / 2 : -(counted / 2));
                result.push_back({std::max(sum.largest(), size_of_integer(rounded)) <= int32_room,
                                  static_cast<std::int32_t>(rounded / counted)});
            });
        return result;
    }
};

/// The weighted sum of each output, all 8 corners of it; an axis that stays gives both the same element.
template <> struct recomputed<op::resize_linear> {
    template <signature S> static std::vector<wide_output> all(const node_at_work<op::resize_linear>& node) {
        std::vector<wide_output> result;
        const op::resize_linear& op = node.with.op;
        const shape &in = node.in[0].shape(), &out = node.out.shape;
        const auto strides = strides_of(in), own = strides_of(out);
        const int bits = op.weight_bits<S>(in.rank), shift = bits * op::resized_count(op, in.rank);
        for (std::int64_t i = 0; i < out.elements(); ++i) {
            std::vector<std::pair<std::int64_t, std::int64_t>> corners{{0, 1}}; // place, weight
            std::int64_t entry = 0;
            for (int axis = 0; axis < in.rank; ++axis) {
                const auto x = static_cast<std::size_t>(axis);
                const std::int64_t index = i / own[x] % out[axis];
                if (!op::resizes(op, axis)) {
                    for (auto& corner : corners) corner.first += index * strides[x];
                    continue;
                }
                const std::int64_t first = node.integer(1, static_cast<std::size_t>(2 * (entry + index)));
                const std::int64_t second = node.integer(1, static_cast<std::size_t>(2 * (entry + index) + 1));
                entry += out[axis];
                std::vector<std::pair<std::int64_t, std::int64_t>> split;
                for (const auto& [place, weight] : corners) {
                    split.emplace_back(place + first * strides[x], weight * ((std::int64_t{1} << bits) - second));
                    if (second != 0) split.emplace_back(place + (first + 1) * strides[x], weight * second);
                }
                corners = split;
            }
            wide_sum sum(0);
            for (const auto& [place, weight] : corners)
                sum.add(weight * node.integer(0, static_cast<std::size_t>(place)));
            const double mean = std::ldexp(static_cast<double>(sum.value()), -shift);
            result.push_back({sum.largest() < (std::int64_t{1} << 62), static_cast<std::int32_t>(std::round(mean))});
        }
        return result;
    }
};

/// `exponential(difference from the largest)` of each input, and their sum along the axis, in 64 bits; then each share.
template <> struct recomputed<op::softmax> {
    template <signature S> static std::vector<wide_output> all(const node_at_work<op::softmax>& node) {
        const shape& of = node.out.shape;
        const int axis = of.normalized_axis(node.with.op.axis);
        const std::int64_t inner = of.elements(axis + 1, of.rank), length = of[axis];
        std::vector<wide_output> result;
        for (std::int64_t i = 0; i < of.elements(); ++i) {
            const std::int64_t first = i / (inner * length) * inner * length + i % inner;
            const auto at = [&](std::int64_t k) {
                return node.integer(0, static_cast<std::size_t>(first + k * inner));
            };
            std::int64_t largest = at(0);
            for (std::int64_t k = 1; k < length; ++k) largest = std::max(largest, at(k));
            wide_sum sum(0);
            for (std::int64_t k = 0; k < length; ++k) sum.add(exponential<S>(node, at(k) - largest));
            const std::int64_t own = node.integer(0, static_cast<std::size_t>(i));
            result.push_back(share_of<S>(node, exponential<S>(node, own - largest), sum));
        }
        return result;
    }

  private:
    template <signature S>
    static std::int64_t exponential(const node_at_work<op::softmax>& node, std::int64_t difference) {
        if constexpr (op::softmax_of_bytes<S>)
            return node.integer(1, static_cast<std::size_t>(-difference));
        else
            return ctq::detail::exponential_of_difference(static_cast<std::int32_t>(difference), 0,
                                                          node.with.lowered.scale);
    }

    template <signature S>
    static wide_output share_of(const node_at_work<op::softmax>& node, std::int64_t exponential, const wide_sum& sum) {
        if (sum.largest() > int32_room) return {false, 0};
        wide_sum share(0);
        std::int64_t rounded = 0;
        if constexpr (op::softmax_of_bytes<S>) {
            share.add(exponential * node.with.lowered.steps);
            share.add(sum.value() / 2);
            rounded = share.value() / sum.value() + node.out.quantization.zero_point;
        } else {
            const auto [multiplier, shift] = ctq::detail::reciprocal_of(static_cast<std::int32_t>(sum.value()));
            share.add(exponential * multiplier);
            share.add(std::int64_t{1} << (shift - 1));
            rounded = std::clamp<std::int64_t>(share.value() >> shift, 0, 32767);
        }
        return {share.largest() <= int32_room, node.out.range.clamp(static_cast<std::int32_t>(rounded))};
    }
};

/// conv2d and dense: `for_each_term(node, output, visit(position of the activation or -1 for padding, weight))`.
template <class Op> struct recomputed_weighted {
    template <signature S> static std::vector<wide_output> all(const node_at_work<Op>& node) {
        std::vector<wide_output> result;
        const op::channel_scaling<S> scales(node.in);
        const auto channels = static_cast<std::size_t>(node.out.shape[node.out.shape.rank - 1]);
        for (std::size_t i = 0; i < node.out.elements(); ++i) {
            const std::size_t channel = i % channels;
            wide_sum sum(scales.bias[channel]);
            recomputed<Op>::for_each_term(node, i, [&](std::int64_t at, std::int64_t weight) {
                sum.add(weight * (at < 0 ? node.in[0].zero_point() : node.integer(0, static_cast<std::size_t>(at))));
            });
            const bool fits = sum.largest() <= room_of<S>(scales, channel);
            const auto folded = static_cast<element<S.sum>>(fits ? sum.value() : 0);
            result.push_back({fits, scales.finish(folded, channel, node.out)});
        }
        return result;
    }

  private:
    /// What the sum's type and, where it is rounded, the requantizer take.
    template <signature S> static std::int64_t room_of(const op::channel_scaling<S>& scales, std::size_t channel) {
        constexpr std::int64_t held = std::numeric_limits<element<S.sum>>::max();
        if constexpr (rounded<S>) {
            using requantizer = requantizer_of<S>;
            const scaling s = scales[channel];
            return std::min<std::int64_t>(requantizer::headroom(s) + requantizer::rounding(s), held);
        } else {
            return held;
        }
    }
};

template <> struct recomputed<op::dense> : recomputed_weighted<op::dense> {
    template <class Visitor>
    static void for_each_term(const node_at_work<op::dense>& node, std::size_t output, Visitor visit) {
        const shape& from = node.in[0].shape();
        const std::int32_t inputs = from[from.rank - 1], outputs = node.out.shape[node.out.shape.rank - 1];
        const auto channel = static_cast<std::int32_t>(output % static_cast<std::size_t>(outputs));
        const auto row = static_cast<std::int64_t>(output / static_cast<std::size_t>(outputs));
        const op::row_packing layout = op::dense::packing(inputs, outputs);
        for (std::int32_t k = 0; k < inputs; ++k)
            visit(row * inputs + k, node.integer(1, layout.index(0, 0, k, channel)));
    }
};

template <> struct recomputed<op::conv2d> : recomputed_weighted<op::conv2d> {
    template <class Visitor>
    static void for_each_term(const node_at_work<op::conv2d>& node, std::size_t output, Visitor visit) {
        const op::conv2d& op = node.with.op;
        const shape &image = node.in[0].shape(), &out = node.out.shape;
        const auto place = static_cast<std::int32_t>(output);
        const std::int32_t channel = place % out[3], x = place / out[3] % out[2], y = place / out[3] / out[2] % out[1];
        const std::int32_t n = place / out[3] / out[2] / out[1], inputs = image[3] / op.groups;
        const op::row_packing layout = op.packing(inputs, out[3]);
        const std::int32_t group = channel / layout.channels, member = channel % layout.channels;
        for (std::int32_t ky = 0; ky < op.kernel[0]; ++ky)
            for (std::int32_t kx = 0; kx < op.kernel[1]; ++kx)
                for (std::int32_t i = 0; i < inputs; ++i) {
                    const std::int32_t row = y * op.stride[0] - op.padding[0] + ky * op.dilation[0];
                    const std::int32_t column = x * op.stride[1] - op.padding[1] + kx * op.dilation[1];
                    const bool inside = row >= 0 && row < image[1] && column >= 0 && column < image[2];
                    const std::size_t weight =
                        inputs == 1 ? static_cast<std::size_t>((ky * op.kernel[1] + kx) * out[3] + channel)
                                    : layout.index(group, ky, kx * inputs + i, member);
                    visit(inside
                              ? ((std::int64_t{n} * image[1] + row) * image[2] + column) * image[3] + group * inputs + i
                              : -1,
                          node.integer(1, weight));
                }
    }
};

/// Which activations a node is tried with, within the operand's range: all lowest, all highest, and both in turn, for
/// each operand apart; of weighted layers, what drives each of some outputs as far as it goes to either side.
template <class Op> std::vector<constant> extremes(const node_at_work<Op>& node, std::size_t operand) {
    const std::size_t size = node.in[operand].size();
    const auto [low, high] = node.in[operand].facts.range;
    const auto filled = [size](std::int32_t even, std::int32_t odd) {
        std::vector<std::int32_t> result(size, even);
        for (std::size_t i = 1; i < size; i += 2) result[i] = odd;
        return result;
    };
    std::vector<std::vector<std::int32_t>> tried{filled(low, low), filled(high, high), filled(low, high),
                                                 filled(high, low)};
    if constexpr (is_weighted<Op>)
        for (std::size_t output = 0; output < node.out.elements(); output += 1 + node.out.elements() / 16)
            for (const std::int64_t sign : {1, -1}) {
                tried.push_back(filled(low, high));
                recomputed<Op>::for_each_term(node, output, [&](std::int64_t at, std::int64_t weight) {
                    if (at >= 0)
                        tried.back()[static_cast<std::size_t>(at)] =
                            sign * weight > 0 ? node.in[operand].facts.range.high : node.in[operand].facts.range.low;
                });
            }
    std::vector<constant> result;
    for (const auto& each : tried) result.push_back(testing::stored_as(node.in[operand].facts.type, each));
    return result;
}

/// What a proof says of a node, and whether the node's accumulators fit at all extremes.
struct proof_and_fact {
    bool proved = false, fits = true;
};

/// The law for a lowered node under one signature. Where the proof holds, checks that the node gives what 64 bits give.
template <signature S, class Op> proof_and_fact check_overflow_proof_of(node_at_work<Op> work, bool proved) {
    using stored = element<S.x>;
    proof_and_fact result{proved, true};
    std::vector<std::size_t> activations;
    for (std::size_t i = 0; i < work.in.size(); ++i)
        if (work.in[i].elements.template as<stored>() == nullptr) activations.push_back(i);
    const std::size_t first = activations.front(), last = activations.back(); // the same, where one operand is constant
    const std::vector<constant> of_first = extremes(work, first), of_last = extremes(work, last);
    for (std::size_t i = 0; i < of_first.size(); ++i)
        for (std::size_t k = first == last ? i : 0; k < (first == last ? i + 1 : of_last.size()); ++k) {
            work.in[first].elements = of_first[i].view();
            work.in[last].elements = of_last[k].view();
            const std::vector<wide_output> wide = recomputed<Op>::template all<S>(work);
            for (const wide_output& each : wide) result.fits &= each.fits;
            if (!result.proved) continue;
            CHECK(result.fits);
            std::vector<element<S.y>> integers(wide.size());
            const tensor out{work.out, integers.data()};
            ctq::detail::run_lowered<S>(work.with, work.in, tensors(&out, 1));
            CHECK(std::equal(integers.begin(), integers.end(), wide.begin(),
                             [](element<S.y> made, const wide_output& wanted) { return made == wanted.integer; }));
        }
    return result;
}

/// Runs the law on the last node of a graph that was annotated under `Rules`.
template <class Rules, class Op, class Graph> proof_and_fact check_overflow_proof(const Graph& graph) {
    const auto lowered = lower_graph<Rules>(graph);
    const auto& node = lowered.nodes.back();
    node_at_work<Op> work{std::get<lowered_operator<Op>>(node.op), {}, lowered.value_at(node.output()).facts};
    for (const int index : node.inputs) work.in.push_back(lowered.tensor_at(index));
    proof_and_fact result;
    visit_signature<Rules, Op>(node.types, [&]<signature S>() {
        if constexpr (is_integer(S.x) && is_integer(S.y))
            result = check_overflow_proof_of<S>(work, never_overflows<Rules>(lowered, node));
    });
    return result;
}

} // namespace ctq::laws
