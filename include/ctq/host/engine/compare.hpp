#pragma once
// compare: the float and the integer graph side by side over samples: accuracy, and each layer's error.
// room: host | runs on: host | heap: yes

#include <ctq/core/integer.hpp>
#include <ctq/host/dataset.hpp>
#include <ctq/host/engine/calibration_run.hpp>
#include <ctq/host/engine/float_engine.hpp>
#include <ctq/host/engine/integer_engine.hpp>
#include <ctq/host/engine/parallel.hpp>
#include <ctq/host/engine/sample_reader.hpp>
#include <ctq/host/failure.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <limits>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace ctq::inline CTQ_TARGET::host {

/// What one layer's integers make of its reals, over all samples compared.
struct layer_error {
    std::string name; ///< of the tensor, in both graphs
    std::string op;   ///< the operator that makes it; "input" for the graph's inputs
    dtype type = dtype::int8;
    std::uint64_t values = 0;
    double signal = 0, noise = 0; ///< sums of squares
    double largest = 0;           ///< |error|
    std::uint64_t saturated = 0;  ///< reals beyond the integers' range by more than half a step

    /// 10 log10(signal / noise) in dB; infinite without noise.
    [[nodiscard]] double sqnr() const {
        if (noise == 0) return std::numeric_limits<double>::infinity();
        return 10 * std::log10(signal / noise);
    }
    [[nodiscard]] double saturated_percent() const {
        return values == 0 ? 0 : 100 * static_cast<double>(saturated) / static_cast<double>(values);
    }
};

struct hit_count {
    std::uint64_t top1 = 0, top5 = 0;

    /// The label's place among the outputs, from 0.
    void add(std::size_t rank) {
        top1 += rank < 1 ? 1U : 0U;
        top5 += rank < 5 ? 1U : 0U;
    }
};

struct comparison {
    std::size_t samples = 0;
    std::string output;              ///< the name of output 0, of which hits and agreements are
    hit_count real, integer;         ///< where labels are given
    std::uint64_t agreements = 0;    ///< samples for which both graphs have the same top 1
    std::vector<layer_error> layers; ///< inputs first, then in the order of execution
};

struct comparison_options {
    std::size_t samples = 0;       ///< the first so many; 0: all
    std::size_t layer_samples = 0; ///< how many of these count for `layers`; 0: all
    std::size_t threads = 0;
    std::string model = "model"; ///< what messages call the graph
    std::string data = "samples";
    std::string labels = "labels";
    std::function<void(std::size_t)> progress = {}; ///< called with the number of finished samples
};

namespace detail {

/// The place of the label among the outputs, the largest first; equal ones in the order of their indices. NaN is never
/// behind the label, and a label that is NaN comes last.
inline std::size_t rank_of(std::span<const float> outputs, std::int64_t of) {
    const auto label = static_cast<std::size_t>(of);
    std::size_t before = 0;
    for (std::size_t i = 0; i < outputs.size(); ++i)
        before += !(outputs[i] <= outputs[label]) || (outputs[i] == outputs[label] && i < label) ? 1 : 0;
    return before;
}

inline std::size_t top1_of(std::span<const float> outputs) {
    return static_cast<std::size_t>(std::max_element(outputs.begin(), outputs.end()) - outputs.begin());
}

/// The classes that an output names, the best first: plain integers, as ArgMax and TopK make them.
inline std::vector<std::int64_t> named_classes(const const_tensor& output) {
    std::vector<std::int64_t> classes(output.size());
    with_element_type(output.facts.type, [&](auto zero) {
        using type = decltype(zero);
        if constexpr (!std::is_same_v<type, int4_pair>)
            for (std::size_t i = 0; i < classes.size(); ++i)
                classes[i] = static_cast<std::int64_t>(output.template as<type>()[i]);
    });
    return classes;
}

/// The place of the label among them; behind any number of classes where none is the label.
inline std::size_t rank_of(const std::vector<std::int64_t>& classes, std::int64_t label) {
    const auto found = std::ranges::find(classes, label);
    if (found == classes.end()) return std::numeric_limits<std::size_t>::max();
    return static_cast<std::size_t>(found - classes.begin());
}

/// -1 where no class is named.
inline std::int64_t top1_of(const std::vector<std::int64_t>& classes) {
    return classes.empty() ? -1 : classes.front();
}

/// Adds the errors of one tensor. Eight sums side by side, so that the additions need not wait for each other.
inline void add_errors(std::span<const float> reals, std::span<const float> read, float low, float high,
                       layer_error& to) {
    constexpr std::size_t lanes = 8;
    std::array<double, lanes> signal{}, noise{};
    std::array<float, lanes> largest{};
    std::array<std::uint32_t, lanes> outside{};
    const auto add = [&](std::size_t lane, std::size_t i) {
        const float error = std::abs(reals[i] - read[i]);
        signal[lane] += static_cast<double>(reals[i]) * static_cast<double>(reals[i]);
        noise[lane] += static_cast<double>(error) * static_cast<double>(error);
        largest[lane] = error > largest[lane] ? error : largest[lane];
        outside[lane] += reals[i] < low || reals[i] > high ? 1U : 0U;
    };
    std::size_t i = 0;
    for (; i + lanes <= reals.size(); i += lanes)
        for (std::size_t lane = 0; lane < lanes; ++lane) add(lane, i + lane);
    for (; i < reals.size(); ++i) add(i % lanes, i);
    for (std::size_t lane = 0; lane < lanes; ++lane) {
        to.signal += signal[lane];
        to.noise += noise[lane];
        to.largest = std::max(to.largest, static_cast<double>(largest[lane]));
        to.saturated += outside[lane];
    }
    to.values += reals.size();
}

/// A tensor that both graphs have.
struct tensor_pair {
    int real = -1, integer = -1;
    float low = 0, high = 0; ///< the integers' range, half a step wider
    layer_error blank;
};

template <class RealGraph, class IntegerGraph>
std::vector<tensor_pair> pairs_of(const RealGraph& real, const IntegerGraph& integer) {
    std::map<std::string_view, int> by_name;
    for (std::size_t v = 0; v < integer.values.size(); ++v)
        if (integer.values[v].constant < 0) by_name.emplace(integer.values[v].name.view(), static_cast<int>(v));
    std::vector<tensor_pair> pairs;
    const flags infinite = infinite_values(real);
    const auto add = [&](int value, std::string_view op) {
        if (infinite[static_cast<std::size_t>(value)] != 0) return; // float in both
        const auto found = by_name.find(real.value_at(value).name.view());
        if (found == by_name.end()) return;
        const tensor_facts& facts = integer.value_at(found->second).facts;
        const tensor_facts& wanted = real.value_at(value).facts;
        if (wanted.type != dtype::float32 || facts.elements() != wanted.elements()) return;
        tensor_pair pair{
            value, found->second, -std::numeric_limits<float>::infinity(), std::numeric_limits<float>::infinity(), {}};
        pair.blank.name = std::string(found->first);
        pair.blank.op = std::string(op);
        pair.blank.type = facts.type;
        if (is_integer(facts.type)) {
            pair.low = dequantize(limits_of(facts.type).low, facts.quantization) - facts.quantization.scale / 2;
            pair.high = dequantize(limits_of(facts.type).high, facts.quantization) + facts.quantization.scale / 2;
        }
        pairs.push_back(std::move(pair));
    };
    for (const port& input : real.inputs) add(input.value, "input");
    for (const auto& node : real.nodes)
        for (const int output : node.outputs) add(output, operator_name(node));
    return pairs;
}

/// One thread's engines.
template <class Rules, class Graph> class comparison_worker {
    float_engine<Graph> real_;
    integer_engine<Rules, Graph> integer_;
    sample_reader read_sample_;
    std::span<const std::int64_t> labels_;
    const std::vector<tensor_pair>* pairs_;
    const comparison_options* options_;
    std::vector<float> read_;
    flags infinite_; ///< values of the float graph; see infinite_values

  public:
    comparison_worker(const float_engine<Graph>& real, const integer_engine<Rules, Graph>& integer,
                      std::span<const dataset> data, std::span<const std::int64_t> labels,
                      const std::vector<tensor_pair>& pairs, const comparison_options& options)
        : real_(real),
          integer_(integer),
          read_sample_(real.graph(), data),
          labels_(labels),
          pairs_(&pairs),
          options_(&options),
          infinite_(infinite_values(real.graph())) {
        std::size_t most = 0;
        for (std::size_t i = 0; i < real.graph().outputs.size(); ++i) most = std::max(most, integer_.output_size(i));
        for (const tensor_pair& each : pairs) most = std::max(most, real_.value(each.real).size());
        read_.resize(most);
    }

    void operator()(std::size_t sample, bool with_layers, comparison& to) {
        real_.reset();
        integer_.reset();
        read_sample_(sample, real_);
        for (std::size_t i = 0; i < real_.graph().inputs.size(); ++i) pass_on_input(i);
        real_.run();
        integer_.run();
        check_outputs(sample);
        count_hits(sample, to);
        if (!with_layers) return;
        for (std::size_t p = 0; p < pairs_->size(); ++p) {
            const tensor_pair& pair = (*pairs_)[p];
            const auto reals = real_.value(pair.real);
            const auto read = std::span(read_).first(reals.size());
            integer_.read(pair.integer, read);
            add_errors(reals, read, pair.low, pair.high, to.layers[p]);
        }
    }

  private:
    /// What input i of the float graph holds to that of the integer graph.
    void pass_on_input(std::size_t i) {
        with_element_type(real_.input_facts(i).type, [&](auto zero) {
            const auto from = real_.template input<decltype(zero)>(i);
            if constexpr (std::is_same_v<decltype(zero), float>)
                integer_.set_input(i, from);
            else
                std::ranges::copy(from, integer_.template input<decltype(zero)>(i).begin());
        });
    }

    /// Output i of the integer graph as reals, until the next one is read.
    std::span<const float> integer_output(std::size_t i) {
        const auto read = std::span(read_).first(integer_.output_size(i));
        integer_.output(i, read);
        return read;
    }

    void check_outputs(std::size_t sample) {
        for (std::size_t i = 0; i < real_.graph().outputs.size(); ++i) {
            if (is_plain(real_.output_tensor(i).facts)) continue;
            check_finite("float", i, real_.output(i), sample);
            check_finite("quantized", i, integer_output(i), sample);
        }
    }

    void check_finite(std::string_view network, std::size_t i, std::span<const float> output,
                      std::size_t sample) const {
        const bool infinite = infinite_[static_cast<std::size_t>(real_.graph().outputs[i].value)] != 0;
        const auto bad =
            std::ranges::find_if(output, [&](float x) { return infinite ? std::isnan(x) : !std::isfinite(x); });
        if (bad == output.end()) return;
        fail_malformed(options_->model, "output ", in_quotes(real_.graph().outputs[i].name.view()), " of the ", network,
                       " network: element ", bad - output.begin(), " is ", *bad, " for sample ", sample, " of ",
                       printable_path(options_->data), "; check the scaling of the samples and the weights");
    }

    void count_hits(std::size_t sample, comparison& to) {
        if (is_plain(real_.output_tensor(0).facts))
            count(named_classes(real_.output_tensor(0)), named_classes(integer_.output_tensor(0)), sample, to);
        else
            count(real_.output(0), integer_output(0), sample, to);
    }

    template <class Outputs>
    void count(const Outputs& reals, const Outputs& integers, std::size_t sample, comparison& to) const {
        to.agreements += top1_of(reals) == top1_of(integers) ? 1 : 0;
        if (labels_.empty()) return;
        to.real.add(rank_of(reals, labels_[sample]));
        to.integer.add(rank_of(integers, labels_[sample]));
    }
};

inline void add_to(comparison& sum, const comparison& part) {
    sum.real.top1 += part.real.top1;
    sum.real.top5 += part.real.top5;
    sum.integer.top1 += part.integer.top1;
    sum.integer.top5 += part.integer.top5;
    sum.agreements += part.agreements;
    for (std::size_t i = 0; i < sum.layers.size(); ++i) {
        sum.layers[i].signal += part.layers[i].signal;
        sum.layers[i].noise += part.layers[i].noise;
        sum.layers[i].largest = std::max(sum.layers[i].largest, part.layers[i].largest);
        sum.layers[i].saturated += part.layers[i].saturated;
        sum.layers[i].values += part.layers[i].values;
    }
}

/// `output`: what the labels are classes of.
inline void check_labels(std::span<const std::int64_t> labels, std::size_t samples, const tensor_facts& output,
                         std::string_view name) {
    if (labels.empty()) return;
    if (output.type == dtype::boolean)
        fail_malformed(name, "the model's first output is of booleans, which name no class; leave out the labels");
    const std::size_t classes = is_plain(output) ? std::numeric_limits<std::size_t>::max() : output.elements();
    if (labels.size() < samples)
        fail_malformed(name, "there are ", samples, " samples and ", labels.size(), " labels; give each its label");
    for (std::size_t i = 0; i < samples; ++i)
        if (labels[i] < 0 || static_cast<std::size_t>(labels[i]) >= classes)
            fail_malformed(name, "label ", i, " is ", labels[i], ", the model has ", classes, " classes");
}

} // namespace detail

/// Runs `real` (prepared, float) and `integer` (made of it by annotate under `Rules`) over the
/// samples, each from the initial states; `labels`, which may be empty, are class numbers of output 0: places of its
/// reals, or what it names where it is of plain integers, the best first. Samples are
/// summed up in blocks of fixed size, so the result does not depend on the number of threads. Throws `failure`
/// (malformed) as run_calibration does, and for labels that do not fit, and for outputs that are not finite and should
/// be. Memory: all activations of both graphs for each thread.
template <class Rules, class Graph>
[[nodiscard]] comparison compare(const Graph& real, const Graph& integer, std::span<const dataset> data,
                                 std::span<const std::int64_t> labels = {}, const comparison_options& options = {}) {
    detail::check_samples(real, data, options.data);
    const std::size_t count = sample_count(data, options.samples, options.data);
    const std::size_t layer_count = options.layer_samples == 0 ? count : std::min(count, options.layer_samples);
    const float_engine<Graph> real_engine(real, memory_use::kept);
    const integer_engine<Rules, Graph> integer_engine(integer, memory_use::kept);
    detail::check_labels(labels, count, real.value_at(real.outputs[0].value).facts, options.labels);
    const std::vector<detail::tensor_pair> pairs = detail::pairs_of(real, integer);

    comparison blank;
    for (const detail::tensor_pair& each : pairs) blank.layers.push_back(each.blank);
    constexpr std::size_t block = 64;
    std::vector<comparison> parts(divide_up(count, block), blank);
    using worker_type = detail::comparison_worker<Rules, Graph>;
    const auto make_worker = [&](std::size_t) {
        return [&, worker = std::make_shared<worker_type>(real_engine, integer_engine, data, labels, pairs, options)](
                   std::size_t part) {
            for (std::size_t sample = part * block; sample < std::min(count, (part + 1) * block); ++sample)
                (*worker)(sample, sample < layer_count, parts[part]);
        };
    };
    for_each_sample(parts.size(), options.threads, make_worker, [&](std::size_t done) {
        if (options.progress) options.progress(std::min(count, done * block));
    });
    comparison sum = blank;
    sum.samples = count;
    sum.output = real.outputs.front().name.view();
    for (const comparison& part : parts) detail::add_to(sum, part);
    return sum;
}

} // namespace ctq::inline CTQ_TARGET::host
