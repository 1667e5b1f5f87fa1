#pragma once
// How a node stands in messages: "node 'conv1' (conv2d)".
// room: host | runs on: host | heap: yes

#include <ctq/host/text.hpp>

#include <string>
#include <string_view>

namespace ctq::inline CTQ_TARGET::host {

/// For a node of a program or of a graph; `op`: the name of its operator. (A file's nodes: onnx::describe.)
[[nodiscard]] inline std::string node_text(std::string_view name, std::string_view op) {
    return message("node ", in_quotes(name), " (", op, ")");
}

} // namespace ctq::inline CTQ_TARGET::host
