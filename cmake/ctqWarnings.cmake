# ctq_warnings: the warnings that all of the project's own code is compiled with, each one an error.
add_library(ctq_warnings INTERFACE)
target_compile_options(ctq_warnings INTERFACE -Wall -Wextra -Wpedantic -Wconversion -Wshadow -Werror)

# ctq_host_warnings: the same for host code, which builds texts: g++ 12 sees overruns in std::string's operator+ that are
# not there (GCC bugs 105329 and 105651). Kernels and all that firmware includes keep these warnings.
add_library(ctq_host_warnings INTERFACE)
target_link_libraries(ctq_host_warnings INTERFACE ctq_warnings)
target_compile_options(ctq_host_warnings INTERFACE
    "$<$<CXX_COMPILER_ID:GNU>:-Wno-array-bounds;-Wno-restrict;-Wno-stringop-overflow;-Wno-stringop-overread>")
