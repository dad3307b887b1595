# SPDX-License-Identifier: LGPL-2.1-or-later
unit_test(report SOURCES report_test.c ON checks crypto_openssl)
