#pragma once
// golden: a vector of inputs and the integer network's outputs for them, which an emitted header checks itself with.
// room: host | runs on: host | heap: yes

#include <ctq/execute/evaluate.hpp>
#include <ctq/graph/graph.hpp>
#include <ctq/host/text.hpp>

#include <cstddef>
#include <cstdint>
#include <limits>
#include <type_traits>
#include <utility>
#include <vector>

namespace ctq::inline CTQ_TARGET::host::emit {

/// One tensor for each input and each output of an integer graph, in its ports' order and dtypes.
struct golden_vector {
    std::vector<constant> inputs, outputs;
};

/// The most elements of all inputs and outputs together for which a golden vector is made: half a gigabyte of text.
inline constexpr std::int64_t most_golden_elements = std::int64_t{1} << 25;

/// Throws model_error for a graph whose golden vector would be larger.
template <class Graph> void check_golden_size(const Graph& graph) {
    std::int64_t sum = 0;
    for (const auto* ports : {&graph.inputs, &graph.outputs})
        for (const port& each : *ports) sum += graph.value_at(each.value).facts.shape.elements();
    if (sum > most_golden_elements)
        fail(message("the header's golden vector, all inputs and outputs, would have ", sum, " elements; at most ",
                     most_golden_elements, " are supported: give the inputs smaller dimensions")
                 .c_str());
}

/// Noise that is the same on every machine.
class noise {
    std::uint32_t state_ = 0x12345678U;

  public:
    std::uint8_t byte() {
        state_ ^= state_ << 13;
        state_ ^= state_ >> 17;
        state_ ^= state_ << 5;
        return static_cast<std::uint8_t>(state_ >> 24);
    }
    /// All values of the type alike.
    template <class Integer> Integer integer() {
        std::uint64_t bits = 0;
        for (std::size_t i = 0; i < sizeof(Integer); ++i) bits = bits << 8 | byte();
        return static_cast<Integer>(bits);
    }
    /// All integers of a range of the type alike.
    template <class Integer> Integer integer_in(const limits& range) {
        const auto drawn = integer<Integer>();
        if (range.low == std::numeric_limits<Integer>::min() && range.high == std::numeric_limits<Integer>::max())
            return drawn;
        const std::uint64_t count = static_cast<std::uint64_t>(std::int64_t{range.high} - range.low) + 1;
        const std::uint64_t bits = static_cast<std::make_unsigned_t<Integer>>(drawn);
        return static_cast<Integer>(range.low + static_cast<std::int64_t>(bits * count >> 8 * sizeof(Integer)));
    }
};

/// Inputs that look like noise and are the same on every machine: integers over their whole range, int64 in
/// [-128, 127], floats in [-1, 1), booleans.
template <class Graph> [[nodiscard]] std::vector<constant> pseudo_random_inputs(const Graph& graph) {
    check_golden_size(graph);
    noise source;
    std::vector<constant> inputs;
    for (const port& input : graph.inputs) {
        const tensor_facts& facts = graph.value_at(input.value).facts;
        constant made = constant::zeros(facts.type, facts.elements());
        made.visit([&](auto& elements) {
            using type = typename std::remove_cvref_t<decltype(elements)>::value_type;
            for (type& each : elements) {
                if constexpr (std::is_same_v<type, float>)
                    each = static_cast<float>(source.integer<std::int8_t>()) / 128.0f;
                else if constexpr (std::is_integral_v<type> && sizeof(type) < 8)
                    each = source.integer_in<type>(facts.range);
                else if constexpr (std::is_integral_v<type>)
                    each = source.integer<std::int8_t>();
                else if constexpr (std::is_same_v<type, boolean>)
                    each = static_cast<boolean>(source.byte() & 1U);
            }
        });
        inputs.push_back(std::move(made));
    }
    return inputs;
}

/// Runs the annotated graph by its scalar definition. Cost: about a nanosecond a MAC.
template <class Rules, class Graph>
[[nodiscard]] golden_vector make_golden(const Graph& graph, std::vector<constant> inputs) {
    golden_vector golden{inputs, {}};
    auto elements = evaluate<Rules>(graph, std::move(inputs));
    for (const port& output : graph.outputs) {
        const bool is_constant = graph.is_constant(output.value);
        golden.outputs.push_back(is_constant ? graph.constant_of(output.value)
                                             : elements[static_cast<std::size_t>(output.value)]);
    }
    return golden;
}

} // namespace ctq::inline CTQ_TARGET::host::emit
