#pragma once
// fingerprint: 64 bits that tell two prepared graphs apart, so that a calibration table is not used for another model.
// room: host | runs on: host | heap: yes (the text)

#include <ctq/graph/graph.hpp>

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <type_traits>

namespace ctq::inline CTQ_TARGET::host {

/// FNV-1a over values, not over memory: the same on every machine. Not meant against forgery.
class fingerprint_hash {
    std::uint64_t state_ = 14695981039346656037U;

  public:
    void add(std::uint64_t value, int bytes) {
        for (int i = 0; i < bytes; ++i) {
            state_ ^= (value >> (8 * i)) & 0xFFU;
            state_ *= 1099511628211U;
        }
    }

    /// Numbers, texts, ranges, and structs of the core; a user's own attribute types by their bytes where every byte
    /// counts, else not at all.
    template <class Value> void add(const Value& value) {
        if constexpr (std::is_same_v<Value, float>) {
            add(std::bit_cast<std::uint32_t>(value), 4);
        } else if constexpr (std::is_same_v<Value, double>) {
            add(std::bit_cast<std::uint64_t>(value), 8);
        } else if constexpr (std::is_integral_v<Value> || std::is_enum_v<Value>) {
            add(static_cast<std::uint64_t>(value), static_cast<int>(sizeof(Value)));
        } else if constexpr (std::is_convertible_v<const Value&, std::string_view>) {
            const std::string_view characters = value;
            add(characters.size(), 8);
            for (const char c : characters) add(static_cast<unsigned char>(c), 1);
        } else if constexpr (requires {
                                 value.begin();
                                 value.end();
                                 value.size();
                             }) {
            add(std::uint64_t{value.size()}, 8);
            for (const auto& each : value) add(each);
        } else if constexpr (requires {
                                 value.rank;
                                 value.extent;
                             }) {
            add(value.rank);
            for (int axis = 0; axis < value.rank; ++axis) add(value[axis]);
        } else if constexpr (requires {
                                 value.low;
                                 value.high;
                             }) {
            add(value.low);
            add(value.high);
        } else if constexpr (requires { value.member; }) {
            add(value.member);
        } else if constexpr (std::has_unique_object_representations_v<Value>) {
            for (const unsigned char byte : std::bit_cast<std::array<unsigned char, sizeof(Value)>>(value))
                add(byte, 1);
        }
    }

    /// 16 hexadecimal digits.
    [[nodiscard]] std::string text() const {
        constexpr std::string_view digits = "0123456789abcdef";
        std::string made;
        for (int shift = 60; shift >= 0; shift -= 4) made += digits[(state_ >> shift) & 15U];
        return made;
    }
};

/// Of a graph's operators with their attributes, edges, states, names and shapes of values, and constants. Cost: one
/// pass over the constants.
template <class Graph> [[nodiscard]] std::string fingerprint(const Graph& graph) {
    fingerprint_hash hash;
    for (const auto& node : graph.nodes) {
        visit_operator(node, [&](const auto& op) {
            using type = std::remove_cvref_t<decltype(op)>;
            hash.add(std::string_view(type::name));
            apply([&](const auto&... each) { (hash.add(op.*(each.member)), ...); }, type::attributes);
        });
        hash.add(node.inputs);
        for (const int output : node.outputs) hash.add(output);
    }
    for (const value& each : graph.values) {
        hash.add(each.name.view());
        hash.add(each.facts.type);
        hash.add(each.facts.shape);
        hash.add(each.constant >= 0);
    }
    for (const constant& each : graph.constants) each.visit([&](const auto& elements) { hash.add(elements); });
    for (const auto* ports : {&graph.inputs, &graph.outputs})
        for (const port& each : *ports) {
            hash.add(each.name.view());
            hash.add(each.value);
            if (each.count >= 0) hash.add(each.count);
        }
    for (const graph_state& each : graph.states) {
        hash.add(each.name.view());
        for (const int value : {each.initial, each.read, each.written}) hash.add(value);
    }
    return hash.text();
}

} // namespace ctq::inline CTQ_TARGET::host
