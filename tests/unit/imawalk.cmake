# SPDX-License-Identifier: LGPL-2.1-or-later
# Policies for IMA's measurement lists, and lists judged by them.
foreach(part imawalk_shared)
  unit_test(${part} SOURCES ${part}_test.c imawalk_help.c imalog_help.c
    ON appraise evidence crypto_openssl)
endforeach()
target_compile_definitions(imawalk_shared_test PRIVATE SHARED_DIR="${VIRT_ATTEST_SHARED}")
