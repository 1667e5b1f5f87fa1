#pragma once
// identity: its input, unchanged; ONNX's Identity, and Dropout as it is at inference. The passes remove it.
// room: operators | runs on: all | heap: no

#include <ctq/operators/copying.hpp>
#include <ctq/operators/element_wise.hpp>
#include <ctq/registry/operation.hpp>

namespace ctq::inline CTQ_TARGET::op {

/// The input itself. A pass removes it wherever it stands, but between a state and what is written to it.
struct identity {
    static constexpr std::string_view name = "identity";
    static constexpr std::string_view cpp_name = "ctq::op::identity";
    static constexpr std::array<std::string_view, 2> onnx_names{"Identity", "Dropout"};
    static constexpr std::string_view runs_as = "removed";
    static constexpr operator_traits traits{
        .output_range = range_rule::same_as_input, .in_place = true, .is_view = true, .is_element_wise = true};
    static constexpr auto attributes = no_attributes;

    friend constexpr bool operator==(const identity&, const identity&) = default;

    constexpr shape output_shape(shapes in) const {
        require(in.size() == 1, "identity takes one input");
        return in[0];
    }

    constexpr void compute(const_tensors in, tensors out) const { copy_elements(in[0], out[0]); }

    template <signature S>
    requires same_stored_types<S>
    constexpr void compute_integer(const_tensors in, tensors out) const { copy_elements<element<S.y>>(in[0], out[0]); }

    constexpr identity permuted(std::span<const std::int32_t>) const { return *this; }

    template <source_node Node> static void from_onnx(Node& in) {
        in.check(in.input_count() >= 1, "an input is required");
        if (in.type() == "Dropout" && in.has_input(2)) {
            in.support(in.is_constant(2), "training_mode must be constant");
            const auto training = in.constant_integers(2);
            in.support(training.empty() || training[0] == 0, "training mode is not supported");
        }
        in.finish(in.emit(identity{}, {in.input(0)}));
    }
};

} // namespace ctq::inline CTQ_TARGET::op
