// A program that gives an executor a view of a batch, and takes the result in a tensor.
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
    float again[tiny::output_size];
    net.run(xt::xtensor<float, 3>(xt::view(batch, 1)), again);
    bool equal = true;
    for (std::size_t i = 0; i < tiny::output_size; ++i) equal = equal && result(i) == again[i];
    return equal && tiny::selftest() ? 0 : 1;
}
