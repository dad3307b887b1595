/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the server has seen since the start. */
#ifndef AGENTD_SERVER_NUMBERS_H
#define AGENTD_SERVER_NUMBERS_H

#include "proto/agent_session.h"

enum { SERVER_REQUESTS = AGENT_WANT_FACTS + 1 };

struct server_numbers {
	size_t clients; /* now */
	uint64_t accepted;
	/* Requests, by what they wanted and how they ended. */
	uint64_t requests[SERVER_REQUESTS][ERR_COUNT];
};

/* "quote", ...; NULL: no request wants that. */
const char *server_request_name(enum agent_want);

#endif
