// The law of integer_meaning.hpp for every operator under every rule: a graph of one node, over shapes and ranges; and
// for each conversion between two rules. So each cell of `ctq supported-ops --signatures` is run.

#include <ctq/default_registry.hpp>
#include <ctq/rewrite/prepare.hpp>

#include <doctest/doctest.h>
#include <laws/integer_meaning.hpp>
#include <laws/operation.hpp>
#include <laws/rules.hpp>
#include <laws/signature_matrix.hpp>
#include <operators/samples.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <span>
#include <string>
#include <type_traits>
#include <vector>

using namespace ctq;

namespace {

using laws::all_rules;

constexpr bounds input_ranges[]{{-1.0f, 1.0f}, {0.0f, 6.0f}, {-3.0f, 0.25f}, {-0.01f, 0.02f}, {-90.0f, 40.0f}};
/// The result's range against the one that is seen: cut off, as it is, wide.
constexpr float output_factors[]{0.4f, 1.0f, 5.0f};

/// Activations over all of a range for each input, both ends among them.
std::vector<constant> sample_over(const default_graph& graph, const std::vector<bounds>& ranges,
                                  testing::dice& random) {
    std::vector<constant> result;
    for (const port& input : graph.inputs) {
        const bounds& range = ranges[static_cast<std::size_t>(input.value)];
        auto elements = random.reals(graph.value_at(input.value).facts.shape.elements(), range.low, range.high);
        elements.back() = range.high;
        elements.front() = range.low;
        result.emplace_back(std::move(elements));
    }
    return result;
}
std::vector<constant> sample_over(const default_graph& graph, const bounds& range, testing::dice& random) {
    return sample_over(graph, std::vector<bounds>(graph.values.size(), range), random);
}

/// Runs the law where the integers are proved not to overflow, and says whether they are.
template <class Rule>
bool check_sample(const default_graph& graph, const std::vector<constant>& sample, const std::vector<bounds>& ranges,
                  laws::cells& met) {
    const flags none_kept(1, 0);
    const default_graph integers = laws::annotated_under<Rule>(graph, ranges, none_kept);
    if (!laws::proved<all_rules>(lower_graph<all_rules>(integers))) return false;
    laws::add_cells(met, integers);
    CHECK(laws::deviation_of<Rule, all_rules>(graph, integers, none_kept, sample) == "");
    return true;
}
/// The same as an argument, so that what chooses samples is compiled once and not for each operator and rule.
using sample_check = decltype(check_sample<rule::affine_int8>);

/// All operands over one range, the result cut off, as it is and wide.
void check_ranges(const default_graph& graph, sample_check check, testing::dice& random, laws::cells& met) {
    for (const bounds& range : input_ranges)
        for (const float factor : output_factors) {
            CAPTURE(range.low);
            CAPTURE(range.high);
            CAPTURE(factor);
            const std::vector<constant> sample = sample_over(graph, range, random);
            const auto elements = evaluate(graph, sample);
            const std::vector<float>& seen = elements[static_cast<std::size_t>(graph.outputs[0].value)].as<float>();
            std::vector<bounds> ranges(graph.values.size(), range);
            ranges[static_cast<std::size_t>(graph.outputs[0].value)] = {
                factor * *std::min_element(seen.begin(), seen.end()),
                factor * *std::max_element(seen.begin(), seen.end())};
            CHECK(check(graph, sample, ranges, met)); // none of these ranges is out of the ordinary
        }
}

/// Each operand and the result with and without negative values, which a rule of several element types stores in
/// different ones.
void check_signs(const default_graph& graph, sample_check check, testing::dice& random, laws::cells& met) {
    for (unsigned signs = 0; signs < 2U << graph.inputs.size(); ++signs) {
        CAPTURE(signs);
        std::vector<bounds> ranges(graph.values.size(), (signs & 1U) != 0 ? bounds{-1, 2} : bounds{0, 2});
        for (std::size_t i = 0; i < graph.inputs.size(); ++i)
            ranges[static_cast<std::size_t>(graph.inputs[i].value)] =
                (signs >> (i + 1) & 1U) != 0 ? bounds{-1, 2} : bounds{0, 2};
        CHECK(check(graph, sample_over(graph, ranges, random), ranges, met));
    }
}

/// The samples of an operator that make reals as graphs of one node.
template <class Op> std::vector<default_graph> sample_graphs() {
    std::vector<default_graph> graphs;
    for (const laws::sample<Op>& given : laws::samples<Op>::all()) {
        default_graph made = testing::one_node<default_graph>(given.op, given.operands);
        if (made.is_real(made.outputs[0].value)) graphs.push_back(std::move(made));
    }
    return graphs;
}

/// Operators alone under a rule whose ranges are known beforehand.
template <class Rule> void check_known(const std::vector<default_graph>& graphs, laws::cells& met) {
    testing::dice random(31);
    for (const default_graph& graph : graphs) {
        check_ranges(graph, check_sample<Rule>, random, met);
        if (activation_types_of<Rule>.size() > 1) check_signs(graph, check_sample<Rule>, random, met);
    }
}

/// Two layers, each in a domain of its own, so that what is between them is converted.
default_graph two_layers() {
    builder b;
    const std::array weights{0.5f, 0.25f, 0.75f, 0.125f, 0.5f, 0.25f, 1.0f, 0.5f};
    return b.finish(b.dense(b.dense(b.input("x", {1, 4}), {weights}), {std::span(weights).first(4)}));
}

/// An operand under a fixed scale beside one that is not, which a node that takes their range converts.
default_graph joined_layers() {
    builder b;
    const layer x = b.input("x", {1, 4});
    return b.finish(b.concat({b.apply(op::tanh{}, {x}), x}));
}

/// How far a conversion into each domain may be off, in steps: see integer_error.hpp; into floats it is exact. Half a
/// step where ranges are measured; a zero point is rounded itself, so that an end may lie half a step beyond.
std::vector<double> errors_of_conversions() {
    std::vector<double> steps{0.0};
    laws::rules.for_each(laws::rules.rules(), [&](auto rule) {
        using rule_type = typename decltype(rule)::type;
        if constexpr (dynamic_ranges<rule_type>)
            steps.push_back(rule_type::symmetric ? 0.5 : 1.0);
        else
            steps.push_back(laws::requantized_error<rule_type>);
    });
    return steps;
}

/// The reals that a value stands for, under its own scale, or one that was measured. Weights have one a channel.
laws::real_operand reals_of(const default_graph& graph, const std::vector<constant>& elements, int index) {
    const value& v = graph.value_at(index);
    const constant& stored =
        graph.is_constant(index) ? graph.constant_of(index) : elements[static_cast<std::size_t>(index)];
    if (v.facts.type == dtype::float32) return {v.facts, stored.as<float>(), {1.0f, 0}};
    quantization q = v.facts.quantization;
    if (v.dynamic.is_set()) {
        q.scale = elements[static_cast<std::size_t>(v.dynamic.scale)].as<float>()[0];
        if (v.dynamic.zero_point >= 0)
            q.zero_point = elements[static_cast<std::size_t>(v.dynamic.zero_point)].as<std::int32_t>()[0];
    }
    const std::vector<std::int32_t> integers = testing::integers_in(stored);
    std::vector<float> reals;
    for (std::size_t i = 0; i < integers.size(); ++i) {
        const double scale = v.scales.empty() ? double{q.scale} : v.scales[i * v.scales.size() / integers.size()];
        reals.push_back(static_cast<float>((integers[i] - q.zero_point) * scale));
    }
    return {v.facts, std::move(reals), q};
}

/// A conversion changes no real by more than `steps` of its result's, within what that can hold.
void check_conversion(const default_graph& graph, const std::vector<constant>& elements,
                      const default_graph::node_type& node, double steps) {
    const laws::real_operand from = reals_of(graph, elements, node.inputs[0]);
    const laws::real_operand to = reals_of(graph, elements, node.output());
    const limits& held = to.facts.range;
    const double scale = to.from.scale;
    for (std::size_t i = 0; i < from.elements.size(); ++i) {
        double wanted = from.elements[i];
        if (is_integer(to.facts.type))
            wanted =
                std::clamp(wanted, (held.low - to.from.zero_point) * scale, (held.high - to.from.zero_point) * scale);
        const double allowed = (is_integer(to.facts.type) ? steps * scale : 0.0) + 1e-5 * std::fabs(wanted);
        CHECK(std::fabs(to.elements[i] - wanted) <= allowed + 1e-6);
    }
}

/// Sums under measured scales are those of the reals that weights and activations stand for, but for float's rounding.
template <class Op>
void check_measured_sums(const Op& op, const default_graph& graph, const std::vector<constant>& elements,
                         const default_graph::node_type& node) {
    std::vector<laws::real_operand> in, sizes;
    for (const int input : node.inputs) {
        in.push_back(reals_of(graph, elements, input));
        in.back().facts.type = dtype::float32;
        sizes.push_back(laws::magnitudes(in.back()));
    }
    const std::vector<float> wanted = laws::meaning(op, in), largest = laws::meaning(op, sizes);
    const std::vector<float>& found = elements[static_cast<std::size_t>(node.output())].as<float>();
    for (std::size_t i = 0; i < found.size(); ++i)
        CHECK(std::fabs(found[i] - wanted[i]) <= 1e-5f * std::fabs(largest[i]) + 1e-6f);
}

/// Runs an annotated graph and checks its conversions and its sums under measured scales.
void check_nodes(const default_graph& integers, const std::vector<constant>& sample, laws::cells& met) {
    static const std::vector<double> errors = errors_of_conversions();
    const auto elements = evaluate<all_rules>(integers, laws::quantized_inputs(integers, sample));
    laws::add_cells(met, integers);
    for (const auto& node : integers.nodes)
        visit_operator(node, [&](const auto& op) {
            using op_type = std::remove_cvref_t<decltype(op)>;
            if constexpr (traits_of<op_type>.converts)
                check_conversion(integers, elements, node, errors[static_cast<std::size_t>(node.domain)]);
            else if constexpr (is_weighted<op_type>)
                if (node.domain != float_domain && integers.value_at(node.output()).facts.type == dtype::float32)
                    check_measured_sums(op, integers, elements, node);
        });
}

/// Each domain beside each other and itself, with and without negative values between them.
void check_neighbours(laws::cells& met) {
    testing::dice random(7);
    const default_graph graph = two_layers(), joined = joined_layers();
    const int domains = static_cast<int>(all_rules::size) + 1;
    for (const bounds& range : {bounds{-1, 2}, bounds{0, 2}})
        for (int first = 0; first < domains; ++first) {
            CAPTURE(first);
            const auto check = [&](const default_graph& of, int second) {
                CAPTURE(second);
                const std::vector<bounds> ranges(of.values.size(), range);
                check_nodes(annotate<all_rules>(of, ranges, {first, second}), sample_over(of, range, random), met);
            };
            check(joined, first);
            for (int second = 0; second < domains; ++second) check(graph, second);
        }
}

/// Operators alone under a rule that measures ranges.
template <class Rule> void check_measured(const std::vector<default_graph>& graphs, laws::cells& met) {
    testing::dice random(11);
    for (const default_graph& graph : graphs) {
        const std::vector<bounds> nothing(graph.values.size());
        check_nodes(laws::annotated_under<Rule>(graph, nothing, flags(1, 0)), sample_over(graph, {-1, 2}, random), met);
    }
}

/// Takes four steps off the first of some weights.
void lower_first(constant& weights) {
    weights.visit([]<class T>(std::vector<T>& stored) {
        if constexpr (std::is_same_v<T, int4_pair>)
            stored[0].set(0, stored[0][0] - 4);
        else if constexpr (std::is_integral_v<T>)
            stored[0] = static_cast<T>(stored[0] - 4);
    });
}

} // namespace

TEST_CASE(
    "integer meaning: within the stated error of the real function, every operator under every rule that has it") {
    laws::cells met;
    default_registry.for_each(default_registry.operators(), [&](auto op) {
        using operator_type = typename decltype(op)::type;
        CAPTURE(std::string(operator_type::name));
        if constexpr (!traits_of<operator_type>.converts) {
            const std::vector<default_graph> graphs = sample_graphs<operator_type>();
            laws::rules.for_each(laws::rules.rules(), [&](auto rule) {
                using rule_type = typename decltype(rule)::type;
                if constexpr (!ctq::detail::is_integer_under<rule_type, operator_type>)
                    return;
                else if constexpr (dynamic_ranges<rule_type>)
                    check_measured<rule_type>(graphs, met);
                else
                    check_known<rule_type>(graphs, met);
            });
        }
    });
    check_neighbours(met);
    using registered = rules_of<std::remove_const_t<decltype(default_registry)>>;
    const laws::cells listed = laws::listed_cells<all_rules>();
    CHECK(laws::lines_of(laws::without(met, listed)) == "");
    CHECK(laws::lines_of(laws::without(listed, met)) == "");
    CHECK(laws::lines_of(laws::without(laws::listed_cells<registered>(), met)) == "");
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

// One product, whose weight the rule's integers hold exactly; half a step of it is allowed and, where a step of the
// result is no larger, 3/2 for its rounding, which may be off by as much to the other side.
TEST_CASE("integer meaning: the law sees a weight that is four steps off, under every rule") {
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
        lower_first(
            integers.constants[static_cast<std::size_t>(integers.value_at(integers.nodes[0].inputs[1]).constant)]);
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
