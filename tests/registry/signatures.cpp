#include <ctq/operators/add.hpp>
#include <ctq/operators/dense.hpp>
#include <ctq/operators/dequantize.hpp>
#include <ctq/operators/dynamic_quantize.hpp>
#include <ctq/operators/max_pool.hpp>
#include <ctq/operators/quantize.hpp>
#include <ctq/operators/requantize.hpp>
#include <ctq/quantize/affine_int8.hpp>
#include <ctq/quantize/dynamic_int8.hpp>
#include <ctq/quantize/tflite_int8.hpp>
#include <ctq/registry/signatures.hpp>

#include <doctest/doctest.h>

#include <array>

using ctq::dtype;
using ctq::rounding;
using ctq::signature;

namespace {

constexpr signature three_step{dtype::int8, dtype::int8, dtype::int8, dtype::int32, rounding::three_step};
constexpr signature double_rounding{dtype::int8, dtype::int8, dtype::int8, dtype::int32, rounding::double_rounding};

template <class Rules> constexpr int times(const signature& wanted) {
    int found = 0;
    for (const signature& each : ctq::signatures_of<Rules>) found += each == wanted ? 1 : 0;
    return found;
}

using both = ctq::rule_list<ctq::rule::affine_int8, ctq::rule::tflite_int8>;
static_assert(times<both>(three_step) == 1 && times<both>(double_rounding) == 1);
static_assert(times<ctq::rule_list<ctq::rule::affine_int8>>(double_rounding) == 0);
static_assert(ctq::signatures_of<ctq::rule_list<>>.empty());

/// 16-bit activations, 4-bit weights, and weighted sums rounded in another way than all else.
struct wide {
    static constexpr rounding how = rounding::three_step, weighted_how = rounding::double_rounding;
    static constexpr dtype activation_type = dtype::int16, weight_type = dtype::int4;
};
static_assert(ctq::weighted_rounding_of<wide> == rounding::double_rounding && ctq::weight_type_of<wide> == dtype::int4);
static_assert(ctq::weighted_rounding_of<ctq::rule::affine_int8> == rounding::three_step &&
              ctq::weight_type_of<ctq::rule::affine_int8> == dtype::int8);

// Weighted sums, products of two operands, all else, into integers and out of them.
constexpr signature wide_sums{dtype::int16, dtype::int4, dtype::int16, dtype::int64, rounding::double_rounding};
constexpr signature wide_others{dtype::int16, dtype::int16, dtype::int16, dtype::int32, rounding::three_step};
constexpr signature wide_products{dtype::int16, dtype::int16, dtype::int16, dtype::int64, rounding::double_rounding};
constexpr signature narrowed_sums{dtype::int16, dtype::int4, dtype::int16, dtype::int32, rounding::double_rounding};
static_assert(ctq::signatures_of<wide>.size() == 6 && times<wide>(wide_sums) == 1 && times<wide>(wide_others) == 1);
static_assert(times<wide>(wide_products) == 1);
static_assert(times<wide>(narrowed_sums) == 1); // where they are proved to fit
static_assert(times<wide>({dtype::float32, dtype::float32, dtype::int16, dtype::int32, rounding::three_step}) == 1);
static_assert(times<wide>({dtype::int16, dtype::int16, dtype::float32, dtype::int32, rounding::three_step}) == 1);

// Of a list also from each rule's activations to each other's, rounded as the rule that reads.
using mixed = ctq::rule_list<ctq::rule::affine_int8, wide>;
static_assert(times<mixed>({dtype::int8, dtype::int8, dtype::int16, dtype::int32, rounding::three_step}) == 1);
static_assert(times<mixed>({dtype::int16, dtype::int16, dtype::int8, dtype::int32, rounding::three_step}) == 1);
static_assert(times<mixed>(wide_sums) == 1 && times<mixed>(three_step) == 1);

// Of a dynamic rule: sums that become reals, and measured integers, which no other rule reads.
constexpr signature real_sums{dtype::uint8, dtype::int8, dtype::float32},
    measured{dtype::float32, dtype::float32, dtype::uint8};
static_assert(ctq::signatures_of<ctq::rule::dynamic_uint8>.size() == 2 &&
              times<ctq::rule::dynamic_uint8>(real_sums) == 1 && times<ctq::rule::dynamic_uint8>(measured) == 1);
using with_dynamic = ctq::rule_list<ctq::rule::affine_int8, ctq::rule::dynamic_uint8>;
static_assert(ctq::signatures_of<with_dynamic>.size() ==
              ctq::signatures_of<ctq::rule_list<ctq::rule::affine_int8>>.size() + 2);
static_assert(ctq::compiled_for<with_dynamic, ctq::op::dense, real_sums> &&
              ctq::compiled_for<with_dynamic, ctq::op::dynamic_quantize, measured>);
static_assert(!ctq::compiled_for<with_dynamic, ctq::op::quantize, measured> &&
              ctq::node_signatures<ctq::rule::affine_int8, ctq::op::dynamic_quantize>.empty());
static_assert(!ctq::compiled_for<with_dynamic, ctq::op::max_pool, real_sums> &&
              !ctq::compiled_for<with_dynamic, ctq::op::add, real_sums>);
static_assert(!ctq::keeps_accumulators<ctq::rule::dynamic_uint8> &&
              ctq::node_signatures<ctq::rule::dynamic_uint8, ctq::op::add>.empty() &&
              ctq::node_signatures<ctq::rule::dynamic_uint8, ctq::op::max_pool>.empty());

static_assert([] {
    for (const signature& each : ctq::signatures_of<mixed>)
        if (times<mixed>(each) != 1) return false;
    return true;
}());

/// Two element types of activations; sums that stay accumulators.
struct two_types {
    static constexpr rounding how = rounding::three_step;
    static constexpr dtype activation_type = dtype::int8;
    static constexpr std::array activation_types{activation_type, dtype::uint8};
};
struct two_types_sums : two_types {
    static constexpr rounding weighted_how = rounding::unrounded;
};

template <class Rules, class Op> constexpr int times_of(const signature& wanted) {
    int found = 0;
    for (const signature& each : ctq::node_signatures<Rules, Op>) found += each == wanted ? 1 : 0;
    return found;
}
constexpr signature of_types(dtype x, dtype w, dtype y, rounding how = rounding::three_step) {
    return {x, w, y, dtype::int32, how};
}

static_assert(ctq::node_signatures<two_types, ctq::op::dense>.size() == 4 &&
              ctq::node_signatures<two_types, ctq::op::add>.size() == 8 &&
              ctq::node_signatures<two_types, ctq::op::max_pool>.size() == 2 &&
              ctq::node_signatures<two_types, ctq::op::requantize>.size() == 8);
static_assert(ctq::node_signatures<two_types, ctq::op::dense>[0] == three_step);
static_assert(times_of<two_types, ctq::op::dense>(of_types(dtype::uint8, dtype::int8, dtype::int8)) == 1);
static_assert(times_of<two_types, ctq::op::add>(of_types(dtype::uint8, dtype::int8, dtype::uint8)) == 1);
static_assert(times_of<two_types, ctq::op::max_pool>(of_types(dtype::uint8, dtype::uint8, dtype::uint8)) == 1);

static_assert(ctq::keeps_accumulators<two_types_sums> && !ctq::keeps_accumulators<two_types>);
static_assert(ctq::node_signatures<two_types_sums, ctq::op::dense>.size() == 2);
static_assert(times_of<two_types_sums, ctq::op::dense>(of_types(dtype::uint8, dtype::int8, dtype::int32,
                                                                rounding::unrounded)) == 1);
static_assert(times_of<two_types_sums, ctq::op::requantize>(of_types(dtype::int32, dtype::int32, dtype::uint8)) == 1);
static_assert(times_of<two_types_sums, ctq::op::dequantize>(of_types(dtype::int32, dtype::int32, dtype::float32)) == 1);

/// The same where a range without negative values is uint8.
struct two_types_by_sign : two_types {
    static constexpr dtype activation_type_for(const ctq::bounds& range) {
        return range.low < 0 ? dtype::int8 : dtype::uint8;
    }
};
/// Results of 0 to 1, or of any range that an attribute says.
struct fixed_range {
    static constexpr ctq::operator_traits traits{.output_range = ctq::range_rule::fixed};
    static constexpr ctq::bounds output_bounds(dtype) { return {0, 1}; }
};
struct range_of_attribute {
    static constexpr ctq::operator_traits traits{.output_range = ctq::range_rule::fixed};
    float low = 0;
    constexpr ctq::bounds output_bounds(dtype) const { return {low, 1}; }
};

// Results of a range that is fixed have the one type that the rule stores it in, whatever is read.
constexpr signature unsigned_of_signed = of_types(dtype::int8, dtype::int8, dtype::uint8);
static_assert(ctq::node_signatures<two_types_by_sign, fixed_range>.size() == 2 &&
              ctq::node_signatures<two_types_by_sign, fixed_range>[0] == unsigned_of_signed &&
              ctq::node_signatures<two_types_by_sign, fixed_range>[1] ==
                  of_types(dtype::uint8, dtype::uint8, dtype::uint8));
static_assert(ctq::node_signatures<two_types_by_sign, range_of_attribute>.size() == 4);
static_assert(ctq::node_signatures<ctq::rule_list<ctq::rule::affine_int8, two_types_by_sign>, fixed_range>.size() == 3);
static_assert(ctq::node_signatures<two_types_by_sign, ctq::op::add>.size() == 8);

/// Sums of another width than follows from the activations.
struct wide_in_32_bits : wide {
    static constexpr dtype accumulator_type = dtype::int32;
};
struct wide_in_64_bits : wide {
    static constexpr dtype accumulator_type = dtype::int64;
};
static_assert(ctq::node_signatures<wide_in_32_bits, ctq::op::dense>.size() == 1 &&
              ctq::node_signatures<wide_in_32_bits, ctq::op::dense>[0].sum == dtype::int32);
static_assert(ctq::node_signatures<wide_in_64_bits, ctq::op::dense>.size() == 1 &&
              ctq::node_signatures<wide_in_64_bits, ctq::op::dense>[0].sum == dtype::int64);
static_assert(ctq::node_signatures<wide, ctq::op::dense>.size() == 2 &&
              ctq::node_signatures<wide, ctq::op::dense>[0].sum == dtype::int64);
static_assert(ctq::narrows_accumulators<wide>(dtype::int16) && !ctq::narrows_accumulators<wide>(dtype::int8));
static_assert(!ctq::narrows_accumulators<wide_in_64_bits>(dtype::int16));

// TFLite's rules keep customary ranges, and the arithmetic of 16 bits asks for them.
static_assert(ctq::has_fixed_range<ctq::rule::affine_int8>(ctq::range_rule::fixed) &&
              !ctq::has_fixed_range<ctq::rule::affine_int8>(ctq::range_rule::customary) &&
              ctq::has_fixed_range<ctq::rule::tflite_int8>(ctq::range_rule::customary) &&
              ctq::has_fixed_range<wide>(ctq::range_rule::customary) &&
              !ctq::has_fixed_range<ctq::rule::tflite_int8>(ctq::range_rule::calibrated));

// What only rules that meet need is made for conversions alone.
static_assert(times_of<mixed, ctq::op::add>({dtype::int8, dtype::int8, dtype::int16, dtype::int32,
                                             rounding::three_step}) == 0);

} // namespace

TEST_CASE("signatures: a node's is visited once, one that no rule makes is a fault") {
    int visits = 0;
    ctq::visit_signature<both, ctq::op::dense>(double_rounding, [&]<signature S>() {
        CHECK(S == double_rounding);
        ++visits;
    });
    CHECK(visits == 1);
    const auto nothing = []<signature S>() {};
    CHECK_THROWS_WITH_AS((ctq::visit_signature<ctq::rule::affine_int8, ctq::op::add>(double_rounding, nothing)),
                         "the operator has no integer meaning for the types of this node", ctq::model_error);
}
