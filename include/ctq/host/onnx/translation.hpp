#pragma once
// translation: what the translations of ONNX's operators have in common; they stand in translations/.
// room: host | runs on: host | heap: yes

#include <ctq/core/elementary.hpp>
#include <ctq/host/text.hpp>
#include <ctq/operators/reshape.hpp>
#include <ctq/operators/transpose.hpp>
#include <ctq/registry/translation.hpp>

#include <cstddef>
#include <string_view>
#include <vector>

namespace ctq::inline CTQ_TARGET::host::onnx {

inline constexpr std::string_view source_name = "onnx";

/// The start of a translation to nodes of which `Op` is the main one.
template <class Op> struct translation_to {
    using registered_kind = translation_tag;
    using makes = Op;
    static constexpr std::string_view source = source_name;
};

/// The start of a translation to constants, whatever a node reads.
struct constant_translation {
    using registered_kind = translation_tag;
    static constexpr std::string_view source = source_name;
};

/// What channels_last and finish_channels_first append.
using layout_operators = operator_list<op::reshape, op::transpose>;

/// The translation of an operator that is `Op`; see ctq::one_to_one.
template <fixed_string Name, class Op, class... Attributes>
using one_to_one = ctq::one_to_one<"onnx", Name, Op, Attributes...>;

/// Faults where elements of a constant input that stands for weights are infinite or NaN: among those it is damage.
template <source_node Node> void check_weights(const Node& in, std::size_t input) {
    const std::vector<float> weights = in.constant_reals(input);
    for (std::size_t i = 0; i < weights.size(); ++i)
        if (!elementary::is_finite(weights[i]))
            in.check(false, message("element ", i, " of input ", input, " is ", weights[i],
                                    ", among weights; train or export the model again"));
}

} // namespace ctq::inline CTQ_TARGET::host::onnx
