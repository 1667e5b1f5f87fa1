#include <ctq/graph/value_list.hpp>

#include <doctest/doctest.h>

#include <cstdint>
#include <vector>

using ctq::dtype;

TEST_CASE("value_list: a constant has as many elements as its shape") {
    ctq::value_list list;
    CHECK_THROWS_WITH_AS(list.add_constant("c", {2, 2}, std::vector<float>{1, 2, 3}),
                         "a constant must have as many elements as its shape", ctq::model_error);
    const int bytes = list.add_constant("b", {2}, std::vector<std::int8_t>{1, 2}, {0.5f, 3});
    CHECK(list.tensor_at(bytes).as<std::int8_t>()[1] == 2);
    CHECK(list.tensor_at(bytes).facts.quantization == ctq::quantization{0.5f, 3});
    const int words = list.add_constant("w", {1}, std::vector<std::int32_t>{70000});
    CHECK(list.tensor_at(words).as<std::int32_t>()[0] == 70000);
    CHECK_THROWS_WITH_AS(ctq::constant{}.as<std::uint8_t>(),
                         "the elements of a constant were read as another type than theirs", ctq::model_error);
}

TEST_CASE("value_list: a value has one scale, or a constant one for each channel") {
    ctq::value v{"w", {dtype::int8, {2, 3}, {0.5f, 0}}};
    CHECK(v.scale_of(1) == 0.5);
    v.scales = {0.25, 0.125};
    CHECK(v.scale_of(1) == 0.125);
}

TEST_CASE("value_list: a value's scale and zero point are read from others only where that is said") {
    CHECK(ctq::dynamic_reference{3, 4}.is_set());
    CHECK_FALSE(ctq::value{}.dynamic.is_set());
}
