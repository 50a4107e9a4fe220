# SPDX-License-Identifier: GPL-2.0-only
# netfilter itself: plain C++20 without any ns-3 include path. An object library, so that the shared
# library holds every extension whether or not something refers to it.
file(GLOB_RECURSE nf_core_sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/model/core/*.cc)
file(GLOB_RECURSE nf_core_headers CONFIGURE_DEPENDS RELATIVE ${CMAKE_CURRENT_SOURCE_DIR}
     ${CMAKE_CURRENT_SOURCE_DIR}/model/core/*.h)

# Programs over everything are built once every part is there; the layers below build without.
set(nf_whole ON)
foreach(source model/core/command/nf-command.cc model/core/conntrack/nf-conntrack.cc model/core/nat/nf-nat.cc
        model/core/xtables/xt-table.cc model/core/hook/nf-hook-chain.cc)
  if(NOT EXISTS ${CMAKE_CURRENT_SOURCE_DIR}/${source})
    set(nf_whole OFF)
  endif()
endforeach()
if(NOT EXISTS ${CMAKE_CURRENT_SOURCE_DIR}/model/core/xtables/xt-table.h)
  list(FILTER nf_core_sources EXCLUDE REGEX "/model/core/(netns|command)/")
endif()

add_library(nf-core OBJECT ${nf_core_sources})
set_target_properties(nf-core PROPERTIES CXX_STANDARD 20 CXX_STANDARD_REQUIRED ON
                                         POSITION_INDEPENDENT_CODE ON)
target_compile_options(nf-core PRIVATE -Wall -Wextra -Werror)
target_compile_definitions(nf-core PRIVATE FMT_HEADER_ONLY=1)
