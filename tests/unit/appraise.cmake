# SPDX-License-Identifier: LGPL-2.1-or-later
unit_test(appraise SOURCES appraise_test.c appraise_world.c soft_tpm.c
  ON appraise evidence crypto_openssl LIBS OpenSSL::Crypto)
unit_test(certification SOURCES certification_test.c soft_tpm.c
  ON appraise evidence crypto_openssl LIBS OpenSSL::Crypto)
unit_test(trial SOURCES trial_test.c appraise_world.c soft_tpm.c
  ON appraise evidence crypto_openssl LIBS OpenSSL::Crypto)
# Golden values that are judged by logs.
foreach(part appraise_log appraise_fit)
  unit_test(${part} SOURCES ${part}_test.c appraise_boot.c appraise_world.c soft_tpm.c
    bootlog_help.c bootref_help.c ON appraise evidence crypto_openssl LIBS OpenSSL::Crypto)
endforeach()
