/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Permits: given by an operator when the destination is trusted, used by one
 * question, gone when the destination is trusted no more. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "control.h"
#include "pass.h"
#include "permits.h"
#include "proto/codec.h"
#include "sys/log.h"
#include "sys/sys.h"
#include "trust.h"

enum { WORDS_MAX = DESTINATION_MAX + HOST_NAME_MAX_SIZE + 128 };

static bool
read_uuid(const struct json *arguments, char out[UUID_SIZE], struct err *err)
{
	char text[UUID_SIZE] = "";

	out[0] = '\0';
	if (!json_want_text(arguments, "uuid", text, sizeof(text), err))
		return false;
	return text[0] == '\0' || uuid_read(text, out) ||
	       err_set(err, ERR_MALFORMED, "'uuid' is no UUID");
}

static bool
read_permit(const struct json *arguments, struct permit *p, uint64_t *seconds,
            struct err *err)
{
	struct destination to;

	if (!json_get_text(arguments, "domain", p->domain, sizeof(p->domain),
	                   err) ||
	    !json_get_text(arguments, "destination", p->destination,
	                   sizeof(p->destination), err) ||
	    !json_want_u64(arguments, "seconds", PERMIT_MAX_S, seconds, err) ||
	    !read_uuid(arguments, p->uuid, err))
		return false;
	if (p->domain[0] == '\0' || !text_is_printable(p->domain))
		return err_set(err, ERR_MALFORMED,
		               "'domain' is no domain's name");
	if (*seconds == 0)
		return err_set(err, ERR_MALFORMED, "'seconds' is 1 to %d",
		               PERMIT_MAX_S);
	return destination_parse(p->destination, &to, err);
}

/* The pass for the domain's metadata.  A source that cannot say one has its own
 * gates still: the permit stands, and says why it is without. */
static void
put_pass(struct caller *c, const struct permit *p, uint64_t seconds,
         const char *actor, struct json *into)
{
	AUTO(buf_done) struct buf jwt = {.max = PASS_MAX + 1};
	const struct pass_of of = {.uuid = p->uuid,
	                           .destination_host = p->host,
	                           .seconds = seconds,
	                           .actor = actor};
	struct err err = {0};
	bool ok;

	if (p->uuid[0] == '\0')
		return;
	ok = pass_issue(c->v, &of, &jwt, &err);
	buf_u8(&jwt, '\0');
	if (ok && jwt.over)
		ok = err_set(&err, ERR_LIMIT, "the pass is too long");
	if (ok) {
		json_put_text(into, "pass", (const char *)jwt.at);
		return;
	}
	log_warning("event=no-pass domain=%s error=\"%s\"", p->domain,
	            err.text);
	json_put_text(into, "no_pass", err.text);
}

/* What an answer says of any permit. */
static struct json *
encode(const struct permit *p)
{
	struct json *object = json_new_object();

	json_put_text(object, "domain", p->domain);
	if (p->uuid[0] != '\0')
		json_put_text(object, "uuid", p->uuid);
	json_put_text(object, "host", p->host);
	json_put_text(object, "destination", p->destination);
	return object;
}

bool
permit_stands(const struct permit *p, struct trust *trust)
{
	struct standing s;

	return trust_of(trust, p->host, &s) && s.state == VERDICT_TRUSTED &&
	       s.has_session && permit_is_of_session(p, &s.session);
}

/* Written before it is there: one that nobody can read about is none.  A
 * verdict may have been on its way while its host fell: that event found no
 * permit to end. */
static bool
issue(struct caller *c, const struct verdict *verdict, struct json *result,
      struct err *err)
{
	uint64_t seconds = c->permit_s;
	char actor[AUDIT_ACTOR_MAX], detail[WORDS_MAX];
	struct permit *p = c->permit;
	struct json *object;

	memcpy(p->host, verdict->host, sizeof(p->host));
	p->session = verdict->session;
	if (!permit_stands(p, c->v->trust))
		return err_set(err, ERR_CONFLICT,
		               "%.80s is not trusted any more: ask again",
		               p->host);
	snprintf(detail, sizeof(detail), "to %s for %llu s: %s%s%s",
	         p->destination, (unsigned long long)seconds, p->host,
	         p->uuid[0] != '\0' ? ", uuid=" : "", p->uuid);
	if (!permits_have_room(c->v->permits, p, sys_boot_ms(), err) ||
	    !store_audit_add(c->v->store, caller_actor(c, actor, sizeof(actor)),
	                     "permit", p->domain, detail, err))
		return false;
	p->until_ms = sys_boot_ms() + seconds * 1000;
	permits_add(c->v->permits, p);
	log_notice("event=permit domain=%s to=%s seconds=%llu by=%s", p->domain,
	           p->destination, (unsigned long long)seconds, actor);
	object = encode(p);
	json_put_u64(object, "seconds", seconds);
	put_pass(c, p, seconds, actor, object);
	json_put(result, "permit", object);
	return true;
}

static void
on_verdict(void *arg, const struct verdict *verdict)
{
	struct caller *c = arg;
	struct json *result = verdict_encode(verdict);
	struct err err = {0};
	bool ok = true;

	c->asker = NULL;
	/* What is not whole is none, as relying_may_go() has it. */
	if (verdict->state == VERDICT_TRUSTED &&
	    verdict->age_ms <= c->permit_age_ms && verdict->appraised &&
	    verdict->golden != 0)
		ok = issue(c, verdict, result, &err);
	caller_answer(c, ok, result, &err);
}

/* permit: domain, uuid, destination, seconds, max_age. */
static void
permit(struct caller *c, const struct json *arguments)
{
	char who[AUDIT_ACTOR_MAX];
	struct question question = {.who = who, .first = c->may_change};
	struct permit p = {.until_ms = 0};
	uint64_t seconds = PERMIT_S, max_age_s = 0;
	struct err err = {0};

	if (!read_permit(arguments, &p, &seconds, &err) ||
	    !json_want_u64(arguments, "max_age", PERMIT_AGE_MAX_S, &max_age_s,
	                   &err) ||
	    !permits_have_room(c->v->permits, &p, sys_boot_ms(), &err)) {
		caller_error(c, &err);
		return;
	}
	caller_asks(c, p.domain, p.uuid, who);
	caller_permit(c, &p);
	c->permit_s = seconds;
	c->permit_age_ms = max_age_s * 1000;
	question.max_age_ms = c->permit_age_ms;
	question.destination = c->permit->destination;
	c->asker = hosts_ask(c->v->hosts, &question, on_verdict, c);
}

bool
permit_of_read(const struct json *arguments, struct permit_of *of,
               struct err *err)
{
	return json_want_text(arguments, "domain", of->domain,
	                      sizeof(of->domain), err) &&
	       read_uuid(arguments, of->uuid, err);
}

/* permit-withdraw: domain, uuid.  Who had it given and needs it no more. */
static void
withdraw(struct caller *c, const struct json *arguments)
{
	char actor[AUDIT_ACTOR_MAX], detail[WORDS_MAX];
	struct permit_of of = {.uuid = ""};
	struct err err = {0};
	struct permit p;
	bool ok, was;

	ok = permit_of_read(arguments, &of, &err);
	was = ok && permits_withdraw(c->v->permits, &of, sys_boot_ms(), &p);
	/* It is gone, whether that can be written or not. */
	if (was) {
		snprintf(detail, sizeof(detail), "to %s: withdrawn",
		         p.destination);
		ok = store_audit_add(c->v->store,
		                     caller_actor(c, actor, sizeof(actor)),
		                     "permit-void", p.domain, detail, &err);
	}
	if (!ok) {
		caller_error(c, &err);
		return;
	}
	caller_return(c, json_new_object());
}

/* permits: domain, uuid (to choose one). */
static void
permits(struct caller *c, const struct json *arguments)
{
	struct permits *all = c->v->permits;
	struct json *result, *array;
	uint64_t now = sys_boot_ms();
	struct permit_of of = {.uuid = ""};
	struct err err = {0};

	if (!permit_of_read(arguments, &of, &err)) {
		caller_error(c, &err);
		return;
	}
	permits_tidy(all, now);
	array = json_new_array();
	for (size_t i = 0; i < all->n; i++) {
		const struct permit *p = &all->all[i];
		struct json *object;

		if ((of.domain[0] != '\0' || of.uuid[0] != '\0') &&
		    !permit_is_of(p, &of))
			continue;
		object = encode(p);
		json_put_u64(object, "seconds_left",
		             (p->until_ms - now + 999) / 1000);
		json_put_bool(object, "used", p->used);
		json_add(array, object);
	}
	result = json_new_object();
	json_put(result, "permits", array);
	caller_return(c, result);
}

/* What was taken is used up, also when its use cannot be written. */
bool
permit_use(struct caller *c, const struct permit_of *of, struct question *q,
           char *who, struct verdict *refusal)
{
	char detail[WORDS_MAX];
	struct err err = {0};
	struct permit p;

	caller_asks(c, of->domain, of->uuid, who);
	if (!permits_take(c->v->permits, of, sys_boot_ms(), &p)) {
		snprintf(detail, sizeof(detail), "no permit for %s",
		         of->domain[0] != '\0' ? of->domain : of->uuid);
		verdict_set(refusal, "", VERDICT_UNKNOWN, REASON_DESTINATION,
		            detail);
		return false;
	}
	snprintf(detail, sizeof(detail), "to %s: %s", p.destination, p.host);
	if (!store_audit_add(c->v->store, who, "permit-use", p.domain, detail,
	                     &err)) {
		verdict_set(refusal, "", VERDICT_UNKNOWN, REASON_STORE,
		            err.text);
		return false;
	}
	memcpy(c->wants.destination, p.destination, sizeof(p.destination));
	caller_permit(c, &p);
	q->destination = c->wants.destination;
	return true;
}

const struct verdict *
permit_judge(const struct permit *p, const struct verdict *verdict,
             struct verdict *refusal)
{
	if (verdict->state != VERDICT_TRUSTED)
		return verdict;
	if (strcmp(verdict->host, p->host) != 0) {
		verdict_set(refusal, verdict->host, VERDICT_STALE,
		            REASON_DESTINATION,
		            "the permit was for another host: run "
		            "'virt-attest permit' again");
	} else if (!verdict->appraised ||
	           !permit_is_of_session(p, &verdict->session)) {
		verdict_set(refusal, verdict->host, VERDICT_STALE,
		            REASON_REBOOTED,
		            "the host has started again since the permit was "
		            "given: run 'virt-attest permit' again");
	} else {
		return verdict;
	}
	refusal->time_s = verdict->time_s;
	return refusal;
}

struct ending_of {
	struct verifierd *v;
	const struct standing *s;
};

static void
on_gone(void *arg, const struct permit *p)
{
	const struct ending_of *e = arg;
	char detail[WORDS_MAX];
	struct err err = {0};

	snprintf(
	    detail, sizeof(detail), "to %s: %s %s%s", p->destination, p->host,
	    e->s->state == VERDICT_TRUSTED ? "has started again" : "is ",
	    e->s->state == VERDICT_TRUSTED ? ""
					   : verdict_state_name(e->s->state));
	log_notice("event=permit-void domain=%s to=%s host=%s", p->domain,
	           p->destination, p->host);
	/* It is gone, whether that can be written or not. */
	if (!store_audit_add(e->v->store, "-", "permit-void", p->domain, detail,
	                     &err))
		log_error("event=permit-void domain=%s error=\"%s\"", p->domain,
		          err.text);
}

static void
on_standing(void *arg, const struct standing *s)
{
	struct verifierd *v = arg;
	struct ending_of e = {v, s};

	permits_void(v->permits, s, sys_boot_ms(), on_gone, &e);
}

struct permits *
permits_new(struct verifierd *v)
{
	struct permits *permits = mem_new(1, sizeof(*permits));

	permits->listener = trust_listen(v->trust, on_standing, v);
	return permits;
}

void
permits_free(struct permits *permits)
{
	if (permits == NULL)
		return;
	trust_unlisten(permits->listener);
	free(permits);
}

const struct verb verbs_permit[] = {
    {"permit", true, permit},
    {"permit-withdraw", true, withdraw},
    {"permits", false, permits},
    {0},
};
