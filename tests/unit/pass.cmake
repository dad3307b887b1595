# SPDX-License-Identifier: LGPL-2.1-or-later
# The pass: its text, who hears it, and what carries it.
unit_test(pass SOURCES pass_test.c ON proto evidence crypto_openssl)
unit_test(pass_check SOURCES pass_check_test.c store_help.c ON verifierd_parts
  LIBS PkgConfig::sqlite3)
unit_test(incoming SOURCES incoming_test.c ON incoming proto evidence
  crypto_openssl)
