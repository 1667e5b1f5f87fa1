#pragma once
// BatchNormalization, as inference computes it. How a node says that it trains depends on the version.
// room: host | runs on: host | heap: yes

#include <ctq/host/onnx/translation.hpp>
#include <ctq/operators/batch_normalization.hpp>

#include <cstddef>
#include <string_view>

namespace ctq::inline CTQ_TARGET::host::onnx::translations {

namespace detail {

template <source_node Node> void finish_batch_normalization(Node& in) {
    in.check(in.input_count() == 5, "five inputs are required");
    op::batch_normalization op;
    op.epsilon = in.real("epsilon", 1e-5f);
    in.check(op.epsilon >= 0, "epsilon must not be negative");
    for (std::size_t i = 1; i < 5; ++i)
        in.support(in.is_constant(i), "gamma, beta, mean and variance must be constant");
    for (std::size_t i = 1; i < 5; ++i) check_weights(in, i);
    for (const float variance : in.constant_reals(4))
        in.check(variance >= 0 && variance + op.epsilon > 0,
                 "variances must not be negative, nor variance + epsilon zero");
    in.finish(in.emit(op, in.inputs()));
}

} // namespace detail

struct batch_normalization : translation_to<op::batch_normalization> {
    static constexpr std::string_view name = "BatchNormalization";
    static constexpr version_range versions{14};

    template <source_node Node> static void translate(Node& in) {
        in.support(in.integer("training_mode", 0) == 0, "training mode is not supported");
        detail::finish_batch_normalization(in);
    }
};

/// Trains where it names the outputs that training makes.
struct batch_normalization_by_outputs : translation_to<op::batch_normalization> {
    static constexpr std::string_view name = "BatchNormalization";
    static constexpr version_range versions{7, 13};

    template <source_node Node> static void translate(Node& in) {
        in.support(in.output_count() <= 1, "training mode, which several outputs ask for, is not supported");
        in.support(in.integer("spatial", 1) != 0, "spatial 0 is not supported"); // an attribute until version 8
        detail::finish_batch_normalization(in);
    }
};

/// Trains unless `is_test` says that it does not.
struct batch_normalization_by_attributes : translation_to<op::batch_normalization> {
    static constexpr std::string_view name = "BatchNormalization";
    static constexpr version_range versions{1, 6};

    template <source_node Node> static void translate(Node& in) {
        in.support(in.integer("is_test", 0) != 0, "training mode, which is_test 0 asks for, is not supported");
        in.support(in.integer("spatial", 1) != 0, "spatial 0 is not supported");
        detail::finish_batch_normalization(in);
    }
};

} // namespace ctq::inline CTQ_TARGET::host::onnx::translations
