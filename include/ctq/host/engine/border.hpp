#pragma once
// border: what the engines and the translation units that are compiled for one instruction set know of each other:
// plain structs and function pointers, outside of the namespace ctq. See isa_table.hpp for why.
// room: host | runs on: host | heap: no

#include <cstddef>
#include <cstdint>

namespace ctq_border {

/// A tensor without its element type's C++ name. `type` is the number of a ctq::dtype, which itself has another name
/// for each instruction set (core/target.hpp) and so cannot cross; bound_node.hpp turns one into the other. `elements`
/// may be null while memory is being planned.
struct tensor {
    std::int32_t type = 0;
    std::int32_t rank = 0;
    std::int32_t extent[6] = {};
    float scale = 0;
    std::int32_t zero_point = 0;
    std::int32_t low = 0, high = 0; ///< the integers that can occur
    void* elements = nullptr;
};

/// A node of a program: its operator and what lowering made of it as bytes, its inputs and its outputs.
struct node {
    const void* op = nullptr;
    const void* lowered = nullptr;
    const tensor* inputs = nullptr;
    std::size_t input_count = 0;
    const tensor* outputs = nullptr;
    std::size_t output_count = 0;
};

/// How one operator runs: sizes first, then pack() once, then bind() once, then run() for every sample.
struct layer_functions {
    std::size_t operator_bytes = 0;
    std::size_t (*scratch_bytes)(const node&) = nullptr;
    std::size_t (*packed_bytes)(const node&) = nullptr;
    /// Writes the constants in the kernel's own order; `to` is aligned to 64 bytes.
    void (*pack)(const node&, std::int8_t* to) = nullptr;
    /// Bytes of a bound node with so many inputs and outputs.
    std::size_t (*bound_bytes)(std::size_t inputs, std::size_t outputs) = nullptr;
    /// Makes a bound node at `to` (aligned to 64 bytes): pointers and shapes are final, run() looks nothing up.
    void (*bind)(const node&, std::byte* scratch, const std::int8_t* packed, std::byte* to) = nullptr;
    void (*run)(const std::byte* bound) = nullptr;
};

/// The layers that a translation unit offers: of the default registry's operators, in their order, the float meaning
/// and, for each signature of its rules, the integer meaning. Entries without run() are not offered.
struct isa_table {
    std::size_t operators = 0, signatures = 0;
    const layer_functions* real = nullptr;    ///< fast: results differ by rounding
    const layer_functions* integer = nullptr; ///< signatures of the first operator, then of the second, ...
    /// to[i] = ctq::quantize(from[i]) under a scale and a zero point.
    void (*quantize)(const float* from, std::size_t count, float scale, std::int32_t zero_point,
                     std::int8_t* to) = nullptr;
};

} // namespace ctq_border

// Weak: a program that is built from the headers alone has none of them, and the addresses are null.
extern "C" {
[[gnu::weak]] const ctq_border::isa_table* ctq_isa_table_avx512vnni();
[[gnu::weak]] const ctq_border::isa_table* ctq_isa_table_avx2();
}
