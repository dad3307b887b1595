/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the agent's parts share.  All of it belongs to the loop's thread. */
#ifndef AGENTD_AGENTD_H
#define AGENTD_AGENTD_H

#include "config.h"
#include "credentials.h"
#include "life/life.h"
#include "server.h"

struct agentd {
	struct daemon_options options;
	struct config config;
	struct tpm_options tpm;
	struct credentials shown;
	struct loop *loop;
	struct life *life;
	struct worker *worker;
	const char *log_paths[MLOG_KINDS];
	struct logs *logs;
	struct facts *facts;
	struct server *server;
	struct timer *patience; /* until it is ready in any case */
	bool asked;             /* the TPM was looked for */
	struct err no_tpm;      /* ERR_NONE: it is there */
};

#endif
