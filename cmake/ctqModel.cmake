# ctq_add_model(<name> MODEL <m.onnx> [CALIBRATION <data>...] [ARGS <arg>...])
#
# Runs `ctq quantize` when the model or the data changes and makes the INTERFACE target <name>: linking it gives
# #include "<name>.hpp" with namespace <name>, and ctq::ctq. CALIBRATION is data (.npy, .npz, IDX) or a calibration
# table; for several inputs name=file, once each, or a .npz with an array for each; none where a rule measures ranges at run
# time (ARGS --rule dynamic_int8). ARGS go to the tool as they are (--rule, --strategy, --scale, ...).
#
# The tool is, in this order: the cache variable CTQ_TOOL; the tool of this build; the imported ctq::tool of an
# installed package; a program `ctq` on the PATH. A cross build runs a tool of the host: set CTQ_TOOL there.
#
# A model, data or a tool may be made by a rule of the build. What is missing when all of CMake's files are read, and is
# neither the output of a rule nor in the build tree, where rules put things that CMake is not told of, is a fault.
set(CTQ_TOOL "" CACHE FILEPATH "The host tool ctq that ctq_add_model runs; empty: found by itself")

function(ctq_find_tool out)
    if(CTQ_TOOL)
        set(tool "${CTQ_TOOL}")
    elseif(TARGET ctq_tool AND NOT CMAKE_CROSSCOMPILING)
        set(tool ctq_tool)
    elseif(TARGET ctq::tool)
        set(tool ctq::tool)
    else()
        find_program(CTQ_TOOL_ON_PATH ctq NO_CMAKE_FIND_ROOT_PATH)
        set(tool "${CTQ_TOOL_ON_PATH}")
    endif()
    if(NOT tool)
        message(FATAL_ERROR "ctq: ctq_add_model: a tool is required; set CTQ_TOOL to a ctq built for this machine")
    endif()
    set(${out} "${tool}" PARENT_SCOPE)
endfunction()

# ctq_is_generated(<file> <folder> <out>): whether a rule of this source folder, or of one that it added, makes the file.
function(ctq_is_generated file folder out)
    get_property(generated SOURCE "${file}" DIRECTORY "${folder}" PROPERTY GENERATED)
    get_property(added DIRECTORY "${folder}" PROPERTY SUBDIRECTORIES)
    foreach(next IN LISTS added)
        if(NOT generated)
            ctq_is_generated("${file}" "${next}" generated)
        endif()
    endforeach()
    set(${out} "${generated}" PARENT_SCOPE)
endfunction()

# ctq_require_file(<name> <what> <file> <what to do>): a fault where the file is missing and nothing can make it.
function(ctq_require_file name what file remedy)
    cmake_path(IS_PREFIX CMAKE_BINARY_DIR "${file}" NORMALIZE in_build_tree)
    if(in_build_tree OR (EXISTS "${file}" AND NOT IS_DIRECTORY "${file}"))
        return()
    endif()
    ctq_is_generated("${file}" "${CMAKE_SOURCE_DIR}" generated)
    if(NOT generated)
        message(SEND_ERROR "ctq: ctq_add_model(${name}): ${what} must be a file, ${file} is none; ${remedy}")
    endif()
endfunction()

# ctq_require_inputs(<name>): what the header of ctq_add_model(<name>) is made from is there.
function(ctq_require_inputs name)
    get_target_property(tool ${name}_header CTQ_TOOL)
    get_target_property(model ${name}_header CTQ_MODEL)
    get_target_property(calibration ${name}_header CTQ_CALIBRATION)
    set(name_it "name the file, or what makes it as OUTPUT or BYPRODUCTS of a rule")
    if(NOT TARGET "${tool}")
        ctq_require_file(${name} CTQ_TOOL "${tool}" "set CTQ_TOOL to a ctq built for this machine")
    endif()
    ctq_require_file(${name} MODEL "${model}" "${name_it}")
    foreach(data IN LISTS calibration)
        ctq_require_file(${name} CALIBRATION "${data}" "${name_it}")
    endforeach()
endfunction()

function(ctq_add_model name)
    cmake_parse_arguments(PARSE_ARGV 1 arg "" "MODEL" "CALIBRATION;ARGS")
    if(NOT arg_MODEL)
        message(FATAL_ERROR "ctq: ctq_add_model(${name}): MODEL is required; add MODEL and an ONNX file")
    endif()
    set(unknown ${arg_UNPARSED_ARGUMENTS})
    foreach(item IN LISTS arg_CALIBRATION) # a file may have such a name
        if(item MATCHES "^[A-Z][A-Z0-9_]*$" AND NOT EXISTS "${CMAKE_CURRENT_SOURCE_DIR}/${item}")
            list(APPEND unknown ${item})
        endif()
    endforeach()
    if(unknown)
        list(JOIN unknown " " unknown)
        message(FATAL_ERROR "ctq: ctq_add_model(${name}): MODEL, CALIBRATION and ARGS are its keywords, not ${unknown}; "
            "put options of the tool after ARGS")
    endif()
    ctq_find_tool(tool)
    file(REAL_PATH "${arg_MODEL}" model BASE_DIRECTORY "${CMAKE_CURRENT_SOURCE_DIR}")
    set(inputs "")
    set(calibration "")
    foreach(item IN LISTS arg_CALIBRATION)
        string(REGEX MATCH "^([A-Za-z_][A-Za-z0-9_.]*=)?(.+)$" matched "${item}")
        set(input "${CMAKE_MATCH_1}")
        file(REAL_PATH "${CMAKE_MATCH_2}" data BASE_DIRECTORY "${CMAKE_CURRENT_SOURCE_DIR}")
        list(APPEND inputs "${data}")
        list(APPEND calibration --calibration "${input}${data}")
    endforeach()
    set(folder "${CMAKE_CURRENT_BINARY_DIR}/ctq/${name}")
    set(header "${folder}/${name}.hpp")
    file(MAKE_DIRECTORY "${folder}")
    add_custom_command(OUTPUT "${header}"
        COMMAND "${tool}" quantize "${model}" ${calibration} --name "${name}" -o "${header}" ${arg_ARGS}
        DEPENDS "${model}" ${inputs} "${tool}"
        COMMENT "ctq quantize ${arg_MODEL}" VERBATIM)
    add_custom_target(${name}_header DEPENDS "${header}")
    set_target_properties(${name}_header PROPERTIES
        CTQ_TOOL "${tool}" CTQ_MODEL "${model}" CTQ_CALIBRATION "${inputs}")
    cmake_language(EVAL CODE "cmake_language(DEFER DIRECTORY [[${CMAKE_SOURCE_DIR}]] CALL ctq_require_inputs [[${name}]])")
    add_library(${name} INTERFACE)
    target_link_libraries(${name} INTERFACE ctq::ctq)
    target_include_directories(${name} INTERFACE "${folder}")
    add_dependencies(${name} ${name}_header)
endfunction()
