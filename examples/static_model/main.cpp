// A classifier written in C++: prepared, calibrated, quantized, proved, planned and run by the compiler. What the
// program is promised to be stands in static_asserts; it does not build if one of them fails.

#include "weights.hpp"

#include <ctq/ctq.hpp>

#include <algorithm>
#include <array>
#include <cstdio>

namespace {

constexpr std::size_t pixels = 64, classes = 4;

/// Image number `i` as the network takes it, grey values in 0..1.
constexpr std::array<float, pixels> image(std::size_t i) {
    std::array<float, pixels> result{};
    for (std::size_t k = 0; k < pixels; ++k) result[k] = static_cast<float>(weights::images[i * pixels + k]) / 255;
    return result;
}

constexpr auto network = [] {
    ctq::builder b;
    auto x = b.input("image", {1, 8, 8, 1});
    x = b.conv2d(x, {weights::conv, weights::conv_bias},
                 {.kernel = {3, 3}, .padding = {1, 1, 1, 1}, .activation = ctq::bounds::relu()});
    x = b.max_pool(x, {.kernel = {2, 2}, .stride = {2, 2}});
    x = b.dense(x, {weights::dense, weights::dense_bias});
    return b.finish(x, "logits");
};

constexpr auto calibration = [] {
    ctq::calibration_samples<ctq::calibration::minmax, classes, pixels> samples;
    for (std::size_t i = 0; i < classes; ++i) std::ranges::copy(image(i), samples.values.begin() + i * pixels);
    return samples;
}();

using net = ctq::quantized<network, calibration>;

// The arena: the convolution's output, the input beside it, and no byte more.
static_assert(net::ram_bytes <= 8 * 8 * 4 + 8 * 8);
static_assert(net::weight_bytes <= 384);
// No accumulator can leave 32 bits, whatever the input: proved from the weights.
static_assert(net::never_overflows);

/// The class of image `i` by the integer network, in a constant expression.
constexpr std::ptrdiff_t inferred_class(std::size_t i) {
    std::array<std::int8_t, pixels> integers{};
    constexpr ctq::tensor_facts input = net::model::values[static_cast<std::size_t>(net::model::inputs[0])].facts;
    for (std::size_t k = 0; k < pixels; ++k) integers[k] = static_cast<std::int8_t>(ctq::quantize(image(i)[k], input));
    const auto logits = net::infer(integers);
    return std::ranges::max_element(logits) - logits.begin();
}
// The compiler runs the network on an ankle boot and sees one.
static_assert(inferred_class(3) == 3);

} // namespace

int main() {
    static net::executor executor;
    constexpr std::array names{"trouser", "sneaker", "bag", "ankle boot"};
    std::printf("%zu bytes of RAM, %zu of weights\n", net::ram_bytes, net::weight_bytes);
    int wrong = 0;
    for (std::size_t i = 0; i < classes; ++i) {
        std::array<float, classes> logits{};
        executor.run(image(i), logits);
        const auto found = static_cast<std::size_t>(std::ranges::max_element(logits) - logits.begin());
        std::printf("%-10s: %s\n", names[i], names[found]);
        wrong += found == i ? 0 : 1;
    }
    return wrong;
}
