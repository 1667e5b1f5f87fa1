// An executor whose inputs and outputs are plain integers and booleans beside reals.

#include <ctq/execute/executor.hpp>
#include <ctq/execute/freeze.hpp>

#include <doctest/doctest.h>
#include <execute/models.hpp>

#include <array>
#include <cmath>
#include <cstdint>
#include <limits>
#include <vector>

using namespace ctq::testing;
using ctq::boolean;

namespace {

constexpr auto make_typed_ports = [] { return quantized_typed_ports(); };
using typed_ports = ctq::frozen_model<make_typed_ports, ctq::rule::affine_int8>;

constexpr std::array<float, 8> input_image{1, -1, 0.5f, 0.25f, 0.75f, -0.5f, 1, -1};
constexpr std::int64_t far = std::numeric_limits<std::int64_t>::max();

std::vector<float> expected_scores() {
    std::vector<float> made;
    for (std::size_t unit = 0; unit < 4; ++unit) {
        float sum = weights(4, 340)[unit];
        for (std::size_t i = 0; i < 8; ++i) sum += weights(32, 300)[unit * 8 + i] * input_image[i];
        made.push_back(sum);
    }
    return made;
}

} // namespace

TEST_CASE("run() takes and gives plain integers as they are, reals quantized") {
    ctq::executor<typed_ports> net;
    std::array<float, 4> scores{};
    std::array<std::int64_t, 3> doubled{};
    std::array<bool, 4> masks{};
    net.run(input_image, std::array<std::int64_t, 3>{7, -5, far}, std::array<bool, 2>{true, false}, scores, doubled,
            masks);
    const std::vector<float> expected = expected_scores();
    for (std::size_t i = 0; i < 4; ++i) CHECK(std::abs(scores[i] - expected[i]) < 0.2f);
    CHECK(doubled == std::array<std::int64_t, 3>{14, -10, -2}); // wraps round
    CHECK(masks == std::array<bool, 4>{true, false, true, false});
}

TEST_CASE("run_quantized() differs in the reals alone") {
    ctq::executor<typed_ports> net;
    const std::array<boolean, 2> mask{boolean::no, boolean::yes};
    std::array<std::int8_t, 8> integers{};
    for (std::size_t i = 0; i < 8; ++i)
        integers[i] = static_cast<std::int8_t>(ctq::quantize(input_image[i], typed_ports::values[0].facts));
    std::array<float, 4> scores{};
    std::array<std::int8_t, 4> codes{};
    std::array<std::int64_t, 3> doubled{};
    std::array<boolean, 4> masks{};
    const std::array<std::int64_t, 3> positions{1, 2, 3};
    net.run(input_image, positions, mask, scores, doubled, masks);
    net.run_quantized(integers, positions, mask, codes, doubled, masks);
    constexpr auto facts = typed_ports::values[static_cast<std::size_t>(typed_ports::outputs[0])].facts;
    for (std::size_t i = 0; i < 4; ++i) CHECK(scores[i] == ctq::real_of(codes[i], facts.quantization));
    CHECK(masks == std::array<boolean, 4>{boolean::no, boolean::yes, boolean::no, boolean::yes});
    CHECK(net.reproduces(integers, positions, mask, codes, doubled, masks));
    doubled[1] += 1;
    CHECK_FALSE(net.reproduces(integers, positions, mask, codes, doubled, masks));
}
