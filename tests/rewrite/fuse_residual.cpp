#include <ctq/quantize/annotate.hpp>
#include <ctq/rewrite/fuse_residual.hpp>

#include <doctest/doctest.h>
#include <graph/networks.hpp>
#include <laws/graph_pass.hpp>
#include <laws/integer_meaning.hpp>
#include <laws/rules.hpp>

#include <array>
#include <cmath>

using namespace ctq::testing;
using ctq::default_graph;

namespace {

template <class Op> int count(const default_graph& graph) {
    int result = 0;
    for (const auto& node : graph.nodes) result += ctq::operator_if<Op>(node) != nullptr ? 1 : 0;
    return result;
}

/// image -> stem -> body, and stem + body.
default_graph block(ctq::bounds body_activation = ctq::bounds::none()) {
    ctq::builder b;
    std::vector<float> stem(2 * 9), body(2 * 9 * 2);
    for (std::size_t i = 0; i < stem.size(); ++i) stem[i] = static_cast<float>(i % 5) * 0.1f - 0.2f;
    for (std::size_t i = 0; i < body.size(); ++i) body[i] = static_cast<float>(i % 7) * 0.1f - 0.3f;
    const ctq::convolution window{.kernel = {3, 3}, .padding = {1, 1, 1, 1}};
    const auto x = b.conv2d(b.input("image", {1, 4, 4, 1}), {stem}, window, "stem");
    ctq::convolution second = window;
    second.activation = body_activation;
    return b.finish(b.add(x, b.conv2d(x, {body}, second, "body"), ctq::bounds::relu()));
}

std::vector<ctq::bounds> all_ranges(const default_graph& graph, ctq::bounds range = {-2.0f, 2.0f}) {
    return std::vector<ctq::bounds>(graph.values.size(), range);
}

ctq::flags none_kept(const default_graph& graph) {
    return ctq::flags(graph.nodes.size(), std::uint8_t{0});
}

} // namespace

TEST_CASE("fuse_residual: a sum behind a convolution becomes its residual") {
    const default_graph source = block();
    default_graph graph = ctq::annotate<ctq::rule::affine_int8>(source, all_ranges(source), none_kept(source));
    CHECK(count<ctq::op::add>(graph) == 1);
    const default_graph before = graph;
    CHECK(ctq::pass::fuse_residual::run(graph));
    const default_graph once = graph;
    CHECK_FALSE(ctq::pass::fuse_residual::run(graph));
    CHECK(ctq::laws::same_graph(graph, once));
    CHECK(ctq::laws::same_graph(ctq::post_process(before, ctq::default_registry), once));
    CHECK(ctq::laws::same_graph(ctq::prepare(before, ctq::registry<ctq::pass::fuse_residual>{}), before));
    CHECK_NOTHROW(ctq::validate(graph));
    CHECK(count<ctq::op::add>(graph) == 0);
    const auto facts_of = [](const default_graph& of) { return of.value_at(of.outputs[0].value).facts; };
    CHECK(graph.outputs[0].name == before.outputs[0].name);
    CHECK(facts_of(graph) == facts_of(before));
    for (const auto& value : graph.values) CHECK_FALSE(value.name == "body");
    const auto& fused = graph.nodes.back();
    CHECK(fused.inputs.size() == 4);
    CHECK(graph.constant_of(fused.inputs[2]) == ctq::constant(std::vector<std::int32_t>(2, 0)));
    CHECK(fused.name == "body");
    CHECK(fused.origins.size() == 2);
    CHECK(ctq::operator_if<ctq::op::conv2d>(fused)->activation == ctq::bounds::relu());
    CHECK(graph.value_at(fused.output()).facts.range.low ==
          graph.value_at(fused.output()).facts.quantization.zero_point);
}

namespace {

/// Whether the sum stays in the annotated graph.
template <class Rule = ctq::rule::affine_int8>
bool stays(const default_graph& graph, std::vector<ctq::bounds> ranges, const ctq::flags& keep) {
    default_graph annotated = ctq::annotate<Rule>(graph, std::move(ranges), keep);
    ctq::pass::fuse_residual::run(annotated);
    return count<ctq::op::add>(annotated) == 1;
}

} // namespace

TEST_CASE("fuse_residual: not where an activation, an exclusion or a large residual stands between") {
    const default_graph clamped = block(ctq::bounds::relu6()), plain = block();
    CHECK_FALSE(stays(plain, all_ranges(plain), none_kept(plain)));
    CHECK(stays(clamped, all_ranges(clamped), none_kept(clamped)));
    ctq::flags keep = none_kept(plain);
    keep.back() = 1;
    CHECK(stays(plain, all_ranges(plain), keep));
    std::vector<ctq::bounds> narrow = all_ranges(plain, {-20.0f, 20.0f});
    narrow[static_cast<std::size_t>(plain.outputs[0].value)] = {0.0f, 1.0f};
    CHECK(stays(plain, narrow, none_kept(plain)));
}

TEST_CASE("fuse_residual: not where the residual has another element type than the convolution reads") {
    ctq::builder b;
    const std::vector<float> body(4, 0.25f);
    const auto image = b.input("image", {1, 2, 2, 2}), other = b.input("other", {1, 2, 2, 2});
    const default_graph graph = b.finish(b.add(b.conv2d(image, {body}, {}), other));
    std::vector<ctq::bounds> ranges = all_ranges(graph);
    CHECK_FALSE(stays<ctq::laws::auto_int8>(graph, ranges, none_kept(graph)));
    ranges[static_cast<std::size_t>(other.value)] = {0.0f, 2.0f};
    CHECK(stays<ctq::laws::auto_int8>(graph, ranges, none_kept(graph)));
    ranges[static_cast<std::size_t>(image.value)] = {0.0f, 2.0f};
    CHECK_FALSE(stays<ctq::laws::auto_int8>(graph, ranges, none_kept(graph)));
}

TEST_CASE("fuse_residual: not where the sum stretches the convolution") {
    ctq::builder b;
    const std::vector<float> rows(2 * 4, 0.3f);
    const auto x = b.input("x", {1, 2, 3, 2});
    const default_graph graph = b.finish(b.add(b.conv2d(x, {rows}, {.kernel = {2, 1}}, "row"), x));
    CHECK(stays(graph, all_ranges(graph), none_kept(graph)));
}

// The convolution's part has 16 bits, which is 256 output steps to each side at least.
TEST_CASE("fuse_residual: not where a residual would bring back what saturates") {
    const auto cancelling_stays = [](float factor, float bias, ctq::bounds x, ctq::bounds output) {
        ctq::builder b;
        const std::vector<float> weights{factor}, biases{bias};
        const auto input = b.input("x", {1, 1, 2, 1});
        const auto convolved = b.conv2d(input, {weights, biases}, {});
        const default_graph graph =
            b.finish(b.add(convolved, input, output.low == 0 ? ctq::bounds::relu() : ctq::bounds::none()));
        std::vector<ctq::bounds> ranges(graph.values.size(), x);
        ranges[static_cast<std::size_t>(convolved.value)] = {factor * x.high + bias, factor * x.low + bias};
        ranges[static_cast<std::size_t>(graph.outputs[0].value)] = output;
        const ctq::flags keep = none_kept(graph);
        const auto integers =
            ctq::post_process(ctq::annotate<ctq::rule::affine_int8>(graph, ranges, keep), ctq::default_registry);
        for (const float at : {0.0f, 0.25f, 0.5f, 1.0f}) {
            const std::vector<float> sample{x.low + at * (x.high - x.low), x.high - at * (x.high - x.low)};
            CHECK(ctq::laws::deviation_of<ctq::rule::affine_int8>(graph, integers, keep, {ctq::constant(sample)}) ==
                  "");
        }
        return count<ctq::op::add>(integers) == 1;
    };
    // Of 128 output steps to each side the convolution takes 298.
    CHECK(cancelling_stays(-0.7f, 0, {-1, 1}, {-0.3f, 0.3f}));
    CHECK_FALSE(cancelling_stays(-0.5f, 0, {-1, 1}, {-0.5f, 0.5f}));
    // Far below zero the sum stays there, whatever the residual adds: ReLU ends both alike.
    CHECK_FALSE(cancelling_stays(-2.5f, 1, {0, 1}, {0, 1}));
}

TEST_CASE("fuse_residual: the scale that a concat widens is the one that counts") {
    ctq::builder b;
    std::vector<float> body(4), zeros(4 * 2);
    for (std::size_t i = 0; i < body.size(); ++i) body[i] = static_cast<float>(i) * 0.1f - 0.2f;
    const auto x = b.input("image", {1, 2, 2, 2});
    const auto wide = b.input("wide", {1, 2, 2, 2});
    const auto sum = b.add(b.conv2d(x, {body}, {}, "body"), x);
    const auto both = b.concat({x, wide});
    const default_graph source = b.finish({{"sum", sum.value}, {"both", both.value}});
    std::vector<ctq::bounds> ranges = all_ranges(source, {-1.0f, 1.0f});
    ranges[static_cast<std::size_t>(wide.value)] = ranges[static_cast<std::size_t>(both.value)] = {-100.0f, 100.0f};
    CHECK(stays(source, ranges, none_kept(source)));
}

// In the compiler too, where a ratio of the scales that floats lack is no constant.
static_assert([] {
    ctq::builder b;
    const std::array<float, 1> weights{2};
    const auto x = b.input("x", {1, 2, 2, 1});
    default_graph graph = b.finish(b.add(b.conv2d(x, {weights}, {}), x));
    return !ctq::pass::fuse_residual::run(graph) && graph.nodes.size() == 2;
}());

TEST_CASE("fuse_residual: TFLite's rule keeps the sum") {
    const default_graph graph = block();
    default_graph annotated = ctq::annotate<ctq::rule::tflite_int8>(graph, all_ranges(graph), none_kept(graph));
    CHECK_FALSE(ctq::pass::fuse_residual::run(annotated));
    CHECK(count<ctq::op::add>(annotated) == 1);
}

TEST_CASE("fuse_residual: the fused integers are the real sum, rounded once") {
    const default_graph graph = block();
    default_graph integers = ctq::annotate<ctq::rule::affine_int8>(graph, all_ranges(graph), none_kept(graph));
    ctq::pass::fuse_residual::run(integers);
    std::vector<std::int8_t> image(16);
    for (std::size_t i = 0; i < image.size(); ++i) image[i] = static_cast<std::int8_t>(static_cast<int>(i) * 16 - 128);
    const auto& q = integers.value_at(integers.inputs[0].value).facts.quantization;
    std::vector<float> reals;
    for (const std::int8_t each : image) reals.push_back(ctq::dequantize(each, q));
    const auto real = ctq::evaluate(graph, {ctq::constant(reals)});
    const auto made = ctq::evaluate<ctq::rule::affine_int8>(integers, {ctq::constant(image)});
    const int from = graph.outputs[0].value, to = integers.outputs[0].value;
    const auto& out = integers.value_at(to).facts.quantization;
    for (std::size_t i = 0; i < 32; ++i) {
        const float wanted = real[static_cast<std::size_t>(from)].as<float>()[i];
        const float got = ctq::dequantize(made[static_cast<std::size_t>(to)].as<std::int8_t>()[i], out);
        CHECK(std::abs(std::min(wanted, 2.0f) - got) <= 2.0f * out.scale);
    }
}
