#include <ctq/operators/add.hpp>
#include <ctq/operators/dense.hpp>
#include <ctq/quantize/affine_int8.hpp>
#include <ctq/quantize/tflite_int8.hpp>
#include <ctq/registry/signatures.hpp>

#include <doctest/doctest.h>

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

using both = ctq::rule_list<ctq::affine_int8, ctq::tflite_int8>;
static_assert(times<both>(three_step) == 1 && times<both>(double_rounding) == 1);
static_assert(times<ctq::rule_list<ctq::affine_int8>>(double_rounding) == 0);
static_assert(ctq::signatures_of<ctq::rule_list<>>.empty());

/// 16-bit activations, 4-bit weights, and weighted sums rounded in another way than all else.
struct wide {
    static constexpr rounding how = rounding::three_step, weighted_how = rounding::double_rounding;
    static constexpr dtype activation_type = dtype::int16, weight_type = dtype::int4;
};
static_assert(ctq::weighted_rounding_of<wide> == rounding::double_rounding && ctq::weight_type_of<wide> == dtype::int4);
static_assert(ctq::weighted_rounding_of<ctq::affine_int8> == rounding::three_step &&
              ctq::weight_type_of<ctq::affine_int8> == dtype::int8);

// Weighted sums, all else, into integers and out of them.
constexpr signature wide_sums{dtype::int16, dtype::int4, dtype::int16, dtype::int64, rounding::double_rounding};
constexpr signature wide_others{dtype::int16, dtype::int16, dtype::int16, dtype::int32, rounding::three_step};
static_assert(ctq::signatures_of<wide>.size() == 4 && times<wide>(wide_sums) == 1 && times<wide>(wide_others) == 1);
static_assert(times<wide>({dtype::float32, dtype::float32, dtype::int16, dtype::int32, rounding::three_step}) == 1);
static_assert(times<wide>({dtype::int16, dtype::int16, dtype::float32, dtype::int32, rounding::three_step}) == 1);

// Of a list also from each rule's activations to each other's, rounded as the rule that reads.
using mixed = ctq::rule_list<ctq::affine_int8, wide>;
static_assert(times<mixed>({dtype::int8, dtype::int8, dtype::int16, dtype::int32, rounding::three_step}) == 1);
static_assert(times<mixed>({dtype::int16, dtype::int16, dtype::int8, dtype::int32, rounding::three_step}) == 1);
static_assert(times<mixed>(wide_sums) == 1 && times<mixed>(three_step) == 1);
static_assert([] {
    for (const signature& each : ctq::signatures_of<mixed>)
        if (times<mixed>(each) != 1) return false;
    return true;
}());

} // namespace

TEST_CASE("signatures: a node's is visited once, one that no rule makes is a fault") {
    int visits = 0;
    ctq::visit_signature<both, ctq::dense>(double_rounding, [&]<signature S>() {
        CHECK(S == double_rounding);
        ++visits;
    });
    CHECK(visits == 1);
    const auto nothing = []<signature S>() {};
    CHECK_THROWS_WITH_AS((ctq::visit_signature<ctq::affine_int8, ctq::add>(double_rounding, nothing)),
                         "the operator has no integer meaning for the types of this node", ctq::model_error);
}
