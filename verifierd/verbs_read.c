/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What may be asked of the verifier: verdicts, hosts, state. */
#include <assert.h>
#include <stdio.h>

#include "control.h"
#include "proto/codec.h"
#include "proto/jwt.h"
#include "sys/sys.h"
#include "trust.h"

/* Together they fit a line of the audit log. */
enum { FORCED_DOMAIN_MAX = 256 };
static_assert(FORCED_CHECKS_MAX + FORCED_DOMAIN_MAX + 32 <= AUDIT_DETAIL_MAX,
              "what was forced is kept whole");

static void
on_verdict(void *arg, const struct verdict *verdict)
{
	struct caller *c = arg;
	AUTO(buf_done) struct buf jwt = {.max = EAR_MAX};
	char actor[AUDIT_ACTOR_MAX];
	struct verdict refusal;
	struct json *result;
	struct err err = {0};
	bool ok = true;

	c->asker = NULL;
	if (c->permit != NULL)
		verdict = permit_judge(c->permit, verdict, &refusal);
	result = verdict_encode(verdict);
	if (c->wants.ear) {
		ok = result_sign(c->v, &c->wants, verdict,
		                 caller_actor(c, actor, sizeof(actor)), &jwt,
		                 &err);
		buf_u8(&jwt, '\0');
		if (ok && jwt.over)
			ok = err_set(&err, ERR_LIMIT, "the EAR is too long");
		if (ok)
			json_put_text(result, "ear", (const char *)jwt.at);
	}
	caller_answer(c, ok, result, &err);
}

/* What is asked, and about what: a destination, or a domain whose permit says
 * it. */
struct asked {
	struct permit_of of;
	uint64_t max_age_s;
	bool permit;
};

static bool
read_verify(struct caller *c, const struct json *arguments, struct asked *a,
            struct err *err)
{
	if (!result_wanted_read(arguments, &c->wants, err) ||
	    !json_want_bool(arguments, "permit", &a->permit, err) ||
	    !json_want_u64(arguments, "max_age", 86400, &a->max_age_s, err) ||
	    !permit_of_read(arguments, &a->of, err))
		return false;
	if (!a->permit)
		return json_get_text(arguments, "destination",
		                     c->wants.destination, DESTINATION_MAX,
		                     err);
	return (json_get(arguments, "destination") == NULL &&
	        a->max_age_s == 0 &&
	        (a->of.domain[0] != '\0' || a->of.uuid[0] != '\0') &&
	        text_is_printable(a->of.domain)) ||
	       err_set(err, ERR_MALFORMED,
	               "'permit' goes with 'domain' or 'uuid', and without "
	               "'destination' and 'max_age'");
}

/* verify: destination or permit, max_age (seconds), domain, uuid, format,
 * nonce. */
static void
verify(struct caller *c, const struct json *arguments)
{
	char who[AUDIT_ACTOR_MAX];
	struct question question = {.who = who, .first = c->may_change};
	struct asked asked = {.permit = false};
	struct verdict refusal;
	struct err err = {0};

	caller_permit(c, NULL);
	if (!read_verify(c, arguments, &asked, &err)) {
		caller_error(c, &err);
		return;
	}
	if (asked.permit &&
	    !permit_use(c, &asked.of, &question, who, &refusal)) {
		refusal.time_s = sys_unix_s();
		c->v->counters.answers++;
		c->v->counters.verdicts[refusal.state]++;
		on_verdict(c, &refusal);
		return;
	}
	if (!asked.permit) {
		caller_asks(c, asked.of.domain, asked.of.uuid, who);
		question.destination = c->wants.destination;
	}
	question.max_age_ms = asked.max_age_s * 1000;
	c->asker = hosts_ask(c->v->hosts, &question, on_verdict, c);
}

/* key: what verifies an EAR, as a JWK (RFC 7517) and in PEM. */
static void
key(struct caller *c, const struct json *arguments)
{
	struct json *result = json_new_object();
	char pem[SIGNING_PEM_MAX], actor[AUDIT_ACTOR_MAX];
	struct signing_public public;
	struct err err = {0};
	bool ok;

	(void)arguments;
	ok = result_key(c->v, caller_actor(c, actor, sizeof(actor)), &public,
	                &err) &&
	     signing_pem(&public, pem, &err);
	if (ok) {
		json_put(result, "jwk", jwk_encode(&public));
		json_put_text(result, "pem", pem);
	}
	caller_answer(c, ok, result, &err);
}

struct listing {
	struct verifierd *v;
	struct json *array;
};

/* A host and how it stands. */
static struct json *
host_encode(struct verifierd *v, const struct attester *a)
{
	struct json *object = attester_encode(a);
	struct agent_counters counters;
	struct verdict standing;
	struct err err = {0};

	if (!hosts_standing(v->hosts, a->name, &standing, &err))
		verdict_set(&standing, a->name, VERDICT_UNKNOWN,
		            err.code == ERR_NOT_FOUND ? REASON_NOT_ASKED
		                                      : REASON_STORE,
		            NULL);
	json_put(object, "standing", verdict_encode(&standing));
	json_put_bool(object, "connected",
	              hosts_agent(v->hosts, a->name, &counters));
	json_put_u64(object, "signatures", counters.signatures);
	json_put_u64(object, "answers", counters.answers);
	return object;
}

static bool
list_host(void *arg, const struct attester *a)
{
	struct listing *l = arg;

	json_add(l->array, host_encode(l->v, a));
	return true;
}

static void
hosts(struct caller *c, const struct json *arguments)
{
	struct listing l = {c->v, json_new_array()};
	struct json *result = json_new_object();
	struct err err = {0};
	bool ok;

	(void)arguments;
	json_put(result, "hosts", l.array);
	ok = store_hosts(c->v->store, list_host, &l, &err);
	caller_answer(c, ok, result, &err);
}

/* show: host. */
static void
show(struct caller *c, const struct json *arguments)
{
	char name[HOST_NAME_MAX_SIZE];
	struct attester host;
	struct err err = {0};

	if (json_get_text(arguments, "host", name, sizeof(name), &err) &&
	    store_host_get(c->v->store, name, &host, &err))
		caller_return(c, host_encode(c->v, &host));
	else
		caller_error(c, &err);
}

/* evidence: host.  The record of its last verdict, as it was kept. */
static void
evidence(struct caller *c, const struct json *arguments)
{
	AUTO(buf_done) struct buf record = {0}, boot_log = {0};
	char name[HOST_NAME_MAX_SIZE];
	struct verdict verdict;
	struct json *json = NULL;
	struct err err = {0};

	if (json_get_text(arguments, "host", name, sizeof(name), &err) &&
	    store_verdict_last(c->v->store, name, &verdict, &record, &boot_log,
	                       &err)) {
		if (record.len == 0)
			err_set(&err, ERR_NOT_FOUND,
			        "the last verdict rests on no evidence");
		else
			json = json_parse(buf_span(&record), &err);
	}
	if (json != NULL && boot_log.len != 0)
		json_put_base64(json, "boot_log", buf_span(&boot_log));
	if (json != NULL)
		caller_return(c, json);
	else
		caller_error(c, &err);
}

static bool
count_host(void *arg, const struct standing *s)
{
	(void)s;
	(*(uint64_t *)arg)++;
	return true;
}

static bool
newest_line(void *arg, const struct audit_line *line)
{
	*(uint64_t *)arg = line->sequence;
	return false;
}

static void
status(struct caller *c, const struct json *arguments)
{
	struct json *result = json_new_object(), *states = json_new_object();
	const struct counters *n = &c->v->counters;
	struct err err = {0};
	uint64_t count = 0, lines = 0;
	bool ok;

	(void)arguments;
	json_put_bool(result, "may_change", c->may_change);
	json_put_text(result, "version", VIRT_ATTEST_VERSION);
	json_put_u64(result, "uptime_ms", sys_boot_ms() - c->v->started_ms);
	json_put_u64(result, "attestations", n->attestations);
	json_put_u64(result, "answers", n->answers);
	json_put_u64(result, "cached", n->cached);
	json_put_u64(result, "reattestations", n->reattestations);
	json_put_u64(result, "reattestations_late", n->reattestations_late);
	json_put_u64(result, "askers_waiting", hosts_waiting(c->v->hosts));
	json_put_u64(result, "hosts_trusted", trust_count(c->v->trust));
	for (size_t i = 0; i <= VERDICT_STALE; i++)
		json_put_u64(states, verdict_state_name((enum verdict_state)i),
		             n->verdicts[i]);
	json_put(result, "verdicts", states);
	/* Not of the store: many may ask, and often. */
	trust_each(c->v->trust, count_host, &count);
	ok = store_audit_back(c->v->store, newest_line, &lines, &err);
	json_put_u64(result, "hosts", count);
	json_put_u64(result, "audit_lines", lines);
	caller_answer(c, ok, result, &err);
}

/* forced: host, domain, checks.  Who moves a domain there although a check
 * blocks it leaves his name. */
static void
forced(struct caller *c, const struct json *arguments)
{
	char domain[FORCED_DOMAIN_MAX], checks[FORCED_CHECKS_MAX];
	char actor[AUDIT_ACTOR_MAX], detail[AUDIT_DETAIL_MAX];
	char host[HOST_NAME_MAX_SIZE];
	struct err err = {0};
	bool ok;

	ok = json_get_text(arguments, "domain", domain, sizeof(domain), &err) &&
	     json_get_text(arguments, "host", host, sizeof(host), &err) &&
	     json_get_text(arguments, "checks", checks, sizeof(checks), &err);
	if (ok && !(text_is_printable(domain) && text_is_printable(host) &&
	            text_is_printable(checks)))
		ok = err_set(&err, ERR_MALFORMED,
		             "'domain', 'host' or 'checks' has control "
		             "characters");
	if (ok) {
		snprintf(detail, sizeof(detail), "domain=%s checks=%s", domain,
		         checks);
		ok = store_audit_add(c->v->store,
		                     caller_actor(c, actor, sizeof(actor)),
		                     "forced", host, detail, &err);
	}
	caller_answer(c, ok, json_new_object(), &err);
}

const struct verb verbs_read[] = {
    {"verify", false, verify},     {"key", false, key},
    {"hosts", false, hosts},       {"show", false, show},
    {"evidence", false, evidence}, {"status", false, status},
    {"forced", false, forced},     {0},
};
