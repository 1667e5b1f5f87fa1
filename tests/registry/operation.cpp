#include <ctq/registry/operation.hpp>

#include <doctest/doctest.h>

#include <array>
#include <type_traits>
#include <vector>

namespace {

struct negate {
    static constexpr std::string_view name = "negate";
    static constexpr std::string_view cpp_name = "negate";
    static constexpr std::array<std::string_view, 1> onnx_names{"Neg"};
    static constexpr auto attributes = ctq::no_attributes;
    friend constexpr bool operator==(const negate&, const negate&) = default;
    constexpr float operator()(float x) const { return -x; }
};

/// Says everything that an operator may say.
struct outspoken {
    static constexpr std::string_view name = "outspoken";
    static constexpr std::string_view cpp_name = "outspoken";
    static constexpr std::string_view header = "outspoken.hpp";
    static constexpr std::array<std::string_view, 0> onnx_names{};
    static constexpr ctq::operator_traits traits{.output_range = ctq::range_rule::fixed, .in_place = true};
    ctq::bounds activation{};
    static constexpr auto attributes = std::tuple{ctq::attribute{"activation", &outspoken::activation, "Activation"}};
    friend constexpr bool operator==(const outspoken&, const outspoken&) = default;

    constexpr ctq::shape output_shape(ctq::shapes in) const { return in[0]; }
    constexpr std::int64_t macs(const ctq::shape& in, const ctq::shape&) const { return in.elements(); }
    constexpr void compute(ctq::const_tensors, ctq::tensors) const {}
    constexpr ctq::bounds activation_bounds() const { return activation; }
    template <ctq::signature S> constexpr void compute_integer(ctq::const_tensors, ctq::tensors) const {}
    template <ctq::signature S>
    constexpr bool never_overflows(const ctq::nothing_lowered&, ctq::const_tensors, const ctq::tensor_facts&) const {
        return false;
    }
};

/// Weights and a bias, two outputs of which one is boolean, and numbers of its own once it is lowered.
struct weighted_pair {
    static constexpr std::string_view name = "weighted_pair";
    static constexpr std::string_view cpp_name = "weighted_pair";
    static constexpr std::array<std::string_view, 0> onnx_names{};
    static constexpr auto attributes = ctq::no_attributes;
    static constexpr ctq::operator_traits traits{.roles = {ctq::operand_role::operand, ctq::operand_role::weights,
                                                           ctq::operand_role::bias, ctq::operand_role::parameter}};
    friend constexpr bool operator==(const weighted_pair&, const weighted_pair&) = default;
    struct lowered {
        int number = 3;
        static constexpr auto attributes = std::tuple{ctq::attribute{"number", &lowered::number}};
        friend constexpr bool operator==(const lowered&, const lowered&) = default;
    };

    constexpr int output_count() const { return 2; }
    constexpr ctq::dtype output_type(int which) const { return which == 0 ? ctq::dtype::float32 : ctq::dtype::boolean; }
    constexpr ctq::shape output_shape(ctq::shapes in, int which) const { return which == 0 ? in[0] : ctq::shape{1}; }
    constexpr void compute(ctq::const_tensors, ctq::tensors) const {}
    template <ctq::signature S>
    requires(S.x == ctq::dtype::int8) constexpr void compute_integer(const lowered&, ctq::const_tensors,
                                                                     ctq::tensors) const {}
    template <ctq::signature S>
    constexpr bool never_overflows(const lowered& with, ctq::const_tensors, const ctq::tensor_facts&,
                                   ctq::channel_range some) const {
        return some.first >= with.number;
    }
};

/// Scales and shifts.
struct scale_and_shift {
    constexpr ctq::affine of_channel(std::span<const float> others) const {
        return {static_cast<double>(others[0]), static_cast<double>(others[1])};
    }
};
static_assert(ctq::affine_operation<scale_and_shift>);

struct without_name {
    friend constexpr bool operator==(const without_name&, const without_name&) = default;
    constexpr float operator()(float x) const { return x; }
};
struct without_meaning {
    static constexpr std::string_view name = "without_meaning";
    static constexpr std::string_view cpp_name = "without_meaning";
    static constexpr std::array<std::string_view, 0> onnx_names{};
    static constexpr auto attributes = ctq::no_attributes;
    friend constexpr bool operator==(const without_meaning&, const without_meaning&) = default;
};

static_assert(ctq::operation<negate> && ctq::operation<outspoken>);
static_assert(!ctq::operation<without_name> && !ctq::operation<without_meaning> && !ctq::operation<int>);
static_assert(negate{} == negate{} && outspoken{} == outspoken{} && without_name{} == without_name{} &&
              without_meaning{} == without_meaning{});

// What an operator does not say has a default.
static_assert(ctq::header_of<negate>.empty() && ctq::macs(negate{}, {2}, {2}) == 0);
constexpr ctq::signature bytes{};
constexpr ctq::signature words{ctq::dtype::int16, ctq::dtype::int16, ctq::dtype::int16};
static_assert(ctq::never_overflows<bytes>(negate{}, {}, {}, {}) && ctq::has_integer_meaning<negate, bytes>);
constexpr ctq::signature longs{ctq::dtype::int32, ctq::dtype::int32, ctq::dtype::int32};
static_assert(ctq::has_integer_meaning<negate, words> && !ctq::has_integer_meaning<negate, longs>);
static_assert(!ctq::clamping<negate> && !ctq::takes_activation<negate>);

static_assert(ctq::header_of<outspoken> == "outspoken.hpp" && ctq::macs(outspoken{}, {2, 3}, {}) == 6);
static_assert(!ctq::never_overflows<bytes>(outspoken{}, {}, {}, {}) && ctq::has_integer_meaning<outspoken, bytes>);
static_assert(ctq::clamping<outspoken> && ctq::takes_activation<outspoken>);
static_assert(std::get<0>(outspoken::attributes).name == "activation" &&
              std::get<0>(outspoken::attributes).onnx_name == "Activation");

static_assert(std::is_same_v<ctq::lowered_of<negate>, ctq::nothing_lowered>);
static_assert(!ctq::affine_operation<outspoken>);
static_assert(ctq::clamp_of(negate{}) == ctq::bounds::none() &&
              ctq::clamp_of(outspoken{ctq::bounds::relu6()}) == ctq::bounds::relu6());

// Several outputs, roles, and what lowering makes.
constexpr std::array<ctq::shape, 2> two_shapes{{{2, 2}, {5}}};
static_assert(ctq::operation<weighted_pair> && ctq::several_outputs<weighted_pair> && !ctq::several_outputs<negate>);
static_assert(ctq::output_count(weighted_pair{}) == 2 && ctq::output_count(negate{}) == 1);
static_assert(ctq::output_shape(weighted_pair{}, two_shapes, 0) == two_shapes[0] &&
              ctq::output_shape(weighted_pair{}, two_shapes, 1) == ctq::shape{1});
static_assert(ctq::output_type(weighted_pair{}, 1) == ctq::dtype::boolean &&
              ctq::output_type(negate{}, 0) == ctq::dtype::float32);
static_assert(ctq::is_weighted<weighted_pair> && ctq::role_of<weighted_pair>(3) == ctq::operand_role::parameter &&
              ctq::role_of<weighted_pair>(4) == ctq::operand_role::operand);
static_assert(std::is_same_v<ctq::lowered_of<weighted_pair>, weighted_pair::lowered>);
static_assert(weighted_pair{} == weighted_pair{} && weighted_pair::lowered{} == weighted_pair::lowered{} &&
              std::get<0>(weighted_pair::lowered::attributes).name == "number");
static_assert(ctq::has_integer_meaning<weighted_pair, bytes> && !ctq::has_integer_meaning<weighted_pair, words>);
static_assert(ctq::proves_channels<weighted_pair, bytes> && !ctq::proves_channels<outspoken, bytes>);
static_assert(!ctq::never_overflows<bytes>(weighted_pair{}, {}, {}, {}) &&
              ctq::never_overflows<bytes>(weighted_pair{}, {}, {}, {}, {3, 4}) &&
              !ctq::never_overflows<bytes>(weighted_pair{}, {4}, {}, {}, {3, 4}));

// Types of data, weights or second operand, and result; sums of products of 16 bits take 64.
constexpr std::array<ctq::tensor_facts, 2> int16_and_int4{{{ctq::dtype::int16, {2}}, {ctq::dtype::int4, {2}}}};
static_assert(ctq::signature_of<weighted_pair>(int16_and_int4, ctq::dtype::int8, ctq::rounding::three_step) ==
              ctq::signature{ctq::dtype::int16, ctq::dtype::int4, ctq::dtype::int8, ctq::dtype::int64,
                             ctq::rounding::three_step});
// A sum of products has the type of its bias.
constexpr std::array<ctq::tensor_facts, 3> with_bias{
    {{ctq::dtype::int16, {2}}, {ctq::dtype::int4, {2}}, {ctq::dtype::int32, {1}}}};
static_assert(ctq::signature_of<weighted_pair>(with_bias, ctq::dtype::int16, ctq::rounding::three_step).sum ==
                  ctq::dtype::int32 &&
              ctq::signature_of<weighted_pair>(int16_and_int4, ctq::dtype::int16, ctq::rounding::three_step).sum ==
                  ctq::dtype::int64);
static_assert(ctq::signature_of<outspoken>(int16_and_int4, ctq::dtype::int8, ctq::rounding::unrounded) ==
              ctq::signature{ctq::dtype::int16, ctq::dtype::int4, ctq::dtype::int8});
static_assert(ctq::signature_of<negate>(int16_and_int4, ctq::dtype::int8, ctq::rounding::unrounded).w ==
              ctq::dtype::int16);

} // namespace

TEST_CASE("operation: a function of one real has shape rule and float meaning for nothing") {
    const std::vector<ctq::shape> one{{2, 2}}, two{{2, 2}, {2, 2}};
    CHECK(ctq::output_shape(negate{}, one) == one[0]);
    CHECK_THROWS_WITH_AS(ctq::output_shape(negate{}, two), "an element-wise function takes one input",
                         ctq::model_error);
    const std::array<float, 4> from{1, -2, 0.5f, 0};
    std::array<float, 4> to{};
    const ctq::tensor_facts facts{ctq::dtype::float32, {2, 2}, {}};
    const ctq::const_tensor in{facts, from.data()};
    const ctq::tensor out{facts, to.data()};
    ctq::compute(negate{}, ctq::const_tensors(&in, 1), ctq::tensors(&out, 1));
    CHECK(to == std::array<float, 4>{-1, 2, -0.5f, 0});
}
