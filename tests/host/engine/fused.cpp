#include <ctq/host/engine/fused.hpp>

#include <doctest/doctest.h>

#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>
#include <random>

using namespace ctq::host;

namespace {

/// Any float but NaN; half of them with few bits, so that sums meet ties, and near each other in size.
float any_float(std::mt19937& random) {
    for (;;) {
        auto bits = static_cast<std::uint32_t>(random());
        if (bits % 2 == 0) bits &= 0xFFFFF000U;
        if (bits % 3 == 0) bits = (bits & 0x807FFFFFU) | ((100 + static_cast<std::uint32_t>(random() % 40)) << 23U);
        if (bits % 5 == 0) bits &= 0x80FFFFFFU; // subnormal, or nearly
        const auto made = std::bit_cast<float>(bits);
        if (!std::isnan(made)) return made;
    }
}

bool same(float a, float b) {
    return std::isnan(a) ? std::isnan(b) : std::bit_cast<std::uint32_t>(a) == std::bit_cast<std::uint32_t>(b);
}

/// Sums in which both ways to compute them differ from std::fma.
template <int Lanes> int wrong_sums(int count) {
    std::mt19937 random(Lanes);
    int wrong = 0;
    for (int round = 0; round < count; ++round) {
        float_vector<Lanes> w, x, sum;
        for (int i = 0; i < Lanes; ++i) {
            w[i] = any_float(random);
            x[i] = any_float(random);
            sum[i] = round % 4 == 0 ? -w[i] * x[i] : any_float(random); // or what cancels the product
        }
        auto made = sum, by_doubles = sum;
        add_product<Lanes>(made, w, x);
        ctq::host::detail::add_product_by_doubles<Lanes>(by_doubles, w, x);
        for (int i = 0; i < Lanes; ++i) {
            const float wanted = std::fma(w[i], x[i], sum[i]);
            wrong += !same(made[i], wanted) || !same(by_doubles[i], wanted);
        }
    }
    return wrong;
}

} // namespace

TEST_CASE("fused: a product and a sum rounded once, as std::fma gives it, for any floats") {
    CHECK(wrong_sums<1>(200'000) == 0);
    CHECK(wrong_sums<4>(200'000) == 0);
    CHECK(wrong_sums<native_lanes>(50'000) == 0);
}

TEST_CASE("fused: sums that lie just beside a tie") {
    const auto made = [](float w, float x, float sum) {
        float_vector<1> result{sum};
        ctq::host::detail::add_product_by_doubles<1>(result, float_vector<1>{w}, float_vector<1>{x});
        return result[0];
    };
    const float least = std::numeric_limits<float>::denorm_min();
    CHECK(made(0x1p-30F, 0x1p-30F, 1 + 0x1p-23F) == 1 + 0x1p-23F);
    CHECK(made(1 + 0x1p-12F, 0x1p-24F, 1) == 1 + 0x1p-23F);            // above the tie of 1 and its neighbour
    CHECK(made(1 - 0x1p-12F, 0x1p-24F, 1 + 0x1p-23F) == 1 + 0x1p-23F); // below the tie
    CHECK(made(least, 0.5F, 3 * least) == 4 * least);                  // a tie goes to the even one
    CHECK(made(least, 0x1.000002p-1F, 2 * least) == 3 * least);
    CHECK(made(least, 0x1.fffffep-2F, 3 * least) == 3 * least);
}
