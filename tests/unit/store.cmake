# SPDX-License-Identifier: LGPL-2.1-or-later
foreach(part store_host store_golden store_identity store_kept store_key
  store_text store_trial store_verdict)
  unit_test(${part} SOURCES ${part}_test.c store_help.c
    ON store sys evidence crypto_openssl LIBS PkgConfig::sqlite3)
endforeach()
