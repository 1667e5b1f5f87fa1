#include <ctq/host/onnx/limits.hpp>

#include <doctest/doctest.h>

TEST_CASE("limits: the defaults are those that the documentation promises") {
    constexpr ctq::host::onnx::limits allowed;
    static_assert(allowed.max_file_bytes == 2147483648);
    static_assert(allowed.max_nodes == 100'000);
    static_assert(allowed.max_elements == 1U << 28U);
    static_assert(allowed.max_folded_bytes == 1 << 30);
    static_assert(allowed.max_functions == 10'000);
    static_assert(allowed.max_inlined_bytes == 1U << 30U);
    static_assert(allowed.max_rank == 64);
    static_assert(allowed.first_opset == 6 && allowed.last_opset == 23);
    CHECK(allowed.max_depth > 30); // thirty nested Ifs are unsupported, not malformed
    CHECK(allowed.max_depth < 200);
}
