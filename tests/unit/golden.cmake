# SPDX-License-Identifier: LGPL-2.1-or-later
# Golden values, and those that are taken from a boot log.
unit_test(golden SOURCES golden_test.c ON evidence crypto_openssl)
unit_test(golden_log SOURCES golden_log_test.c bootlog_help.c bootref_help.c
  ON evidence crypto_openssl)
