/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef CLI_PERMIT_H
#define CLI_PERMIT_H

#include "cli.h"

int run_permit(struct cli *);

#endif
