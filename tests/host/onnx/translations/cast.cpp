#include <ctq/host/onnx/translations/cast.hpp>

#include <doctest/doctest.h>
#include <host/onnx/import_models.hpp>

#include <cstdint>
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
    CHECK(to(10).is<float>({1.75F, -1.5F, 300}));
    CHECK(to(11).is<float>({1.75F, -1.5F, 300}));
    CHECK(folded("CastLike", {"k", "s"}, {reals("k", {2.5F}), int64s("s", {1})}, {}, 15).is<std::int64_t>({2}));
    CHECK(folded("CastLike", {"k", "k"}, {int64s("k", {7})}, {}, 15).is<std::int64_t>({7}));
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
    check_refused(exit_code::unsupported, {{one("Cast", {integer("to", 12)}), "a cast to UINT32 is not supported"},
                                           {one("Cast", {integer("to", 16)}), "a cast to BFLOAT16 is not supported"},
                                           {one("Cast", {integer("to", 8)}), "a cast to STRING is not supported"},
                                           {one("Cast", {integer("to", -3)}), "a cast to unknown type is not"}});
}
