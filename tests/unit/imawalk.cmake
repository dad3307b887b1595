# SPDX-License-Identifier: LGPL-2.1-or-later
# Policies for IMA's measurement lists, and lists judged by them.
foreach(part imapolicy imapolicy_limit imawalk imawalk_bent imawalk_say imawalk_shared)
  unit_test(${part} SOURCES ${part}_test.c imawalk_help.c imalog_help.c
    ON appraise evidence crypto_openssl)
endforeach()
target_compile_definitions(imawalk_shared_test PRIVATE SHARED_DIR="${VIRT_ATTEST_SHARED}")
target_include_directories(imapolicy_limit_test PRIVATE ${PROJECT_SOURCE_DIR}/common/evidence)
unit_test(imapolicy_sign SOURCES imapolicy_sign_test.c imawalk_help.c imalog_help.c
  ON appraise evidence crypto_openssl LIBS OpenSSL::Crypto)
