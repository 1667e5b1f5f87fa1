#pragma once
// The door for firmware: all that an emitted model needs. No third-party header, no heap, no exceptions, no RTTI; no
// float in a model that is integers throughout.

#include <ctq/core/version.hpp>
#include <ctq/execute/executor.hpp>
#include <ctq/operators/all.hpp>
