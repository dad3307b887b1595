/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* How the agent stands, and what it lacks; it serves without, and again when
 * that comes. */
#ifndef AGENTD_STATUS_H
#define AGENTD_STATUS_H

#include "agentd.h"

/* For life_calls: in a line. */
void agentd_status(void *agentd, char *out, size_t size);

/* Logs what is missing but for the TPM: an address, a right to read a log. */
void agentd_say_lacks(const struct agentd *);

#endif
