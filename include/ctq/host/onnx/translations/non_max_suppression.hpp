#pragma once
// NonMaxSuppression, whose numbers must be constant: how many rows there can be follows from them.
// room: host | runs on: host | heap: yes

#include <ctq/host/onnx/translation.hpp>
#include <ctq/operators/non_max_suppression.hpp>

#include <cstddef>
#include <cstdint>
#include <limits>
#include <string_view>

namespace ctq::inline CTQ_TARGET::host::onnx::translations {

struct non_max_suppression : translation_to<op::non_max_suppression> {
    static constexpr std::string_view name = "NonMaxSuppression";
    static constexpr version_range versions{10};

    template <source_node Node> static void translate(Node& in) {
        in.check(in.has_input(0) && in.has_input(1), "boxes and scores are required");
        for (std::size_t i = 2; i < in.input_count(); ++i) {
            if (!in.has_input(i)) continue;
            in.support(in.is_constant(i),
                       "max_output_boxes_per_class, iou_threshold and score_threshold must be constant");
            in.check(in.shape_of(i).elements() == 1,
                     "max_output_boxes_per_class and the thresholds must be one number each");
        }
        op::non_max_suppression op;
        op.most = in.has_input(2) ? in.constant_integers(2)[0] : 0;
        in.support(op.most > 0, "a max_output_boxes_per_class of 0, as it is where none is given, chooses nothing and "
                                "is not supported");
        op.iou_threshold = real(in, 3, 0.0f);
        op.score_threshold = real(in, 4, -std::numeric_limits<float>::infinity());
        const std::int32_t form = in.integer("center_point_box", 0);
        in.check(form == 0 || form == 1, "center_point_box must be 0 or 1");
        op.is_centered = form == 1;
        in.finish(in.emit(op, {in.input(0), in.input(1)}));
    }

  private:
    template <source_node Node> static float real(const Node& in, std::size_t input, float absent) {
        return in.has_input(input) ? in.constant_reals(input)[0] : absent;
    }
};

} // namespace ctq::inline CTQ_TARGET::host::onnx::translations
