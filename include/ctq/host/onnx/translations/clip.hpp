#pragma once
// Clip, whose bounds are attributes before version 11 and inputs from then on.
// room: host | runs on: host | heap: yes

#include <ctq/host/onnx/translation.hpp>
#include <ctq/operators/clip.hpp>

#include <algorithm>
#include <cstddef>
#include <string_view>

namespace ctq::inline CTQ_TARGET::host::onnx::translations {

struct clip : translation_to<op::clip> {
    static constexpr std::string_view name = "Clip";
    static constexpr version_range versions{11};

    /// Where min exceeds max, max is the result: version 13 says so, onnxruntime does so for the two before it too.
    template <source_node Node> static void translate(Node& in) {
        const auto bound = [&](std::size_t position, float absent) {
            if (!in.has_input(position)) return absent;
            in.support(in.is_constant(position), "the bounds must be constant");
            in.check(in.shape_of(position).elements() == 1, "a bound must be one value");
            return in.constant_reals(position)[0];
        };
        const float low = bound(1, bounds::none().low), high = bound(2, bounds::none().high);
        in.finish(in.emit(op::clip{{std::min(low, high), high}}, {in.input(0)}));
    }
};

struct clip_by_attributes : translation_to<op::clip> {
    static constexpr std::string_view name = "Clip";
    static constexpr version_range versions{1, 10};

    template <source_node Node> static void translate(Node& in) {
        const bounds to{in.real("min", bounds::none().low), in.real("max", bounds::none().high)};
        in.check(to.low <= to.high, "min must not exceed max, and neither may be NaN");
        in.finish(in.emit(op::clip{to}, {in.input(0)}));
    }
};

} // namespace ctq::inline CTQ_TARGET::host::onnx::translations
