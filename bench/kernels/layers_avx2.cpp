// The x86 kernels at AVX2, and oneDNN beside them where it was found.
#include "register_layers.hpp"

BENCHMARK_MAIN();
