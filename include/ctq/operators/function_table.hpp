#pragma once
// The integer meaning of any function of one real: a table of 256 outputs, made by constexpr code.
// room: operators | runs on: all | heap: only where the table is made (compiler, host)

#include <ctq/registry/operation.hpp>

#include <cstdint>

namespace ctq {

/// Input 1 of the integer node: entry i belongs to the input integer i - 128.
constexpr std::int32_t table_size = 256;

template <unary_function Op, class Rule, class Context> constexpr Op quantized_table(const Op& op, Context& context) {
    const quantization in = context.input(0).quantization, out = context.output().quantization;
    auto table = context.template list<std::int8_t>(table_size);
    for (std::int32_t i = 0; i < table_size; ++i)
        table[static_cast<std::size_t>(i)] = static_cast<std::int8_t>(quantize(op(dequantize(i - 128, in)), out));
    context.keep_input(0);
    context.append_constant("table", shape{table_size}, table);
    return op;
}

constexpr void look_up(const const_tensor& in, const const_tensor& table, const tensor& out) {
    for (std::size_t i = 0; i < out.size(); ++i)
        out.as<std::int8_t>()[i] = table.as<std::int8_t>()[in.as<std::int8_t>()[i] + 128];
}

} // namespace ctq
