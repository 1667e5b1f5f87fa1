#pragma once
// The integer meaning of any function of one real: a table of 256 outputs, or of 513 with lines between them where
// integers have 16 bits; made by constexpr code.
// room: operators | runs on: all | heap: only where the table is made (compiler, host)

#include <ctq/core/interpolated_table.hpp>
#include <ctq/registry/operation.hpp>

#include <cstdint>

namespace ctq::inline CTQ_TARGET::op {

/// Input 1 of the lowered node: entry i belongs to the lowest input integer plus i, or is point i of an
/// interpolated_table.
constexpr std::int32_t table_size = 256;

template <signature S, unary_function Op, lowering_view Node>
requires(S.x == dtype::int16) constexpr void lower_to_table(const Op& op, Node& node) {
    const interpolated_table points =
        make_interpolated_table(node.input(0).quantization, node.output().quantization, op);
    auto table = node.template list<std::int16_t>(interpolated_points);
    for (std::size_t i = 0; i < interpolated_points; ++i) table[i] = points[i];
    node.keep(0);
    node.append("table", shape{static_cast<std::int32_t>(interpolated_points)}, table);
}

template <signature S, unary_function Op, lowering_view Node> constexpr void lower_to_table(const Op& op, Node& node) {
    const quantization in = node.input(0).quantization, out = node.output().quantization;
    auto table = node.template list<element<S.y>>(table_size);
    for (std::int32_t i = 0; i < table_size; ++i)
        table[static_cast<std::size_t>(i)] = static_cast<element<S.y>>(
            ctq::quantize(op(ctq::dequantize(i + limits_of(S.x).low, in)), out, node.output().range));
    node.keep(0);
    node.append("table", shape{table_size}, table);
}

template <signature S>
requires(S.x == dtype::int16) constexpr void look_up(const const_tensor& in, const const_tensor& table,
                                                     const tensor& out) {
    const interpolated_table_view points(table.as<std::int16_t>(), interpolated_points);
    for (std::size_t i = 0; i < out.size(); ++i)
        out.as<std::int16_t>()[i] =
            static_cast<std::int16_t>(out.facts.range.clamp(interpolate(in.as<std::int16_t>()[i], points)));
}

template <signature S> constexpr void look_up(const const_tensor& in, const const_tensor& table, const tensor& out) {
    for (std::size_t i = 0; i < out.size(); ++i)
        out.as<element<S.y>>()[i] = table.as<element<S.y>>()[in.as<element<S.x>>()[i] - limits_of(S.x).low];
}

} // namespace ctq::inline CTQ_TARGET::op
