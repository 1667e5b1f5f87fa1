#pragma once
// Pad, whose pads are an attribute before version 11 and an input from then on.
// room: host | runs on: host | heap: yes

#include <ctq/host/onnx/translation.hpp>
#include <ctq/operators/pad.hpp>

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace ctq::inline CTQ_TARGET::host::onnx::translations {

namespace detail {

template <source_node Node> void finish_pad(Node& in, const std::vector<std::int32_t>& pads, float value) {
    const auto mode = in.string("mode", "constant");
    in.check(mode == "constant" || mode == "reflect" || mode == "edge" || mode == "wrap",
             "mode must be constant, reflect, edge or wrap");
    in.support(mode == "constant", "only mode constant is supported");
    const auto rank = static_cast<std::size_t>(in.shape_of(0).rank);
    in.check(pads.size() == 2 * rank, "pads must have two values for each axis");
    op::pad op;
    op.value = value;
    for (std::size_t axis = 0; axis < rank; ++axis) {
        op.before[axis] = pads[axis];
        op.after[axis] = pads[axis + rank];
        in.support(op.before[axis] >= 0 && op.after[axis] >= 0, "negative pads are not supported");
    }
    in.finish(in.emit(op, {in.input(0)}));
}

} // namespace detail

struct pad : translation_to<op::pad> {
    static constexpr std::string_view name = "Pad";
    static constexpr version_range versions{11};

    template <source_node Node> static void translate(Node& in) {
        in.support(in.is_constant(1) && (!in.has_input(2) || in.is_constant(2)), "the pads must be constant");
        float value = 0;
        if (in.has_input(2)) {
            const auto fill = in.constant_reals(2);
            in.check(fill.size() == 1, "the padding value must be one value");
            value = fill[0];
        }
        detail::finish_pad(in, in.constant_integers(1), value);
    }
};

struct pad_by_attributes : translation_to<op::pad> {
    static constexpr std::string_view name = "Pad";
    static constexpr version_range versions{2, 10};

    template <source_node Node> static void translate(Node& in) {
        detail::finish_pad(in, in.integers("pads"), in.real("value", 0.0f));
    }
};

} // namespace ctq::inline CTQ_TARGET::host::onnx::translations
