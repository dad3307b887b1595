# SPDX-License-Identifier: LGPL-2.1-or-later
# Pre-migration checks: memory, disks, storage, and what hosts are asked.
foreach(part checks_asking)
  unit_test(${part} SOURCES ${part}_test.c ON checks base)
endforeach()
