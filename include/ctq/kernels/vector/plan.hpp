#pragma once
// plan: the numbers that a kernel works with, made from a node's facts; constants where the facts are constants.
// room: kernels | runs on: all | heap: no

#include <ctq/operators/window.hpp>

#include <cstddef>
#include <cstdint>

namespace ctq::inline CTQ_TARGET::kernels::vector {

/// The margins above and to the left of an image, as op::margins has them at 0 and 1. Scalars, because a plan is a
/// template argument: g++ 12 takes two for the same if their arrays hold the same nonzero elements, in whatever places.
/// A plan has other arrays only of what is never 0, as extents.
struct leading_margins {
    std::int32_t top = 0, left = 0;

    constexpr leading_margins() = default;
    constexpr leading_margins(const op::margins& all) : top(all[0]), left(all[1]) {}
    constexpr std::int32_t operator[](std::size_t axis) const { return axis == 0 ? top : left; }
};

/// A plan that the compiler knows. Layers of equal plans share one instance of the kernel.
template <auto Value> struct constant_plan {
    static constexpr bool is_constant = true;
    static constexpr auto value = Value;
};

/// A plan made at run time.
template <class Plan> struct variable_plan {
    static constexpr bool is_constant = false;
    Plan value;
};

/// The plan that `Make` makes of a node's facts, in the form that the facts have.
template <auto Make, class Facts> constexpr auto plan_of([[maybe_unused]] const Facts& facts) {
    if constexpr (Facts::is_constant)
        return constant_plan<Make(Facts::value)>{};
    else
        return variable_plan<decltype(Make(facts.value))>{Make(facts.value)};
}

} // namespace ctq::inline CTQ_TARGET::kernels::vector
