#pragma once
// pad: a constant border around a tensor.
// room: operators | runs on: all | heap: no

#include <ctq/core/elementary.hpp>
#include <ctq/operators/element_walks.hpp>
#include <ctq/operators/element_wise.hpp>
#include <ctq/registry/operation.hpp>

namespace ctq::inline CTQ_TARGET::op {

/// Input of any rank, output larger by `before` and `after` along each axis, 0 or more each: filled with `value`.
/// Integer meaning: exact, the fill rounded to the nearest integer; the output's range holds it.
struct pad {
    static constexpr std::string_view name = "pad";
    static constexpr std::string_view cpp_name = "ctq::op::pad";
    static constexpr std::array<std::string_view, 1> onnx_names{"Pad"};
    static constexpr operator_traits traits{.output_range = range_rule::same_as_input, .adds_nothing = true};

    using widths = std::array<std::int32_t, shape::max_rank>;
    widths before{}, after{};
    float value = 0;

    static constexpr auto attributes =
        std::tuple{attribute{"before", &pad::before}, attribute{"after", &pad::after}, attribute{"value", &pad::value}};

    friend constexpr bool operator==(const pad&, const pad&) = default;

    struct lowered {
        std::int32_t fill = 0; ///< `value` as an integer

        static constexpr auto attributes = std::tuple{attribute{"fill", &lowered::fill}};
        friend constexpr bool operator==(const lowered&, const lowered&) = default;
    };

  private:
    // Defined first: clang (docs/design.md, section 1).
    template <class T> constexpr void surround(const const_tensor& in, const tensor& out, T with) const {
        for (std::size_t i = 0; i < out.size(); ++i) out.as<T>()[i] = with;
        const auto strides = strides_of(out.shape());
        std::int64_t origin = 0;
        for (int axis = 0; axis < in.shape().rank; ++axis)
            origin += before[static_cast<std::size_t>(axis)] * strides[static_cast<std::size_t>(axis)];
        const T* from = in.as<T>();
        for_each_offset(in.shape(), strides, [&](std::int64_t offset) { out.as<T>()[origin + offset] = *from++; });
    }

  public:
    constexpr shape output_shape(shapes in) const {
        require(in.size() == 1, "pad takes one input");
        shape result = in[0];
        for (int axis = 0; axis < in[0].rank; ++axis) {
            const auto x = static_cast<std::size_t>(axis);
            require(before[x] >= 0 && after[x] >= 0, "pads must not be negative");
            require(std::int64_t{before[x]} + after[x] <= 2147483647 - in[0][axis], "pads make an axis too long");
            result[axis] += before[x] + after[x];
        }
        return result;
    }

    /// The fill. An infinite one saturates, and one so large that it stands for infinity: see with_added.
    constexpr bounds added_bounds() const {
        return elementary::is_finite(value) ? bounds{value, value} : bounds{0.0f, 0.0f};
    }

    constexpr void compute(const_tensors in, tensors out) const { surround<float>(in[0], out[0], value); }

    template <signature S>
    requires same_stored_types<S>
    constexpr void compute_integer(const lowered& with, const_tensors in, tensors out) const {
        surround<element<S.y>>(in[0], out[0], static_cast<element<S.y>>(with.fill));
    }

    template <signature S, lowering_view Node>
    requires same_stored_types<S>
    constexpr lowered lower(Node& node) const {
        node.keep(0);
        return {ctq::quantize(value, node.output())};
    }

    constexpr pad permuted(std::span<const std::int32_t> permutation) const {
        pad result = *this;
        for (std::size_t axis = 0; axis < permutation.size(); ++axis) {
            result.before[axis] = before[static_cast<std::size_t>(permutation[axis])];
            result.after[axis] = after[static_cast<std::size_t>(permutation[axis])];
        }
        return result;
    }

    /// Widths and value are attributes before opset 11 and inputs since.
    template <source_node Node> static void from_onnx(Node& in) {
        const shape from = in.shape_of(0);
        const auto mode = in.string("mode", "constant");
        in.check(mode == "constant" || mode == "reflect" || mode == "edge" || mode == "wrap",
                 "mode must be constant, reflect, edge or wrap");
        in.support(mode == "constant", "only mode constant is supported");
        const bool by_attribute = in.opset() < 11;
        in.support(by_attribute || (in.is_constant(1) && (!in.has_input(2) || in.is_constant(2))),
                   "the pads must be constant");
        const auto given = by_attribute ? in.integers("pads") : in.constant_integers(1);
        in.check(given.size() == 2 * static_cast<std::size_t>(from.rank), "pads must have two values for each axis");
        pad op;
        for (std::size_t axis = 0; axis < static_cast<std::size_t>(from.rank); ++axis) {
            op.before[axis] = given[axis];
            op.after[axis] = given[axis + static_cast<std::size_t>(from.rank)];
            in.support(op.before[axis] >= 0 && op.after[axis] >= 0, "negative pads are not supported");
        }
        if (by_attribute)
            op.value = in.real("value", 0.0f);
        else if (in.has_input(2)) {
            const auto fill = in.constant_reals(2);
            in.check(fill.size() == 1, "the padding value must be one value");
            op.value = fill[0];
        }
        in.finish(in.emit(op, {in.input(0)}));
    }
};

} // namespace ctq::inline CTQ_TARGET::op
