# SPDX-License-Identifier: LGPL-2.1-or-later
# Certificates of a TPM's keys, and every lie that one can tell.
foreach(part certificate roots vouch_crl vouch_leaf vouch_path)
  unit_test(${part} SOURCES ${part}_test.c test_ca.c ON crypto_openssl
    LIBS OpenSSL::Crypto)
endforeach()
