/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "server_numbers.h"

const char *
server_request_name(enum agent_want want)
{
	static const char *const names[SERVER_REQUESTS] = {
	    [AGENT_WANT_IDENTITY] = "identity",
	    [AGENT_WANT_EVIDENCE] = "quote",
	    [AGENT_WANT_SECRET] = "activate-credential",
	    [AGENT_WANT_CERTIFIED] = "certify",
	    [AGENT_WANT_LOG] = "log",
	    [AGENT_WANT_FACTS] = "facts",
	};

	return names[want];
}
