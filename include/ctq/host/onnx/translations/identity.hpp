#pragma once
// What changes no element in inference: Identity and Dropout.
// room: host | runs on: host | heap: yes

#include <ctq/host/onnx/translation.hpp>
#include <ctq/operators/identity.hpp>

#include <string_view>

namespace ctq::inline CTQ_TARGET::host::onnx::translations {

struct identity : translation_to<op::identity> {
    static constexpr std::string_view name = "Identity";

    template <source_node Node> static void translate(Node& in) {
        in.check(in.input_count() >= 1, "an input is required");
        in.finish(in.emit(op::identity{}, {in.input(0)}));
    }
};

struct dropout : translation_to<op::identity> {
    static constexpr std::string_view name = "Dropout";
    static constexpr version_range versions{7};

    template <source_node Node> static void translate(Node& in) {
        in.support(!in.has_input(2) || in.is_constant(2), "training_mode must be constant");
        if (in.has_input(2)) {
            const auto training = in.constant_integers(2);
            in.support(training.empty() || training[0] == 0, "training mode is not supported");
        }
        identity::translate(in);
    }
};

/// Trains unless `is_test` says that it does not.
struct dropout_by_attributes : translation_to<op::identity> {
    static constexpr std::string_view name = "Dropout";
    static constexpr version_range versions{1, 6};

    template <source_node Node> static void translate(Node& in) {
        in.support(in.integer("is_test", 0) != 0, "training mode, which is_test 0 asks for, is not supported");
        identity::translate(in);
    }
};

} // namespace ctq::inline CTQ_TARGET::host::onnx::translations
