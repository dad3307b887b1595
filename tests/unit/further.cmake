# SPDX-License-Identifier: LGPL-2.1-or-later
unit_test(facts_json SOURCES facts_json_test.c ON checks proto evidence crypto_openssl)

# Beside the program that loads objects, as programs are.
unit_test(further SOURCES further_test.c ON further checks proto evidence crypto_openssl)
set(further_objects ${CMAKE_CURRENT_BINARY_DIR}/further)
set_target_properties(further_test PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/bin)
target_compile_definitions(further_test PRIVATE OBJECTS_DIR="${further_objects}")
add_dependencies(further_test check_object)

# further_object(NAME RUN-FUNCTION ID VERSION SEVERITY)
function(further_object name run id version severity)
  add_library(further_${name} MODULE further_object.c)
  set_target_properties(further_${name} PROPERTIES PREFIX "" OUTPUT_NAME ${name}
    LIBRARY_OUTPUT_DIRECTORY ${further_objects})
  target_include_directories(further_${name} PRIVATE ${PROJECT_SOURCE_DIR}/checks/include)
  target_link_libraries(further_${name} PRIVATE strict)
  target_compile_definitions(further_${name} PRIVATE
    RUN=${run} ID=${id} VERSION=${version} SEVERITY=${severity})
  add_dependencies(further_test further_${name})
endfunction()
foreach(one passes blocks crashes hangs is_silent leaves overflows says_control says_nine)
  string(REPLACE "_" "-" id ${one})
  further_object(${one} ${one} "\"${id}\"" 1 VIRT_ATTEST_BLOCK)
endforeach()
further_object(not_run not_run "\"not-run\"" 1 VIRT_ATTEST_WARN)
further_object(version passes "\"version\"" 2 VIRT_ATTEST_BLOCK)
further_object(no_id passes NULL 1 VIRT_ATTEST_BLOCK)
further_object(bad_id passes "\"not good\"" 1 VIRT_ATTEST_BLOCK)
further_object(weighs_pass passes "\"weighs-pass\"" 1 VIRT_ATTEST_PASS)
further_object(no_run NULL "\"no-run\"" 1 VIRT_ATTEST_BLOCK)
