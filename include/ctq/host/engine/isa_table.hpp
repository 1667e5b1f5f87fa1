#pragma once
// isa_table: the layer functions of all default operators as this translation unit's flags compile them.
// room: host | runs on: host | heap: no
//
// Included by tools/isa_*.cpp only. Such a file is compiled for instructions that the machine may lack; what it
// instantiates of ctq stands in a namespace of its own (core/target.hpp), so the linker does not merge it with the
// program's. Nothing of ctq's types crosses the border: operators cross as bytes, tensors as ctq_border::tensor. Of the
// standard library these files use what is inlined away (array, span, variant's type), no containers.

#include <ctq/host/engine/border.hpp>
#include <ctq/host/engine/bound_node.hpp>
#include <ctq/host/engine/default_layers.hpp>
#include <ctq/host/engine/float_layer.hpp>
#include <ctq/host/engine/quantize_elements.hpp>
#include <ctq/kernels/all.hpp>

#include <array>
#include <cstddef>
#include <utility>
#include <variant>

namespace ctq::inline CTQ_TARGET::host {

/// The tables of one architecture.
template <class Architecture, class Operators = default_operators> struct isa_tables;

template <class Architecture, class... Ops> struct isa_tables<Architecture, std::variant<Ops...>> {
    static constexpr std::size_t signatures = default_signatures.size();

    template <class Op, signature S> static constexpr ctq_border::layer_functions integer_functions() {
        if constexpr (compiled_for<default_rules, Op, S>)
            return bound_node<kernels::kernel_for<Architecture, Op, S>, Op>::functions;
        else
            return {};
    }
    template <class Op, std::size_t... I> static constexpr auto functions_of(std::index_sequence<I...>) {
        return std::array{integer_functions<Op, default_signatures[I]>()...};
    }

    static constexpr ctq_border::layer_functions real[]{bound_node<float_layer<Ops>, Ops>::functions...};
    static constexpr std::array<std::array<ctq_border::layer_functions, signatures>, sizeof...(Ops)> integer{
        functions_of<Ops>(std::make_index_sequence<signatures>{})...};

    static void quantize(const float* from, std::size_t count, float scale, std::int32_t zero_point, std::int8_t* to) {
        quantize_elements({from, count}, {scale, zero_point}, to);
    }
    static constexpr ctq_border::isa_table table{sizeof...(Ops), signatures, real, integer[0].data(), quantize};
};

} // namespace ctq::inline CTQ_TARGET::host
