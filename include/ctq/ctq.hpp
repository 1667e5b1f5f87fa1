#pragma once
// The door for everything but the host: a model written in C++, rewritten and quantized by the compiler. Needs
// Boost.Hana on the include path; what an emitted model needs is ctq/firmware.hpp.

#include <ctq/calibrate/mxnet_histogram.hpp>
#include <ctq/calibrate/mxnet_search.hpp>
#include <ctq/calibrate/table.hpp>
#include <ctq/execute/program_plan.hpp>
#include <ctq/firmware.hpp>
#include <ctq/quantized.hpp>
