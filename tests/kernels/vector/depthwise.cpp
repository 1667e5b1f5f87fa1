// Depthwise convolutions equal their definition on the instruction set that this is compiled for.
#include <kernels/vector/convolution.hpp>

using namespace kernel_test;

TEST_CASE("depthwise: windows and channels") {
    for (const std::int32_t channels : {2, 3, 8, 15, 16, 17, 24, 32, 33, 40, 48, 64, 65, 96, 128, 130})
        for (const op::extents kernel : {op::extents{1, 1}, {3, 3}, {5, 5}, {2, 4}, {10, 4}})
            for (const op::extents stride : {op::extents{1, 1}, {2, 2}, {1, 3}})
                for (const std::int32_t dilation : {1, 2})
                    check_both(with({{.kernel = kernel,
                                      .stride = stride,
                                      .dilation = {dilation, dilation},
                                      .padding = {dilation * (kernel[0] - 1), kernel[1] / 2, 0,
                                                  (dilation - 1) * (kernel[1] - 1) + 2},
                                      .groups = channels},
                                     {1 + channels % 2, 5, 9, channels},
                                     channels,
                                     -128,
                                     30,
                                     pattern::random,
                                     pattern::random,
                                     channels % 3 == 0},
                                    {-100, 127}));
    for (const pattern activations : {pattern::lowest, pattern::highest, pattern::alternating})
        for (const pattern weights : {pattern::lowest, pattern::highest, pattern::alternating})
            for (const std::int32_t channels : {8, 64})
                check_both({{.kernel = {3, 3}, .padding = {1, 1, 1, 1}, .groups = channels},
                            {1, 6, 6, channels},
                            channels,
                            127,
                            -128,
                            activations,
                            weights});
    check_both({{.kernel = {3, 3}, .groups = 5}, {1, 6, 6, 5}, 10});
}

TEST_CASE("depthwise: constant shapes") {
    constexpr op::margins around{1, 1, 1, 1}, after{0, 0, 1, 1};
    check_constant<op::conv2d{.kernel = {3, 3}, .padding = around, .groups = 64}, shape{1, 25, 5, 64}, 64>();
    check_constant<op::conv2d{.kernel = {3, 3}, .padding = around, .groups = 8}, shape{2, 7, 9, 8}, 8>();
    check_constant<op::conv2d{.kernel = {3, 3}, .stride = {2, 2}, .padding = after, .groups = 16}, shape{1, 8, 8, 16},
                   16>();
    check_constant<op::conv2d{.kernel = {3, 3}, .stride = {2, 2}, .padding = after, .groups = 128}, shape{1, 6, 6, 128},
                   128>();
    check_constant<op::conv2d{.kernel = {5, 5}, .padding = {2, 2, 2, 2}, .groups = 33}, shape{1, 6, 7, 33}, 33>();
    check_constant<op::conv2d{.kernel = {3, 3}, .dilation = {2, 2}, .groups = 96}, shape{1, 7, 8, 96}, 96>();
    check_constant<op::conv2d{.kernel = {4, 2}, .groups = 130}, shape{1, 7, 8, 130}, 130>();
}
