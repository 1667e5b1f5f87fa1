// error: ctq: make_interpolated_table: a function from Real to Real is required
// without: static_cast<double>
#include <ctq/core/interpolated_table.hpp>

constexpr auto doubled = [](float x) { return static_cast<double>(2 * x); };
constexpr auto table = ctq::make_interpolated_table(1.0f, 0, 1.0f, doubled);
