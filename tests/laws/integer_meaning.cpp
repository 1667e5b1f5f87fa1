// The law of integer_meaning.hpp for every operator under every rule: a graph of one node, over shapes and ranges.

#include <ctq/default_registry.hpp>
#include <ctq/rewrite/prepare.hpp>

#include <doctest/doctest.h>
#include <laws/integer_meaning.hpp>
#include <laws/operation.hpp>
#include <laws/rules.hpp>
#include <operators/samples.hpp>

#include <algorithm>
#include <array>
#include <string>
#include <type_traits>
#include <vector>

using namespace ctq;

namespace {

using laws::all_rules;

constexpr bounds input_ranges[]{{-1.0f, 1.0f}, {0.0f, 6.0f}, {-3.0f, 0.25f}, {-0.01f, 0.02f}, {-90.0f, 40.0f}};
/// The result's range against the one that is seen: cut off, as it is, wide.
constexpr float output_factors[]{0.4f, 1.0f, 5.0f};

/// Activations over all of a range, both ends among them.
std::vector<constant> sample_over(const default_graph& graph, const bounds& range, testing::dice& random) {
    std::vector<constant> result;
    for (const port& input : graph.inputs) {
        auto elements = random.reals(graph.value_at(input.value).facts.shape.elements(), range.low, range.high);
        elements.back() = range.high;
        elements.front() = range.low;
        result.emplace_back(std::move(elements));
    }
    return result;
}

/// Runs the law where the integers are proved not to overflow, and says whether they are.
template <class Rule, class Op>
bool check_sample(const laws::sample<Op>& given, const bounds& range, float factor, testing::dice& random) {
    const default_graph graph = testing::one_node<default_graph>(given.op, given.operands);
    const std::vector<constant> sample = sample_over(graph, range, random);
    const auto elements = evaluate(graph, sample);
    const std::vector<float>& seen = elements[static_cast<std::size_t>(graph.outputs[0].value)].as<float>();
    std::vector<bounds> ranges(graph.values.size(), range);
    ranges.back() = {factor * *std::min_element(seen.begin(), seen.end()),
                     factor * *std::max_element(seen.begin(), seen.end())};
    const flags none_kept(1, 0);
    const default_graph integers = laws::annotated_under<Rule>(graph, ranges, none_kept);
    if (!laws::proved<all_rules>(lower_graph<all_rules>(integers))) return false;
    CAPTURE(std::string(Op::name));
    CAPTURE(range.low);
    CAPTURE(range.high);
    CAPTURE(factor);
    CHECK(laws::deviation_of<Rule, all_rules>(graph, integers, none_kept, sample) == "");
    return true;
}

template <class Op, class Rule> void check_operator() {
    testing::dice random(31);
    int proved = 0, all = 0;
    for (const laws::sample<Op>& given : laws::samples<Op>::all())
        for (const bounds& range : input_ranges)
            for (const float factor : output_factors) {
                proved += check_sample<Rule>(given, range, factor, random) ? 1 : 0;
                ++all;
            }
    CHECK(proved == all); // none of these ranges is out of the ordinary
}

} // namespace

TEST_CASE("integer meaning: within the stated error of the real function, every operator under every rule") {
    default_registry.for_each(default_registry.operators(), [](auto op) {
        using operator_type = typename decltype(op)::type;
        laws::for_each_rule([](auto rule) {
            using rule_type = typename decltype(rule)::type;
            if constexpr (testing::quantizable<rule_type, operator_type>) check_operator<operator_type, rule_type>();
        });
    });
}

TEST_CASE("integer meaning: the law sees a wrong range, a wrong operand, a wrong port, a layer not kept in float") {
    const laws::sample<ctq::op::add> given{{}, {{{2, 3}}, {{2, 3}}}};
    const default_graph graph = testing::one_node<default_graph>(given.op, given.operands);
    testing::dice random(5);
    const auto sample = sample_over(graph, {-1, 1}, random);
    const std::vector<bounds> ranges{{-1, 1}, {-1, 1}, {-2, 2}};
    const auto deviation = [&](auto change, const flags& keep = flags(1, 0)) {
        default_graph integers = laws::annotated_under<rule::affine_int8>(graph, ranges, flags(1, 0));
        change(integers);
        return laws::deviation_of<rule::affine_int8, all_rules>(graph, integers, keep, sample);
    };
    CHECK(deviation([](default_graph&) {}) == "");
    CHECK(deviation([](default_graph& g) { g.value_at(g.outputs[0].value).facts.range.high = 40; }) != "");
    CHECK(deviation([](default_graph& g) { g.nodes[0].inputs[1] = g.nodes[0].inputs[0]; }) != "");
    CHECK(deviation([](default_graph& g) { g.outputs[0].value = g.inputs[0].value; }) ==
          "output out is not where its value is made");
    CHECK(deviation([](default_graph&) {}, flags(1, 1)) == "node is to be kept in float");
}

// One product, whose weight the rule's integers hold exactly; half a step of it is allowed.
TEST_CASE("integer meaning: the law sees a weight that is two steps off, under every rule") {
    const laws::sample<ctq::op::dense> given{{}, {{{1, 1}}, {{1, 1}, {1.0f}}}};
    const default_graph graph = testing::one_node<default_graph>(given.op, given.operands);
    const std::vector<constant> sample{constant(std::vector<float>{1.0f})};
    const std::vector<bounds> ranges(graph.values.size(), {-1, 1});
    laws::for_each_rule([&](auto rule) {
        using rule_type = typename decltype(rule)::type;
        default_graph integers = laws::annotated_under<rule_type>(graph, ranges, flags(1, 0));
        const auto deviation = [&] {
            return laws::deviation_of<rule_type, all_rules>(graph, integers, flags(1, 0), sample);
        };
        CHECK(deviation() == "");
        constant& weights =
            integers.constants[static_cast<std::size_t>(integers.value_at(integers.nodes[0].inputs[1]).constant)];
        if (weights.is<int4_pair>())
            weights.as<int4_pair>()[0].set(0, weights.as<int4_pair>()[0][0] - 2);
        else
            weights.as<std::int8_t>()[0] = static_cast<std::int8_t>(weights.as<std::int8_t>()[0] - 2);
        CAPTURE(std::string(rule_type::name));
        CHECK(deviation() != "");
    });
}

TEST_CASE(
    "integer meaning: a sum that is fused into a convolution is one, and the law sees a residual that is dropped") {
    builder b;
    const std::array factors{0.5f, -0.25f, 0.75f, 0.125f};
    const layer x = b.input("x", {1, 3, 3, 2});
    const default_graph graph = b.finish(b.add(b.conv2d(x, {factors}, {}), x));
    testing::dice random(6);
    const auto sample = sample_over(graph, {-1, 1}, random);
    const std::vector<bounds> ranges(graph.values.size(), {-2, 2});
    const flags keep(graph.nodes.size(), 0);
    const auto check = [&]<class Rule>(Rule) {
        default_graph integers = post_process(laws::annotated_under<Rule>(graph, ranges, keep), laws::rules);
        REQUIRE(integers.nodes.size() == 1);
        CHECK(laws::deviation_of<Rule, all_rules>(graph, integers, keep, sample) == "");
        integers.nodes[0].inputs.pop_back();
        CHECK(laws::deviation_of<Rule, all_rules>(graph, integers, keep, sample) != "");
    };
    check(rule::affine_int8{});
    check(rule::with_weight_bits<rule::affine_int8, 4>{});
    check(laws::affine_uint8{});
}
