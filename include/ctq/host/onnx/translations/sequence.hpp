#pragma once
// A tensor cut into a sequence, and one part of it: SplitToSequence and SequenceAt.
// room: host | runs on: host | heap: yes

#include <ctq/host/onnx/translations/slice.hpp>
#include <ctq/host/source/bindings.hpp>
#include <ctq/operators/reshape.hpp>

#include <cstdint>
#include <string_view>
#include <utility>
#include <vector>

namespace ctq::inline CTQ_TARGET::host::onnx::translations {

/// Where the parts end is told by a length of all, by one of each, or is each element, whose axis may then go.
struct split_to_sequence : translation_to<op::slice> {
    static constexpr std::string_view name = "SplitToSequence";

    template <source_node Node> static void translate(Node& in) {
        in.check(in.has_input(0), "an input is required");
        source::sequence parts;
        parts.of = in.shape_of(0);
        parts.axis = parts.of.normalized_axis(in.integer("axis", 0));
        if (!in.has_input(1))
            parts.keeps_axis = in.integer("keepdims", 1) != 0;
        else
            read_lengths(in, parts);
        parts.value = in.input(0);
        in.finish_sequence(std::move(parts));
    }

  private:
    template <source_node Node> static void read_lengths(const Node& in, source::sequence& parts) {
        in.support(in.is_constant(1), "the lengths of the parts must be constant");
        const shape given = in.shape_of(1);
        in.check(given.rank <= 1, "the lengths of the parts must be a number or a list");
        const std::vector<std::int64_t> lengths = in.constant_wide_integers(1);
        if (given.rank == 0) {
            in.check(lengths[0] > 0, "the length of the parts must be positive");
            parts.length = source::saturated(lengths[0]);
            return;
        }
        std::int64_t left = parts.of[parts.axis];
        for (const std::int64_t length : lengths) {
            in.check(length >= 0 && length <= left, "the parts must lie within the axis");
            left -= length;
            parts.ends.push_back(static_cast<std::int32_t>(parts.of[parts.axis] - left));
        }
        in.check(left == 0 && !lengths.empty(), "the parts must be the whole axis");
    }
};

struct sequence_at : translation_to<op::slice> {
    using also_makes = operator_list<op::reshape>;
    static constexpr std::string_view name = "SequenceAt";

    template <source_node Node> static void translate(Node& in) {
        in.check(in.input_count() == 2, "two inputs are required");
        const source::sequence& parts = in.parts(0);
        in.support(in.is_constant(1), "the position must be constant");
        in.check(in.shape_of(1).elements() == 1, "the position must be one integer");
        const std::int32_t given = in.constant_integers(1)[0], count = parts.size();
        in.check(given >= -count && given < count, "the position is outside the sequence");
        finish_part(in, parts, given < 0 ? given + count : given);
    }

  private:
    template <source_node Node> static void finish_part(Node& in, const source::sequence& parts, std::int32_t part) {
        const auto axis = static_cast<std::size_t>(parts.axis);
        op::slice op = detail::whole_slice(parts.of);
        op.first[axis] = parts.end_of(part - 1);
        op.count[axis] = parts.end_of(part) - op.first[axis];
        const int value = in.emit(op, {parts.value});
        if (parts.keeps_axis) return in.finish(value);
        shape without;
        for (int each = 0; each < parts.of.rank; ++each)
            if (each != parts.axis) without.append(parts.of[each]);
        in.finish(in.reshape(value, without));
    }
};

} // namespace ctq::inline CTQ_TARGET::host::onnx::translations
