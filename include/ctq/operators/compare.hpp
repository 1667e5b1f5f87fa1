#pragma once
// compare: for each pair of elements of two tensors, broadcast, whether they are in a relation.
// room: operators | runs on: all | heap: no

#include <ctq/operators/element_wise.hpp>
#include <ctq/registry/operation.hpp>

namespace ctq::inline CTQ_TARGET::op {

/// What is asked of a pair. The others are these with the operands the other way round.
enum class relation : std::uint8_t { equal, less, less_or_equal };

/// Inputs: a and b of one type, broadcast as ONNX does. Output: booleans, whether a is to b as `asked`. NaN is nothing
/// to anything.
struct compare {
    static constexpr std::string_view name = "compare";
    static constexpr std::string_view cpp_name = "ctq::op::compare";
    static constexpr operator_traits traits{
        .operands = element_types::all, .adds_nothing = true, .is_element_wise = true, .aligns_operands = true};

    relation asked = relation::equal;

    static constexpr auto attributes = attribute_list{attribute{"asked", &compare::asked}};

    friend constexpr bool operator==(const compare&, const compare&) = default;

    constexpr shape output_shape(shapes in) const {
        require(in.size() == 2, "compare takes two inputs");
        return broadcast(in[0], in[1]);
    }
    constexpr dtype output_type(int) const { return dtype::boolean; }

    constexpr void compute(const_tensors in, tensors out) const {
        with_entry_type(in[0].facts.type, [&](auto each) {
            for_each_pair_of<decltype(each)>(in, out[0], [&](auto a, auto b) {
                const bool holds = asked == relation::equal ? a == b : asked == relation::less ? a < b : a <= b;
                return holds ? boolean::yes : boolean::no;
            });
        });
    }

    constexpr compare permuted(std::span<const std::int32_t>) const { return *this; }
};

} // namespace ctq::inline CTQ_TARGET::op
