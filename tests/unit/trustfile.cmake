# SPDX-License-Identifier: LGPL-2.1-or-later
unit_test(migration_ca SOURCES migration_ca_test.c test_ca.c
  ON verifierd_parts crypto_openssl LIBS OpenSSL::Crypto)
