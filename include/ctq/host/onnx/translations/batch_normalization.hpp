#pragma once
// BatchNormalization, as inference computes it.
// room: host | runs on: host | heap: yes

#include <ctq/host/onnx/translation.hpp>
#include <ctq/operators/batch_normalization.hpp>

#include <cstddef>
#include <string_view>

namespace ctq::inline CTQ_TARGET::host::onnx::translations {

struct batch_normalization : translation_to<op::batch_normalization> {
    static constexpr std::string_view name = "BatchNormalization";

    template <source_node Node> static void translate(Node& in) {
        in.check(in.input_count() == 5, "five inputs are required");
        in.support(in.integer("training_mode", 0) == 0, "training mode is not supported");
        in.support(in.integer("spatial", 1) == 1, "spatial 0 is not supported");
        op::batch_normalization op;
        op.epsilon = in.real("epsilon", 1e-5f);
        in.check(op.epsilon >= 0, "epsilon must not be negative");
        for (std::size_t i = 1; i < 5; ++i)
            in.support(in.is_constant(i), "gamma, beta, mean and variance must be constant");
        for (const float variance : in.constant_reals(4))
            in.check(variance >= 0 && variance + op.epsilon > 0,
                     "variances must not be negative, nor variance + epsilon zero");
        in.finish(in.emit(op, in.inputs()));
    }
};

} // namespace ctq::inline CTQ_TARGET::host::onnx::translations
