#include <ctq/host/onnx/translations/range.hpp>

#include <doctest/doctest.h>
#include <host/onnx/import_models.hpp>

#include <cstdint>
#include <limits>
#include <vector>

using namespace ctq::test::onnx_import;

namespace {

constexpr std::int64_t least = std::numeric_limits<std::int64_t>::min(), most = -(least + 1);

folded_value ranged(std::int64_t start, std::int64_t limit, std::int64_t delta) {
    return folded("Range", {"a", "b", "c"}, {scalar("a", start), scalar("b", limit), scalar("c", delta)});
}

build::graph_parts range_of(const build::message& start, const build::message& limit, const build::message& delta) {
    return parts_of({node("n", "Range", {"a", "b", "c"}, {"k"}), node("r", "Relu", {"x"}, {"y"})},
                    {start, limit, delta});
}
build::graph_parts range_of(std::int64_t start, std::int64_t limit, std::int64_t delta) {
    return range_of(scalar("a", start), scalar("b", limit), scalar("c", delta));
}

} // namespace

TEST_CASE("range: as many as lie before the limit, in either direction, at the ends of the type too") {
    CHECK(ranged(1, 8, 3).is<std::int64_t>({1, 4, 7}));
    CHECK(ranged(1, 7, 3).is<std::int64_t>({1, 4}));
    CHECK(ranged(10, 4, -3).is<std::int64_t>({10, 7}));
    CHECK(ranged(10, 3, -3).is<std::int64_t>({10, 7, 4}));
    CHECK(ranged(5, 5, 1).of == ctq::shape{0});
    CHECK(ranged(5, 4, 1).of == ctq::shape{0});
    CHECK(ranged(5, 6, -1).of == ctq::shape{0});
    CHECK(ranged(least, most, most).is<std::int64_t>({least, -1, most - 1}));
    CHECK(ranged(most, least, least).is<std::int64_t>({most, -1}));
    CHECK(ranged(most - 1, most, most).is<std::int64_t>({most - 1}));
}

TEST_CASE("range: of reals and of int32") {
    const auto real = [](float start, float limit, float delta) {
        return folded("Range", {"a", "b", "c"},
                      {floats("a", {}, start), floats("b", {}, limit), floats("c", {}, delta)});
    };
    CHECK(real(1, 5, 2).is<float>({1, 3}));
    CHECK(real(0.5F, -1, -0.5F).is<float>({0.5F, 0, -0.5F}));
    CHECK(real(0, 1, 0.25F).of == ctq::shape{4});
    CHECK(real(0, 1.001F, 0.25F).of == ctq::shape{5});
    CHECK(real(3, 1, 1).of == ctq::shape{0});
    CHECK(folded("Range", {"a", "b", "c"},
                 {of_type("a", 6, {}, {10}), of_type("b", 6, {1}, {6}), of_type("c", 6, {}, {-3})})
              .is<std::int32_t>({10, 7}));
}

TEST_CASE("range: how many reals of 64 bits there are is told only where float32 holds them") {
    const auto of = [](double start, double limit, double delta) {
        return range_of(doubles("a", {start}), doubles("b", {limit}), doubles("c", {delta}));
    };
    const char* const text = "whose reals have more digits in the model than ctq keeps";
    check_refused(exit_code::unsupported, {{of(0.1, 1, 0.5), text}, {of(0, 0.6, 0.25), text}, {of(0, 1, 0.1), text}});
    CHECK(importing(of(0.5, 1.25, 0.25)).number() == 0);
}

TEST_CASE("range: without end, of no step, of other than constants, of several types") {
    constexpr float infinity = std::numeric_limits<float>::infinity();
    check_refused(exit_code::malformed,
                  {{range_of(1, 5, 0), "delta must not be 0"},
                   {range_of(floats("a", {}, 1), floats("b", {}, 2), floats("c", {}, 0)), "delta must not be 0"},
                   {range_of(floats("a", {}, 1), floats("b", {}, infinity), floats("c", {}, 1)), "must be finite"},
                   {range_of(floats("a", {}, -infinity), floats("b", {}, 0), floats("c", {}, 1)), "must be finite"},
                   {range_of(scalar("a", 1), floats("b", {}, 2), scalar("c", 1)), "must be of one type"},
                   {range_of(int64s("a", {1, 2}), scalar("b", 5), scalar("c", 1)), "must be one element each"},
                   {parts_of({node("n", "Range", {"a", "a"}, {"y"})}, {scalar("a", 1)}), "three inputs are required"}});
    check_refused(exit_code::unsupported,
                  {{range_of(least, most, 1), "a tensor of more than 2^30 elements"},
                   {range_of(0, 2147483647, 1), "a tensor of more than 2^30 elements"},
                   {range_of(0, 1 << 28, 1), "of constants it makes 2147483648 bytes more"},
                   {range_of(floats("a", {}, -3e38F), floats("b", {}, 3e38F), floats("c", {}, 1e-30F)),
                    "a tensor of more than 2^30 elements"},
                   {parts_of({node("n", "Range", {"x", "x", "x"}, {"y"})}, {}, {1}), "must be constant"}});
}
