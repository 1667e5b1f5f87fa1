// error: ctq: npy: elements of float, boolean, int8, uint8, int16, uint16, int32 or int64 are required
#include <ctq/host/npy.hpp>

const std::string bytes = ctq::host::npy::format<double>({}, {});
