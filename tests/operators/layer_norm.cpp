#include <ctq/operators/layer_norm.hpp>

#include <doctest/doctest.h>
#include <operators/single_node.hpp>

#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <vector>

using namespace ctq::testing;
using ctq::shape;
using ctq::op::layer_norm;

namespace {

// Means 2 and 20, deviations 1 and 10.
static_assert([] {
    return float_result(layer_norm{-1, 1e-30f}, {{{2, 2}, {1, 3, 10, 30}}, {{2}, {1, 2}}, {{2}, {0, 5}}}) ==
           std::vector<float>{-1, 7, -1, 7};
}());

/// Rows less themselves, rounded: what is left are the last digits of doubles, where a product shows that is fused into
/// a sum.
constexpr std::array<float, 300> last_digits() {
    std::array<float, 300> result{};
    for (std::size_t i = 0; i < result.size(); i += 3) {
        std::vector<float> x, scale;
        for (std::size_t k = 0; k < 3; ++k) x.push_back(1.0f / static_cast<float>(3 + 7 * (i + k)));
        for (std::size_t k = 0; k < 3; ++k) scale.push_back(1.0f / static_cast<float>(1 + 3 * (i + k)));
        const layer_norm op{-1, 1e-12f};
        std::vector<float> bias = float_result(op, {{{3}, x}, {{3}, scale}});
        for (float& each : bias) each = -each;
        const auto made = float_result(op, {{{3}, x}, {{3}, scale}, {{3}, bias}});
        for (std::size_t k = 0; k < 3; ++k) result[i + k] = made[k];
    }
    return result;
}
constexpr auto made_by_the_compiler = last_digits();

} // namespace

TEST_CASE("layer_norm: shape rule") {
    const operand row{{3, 4}};
    CHECK(shape_from(layer_norm{1}, {{{2, 3, 4}}, row, row}) == shape{2, 3, 4});
    CHECK(shape_from(layer_norm{-2}, {{{2, 3, 4}}, row}) == shape{2, 3, 4});
    const auto refused = [](const layer_norm& op, const std::vector<operand>& in, const char* text) {
        CHECK_THROWS_WITH_AS(shape_from(op, in), text, ctq::model_error);
    };
    refused({}, {{{2}}}, "layer_norm takes a tensor, a scale and an optional bias");
    refused({}, {{{2, 3, 4}}, row}, "scale and bias must have the shape of a row, which is normalized");
    refused({1}, {{{2, 3, 4}}, row, {{4}}}, "scale and bias must have the shape of a row, which is normalized");
    refused({3}, {{{2, 3, 4}}, row}, "the axis is out of the tensor's range; use -rank .. rank-1");
    for (const float epsilon : {0.0f, -1e-5f, NAN, std::numeric_limits<float>::infinity()})
        refused({1, epsilon}, {{{2, 3, 4}}, row}, "layer_norm's epsilon must be positive and finite");
}

TEST_CASE("layer_norm: the same bits at run time as in the compiler") {
    CHECK(last_digits() == made_by_the_compiler);
}

TEST_CASE("layer_norm: it has no integer meaning, and its constants are no rule's") {
    constexpr ctq::signature bytes{ctq::dtype::int8, ctq::dtype::int8, ctq::dtype::int8, ctq::dtype::int32,
                                   ctq::rounding::three_step};
    static_assert(!ctq::has_integer_meaning<layer_norm, bytes>);
    const auto graph = quantized_node(layer_norm{}, {{{2, 4}}, {{4}, {1, 2, 3, 4}}, {{4}, {5, 6, 7, 8}}}).graph;
    REQUIRE(graph.nodes.size() == 1);
    CHECK(graph.nodes[0].in_float());
    CHECK(graph.reals(graph.nodes[0].inputs[1])[3] == 4);
    CHECK(graph.reals(graph.nodes[0].inputs[2])[3] == 8);
}
