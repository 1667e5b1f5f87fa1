#pragma once
// The command line of the tool. `ctq::cli<mine>(argc, argv)` is the whole tool for a registry of the user's own.
// room: host | runs on: host | heap: yes

#include <ctq/core/version.hpp>
#include <ctq/default_registry.hpp>
#include <ctq/host/atomic_write.hpp>
#include <ctq/host/cli/calibrate.hpp>
#include <ctq/host/cli/evaluate.hpp>
#include <ctq/host/cli/infer.hpp>
#include <ctq/host/cli/inspect.hpp>
#include <ctq/host/cli/merge_calibration.hpp>
#include <ctq/host/cli/quantize.hpp>
#include <ctq/host/cli/supported_ops.hpp>
#include <ctq/host/failure.hpp>
#include <ctq/host/near_misses.hpp>

#include <CLI/CLI.hpp>

#include <exception>
#include <functional>
#include <iostream>
#include <new>
#include <string>
#include <string_view>
#include <vector>

namespace ctq::inline CTQ_TARGET {

namespace host::cli {

/// Runs `work`; every way in which it can end becomes an exit code and, where it failed, lines on stderr.
template <class Work> int guarded(Work work) {
    const auto say = [](exit_code code, std::string_view what) {
        std::cerr << "ctq: error: " << what << '\n';
        return static_cast<int>(code);
    };
    try {
        work();
        std::cout.flush();
        return std::cout ? 0 : say(exit_code::cannot_write, "standard output cannot be written");
    } catch (const failure& fault) {
        fault.print(std::cerr);
        return static_cast<int>(fault.code);
    } catch (const std::bad_alloc&) {
        return say(exit_code::malformed,
                   "the input needs more memory than there is; use a smaller model or fewer samples");
    } catch (const std::exception& fault) {
        return say(exit_code::internal,
                   message("internal error: ", fault.what(), "; please report it with the command line"));
    }
}

/// Prints one line about a command line that cannot be parsed; gives the exit code.
inline int refuse_command_line(const CLI::App& app, const CLI::ParseError& fault) {
    const std::vector<CLI::App*> chosen = app.get_subcommands();
    const CLI::App& verb = chosen.empty() ? app : *chosen.front();
    const std::string help = chosen.empty() ? "ctq" : "ctq " + verb.get_name();
    std::string what = printable(fault.what(), 400);
    std::vector<std::string> names;
    for (const CLI::App* each : app.get_subcommands(nullptr)) names.push_back(each->get_name());
    if (const std::vector<std::string> unknown = app.remaining(true); !unknown.empty()) {
        const bool is_option = unknown.front().substr(0, 1) == "-";
        const bool is_verb = chosen.empty() && !is_option;
        if (!is_verb) names.clear();
        for (const CLI::Option* each : verb.get_options())
            if (is_option && !each->get_lnames().empty()) names.push_back("--" + each->get_lnames().front());
        what = message(is_verb     ? "no verb is called "
                       : is_option ? "unknown option "
                                   : "unexpected argument ",
                       in_quotes(unknown.front()),
                       near_misses(unknown.front(), std::vector<std::string_view>(names.begin(), names.end())));
    } else if (chosen.empty()) {
        what = "a verb is required:";
        for (const std::string& name : names) what += message(name == names.front() ? " " : ", ", name);
    }
    std::cerr << "ctq: error: " << what << (what.back() == '?' ? " See " : "; see ") << help << " --help\n";
    return static_cast<int>(exit_code::usage);
}

} // namespace host::cli

/// The tool: parses the command line, runs the verb. Exit codes: host::exit_code. Results go to stdout, faults to
/// stderr, one line each; an output file is whole or not there.
template <const auto& Registry = default_registry> int cli(int argc, char** argv) {
    host::remove_temporaries_on_signals();
    CLI::App app("ctq turns a trained fp32 network into an int8 C++ header. Every verb has its own --help.", "ctq");
    app.set_version_flag("--version", std::string(version));
    app.require_subcommand(1);
    std::function<void()> run;
    host::cli::add_inspect<Registry>(app, run);
    host::cli::add_calibrate<Registry>(app, run);
    host::cli::add_merge_calibration(app, run);
    host::cli::add_quantize<Registry>(app, run);
    host::cli::add_infer<Registry>(app, run);
    host::cli::add_evaluate<Registry>(app, run);
    host::cli::add_supported_ops<Registry>(app, run);
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& fault) {
        if (fault.get_exit_code() != 0) return host::cli::refuse_command_line(app, fault);
        run = [&] { app.exit(fault); };
    }
    return host::cli::guarded(run);
}

} // namespace ctq::inline CTQ_TARGET
