# SPDX-License-Identifier: LGPL-2.1-or-later
unit_test(health_judge SOURCES health_judge_test.c ON healthjudge)
