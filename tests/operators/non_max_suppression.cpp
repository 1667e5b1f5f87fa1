#include <ctq/operators/non_max_suppression.hpp>

#include <doctest/doctest.h>
#include <operators/single_node.hpp>
#include <processor_time.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <vector>

using namespace ctq::testing;
using ctq::constant;
using ctq::dtype;
using ctq::shape;
using ctq::op::non_max_suppression;

namespace {

using rows = std::vector<std::int64_t>;
constexpr float infinity = std::numeric_limits<float>::infinity(),
                not_a_number = std::numeric_limits<float>::quiet_NaN();

/// The rows that are chosen, without those behind them, which must be 0.
constexpr rows chosen(const non_max_suppression& op, const shape& boxes_of, const std::vector<float>& boxes,
                      const shape& scores_of, const std::vector<float>& scores) {
    auto made =
        all_results(op, {{{dtype::float32, boxes_of}, boxes.data()}, {{dtype::float32, scores_of}, scores.data()}});
    rows found = made[0].as<std::int64_t>();
    const auto count = static_cast<std::size_t>(made[1].as<std::int64_t>()[0]);
    for (std::size_t i = 3 * count; i < found.size(); ++i)
        if (found[i] != 0) return {-1};
    found.resize(3 * count, -1);
    return found;
}
/// The boxes that are chosen of one class.
constexpr rows chosen(const non_max_suppression& op, const std::vector<float>& boxes,
                      const std::vector<float>& scores) {
    const auto count = static_cast<std::int32_t>(scores.size());
    const rows found = chosen(op, {1, count, 4}, boxes, {1, 1, count}, scores);
    rows indices;
    for (std::size_t i = 2; i < found.size(); i += 3) indices.push_back(found[i]);
    return indices;
}

// The second shares 3 of 5 with the first, the third nothing.
static_assert(chosen({3, 0.5f}, {0, 0, 1, 4, 0, 1, 1, 5, 7, 7, 9, 9}, {1, 3, 2}) == rows{1, 2});
static_assert(chosen({3, 0.75f}, {0, 0, 1, 4, 0, 1, 1, 5, 7, 7, 9, 9}, {1, 3, 2}) == rows{1, 2, 0});

} // namespace

TEST_CASE("non_max_suppression: as many rows as there can be, and their count") {
    const auto shape_of = [](const non_max_suppression& op, const shape& boxes, const shape& scores, int which) {
        const std::array both{boxes, scores};
        return op.output_shape(both, which);
    };
    CHECK(shape_of({3}, {2, 10, 4}, {2, 5, 10}, 0) == shape{30, 3});
    CHECK(shape_of({300}, {2, 10, 4}, {2, 5, 10}, 0) == shape{100, 3});
    CHECK(shape_of({3}, {2, 10, 4}, {2, 5, 10}, 1) == shape{});
    const std::array reals{dtype::float32, dtype::float32}, integers{dtype::float32, dtype::int32};
    for (const int which : {0, 1}) CHECK(ctq::output_type(non_max_suppression{}, reals, which) == dtype::int64);
    CHECK_THROWS_WITH_AS(ctq::output_type(non_max_suppression{}, integers), "the operator takes float32 only",
                         ctq::model_error);
    CHECK(ctq::count_output(non_max_suppression{}, 0) == 1);
    CHECK(ctq::count_output(non_max_suppression{}, 1) == -1);
}

TEST_CASE("non_max_suppression: what it does not take") {
    const auto refused = [](const non_max_suppression& op, const std::vector<shape>& in, const char* text) {
        CHECK_THROWS_WITH_AS(op.output_shape(in, 0), text, ctq::model_error);
    };
    const shape boxes{2, 10, 4}, scores{2, 5, 10};
    refused({}, {boxes}, "non_max_suppression takes boxes and scores");
    const char* const shapes = "boxes must be [images, boxes, 4], and scores [images, classes, boxes]";
    for (const shape& other : {shape{2, 10, 5}, shape{1, 10, 4}, shape{2, 9, 4}, shape{10, 4}, shape{2, 10, 4, 1}})
        refused({}, {other, scores}, shapes);
    refused({}, {boxes, {2, 10}}, shapes);
    for (const int most : {0, -1})
        refused({most}, {boxes, scores}, "non_max_suppression must choose 1 box of a class at least");
    for (const float threshold : {-0.1f, 1.1f, not_a_number})
        refused({1, threshold}, {boxes, scores}, "an iou_threshold must be 0 to 1");
    refused({1, 0, not_a_number}, {boxes, scores}, "a score_threshold must be a number");
    refused({1 << 20}, {{1, 1 << 20, 4}, {1, 1 << 20, 1 << 20}}, "non_max_suppression could choose too many boxes");
}

TEST_CASE("non_max_suppression: scores that are equal, at the threshold, infinite or no numbers") {
    std::vector<float> apart;
    for (int i = 0; i < 6; ++i)
        for (const int each : {3 * i, 0, 3 * i + 1, 1}) apart.push_back(static_cast<float>(each));
    CHECK(chosen({6, 0}, apart, {2, 5, 2, 5, 2, 5}) == rows{1, 3, 5, 0, 2, 4});
    CHECK(chosen({6, 0, 2}, apart, {2, 5, 2, 5, 2, 5}) == rows{1, 3, 5});
    CHECK(chosen({6, 0, 5}, apart, {2, 5, 2, 5, 2, 5}).empty());
    const std::vector<float> odd{-infinity, not_a_number, infinity, 0, -0.0f, -infinity};
    CHECK(chosen({6, 0}, apart, odd) == rows{2, 3, 4, 0, 5});
    CHECK(chosen({2, 0}, apart, odd) == rows{2, 3});
    CHECK(chosen({6, 0, -3e38f}, apart, odd) == rows{2, 3, 4});
    CHECK(chosen({6, 0, infinity}, apart, odd).empty());
}

TEST_CASE("non_max_suppression: boxes that are the same, touch, lie within, or have no area") {
    const std::vector<float> scores{4, 3, 2};
    const auto of = [&](float threshold, const std::vector<float>& boxes) {
        return chosen({3, threshold}, boxes, scores);
    };
    const std::vector<float> same{0, 0, 2, 2, 2, 2, 0, 0, 0, 2, 2, 0};
    CHECK(of(0.999f, same) == rows{0});
    CHECK(of(1.0f, same) == rows{0, 1, 2});
    CHECK(of(0, {0, 0, 1, 1, 0, 1, 1, 2, 1, 0, 2, 1}) == rows{0, 1, 2});                     // edges in common
    CHECK(of(0, {0, 0, 4, 4, 1, 1, 2, 2, 3, 3, 5, 5}) == rows{0});                           // 1 of 16, 1 of 19
    CHECK(of(0.0625f, {0, 0, 4, 4, 1, 1, 2, 2, 3, 3, 5, 5}) == rows{0, 1, 2});               // 1/16 is not above 1/16
    CHECK(of(0, {0, 0, 0, 4, 0, 0, 0, 4, -1, 1, 1, 2}) == rows{0, 1, 2});                    // without a height
    CHECK(of(0, {0, 0, 1e-30f, 1e-30f, 0, 0, 1e-30f, 1e-30f, 5, 5, 6, 6}) == rows{0, 1, 2}); // whose area vanishes
    const float big = 3e38f; // whose area is infinite: no number is above any
    CHECK(of(0.5f, {-big, -big, big, big, -big, -big, big, big, 0, 0, 1, 1}) == rows{0, 1, 2});
    // Suppressed by one that was not suppressed, and not by one that was.
    CHECK(of(0.25f, {0, 0, 4, 1, 2, 0, 6, 1, 4, 0, 8, 1}) == rows{0, 2});
    CHECK(chosen({3, 0, -infinity, true}, {1, 1, -2, -2, 1, 1, 2, 2, 1, 1, 2, 2}, scores) == rows{0, 1}); // turned over
}

TEST_CASE("non_max_suppression: it has no integer meaning; integers are made reals for it") {
    const auto graph = quantized_node(non_max_suppression{2, 0.5f}, {{{1, 3, 4}}, {{1, 2, 3}}}).graph;
    REQUIRE(graph.nodes.size() == 1);
    CHECK(graph.nodes[0].in_float());
    CHECK(graph.value_at(graph.outputs[0].value).facts == ctq::tensor_facts{dtype::int64, {4, 3}});
}

TEST_CASE("non_max_suppression: many boxes that overlap none take as long as there are pairs of them") {
    constexpr int count = 3000;
    std::vector<float> boxes, scores;
    rows wanted;
    for (int i = 0; i < count; ++i) { // the last is the best, so that each is better than all before it
        for (const int each : {3 * i, 0, 3 * i + 1, 1}) boxes.push_back(static_cast<float>(each));
        scores.push_back(static_cast<float>(i));
        wanted.push_back(count - 1 - i);
    }
    rows found;
    CHECK(ctq::test::processor_seconds([&] { found = chosen({count, 0}, boxes, scores); }) < 2); // cubic: 8 and more
    CHECK(found == wanted);
}

TEST_CASE("non_max_suppression: its steps are pairs of boxes") {
    const std::array in{shape{2, 10, 4}, shape{2, 5, 10}};
    CHECK(ctq::steps(non_max_suppression{3}, in, {30, 3}) == 2 * 5 * 10 * (10 + 3));
    CHECK(ctq::steps(non_max_suppression{300}, in, {100, 3}) == 2 * 5 * 10 * (10 + 10));
}
