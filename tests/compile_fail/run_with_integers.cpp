// error: ctq: run: ranges of float are required; use run_quantized for integers
#include <ctq/ctq.hpp>

constexpr std::array<float, 8> weights{1, 2, 3, 4, -1, -2, -3, -4};
constexpr auto network = [] {
    ctq::builder b;
    return b.finish(b.dense(b.input("x", {1, 4}), {weights}));
};
constexpr auto samples = [] {
    ctq::calibration_samples<ctq::calibrate::minmax, 1, 4> result;
    result.values = {1, -1, 0.5f, 0};
    return result;
}();
using net = ctq::quantized<network, samples>;

int main() {
    net::executor executor;
    std::array<std::int8_t, 4> in{};
    std::array<float, 2> out{};
    executor.run(in, out);
}
