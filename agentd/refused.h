/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Connections that never became clients, in the log. */
#ifndef AGENTD_REFUSED_H
#define AGENTD_REFUSED_H

#include "net/stream.h"

/* For a listener's calls; `arg` is nobody's.  Each reason is a kind of line of
 * its own: noise, which anybody can make, does not use up what there is for
 * those whom our CA knows. */
void refused_log(void *arg, const char *peer, enum refusal,
                 const struct err *why);

#endif
