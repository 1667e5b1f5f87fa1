#include <ctq/operators/clamping.hpp>

#include <doctest/doctest.h>

#include <array>

namespace {

constexpr ctq::signature bytes{};
constexpr ctq::signature words{ctq::dtype::int16, ctq::dtype::int16, ctq::dtype::int16};

} // namespace

static_assert([] {
    std::array<std::int8_t, 4> elements{-128, -1, 1, 127};
    const ctq::tensor_facts facts{ctq::dtype::int8, {4}, {}, {-1, 5}};
    ctq::op::clamp_integers<bytes>({}, {facts, elements.data()}, {facts, elements.data()});
    return elements == std::array<std::int8_t, 4>{-1, -1, 1, 5};
}());
static_assert([] {
    std::array<std::int16_t, 4> elements{-32768, -1, 1, 32767};
    const ctq::tensor_facts facts{ctq::dtype::int16, {4}, {}, {0, 20000}};
    ctq::op::clamp_integers<words>({}, {facts, elements.data()}, {facts, elements.data()});
    return elements == std::array<std::int16_t, 4>{0, 0, 1, 20000};
}());
// An input of half the output's scale is rescaled before it is clamped.
static_assert([] {
    constexpr ctq::signature rounded{ctq::dtype::int16, ctq::dtype::int16, ctq::dtype::int16, ctq::dtype::int32,
                                     ctq::rounding::double_rounding};
    std::array<std::int16_t, 4> elements{-32768, -2, 6, 32767};
    const ctq::tensor_facts from{ctq::dtype::int16, {4}, {0.5f, 0}}, to{ctq::dtype::int16, {4}, {1.0f, 0}, {0, 9000}};
    ctq::op::clamp_integers<rounded>({true, ctq::double_rounding::encode(0.5)}, {from, elements.data()},
                                     {to, elements.data()});
    return elements == std::array<std::int16_t, 4>{0, 0, 3, 9000};
}());

// A scale too small for any multiplier leaves the zero point, not the integers as they are.
static_assert([] {
    constexpr ctq::signature rounded{ctq::dtype::int16, ctq::dtype::int16, ctq::dtype::int16, ctq::dtype::int32,
                                     ctq::rounding::double_rounding};
    std::array<std::int16_t, 2> elements{-100, 100};
    const ctq::tensor_facts from{ctq::dtype::int16, {2}, {1e-12f, 0}}, to{ctq::dtype::int16, {2}, {100.0f, 0}};
    ctq::op::clamp_integers<rounded>({true, ctq::double_rounding::encode(1e-14)}, {from, elements.data()},
                                     {to, elements.data()});
    return elements == std::array<std::int16_t, 2>{0, 0};
}());

TEST_CASE("clamping: every integer, out of place") {
    std::array<std::int8_t, 256> in{}, out{};
    for (int i = 0; i < 256; ++i) in[static_cast<std::size_t>(i)] = static_cast<std::int8_t>(i - 128);
    const ctq::tensor_facts from{ctq::dtype::int8, {256}}, to{ctq::dtype::int8, {256}, {}, {-20, 90}};
    ctq::op::clamp_integers<bytes>({}, {from, in.data()}, {to, out.data()});
    for (int i = 0; i < 256; ++i)
        CHECK(out[static_cast<std::size_t>(i)] == (i - 128 < -20 ? -20 : i - 128 > 90 ? 90 : i - 128));
}
