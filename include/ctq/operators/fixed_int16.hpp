#pragma once
// What operators share whose int16 meaning is TFLite's fixed format: inputs with zero point 0, outputs of scale 2^-15.
// room: operators | runs on: all | heap: no

#include <ctq/core/diagnostics.hpp>
#include <ctq/core/scaling.hpp>
#include <ctq/registry/operation.hpp>

#include <cstddef>
#include <cstdint>
#include <type_traits>

namespace ctq::inline CTQ_TARGET::op::fixed_int16 {

template <signature S>
concept signature_of_function = S.x == dtype::int16&& S.y == dtype::int16;

/// double, said in a way that depends on the signature: what is called without that, clang instantiates where it reads
/// the call, and evaluates the tables of 16 bits for a network of bytes (2 s).
template <signature S> using real = std::conditional_t<signature_of_function<S>, double, void>;

struct lowered {
    scaling scale{}; ///< of the input, where it is int16

    static constexpr auto attributes = attribute_list{attribute{"scale", &lowered::scale}};
    friend constexpr bool operator==(const lowered&, const lowered&) = default;
};

/// Faults where a rule gave the tensors other parameters than the format's.
constexpr void check(const tensor_facts& in, const tensor_facts& out) {
    require(in.quantization.zero_point == 0 && out.quantization == quantization{1.0f / 32768.0f, 0},
            "in int16 this operator needs inputs with zero point 0 and outputs of scale 2^-15; exclude the layer");
}

/// Lowers a function of one int16; `encode` makes its parameter of the input's scale.
template <class Encode, lowering_view Node> constexpr lowered lower(Encode encode, Node& node) {
    check(node.input(0), node.output());
    node.keep(0);
    return {encode(static_cast<double>(node.input(0).quantization.scale))};
}

/// to[i] = function(from[i], scale).
template <class Function>
constexpr void apply(Function function, const lowered& with, const const_tensor& in, const tensor& out) {
    for (std::size_t i = 0; i < out.size(); ++i)
        out.as<std::int16_t>()[i] = function(in.as<std::int16_t>()[i], with.scale);
}

} // namespace ctq::inline CTQ_TARGET::op::fixed_int16
