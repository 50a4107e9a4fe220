# SPDX-License-Identifier: GPL-2.0-only
# Programs that need no ns-3: nf-shell, the unit tests of the core, fuzz targets, benchmarks.
add_library(nf-core-archive STATIC $<TARGET_OBJECTS:nf-core>)
target_link_libraries(nf-core-archive PUBLIC fmt::fmt)

function(nf_core_program name)
  add_executable(${name} ${ARGN})
  set_target_properties(${name} PROPERTIES CXX_STANDARD 20 CXX_STANDARD_REQUIRED ON)
  target_compile_options(${name} PRIVATE -Wall -Wextra -Werror)
  target_include_directories(${name} PRIVATE ${CMAKE_CURRENT_SOURCE_DIR})
  target_link_libraries(${name} PRIVATE nf-core-archive)
endfunction()

nf_core_program(nf-shell examples/nf-shell.cc)
nf_core_program(nf-bench-core test/bench/nf-bench-core.cc test/bench/nf-bench-world.cc)

if(BUILD_TESTING)
  file(GLOB nf_core_tests CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/test/core/*.cc
       ${CMAKE_CURRENT_SOURCE_DIR}/test/core/testing/*.cc)
  if(nf_core_tests)
    find_package(GTest REQUIRED)
    nf_core_program(nf-core-tests ${nf_core_tests} examples/nf-replay/replay-packet.cc
                    examples/nf-replay/replay-expression.cc)
    target_link_libraries(nf-core-tests PRIVATE GTest::gmock GTest::gtest_main)
    target_compile_definitions(nf-core-tests PRIVATE NF_TEST_DATA="${CMAKE_CURRENT_SOURCE_DIR}/test/data")
    add_test(NAME core COMMAND nf-core-tests --gtest_brief=1)
    set_tests_properties(core PROPERTIES LABELS core)
  endif()

  # Each test/fuzz/NAME.cc is a libFuzzer target; its corpus is test/fuzz/corpus/NAME.
  file(GLOB nf_fuzz_targets CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/test/fuzz/*.cc)
  if(NF_SANITIZE AND CMAKE_CXX_COMPILER_ID MATCHES Clang)
    foreach(source ${nf_fuzz_targets})
      get_filename_component(name ${source} NAME_WE)
      nf_core_program(${name} ${source})
      target_link_options(${name} PRIVATE -fsanitize=fuzzer)
    endforeach()
  endif()
endif()
