#include <ctq/host/onnx/translations/reshape.hpp>

#include <doctest/doctest.h>
#include <host/onnx/import_models.hpp>

using namespace ctq::test::onnx_import;

TEST_CASE("reshape: shapes that the elements do not fill are malformed") {
    check_refused(exit_code::malformed,
                  {
                      {one("Reshape", {}, {int64s("k0", {-1, -1})}), "only one extent"},
                      {one("Reshape", {}, {int64s("k0", {5, -1})}), "not divisible"},
                      {one("Reshape", {}, {int64s("k0", {3, 4})}), "keep the number of elements"},
                      {one("Reshape", {}, {int64s("k0", {2147483647, 2147483647, 2147483647, 4611686018427387904})}),
                       "keep the number of elements"},
                      {one("Reshape", {}, {int64s("k0", {-2})}), "-1, 0 or more"},
                      {one("Reshape", {}, {int64s("k0", {1, 4, 6, 6, 0})}), "needs an input axis"},
                      {one("Reshape", {}, {floats("k0", {2})}), "must hold integers"},
                      {one("Flatten", {integer("axis", 5)}), "axis must be within"},
                      {one("Squeeze", {}, {int64s("k0", {1})}), "only axes of extent 1"},
                      {one("Squeeze", {ints("axes", {7})}, {}, {1, 2}), "out of the tensor's range", 11},
                      {one("Unsqueeze", {}, {int64s("k0", {0, 0})}), "must not repeat"},
                      {one("Unsqueeze", {}, {}), "axes are required"},
                      {one("Unsqueeze", {}, {}), "axes are required", 12},
                      {one("Unsqueeze", {ints("axes", {0})}), "axes must not be an attribute"},
                      {one("Squeeze", {ints("axes", {0})}), "axes must not be an attribute"},
                      {one("Unsqueeze", {}, {int64s("k0", {0})}), "in this version axes are an attribute", 12},
                      {one("Squeeze", {}, {int64s("k0", {0})}), "in this version axes are an attribute", 12},
                  });
}

TEST_CASE("reshape: more axes than ctq has, and a shape that is computed, are unsupported") {
    check_refused(exit_code::unsupported,
                  {
                      {one("Reshape", {}, {int64s("k0", {1, 1, 1, 1, 1, 1, 144})}), "at most 6 axes"},
                      {parts_of({node("r", "Reshape", {"x", "z"}, {"y"})}), "must be constant"},
                      {one("Unsqueeze", {}, {int64s("k0", {0, 1, 2})}), "at most 6 axes"},
                  });
}

TEST_CASE("reshape: axes to squeeze or insert are an attribute, from version 13 on an input, and none squeezes all") {
    const auto shape_of = [](const build::graph_parts& parts, std::int64_t opset) {
        const auto graph = imported(build::model(build::graph(parts), 8, opset));
        return graph.value_at(graph.outputs[0].value).facts.shape;
    };
    const build::dims from{1, 4, 1, 6};
    CHECK(shape_of(one("Squeeze", {ints("axes", {-2})}, {}, from), 12) == ctq::shape{1, 4, 6});
    CHECK(shape_of(one("Squeeze", {}, {int64s("k0", {-2})}, from), 13) == ctq::shape{1, 4, 6});
    CHECK(shape_of(one("Squeeze", {}, {}, from), 12) == ctq::shape{4, 6});
    CHECK(shape_of(one("Squeeze", {}, {}, from), 13) == ctq::shape{4, 6});
    CHECK(shape_of(one("Squeeze", {}, {int64s("k0", {})}, from), 13) == ctq::shape{4, 6});
    CHECK(shape_of(one("Unsqueeze", {ints("axes", {0, 3})}, {}, {4, 6}), 12) == ctq::shape{1, 4, 6, 1});
    CHECK(shape_of(one("Unsqueeze", {}, {int64s("k0", {-1, 0})}, {4, 6}), 13) == ctq::shape{1, 4, 6, 1});
}
