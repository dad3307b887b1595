# SPDX-License-Identifier: LGPL-2.1-or-later
unit_test(trustfile SOURCES trustfile_test.c ON trustfile trustdisk sys evidence crypto_openssl)
unit_test(migration_ca SOURCES migration_ca_test.c test_ca.c
  ON verifierd_parts crypto_openssl LIBS OpenSSL::Crypto)
unit_test(trust_gate SOURCES trust_gate_test.c test_ca.c store_help.c
  ON verifierd_parts crypto_openssl LIBS OpenSSL::Crypto PkgConfig::sqlite3)
target_link_options(trust_gate_test PRIVATE -Wl,--wrap=sys_boot_ms)
