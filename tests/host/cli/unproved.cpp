// The verbs of a tool with two operators of its own: what states no bound is neither emitted, run nor evaluated; what
// states one is asked for it once.
#include <ctq/host/cli.hpp>

#include <doctest/doctest.h>
#include <host/npy_samples.hpp>
#include <host/onnx_builder.hpp>
#include <host/run_tool.hpp>

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

using namespace ctq;
using namespace ctq::test;

namespace users_own {

/// Its input, in integers too.
struct passing_on {
    static constexpr auto attributes = no_attributes;
    friend constexpr bool operator==(const passing_on&, const passing_on&) = default;

    constexpr shape output_shape(shapes in) const { return in[0]; }
    constexpr void compute(const_tensors in, tensors out) const { copy<float>(in[0], out[0]); }
    template <signature S>
    requires(S.x == S.y && is_activation(S.x)) constexpr void compute_integer(const_tensors in, tensors out) const {
        copy<element<S.y>>(in[0], out[0]);
    }

  private:
    template <class T> static constexpr void copy(const const_tensor& in, const tensor& out) {
        for (std::size_t i = 0; i < out.size(); ++i) out.as<T>()[i] = in.as<T>()[i];
    }
};

/// Without a word on how large its sums become.
struct careless : passing_on {
    static constexpr std::string_view name = "careless", cpp_name = "users_own::careless";
    friend constexpr bool operator==(const careless&, const careless&) = default;
};

/// With a proof, which counts how often it is asked for.
struct careful : passing_on {
    static constexpr std::string_view name = "careful", cpp_name = "users_own::careful";
    static inline int asked = 0;
    friend constexpr bool operator==(const careful&, const careful&) = default;

    template <signature S> bool never_overflows(const nothing_lowered&, const_tensors, const tensor_facts&) const {
        ++asked;
        return true;
    }
};

} // namespace users_own

namespace {

using users_own::careful;

constexpr registry<users_own::careless, one_to_one<"onnx", "Careless", users_own::careless>, careful,
                   one_to_one<"onnx", "Careful", careful>, op::quantize, op::dequantize, op::requantize,
                   rule::affine_int8, calibration::minmax>
    own_tool{};

tool_result run_own_tool(const words& arguments) {
    return run_in_process(cli<own_tool>, arguments);
}

/// A network of one such node, samples, labels, and what each verb is given besides its options.
struct one_node {
    scratch_folder folder;
    std::string model, samples = put_samples(folder, "x.npy", {5, 3});
    std::string labels = put_npy(folder, "labels.npy", {5}, {0, 1, 2, 0, 1});
    std::string header = folder / "net.hpp", report = folder / "net.json", results = folder / "y.npy";

    explicit one_node(std::string_view op) {
        namespace build = onnx_builder;
        build::graph_parts parts;
        parts.nodes = {build::node("sum", op, {"x"}, {"y"})};
        parts.inputs = {build::value("x", {1, 3})};
        parts.outputs = {build::value("y", {1, 3})};
        model = folder.put("net.onnx", build::model(build::graph(parts)).str());
    }

    tool_result quantize(const words& more = {}) const {
        return run({"quantize", "-o", header, "--report", report, "--weights", "file"}, more);
    }
    tool_result infer(const words& more = {}) const {
        return run({"infer", "--inputs", samples, "--outputs", results}, more);
    }
    tool_result evaluate(const words& more = {}) const {
        return run({"evaluate", "--inputs", samples, "--labels", labels}, more);
    }

    /// The files that lie in the folder besides those that were put there.
    std::size_t written() const {
        std::size_t files = 0;
        for (const auto& each : std::filesystem::directory_iterator(folder.path())) files += each.exists() ? 1 : 0;
        return files - 3;
    }

  private:
    tool_result run(words arguments, const words& more) const {
        arguments.insert(arguments.begin() + 1, model);
        arguments.insert(arguments.end(), {"--calibration", samples});
        arguments.insert(arguments.end(), more.begin(), more.end());
        return run_own_tool(arguments);
    }
};

} // namespace

TEST_CASE("what is not proved is neither emitted, run nor evaluated, and nothing is written") {
    const one_node net("Careless");
    const std::string_view fault = "net.onnx: node 'sum' (careless): its accumulators are not proved to keep within 32 "
                                   "bits (1x3 of -128 to 127 makes 1x3); keep it in float: --exclude sum";
    CHECK(net.quantize().fails(4, fault));
    CHECK(net.infer().fails(4, fault));
    CHECK(net.evaluate().fails(4, fault));
    CHECK(net.written() == 0);
}

TEST_CASE("the same network runs where the node is kept in float, as the fault says") {
    const one_node net("Careless");
    const words kept{"--exclude", "sum"};
    CHECK(net.quantize(kept).code == 0);
    CHECK(net.infer(kept).code == 0);
    CHECK(net.evaluate(kept).code == 0);
    CHECK(net.written() == 3);
    CHECK(npy_floats(net.results) == npy_floats(net.samples));
}

TEST_CASE("each verb proves a network once") {
    const one_node net("Careful");
    const auto proofs_of = [](const auto& run_verb) {
        careful::asked = 0;
        CHECK(run_verb().code == 0);
        return careful::asked;
    };
    CHECK(proofs_of([&] { return net.quantize(); }) == 1);
    CHECK(proofs_of([&] { return net.infer(); }) == 1);
    CHECK(proofs_of([&] { return net.evaluate(); }) == 1);
}
