#pragma once
// range: numbers that lie evenly.
// room: operators | runs on: all | heap: no

#include <ctq/core/exact.hpp>
#include <ctq/operators/element_wise.hpp>
#include <ctq/registry/operation.hpp>

namespace ctq::inline CTQ_TARGET::op {

/// Inputs: a first number and a step, one element each. Output: the `count` numbers first, first + step, ..., each
/// rounded once more than its product with the step; of integers modulo 2^bits. So ONNX says it; onnxruntime adds the
/// step again and again, so that of reals its later numbers are other roundings.
struct range {
    static constexpr std::string_view name = "range";
    static constexpr std::string_view cpp_name = "ctq::op::range";
    static constexpr operator_traits traits{.operands = element_types::numbers};

    std::int32_t count = 0;

    static constexpr auto attributes = attribute_list{attribute{"count", &range::count}};

    friend constexpr bool operator==(const range&, const range&) = default;

    constexpr shape output_shape(shapes in) const {
        require(in.size() == 2, "range takes two inputs");
        require(in[0].elements() == 1 && in[1].elements() == 1, "the first number and the step must be one element");
        require(count >= 0, "a count must not be negative");
        return {count};
    }

    constexpr void compute(const_tensors in, tensors out) const {
        with_number_type(out[0].facts.type, [&](auto each) {
            using type = decltype(each);
            const type first = in[0].as<type>()[0], step = in[1].as<type>()[0];
            for (std::int32_t i = 0; i < count; ++i) {
                type& to = out[0].as<type>()[static_cast<std::size_t>(i)];
                if constexpr (std::is_same_v<type, float>)
                    to = multiply_add_unfused(static_cast<float>(i), step, first);
                else
                    to = wrapped_sum(first, wrapped_product(static_cast<type>(i), step));
            }
        });
    }
};

} // namespace ctq::inline CTQ_TARGET::op
