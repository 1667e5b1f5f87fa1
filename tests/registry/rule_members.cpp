#include <ctq/quantize/affine_int8.hpp>
#include <ctq/quantize/dynamic_int8.hpp>
#include <ctq/quantize/int16x8.hpp>
#include <ctq/quantize/with_weight_bits.hpp>
#include <ctq/registry/rule_members.hpp>

#include <doctest/doctest.h>

#include <array>
#include <string_view>

namespace {

using ctq::bounds, ctq::dtype, ctq::limits, ctq::quantization, ctq::rounding;

using plain = ctq::rule::affine_int8_parameters<rounding::three_step>;

struct silent {};

struct rounding_as_number : plain {
    static constexpr int weighted_how = 1;
};
struct type_as_number : plain {
    static constexpr int weight_type = 4;
};
struct sum_as_number : plain {
    static constexpr int accumulator_type = 4;
};
struct types_as_numbers : plain {
    static constexpr std::array activation_types{1, 3};
};
struct no_types : plain {
    static constexpr std::array<dtype, 0> activation_types{};
};
struct flag_as_number : plain {
    static constexpr int dynamic_ranges = 1;
};
struct flag_of_an_object : plain {
    bool fuses_residual = true;
};
struct flag_as_function : plain {
    static constexpr bool fuses_residual() { return true; }
};
struct header_as_number : plain {
    static constexpr int header = 3;
};
struct header_as_text : plain {
    static constexpr const char* header = "mine.hpp";
};

struct listing : plain {
    static constexpr std::array activation_types{dtype::int8, dtype::uint8};
};
struct choosing : plain {
    static constexpr dtype activation_type_for(const bounds&) { return dtype::int8; }
};
struct with_limits_of_one_type : listing {
    static constexpr dtype activation_type_for(const bounds&) { return dtype::int8; }
};
struct whole_list : with_limits_of_one_type {
    static constexpr limits activation_limits(dtype, const bounds&, const quantization&) { return {}; }
};
struct list_from_another : whole_list {
    static constexpr dtype activation_type = dtype::uint8;
};

struct real_activations : plain {
    static constexpr dtype activation_type = dtype::float32;
};
struct real_weights : plain {
    static constexpr dtype weight_type = dtype::float32;
};
struct narrow_sums : plain {
    static constexpr dtype accumulator_type = dtype::int16;
};
struct measured_words : ctq::rule::dynamic_int8 {
    static constexpr dtype activation_type = dtype::int16;
};
struct measured_with_wide_sums : ctq::rule::dynamic_int8 {
    static constexpr dtype accumulator_type = dtype::int64;
};

struct own_rounding : plain {
    static constexpr rounding how = rounding::own;
};
struct own_sums : plain {
    static constexpr rounding weighted_how = rounding::own;
};
struct words_in_three_steps : ctq::rule::int16x8 {
    static constexpr rounding how = rounding::three_step;
};
struct sums_of_words_in_three_steps : ctq::rule::int16x8 {
    static constexpr rounding weighted_how = rounding::three_step;
    static constexpr dtype accumulator_type = dtype::int32;
};
struct wide_sums : plain {
    static constexpr dtype accumulator_type = dtype::int64;
};
struct wide_sums_that_stay : wide_sums {
    static constexpr rounding weighted_how = rounding::unrounded;
};
struct unrounded : plain {
    static constexpr rounding how = rounding::unrounded;
};
struct measured_and_rounded : ctq::rule::dynamic_int8 {
    static constexpr rounding weighted_how = rounding::three_step;
};
struct sums_that_stay : plain {
    static constexpr rounding weighted_how = rounding::unrounded;
};
struct wide_weights : plain {
    static constexpr limits weight_limits{-128, 128};
};

template <class Rule>
constexpr bool agree = ctq::chooses_among_types<Rule>&& ctq::states_types_of_nodes<Rule>&& ctq::has_arithmetic<Rule>&&
    ctq::rounds_its_types<Rule>&& ctq::rounds_known_ranges<Rule>&& ctq::holds_weights<Rule>;

} // namespace

TEST_CASE("rule members: each is a constant of its type") {
    CHECK(ctq::states_constant_members<silent>);
    CHECK(ctq::states_constant_members<plain>);
    CHECK(ctq::states_constant_members<whole_list>);
    CHECK(ctq::states_constant_members<header_as_text>);
    CHECK_FALSE(ctq::states_constant_members<rounding_as_number>);
    CHECK_FALSE(ctq::states_constant_members<type_as_number>);
    CHECK_FALSE(ctq::states_constant_members<sum_as_number>);
    CHECK_FALSE(ctq::states_constant_members<types_as_numbers>);
    CHECK_FALSE(ctq::states_constant_members<no_types>);
    CHECK_FALSE(ctq::states_constant_members<flag_as_number>);
    CHECK_FALSE(ctq::states_constant_members<flag_of_an_object>);
    CHECK_FALSE(ctq::states_constant_members<flag_as_function>);
    CHECK_FALSE(ctq::states_constant_members<header_as_number>);
}

TEST_CASE("rule members: they do not contradict each other") {
    CHECK(agree<silent>);
    CHECK(agree<plain>);
    CHECK(agree<whole_list>);
    CHECK(agree<sums_that_stay>);
    CHECK(agree<ctq::rule::dynamic_uint8>);
    CHECK(agree<ctq::rule::int16x8>);
    CHECK(agree<ctq::rule::with_weight_bits<ctq::rule::affine_int8, 4>>);

    CHECK_FALSE(ctq::chooses_among_types<listing>);
    CHECK_FALSE(ctq::chooses_among_types<choosing>);
    CHECK_FALSE(ctq::chooses_among_types<with_limits_of_one_type>);
    CHECK_FALSE(ctq::chooses_among_types<list_from_another>);
    CHECK_FALSE(ctq::states_types_of_nodes<real_activations>);
    CHECK_FALSE(ctq::states_types_of_nodes<real_weights>);
    CHECK_FALSE(ctq::states_types_of_nodes<narrow_sums>);
    CHECK_FALSE(ctq::states_types_of_nodes<measured_words>);
    CHECK_FALSE(ctq::states_types_of_nodes<measured_with_wide_sums>);
    CHECK_FALSE(ctq::has_arithmetic<own_rounding>);
    CHECK_FALSE(ctq::has_arithmetic<own_sums>);
    CHECK_FALSE(ctq::rounds_its_types<words_in_three_steps>);
    CHECK_FALSE(ctq::rounds_its_types<sums_of_words_in_three_steps>);
    CHECK_FALSE(ctq::rounds_its_types<wide_sums>);
    CHECK(ctq::rounds_its_types<wide_sums_that_stay>);
    CHECK_FALSE(ctq::rounds_known_ranges<unrounded>);
    CHECK_FALSE(ctq::rounds_known_ranges<measured_and_rounded>);
    CHECK_FALSE(ctq::holds_weights<wide_weights>);
}
