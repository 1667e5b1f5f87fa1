# How a test program is made: what it knows, the library that it sees, doctest's main, and one function for each kind of
# program. The library is its headers, or with CTQ_SINGLE_HEADER the single one.
find_package(doctest REQUIRED)
find_library(ctq_rapidcheck rapidcheck REQUIRED)

set(ctq_skipped_exit_code 77) # tests/skip.hpp: this machine cannot run all of it; ctest lists it as "Skipped"
set(ctq_foreign_pch_headers <algorithm> <array> <cstdint> <limits> <random> <span> <string> <vector> <doctest/doctest.h>)
set(ctq_test_pch_headers ${ctq_foreign_pch_headers})
set(ctq_host_pch_headers ${ctq_foreign_pch_headers} <ctq/ctq.hpp>)

# What a test program knows.
add_library(ctq_test_settings INTERFACE)
target_link_libraries(ctq_test_settings INTERFACE ctq_warnings doctest::doctest ${ctq_rapidcheck})
get_target_property(ctq_xtensor_options ctq_xtensor INTERFACE_COMPILE_OPTIONS) # without the library: it is under test
if(ctq_xtensor_options)
    target_compile_options(ctq_test_settings INTERFACE ${ctq_xtensor_options})
endif()
target_compile_options(ctq_test_settings INTERFACE
    $<IF:$<BOOL:$<TARGET_PROPERTY:CTQ_UNOPTIMIZED>>,-O0,${CTQ_TEST_OPTIMIZATION}>)
target_include_directories(ctq_test_settings INTERFACE "${CMAKE_CURRENT_SOURCE_DIR}")
target_compile_definitions(ctq_test_settings INTERFACE
    CTQ_TEST_DATA="${CMAKE_CURRENT_SOURCE_DIR}/data"
    CTQ_SOURCE_DIR="${PROJECT_SOURCE_DIR}"
    CTQ_TOOL_PATH="$<$<TARGET_EXISTS:ctq_tool>:$<TARGET_FILE:ctq_tool>>")

# The library as the rooms' tests see it: its headers, or headers of the same names that all lead to the single one.
add_library(ctq_under_test INTERFACE)
target_compile_features(ctq_under_test INTERFACE cxx_std_20)
if(CTQ_SINGLE_HEADER)
    set(ctq_single_header "${PROJECT_SOURCE_DIR}/single_include/ctq/ctq.hpp")
    file(GLOB_RECURSE ctq_headers RELATIVE "${PROJECT_SOURCE_DIR}/include" CONFIGURE_DEPENDS
        "${PROJECT_SOURCE_DIR}/include/ctq/*.hpp")
    list(FILTER ctq_headers EXCLUDE REGEX "^ctq/host[/.]")
    list(REMOVE_ITEM ctq_headers ctq/xtensor.hpp) # stands beside the single header
    foreach(header IN LISTS ctq_headers)
        file(CONFIGURE OUTPUT "${CMAKE_CURRENT_BINARY_DIR}/single/${header}"
            CONTENT "#pragma once\n#include \"${ctq_single_header}\"\n" @ONLY)
    endforeach()
    file(CONFIGURE OUTPUT "${CMAKE_CURRENT_BINARY_DIR}/single/ctq/xtensor.hpp"
        CONTENT "#include \"${PROJECT_SOURCE_DIR}/include/ctq/xtensor.hpp\"\n" @ONLY)
    target_include_directories(ctq_under_test INTERFACE "${CMAKE_CURRENT_BINARY_DIR}/single")
    list(APPEND ctq_test_pch_headers "${ctq_single_header}")
else()
    target_link_libraries(ctq_under_test INTERFACE ctq::ctq)
    list(APPEND ctq_test_pch_headers <ctq/ctq.hpp>)
endif()

# doctest's main, once for each way to optimize; the rooms share its precompiled header.
foreach(main IN ITEMS ctq_test_main ctq_test_main_unoptimized)
    add_library(${main} OBJECT EXCLUDE_FROM_ALL main.cpp)
    target_link_libraries(${main} PRIVATE ctq_test_settings ctq_under_test)
    target_precompile_headers(${main} PRIVATE ${ctq_test_pch_headers})
endforeach()
set_target_properties(ctq_test_main_unoptimized PROPERTIES CTQ_UNOPTIMIZED ON)

# What ends a program for an instruction set, as skipped, on a processor that lacks it; compiled without the set.
foreach(isa IN LISTS ctq_isas)
    if(ctq_isa_flags_${isa})
        add_library(ctq_test_guard_${isa} OBJECT kernels/vector/guard.cpp)
        target_link_libraries(ctq_test_guard_${isa} PRIVATE ctq_test_settings)
        target_compile_features(ctq_test_guard_${isa} PRIVATE cxx_std_20)
        target_compile_definitions(ctq_test_guard_${isa} PRIVATE CTQ_TEST_INSTRUCTION_SET="${isa}")
    endif()
endforeach()

# ctq_sources(<out> <pattern>... [EXCEPT <pattern>...]): the files that match, in all folders below too.
function(ctq_sources out)
    cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "EXCEPT")
    file(GLOB_RECURSE found RELATIVE "${CMAKE_CURRENT_SOURCE_DIR}" CONFIGURE_DEPENDS ${arg_UNPARSED_ARGUMENTS})
    if(arg_EXCEPT)
        file(GLOB_RECURSE unwanted RELATIVE "${CMAKE_CURRENT_SOURCE_DIR}" CONFIGURE_DEPENDS ${arg_EXCEPT})
        list(REMOVE_ITEM found ${unwanted})
    endif()
    set(${out} ${found} PARENT_SCOPE)
endfunction()

# ctq_test(<name> <room> COMMAND ...): the ctest test <prefix><name>, labelled with the room.
function(ctq_test name room)
    add_test(NAME ${CTQ_TEST_PREFIX}${name} ${ARGN})
    set_tests_properties(${CTQ_TEST_PREFIX}${name} PROPERTIES
        LABELS ${room} TIMEOUT 1200 SKIP_RETURN_CODE ${ctq_skipped_exit_code})
endfunction()

# ctq_takes(<name> <seconds>): what a test takes, about, where the tree has it. ctest starts the longest first, so that no
# processor is idle at the end.
function(ctq_takes name seconds)
    if(TEST ${CTQ_TEST_PREFIX}${name})
        set_tests_properties(${CTQ_TEST_PREFIX}${name} PROPERTIES COST ${seconds})
    endif()
endfunction()

# ctq_in_batches(<program> <size> [INCLUDING <header>]): where CTQ_TEST_UNITY asks for it, the compiler sees so many of the
# program's sources as one (of those that include the header), and what they all instantiate once. These sources thus have
# no name of their own twice.
function(ctq_in_batches program size)
    cmake_parse_arguments(PARSE_ARGV 2 arg "" "INCLUDING" "")
    if(NOT CTQ_TEST_UNITY OR NOT TARGET ${program})
        return()
    endif()
    set_target_properties(${program} PROPERTIES UNITY_BUILD ON UNITY_BUILD_BATCH_SIZE ${size})
    if(arg_INCLUDING)
        get_target_property(sources ${program} SOURCES)
        list(FILTER sources INCLUDE REGEX "[.]cpp$")
        foreach(source IN LISTS sources)
            file(STRINGS ${source} includes REGEX "^#include <${arg_INCLUDING}>")
            if(NOT includes)
                set_source_files_properties(${source} PROPERTIES SKIP_UNITY_BUILD_INCLUSION ON)
            endif()
        endforeach()
    endif()
endfunction()

# ctq_in_folders(<program> <folder>...): the same for the program's sources in each of these folders.
function(ctq_in_folders program)
    if(CTQ_TEST_UNITY)
        set_target_properties(${program} PROPERTIES UNITY_BUILD ON UNITY_BUILD_MODE GROUP)
        foreach(folder IN LISTS ARGN)
            ctq_sources(sources ${folder}/*.cpp)
            string(REPLACE "/" "_" group ${folder})
            set_source_files_properties(${sources} PROPERTIES UNITY_GROUP ${group})
        endforeach()
    endif()
endfunction()

# ctq_main_of(<room> <main>): which of doctest's mains a room's programs have; optimized unless the room is not to be.
function(ctq_main_of room main)
    set(${main} ctq_test_main PARENT_SCOPE)
    if(room IN_LIST CTQ_TEST_UNOPTIMIZED)
        set(${main} ctq_test_main_unoptimized PARENT_SCOPE)
    endif()
endfunction()

# ctq_optimize_as(<target> <main>): the target is optimized as that main is.
function(ctq_optimize_as target main)
    get_target_property(unoptimized ${main} CTQ_UNOPTIMIZED)
    set_target_properties(${target} PROPERTIES CTQ_UNOPTIMIZED "${unoptimized}")
endfunction()

# ctq_test_program(<program> <room> <main> <source>...): an executable with doctest's main, optimized as its room is;
# <main> becomes the main's name.
function(ctq_test_program program room main)
    ctq_main_of(${room} of_room)
    add_executable(${program} $<TARGET_OBJECTS:${of_room}> ${ARGN})
    ctq_optimize_as(${program} ${of_room})
    set(${main} ${of_room} PARENT_SCOPE)
endfunction()

# ctq_room_test(<room> SOURCES ...): the program test_<room> and its test.
function(ctq_room_test room)
    cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "SOURCES")
    ctq_test_program(test_${room} ${room} main ${arg_SOURCES})
    target_link_libraries(test_${room} PRIVATE ctq_test_settings ctq_under_test)
    target_precompile_headers(test_${room} REUSE_FROM ${main})
    ctq_test(${room} ${room} COMMAND test_${room})
endfunction()

# ctq_runs(<out> <isa>): whether this processor runs an instruction set.
function(ctq_runs out isa)
    set(probe "${CMAKE_CURRENT_BINARY_DIR}/runs_${isa}")
    file(CONFIGURE OUTPUT "${probe}.cpp" @ONLY CONTENT [[
#include "@CMAKE_CURRENT_SOURCE_DIR@/instruction_sets.hpp"
int main() { return ctq::test::processor_runs("@isa@") ? 0 : 1; }
]])
    try_run(ctq_runs_${isa} ctq_compiles_${isa} "${probe}" "${probe}.cpp")
    if(ctq_compiles_${isa} AND ctq_runs_${isa} EQUAL 0)
        set(${out} TRUE PARENT_SCOPE)
    else()
        set(${out} FALSE PARENT_SCOPE)
    endif()
endfunction()

# ctq_isa_test(<isa> SOURCES ...): the kernels' program test_kernels_<isa>, and its test. Where this processor lacks the
# set and such tests are not wanted, the program is its guard, which says so. The library is not precompiled: g++ forgets
# there for which lines kernels/x86/intrinsics.hpp switched a warning off.
function(ctq_isa_test isa)
    cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "SOURCES")
    set(program test_kernels_${isa})
    ctq_runs(runs ${isa})
    if(NOT runs AND NOT CTQ_TEST_FOREIGN_ISAS)
        set(arg_SOURCES "")
    endif()
    ctq_test_program(${program} kernels main $<TARGET_OBJECTS:ctq_test_guard_${isa}> ${arg_SOURCES})
    target_link_libraries(${program} PRIVATE ctq_test_settings ctq_under_test)
    target_compile_options(${program} PRIVATE ${ctq_isa_flags_${isa}})
    target_precompile_headers(${program} PRIVATE ${ctq_foreign_pch_headers})
    ctq_test(kernels_${isa} kernels COMMAND ${program})
endfunction()

# ctq_sees_host(<target> <main>): it knows the host's headers, never the single one, with the tool's parts where the tool is
# built; it is optimized as that main is.
function(ctq_sees_host target main)
    target_link_libraries(${target} PRIVATE ctq_test_settings
        ctq_host_warnings $<IF:$<TARGET_EXISTS:ctq_tool_parts>,ctq_tool_parts,ctq::host>)
    if(CTQ_SINGLE_HEADER)
        target_precompile_headers(${target} PRIVATE ${ctq_host_pch_headers})
    else()
        target_precompile_headers(${target} REUSE_FROM ${main})
    endif()
endfunction()

# ctq_host_objects(<name> <room> SOURCES ...): the objects ctq_test_<name>, for more than one program; optimized as the
# room is.
function(ctq_host_objects name room)
    cmake_parse_arguments(PARSE_ARGV 2 arg "" "" "SOURCES")
    add_library(ctq_test_${name} OBJECT ${arg_SOURCES})
    ctq_main_of(${room} main)
    ctq_optimize_as(ctq_test_${name} ${main})
    ctq_sees_host(ctq_test_${name} ${main})
endfunction()

# ctq_host_test(<name> SOURCES ... [ARGS ...]): the program test_<name>, and its test, which runs it with ARGS.
function(ctq_host_test name)
    cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "SOURCES;ARGS")
    ctq_test_program(test_${name} ${name} main ${arg_SOURCES})
    ctq_sees_host(test_${name} ${main})
    if(TARGET ctq_tool)
        add_dependencies(test_${name} ctq_tool)
    endif()
    ctq_test(${name} ${name} COMMAND test_${name} ${arg_ARGS})
endfunction()
