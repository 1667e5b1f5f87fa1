#include "calibrate/kl_vectors.hpp"

#include <ctq/calibrate/mxnet_histogram.hpp>
#include <ctq/calibrate/mxnet_search.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <numeric>

using namespace ctq::calibration;
using kl_vectors::json;

namespace {

void check_state(const mxnet_histogram& h, const json& expected) {
    CHECK(h.counts.size() == expected["bins"].get<std::size_t>());
    CHECK(h.threshold == expected["th"].get<double>());
    CHECK(h.min == static_cast<float>(expected["min"].get<double>()));
    CHECK(h.max == static_cast<float>(expected["max"].get<double>()));
    CHECK(std::accumulate(h.counts.begin(), h.counts.end(), std::uint64_t{0}) ==
          expected["total"].get<std::uint64_t>());
    CHECK(h.edges.front() == static_cast<float>(expected["edge_first"].get<double>()));
    CHECK(h.edges.back() == static_cast<float>(expected["edge_last"].get<double>()));
    CHECK(h.edges[h.counts.size() / 2 + 1] == static_cast<float>(expected["edge_after_zero_bin"].get<double>()));
    CHECK(kl_vectors::crc32(h.counts) == expected["crc32_le_int64"].get<std::uint32_t>());
}

mxnet_histogram combined(const mxnet_histogram& old, const std::vector<float>& batch) {
    const auto [least, most] = std::minmax_element(batch.begin(), batch.end());
    return combine_histogram(old, batch, *least, *most, std::max(std::abs(*least), std::abs(*most)));
}

} // namespace

TEST_CASE("bins and edges are the original's") {
    for (const json& vector : kl_vectors::all()["histogram"]) {
        const auto edges = detail::mxnet_edges(vector["th"].get<double>(), vector["bins"].get<std::size_t>());
        CHECK(edges == vector["edges"].get<std::vector<float>>());
        CHECK(detail::mxnet_counts(kl_vectors::values_of(vector["x"]), edges) ==
              vector["hist"].get<std::vector<std::uint64_t>>());
    }
}

TEST_CASE("the first histogram is the original's") {
    for (const json& vector : kl_vectors::all()["search_full"]) {
        const auto values = kl_vectors::values_of(vector["input"]);
        for (std::size_t i = 0; i < vector["first_values"].size(); ++i) {
            CHECK(values[i] == static_cast<float>(vector["first_values"][i].get<double>()));
        }
        check_state(first_histogram(values), vector["collected"]);
    }
}

TEST_CASE("histograms grow as the original's do") {
    for (const json& vector : kl_vectors::all()["combine"]) {
        CAPTURE(vector["name"].get<std::string>());
        mxnet_histogram h;
        for (std::size_t i = 0; i < vector["states"].size(); ++i) {
            const auto batch = kl_vectors::values_of(vector["batches"][i]);
            h = i == 0 ? first_histogram(batch, vector["bins"].get<std::size_t>()) : combined(h, batch);
            check_state(h, vector["states"][i]);
        }
    }
}

TEST_CASE("the KL search after growth is the original's") {
    const json& expected = kl_vectors::all()["search_after_growth_one_sided_uint8"];
    const json& cases = kl_vectors::all()["combine"];
    const auto found = std::find_if(cases.begin(), cases.end(),
                                    [&](const json& one) { return one["name"] == expected["from_combine_case"]; });
    REQUIRE(found != cases.end());
    const auto h = combined(first_histogram(kl_vectors::values_of((*found)["batches"][0])),
                            kl_vectors::values_of((*found)["batches"][1]));
    const auto best = mxnet_search(h.counts, h.edges, expected["num_quantized_bins"].get<std::size_t>());
    CHECK(best.index == expected["index"].get<std::size_t>());
    CHECK(best.threshold == static_cast<float>(expected["threshold"].get<double>()));
    CHECK(best.divergence == doctest::Approx(expected["divergence"].get<double>()).epsilon(1e-4));
}

TEST_CASE("what the original leaves undefined is defined") {
    const auto zeros = first_histogram(std::vector<float>(4, 0.0f), 5);
    CHECK(zeros.threshold == 0.0);
    CHECK(zeros.counts == std::vector<std::uint64_t>{0, 0, 4, 0, 0});
    const auto then = combined(zeros, {1.0f, -0.9f, 0.0f});
    CHECK(then.threshold == 1.0);
    CHECK(then.counts == std::vector<std::uint64_t>{1, 0, 5, 0, 1});
    CHECK(then.min == -0.9f);
    const auto skipped = first_histogram(std::vector<float>{NAN, 1.0f, INFINITY, -0.5f}, 5);
    CHECK(skipped.threshold == 1.0);
    CHECK(skipped.counts == std::vector<std::uint64_t>{0, 1, 0, 0, 1});
    CHECK_THROWS_AS((void)first_histogram(std::vector<float>{1.0f}, 4), ctq::model_error);
    const auto narrow = first_histogram(std::vector<float>{1e-6f}, 5);
    CHECK_THROWS_AS((void)combined(narrow, {1e6f}), ctq::model_error);
}
