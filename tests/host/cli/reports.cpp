// Networks of the kinds that people reported of such tools: what the float network gives is what it gave elsewhere, and
// the integers are as near to it as `case.json` says. tests/data/reports has a folder for each.
#include <ctq/host/npy.hpp>

#include <doctest/doctest.h>
#include <host/npy_samples.hpp>
#include <host/run_tool.hpp>
#include <host/scratch.hpp>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

using namespace ctq;
using namespace ctq::test;

namespace {

using reals = std::vector<float>;

/// The signal over the error in decibels.
double signal_to_noise(const reals& wanted, const reals& found) {
    double signal = 0, noise = 0;
    for (std::size_t i = 0; i < wanted.size(); ++i) {
        signal += std::pow(static_cast<double>(wanted[i]), 2);
        noise += std::pow(static_cast<double>(wanted[i]) - static_cast<double>(found[i]), 2);
    }
    return noise == 0 ? 200 : 10 * std::log10(signal / noise);
}

/// The share of rows in which the largest element is the wanted one's, and no other is as large.
double equal_classes(const reals& wanted, const reals& found, std::size_t length) {
    std::size_t equal = 0;
    for (std::size_t first = 0; first < wanted.size(); first += length) {
        const auto row = std::span(found).subspan(first, length), right = std::span(wanted).subspan(first, length);
        const auto largest = std::ranges::max_element(row);
        equal += largest - row.begin() == std::ranges::max_element(right) - right.begin() &&
                 std::ranges::count(row, *largest) == 1;
    }
    return static_cast<double>(equal * length) / static_cast<double>(wanted.size());
}

class report {
    scratch_folder scratch_;
    std::filesystem::path folder_;
    nlohmann::json facts_;
    std::vector<std::int64_t> shape_;
    reals wanted_;

    [[nodiscard]] std::string path(const nlohmann::json& named) const { return (folder_ / named[1]).string(); }

    [[nodiscard]] reals inferred(const words& more) const {
        words arguments{"infer",     (folder_ / "model.onnx").string(),
                        "--inputs",  path(facts_["test"][0]),
                        "--outputs", scratch_ / "y.npy"};
        for (const std::string each : facts_["args"]) arguments.push_back(each);
        arguments.insert(arguments.end(), more.begin(), more.end());
        const tool_result made = run_tool(arguments);
        CHECK(made.error == "");
        REQUIRE(made.code == 0);
        return npy_floats(scratch_ / "y.npy");
    }

  public:
    explicit report(const std::filesystem::path& folder)
        : folder_(folder), facts_(nlohmann::json::parse(content_of((folder / "case.json").string()))) {
        const std::string expected = (folder / facts_["expected"][0]).string();
        shape_ = host::npy::read(expected).shape;
        wanted_ = npy_floats(expected);
    }

    void check_float() const {
        const reals found = inferred({"--float"});
        REQUIRE(found.size() == wanted_.size());
        double largest = 0, error = 0;
        for (std::size_t i = 0; i < found.size(); ++i) {
            largest = std::max(largest, std::abs(static_cast<double>(wanted_[i])));
            error = std::max(error, std::abs(static_cast<double>(wanted_[i]) - static_cast<double>(found[i])));
        }
        CHECK(error <= facts_["tol"].get<double>() * largest);
    }

    void check_integers() const {
        words arguments{"--calibration", path(facts_["calib"][0])};
        if (facts_.contains("int8_args"))
            for (const std::string each : facts_["int8_args"]) arguments.push_back(each);
        const reals found = inferred(arguments);
        REQUIRE(found.size() == wanted_.size());
        const double quality = facts_["metric"] == "top1"
                                   ? equal_classes(wanted_, found, static_cast<std::size_t>(shape_.back()))
                                   : signal_to_noise(wanted_, found);
        CHECK(quality >= facts_["bound"].get<double>());
    }
};

} // namespace

TEST_CASE("reports: each network gives what it should, in floats and in integers") {
    std::size_t count = 0;
    for (const auto& each : std::filesystem::directory_iterator(CTQ_TEST_DATA "/reports")) {
        CAPTURE(each.path().filename().string());
        const report one(each.path());
        one.check_float();
        one.check_integers();
        ++count;
    }
    CHECK(count >= 5);
}
