# SPDX-License-Identifier: LGPL-2.1-or-later
unit_test(audit SOURCES audit_test.c ON store evidence crypto_openssl
  LIBS PkgConfig::sqlite3)
unit_test(audit_export SOURCES audit_export_test.c ON proto evidence
  crypto_openssl)
unit_test(checkpoints SOURCES checkpoints_test.c store_help.c ON verifierd_parts
  LIBS PkgConfig::sqlite3)
target_link_options(checkpoints_test PRIVATE -Wl,--wrap=sys_unix_s)
