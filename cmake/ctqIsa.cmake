# Code for one instruction set: which flags, and whether this machine can run the result.
if(CMAKE_SYSTEM_PROCESSOR MATCHES "^(x86_64|AMD64|amd64)$")
    set(ctq_isa_flags_avx512 -mavx512f -mavx512bw -mavx512dq -mavx512vl -mavx512vnni -mavx2 -mfma)
    set(ctq_isa_flags_avx2 -mavx2 -mfma)
    set(ctq_isa_features_avx512 avx512f avx512bw avx512dq avx512vl avx512vnni avx2 fma)
    set(ctq_isa_features_avx2 avx2 fma)
endif()
set(ctq_isas avx512 avx2)

# ctq_isa_of(<file> <out>): the ISA that the file's path names (isa_avx512.cpp, x86/avx2.cpp), or nothing.
function(ctq_isa_of file out)
    set(${out} "" PARENT_SCOPE)
    foreach(isa IN LISTS ctq_isas)
        if(file MATCHES "(^|[/_])${isa}(vnni)?([_./]|$)")
            set(${out} ${isa} PARENT_SCOPE)
            return()
        endif()
    endforeach()
endfunction()

# ctq_isa_source(<file>...): compiles each file that names an ISA with that ISA's flags. Where the target machine is
# of another kind the file is compiled without them, so it guards its content with #if defined(__AVX2__) or the like.
# Call it in the folder that makes the target.
function(ctq_isa_source)
    foreach(file IN LISTS ARGN)
        get_filename_component(name "${file}" NAME)
        ctq_isa_of("${name}" isa)
        if(isa)
            set_source_files_properties("${file}" PROPERTIES
                COMPILE_OPTIONS "${ctq_isa_flags_${isa}}" SKIP_PRECOMPILE_HEADERS ON)
        endif()
    endforeach()
endfunction()

# ctq_isa_runs(<isa> <out>): TRUE when the machine that configures can run code for it.
function(ctq_isa_runs isa out)
    if(NOT DEFINED CTQ_ISA_RUNS_${isa})
        set(runs FALSE)
        if(ctq_isa_flags_${isa} AND NOT CMAKE_CROSSCOMPILING)
            list(TRANSFORM ctq_isa_features_${isa} REPLACE "(.+)" "__builtin_cpu_supports(\"\\1\")" OUTPUT_VARIABLE tests)
            list(JOIN tests " && " condition)
            set(source "${CMAKE_BINARY_DIR}/CMakeFiles/isa_${isa}.cpp")
            file(WRITE "${source}" "int main() { return ${condition} ? 0 : 1; }\n")
            try_run(exit_code compiled "${CMAKE_BINARY_DIR}/CMakeFiles/isa_${isa}" "${source}")
            if(compiled AND exit_code EQUAL 0)
                set(runs TRUE)
            endif()
        endif()
        set(CTQ_ISA_RUNS_${isa} ${runs} CACHE INTERNAL "This machine runs ${isa} code")
    endif()
    set(${out} ${CTQ_ISA_RUNS_${isa}} PARENT_SCOPE)
endfunction()
