/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* doctor: what is not as it should be, and what to do. */
#ifndef CLI_DOCTOR_H
#define CLI_DOCTOR_H

#include "cli.h"

int run_doctor(struct cli *);
/* What keeps a domain from a host that is not trusted, here. */
int run_doctor_gates(struct cli *);

#endif
