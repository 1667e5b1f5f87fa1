# Tests of the repository itself: scripts of Python's standard library, each one ctest test.
find_program(CTQ_PYTHON python3 HINTS /usr/bin NO_CMAKE_PATH REQUIRED)
set(ctq_structure "${CMAKE_CURRENT_LIST_DIR}")

# ctq_structure_test(<name> [PROCESSORS n] COMMAND ...). One that keeps several processors busy is started before all
# others: after them it would wait for the longest of those that take one.
function(ctq_structure_test name)
    cmake_parse_arguments(PARSE_ARGV 1 arg "" "PROCESSORS" "COMMAND")
    add_test(NAME ${name} COMMAND ${arg_COMMAND})
    set_tests_properties(${name} PROPERTIES LABELS structure TIMEOUT 1200)
    if(arg_PROCESSORS)
        set_tests_properties(${name} PROPERTIES PROCESSORS ${arg_PROCESSORS} COST 1000)
    endif()
endfunction()

foreach(name IN ITEMS layering mirror hygiene target_names unfused)
    ctq_structure_test(${name} COMMAND "${CTQ_PYTHON}" -B "${ctq_structure}/${name}.py")
endforeach()
foreach(name IN ITEMS headers_alone compile_fail single_header)
    ctq_structure_test(${name} PROCESSORS 2 COMMAND "${CTQ_PYTHON}" -B "${ctq_structure}/${name}.py")
endforeach()
ctq_structure_test(readme COMMAND "${CTQ_PYTHON}" -B "${ctq_structure}/readme.py" "$<$<TARGET_EXISTS:ctq_tool>:$<TARGET_FILE:ctq_tool>>")
ctq_structure_test(format COMMAND "${ctq_structure}/format.sh")

# Every way of consuming the library, as a project of its own.
ctq_structure_test(install COMMAND "${CMAKE_COMMAND}" --install "${PROJECT_BINARY_DIR}" --prefix "${PROJECT_BINARY_DIR}/prefix")
set_tests_properties(install PROPERTIES FIXTURES_SETUP installed)
foreach(consumer IN ITEMS add_subdirectory fetch_content find_package single_header model cross_model)
    ctq_structure_test(consumer_${consumer} COMMAND
        "${PROJECT_SOURCE_DIR}/tests/consumers/run.sh" ${consumer} "${PROJECT_BINARY_DIR}" "${CMAKE_CXX_COMPILER}")
endforeach()
foreach(compiler IN ITEMS g++ clang++-19) # xtensor needs a flag under clang
    ctq_structure_test(consumer_xtensor_${compiler} COMMAND
        "${PROJECT_SOURCE_DIR}/tests/consumers/run.sh" xtensor "${PROJECT_BINARY_DIR}" ${compiler})
    list(APPEND ctq_xtensor_consumers consumer_xtensor_${compiler})
endforeach()
ctq_structure_test(consumer_add_model COMMAND "${PROJECT_SOURCE_DIR}/tests/consumers/add_model/run.sh" "${PROJECT_BINARY_DIR}")
set_tests_properties(consumer_find_package consumer_model consumer_cross_model ${ctq_xtensor_consumers}
    PROPERTIES FIXTURES_REQUIRED installed)
