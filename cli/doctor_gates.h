/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef CLI_DOCTOR_GATES_H
#define CLI_DOCTOR_GATES_H

#include "cli.h"

int run_doctor_gates(struct cli *);

#endif
