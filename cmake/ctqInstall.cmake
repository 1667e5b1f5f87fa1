# The install target: headers, the single header, the tool, and a package that find_package(ctq) finds.
include(CMakePackageConfigHelpers)
set(ctq_package_dir "${CMAKE_INSTALL_DATADIR}/cmake/ctq")

install(DIRECTORY "${PROJECT_SOURCE_DIR}/include/ctq" DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}")
install(DIRECTORY "${PROJECT_SOURCE_DIR}/single_include" DESTINATION "${CMAKE_INSTALL_DATADIR}/ctq")
install(FILES "${PROJECT_SOURCE_DIR}/LICENSE" DESTINATION "${CMAKE_INSTALL_DATADIR}/ctq")

install(TARGETS ctq EXPORT ctqTargets)
install(EXPORT ctqTargets NAMESPACE ctq:: DESTINATION "${ctq_package_dir}")
if(TARGET ctq_tool)
    install(TARGETS ctq_tool EXPORT ctqToolTargets RUNTIME DESTINATION "${CMAKE_INSTALL_BINDIR}")
    install(EXPORT ctqToolTargets NAMESPACE ctq:: DESTINATION "${ctq_package_dir}")
endif()

configure_package_config_file("${CMAKE_CURRENT_LIST_DIR}/ctqConfig.cmake.in" "${PROJECT_BINARY_DIR}/ctqConfig.cmake"
    INSTALL_DESTINATION "${ctq_package_dir}" NO_SET_AND_CHECK_MACRO NO_CHECK_REQUIRED_COMPONENTS_MACRO)
write_basic_package_version_file("${PROJECT_BINARY_DIR}/ctqConfigVersion.cmake"
    COMPATIBILITY SameMinorVersion ARCH_INDEPENDENT)
install(FILES "${PROJECT_BINARY_DIR}/ctqConfig.cmake" "${PROJECT_BINARY_DIR}/ctqConfigVersion.cmake"
    "${CMAKE_CURRENT_LIST_DIR}/ctqModel.cmake" "${CMAKE_CURRENT_LIST_DIR}/ctqHost.cmake"
    "${CMAKE_CURRENT_LIST_DIR}/ctqXtensor.cmake" DESTINATION "${ctq_package_dir}")
