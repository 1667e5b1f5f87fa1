// error: groups must be at least 1
// without: , .groups = 0
#include <ctq/ctq.hpp>

constexpr std::array<float, 9> weights{1, 2, 3, 4, 5, 6, 7, 8, 9};
constexpr auto nodes = [] {
    ctq::builder b;
    return b.finish(b.conv2d(b.input("x", {1, 4, 4, 1}), {weights}, {.kernel = {3, 3}, .groups = 0})).nodes.size();
}();
