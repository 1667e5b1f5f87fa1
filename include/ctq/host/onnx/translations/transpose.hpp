#pragma once
// Transpose, which without a permutation turns the axes round.
// room: host | runs on: host | heap: yes

#include <ctq/host/onnx/translation.hpp>
#include <ctq/operators/transpose.hpp>

#include <cstddef>
#include <string_view>

namespace ctq::inline CTQ_TARGET::host::onnx::translations {

struct transpose : translation_to<op::transpose> {
    static constexpr std::string_view name = "Transpose";

    template <source_node Node> static void translate(Node& in) {
        const int rank = in.shape_of(0).rank;
        const auto given = in.integers("perm");
        in.check(given.empty() || given.size() == static_cast<std::size_t>(rank),
                 "perm must have one entry for each axis");
        op::transpose op;
        for (int axis = 0; axis < rank; ++axis)
            op.permutation[static_cast<std::size_t>(axis)] =
                given.empty() ? rank - 1 - axis : given[static_cast<std::size_t>(axis)];
        in.finish(in.emit(op, {in.input(0)}));
    }
};

} // namespace ctq::inline CTQ_TARGET::host::onnx::translations
