#include <ctq/operators/modulo.hpp>

#include <doctest/doctest.h>
#include <operators/single_node.hpp>
#include <processor_time.hpp>

#include <cmath>
#include <cstdint>
#include <limits>
#include <vector>

using namespace ctq::testing;
using ctq::shape;
using ctq::op::modulo;

namespace {

static_assert([] {
    return float_result(modulo{true}, {{{2, 2}, {7.5f, -7.5f, 3, -1}}, {{2}, {2, 2}}}) ==
           std::vector<float>{1.5f, -1.5f, 1, -1};
}());

template <class T> std::vector<T> remainders(const modulo& op, std::vector<T> a, std::vector<T> b) {
    return result_of(op, {list_of(std::move(a)), list_of(std::move(b))}).template as<T>();
}

template <class T> void check_remainders() {
    constexpr T least = std::numeric_limits<T>::min(), most = std::numeric_limits<T>::max();
    const std::vector<T> a{7, -7, 7, -7, 6, -6, 0, 5, least, least, most, least},
        b{3, 3, -3, -3, 3, -3, -4, 0, -1, most, least, 10};
    CHECK(remainders<T>({true}, a, b) == std::vector<T>{1, -1, 1, -1, 0, 0, 0, 0, 0, -1, most, -8});
    CHECK(remainders<T>({false}, a, b) == std::vector<T>{1, 2, -2, -1, 0, 0, 0, 0, 0, static_cast<T>(most - 1), -1, 2});
}

} // namespace

TEST_CASE("modulo: shape rule") {
    CHECK(shape_from(modulo{}, {{{2, 1, 3}}, {{4, 1}}}) == shape{2, 4, 3});
    CHECK_THROWS_WITH_AS(shape_from(modulo{}, {{{2}}}), "modulo takes two inputs", ctq::model_error);
}

TEST_CASE("modulo: of integers with the sign of either, 0 by 0") {
    check_remainders<std::int32_t>();
    check_remainders<std::int64_t>();
}

TEST_CASE("modulo: of reals what std::fmod makes, and Python's % of it") {
    constexpr float infinity = std::numeric_limits<float>::infinity();
    std::vector<float> numbers{0.0f, -0.0f, 1.0f,  -3.0f, 1e-45f,   1e-38f,    3e38f,
                               0.1f, -0.3f, 1e10f, 7e-3f, infinity, -infinity, std::nanf("")};
    dice random(5);
    for (const float each : random.reals(30, -1000.0f, 1000.0f)) numbers.push_back(each);
    for (const float a : numbers)
        for (const float b : numbers) {
            CAPTURE(a);
            CAPTURE(b);
            const float expected = std::fmod(a, b), found = remainders<float>({true}, {a}, {b})[0];
            CHECK((std::isnan(expected) ? std::isnan(found)
                                        : found == expected && std::signbit(found) == std::signbit(expected)));
            const float floored = remainders<float>({false}, {a}, {b})[0];
            if (!std::isnan(expected))
                CHECK(floored == (expected != 0 && std::signbit(a) != std::signbit(b) ? expected + b : expected));
        }
}

TEST_CASE("modulo: a quotient of hundreds of bits takes about as long as one of few") {
    const auto seconds_of = [](float a, float b) {
        const std::vector<float> whole(1 << 18, a), divisor(1 << 18, b);
        std::vector<float> found;
        const double taken = ctq::test::processor_seconds([&] { found = remainders<float>({true}, whole, divisor); });
        CHECK(found == std::vector<float>(1 << 18, std::fmod(a, b)));
        return taken;
    };
    const double near = seconds_of(7.5f, 2.0f), far = seconds_of(std::numeric_limits<float>::max(), 3e-45f);
    CHECK(far < 6 * near); // bit by bit: 17 times and more
}
