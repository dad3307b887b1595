# SPDX-License-Identifier: LGPL-2.1-or-later
unit_test(facts_json SOURCES facts_json_test.c ON checks proto evidence crypto_openssl)
