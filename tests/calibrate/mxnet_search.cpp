#include "calibrate/kl_vectors.hpp"

#include <ctq/calibrate/mxnet_histogram.hpp>
#include <ctq/calibrate/mxnet_search.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <map>

using namespace ctq::calibration;
using kl_vectors::json;

namespace {

bool is_near_tie(const json& expected) {
    const json& gap = expected["relative_gap_to_second_best"];
    return !expected["same_index_if_summed_in_double"].get<bool>() || (gap.is_number() && gap.get<double>() < 1e-4);
}

void check_search(const mxnet_histogram& h, const json& expected) {
    const auto best = mxnet_search(h.counts, h.edges, expected["num_quantized_bins"].get<std::size_t>());
    CHECK(best.divergence == doctest::Approx(expected["divergence"].get<double>()).epsilon(1e-4));
    // An exact tie is none: the first candidate is taken. `zero_bin_only` is one.
    const bool exact_tie = expected["relative_gap_to_second_best"] == 0.0;
    if (is_near_tie(expected) && !exact_tie) return;
    CHECK(best.index == expected["index"].get<std::size_t>());
    CHECK(best.threshold == static_cast<float>(expected["threshold"].get<double>()));
}

} // namespace

static_assert([] {
    constexpr std::uint64_t counts[] = {0, 1, 2, 3, 4, 3, 2, 1, 0};
    const auto edges = detail::mxnet_edges(1.0, 9);
    return mxnet_search(counts, edges, 9).threshold == 1.0f && mxnet_search(counts, edges, 9).divergence == 0.0f;
}());

TEST_CASE("smoothing is the original's") {
    for (const json& vector : kl_vectors::all()["smooth"]) {
        std::vector<float> values;
        if (vector["p"].is_array()) {
            values = vector["p"].get<std::vector<float>>();
        } else {
            values.resize(vector["p"]["len"].get<std::size_t>());
            for (const auto& [index, value] : vector["p"]["nonzero"].items())
                values[std::stoul(index)] = value.get<float>();
        }
        const auto before = values;
        const bool valid = smooth(values);
        REQUIRE(valid == !vector["out"].is_null());
        CHECK(values == (valid ? vector["out"].get<std::vector<float>>() : before));
    }
    std::vector<float> zeros(3, 0.0f);
    CHECK_FALSE(smooth(zeros));
}

TEST_CASE("small searches are the original's, candidate for candidate") {
    for (const json& vector : kl_vectors::all()["search_small"]) {
        CAPTURE(vector["name"].get<std::string>());
        mxnet_histogram h;
        if (vector.contains("hist")) {
            h.counts = vector["hist"].get<std::vector<std::uint64_t>>();
            h.edges = vector["edges"].get<std::vector<float>>();
            CHECK(detail::mxnet_edges(vector["th"].get<double>(), h.counts.size()) == h.edges);
        } else {
            h = first_histogram(kl_vectors::values_of(vector["input"]), vector["bins"].get<std::size_t>());
            CHECK(kl_vectors::crc32(h.counts) == vector["crc32_le_int64"].get<std::uint32_t>());
        }
        check_search(h, vector);
        const auto curve = mxnet_divergences(h.counts, vector["num_quantized_bins"].get<std::size_t>());
        CHECK(curve.size() == vector["candidates"].get<std::size_t>());
        CHECK(std::count_if(curve.begin(), curve.end(), [](float d) { return std::isinf(d); }) ==
              vector["infinite_candidates"].get<std::ptrdiff_t>());
        if (!vector.contains("curve")) continue;
        for (std::size_t i = 0; i < curve.size(); ++i) {
            const json& expected = vector["curve"][i];
            if (std::isinf(curve[i]))
                CHECK_FALSE((expected.is_number() && expected.get<double>() < 1e30));
            else
                CHECK(curve[i] == doctest::Approx(expected.get<double>()).epsilon(1e-4));
        }
    }
}

TEST_CASE("full-size searches are the original's") {
    for (const json& vector : kl_vectors::all()["search_full"]) {
        CAPTURE(vector["input"].dump());
        const auto h = first_histogram(kl_vectors::values_of(vector["input"]));
        std::map<int, json> by_levels;
        for (const auto& [dtype, result] : vector["results"].items()) {
            by_levels[result["num_quantized_bins"].get<int>()] = result;
        }
        for (const auto& [levels, result] : by_levels) check_search(h, result);
    }
}

TEST_CASE("mass in the last bin of 999 leaves one candidate") {
    mxnet_histogram h{
        .counts = std::vector<std::uint64_t>(999), .edges = detail::mxnet_edges(2.0, 999), .threshold = 2.0};
    h.counts.back() = 1000;
    check_search(h, kl_vectors::all()["search_adversarial_999"]);
}

TEST_CASE("mass in the lowest bin counts only when that bin is kept") {
    std::vector<std::uint64_t> counts(31);
    counts.front() = 1000;
    const auto edges = detail::mxnet_edges(2.0, counts.size());
    const auto dropped = mxnet_search(counts, edges, 5);
    CHECK(dropped.index == 0);
    CHECK(std::isinf(dropped.divergence));
    const auto kept = mxnet_search(counts, edges, 5, lowest_bin::kept);
    CHECK(kept.threshold == 2.0f);
    CHECK(kept.divergence == 0.0f);
}

TEST_CASE("what the search cannot take is refused") {
    const std::vector<std::uint64_t> counts(31, 1);
    const auto edges = detail::mxnet_edges(1.0, 31);
    CHECK_THROWS_AS((void)mxnet_search(counts, edges, 33), ctq::model_error);
    CHECK_THROWS_AS((void)mxnet_search(counts, edges, 4), ctq::model_error);
    CHECK_THROWS_AS((void)mxnet_search(counts, std::span(edges).first(31), 5), ctq::model_error);
    CHECK_THROWS_AS((void)mxnet_search(std::span(counts).first(30), std::span(edges).first(31), 5), ctq::model_error);
}
