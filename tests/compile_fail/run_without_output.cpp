// error: ctq: run: one range for each input and then one for each output is required; see input_count and output_count
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
    std::array<float, 4> in{};
    executor.run(in);
}
