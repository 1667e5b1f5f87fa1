#pragma once
// cast: the same numbers in another element type.
// room: operators | runs on: all | heap: no

#include <ctq/registry/operation.hpp>

#include <cstdint>
#include <limits>
#include <type_traits>

namespace ctq::inline CTQ_TARGET::op {

/// Input of any type and shape, output of type `to`. Of reals the integer towards zero, or the nearest that the type
/// has, 0 for NaN; of integers that are too wide the low bits; of booleans 0 and 1; as a boolean, whether it is not 0.
struct cast {
    static constexpr std::string_view name = "cast";
    static constexpr std::string_view cpp_name = "ctq::op::cast";
    static constexpr operator_traits traits{
        .operands = element_types::all, .adds_nothing = true, .is_element_wise = true, .aligns_operands = true};

    dtype to = dtype::float32;

    static constexpr auto attributes = attribute_list{attribute{"to", &cast::to}};

    friend constexpr bool operator==(const cast&, const cast&) = default;

  private:
    // Defined first: clang (docs/design.md, section 1).
    /// The integer of a type with these limits; the higher one may be rounded up to a power of two.
    static constexpr std::int64_t truncated(float value, std::int64_t low, std::int64_t high) {
        if (value != value) return 0;
        if (value <= static_cast<float>(low)) return low;
        return value >= static_cast<float>(high) ? high : static_cast<std::int64_t>(value);
    }

    static constexpr std::int64_t integer_in(dtype type, float value) {
        if (type == dtype::int64)
            return truncated(value, std::numeric_limits<std::int64_t>::min(), std::numeric_limits<std::int64_t>::max());
        const limits range = limits_of(type);
        return truncated(value, range.low, range.high);
    }
    static constexpr std::int64_t integer_in(dtype, std::int64_t value) { return value; }

    template <class Number> static constexpr void store(const tensor& out, std::size_t i, Number value) {
        with_element_type(out.facts.type, [&](auto each) {
            using type = decltype(each);
            if constexpr (std::is_same_v<type, float>)
                out.as<float>()[i] = static_cast<float>(value);
            else if constexpr (std::is_same_v<type, boolean>)
                out.as<boolean>()[i] = value != 0 ? boolean::yes : boolean::no;
            else if constexpr (std::is_same_v<type, int4_pair>)
                out.as<int4_pair>()[i / 2].set(i, static_cast<std::int32_t>(integer_in(dtype::int4, value) & 15));
            else
                out.as<type>()[i] = static_cast<type>(integer_in(dtype_of<type>, value));
        });
    }

  public:
    constexpr shape output_shape(shapes in) const {
        require(in.size() == 1, "cast takes one input");
        return in[0];
    }
    constexpr dtype output_type(int) const { return to; }

    constexpr void compute(const_tensors in, tensors out) const {
        with_element_type(in[0].facts.type, [&](auto each) {
            using type = decltype(each);
            for (std::size_t i = 0; i < out[0].size(); ++i)
                if constexpr (std::is_same_v<type, float>)
                    store(out[0], i, in[0].as<float>()[i]);
                else
                    store(out[0], i, std::int64_t{read_integer<dtype_of<type>>(in[0].as<type>(), i)});
        });
    }

    constexpr cast permuted(std::span<const std::int32_t>) const { return *this; }
};

} // namespace ctq::inline CTQ_TARGET::op
