#include <ctq/host/onnx/translations/cast.hpp>

#include <doctest/doctest.h>
#include <host/onnx/import_models.hpp>

#include <cstdint>
#include <limits>
#include <vector>

using namespace ctq::test::onnx_import;
using ctq::dtype;

TEST_CASE("cast: constants to every type that ctq has, reals of other widths as float32") {
    const auto to = [](std::int64_t type) {
        return folded("Cast", {"k"}, {reals("k", {1.75F, -1.5F, 300})}, {integer("to", type)});
    };
    CHECK(to(1).is<float>({1.75F, -1.5F, 300}));
    CHECK(to(2).is<std::uint8_t>({1, 0, 255}));
    CHECK(to(3).is<std::int8_t>({1, -1, 127}));
    CHECK(to(4).is<std::uint16_t>({1, 0, 300}));
    CHECK(to(5).is<std::int16_t>({1, -1, 300}));
    CHECK(to(6).is<std::int32_t>({1, -1, 300}));
    CHECK(to(7).is<std::int64_t>({1, -1, 300}));
    CHECK(to(9).is<ctq::boolean>({ctq::boolean::yes, ctq::boolean::yes, ctq::boolean::yes}));
    CHECK(to(11).is<float>({1.75F, -1.5F, 300}));
    CHECK(folded("CastLike", {"k", "s"}, {reals("k", {2.5F}), int64s("s", {1})}, {}, 15).is<std::int64_t>({2}));
    CHECK(folded("CastLike", {"k", "k"}, {int64s("k", {7})}, {}, 15).is<std::int64_t>({7}));
}

TEST_CASE("cast: constants are rounded to shorter reals, and what a network computes is not") {
    const std::vector<build::message> k{reals("k", {2049, 2051, 1e-8F, 65520, 1.00390625F})};
    constexpr float infinity = std::numeric_limits<float>::infinity();
    const std::vector<float> halves{2048, 2052, 0, infinity, 1.00390625F}, brains{2048, 2048, 0x1.58p-27F, 65536, 1};
    CHECK(folded("Cast", {"k"}, k, {integer("to", 10)}).is(halves));
    CHECK(folded("Cast", {"k"}, k, {integer("to", 16)}).is(brains));
    const auto like = [&](std::int64_t type) {
        return folded("CastLike", {"k", "s"}, {k[0], of_type("s", type, {1}, {0})}, {}, 15);
    };
    CHECK(like(10).is(halves));
    CHECK(like(16).is(brains));
    const auto of_x = [](std::int64_t type) {
        return parts_of({node("n", "CastLike", {"x", "s"}, {"y"})}, {of_type("s", type, {1}, {0})});
    };
    check_refused(exit_code::unsupported,
                  {{one("Cast", {integer("to", 10)}), "a cast of other than constants to FLOAT16 is not supported"},
                   {one("Cast", {integer("to", 16)}), "a cast of other than constants to BFLOAT16 is not supported"},
                   {of_x(10), "a cast of other than constants to FLOAT16 is not supported", 15},
                   {of_x(16), "a cast of other than constants to BFLOAT16 is not supported", 15}});
    // Arithmetic of halves gives halves.
    const auto sum = [](const char* type, std::int64_t first, std::int64_t second) {
        return folded(type, {"a", "b"}, {of_type("a", 10, {1}, {first}), of_type("b", 10, {1}, {second})});
    };
    CHECK(sum("Add", 0x6800, 0x3C00).is<float>({2048}));
    CHECK(sum("Mul", 0x7BFF, 0x4000).is<float>({infinity}));
}

TEST_CASE("cast: what a DOUBLE loses is known until it is FLOAT, and decides nothing that jumps") {
    const auto through = [](std::int64_t first, std::int64_t second) {
        return std::vector<build::message>{with(node("c", "Cast", {"k"}, {"c"}), {integer("to", first)}),
                                           with(node("n", "Cast", {"c"}, {"r"}), {integer("to", second)})};
    };
    CHECK(folded(through(1, 7), {doubles("k", {0.1, 2.9999999999})}).is<std::int64_t>({0, 3})); // as FLOAT rounds them
    CHECK(folded(through(11, 7), {reals("k", {0.1F, 2.9F})}).is<std::int64_t>({0, 2}));
    CHECK(folded(through(11, 7), {int64s("k", {1 << 24, -7})}).is<std::int64_t>({1 << 24, -7}));
    const char* const text = "whose reals have more digits in the model than ctq keeps";
    check_refused(exit_code::unsupported, {{beside_relu({through(7, 7)[0]}, {doubles("k", {2.9999999999})}), text},
                                           {beside_relu(through(11, 7), {int64s("k", {(1 << 24) + 1})}), text},
                                           {beside_relu(through(11, 9), {doubles("k", {0.1})}), text}});
    build::graph_parts of_input = parts_of(through(11, 7));
    of_input.nodes[0] = with(node("c", "Cast", {"x"}, {"c"}), {integer("to", 11)});
    of_input.nodes[1] = with(node("n", "Cast", {"c"}, {"y"}), {integer("to", 7)});
    CHECK(importing(of_input).number() == 0);
    of_input.inputs[0] = build::value("x", {4}, 7);
    CHECK(importing(of_input).number() == 4);
    CHECK(importing(of_input).says("reads 'c', whose reals have more digits"));
}

TEST_CASE("cast: of activations a node, and none where the type stays") {
    const auto kept = imported(one("Cast", {integer("to", 11)}));
    CHECK(ctq::operator_if<ctq::op::identity>(kept.nodes[0]) != nullptr);
    const auto made = imported(parts_of({with(node("c", "Cast", {"x"}, {"i"}), {integer("to", 7)}),
                                         with(node("d", "Cast", {"i"}, {"y"}), {integer("to", 1)})}));
    CHECK(*ctq::operator_if<ctq::op::cast>(made.nodes[0]) == ctq::op::cast{dtype::int64});
    CHECK(made.value_at(made.nodes[0].output()).facts.type == dtype::int64);
    CHECK(*ctq::operator_if<ctq::op::cast>(made.nodes[1]) == ctq::op::cast{dtype::float32});
}

TEST_CASE("cast: types that are none, or none of ctq's") {
    check_refused(exit_code::malformed,
                  {{one("Cast", {}), "the type `to` is required"},
                   {parts_of({node("n", "CastLike", {"x"}, {"y"})}), "two inputs are required", 15}});
    check_refused(exit_code::unsupported,
                  {{one("Cast", {integer("to", 12)}), "a cast to UINT32 is not supported"},
                   {parts_of({node("n", "CastLike", {"x", "s"}, {"y"})}, {wide_unsigned("s", 12, {1})}),
                    "a cast to UINT32 is not supported", 15},
                   {parts_of({node("n", "CastLike", {"x", "s"}, {"y"})}, {wide_unsigned("s", 13, {1})}),
                    "a cast to UINT64 is not supported", 15},
                   {one("Cast", {integer("to", 8)}), "a cast to STRING is not supported"},
                   {one("Cast", {integer("to", -3)}), "a cast to unknown type is not"}});
}
