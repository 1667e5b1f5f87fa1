# ctq_add_model(<name> MODEL <m.onnx> [CALIBRATION <data>...] [ARGS <arg>...])
#
# Runs `ctq quantize` when the model or the data changes and makes the INTERFACE target <name>: linking it gives
# #include "<name>.hpp" with namespace <name>, and ctq::ctq. CALIBRATION is data (.npy, IDX) or a calibration table;
# for several inputs name=file, once each; none where a rule measures ranges at run time (ARGS --rule dynamic_int8). ARGS go
# to the tool as they are (--rule, --strategy, --scale, ...).
#
# The tool is, in this order: the cache variable CTQ_TOOL; the tool of this build; the imported ctq::tool of an
# installed package; a program `ctq` on the PATH. A cross build runs a tool of the host: set CTQ_TOOL there.
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
        message(FATAL_ERROR "ctq: ctq_add_model: no tool; set CTQ_TOOL to a ctq built for this machine")
    endif()
    set(${out} "${tool}" PARENT_SCOPE)
endfunction()

function(ctq_add_model name)
    cmake_parse_arguments(PARSE_ARGV 1 arg "" "MODEL" "CALIBRATION;ARGS")
    if(NOT arg_MODEL)
        message(FATAL_ERROR "ctq: ctq_add_model(${name}): MODEL is required")
    endif()
    if(arg_UNPARSED_ARGUMENTS)
        message(FATAL_ERROR "ctq: ctq_add_model(${name}): unknown: ${arg_UNPARSED_ARGUMENTS}; "
            "arguments of the tool go after ARGS")
    endif()
    ctq_find_tool(tool)
    file(REAL_PATH "${arg_MODEL}" model BASE_DIRECTORY "${CMAKE_CURRENT_SOURCE_DIR}")
    set(inputs "${model}")
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
        DEPENDS ${inputs} "${tool}"
        COMMENT "ctq quantize ${arg_MODEL}" VERBATIM)
    add_custom_target(${name}_header DEPENDS "${header}")
    add_library(${name} INTERFACE)
    target_link_libraries(${name} INTERFACE ctq::ctq)
    target_include_directories(${name} INTERFACE "${folder}")
    add_dependencies(${name} ${name}_header)
endfunction()
