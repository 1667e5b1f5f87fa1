#pragma once
// quantized: a network written in C++, prepared, calibrated, quantized, proved, planned and specialised by the
// compiler: the door of that path. Boost.Hana comes through the default registry.

#include <ctq/calibrate/minmax.hpp>
#include <ctq/calibrate/strategy.hpp>
#include <ctq/default_registry.hpp>
#include <ctq/execute/evaluate.hpp>
#include <ctq/execute/executor.hpp>
#include <ctq/execute/freeze.hpp>
#include <ctq/graph/frozen_graph.hpp>
#include <ctq/quantize/annotate.hpp>
#include <ctq/quantize/customary_ranges.hpp>
#include <ctq/rewrite/prepare.hpp>

#include <array>
#include <cstddef>
#include <span>
#include <type_traits>
#include <utility>
#include <vector>

namespace ctq::inline CTQ_TARGET {

/// Samples to calibrate with, in the compiler: `count` samples of `size` floats each, one after the other.
template <class Strategy, std::size_t Count, std::size_t Size> struct calibration_samples {
    static_assert(calibration::calibration_strategy<Strategy>,
                  "ctq: calibration_samples: a calibration_strategy is required; give the type a name and "
                  "choose(observation, grid)");
    using strategy = Strategy;
    static constexpr std::size_t count = Count, size = Size;
    std::array<float, Count * Size> values{};
};

/// For rules that need no calibration: see dynamic_ranges.
constexpr calibration_samples<calibration::minmax, 0, 0> no_samples{};

namespace detail {

/// Where each activation of a graph begins when all lie one after the other; the last entry is their end.
template <class Graph> constexpr std::vector<std::size_t> activation_offsets(const Graph& graph) {
    std::vector<std::size_t> offsets(1, 0);
    for (const value& v : graph.values) offsets.push_back(offsets.back() + (v.constant < 0 ? v.facts.elements() : 0));
    return offsets;
}

/// All activations of a float graph for one sample, written to `to` as activation_offsets() says.
template <class Graph>
constexpr void run_sample(const Graph& graph, std::span<const float> sample, std::span<float> to) {
    require(graph.inputs.size() == 1, "calibration in the compiler is for networks with one input");
    require(sample.size() == graph.value_at(graph.inputs[0].value).facts.elements(),
            "a calibration sample must have as many elements as the input");
    const auto elements = evaluate(graph, {constant(std::vector<float>(sample.begin(), sample.end()))});
    std::size_t at = 0;
    for (std::size_t v = 0; v < elements.size(); ++v)
        if (!graph.is_constant(static_cast<int>(v)))
            for (const float each : elements[v].template as<float>()) to[at++] = each;
}

/// The range that a strategy chooses for value `index` after `runs`, each as run_sample() wrote it.
template <class Rule, class Strategy>
constexpr bounds range_of_activation(std::span<const std::span<const float>> runs, std::size_t first,
                                     std::size_t last) {
    calibration::observation seen;
    for (const std::span<const float> run : runs) seen.observe(run.subspan(first, last - first));
    const calibration::range chosen = Strategy{}.choose(seen, {Rule::levels, Rule::symmetric});
    return {chosen.low, chosen.high};
}

} // namespace detail

/// `Network`: a captureless constexpr callable that gives a graph (see builder). `Calibration`: a static constexpr
/// calibration_samples object, no_samples for a rule that measures ranges at run time. Everything happens while this
/// compiles; a wrong shape, a possible overflow or a fault in the constants is a compile error.
template <auto Network, const auto& Calibration, class Rule = rule::affine_int8,
          const auto& Registry = default_registry, class Policy = policy::fast>
struct quantized {
    static_assert(quantization_rule<Rule>,
                  "ctq: quantized: a quantization_rule is required; give the type the members that the concept lists");
    using rule_type = std::conditional_t<quantization_rule<Rule> && check_rule_members<Rule>(), Rule,
                                         rule::affine_int8>; ///< so that one error is all
    static_assert((std::remove_cvref_t<decltype(Calibration)>::count == 0) == dynamic_ranges<rule_type>,
                  "ctq: quantized: calibration samples are required, but for a rule that measures ranges at run time; "
                  "give no_samples to such a rule only");

  private:
    // Classes, not lambdas: g++ gives each use of an alias a lambda of its own, and evaluates all behind it again.
    struct prepared_network {
        constexpr auto operator()() const { return prepare(Network(), Registry); }
    };
    struct quantized_network {
        constexpr auto operator()() const { return quantized::graph(); }
    };
    using frozen = frozen_graph<prepared_network{}>;

  public:
    /// The float graph after all passes.
    static constexpr auto prepared() { return frozen::thawed(); }

  private:
    using samples = std::remove_cvref_t<decltype(Calibration)>;
    static constexpr std::size_t values = frozen::values;

    static constexpr auto offsets = [] {
        std::array<std::size_t, values + 1> result{};
        const auto found = detail::activation_offsets(prepared());
        for (std::size_t v = 0; v <= values; ++v) result[v] = found[v];
        return result;
    }();

    /// The float network on one sample. A constant for each sample, because clang limits each constant evaluation; so
    /// with the ranges.
    template <std::size_t Sample>
    static constexpr auto run_on = [] {
        std::array<float, offsets[values]> result{};
        detail::run_sample(prepared(), std::span(Calibration.values).subspan(Sample * samples::size, samples::size),
                           result);
        return result;
    }();

    static constexpr auto is_customary = [] {
        std::array<bool, values> result{};
        const flags found = customary_values(prepared());
        for (std::size_t v = 0; v < values; ++v) result[v] = found[v] != 0;
        return result;
    }();

    template <std::size_t Value>
    static constexpr bounds range_of = []<std::size_t... Sample>(std::index_sequence<Sample...>) {
        using strategy = std::conditional_t<is_customary[Value], calibration::minmax, typename samples::strategy>;
        const std::array<std::span<const float>, sizeof...(Sample)> runs{run_on<Sample>...};
        return detail::range_of_activation<rule_type, strategy>(runs, offsets[Value], offsets[Value + 1]);
    }
    (std::make_index_sequence<samples::count>{});

  public:
    /// The real range of every value of prepared().
    static constexpr auto ranges = []<std::size_t... Value>(std::index_sequence<Value...>) {
        return std::array<bounds, values>{range_of<Value>...};
    }
    (std::make_index_sequence<values>{});

    /// The annotated graph.
    static constexpr auto graph() {
        const auto ready = prepared();
        return post_process(annotate<rule_type>(ready, std::vector<bounds>(ranges.begin(), ranges.end()),
                                                flags(ready.nodes.size(), false)),
                            Registry);
    }

    using model = frozen_model<quantized_network{}, rule_type>;
    using executor = ctq::executor<model, Policy>;

    static constexpr std::size_t ram_bytes = executor::ram_bytes;
    static constexpr std::size_t weight_bytes = model_weight_bytes<model>;
    static constexpr bool never_overflows = model_never_overflows<model>;
    using input_element = element_type<model, model::inputs[0]>;

    /// The integer outputs for integer inputs, in a constant expression.
    static constexpr auto infer(std::span<const input_element> input) {
        const auto elements = evaluate<model>({constant(std::vector<input_element>(input.begin(), input.end()))});
        return elements[static_cast<std::size_t>(model::outputs[0])]
            .template as<element_type<model, model::outputs[0]>>();
    }
};

} // namespace ctq::inline CTQ_TARGET
