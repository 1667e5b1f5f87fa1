#include <ctq/quantize/fuse_residual.hpp>
#include <ctq/quantize/quantize.hpp>

#include <doctest/doctest.h>
#include <graph/networks.hpp>

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
default_graph block(ctq::bounds body_activation = ctq::none) {
    ctq::builder b;
    std::vector<float> stem(2 * 9), body(2 * 9 * 2);
    for (std::size_t i = 0; i < stem.size(); ++i) stem[i] = static_cast<float>(i % 5) * 0.1f - 0.2f;
    for (std::size_t i = 0; i < body.size(); ++i) body[i] = static_cast<float>(i % 7) * 0.1f - 0.3f;
    const ctq::convolution window{.kernel = {3, 3}, .padding = {1, 1, 1, 1}};
    const auto x = b.conv2d(b.input("image", {1, 4, 4, 1}), {stem}, window, "stem");
    ctq::convolution second = window;
    second.activation = body_activation;
    return b.finish(b.add(x, b.conv2d(x, {body}, second, "body"), ctq::relu));
}

std::vector<ctq::bounds> all_ranges(const default_graph& graph, ctq::bounds range = {-2.0f, 2.0f}) {
    return std::vector<ctq::bounds>(graph.values.size(), range);
}

ctq::flags none_kept(const default_graph& graph) {
    return ctq::flags(graph.nodes.size(), std::uint8_t{0});
}

} // namespace

TEST_CASE("fuse_residual: a sum behind a convolution becomes its residual") {
    default_graph graph = block();
    const int output = graph.outputs[0].value;
    const auto before = ctq::evaluate<ctq::three_step>(graph, {ctq::constant(std::vector<float>(16, 0.5f))});
    ctq::flags keep = none_kept(graph);
    ctq::fuse_residual<ctq::affine_int8>(graph, all_ranges(graph), keep);
    CHECK(count<ctq::add>(graph) == 0);
    CHECK(keep.size() == graph.nodes.size());
    const auto& fused = graph.nodes.back();
    CHECK(fused.inputs.size() == 4);
    CHECK(fused.name == "body");
    CHECK(ctq::operator_if<ctq::conv2d>(fused)->activation == ctq::relu);
    const auto after = ctq::evaluate<ctq::three_step>(graph, {ctq::constant(std::vector<float>(16, 0.5f))});
    const auto &wanted = before[static_cast<std::size_t>(output)].reals,
               &got = after[static_cast<std::size_t>(output)].reals;
    REQUIRE(wanted.size() == got.size());
    for (std::size_t i = 0; i < got.size(); ++i) CHECK(got[i] == doctest::Approx(wanted[i]).epsilon(1e-5));
}

TEST_CASE("fuse_residual: not where an activation, an exclusion or a large residual stands between") {
    const auto unfused = [](default_graph graph, std::vector<ctq::bounds> ranges, ctq::flags keep) {
        ctq::fuse_residual<ctq::affine_int8>(graph, ranges, keep);
        return count<ctq::add>(graph) == 1;
    };
    const default_graph clamped = block(ctq::relu6), plain = block();
    CHECK(unfused(clamped, all_ranges(clamped), none_kept(clamped)));
    ctq::flags keep = none_kept(plain);
    keep.back() = 1;
    CHECK(unfused(plain, all_ranges(plain), keep));
    std::vector<ctq::bounds> narrow = all_ranges(plain, {-20.0f, 20.0f});
    narrow[static_cast<std::size_t>(plain.outputs[0].value)] = {0.0f, 1.0f};
    CHECK(unfused(plain, narrow, none_kept(plain)));
}

TEST_CASE("fuse_residual: TFLite's rule keeps the sum") {
    const default_graph graph = block();
    CHECK(count<ctq::add>(ctq::quantize_graph<ctq::tflite_int8>(graph, all_ranges(graph), none_kept(graph))) == 1);
    CHECK(count<ctq::add>(ctq::quantize_graph<ctq::affine_int8>(graph, all_ranges(graph), none_kept(graph))) == 0);
}

TEST_CASE("fuse_residual: the fused integers are the real sum, rounded once") {
    const default_graph graph = block();
    const auto integers = ctq::quantize_graph<ctq::affine_int8>(graph, all_ranges(graph), none_kept(graph));
    std::vector<std::int8_t> image(16);
    for (std::size_t i = 0; i < image.size(); ++i) image[i] = static_cast<std::int8_t>(static_cast<int>(i) * 16 - 128);
    const auto& q = integers.value_at(integers.inputs[0].value).facts.quantization;
    std::vector<float> reals;
    for (const std::int8_t each : image) reals.push_back(ctq::dequantize(each, q));
    const auto real = ctq::evaluate<ctq::three_step>(graph, {ctq::constant(reals)});
    const auto made = ctq::evaluate<ctq::three_step>(integers, {ctq::constant(image)});
    const int from = graph.outputs[0].value, to = integers.outputs[0].value;
    const auto& out = integers.value_at(to).facts.quantization;
    for (std::size_t i = 0; i < 32; ++i) {
        const float wanted = real[static_cast<std::size_t>(from)].reals[i];
        const float got = ctq::dequantize(made[static_cast<std::size_t>(to)].int8s[i], out);
        CHECK(std::abs(std::min(wanted, 2.0f) - got) <= 2.0f * out.scale);
    }
}
