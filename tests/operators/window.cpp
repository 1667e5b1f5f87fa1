#include <ctq/operators/window.hpp>

#include <doctest/doctest.h>

#include <random>

using ctq::shape;
using ctq::op::window;

namespace {

constexpr window plain{{3, 2}, {2, 1}, {1, 3}, {1, 0, 0, 2}};
static_assert(plain.span(0) == 3 && plain.span(1) == 4 && plain.origin(0, 2) == 3 && plain.origin(1, 2) == 2);
static_assert(plain.output_shape({1, 8, 8, 5}, 7) == shape{1, 4, 7, 7});

struct pool_like {
    ctq::op::extents kernel{2, 2}, stride{2, 2};
    ctq::op::margins padding{};
};
static_assert(ctq::op::window_of(pool_like{}).dilation == ctq::op::extents{1, 1});

void refuses(const window& over, const char* text) {
    CHECK_THROWS_WITH_AS(over.validate({1, 8, 8, 1}), text, ctq::model_error);
}

} // namespace

TEST_CASE("window: the output's extent is how often the window fits") {
    std::mt19937 random(121);
    const auto pick = [&](int low, int high) {
        return low + static_cast<int>(random() % static_cast<std::uint32_t>(high - low + 1));
    };
    for (int i = 0; i < 500; ++i) {
        const window over{{pick(1, 4), 1}, {pick(1, 3), 1}, {pick(1, 3), 1}, {pick(0, 3), 0, pick(0, 3), 0}};
        const int rows = pick(8, 20);
        int fits = 0;
        for (int first = -over.padding[0]; first + over.span(0) <= rows + over.padding[2]; first += over.stride[0])
            ++fits;
        CHECK(over.output_extent({1, rows, 8, 1}, 0) == fits);
        CHECK_NOTHROW(over.validate({1, rows, 8, 1}));
    }
}

TEST_CASE("window: the cells in the image are those that are visited one by one") {
    for (int kernel = 1; kernel <= 4; ++kernel)
        for (int dilation = 1; dilation <= 4; ++dilation)
            for (int first = -12; first <= 12; ++first)
                for (int extent = 1; extent <= 6; ++extent) {
                    const window over{{kernel, 1}, {1, 1}, {dilation, 1}};
                    const window::cells found = over.cells_in_image(0, first, extent);
                    for (int cell = 0; cell < kernel; ++cell) {
                        const int at = first + cell * dilation;
                        CHECK((found.begin <= cell && cell < found.end) == (at >= 0 && at < extent));
                    }
                }
}

TEST_CASE("window: attributes that no window has") {
    CHECK_THROWS_WITH_AS(window{}.validate({8, 8, 1}),
                         "the input must have 4 axes (batch, rows, columns, channels); reshape it", ctq::model_error);
    refuses({{0, 1}}, "kernel extents must be at least 1");
    refuses({{1, 1}, {1, -2}}, "strides must be at least 1");
    refuses({{1, 1}, {1, 1}, {0, 1}}, "dilations must be at least 1");
    refuses({{65537, 1}}, "kernel, stride and dilation must be at most 65536");
    refuses({{1, 1}, {1, 1}, {1, 1}, {0, 0, -1, 0}}, "pads must not be negative");
    refuses({{1, 1}, {1, 1}, {1, 1}, {0, 65537, 0, 0}}, "pads must be at most 65536");
    refuses({{1, 9}}, "the window is larger than the padded input; shrink kernel or dilation");
    refuses({{65536, 1}, {1, 1}, {65536, 1}}, "the window is larger than the padded input; shrink kernel or dilation");
}
