#include "laws/calibration_strategy.hpp"

#include <ctq/host/calibration_table.hpp>

#include <doctest/doctest.h>
#include <processor_time.hpp>

#include <filesystem>
#include <limits>
#include <string>
#include <vector>

namespace calibration = ctq::calibration;
namespace host = ctq::host;

namespace {

calibration::table sample_table() {
    calibration::table table{.model = "sha256:0123", .samples = 41, .tensors = {}};
    for (const auto& set : ctq::laws::value_sets()) table.tensors[set.name].observe(set.values);
    table.tensors["quote \" and \xC3\xA9"].observe(std::vector<float>{0.1f, -0.3f});
    return table;
}

std::string refusal(const std::string& text) {
    try {
        (void)host::calibration_table_from(text, "t.json");
    } catch (const host::failure& failure) {
        CHECK(failure.code == host::exit_code::malformed);
        return failure.what();
    }
    return "accepted";
}

std::string replaced(std::string text, const std::string& from, const std::string& to) {
    const auto at = text.find(from);
    REQUIRE(at != std::string::npos);
    return text.replace(at, from.size(), to);
}

bool mentions(const std::string& text, const std::string& part) {
    INFO(text);
    return text.find(part) != std::string::npos;
}

} // namespace

TEST_CASE("a table survives text, and equal tables have equal bytes") {
    const calibration::table table = sample_table();
    const std::string text = host::to_text(table);
    const calibration::table back = host::calibration_table_from(text, "t.json");
    CHECK(back == table);
    CHECK(host::to_text(back) == text);
    CHECK(text.back() == '\n');
    CHECK(host::calibration_table_from(host::to_text(calibration::table{}), "t.json") == calibration::table{});
}

TEST_CASE("floats stand in their shortest decimals, counts to the last unit") {
    calibration::table table;
    table.tensors["x"].observe(std::vector<float>{0.1f, 0.1f, 0.1f});
    const auto& seen = table.tensors["x"];
    const std::vector<std::uint64_t> full{std::numeric_limits<std::uint64_t>::max()};
    table.tensors["y"] = calibration::observation(calibration::observation::parts{
        0.1f, 0.1f, 0, std::numeric_limits<std::uint64_t>::max(), seen.exponent(), seen.first(), full});
    const std::string text = host::to_text(table);
    CHECK(mentions(text, "\"max\": 0.1,"));
    CHECK(mentions(text, "\"bins\": \"18446744073709551615\""));
    CHECK(mentions(text, "\"non_finite\": 18446744073709551615"));
    CHECK(host::calibration_table_from(text, "t.json") == table);
}

TEST_CASE("collecting resumes from a file and ends where one run does") {
    const auto values = ctq::laws::value_sets()[14].values;
    const std::span<const float> all = values;
    calibration::table whole{.model = "m", .samples = 2, .tensors = {}};
    whole.tensors["x"].observe(all);
    calibration::table half{.model = "m", .samples = 1, .tensors = {}};
    half.tensors["x"].observe(all.first(7000));

    const auto path = (std::filesystem::temp_directory_path() / "ctq-calibration-table-test.json").string();
    host::save_calibration_table(path, half);
    calibration::table resumed = host::load_calibration_table(path);
    std::filesystem::remove(path);
    resumed.tensors["x"].observe(all.subspan(7000));
    resumed.samples += 1;
    CHECK(resumed == whole);
}

TEST_CASE("runs of equal counts are coded") {
    using host::detail::counts_of;
    const std::vector<std::uint64_t> counts{3, 0, 0, 0, 7, 7};
    CHECK(host::detail::runs_of(counts) == "3 0*3 7*2");
    CHECK(counts_of("3 0*3 7*2") == counts);
    CHECK(counts_of("") == std::vector<std::uint64_t>{});
    CHECK(counts_of("1*2000").has_value());
    for (const char* bad : {"1*2001", "1*0", "1*", "*2", " 1", "1 ", "1  2", "-1", "1,2", "1*2*3", "0x1", "1.5",
                            "18446744073709551616", "0*18446744073709551615 1", "1 1*2000"}) {
        CAPTURE(bad);
        CHECK_FALSE(counts_of(bad).has_value());
    }
}

TEST_CASE("a table of many tensors is read in a time that grows as their number does") {
    const auto seconds_of = [](int count) {
        calibration::table table = sample_table();
        for (int i = 0; i < count; ++i) table.tensors["t" + std::to_string(i)].observe(std::vector<float>{1.0f});
        const std::string text = host::to_text(table);
        return ctq::test::processor_seconds(
            [&] { CHECK(host::calibration_table_from(text, "t.json").tensors.size() == table.tensors.size()); });
    };
    CHECK(seconds_of(20'000) < 8 * seconds_of(5'000)); // 16 times as long where each is looked for among all
}

TEST_CASE("malformed files are refused in one line that names the member") {
    const std::string good = host::to_text(sample_table());
    CHECK(mentions(refusal(""), "t.json: is not JSON"));
    CHECK(mentions(refusal(good.substr(0, good.size() / 2)), "is not JSON"));
    CHECK(mentions(refusal(std::string(1000000, '[')), "nested deeper"));
    CHECK(mentions(refusal("[]"), "not a calibration table"));
    CHECK(mentions(refusal("{}"), "not a calibration table"));
    CHECK(mentions(refusal("3"), "not a calibration table"));
    CHECK(mentions(refusal("{\"a\":1,\"a\":1}"), "'a' twice"));
    CHECK(mentions(refusal(replaced(good, "\"version\": 1", "\"version\": 2")), "version 2"));
    CHECK(mentions(refusal(replaced(good, "\"samples\": 41", "\"samples\": -1")), "'samples' is not a count"));
    CHECK(mentions(refusal(replaced(good, "\"samples\": 41", "\"samples\": 1e9")), "'samples' is not a count"));
    CHECK(mentions(refusal(replaced(good, "\"model\": \"sha256:0123\"", "\"model\": 7")), "'model' is not a text"));
    CHECK(mentions(refusal(replaced(good, "\"model\": \"sha256:0123\",", "")), "has no 'model'"));
    CHECK(mentions(refusal(replaced(good, "\"samples\": 41", "\"samples\": 41, \"more\": 1")), "members"));
    CHECK(mentions(refusal(replaced(good, "\"min\": -1.0", "\"min\": 1e99")), "out of range"));
    CHECK(mentions(refusal(replaced(good, "\"min\": -1.0", "\"min\": \"-1\"")), "'min' is not a number"));
    CHECK(mentions(refusal(replaced(good, "\"min\": -1.0", "\"min\": -1.5")), "tensor 'two values': the bins do not"));
    CHECK(mentions(refusal(replaced(good, "\"zeros\": 0", "\"zeros\": 99999")), "more zeros"));
    CHECK(mentions(refusal(replaced(good, "\"exponent\": -", "\"exponent\": -1")), "the bins do not"));
    CHECK(
        mentions(refusal(replaced(good, "\"first\": ", "\"first\": 18446744073709551615, \"f\": ")), "'first' is not"));
    CHECK(mentions(refusal(replaced(good, "\"bins\": \"", "\"bins\": \"x")), "'bins' are not"));
}

TEST_CASE("a tensor's name that JSON cannot hold is refused") {
    calibration::table table;
    table.tensors["\xFF"];
    CHECK_THROWS_AS((void)host::to_text(table), host::failure);
}
