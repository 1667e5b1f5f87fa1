#include <ctq/host/onnx/translations/resize.hpp>

#include <doctest/doctest.h>
#include <host/onnx/import_models.hpp>

#include <string>
#include <vector>

using namespace ctq::test::onnx_import;
using ctq::op::coordinates;
using ctq::op::nearest_rounding;
using ctq::op::resize_linear;
using ctq::op::resize_nearest;

namespace {

using attributes_of_node = std::vector<build::message>;

/// x, of 1x4x6x6, by these scales or to these sizes.
build::graph_parts by_scales(const std::vector<float>& scales, const attributes_of_node& given = {}) {
    const auto count = static_cast<std::int64_t>(scales.size());
    return parts_of({with(node("r", "Resize", {"x", "", "s"}, {"y"}), given)},
                    {build::float_tensor("s", {count}, scales)});
}
build::graph_parts to_sizes(const std::vector<std::int64_t>& sizes, const attributes_of_node& given = {}) {
    return parts_of({with(node("r", "Resize", {"x", "", "", "s"}, {"y"}), given)}, {int64s("s", sizes)});
}

template <class Op> Op resized(const build::graph_parts& parts, std::int64_t opset = 18) {
    const auto graph = imported(build::model(build::graph(parts), 8, opset));
    REQUIRE(graph.nodes.size() == 1);
    const auto* found = ctq::operator_if<Op>(graph.nodes[0]);
    REQUIRE(found != nullptr);
    return *found;
}

} // namespace

TEST_CASE("resize: scales and sizes give extents and scales of the axes that change") {
    CHECK(resized<resize_nearest>(by_scales({1, 1, 2, 1.5f})) == resize_nearest{{0, 0, 12, 9}, {0, 0, 2, 1.5f}});
    CHECK(resized<resize_linear>(by_scales({1, 1, 1.1f, 1}, {word("mode", "linear")})) ==
          resize_linear{{0, 0, 6}, {0, 0, 1.1f}});
    CHECK(resized<resize_nearest>(to_sizes({1, 4, 3, 6})) == resize_nearest{{0, 0, 3}, {0, 0, 0.5f}});
    CHECK(resized<resize_nearest>(to_sizes({3, 12}, {ints("axes", {-1, 2})})) ==
          resize_nearest{{0, 0, 12, 3}, {0, 0, 2, 0.5f}});
    const auto kept = [](const char* policy) {
        return resized<resize_nearest>(
            to_sizes({9, 12}, {ints("axes", {-2, -1}), word("keep_aspect_ratio_policy", policy)}));
    };
    CHECK(kept("not_larger") == resize_nearest{{0, 0, 9, 9}, {0, 0, 1.5f, 1.5f}});
    CHECK(kept("not_smaller") == resize_nearest{{0, 0, 12, 12}, {0, 0, 2, 2}});
    CHECK(kept("stretch") == resize_nearest{{0, 0, 9, 12}, {0, 0, 1.5f, 2}});
}

TEST_CASE("resize: what changes no axis is the identity") {
    resized<ctq::op::identity>(by_scales({1, 1, 1, 1}));
    resized<ctq::op::identity>(to_sizes({1, 4, 6, 6}, {word("mode", "linear")}));
}

TEST_CASE("resize: every mode of coordinates and of rounding") {
    for (const char* mode : {"half_pixel", "half_pixel_symmetric", "pytorch_half_pixel", "align_corners", "asymmetric"})
        CHECK(name_of(resized<resize_nearest>(by_scales({1, 1, 2, 2}, {word("coordinate_transformation_mode", mode)}))
                          .mode) == mode);
    CHECK(resized<resize_nearest>(
              by_scales({1, 1, 2, 2}, {word("coordinate_transformation_mode", "tf_half_pixel_for_nn")}), 11)
              .mode == coordinates::half_pixel_for_nearest);
    const auto rounding = [](const char* mode) {
        return resized<resize_nearest>(by_scales({1, 1, 2, 2}, {word("nearest_mode", mode)})).rounds;
    };
    CHECK(rounding("round_prefer_floor") == nearest_rounding::prefer_floor);
    CHECK(rounding("round_prefer_ceil") == nearest_rounding::prefer_ceil);
    CHECK(rounding("floor") == nearest_rounding::floor);
    CHECK(rounding("ceil") == nearest_rounding::ceil);
}

TEST_CASE("resize: before version 11, and as Upsample, places are asymmetric") {
    const resize_nearest wanted{
        {0, 0, 12, 3}, {0, 0, 2, 0.5f}, coordinates::asymmetric, nearest_rounding::ceil_where_smaller};
    const auto scales = build::float_tensor("k0", {4}, {1, 1, 2, 0.5f});
    CHECK(resized<resize_nearest>(one("Resize", {}, {scales}), 10) == wanted);
    CHECK(resized<resize_nearest>(one("Upsample", {}, {scales}), 9) == wanted);
    const auto attribute = build::attribute("scales", 6).floats(7, {1, 1, 2, 0.5f});
    CHECK(resized<resize_nearest>(one("Upsample", {attribute}), 7) == wanted);
    CHECK(resized<resize_linear>(one("Upsample", {attribute, word("mode", "linear")}), 8).mode ==
          coordinates::asymmetric);
}

TEST_CASE("resize: wrong scales, sizes, axes and modes are malformed") {
    const auto to = [](const std::vector<std::int64_t>& sizes) { return to_sizes(sizes); };
    const auto says = [](const char* name, const char* value) { return by_scales({1, 1, 2, 2}, {word(name, value)}); };
    check_refused(
        exit_code::malformed,
        {
            {parts_of({node("r", "Resize", {"x"}, {"y"})}), "either scales or sizes are required"},
            {parts_of({node("r", "Resize", {"x", "", "k", "s"}, {"y"})}, {floats("k", {4}), int64s("s", {1, 4, 6, 6})}),
             "either scales or sizes are required"},
            {by_scales({2, 2}), "a scale for each axis"},
            {by_scales({1, 1, 0, 1}), "scales must be positive and finite"},
            {to({6, 6}), "a size for each axis"},
            {to({1, 4, 0, 6}), "sizes must be positive"},
            {to_sizes({6, 6}, {ints("axes", {2, -2})}), "axes must not repeat", 18},
            {to_sizes({6}, {ints("axes", {4})}), "out of the tensor's range", 18},
            {to_sizes({1, 4, 6, 7}, {word("keep_aspect_ratio_policy", "keep")}), "keep_aspect_ratio_policy must be",
             18},
            {says("mode", "area"), "mode must be"},
            {says("nearest_mode", "round"), "nearest_mode must be"},
            {says("coordinate_transformation_mode", "half"), "coordinate_transformation_mode is none"},
            {one("Upsample", {}), "a scale for each axis", 7},
        });
}

TEST_CASE("resize: cubic, a region of interest, antialias and computed sizes are unsupported") {
    check_refused(exit_code::unsupported,
                  {
                      {by_scales({1, 1, 2, 2}, {word("mode", "cubic")}), "mode cubic is not supported"},
                      {by_scales({1, 1, 0.1f, 1}), "scales that leave an axis without elements"},
                      {by_scales({1, 1, 2, 2}, {word("coordinate_transformation_mode", "tf_crop_and_resize")}),
                       "tf_crop_and_resize is not supported"},
                      {by_scales({1, 1, 2, 2}, {integer("antialias", 1)}), "antialias is not supported", 18},
                      {by_scales({1, 1, 0.6f, 1}, {word("coordinate_transformation_mode", "align_corners")}),
                       "align_corners with scales that give no whole extents"},
                      {by_scales({1, 1, 1e8f, 2}), "more than 16777216 elements"},
                      {parts_of({node("r", "Resize", {"x", "", "z"}, {"y"})}), "must be constant"},
                      {parts_of({node("r", "Upsample", {"x", "z"}, {"y"})}), "must be constant", 9},
                  });
}
