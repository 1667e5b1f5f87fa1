#include <ctq/core/dtype.hpp>

#include <doctest/doctest.h>

#include <array>
#include <type_traits>

using ctq::dtype;

static_assert(ctq::dtype_of<float> == dtype::float32 && ctq::dtype_of<std::int8_t> == dtype::int8);
static_assert(ctq::dtype_of<std::uint8_t> == dtype::uint8 && ctq::dtype_of<std::int16_t> == dtype::int16);
static_assert(ctq::dtype_of<std::int32_t> == dtype::int32);
static_assert(!ctq::is_integer(dtype::float32) && ctq::is_integer(dtype::uint8));

TEST_CASE("dtype: the C++ type, its size and its name belong together") {
    constexpr std::array all{dtype::float32, dtype::int8, dtype::uint8, dtype::int16, dtype::int32};
    constexpr std::array names{"float32", "int8", "uint8", "int16", "int32"};
    for (std::size_t i = 0; i < all.size(); ++i) {
        CHECK(ctq::name_of(all[i]) == names[i]);
        const bool agrees = ctq::with_element_type(all[i], [&](auto element) {
            using type = decltype(element);
            return ctq::dtype_of<type> == all[i] && ctq::size_of(all[i]) == sizeof(type) &&
                   ctq::is_integer(all[i]) == std::is_integral_v<type>;
        });
        CHECK(agrees);
    }
}
