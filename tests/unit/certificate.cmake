# SPDX-License-Identifier: LGPL-2.1-or-later
# Certificates of a TPM's keys, and every lie that one can tell.
foreach(part certificate roots tls_certificate tls_files vouch_crl vouch_leaf vouch_path)
  unit_test(${part} SOURCES ${part}_test.c test_ca.c ON crypto_openssl
    LIBS OpenSSL::Crypto)
endforeach()
# It fills a store to its limit: slow under a sanitizer.
set_tests_properties(unit/roots PROPERTIES TIMEOUT 240)
# Real ones.  The vendors' CAs are data that a machine may not have: their part
# is left out then.
unit_test(ek_fixtures SOURCES ek_fixtures_test.c ON evidence crypto_openssl)
target_compile_definitions(ek_fixtures_test PRIVATE
  VENDORS_DIR="${VIRT_ATTEST_SHARED}/ek")
add_test(NAME unit/ek_vendors COMMAND ek_fixtures_test vendors)
set_tests_properties(unit/ek_vendors PROPERTIES LABELS unit TIMEOUT 60
  SKIP_RETURN_CODE 77)
