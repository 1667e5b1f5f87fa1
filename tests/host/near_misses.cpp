#include <ctq/host/near_misses.hpp>

#include <doctest/doctest.h>

#include <string>
#include <string_view>
#include <vector>

using namespace ctq::host;

TEST_CASE("edit distance") {
    CHECK(edit_distance("", "abc") == 3);
    CHECK(edit_distance("abc", "") == 3);
    CHECK(edit_distance("kitten", "sitting") == 3);
    CHECK(edit_distance("mse", "mse") == 0);
    CHECK(edit_distance("conv1", "conv12") == 1);
}

TEST_CASE("names that are nearly the wanted one") {
    const std::vector<std::string_view> known{"minmax", "entropy", "percentile"};
    CHECK(near_misses("entropie", known) == "; did you mean 'entropy'?");
    CHECK(near_misses("perc", known) == "; did you mean 'percentile'?");
    CHECK(near_misses("quantum", known).empty());
    CHECK(near_misses("", known).empty());
    CHECK(near_misses("conv1", {"conv", "conv2"}) == "; did you mean 'conv' or 'conv2'?");
}

TEST_CASE("where names are few, all are told") {
    const std::vector<std::string_view> known{"minmax", "mse"};
    CHECK(near_misses_and_all("ms", known) == "; did you mean 'mse'? Known: minmax, mse");
    CHECK(near_misses_and_all("quantum", known) == "; known: minmax, mse");
}

TEST_CASE("no list is longer than a line") {
    std::vector<std::string> names;
    for (int i = 10; i < 99; ++i) names.push_back("conv" + std::to_string(i));
    const std::vector<std::string_view> known(names.begin(), names.end());
    CHECK(near_misses("conv9", known).size() < 120);
    CHECK(near_misses("conv9", known).find("'conv90'") != std::string::npos);
}
