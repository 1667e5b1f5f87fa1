#pragma once
// Shape and Size: constants whatever their input holds, for all dimensions are known.
// room: host | runs on: host | heap: yes

#include <ctq/host/onnx/translation.hpp>

#include <algorithm>
#include <cstdint>
#include <string_view>
#include <vector>

namespace ctq::inline CTQ_TARGET::host::onnx::translations {

/// `start` and `end` (version 15) cut the shape.
struct shape_of_input : constant_translation {
    static constexpr std::string_view name = "Shape";

    template <source_node Node> static void translate(Node& in) {
        in.check(in.input_count() == 1, "one input is required");
        const shape of = in.shape_of(0);
        const auto place = [&](std::string_view end, std::int32_t absent) {
            const std::int32_t axis = in.saturated_integer(end, absent);
            return std::clamp(axis < 0 ? axis + of.rank : axis, 0, of.rank);
        };
        const int first = place("start", 0), last = place("end", of.rank);
        std::vector<std::int64_t> extents;
        for (int axis = first; axis < last; ++axis) extents.push_back(of[axis]);
        const shape list{static_cast<std::int32_t>(extents.size())};
        in.finish(in.constant("shape", list, std::move(extents)));
    }
};

struct size_of_input : constant_translation {
    static constexpr std::string_view name = "Size";

    template <source_node Node> static void translate(Node& in) {
        in.check(in.input_count() == 1, "one input is required");
        in.finish(in.constant("size", shape{}, std::vector<std::int64_t>{in.shape_of(0).elements()}));
    }
};

} // namespace ctq::inline CTQ_TARGET::host::onnx::translations
