#include <ctq/host/engine/parallel.hpp>

#include <doctest/doctest.h>

#include <stdexcept>
#include <string>
#include <vector>

using namespace ctq::host;

TEST_CASE("every sample once, for any number of threads") {
    for (const std::size_t threads : {0U, 1U, 2U, 3U, 8U})
        for (const std::size_t count : {0U, 1U, 2U, 100U}) {
            std::vector<int> seen(count, 0);
            std::size_t workers = 0, reported = 0;
            for_each_sample(
                count, threads,
                [&](std::size_t) {
                    ++workers;
                    return [&seen](std::size_t sample) { ++seen[sample]; };
                },
                [&](std::size_t done) { reported = done; });
            CHECK(seen == std::vector<int>(count, 1));
            CHECK(workers == thread_count(threads, count));
            CHECK(reported <= count);
            if (threads == 1) CHECK(reported == count);
        }
}

TEST_CASE("the fault of the least sample is thrown, whatever the threads do") {
    for (int round = 0; round < 50; ++round) {
        std::string text;
        try {
            for_each_sample(200, 3, [](std::size_t) {
                return [](std::size_t sample) {
                    if (sample % 40 == 17) throw std::runtime_error(std::to_string(sample));
                };
            });
        } catch (const std::runtime_error& error) {
            text = error.what();
        }
        CHECK(text == "17");
    }
}

TEST_CASE("a worker that cannot be made is reported before any sample") {
    bool ran = false;
    CHECK_THROWS_AS(for_each_sample(10, 2,
                                    [&](std::size_t thread) {
                                        if (thread == 1) throw std::runtime_error("no memory");
                                        return [&ran](std::size_t) { ran = true; };
                                    }),
                    std::runtime_error);
    CHECK_FALSE(ran);
}
