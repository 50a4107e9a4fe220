# ns-3's build macros on top of find_package(ns3), for a build outside the ns-3 tree.
include(GNUInstallDirs)
include(CTest)
option(NS3_EXAMPLES "build the examples" ON)
option(NS3_ASSERT "NS_ASSERT in this module" ON)

if(NOT CMAKE_BUILD_TYPE)
  set(CMAKE_BUILD_TYPE RelWithDebInfo CACHE STRING "" FORCE)
endif()
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)

# Debian's ns-3 package names files of packages it does not depend on; find_package would fail with a
# CMake error about one of them instead of saying what to do.
set(nf_missing "")
foreach(pair "/usr/libexec/ns3|ns3" "/usr/include/gsl|libgsl-dev" "/usr/include/libxml2|libxml2-dev"
        "/usr/include/sqlite3.h|libsqlite3-dev")
  string(REPLACE "|" ";" pair ${pair})
  list(GET pair 0 path)
  list(GET pair 1 package)
  if(NOT EXISTS ${path})
    list(APPEND nf_missing ${package})
  endif()
endforeach()
find_package(ns3 QUIET CONFIG)
if(NOT ns3_FOUND)
  list(JOIN nf_missing " " nf_missing)
  message(FATAL_ERROR "ns-3 was not found: apt-get install ns3 libns3-dev libgsl-dev libxml2-dev "
                      "libsqlite3-dev (missing here: libns3-dev ${nf_missing}), or run ./nf setup")
endif()

if(ns3_VERSION VERSION_GREATER_EQUAL 3.46)
  set(CMAKE_CXX_STANDARD 23)
elseif(ns3_VERSION VERSION_GREATER_EQUAL 3.41)
  set(CMAKE_CXX_STANDARD 20)
else()
  set(CMAKE_CXX_STANDARD 17)
endif()
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(ENABLE_EXAMPLES ${NS3_EXAMPLES})
set(ENABLE_TESTS ${BUILD_TESTING})
message(STATUS "ns-3 ${ns3_VERSION} from ${ns3_DIR}; C++${CMAKE_CXX_STANDARD}")

foreach(m antenna aodv applications bridge core csma flow-monitor internet internet-apps mobility
          network olsr point-to-point propagation stats traffic-control wifi)
  if(TARGET ns3::lib${m})
    set(lib${m} ns3::lib${m})
  elseif(TARGET ns3::${m})
    set(lib${m} ns3::${m})
  endif()
endforeach()

set(nf_include ${CMAKE_BINARY_DIR}/include/ns3)

function(build_lib)
  cmake_parse_arguments(B "IGNORE_PCH" "LIBNAME"
    "SOURCE_FILES;HEADER_FILES;PRIVATE_HEADER_FILES;LIBRARIES_TO_LINK;TEST_SOURCES" ${ARGN})
  set(all "")
  foreach(h ${B_HEADER_FILES})
    get_filename_component(n ${h} NAME)
    file(CONFIGURE OUTPUT ${nf_include}/${n}
         CONTENT "#include \"${CMAKE_CURRENT_SOURCE_DIR}/${h}\"\n" @ONLY)
    string(APPEND all "#include \"${n}\"\n")
  endforeach()
  file(CONFIGURE OUTPUT ${nf_include}/${B_LIBNAME}-module.h CONTENT "${all}" @ONLY)
  add_library(lib${B_LIBNAME} SHARED ${B_SOURCE_FILES})
  add_library(ns3::lib${B_LIBNAME} ALIAS lib${B_LIBNAME})
  set_target_properties(lib${B_LIBNAME} PROPERTIES OUTPUT_NAME ns${ns3_VERSION}-${B_LIBNAME})
  target_include_directories(lib${B_LIBNAME} PUBLIC $<BUILD_INTERFACE:${CMAKE_BINARY_DIR}/include>
                                                    $<INSTALL_INTERFACE:include>)
  # Debian's ns-3 is built with NS_LOG: layouts of its classes depend on the definition.
  target_compile_definitions(lib${B_LIBNAME} PUBLIC NS3_LOG_ENABLE)
  target_compile_options(lib${B_LIBNAME} PRIVATE -Wall -Wextra -Werror)
  if(NS3_ASSERT)
    target_compile_definitions(lib${B_LIBNAME} PRIVATE NS3_ASSERT_ENABLE)
  endif()
  target_link_libraries(lib${B_LIBNAME} PUBLIC ${B_LIBRARIES_TO_LINK})
  set(lib${B_LIBNAME} lib${B_LIBNAME} PARENT_SCOPE)
  set(lib${B_LIBNAME} lib${B_LIBNAME})
  install(TARGETS lib${B_LIBNAME})
  install(FILES ${B_HEADER_FILES} ${nf_include}/${B_LIBNAME}-module.h DESTINATION include/ns3)
  if(ENABLE_TESTS AND B_TEST_SOURCES)
    file(CONFIGURE OUTPUT ${CMAKE_BINARY_DIR}/test-runner.cc CONTENT
"#include \"ns3/test.h\"
int main(int argc, char** argv) { return ns3::TestRunner::Run(argc, argv); }
" @ONLY)
    add_executable(test-runner ${CMAKE_BINARY_DIR}/test-runner.cc ${B_TEST_SOURCES})
    target_link_libraries(test-runner PRIVATE lib${B_LIBNAME} ${B_LIBRARIES_TO_LINK} ${libapplications}
      ${libinternet-apps} ${libpoint-to-point} ${libcsma} ${libaodv} ${libolsr} ${libwifi} ${libmobility})
    target_compile_options(test-runner PRIVATE -Wall -Wextra)
    target_compile_definitions(test-runner PRIVATE NS_TEST_SOURCEDIR="${CMAKE_CURRENT_SOURCE_DIR}/test")
    set_target_properties(test-runner PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/bin)
    add_test(NAME sim COMMAND test-runner --suite=netfilter --verbose)
  endif()
  if(ENABLE_EXAMPLES AND EXISTS ${CMAKE_CURRENT_SOURCE_DIR}/examples/CMakeLists.txt)
    add_subdirectory(examples)
  endif()
endfunction()

function(build_lib_example)
  cmake_parse_arguments(B "IGNORE_PCH" "NAME" "SOURCE_FILES;HEADER_FILES;LIBRARIES_TO_LINK" ${ARGN})
  add_executable(${B_NAME} ${B_SOURCE_FILES})
  target_link_libraries(${B_NAME} PRIVATE ${B_LIBRARIES_TO_LINK})
  target_compile_options(${B_NAME} PRIVATE -Wall -Wextra)
  set_target_properties(${B_NAME} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/bin)
endfunction()
