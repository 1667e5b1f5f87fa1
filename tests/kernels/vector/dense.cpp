// Fully connected layers equal their definition on the instruction set that this is compiled for.
#include <ctq/kernels/vector/dense.hpp>

#include <kernels/vector/harness.hpp>

using namespace kernel_test;

namespace {

struct dense_case {
    op::dense op;
    shape in;
    std::int32_t outputs;
    std::int32_t zero_point = -3, output_zero_point = 5;
    pattern activations = pattern::random, weights = pattern::random;
    bool large_scales = false;
    limits range = limits_of(dtype::int8);
};

template <class Requantizer> struct dense_inputs : weighted_inputs<Requantizer> {
    explicit dense_inputs(const dense_case& c)
        : weighted_inputs<Requantizer>(c.in, c.zero_point, weights_shape(c), c.outputs) {}

    static shape weights_shape(const dense_case& c) {
        return {op::dense::packing(c.in[c.in.rank - 1], c.outputs).dwords(), c.outputs, 4};
    }
};

template <class Requantizer, class Facts>
void check_dense(const dense_case& c, const Facts& facts, const tensor_facts& out, std::uint32_t seed) {
    std::mt19937 random(seed);
    dense_inputs<Requantizer> inputs(c);
    const std::int32_t length = c.in[c.in.rank - 1];
    inputs.randomize(random, c.activations, c.weights, length, c.large_scales);
    const op::row_packing layout = op::dense::packing(length, c.outputs);
    for (std::int32_t k = length; k < 4 * layout.dwords(); ++k)
        for (std::int32_t channel = 0; channel < c.outputs; ++channel)
            inputs.weights.memory.template as<std::int8_t>()[layout.index(0, 0, k, channel)] = 0;
    INFO(c.in.elements() << " / " << length << " -> " << c.outputs);
    REQUIRE(ctq::never_overflows<bytes_under<Requantizer>>(c.op, {}, inputs.views(), out));
    CHECK(differing<Requantizer>(facts, inputs.views(), out) == 0);
    CHECK(differing_in_pieces<Requantizer>(facts.value, inputs.views()) == 0);
}

template <class Requantizer> void check_one(const dense_case& c, std::uint32_t seed) {
    const dense_inputs<Requantizer> inputs(c);
    shape result = c.in;
    result[result.rank - 1] = c.outputs;
    tensor_facts out = int8_facts(result, c.output_zero_point);
    out.range = c.range;
    const kernels::variable_facts<op::dense> facts{{c.op, {}, inputs.facts, std::span(&out, 1)}};
    check_dense<Requantizer>(c, facts, out, seed);
}

void check_both(const dense_case& c, std::uint32_t seed = 3) {
    check_one<three_step>(c, seed);
    check_one<double_rounding>(c, seed);
}

template <std::int32_t Rows, std::int32_t Length, std::int32_t Outputs, class Requantizer> struct dense_node {
    static constexpr tensor_facts inputs[] = {int8_facts({Rows, Length}, 9),
                                              {dtype::int8, {}, {}},
                                              {dtype::int32, {Outputs}, {}},
                                              {dtype_of<typename Requantizer::multiplier_type>, {Outputs}, {}},
                                              {dtype::int8, {Outputs}, {}}};
    static constexpr tensor_facts outputs[] = {int8_facts({Rows, Outputs}, -9)};
    static constexpr kernels::node_facts<op::dense> value{op::dense{}, {}, inputs, outputs};
};

template <std::int32_t Rows, std::int32_t Length, std::int32_t Outputs> void check_constant() {
    const auto one = [&]<class Requantizer>(Requantizer) {
        using node = dense_node<Rows, Length, Outputs, Requantizer>;
        check_dense<Requantizer>({{}, {Rows, Length}, Outputs, 9, -9}, kernels::constant_facts<node>{},
                                 node::outputs[0], 11);
    };
    one(three_step{});
    one(double_rounding{});
}

} // namespace

TEST_CASE("dense: shapes") {
    for (const std::int32_t length : {1, 2, 3, 4, 7, 8, 15, 16, 17, 33, 64, 130})
        for (const std::int32_t outputs : {1, 2, 3, 8, 10, 15, 16, 17, 33, 64, 72, 128, 150})
            for (const std::int32_t rows : {1, 2, 7}) check_both({{}, {rows, length}, outputs});
}

TEST_CASE("dense: extremes") {
    for (const pattern activations : {pattern::lowest, pattern::highest, pattern::alternating})
        for (const pattern weights : {pattern::lowest, pattern::highest, pattern::alternating})
            for (const limits range : {limits{-128, 127}, limits{-7, 90}})
                for (const bool large : {false, true})
                    check_both({{}, {2, 3, 70}, 40, -128, 127, activations, weights, large, range});
}

TEST_CASE("dense: constant shapes") {
    check_constant<1, 640, 128>();
    check_constant<1, 128, 8>();
    check_constant<1, 8, 128>();
    check_constant<1, 64, 10>();
    check_constant<1, 1, 1>();
    check_constant<2, 33, 17>();
    check_constant<5, 50, 100>();
}
