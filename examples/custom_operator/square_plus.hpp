#pragma once
// square_plus: an operator that ctq does not have, and what it is in ONNX. All that ctq needs to know of it stands
// here: import, shape rule, float meaning, integer meaning (a table of 256 entries), report and emitter follow.

#include <ctq/core/elementary.hpp>
#include <ctq/registry/operation.hpp>
#include <ctq/registry/translation.hpp>

#include <string_view>
#include <tuple>

namespace my {

/// (x + sqrt(x * x + b)) / 2: a smooth Relu without an exponential.
struct square_plus {
    static constexpr std::string_view name = "square_plus";
    static constexpr std::string_view cpp_name = "my::square_plus";
    static constexpr std::string_view header = "square_plus.hpp"; ///< what an emitted model includes

    float b = 4.0f;

    static constexpr auto attributes = ctq::attribute_list{ctq::attribute{"b", &square_plus::b}};

    friend constexpr bool operator==(const square_plus&, const square_plus&) = default;

    constexpr float operator()(float x) const { return (x + ctq::elementary::sqrt(x * x + b)) / 2; }
};

/// SquarePlus, as our exporter writes it: an operator of a domain of our own.
struct square_plus_of_onnx : ctq::one_to_one<"onnx", "SquarePlus", square_plus, ctq::reads<"b", &square_plus::b>> {
    static constexpr std::string_view domain = "com.example";
};

} // namespace my
