#include <ctq/operators/select.hpp>

#include <doctest/doctest.h>
#include <operators/single_node.hpp>

#include <cstdint>
#include <vector>

using namespace ctq::testing;
using ctq::boolean;
using ctq::constant;
using ctq::dtype;
using ctq::shape;

namespace {

using choice = ctq::op::select; // the system has a function of that name

static_assert([] {
    return result_of(choice{}, {list_of<boolean>({yes, no}), list_of<float>({1, 2}), scalar_of(-1.0f)}).as<float>() ==
           std::vector<float>{1, -1};
}());

} // namespace

TEST_CASE("select: shape and type rule") {
    CHECK(shape_from(choice{}, {{{4, 1}}, {{3}}, {{2, 1, 1}}}) == shape{2, 4, 3});
    CHECK_THROWS_WITH_AS(shape_from(choice{}, {{{2}}, {{2}}}), "select takes three inputs", ctq::model_error);
    CHECK_THROWS_AS(shape_from(choice{}, {{{2}}, {{2}}, {{3}}}), ctq::model_error);
    const auto type_of = [](std::vector<dtype> in) { return ctq::output_type(choice{}, in); };
    CHECK(type_of({dtype::boolean, dtype::int64, dtype::int64}) == dtype::int64);
    CHECK_THROWS_AS(type_of({dtype::uint8, dtype::int64, dtype::int64}), ctq::model_error);
    CHECK_THROWS_AS(type_of({dtype::boolean, dtype::int64, dtype::int32}), ctq::model_error);
}

TEST_CASE("select: each element is that of one operand, whichever of the three are stretched") {
    const std::vector<shape> each{{2, 3, 4}, {3, 1}, {4}, {1, 1, 4}, {2, 1, 1}, {}, {1}};
    for (const shape& c : each)
        for (const shape& a : each)
            for (const shape& b : each) {
                const auto count = [](const shape& of) { return static_cast<std::size_t>(of.elements()); };
                std::vector<boolean> which(count(c));
                std::vector<std::int64_t> left(count(a)), right(count(b));
                for (std::size_t i = 0; i < which.size(); ++i) which[i] = i * 5 % 3 == 1 ? yes : no;
                for (std::size_t i = 0; i < left.size(); ++i) left[i] = static_cast<std::int64_t>(i);
                for (std::size_t i = 0; i < right.size(); ++i) right[i] = -1 - static_cast<std::int64_t>(i);
                const auto made =
                    result_of(choice{}, {{c, constant(which)}, {a, constant(left)}, {b, constant(right)}});
                const shape of = ctq::broadcast(ctq::broadcast(c, a), b);
                const auto own = ctq::strides_of(of);
                for (std::size_t i = 0; i < count(of); ++i) {
                    const auto place = [&](const shape& operand) { // by coordinates, from the last axis
                        std::size_t at = 0, step = 1;
                        for (int axis = 1; axis <= operand.rank; ++axis) {
                            const auto along = static_cast<std::size_t>(of.rank - axis);
                            const auto extent = static_cast<std::size_t>(operand[operand.rank - axis]);
                            const std::size_t index =
                                i / static_cast<std::size_t>(own[along]) % static_cast<std::size_t>(of[of.rank - axis]);
                            at += extent == 1 ? 0 : index * step;
                            step *= extent;
                        }
                        return at;
                    };
                    CHECK(made.as<std::int64_t>()[i] == (which[place(c)] == yes ? left[place(a)] : right[place(b)]));
                }
            }
}

TEST_CASE("select: of every element type but int4, and of nothing") {
    const typed_operand which = list_of<boolean>({no, yes});
    const auto check = [&]<class T>(T one, T other) {
        CHECK(result_of(choice{}, {which, list_of<T>({one, other}), list_of<T>({other, one})}).template as<T>() ==
              std::vector<T>{other, other});
    };
    check(1.5f, -2.5f);
    check(std::int8_t{1}, std::int8_t{-2});
    check(std::uint8_t{1}, std::uint8_t{2});
    check(std::int16_t{1}, std::int16_t{-2});
    check(std::uint16_t{1}, std::uint16_t{2});
    check(std::int32_t{1}, std::int32_t{-2});
    check(std::int64_t{1}, std::int64_t{-2});
    check(yes, no);
    const typed_operand four{{2}, constant(std::vector<ctq::int4_pair>(1))};
    CHECK_THROWS_WITH_AS(result_of(choice{}, {which, four, four}), "the operator takes no int4", ctq::model_error);
    const typed_operand nothing{{0}, constant(std::vector<float>())};
    CHECK(result_of(choice{}, {scalar_of(yes), nothing, scalar_of(1.0f)}).entries() == 0);
}
