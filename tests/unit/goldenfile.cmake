# SPDX-License-Identifier: LGPL-2.1-or-later
# Golden values as other programs write them.
unit_test(pcrread SOURCES pcrread_test.c ON evidence crypto_openssl)
unit_test(pcrread_shared SOURCES pcrread_shared_test.c ON evidence crypto_openssl)
target_compile_definitions(pcrread_shared_test PRIVATE SHARED_DIR="${VIRT_ATTEST_SHARED}")
foreach(part goldenfile goldenfile_keylime)
  unit_test(${part} SOURCES ${part}_test.c goldenfile_help.c ON proto evidence crypto_openssl)
endforeach()
