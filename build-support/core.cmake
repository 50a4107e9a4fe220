# SPDX-License-Identifier: GPL-2.0-only
# netfilter itself: plain C++20 without any ns-3 include path. An object library, so that the shared
# library holds every extension whether or not something refers to it.
file(GLOB_RECURSE nf_core_sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/model/core/*.cc)
file(GLOB_RECURSE nf_core_headers CONFIGURE_DEPENDS RELATIVE ${CMAKE_CURRENT_SOURCE_DIR}
     ${CMAKE_CURRENT_SOURCE_DIR}/model/core/*.h)

find_package(fmt REQUIRED)

add_library(nf-core OBJECT ${nf_core_sources})
set_target_properties(nf-core PROPERTIES CXX_STANDARD 20 CXX_STANDARD_REQUIRED ON
                                         POSITION_INDEPENDENT_CODE ON)
target_compile_options(nf-core PRIVATE -Wall -Wextra -Werror)
if(CMAKE_CXX_COMPILER_ID STREQUAL GNU)
  # Nobody puts another definition before ours: functions of one file may be inlined, as clang does anyway.
  target_compile_options(nf-core PRIVATE -fno-semantic-interposition)
endif()
# Linked, not header-only: that more than halves the time to compile a file.
target_link_libraries(nf-core PRIVATE fmt::fmt)
