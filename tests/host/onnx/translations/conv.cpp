#include <ctq/host/onnx/translations/conv.hpp>

#include <doctest/doctest.h>
#include <host/onnx/import_models.hpp>

#include <limits>

using namespace ctq::test::onnx_import;

TEST_CASE("conv: wrong windows and weights are malformed") {
    const std::int64_t huge = std::int64_t{1} << 31;
    check_refused(exit_code::malformed,
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
                      {parts_of({node("c", "Conv", {"x", "w"}, {"y"})},
                                {floats("w", {4, 4, 3, 3}, std::numeric_limits<float>::infinity())}),
                       "element 0 of input 1 is inf, among weights"},
                      {parts_of({node("c", "Conv", {"x", "w", "b"}, {"y"})},
                                {floats("w", {4, 4, 3, 3}), floats("b", {4}, -std::numeric_limits<float>::infinity())}),
                       "element 0 of input 2 is -inf, among weights"},
                  });
}

TEST_CASE("conv: weights that an input makes, and more than two spatial axes, are unsupported") {
    check_refused(
        exit_code::unsupported,
        {
            {parts_of({node("c", "Conv", {"x", "z"}, {"y"})}), "the weights must be constant"},
            {parts_of({node("c", "Conv", {"x", "w"}, {"y"})}, {floats("w", {2, 4, 1, 1, 1})}, {1, 4, 2, 2, 2}),
             "only 1-D and 2-D"},
        });
}

TEST_CASE("conv: a window that SAME pads may be larger than the image") {
    CHECK(importing(conv({ints("dilations", {65536, 65536}), word("auto_pad", "SAME_UPPER")})).number() == 0);
}
