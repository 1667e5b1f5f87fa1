#include <ctq/host/file_descriptor.hpp>

#include <doctest/doctest.h>
#include <fcntl.h>

#include <cerrno>
#include <utility>

using ctq::host::file_descriptor;

namespace {

bool is_open(int number) {
    return ::fcntl(number, F_GETFD) != -1;
}

file_descriptor null_device() {
    return file_descriptor{::open("/dev/null", O_RDONLY | O_CLOEXEC)};
}

} // namespace

TEST_CASE("file_descriptor: one owner, who closes it") {
    int number = -1;
    {
        file_descriptor first = null_device();
        REQUIRE(first);
        number = first.number();
        const file_descriptor second = std::move(first);
        CHECK(second.number() == number);
        CHECK(is_open(number));
    }
    CHECK_FALSE(is_open(number));
}

TEST_CASE("file_descriptor: an assignment closes what was open before, when its source ends") {
    file_descriptor kept = null_device();
    const int before = kept.number();
    {
        file_descriptor next = null_device();
        kept = std::move(next);
    }
    CHECK_FALSE(is_open(before));
    CHECK(is_open(kept.number()));
}

TEST_CASE("file_descriptor: closing says whether it succeeded, and there is nothing to close twice") {
    file_descriptor file = null_device();
    CHECK(file.close());
    CHECK_FALSE(file);
    CHECK_FALSE(file.close());
    CHECK_FALSE(file_descriptor());
}

TEST_CASE("file_descriptor: the system's word for an error") {
    CHECK(ctq::host::detail::system_text(ENOENT) == "No such file or directory");
}
