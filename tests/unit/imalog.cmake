# SPDX-License-Identifier: LGPL-2.1-or-later
# Measurement lists of IMA: what is read, and what it leads to.
foreach(part imalog imareplay imalog_shared)
  unit_test(${part} SOURCES ${part}_test.c imalog_help.c ON evidence crypto_openssl)
endforeach()
# Whole boots are data that a machine may not have: this is left out then.
target_compile_definitions(imalog_shared_test PRIVATE SHARED_DIR="${VIRT_ATTEST_SHARED}")
