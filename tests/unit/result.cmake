# SPDX-License-Identifier: LGPL-2.1-or-later
# Attestation results for others.
unit_test(signing SOURCES signing_test.c ON proto evidence crypto_openssl)
unit_test(ear SOURCES ear_test.c ON proto evidence crypto_openssl)
unit_test(result SOURCES result_test.c store_help.c ON verifierd_parts
  LIBS PkgConfig::sqlite3)
