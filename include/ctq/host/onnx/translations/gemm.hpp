#pragma once
// Gemm and MatMul: dense layers where the second input is a constant matrix; of other operands MatMul is a product.
// room: host | runs on: host | heap: yes

#include <ctq/core/elementary.hpp>
#include <ctq/host/onnx/translation.hpp>
#include <ctq/operators/dense.hpp>
#include <ctq/operators/matrix_product.hpp>
#include <ctq/operators/reshape.hpp>

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace ctq::inline CTQ_TARGET::host::onnx::translations {

namespace detail {

/// The second input, [inputs, outputs] or transposed, as a dense layer has weights: [outputs, inputs].
struct constant_matrix {
    std::int32_t outputs, inputs;
    std::vector<float> elements;
};

template <source_node Node> constant_matrix read_matrix(const Node& in, bool transposed) {
    in.check(in.input_count() >= 2 && in.has_input(1), "two inputs are required");
    in.support(in.is_constant(1), "the second input must be constant");
    const shape of = in.shape_of(1);
    in.support(of.rank == 2, "the weights must have 2 axes");
    in.check(of.elements() > 0, "the weights must not be empty");
    check_weights(in, 1);
    const std::vector<float> given = in.constant_reals(1);
    constant_matrix matrix{of[transposed ? 0 : 1], of[transposed ? 1 : 0], given};
    if (transposed) return matrix;
    std::size_t next = 0;
    for (std::int32_t o = 0; o < matrix.outputs; ++o)
        for (std::int32_t k = 0; k < matrix.inputs; ++k)
            matrix.elements[next++] = given[static_cast<std::size_t>(k * matrix.outputs + o)];
    return matrix;
}

/// alpha or beta times each element.
template <source_node Node> void scale(const Node& in, float factor, std::vector<float>& elements) {
    for (float& element : elements) {
        element *= factor;
        in.support(elementary::is_finite(element), "alpha or beta makes an infinite constant of a finite one");
    }
}

/// The third input, one value for each output.
template <source_node Node> std::vector<float> read_bias(const Node& in, std::int32_t outputs) {
    in.support(in.is_constant(2), "the third input must be constant");
    check_weights(in, 2);
    const shape of = in.shape_of(2), result{in.shape_of(0)[0], outputs};
    in.check(broadcast(of, result) == result, "the bias must broadcast to rows * outputs");
    std::vector<float> bias = in.constant_reals(2);
    in.support(bias.size() == 1 || (bias.size() == static_cast<std::size_t>(outputs) && of[of.rank - 1] == outputs),
               "a bias that differs between rows is not supported");
    bias.resize(static_cast<std::size_t>(outputs), bias[0]);
    return bias;
}

} // namespace detail

struct mat_mul : translation_to<op::matrix_product> {
    using also_makes = operator_list<op::dense, op::reshape>;
    static constexpr std::string_view name = "MatMul";

    template <source_node Node> static void translate(Node& in) {
        in.check(in.input_count() == 2, "two inputs are required");
        if (!in.is_constant(1) || in.shape_of(1).rank != 2) return translate_product(in);
        const auto matrix = detail::read_matrix(in, false);
        const auto weights = in.constant("weights", shape{matrix.outputs, matrix.inputs}, matrix.elements);
        in.finish(in.emit(op::dense{}, {in.input(0), weights}));
    }

  private:
    /// An operand with one axis is a row as the first and a column as the second; the result then lacks that axis.
    template <source_node Node> static void translate_product(Node& in) {
        const bool row = in.shape_of(0).rank == 1, column = in.shape_of(1).rank == 1;
        const int a = operand(in, 0, row ? shape{1, in.shape_of(0)[0]} : in.shape_of(0));
        const int b = operand(in, 1, column ? shape{in.shape_of(1)[0], 1} : in.shape_of(1));
        const int product = in.emit(op::matrix_product{}, {a, b});
        if (!row && !column) return in.finish(product);
        const shape first = in.shape_of(0), second = in.shape_of(1);
        shape of = row ? second : first, result;
        const int last = of.rank - 1, dropped = row ? last - 1 : last;
        for (int axis = 0; axis < of.rank; ++axis)
            if (axis != dropped && !(row && column)) result.append(of[axis]);
        in.finish(in.reshape(product, result));
    }

    template <source_node Node> static int operand(Node& in, std::size_t input, const shape& seen_as) {
        if (in.is_constant(input)) check_weights(in, input);
        return in.shape_of(input) == seen_as ? in.input(input) : in.reshape(in.input(input), seen_as);
    }
};

struct gemm : translation_to<op::dense> {
    static constexpr std::string_view name = "Gemm";
    static constexpr version_range versions{7};

    template <source_node Node> static void translate(Node& in) {
        in.support(in.integer("transA", 0) == 0, "transA is not supported");
        auto matrix = detail::read_matrix(in, in.integer("transB", 0) != 0);
        in.check(in.shape_of(0).rank == 2, "the first input of Gemm must have 2 axes");
        detail::scale(in, in.real("alpha", 1.0f), matrix.elements);
        const auto weights = in.constant("weights", shape{matrix.outputs, matrix.inputs}, matrix.elements);
        if (!in.has_input(2)) return in.finish(in.emit(op::dense{}, {in.input(0), weights}));
        auto bias = detail::read_bias(in, matrix.outputs);
        detail::scale(in, in.real("beta", 1.0f), bias);
        in.finish(in.emit(op::dense{}, {in.input(0), weights, in.constant("bias", shape{matrix.outputs}, bias)}));
    }
};

/// The same in the versions where the third input broadcasts only if an attribute says so.
struct gemm_by_attributes : translation_to<op::dense> {
    static constexpr std::string_view name = "Gemm";
    static constexpr version_range versions{1, 6};

    template <source_node Node> static void translate(Node& in) {
        in.check(in.input_count() == 3, "three inputs are required");
        const int rows = in.integer("transA", 0) != 0 ? 1 : 0, columns = in.integer("transB", 0) != 0 ? 0 : 1;
        const shape result{in.shape_of(0)[rows], in.shape_of(1)[columns]};
        in.check(in.integer("broadcast", 0) != 0 || in.shape_of(2) == result,
                 "a third input of another shape than the output's requires broadcast 1");
        gemm::translate(in);
    }
};

} // namespace ctq::inline CTQ_TARGET::host::onnx::translations
