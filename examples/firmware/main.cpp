// Classifies four images with a network that `ctq quantize` made, integers only, and prints every output.
#include "board.hpp"
#include "fashion.hpp"
#include "images.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

namespace {

constexpr const char* class_names[] = {"T-shirt", "trouser", "pullover", "dress", "coat",
                                       "sandal",  "shirt",   "sneaker",  "bag",   "boot"};

/// What the network takes for each of a pixel's 256 values: the compiler quantizes, the target looks up.
constexpr std::array<std::int8_t, 256> quantized_pixel = [] {
    std::array<std::int8_t, 256> table{};
    for (std::size_t pixel = 0; pixel < table.size(); ++pixel) {
        const float real = static_cast<float>(pixel) * (1.0f / 255);
        table[pixel] = static_cast<std::int8_t>(
            ctq::quantize(real, {fashion::input_scale, fashion::input_zero_point}, ctq::limits_of(ctq::dtype::int8)));
    }
    return table;
}();

fashion::executor net;

void print_number(int value) {
    std::array<char, 12> digits{};
    std::size_t first = digits.size() - 1;
    int rest = value < 0 ? -value : value;
    do {
        digits[--first] = static_cast<char>('0' + rest % 10);
        rest /= 10;
    } while (rest != 0);
    if (value < 0) digits[--first] = '-';
    board::print(digits.data() + first);
}

void classify(std::span<const std::uint8_t, fashion::input_size> pixels) {
    const auto input = net.input();
    for (std::size_t i = 0; i < input.size(); ++i) input[i] = quantized_pixel[pixels[i]];
    net.invoke();
    const auto output = net.output();
    std::size_t best = 0;
    for (std::size_t i = 0; i < output.size(); ++i) {
        if (output[i] > output[best]) best = i;
        print_number(output[i]);
        board::print(" ");
    }
    board::print(class_names[best]);
    board::print("\n");
}

} // namespace

int application() {
    if (!fashion::selftest(net)) {
        board::print("the network's self-test fails\n");
        return 1;
    }
    for (const auto& image : images) classify(image);
    return 0;
}
