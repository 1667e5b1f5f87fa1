// A program that gives an executor a view of a batch, a tensor of its own and plain floats, and takes the result in a
// tensor and an array: all are one image, whatever xtensor's default layout is.
#include "tiny.hpp"

#include <ctq/xtensor.hpp>

#include <xtensor/xrandom.hpp>
#include <xtensor/xtensor.hpp>
#include <xtensor/xview.hpp>

static tiny::executor net;

int main() {
    const xt::xtensor<float, 4> batch = xt::random::rand<float>({2, 1, 12, 12}, -1.0f, 1.0f);
    auto result = xt::xtensor<float, 1>::from_shape({tiny::output_size});
    net.run(xt::view(batch, 1, xt::all(), xt::all(), xt::all()), result);
    float again[tiny::output_size], plain[tiny::output_size], pixels[12 * 12];
    for (std::size_t y = 0; y < 12; ++y)
        for (std::size_t x = 0; x < 12; ++x) pixels[12 * y + x] = batch(1, 0, y, x);
    net.run(xt::xtensor<float, 3>(xt::view(batch, 1)), again);
    net.run(pixels, plain);
    bool equal = true;
    for (std::size_t i = 0; i < tiny::output_size; ++i) equal = equal && result(i) == plain[i] && again[i] == plain[i];
    return equal && tiny::selftest() ? 0 : 1;
}
