#pragma once
// top_k: the largest or smallest elements of each line along one axis, and where they stood.
// room: operators | runs on: all | heap: no

#include <ctq/operators/element_wise.hpp>
#include <ctq/registry/operation.hpp>

#include <bit>
#include <cstddef>
#include <cstdint>
#include <type_traits>

namespace ctq::inline CTQ_TARGET::op {

/// Outputs: the `count` largest elements of each line along `axis`, or the smallest, and their indices in it, int64.
/// They are in order, the largest or smallest first, of equal ones that of the lower index; NaN is larger than all
/// other numbers, as numpy sorts. Integer meaning: the same of the integers, which order as the reals do; exact. Cost:
/// a read and, for what is among the best so far, log2(count) steps an element.
struct top_k {
    static constexpr std::string_view name = "top_k";
    static constexpr std::string_view cpp_name = "ctq::op::top_k";
    static constexpr operator_traits traits{
        .operands = element_types::numbers, .output_range = range_rule::same_as_input, .moves_elements = true};

    std::int32_t axis = -1;
    std::int32_t count = 1;
    bool largest = true;

    static constexpr auto attributes = attribute_list{
        attribute{"axis", &top_k::axis}, attribute{"count", &top_k::count}, attribute{"largest", &top_k::largest}};

    friend constexpr bool operator==(const top_k&, const top_k&) = default;

  private:
    // Defined first: clang (docs/design.md, section 1).
    /// The elements that are chosen of a line, `step` apart: while they are chosen a heap, the last of them on top.
    template <class T> struct chosen {
        T* values;
        std::int64_t* indices;
        std::size_t step;
        bool largest;

        constexpr void put(std::size_t at, T value, std::int64_t index) const {
            values[at * step] = value;
            indices[at * step] = index;
        }
        constexpr void exchange(std::size_t a, std::size_t b) const {
            const T value = values[a * step];
            const std::int64_t index = indices[a * step];
            put(a, values[b * step], indices[b * step]);
            put(b, value, index);
        }

        static constexpr bool exceeds(T a, T b) {
            if constexpr (std::is_same_v<T, float>)
                return a > b || (a != a && b == b);
            else
                return a > b;
        }
        /// Whether an element comes before the one at `at`.
        constexpr bool precedes(T value, std::int64_t index, std::size_t at) const {
            const T other = values[at * step];
            if (exceeds(value, other)) return largest;
            if (exceeds(other, value)) return !largest;
            return index < indices[at * step];
        }
        constexpr bool precedes(std::size_t a, std::size_t b) const {
            return precedes(values[a * step], indices[a * step], b);
        }

        /// Lets the element at `at` sink below those that come after it, among the first `size`.
        constexpr void sink(std::size_t at, std::size_t size) const {
            for (std::size_t below = 2 * at + 1; below < size; below = 2 * at + 1) {
                if (below + 1 < size && precedes(below, below + 1)) ++below;
                if (!precedes(at, below)) return;
                exchange(at, below);
                at = below;
            }
        }
        constexpr void make_heap(std::size_t size) const {
            for (std::size_t at = size / 2; at-- > 0;) sink(at, size);
        }
        /// From a heap to the order.
        constexpr void sort(std::size_t size) const {
            while (size-- > 1) {
                exchange(0, size);
                sink(0, size);
            }
        }
    };

    template <class T> constexpr void choose(const const_tensor& in, tensors out) const {
        const int along = in.shape().normalized_axis(axis);
        const auto length = static_cast<std::size_t>(in.shape()[along]), kept = static_cast<std::size_t>(count);
        const auto step = static_cast<std::size_t>(in.shape().elements(along + 1, in.shape().rank));
        for (std::size_t first = 0, at = 0; first < in.size(); first += length * step, at += kept * step)
            for (std::size_t i = 0; i < step; ++i) {
                const T* line = in.as<T>() + first + i;
                const chosen<T> best{out[0].as<T>() + at + i, out[1].as<std::int64_t>() + at + i, step, largest};
                for (std::size_t k = 0; k < kept; ++k) best.put(k, line[k * step], static_cast<std::int64_t>(k));
                best.make_heap(kept);
                for (std::size_t k = kept; k < length; ++k) {
                    if (!best.precedes(line[k * step], static_cast<std::int64_t>(k), 0)) continue;
                    best.put(0, line[k * step], static_cast<std::int64_t>(k));
                    best.sink(0, kept);
                }
                best.sort(kept);
            }
    }

  public:
    constexpr int output_count() const { return 2; }
    constexpr shape output_shape(shapes in, int) const {
        require(in.size() == 1, "top_k takes one input");
        shape result = in[0];
        const int along = result.normalized_axis(axis);
        require(count >= 1 && count <= result[along], "top_k must choose 1 element at least and all of a line at most");
        result[along] = count;
        return result;
    }
    constexpr std::int64_t steps(shapes in, const shape&) const {
        return in[0].elements() * std::bit_width(static_cast<std::uint32_t>(count));
    }
    constexpr dtype output_type(dtypes in, int which) const {
        return which == 0 ? operand_type<top_k>(in) : dtype::int64;
    }

    constexpr void compute(const_tensors in, tensors out) const {
        with_number_type(in[0].facts.type, [&](auto each) { choose<decltype(each)>(in[0], out); });
    }

    template <signature S>
    requires same_stored_types<S>
    constexpr void compute_integer(const_tensors in, tensors out) const { choose<element<S.y>>(in[0], out); }
};

} // namespace ctq::inline CTQ_TARGET::op
