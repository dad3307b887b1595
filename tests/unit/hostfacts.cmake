# SPDX-License-Identifier: LGPL-2.1-or-later
unit_test(hostfacts SOURCES hostfacts_test.c test_ca.c ON hostfacts_parts
  LIBS OpenSSL::Crypto)
unit_test(hostfacts_read SOURCES hostfacts_read_test.c ON hostfacts_parts)
