# SPDX-License-Identifier: LGPL-2.1-or-later
unit_test(gateplan SOURCES gateplan_test.c ON gateplan)
