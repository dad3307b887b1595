# SPDX-License-Identifier: LGPL-2.1-or-later
#
# The lock-driver gate, loaded as libvirtd does it, from a folder with a lockd
# that tells the test what it was asked.
set(plugins ${CMAKE_CURRENT_BINARY_DIR}/lock-driver)
file(MAKE_DIRECTORY ${plugins})
file(CREATE_LINK ${CMAKE_BINARY_DIR}/lock-driver/virt-attest.so ${plugins}/virt-attest.so SYMBOLIC)
foreach(next lockd:1000000 sanlock:2000000)
  string(REPLACE ":" ";" next ${next})
  list(GET next 0 name)
  list(GET next 1 abi)
  add_library(lock_next_${name} MODULE lock_next.c)
  set_target_properties(lock_next_${name} PROPERTIES PREFIX "" OUTPUT_NAME ${name}
    LIBRARY_OUTPUT_DIRECTORY ${plugins})
  target_link_libraries(lock_next_${name} PRIVATE strict)
  target_include_directories(lock_next_${name} PRIVATE ${PROJECT_SOURCE_DIR}/gates/lock)
  target_compile_definitions(lock_next_${name} PRIVATE NEXT_ABI=${abi})
endforeach()
foreach(part lock lock_load)
  unit_test(${part} SOURCES ${part}_test.c lock_help.c LIBS Threads::Threads ${CMAKE_DL_LIBS})
  # It has what the plugin looks for in libvirtd.
  set_target_properties(${part}_test PROPERTIES ENABLE_EXPORTS ON)
  target_include_directories(${part}_test PRIVATE ${PROJECT_SOURCE_DIR}/gates/lock)
  target_compile_definitions(${part}_test PRIVATE PLUGINS="${plugins}")
  add_dependencies(${part}_test lock lock_next_lockd lock_next_sanlock)
endforeach()
# Of a debug build, which has symbols.  Neither libjson-c nor libcrypto gives up
# what it keeps, and both say so to valgrind as "still reachable".
find_program(VALGRIND valgrind)
if(VALGRIND AND NOT VIRT_ATTEST_SANITIZE)
  add_test(NAME unit/lock_valgrind COMMAND ${VALGRIND} -q --error-exitcode=99
    --leak-check=full --errors-for-leak-kinds=definite,indirect,possible $<TARGET_FILE:lock_test>)
  set_tests_properties(unit/lock_valgrind PROPERTIES LABELS unit TIMEOUT 180)
endif()
