# SPDX-License-Identifier: LGPL-2.1-or-later
unit_test(hostfacts SOURCES hostfacts_test.c test_ca.c ON hostfacts_parts
  LIBS OpenSSL::Crypto)
unit_test(hostfacts_read SOURCES hostfacts_read_test.c ON hostfacts_parts)
# Beside the program, which it runs.
unit_test(facts_here SOURCES facts_here_test.c ON hostfacts)
add_dependencies(facts_here_test facts)
set_target_properties(facts_here_test PROPERTIES
  RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/bin)
