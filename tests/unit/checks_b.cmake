# SPDX-License-Identifier: LGPL-2.1-or-later
# Pre-migration checks: memory, disks, storage, and what hosts are asked.
unit_test(checks_asking SOURCES checks_asking_test.c ON checks base)
foreach(part checks_disk checks_memory checks_storage)
  unit_test(${part} SOURCES ${part}_test.c checks_world.c ON checks base)
endforeach()
