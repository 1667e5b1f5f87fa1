// A model quantized by the compiler under rules and with a calibration strategy of our own.

#include "registry.hpp"

#include <ctq/ctq.hpp>

#include <array>
#include <cstdint>
#include <cstdio>
#include <type_traits>

namespace {

constexpr std::array<float, 8> weights{0.47f, -0.31f, 0.12f, 0.77f, -0.53f, 0.29f, 0.98f, -0.71f};
constexpr std::array<float, 2> bias{0.22f, -0.13f};

constexpr auto network = [] {
    ctq::builder_of<mine> b;
    return b.finish(b.dense(b.input("x", {1, 4}), {weights, bias}));
};

template <class Strategy>
constexpr auto samples = [] {
    ctq::calibration_samples<Strategy, 6, 4> result;
    result.values = {0.51f,  0.26f, -0.47f, 1,  -1,    0.73f,  0.52f,  -0.28f, 0.99f, -0.96f, 0.24f,  0.55f,
                     -0.49f, 0.57f, 0.93f,  -1, 0.21f, -0.74f, -0.97f, 0.46f,  0.79f, 1,      -0.23f, -0.59f};
    return result;
}();

using ours = ctq::quantized<network, samples<my::mean_sigma>, my::power_of_two, mine>;
using unsigned_bytes = ctq::quantized<network, samples<ctq::calibration::minmax>, my::shift_uint8, mine>;
using default_rule = ctq::quantized<network, samples<ctq::calibration::minmax>, ctq::rule::affine_int8, mine>;

constexpr ctq::quantization input_quantization = ours::model::values[0].facts.quantization;
static_assert(input_quantization == ctq::quantization{1.0f / 64, 0}); // 127 / 64 reaches 1, 127 / 128 does not
static_assert(ours::never_overflows && unsigned_bytes::never_overflows);
static_assert(std::is_same_v<unsigned_bytes::input_element, std::uint8_t>);

template <class Net> float largest_error() {
    static typename Net::executor executor;
    float largest = 0;
    for (std::size_t sample = 0; sample < 6; ++sample) {
        const std::span<const float, 4> x(samples<ctq::calibration::minmax>.values.data() + sample * 4, 4);
        std::array<float, 2> out{};
        executor.run(x, out);
        for (std::size_t i = 0; i < 2; ++i) {
            float exact = bias[i];
            for (std::size_t k = 0; k < 4; ++k) exact += weights[i * 4 + k] * x[k];
            const float difference = out[i] < exact ? exact - out[i] : out[i] - exact;
            largest = difference > largest ? difference : largest;
        }
    }
    return largest;
}

} // namespace

int main() {
    const float with_ours = largest_error<ours>(), with_shifts = largest_error<unsigned_bytes>();
    const float with_default = largest_error<default_rule>();
    std::printf("largest error: power_of_two %.4f, shift_uint8 %.4f, affine_int8 %.4f\n",
                static_cast<double>(with_ours), static_cast<double>(with_shifts), static_cast<double>(with_default));
    return with_ours < 0.05f && with_shifts < 0.05f && with_default < 0.025f ? 0 : 1;
}
