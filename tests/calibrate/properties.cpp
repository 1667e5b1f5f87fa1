// The histogram's and the strategies' laws on generated values: any bits of float, any partition.

#include <ctq/calibrate/entropy.hpp>
#include <ctq/calibrate/minmax.hpp>
#include <ctq/calibrate/mse.hpp>
#include <ctq/calibrate/percentile.hpp>

#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>
#include <vector>

using namespace ctq::calibration;

namespace {

std::vector<float> floats_of(const std::vector<std::uint32_t>& bits) {
    std::vector<float> values;
    for (const std::uint32_t one : bits) values.push_back(std::bit_cast<float>(one));
    return values;
}

observation observed(std::span<const float> values) {
    observation seen;
    seen.observe(values);
    return seen;
}

rc::Gen<std::vector<float>> any_floats() {
    return rc::gen::map(rc::gen::container<std::vector<std::uint32_t>>(rc::gen::arbitrary<std::uint32_t>()), floats_of);
}

rc::Gen<std::vector<float>> usual_floats() {
    return rc::gen::map(rc::gen::container<std::vector<std::int32_t>>(rc::gen::inRange(-100000, 100000)),
                        [](const std::vector<std::int32_t>& integers) {
                            std::vector<float> values;
                            for (const std::int32_t i : integers) values.push_back(static_cast<float>(i) / 4096.0f);
                            return values;
                        });
}

grid any_grid() {
    return {*rc::gen::inRange(2, 300), *rc::gen::arbitrary<bool>()};
}

void check_range(const observation& seen, const range& chosen) {
    RC_ASSERT(std::isfinite(chosen.low) && std::isfinite(chosen.high));
    RC_ASSERT(chosen.contains(0.0f));
    RC_ASSERT(with_zero(seen.observed()).contains(chosen));
}

} // namespace

TEST_CASE("any cut of any values merges to the whole") {
    CHECK(rc::check([] {
        auto values = *any_floats();
        const auto cut = *rc::gen::inRange<std::size_t>(0, values.size() + 1);
        const observation whole = observed(values);
        observation left = observed(std::span(values).first(cut));
        observation right = observed(std::span(values).subspan(cut));
        const observation left_before = left;
        left.merge(right);
        RC_ASSERT(left == whole);
        right.merge(left_before);
        RC_ASSERT(right == whole);
        std::reverse(values.begin(), values.end());
        RC_ASSERT(observed(values) == whole);
    }));
}

TEST_CASE("any state can be saved and restored") {
    CHECK(rc::check([] {
        const observation seen = observed(*any_floats());
        RC_ASSERT(observation(observation::parts{seen.min(), seen.max(), seen.zeros(), seen.non_finite(),
                                                 seen.exponent(), seen.first(), seen.bins()}) == seen);
    }));
}

TEST_CASE("every strategy's range is finite, contains zero and stays within what was seen") {
    CHECK(rc::check([] {
        const observation seen = observed(*rc::gen::oneOf(any_floats(), usual_floats()));
        const grid asked = any_grid();
        check_range(seen, minmax{}.choose(seen, asked));
        check_range(seen, entropy{}.choose(seen, asked));
        check_range(seen, mse{}.choose(seen, asked));
        check_range(seen, percentile{*rc::gen::inRange(0, 10001) / 100.0}.choose(seen, asked));
    }));
}

TEST_CASE("percentile clips no more than its share of any values") {
    CHECK(rc::check([] {
        const auto values = *usual_floats();
        const observation seen = observed(values);
        const int hundredths = *rc::gen::inRange(0, 10001);
        const range chosen = percentile{hundredths / 100.0}.choose(seen, any_grid());
        const auto clipped = std::count_if(values.begin(), values.end(), [&](float x) { return !chosen.contains(x); });
        RC_ASSERT(static_cast<double>(clipped) <=
                  static_cast<double>(values.size()) * (10000 - hundredths) / 10000.0 + 1e-6);
    }));
}

TEST_CASE("mse is never worse than minmax by its own measure") {
    CHECK(rc::check([] {
        const observation seen = observed(*usual_floats());
        const grid asked = any_grid();
        RC_ASSERT(squared_error(seen, mse{}.choose(seen, asked), asked) <=
                  squared_error(seen, minmax{}.choose(seen, asked), asked));
    }));
}
