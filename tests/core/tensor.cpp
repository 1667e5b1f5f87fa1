#include <ctq/core/tensor.hpp>

#include <doctest/doctest.h>

#include <array>

namespace {

constexpr ctq::tensor_facts facts{ctq::dtype::int16, {2, 3}, {0.5f, 7}};
static_assert(facts.elements() == 6 && facts.bytes() == 12);
static_assert(ctq::tensor_facts{}.elements() == 1 && ctq::tensor_facts{}.bytes() == 4);

constexpr std::array<std::int8_t, 3> elements{1, 2, 3};
constexpr ctq::const_tensor view{{ctq::dtype::int8, {3}, {1.0f, -4}}, elements.data()};
static_assert(view.as<std::int8_t>()[2] == 3 && view.as<float>() == nullptr && view.zero_point() == -4);
static_assert(view.size() == 3 && view.shape() == ctq::shape{3});

template <class T> constexpr bool only_sees_its_own_type() {
    T element{};
    const ctq::data writable(&element);
    const ctq::const_data readable = writable;
    const int pointers = (readable.as<float>() != nullptr) + (readable.as<std::int8_t>() != nullptr) +
                         (readable.as<std::uint8_t>() != nullptr) + (readable.as<std::int16_t>() != nullptr) +
                         (readable.as<std::int32_t>() != nullptr);
    return pointers == 1 && readable.as<T>() == &element && writable.as<T>() == &element;
}
static_assert(only_sees_its_own_type<float>() && only_sees_its_own_type<std::int8_t>());
static_assert(only_sees_its_own_type<std::uint8_t>() && only_sees_its_own_type<std::int16_t>());
static_assert(only_sees_its_own_type<std::int32_t>());

} // namespace

TEST_CASE("tensor: what is written through a tensor is read through its const view") {
    std::array<float, 4> memory{};
    const ctq::tensor out{{ctq::dtype::float32, {2, 2}, {}}, memory.data()};
    out.as<float>()[3] = 2.5f;
    const ctq::const_tensor in = out;
    CHECK(in.as<float>()[3] == 2.5f);
    CHECK(in.facts == out.facts);
    CHECK(in.as<std::int32_t>() == nullptr);
}
