# SPDX-License-Identifier: LGPL-2.1-or-later
unit_test(metrics SOURCES metrics_test.c ON metrics base)
