#include "graphs.hpp"

#include <ctq/host/engine/calibrated_ranges.hpp>
#include <ctq/host/engine/calibration_run.hpp>
#include <ctq/host/engine/compare.hpp>
#include <ctq/host/onnx/import.hpp>

#include <doctest/doctest.h>

using namespace ctq;
using namespace ctq::host;
using namespace engine_test;

TEST_CASE("the trained networks of the examples: engines equal evaluate, and int8 keeps the top 1 mostly") {
    for (const char* name : {"lenet", "residual", "depthwise"}) {
        CAPTURE(name);
        const std::string path = std::string(CTQ_SOURCE_DIR "/examples/fashion_mnist/") + name + ".onnx";
        const default_graph graph =
            prepare(onnx::load_model<std::remove_cvref_t<decltype(default_registry)>>(path), default_registry);
        const auto sample = sample_for(graph, 3);
        const auto expected = evaluate(graph, sample);
        float_engine real(graph);
        std::copy(sample[0].as<float>().begin(), sample[0].as<float>().end(), real.input(0).begin());
        real.run();
        const auto& output = expected[static_cast<std::size_t>(graph.outputs[0].value)].as<float>();
        for (std::size_t i = 0; i < output.size(); ++i)
            CHECK(real.output(0)[i] == doctest::Approx(output[i]).epsilon(1e-4));

        const auto data = datasets_for(graph, 32);
        const auto table = run_calibration(graph, data).table;
        const auto integer = annotated<rule::affine_int8>(
            graph, ranges_of(graph, table, grid_of<rule::affine_int8>(), calibration::minmax{}),
            flags(graph.nodes.size(), false));
        integer_engine<rule::affine_int8, default_graph> engine(integer);
        engine.set_input(0, sample[0].as<float>());
        const auto in = engine.input(0);
        const auto integers =
            evaluate<rule::affine_int8>(integer, {constant(std::vector<std::int8_t>(in.begin(), in.end()))});
        engine.run();
        const int last = integer.outputs[0].value;
        const const_tensor made = engine.value(last);
        const auto& wanted = integers[static_cast<std::size_t>(last)];
        for (std::size_t i = 0; i < made.size(); ++i)
            CHECK((made.facts.type == dtype::int8 ? made.as<std::int8_t>()[i] == wanted.as<std::int8_t>()[i]
                                                  : made.as<float>()[i] == wanted.as<float>()[i]));
        CHECK(compare<rule::affine_int8>(graph, integer, data).agreements >= 26);
    }
}
