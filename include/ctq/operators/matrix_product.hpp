#pragma once
// matrix_product: the products of two stacks of matrices, either of which may be constant.
// room: operators | runs on: all | heap: no

#include <ctq/core/exact.hpp>
#include <ctq/operators/element_wise.hpp>
#include <ctq/operators/weighted.hpp>
#include <ctq/registry/operation.hpp>

#include <array>
#include <limits>

namespace ctq::inline CTQ_TARGET::op {

/// Types that products of activations are added up and rounded for.
template <signature S>
concept product_signature = element_wise_signature<S> && rounds_sums<S>;

/// Inputs: a [..., I, K] and b [..., K, J], whose other axes are broadcast. Output [..., I, J]: the sums of a[i, k] *
/// b[k, j] within `activation`, added up in the order of k. Integer meaning: the exact sum of the products of both less
/// their zero points, requantized; under TFLite's roundings its BATCH_MATMUL.
struct matrix_product {
    static constexpr std::string_view name = "matrix_product";
    static constexpr std::string_view cpp_name = "ctq::op::matrix_product";
    static constexpr operator_traits traits{.sums_products = true};

    bounds activation{};

    static constexpr auto attributes = attribute_list{attribute{"activation", &matrix_product::activation}};

    friend constexpr bool operator==(const matrix_product&, const matrix_product&) = default;

    struct lowered {
        scaling scale{}; ///< of the sum of the products

        static constexpr auto attributes = attribute_list{attribute{"scale", &lowered::scale}};
        friend constexpr bool operator==(const lowered&, const lowered&) = default;
    };

  private:
    // Defined first: clang (docs/design.md, section 1).
    static constexpr shape stack_of(const shape& matrices) {
        shape stack;
        for (int axis = 0; axis + 2 < matrices.rank; ++axis) stack.append(matrices[axis]);
        return stack;
    }

    /// Makes each output `finish(sum)`, where sum = add(sum, a's element, b's element) for each k. Columns are taken
    /// some at a time, so that b is read along its rows.
    template <class Sum, class A, class B, class Y, class Add, class Finish>
    static constexpr void for_each_sum(const_tensors in, const tensor& out, const A* a, const B* b, Y* to, Add add,
                                       Finish finish) {
        const shape &of_a = in[0].shape(), &of_b = in[1].shape();
        const auto rows = static_cast<std::size_t>(of_a[of_a.rank - 2]);
        const auto length = static_cast<std::size_t>(of_a[of_a.rank - 1]);
        const auto columns = static_cast<std::size_t>(of_b[of_b.rank - 1]);
        constexpr std::size_t most = 16;
        for_each_broadcast(stack_of(out.shape()), stack_of(of_a), stack_of(of_b),
                           [&](std::size_t, auto at_a, auto at_b) {
                               for (std::size_t row = 0; row < rows; ++row) {
                                   const A* left = a + (at_a * rows + row) * length;
                                   for (std::size_t first = 0; first < columns; first += most) {
                                       const std::size_t some = columns - first < most ? columns - first : most;
                                       const B* right = b + at_b * length * columns + first;
                                       std::array<Sum, most> sums{};
                                       for (std::size_t k = 0; k < length; ++k, right += columns)
                                           for (std::size_t j = 0; j < some; ++j)
                                               sums[j] = add(sums[j], left[k], right[j]);
                                       for (std::size_t j = 0; j < some; ++j) *to++ = finish(sums[j]);
                                   }
                               }
                           });
    }

    /// The largest magnitude of a sum that is requantized right.
    template <signature S> static constexpr std::int64_t room(const scaling& s) {
        return S.sum == dtype::int32 ? largest_saturating : requantizer_of<S>::headroom(s);
    }

    /// The real scale of a product over the result's. TFLite rounds the product of the scales to float32.
    template <signature S> static constexpr double ratio(float left, float right, float result) {
        constexpr bool as_tflite = S.how == rounding::double_rounding || S.how == rounding::single_rounding;
        const double product = as_tflite ? static_cast<double>(exact(left * right))
                                         : static_cast<double>(left) * static_cast<double>(right);
        return product / static_cast<double>(result);
    }

  public:
    constexpr shape output_shape(shapes in) const {
        require(in.size() == 2, "matrix_product takes two inputs");
        require(in[0].rank >= 2 && in[1].rank >= 2, "a matrix must have 2 axes at least");
        require(in[0][in[0].rank - 1] == in[1][in[1].rank - 2],
                "the first operand's last extent must equal the second's last but one");
        shape result = broadcast(stack_of(in[0]), stack_of(in[1]));
        result.append(in[0][in[0].rank - 2]);
        result.append(in[1][in[1].rank - 1]);
        return result;
    }

    constexpr std::int64_t macs(const shape& in, const shape& out) const { return out.elements() * in[in.rank - 1]; }

    constexpr void compute(const_tensors in, tensors out) const {
        for_each_sum<float>(
            in, out[0], in[0].as<float>(), in[1].as<float>(), out[0].as<float>(),
            [](float sum, float a, float b) { return multiply_add_unfused(a, b, sum); },
            [&](float sum) { return activation.clamp(sum); });
    }

    template <signature S>
    requires product_signature<S>
    constexpr void compute_integer(const lowered& with, const_tensors in, tensors out) const {
        using accumulator = element<S.sum>;
        const std::int32_t zero_a = in[0].zero_point(), zero_b = in[1].zero_point(), zero = out[0].zero_point();
        for_each_sum<accumulator>(
            in, out[0], in[0].as<element<S.x>>(), in[1].as<element<S.w>>(), out[0].as<element<S.y>>(),
            [&](accumulator sum, std::int32_t a, std::int32_t b) {
                return sum + accumulator{a - zero_a} * (b - zero_b);
            },
            [&](accumulator sum) {
                const std::int32_t y = apply_saturating<requantizer_of<S>>(sum, with.scale, zero);
                return static_cast<element<S.y>>(out[0].facts.range.clamp(y));
            });
    }

    /// No product is beyond those of the operands' farthest integers, whatever their signs.
    template <signature S>
    requires product_signature<S>
    constexpr bool never_overflows(const lowered& with, const_tensors in, const tensor_facts&) const {
        constexpr std::int64_t most = std::numeric_limits<std::int32_t>::max();
        const std::int64_t a = farthest_from_zero(in[0].facts), b = farthest_from_zero(in[1].facts);
        const std::int64_t length = in[0].shape()[in[0].shape().rank - 1];
        return a <= most && b <= most && (length == 0 || a * b <= room<S>(with.scale) / length);
    }

    template <signature S, lowering_view Node>
    requires product_signature<S>
    constexpr lowered lower(Node& node) const {
        node.keep(0);
        node.keep(1);
        return {encode_saturating<S>(ratio<S>(node.input(0).quantization.scale, node.input(1).quantization.scale,
                                              node.output().quantization.scale))};
    }
};

} // namespace ctq::inline CTQ_TARGET::op
