# ctq::xtensor: the library for sources that include ctq/xtensor.hpp or ctq's C++ API. xtensor itself is looked for by
# whoever includes it: nothing of it is to be linked.
if(NOT TARGET ctq_xtensor) # find_package(ctq COMPONENTS xtensor) may come twice
    add_library(ctq_xtensor INTERFACE)
    add_library(ctq::xtensor ALIAS ctq_xtensor)
    target_link_libraries(ctq_xtensor INTERFACE ctq::ctq)
    # xtensor 0.24 matches template template parameters as C++14 does; clang 19 warns of the flag that keeps to that.
    if(CMAKE_CXX_COMPILER_ID STREQUAL "Clang" AND CMAKE_CXX_COMPILER_VERSION VERSION_GREATER_EQUAL 19)
        target_compile_options(ctq_xtensor INTERFACE
            -fno-relaxed-template-template-args -Wno-deprecated-no-relaxed-template-template-args)
    endif()
endif()
