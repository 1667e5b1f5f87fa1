#include <ctq/host/onnx/translations/division.hpp>

#include <doctest/doctest.h>
#include <host/onnx/import_models.hpp>

#include <cstdint>
#include <vector>

using namespace ctq::test::onnx_import;

TEST_CASE("division: of constants") {
    CHECK(folded("Div", {"a", "b"}, {int64s("a", {7, -7}), int64s("b", {2})}).is<std::int64_t>({3, -3}));
    CHECK(folded("Div", {"a", "b"}, {reals("a", {7, -1}), reals("b", {2, 4})}).is<float>({3.5F, -0.25F}));
    const auto rest = [](std::vector<build::message> attributes) {
        return folded("Mod", {"a", "b"}, {int64s("a", {7, -7}), int64s("b", {3})}, attributes);
    };
    CHECK(rest({}).is<std::int64_t>({1, 2}));
    CHECK(rest({integer("fmod", 1)}).is<std::int64_t>({1, -1}));
    CHECK(folded("Mod", {"a", "b"}, {reals("a", {7.5F, -7.5F}), reals("b", {2})}, {integer("fmod", 1)})
              .is<float>({1.5F, -1.5F}));
}

TEST_CASE("division: of an activation by powers of two, whose reciprocals are reals, a product with these") {
    const auto divided = [](const std::vector<float>& by) { return imported(one("Div", {}, {reals("k0", by)})); };
    const auto graph = divided({4, 0.5F, 1, 0x1p126F, 0x1p-126F, -8});
    REQUIRE(graph.nodes.size() == 1);
    CHECK(ctq::operator_if<ctq::op::multiply>(graph.nodes[0]) != nullptr);
    CHECK(graph.constant_of(graph.nodes[0].inputs[1]).as<float>() ==
          std::vector<float>{0.25F, 2, 1, 0x1p-126F, 0x1p126F, -0.125F});
    for (const float none : {0.0F, 41.0F, 1e-39F, 0x1p-127F, 0x1p127F, -__builtin_inff()})
        CHECK(ctq::operator_if<ctq::op::divide>(divided({none}).nodes[0]) != nullptr);
    const auto both = imported(parts_of({node("d", "Div", {"x", "z"}, {"y"})}));
    CHECK(ctq::operator_if<ctq::op::divide>(both.nodes[0]) != nullptr);
    const auto first = imported(parts_of({node("d", "Div", {"k", "x"}, {"y"})}, {floats("k", {1})}));
    CHECK(ctq::operator_if<ctq::op::divide>(first.nodes[0]) != nullptr);
}

TEST_CASE("division: a remainder of 64-bit reals that float32 does not hold, and jumps") {
    const std::vector<build::message> rest{with(node("n", "Mod", {"a", "b"}, {"r"}), {integer("fmod", 1)})};
    CHECK(folded(rest, {doubles("a", {7.5}), doubles("b", {2})}).is<float>({1.5F}));
    check_refused(exit_code::unsupported,
                  {{beside_relu(rest, {doubles("a", {1}), doubles("b", {0.1})}), "reads 'b', whose reals have more"}});
    CHECK(folded("Div", {"a", "b"}, {doubles("a", {1}), doubles("b", {0.1})}).is<float>({10}));
}

TEST_CASE("division: what would be below 0 of unsigned integers wraps as it does in their type") {
    const auto made = [](const char* type, std::int64_t a, std::int64_t b) {
        return folded(type, {"a", "b"}, {wide_unsigned("a", 12, {a}), wide_unsigned("b", 12, {b})});
    };
    CHECK(made("Sub", 3, 5).is<std::int64_t>({4294967294}));
    CHECK(made("Mul", 2147483648, 4).is<std::int64_t>({0}));
    CHECK(made("Mul", 4294967295, 4294967295).is<std::int64_t>({1}));
    CHECK(made("Div", 4294967295, 2).is<std::int64_t>({2147483647}));
    CHECK(made("Mod", 4294967295, 10).is<std::int64_t>({5}));
    const auto of_64 = [](const char* type, std::int64_t a, std::int64_t b) {
        return refused_model{beside_relu({node("n", type, {"a", "b"}, {"r"})},
                                         {wide_unsigned("a", 13, {a}), wide_unsigned("b", 13, {b})}),
                             "makes of constants of type UINT64 one above 2^63 - 1"};
    };
    check_refused(exit_code::unsupported, {of_64("Sub", 3, 5), of_64("Mul", std::int64_t{1} << 62, 2)});
    CHECK(importing(of_64("Sub", 5, 3).parts).number() == 0);
}

TEST_CASE("division: by a constant 0, a remainder of activations, and of reals without fmod") {
    const auto by_zero = [](const char* type) {
        return beside_relu({node("n", type, {"a", "b"}, {"r"})}, {int64s("a", {7, 8}), int64s("b", {2, 0})});
    };
    build::graph_parts of_input = one("Div", {}, {int64s("k0", {0})});
    of_input.inputs[0] = build::value("x", {1, 4, 6, 6}, 7);
    check_refused(exit_code::unsupported, {{parts_of({with(node("m", "Mod", {"x", "z"}, {"y"}), {integer("fmod", 1)})}),
                                            "reads 'x', which is not constant"}});
    check_refused(exit_code::malformed, {{parts_of({node("m", "Mod", {"x", "z"}, {"y"})}), "fmod must be 1 of reals"},
                                         {parts_of({node("m", "Mod", {"x"}, {"y"})}), "two inputs are required"},
                                         {by_zero("Div"), "integers must not be divided by 0"},
                                         {by_zero("Mod"), "integers must not be divided by 0"},
                                         {of_input, "integers must not be divided by 0"},
                                         {parts_of({node("d", "Div", {"x"}, {"y"})}), "two inputs are required"}});
}
