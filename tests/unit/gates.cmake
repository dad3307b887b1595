# SPDX-License-Identifier: LGPL-2.1-or-later
unit_test(gates_judge SOURCES gates_judge_test.c ON gatejudge)
unit_test(gates_holes SOURCES gates_holes_test.c ON gatejudge sys)
