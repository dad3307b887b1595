/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Hosts come and go: enroll (look), enroll-commit (the operator's yes),
 * forget. */
#include <stdio.h>
#include <string.h>

#include "control.h"
#include "proto/codec.h"
#include "sys/log.h"

#define PCRS_DEFAULT "sha256:0,2,4,7"

static struct json *
eks_encode(const struct identity *id)
{
	struct json *array = json_new_array();

	for (size_t i = 0; i < id->n_eks; i++) {
		struct span area = span_of(id->eks[i].public_area.at,
		                           id->eks[i].public_area.len);
		struct json *object = json_new_object();
		uint8_t sha256[SHA256_SIZE];

		crypto_sha256(&area, 1, sha256);
		json_put_text(object, "algorithm", id->eks[i].algorithm);
		json_put_hex(object, "sha256", span_of(sha256, SHA256_SIZE));
		json_add(array, object);
	}
	return array;
}

static void
on_visited(void *arg, const struct visit_result *result, const struct err *why)
{
	struct caller *c = arg;
	struct json *shown;

	if (result == NULL) {
		caller_error(c, why);
	} else {
		c->proposal = *result;
		c->has_proposal = true;
		shown = attester_encode(&result->host);
		json_put(shown, "eks", eks_encode(&result->identity));
		json_put(shown, "pcr_values",
		         pcr_values_encode(&result->golden.values));
		caller_return(c, shown);
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

static bool
read_place(const struct caller *c, const struct json *arguments,
           struct attester *host, struct err *err)
{
	uint64_t port = c->v->config.agent_port;

	if (!json_get_text(arguments, "host", host->name, HOST_NAME_MAX_SIZE,
	                   err) ||
	    !attester_name_allowed(host->name, err))
		return false;
	memcpy(host->address, host->name, sizeof(host->address));
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

static bool
read_enroll(const struct caller *c, const struct json *arguments,
            struct visit_request *r, struct err *err)
{
	char pcrs[PCR_TEXT_MAX] = PCRS_DEFAULT;
	struct attester known;
	struct err why = {0};

	if (!read_place(c, arguments, &r->host, err) ||
	    !read_pin(arguments, r, err) ||
	    !json_want_text(arguments, "pcrs", pcrs, sizeof(pcrs), err) ||
	    !pcr_selection_parse(pcrs, &r->selection, err) ||
	    !golden_selection_allowed(&r->selection, false, err))
		return false;
	if (store_host_get(c->v->store, r->host.name, &known, &why))
		return err_set(err, ERR_EXISTS,
		               "host '%.100s' is enrolled already; forget it "
		               "first",
		               r->host.name);
	return true;
}

/* enroll: host, address, port, label, group, pcrs, ek_sha256. */
static void
enroll(struct caller *c, const struct json *arguments)
{
	struct visit_request request = {0};
	struct err err = {0};

	c->has_proposal = false;
	if (read_enroll(c, arguments, &request, &err))
		c->visit = visit_new(c->v, &request, on_visited, c);
	else
		caller_error(c, &err);
}

static void
enroll_commit(struct caller *c, const struct json *arguments)
{
	struct golden *golden = &c->proposal.golden;
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
	snprintf(golden->author, sizeof(golden->author), "%.63s", actor);
	snprintf(golden->label, sizeof(golden->label), "%s",
	         c->proposal.host.label[0] != '\0' ? c->proposal.host.label
	                                           : "enrolment");
	if (!store_host_add(c->v->store, &c->proposal.host, golden, actor,
	                    &err)) {
		caller_error(c, &err);
		return;
	}
	c->v->generation++;
	log_notice("host=%s event=enrolled by=%s", c->proposal.host.name,
	           actor);
	hosts_drop(c->v->hosts, c->proposal.host.name);
	caller_return(c, golden_encode(golden));
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
	c->v->generation++;
	log_notice("host=%s event=forgotten by=%s", name, actor);
	hosts_drop(c->v->hosts, name);
	caller_return(c, json_new_object());
}

const struct verb verbs_host[] = {
    {"enroll", true, enroll},
    {"enroll-commit", true, enroll_commit},
    {"forget", true, forget},
    {0},
};
