# SPDX-License-Identifier: LGPL-2.1-or-later
# Checks before a migration: the way there, the hosts, their CPUs, trust.
unit_test(checks_words SOURCES checks_words_test.c ON checks)
foreach(part trust way pki host cpu tsc load)
  unit_test(checks_${part} SOURCES checks_${part}_test.c checks_a_case.c ON checks)
endforeach()
