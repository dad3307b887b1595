# SPDX-License-Identifier: LGPL-2.1-or-later
# Firmwares' event logs.
foreach(part bootlog bootlog_bent bootlog_data)
  unit_test(${part} SOURCES ${part}_test.c bootlog_help.c ON evidence crypto_openssl)
endforeach()
# Those of more machines, which are not in this tree, against tpm2_eventlog's
# reading: left out where they are not.
unit_test(bootlog_shared SOURCES bootlog_shared_test.c bootlog_help.c ON evidence crypto_openssl)
target_compile_definitions(bootlog_shared_test PRIVATE SHARED_DIR="${VIRT_ATTEST_SHARED}")
