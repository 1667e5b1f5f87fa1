#pragma once
// translation: what the translations of ONNX's operators have in common; they stand in translations/.
// room: host | runs on: host | heap: no

#include <ctq/registry/translation.hpp>

#include <string_view>

namespace ctq::inline CTQ_TARGET::host::onnx {

inline constexpr std::string_view source_name = "onnx";

/// The start of a translation to nodes of which `Op` is the main one.
template <class Op> struct translation_to {
    using registered_kind = translation_tag;
    using makes = Op;
    static constexpr std::string_view source = source_name;
};

/// The translation of an operator that is `Op`; see ctq::one_to_one.
template <literal Name, class Op, class... Attributes>
using one_to_one = ctq::one_to_one<"onnx", Name, Op, Attributes...>;

} // namespace ctq::inline CTQ_TARGET::host::onnx
