#pragma once
// inference_run: a network's outputs for many samples, each in the output's own element type.
// room: host | runs on: host | heap: yes (all results)

#include <ctq/graph/constant.hpp>
#include <ctq/graph/graph.hpp>
#include <ctq/host/dataset.hpp>
#include <ctq/host/engine/float_engine.hpp>
#include <ctq/host/engine/integer_engine.hpp>
#include <ctq/host/engine/parallel.hpp>
#include <ctq/host/engine/sample_reader.hpp>
#include <ctq/host/failure.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

namespace ctq::inline CTQ_TARGET::host {

/// One output for all samples.
struct inferred_output {
    std::string name;
    std::vector<std::int64_t> shape; ///< the first axis counts samples; an output's leading 1 has given way to it
    constant elements;               ///< reals, unless the output is of plain integers or booleans
};

struct inference_options {
    std::size_t threads = 0;
    std::string data = "samples";                   ///< what messages call them
    std::function<void(std::size_t)> progress = {}; ///< called with the number of finished samples
};

/// The most bytes of all results, which are held until all are there.
inline constexpr std::size_t most_result_bytes = std::size_t{1} << 31;

/// For each output of a graph whether it only says how many rows of another one the data filled: what runs cut the
/// other by, and do not give.
template <class Graph> [[nodiscard]] flags counting_outputs(const Graph& graph) {
    flags counts(graph.outputs.size(), 0);
    for (const port& output : graph.outputs)
        if (output.count >= 0) counts[static_cast<std::size_t>(output.count)] = 1;
    return counts;
}

namespace detail {

inline dtype type_of_results(const tensor_facts& output) {
    return is_plain(output) ? output.type : dtype::float32;
}

/// A sample's output to its place among those of all.
template <class Engine> void take_output(const Engine& from, std::size_t i, std::size_t sample, constant& to) {
    const const_tensor output = from.output_tensor(i);
    to.visit([&](auto& elements) {
        using type = typename std::remove_cvref_t<decltype(elements)>::value_type;
        const auto place = std::span(elements).subspan(sample * output.size(), output.size());
        if constexpr (std::is_same_v<type, float>)
            from.output(i, place);
        else
            std::copy_n(output.as<type>(), output.size(), place.begin());
    });
}

template <class Graph> void check_result_size(const Graph& graph, std::size_t samples) {
    std::size_t each = 0;
    for (const port& output : graph.outputs) {
        const tensor_facts& facts = graph.value_at(output.value).facts;
        each += bytes_of(type_of_results(facts), facts.elements());
    }
    if (each > most_result_bytes / samples)
        throw failure(exit_code::unsupported,
                      message("the outputs have ", each, " bytes for each of ", samples, " samples; at most ",
                              most_result_bytes, " are supported in all: give fewer samples"));
}

/// An element of a row that a sample lacks.
template <class T>
constexpr T no_row = [] {
    if constexpr (std::is_signed_v<T>)
        return T{-1};
    else
        return T{};
}();

/// Of rows that the data fill as many as the fullest sample has; its shape's second axis counts them.
inline void cut_rows(inferred_output& output, const constant& counts) {
    const std::vector<std::int64_t>& filled = counts.as<std::int64_t>();
    const std::int64_t rows = *std::ranges::max_element(filled), planned = std::exchange(output.shape[1], rows);
    output.elements.visit([&](auto& elements) {
        using type = typename std::remove_cvref_t<decltype(elements)>::value_type;
        const std::size_t all = elements.size() / filled.size();
        const std::size_t row = planned == 0 ? 0 : all / static_cast<std::size_t>(planned);
        std::vector<type> kept;
        kept.reserve(filled.size() * static_cast<std::size_t>(rows) * row);
        for (std::size_t sample = 0; sample < filled.size(); ++sample) {
            const auto first = elements.begin() + static_cast<std::ptrdiff_t>(sample * all);
            kept.insert(kept.end(), first, first + filled[sample] * static_cast<std::ptrdiff_t>(row));
            kept.resize((sample + 1) * static_cast<std::size_t>(rows) * row, no_row<type>);
        }
        elements = std::move(kept);
    });
}

/// Cuts what is counted, and drops the counts.
template <class Graph>
std::vector<inferred_output> without_counts(const Graph& graph, std::vector<inferred_output> results) {
    const flags counts = counting_outputs(graph);
    std::vector<inferred_output> kept;
    for (std::size_t i = 0; i < results.size(); ++i) {
        if (counts[i] != 0) continue;
        if (const int count = graph.outputs[i].count; count >= 0)
            cut_rows(results[i], results[static_cast<std::size_t>(count)].elements);
        kept.push_back(std::move(results[i]));
    }
    return kept;
}

/// Runs copies of an engine, one a thread.
template <class Graph, class Engine>
std::vector<inferred_output> run_inference(const Graph& graph, const Engine& engine, std::span<const dataset> data,
                                           const inference_options& options) {
    const std::size_t count = sample_count(data, 0, options.data);
    check_result_size(graph, count);
    std::vector<inferred_output> results;
    for (const port& output : graph.outputs) {
        const tensor_facts& facts = graph.value_at(output.value).facts;
        std::vector<std::int64_t> shape{static_cast<std::int64_t>(count)};
        const bool gives_way = facts.shape.rank > 0 && facts.shape[0] == 1 && output.count < 0;
        for (int axis = gives_way ? 1 : 0; axis < facts.shape.rank; ++axis) shape.push_back(facts.shape[axis]);
        results.push_back({std::string(output.name.view()), std::move(shape),
                           constant::zeros(type_of_results(facts), count * facts.elements())});
    }
    const auto make_worker = [&](std::size_t) {
        return [&results, own = std::make_shared<Engine>(engine),
                read = sample_reader(graph, data)](std::size_t sample) mutable {
            own->reset();
            read(sample, *own);
            own->run();
            for (std::size_t i = 0; i < results.size(); ++i) take_output(*own, i, sample, results[i].elements);
        };
    };
    for_each_sample(count, options.threads, make_worker, [&](std::size_t done) {
        if (options.progress) options.progress(done);
    });
    return without_counts(graph, std::move(results));
}

} // namespace detail

/// The outputs of a float graph for all samples, each from the initial states; `data` in the order of the inputs.
/// Throws `failure`: malformed as sample_reader does, unsupported for more results than most_result_bytes.
template <class Graph>
[[nodiscard]] std::vector<inferred_output> infer_floats(const Graph& graph, std::span<const dataset> data,
                                                        const inference_options& options = {}) {
    return detail::run_inference(graph, float_engine<Graph>(graph), data, options);
}

/// The same of an annotated graph, bit for bit what its header gives.
template <class Rules, class Graph>
[[nodiscard]] std::vector<inferred_output> infer_integers(const Graph& graph, std::span<const dataset> data,
                                                          const inference_options& options = {}) {
    return detail::run_inference(graph, integer_engine<Rules, Graph>(graph), data, options);
}

} // namespace ctq::inline CTQ_TARGET::host
