#include <ctq/quantized.hpp>

#include <doctest/doctest.h>
#include <graph/networks.hpp>

#include <algorithm>
#include <array>
#include <cmath>

using namespace ctq::testing;

namespace {

constexpr auto samples = [] {
    ctq::calibration_samples<ctq::calibration::minmax, 3, 72> result;
    result.values = scattered<3 * 72>(9);
    return result;
}();
constexpr auto network = [] { return residual_network(); };
using compiled_net = ctq::quantized<network, samples>;
using tflite = ctq::quantized<network, samples, ctq::rule::tflite_int8>;
using measured = ctq::quantized<network, ctq::no_samples, ctq::rule::dynamic_int8>;

static_assert(compiled_net::never_overflows && tflite::never_overflows);
static_assert(compiled_net::ram_bytes >= 6 * 6 * 3 && compiled_net::ram_bytes <= 72 + 108 + 64);
static_assert(compiled_net::weight_bytes >= 54 + 27 + 9 + 12);

constexpr std::array<std::int8_t, 72> quantized_input = [] {
    std::array<std::int8_t, 72> result{};
    for (std::size_t i = 0; i < result.size(); ++i)
        result[i] = static_cast<std::int8_t>(static_cast<int>(i * 53 % 256) - 128);
    return result;
}();
constexpr auto inferred = [] {
    const auto out = compiled_net::infer(quantized_input);
    return std::array{out[0], out[1], out[2], out[3]};
}();

} // namespace

TEST_CASE("quantized: what the compiler infers is what the executor gives") {
    compiled_net::executor executor;
    std::array<std::int8_t, 4> out{};
    executor.run_quantized(quantized_input, out);
    CHECK(out == inferred);
}

TEST_CASE("quantized: each rule is near the float network on the samples") {
    const auto graph = compiled_net::prepared();
    for (std::size_t sample = 0; sample < 3; ++sample) {
        const std::span<const float, 72> image(samples.values.data() + sample * 72, 72);
        const auto wanted = output_reals(
            graph, ctq::evaluate(graph, as_constants({std::vector<float>(image.begin(), image.end())})), 0);
        std::array<float, 4> out{};
        compiled_net::executor executor;
        executor.run(image, out);
        for (std::size_t i = 0; i < 4; ++i) CHECK(std::abs(out[i] - wanted[i]) < 0.04f);
        tflite::executor other;
        other.run(image, out);
        for (std::size_t i = 0; i < 4; ++i) CHECK(std::abs(out[i] - wanted[i]) < 0.04f);
    }
}

TEST_CASE("quantized: the range of every value is what running the samples shows") {
    const auto graph = compiled_net::prepared();
    REQUIRE(compiled_net::ranges.size() == graph.values.size());
    std::vector<ctq::bounds> wanted(graph.values.size(), ctq::bounds{0, 0});
    for (std::size_t sample = 0; sample < 3; ++sample) {
        const auto* first = samples.values.data() + sample * 72;
        const auto elements = ctq::evaluate(graph, as_constants({std::vector<float>(first, first + 72)}));
        for (std::size_t v = 0; v < wanted.size(); ++v)
            for (const float each : elements[v].as<float>())
                wanted[v] = {std::min(wanted[v].low, each), std::max(wanted[v].high, each)};
    }
    for (std::size_t v = 0; v < wanted.size(); ++v) CHECK(compiled_net::ranges[v] == wanted[v]);
}

TEST_CASE("quantized: infer refuses an input of another size") {
    const std::span<const std::int8_t> whole(quantized_input);
    CHECK_THROWS_WITH_AS(compiled_net::infer(whole.first(71)), "an input must have as many elements as the graph's",
                         ctq::model_error);
    CHECK_THROWS_WITH_AS(compiled_net::infer({}), "an input must have as many elements as the graph's",
                         ctq::model_error);
}

TEST_CASE("quantized: a network with two inputs, or a sample of another size, is a fault") {
    std::array<float, 200> to{};
    const std::array<float, 71> short_of_one{};
    CHECK_THROWS_WITH_AS(ctq::detail::run_sample(network(), short_of_one, to),
                         "a calibration sample must have as many elements as the input", ctq::model_error);
    CHECK_THROWS_WITH_AS(ctq::detail::run_sample(many_ports_network(), short_of_one, to),
                         "calibration in the compiler is for networks with one input", ctq::model_error);
}

namespace {

constexpr auto real_input = scattered<72>(3);
template <class Net>
constexpr auto inferred_reals = [] {
    const auto out = Net::infer(real_input);
    return std::array{out[0], out[1], out[2], out[3]};
}();

template <class Net> void check_measured() {
    static_assert(Net::never_overflows);
    std::array<float, 4> out{};
    typename Net::executor executor;
    executor.run(real_input, out);
    CHECK(out == inferred_reals<Net>);
    ctq::executor<typename Net::model, ctq::policy::small> shared;
    CHECK(shared.reproduces(real_input, out));
    const auto graph = Net::prepared();
    const auto wanted = output_reals(
        graph, ctq::evaluate(graph, as_constants({std::vector<float>(real_input.begin(), real_input.end())})), 0);
    for (std::size_t i = 0; i < 4; ++i) CHECK(std::abs(out[i] - wanted[i]) < 0.02f);
}

} // namespace

TEST_CASE("quantized: a rule that measures ranges at run time needs no samples; the executor has the compiler's bits") {
    check_measured<measured>();
}

namespace {

constexpr std::array<float, 8> few_weights{.5f, -.25f, .75f, .1f, .3f, -.6f, .2f, .9f};
constexpr std::array<float, 2> few_biases{.1f, -.2f};
constexpr auto small_network = [] {
    ctq::builder b;
    return b.finish(b.dense(b.input("x", {1, 4}), {few_weights, few_biases}));
};
constexpr auto small_samples = [] {
    ctq::calibration_samples<ctq::calibration::minmax, 2, 4> result;
    result.values = {1, -.5f, .25f, .75f, -1, .6f, .3f, .9f};
    return result;
}();

template <class Rule> std::array<float, 2> run_small() {
    typename ctq::quantized<small_network, small_samples, Rule>::executor executor;
    std::array<float, 2> out{};
    executor.run(std::array<float, 4>{1, -.5f, .25f, .75f}, out);
    return out;
}

} // namespace

// The two have as many constants, of other types: int32 biases and int64 ones.
TEST_CASE("quantized: two rules for one network, in one translation unit") {
    for (const auto& out : {run_small<ctq::rule::affine_int8>(), run_small<ctq::rule::int16x8>()}) {
        CHECK(std::abs(out[0] - 0.9875f) < 0.02f);
        CHECK(std::abs(out[1] - 1.125f) < 0.02f);
    }
}
