/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Permits: given by an operator, used by one question. */
#include <stdio.h>
#include <string.h>

#include "control.h"
#include "permits.h"
#include "sys/log.h"
#include "sys/sys.h"

static bool
read_permit(const struct json *arguments, struct permit *p, uint64_t *seconds,
            struct err *err)
{
	struct destination to;

	if (!json_get_text(arguments, "domain", p->domain, sizeof(p->domain),
	                   err) ||
	    !json_get_text(arguments, "destination", p->destination,
	                   sizeof(p->destination), err) ||
	    !json_want_u64(arguments, "seconds", PERMIT_MAX_S, seconds, err))
		return false;
	if (p->domain[0] == '\0' || !text_is_printable(p->domain))
		return err_set(err, ERR_MALFORMED,
		               "'domain' is no domain's name");
	if (*seconds == 0)
		return err_set(err, ERR_MALFORMED, "'seconds' is 1 to %d",
		               PERMIT_MAX_S);
	return destination_parse(p->destination, &to, err);
}

/* Written before it is there: one that nobody can read about is none. */
static bool
issue(struct caller *c, struct permit *p, uint64_t seconds, struct err *err)
{
	char actor[AUDIT_ACTOR_MAX], detail[DESTINATION_MAX + 64];

	snprintf(detail, sizeof(detail), "to %s for %llu s", p->destination,
	         (unsigned long long)seconds);
	if (!permits_have_room(c->v->permits, p->domain, sys_boot_ms(), err) ||
	    !store_audit_add(c->v->store, caller_actor(c, actor, sizeof(actor)),
	                     "permit", p->domain, detail, err))
		return false;
	p->until_ms = sys_boot_ms() + seconds * 1000;
	permits_add(c->v->permits, p);
	log_notice("event=permit domain=%s to=%s seconds=%llu by=%s", p->domain,
	           p->destination, (unsigned long long)seconds, actor);
	return true;
}

/* permit: domain, destination, seconds. */
static void
permit(struct caller *c, const struct json *arguments)
{
	struct permit p = {.until_ms = 0};
	uint64_t seconds = PERMIT_S;
	struct json *result;
	struct err err = {0};

	if (!read_permit(arguments, &p, &seconds, &err) ||
	    !issue(c, &p, seconds, &err)) {
		caller_error(c, &err);
		return;
	}
	result = json_new_object();
	json_put_text(result, "domain", p.domain);
	json_put_text(result, "destination", p.destination);
	json_put_u64(result, "seconds", seconds);
	caller_return(c, result);
}

/* What was taken is used up, also when its use cannot be written. */
bool
permit_use(struct caller *c, const char *domain, const char *who,
           struct verdict *refusal)
{
	char detail[DESTINATION_MAX + 64];
	struct err err = {0};
	struct permit p;

	if (!permits_take(c->v->permits, domain, sys_boot_ms(), &p)) {
		snprintf(detail, sizeof(detail), "no permit for %s", domain);
		verdict_set(refusal, "", VERDICT_UNKNOWN, REASON_DESTINATION,
		            detail);
		return false;
	}
	snprintf(detail, sizeof(detail), "to %s", p.destination);
	if (!store_audit_add(c->v->store, who, "permit-use", domain, detail,
	                     &err)) {
		verdict_set(refusal, "", VERDICT_UNKNOWN, REASON_STORE,
		            err.text);
		return false;
	}
	memcpy(c->wants.destination, p.destination, sizeof(p.destination));
	return true;
}

const struct verb verbs_permit[] = {
    {"permit", true, permit},
    {0},
};
