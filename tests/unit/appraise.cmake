# SPDX-License-Identifier: LGPL-2.1-or-later
unit_test(appraise SOURCES appraise_test.c appraise_world.c soft_tpm.c
  ON appraise evidence crypto_openssl LIBS OpenSSL::Crypto)
unit_test(certification SOURCES certification_test.c soft_tpm.c
  ON appraise evidence crypto_openssl LIBS OpenSSL::Crypto)
unit_test(trial SOURCES trial_test.c appraise_world.c soft_tpm.c
  ON appraise evidence crypto_openssl LIBS OpenSSL::Crypto)
