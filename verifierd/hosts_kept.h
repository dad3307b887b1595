/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The verdict that may be given again: a part of `hosts` (hosts_private.h). */
#ifndef VERIFIERD_HOSTS_KEPT_H
#define VERIFIERD_HOSTS_KEPT_H

#include "evidence/verdict.h"
#include "proto/destination.h"

struct host;

/* The last trusted verdict, while the session that proved it stands: what of it
 * is not the same in all of them. */
struct kept {
	bool there;
	uint64_t golden, time_s;
	struct boot_session session;
	char warning[REASON_DETAIL_MAX];
	uint64_t since_ms, generation, until_s;
	/* The endpoint that last showed its key, and when; port 0: none. */
	struct destination endpoint;
	uint64_t endpoint_ms;
};

void kept_set(struct host *, const struct verdict *, uint64_t until_s);
/* The round's verdict, with its endpoint if it had one. */
void kept_set_endpoint(struct host *, const struct verdict *);
void kept_drop(struct host *);
/* What it rests on stands: reference values and their dates, the session with
 * the agent. */
bool kept_stands(const struct host *);
uint64_t kept_age_ms(const struct host *);
/* What is kept, as a verdict. */
void kept_show(const struct host *, struct verdict *out);
/* The answer for who takes one of this age, about this endpoint. */
bool kept_answer(struct host *, const struct destination *, uint64_t max_age_ms,
                 struct verdict *out);

#endif
