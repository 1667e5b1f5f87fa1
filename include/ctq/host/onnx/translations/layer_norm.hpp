#pragma once
// LayerNormalization. Its mean and deviation, which training asks for, may be named but not read.
// room: host | runs on: host | heap: yes

#include <ctq/host/onnx/translation.hpp>
#include <ctq/host/onnx/translations/slice.hpp>
#include <ctq/operators/layer_norm.hpp>
#include <ctq/operators/reshape.hpp>
#include <ctq/operators/slice.hpp>

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace ctq::inline CTQ_TARGET::host::onnx::translations {

struct layer_norm : translation_to<op::layer_norm> {
    static constexpr std::string_view name = "LayerNormalization";
    static constexpr version_range versions{17};

    template <source_node Node> static void translate(Node& in) {
        in.check(in.input_count() >= 2, "two or three inputs are required");
        in.support(in.integer("stash_type", 1) == 1, "a stash_type other than 1, float32, is not supported");
        const shape from = in.shape_of(0);
        const op::layer_norm op{from.normalized_axis(in.integer("axis", -1)), in.real("epsilon", 1e-5f)};
        in.support(op.epsilon != 0, "an epsilon of 0, which lets rows of one value be divided by 0, is not supported");
        shape row;
        for (int axis = op.axis; axis < from.rank; ++axis) row.append(from[axis]);
        std::vector<int> operands{in.input(0), each_of_row(in, 1, "scale", row)};
        if (in.has_input(2)) operands.push_back(each_of_row(in, 2, "bias", row));
        in.finish(in.emit(op, operands));
    }

  private:
    /// A constant input that broadcasts to a row, with an element for each of it.
    template <source_node Node>
    static int each_of_row(Node& in, std::size_t input, std::string_view role, const shape& row) {
        in.support(in.is_constant(input), "scale and bias must be constant");
        check_weights(in, input);
        const shape of = in.shape_of(input);
        if (of.elements() == 1) {
            op::slice stretch = detail::whole_slice({1});
            stretch.step[0] = 0;
            stretch.count[0] = static_cast<std::int32_t>(row.elements());
            const int one = in.fold(op::reshape{{1}}, {in.input(input)});
            return in.fold(op::reshape{row}, {in.fold(stretch, {one})});
        }
        in.support(of.elements() == row.elements() && broadcast(of, row) == row,
                   "scale and bias must have one element, or one for each that is normalized together");
        return in.constant(role, row, in.constant_reals(input));
    }
};

} // namespace ctq::inline CTQ_TARGET::host::onnx::translations
