#include <ctq/execute/element_range.hpp>

#include <doctest/doctest.h>

#include <array>
#include <cstddef>
#include <span>
#include <type_traits>
#include <vector>

namespace {

/// The second half of an array: it begins elsewhere than its data() says, as views of xtensor do.
struct second_half {
    const std::array<float, 4>* whole;

    const float* data() const { return whole->data(); }
    const float* begin() const { return whole->data() + 2; }
    const float* end() const { return whole->data() + 4; }
    std::size_t size() const { return 2; }
};

template <class Range> auto elements_of(Range& range) {
    return ctq::element_range<Range>::of(range, ctq::shape{});
}

} // namespace

TEST_CASE("the compiler knows how long an array is") {
    std::array<float, 3> array{};
    float plain[5]{};
    const std::array<int, 2> constant{};
    CHECK(std::is_same_v<decltype(elements_of(array)), std::span<float, 3>>);
    CHECK(std::is_same_v<decltype(elements_of(plain)), std::span<float, 5>>);
    CHECK(std::is_same_v<decltype(elements_of(constant)), std::span<const int, 2>>);
    CHECK(elements_of(array).data() == array.data());
}

TEST_CASE("a range begins where its iterators do") {
    std::vector<float> vector(7);
    CHECK(std::is_same_v<decltype(elements_of(vector)), std::span<float>>);
    CHECK(elements_of(vector).data() == vector.data());
    CHECK(elements_of(vector).size() == 7);
    const std::array<float, 4> whole{1, 2, 3, 4};
    const second_half half{&whole};
    CHECK(elements_of(half).size() == 2);
    CHECK(elements_of(half)[0] == 3);
}
