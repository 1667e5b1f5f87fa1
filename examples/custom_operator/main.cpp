// A model with an operator of our own, written in C++ and quantized by the compiler.

#include "registry.hpp"

#include <ctq/ctq.hpp>

#include <array>
#include <cmath>
#include <cstdio>

namespace {

constexpr std::array<float, 12> first{0.9f, -0.4f, 0.2f, -0.7f, 0.5f, 0.8f, 0.3f, 0.6f, -0.9f, -0.2f, -0.5f, 0.1f};
constexpr std::array<float, 4> first_bias{0.1f, -0.1f, 0.2f, 0.0f};
constexpr std::array<float, 8> second{1.0f, -1.0f, 0.5f, 0.3f, -0.6f, 0.8f, -0.2f, 1.0f};

constexpr auto network = [] {
    ctq::builder_of<mine> b;
    auto x = b.input("x", {1, 3});
    x = b.dense(x, {first, first_bias});
    x = b.apply(my::square_plus{.b = 0.25f}, {x});
    return b.finish(b.dense(x, {second}));
};

constexpr auto samples = [] {
    ctq::calibration_samples<ctq::calibration::minmax, 4, 3> result;
    result.values = {1, -1, 0.5f, -1, 1, 0, 0.25f, 0.75f, -1, -0.5f, -0.5f, 1};
    return result;
}();

using net = ctq::quantized<network, samples, ctq::rule::affine_int8, mine>;
static_assert(net::never_overflows && net::ram_bytes <= 32);

/// The same network in floats, for the comparison.
std::array<float, 2> exact(const float* x) {
    std::array<float, 4> hidden{};
    for (std::size_t i = 0; i < 4; ++i) {
        hidden[i] = first_bias[i];
        for (std::size_t k = 0; k < 3; ++k) hidden[i] += first[i * 3 + k] * x[k];
        hidden[i] = (hidden[i] + std::sqrt(hidden[i] * hidden[i] + 0.25f)) / 2;
    }
    std::array<float, 2> out{};
    for (std::size_t i = 0; i < 8; ++i) out[i / 4] += second[i] * hidden[i % 4];
    return out;
}

} // namespace

int main() {
    static net::executor executor;
    bool near = true;
    for (std::size_t sample = 0; sample < 4; ++sample) {
        const std::span<const float, 3> x(samples.values.data() + sample * 3, 3);
        std::array<float, 2> out{};
        executor.run(x, out);
        const auto wanted = exact(x.data());
        std::printf("int8 %+.3f %+.3f   float %+.3f %+.3f\n", static_cast<double>(out[0]), static_cast<double>(out[1]),
                    static_cast<double>(wanted[0]), static_cast<double>(wanted[1]));
        for (std::size_t i = 0; i < 2; ++i) {
            const float difference = out[i] - wanted[i];
            near = near && difference < 0.03f && difference > -0.03f;
        }
    }
    return near ? 0 : 1;
}
