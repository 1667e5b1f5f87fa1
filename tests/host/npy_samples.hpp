#pragma once
// Samples for the tool's tests, as .npy files.

#include <ctq/host/npy.hpp>

#include <host/scratch.hpp>

#include <cstddef>
#include <cstdint>
#include <numeric>
#include <random>
#include <string>
#include <string_view>
#include <vector>

namespace ctq::test {

using npy_shape = std::vector<std::int64_t>;

/// Writes a .npy file of floats and gives its path.
inline std::string put_npy(const scratch_folder& folder, std::string_view name, const npy_shape& shape,
                           const std::vector<float>& values) {
    return folder.put(name, host::npy::format<float>(shape, values));
}

/// Floats in [-2, 2), the same in every run.
inline std::vector<float> random_floats(std::size_t count, unsigned seed = 1) {
    std::minstd_rand engine(seed);
    std::vector<float> values(count);
    for (float& each : values) each = static_cast<float>(engine() % 65536) / 16384.0f - 2.0f;
    return values;
}

/// Writes random samples of this shape and gives the file's path.
inline std::string put_samples(const scratch_folder& folder, std::string_view name, const npy_shape& shape,
                               unsigned seed = 1) {
    const auto count = std::accumulate(shape.begin(), shape.end(), std::int64_t{1}, std::multiplies<>());
    return put_npy(folder, name, shape, random_floats(static_cast<std::size_t>(count), seed));
}

/// The elements of a .npy file of floats.
inline std::vector<float> npy_floats(const std::string& path) {
    const host::array data = host::npy::read(path);
    std::vector<float> values(data.size());
    data.visit([&](auto element_at) {
        for (std::size_t i = 0; i < values.size(); ++i) values[i] = static_cast<float>(element_at(i));
    });
    return values;
}

} // namespace ctq::test
