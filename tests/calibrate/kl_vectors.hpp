#pragma once
// Reads tests/data/kl.json and makes its inputs: a linear congruential generator and + - * / in double.

#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <cstdint>
#include <fstream>
#include <span>
#include <string>
#include <vector>

namespace kl_vectors {

using json = nlohmann::json;

inline const json& all() {
    static const json vectors = json::parse(std::ifstream(std::string(CTQ_TEST_DATA) + "/kl.json"));
    return vectors;
}

class generator {
    std::uint64_t state_;

  public:
    explicit generator(std::uint64_t seed) : state_(seed) {}

    double next() {
        state_ = state_ * 6364136223846793005U + 1442695040888963407U;
        return static_cast<double>(state_ >> 40U) / 16777216.0;
    }
};

inline double sample(generator& random, const std::string& dist, const std::vector<double>& args) {
    if (dist == "uniform") {
        const double width = args[1] - args[0];
        const volatile double scaled = width * random.next(); // volatile: not fused with the addition
        return args[0] + scaled;
    }
    if (dist == "bell") {
        double sum = 0.0;
        for (int i = 0; i < 12; ++i) sum += random.next();
        return args[0] * (sum - 6.0);
    }
    const double t = 2.0 * random.next() - 1.0;
    const volatile double square = t * t;
    const volatile double damped = square * 0.999;
    return args[0] * (t / (1.0 - damped));
}

/// The values of an input: given as a list, or as a distribution.
inline std::vector<float> values_of(const json& input) {
    std::vector<float> values;
    if (input.is_array()) {
        for (const json& x : input) values.push_back(static_cast<float>(x.get<double>()));
        return values;
    }
    generator random(input["seed"].get<std::uint64_t>());
    const auto args = input["args"].get<std::vector<double>>();
    for (std::uint64_t i = 0; i < input["n"].get<std::uint64_t>(); ++i) {
        const auto value = static_cast<float>(sample(random, input["dist"].get<std::string>(), args));
        values.push_back(input.value("relu", false) ? std::max(value, 0.0f) : value);
    }
    if (input.contains("append")) {
        for (const json& x : input["append"]) values.push_back(static_cast<float>(x.get<double>()));
    }
    return values;
}

/// zlib's crc32 of the counts as little-endian int64.
inline std::uint32_t crc32(std::span<const std::uint64_t> counts) {
    std::uint32_t crc = 0xFFFFFFFFU;
    for (const std::uint64_t count : counts) {
        for (unsigned byte = 0; byte < 8; ++byte) {
            crc ^= static_cast<std::uint32_t>((count >> (8 * byte)) & 0xFFU);
            for (int bit = 0; bit < 8; ++bit) crc = (crc >> 1U) ^ ((crc & 1U) != 0 ? 0xEDB88320U : 0U);
        }
    }
    return ~crc;
}

} // namespace kl_vectors
