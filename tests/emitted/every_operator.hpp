#pragma once
// ONNX files with each operator that has an integer meaning, once for each sign of its operands and its result, so that
// a rule that stores values with and without negative ones apart makes each of its signatures; and what the values'
// names say of their ranges.

#include <ctq/core/quantization.hpp>

#include <host/npy_samples.hpp>
#include <host/onnx_builder.hpp>

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace ctq::test {

/// Whether a value is ever negative, as the last letter of its name.
constexpr char with_negative = 's', without_negative = 'p';

/// The range of a value by its name, where a dot ends what the file called it: "add_sp_p", "add_sp_p.nhwc".
inline bounds range_by_name(std::string_view value) {
    return value.substr(0, value.find('.')).ends_with(without_negative) ? bounds{0, 2} : bounds{-1, 2};
}

/// An ONNX file in the making: float inputs, every node's result an output unless it is said to be inner.
class operator_file {
    onnx_builder::graph_parts parts_;

  public:
    using message = onnx_builder::message;
    using dims = onnx_builder::dims;

    /// Inputs with and without negative values: images that any node may read, others for nodes that keep a range (one
    /// that floats read beside them stays float), and rows.
    static constexpr std::string_view images[]{"image_s", "image_p"}, kept[]{"kept_s", "kept_p"},
        rows[]{"row_s", "row_p"};
    static inline const dims image_shape{1, 2, 4, 4}, row_shape{1, 4};

    operator_file() {
        for_each_input([&](std::string_view name, const dims& shape) {
            parts_.inputs.push_back(onnx_builder::value(name, shape));
        });
    }

    /// Calls visit(name, shape).
    template <class Visit> static void for_each_input(Visit visit) {
        for (const std::string_view each : images) visit(each, image_shape);
        for (const std::string_view each : kept) visit(each, image_shape);
        for (const std::string_view each : rows) visit(each, row_shape);
    }

    /// Adds a node whose result has its name and nobody reads but the outside, and gives that name.
    std::string wanted(const std::string& name, std::string_view op, const onnx_builder::names& inputs,
                       const dims& result, const std::vector<message>& attributes = {}) {
        parts_.outputs.push_back(onnx_builder::value(name, result));
        return inner(name, op, inputs, attributes);
    }
    /// The same, for other nodes to read.
    std::string inner(const std::string& name, std::string_view op, const onnx_builder::names& inputs,
                      const std::vector<message>& attributes = {}) {
        message node = onnx_builder::node(name, op, inputs, {name});
        for (const message& each : attributes) node.sub(5, each);
        parts_.nodes.push_back(std::move(node));
        return name;
    }
    void reals(std::string_view name, const dims& shape, const std::vector<float>& values) {
        parts_.initializers.push_back(onnx_builder::float_tensor(name, shape, values));
    }
    void integers(std::string_view name, const std::vector<std::int64_t>& values) {
        message tensor = onnx_builder::tensor_head(name, 7, {static_cast<std::int64_t>(values.size())});
        parts_.initializers.push_back(tensor.integers(7, values));
    }

    [[nodiscard]] std::string bytes() const { return onnx_builder::model(onnx_builder::graph(parts_)).str(); }
};

inline onnx_builder::message integer_attribute(std::string_view name, std::int64_t value) {
    return onnx_builder::attribute(name, 2).integer(3, value);
}
inline onnx_builder::message integers_attribute(std::string_view name, const std::vector<std::int64_t>& values) {
    onnx_builder::message made = onnx_builder::attribute(name, 7);
    for (const std::int64_t each : values) made.integer(8, each);
    return made;
}

inline onnx_builder::message text_attribute(std::string_view name, std::string_view value) {
    return onnx_builder::attribute(name, 3).bytes(4, value);
}

/// Weights of layers whose sums are their operands' size, of both signs and of one, and of others that are next to
/// nothing beside their biases: int16x8 adds these up in 64 bits.
inline void add_weights(operator_file& file) {
    const auto small = [](std::size_t count, unsigned seed) {
        std::vector<float> values = random_floats(count, seed);
        for (float& each : values) each /= 4;
        return values;
    };
    file.reals("filter", {3, 2, 1, 1}, small(6, 2));
    file.reals("matrix", {4, 3}, small(12, 3));
    file.reals("bright_filter", {3, 2, 1, 1}, std::vector<float>(6, 0.25f));
    file.reals("faint_filter", {3, 2, 1, 1}, std::vector<float>(6, 1e-4f));
    file.reals("faint_matrix", {4, 3}, std::vector<float>(12, 1e-4f));
    file.reals("bias", {3}, {0.5f, 0.25f, 1.5f});
}

/// The layers, of an image and a row, whose names end in `signs`.
inline void add_layers(operator_file& file, const std::string& signs, const std::string& image,
                       const std::string& row) {
    file.wanted("dense_" + signs, "Gemm", {row, "matrix"}, {1, 3});
    file.wanted("faint_dense_" + signs, "Gemm", {row, "faint_matrix", "bias"}, {1, 3});
    file.wanted("conv2d_" + signs, "Conv", {image, "filter"}, {1, 3, 4, 4});
    file.wanted("faint_conv2d_" + signs, "Conv", {image, "faint_filter", "bias"}, {1, 3, 4, 4});
}

/// What reads one operand and has a range of its own, or one that the operator fixes.
inline void add_functions(operator_file& file, const std::string& signs, const std::string& image) {
    file.wanted("mean_" + signs, "GlobalAveragePool", {image}, {1, 2, 1, 1});
    file.wanted("leaky_" + signs, "LeakyRelu", {image}, operator_file::image_shape);
    file.wanted("thresholded_" + signs, "ThresholdedRelu", {image}, operator_file::image_shape);
    file.wanted("sigmoid_" + signs, "Sigmoid", {image}, operator_file::image_shape);
    file.wanted("tanh_" + signs, "Tanh", {image}, operator_file::image_shape);
    file.wanted("quotient_" + signs, "Div", {image, "divisors"}, operator_file::image_shape);
    file.wanted("softmax_" + signs, "Softmax", {image}, operator_file::image_shape, {integer_attribute("axis", 1)});
}

/// What reads two operands, of any signs.
inline void add_pairs(operator_file& file, const std::string& signs, const std::string& a, const std::string& b) {
    file.wanted("sum_" + signs, "Add", {a, b}, operator_file::image_shape);
    file.wanted("difference_" + signs, "Sub", {a, b}, operator_file::image_shape);
    file.wanted("product_" + signs, "Mul", {a, b}, operator_file::image_shape);
}

/// What keeps its operand's range.
inline void add_moves(operator_file& file, const std::string& sign, const std::string& image) {
    const auto window = integers_attribute("kernel_shape", {2, 2});
    file.wanted("largest_" + sign, "MaxPool", {image}, {1, 2, 3, 3}, {window});
    file.wanted("average_" + sign, "AveragePool", {image}, {1, 2, 3, 3}, {window});
    file.wanted("relu_" + sign, "Relu", {image}, operator_file::image_shape);
    file.wanted("clip_" + sign, "Clip", {image, "least", "most"}, operator_file::image_shape);
    file.wanted("padded_" + sign, "Pad", {image, "borders"}, {1, 2, 5, 4});
    file.wanted("reshaped_" + sign, "Reshape", {image, "shape"}, {1, 4, 8});
    file.wanted("cut_" + sign, "Slice", {image, "starts", "ends"}, {1, 2, 3, 4});
    file.wanted("picked_" + sign, "Gather", {image, "picks"}, {1, 2, 4, 3}, {integer_attribute("axis", 3)});
    file.wanted("best_" + sign, "TopK", {image, "how_many"}, {1, 2, 4, 2});
    file.wanted("nearest_" + sign, "Resize", {image, "", "resize_scales"}, {1, 2, 8, 6});
    file.wanted("linear_" + sign, "Resize", {image, "", "resize_scales"}, {1, 2, 8, 6},
                {text_attribute("mode", "linear")});
    file.wanted("turned_" + sign, "Transpose", {image}, {1, 4, 4, 2}, {integers_attribute("perm", {0, 3, 2, 1})});
    file.wanted("joined_" + sign, "Concat", {image, image}, {1, 4, 4, 4}, {integer_attribute("axis", 1)});
    file.wanted("same_" + sign, "Identity", {image}, operator_file::image_shape);
}

/// Nodes between integers and floats, and between integers of two kinds: what an operator fixes the range of, joined
/// with the image. The nodes called "island..." are to stay float.
inline void add_conversions(operator_file& file, const std::string& sign, const std::string& image) {
    for (const char* bounded : {"Tanh", "Sigmoid"}) {
        const std::string inner = file.inner(std::string(bounded) + "_to_join_" + sign, bounded, {image});
        file.wanted("joined_" + inner, "Concat", {inner, image}, {1, 4, 4, 4}, {integer_attribute("axis", 1)});
    }
    const std::string sums = file.inner("sums_" + sign, "Conv", {image, "bright_filter"});
    const std::string island =
        file.wanted("island_of_sums_" + sign, sign[0] == with_negative ? "Tanh" : "Sigmoid", {sums}, {1, 3, 4, 4});
    file.wanted("mean_of_island_" + sign, "GlobalAveragePool", {island}, {1, 3, 1, 1});
    file.wanted("mean_of_sums_" + sign, "GlobalAveragePool", {sums}, {1, 3, 1, 1});
    const std::string mean = file.inner("mean_of_image_" + sign, "GlobalAveragePool", {image});
    file.wanted("island_of_mean_" + sign, "Tanh", {mean}, {1, 2, 1, 1});
}

/// Every operator that has an integer meaning. The first output, of one row, is the scores of classes.
inline std::string every_operator() {
    operator_file file;
    add_weights(file);
    file.reals("divisors", {2, 1, 1}, {2.0f, -1.5f});
    file.reals("least", {}, {-0.5f});
    file.reals("most", {}, {1.5f});
    file.integers("borders", {0, 0, 1, 0, 0, 0, 0, 0});
    file.integers("shape", {1, 4, 8});
    file.reals("resize_scales", {4}, {1.0f, 1.0f, 2.0f, 1.5f});
    file.integers("upright", {4, 1});
    file.integers("starts", {0, 0, 1});
    file.integers("ends", {1, 2, 4});
    file.integers("picks", {3, 0, -3});
    file.integers("how_many", {2});
    for (std::size_t i = 0; i < 2; ++i) {
        const std::string image(operator_file::images[i]), row(operator_file::rows[i]);
        const std::string sign(1, image.back());
        const std::string column = file.inner("column_" + sign, "Reshape", {row, "upright"});
        for (const char result : {with_negative, without_negative}) {
            const std::string signs = sign + "_" + result;
            add_layers(file, signs, image, row);
            add_functions(file, signs, image);
            for (const std::string_view other : operator_file::rows)
                file.wanted("matrices_" + sign + other.back() + "_" + result, "MatMul", {column, std::string(other)},
                            {4, 4});
            for (const std::string_view other : operator_file::images)
                add_pairs(file, sign + other.back() + "_" + result, image, std::string(other));
        }
        add_moves(file, sign, std::string(operator_file::kept[i]));
        add_conversions(file, sign, image);
    }
    return file.bytes();
}

/// The nodes of between_layers: a layer of number `from` and what reads it, of number `to`.
inline std::string layer_name(int from, int to, char sign) {
    return "layer_" + std::to_string(from) + "_" + std::to_string(to) + "_" + sign;
}
inline std::string reader_name(int from, int to, char sign) {
    return "reader_" + std::to_string(from) + "_" + std::to_string(to) + "_" + sign;
}

/// Pairs of nodes for `kinds` rules, so that each reads what each makes.
inline std::string between_layers(int kinds) {
    operator_file file;
    add_weights(file);
    for (int from = 0; from < kinds; ++from)
        for (int to = 0; to < kinds; ++to)
            for (const std::string_view image : operator_file::images)
                file.wanted(reader_name(from, to, image.back()), "GlobalAveragePool",
                            {file.inner(layer_name(from, to, image.back()), "Conv", {std::string(image), "filter"})},
                            {1, 3, 1, 1});
    for (const std::string_view each : operator_file::kept)
        file.wanted("same_" + std::string(each), "Identity", {std::string(each)}, operator_file::image_shape);
    for (const std::string_view each : operator_file::rows)
        file.wanted("same_" + std::string(each), "Identity", {std::string(each)}, operator_file::row_shape);
    return file.bytes();
}

} // namespace ctq::test
