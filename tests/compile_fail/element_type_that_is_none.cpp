// error: ctq: dtype_of: an element type of ctq::dtype is required; use float or a fixed-width integer
#include <ctq/firmware.hpp>

constexpr auto type = ctq::dtype_of<double>;
