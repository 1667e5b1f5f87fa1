#include <ctq/core/version.hpp>

#include <doctest/doctest.h>

#include <string>

TEST_CASE("version: the text is made of the parts") {
    const std::string parts = std::to_string(ctq::version_major) + "." + std::to_string(ctq::version_minor) + "." +
                              std::to_string(ctq::version_patch);
    CHECK(ctq::version == parts);
}
