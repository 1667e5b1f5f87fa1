#include <ctq/core/elementary.hpp>

#include <doctest/doctest.h>

#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>
#include <random>

namespace e = ctq::elementary;

namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();
constexpr double nan_value = std::numeric_limits<double>::quiet_NaN();
constexpr double tiny = 5e-324;

static_assert(e::floor(-0.5) == -1.0 && e::floor(2.5) == 2.0 && e::floor(-3.0) == -3.0 && e::floor(1e300) == 1e300);
static_assert(e::sign_bit(e::floor(-0.0)) && e::ceil(0.2) == 1.0 && e::ceil(-1.5) == -1.0);
static_assert(e::round_half_even(0.5) == 0.0 && e::round_half_even(1.5) == 2.0 && e::round_half_even(-2.5) == -2.0);
static_assert(e::round_half_away(0.5) == 1.0 && e::round_half_away(-2.5) == -3.0);
static_assert(e::round_half_away(0.49999999999999994) == 0.0);
static_assert(e::frexp(8.0).fraction == 0.5 && e::frexp(8.0).exponent == 4);
static_assert(e::frexp(-tiny).fraction == -0.5 && e::frexp(-tiny).exponent == -1073);
static_assert(e::ldexp(1.0, -1074) == tiny && e::ldexp(1.0, -1075) == 0.0 && e::ldexp(1.5, -1075) == tiny);
static_assert(e::ldexp(1.0, 1024) == infinity && e::ldexp(-0.5, 1024) == -8.98846567431158e307);
static_assert(e::power_of_two(-3) == 0.125);
static_assert(e::sqrt(2.0) == 1.4142135623730951 && e::sqrt(81.0) == 9.0 && e::sqrt(infinity) == infinity);
static_assert(e::is_nan(e::sqrt(-1.0)) && e::is_nan(e::exp(nan_value)) && e::is_nan(e::log(-1.0)));
static_assert(e::exp(0.0) == 1.0 && e::exp(1.0) == 2.718281828459045 && e::exp(800.0) == infinity);
static_assert(e::exp(-800.0) == 0.0 && e::exp(-745.0) == tiny);
static_assert(e::log(1.0) == 0.0 && e::log(0.0) == -infinity && e::log(2.0) == 0.6931471805599453);
static_assert(e::tanh(0.0) == 0.0 && e::tanh(-40.0) == -1.0 && e::logistic(0.0) == 0.5 && e::logistic(-800.0) == 0.0);
static_assert(e::logistic(infinity) == 1.0 && e::logistic(-infinity) == 0.0 && e::tanh(-infinity) == -1.0);
static_assert(!e::is_finite(infinity) && !e::is_finite(nan_value) && e::is_finite(-1e308) && e::is_finite(tiny));
static_assert(e::erfc(0.0F) == 1.0F && e::erfc(-9.0F) == 2.0F && e::erfc_to_float(infinity) == 0.0 &&
              e::is_nan(e::erfc_to_float(nan_value)) && e::is_nan(e::erf_to_float(nan_value)));
static_assert(e::erf(0.0F) == 0.0F && e::erf(1.0F) == 0.8427008F && e::erf(-9.0F) == -1.0F);

/// |got - want| in units of the last place of `want`.
template <class Float> double ulps(Float got, long double want) {
    if (static_cast<long double>(got) == want) return 0.0;
    int exponent = 0;
    std::frexp(static_cast<Float>(want), &exponent);
    constexpr int smallest = std::numeric_limits<Float>::min_exponent;
    const int last_place = (exponent < smallest ? smallest : exponent) - std::numeric_limits<Float>::digits;
    return static_cast<double>(std::fabs(static_cast<long double>(got) - want) / std::ldexp(1.0L, last_place));
}

template <class F, class G> double worst_error(F ours, G exact_value, double low, double high, int cases = 200'000) {
    std::mt19937_64 random(7);
    std::uniform_real_distribution<double> uniform(low, high);
    double worst = 0.0;
    for (int i = 0; i < cases; ++i) {
        const double x = uniform(random);
        worst = std::fmax(worst, ulps(ours(x), exact_value(static_cast<long double>(x))));
    }
    return worst;
}

double random_double(std::mt19937_64& random) {
    return std::bit_cast<double>(random());
}

bool same(double a, double b) {
    return (std::isnan(a) && std::isnan(b)) || std::bit_cast<std::uint64_t>(a) == std::bit_cast<std::uint64_t>(b);
}

} // namespace

TEST_CASE("elementary: the exact functions equal std:: on every kind of double") {
    std::mt19937_64 random(3);
    std::uniform_real_distribution<double> small(-1000.0, 1000.0);
    int wrong = 0;
    for (int i = 0; i < 300'000; ++i) {
        const double x =
            i % 3 == 0 ? random_double(random) : (i % 3 == 1 ? small(random) : std::round(small(random)) / 2);
        wrong += !same(e::floor(x), std::floor(x)) || !same(e::ceil(x), std::ceil(x));
        wrong += !same(e::round_half_even(x), std::nearbyint(x)) || !same(e::round_half_away(x), std::round(x));
        wrong += !same(e::absolute(x), std::fabs(x));
        wrong += !same(e::sqrt(x), std::sqrt(x));
        wrong += e::is_nan(x) != std::isnan(x) || e::is_finite(x) != std::isfinite(x);
        int exponent = 0;
        const double fraction = std::frexp(x, &exponent);
        if (std::isfinite(x)) wrong += !same(e::frexp(x).fraction, fraction) || e::frexp(x).exponent != exponent;
        const int shift = static_cast<int>(random() % 4400) - 2200;
        if (!std::isnan(x)) wrong += !same(e::ldexp(x, shift), std::ldexp(x, shift));
    }
    CHECK(wrong == 0);
}

TEST_CASE("elementary: errors stay within the documented bounds") {
    const auto exp = [](double x) { return e::exp(x); };
    const auto std_exp = [](long double x) { return std::exp(x); };
    CHECK(worst_error(exp, std_exp, -1.0, 1.0) < 1.0);
    CHECK(worst_error(exp, std_exp, -745.0, 709.7) < 1.0);
    const auto log = [](double x) { return e::log(x); };
    const auto std_log = [](long double x) { return std::log(x); };
    CHECK(worst_error(log, std_log, 0.5, 2.0) < 1.0);
    CHECK(worst_error(log, std_log, 0.99, 1.01) < 1.0);
    CHECK(worst_error(log, std_log, 1e-300, 1e-290) < 1.0);
    CHECK(worst_error(log, std_log, 0.0, 1e9) < 1.0);
    const auto tanh = [](double x) { return e::tanh(x); };
    const auto std_tanh = [](long double x) { return std::tanh(x); };
    CHECK(worst_error(tanh, std_tanh, -1.1, 1.1) < 1.5);
    CHECK(worst_error(tanh, std_tanh, -1e-3, 1e-3) < 1.5);
    CHECK(worst_error(tanh, std_tanh, 0.9, 25.0) < 1.5);
    const auto logistic = [](double x) { return e::logistic(x); };
    const auto std_logistic = [](long double x) { return 1.0L / (1.0L + std::exp(-x)); };
    CHECK(worst_error(logistic, std_logistic, -10.0, 10.0) < 2.0);
    CHECK(worst_error(logistic, std_logistic, -700.0, 50.0) < 2.0);
}

TEST_CASE("elementary: the float forms round the double ones") {
    const auto erf = [](double x) { return e::erf(static_cast<float>(x)); };
    const auto std_erf = [](long double x) { return std::erf(static_cast<long double>(static_cast<float>(x))); };
    CHECK(worst_error(erf, std_erf, -5.0, 5.0) < 0.51);
    CHECK(worst_error(erf, std_erf, -1e-3, 1e-3) < 0.51);
    CHECK(worst_error(erf, std_erf, 1.9, 2.1) < 0.51);
    const auto erfc = [](double x) { return e::erfc(static_cast<float>(x)); };
    const auto std_erfc = [](long double x) { return std::erfc(static_cast<long double>(static_cast<float>(x))); };
    CHECK(worst_error(erfc, std_erfc, -5.0, 5.0) < 0.51);
    CHECK(worst_error(erfc, std_erfc, 1.9, 2.1) < 0.51);
    CHECK(worst_error(erfc, std_erfc, 2.0, 9.0) < 0.51);
    const auto exp = [](double x) { return e::exp(static_cast<float>(x)); };
    const auto std_exp = [](long double x) { return std::exp(static_cast<long double>(static_cast<float>(x))); };
    CHECK(worst_error(exp, std_exp, -80.0, 80.0) < 0.51);
    CHECK(e::sqrt(2.0F) == std::sqrt(2.0F));
    CHECK(e::absolute(-2.0F) == 2.0F);
    CHECK(e::round_half_even(2.5F) == 2.0F);
}

TEST_CASE("elementary: the error function and its complement are as accurate as stated") {
    double worst_erf = 0.0, worst_erfc = 0.0;
    for (double x = -10.0; x < 26.0; x += 0.0007) {
        const auto error = [](double got, long double want) { return std::abs(static_cast<double>(got / want - 1)); };
        const long double exact = x;
        if (x != 0.0) worst_erf = std::fmax(worst_erf, error(e::erf_to_float(x), std::erf(exact)));
        worst_erfc = std::fmax(worst_erfc, error(e::erfc_to_float(x), std::erfc(exact)));
    }
    CHECK(worst_erf < 0x1p-49);
    CHECK(worst_erfc < 0x1p-42);
}

TEST_CASE("elementary: monotonic where a table depends on it") {
    double before_exp = 0.0;
    double before_tanh = -1.0;
    double before_logistic = 0.0;
    int falls = 0;
    for (int i = -8192; i <= 8192; ++i) {
        const double x = i / 1024.0;
        falls += e::exp(x) < before_exp || e::tanh(x) < before_tanh || e::logistic(x) < before_logistic;
        before_exp = e::exp(x);
        before_tanh = e::tanh(x);
        before_logistic = e::logistic(x);
    }
    CHECK(falls == 0);
}

TEST_CASE("elementary: constant evaluation and the running program give the same bits") {
    static constexpr auto table = [] {
        struct {
            double exp[64], log[64], tanh[64], sqrt[64];
            float erf[64];
        } t{};
        for (int i = 0; i < 64; ++i) {
            const double x = ctq::multiply_add_unfused(0.37, i, -5.0);
            t.exp[i] = e::exp(x);
            t.log[i] = e::log(x + 5.1);
            t.tanh[i] = e::tanh(x);
            t.sqrt[i] = e::sqrt(x + 5.0);
            t.erf[i] = e::erf(static_cast<float>(x));
        }
        return t;
    }();
    for (int i = 0; i < 64; ++i) {
        volatile int step = i;
        const double x = ctq::multiply_add_unfused(0.37, step, -5.0);
        CHECK(same(table.exp[i], e::exp(x)));
        CHECK(same(table.log[i], e::log(x + 5.1)));
        CHECK(same(table.tanh[i], e::tanh(x)));
        CHECK(same(table.sqrt[i], e::sqrt(x + 5.0)));
        CHECK(table.erf[i] == e::erf(static_cast<float>(x)));
    }
}
