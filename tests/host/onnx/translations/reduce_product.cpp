#include <ctq/host/onnx/translations/reduce_product.hpp>

#include <doctest/doctest.h>
#include <host/onnx/import_models.hpp>

#include <cstdint>
#include <vector>

using namespace ctq::test::onnx_import;
using ctq::shape;

namespace {

const build::message two_by_three = of_type("k", 7, {2, 3}, {1, 2, 3, 4, 5, 6});

} // namespace

TEST_CASE("reduce_product: axes are an attribute before version 18, an input from then on, all where there are none") {
    const folded_value all = folded("ReduceProd", {"k"}, {two_by_three});
    CHECK(all.is<std::int64_t>({720}));
    CHECK(all.of == shape{1, 1});
    const folded_value rows = folded("ReduceProd", {"k"}, {two_by_three}, {ints("axes", {-1}), integer("keepdims", 0)});
    CHECK(rows.is<std::int64_t>({6, 120}));
    CHECK(rows.of == shape{2});
    const folded_value columns = folded("ReduceProd", {"k", "axes"}, {two_by_three, int64s("axes", {0})}, {}, 18);
    CHECK(columns.is<std::int64_t>({4, 10, 18}));
    CHECK(folded("ReduceProd", {"k"}, {two_by_three}, {}, 18).is<std::int64_t>({720}));
    CHECK(folded("ReduceProd", {"k"}, {two_by_three}, {integer("noop_with_empty_axes", 1)}, 18).of == shape{2, 3});
    CHECK(folded("ReduceProd", {"k"}, {reals("k", {0.5F, 3})}).is<float>({1.5F}));
}

TEST_CASE("reduce_product: of activations it is not supported") {
    check_refused(exit_code::unsupported, {{one("ReduceProd", {}), "reads 'x', which is not constant"}});
    check_refused(exit_code::malformed, {{one("ReduceProd", {ints("axes", {9})}), "out of the tensor's range"}});
}
