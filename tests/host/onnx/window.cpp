#include <ctq/host/onnx/window.hpp>
#include <ctq/operators/average_pool.hpp>
#include <ctq/operators/max_pool.hpp>

#include <doctest/doctest.h>

#include <map>
#include <stdexcept>
#include <string>
#include <vector>

namespace {

using list = std::vector<std::int32_t>;

/// The parts of a source node that read_window asks for.
struct fake_node {
    ctq::shape image;
    std::map<std::string, list, std::less<>> lists = {};
    std::string auto_pad = "NOTSET";
    int ceil_mode = 0;

    ctq::shape shape_of(std::size_t input) const { return input == 0 ? image : ctq::shape{8, image[1], 3, 5}; }
    bool has_input(std::size_t input) const { return input == 0; }
    list integers(std::string_view name) const {
        const auto found = lists.find(name);
        return found == lists.end() ? list{} : found->second;
    }
    std::int32_t integer(std::string_view name, std::int32_t absent) const {
        return name == "ceil_mode" ? ceil_mode : absent;
    }
    std::string string(std::string_view, std::string_view) const { return auto_pad; }
    void check(bool holds, const char* what) const {
        if (!holds) throw std::invalid_argument(what);
    }
    void support(bool holds, const char* what) const { check(holds, what); }
};

ctq::op::max_pool read_from(fake_node from) {
    ctq::op::max_pool op;
    ctq::host::onnx::read_window(from, op);
    return op;
}

std::int32_t divide_up(std::int32_t a, std::int32_t b) {
    return (a + b - 1) / b;
}

} // namespace

TEST_CASE("window: two spatial axes, and one as the columns") {
    const auto two = read_from(
        {{1, 4, 9, 8}, {{"kernel_shape", {3, 2}}, {"strides", {2, 1}}, {"dilations", {1, 3}}, {"pads", {1, 0, 2, 3}}}});
    CHECK(two == ctq::op::max_pool{{3, 2}, {2, 1}, {1, 3}, {1, 0, 2, 3}});
    const auto one = read_from({{1, 4, 9}, {{"kernel_shape", {3}}, {"strides", {2}}, {"pads", {1, 2}}}});
    CHECK(one == ctq::op::max_pool{{1, 3}, {1, 2}, {1, 1}, {0, 1, 0, 2}});
}

TEST_CASE("window: SAME gives ceil(input / stride) outputs, the odd cell after or before") {
    for (int input = 3; input < 20; ++input)
        for (int kernel = 1; kernel <= 5; ++kernel)
            for (int stride = 1; stride <= 3; ++stride)
                for (const bool upper : {true, false}) {
                    const auto op = read_from({{1, 1, input, input},
                                               {{"kernel_shape", {kernel, kernel}}, {"strides", {stride, stride}}},
                                               upper ? "SAME_UPPER" : "SAME_LOWER"});
                    CHECK(ctq::op::window_of(op).output_extent({1, input, input, 1}, 0) == divide_up(input, stride));
                    const int odd = op.padding[2] - op.padding[0];
                    CHECK((odd == 0 || odd == (upper ? 1 : -1)));
                }
}

TEST_CASE("window: VALID drops the pads") {
    CHECK(read_from({{1, 1, 8, 8}, {{"kernel_shape", {2, 2}}, {"pads", {1, 1, 1, 1}}}, "VALID"}).padding ==
          ctq::op::margins{});
}

TEST_CASE("window: ceil_mode counts the partly covered window, if it starts on the data or the pad before it") {
    for (int input = 4; input < 15; ++input)
        for (int kernel = 1; kernel <= 4; ++kernel)
            for (int stride = 1; stride <= 4; ++stride)
                for (int pad = 0; pad < kernel; ++pad) {
                    const auto op = read_from({{1, 1, input, input},
                                               {{"kernel_shape", {kernel, kernel}},
                                                {"strides", {stride, stride}},
                                                {"pads", {pad, pad, pad, pad}}},
                                               "NOTSET",
                                               1});
                    int outputs = divide_up(input + 2 * pad - kernel, stride) + 1;
                    if ((outputs - 1) * stride >= input + pad) --outputs;
                    CHECK(ctq::op::window_of(op).output_extent({1, input, input, 1}, 0) == outputs);
                }
}

TEST_CASE("window: faults name the attribute") {
    const auto refuses = [](fake_node from, const char* text) {
        CHECK_THROWS_WITH_AS(read_from(from), text, std::invalid_argument);
    };
    refuses({{1, 8}}, "the input must have spatial axes");
    refuses({{1, 8, 2, 2, 2}}, "only 1 or 2 spatial axes are supported");
    refuses({{1, 1, 8, 8}}, "kernel_shape is missing");
    refuses({{1, 1, 8, 8}, {{"kernel_shape", {2}}}}, "a window attribute must have one value for each spatial axis");
    refuses({{1, 1, 8, 8}, {{"kernel_shape", {2, 2}}, {"pads", {1, 1}}}},
            "pads must have two values for each spatial axis");
    refuses({{1, 1, 8, 8}, {{"kernel_shape", {0, 2}}}}, "kernel and strides must be at least 1");
    refuses({{1, 1, 8, 8}, {{"kernel_shape", {2, 2}}, {"dilations", {0, 1}}}}, "dilations must be at least 1");
    refuses({{1, 1, 8, 8}, {{"kernel_shape", {2, 2}}, {"pads", {-1, 0, 0, 0}}}}, "pads must not be negative");
    refuses({{1, 1, 8, 8}, {{"kernel_shape", {2, 65537}}}},
            "kernel, strides, dilations and pads must be at most 65536");
    refuses({{1, 1, 8, 8}, {{"kernel_shape", {2, 2}}}, "SAME"},
            "auto_pad must be NOTSET, VALID, SAME_UPPER or SAME_LOWER");
}
