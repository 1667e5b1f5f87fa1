#include <ctq/host/engine/layer_choice.hpp>
#include <ctq/host/engine/quantize_elements.hpp>

#include <doctest/doctest.h>

#include <bit>
#include <limits>
#include <random>
#include <vector>

using namespace ctq;

namespace {

void check_equal(const std::vector<float>& values, const quantization& q) {
    for (const host::isa set : host::all_isas) {
        if (!host::runs(set)) continue;
        std::vector<std::int8_t> made(values.size());
        host::quantize_elements_on(set, values, q, made.data());
        std::size_t different = 0;
        for (std::size_t i = 0; i < values.size(); ++i)
            different += made[i] != quantize(values[i], q, limits_of(dtype::int8)) ? 1U : 0U;
        CAPTURE(host::name_of(set));
        CAPTURE(q.scale);
        CAPTURE(q.zero_point);
        CHECK(different == 0);
    }
}

} // namespace

TEST_CASE("equal to quantize, one by one, on every instruction set") {
    std::vector<float> values{0.0f,
                              -0.0f,
                              std::numeric_limits<float>::infinity(),
                              -std::numeric_limits<float>::infinity(),
                              std::numeric_limits<float>::quiet_NaN(),
                              std::numeric_limits<float>::max(),
                              std::numeric_limits<float>::lowest(),
                              std::numeric_limits<float>::denorm_min()};
    std::mt19937 random(1);
    for (int i = 0; i < 200000; ++i) values.push_back(std::bit_cast<float>(static_cast<std::uint32_t>(random())));
    for (int i = -1000; i < 1000; ++i) values.push_back(static_cast<float>(i) * 0.25f);
    for (const quantization& q : {quantization{0.5f, 0}, {1.0f, -128}, {0.0123f, 17}, {1e-30f, 127}, {3e30f, -5}})
        check_equal(values, q);
}
