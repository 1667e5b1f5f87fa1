#include <ctq/host/progress.hpp>

#include <doctest/doctest.h>

using namespace ctq::host;

TEST_CASE("the bar as text") {
    CHECK(progress_line("calibrate", 0, 10, 0) == "calibrate [..............................] 0 %, 0 of 10");
    CHECK(progress_line("calibrate", 5, 10, 3) == "calibrate [###############...............] 50 %, 5 of 10, 3 s left");
    CHECK(progress_line("x", 10, 10, 6) == "x [##############################] 100 %, 10 of 10");
    CHECK(progress_line("x", 20, 10, 6) == "x [##############################] 100 %, 10 of 10");
    CHECK(progress_line("x", 0, 0, 6).find("0 of 1") != std::string::npos);
}

TEST_CASE("calls before a second has passed write nothing") {
    progress bar("quick", 3);
    for (std::size_t done = 0; done <= 3; ++done) bar(done);
}
