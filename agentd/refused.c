/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "refused.h"

#include "sys/log.h"

void
refused_log(void *arg, const char *peer, enum refusal refusal,
            const struct err *why)
{
	(void)arg;
	switch (refusal) {
#define X(name, cause)                                                         \
	case REFUSAL_##name:                                                   \
		log_warning("peer=\"%s\" event=refused error=\"%s\" "          \
		            "cause=" cause,                                    \
		            peer, why->text);                                  \
		break;
		REFUSALS(X)
#undef X
	case REFUSAL_COUNT:
		break;
	}
}
