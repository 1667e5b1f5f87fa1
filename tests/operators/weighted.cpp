#include <ctq/operators/dense.hpp>
#include <ctq/operators/weighted.hpp>

#include <doctest/doctest.h>
#include <emitted/transposed_dense.hpp>
#include <laws/rules.hpp>
#include <operators/single_node.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdlib>
#include <limits>
#include <string>
#include <utility>

using namespace ctq::testing;
using ctq::rounding;
using ctq::signature;

namespace {

constexpr signature with_three_step{ctq::dtype::int8, ctq::dtype::int8, ctq::dtype::int8, ctq::dtype::int32,
                                    rounding::three_step};
constexpr signature with_double_rounding{ctq::dtype::int8, ctq::dtype::int8, ctq::dtype::int8, ctq::dtype::int32,
                                         rounding::double_rounding};
constexpr signature without_rounding{ctq::dtype::int8, ctq::dtype::int8, ctq::dtype::int32};

template <signature S> struct planes {
    using requantizer = ctq::requantizer_of<S>;
    using multiplier_type = typename requantizer::multiplier_type;

    std::array<std::int32_t, 2> bias{};
    std::array<multiplier_type, 2> multiplier{};
    std::array<std::int8_t, 2> shift{};

    void set(std::size_t channel, double scale) {
        const ctq::scaling s = requantizer::encode(scale);
        multiplier[channel] = static_cast<multiplier_type>(s.multiplier);
        shift[channel] = static_cast<std::int8_t>(s.shift);
    }
    std::array<ctq::const_tensor, ctq::op::weighted::residual> tensors() const {
        return {ctq::const_tensor{}, ctq::const_tensor{}, ctq::const_tensor{{}, bias.data()},
                ctq::const_tensor{{}, multiplier.data()}, ctq::const_tensor{{}, shift.data()}};
    }
};

template <signature S> void check_finish() {
    using requantizer = ctq::requantizer_of<S>;
    planes<S> table;
    table.set(0, 0.25);
    table.set(1, 1.5e-4);
    const auto in = table.tensors();
    const ctq::op::channel_scaling<S> scales(in);
    CHECK(scales[0] == requantizer::encode(0.25));
    CHECK(scales[1] == requantizer::encode(1.5e-4));
    const ctq::tensor_facts out{ctq::dtype::int8, {1}, {1.0f, 7}, {-100, 50}};
    for (const std::int32_t sum : {-100000, -400, -3, 0, 2, 399, 100000})
        for (std::size_t channel = 0; channel < 2; ++channel) {
            const std::int32_t start = sum + requantizer::rounding(scales[channel]);
            CHECK(scales.finish(start, channel, out) == out.range.clamp(requantizer::apply(sum, scales[channel], 7)));
        }
}

/// What fits is exactly what no accumulator can overflow with: weights of one sign meet activations of -128 .. 127.
template <signature S> void check_proof(double scale) {
    planes<S> table;
    table.set(0, scale);
    const auto in = table.tensors();
    const ctq::op::channel_scaling<S> scales(in);
    const ctq::tensor_facts input{ctq::dtype::int8, {1}, {1.0f, 3}};
    const std::int64_t room = scales.headroom(0);
    const auto fits = [&](std::int64_t positive, std::int64_t negative) {
        return ctq::op::accumulator_fits(scales, ctq::op::weight_sums{positive, negative}, input, 0);
    };
    CHECK(fits(room / 128, 0));
    CHECK_FALSE(fits(room / 128 + 1, 0));
    CHECK(fits(0, room / 128));
    CHECK_FALSE(fits(0, room / 128 + 1));
    table.bias[0] = -static_cast<std::int32_t>(room % 128) - 128;
    CHECK(fits(room / 128 - 1, 0));
    CHECK_FALSE(fits(room / 128, 0));
    table.bias[0] = std::numeric_limits<std::int32_t>::min();
    CHECK_FALSE(fits(0, 0));
}

/// A dense layer under `Rule` at work on random activations: its sums in 64 bits from the annotated constants, and the
/// node's own integers.
template <class Rule> void check_sums(const signature& types, const ctq::bounds& from, const ctq::bounds& to) {
    dice random(11);
    constexpr std::size_t inputs = 9, outputs = 4;
    const auto weights = random.reals(inputs * outputs), bias = random.reals(outputs);
    const auto node = quantized_node<Rule>(
        ctq::op::dense{}, {{{1, inputs}, {}, from}, {{outputs, inputs}, weights}, {{outputs}, bias}}, to);
    CAPTURE(std::string(Rule::name));
    CHECK(ctq::signature_of(node.graph, node.node()) == types);
    CHECK(node.never_overflows());
    const auto& graph = node.graph;
    const auto& w = graph.value_at(node.node().inputs[1]);
    const auto w_integers = integers_in(graph.constant_of(node.node().inputs[1]));
    const auto b_integers = graph.constant_of(node.node().inputs[2]);
    const ctq::tensor_facts &x = node.input(), &y = node.output();
    std::vector<std::int32_t> activations(inputs);
    for (int i = 0; i < 20; ++i) {
        for (std::int32_t& each : activations) each = random.whole(x.range.low, x.range.high);
        const auto made = node.run_integers({activations});
        for (std::size_t channel = 0; channel < outputs; ++channel) {
            std::int64_t sum = b_integers.visit([&](const auto& elements) -> std::int64_t {
                if constexpr (requires { std::int64_t{elements[channel]}; })
                    return elements[channel];
                else
                    return 0;
            });
            for (std::size_t k = 0; k < inputs; ++k)
                sum += std::int64_t{activations[k] - x.quantization.zero_point} * w_integers[channel * inputs + k];
            if (types.how == rounding::unrounded) {
                CHECK(made[channel] == sum);
                continue;
            }
            const double scale = double{x.quantization.scale} * w.scale_of(channel) / double{y.quantization.scale};
            const double exact = static_cast<double>(sum) * scale + y.quantization.zero_point;
            const double clamped = std::clamp(exact, double(y.range.low), double(y.range.high));
            CHECK(std::abs(made[channel] - clamped) <= 0.75 + std::abs(exact) / 16384);
        }
    }
}

} // namespace

TEST_CASE("weighted: finish is the requantizer, clamped") {
    check_finish<with_three_step>();
    check_finish<with_double_rounding>();
}

TEST_CASE("weighted: without rounding the accumulator is the output, clamped") {
    const std::array<std::int32_t, 1> bias{5};
    const std::array in{ctq::const_tensor{}, ctq::const_tensor{}, ctq::const_tensor{{}, bias.data()}};
    const ctq::op::channel_scaling<without_rounding> scales(in);
    CHECK(scales.finish(123456, 0, {ctq::dtype::int32, {1}}) == 123456);
    CHECK(scales.finish(123456, 0, {ctq::dtype::int32, {1}, {}, {-100, 1000}}) == 1000);
}

TEST_CASE("weighted: the proof stands at the requantizer's headroom") {
    for (const double scale : {1e-5, 1e-3, 0.1, 2.0}) {
        check_proof<with_three_step>(scale);
        check_proof<with_double_rounding>(scale);
    }
}

TEST_CASE("weighted: a range of activations narrower than the type gains the proof room") {
    planes<with_three_step> table;
    table.set(0, 1e-3);
    const auto in = table.tensors();
    const ctq::op::channel_scaling<with_three_step> scales(in);
    const std::int64_t room = scales.headroom(0);
    const ctq::tensor_facts relu{ctq::dtype::int8, {1}, {1.0f, 0}, {0, 127}};
    CHECK(ctq::op::accumulator_fits(scales, ctq::op::weight_sums{room / 127, 0}, relu, 0));
    CHECK_FALSE(ctq::op::accumulator_fits(scales, ctq::op::weight_sums{room / 127 + 1, 0}, relu, 0));
    // Padding is read as the zero point, even where the range does not reach down to it.
    const ctq::tensor_facts high{ctq::dtype::int8, {1}, {1.0f, -128}, {100, 127}};
    CHECK(ctq::op::accumulator_fits(scales, ctq::op::weight_sums{0, room / 128}, high, 0));
    CHECK_FALSE(ctq::op::accumulator_fits(scales, ctq::op::weight_sums{0, room / 128 + 1}, high, 0));
}

TEST_CASE("weighted: the proof of channels reads weights only where the largest would not fit") {
    constexpr std::int32_t channels = 2;
    planes<with_three_step> table;
    for (std::size_t channel = 0; channel < channels; ++channel) table.set(channel, 1e-3);
    auto in = table.tensors();
    in[ctq::op::weighted::activation].facts = {ctq::dtype::int8, {1}, {1.0f, 0}};
    in[ctq::op::weighted::bias].facts = {ctq::dtype::int32, {channels}};
    const std::int64_t room = ctq::op::channel_scaling<with_three_step>(in).headroom(0);
    const std::int64_t length = room / (128 * (127 + 128)); // of weights of -128 and 128 at once, more than any
    std::vector<std::int32_t> read;
    const auto fit = [&](std::int64_t weights, const ctq::op::weight_sums& sums, ctq::channel_range some = {}) {
        read.clear();
        return ctq::op::accumulators_fit<with_three_step>(in, some, weights, [&](std::int32_t channel) {
            read.push_back(channel);
            return sums;
        });
    };
    CHECK(fit(length, {}));
    CHECK(read.empty());
    CHECK(fit(length + 1, {0, room / 128}));
    CHECK(read == std::vector<std::int32_t>{0, 1});
    CHECK_FALSE(fit(length + 1, {0, room / 128 + 1}));
    CHECK(read == std::vector<std::int32_t>{0});
    CHECK(fit(length + 1, {0, room / 128}, {1, 2}));
    CHECK(read == std::vector<std::int32_t>{1});
    table.bias[1] = std::numeric_limits<std::int32_t>::min();
    CHECK_FALSE(fit(1, {}));
    CHECK(read == std::vector<std::int32_t>{1});
    CHECK(fit(1, {}, {0, 1}));
}

TEST_CASE("weighted: the lowered bias holds bias, zero point and rounding constant") {
    const std::vector<float> weights{1.0f, 0.25f, -0.75f, 0.5f}, bias{0.3f};
    const auto node =
        quantized_node(ctq::op::dense{}, {{{1, 4}, {}, {-0.2f, 1.0f}}, {{1, 4}, weights}, {{1}, bias}}, {-1, 2});
    const auto made = node.lowered();
    const auto plane = [&](std::size_t input) -> const ctq::constant& {
        return made.constant_of(made.nodes.back().inputs[input]);
    };
    const ctq::quantization q = node.input().quantization;
    const double product = double{q.scale} / 127;
    std::int64_t sum = 0;
    for (const float w : weights) sum += std::lrint(double{w} * 127);
    const ctq::scaling s = ctq::three_step::encode(product / double{node.output().quantization.scale});
    CHECK(plane(ctq::op::weighted::weights).as<std::int8_t>() == std::vector<std::int8_t>{127, 32, -95, 64});
    CHECK(plane(ctq::op::weighted::bias).as<std::int32_t>()[0] ==
          std::lrint(double{bias[0]} / product) - q.zero_point * sum + ctq::three_step::rounding(s));
    CHECK(plane(ctq::op::weighted::multiplier).as<std::int16_t>()[0] == s.multiplier);
    CHECK(plane(ctq::op::weighted::shift).as<std::int8_t>()[0] == s.shift);
}

namespace {

constexpr signature to_reals{ctq::dtype::uint8, ctq::dtype::int8, ctq::dtype::float32};
constexpr signature to_sums{ctq::dtype::uint8, ctq::dtype::int8, ctq::dtype::int32};
static_assert(ctq::op::weighted_signature<to_reals> && ctq::op::makes_reals<to_reals> &&
              !ctq::op::makes_reals<to_sums>);
static_assert(!ctq::op::weighted_signature<signature{ctq::dtype::int8, ctq::dtype::int8, ctq::dtype::float32,
                                                     ctq::dtype::int32, rounding::three_step}>);

/// A lowered dense layer of two inputs and one output on the pixels 10 and 250, weights 3 and -5.
struct lowered_dense {
    std::array<std::uint8_t, 2> x{10, 250};
    std::array<std::int8_t, 4> w{3, -5, 0, 0};
    std::array<float, 1> bias{0.5f}, weight_scale{0.25f}, scale{4.0f};
    std::array<std::int32_t, 1> start{7}, zero{100};

    template <signature S> constexpr ctq::element<S.y> run(bool with_zero, const ctq::op::dense& op = {}) const {
        const ctq::const_tensor zero_point{{ctq::dtype::int32, {}}, zero.data()};
        ctq::element<S.y> made{};
        const ctq::tensor out{{S.y, {1}}, &made};
        const ctq::const_tensor activation{{S.x, {2}}, x.data()}, packed{{S.w, {1, 1, 4}}, w.data()};
        if constexpr (ctq::op::makes_reals<S>) {
            const std::array in{activation, packed, real(bias), real(weight_scale), real(scale), zero_point};
            op.compute_integer<S>(ctq::const_tensors(in).first(with_zero ? 6 : 5), {&out, 1});
        } else {
            const std::array in{activation, packed, ctq::const_tensor{{ctq::dtype::int32, {1}}, start.data()},
                                zero_point};
            op.compute_integer<S>(ctq::const_tensors(in).first(with_zero ? 4 : 3), {&out, 1});
        }
        return made;
    }

  private:
    static constexpr ctq::const_tensor real(const std::array<float, 1>& of) {
        return {{ctq::dtype::float32, {1}}, of.data()};
    }
};

// 10 * 3 - 250 * 5 = -1220, and (10 - 100) * 3 - (250 - 100) * 5 = -1020 with the zero point; a product has the
// scale 1.
static_assert(lowered_dense{}.run<to_reals>(false) == -1219.5f && lowered_dense{}.run<to_reals>(true) == -1019.5f);
static_assert(lowered_dense{}.run<to_reals>(true, {ctq::bounds::relu()}) == 0);
static_assert(lowered_dense{}.run<to_sums>(false) == 7 - 1220 && lowered_dense{}.run<to_sums>(true) == 7 - 1020);

} // namespace

TEST_CASE("weighted: the proof takes the farthest of activations and dynamic zero points") {
    const auto factors = []<signature S>(const ctq::limits& zero) {
        std::array<ctq::const_tensor, 6> in{};
        in[0].facts = {S.x, {1}};
        in[5].facts = {ctq::dtype::int32, {}, {}, zero};
        return ctq::op::factor_facts<S>(in).range;
    };
    CHECK(factors.operator()<to_reals>({0, 255}) == ctq::limits{-255, 255});
    CHECK(factors.operator()<to_reals>({3, 3}) == ctq::limits{-3, 252});
    CHECK(factors.operator()<to_reals>({}) ==
          ctq::limits{-std::numeric_limits<std::int32_t>::max(), std::numeric_limits<std::int32_t>::max()});
    CHECK(factors.operator()<with_three_step>({0, 255}) == ctq::limits{-128, 127});
}

TEST_CASE("weighted: each pair of element types gives the sum of products, rounded once or as it is") {
    using enum ctq::dtype;
    const ctq::bounds above{0.0f, 1.0f}, around{-1.0f, 1.0f};
    for (const auto& [x, from] : {std::pair{int8, around}, std::pair{uint8, above}}) {
        for (const auto& [y, to] : {std::pair{int8, around}, std::pair{uint8, above}})
            check_sums<ctq::laws::auto_int8>({x, int8, y, int32, rounding::three_step}, from, to);
        check_sums<ctq::laws::auto_int8_sums>({x, int8, int32, int32, rounding::unrounded}, from, around);
    }
    check_sums<ctq::rule::int16x8>({int16, int8, int16, int32, rounding::single_rounding}, around, around);
    check_sums<ctq::laws::int16_in_64_bits>({int16, int8, int16, int64, rounding::single_rounding}, around, around);
    check_sums<ctq::laws::int16_in_32_bits>({int16, int8, int16, int32, rounding::double_rounding}, around, around);
    check_sums<ctq::laws::int32_in_64_bits>({int32, int32, int32, int64, rounding::single_rounding}, around, around);
    check_sums<ctq::laws::int32_in_32_bits>({int32, int32, int32, int32, rounding::double_rounding}, around, around);
    check_sums<ctq::laws::int32_sums>({int32, int32, int32, int32, rounding::unrounded}, around, around);
}

// A product of two int32 may leave 32 bits before it is added; the sum alone would not show it beside such a bias.
TEST_CASE("weighted: wide products are proved too") {
    constexpr signature wide{ctq::dtype::int32, ctq::dtype::int32, ctq::dtype::int32, ctq::dtype::int32,
                             rounding::unrounded};
    constexpr signature wider{ctq::dtype::int32, ctq::dtype::int32, ctq::dtype::int32, ctq::dtype::int64,
                              rounding::unrounded};
    const ctq::tensor_facts input{ctq::dtype::int32, {1}, {1.0f, 0}, {0, 1 << 20}};
    const std::array<std::int32_t, 1> bias{-2147483647};
    const std::array in{ctq::const_tensor{}, ctq::const_tensor{}, ctq::const_tensor{{}, bias.data()}};
    CHECK(ctq::op::accumulator_fits(ctq::op::channel_scaling<wide>(in), {2047, 0}, input, 0));
    CHECK_FALSE(ctq::op::accumulator_fits(ctq::op::channel_scaling<wide>(in), {2048, 0}, input, 0));
    const std::array<std::int64_t, 1> none{};
    const std::array in_64{ctq::const_tensor{}, ctq::const_tensor{}, ctq::const_tensor{{}, none.data()}};
    CHECK(ctq::op::accumulator_fits(ctq::op::channel_scaling<wider>(in_64), {2047, 0}, input, 0));
    CHECK_FALSE(
        ctq::op::accumulator_fits(ctq::op::channel_scaling<wider>(in_64), {2048, 0}, input, 0)); // the output's 32 bits
    CHECK_FALSE(
        ctq::op::accumulator_fits(ctq::op::channel_scaling<wider>(in_64), {std::int64_t{1} << 50, 0}, input, 0));
}

// A bias of 64 bits is what it is: facts have limits of 32 bits, which neither lowering nor the proof takes it for.
TEST_CASE("weighted: a bias of 64 bits is proved by its numbers, and refused where its sums could leave 64 bits") {
    constexpr signature wide{ctq::dtype::int16, ctq::dtype::int8, ctq::dtype::int16, ctq::dtype::int64,
                             rounding::single_rounding};
    constexpr std::int64_t room = (std::int64_t{1} << 48) - 1, most = std::int64_t{1} << 62;
    const std::array<std::int16_t, 1> multiplier{16384};
    const std::array<std::int8_t, 1> shift{0};
    const ctq::tensor_facts input{ctq::dtype::int16, {1}, {1.0f, 0}};
    const auto fits = [&](std::int64_t start, std::int64_t weight) {
        const std::array<std::int64_t, 1> bias{start};
        const std::array in{ctq::const_tensor{}, ctq::const_tensor{}, ctq::const_tensor{{}, bias.data()},
                            ctq::const_tensor{{}, multiplier.data()}, ctq::const_tensor{{}, shift.data()}};
        return ctq::op::accumulator_fits(ctq::op::channel_scaling<wide>(in), {weight, 0}, input, 0);
    };
    CHECK(fits(room, 0));
    CHECK(fits(room - 32767, 1));
    CHECK_FALSE(fits(room - 32766, 1));
    CHECK_FALSE(fits(room + 1, 0));
    CHECK_FALSE(fits(-room - 1, 0));

    const std::string fault =
        "a channel's sums start beyond 64 bits, at its bias less the input's zero point times the sum of its weights; "
        "exclude the layer";
    CHECK(ctq::op::folded_bias<wide>(most, 3, 0, 0) == most);
    CHECK(ctq::op::folded_bias<wide>(room, -2, 5, 7) == room + 17);
    CHECK_THROWS_WITH_AS(ctq::op::folded_bias<wide>(std::numeric_limits<std::int64_t>::min(), 3, 5, 0), fault.c_str(),
                         ctq::model_error);
    CHECK_THROWS_WITH_AS(ctq::op::folded_bias<wide>(0, 1 << 30, std::int64_t{1} << 40, 0), fault.c_str(),
                         ctq::model_error);
    CHECK_THROWS_WITH_AS(
        ctq::op::folded_bias<with_three_step>(2147483647, 0, 0, 1),
        "a channel's sums start beyond 32 bits, at its bias less the input's zero point times the sum of its weights; "
        "exclude the layer",
        ctq::model_error);

    // What annotate saturated to int64 is told from a bias that fits.
    const auto lowered = [](float weight, float bias) {
        return quantized_node<ctq::rule::int16x8>(ctq::op::dense{}, {{{1, 1}}, {{1, 1}, {weight}}, {{1}, {bias}}},
                                                  {-1, 1})
            .lowered();
    };
    CHECK(lowered(1e-3f, 1e6f).constants[1].as<std::int64_t>()[0] > std::int64_t{1} << 40);
    CHECK_THROWS_WITH_AS(lowered(1e-20f, 1e10f), fault.c_str(), ctq::model_error);
}

TEST_CASE_TEMPLATE("weighted: channels along another axis of the weights are those of the transposed ones", Rule,
                   ctq::rule::affine_int8, ctq::rule::tflite_int8, ctq::rule::int16x8,
                   ctq::rule::with_weight_bits<ctq::rule::affine_int8, 4>, ctq::laws::int32_sums) {
    dice random(5);
    constexpr std::size_t inputs = 7, outputs = 3;
    const auto weights = random.reals(inputs * outputs), bias = random.reals(outputs);
    auto turned = weights;
    for (std::size_t i = 0; i < turned.size(); ++i) turned[i % outputs * inputs + i / outputs] = weights[i];
    const operand x{{2, inputs}, {}, {-0.5f, 1.0f}}, b{{outputs}, bias};
    const auto own =
        quantized_node<Rule>(user::transposed_dense{}, {x, {{inputs, outputs}, weights}, b}, {-2, 2}).lowered();
    const auto usual = quantized_node<Rule>(ctq::op::dense{}, {x, {{outputs, inputs}, turned}, b}, {-2, 2}).lowered();
    const auto &found = own.nodes.back().inputs, &wanted = usual.nodes.back().inputs;
    REQUIRE(found.size() == wanted.size());
    for (std::size_t i = 1; i < found.size(); ++i) CHECK(own.constant_of(found[i]) == usual.constant_of(wanted[i]));
}
