#pragma once
// golden: a vector of inputs and the integer network's outputs for them, which an emitted header checks itself with.
// room: host | runs on: host | heap: yes

#include <ctq/execute/evaluate.hpp>
#include <ctq/graph/graph.hpp>

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

namespace ctq::host::emit {

/// One tensor for each input and each output of an integer graph, in its ports' order and dtypes.
struct golden_vector {
    std::vector<constant> inputs, outputs;
};

/// Inputs that look like noise and are the same on every machine: int8 over its whole range, floats in [-1, 1).
template <class Graph> [[nodiscard]] std::vector<constant> pseudo_random_inputs(const Graph& graph) {
    std::uint32_t state = 0x12345678U;
    const auto next = [&] {
        state ^= state << 13;
        state ^= state >> 17;
        state ^= state << 5;
        return static_cast<std::int8_t>(static_cast<std::uint8_t>(state >> 24));
    };
    std::vector<constant> inputs;
    for (const port& input : graph.inputs) {
        constant made = elements_for(graph.value_at(input.value).facts);
        for (auto& each : made.reals) each = static_cast<float>(next()) / 128.0f;
        for (auto& each : made.int8s) each = next();
        for (auto& each : made.int16s) each = next();
        for (auto& each : made.int32s) each = next();
        inputs.push_back(std::move(made));
    }
    return inputs;
}

/// Runs the integer graph by its scalar definition. Cost: about a nanosecond a MAC.
template <class Requantizer, class Graph>
[[nodiscard]] golden_vector make_golden(const Graph& graph, std::vector<constant> inputs) {
    golden_vector golden{inputs, {}};
    auto elements = evaluate<Requantizer>(graph, std::move(inputs));
    for (const port& output : graph.outputs) {
        const auto index = static_cast<std::size_t>(output.value);
        const bool is_input = elements[index].reals.empty() && graph.is_constant(output.value);
        golden.outputs.push_back(is_input ? graph.constant_of(output.value) : elements[index]);
    }
    return golden;
}

} // namespace ctq::host::emit
