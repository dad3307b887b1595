# SPDX-License-Identifier: LGPL-2.1-or-later
# Checks before a migration: NICs, other devices, the machine, the domain.
foreach(subject network device machine domain)
  unit_test(checks_${subject} SOURCES checks_${subject}_test.c checks_told.c ON checks)
endforeach()
