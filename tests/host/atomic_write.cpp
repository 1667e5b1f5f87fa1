#include "scratch.hpp"

#include <ctq/host/atomic_write.hpp>

#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <filesystem>
#include <string>
#include <vector>

using namespace ctq::host;
using ctq::test::content_of;
using ctq::test::outcome_of;
using ctq::test::scratch_folder;

namespace {

/// What was brought to the disk, in order, and whether that is to fail: this program's own fsync tells.
struct {
    std::string order;
    int error = 0;
} synchronized;

/// The name that nothing may be renamed to.
std::string protected_name;

} // namespace

extern "C" int rename(const char* from, const char* to) noexcept {
    if (to == protected_name) {
        errno = EPERM;
        return -1;
    }
    return ::renameat(AT_FDCWD, from, AT_FDCWD, to);
}

extern "C" int fsync(int file) {
    struct stat status {};
    if (::fstat(file, &status) != 0) return -1;
    synchronized.order += S_ISDIR(status.st_mode) ? "folder " : status.st_size == 0 ? "empty " : "file ";
    errno = synchronized.error;
    return synchronized.error == 0 ? 0 : -1;
}

namespace {

mode_t mode_of(const std::string& path) {
    struct stat status {};
    REQUIRE(::stat(path.c_str(), &status) == 0);
    return status.st_mode & 07777U;
}

std::size_t files_in(const scratch_folder& folder) {
    const auto entries = std::filesystem::directory_iterator(folder.path());
    return static_cast<std::size_t>(std::distance(begin(entries), end(entries)));
}

} // namespace

TEST_CASE("atomic_write: replaces the file and leaves nothing else") {
    const scratch_folder folder;
    const std::string path = folder / "out.hpp";
    atomic_write(path, "one");
    CHECK(content_of(path) == "one");
    atomic_write(path, "two");
    CHECK(content_of(path) == "two");
    CHECK(files_in(folder) == 1);
    const std::string longest = folder / std::string(255, 'n');
    atomic_write(longest, "x");
    CHECK(content_of(longest) == "x");
}

TEST_CASE("atomic_write: keeps a symbolic link and writes to devices") {
    const scratch_folder folder;
    const std::string target = folder.put("target", "old");
    std::filesystem::create_symlink("target", folder / "link");
    atomic_write(folder / "link", "new");
    CHECK(content_of(target) == "new");
    CHECK(std::filesystem::is_symlink(folder / "link"));
    CHECK_NOTHROW(atomic_write("/dev/null", "gone"));
    CHECK(std::filesystem::is_character_file("/dev/null"));
}

TEST_CASE("atomic_write: makes the target of a link that points to nothing yet; a ring of links is a fault") {
    const scratch_folder folder;
    std::filesystem::create_directory(folder / "deep");
    std::filesystem::create_symlink("deep/second", folder / "first");
    std::filesystem::create_symlink("target", folder / "deep/second");
    atomic_write(folder / "first", "new");
    CHECK(content_of(folder / "deep/target") == "new");
    CHECK(std::filesystem::is_symlink(folder / "first"));
    CHECK(std::filesystem::is_symlink(folder / "deep/second"));
    std::filesystem::create_symlink("ring", folder / "ring");
    const auto ring = outcome_of([&] { atomic_write(folder / "ring", "x"); });
    CHECK(ring.number() == 5);
    CHECK(ring.says("Too many levels of symbolic links"));
    CHECK(std::filesystem::is_symlink(folder / "ring"));
    std::filesystem::create_symlink("no/folder", folder / "lost");
    CHECK(outcome_of([&] { atomic_write(folder / "lost", "x"); }).says("no/folder: cannot be written: No such file"));
}

TEST_CASE("atomic_write: keeps the permissions of the file that it replaces; a new one has the umask's") {
    const scratch_folder folder;
    const mode_t before = ::umask(027);
    const std::string path = folder / "out";
    atomic_write(path, "new");
    CHECK(mode_of(path) == 0640);
    for (const mode_t mode : {0600U, 0666U, 0755U, 0440U}) {
        REQUIRE(::chmod(path.c_str(), mode) == 0);
        atomic_write(path, "again");
        CHECK(mode_of(path) == mode);
    }
    ::umask(before);
}

TEST_CASE("atomic_write: brings the bytes to the disk before the name, then the name") {
    const scratch_folder folder;
    const std::string path = folder.put("out", "old");
    synchronized = {};
    atomic_write(path, "new");
    CHECK(synchronized.order == "file folder ");
    synchronized = {{}, EIO};
    const auto lost = outcome_of([&] { atomic_write(path, "newer"); });
    CHECK(lost.number() == 5);
    CHECK(lost.says("cannot be written: Input/output error"));
    CHECK(content_of(path) == "new");
    CHECK(files_in(folder) == 1);
    synchronized = {{}, EINVAL}; // a file system that has no such thing
    atomic_write(path, "newest");
    CHECK(content_of(path) == "newest");
    synchronized = {};
}

TEST_CASE("atomic_write: a failure says so and leaves no file") {
    const scratch_folder folder;
    const auto writing = [](const std::string& path) { return outcome_of([&] { atomic_write(path, "x"); }); };
    CHECK(writing(folder / "no/such/folder/f").number() == 5);
    CHECK(writing(folder / "no/such/folder/f").says("cannot be written: No such file"));
    CHECK(writing(folder.path().string()).says("it is a directory"));
    CHECK(writing("").number() == 5);
    CHECK(writing("/proc/ctq-test").number() == 5);
    CHECK(files_in(folder) == 0);
    if (std::filesystem::exists("/dev/full")) CHECK(writing("/dev/full").number() == 5);
}

TEST_CASE("atomic_files: all appear in the end, none before") {
    const scratch_folder folder;
    folder.put("b", "old");
    {
        atomic_files files;
        for (const char* name : {"a", "b", "c"}) {
            files.begin(folder / name);
            files.write("new ");
            files.write(name);
        }
        CHECK(content_of(folder / "b") == "old");
        CHECK_FALSE(std::filesystem::exists(folder / "a"));
        files.commit();
    }
    for (const std::string name : {"a", "b", "c"}) CHECK(content_of(folder / name) == "new " + name);
    CHECK(files_in(folder) == 3);
    CHECK_NOTHROW(atomic_files().commit());
}

TEST_CASE("atomic_files: one that cannot be made or cannot be put in its place leaves all as they were") {
    const scratch_folder folder;
    const auto writing = [&](const std::vector<std::string>& names) {
        return outcome_of([&] {
            atomic_files files;
            for (const std::string& name : names) {
                files.begin(folder / name);
                files.write("new");
            }
            files.commit();
        });
    };
    folder.put("old", "old");
    std::filesystem::create_directory(folder / "taken");
    CHECK(writing({"new", "old", "taken"}).says("taken: cannot be written: it is a directory"));
    std::filesystem::remove(folder / "taken");
    const auto unchanged = [&] { return files_in(folder) == 1 && content_of(folder / "old") == "old"; };
    CHECK(unchanged());
    if (std::filesystem::exists("/dev/full")) {
        std::filesystem::create_symlink("/dev/full", folder / "full");
        CHECK(writing({"new", "old", "full"}).says("full: cannot be written: No space left"));
        std::filesystem::remove(folder / "full");
        CHECK(unchanged());
    }
    protected_name = folder / "last";
    const auto refused = writing({"new", "old", "last", "later"});
    protected_name.clear();
    CHECK(refused.number() == 5);
    CHECK(refused.says("last: cannot be written: Operation not permitted"));
    CHECK(unchanged());
}

TEST_CASE("atomic_write: a signal removes all unfinished files and ends the process with 128 + its number") {
    const scratch_folder folder;
    const pid_t child = ::fork();
    REQUIRE(child >= 0);
    if (child == 0) {
        remove_temporaries_on_signals();
        atomic_files unfinished;
        for (int i = 0; i < 40; ++i) {
            unfinished.begin(folder / ("out" + std::to_string(i)));
            unfinished.write("half");
        }
        ::raise(SIGINT);
        ::_exit(0);
    }
    int status = 0;
    REQUIRE(::waitpid(child, &status, 0) == child);
    CHECK(WIFEXITED(status));
    CHECK(WEXITSTATUS(status) == 130);
    CHECK(files_in(folder) == 0);
}
