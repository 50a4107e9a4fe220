# SPDX-License-Identifier: GPL-2.0-only
# Tests that run programs; each appears with the program and the data that it needs.
if(NOT BUILD_TESTING)
  return()
endif()
find_package(Python COMPONENTS Interpreter REQUIRED)

add_test(NAME layers COMMAND ${Python_EXECUTABLE} ${CMAKE_CURRENT_SOURCE_DIR}/test/check-layers.py)
add_test(NAME documents COMMAND ${Python_EXECUTABLE} ${CMAKE_CURRENT_SOURCE_DIR}/test/check-doc.py)
# Only where a kernel can be asked: root, namespaces, the real iptables.
add_test(NAME kernel COMMAND ${Python_EXECUTABLE} ${CMAKE_CURRENT_SOURCE_DIR}/test/record-iptables.py --check)
set_tests_properties(kernel PROPERTIES SKIP_RETURN_CODE 77 LABELS kernel)
if(TARGET libnetfilter)
  build_lib_example(NAME nf-bench-hop SOURCE_FILES test/bench/nf-bench-hop.cc
                    LIBRARIES_TO_LINK libnetfilter ${libpoint-to-point})
  add_test(NAME examples COMMAND ${Python_EXECUTABLE} ${CMAKE_CURRENT_SOURCE_DIR}/test/run-examples.py
                                 ${CMAKE_BINARY_DIR}/bin)
  add_test(NAME readme COMMAND ${Python_EXECUTABLE} ${CMAKE_CURRENT_SOURCE_DIR}/test/check-readme.py
                               $<TARGET_FILE:nf-first>)
  add_test(NAME goldens COMMAND ${Python_EXECUTABLE} ${CMAKE_CURRENT_SOURCE_DIR}/test/run-goldens.py
                                $<TARGET_FILE:nf-replay>)
  set_tests_properties(examples readme PROPERTIES LABELS example)
  set_tests_properties(goldens PROPERTIES LABELS golden)
endif()
