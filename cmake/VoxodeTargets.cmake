# One static library per folder; which library links which is the layer diagram.
# KOKKOS: the sources hold Kokkos kernels (under CUDA exactly these targets go through nvcc).

add_library(voxode_options INTERFACE)
target_compile_features(voxode_options INTERFACE cxx_std_20)
if(VOXODE_NATIVE)
  target_compile_options(voxode_options INTERFACE -march=native)
endif()

add_library(voxode_warnings INTERFACE)
target_compile_options(voxode_warnings INTERFACE -Wall -Wextra -Wno-unknown-pragmas -Wno-restrict)
if(VOXODE_WERROR)
  target_compile_options(voxode_warnings INTERFACE -Werror)
endif()
if(VOXODE_GPU_VARIANTS)
  target_compile_definitions(voxode_options INTERFACE VOXODE_GPU_VARIANTS)
endif()

# What sources with kernels need beside Kokkos itself.
add_library(voxode_kokkos INTERFACE)
target_link_libraries(voxode_kokkos INTERFACE Kokkos::kokkos)
target_compile_definitions(voxode_kokkos INTERFACE VOXODE_WITH_KOKKOS=1)
if(Kokkos_ENABLE_CUDA)
  # fmt 9 takes nvcc for a compiler without constexpr, by half; its compile-time check of format strings is what nvcc does not evaluate.
  target_compile_definitions(voxode_kokkos INTERFACE FMT_USE_CONSTEXPR=1 FMT_CONSTEVAL=)
  # A host function called on the device is an error (these are nvcc's -Werror cross-execution-space-call, in the form that every nvcc_wrapper passes on);
  # Kokkos 3.4's volatile return types are not ours to mend.
  foreach(diagnostic error=20011 error=20013 error=20014 error=20015 suppress=3014)
    target_compile_options(voxode_kokkos INTERFACE "SHELL:-Xcudafe --diag_${diagnostic}")
  endforeach()
  target_compile_options(voxode_kokkos INTERFACE -lineinfo)  # for compute-sanitizer and profilers
endif()

# Strings a target's sources see as macros: name, value, name, value ... In a header, since nvcc_wrapper loses the quotes of a definition.
function(voxode_strings target)
  set(lines "")
  while(ARGN)
    list(POP_FRONT ARGN name value)
    string(APPEND lines "#define ${name} \"${value}\"\n")
  endwhile()
  set(header ${CMAKE_CURRENT_BINARY_DIR}/${target}_strings.hpp)
  file(GENERATE OUTPUT ${header} CONTENT "${lines}")
  target_compile_options(${target} PRIVATE "SHELL:-include ${header}")
endfunction()

function(voxode_library name)
  cmake_parse_arguments(ARG "KOKKOS" "" "SOURCES;PUBLIC;PRIVATE" ${ARGN})
  file(GLOB headers CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/*.hpp)
  add_library(voxode_${name} STATIC ${ARG_SOURCES} ${headers})
  add_library(voxode::${name} ALIAS voxode_${name})
  set_target_properties(voxode_${name} PROPERTIES EXPORT_NAME ${name} POSITION_INDEPENDENT_CODE ON LINKER_LANGUAGE CXX)
  target_include_directories(voxode_${name} PUBLIC $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}> $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}/voxode>)
  target_compile_features(voxode_${name} PUBLIC cxx_std_20)
  target_link_libraries(voxode_${name} PUBLIC ${ARG_PUBLIC} PRIVATE ${ARG_PRIVATE} $<BUILD_INTERFACE:voxode_options> $<BUILD_INTERFACE:voxode_warnings>)
  if(ARG_KOKKOS)
    target_link_libraries(voxode_${name} PRIVATE Kokkos::kokkos $<BUILD_INTERFACE:voxode_kokkos>)
    target_include_directories(voxode_${name} SYSTEM PRIVATE $<TARGET_PROPERTY:Kokkos::kokkos,INTERFACE_INCLUDE_DIRECTORIES>)
  endif()
endfunction()

# One test program per folder of tests/; cases run as separate CTest tests, discovered when ctest runs (a CUDA build
# must not be started at build time). Names that end in _Long carry the label `long` instead of LABEL.
function(voxode_test name)
  cmake_parse_arguments(ARG "KOKKOS" "LABEL" "SOURCES;LINK" ${ARGN})
  if(NOT ARG_SOURCES)
    return()
  endif()
  add_executable(test_${name} ${ARG_SOURCES})
  target_include_directories(test_${name} PRIVATE ${PROJECT_SOURCE_DIR} ${PROJECT_SOURCE_DIR}/tests)
  voxode_strings(test_${name} VOXODE_SOURCE_DIR ${PROJECT_SOURCE_DIR} VOXODE_BINARY_DIR ${PROJECT_BINARY_DIR})
  target_link_libraries(test_${name} PRIVATE ${ARG_LINK} voxode_options voxode_warnings GTest::gtest GTest::gmock voxode_test_main)
  if(ARG_KOKKOS)
    target_link_libraries(test_${name} PRIVATE voxode_kokkos)
  endif()
  gtest_discover_tests(test_${name} DISCOVERY_MODE PRE_TEST DISCOVERY_TIMEOUT 60 TEST_FILTER "-*_Long"
    PROPERTIES LABELS ${ARG_LABEL} TIMEOUT 900 ENVIRONMENT "OMP_PROC_BIND=false")
  gtest_discover_tests(test_${name} DISCOVERY_MODE PRE_TEST DISCOVERY_TIMEOUT 60 TEST_FILTER "*_Long" TEST_LIST test_${name}_long_list
    PROPERTIES LABELS long TIMEOUT 3600 ENVIRONMENT "OMP_PROC_BIND=false")
endfunction()

function(voxode_summary)
  message(STATUS "voxode ${PROJECT_VERSION}: Kokkos ${Kokkos_VERSION} [${Kokkos_DEVICES}], VTK ${VOXODE_WITH_VTK}, OpenVDB ${VOXODE_WITH_OPENVDB}, TIFF ${VOXODE_WITH_TIFF}, native ${VOXODE_NATIVE}")
endfunction()
