# SPDX-License-Identifier: LGPL-2.1-or-later
#
# One folder, one floor, one target.
#
#   floor(NAME pure|hands SOURCES a.c b.c [ON floor ...] [LIBS PkgConfig::x ...])
#
# The folder's headers are reachable as "NAME/x.h" through a link in the build
# tree, by those who stand on it and by nobody else.  LIBS are private: no
# foreign type passes a floor's headers.  `pure` floors (0 to 2) are listed
# for tests/lint/floors.sh, which looks at the symbols that they import.
function(floor name kind)
  cmake_parse_arguments(PARSE_ARGV 2 F "" "" "SOURCES;ON;LIBS")
  if(NOT kind MATCHES "^(pure|hands)$" OR F_UNPARSED_ARGUMENTS)
    message(FATAL_ERROR "floor(${name}): kind '${kind}', left over: '${F_UNPARSED_ARGUMENTS}'")
  endif()
  set(room ${CMAKE_BINARY_DIR}/floors/${name})
  file(MAKE_DIRECTORY ${room})
  file(CREATE_LINK ${CMAKE_CURRENT_SOURCE_DIR} ${room}/${name} SYMBOLIC)
  add_library(${name} STATIC ${F_SOURCES})
  target_include_directories(${name} PUBLIC ${room})
  target_link_libraries(${name} PUBLIC ${F_ON} PRIVATE strict ${F_LIBS})
  set_property(GLOBAL APPEND PROPERTY FLOORS ${name})
  if(kind STREQUAL "pure")
    set_property(GLOBAL APPEND PROPERTY PURE_FLOORS $<TARGET_FILE:${name}>)
  endif()
endfunction()

# A program of floor 4: program(TARGET NAME installed-name SOURCES ... ON ... LIBS ...)
function(program target)
  cmake_parse_arguments(PARSE_ARGV 1 P "" "NAME" "SOURCES;ON;LIBS")
  add_executable(${target} ${P_SOURCES})
  set_target_properties(${target} PROPERTIES OUTPUT_NAME ${P_NAME}
    RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/bin)
  target_link_libraries(${target} PRIVATE strict ${P_ON} ${P_LIBS})
endfunction()
