/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Hosts come and go: enroll (look), enroll-commit (the operator's yes),
 * forget. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "control.h"
#include "evidence/endorsement.h"
#include "migration.h"
#include "proto/codec.h"
#include "sys/log.h"
#include "sys/sys.h"

static struct json *
eks_encode(const struct identity *id)
{
	struct json *array = json_new_array();

	for (size_t i = 0; i < id->n_eks; i++) {
		struct json *object = json_new_object();
		uint8_t sha256[SHA256_SIZE];

		ek_digest(&id->eks[i], sha256);
		json_put_text(object, "algorithm", id->eks[i].algorithm);
		json_put_hex(object, "sha256", span_of(sha256, SHA256_SIZE));
		json_add(array, object);
	}
	return array;
}

/* One TPM under two names is a machine that answers for another, or one whose
 * name changed. */
static bool
put_twins(struct verifierd *v, const struct visit_result *r, struct json *notes,
          struct err *err)
{
	for (size_t i = 0; i < r->identity->n_eks; i++) {
		char text[HOST_NAME_MAX_SIZE + 100];
		uint8_t sha256[SHA256_SIZE];
		struct attester twin;
		struct err why = {0};

		ek_digest(&r->identity->eks[i], sha256);
		if (store_host_by_keys(v->store, sha256,
		                       span_of(r->host.ak.at, r->host.ak.len),
		                       r->host.name, &twin, &why)) {
			snprintf(text, sizeof(text),
			         "this TPM is enrolled as '%s' already: one "
			         "machine answers to both names",
			         twin.name);
			json_add_text(notes, text);
			return true;
		}
		if (why.code != ERR_NOT_FOUND) {
			*err = why;
			return false;
		}
	}
	return true;
}

static bool
is_unmeasured(const struct pcr_values *v)
{
	for (size_t b = 0; b < v->selection.n; b++)
		for (unsigned p = 0; p < PCR_COUNT; p++)
			if (!span_is_zero(digest_span(&v->values[b][p])))
				return false;
	return true;
}

/* Nothing that an enrolment keeps for ever is another. */
static bool
is_same(const struct attester *known, const struct visit_result *r)
{
	return r->likeness == LIKENESS_SAME &&
	       memcmp(known->ek_sha256, r->host.ek_sha256, SHA256_SIZE) == 0 &&
	       known->endorser == r->host.endorser &&
	       endpoint_keys_eq(&known->endpoints, &r->host.endpoints) &&
	       span_eq(
		   span_of(known->migration_ca.at, known->migration_ca.len),
		   span_of(r->host.migration_ca.at, r->host.migration_ca.len));
}

/* What the operator is to see before he says yes. */
static bool
proposal_encode(struct caller *c, const struct visit_result *r,
                const struct attester *known, struct json *shown,
                struct err *err)
{
	struct json *notes = json_new_array();
	bool ok = put_twins(c->v, r, notes, err);

	if (r->note[0] != '\0')
		json_add_text(notes, r->note);
	if (is_unmeasured(&r->golden.values))
		json_add_text(notes,
		              "all of these PCRs are zero: nothing was "
		              "measured into them, so they tell nothing");
	json_put(shown, "warnings", notes);
	json_put(shown, "eks", eks_encode(r->identity));
	json_put(shown, "pcr_values", pcr_values_encode(&r->golden.values));
	if (known != NULL) {
		json_put(shown, "known", attester_encode(known));
		json_put_text(shown, "likeness", likeness_text(r->likeness));
		json_put_bool(shown, "same", is_same(known, r));
	}
	return ok;
}

static void
on_visited(void *arg, const struct visit_result *result, const struct err *why)
{
	struct caller *c = arg;
	struct err err = {0};
	struct json *shown;

	if (result == NULL) {
		caller_error(c, why);
	} else {
		shown = attester_encode(&result->host);
		c->has_proposal = proposal_encode(
		    c, result, c->replaces ? &c->known : NULL, shown, &err);
		c->proposal = *result;
		c->proposal.identity = NULL;
		c->proposal.events = (struct span){0};
		buf_done(&c->proposed_events);
		buf_add(&c->proposed_events, result->events);
		caller_answer(c, c->has_proposal, shown, &err);
	}
	visit_free(c->visit);
	c->visit = NULL;
}

static bool
read_pin(const struct json *arguments, struct visit_request *r, struct err *err)
{
	AUTO(buf_done) struct buf digest = {.max = SHA256_SIZE};
	char hex[TEXT_HEX_SIZE(SHA256_SIZE)] = "";

	if (!json_want_text(arguments, "ek_sha256", hex, sizeof(hex), err))
		return false;
	r->pinned = hex[0] != '\0';
	if (!r->pinned)
		return true;
	if (!text_unhex(hex, &digest) || digest.len != SHA256_SIZE)
		return err_set(err, ERR_MALFORMED,
		               "'ek_sha256' is not 64 hexadecimal digits");
	memcpy(r->host.ek_sha256, digest.at, SHA256_SIZE);
	return true;
}

/* Where the host is, and what it is called; what is not said stays as it is. */
static bool
read_place(const struct json *arguments, struct attester *host, struct err *err)
{
	uint64_t port = host->port;

	if (!json_want_text(arguments, "address", host->address, ADDRESS_MAX,
	                    err) ||
	    !attester_name_allowed(host->address, err) ||
	    !json_want_u64(arguments, "port", UINT16_MAX, &port, err) ||
	    !json_want_text(arguments, "label", host->label, GOLDEN_LABEL_MAX,
	                    err) ||
	    !json_want_text(arguments, "group", host->group, GROUP_MAX, err))
		return false;
	if (host->group[0] != '\0' && !attester_name_allowed(host->group, err))
		return false;
	if (!text_is_printable(host->label))
		return err_set(err, ERR_MALFORMED,
		               "label has control characters");
	host->port = (uint16_t)port;
	return true;
}

/* The host that is meant: as it is enrolled, when it is to be replaced. */
static bool
read_name(struct caller *c, const struct json *arguments,
          struct visit_request *r, struct err *err)
{
	struct attester *host = &r->host;
	struct err why = {0};

	if (!json_get_text(arguments, "host", host->name, HOST_NAME_MAX_SIZE,
	                   err) ||
	    !attester_name_allowed(host->name, err) ||
	    !json_want_bool(arguments, "replace", &r->replace, err))
		return false;
	r->is_known = store_host_get(c->v->store, host->name, &r->known, &why);
	if (!r->is_known && (r->replace || why.code != ERR_NOT_FOUND)) {
		*err = why;
		return false;
	}
	host->port = (uint16_t)c->v->config.agent_port;
	memcpy(host->address, host->name, sizeof(host->address));
	if (!r->replace)
		return true;
	memcpy(host->name, r->known.name, sizeof(host->name));
	memcpy(host->address, r->known.address, sizeof(host->address));
	memcpy(host->label, r->known.label, sizeof(host->label));
	memcpy(host->group, r->known.group, sizeof(host->group));
	host->port = r->known.port;
	return true;
}

/* The PCRs that the host's golden values name: who replaces it does not mean to
 * look at fewer. */
static bool
keep_selection(struct caller *c, struct visit_request *r, struct err *err)
{
	struct golden *live = NULL;
	size_t n = 0;

	if (!store_goldens_live(c->v->store, &r->known, sys_unix_s(), &live, &n,
	                        err))
		return false;
	if (n != 0)
		goldens_selection(live, n, &r->selection);
	for (size_t i = 0; i < n; i++)
		r->allow_sha1 = r->allow_sha1 || live[i].allow_sha1;
	free(live);
	return true;
}

static bool
read_selection(struct caller *c, const struct json *arguments,
               struct visit_request *r, struct err *err)
{
	char pcrs[PCR_TEXT_MAX] = GOLDEN_PCRS_DEFAULT;

	if (!json_want_text(arguments, "pcrs", pcrs, sizeof(pcrs), err) ||
	    !pcr_selection_parse(pcrs, &r->selection, err) ||
	    (r->replace && json_get(arguments, "pcrs") == NULL &&
	     !keep_selection(c, r, err)))
		return false;
	return golden_selection_allowed(&r->selection, r->allow_sha1, err);
}

static bool
read_enroll(struct caller *c, const struct json *arguments,
            struct visit_request *r, struct err *err)
{
	return read_name(c, arguments, r, err) &&
	       read_place(arguments, &r->host, err) &&
	       read_pin(arguments, r, err) &&
	       read_selection(c, arguments, r, err);
}

/* enroll: host, address, port, label, group, pcrs, ek_sha256, replace. */
static void
enroll(struct caller *c, const struct json *arguments)
{
	struct visit_request request = {0};
	struct err err = {0};

	c->has_proposal = false;
	if (!read_enroll(c, arguments, &request, &err)) {
		caller_error(c, &err);
		return;
	}
	c->replaces = request.replace;
	c->known = request.known;
	c->visit = visit_new(c->v, &request, on_visited, c);
}

static bool
commit(struct caller *c, const char *actor, struct err *err)
{
	struct golden *golden = &c->proposal.golden;
	const struct golden_new first = {golden, buf_span(&c->proposed_events),
	                                 (struct span){0}};
	const struct attester *host = &c->proposal.host;

	snprintf(golden->author, sizeof(golden->author), "%.63s", actor);
	snprintf(golden->label, sizeof(golden->label), "%s",
	         host->label[0] != '\0' ? host->label : "enrolment");
	/* Others may have come while the operator read. */
	if (!migration_apart_from_all(c->v, host, err))
		return false;
	return c->replaces
	           ? store_host_replace(c->v->store, &c->known, host, &first,
	                                actor, err)
	           : store_host_add(c->v->store, host, &first, actor, err);
}

static void
enroll_commit(struct caller *c, const struct json *arguments)
{
	char actor[AUDIT_ACTOR_MAX];
	struct err err = {0};

	(void)arguments;
	if (!c->has_proposal) {
		err_set(&err, ERR_CONFLICT, "nothing was shown to enrol");
		caller_error(c, &err);
		return;
	}
	c->has_proposal = false;
	caller_actor(c, actor, sizeof(actor));
	if (!commit(c, actor, &err)) {
		caller_error(c, &err);
		return;
	}
	log_notice("host=%s event=%s by=%s", c->proposal.host.name,
	           c->replaces ? "replaced" : "enrolled", actor);
	hosts_enrolled(c->v->hosts, &c->proposal.host);
	caller_return(c, golden_encode(&c->proposal.golden));
}

/* forget: host. */
static void
forget(struct caller *c, const struct json *arguments)
{
	char name[HOST_NAME_MAX_SIZE], actor[AUDIT_ACTOR_MAX];
	struct err err = {0};

	caller_actor(c, actor, sizeof(actor));
	if (!json_get_text(arguments, "host", name, sizeof(name), &err) ||
	    !store_host_forget(c->v->store, name, actor, &err)) {
		caller_error(c, &err);
		return;
	}
	log_notice("host=%s event=forgotten by=%s", name, actor);
	hosts_forgotten(c->v->hosts, name);
	caller_return(c, json_new_object());
}

const struct verb verbs_host[] = {
    {"enroll", true, enroll},
    {"enroll-commit", true, enroll_commit},
    {"forget", true, forget},
    {0},
};
