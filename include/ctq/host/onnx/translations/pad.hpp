#pragma once
// Pad, whose pads are an attribute before version 11 and an input from then on.
// room: host | runs on: host | heap: yes

#include <ctq/host/onnx/translation.hpp>
#include <ctq/operators/axes.hpp>
#include <ctq/operators/pad.hpp>

#include <cstddef>
#include <cstdint>
#include <numeric>
#include <string_view>
#include <vector>

namespace ctq::inline CTQ_TARGET::host::onnx::translations {

namespace detail {

inline std::vector<std::int32_t> all_axes(const shape& of) {
    std::vector<std::int32_t> axes(static_cast<std::size_t>(of.rank));
    std::iota(axes.begin(), axes.end(), 0);
    return axes;
}

/// `pads`: before each of `axes`, then behind each.
template <source_node Node>
void finish_pad(Node& in, const std::vector<std::int32_t>& axes, const std::vector<std::int32_t>& pads, float value) {
    const auto mode = in.string("mode", "constant");
    in.check(mode == "constant" || mode == "reflect" || mode == "edge" || mode == "wrap",
             "mode must be constant, reflect, edge or wrap");
    in.support(mode == "constant", "only mode constant is supported");
    in.check(pads.size() == 2 * axes.size(), "pads must have two values for each axis");
    op::pad op;
    op.value = value;
    op::axis_set seen;
    for (std::size_t i = 0; i < axes.size(); ++i) {
        const int axis = in.shape_of(0).normalized_axis(axes[i]);
        in.check(!seen.contains(axis), "axes must not repeat");
        seen.insert(axis);
        in.support(pads[i] >= 0 && pads[i + axes.size()] >= 0, "negative pads are not supported");
        op.before[static_cast<std::size_t>(axis)] = pads[i];
        op.after[static_cast<std::size_t>(axis)] = pads[i + axes.size()];
    }
    in.finish(in.emit(op, {in.input(0)}));
}

} // namespace detail

/// From version 18 on a fourth input may say which axes the pads are of.
struct pad : translation_to<op::pad> {
    static constexpr std::string_view name = "Pad";
    static constexpr version_range versions{11};

    template <source_node Node> static void translate(Node& in) {
        in.support(in.is_constant(1) && (!in.has_input(2) || in.is_constant(2)), "the pads must be constant");
        in.support(!in.has_input(3) || in.is_constant(3), "the axes must be constant");
        float value = 0;
        if (in.has_input(2)) {
            in.check(in.shape_of(2).elements() == 1, "the padding value must be one value");
            value = in.constant_reals(2)[0];
        }
        const auto axes = in.has_input(3) ? in.constant_integers(3) : detail::all_axes(in.shape_of(0));
        detail::finish_pad(in, axes, in.constant_integers(1), value);
    }
};

struct pad_by_attributes : translation_to<op::pad> {
    static constexpr std::string_view name = "Pad";
    static constexpr version_range versions{2, 10};

    template <source_node Node> static void translate(Node& in) {
        detail::finish_pad(in, detail::all_axes(in.shape_of(0)), in.integers("pads"), in.real("value", 0.0f));
    }
};

} // namespace ctq::inline CTQ_TARGET::host::onnx::translations
