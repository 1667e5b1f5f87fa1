#pragma once
// ctq inspect: what is in a model and what of it ctq can run; no data needed.
// room: host | runs on: host | heap: yes

#include <ctq/host/cli/pipeline.hpp>
#include <ctq/host/summary.hpp>

#include <CLI/CLI.hpp>

#include <functional>
#include <iostream>
#include <memory>

namespace ctq::inline CTQ_TARGET::host::cli {

struct inspect {
    model_arguments model;
    bool json = false;

    template <const auto& Registry> void run() const {
        const summary of = summarize(load_network<Registry>(model).graph);
        std::cout << (json ? json_of(of).dump(2) + "\n" : table_of(of));
    }
};

template <const auto& Registry> void add_inspect(CLI::App& app, std::function<void()>& run) {
    const auto arguments = std::make_shared<inspect>();
    CLI::App* verb =
        app.add_subcommand("inspect", "operators, shapes, parameters and MACs; everything unsupported at once");
    arguments->model.add_to(*verb);
    verb->add_flag("--json", arguments->json, "machine-readable");
    verb->footer("Example:\n  ctq inspect model.onnx --dim N=1");
    verb->callback([&run, arguments] { run = [arguments] { arguments->template run<Registry>(); }; });
}

} // namespace ctq::inline CTQ_TARGET::host::cli
