// The x86 kernels at AVX-512 VNNI, and oneDNN beside them where it was found.
#include "register_layers.hpp"

BENCHMARK_MAIN();
