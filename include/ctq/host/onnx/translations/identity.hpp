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

    template <source_node Node> static void translate(Node& in) {
        in.support(!in.has_input(2) || in.is_constant(2), "training_mode must be constant");
        if (in.has_input(2)) {
            const auto training = in.constant_integers(2);
            in.support(training.empty() || training[0] == 0, "training mode is not supported");
        }
        identity::translate(in);
    }
};

} // namespace ctq::inline CTQ_TARGET::host::onnx::translations
