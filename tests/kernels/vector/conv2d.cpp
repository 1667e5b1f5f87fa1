// Convolutions of any number of groups equal their definition on the instruction set that this is compiled for.
#include <kernels/vector/convolution.hpp>
#include <sanitized.hpp>

using namespace kernel_test;

TEST_CASE("conv2d: channels") {
    for (const std::int32_t inputs : {1, 2, 3, 8, 15, 16, 17, 33, 64})
        for (const std::int32_t outputs : {1, 2, 3, 8, 15, 16, 17, 33, 64, 80, 130})
            for (const std::int32_t kernel : {1, 3})
                check_both({{.kernel = {kernel, kernel}, .padding = {kernel / 2, 0, 0, kernel / 2}},
                            {1, 5, 4, inputs},
                            outputs});
}

TEST_CASE("conv2d: windows") {
    for (const op::extents kernel : {op::extents{1, 1}, {3, 3}, {5, 5}, {1, 4}, {10, 4}})
        for (const std::int32_t size : {1, 2, 3, 5, 7, 8})
            for (const op::extents stride : {op::extents{1, 1}, {2, 2}, {3, 1}, {1, 3}})
                for (const op::extents dilation : {op::extents{1, 1}, {2, 1}, {2, 2}})
                    for (const std::int32_t batch : {1, 2}) {
                        const op::conv2d op{.kernel = kernel,
                                            .stride = stride,
                                            .dilation = dilation,
                                            .padding = {dilation[0] * (kernel[0] - 1), kernel[1] - 1, 0,
                                                        (dilation[1] - 1) * (kernel[1] - 1) + 1}};
                        check_both({op, {batch, size, size + 1, 3}, 9});
                    }
}

TEST_CASE("conv2d: extremes") {
    for (const pattern activations : {pattern::lowest, pattern::highest, pattern::alternating})
        for (const pattern weights : {pattern::lowest, pattern::highest, pattern::alternating})
            for (const std::int32_t zero_point : {-128, 0, 127})
                for (const limits range : {limits{-128, 127}, limits{-7, 90}})
                    check_both(with({{.kernel = {3, 3}, .padding = {1, 1, 1, 1}},
                                     {1, 6, 6, 20},
                                     24,
                                     zero_point,
                                     -zero_point - 1,
                                     activations,
                                     weights},
                                    range));
}

// Residuals from a weak to the strongest multiplier, over whole and partial blocks; a depthwise layer falls back.
TEST_CASE("conv2d: residuals") {
    for (const std::int32_t residual : {1, 700, 8192, 32767})
        for (const std::int32_t outputs : {1, 3, 8, 15, 16, 33, 64, 130})
            for (const limits range : {limits{-128, 127}, limits{-100, 99}})
                check<three_step>(
                    with({{.kernel = {3, 3}, .padding = {1, 1, 1, 1}}, {2, 5, 4, 7}, outputs}, range, residual));
    check<three_step>(with({{.kernel = {3, 3}, .groups = 8}, {1, 5, 5, 8}, 8}, limits_of(dtype::int8), 900));
    check_constant<op::conv2d{.kernel = {3, 3}, .padding = {1, 1, 1, 1}}, shape{1, 8, 8, 16}, 16,
                   limits_of(dtype::int8), 9000>();
    check_constant<op::conv2d{}, shape{1, 7, 7, 24}, 40, limits_of(dtype::int8), 20000>();
}

TEST_CASE("conv2d: constant shapes") {
    check_constant<op::conv2d{.kernel = {3, 3}, .padding = {1, 1, 1, 1}}, shape{1, 8, 8, 16}, 16>();
    check_constant<op::conv2d{.kernel = {3, 3}, .padding = {1, 1, 1, 1}}, shape{2, 7, 5, 3}, 40>();
    check_constant<op::conv2d{.kernel = {3, 3}, .stride = {2, 2}, .padding = {0, 0, 1, 1}}, shape{1, 12, 12, 3}, 8>();
    check_constant<op::conv2d{.kernel = {10, 4}, .stride = {2, 2}, .padding = {4, 1, 5, 1}}, shape{1, 49, 10, 1}, 64>();
    check_constant<op::conv2d{}, shape{1, 25, 5, 64}, 64>();
    check_constant<op::conv2d{}, shape{1, 3, 3, 33}, 130>();
    check_constant<op::conv2d{.stride = {2, 2}}, shape{1, 9, 9, 16}, 32>();
    check_constant<op::conv2d{.kernel = {5, 5}, .dilation = {2, 2}}, shape{1, 11, 13, 5}, 17, limits{-20, 99}>();
    check_constant<op::conv2d{.kernel = {3, 3}, .groups = 3}, shape{1, 6, 6, 12}, 24>();
    check_constant<op::conv2d{}, shape{1, 1, 1, 64}, 10>();
}

TEST_CASE("conv2d: random") {
    std::mt19937 random(20);
    const auto from = [&](std::int32_t low, std::int32_t high) {
        return low + static_cast<std::int32_t>(random() % static_cast<std::uint32_t>(high - low + 1));
    };
    for (int i = 0; i < (ctq::test::is_sanitized ? 60 : 200); ++i) {
        convolution_case c;
        c.op.groups = from(0, 3) == 0 ? from(2, 4) : 1;
        c.op.kernel = {from(1, 5), from(1, 5)};
        c.op.stride = {from(1, 3), from(1, 3)};
        c.op.dilation = {from(1, 2), from(1, 2)};
        c.op.padding = {from(0, 4), from(0, 4), from(0, 4), from(0, 4)};
        c.range = {from(-128, 0), from(0, 127)};
        c.in = {from(1, 2), from(9, 16), from(9, 16), c.op.groups * from(1, 40)};
        c.outputs = c.op.groups * from(1, 70);
        c.zero_point = from(-128, 127);
        c.output_zero_point = from(-128, 127);
        c.large_scales = from(0, 1) == 0;
        check_both(c, static_cast<std::uint32_t>(random()));
    }
}
