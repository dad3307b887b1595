# SPDX-License-Identifier: LGPL-2.1-or-later
unit_test(audit SOURCES audit_test.c ON store evidence crypto_openssl
  LIBS PkgConfig::sqlite3)
