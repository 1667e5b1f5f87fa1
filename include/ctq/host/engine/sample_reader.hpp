#pragma once
// sample_reader: samples from files into the inputs of an engine, each in the input's own element type.
// room: host | runs on: host | heap: yes

#include <ctq/core/tensor.hpp>
#include <ctq/host/dataset.hpp>
#include <ctq/host/engine/position_bounds.hpp>

#include <cstddef>
#include <cstdint>
#include <span>
#include <type_traits>
#include <vector>

namespace ctq::inline CTQ_TARGET::host {

/// One thread's; the data must outlive it. Reals must be finite, plain integers and booleans whole numbers that their
/// type holds, and positions places that there are; else it throws `failure` (malformed), naming file, sample and
/// element.
class sample_reader {
    std::span<const dataset> data_; ///< one for each input
    std::vector<interval> within_;  ///< of each input, see position_bounds
    std::vector<float> row_;

  public:
    /// For engines that run this graph, or one of the same inputs.
    template <class Graph>
    sample_reader(const Graph& graph, std::span<const dataset> data) : data_(data), within_(position_bounds(graph)) {}

    /// Writes sample `index` into the inputs of a float_engine or an integer_engine, which quantizes it.
    template <class Engine> void operator()(std::size_t index, Engine& to) {
        for (std::size_t i = 0; i < data_.size(); ++i) {
            const tensor_facts& facts = to.input_facts(i);
            if (is_plain(facts)) {
                read_plain(index, i, to);
            } else if (facts.type == dtype::float32) {
                data_[i].finite_sample(index, to.template input<float>(i));
            } else {
                row_.resize(data_[i].sample_size());
                data_[i].finite_sample(index, row_);
                to.set_input(i, row_);
            }
        }
    }

  private:
    template <class Engine> void read_plain(std::size_t index, std::size_t input, Engine& to) const {
        with_element_type(to.input_facts(input).type, [&](auto zero) {
            using type = decltype(zero);
            if constexpr (std::is_integral_v<type> || std::is_same_v<type, boolean>)
                read_numbers<type>(index, input, to.template input<type>(input));
            else
                require(false, "a graph's input is of reals, of integers of a byte and more, or of booleans");
        });
    }

    template <class T> void read_numbers(std::size_t index, std::size_t input, std::span<T> to) const {
        data_[input].numbers<T>(index, to);
        const auto [low, high] = within_[input];
        for (std::size_t i = 0; i < to.size(); ++i)
            if (const auto number = static_cast<std::int64_t>(to[i]); number < low || number > high)
                fail_malformed(data_[input].name(), "sample ", index, ": element ", i, " is ", number,
                               "; it is looked up among ", high + 1, " entries: give ", low, " to ", high);
    }
};

} // namespace ctq::inline CTQ_TARGET::host
