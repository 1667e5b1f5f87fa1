#pragma once
// value_list: the tensors of a graph or of a program, and the elements of those that are constant.
// room: graph | runs on: compiler + host | heap: yes

#include <ctq/core/diagnostics.hpp>
#include <ctq/core/tensor.hpp>
#include <ctq/core/text.hpp>
#include <ctq/graph/constant.hpp>

#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

namespace ctq::inline CTQ_TARGET {

/// A quantization that is known only when the network runs: which values of the graph hold its scale, a float32 scalar,
/// and its zero point, an int32 scalar; -1 for a zero point that is 0, and twice -1 where the quantization is not
/// dynamic.
struct dynamic_reference {
    int scale = -1, zero_point = -1;

    constexpr bool is_set() const { return scale >= 0; }
    friend constexpr bool operator==(const dynamic_reference&, const dynamic_reference&) = default;
};

/// A tensor of the graph: an input, a constant, or what a node makes. `facts` holds the element type, the shape, the
/// integers that can occur and a quantization for the whole tensor; integers with a `dynamic` one have none there.
struct value {
    text name;
    tensor_facts facts;
    int constant = -1;            ///< index into value_list::constants, -1 for an activation
    std::vector<double> scales{}; ///< of a constant that has a scale for each channel, and none in `facts`
    int scale_axis = 0;           ///< the axis that `scales` run along: one for each of its extent
    dynamic_reference dynamic{};

    constexpr double scale_of(std::size_t channel) const {
        return scales.empty() ? static_cast<double>(facts.quantization.scale) : scales[channel];
    }
};

/// The values that nodes name by their position here, and the elements of those that have a `constant`.
struct value_list {
    std::vector<value> values;
    std::vector<constant> constants;

    constexpr const value& value_at(int index) const { return values[static_cast<std::size_t>(index)]; }
    constexpr value& value_at(int index) { return values[static_cast<std::size_t>(index)]; }
    constexpr bool is_constant(int index) const { return value_at(index).constant >= 0; }
    constexpr const constant& constant_of(int index) const {
        return constants[static_cast<std::size_t>(value_at(index).constant)];
    }
    /// A value with its elements where it is constant.
    constexpr const_tensor tensor_at(int index) const {
        const value& v = value_at(index);
        if (v.constant < 0) return {v.facts, {}};
        return {v.facts, constant_of(index).view()};
    }
    constexpr std::vector<dtype> types_of(const std::vector<int>& indices) const {
        std::vector<dtype> types;
        for (const int index : indices) types.push_back(value_at(index).facts.type);
        return types;
    }
    constexpr bool is_real(int index) const { return value_at(index).facts.type == dtype::float32; }
    constexpr std::span<const float> reals(int index) const { return constant_of(index).as<float>(); }

    constexpr int add_value(text value_name, const tensor_facts& facts) {
        values.push_back({std::move(value_name), facts});
        return static_cast<int>(values.size()) - 1;
    }

    /// Gives a value the elements that it always has: of its type, as many as its shape asks for.
    constexpr void set_constant(int index, constant elements) {
        value_at(index).constant = static_cast<int>(constants.size());
        constants.push_back(std::move(elements));
    }

    template <class T>
    constexpr int add_constant(text value_name, const shape& of, std::vector<T> elements, quantization q = {}) {
        require(elements.size() == entries_of(dtype_of<T>, static_cast<std::size_t>(of.elements())),
                "a constant must have as many elements as its shape");
        const int index = add_value(std::move(value_name), {dtype_of<T>, of, q});
        set_constant(index, constant(std::move(elements)));
        return index;
    }

    /// Elements of any type, as many as the shape asks for.
    constexpr int add_constant(text value_name, const shape& of, constant elements) {
        require(elements.entries() == entries_of(elements.type(), static_cast<std::size_t>(of.elements())),
                "a constant must have as many elements as its shape");
        const int index = add_value(std::move(value_name), {elements.type(), of});
        set_constant(index, std::move(elements));
        return index;
    }

    /// A list of so many zeros of a type.
    constexpr int add_zeros(text value_name, dtype type, std::int32_t count) {
        const int index = add_value(std::move(value_name), {type, shape{count}});
        set_constant(index, constant::zeros(type, static_cast<std::size_t>(count)));
        return index;
    }
};

} // namespace ctq::inline CTQ_TARGET
