#pragma once
// file_tensor: a constant as a source file holds it, before a node asks for it as a value of the graph.
// room: host | runs on: host | heap: yes

#include <ctq/core/dtype.hpp>
#include <ctq/core/shape.hpp>
#include <ctq/graph/constant.hpp>
#include <ctq/host/source/node_fault.hpp>
#include <ctq/host/source/source_type.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <type_traits>
#include <vector>

namespace ctq::inline CTQ_TARGET::host::source {

/// Exactly one payload is filled, in row-major order: `floats` for float32, `integers` for other types. Rank 0 holds
/// one element. Where the elements cannot be read there are none, and whoever asks for them is told why.
struct file_tensor {
    std::string name;
    dtype type = dtype::float32;
    std::vector<std::int64_t> dims;
    std::vector<float> floats;
    std::vector<std::int64_t> integers;
    source_type source;     ///< what they are in the file
    std::string unreadable; ///< "is of type T, which is not supported; what to do"; empty for one that is read

    [[nodiscard]] bool is_real() const { return type == dtype::float32; }
    [[nodiscard]] std::size_t size() const { return is_real() ? floats.size() : integers.size(); }
};

/// The nearest of 32 bits.
[[nodiscard]] constexpr std::int32_t saturated(std::int64_t value) {
    return static_cast<std::int32_t>(std::clamp<std::int64_t>(value, std::numeric_limits<std::int32_t>::min(),
                                                              std::numeric_limits<std::int32_t>::max()));
}

/// Its elements in its type.
[[nodiscard]] inline constant elements_of(const file_tensor& from) {
    if (from.is_real()) return constant(from.floats);
    constant made = constant::zeros(from.type, from.size());
    made.visit([&](auto& elements) {
        using entry = typename std::remove_cvref_t<decltype(elements)>::value_type;
        if constexpr (std::is_same_v<entry, boolean> || std::is_integral_v<entry>)
            std::ranges::transform(from.integers, elements.begin(),
                                   [](std::int64_t each) { return static_cast<entry>(each); });
    });
    return made;
}

/// Its shape. Throws node_fault beyond ctq's rank.
[[nodiscard]] inline ctq::shape shape_of(const file_tensor& of) {
    if (of.dims.size() > static_cast<std::size_t>(shape::max_rank))
        throw node_fault{exit_code::unsupported,
                         message("constant ", in_quotes(of.name), " has ", of.dims.size(), " axes; 6 are supported")};
    ctq::shape out;
    for (const std::int64_t extent : of.dims) out.append(static_cast<std::int32_t>(extent));
    return out;
}

} // namespace ctq::inline CTQ_TARGET::host::source
