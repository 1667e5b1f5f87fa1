#include <ctq/host/source/file_tensor.hpp>

#include <doctest/doctest.h>

namespace source = ctq::host::source;

TEST_CASE("file_tensor: its one payload says how many elements it has") {
    source::file_tensor of;
    of.dims = {2, 1};
    of.floats = {1, 2};
    CHECK(of.is_real());
    CHECK(of.size() == 2);
    CHECK(source::shape_of(of) == ctq::shape{2, 1});
    of.type = ctq::dtype::int64;
    of.integers = {4};
    of.dims.clear();
    CHECK_FALSE(of.is_real());
    CHECK(of.size() == 1);
    CHECK(source::shape_of(of) == ctq::shape{});
}

TEST_CASE("file_tensor: more axes than ctq has are unsupported") {
    source::file_tensor of;
    of.name = "k";
    of.dims = {1, 1, 1, 1, 1, 1, 1};
    CHECK_THROWS_AS(static_cast<void>(source::shape_of(of)), source::node_fault);
    try {
        static_cast<void>(source::shape_of(of));
    } catch (const source::node_fault& fault) {
        CHECK(fault.code == ctq::host::exit_code::unsupported);
        CHECK(fault.text == "constant 'k' has 7 axes; 6 are supported");
    }
}
