#pragma once
// Gather.
// room: host | runs on: host | heap: yes

#include <ctq/host/onnx/translation.hpp>
#include <ctq/operators/gather.hpp>

#include <cstdint>
#include <string_view>

namespace ctq::inline CTQ_TARGET::host::onnx::translations {

struct gather : translation_to<op::gather> {
    static constexpr std::string_view name = "Gather";

    template <source_node Node> static void translate(Node& in) {
        in.check(in.input_count() == 2, "data and indices are required");
        const shape from = in.shape_of(0);
        const int axis = from.normalized_axis(in.integer("axis", 0));
        if (in.is_constant(1)) check_indices(in, from[axis]);
        in.finish(in.emit(op::gather{axis}, in.inputs()));
    }

  private:
    /// Of constant indices; those that are computed are only known when the network runs.
    template <source_node Node> static void check_indices(const Node& in, std::int64_t extent) {
        for (const std::int64_t index : in.constant_wide_integers(1))
            if (index < -extent || index >= extent)
                in.check(false, message("index ", index, " is outside ", extent, " elements"));
    }
};

} // namespace ctq::inline CTQ_TARGET::host::onnx::translations
