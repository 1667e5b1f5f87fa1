#include <ctq/host/onnx/translations/elementwise.hpp>

#include <doctest/doctest.h>
#include <host/onnx/import_models.hpp>

using namespace ctq::test::onnx_import;

TEST_CASE("elementwise: operands that are too few, do not broadcast or are no floats") {
    check_refused(exit_code::malformed,
                  {
                      {one("Add", {}, {floats("k0", {5})}), "do not broadcast (inputs 1x4x6x6, 5); make each pair"},
                      {parts_of({node("a", "Add", {"x"}, {"y"})}), "two inputs are required"},
                      {parts_of({node("a", "Mul", {"x", "z", "x"}, {"y"})}), "two inputs are required"},
                  });
    check_refused(exit_code::unsupported, {
                                              {one("Add", {}, {floats("k0", {1, 1, 1, 1, 1, 1, 1})}), "has 7 axes"},
                                              {one("Add", {}, {int64s("k0", {1})}), "is of type int64"},
                                          });
}
