#include <ctq/registry/operation.hpp>

#include <doctest/doctest.h>

#include <array>
#include <vector>

namespace {

struct negate {
    static constexpr std::string_view name = "negate";
    static constexpr std::string_view cpp_name = "negate";
    static constexpr auto attributes = ctq::no_attributes;
    friend constexpr bool operator==(const negate&, const negate&) = default;
    constexpr float operator()(float x) const { return -x; }
};

/// Says everything that an operator may say.
struct outspoken {
    static constexpr std::string_view name = "outspoken";
    static constexpr std::string_view cpp_name = "outspoken";
    static constexpr std::string_view header = "outspoken.hpp";
    ctq::bounds activation{};
    static constexpr auto attributes = ctq::attribute_list{ctq::attribute{"activation", &outspoken::activation}};
    friend constexpr bool operator==(const outspoken&, const outspoken&) = default;

    constexpr ctq::shape output_shape(ctq::shapes in) const { return in[0]; }
    constexpr std::int64_t macs(const ctq::shape& in, const ctq::shape&) const { return in.elements(); }
    constexpr void compute(ctq::const_tensors, ctq::tensors) const {}
    constexpr ctq::bounds activation_bounds() const { return activation; }
};

/// Two outputs, of which one is boolean.
struct pair {
    static constexpr std::string_view name = "pair";
    static constexpr std::string_view cpp_name = "pair";
    static constexpr auto attributes = ctq::no_attributes;
    friend constexpr bool operator==(const pair&, const pair&) = default;

    constexpr int output_count() const { return 2; }
    constexpr ctq::dtype output_type(int which) const { return which == 0 ? ctq::dtype::float32 : ctq::dtype::boolean; }
    constexpr ctq::shape output_shape(ctq::shapes in, int which) const { return which == 0 ? in[0] : ctq::shape{1}; }
    constexpr void compute(ctq::const_tensors, ctq::tensors) const {}
};

/// Takes numbers, and a list of positions beside them.
struct picker {
    static constexpr std::string_view name = "picker";
    static constexpr std::string_view cpp_name = "picker";
    static constexpr ctq::operator_traits traits{
        .operands = ctq::element_types::numbers,
        .roles = {ctq::operand_role::operand, ctq::operand_role::positions, ctq::operand_role::operand}};
    static constexpr auto attributes = ctq::no_attributes;
    friend constexpr bool operator==(const picker&, const picker&) = default;

    constexpr ctq::shape output_shape(ctq::shapes in) const { return in[0]; }
    constexpr void compute(ctq::const_tensors, ctq::tensors) const {}
};

/// As many rows as the data say, and how many these are.
struct counter : pair {
    static constexpr int count_output(int which) { return which == 0 ? 1 : -1; }
};

/// Takes more steps than it multiplies.
struct patient : outspoken {
    constexpr std::int64_t steps(ctq::shapes in, const ctq::shape& out) const {
        return in[0].elements() * in[1].elements() * out.elements();
    }
    constexpr std::int64_t places(ctq::shapes in) const { return in[1][0]; }
};

/// Says itself what it makes of which types.
struct converter {
    static constexpr std::string_view name = "converter";
    static constexpr std::string_view cpp_name = "converter";
    static constexpr auto attributes = ctq::no_attributes;
    friend constexpr bool operator==(const converter&, const converter&) = default;

    constexpr ctq::dtype output_type(ctq::dtypes in, int) const {
        return in[0] == ctq::dtype::boolean ? ctq::dtype::uint8 : ctq::dtype::boolean;
    }
    constexpr ctq::shape output_shape(ctq::shapes in) const { return in[0]; }
    constexpr void compute(ctq::const_tensors, ctq::tensors) const {}
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
    static constexpr auto attributes = ctq::no_attributes;
    friend constexpr bool operator==(const without_meaning&, const without_meaning&) = default;
};

static_assert(ctq::operation<negate> && ctq::operation<outspoken>);
static_assert(!ctq::operation<without_name> && !ctq::operation<without_meaning> && !ctq::operation<int>);
static_assert(negate{} == negate{} && outspoken{} == outspoken{} && without_name{} == without_name{} &&
              without_meaning{} == without_meaning{});

// What an operator does not say has a default.
static_assert(ctq::header_of<negate>.empty() && ctq::macs(negate{}, {2}, {2}) == 0);
static_assert(!ctq::clamping<negate> && !ctq::takes_activation<negate>);
static_assert(ctq::header_of<outspoken> == "outspoken.hpp" && ctq::macs(outspoken{}, {2, 3}, {}) == 6);
static_assert(ctq::clamping<outspoken> && ctq::takes_activation<outspoken>);
static_assert(outspoken::attributes.first.name == "activation");

constexpr std::array<ctq::shape, 2> three_and_five{{{3}, {5}}};
static_assert(ctq::steps(negate{}, three_and_five, {2}) == 0 &&
              ctq::steps(outspoken{}, three_and_five, {2}) == ctq::macs(outspoken{}, {3}, {2}) &&
              ctq::steps(outspoken{}, {}, {2}) == 0 && ctq::steps(patient{}, three_and_five, {2}) == 30);
static_assert(ctq::places(negate{}, three_and_five) == 0 && ctq::places(patient{}, three_and_five) == 5);

static_assert(!ctq::affine_operation<outspoken>);
static_assert(ctq::clamp_of(negate{}) == ctq::bounds::none() &&
              ctq::clamp_of(outspoken{ctq::bounds::relu6()}) == ctq::bounds::relu6());

// Several outputs.
constexpr std::array<ctq::shape, 2> two_shapes{{{2, 2}, {5}}};
static_assert(ctq::operation<pair> && ctq::several_outputs<pair> && !ctq::several_outputs<negate>);
static_assert(ctq::output_count(pair{}) == 2 && ctq::output_count(negate{}) == 1);
static_assert(ctq::output_shape(pair{}, two_shapes, 0) == two_shapes[0] &&
              ctq::output_shape(pair{}, two_shapes, 1) == ctq::shape{1});
constexpr std::array<ctq::dtype, 2> two_reals{ctq::dtype::float32, ctq::dtype::float32};
static_assert(ctq::output_type(pair{}, two_reals, 1) == ctq::dtype::boolean &&
              ctq::output_type(negate{}, two_reals) == ctq::dtype::float32);
static_assert(pair{} == pair{} && picker{} == picker{} && converter{} == converter{});
static_assert(ctq::count_output(counter{}, 0) == 1 && ctq::count_output(counter{}, 1) == -1 &&
              ctq::count_output(pair{}, 0) == -1);

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

TEST_CASE("a result has the element type of the operands, which must be of one that the operator takes") {
    using enum ctq::dtype;
    const auto of = [](std::vector<ctq::dtype> types) { return ctq::output_type(picker{}, types); };
    CHECK(of({float32, int64, float32}) == float32);
    CHECK(of({int64, int32, int64}) == int64);
    CHECK(of({int32, int32}) == int32);
    CHECK_THROWS_WITH_AS(of({int64, int64, int32}), "all operands must be of one element type", ctq::model_error);
    CHECK_THROWS_WITH_AS(of({uint8, int64, uint8}), "the operator takes float32, int32 and int64 only",
                         ctq::model_error);
    CHECK_THROWS_WITH_AS(of({int64, float32}), "positions must be int32 or int64", ctq::model_error);
    CHECK_THROWS_WITH_AS(ctq::output_type(negate{}, std::array{int64}), "the operator takes float32 only",
                         ctq::model_error);
    CHECK(ctq::output_type(converter{}, std::array{boolean}) == uint8);
    CHECK(ctq::output_type(converter{}, std::array{uint8}) == boolean);
}
