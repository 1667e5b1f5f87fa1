#include <ctq/execute/evaluate.hpp>
#include <ctq/host/onnx/translations/expand.hpp>

#include <doctest/doctest.h>
#include <host/onnx/import_models.hpp>

#include <cstdint>
#include <vector>

using namespace ctq::test::onnx_import;
using ctq::shape;

namespace {

constexpr std::int64_t huge = 2147483647, more = std::int64_t{1} << 40;

/// What one node makes of an activation of the elements 1, 2, ...
std::vector<float> made_of_activation(const char* type, const build::dims& of, const std::vector<std::int64_t>& list) {
    const auto graph = imported(one(type, {}, {int64s("k0", list)}, of));
    std::vector<float> x(static_cast<std::size_t>(graph.value_at(graph.inputs[0].value).facts.shape.elements()));
    for (std::size_t i = 0; i < x.size(); ++i) x[i] = static_cast<float>(i + 1);
    const auto elements = ctq::evaluate(graph, {ctq::constant(x), ctq::constant(x)});
    return elements[static_cast<std::size_t>(graph.outputs[0].value)].as<float>();
}

} // namespace

TEST_CASE("expand: constants of any type, to more axes, and to none of their elements") {
    const auto expanded = [](const build::message& k, const std::vector<std::int64_t>& to) {
        return folded("Expand", {"k", "to"}, {k, int64s("to", to)});
    };
    CHECK(expanded(int64s("k", {1, 2}), {2, 2}).is<std::int64_t>({1, 2, 1, 2}));
    CHECK(expanded(of_type("k", 9, {2, 1}, {1, 0}), {2})
              .is<ctq::boolean>({ctq::boolean::yes, ctq::boolean::yes, ctq::boolean::no, ctq::boolean::no}));
    CHECK(expanded(int64s("k", {1, 2}), {1}).is<std::int64_t>({1, 2}));
    CHECK(expanded(scalar("k", 7), {2, 1, 2}).of == shape{2, 1, 2});
    CHECK(expanded(scalar("k", 7), {0, 3}).of == shape{0, 3});
    CHECK(expanded(scalar("k", 7), {}).is<std::int64_t>({7}));
}

TEST_CASE("expand: activations") {
    CHECK(made_of_activation("Expand", {1, 2}, {2, 2, 2}) == std::vector<float>{1, 2, 1, 2, 1, 2, 1, 2});
    CHECK(made_of_activation("Expand", {2, 1}, {1, 3}) == std::vector<float>{1, 1, 1, 2, 2, 2});
    CHECK(made_of_activation("Expand", {2}, {1}) == std::vector<float>{1, 2});
    CHECK(made_of_activation("Tile", {2, 2}, {1, 2}) == std::vector<float>{1, 2, 1, 2, 3, 4, 3, 4});
    CHECK(made_of_activation("Tile", {2, 2}, {2, 1}) == std::vector<float>{1, 2, 3, 4, 1, 2, 3, 4});
    CHECK(made_of_activation("Tile", {2, 1}, {2, 3}) == std::vector<float>{1, 1, 1, 2, 2, 2, 1, 1, 1, 2, 2, 2});
    CHECK(made_of_activation("Tile", {2}, {1}) == std::vector<float>{1, 2});
}

TEST_CASE("expand: tiles of constants, of six axes and of nothing") {
    CHECK(folded("Tile", {"k", "by"}, {int64s("k", {1, 2}), int64s("by", {3})}).is<std::int64_t>({1, 2, 1, 2, 1, 2}));
    const folded_value six = folded(
        "Tile", {"k", "by"}, {of_type("k", 6, {1, 2, 1, 1, 2, 1}, {1, 2, 3, 4}), int64s("by", {1, 1, 2, 1, 1, 2})});
    CHECK(six.of == shape{1, 2, 2, 1, 2, 2});
    CHECK(six.is<std::int32_t>({1, 1, 2, 2, 1, 1, 2, 2, 3, 3, 4, 4, 3, 3, 4, 4}));
    CHECK(folded("Tile", {"k", "by"}, {int64s("k", {1, 2}), int64s("by", {0})}).of == shape{0});
}

TEST_CASE("expand: a constant of a shape, a real 0 unless it says another one") {
    CHECK(folded("ConstantOfShape", {"to"}, {int64s("to", {3})}).is<float>({0, 0, 0}));
    const auto filled = [](const build::message& with, const std::vector<std::int64_t>& to) {
        return folded("ConstantOfShape", {"to"}, {int64s("to", to)}, {build::attribute("value", 4).sub(5, with)});
    };
    CHECK(filled(int64s("", {-7}), {2, 1}).is<std::int64_t>({-7, -7}));
    CHECK(filled(int64s("", {-7}), {2, 1}).of == shape{2, 1});
    CHECK(filled(of_type("", 9, {}, {1}), {}).is<ctq::boolean>({ctq::boolean::yes}));
    CHECK(filled(int64s("", {1}), {0}).of == shape{0});
}

TEST_CASE("expand: shapes that are none, and more than the memory holds") {
    const auto of_shape = [](const std::vector<std::int64_t>& to) {
        return parts_of({node("n", "ConstantOfShape", {"to"}, {"k"}), node("r", "Relu", {"x"}, {"y"})},
                        {int64s("to", to)});
    };
    const auto from_one = [](const char* type, const std::vector<std::int64_t>& to) {
        const std::vector<std::int64_t> ones(to.size(), 1);
        const build::dims dims(to.size(), 1);
        return parts_of({node("n", type, {"k", "to"}, {"many"}), node("r", "Relu", {"x"}, {"y"})},
                        {build::tensor_head("k", 7, dims).integers(7, {1}), int64s("to", to)});
    };
    check_refused(exit_code::malformed,
                  {{one("Expand", {}, {int64s("k0", {5, 1})}), "do not broadcast"},
                   {one("Expand", {}, {int64s("k0", {-1})}), "an extent must not be negative"},
                   {one("Expand", {}, {scalar("k0", 1)}), "the shape must be a list"},
                   {one("Expand", {}), "two inputs are required"},
                   {one("Expand", {}, {int64s("k0", {0})}), "do not broadcast"},
                   {one("Tile", {}, {int64s("k0", {1})}), "there must be a repeat for each axis"},
                   {one("Tile", {}, {int64s("k0", {1, 1, 1, -1})}), "an extent must not be negative"},
                   {parts_of({with(node("n", "ConstantOfShape", {"to"}, {"y"}),
                                   {build::attribute("value", 4).sub(5, int64s("", {1, 2}))})},
                             {int64s("to", {2})}),
                    "must keep the number of elements"}});
    check_refused(exit_code::unsupported,
                  {{parts_of({node("n", "Expand", {"x", "z"}, {"y"})}, {}, {1}), "must be constant"},
                   {one("Expand", {}, {int64s("k0", {1, 1, 1, 1, 1, 1, 1})}), "at most 6 axes"},
                   {one("Expand", {}, {int64s("k0", {0, 1, 1, 1, 1})}), "the result would have no elements"},
                   {one("Tile", {}, {int64s("k0", {1, 1, 1, 0})}), "the result would have no elements"},
                   {parts_of({with(node("k", "ConstantOfShape", {"many"}, {"k"}),
                                   {build::attribute("value", 4).sub(5, int64s("", {1}))}),
                              node("n", "Expand", {"x", "k"}, {"y"})},
                             {int64s("many", {1 << 20})}),
                    "input 1 'k' holds 1048576 integers (inputs 1x4x6x6, 1048576); 12, two for each of 6 axes, are"},
                   {of_shape({more, more}), "a tensor of more than 2^30 elements"},
                   {of_shape({huge, huge, huge, huge, huge, huge}), "a tensor of more than 2^30 elements"},
                   {of_shape({huge, huge, huge, huge, huge, 0}), "a tensor of more than 2^30 elements"},
                   {of_shape({1 << 29}), "of constants it makes 2147483648 bytes more"},
                   {from_one("Expand", {1 << 28}), "of constants it makes 2147483648 bytes more"},
                   {from_one("Expand", {huge, huge}), "a tensor of more than 2^30 elements"},
                   {from_one("Tile", {1 << 28}), "of constants it makes 2147483648 bytes more"},
                   {from_one("Tile", {huge, huge}), "a tensor of more than 2^30 elements"},
                   {from_one("Tile", {0, huge, huge}), "a tensor of more than 2^30 elements"},
                   {one("Tile", {}, {int64s("k0", {1, 1, huge, 1})}), "a tensor of more than 2^30 elements"}});
}
