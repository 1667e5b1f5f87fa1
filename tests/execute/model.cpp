#include <ctq/execute/model.hpp>
#include <ctq/operators/dense.hpp>
#include <ctq/operators/multiply.hpp>
#include <ctq/operators/relu.hpp>

#include <doctest/doctest.h>

#include <array>
#include <string>

namespace {

/// A model as an emitted header writes it: relu, then one dense output with the weights 3 and -4.
struct tiny {
    static constexpr std::string_view name = "tiny";
    static constexpr std::int8_t weights[] = {3, -4, 0, 0};
    static constexpr std::int32_t bias[] = {100};
    static constexpr std::int16_t multiplier[] = {16384};
    static constexpr std::int8_t shift[] = {0};
    static constexpr std::array values{ctq::activation("x", {1, 2}, ctq::dtype::int8, 0.5f, 0),
                                       ctq::activation("relu", {1, 2}, ctq::dtype::int8, 0.5f, 0, {0, 127}),
                                       ctq::constant_value("dense.weights", {1, 1, 4}, weights),
                                       ctq::constant_value("dense.bias", {1}, bias),
                                       ctq::constant_value("dense.multiplier", {1}, multiplier),
                                       ctq::constant_value("dense.shift", {1}, shift),
                                       ctq::activation("y", {1, 1}, ctq::dtype::int8, 1.0f, 5)};
    static constexpr auto nodes =
        ctq::nodes(ctq::node("relu", ctq::op::relu{}, {}, {0}, {1}, ctq::rounding::three_step),
                   ctq::node("dense", ctq::op::dense{}, {}, {1, 2, 3, 4, 5}, {6}, ctq::rounding::three_step));
    static constexpr std::array inputs{0};
    static constexpr std::array outputs{6};
};

struct overflowing : tiny {
    static constexpr std::int32_t large_bias[] = {2147483647};
    static constexpr std::array values = [] {
        auto result = tiny::values;
        result[3] = ctq::constant_value("dense.bias", {1}, large_bias);
        return result;
    }();
};

struct with_float_output : tiny {
    static constexpr std::array values = [] {
        auto result = tiny::values;
        result[6] = ctq::activation("y", {1, 1}, ctq::dtype::float32, 0, 0);
        return result;
    }();
};

static_assert(ctq::model<tiny> && !ctq::model<int> && ctq::node_count<tiny> == 2);
static_assert(ctq::model_weight_bytes<tiny> == 4 + 4 + 2 + 1);
static_assert(!ctq::has_floats<tiny> && ctq::has_floats<with_float_output>);
static_assert(ctq::model_never_overflows<tiny> && !ctq::model_never_overflows<overflowing>);
static_assert(ctq::node_never_overflows<overflowing, 0> && !ctq::node_never_overflows<overflowing, 1>);

/// A product that is shifted left by 17 bits, which leaves room for 16383: 128 * 128 is beyond it.
template <std::int32_t Lowest> struct gated {
    static constexpr std::string_view name = "gated";
    static constexpr std::int8_t gate[] = {127, -127};
    static constexpr std::array values{
        ctq::activation("x", {2}, ctq::dtype::int8, 0.5f, 0),
        ctq::constant_value("gate", {2}, gate, 0.5f, 0, {Lowest, 127}),
        ctq::activation("y", {2}, ctq::dtype::int8, 0.5f, 0),
    };
    static constexpr auto nodes =
        ctq::nodes(ctq::node("gate", ctq::op::multiply{}, {.scale = {.multiplier = 1 << 30, .shift = 17}}, {0, 1}, {2},
                             ctq::rounding::double_rounding));
    static constexpr std::array inputs{0};
    static constexpr std::array outputs{2};
};

static_assert(!ctq::model_never_overflows<gated<-128>> && ctq::model_never_overflows<gated<-127>>);

using dense_facts = ctq::node_constants<tiny, 1>;
static_assert(dense_facts::input_count == 5 && dense_facts::input_facts[0].quantization.scale == 0.5f);
static_assert(dense_facts::output_facts[0].quantization == ctq::quantization{1.0f, 5});
static_assert(dense_facts::constant_inputs()[1].as<std::int8_t>()[1] == -4);
static_assert(dense_facts::types == ctq::signature{ctq::dtype::int8, ctq::dtype::int8, ctq::dtype::int8,
                                                   ctq::dtype::int32, ctq::rounding::three_step});
static_assert(dense_facts::value.op == ctq::op::dense{});

} // namespace

TEST_CASE("model: activations and constants, as a header writes them") {
    CHECK(tiny::values[0].facts.bytes() == 2);
    CHECK_FALSE(tiny::values[0].constant);
    CHECK(tiny::values[4].facts.type == ctq::dtype::int16);
    CHECK(tiny::values[4].constant);
    const ctq::model_value filed = ctq::constant_in_file("gate", {2}, ctq::dtype::int8, 16, 0.5f, 0, {-127, 127});
    CHECK(filed.in_file());
    CHECK(filed.facts == gated<-127>::values[1].facts);
    CHECK(ctq::activation("float", {3}).facts == ctq::tensor_facts{ctq::dtype::float32, {3}, {}});
    CHECK_THROWS_WITH_AS(ctq::constant_value("short", {2}, tiny::bias),
                         "a constant must have as many elements as its shape", ctq::model_error);
}
