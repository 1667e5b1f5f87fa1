#pragma once
// weights_file: which constants of a model go to a binary beside its header, and that binary's bytes.
// room: host | runs on: host | heap: yes | format: see execute/weights_file.hpp

#include <ctq/core/integer.hpp>
#include <ctq/execute/program.hpp>
#include <ctq/execute/weights_file.hpp>

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstring>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace ctq::inline CTQ_TARGET::host::emit {

/// The binary, and where each value of the program lies in it; values that do not, have no offset.
struct weights_image {
    std::string bytes;
    std::vector<std::optional<std::size_t>> offsets;

    [[nodiscard]] std::uint32_t checksum() const { return crc32(std::as_bytes(std::span(bytes))); }
};

/// Gathers the constants of at least `least` bytes, in the order of the program's values; not those that states begin
/// with: an executor needs them before it knows the file. Memory: as many bytes again.
template <class Program> [[nodiscard]] weights_image gather_weights(const Program& graph, std::size_t least) {
    static_assert(std::endian::native == std::endian::little, "the tool writes weights files on little-endian hosts");
    weights_image image;
    image.offsets.resize(graph.values.size());
    for (std::size_t i = 0; i < graph.values.size(); ++i) {
        const value& v = graph.values[i];
        const auto begins_with_it = [&](const graph_state& each) { return each.initial == static_cast<int>(i); };
        if (v.constant < 0 || v.facts.bytes() < least || std::ranges::any_of(graph.states, begins_with_it)) continue;
        image.bytes.resize(round_up_to(image.bytes.size(), weights_alignment), '\0');
        image.offsets[i] = image.bytes.size();
        image.bytes.resize(image.bytes.size() + v.facts.bytes());
        with_element_type(v.facts.type, [&](auto element) {
            const auto* from = graph.tensor_at(static_cast<int>(i)).template as<decltype(element)>();
            std::memcpy(image.bytes.data() + *image.offsets[i], from, v.facts.bytes());
        });
    }
    return image;
}

} // namespace ctq::inline CTQ_TARGET::host::emit
