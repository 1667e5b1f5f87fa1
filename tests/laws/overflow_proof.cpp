// The law of overflow_proof.hpp for every operator that accumulates, under every rule's requantizer, over ranges from
// the ordinary to those that leave no room.

#include <ctq/default_registry.hpp>

#include <doctest/doctest.h>
#include <laws/integer_meaning.hpp>
#include <laws/operation.hpp>
#include <laws/overflow_proof.hpp>
#include <laws/rules.hpp>
#include <operators/samples.hpp>

#include <string>
#include <type_traits>
#include <vector>

using namespace ctq;

namespace {

using laws::all_rules;

/// From the operands' range to the result's: ordinary, and the far ends of what calibration can give; the last is a
/// result that was zero in all samples.
constexpr float extreme_output_factors[]{1.0f, 100.0f, 1e-2f, 1e-4f, 1e-6f, 0.0f};
constexpr bounds extreme_input_ranges[]{{-1.0f, 1.0f}, {0.0f, 255.0f}, {-60000.0f, 0.0f}};

/// True when an operator proves itself, instead of saying that there is nothing to prove.
template <class Op, signature S>
concept proves = proves_channels<Op, S> ||
    requires(const Op& op, const lowered_of<Op>& lowered, const_tensors in, const tensor_facts& out) {
    op.template never_overflows<S>(lowered, in, out);
};

/// A graph of one node under the rule of a domain.
default_graph annotated_node(int domain, const default_graph& graph, const std::vector<bounds>& ranges) {
    return laws::annotated_in(domain, graph, ranges, flags(1, 0));
}
template <class Op>
laws::proof_and_fact check_in(int domain, const default_graph& graph, const std::vector<bounds>& ranges) {
    return laws::check_overflow_proof<all_rules, Op>(annotated_node(domain, graph, ranges));
}

template <class Op> void check_proofs(int domain, int& proved, int& refused) {
    for (const laws::sample<Op>& given : laws::samples<Op>::all())
        for (const bounds& range : extreme_input_ranges)
            for (const float factor : extreme_output_factors) {
                const auto graph = testing::one_node<default_graph>(given.op, given.operands);
                std::vector<bounds> ranges(graph.values.size(), range);
                ranges.back() = {range.low * factor, range.high * factor};
                CAPTURE(std::string(Op::name));
                CAPTURE(laws::rule_in(domain));
                CAPTURE(range.low);
                CAPTURE(factor);
                const default_graph integers = annotated_node(domain, graph, ranges);
                if (integers.nodes.back().in_float()) continue; // its parameters are not constant
                const auto found = laws::check_overflow_proof<all_rules, Op>(integers);
                ++(found.proved ? proved : refused);
            }
}

/// A change of scale, which no float graph holds.
template <class Rule> laws::proof_and_fact check_requantize(float ratio, std::int32_t zero_point) {
    default_graph graph;
    graph.domains = ctq::detail::domains_of(all_rules{});
    const int x = graph.add_value("x", {Rule::activation_type, {4}, {ratio, zero_point}});
    const int y = graph.add_value("y", {Rule::activation_type, {4}, {1.0f, 3}});
    graph.nodes.push_back({"node", op::requantize{}, {x}, {y}, {}, laws::domain_of<Rule>});
    return laws::check_overflow_proof<all_rules, op::requantize>(graph);
}

} // namespace

TEST_CASE("overflow proof: what is proved fits at the extremes, every operator under every requantizer") {
    default_registry.for_each(default_registry.operators(), [](auto op) {
        using operator_type = typename decltype(op)::type;
        int proved = 0, refused = 0;
        laws::for_each_rule([&](auto rule) {
            using rule_type = typename decltype(rule)::type;
            if constexpr (testing::quantizable<rule_type, operator_type> &&
                          proves<operator_type, ctq::detail::signature_under<rule_type, operator_type>()>)
                check_proofs<operator_type>(laws::domain_of<rule_type>, proved, refused);
        });
        CAPTURE(std::string(operator_type::name));
        CHECK(proved >= refused); // not by refusing everything
    });
}

TEST_CASE("overflow proof: every registered operator that runs on integers says something") {
    default_registry.for_each(default_registry.operators(), [](auto each) {
        using operator_type = typename decltype(each)::type;
        CAPTURE(std::string(operator_type::name));
        constexpr signature S = ctq::detail::signature_under<rule::affine_int8, operator_type>();
        constexpr bool says_so = looks_up<operator_type, S> || traits_of<operator_type>.moves_elements ||
                                 traits_of<operator_type>.adds_nothing;
        if constexpr (has_integer_meaning<operator_type, S>) CHECK((says_so || proves<operator_type, S>));
    });
}

TEST_CASE("overflow proof: a change of scale") {
    for (const float ratio : {1e-6f, 0.01f, 1.0f, 3.0f, 200.0f, 1e5f, 1e8f})
        for (const std::int32_t zero_point : {-128, -3, 0, 127}) {
            CHECK(check_requantize<rule::affine_int8>(ratio, zero_point).proved);
            CHECK(check_requantize<rule::tflite_int8>(ratio, zero_point).proved);
            CHECK(check_requantize<laws::single_int8>(ratio, zero_point).proved);
            CHECK(check_requantize<rule::int16x8>(ratio, zero_point).proved);
        }
}

// A gate that was closed in all samples: the product's range is [0, 0], its scale 1/255, and the accumulator would be
// shifted left by 16. No more of a scale is encoded than saturates the output.
TEST_CASE("overflow proof: a closed gate fits under every requantizer") {
    const auto graph = testing::one_node<default_graph>(op::multiply{}, {{{4}}, {{4}}});
    const std::vector<bounds> ranges{{0, 65535}, {0, 255}, {0, 0}};
    laws::for_each_rule([&](auto rule) {
        using rule_type = typename decltype(rule)::type;
        const auto found = check_in<op::multiply>(laws::domain_of<rule_type>, graph, ranges);
        CHECK(found.proved);
        CHECK(found.fits);
    });
}

TEST_CASE("overflow proof: sums and means into a result far narrower") {
    const auto check = [](int domain, const auto& op, const std::vector<testing::operand>& operands, float low) {
        using op_type = std::remove_cvref_t<decltype(op)>;
        const auto graph = testing::one_node<default_graph>(op, operands);
        std::vector<bounds> ranges(operands.size(), bounds{-60000, 60000});
        ranges.push_back({low, -low});
        const auto found = check_in<op_type>(domain, graph, ranges);
        CAPTURE(laws::rule_in(domain));
        CAPTURE(low);
        CHECK(found.proved == found.fits);
        CHECK((found.proved || low > -60.0f));
    };
    op::reduce_mean mean;
    mean.axes.insert(0);
    for (const float low : {-60000.0f, -60.0f, -0.6f, -1e-3f, -1e-6f})
        laws::for_each_rule([&](auto rule) {
            constexpr int domain = laws::domain_of<typename decltype(rule)::type>;
            check(domain, ctq::op::add{}, {{{2}}, {{2}}}, low);
            check(domain, mean, {{{40, 2}}}, low);
        });
}

// So many products of bytes need more than 32 bits, whatever the requantizer behind them could take, and of integers of
// 16 bits more than its 48; fewer where a zero point takes as many in the sum's start.
TEST_CASE("overflow proof: the accumulator's own type is a bound, under a requantizer of 64 bits too") {
    laws::for_each_rule([&](auto rule) {
        using rule_type = typename decltype(rule)::type;
        const std::int32_t length = rule_type::activation({0, 1}).zero_point == 0 ? 300000 : 70000;
        const std::vector<float> ones(static_cast<std::size_t>(length), 1.0f);
        const auto graph = testing::one_node<default_graph>(op::dense{}, {{{1, length}}, {{1, length}, ones}});
        const std::vector<bounds> ranges{{0, 1}, {0, 1}, {0, 1000}};
        const auto found = check_in<op::dense>(laws::domain_of<rule_type>, graph, ranges);
        CAPTURE(std::string(rule_type::name));
        CHECK(found.proved == found.fits);
    });
}
