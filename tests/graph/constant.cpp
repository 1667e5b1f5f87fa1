#include <ctq/graph/constant.hpp>

#include <doctest/doctest.h>

#include <vector>

using ctq::constant;
using ctq::dtype;

namespace {

constexpr bool changes_its_type() {
    std::vector<constant> all;
    all.push_back(constant(std::vector<std::int8_t>(3, std::int8_t{5})));
    all.emplace_back(std::vector<float>(2, 1.0f));
    all[1] = all[0];
    all[0] = constant::zeros(dtype::int4, 5);
    return all[1].as<std::int8_t>()[2] == 5 && all[0].entries() == 3 && all[0].is<ctq::int4_pair>();
}
static_assert(changes_its_type());

} // namespace

TEST_CASE("constant: zeros of every type, and a view of their own type") {
    for (int i = 0; i < ctq::dtype_count; ++i) {
        const auto type = static_cast<dtype>(i);
        constant zeros = constant::zeros(type, 3);
        CHECK(zeros.type() == type);
        CHECK(zeros.entries() == ctq::entries_of(type, 3));
        ctq::with_element_type(type, [&](auto zero) {
            using stored = decltype(zero);
            CHECK(zeros.view().as<stored>() == zeros.as<stored>().data());
            CHECK(zeros.writable().as<stored>() == zeros.as<stored>().data());
        });
    }
}

TEST_CASE("constant: to read it as another type is a fault; equality sees type and elements") {
    const constant bytes(std::vector<std::int8_t>{1, 2}), words(std::vector<std::int16_t>{1, 2});
    CHECK_THROWS_AS(bytes.as<float>(), ctq::model_error);
    CHECK(bytes == constant(std::vector<std::int8_t>{1, 2}));
    CHECK_FALSE(bytes == words);
    CHECK_FALSE(bytes == constant(std::vector<std::int8_t>{1, 3}));
}
