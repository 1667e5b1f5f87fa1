#pragma once
// isa_table: the layer functions of all default operators as this translation unit's flags compile them.
// room: host | runs on: host | heap: no
//
// Included by tools/isa_*.cpp only. Such a file is compiled for instructions that the machine may lack, and inline
// functions and templates are merged by the linker: of the copies in all translation units one is kept for the whole
// program, and it may be the one with those instructions. So these files give the namespace ctq another name (a macro,
// before anything is included): everything they instantiate is theirs alone. Nothing of ctq's types crosses the border;
// operators cross as bytes, tensors as ctq_border::tensor. Of the standard library they use what is inlined away
// (array, span, variant's type), no containers.

#include <ctq/default_registry.hpp>
#include <ctq/host/engine/border.hpp>
#include <ctq/host/engine/bound_node.hpp>
#include <ctq/host/engine/float_layer.hpp>
#include <ctq/host/engine/quantize_elements.hpp>
#include <ctq/kernels/all.hpp>

#include <utility>
#include <variant>

namespace ctq::host {

using default_operators = operation_variant<std::remove_cvref_t<decltype(default_registry)>>;

/// The tables of one architecture.
template <class Architecture, class Operators = default_operators> struct isa_tables;

template <class Architecture, class... Ops> struct isa_tables<Architecture, std::variant<Ops...>> {
    template <class Requantizer, class Op> static constexpr ctq_border::layer_functions integer_functions() {
        if constexpr (has_integer_kernel<Op, Requantizer>)
            return bound_node<integer_kernel<Architecture, Requantizer, Op>, Op>::functions;
        else
            return {};
    }

    static constexpr ctq_border::layer_functions real[]{bound_node<float_layer<Ops>, Ops>::functions...};
    static constexpr ctq_border::layer_functions three_step[]{integer_functions<ctq::three_step, Ops>()...};
    static constexpr ctq_border::layer_functions double_rounding[]{integer_functions<ctq::double_rounding, Ops>()...};

    static void quantize(const float* from, std::size_t count, float scale, std::int32_t zero_point, std::int8_t* to) {
        quantize_elements({from, count}, {scale, zero_point}, to);
    }
    static constexpr ctq_border::isa_table table{sizeof...(Ops), real, three_step, double_rounding, quantize};
};

} // namespace ctq::host
