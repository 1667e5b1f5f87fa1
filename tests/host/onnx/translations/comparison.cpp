#include <ctq/host/onnx/translations/comparison.hpp>

#include <doctest/doctest.h>
#include <host/onnx/import_models.hpp>

#include <cstdint>
#include <vector>

using namespace ctq::test::onnx_import;
using ctq::boolean;

namespace {

constexpr boolean unlike = boolean::no, alike = boolean::yes;

/// Of 1, 2, 3 and 2.
folded_value compared(const char* type) {
    return folded(type, {"a", "b"}, {int64s("a", {1, 2, 3}), scalar("b", 2)}, {}, 16);
}

/// Of both with both.
folded_value combined(const char* type) {
    return folded(type, {"a", "b"}, {booleans("a", {0, 0, 1, 1}), booleans("b", {0, 1, 0, 1})});
}

} // namespace

TEST_CASE("comparison: each relation, whichever way round the operator has it") {
    CHECK(compared("Equal").is<boolean>({unlike, alike, unlike}));
    CHECK(compared("Less").is<boolean>({alike, unlike, unlike}));
    CHECK(compared("LessOrEqual").is<boolean>({alike, alike, unlike}));
    CHECK(compared("Greater").is<boolean>({unlike, unlike, alike}));
    CHECK(compared("GreaterOrEqual").is<boolean>({unlike, alike, alike}));
    const folded_value old =
        folded("Less", {"a", "b"}, {build::float_tensor("a", {2, 2}, {1, 2, 3, 4}), reals("b", {2, 4})},
               {integer("broadcast", 1), integer("axis", 0)}, 6);
    CHECK(old.is<boolean>({alike, unlike, alike, unlike}));
}

TEST_CASE("comparison: what is made of booleans") {
    CHECK(combined("And").is<boolean>({unlike, unlike, unlike, alike}));
    CHECK(combined("Or").is<boolean>({unlike, alike, alike, alike}));
    CHECK(combined("Xor").is<boolean>({unlike, alike, alike, unlike}));
    CHECK(combined("Equal").is<boolean>({alike, unlike, unlike, alike}));
    CHECK(folded("Not", {"a"}, {booleans("a", {0, 1})}).is<boolean>({alike, unlike}));
    const folded_value chosen =
        folded("Where", {"c", "a", "b"}, {of_type("c", 9, {2, 1}, {1, 0}), int64s("a", {1, 2}), scalar("b", -1)});
    CHECK(chosen.is<std::int64_t>({1, 2, -1, -1}));
    CHECK(chosen.of == ctq::shape{2, 2});
}

TEST_CASE("comparison: of 64-bit reals only where float32 holds them") {
    const auto compared = [](const build::message& b) {
        return std::vector<build::message>{doubles("a", {1, 2.5}), b};
    };
    CHECK(folded("Less", {"a", "b"}, compared(doubles("b", {2.5}))).is<boolean>({alike, unlike}));
    const char* const text = "reads 'b', whose reals have more digits in the model than ctq keeps";
    const auto nodes = [](const char* type) { return std::vector<build::message>{node("n", type, {"a", "b"}, {"r"})}; };
    for (const char* type : {"Equal", "Less", "LessOrEqual", "Greater", "GreaterOrEqual"})
        check_refused(exit_code::unsupported,
                      {{beside_relu(nodes(type), compared(doubles("b", {1.000000000001}))), text, 16}});
    // What is chosen among them, turned or cut is no other; what is computed with them is, and what they were cast to.
    const std::vector<build::message> k{doubles("k", {0.1, 0.2}), booleans("c", {1, 0}), reals("f", {0.25F})};
    const auto after = [&](const build::message& first, const char* other, const char* text_of) {
        return refused_model{beside_relu({first, node("n", "Equal", {"m", other}, {"r"})}, k), text_of};
    };
    const char* const of_m = "reads 'm', whose reals have more digits";
    check_refused(exit_code::unsupported,
                  {after(node("p", "Where", {"c", "k", "k"}, {"m"}), "k", of_m),
                   after(with(node("p", "Concat", {"f", "k"}, {"m"}), {integer("axis", 0)}), "f", of_m),
                   after(node("p", "Add", {"k", "k"}, {"m"}), "f", of_m),
                   after(node("p", "Sigmoid", {"k"}, {"m"}), "f", of_m)});
    const auto doubled = [&](const char* first, std::int64_t to) {
        return std::vector<build::message>{
            with(node("b", "Cast", {first}, {"b"}), {integer("to", to)}), node("a", "Add", {"b", "b"}, {"s"}),
            with(node("d", "Cast", {"s"}, {"d"}), {integer("to", 1)}), node("n", "Equal", {"d", "f"}, {"r"})};
    };
    CHECK(folded(doubled("k", 1), k).is<boolean>({unlike, unlike}));
    check_refused(exit_code::unsupported,
                  {{beside_relu(doubled("k", 11), k), "reads 'd', whose reals have more digits"},
                   {beside_relu(doubled("f", 11), k), "reads 'd', whose reals"}});
}

TEST_CASE("comparison: a network's own reals, whatever its weights were") {
    const build::message w = doubles("w", {0.1, 0.2, 0.3, 0.4, 0.5, 0.6});
    CHECK(imported(parts_of({node("m", "Mul", {"x", "w"}, {"m"}), node("n", "Greater", {"m", "f"}, {"y"})},
                            {w, floats("f", {1})}))
              .nodes.size() == 2);
    check_refused(exit_code::unsupported,
                  {{parts_of({node("n", "Greater", {"x", "w"}, {"y"})}, {w}), "reads 'w', whose"}});
}

TEST_CASE("comparison: on activations they are nodes") {
    const auto graph = imported(parts_of({node("g", "Greater", {"x", "z"}, {"g"}), node("n", "Not", {"g"}, {"n"}),
                                          node("w", "Where", {"n", "x", "z"}, {"y"})}));
    REQUIRE(graph.nodes.size() == 3);
    CHECK(*ctq::operator_if<ctq::op::compare>(graph.nodes[0]) == ctq::op::compare{ctq::op::relation::less});
    CHECK(graph.nodes[0].inputs == std::vector<int>{graph.inputs[1].value, graph.inputs[0].value});
    CHECK(graph.value_at(graph.nodes[1].output()).facts.type == ctq::dtype::boolean);
    CHECK(ctq::operator_if<ctq::op::select>(graph.nodes[2]) != nullptr);
}

TEST_CASE("comparison: operands of other types, or too few") {
    check_refused(exit_code::malformed,
                  {{one("Not", {}), "booleans are required"},
                   {parts_of({node("n", "Not", {"b", "b"}, {"y"})}, {booleans("b", {1})}), "one input is required"},
                   {parts_of({node("a", "And", {"x", "z"}, {"y"})}), "booleans are required"},
                   {parts_of({node("a", "Or", {"b"}, {"y"})}, {booleans("b", {1})}), "booleans are required"},
                   {parts_of({node("w", "Where", {"x", "x", "z"}, {"y"})}), "booleans are required"},
                   {parts_of({node("w", "Where", {"x", "z"}, {"y"})}), "three inputs are required"},
                   {parts_of({node("w", "Where", {"c", "x", "i"}, {"y"})}, {booleans("c", {1}), int64s("i", {1})}),
                    "two operands of one element type"},
                   {one("Equal", {}, {int64s("k0", {1})}), "one type for all is required"},
                   {one("Less", {}), "two inputs are required"}});
}
