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
    CHECK_FALSE(known.at("x").is_integer());
    CHECK(known.at("k").elements == &integers);
    CHECK(known.at("k").is_integer());
    CHECK(known.at("r").elements != &reals);
    CHECK(known.at("r").elements->floats == std::vector<float>{3});
    CHECK_FALSE(known.at("r").is_integer());
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
