#pragma once
// reduce_mean: the mean over some axes; ONNX's ReduceMean and GlobalAveragePool.
// room: operators | runs on: all | heap: no

#include <ctq/core/requantize.hpp>
#include <ctq/operators/axes.hpp>
#include <ctq/registry/operation.hpp>

namespace ctq {

struct reduce_mean {
    static constexpr std::string_view name = "reduce_mean";
    static constexpr std::string_view cpp_name = "ctq::reduce_mean";
    static constexpr std::array<std::string_view, 2> onnx_names{"ReduceMean", "GlobalAveragePool"};

    axis_set axes{};
    bool keep_axes = true;
    scaling scale{}; ///< set by quantization: of the sum of the integers
    limits range{};  ///< set by quantization: the output's integers

    static constexpr auto attributes =
        std::tuple{attribute{"axes", &reduce_mean::axes}, attribute{"keep_axes", &reduce_mean::keep_axes},
                   attribute{"scale", &reduce_mean::scale}, attribute{"range", &reduce_mean::range}};

    friend constexpr bool operator==(const reduce_mean&, const reduce_mean&) = default;

  private:
    // Before their use: clang evaluates a template in a constant expression only if it was defined by then.
    static constexpr std::int64_t largest_count = 4194304;

    constexpr std::int64_t count(const shape& in) const {
        std::int64_t product = 1;
        for (int axis = 0; axis < in.rank; ++axis)
            if (axes.contains(axis)) product *= in[axis];
        return product;
    }

    /// Calls visit(output index, walker) where the walker visits the input elements that the output averages.
    template <class Visitor> constexpr void for_each_mean(const shape& in, Visitor visit) const {
        const auto strides = strides_of(in);
        shape kept = in, reduced = in;
        for (int axis = 0; axis < in.rank; ++axis) (axes.contains(axis) ? kept : reduced)[axis] = 1;
        std::size_t index = 0;
        for_each_offset(kept, strides, [&](std::int64_t base) {
            visit(index++, [&](auto at) {
                for_each_offset(reduced, strides,
                                [&](std::int64_t offset) { at(static_cast<std::size_t>(base + offset)); });
            });
        });
    }

  public:
    constexpr shape output_shape(shapes in) const {
        require(in.size() == 1, "reduce_mean takes one input");
        require(count(in[0]) > 0 && count(in[0]) <= largest_count, "a mean is over 1 to 4194304 elements");
        shape result;
        for (int axis = 0; axis < in[0].rank; ++axis) {
            if (!axes.contains(axis))
                result.append(in[0][axis]);
            else if (keep_axes)
                result.append(1);
        }
        return result;
    }

    constexpr void compute(const_tensors in, tensors out) const {
        const auto cells = static_cast<float>(count(in[0].shape()));
        for_each_mean(in[0].shape(), [&](std::size_t index, auto for_each_cell) {
            float sum = 0;
            for_each_cell([&](std::size_t at) { sum += in[0].as<float>()[at]; });
            out[0].as<float>()[index] = sum / cells;
        });
    }

    /// q = requantized sum of (x - zero point): |sum| <= 255 * 2^22 < 2^30.
    template <class Requantizer> constexpr void compute_integer(const_tensors in, tensors out) const {
        const auto cells = static_cast<std::int32_t>(count(in[0].shape()));
        for_each_mean(in[0].shape(), [&](std::size_t index, auto for_each_cell) {
            std::int32_t sum = -cells * in[0].zero_point();
            for_each_cell([&](std::size_t at) { sum += in[0].as<std::int8_t>()[at]; });
            out[0].as<std::int8_t>()[index] =
                static_cast<std::int8_t>(range.clamp(Requantizer::apply(sum, scale, out[0].zero_point())));
        });
    }

    template <class Rule, class Context> constexpr reduce_mean quantized(Context& context) const {
        context.keep_input(0);
        reduce_mean result = *this;
        const double cells = static_cast<double>(count(context.input(0).shape));
        result.scale = Rule::requantizer::encode(static_cast<double>(context.input(0).quantization.scale) /
                                                 (cells * static_cast<double>(context.output().quantization.scale)));
        result.range = Rule::activation_limits(none, context.output().quantization);
        return result;
    }

    /// The axes that the result has no more.
    constexpr axis_set dropped_axes() const { return keep_axes ? axis_set{} : axes; }

    constexpr reduce_mean permuted(std::span<const std::int32_t> permutation) const {
        reduce_mean result = *this;
        result.axes = axes.permuted(permutation);
        return result;
    }

    template <class Import> static void from_onnx(Import& in) {
        const shape from = in.shape_of(0);
        reduce_mean op;
        if (in.type() == "GlobalAveragePool") {
            in.check(from.rank >= 3, "the input must have spatial axes");
            for (int axis = 2; axis < from.rank; ++axis) op.axes.insert(axis);
        } else {
            op.axes = import_axes(in, from);
            op.keep_axes = in.integer("keepdims", 1) != 0;
        }
        in.finish(in.emit(op, {in.input(0)}));
    }
};

} // namespace ctq
