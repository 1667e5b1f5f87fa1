#include "../scratch.hpp"

#include <ctq/default_registry.hpp>
#include <ctq/host/engine/strategy_by_name.hpp>

#include <doctest/doctest.h>

using namespace ctq;
using namespace ctq::host;
using ctq::test::outcome_of;

namespace {

std::string chosen(std::string_view text) {
    std::string name;
    with_strategy(default_registry, text, [&](const auto& strategy) {
        using type = std::remove_cvref_t<decltype(strategy)>;
        name = std::string(type::name);
        if constexpr (std::is_same_v<type, calibration::percentile>) name = message(name, " ", strategy.percent);
    });
    return name;
}

} // namespace

TEST_CASE("names, aliases and parameters") {
    CHECK(chosen("") == "minmax");
    CHECK(chosen("minmax") == "minmax");
    CHECK(chosen("naive") == "minmax");
    CHECK(chosen("entropy") == "entropy");
    CHECK(chosen("percentile") == "percentile 99.99");
    CHECK(chosen("percentile=99.5") == "percentile 99.5");
}

TEST_CASE("faults are usage faults and say what to write") {
    const auto fault = [](std::string_view text) { return outcome_of([&] { static_cast<void>(chosen(text)); }); };
    const auto unknown = fault("percentil");
    CHECK(unknown.code == exit_code::usage);
    CHECK(unknown.says("did you mean 'percentile'?"));
    CHECK(unknown.says("minmax, naive, entropy"));
    CHECK(fault("quantum").code == exit_code::usage);
    CHECK_FALSE(fault("quantum").says("did you mean"));
    CHECK(fault("percentile=101").says("is out of its range; give it above 0, and 100 at most"));
    for (const char* text :
         {"percentile=101", "percentile=0", "percentile=", "percentile=9x", "percentile=nan", "minmax=3", "MINMAX"}) {
        CAPTURE(text);
        CHECK(fault(text).code == exit_code::usage);
    }
}
