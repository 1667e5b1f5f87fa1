#include <ctq/core/tensor.hpp>

#include <doctest/doctest.h>

#include <array>
#include <utility>

namespace {

constexpr ctq::tensor_facts facts{ctq::dtype::int16, {2, 3}, {0.5f, 7}};
static_assert(facts.elements() == 6 && facts.bytes() == 12);
static_assert(ctq::tensor_facts{}.elements() == 1 && ctq::tensor_facts{}.bytes() == 4);

constexpr std::array<std::int8_t, 3> elements{1, 2, 3};
constexpr ctq::const_tensor view{{ctq::dtype::int8, {3}, {1.0f, -4}}, elements.data()};
static_assert(view.as<std::int8_t>()[2] == 3 && view.zero_point() == -4);
static_assert(view.size() == 3 && view.shape() == ctq::shape{3});

template <class T> constexpr bool reads_what_it_holds() {
    T element{};
    const ctq::data writable(&element);
    return ctq::read_only(writable, ctq::dtype_of<T>).template as<T>() == &element && writable.as<T>() == &element;
}
static_assert(reads_what_it_holds<float>() && reads_what_it_holds<std::int8_t>());
static_assert(reads_what_it_holds<std::uint8_t>() && reads_what_it_holds<std::int16_t>());
static_assert(reads_what_it_holds<std::int32_t>() && reads_what_it_holds<ctq::boolean>());
static_assert(reads_what_it_holds<ctq::int4_pair>() && reads_what_it_holds<std::uint16_t>());
static_assert(reads_what_it_holds<std::int64_t>());

// A tensor's range is all of its type unless it is given.
static_assert(ctq::tensor_facts{ctq::dtype::uint8, {1}}.range == ctq::limits{0, 255});
static_assert(ctq::quantize(9.0f, ctq::tensor_facts{ctq::dtype::int8, {1}, {1.0f, 0}, {0, 6}}) == 6);

constexpr std::array nibbles{ctq::int4_pair{0x1F}, ctq::int4_pair{0x08}};
static_assert(ctq::read_integer<ctq::dtype::int4>(nibbles.data(), 0) == -1);
static_assert(ctq::read_integer<ctq::dtype::int4>(nibbles.data(), 1) == 1);
static_assert(ctq::read_integer<ctq::dtype::int4>(nibbles.data(), 2) == -8);

constexpr auto written = [] {
    std::array<ctq::int4_pair, 2> pairs{};
    std::array<std::int16_t, 2> words{};
    for (std::size_t i = 0; i < 3; ++i)
        ctq::write_integer<ctq::dtype::int4>(pairs.data(), i, 7 - 5 * static_cast<int>(i));
    ctq::write_integer<ctq::dtype::int16>(words.data(), 1, -300);
    return std::pair(pairs, words);
}();
static_assert(ctq::read_integer<ctq::dtype::int4>(written.first.data(), 0) == 7);
static_assert(ctq::read_integer<ctq::dtype::int4>(written.first.data(), 1) == 2);
static_assert(ctq::read_integer<ctq::dtype::int4>(written.first.data(), 2) == -3);
static_assert(written.second[0] == 0 && written.second[1] == -300);

// What is in a constant, whatever its facts say: wider than limits, two int4 a byte, nothing of reals.
constexpr std::array<std::int64_t, 3> wide{std::int64_t{1} << 40, -5, 7};
constexpr std::array<float, 2> reals{-3.0f, 2.0f};
static_assert(ctq::interval_of(view) == ctq::interval{1, 3});
static_assert(ctq::interval_of({{ctq::dtype::int64, {3}}, wide.data()}) == ctq::interval{-5, std::int64_t{1} << 40});
static_assert(ctq::interval_of({{ctq::dtype::int4, {2}}, nibbles.data()}) == ctq::interval{-1, 1});
static_assert(ctq::interval_of({{ctq::dtype::float32, {2}}, reals.data()}) == ctq::interval{});
static_assert(ctq::interval_of({{ctq::dtype::int64, {0}}, wide.data()}) == ctq::interval{});
static_assert(ctq::read_integer<ctq::dtype::int8>(elements.data(), 2) == 3);

} // namespace

TEST_CASE("tensor: what is written through a tensor is read through its const view") {
    std::array<float, 4> memory{};
    const ctq::tensor out{{ctq::dtype::float32, {2, 2}, {}}, memory.data()};
    out.as<float>()[3] = 2.5f;
    const ctq::const_tensor in = out;
    CHECK(in.as<float>()[3] == 2.5f);
    CHECK(in.facts == out.facts);
}
