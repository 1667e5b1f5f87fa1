// Linked first into a program of kernels' tests for one instruction set, and compiled without its instructions: before
// any other code of the program it asks the processor, and where that lacks the set the program ends as skipped.
#include <instruction_sets.hpp>
#include <skip.hpp>

#include <cstdlib>

namespace {

/// The highest priority that a program may take: the constructors that register the tests come later.
[[gnu::constructor(101)]] void end_if_not_supported() {
    if (ctq::test::processor_runs(CTQ_TEST_INSTRUCTION_SET)) return;
    ctq::test::skip("kernels for " CTQ_TEST_INSTRUCTION_SET, "this processor cannot run them");
    std::_Exit(ctq::test::skipped_exit_code);
}

} // namespace
