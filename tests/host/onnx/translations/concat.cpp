#include <ctq/host/onnx/translations/concat.hpp>

#include <doctest/doctest.h>
#include <host/onnx/import_models.hpp>

using namespace ctq::test::onnx_import;

TEST_CASE("concat: operands that do not fit are malformed, results that are too long unsupported") {
    const auto along = [](std::int64_t axis, const char* other) {
        return with(node("c", "Concat", {"x", other}, {"y"}), {integer("axis", axis)});
    };
    check_refused(exit_code::malformed,
                  {
                      {parts_of({along(4, "z")}), "out of the tensor's range"},
                      {parts_of({node("c", "Concat", {"x", "z"}, {"y"})}), "axis is required"},
                      {parts_of({along(1, "k")}, {floats("k", {2, 4, 6, 6})}), "differ along its axis only"},
                      {parts_of({along(0, "z")}, {}, {1073741824}), "too long"},
                  });
    check_refused(exit_code::unsupported, {{parts_of({along(0, "z")}, {}, {536870913}), "2^30"}});
}
