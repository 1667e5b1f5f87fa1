#include <ctq/host/onnx/translations/pad.hpp>

#include <doctest/doctest.h>
#include <host/onnx/import_models.hpp>

using namespace ctq::test::onnx_import;

TEST_CASE("pad: wrong pads are malformed, modes without constants unsupported") {
    const auto pads = [](const std::vector<std::int64_t>& widths) { return one("Pad", {}, {int64s("k0", widths)}); };
    const build::message zeros = int64s("k0", {0, 0, 0, 0, 0, 0, 0, 0});
    check_refused(exit_code::malformed, {
                                            {pads({1, 1}), "two values for each axis"},
                                            {one("Pad", {ints("pads", {1, 1})}), "two values for each axis", 10},
                                            {one("Pad", {word("mode", "mirror")}, {zeros}), "mode must be"},
                                            {pads({2147483647, 0, 0, 0, 2147483647, 0, 0, 0}), "too long"},
                                            {one("Pad", {}, {zeros, floats("k1", {2})}), "one value"},
                                        });
    check_refused(exit_code::unsupported, {
                                              {one("Pad", {word("mode", "reflect")}, {zeros}), "only mode constant"},
                                              {pads({-1, 0, 0, 0, 0, 0, 0, 0}), "negative pads"},
                                              {parts_of({node("p", "Pad", {"x", "z"}, {"y"})}), "must be constant"},
                                          });
}
