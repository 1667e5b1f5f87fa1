#pragma once
// TopK, whose k is an attribute before version 10 and an input from then on. Where the order is left open, by `sorted`
// 0, it is sorted.
// room: host | runs on: host | heap: yes

#include <ctq/host/onnx/translation.hpp>
#include <ctq/operators/top_k.hpp>

#include <cstdint>
#include <string_view>

namespace ctq::inline CTQ_TARGET::host::onnx::translations {

namespace detail {

template <source_node Node> void finish_top_k(Node& in, std::int32_t count) {
    const shape from = in.shape_of(0);
    const int axis = from.normalized_axis(in.integer("axis", -1));
    in.support(count != 0, "a k of 0 leaves no elements, which is not supported");
    in.check(count > 0 && count <= from[axis], "k must be positive, and no more than the axis has elements");
    in.finish(in.emit_all(op::top_k{axis, count, in.integer("largest", 1) != 0}, {in.input(0)}));
}

} // namespace detail

struct top_k : translation_to<op::top_k> {
    static constexpr std::string_view name = "TopK";
    static constexpr version_range versions{10};

    template <source_node Node> static void translate(Node& in) {
        in.support(in.is_constant(1), "k must be constant");
        const auto count = in.constant_integers(1);
        in.check(count.size() == 1, "k must be one number");
        detail::finish_top_k(in, count[0]);
    }
};

struct top_k_by_attribute : translation_to<op::top_k> {
    static constexpr std::string_view name = "TopK";
    static constexpr version_range versions{1, 9};

    template <source_node Node> static void translate(Node& in) { detail::finish_top_k(in, in.integer("k", -1)); }
};

} // namespace ctq::inline CTQ_TARGET::host::onnx::translations
