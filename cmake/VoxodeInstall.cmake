# Installs the libraries with their headers, the shipped materials, and a package that find_package(voxode) reads.
include(CMakePackageConfigHelpers)

set(package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/voxode)
set(targets voxode_kernels voxode_mesh voxode_physics voxode_io)
if(TARGET voxode_mesh_openvdb)
  list(APPEND targets voxode_mesh_openvdb)
endif()
install(TARGETS ${targets} EXPORT voxodeTargets)
install(EXPORT voxodeTargets NAMESPACE voxode:: DESTINATION ${package_dir})
foreach(folder kernels mesh physics io)
  install(DIRECTORY ${PROJECT_SOURCE_DIR}/${folder} DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/voxode FILES_MATCHING PATTERN *.hpp)
endforeach()
install(DIRECTORY ${PROJECT_SOURCE_DIR}/io/materials DESTINATION ${CMAKE_INSTALL_DATADIR}/voxode FILES_MATCHING PATTERN *.toml PATTERN *.csv PATTERN *.json PATTERN *.md)

configure_package_config_file(${PROJECT_SOURCE_DIR}/cmake/voxodeConfig.cmake.in ${PROJECT_BINARY_DIR}/voxodeConfig.cmake INSTALL_DESTINATION ${package_dir})
write_basic_package_version_file(${PROJECT_BINARY_DIR}/voxodeConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/voxodeConfig.cmake ${PROJECT_BINARY_DIR}/voxodeConfigVersion.cmake
  ${PROJECT_SOURCE_DIR}/cmake/FindOpenVDBTarget.cmake ${PROJECT_SOURCE_DIR}/cmake/FindHDF5Target.cmake DESTINATION ${package_dir})
