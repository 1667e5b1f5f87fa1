// The verbs of a tool with passes of its own: one changes what is quantized and run; one that does not come to rest, on
// the float graph or on the annotated one, ends each verb that prepares a network, with nothing written.
#include <ctq/host/cli.hpp>

#include <doctest/doctest.h>
#include <host/npy_samples.hpp>
#include <host/onnx_builder.hpp>
#include <host/run_tool.hpp>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

using namespace ctq;
using namespace ctq::test;

namespace users_own {

/// (x + c) - c is x, while it is switched on.
struct cancel_sums {
    using registered_kind = pass_tag;
    static constexpr std::string_view name = "cancel_sums";
    static constexpr pass_phase phase = pass_phase::fuse;
    static inline bool is_on = false;

    template <class Graph> static bool run(Graph& graph) {
        connections links(graph);
        for (int i = 0; is_on && i < static_cast<int>(graph.nodes.size()); ++i) {
            const int first = links.sole_producer_of_first(i);
            if (first < 0 || !adds_constant(graph, first) || !adds_constant(graph, i)) continue;
            if (graph.reals(graph.node_at(first).inputs[1])[0] != -graph.reals(graph.node_at(i).inputs[1])[0]) continue;
            links.replace_uses(graph.node_at(i).output(), graph.node_at(first).inputs[0]);
            links.remove(i);
            links.remove(first);
        }
        return links.compact();
    }

  private:
    template <class Graph> static bool adds_constant(const Graph& graph, int node) {
        return operator_if<op::add>(graph.node_at(node)) != nullptr && graph.is_constant(graph.node_at(node).inputs[1]);
    }
};

/// No integer of a relu is above 0, while it is switched on.
struct cap_relus {
    using registered_kind = pass_tag;
    static constexpr std::string_view name = "cap_relus";
    static constexpr pass_phase phase = pass_phase::annotated;
    static inline bool is_on = false;

    template <class Graph> static bool run(Graph& graph) {
        bool changed = false;
        for (const auto& node : graph.nodes) {
            if (!is_on || operator_if<op::relu>(node) == nullptr) continue;
            changed |= std::exchange(graph.value_at(node.output()).facts.range.high, 0) != 0;
        }
        return changed;
    }
};

enum class restless_fault { none, changes, grows };

/// Comes to rest unless it is told not to.
template <pass_phase Phase> struct restless {
    using registered_kind = pass_tag;
    static constexpr std::string_view name = Phase == pass_phase::annotated ? "restless_late" : "restless";
    static constexpr pass_phase phase = Phase;
    static inline restless_fault has = restless_fault::none;

    template <class Graph> static bool run(Graph& graph) {
        if (has == restless_fault::grows) {
            const auto nodes = graph.nodes;
            graph.nodes.insert(graph.nodes.end(), nodes.begin(), nodes.end());
        }
        return has != restless_fault::none;
    }
};

} // namespace users_own

namespace {

using users_own::cancel_sums, users_own::cap_relus, users_own::restless_fault;
using restless = users_own::restless<pass_phase::canonical>;
using restless_late = users_own::restless<pass_phase::annotated>;

constexpr registry<op::add, op::relu, op::quantize, op::dequantize, op::requantize, rule::affine_int8,
                   calibration::minmax, cancel_sums, cap_relus, pass::remove_dead, restless, restless_late>
    tool_of_passes{};

/// y = Relu((x + 100) - 100), whose integers for the sums are coarse, and what each verb is given.
struct cancelled_sums {
    scratch_folder folder;
    std::string model, samples = put_samples(folder, "x.npy", {5, 3});
    std::string labels = put_npy(folder, "labels.npy", {5}, {0, 1, 2, 0, 1});
    std::string header = folder / "net.hpp", report = folder / "net.json", results = folder / "y.npy";

    cancelled_sums() {
        namespace build = onnx_builder;
        build::graph_parts parts;
        parts.nodes = {build::node("up", "Add", {"x", "c"}, {"high"}),
                       build::node("down", "Add", {"high", "d"}, {"low"}), build::node("cut", "Relu", {"low"}, {"y"})};
        parts.initializers = {build::float_tensor("c", {1}, {100.0F}), build::float_tensor("d", {1}, {-100.0F})};
        parts.inputs = {build::value("x", {1, 3})};
        parts.outputs = {build::value("y", {1, 3})};
        model = folder.put("net.onnx", build::model(build::graph(parts)).str());
    }

    tool_result quantize() const { return run({"quantize", "-o", header, "--report", report, "--weights", "file"}); }
    tool_result infer() const { return run({"infer", "--inputs", samples, "--outputs", results}); }
    tool_result evaluate() const { return run({"evaluate", "--inputs", samples, "--labels", labels}); }

    /// The largest difference between what infer wrote and the network's real results.
    float error() const {
        const std::vector<float> x = npy_floats(samples), y = npy_floats(results);
        float most = 0;
        for (std::size_t i = 0; i < x.size(); ++i) most = std::max(most, std::fabs(y.at(i) - std::max(x[i], 0.0F)));
        return most;
    }

    /// True when the header names a node of the model.
    bool emits(std::string_view node) const { return content_of(header).find(node) != std::string::npos; }

    /// The files that lie in the folder besides those that were put there.
    std::size_t written() const {
        std::size_t files = 0;
        for (const auto& each : std::filesystem::directory_iterator(folder.path())) files += each.exists() ? 1 : 0;
        return files - 3;
    }

  private:
    tool_result run(words arguments) const {
        arguments.insert(arguments.begin() + 1, model);
        arguments.insert(arguments.end(), {"--calibration", samples});
        return run_in_process(cli<tool_of_passes>, arguments);
    }
};

/// Gives a switch of a pass a value until the end of a block.
template <class T> class set_for_now {
    T& place_;
    T before_;

  public:
    set_for_now(T& place, T now) : place_(place), before_(std::exchange(place, now)) {}
    ~set_for_now() { place_ = before_; }
    set_for_now(const set_for_now&) = delete;
    set_for_now& operator=(const set_for_now&) = delete;
};

} // namespace

TEST_CASE("a user's pass changes what is emitted and what is run") {
    const cancelled_sums net;
    CHECK(net.quantize().code == 0);
    CHECK(net.emits("down"));
    CHECK(net.infer().code == 0);
    CHECK(net.error() > 0.1F); // of integers 102 / 255 apart
    const set_for_now on(cancel_sums::is_on, true);
    CHECK(net.quantize().code == 0);
    CHECK_FALSE(net.emits("down"));
    CHECK(net.emits("cut"));
    CHECK(net.infer().code == 0);
    CHECK(net.error() < 0.02F); // 4 / 255
}

TEST_CASE("a user's pass over the annotated graph changes what is emitted and what is run") {
    const cancelled_sums net;
    const auto largest = [&] {
        CHECK(net.infer().code == 0);
        const std::vector<float> y = npy_floats(net.results);
        return *std::max_element(y.begin(), y.end());
    };
    CHECK(net.quantize().code == 0);
    const std::string before = content_of(net.header);
    const float uncapped = largest();
    const set_for_now on(cap_relus::is_on, true);
    CHECK(net.quantize().code == 0);
    CHECK(content_of(net.header) != before);
    CHECK(largest() < 0.6F * uncapped); // 128 of 255 steps
}

TEST_CASE("a user's pass that does not come to rest ends the verbs in one line that names it, and nothing is written") {
    const cancelled_sums net;
    const auto all_fail = [&](const std::string& what) {
        CAPTURE(what);
        const std::string line = "net.onnx: the pass " + what;
        for (const tool_result& ended : {net.quantize(), net.infer(), net.evaluate()}) {
            CAPTURE(ended.error);
            CHECK(ended.fails(4, line));
        }
        CHECK(net.written() == 0);
    };
    {
        const set_for_now faulty(restless::has, restless_fault::changes);
        all_fail("restless does not come to rest: it still changes the graph after 4 * nodes + 100 rounds; its run() ");
    }
    {
        const set_for_now faulty(restless::has, restless_fault::grows);
        all_fail("restless does not come to rest: it makes more than the 16 * nodes + 200 nodes that passes may make "
                 "of a graph; its run() ");
    }
    {
        const set_for_now faulty(restless_late::has, restless_fault::changes);
        all_fail("restless_late does not come to rest: it still changes the graph after 4 * nodes + 100 rounds");
    }
    {
        const set_for_now faulty(restless_late::has, restless_fault::grows);
        all_fail("restless_late does not come to rest: it makes more than the 16 * nodes + 200 nodes that passes may "
                 "make of a graph");
    }
    CHECK(net.quantize().code == 0);
}
