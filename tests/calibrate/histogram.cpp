#include <ctq/calibrate/histogram.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <limits>
#include <map>
#include <numeric>
#include <random>
#include <vector>

using ctq::calibration::histogram;

namespace {

histogram of(std::span<const float> values) {
    histogram h;
    h.observe(values);
    return h;
}

// The definition, from all finite values at once: std::ldexp and std::floor in double.
void check_definition(const histogram& h, const std::vector<float>& values) {
    std::vector<float> finite;
    std::copy_if(values.begin(), values.end(), std::back_inserter(finite), [](float x) { return std::isfinite(x); });
    REQUIRE(h.count() == finite.size());
    CHECK(h.non_finite() == values.size() - finite.size());
    if (finite.empty()) return;
    const auto [least, most] = std::minmax_element(finite.begin(), finite.end());
    CHECK(h.min() == *least);
    CHECK(h.max() == *most);
    CHECK(h.zeros() == static_cast<std::uint64_t>(std::count(finite.begin(), finite.end(), 0.0f)));
    int k = -149;
    const auto index = [&](float x) { return std::floor(std::ldexp(static_cast<double>(x), -k)); };
    const auto fits = [&] {
        const double limit = std::ldexp(1.0, 30);
        return index(*most) - index(*least) + 1 <= histogram::capacity && index(*most) < limit &&
               index(*least) > -limit;
    };
    while (!fits()) ++k;
    REQUIRE(h.exponent() == k);
    REQUIRE(h.first() == index(*least));
    REQUIRE(h.size() == index(*most) - index(*least) + 1);
    std::map<int, std::uint64_t> bins;
    for (const float x : finite) ++bins[static_cast<int>(index(x)) - h.first()];
    bool same = true;
    for (int i = 0; i < h.size(); ++i) same = same && h.bin(i) == (bins.contains(i) ? bins[i] : 0);
    CHECK(same);
}

// Any bits: denormals, infinities, NaNs, all magnitudes.
std::vector<float> any_floats(std::size_t count, std::uint32_t seed) {
    std::mt19937 random(seed);
    std::vector<float> values(count);
    for (float& value : values) {
        const auto bits = static_cast<std::uint32_t>(random());
        std::memcpy(&value, &bits, sizeof value);
    }
    return values;
}

std::vector<float> normal_floats(std::size_t count, std::uint32_t seed, float scale, float shift = 0) {
    std::mt19937 random(seed);
    std::normal_distribution<float> normal;
    std::vector<float> values(count);
    for (float& value : values) value = normal(random) * scale + shift;
    return values;
}

} // namespace

static_assert(sizeof(histogram) <= 16 * 1024, "the memory bound of a tensor's calibration");
static_assert(std::is_trivially_copyable_v<histogram>, "no heap: the size is the whole memory");

static_assert([] {
    constexpr float values[] = {1.0f, -0.5f, 0.0f, 3.0f};
    histogram all;
    all.observe(values);
    histogram merged;
    merged.observe(std::span(values).first(1));
    histogram rest;
    rest.observe(std::span(values).subspan(1));
    merged.merge(rest);
    return all == merged && all.min() == -0.5f && all.max() == 3.0f && all.count() == 4 && all.exponent() == -9;
}());

TEST_CASE("the state is the definition's, whatever the values") {
    check_definition(of({}), {});
    for (const float scale : {1.0f, 1e-3f, 1e30f, 1e-30f, 1e-36f, 1e-38f, 1e-43f, 1e37f}) {
        CAPTURE(scale);
        for (const std::size_t count : {1U, 2U, 100U, 256U, 257U, 20000U}) {
            CAPTURE(count);
            const auto values = normal_floats(count, 3, scale);
            check_definition(of(values), values);
            auto relu = values;
            for (float& value : relu) value = std::max(value, 0.0f);
            check_definition(of(relu), relu);
        }
    }
    const auto shifted = normal_floats(20000, 4, 1e-3f, 1000.0f);
    check_definition(of(shifted), shifted);
    const auto any = any_floats(50000, 5);
    check_definition(of(any), any);
    const auto few = any_floats(300, 6);
    check_definition(of(few), few);
}

TEST_CASE("values on both sides of a bin's edge fall on their side") {
    std::vector<float> values{-1.0f, 1.0f};
    for (int i = -1000; i <= 1000; ++i) {
        const float edge = static_cast<float>(i) / 1024.0f;
        values.insert(values.end(), {std::nextafter(edge, -9.0f), edge, std::nextafter(edge, 9.0f)});
    }
    values.resize(2 * 8192, -1e-42f);
    check_definition(of(values), values);
}

TEST_CASE("a negative denormal among large values is counted below zero") {
    std::vector<float> values(8192, -1e-45f);
    values[5] = 1e30f;
    values[6] = -1e30f;
    check_definition(of(values), values);
}

TEST_CASE("constants, zeros and non-finite values") {
    CHECK(of({}).empty());
    CHECK(of({}) == histogram());
    const histogram zeros = of(std::vector<float>{0.0f, -0.0f, 0.0f});
    CHECK(zeros.zeros() == 3);
    CHECK(zeros.size() == 1);
    CHECK(zeros == of(std::vector<float>{-0.0f, -0.0f, -0.0f}));
    CHECK_FALSE(std::signbit(zeros.min()));
    const histogram constant = of(std::vector<float>(10000, 7.25f));
    CHECK(constant.size() == 1);
    CHECK(constant.bin(0) == 10000);
    const histogram infinite = of(std::vector<float>{INFINITY, -INFINITY, NAN, -NAN});
    CHECK(infinite.empty());
    CHECK(infinite.non_finite() == 4);
}

TEST_CASE("order, batches and merging leave no trace") {
    auto values = normal_floats(30000, 8, 2.0f);
    values.push_back(55.0f);
    values.push_back(NAN);
    values.insert(values.end(), 500, 0.0f);
    const histogram whole = of(values);
    std::mt19937 random(9);
    for (int round = 0; round < 5; ++round) {
        std::shuffle(values.begin(), values.end(), random);
        histogram streamed;
        std::vector<histogram> parts;
        for (std::span<const float> rest = values; !rest.empty();) {
            const std::size_t length = std::min<std::size_t>(rest.size(), 1 + random() % 9000);
            streamed.observe(rest.first(length));
            parts.push_back(of(rest.first(length)));
            rest = rest.subspan(length);
        }
        CHECK(streamed == whole);
        CHECK(std::accumulate(parts.begin(), parts.end(), histogram(), [](histogram sum, const histogram& part) {
                  sum.merge(part);
                  return sum;
              }) == whole);
    }
}

TEST_CASE("merging is commutative and associative, and an empty histogram is its unit") {
    const histogram a = of(normal_floats(1000, 1, 1.0f));
    const histogram b = of(normal_floats(1000, 2, 1e-6f, 3.0f));
    const histogram c = of(any_floats(100, 3));
    const auto merged = [](histogram x, const histogram& y) {
        x.merge(y);
        return x;
    };
    CHECK(merged(a, b) == merged(b, a));
    CHECK(merged(merged(a, b), c) == merged(a, merged(b, c)));
    CHECK(merged(a, histogram()) == a);
    CHECK(merged(histogram(), a) == a);
}

TEST_CASE("a saved state is restored, an impossible one refused") {
    const histogram h = of(normal_floats(1000, 1, 1.0f));
    const std::vector<std::uint64_t> bins(h.bins().begin(), h.bins().end());
    const histogram::parts good{h.min(), h.max(), h.zeros(), h.non_finite(), h.exponent(), h.first(), bins};
    CHECK(histogram(good) == h);
    CHECK(histogram(histogram::parts{}) == histogram());

    const auto refused = [](const histogram::parts& parts) { CHECK_THROWS_AS(histogram{parts}, ctq::model_error); };
    auto bad = good;
    bad.min = NAN;
    refused(bad);
    bad = good;
    bad.max = INFINITY;
    refused(bad);
    bad = good;
    std::swap(bad.min, bad.max);
    refused(bad);
    bad = good;
    bad.exponent += 1;
    refused(bad);
    bad = good;
    bad.first -= 1;
    refused(bad);
    bad = good;
    bad.bins = bad.bins.first(bad.bins.size() - 1);
    refused(bad);
    bad = good;
    bad.bins = {};
    refused(bad);
    bad = good;
    bad.zeros = 1000;
    refused(bad);
    auto counts = bins;
    counts.front() = 0;
    bad = good;
    bad.bins = counts;
    refused(bad);
    counts.assign(bins.size(), std::numeric_limits<std::uint64_t>::max());
    refused(bad);
}

TEST_CASE("counters never wrap") {
    const std::vector<std::uint64_t> full{std::numeric_limits<std::uint64_t>::max()};
    const histogram one = of(std::vector<float>{1.0f});
    histogram h(histogram::parts{1.0f, 1.0f, 0, 0, one.exponent(), one.first(), full});
    const histogram before = h;
    CHECK_FALSE(h.can_merge(one));
    CHECK_THROWS_AS(h.merge(one), ctq::model_error);
    CHECK_THROWS_AS(h.observe(std::vector<float>{1.0f}), ctq::model_error);
    CHECK(h == before);
}
