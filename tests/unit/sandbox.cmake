# SPDX-License-Identifier: LGPL-2.1-or-later
unit_test(sandbox SOURCES sandbox_test.c ON sandbox base LIBS Threads::Threads)
if(VIRT_ATTEST_SANITIZE)
  target_compile_definitions(sandbox_test PRIVATE SANDBOX_TRACED)
endif()
