#pragma once
// node_fault: what is wrong with one node of a source model.
// room: host | runs on: host | heap: yes

#include <ctq/host/failure.hpp>

#include <string>

namespace ctq::inline CTQ_TARGET::host::source {

/// Thrown without the node's name: the importer adds file, node, shapes and attributes.
struct node_fault {
    exit_code code;
    std::string text;
};

} // namespace ctq::inline CTQ_TARGET::host::source
