/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The destination's side of a migration: may this domain come in? */
#include <stdio.h>

#include "control.h"
#include "pass.h"
#include "proto/codec.h"
#include "sys/log.h"
#include "sys/sys.h"

struct asked {
	char domain[ASKED_DOMAIN_MAX], uuid[UUID_SIZE];
	char jwt[PASS_MAX + 1];
};

static bool
read_asked(const struct json *arguments, struct asked *a, struct err *err)
{
	if (!json_want_text(arguments, "domain", a->domain, sizeof(a->domain),
	                    err) ||
	    !json_get_text(arguments, "uuid", a->uuid, sizeof(a->uuid), err) ||
	    !json_get_text(arguments, "pass", a->jwt, sizeof(a->jwt), err))
		return false;
	return (text_is_printable(a->domain) && text_is_printable(a->uuid)) ||
	       err_set(err, ERR_MALFORMED,
	               "'domain' or 'uuid' has control characters");
}

static void
on_verdict(void *arg, const struct verdict *verdict)
{
	struct caller *c = arg;

	c->asker = NULL;
	caller_return(c, verdict_encode(verdict));
}

/* What is not good is written down, too, but for a flood of it; that it could
 * not be makes it no better. */
static void
refuse(struct caller *c, const struct asked *a, const char *who,
       const struct err *why)
{
	char detail[AUDIT_DETAIL_MAX], more[64] = "";
	struct verdict refusal;
	struct err err = {0};
	uint64_t left_out;
	bool written = true;

	verdict_set(&refusal, "", VERDICT_UNKNOWN,
	            why->code == ERR_IO ? REASON_STORE : REASON_PASS,
	            why->text);
	refusal.time_s = sys_unix_s();
	if (pass_refusal_is_written(c->v->passes, sys_boot_ms(), &left_out)) {
		if (left_out != 0)
			snprintf(more, sizeof(more),
			         " (and %llu more before it)",
			         (unsigned long long)left_out);
		snprintf(detail, sizeof(detail), "uuid=%s %s%s", a->uuid,
		         why->text, more);
		written = store_audit_add(c->v->store, who, "pass-refused",
		                          a->domain, detail, &err);
	}
	if (!written)
		log_error("event=pass-refused error=\"%s\"", err.text);
	log_notice("event=pass-refused domain=%s uuid=%s why=\"%s\"", a->domain,
	           a->uuid, why->text);
	c->v->counters.answers++;
	c->v->counters.verdicts[refusal.state]++;
	on_verdict(c, &refusal);
}

/* pass: uuid, pass, domain (optional).  Who may read may ask: without a pass
 * that is good nobody learns more by it than by `verify`, and with one he had
 * the domain's. */
static void
pass(struct caller *c, const struct json *arguments)
{
	struct asked asked = {.domain = ""};
	char who[AUDIT_ACTOR_MAX], source[HOST_NAME_MAX_SIZE];
	const struct pass_shown shown = {asked.uuid, asked.jwt, who};
	struct question question = {
	    .destination = source, .who = who, .first = c->may_change};
	struct err err = {0};

	if (!read_asked(arguments, &asked, &err)) {
		caller_error(c, &err);
		return;
	}
	caller_asks(c, asked.domain, "", who);
	if (!pass_check(c->v, &shown, source, &err)) {
		refuse(c, &asked, who, &err);
		return;
	}
	log_notice("event=pass-use from=%s domain=%s uuid=%s", source,
	           asked.domain, asked.uuid);
	c->asker = hosts_ask(c->v->hosts, &question, on_verdict, c);
}

const struct verb verbs_pass[] = {
    {"pass", false, pass},
    {0},
};
