#pragma once
// Softmax: along one axis, before version 13 along all from one on.
// room: host | runs on: host | heap: yes

#include <ctq/host/onnx/translation.hpp>
#include <ctq/operators/reshape.hpp>
#include <ctq/operators/softmax.hpp>

#include <cstdint>
#include <string_view>

namespace ctq::inline CTQ_TARGET::host::onnx::translations {

namespace detail {

/// Over all axes from one on, as along one.
template <source_node Node> void finish_flat_softmax(Node& in, int axis) {
    const shape from = in.shape_of(0);
    const shape flat{static_cast<std::int32_t>(from.elements(0, axis)),
                     static_cast<std::int32_t>(from.elements(axis, from.rank))};
    in.finish(in.reshape(in.emit(op::softmax{1}, {in.reshape(in.input(0), flat)}), from));
}

} // namespace detail

struct softmax : translation_to<op::softmax> {
    static constexpr std::string_view name = "Softmax";
    static constexpr version_range versions{13};

    template <source_node Node> static void translate(Node& in) {
        in.finish(in.emit(op::softmax{in.shape_of(0).normalized_axis(in.integer("axis", -1))}, {in.input(0)}));
    }
};

struct softmax_from_axis : translation_to<op::softmax> {
    using also_makes = operator_list<op::reshape>;
    static constexpr std::string_view name = "Softmax";
    static constexpr version_range versions{1, 12};

    template <source_node Node> static void translate(Node& in) {
        const shape from = in.shape_of(0);
        const int axis = from.normalized_axis(in.integer("axis", 1));
        if (axis == from.rank - 1) return in.finish(in.emit(op::softmax{axis}, {in.input(0)}));
        detail::finish_flat_softmax(in, axis);
    }
};

} // namespace ctq::inline CTQ_TARGET::host::onnx::translations
