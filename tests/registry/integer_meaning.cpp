#include <ctq/registry/integer_meaning.hpp>

#include <doctest/doctest.h>

#include <array>
#include <type_traits>

namespace {

using ctq::dtype, ctq::operand_role, ctq::rounding, ctq::signature;

struct negate {
    constexpr float operator()(float x) const { return -x; }
};

/// A function that jumps.
struct sign {
    static constexpr ctq::operator_traits traits{.is_continuous = false};
    constexpr float operator()(float x) const { return x < 0 ? -1.0f : 1.0f; }
};

/// What an operator says beside its integer meaning.
struct plain_operator {
    static constexpr std::string_view name = "plain";
    static constexpr std::string_view cpp_name = "plain";
    static constexpr auto attributes = ctq::no_attributes;
    friend constexpr bool operator==(const plain_operator&, const plain_operator&) = default;

    constexpr ctq::shape output_shape(ctq::shapes in) const { return in[0]; }
    constexpr void compute(ctq::const_tensors, ctq::tensors) const {}
};

/// Needs nothing beside its inputs; proves all at once that it may overflow.
struct plain : plain_operator {
    template <signature S> constexpr void compute_integer(ctq::const_tensors, ctq::tensors) const {}
    template <signature S>
    constexpr bool never_overflows(const ctq::nothing_lowered&, ctq::const_tensors, const ctq::tensor_facts&) const {
        return false;
    }
};

struct adds_nothing : plain_operator {
    static constexpr ctq::operator_traits traits{.adds_nothing = true};
};

struct sums_products : plain_operator {
    static constexpr ctq::operator_traits traits{.sums_products = true};
};

/// Weights and a bias, and a number of its own once it is lowered; takes int8; proves channel by channel.
struct weighted : plain_operator {
    static constexpr ctq::operator_traits traits{
        .roles = {operand_role::operand, operand_role::weights, operand_role::bias}};
    struct lowered {
        int number = 3;
    };

    template <signature S>
    requires(S.x == dtype::int8) constexpr void compute_integer(const lowered&, ctq::const_tensors,
                                                                ctq::tensors) const {}
    template <signature S>
    constexpr bool never_overflows(const lowered& with, ctq::const_tensors, const ctq::tensor_facts&,
                                   ctq::channel_range some) const {
        return some.first >= with.number;
    }
};

constexpr signature bytes{};
constexpr signature words{dtype::int16, dtype::int16, dtype::int16};
constexpr signature longs{dtype::int32, dtype::int32, dtype::int32};

// A function of one real has a table; where lines join its points it must not jump.
static_assert(ctq::looks_up<negate, bytes> && ctq::looks_up<negate, words> && ctq::looks_up<sign, bytes>);
static_assert(!ctq::has_integer_meaning<negate, longs> && !ctq::has_integer_meaning<sign, words>);
static_assert(ctq::has_integer_meaning<plain, longs> && !ctq::looks_up<plain, bytes>);
static_assert(!ctq::has_integer_meaning<plain_operator, bytes>);
static_assert(ctq::has_integer_meaning<weighted, bytes> && !ctq::has_integer_meaning<weighted, words>);
static_assert(ctq::computes_plainly<plain, bytes> && !ctq::computes_lowered<weighted, words> &&
              ctq::computes_lowered<weighted, bytes>);

static_assert(std::is_same_v<ctq::lowered_of<negate>, ctq::nothing_lowered>);
static_assert(std::is_same_v<ctq::lowered_of<weighted>, weighted::lowered>);

// What is not proved is unproved; traits and tables are proof enough.
static_assert(!ctq::never_overflows<bytes>(plain_operator{}, {}, {}, {}) && plain_operator{} == plain_operator{});
static_assert(ctq::never_overflows<bytes>(adds_nothing{}, {}, {}, {}));
static_assert(!ctq::never_overflows<bytes>(plain{}, {}, {}, {}) &&
              ctq::never_overflows<bytes>(plain{}, {}, {}, {}, {1, 2}));
static_assert(ctq::proves_channels<weighted, bytes> && !ctq::proves_channels<plain, bytes>);
static_assert(!ctq::never_overflows<bytes>(weighted{}, {}, {}, {}) &&
              ctq::never_overflows<bytes>(weighted{}, {}, {}, {}, {3, 4}) &&
              !ctq::never_overflows<bytes>(weighted{}, {4}, {}, {}, {3, 4}));

constexpr std::array<ctq::tensor_facts, 2> int16_and_int4{{{dtype::int16, {2}}, {dtype::int4, {2}}}};
constexpr std::array<ctq::tensor_facts, 3> with_bias{{{dtype::int16, {2}}, {dtype::int4, {2}}, {dtype::int32, {1}}}};

} // namespace

TEST_CASE("integer_meaning: the signature is that of data, weights or second operand, and result") {
    CHECK(ctq::signature_of<plain>(int16_and_int4, dtype::int8, rounding::unrounded) ==
          signature{dtype::int16, dtype::int4, dtype::int8});
    CHECK(ctq::signature_of<negate>(int16_and_int4, dtype::int8, rounding::unrounded).w == dtype::int16);
    CHECK(ctq::signature_of<plain>({}, dtype::int8, rounding::unrounded).x == dtype::int8);
}

TEST_CASE("integer_meaning: sums of products of 16 bits take 64, or the type of their bias") {
    CHECK(ctq::signature_of<weighted>(int16_and_int4, dtype::int8, rounding::three_step) ==
          signature{dtype::int16, dtype::int4, dtype::int8, dtype::int64, rounding::three_step});
    CHECK(ctq::signature_of<weighted>(with_bias, dtype::int16, rounding::three_step).sum == dtype::int32);
    CHECK(ctq::signature_of<sums_products>(int16_and_int4, dtype::int8, rounding::single_rounding) ==
          signature{dtype::int16, dtype::int4, dtype::int8, dtype::int64, rounding::single_rounding});
}

TEST_CASE("integer meaning: sums of products are rounded as a rule's weighted sums, unless these stay") {
    using ctq::rounding_of_nodes;
    constexpr rounding weighted_how = rounding::single_rounding, how = rounding::double_rounding;
    CHECK(rounding_of_nodes<weighted>(weighted_how, how) == weighted_how);
    CHECK(rounding_of_nodes<sums_products>(weighted_how, how) == weighted_how);
    CHECK(rounding_of_nodes<plain>(weighted_how, how) == how);
    CHECK(rounding_of_nodes<weighted>(rounding::unrounded, how) == rounding::unrounded);
    CHECK(rounding_of_nodes<sums_products>(rounding::unrounded, how) == how);
}
