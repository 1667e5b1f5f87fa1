// The matrix that `ctq supported-ops --signatures` prints, cell by cell: each is in a header that the tool emits, of a
// network that went through every verb, and no header has another one. Under the rules that ctq ships, and in a tool
// with rules of a test's own for the element types and accumulators that no shipped rule makes.
#include <ctq/host/cli.hpp>

#include <doctest/doctest.h>
#include <emitted/build.hpp>
#include <emitted/every_operator.hpp>
#include <host/npy_samples.hpp>
#include <host/run_tool.hpp>
#include <laws/rules.hpp>
#include <laws/signature_matrix.hpp>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <set>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

using namespace ctq;
using namespace ctq::test;

namespace {

/// ctq's registry without its rules, and the laws' that make other element types.
constexpr auto other_types = hana::unpack(hana::filter(default_registry.members,
                                                       [](auto each) {
                                                           using type = typename decltype(each)::type;
                                                           return hana::bool_c<!registered_as<type, rule_tag>>;
                                                       }),
                                          [](auto... each) { return registry<typename decltype(each)::type...>{}; })
                                 .with<laws::auto_int8>()
                                 .with<laws::auto_int8_sums>()
                                 .with<laws::int16_in_32_bits>()
                                 .with<laws::int32_in_64_bits>()
                                 .with<laws::int32_sums>();

tool_result run_shipped(const words& arguments) {
    return run_tool(arguments);
}
tool_result run_other_types(const words& arguments) {
    return run_in_process(cli<other_types>, arguments);
}

/// A tool, and its rules.
struct built_tool {
    tool_result (*run)(const words&);
    std::vector<rule_facts> rules;

    /// What a verb prints; it must succeed.
    std::string printed(words arguments, const words& more = {}) const {
        arguments.insert(arguments.end(), more.begin(), more.end());
        const tool_result ended = run(arguments);
        CAPTURE(arguments[0]);
        CAPTURE(ended.error);
        REQUIRE(ended.code == 0);
        return ended.out;
    }
};

template <const auto& Registry> std::vector<rule_facts> rules_in() {
    const auto& facts = host::facts_of_registered_rules<Registry>;
    return {facts.begin(), facts.end()};
}

/// The cells of the printed table: "| dense | int8*int8->int8 in int32 three_step, ... |".
laws::cells cells_of_matrix(const std::string& printed) {
    laws::cells found;
    std::istringstream lines(printed);
    for (std::string line; std::getline(lines, line);) {
        if (line.find("->") == std::string::npos) continue;
        const std::size_t end_of_name = line.find(" |", 2), end = line.rfind(" |");
        std::istringstream signatures(line.substr(end_of_name + 3, end - end_of_name - 3));
        for (std::string each; std::getline(signatures, each, ',');)
            found.insert(line.substr(2, end_of_name - 2) + " " + each.substr(each.find_first_not_of(' ')));
    }
    return found;
}

/// Prints the cell of each node of `net` that is no float node, and fails where the self-test does.
constexpr const char* program = R"(
#include "net.hpp"
#include <cstdio>
#include <type_traits>
template <std::size_t I> void show() {
    using node = ctq::node_constants<net::model, I>;
    using op = std::remove_cvref_t<decltype(node::source.op)>;
    constexpr ctq::signature s = node::types;
    const auto name = [](ctq::dtype type) { return ctq::name_of(type).data(); };
    if (s.x == ctq::dtype::float32 && s.y == ctq::dtype::float32) return;
    std::printf("%s %s", op::name.data(), name(s.x));
    constexpr bool adds_up = ctq::is_weighted<op> || ctq::traits_of<op>.sums_products;
    if (adds_up || ctq::traits_of<op>.aligns_operands) std::printf("*%s", name(s.w));
    std::printf("->%s ", name(s.y));
    if (adds_up) std::printf("in %s ", name(s.sum));
    std::printf("%s\n", ctq::name_of(s.how).data());
}
template <std::size_t... I> void show_all(std::index_sequence<I...>) { (show<I>(), ...); }
int main() {
    show_all(std::make_index_sequence<ctq::node_count<net::model>>{});
    return net::selftest() ? 0 : 1;
}
)";

/// A network in a folder, its samples and labels, and a table of the ranges that its values' names tell.
struct calibrated {
    scratch_folder folder;
    std::string model, table = folder / "table.json", labels = folder / "labels.npy", header = folder / "net.hpp";
    words samples;
    static constexpr int count = 8;

    calibrated(const built_tool& tool, const std::string& bytes) : model(folder.put("net.onnx", bytes)) {
        folder.put("labels.npy",
                   host::npy::format<std::int64_t>(npy_shape{count}, std::vector<std::int64_t>(count, 1)));
        operator_file::for_each_input(
            [&](std::string_view input, const npy_shape& shape) { add_samples(input, shape); });
        words arguments{"calibrate", model, "-o", table};
        for (const std::string& each : samples) arguments.insert(arguments.end(), {"--calibration", each});
        tool.printed(arguments);
        calibration::table ranges = host::load_calibration_table(table);
        for (auto& [name, seen] : ranges.tensors) {
            const bounds range = range_by_name(name);
            seen = {};
            seen.observe(std::vector<float>{range.low, range.high});
        }
        host::save_calibration_table(table, ranges);
    }

    words inputs() const {
        words arguments;
        for (const std::string& each : samples) arguments.insert(arguments.end(), {"--inputs", each});
        return arguments;
    }

  private:
    /// Values over the whole of the input's range.
    void add_samples(std::string_view input, npy_shape shape) {
        const bounds range = range_by_name(input);
        shape.insert(shape.begin(), count);
        std::size_t size = 1;
        for (const std::int64_t extent : shape) size *= static_cast<std::size_t>(extent);
        std::vector<float> values = random_floats(size, static_cast<unsigned>(input.size()));
        for (float& each : values) each = range.low + (each + 2) * (range.high - range.low) / 4;
        samples.push_back(std::string(input) + "=" + put_npy(folder, std::string(input) + ".npy", shape, values));
    }
};

/// Integers stand for what floats are, cut off at the range that they have.
void check_results(const calibrated& network) {
    int outputs = 0;
    for (const auto& each : std::filesystem::directory_iterator(network.folder / "float")) {
        const std::string name = each.path().stem().string();
        CAPTURE(name);
        ++outputs;
        const bounds range = range_by_name(name);
        const std::vector<float> reals = npy_floats(each.path().string()),
                                 integers = npy_floats(network.folder / ("integer/" + name + ".npy"));
        REQUIRE(integers.size() == reals.size());
        float furthest = 0;
        for (std::size_t i = 0; i < reals.size(); ++i)
            furthest =
                std::max(furthest, std::min(std::abs(integers[i] - reals[i]),
                                            std::abs(integers[i] - std::clamp(reals[i], range.low, range.high))));
        CHECK(furthest < 0.1f);
    }
    CHECK(outputs > 10);
}

/// The cells of a header, as a compiler sees them.
laws::cells cells_of_header(const calibrated& network, const compiler& with) {
    const run_result made = run_command("cd " + network.folder.path().string() + " && " + with.command + strict_flags +
                                            own_headers + "main.cpp -o program && ./program",
                                        network.folder);
    CAPTURE(made.text);
    CHECK(made.exit_code == 0);
    laws::cells found;
    std::istringstream lines(made.text);
    for (std::string line; std::getline(lines, line);) found.insert(line);
    return found;
}

/// The cells of a header, the same for every compiler that makes programs for this machine.
laws::cells cells_of_header(const calibrated& network) {
    network.folder.put("main.cpp", program);
    std::vector<laws::cells> found;
    for (const compiler& each : compilers()) {
        if (!each.makes_programs) continue;
        CAPTURE(each.name);
        found.push_back(cells_of_header(network, each));
        CHECK(laws::lines_of(found.back()) == laws::lines_of(found.front()));
    }
    REQUIRE(!found.empty());
    return found.front();
}

/// Runs a network through every verb and gives the cells of its header. `measured`: the rule takes no calibration.
laws::cells cells_through_verbs(const built_tool& tool, const calibrated& network, words options, bool measured) {
    if (!measured) options.insert(options.end(), {"--calibration", network.table});
    tool.printed({"quantize", network.model, "-o", network.header}, options);
    tool.printed({"infer", network.model, "--outputs", network.folder / "float", "--float"}, network.inputs());
    words integer{"infer", network.model, "--outputs", network.folder / "integer"};
    integer.insert(integer.end(), options.begin(), options.end());
    tool.printed(integer, network.inputs());
    check_results(network);
    words evaluated{"evaluate", network.model, "--labels", network.labels};
    evaluated.insert(evaluated.end(), options.begin(), options.end());
    tool.printed(evaluated, network.inputs());
    return cells_of_header(network);
}

/// Each rule of a tool that knows its ranges beforehand beside each other.
laws::cells cells_between_rules(const built_tool& tool) {
    std::vector<std::string> rules;
    for (const rule_facts& rule : tool.rules)
        if (!rule.dynamic_ranges) rules.emplace_back(rule.name);
    const int kinds = static_cast<int>(rules.size());
    words options;
    for (int from = 0; from < kinds; ++from)
        for (int to = 0; to < kinds; ++to)
            for (const char sign : {with_negative, without_negative})
                options.insert(options.end(), {"--rule", layer_name(from, to, sign) + "=" + rules[std::size_t(from)],
                                               "--rule", reader_name(from, to, sign) + "=" + rules[std::size_t(to)]});
    return cells_through_verbs(tool, calibrated(tool, between_layers(kinds)), options, false);
}

/// Every operator under each of a tool's rules.
void check_matrix(const built_tool& tool) {
    const calibrated network(tool, every_operator());
    laws::cells found = cells_between_rules(tool);
    for (const rule_facts& rule : tool.rules) {
        CAPTURE(rule.name);
        words options{"--rule", std::string(rule.name)};
        for (const char* island : {"island_of_mean_s", "island_of_mean_p", "island_of_sums_s", "island_of_sums_p"})
            options.insert(options.end(), {"--exclude", island});
        found.merge(cells_through_verbs(tool, network, options, rule.dynamic_ranges));
    }
    const laws::cells listed = cells_of_matrix(tool.printed({"supported-ops", "--signatures"}));
    CHECK(laws::lines_of(laws::without(found, listed)) == "");
    CHECK(laws::lines_of(laws::without(listed, found)) == "");
}

} // namespace

TEST_CASE("each signature of the printed matrix goes through every verb into a header: ctq's rules") {
    check_matrix({run_shipped, rules_in<default_registry>()});
}

TEST_CASE("each signature of the printed matrix goes through every verb into a header: rules of other types") {
    check_matrix({run_other_types, rules_in<other_types>()});
}
