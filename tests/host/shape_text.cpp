#include <ctq/host/shape_text.hpp>

#include <doctest/doctest.h>

TEST_CASE("shape_text: extents joined by x") {
    CHECK(ctq::host::text_of(ctq::shape{}) == "scalar");
    CHECK(ctq::host::text_of(ctq::shape{7}) == "7");
    CHECK(ctq::host::text_of(ctq::shape{1, 3, 224, 224}) == "1x3x224x224");
}
