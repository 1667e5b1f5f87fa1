# ctq::host: the library plus everything that the host room and the tool need. Third-party headers are SYSTEM.
set(ctq_host_hint "on Debian 12, script/packages.sh installs all of them")
foreach(package IN ITEMS Boost CLI11 fmt nlohmann_json ZLIB Threads)
    find_package(${package} QUIET)
    if(NOT ${package}_FOUND)
        list(APPEND ctq_host_missing ${package})
    endif()
endforeach()
find_path(CTQ_PROTOZERO_INCLUDE protozero/pbf_reader.hpp)
find_path(CTQ_XXHASH_INCLUDE xxhash.h) # all of it is in the header
# Debian's package of libzip for CMake wants its programs too, which are in another one.
find_path(CTQ_LIBZIP_INCLUDE zip.h)
find_library(CTQ_LIBZIP zip)
foreach(library IN ITEMS PROTOZERO XXHASH LIBZIP)
    if(NOT CTQ_${library}_INCLUDE OR (library STREQUAL "LIBZIP" AND NOT CTQ_LIBZIP))
        string(TOLOWER ${library} library)
        list(APPEND ctq_host_missing ${library})
    endif()
endforeach()
if(ctq_host_missing)
    list(JOIN ctq_host_missing ", " ctq_host_missing)
    message(FATAL_ERROR "ctq: host: not found: ${ctq_host_missing}; ${ctq_host_hint}")
endif()

include("${CMAKE_CURRENT_LIST_DIR}/ctqXtensor.cmake")

# Debian's libfmt was compiled by g++; clang 19 names one of its functions otherwise.
set(ctq_fmt fmt::fmt)
if(CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
    set(ctq_fmt fmt::fmt-header-only)
endif()

if(NOT TARGET ctq_host) # find_package(ctq COMPONENTS host) may come twice
    add_library(ctq_host INTERFACE)
    add_library(ctq::host ALIAS ctq_host)
    target_link_libraries(ctq_host INTERFACE
        ctq::ctq ctq::xtensor Boost::headers CLI11::CLI11 ${ctq_fmt} nlohmann_json::nlohmann_json "${CTQ_LIBZIP}" ZLIB::ZLIB
        Threads::Threads)
    target_include_directories(ctq_host SYSTEM INTERFACE
        "${CTQ_PROTOZERO_INCLUDE}" "${CTQ_XXHASH_INCLUDE}" "${CTQ_LIBZIP_INCLUDE}")
endif()
