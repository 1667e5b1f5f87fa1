// Random graphs, prepared and quantized: the laws that no list of examples covers. A fixed number of seeds in the
// suite; with CTQ_FUZZ_SECONDS=n in the environment n seconds more of other seeds (script/check-fuzz); CTQ_FUZZ_SEED=n
// runs that one only.

#include <ctq/default_registry.hpp>
#include <ctq/graph/name_set.hpp>
#include <ctq/rewrite/prepare.hpp>

#include <doctest/doctest.h>
#include <laws/graph_fuzzer.hpp>
#include <laws/graph_pass.hpp>
#include <laws/integer_meaning.hpp>
#include <laws/rules.hpp>
#include <sanitized.hpp>

#include <chrono>
#include <cmath>
#include <cstdlib>
#include <string>
#include <vector>

using namespace ctq;

namespace {

constexpr unsigned seeds_in_suite = test::is_sanitized ? 600 : 3000;

/// A number from the environment, or -1.
long setting(const char* name) {
    const char* given = std::getenv(name);
    return given == nullptr ? -1 : std::strtol(given, nullptr, 10);
}

template <class Check> void for_each_seed(Check check) {
    if (const long only = setting("CTQ_FUZZ_SEED"); only >= 0) return check(static_cast<unsigned>(only));
    const auto start = std::chrono::steady_clock::now();
    const std::chrono::seconds more(std::max(setting("CTQ_FUZZ_SECONDS"), 0L));
    unsigned seed = 0;
    while (seed < seeds_in_suite || std::chrono::steady_clock::now() - start < more) check(seed++);
    MESSAGE("graphs: " << seed);
}

std::vector<constant> sample_for(const default_graph& graph, unsigned seed) {
    testing::dice random(seed);
    std::vector<constant> result;
    for (const port& input : graph.inputs)
        result.emplace_back(random.reals(graph.value_at(input.value).facts.shape.elements(), -1.5f, 1.5f));
    return result;
}

/// What minmax calibration sees in these samples.
std::vector<bounds> ranges_over(const default_graph& graph, const std::vector<std::vector<constant>>& samples) {
    std::vector<bounds> ranges(graph.values.size(), bounds{0, 0});
    for (const auto& sample : samples) {
        const auto elements = evaluate(graph, sample);
        for (std::size_t v = 0; v < ranges.size(); ++v) {
            if (!elements[v].is<float>()) continue;
            for (const float each : elements[v].as<float>())
                ranges[v] = {std::min(ranges[v].low, each), std::max(ranges[v].high, each)};
        }
    }
    return ranges;
}

/// What calibration hands on of these: it looks neither at what has a fixed range nor at what moves another value.
std::vector<bounds> looked_at(const default_graph& graph, std::vector<bounds> ranges) {
    for (const auto& node : graph.nodes) {
        bounds& range = ranges[static_cast<std::size_t>(node.output())];
        const operator_traits traits = traits_of_node(node);
        if (traits.output_range == range_rule::fixed) range = {0, 0};
        if (traits.moves_elements && !graph.is_constant(node.inputs[0]))
            range = ranges[static_cast<std::size_t>(node.inputs[0])];
    }
    return ranges;
}

/// The values of a graph that a rule may leave as sums of products.
template <class Rule> flags possible_sums(const default_graph& graph) {
    flags result(graph.values.size(), 0);
    for (const auto& node : graph.nodes)
        result[static_cast<std::size_t>(node.output())] =
            keeps_accumulators<Rule> && traits_of_node(node).is_weighted() ? 1 : 0;
    return result;
}

/// The first activation whose integers end more than a step before what was seen of it, which is at most the last step
/// of a fixed range; or nothing.
template <class Rule>
std::string cut_short(const default_graph& graph, const std::vector<bounds>& seen, const default_graph& integers) {
    const flags sums = possible_sums<Rule>(graph);
    for (std::size_t v = 0; v < seen.size(); ++v)
        for (const value& each : integers.values) {
            const text& name = graph.values[v].name;
            if (each.constant >= 0 || !is_integer(each.facts.type)) continue;
            if (!(each.name == name ? sums[v] == 0 : each.name == name + ".quantized")) continue;
            const quantization& q = each.facts.quantization;
            const limits ends = activation_limits_for<Rule>(each.facts.type, bounds::none(), q);
            const float step = q.scale * 1.01f;
            if (seen[v].low < dequantize(ends.low, q) - step || seen[v].high > dequantize(ends.high, q) + step)
                return std::string(each.name.view());
        }
    return "";
}

/// A name that two nodes have, or two values that are no constants; or nothing.
std::string name_of_two(const default_graph& graph) {
    name_set nodes, values;
    for (const auto& node : graph.nodes)
        if (!nodes.take(node.name)) return "node " + std::string(node.name.view());
    for (const value& each : graph.values)
        if (each.constant < 0 && !values.take(each.name)) return "value " + std::string(each.name.view());
    return "";
}

flags some_kept_in_float(const default_graph& graph, unsigned seed) {
    testing::dice random(seed);
    flags keep(graph.nodes.size(), 0);
    const bool none = random.whole(0, 2) == 0;
    for (auto& each : keep) each = !none && random.whole(0, 3) == 0 ? 1 : 0;
    return keep;
}

/// What annotation and lowering may refuse: constants that the integers cannot hold, see lower_weights.
bool is_documented(const model_error& refusal) {
    return std::string(refusal.what()) ==
           "a channel's sums start beyond 32 bits, at its bias less the input's zero point times the sum of its "
           "weights; exclude the layer";
}

struct counts {
    int graphs = 0, refused = 0, unproved = 0;
};

template <class Rule> void check_quantization(const default_graph& graph, unsigned seed, counts& count) {
    const std::vector<std::vector<constant>> samples{sample_for(graph, seed), sample_for(graph, ~seed)};
    const std::vector<bounds> ranges = ranges_over(graph, samples);
    const flags keep = some_kept_in_float(graph, seed);
    ++count.graphs;
    const default_graph integers =
        post_process(laws::annotated_under<Rule>(graph, looked_at(graph, ranges), keep), default_registry);
    REQUIRE_NOTHROW(validate(integers));
    CHECK(cut_short<Rule>(graph, ranges, integers) == "");
    try {
        if (!laws::proved<laws::all_rules>(lower_graph<laws::all_rules>(integers))) {
            ++count.unproved;
            return;
        }
    } catch (const model_error& refusal) {
        if (!is_documented(refusal)) throw;
        ++count.refused;
        return;
    }
    for (const auto& sample : samples)
        CHECK(laws::deviation_of<Rule, laws::all_rules>(graph, integers, keep, sample) == "");
}

/// Under a rule that measures ranges when the network runs: what tests/quantize/dynamic_int8.cpp says of the results
/// rests on this.
template <class Rule> void check_measured(const default_graph& graph, unsigned seed) {
    const std::vector<bounds> nothing(graph.values.size());
    const default_graph integers =
        post_process(laws::annotated_under<Rule>(graph, nothing, some_kept_in_float(graph, seed)), default_registry);
    REQUIRE_NOTHROW(validate(integers));
    CHECK(laws::proved<laws::all_rules>(lower_graph<laws::all_rules>(integers)));
}

} // namespace

TEST_CASE("fuzz: prepare ends and keeps the function; the integers mean the reals under every rule") {
    counts count;
    for_each_seed([&](unsigned seed) {
        const default_graph graph = laws::graph_fuzzer(seed).make();
        CAPTURE(seed);
        INFO(laws::listing(graph));
        const std::vector<constant> sample = sample_for(graph, seed);
        if (laws::computed_by(graph, sample).largest > 1e6f) return; // products of products: beyond any sense
        const default_graph prepared = prepare(graph, default_registry);
        REQUIRE_NOTHROW(validate(prepared));
        REQUIRE(name_of_two(graph) == "");
        CHECK(name_of_two(prepared) == "");
        laws::check_same_function(graph, prepared, sample);
        CHECK(laws::same_graph(prepare(prepared, default_registry), prepared));
        if (seed % 8 == 0) laws::check_graph_passes_on(default_registry, graph);
        INFO("prepared: " << laws::listing(prepared));
        const default_graph quantized = seed % 4 == 0 ? laws::after<pass::remove_dead>(graph) : prepared;
        laws::for_each_rule(
            [&](auto rule) { check_quantization<typename decltype(rule)::type>(quantized, seed, count); });
        check_measured<rule::dynamic_int8>(quantized, seed);
        check_measured<rule::dynamic_uint8>(quantized, seed);
    });
    MESSAGE("quantized: " << count.graphs << ", refused: " << count.refused << ", not proved: " << count.unproved);
    CHECK(20 * (count.refused + count.unproved) < count.graphs + 20);
}
