#pragma once
// How shapes stand in messages and reports: "1x3x224x224".
// room: host | runs on: host | heap: yes

#include <ctq/core/shape.hpp>
#include <ctq/host/text.hpp>

#include <string>

namespace ctq::inline CTQ_TARGET::host {

/// The extents joined by 'x'; "scalar" for a shape without axes.
[[nodiscard]] inline std::string text_of(const shape& of) {
    std::string out;
    for (int axis = 0; axis < of.rank; ++axis) out += message(axis == 0 ? "" : "x", of[axis]);
    return of.rank == 0 ? "scalar" : out;
}

} // namespace ctq::inline CTQ_TARGET::host
