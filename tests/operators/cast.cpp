#include <ctq/operators/cast.hpp>

#include <doctest/doctest.h>
#include <operators/single_node.hpp>

#include <cmath>
#include <cstdint>
#include <limits>
#include <type_traits>
#include <vector>

using namespace ctq::testing;
using ctq::boolean;
using ctq::dtype;
using ctq::op::cast;

namespace {

static_assert([] {
    return result_of(cast{dtype::int8}, {list_of<float>({-1.9f, 1.9f, 300.0f})}).as<std::int8_t>() ==
           std::vector<std::int8_t>{-1, 1, 127};
}());

constexpr dtype all_types[] = {dtype::float32, dtype::int8, dtype::uint8,  dtype::int16, dtype::int32,
                               dtype::boolean, dtype::int4, dtype::uint16, dtype::int64};

/// Integers of a type, from wide ones that it holds.
ctq::constant integers_as(dtype type, const std::vector<std::int64_t>& integers) {
    ctq::constant made = ctq::constant::zeros(type, integers.size());
    made.visit([&](auto& elements) {
        using entry = typename std::remove_cvref_t<decltype(elements)>::value_type;
        for (std::size_t i = 0; i < integers.size(); ++i)
            if constexpr (std::is_same_v<entry, ctq::int4_pair>)
                elements[i / 2].set(i, static_cast<std::int32_t>(integers[i]));
            else
                elements[i] = static_cast<entry>(integers[i]);
    });
    return made;
}

/// Where reals lie that are no element of a type: by std::trunc and comparisons in long double.
template <class T> T nearest_towards_zero(float value) {
    if (std::isnan(value)) return 0;
    const long double whole = std::trunc(static_cast<long double>(value));
    if (whole < static_cast<long double>(std::numeric_limits<T>::min())) return std::numeric_limits<T>::min();
    if (whole > static_cast<long double>(std::numeric_limits<T>::max())) return std::numeric_limits<T>::max();
    return static_cast<T>(whole);
}

template <class T> void check_reals_to() {
    constexpr float infinity = std::numeric_limits<float>::infinity();
    const std::vector<float> reals{0.0f,          -0.0f,         0.99f,          -0.99f,         1.5f,
                                   -128.99f,      127.99f,       256.0f,         1e4f,           -4e4f,
                                   6.5e4f,        2147483520.f,  2147483648.0f,  -2147483648.0f, -2147483904.0f,
                                   9.2233714e18f, 9.2233720e18f, -9.2233720e18f, 3e38f,          -3e38f,
                                   infinity,      -infinity,     std::nanf("")};
    const auto made = result_of(cast{ctq::dtype_of<T>}, {list_of(reals)}).template as<T>();
    for (std::size_t i = 0; i < reals.size(); ++i) {
        CAPTURE(reals[i]);
        CHECK(made[i] == nearest_towards_zero<T>(reals[i]));
    }
}

} // namespace

TEST_CASE("cast: small integers go from every type to every type, and come back") {
    for (const dtype from : all_types)
        for (const dtype to : all_types) {
            const bool is_signed = from != dtype::boolean && to != dtype::boolean && from != dtype::uint8 &&
                                   to != dtype::uint8 && from != dtype::uint16 && to != dtype::uint16;
            const bool is_flag = from == dtype::boolean || to == dtype::boolean;
            const std::vector<std::int64_t> integers = is_flag     ? std::vector<std::int64_t>{0, 1, 1}
                                                       : is_signed ? std::vector<std::int64_t>{-8, 7, 0}
                                                                   : std::vector<std::int64_t>{5, 7, 0};
            CAPTURE(std::string(name_of(from)));
            CAPTURE(std::string(name_of(to)));
            const ctq::constant there = result_of(cast{to}, {{{3}, integers_as(from, integers)}});
            CHECK(there == integers_as(to, integers));
            CHECK(result_of(cast{from}, {{{3}, there}}) == integers_as(from, integers));
        }
}

TEST_CASE("cast: of a real the integer towards zero, the nearest that there is beyond the type, 0 of NaN") {
    check_reals_to<std::int8_t>();
    check_reals_to<std::uint8_t>();
    check_reals_to<std::int16_t>();
    check_reals_to<std::uint16_t>();
    check_reals_to<std::int32_t>();
    check_reals_to<std::int64_t>();
    CHECK(result_of(cast{dtype::int4}, {list_of<float>({-9, 8, -7.9f, 6.1f})}) ==
          integers_as(dtype::int4, {-8, 7, -7, 6}));
}

TEST_CASE(
    "cast: of an integer that is too wide the low bits, as a boolean whether it is not 0, as a real the nearest") {
    constexpr std::int64_t least = std::numeric_limits<std::int64_t>::min(), most = -(least + 1);
    const std::vector<std::int64_t> wide{least, most, -1, 256, 4294967297, -4294967168, 0};
    CHECK(result_of(cast{dtype::int8}, {list_of(wide)}).as<std::int8_t>() ==
          std::vector<std::int8_t>{0, -1, -1, 0, 1, -128, 0});
    CHECK(result_of(cast{dtype::int32}, {list_of(wide)}).as<std::int32_t>() ==
          std::vector<std::int32_t>{0, -1, -1, 256, 1, 128, 0});
    CHECK(result_of(cast{dtype::uint16}, {list_of(wide)}).as<std::uint16_t>() ==
          std::vector<std::uint16_t>{0, 65535, 65535, 256, 1, 128, 0});
    CHECK(result_of(cast{dtype::boolean}, {list_of(wide)}).as<boolean>() ==
          std::vector<boolean>{yes, yes, yes, yes, yes, yes, no});
    CHECK(
        result_of(cast{dtype::boolean}, {list_of<float>({0.0f, -0.0f, 1e-45f, -0.5f, std::nanf("")})}).as<boolean>() ==
        std::vector<boolean>{no, no, yes, yes, yes});
    CHECK(result_of(cast{dtype::float32}, {list_of<std::int64_t>({least, most, 16777217, 16777219, 9007199791611905})})
              .as<float>() == std::vector<float>{-0x1p63f, 0x1p63f, 16777216.0f, 16777220.0f, 9007200328482816.0f});
}

TEST_CASE("cast: a scalar, nothing, and too many inputs") {
    CHECK(result_of(cast{dtype::int32}, {scalar_of(2.5f)}).as<std::int32_t>() == std::vector<std::int32_t>{2});
    CHECK(result_of(cast{dtype::int32}, {{{2, 0}, ctq::constant(std::vector<float>())}}).entries() == 0);
    CHECK_THROWS_WITH_AS(shape_from(cast{}, {{{2}}, {{2}}}), "cast takes one input", ctq::model_error);
}
