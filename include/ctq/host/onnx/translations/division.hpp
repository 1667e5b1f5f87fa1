#pragma once
// Div and Mod.
// room: host | runs on: host | heap: yes

#include <ctq/core/elementary.hpp>
#include <ctq/host/onnx/translations/elementwise.hpp>
#include <ctq/operators/divide.hpp>
#include <ctq/operators/modulo.hpp>
#include <ctq/operators/multiply.hpp>

#include <algorithm>
#include <cstdint>
#include <string_view>
#include <vector>

namespace ctq::inline CTQ_TARGET::host::onnx::translations {

namespace detail {

/// Faults where integers are divided by a constant 0: ONNX does not say what that gives.
template <source_node Node> void check_divisors(const Node& in) {
    if (!in.is_constant(1) || in.type_of(1) == dtype::float32) return;
    const std::vector<std::int64_t> divisors = in.constant_wide_integers(1);
    in.check(std::ranges::find(divisors, 0) == divisors.end(), "integers must not be divided by 0");
}

/// True when the divisors are constant powers of two whose reciprocals are reals too: a product by these is the same,
/// and kernels have it.
template <source_node Node> bool has_exact_reciprocals(const Node& in) {
    if (in.is_constant(0) || !in.is_constant(1) || in.type_of(1) != dtype::float32) return false;
    return std::ranges::all_of(in.constant_reals(1), [](float divisor) {
        const auto [fraction, exponent] = elementary::frexp(elementary::absolute(static_cast<double>(divisor)));
        return fraction == 0.5 && exponent >= -125 && exponent <= 127;
    });
}

} // namespace detail

struct div : translation_to<op::divide> {
    using also_makes = operator_list<op::multiply, op::reshape>;
    static constexpr std::string_view name = "Div";

    template <source_node Node> static void translate(Node& in) {
        std::vector<int> operands = detail::two_operands(in);
        detail::check_divisors(in);
        if (!detail::has_exact_reciprocals(in)) return in.finish(in.emit(op::divide{}, operands));
        const int one = in.constant("one", {}, {1});
        in.finish(in.emit(op::multiply{}, {operands[0], in.fold(op::divide{}, {one, operands[1]})}));
    }
};

/// Of constants.
struct mod : constant_translation {
    static constexpr std::string_view name = "Mod";

    template <source_node Node> static void translate(Node& in) {
        in.check(in.input_count() == 2, "two inputs are required");
        const bool truncates = in.integer("fmod", 0) != 0;
        in.check(truncates || in.type_of(0) != dtype::float32, "fmod must be 1 of reals");
        detail::check_divisors(in);
        in.finish(in.fold(op::modulo{truncates}, in.inputs()));
    }
};

} // namespace ctq::inline CTQ_TARGET::host::onnx::translations
