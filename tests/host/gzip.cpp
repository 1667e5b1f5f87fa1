#include "gzip_builder.hpp"
#include "scratch.hpp"

#include <ctq/host/gzip.hpp>

#include <doctest/doctest.h>

#include <string>

using namespace ctq::host;
using ctq::test::gzip;
using ctq::test::outcome_of;

namespace {

ctq::test::outcome inflating(std::string_view bytes, std::uint64_t limit = default_file_limit) {
    return outcome_of([&] { static_cast<void>(inflate_gzip(bytes, "f.gz", limit)); });
}

} // namespace

TEST_CASE("gzip: what was deflated comes back, one member or several") {
    std::string text;
    for (int i = 0; i < 50'000; ++i) text += message(i, " ");
    CHECK(inflate_gzip(gzip(text), "f") == text);
    CHECK(inflate_gzip(gzip(""), "f").empty());
    CHECK(inflate_gzip(gzip("ab") + gzip("") + gzip("cd"), "f") == "abcd");
    CHECK(is_gzip(gzip("x")));
    CHECK_FALSE(is_gzip("x"));
    CHECK_FALSE(is_gzip(""));
}

TEST_CASE("gzip: the limit is kept to the byte, a bomb included") {
    CHECK(inflating(gzip(std::string(1000, 'a')), 1000).number() == 0);
    CHECK(inflating(gzip(std::string(1001, 'a')), 1000).says("inflates to more than the limit of 1000 bytes"));
    CHECK(inflating(gzip(std::string(10'000'000, '\0')), 100'000).number() == 3);
}

TEST_CASE("gzip: cut at every byte it is malformed") {
    const std::string whole = gzip("a text of some length, so that there is something to cut");
    for (std::size_t k = 0; k < whole.size(); ++k) {
        const auto result = inflating(whole.substr(0, k));
        CHECK_MESSAGE(result.number() == 3, k);
        CHECK_MESSAGE(result.says("truncated"), result.text);
    }
}

TEST_CASE("gzip: damage is malformed") {
    const std::string whole = gzip("a text of some length, so that there is something to damage");
    std::string bad_check = whole;
    bad_check[bad_check.size() - 6] = static_cast<char>(bad_check[bad_check.size() - 6] ^ 1);
    CHECK(inflating(bad_check).says("corrupt gzip file: incorrect data check"));
    CHECK(inflating(whole + "garbage").says("corrupt"));
    for (std::size_t bit = 0; bit < whole.size() * 8; ++bit) {
        std::string flipped = whole;
        flipped[bit / 8] = static_cast<char>(flipped[bit / 8] ^ (1 << (bit % 8)));
        const int code = inflating(flipped, 1'000'000).number();
        CHECK((code == 0 || code == 3)); // flags and time in the header are not covered by a check
    }
}

TEST_CASE("gzip: files are inflated by content, not by name") {
    const ctq::test::scratch_folder folder;
    CHECK(read_file_or_gzip(folder.put("a.bin", gzip("inside"))) == "inside");
    CHECK(read_file_or_gzip(folder.put("a.gz", "plain")) == "plain");
}
