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
                                              {one("Pad", {word("mode", "wrap")}, {zeros}), "only mode constant", 19},
                                          });
}

TEST_CASE("pad: from version 18 on an input may say which axes the pads are of") {
    const auto padded = [](const build::message& pads, const build::message& axes, const char* axes_name = "axes") {
        return parts_of({node("p", "Pad", {"x", "pads", "", axes_name}, {"y"})}, {pads, axes}, {1, 2, 3, 4});
    };
    const auto graph =
        imported(build::model(build::graph(padded(int64s("pads", {1, 2, 3, 4}), int64s("axes", {-1, 1}))), 8, 18));
    CHECK(*ctq::operator_if<ctq::op::pad>(graph.nodes[0]) == ctq::op::pad{{0, 2, 0, 1}, {0, 4, 0, 3}, 0});
    const auto axes = [&](const std::vector<std::int64_t>& given) {
        return padded(int64s("pads", {1, 1}), int64s("axes", given));
    };
    check_refused(exit_code::malformed,
                  {
                      {axes({1, 2}), "two values for each axis", 18},
                      {axes({}), "two values for each axis", 18},
                      {axes({4}), "out of the tensor's range", 18},
                      {padded(int64s("pads", {0, 0, 0, 0}), int64s("axes", {1, -3})), "axes must not repeat", 18},
                  });
    check_refused(exit_code::unsupported,
                  {{padded(int64s("pads", {1, 1}), int64s("axes", {1}), "z"), "the axes must be constant", 18}});
}
