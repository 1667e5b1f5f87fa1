#include <ctq/registry/operation.hpp>

#include <doctest/doctest.h>

#include <array>
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
    static constexpr ctq::range_rule output_range = ctq::range_rule::fixed;
    static constexpr bool in_place = true;
    ctq::bounds activation{};
    static constexpr auto attributes = std::tuple{ctq::attribute{"activation", &outspoken::activation, "Activation"}};
    friend constexpr bool operator==(const outspoken&, const outspoken&) = default;

    constexpr ctq::shape output_shape(ctq::shapes in) const { return in[0]; }
    constexpr std::int64_t macs(const ctq::shape& in, const ctq::shape&) const { return in.elements(); }
    constexpr void compute(ctq::const_tensors, ctq::tensors) const {}
    constexpr ctq::bounds activation_bounds() const { return activation; }
    template <class Requantizer> constexpr void compute_integer(ctq::const_tensors, ctq::tensors) const {}
    template <class Requantizer> constexpr bool never_overflows(ctq::const_tensors, const ctq::tensor_facts&) const {
        return false;
    }
};

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
static_assert(ctq::range_rule_of<negate> == ctq::range_rule::calibrated && ctq::works_in_place<negate>);
static_assert(ctq::header_of<negate>.empty() && ctq::macs(negate{}, {2}, {2}) == 0);
static_assert(ctq::never_overflows<int>(negate{}, {}, {}) && ctq::has_integer_kernel<negate, int>);
static_assert(!ctq::clamping<negate> && !ctq::takes_activation<negate>);

static_assert(ctq::range_rule_of<outspoken> == ctq::range_rule::fixed && ctq::works_in_place<outspoken>);
static_assert(ctq::header_of<outspoken> == "outspoken.hpp" && ctq::macs(outspoken{}, {2, 3}, {}) == 6);
static_assert(!ctq::never_overflows<int>(outspoken{}, {}, {}) && ctq::has_integer_kernel<outspoken, int>);
static_assert(ctq::clamping<outspoken> && ctq::takes_activation<outspoken>);
static_assert(std::get<0>(outspoken::attributes).name == "activation" &&
              std::get<0>(outspoken::attributes).onnx_name == "Activation");

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
