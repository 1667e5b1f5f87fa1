#include <ctq/operators/clamping.hpp>

#include <doctest/doctest.h>

#include <array>

static_assert([] {
    std::array<std::int8_t, 4> elements{-128, -1, 1, 127};
    const ctq::tensor_facts facts{ctq::dtype::int8, {4}, {}};
    ctq::clamp_integers({facts, elements.data()}, {facts, elements.data()}, {-1, 5});
    return elements == std::array<std::int8_t, 4>{-1, -1, 1, 5};
}());

TEST_CASE("clamping: every integer, out of place") {
    std::array<std::int8_t, 256> in{}, out{};
    for (int i = 0; i < 256; ++i) in[static_cast<std::size_t>(i)] = static_cast<std::int8_t>(i - 128);
    const ctq::tensor_facts facts{ctq::dtype::int8, {256}, {}};
    ctq::clamp_integers({facts, in.data()}, {facts, out.data()}, {-20, 90});
    for (int i = 0; i < 256; ++i)
        CHECK(out[static_cast<std::size_t>(i)] == (i - 128 < -20 ? -20 : i - 128 > 90 ? 90 : i - 128));
}
