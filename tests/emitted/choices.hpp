#pragma once
// Operators of a user's own whose float meaning makes or reads what is no real: positions as int32, and truth values.

#include <ctq/registry/operation.hpp>

#include <cstdint>
#include <string_view>

namespace user {

/// The position of the largest element of each row; the first of several.
struct arg_max {
    static constexpr std::string_view name = "arg_max";
    static constexpr std::string_view cpp_name = "user::arg_max";
    static constexpr std::string_view header = "emitted/choices.hpp";
    static constexpr auto attributes = ctq::no_attributes;
    friend constexpr bool operator==(const arg_max&, const arg_max&) = default;

    constexpr ctq::dtype output_type(int) const { return ctq::dtype::int32; }
    constexpr ctq::shape output_shape(ctq::shapes in) const { return {in[0][0]}; }
    constexpr void compute(ctq::const_tensors in, ctq::tensors out) const {
        const auto length = static_cast<std::size_t>(in[0].shape()[1]);
        for (std::size_t row = 0; row < out[0].size(); ++row) {
            const float* x = in[0].as<float>() + row * length;
            std::size_t best = 0;
            for (std::size_t i = 1; i < length; ++i) best = x[i] > x[best] ? i : best;
            out[0].as<std::int32_t>()[row] = static_cast<std::int32_t>(best);
        }
    }
};

/// One row for each position: 1 there, and 0 elsewhere.
struct one_hot {
    static constexpr std::string_view name = "one_hot";
    static constexpr std::string_view cpp_name = "user::one_hot";
    static constexpr std::string_view header = "emitted/choices.hpp";
    static constexpr ctq::operator_traits traits{.roles = {ctq::operand_role::positions}};

    std::int32_t length = 1;

    static constexpr auto attributes = ctq::attribute_list{ctq::attribute{"length", &one_hot::length}};
    friend constexpr bool operator==(const one_hot&, const one_hot&) = default;

    constexpr ctq::shape output_shape(ctq::shapes in) const { return {in[0][0], length}; }
    constexpr void compute(ctq::const_tensors in, ctq::tensors out) const {
        const auto row_length = static_cast<std::size_t>(length);
        for (std::size_t i = 0; i < out[0].size(); ++i)
            out[0].as<float>()[i] =
                in[0].as<std::int32_t>()[i / row_length] == static_cast<std::int32_t>(i % row_length) ? 1.0f : 0.0f;
    }
};

/// Whether each element is above 0.
struct is_positive {
    static constexpr std::string_view name = "is_positive";
    static constexpr std::string_view cpp_name = "user::is_positive";
    static constexpr std::string_view header = "emitted/choices.hpp";
    static constexpr auto attributes = ctq::no_attributes;
    friend constexpr bool operator==(const is_positive&, const is_positive&) = default;

    constexpr ctq::dtype output_type(int) const { return ctq::dtype::boolean; }
    constexpr ctq::shape output_shape(ctq::shapes in) const { return in[0]; }
    constexpr void compute(ctq::const_tensors in, ctq::tensors out) const {
        for (std::size_t i = 0; i < out[0].size(); ++i)
            out[0].as<ctq::boolean>()[i] = in[0].as<float>()[i] > 0 ? ctq::boolean::yes : ctq::boolean::no;
    }
};

} // namespace user
