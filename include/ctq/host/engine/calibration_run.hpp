#pragma once
// calibration_run: the float graph over samples, every value that needs a range observed.
// room: host | runs on: host | heap: yes (16 KiB for each observed tensor; see calibration_threads)

#include <ctq/calibrate/table.hpp>
#include <ctq/host/dataset.hpp>
#include <ctq/host/engine/fingerprint.hpp>
#include <ctq/host/engine/float_engine.hpp>
#include <ctq/host/engine/observed_values.hpp>
#include <ctq/host/engine/parallel.hpp>
#include <ctq/host/engine/sample_reader.hpp>
#include <ctq/host/failure.hpp>
#include <ctq/host/node_text.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace ctq::inline CTQ_TARGET::host {

struct calibration_options {
    std::size_t samples = 0;                        ///< the first so many; 0: all
    std::size_t threads = 0;                        ///< 0: one for each core
    std::string model = "model";                    ///< what messages call the graph
    std::string data = "samples";                   ///< and the samples
    std::function<void(std::size_t)> progress = {}; ///< called with the number of finished samples, by one thread
};

struct calibration_result {
    calibration::table table;
    std::vector<std::string> warnings; ///< one line each: tensors that have one value only
};

/// Threads that a calibration may use: as many as wanted, but what all but the first need stays within 48 MiB.
[[nodiscard]] inline std::size_t calibration_threads(std::size_t wanted, std::size_t samples, std::size_t tensors,
                                                     std::size_t arena_bytes) {
    const std::size_t each = tensors * sizeof(calibration::observation) + arena_bytes + 1;
    return std::min(thread_count(wanted, samples), 1 + (std::size_t{48} << 20U) / each);
}

namespace detail {

/// One thread's engine and observations.
template <class Graph> class calibration_worker {
    float_engine<Graph> engine_;
    const observed_values* observed_;
    sample_reader read_sample_;
    const calibration_options* options_;
    std::unique_ptr<std::vector<calibration::observation>> seen_; ///< for each value; shared values stay empty
    std::vector<int> place_;                                      ///< of each value in `seen_`, or -1
    flags infinite_;                                              ///< see infinite_values

  public:
    calibration_worker(const float_engine<Graph>& engine, const observed_values& observed,
                       std::span<const dataset> data, const calibration_options& options)
        : engine_(engine),
          observed_(&observed),
          read_sample_(engine.graph(), data),
          options_(&options),
          seen_(std::make_unique<std::vector<calibration::observation>>()),
          infinite_(infinite_values(engine.graph())) {
        for (std::size_t v = 0; v < engine_.graph().values.size(); ++v) {
            const bool wanted = observed.is_observed(static_cast<int>(v));
            place_.push_back(wanted ? static_cast<int>(seen_->size()) : -1);
            if (wanted) seen_->emplace_back();
        }
    }

    void operator()(std::size_t sample) {
        const Graph& graph = engine_.graph();
        engine_.reset();
        read_sample_(sample, engine_);
        for (const port& input : graph.inputs) observe(input.value);
        engine_.run([&](std::size_t node) { observe_output(node, sample); });
    }

    void move_into(calibration::table& table) {
        const Graph& graph = engine_.graph();
        for (std::size_t v = 0; v < place_.size(); ++v) {
            if (place_[v] < 0) continue;
            calibration::observation& seen = (*seen_)[static_cast<std::size_t>(place_[v])];
            table.tensors[std::string(graph.values[v].name.view())].merge(seen);
        }
        seen_.reset();
    }

  private:
    /// Whether all that this value ever held was finite; where it may be infinite, whether it now holds no NaN.
    bool observe(int value) {
        if (engine_.graph().value_at(value).facts.type != dtype::float32) return true;
        const int place = place_[static_cast<std::size_t>(value)];
        if (infinite_[static_cast<std::size_t>(value)] != 0)
            return std::ranges::none_of(engine_.value(value), [](float each) { return std::isnan(each); });
        if (place < 0) return true;
        calibration::observation& seen = (*seen_)[static_cast<std::size_t>(place)];
        seen.observe(engine_.value(value));
        return seen.non_finite() == 0;
    }

    void observe_output(std::size_t node_index, std::size_t sample) {
        const auto& node = engine_.graph().nodes[node_index];
        bool finite = true;
        for (const int output : node.outputs) finite &= observe(output);
        if (finite) return;
        fail_malformed(options_->model, node_text(node.name.view(), operator_name(node)),
                       ": makes infinity or NaN of sample ", sample, " of ", printable_path(options_->data),
                       "; check the scaling of the samples and the weights");
    }
};

template <class Graph> void check_samples(const Graph& graph, std::span<const dataset> data, std::string_view name) {
    if (data.size() != graph.inputs.size())
        fail_malformed(name, "holds data for ", data.size(), " inputs, the model has ", graph.inputs.size());
    for (std::size_t i = 0; i < data.size(); ++i) {
        const std::size_t wanted = graph.value_at(graph.inputs[i].value).facts.elements();
        if (data[i].sample_size() != wanted)
            fail_malformed(name, "a sample of input ", in_quotes(graph.inputs[i].name.view()), " has ",
                           data[i].sample_size(), " elements, the model takes ", wanted);
        if (data[i].size() != data[0].size())
            fail_malformed(name, "input ", in_quotes(graph.inputs[i].name.view()), " has ", data[i].size(),
                           " samples, input ", in_quotes(graph.inputs[0].name.view()), " ", data[0].size());
    }
}

} // namespace detail

/// Lines about tensors that only ever had one value: their integers will tell nothing apart.
[[nodiscard]] inline std::vector<std::string> constant_tensors(const calibration::table& table) {
    std::vector<std::string> lines;
    for (const auto& [name, seen] : table.tensors)
        if (!seen.empty() && seen.min() == seen.max())
            lines.push_back(message("tensor ", in_quotes(name), " is ", seen.min(), " in all ", table.samples,
                                    " samples; calibrate with samples that differ"));
    return lines;
}

/// Observes every value that needs a range over the samples, each of them from the initial states; `data` in the order
/// of the graph's inputs. `graph` is prepared and float. The table is the same for any number of threads and any order
/// of the samples. Throws `failure` (malformed): no samples, sizes that do not fit, infinity or NaN in a sample or made
/// by a node, but for infinity where values may be infinite.
template <class Graph>
[[nodiscard]] calibration_result run_calibration(const Graph& graph, std::span<const dataset> data,
                                                 const calibration_options& options = {}) {
    detail::check_samples(graph, data, options.data);
    const std::size_t count = sample_count(data, options.samples, options.data);
    const observed_values observed(graph);
    const float_engine<Graph> engine(graph);
    std::vector<std::shared_ptr<detail::calibration_worker<Graph>>> workers;
    const auto make_worker = [&](std::size_t) {
        workers.push_back(std::make_shared<detail::calibration_worker<Graph>>(engine, observed, data, options));
        return [worker = workers.back()](std::size_t sample) { (*worker)(sample); };
    };
    const auto report = [&](std::size_t done) {
        if (options.progress) options.progress(done);
    };
    for_each_sample(count, calibration_threads(options.threads, count, observed.count(), engine.arena_bytes()),
                    make_worker, report);
    calibration_result result;
    result.table.model = fingerprint(graph);
    result.table.samples = count;
    for (const auto& worker : workers) worker->move_into(result.table);
    result.warnings = constant_tensors(result.table);
    return result;
}

} // namespace ctq::inline CTQ_TARGET::host
