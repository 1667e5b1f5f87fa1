#pragma once
// How much of an ONNX file is accepted before it is refused.
// room: host | runs on: host | heap: no

#include <ctq/graph/folding_budget.hpp>
#include <ctq/host/read_file.hpp>

#include <cstddef>
#include <cstdint>

namespace ctq::inline CTQ_TARGET::host::onnx {

/// How much of an ONNX file is accepted. A file beyond a limit is refused by a line that names the limit.
struct limits {
    std::uint64_t max_file_bytes = default_file_limit;
    std::size_t max_nodes = 100'000;                      ///< in all graphs and functions; with these inlined
    std::size_t max_depth = 64;                           ///< graphs nested in control flow, and calls in calls
    std::size_t max_rank = 64;                            ///< axes of a tensor
    std::uint64_t max_elements = std::uint64_t{1} << 28U; ///< constants of all tensors together
    std::int64_t max_folded_bytes = most_folded_bytes;    ///< of what is computed of constants
    std::size_t max_fields = 8'000'000;                   ///< protobuf fields, a bound on the memory for structs
    std::size_t max_functions = 10'000;
    std::uint64_t max_inlined_bytes = std::uint64_t{1} << 30U; ///< made of calls of functions
    std::int64_t first_ir_version = 3, last_ir_version = 13;
    std::int64_t first_opset = 6, last_opset = 23; ///< of ONNX's own operators
};

} // namespace ctq::inline CTQ_TARGET::host::onnx
