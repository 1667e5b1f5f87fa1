#include <ctq/graph/validate.hpp>
#include <ctq/operators/gather.hpp>
#include <ctq/operators/top_k.hpp>
#include <ctq/quantize/int16x8.hpp>

#include <doctest/doctest.h>
#include <operators/single_node.hpp>

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <numeric>
#include <utility>
#include <variant>
#include <vector>

using namespace ctq::testing;
using ctq::constant;
using ctq::dtype;
using ctq::shape;
using ctq::op::top_k;

namespace {

using positions = std::vector<std::int64_t>;
constexpr float infinity = std::numeric_limits<float>::infinity(),
                not_a_number = std::numeric_limits<float>::quiet_NaN();

/// The lines along an axis, sorted whole, equal elements by their indices.
template <class T> struct sorted_lines {
    std::vector<T> values;
    positions indices;

    sorted_lines(const std::vector<T>& x, const shape& of, int axis, int count, bool largest) {
        const auto step = static_cast<std::size_t>(of.elements(axis + 1, of.rank)),
                   length = static_cast<std::size_t>(of[axis]), kept = static_cast<std::size_t>(count);
        values.resize(x.size() / length * kept);
        indices.resize(values.size());
        for (std::size_t line = 0; line < x.size() / length; ++line) {
            const std::size_t first = line / step * step * length + line % step;
            const std::size_t to = line / step * step * kept + line % step;
            std::vector<std::size_t> order(length);
            std::iota(order.begin(), order.end(), 0U);
            const auto key = [&](std::size_t i) { return x[first + i * step]; };
            std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
                if (is_less(key(a), key(b))) return !largest;
                return is_less(key(b), key(a)) ? largest : a < b;
            });
            for (std::size_t k = 0; k < kept; ++k) {
                values[to + k * step] = key(order[k]);
                indices[to + k * step] = static_cast<std::int64_t>(order[k]);
            }
        }
    }

    /// As numpy sorts: NaN last.
    static bool is_less(T a, T b) { return b != b ? a == a : a < b; }
};

template <class T> bool same_bits(const std::vector<T>& a, const std::vector<T>& b) {
    return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](T one, T other) {
        return std::bit_cast<std::array<std::uint8_t, sizeof(T)>>(one) ==
               std::bit_cast<std::array<std::uint8_t, sizeof(T)>>(other);
    });
}

template <class T>
void check_line_by_line(const std::vector<T>& x, const shape& of, int axis, int count, bool largest) {
    CAPTURE(axis);
    CAPTURE(count);
    CAPTURE(largest);
    const auto made = all_results(top_k{axis, count, largest}, {{{ctq::dtype_of<T>, of}, x.data()}});
    const sorted_lines<T> wanted(x, of, of.normalized_axis(axis), count, largest);
    CHECK(same_bits(made[0].template as<T>(), wanted.values));
    CHECK(made[1].template as<std::int64_t>() == wanted.indices);
}

static_assert([] {
    const std::array<float, 5> x{3, 1, 4, 1, 5};
    const auto made = all_results(top_k{-1, 3, false}, {{{dtype::float32, {5}}, x.data()}});
    return made[0].as<float>() == std::vector<float>{1, 1, 3} && made[1].as<std::int64_t>() == positions{1, 3, 0};
}());

/// The integer node's outputs on these inputs.
template <class Rule>
std::pair<std::vector<std::int32_t>, positions>
integers_of(const top_k& op, const shape& of, const std::vector<std::int32_t>& x, const ctq::bounds& range) {
    const auto node = quantized_node<Rule>(op, {{of, {}, range}}, range);
    ctq::validate(node.graph);
    CHECK(node.never_overflows());
    REQUIRE(node.graph.nodes.size() == 1);
    CHECK_FALSE(node.graph.nodes[0].in_float());
    CHECK(node.output() ==
          ctq::tensor_facts{node.input().type, node.output().shape, node.input().quantization, node.input().range});
    const int indices = node.graph.nodes[0].outputs[1];
    CHECK(node.graph.value_at(indices).facts == ctq::tensor_facts{dtype::int64, node.output().shape});
    const auto made = ctq::evaluate<Rule>(node.graph, {stored_as(node.input().type, x)});
    return {integers_in(made[static_cast<std::size_t>(node.graph.outputs[0].value)]),
            made[static_cast<std::size_t>(indices)].template as<std::int64_t>()};
}

} // namespace

TEST_CASE("top_k: shapes and types of its outputs") {
    const auto shape_of = [](const top_k& op, const shape& of, int which) {
        return op.output_shape(ctq::shapes(&of, 1), which);
    };
    for (const int which : {0, 1}) {
        CHECK(shape_of({1, 2}, {4, 3, 5}, which) == shape{4, 2, 5});
        CHECK(shape_of({-1, 5}, {4, 3, 5}, which) == shape{4, 3, 5});
    }
    const auto type_of = [](dtype in, int which) { return ctq::output_type(top_k{}, std::array{in}, which); };
    CHECK(type_of(dtype::float32, 0) == dtype::float32);
    CHECK(type_of(dtype::int32, 0) == dtype::int32);
    CHECK(type_of(dtype::int32, 1) == dtype::int64);
    CHECK_THROWS_WITH_AS(type_of(dtype::boolean, 0), "the operator takes float32, int32 and int64 only",
                         ctq::model_error);
    CHECK_THROWS_WITH_AS(output_shape(top_k{}, ctq::shapes()), "top_k takes one input", ctq::model_error);
    CHECK_THROWS_AS(shape_of({}, {}, 0), ctq::model_error);
    for (const int count : {0, -1, 4})
        CHECK_THROWS_WITH_AS(shape_of({0, count}, {3}, 0),
                             "top_k must choose 1 element at least and all of a line at most", ctq::model_error);
}

TEST_CASE("top_k: infinities, zeros of both signs, which are equal, and NaN, which is the largest") {
    const std::vector<float> odd{0.0f,         not_a_number,  -infinity, -0.0f,    infinity, 1,
                                 not_a_number, -not_a_number, -infinity, infinity, 0.0f,     3e38f};
    for (int count = 1; count <= 12; ++count)
        for (const bool largest : {false, true}) check_line_by_line(odd, {12}, 0, count, largest);
    const auto made = all_results(top_k{0, 4, true}, {{{dtype::float32, {12}}, odd.data()}});
    CHECK(made[1].as<std::int64_t>() == positions{1, 6, 7, 4});
    const auto smallest = all_results(top_k{0, 5, false}, {{{dtype::float32, {12}}, odd.data()}});
    CHECK(smallest[1].as<std::int64_t>() == positions{2, 8, 0, 3, 10});
}

TEST_CASE("top_k: plain integers, the extremes too") {
    using wide = std::numeric_limits<std::int64_t>;
    const std::vector<std::int64_t> x{0, wide::min(),      wide::max(),     -1, wide::max(), wide::min() + 1,
                                      7, 9007199254740993, 9007199254740992};
    std::vector<std::int32_t> narrow{0, std::numeric_limits<std::int32_t>::min(), 5,
                                     5, std::numeric_limits<std::int32_t>::max(), -1};
    for (const bool largest : {false, true}) {
        for (int count = 1; count <= 9; ++count) check_line_by_line(x, {9}, 0, count, largest);
        for (int count = 1; count <= 3; ++count) check_line_by_line(narrow, {2, 3}, 1, count, largest);
    }
}

TEST_CASE("top_k: of quantized integers, in their quantization, with plain indices") {
    dice random(8);
    const shape of{2, 6, 3};
    std::vector<std::int32_t> x;
    for (const std::int8_t each : random.integers(of.elements(), -3, 3)) x.push_back(each);
    x[0] = x[7] = -128;
    x[10] = x[13] = 127;
    for (const bool largest : {false, true}) {
        const sorted_lines<std::int32_t> wanted(x, of, 1, 4, largest);
        const auto bytes = integers_of<ctq::rule::affine_int8>({1, 4, largest}, of, x, {-1, 0.5f});
        CHECK(bytes.first == wanted.values);
        CHECK(bytes.second == wanted.indices);
        const auto words = integers_of<ctq::rule::int16x8>({1, 4, largest}, of, x, {-1, 0.5f});
        CHECK(words.first == wanted.values);
        CHECK(words.second == wanted.indices);
    }
}

TEST_CASE("top_k: its indices are read in integers and in floats alike, without a conversion") {
    ctq::basic_graph<std::variant<top_k, ctq::op::gather, ctq::op::quantize, ctq::op::dequantize, ctq::op::requantize>>
        graph;
    const int x = graph.add_value("x", {dtype::float32, {5}}), other = graph.add_value("other", {dtype::float32, {5}});
    graph.inputs = {{"x", x}, {"other", other}};
    graph.add_node("best", top_k{0, 2}, {x});
    const int indices = graph.nodes[0].outputs[1];
    graph.outputs = {{"integers", graph.add_node("integers", ctq::op::gather{}, {x, indices})},
                     {"reals", graph.add_node("reals", ctq::op::gather{}, {other, indices})},
                     {"indices", indices}};
    const std::vector<ctq::bounds> seen(graph.values.size(), {-1, 1});
    const auto annotated = ctq::annotate<ctq::rule::affine_int8>(graph, seen, ctq::flags{0, 0, 1});
    ctq::validate(annotated);
    for (const auto& node : annotated.nodes)
        for (const int input : node.inputs)
            CHECK((annotated.value_at(input).facts.type != dtype::int64 ||
                   ctq::operator_if<ctq::op::gather>(node) != nullptr));
    const auto made =
        ctq::evaluate<ctq::rule::affine_int8>(annotated, {constant(std::vector<std::int8_t>{1, 9, 3, 9, 4}),
                                                          constant(std::vector<float>{0.1f, 0.2f, 0.3f, 0.4f, 0.5f})});
    const auto output = [&](std::size_t which) -> const constant& {
        return made[static_cast<std::size_t>(annotated.outputs[which].value)];
    };
    CHECK(output(0).as<std::int8_t>() == std::vector<std::int8_t>{9, 9});
    CHECK(output(1).as<float>() == std::vector<float>{0.2f, 0.4f});
    CHECK(output(2).as<std::int64_t>() == positions{1, 3});
}

TEST_CASE("top_k: its steps grow with the heap") {
    const std::array in{shape{3, 100}};
    CHECK(ctq::steps(top_k{-1, 1}, in, {3, 1}) == 300);
    CHECK(ctq::steps(top_k{-1, 64}, in, {3, 64}) == 2100);
}
