#include <ctq/core/exact.hpp>

#include <doctest/doctest.h>

#include <cstddef>
#include <random>
#include <vector>

// This file is worth compiling with -O3 -mfma -ffp-contract=fast: there a plain a * b + c becomes one fma.

static_assert(ctq::multiply_add_unfused(0.1, 10.0, -1.0) == 0.0); // fused: 5.55e-17
static_assert(ctq::exact(0.1F * 10.0F) == 1.0F);
static_assert(ctq::exact(3.0) == 3.0);

namespace {

/// Sums that cancel almost completely, where a fused product shows: results that differ from steps kept apart by force.
template <class Float> int fused_results() {
    std::mt19937 random(5);
    std::uniform_real_distribution<Float> uniform(Float(0.5), Float(2));
    constexpr std::size_t count = 20'000;
    std::vector<Float> a(count), b(count), c(count), sum(count);
    for (std::size_t i = 0; i < count; ++i) {
        a[i] = uniform(random);
        b[i] = uniform(random);
        const volatile Float product = a[i] * b[i];
        c[i] = -product;
    }
    for (std::size_t i = 0; i < count; ++i) sum[i] = ctq::multiply_add_unfused(a[i], b[i], c[i]);
    int fused = 0;
    for (const Float value : sum) fused += value != Float(0);
    return fused;
}

} // namespace

TEST_CASE("exact: a product and the sum that takes it are rounded apart") {
    CHECK(fused_results<float>() == 0);
    CHECK(fused_results<double>() == 0);
}
