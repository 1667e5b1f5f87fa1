#include <ctq/host/source/bindings.hpp>

#include <doctest/doctest.h>

namespace source = ctq::host::source;

TEST_CASE("bindings: a name stands for a value, for a constant of the file's or of their own, or for nothing") {
    source::bindings known;
    source::file_tensor integers, reals;
    integers.type = ctq::dtype::int64;
    reals.floats = {3};
    known.bind("x", 4);
    known.bind("k", integers);
    known.bind("r", source::file_tensor(reals));
    known.bind_broken("b");
    CHECK(known.at("x").value == 4);
    CHECK(known.at("k").elements == &integers);
    CHECK(known.at("r").elements != &reals);
    CHECK(known.at("r").elements->floats == std::vector<float>{3});
    CHECK(known.at("b").broken);
    CHECK_FALSE(known.at("x").broken);
    CHECK_FALSE(known.contains("y"));
    known.bind("b", 7);
    CHECK_FALSE(known.at("b").broken);
}

TEST_CASE("bindings: constants of their own stay where they are") {
    source::bindings known;
    source::file_tensor named;
    named.name = "first";
    known.bind("first", source::file_tensor(named));
    const source::file_tensor* const first = known.at("first").elements;
    for (int i = 0; i < 1000; ++i) known.bind(std::to_string(i), source::file_tensor());
    CHECK(known.at("first").elements == first);
    CHECK(first->name == "first");
}

TEST_CASE("bindings: another name for the same") {
    source::bindings known;
    known.bind("x", 4);
    known.bind_like("y", "x");
    CHECK(known.at("y").value == 4);
    known.bind_broken("b");
    known.bind_like("c", "b");
    CHECK(known.at("c").broken);
}

TEST_CASE("bindings: a sequence's parts are as long as one number says, or each as its own") {
    source::bindings known;
    source::sequence even, uneven;
    even.value = 3;
    even.of = uneven.of = {2, 7};
    even.axis = uneven.axis = 1;
    even.length = 3;
    uneven.ends = {0, 5, 7};
    known.bind("even", source::sequence(even));
    known.bind("uneven", source::sequence(uneven));
    const source::sequence& parts = *known.at("even").parts;
    CHECK(parts.value == 3);
    CHECK(parts.size() == 3);
    CHECK((parts.end_of(-1) == 0 && parts.end_of(0) == 3 && parts.end_of(1) == 6 && parts.end_of(2) == 7));
    const source::sequence& others = *known.at("uneven").parts;
    CHECK(others.size() == 3);
    CHECK((others.end_of(-1) == 0 && others.end_of(0) == 0 && others.end_of(1) == 5 && others.end_of(2) == 7));
    even.length = 2147483647; // the sum of two such is no 32-bit integer
    CHECK((even.size() == 1 && even.end_of(0) == 7));
}
