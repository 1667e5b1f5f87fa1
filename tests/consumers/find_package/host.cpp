// A part of the host room and each package that is linked to it; the whole tool would take minutes to compile.
#include <ctq/host/failure.hpp>

#include <CLI/Version.hpp>
#include <boost/hana/tuple.hpp>
#include <fmt/format.h>
#include <nlohmann/json_fwd.hpp>
#include <protozero/version.hpp>
#include <xxhash.h>
#include <zip.h>
#include <zlib.h>

#include <iostream>

int main() {
    fmt::print("{} {} {} {}\n", zlibVersion(), zip_libzip_version(), PROTOZERO_VERSION_STRING, XXH_VERSION_NUMBER);
    ctq::host::failure(ctq::host::exit_code::usage, "FILE: what is wrong; what to do").print(std::cout);
}
