# Code for one instruction set: which flags, and which files.
if(CMAKE_SYSTEM_PROCESSOR MATCHES "^(x86_64|AMD64|amd64)$")
    set(ctq_isa_flags_avx512 -mavx512f -mavx512bw -mavx512dq -mavx512vl -mavx512vnni -mavx2 -mfma)
    set(ctq_isa_flags_avx2 -mavx2 -mfma)
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
