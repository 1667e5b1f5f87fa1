#pragma once
// select: of two tensors the elements of one or of the other, as a third says.
// room: operators | runs on: all | heap: no

#include <ctq/operators/element_wise.hpp>
#include <ctq/registry/operation.hpp>

namespace ctq::inline CTQ_TARGET::op {

/// Inputs: booleans, and a and b of one type, all broadcast as ONNX does. Output: a where the boolean is yes, else b.
struct select {
    static constexpr std::string_view name = "select";
    static constexpr std::string_view cpp_name = "ctq::op::select";
    static constexpr operator_traits traits{
        .operands = element_types::all, .adds_nothing = true, .is_element_wise = true, .aligns_operands = true};
    static constexpr auto attributes = no_attributes;

    friend constexpr bool operator==(const select&, const select&) = default;

  private:
    // Defined first: clang (docs/design.md, section 1).
    template <class T> static constexpr void pick(const_tensors in, std::size_t operand, const tensor& out) {
        const boolean* which = in[0].as<boolean>();
        const T* from = in[operand].as<T>();
        const boolean asked = operand == 1 ? boolean::yes : boolean::no;
        for_each_broadcast(out.shape(), in[0].shape(), in[operand].shape(),
                           [&](std::size_t i, std::size_t in_which, std::size_t in_from) {
                               if (which[in_which] == asked) out.as<T>()[i] = from[in_from];
                           });
    }

  public:
    constexpr shape output_shape(shapes in) const {
        require(in.size() == 3, "select takes three inputs");
        return broadcast(broadcast(in[0], in[1]), in[2]);
    }
    constexpr dtype output_type(dtypes in, int) const {
        require(in.size() == 3 && in[0] == dtype::boolean && in[1] == in[2],
                "select takes booleans, and two operands of one element type");
        return in[1];
    }

    constexpr void compute(const_tensors in, tensors out) const {
        with_entry_type(out[0].facts.type, [&](auto each) {
            pick<decltype(each)>(in, 1, out[0]);
            pick<decltype(each)>(in, 2, out[0]);
        });
    }

    constexpr select permuted(std::span<const std::int32_t>) const { return *this; }
};

} // namespace ctq::inline CTQ_TARGET::op
