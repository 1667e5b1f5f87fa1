#pragma once
// layer_choice: the functions that run an operator: an instruction set's where its table has them, else those that the
// user's own translation unit makes. So operators that only the user knows work like all others.
// room: host | runs on: host | heap: no

#include <ctq/core/diagnostics.hpp>
#include <ctq/core/requantize.hpp>
#include <ctq/host/engine/bound_node.hpp>
#include <ctq/host/engine/default_layers.hpp>
#include <ctq/host/engine/float_layer.hpp>
#include <ctq/host/engine/isa.hpp>
#include <ctq/host/engine/quantize_elements.hpp>
#include <ctq/kernels/all.hpp>

#include <cstddef>
#include <cstdint>
#include <span>
#include <type_traits>
#include <variant>

namespace ctq::inline CTQ_TARGET::host {

namespace detail {

/// The place of `Op` in a variant, or its size.
template <class Op, class Variant> inline constexpr std::size_t place_in = 0;
template <class Op, class... Ops>
inline constexpr std::size_t place_in<Op, std::variant<Ops...>> = [] {
    std::size_t place = 0;
    static_cast<void>(((std::is_same_v<Op, Ops> || (++place, false)) || ...));
    return place;
}();

/// The entry of `Op` in one of a table's arrays, or null. The sizes are compared, so that a table from other headers
/// is not used.
template <class Op>
const ctq_border::layer_functions* entry_of(const ctq_border::isa_table* table,
                                            const ctq_border::layer_functions* first, std::size_t stride,
                                            std::size_t column) {
    constexpr std::size_t place = place_in<Op, default_operators>;
    constexpr std::size_t operators = std::variant_size_v<default_operators>;
    if (place == operators || table->operators != operators || table->signatures != default_signatures.size())
        return nullptr;
    const ctq_border::layer_functions* entry = first + place * stride + column;
    return entry->run != nullptr && entry->operator_bytes == sizeof(Op) ? entry : nullptr;
}

/// The place of a signature among those of the default registry's rules, or their number.
template <signature S>
inline constexpr std::size_t place_of_signature = [] {
    std::size_t place = 0;
    while (place < default_signatures.size() && !(default_signatures[place] == S)) ++place;
    return place;
}();

} // namespace detail

/// The fast float meaning. `constants_known`: whether inputs 1 and up are constant.
template <class Op> const ctq_border::layer_functions& fast_float_functions(isa wanted, bool constants_known) {
    if (packs_constants<Op> && !constants_known) return bound_node<defined_float_kernel<Op>, Op>::functions;
    const ctq_border::isa_table* table = table_of(wanted);
    const auto* entry = table == nullptr ? nullptr : detail::entry_of<Op>(table, table->real, 1, 0);
    return entry != nullptr ? *entry : bound_node<float_layer<Op>, Op>::functions;
}

/// The float meaning by definition: the same bits on every machine and in the emitted header.
template <class Op> const ctq_border::layer_functions& defined_float_functions() {
    return bound_node<defined_float_kernel<Op>, Op>::functions;
}

/// quantize_elements() on an instruction set.
inline void quantize_elements_on(isa wanted, std::span<const float> from, const quantization& q, std::int8_t* to) {
    const ctq_border::isa_table* table = table_of(wanted);
    if (table != nullptr)
        table->quantize(from.data(), from.size(), q.scale, q.zero_point, to);
    else
        quantize_elements(from, q, to);
}

/// The integer meaning under a signature; every choice gives the same bits.
template <signature S, class Op> const ctq_border::layer_functions& integer_functions(isa wanted) {
    constexpr std::size_t place = detail::place_of_signature<S>, count = default_signatures.size();
    const ctq_border::isa_table* table = table_of(wanted);
    const ctq_border::layer_functions* entry = nullptr;
    if (table != nullptr && place < count) entry = detail::entry_of<Op>(table, table->integer, count, place);
    return entry != nullptr ? *entry : bound_node<kernels::kernel_for<kernels::native, Op, S>, Op>::functions;
}

} // namespace ctq::inline CTQ_TARGET::host
