# SPDX-License-Identifier: LGPL-2.1-or-later
foreach(part net_tls net_reload net_fault net_limit net_probe)
  unit_test(${part} SOURCES ${part}_test.c net_help.c test_pki.c ON net base
    LIBS OpenSSL::SSL OpenSSL::Crypto)
endforeach()
unit_test(tls_key SOURCES tls_key_test.c ON net base
  LIBS OpenSSL::SSL OpenSSL::Crypto)
unit_test(http SOURCES http_test.c ON net base LIBS Threads::Threads)
