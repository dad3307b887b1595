# SPDX-License-Identifier: LGPL-2.1-or-later
# Reference events.
foreach(part bootref bootref_bent bootref_words bootref_codec)
  unit_test(${part} SOURCES ${part}_test.c bootlog_help.c bootref_help.c ON proto evidence crypto_openssl)
endforeach()
# Boots that are not in this tree: left out where they are not.
unit_test(bootref_shared SOURCES bootref_shared_test.c bootlog_help.c bootref_help.c ON evidence crypto_openssl)
target_compile_definitions(bootref_shared_test PRIVATE SHARED_DIR="${VIRT_ATTEST_SHARED}")
