// The test runner's main, compiled once for all test programs.
#define DOCTEST_CONFIG_IMPLEMENT
#include <doctest/doctest.h>
#include <skip.hpp>

int main(int count, char** arguments) {
    const int result = doctest::Context(count, arguments).run();
    return result == 0 && ctq::test::some_skipped ? ctq::test::skipped_exit_code : result;
}
