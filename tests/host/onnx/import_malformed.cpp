#include "import_models.hpp"

#include <string>
#include <vector>

using namespace ctq::test::onnx_import;
namespace build = ctq::test::onnx_builder;

TEST_CASE("import: wrong windows and weights are malformed") {
    const std::int64_t huge = std::int64_t{1} << 31;
    check_refused(
        exit_code::malformed,
        {
            {conv({ints("strides", {0, 1})}),
             "kernel and strides must be at least 1 (inputs 1x4x6x6, 4x4x3x3; strides 0,1)"},
            {conv({ints("strides", {-1, 1})}), "strides must be at least 1"},
            {conv({ints("strides", {huge, 1})}), "attribute 'strides' holds 2147483648"},
            {conv({ints("strides", {65537, 1})}), "at most 65536"},
            {conv({ints("strides", {1})}), "one value for each spatial axis"},
            {conv({ints("dilations", {0, 1})}), "dilations must be at least 1"},
            {conv({ints("dilations", {65536, 65536})}), "the window is larger than the padded input"},
            {conv({ints("kernel_shape", {0, 3})}), "kernel and strides must be at least 1"},
            {conv({ints("kernel_shape", {2, 3})}), "the weights' extents must be the kernel attribute"},
            {conv({ints("kernel_shape", {3, 3, 3})}), "one value for each spatial axis"},
            {conv({}, {4, 4, 9, 9}), "the window is larger than the padded input"},
            {conv({ints("pads", {-1, 0, 0, 0})}), "pads must not be negative"},
            {conv({ints("pads", {1, 1})}), "pads must have two values"},
            {conv({ints("pads", {70000, 0, 0, 0})}), "at most 65536"},
            {conv({word("auto_pad", "SOME")}), "auto_pad must be"},
            {conv({integer("group", 0)}), "groups must be at least 1"},
            {conv({integer("group", 3)}), "must be a multiple of groups"},
            {conv({integer("group", 2)}), "inputs per group must be input channels / groups"},
            {conv({}, {4, 3, 3, 3}), "inputs per group"},
            {conv({}, {4, 4, 3}), "the same number of axes"},
            {conv({real("group", 1)}),
             "attribute 'group' is of type FLOAT (inputs 1x4x6x6, 4x4x3x3; group 1); INT is required"},
            {conv({integer("strides", 1)}), "attribute 'strides' is of type INT (inputs"},
            {parts_of({node("c", "Conv", {"x"}, {"y"})}), "input 1 is missing"},
            {one("MaxPool", {}), "kernel_shape is missing"},
            {one("MaxPool", {ints("kernel_shape", {2, 2}), ints("pads", {2, 0, 0, 0})}), "smaller than the kernel"},
            {one("MaxPool", {ints("kernel_shape", {2, 2}), ints("pads", {0, 0, 2, 0})}), "smaller than the kernel"},
            {one("MaxPool", {ints("kernel_shape", {2, 2}), ints("dilations", {7, 1}), ints("pads", {1, 0, 1, 0})}),
             "between the image's cells"},
            {one("MaxPool", {ints("kernel_shape", {2})}, {}, {1, 4}), "the input must have spatial axes"},
            {one("AveragePool", {ints("kernel_shape", {7, 7})}), "the window is larger"},
            {one("GlobalAveragePool", {}, {}, {1, 4}), "the input must have spatial axes"},
        });
}

TEST_CASE("import: wrong shapes and axes are malformed") {
    const build::message k = floats("k0", {5, 2});
    check_refused(
        exit_code::malformed,
        {
            {one("Gemm", {}, {k}, {1, 4}), "the input's last extent must equal the weights' inputs (inputs 1x4, 5x2)"},
            {one("Gemm", {}, {floats("k0", {4, 2}), floats("k1", {3})}, {1, 4}), "broadcast"},
            {one("MatMul", {}, {k}, {1, 4}), "the input's last extent"},
            {parts_of({with(node("c", "Concat", {"x", "z"}, {"y"}), {integer("axis", 4)})}),
             "out of the tensor's range"},
            {parts_of({with(node("c", "Concat", {"x", "k"}, {"y"}), {integer("axis", 1)})},
                      {floats("k", {2, 4, 6, 6})}),
             "differ along its axis only"},
            {parts_of({with(node("c", "Concat", {"x", "z"}, {"y"}), {integer("axis", 0)})}, {}, {1073741824}),
             "too long"},
            {one("Reshape", {}, {int64s("k0", {-1, -1})}), "only one extent"},
            {one("Reshape", {}, {int64s("k0", {5, -1})}), "not divisible"},
            {one("Reshape", {}, {int64s("k0", {3, 4})}), "keep the number of elements"},
            {one("Reshape", {}, {int64s("k0", {2147483647, 2147483647, 2147483647, 4611686018427387904})}),
             "keep the number of elements"},
            {one("Reshape", {}, {int64s("k0", {-2})}), "-1, 0 or more"},
            {one("Reshape", {}, {int64s("k0", {1, 4, 6, 6, 0})}), "needs an input axis"},
            {one("Reshape", {}, {floats("k0", {2})}), "must hold integers"},
            {one("Flatten", {integer("axis", 5)}), "axis must be within"},
            {one("Transpose", {ints("perm", {0, 1, 1, 3})}), "a permutation must name every axis once"},
            {one("Transpose", {ints("perm", {0, 1, 2})}), "one entry for each axis"},
            {one("Transpose", {ints("perm", {0, 1, 2, 4})}), "a permutation"},
            {one("Squeeze", {}, {int64s("k0", {1})}), "only axes of extent 1"},
            {one("Squeeze", {ints("axes", {7})}, {}, {1, 2}), "out of the tensor's range", 11},
            {one("Unsqueeze", {}, {int64s("k0", {0, 0})}), "must not repeat"},
            {one("Softmax", {integer("axis", 4)}), "out of the tensor's range"},
            {one("ReduceMean", {ints("axes", {1, 1})}), "must not repeat"},
            {one("ReduceMean", {ints("axes", {-5})}), "out of the tensor's range"},
            {one("Pad", {}, {int64s("k0", {1, 1})}), "two values for each axis"},
            {one("Pad", {word("mode", "mirror")}, {int64s("k0", {0, 0, 0, 0, 0, 0, 0, 0})}), "mode must be"},
            {one("Pad", {}, {int64s("k0", {2147483647, 0, 0, 0, 2147483647, 0, 0, 0})}), "too long"},
            {one("Pad", {}, {int64s("k0", {0, 0, 0, 0, 0, 0, 0, 0}), floats("k1", {2})}), "one value"},
            {one("Add", {}, {floats("k0", {5})}), "do not broadcast (inputs 1x4x6x6, 5); make each pair"},
            {parts_of({node("a", "Add", {"x"}, {"y"})}), "two inputs are required"},
            {parts_of({node("a", "Relu", {"x", "z"}, {"y"})}), "one input is required"},
        });
}

TEST_CASE("import: wrong numbers are malformed") {
    const auto normalization = [](float variance, float epsilon, std::int64_t channels = 4) {
        return one("BatchNormalization", {real("epsilon", epsilon)},
                   {floats("k0", {channels}), floats("k1", {channels}), floats("k2", {channels}),
                    floats("k3", {channels}, variance)});
    };
    check_refused(
        exit_code::malformed,
        {
            {one("Clip", {real("min", 1), real("max", 0)}), "neither may be NaN (input 1x4x6x6; min 1; max 0); ", 7},
            {one("Clip", {}, {floats("k0", {}, 2.0F), floats("k1", {}, 1.0F)}), "min must not exceed max"},
            {one("Clip", {}, {floats("k0", {2})}), "a bound must be one value"},
            {normalization(-1, 1e-5F), "variances must not be negative"},
            {normalization(0, 0), "variance + epsilon zero"},
            {normalization(1, -1), "epsilon must not be negative"},
            {normalization(1, 1e-5F, 3), "one value a channel"},
        });
}

TEST_CASE("import: an index outside the shape that it is taken from is malformed") {
    const auto result = importing(parts_of({node("s", "Shape", {"x"}, {"s"}), node("g", "Gather", {"s", "k"}, {"n"}),
                                            node("r", "Reshape", {"x", "n"}, {"y"})},
                                           {int64s("k", {9})}));
    CHECK(result.code == exit_code::malformed);
    CHECK(result.says("node 'g' (Gather): index 9 is outside 4 elements (inputs 4, 1)"));
}

TEST_CASE("import: a dimension of zero is malformed") {
    CHECK(importing(relu_on(input_with({"0"}))).code == exit_code::malformed);
}

TEST_CASE("import: a graph that is none is refused by load_model") {
    const ctq::test::scratch_folder folder;
    const auto loading = [&](const build::message& model) {
        const std::string path = folder.put("m.onnx", model.str());
        return ctq::test::outcome_of([&] { static_cast<void>(onnx::load_model<registry_type>(path)); });
    };
    const auto of = [&](const build::graph_parts& parts) { return loading(build::model(build::graph(parts))); };
    CHECK(of(parts_of({node("a", "Relu", {"q"}, {"p"}), node("b", "Tanh", {"p"}, {"q"}),
                       node("c", "Add", {"x", "p"}, {"y"})}))
              .says("the graph has a cycle: node 'a' (Relu) -> node 'b' (Tanh) -> node 'a' (Relu)"));
    CHECK(of(parts_of({node("a", "Relu", {"lost"}, {"y"})})).code == exit_code::malformed);
    CHECK(of(parts_of({node("a", "Relu", {"x"}, {"v"})})).code == exit_code::malformed);
    CHECK(of(parts_of({node("a", "Relu", {"x"}, {"y"}), node("b", "Relu", {"x"}, {"y"})})).code ==
          exit_code::malformed);
    CHECK(of(parts_of({node("a", "Add", {"x", "y"}, {"y"})})).code == exit_code::malformed);
    CHECK(of(parts_of({})).code == exit_code::malformed);
}
