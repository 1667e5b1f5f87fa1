#include <ctq/operators/copying.hpp>

#include <doctest/doctest.h>

#include <array>

namespace {

template <class T> constexpr bool copies() {
    const std::array<T, 3> from{T(1), T(2), T(3)};
    std::array<T, 3> to{};
    const ctq::tensor_facts facts{ctq::dtype_of<T>, {3}, {}};
    ctq::op::copy_elements({facts, from.data()}, {facts, to.data()});
    return from == to;
}
static_assert(copies<float>() && copies<std::int8_t>() && copies<std::uint8_t>() && copies<std::int16_t>());
static_assert(copies<std::int32_t>());

} // namespace

TEST_CASE("copying: onto itself, and of nothing") {
    std::array<float, 2> elements{1, 2};
    const ctq::tensor_facts facts{ctq::dtype::float32, {2}, {}};
    ctq::op::copy_elements({facts, elements.data()}, {facts, elements.data()});
    CHECK(elements == std::array<float, 2>{1, 2});
    const ctq::tensor_facts nothing{ctq::dtype::float32, {0}, {}};
    ctq::op::copy_elements({nothing, {}}, {nothing, elements.data()});
    CHECK(elements == std::array<float, 2>{1, 2});
}
