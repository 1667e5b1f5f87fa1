// Runs an emitted model header over a set of images and prints one line: top-1 in percent, weight bytes, RAM bytes,
// microseconds per image. usage: evaluate IMAGES LABELS (IDX files, uncompressed); built with -DMODEL=NAME and
// -DMODEL_HEADER="NAME.hpp".
#include MODEL_HEADER

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <fstream>
#include <iterator>
#include <vector>

namespace {

namespace model = MODEL;

/// The bytes of an IDX file after its header; empty when it cannot be read.
std::vector<std::uint8_t> read_idx(const char* path, std::size_t header_bytes) {
    std::ifstream file(path, std::ios::binary);
    std::vector<std::uint8_t> bytes{std::istreambuf_iterator<char>(file), {}};
    bytes.erase(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(std::min(header_bytes, bytes.size())));
    return bytes;
}

model::executor net;

/// The class with the largest logit for one image of bytes.
std::size_t classify(const std::uint8_t* pixels) {
    static std::array<float, model::input_size> input;
    static std::array<float, model::output_size> output;
    std::transform(pixels, pixels + input.size(), input.begin(), [](std::uint8_t p) { return float(p * (1.0 / 255)); });
    net.run(input, output);
    return static_cast<std::size_t>(std::max_element(output.begin(), output.end()) - output.begin());
}

} // namespace

int main(int argc, char** argv) {
    if (argc != 3) return std::fputs("usage: evaluate IMAGES LABELS\n", stderr), 2;
    const auto images = read_idx(argv[1], 16);
    const auto labels = read_idx(argv[2], 8);
    if (labels.empty() || images.size() != labels.size() * model::input_size)
        return std::fputs("evaluate: images and labels do not match the model\n", stderr), 3;
    if (!model::selftest()) return std::fputs("evaluate: the model's self-test fails\n", stderr), 1;

    std::size_t correct = 0;
    const auto start = std::chrono::steady_clock::now();
    for (std::size_t i = 0; i < labels.size(); ++i)
        correct += classify(images.data() + i * model::input_size) == labels[i];
    const std::chrono::duration<double, std::micro> elapsed = std::chrono::steady_clock::now() - start;

    const auto count = static_cast<double>(labels.size());
    std::printf("%.2f %zu %zu %.1f\n", 100 * static_cast<double>(correct) / count,
                static_cast<std::size_t>(model::weight_bytes), static_cast<std::size_t>(model::ram_bytes),
                elapsed.count() / count);
}
