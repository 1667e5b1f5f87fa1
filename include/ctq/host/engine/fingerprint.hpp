#pragma once
// fingerprint: 64 bits that tell two prepared graphs apart, so that a calibration table is not used for another model.
// room: host | runs on: host | heap: yes (the text)

#include <ctq/graph/graph.hpp>

// All of the library is in its header then: nothing to link. Without the hints g++ takes it at -Og too, where it
// refuses to inline what must be inlined; it is as fast.
#ifndef XXH_INLINE_ALL
#define XXH_INLINE_ALL
#endif
#ifndef XXH_NO_INLINE_HINTS
#define XXH_NO_INLINE_HINTS 1
#endif
#include <xxhash.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <ranges>
#include <string>
#include <string_view>
#include <type_traits>

namespace ctq::inline CTQ_TARGET::host {

/// XXH3 over values as little-endian bytes: the same on every machine. Each text and range follows its own length, so
/// that no byte can move from one field to the next unseen. Not meant against forgery.
class fingerprint_hash {
    XXH3_state_t state_{};

    // Each bit of these counts; a long double has bytes that do not.
    template <class Value>
    static constexpr bool is_number = std::is_integral_v<Value> || std::is_enum_v<Value> ||
                                      std::is_same_v<Value, float> || std::is_same_v<Value, double>;

    // Whether this machine's memory holds so wide numbers as they are fed.
    template <class Value>
    static constexpr bool lies_as_fed = sizeof(Value) == 1 || std::endian::native == std::endian::little;

    // All at once where they lie as they are fed.
    template <class Range> void add_elements(const Range& range) {
        using element = std::remove_cvref_t<decltype(*range.begin())>;
        if constexpr (std::ranges::contiguous_range<const Range> && is_number<element> && lies_as_fed<element>) {
            add_bytes(std::ranges::data(range), range.size() * sizeof(element));
        } else {
            for (const auto& each : range) add(each);
        }
    }

    template <class Value> void add_number(Value value) {
        auto bytes = std::bit_cast<std::array<unsigned char, sizeof(Value)>>(value);
        if constexpr (!lies_as_fed<Value>) std::ranges::reverse(bytes);
        add_bytes(bytes.data(), bytes.size());
    }

    void add_bytes(const void* from, std::size_t count) { ::XXH3_64bits_update(&state_, from, count); }

  public:
    fingerprint_hash() { ::XXH3_64bits_reset(&state_); }

    /// How many of something follow.
    void add_count(std::size_t count) { add_number(std::uint64_t{count}); }

    /// Numbers, texts, ranges, and structs of the core; a user's own attribute types by their bytes in this machine's
    /// order where every byte counts, else not at all.
    template <class Value> void add(const Value& value) {
        if constexpr (is_number<Value>) {
            add_number(value);
        } else if constexpr (std::is_convertible_v<const Value&, std::string_view>) {
            const std::string_view characters = value;
            add_count(characters.size());
            add_bytes(characters.data(), characters.size());
        } else if constexpr (requires {
                                 value.begin();
                                 value.end();
                                 value.size();
                             }) {
            add_count(value.size());
            add_elements(value);
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
            add_bytes(&value, sizeof(Value));
        }
    }

    /// 16 hexadecimal digits.
    [[nodiscard]] std::string text() const {
        constexpr std::string_view digits = "0123456789abcdef";
        const std::uint64_t hash = ::XXH3_64bits_digest(&state_);
        std::string made;
        for (int shift = 60; shift >= 0; shift -= 4) made += digits[(hash >> shift) & 15U];
        return made;
    }
};

/// Of a graph's operators with their attributes, edges, states, names and shapes of values, and constants. Cost: one
/// pass over the constants.
template <class Graph> [[nodiscard]] std::string fingerprint(const Graph& graph) {
    fingerprint_hash hash;
    hash.add_count(graph.nodes.size());
    for (const auto& node : graph.nodes) {
        visit_operator(node, [&](const auto& op) {
            using type = std::remove_cvref_t<decltype(op)>;
            hash.add(std::string_view(type::name));
            apply([&](const auto&... each) { (hash.add(op.*(each.member)), ...); }, type::attributes);
        });
        hash.add(node.inputs);
        hash.add(node.outputs);
    }
    hash.add_count(graph.values.size());
    for (const value& each : graph.values) {
        hash.add(each.name.view());
        hash.add(each.facts.type);
        hash.add(each.facts.shape);
        hash.add(each.constant);
    }
    hash.add_count(graph.constants.size());
    for (const constant& each : graph.constants) {
        hash.add(each.type());
        each.visit([&](const auto& elements) { hash.add(elements); });
    }
    for (const auto* ports : {&graph.inputs, &graph.outputs}) {
        hash.add_count(ports->size());
        for (const port& each : *ports) {
            hash.add(each.name.view());
            hash.add(each.value);
            hash.add(each.count);
        }
    }
    hash.add_count(graph.states.size());
    for (const graph_state& each : graph.states) {
        hash.add(each.name.view());
        for (const int value : {each.initial, each.read, each.written}) hash.add(value);
    }
    return hash.text();
}

} // namespace ctq::inline CTQ_TARGET::host
