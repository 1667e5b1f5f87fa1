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
