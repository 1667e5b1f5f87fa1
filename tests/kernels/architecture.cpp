#include <ctq/kernels/architecture.hpp>

#include <doctest/doctest.h>

#include <type_traits>

using namespace ctq::kernels;

TEST_CASE("every architecture's chain ends in scalar") {
    static_assert(std::is_same_v<avx2::parent, scalar>);
    static_assert(std::is_same_v<avx512vnni::parent, avx2>);
}

TEST_CASE("the native architecture follows the compiler's flags") {
#if defined(__AVX512VNNI__) && defined(__AVX512BW__) && defined(__AVX512VL__) && defined(__AVX512DQ__)
    static_assert(std::is_same_v<native, avx512vnni>);
#elif defined(__AVX2__)
    static_assert(std::is_same_v<native, avx2>);
#else
    static_assert(std::is_same_v<native, scalar>);
#endif
}

TEST_CASE("alignment is a power of two that holds a float") {
    for (const std::size_t bytes : {scalar::alignment, avx2::alignment, avx512vnni::alignment}) {
        CHECK((bytes & (bytes - 1)) == 0);
        CHECK(bytes >= alignof(float));
    }
}
