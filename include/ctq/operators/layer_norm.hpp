#pragma once
// layer_norm: each row less its mean, over its deviation, then a scale and a shift for each element of the row.
// room: operators | runs on: all | heap: no

#include <ctq/core/elementary.hpp>
#include <ctq/core/exact.hpp>
#include <ctq/registry/operation.hpp>

namespace ctq::inline CTQ_TARGET::op {

/// Inputs: x, a scale and optionally a bias, both of the shape of a row: x's axes from `axis` on. Output:
/// (x - mean) / sqrt(variance + epsilon) * scale + bias, in double, rounded once. It has no integer meaning. Cost:
/// three reads of x.
struct layer_norm {
    static constexpr std::string_view name = "layer_norm";
    static constexpr std::string_view cpp_name = "ctq::op::layer_norm";
    static constexpr operator_traits traits{
        .roles = {operand_role::operand, operand_role::parameter, operand_role::parameter}, .in_place = true};

    std::int32_t axis = -1;
    float epsilon = 1e-5f; ///< positive

    static constexpr auto attributes =
        attribute_list{attribute{"axis", &layer_norm::axis}, attribute{"epsilon", &layer_norm::epsilon}};

    friend constexpr bool operator==(const layer_norm&, const layer_norm&) = default;

    constexpr shape output_shape(shapes in) const {
        require(in.size() == 2 || in.size() == 3, "layer_norm takes a tensor, a scale and an optional bias");
        require(epsilon > 0 && elementary::is_finite(epsilon), "layer_norm's epsilon must be positive and finite");
        const shape row = row_of(in[0]);
        for (std::size_t i = 1; i < in.size(); ++i)
            require(in[i] == row, "scale and bias must have the shape of a row, which is normalized");
        return in[0];
    }

    constexpr void compute(const_tensors in, tensors out) const {
        const std::size_t length = in[1].size();
        for (std::size_t first = 0; first < out[0].size(); first += length) {
            const float* x = in[0].as<float>() + first;
            double sum = 0, squares = 0;
            for (std::size_t i = 0; i < length; ++i) sum += static_cast<double>(x[i]);
            const double mean = sum / static_cast<double>(length);
            for (std::size_t i = 0; i < length; ++i) {
                const double away = static_cast<double>(x[i]) - mean;
                squares = multiply_add_unfused(away, away, squares);
            }
            const double variance = squares / static_cast<double>(length);
            const double deviation = elementary::sqrt(variance + static_cast<double>(epsilon));
            for (std::size_t i = 0; i < length; ++i) {
                const double scale = static_cast<double>(in[1].as<float>()[i]);
                const double bias = in.size() > 2 ? static_cast<double>(in[2].as<float>()[i]) : 0.0;
                const double normal = (static_cast<double>(x[i]) - mean) / deviation;
                out[0].as<float>()[first + i] = static_cast<float>(multiply_add_unfused(normal, scale, bias));
            }
        }
    }

  private:
    constexpr shape row_of(const shape& of) const {
        shape row;
        for (int at = of.normalized_axis(axis); at < of.rank; ++at) row.append(of[at]);
        return row;
    }
};

} // namespace ctq::inline CTQ_TARGET::op
