#include <ctq/host/onnx/translations/clip.hpp>

#include <doctest/doctest.h>
#include <host/onnx/import_models.hpp>

using namespace ctq::test::onnx_import;

TEST_CASE("clip: bounds that are none are malformed, whether attributes or inputs") {
    check_refused(exit_code::malformed, {
                                            {one("Clip", {real("min", 1), real("max", 0)}),
                                             "neither may be NaN (input 1x4x6x6; min 1; max 0); ", 7},
                                            {one("Clip", {}, {floats("k0", {2})}), "a bound must be one value"},
                                        });
    check_refused(exit_code::unsupported,
                  {{parts_of({node("c", "Clip", {"x", "z"}, {"y"})}), "the bounds must be constant"}});
}

TEST_CASE("clip: from version 11 on the bounds are inputs, whatever the attributes say") {
    const auto bounds_at = [](std::int64_t opset) {
        const auto graph =
            imported(build::model(build::graph(one("Clip", {real("min", -1), real("max", 2)})), 8, opset));
        return ctq::operator_if<ctq::op::clip>(graph.nodes[0])->to;
    };
    CHECK(bounds_at(10) == ctq::bounds{-1.0F, 2.0F});
    CHECK(bounds_at(11) == ctq::bounds::none());
}

TEST_CASE("clip: where min exceeds max, max is the result, from version 11 on") {
    const auto bounds_of = [](float low, float high) {
        const auto graph =
            imported(build::model(build::graph(one("Clip", {}, {floats("k0", {}, low), floats("k1", {}, high)}))));
        return ctq::operator_if<ctq::op::clip>(graph.nodes[0])->to;
    };
    CHECK(bounds_of(2.0F, -1.0F) == ctq::bounds{-1.0F, -1.0F});
    CHECK(bounds_of(-1.0F, 2.0F) == ctq::bounds{-1.0F, 2.0F});
}
