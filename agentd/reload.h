/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The configuration and the certificates, read again while the agent serves. */
#ifndef AGENTD_RELOAD_H
#define AGENTD_RELOAD_H

#include "agentd.h"

/* Whole, or not at all and why; logged either way. */
bool agentd_reload(struct agentd *, struct err *why);

/* What the server is to go by now. */
struct server_options agentd_server_options(const struct agentd *);

#endif
