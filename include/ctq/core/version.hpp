#pragma once
// The library's version, written in this place only: CMake reads it from here, an emitted header compares with it.
// room: core | runs on: all | heap: no

#include <ctq/core/target.hpp>

#define CTQ_VERSION_MAJOR 0
#define CTQ_VERSION_MINOR 1
#define CTQ_VERSION_PATCH 0

namespace ctq::inline CTQ_TARGET {

/// The parts of the version; semantic versioning: a change of `major` (of `minor` while major is 0) may break users.
inline constexpr int version_major = CTQ_VERSION_MAJOR;
inline constexpr int version_minor = CTQ_VERSION_MINOR;
inline constexpr int version_patch = CTQ_VERSION_PATCH;

/// The same as text.
inline constexpr char version[] = "0.1.0";

} // namespace ctq::inline CTQ_TARGET
