#pragma once
// reduce_product: the product over some axes.
// room: operators | runs on: all | heap: no

#include <ctq/operators/element_wise.hpp>
#include <ctq/operators/reducing.hpp>
#include <ctq/registry/operation.hpp>

namespace ctq::inline CTQ_TARGET::op {

/// The product over `axes`, 1 of no elements; the axes stay with extent 1 if `keep_axes`, else they go. Of reals in the
/// order of memory, of integers modulo 2^bits.
struct reduce_product {
    static constexpr std::string_view name = "reduce_product";
    static constexpr std::string_view cpp_name = "ctq::op::reduce_product";
    static constexpr operator_traits traits{.operands = element_types::numbers};

    axis_set axes{};
    bool keep_axes = true;

    static constexpr auto attributes =
        attribute_list{attribute{"axes", &reduce_product::axes}, attribute{"keep_axes", &reduce_product::keep_axes}};

    friend constexpr bool operator==(const reduce_product&, const reduce_product&) = default;

    constexpr shape output_shape(shapes in) const {
        require(in.size() == 1, "reduce_product takes one input");
        return reduced_shape(in[0], axes, keep_axes);
    }

    constexpr void compute(const_tensors in, tensors out) const {
        with_number_type(out[0].facts.type, [&](auto each) {
            using type = decltype(each);
            for_each_reduced(in[0].shape(), axes, [&](std::size_t index, auto for_each_factor) {
                type product{1};
                for_each_factor([&](std::size_t at) {
                    if constexpr (std::is_same_v<type, float>)
                        product *= in[0].as<float>()[at];
                    else
                        product = wrapped_product(product, in[0].as<type>()[at]);
                });
                out[0].as<type>()[index] = product;
            });
        });
    }
};

} // namespace ctq::inline CTQ_TARGET::op
