#include "laws/calibration_strategy.hpp"

#include <ctq/calibrate/table.hpp>

#include <doctest/doctest.h>

#include <limits>
#include <vector>

using namespace ctq::calibration;

namespace {

table of(const std::vector<float>& values) {
    table result{.model = "m", .samples = 1, .tensors = {}};
    result.tensors["x"].observe(values);
    return result;
}

} // namespace

TEST_CASE("merged tables equal the table of the whole") {
    const auto sets = ctq::laws::value_sets();
    table whole{.model = "m", .samples = sets.size(), .tensors = {}};
    table forwards{.model = "m", .samples = 0, .tensors = {}};
    table backwards = forwards;
    for (std::size_t i = 0; i < sets.size(); ++i) {
        whole.tensors["x"].observe(sets[i].values);
        CHECK(forwards.merge(of(sets[i].values)) == merge_result::merged);
        CHECK(backwards.merge(of(sets[sets.size() - 1 - i].values)) == merge_result::merged);
    }
    CHECK(forwards == whole);
    CHECK(backwards == whole);
}

TEST_CASE("tensors of either side are kept") {
    table a = of({1.0f});
    table b = of({2.0f});
    b.tensors["y"].observe(std::vector<float>{3.0f});
    CHECK(a.merge(b) == merge_result::merged);
    CHECK(a.tensors.at("x").count() == 2);
    CHECK(a.tensors.at("y").count() == 1);
    CHECK(a.samples == 2);
}

TEST_CASE("a table of another model, or too many values, is refused and changes nothing") {
    table a = of({1.0f});
    const table before = a;
    table b = of({2.0f});
    b.model = "other";
    CHECK(a.merge(b) == merge_result::different_models);
    CHECK(a == before);
    b = of({1.0f});
    b.samples = std::numeric_limits<std::uint64_t>::max();
    CHECK(a.merge(b) == merge_result::too_many_values);
    CHECK(a == before);
    const std::vector<std::uint64_t> full{std::numeric_limits<std::uint64_t>::max()};
    const observation& one = a.tensors.at("x");
    b.samples = 1;
    b.tensors["x"] = observation(observation::parts{1.0f, 1.0f, 0, 0, one.exponent(), one.first(), full});
    CHECK(a.merge(b) == merge_result::too_many_values);
    CHECK(a == before);
}
