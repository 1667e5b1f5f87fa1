// error: the number of weights must be a multiple of the inputs
// without: .first(7)
#include <ctq/ctq.hpp>

constexpr std::array<float, 8> weights{1, 2, 3, 4, -1, -2, -3, -4};
constexpr auto nodes = [] {
    ctq::builder b;
    return b.finish(b.dense(b.input("x", {1, 4}), {std::span<const float>(weights).first(7)})).nodes.size();
}();
