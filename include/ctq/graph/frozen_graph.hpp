#pragma once
// frozen_graph: the float graph that a constexpr function makes, kept in static constants, so that the compiler runs
// that function twice however often the graph is needed. The compiler's memory ends with each constant evaluation.
// room: graph | runs on: compiler | heap: yes

#include <ctq/graph/graph.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace ctq::inline CTQ_TARGET {

namespace detail {

/// What a graph says besides operators and reals, as numbers one behind the other; lists begin with their length.
/// Reads what it writes: `graph_fields` names the fields once for both.
class number_writer {
  public:
    std::vector<std::int64_t> numbers;
    std::vector<float> reals;

    constexpr void number(const int& from) { numbers.push_back(from); }
    constexpr void characters(const text& from) {
        numbers.push_back(static_cast<std::int64_t>(from.view().size()));
        for (const char each : from.view()) numbers.push_back(each);
    }
    constexpr void elements(const constant& from) {
        numbers.push_back(static_cast<std::int64_t>(from.type()));
        numbers.push_back(static_cast<std::int64_t>(from.entries()));
        from.visit([&]<class T>(const std::vector<T>& all) {
            if constexpr (std::is_same_v<T, float>)
                reals.insert(reals.end(), all.begin(), all.end());
            else if constexpr (std::is_same_v<T, int4_pair>)
                for (const T& each : all) numbers.push_back(each.bits);
            else
                for (const T each : all) numbers.push_back(static_cast<std::int64_t>(each));
        });
    }
    template <class T, class Each> constexpr void list(const std::vector<T>& from, Each each) {
        numbers.push_back(static_cast<std::int64_t>(from.size()));
        for (const T& one : from) each(one);
    }
};

class number_reader {
  public:
    constexpr number_reader(const std::int64_t* numbers, const float* reals) : numbers_(numbers), reals_(reals) {}

    constexpr void number(int& to) { to = static_cast<int>(*numbers_++); }
    constexpr void characters(text& to) {
        std::vector<char> read(length(), '\0');
        for (char& each : read) each = static_cast<char>(*numbers_++);
        to = text(std::string_view(read.data(), read.size()));
    }
    constexpr void elements(constant& to) {
        const auto type = static_cast<dtype>(*numbers_++);
        const std::size_t count = length();
        to = with_element_type(type, [&]<class T>(T) {
            if constexpr (std::is_same_v<T, float>) {
                const float* first = std::exchange(reals_, reals_ + count);
                return constant(std::vector<float>(first, first + count));
            } else {
                std::vector<T> all;
                for (std::size_t i = 0; i < count; ++i) {
                    if constexpr (std::is_same_v<T, int4_pair>)
                        all.push_back({static_cast<std::uint8_t>(*numbers_++)});
                    else
                        all.push_back(static_cast<T>(*numbers_++));
                }
                return constant(std::move(all));
            }
        });
    }
    template <class T, class Each> constexpr void list(std::vector<T>& to, Each each) {
        to = std::vector<T>(length(), T{});
        for (T& one : to) each(one);
    }

  private:
    constexpr std::size_t length() { return static_cast<std::size_t>(*numbers_++); }

    const std::int64_t* numbers_;
    const float* reals_;
};

/// All of a float graph that `stream` writes or reads.
template <class Stream, class Graph> constexpr void graph_fields(Stream& stream, Graph& graph) {
    const auto number = [&](auto& each) { stream.number(each); };
    const auto characters = [&](auto& each) { stream.characters(each); };
    const auto port = [&](auto& each) {
        stream.characters(each.name);
        stream.number(each.value);
        stream.number(each.count);
    };
    stream.characters(graph.name);
    stream.list(graph.values, [&](auto& each) {
        stream.characters(each.name);
        stream.number(each.constant);
    });
    stream.list(graph.nodes, [&](auto& each) {
        stream.characters(each.name);
        stream.list(each.inputs, number);
        stream.list(each.outputs, number);
        stream.list(each.origins, characters);
    });
    stream.list(graph.constants, [&](auto& each) { stream.elements(each); });
    stream.list(graph.inputs, port);
    stream.list(graph.outputs, port);
    stream.list(graph.states, [&](auto& each) {
        stream.characters(each.name);
        stream.number(each.initial);
        stream.number(each.read);
        stream.number(each.written);
    });
}

template <class Graph> constexpr number_writer written(const Graph& graph) {
    require(graph.domains.size() == 1, "a graph of reals is frozen, not an annotated one");
    number_writer writer;
    graph_fields(writer, graph);
    return writer;
}

} // namespace detail

/// `Make`: a captureless constexpr callable that gives a graph of reals, before annotation.
template <auto Make> class frozen_graph {
    using graph_type = decltype(Make());

    struct sizes {
        std::size_t values, nodes, numbers, reals;
    };
    static constexpr sizes size = [] {
        const auto graph = Make();
        const detail::number_writer all = detail::written(graph);
        return sizes{graph.values.size(), graph.nodes.size(), all.numbers.size(), all.reals.size()};
    }();

    struct parts {
        std::array<tensor_facts, size.values> facts{};
        std::array<typename graph_type::operation_type, size.nodes> operators{};
        std::array<std::int64_t, size.numbers> numbers{};
        std::array<float, size.reals + 1> reals{};
    };
    static constexpr parts stored = [] {
        parts result;
        const auto graph = Make();
        const detail::number_writer all = detail::written(graph);
        for (std::size_t i = 0; i < size.values; ++i) result.facts[i] = graph.values[i].facts;
        for (std::size_t i = 0; i < size.nodes; ++i) result.operators[i] = graph.nodes[i].op;
        for (std::size_t i = 0; i < size.numbers; ++i) result.numbers[i] = all.numbers[i];
        for (std::size_t i = 0; i < size.reals; ++i) result.reals[i] = all.reals[i];
        return result;
    }();

  public:
    static constexpr std::size_t values = size.values, nodes = size.nodes;

    /// A graph equal to Make()'s. Cost: a pass over its elements.
    static constexpr graph_type thawed() {
        graph_type graph;
        detail::number_reader reader(stored.numbers.data(), stored.reals.data());
        detail::graph_fields(reader, graph);
        for (std::size_t i = 0; i < size.values; ++i) graph.values[i].facts = stored.facts[i];
        for (std::size_t i = 0; i < size.nodes; ++i) graph.nodes[i].op = stored.operators[i];
        return graph;
    }
};

} // namespace ctq::inline CTQ_TARGET
