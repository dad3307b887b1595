# SPDX-License-Identifier: LGPL-2.1-or-later
# Checks before a migration, of real machines' XML.
unit_test(checks_real SOURCES checks_real_test.c ON checks virt)
