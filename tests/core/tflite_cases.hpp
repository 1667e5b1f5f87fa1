#pragma once
// The cases of tests/data/tflite.jsonl: single operators in int8 and int16x8 with the results of TFLite's reference
// kernels (TensorFlow 2.21, no delegate), one a line.
// room: tests/core

#include <ctq/core/quantization.hpp>

#include <doctest/doctest.h>

#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <map>
#include <string>
#include <vector>

namespace ctq::testing {

/// A tensor of a case. `absent`: an optional input that is not given. Float data are in `reals`, others in `data`;
/// `scale` and `zero_point` are per tensor or per channel, and empty for float and index tensors.
struct tflite_tensor {
    bool absent = false;
    std::vector<std::int32_t> shape;
    std::string dtype;
    std::vector<float> scale;
    std::vector<std::int32_t> zero_point;
    std::vector<std::int64_t> data;
    std::vector<float> reals;

    quantization facts(std::size_t channel = 0) const {
        const std::size_t at = scale.size() > 1 ? channel : 0;
        return {scale[at], zero_point[at]};
    }
    /// What its integers can be.
    limits whole() const {
        if (dtype == "int8") return {-128, 127};
        REQUIRE(dtype == "int16");
        return {-32768, 32767};
    }
    std::size_t size() const { return dtype == "float32" ? reals.size() : data.size(); }
};

/// An operator's attributes; true is 1.
struct tflite_options {
    std::map<std::string, double> numbers;
    std::map<std::string, std::string> texts;

    float real(const std::string& name) const {
        REQUIRE(numbers.count(name) == 1);
        return static_cast<float>(numbers.at(name));
    }
    std::int32_t integer(const std::string& name) const { return static_cast<std::int32_t>(real(name)); }
    std::int32_t integer(const std::string& name, std::int32_t otherwise) const {
        return numbers.count(name) == 1 ? integer(name) : otherwise;
    }
    std::string text(const std::string& name, const std::string& otherwise = "") const {
        return texts.count(name) == 1 ? texts.at(name) : otherwise;
    }
};

struct tflite_case {
    std::string op, note;
    tflite_options options;
    std::vector<tflite_tensor> inputs;
    tflite_tensor output;

    /// The limits of the output with the fused activation, or with `activation` for an operator that is one.
    limits range(std::string activation = "") const {
        if (activation.empty()) activation = options.text("fused_activation_function", "NONE");
        limits result = output.whole();
        if (activation == "NONE") return result;
        REQUIRE((activation == "RELU" || activation == "RELU6"));
        const auto bound = [&](float real) {
            return result.clamp(output.zero_point[0] + static_cast<std::int32_t>(std::round(real / output.scale[0])));
        };
        return {bound(0.0f), activation == "RELU6" ? bound(6.0f) : result.high};
    }
};

/// The cases of one operator, named as TFLite's schema does; those of one input dtype only, where it is given.
std::vector<tflite_case> tflite_cases(const std::string& op, const std::string& input_dtype = "");

/// Checks that there are `count` cases and that output element i of each is compute(case, i), within `tolerance`.
template <class Compute>
void check_tflite(const std::vector<tflite_case>& cases, std::size_t count, Compute compute,
                  std::int64_t tolerance = 0) {
    CHECK(cases.size() == count);
    for (const tflite_case& c : cases) {
        CAPTURE(c.op);
        CAPTURE(c.note);
        std::size_t wrong = 0;
        for (std::size_t i = 0; i < c.output.size(); ++i)
            wrong += std::abs(std::int64_t{compute(c, i)} - c.output.data[i]) > tolerance;
        CHECK(c.output.size() > 0);
        CHECK(wrong == 0);
    }
}

/// The element of a broadcast operand that meets element `index` of `out`.
inline std::size_t broadcast_index(const std::vector<std::int32_t>& out, const std::vector<std::int32_t>& operand,
                                   std::size_t index) {
    std::size_t result = 0, stride = 1;
    for (std::size_t back = 1; back <= out.size(); ++back) {
        const auto extent = static_cast<std::size_t>(out[out.size() - back]);
        if (back <= operand.size()) {
            const auto own = static_cast<std::size_t>(operand[operand.size() - back]);
            result += own == 1 ? 0 : index % extent * stride;
            stride *= own;
        }
        index /= extent;
    }
    return result;
}

} // namespace ctq::testing
