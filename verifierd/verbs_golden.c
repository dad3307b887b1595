/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Golden values: list, show, take, approve, revoke, import. */
#include <stdio.h>
#include <string.h>

#include "control.h"
#include "proto/codec.h"
#include "sys/log.h"
#include "sys/sys.h"

static bool
list_golden(void *arg, const struct golden *g)
{
	json_add(arg, golden_encode(g));
	return true;
}

/* golden-list: scope. */
static void
list(struct caller *c, const struct json *arguments)
{
	struct json *result = json_new_object(), *array = json_new_array();
	char scope[HOST_NAME_MAX_SIZE] = "";
	struct err err = {0};
	bool ok;

	json_put(result, "goldens", array);
	ok = json_want_text(arguments, "scope", scope, sizeof(scope), &err) &&
	     store_goldens(c->v->store, scope, list_golden, array, &err);
	caller_answer(c, ok, result, &err);
}

/* golden-show: id. */
static void
show(struct caller *c, const struct json *arguments)
{
	struct golden golden;
	struct err err = {0};
	uint64_t id;

	if (json_get_u64(arguments, "id", INT64_MAX, &id, &err) &&
	    store_golden_get(c->v->store, id, &golden, &err))
		caller_return(c, golden_encode(&golden));
	else
		caller_error(c, &err);
}

static void
add(struct caller *c, struct golden *golden)
{
	char actor[AUDIT_ACTOR_MAX];
	struct err err = {0};

	caller_actor(c, actor, sizeof(actor));
	snprintf(golden->author, sizeof(golden->author), "%.63s", actor);
	golden->state = GOLDEN_CANDIDATE;
	golden->created_s = sys_unix_s();
	if (!store_golden_add(c->v->store, golden, actor, &err)) {
		caller_error(c, &err);
		return;
	}
	c->v->generation++;
	log_notice("golden=%llu scope=%s event=added by=%s",
	           (unsigned long long)golden->id, golden->scope, actor);
	caller_return(c, golden_encode(golden));
}

static void
on_visited(void *arg, const struct visit_result *result, const struct err *why)
{
	struct caller *c = arg;
	struct golden golden;

	if (result == NULL) {
		caller_error(c, why);
	} else {
		golden = c->wanted;
		golden.values = result->golden.values;
		golden.attest = result->golden.attest;
		golden.signature = result->golden.signature;
		add(c, &golden);
	}
	visit_free(c->visit);
	c->visit = NULL;
}

/* The words of a golden value that is to be taken from a host. */
static bool
read_wanted(const struct json *arguments, const struct attester *host,
            struct golden *g, struct err *err)
{
	g->of_group = false;
	if (!json_want_text(arguments, "label", g->label, GOLDEN_LABEL_MAX,
	                    err) ||
	    !json_want_u64(arguments, "valid_from", INT64_MAX, &g->valid_from_s,
	                   err) ||
	    !json_want_u64(arguments, "valid_until", INT64_MAX,
	                   &g->valid_until_s, err) ||
	    !json_want_bool(arguments, "allow_sha1", &g->allow_sha1, err) ||
	    !json_want_bool(arguments, "of_group", &g->of_group, err))
		return false;
	if (!text_is_printable(g->label))
		return err_set(err, ERR_MALFORMED,
		               "label has control characters");
	if (g->of_group && host->group[0] == '\0')
		return err_set(err, ERR_CONFLICT,
		               "host '%.100s' is in no group", host->name);
	snprintf(g->scope, sizeof(g->scope), "%s",
	         g->of_group ? host->group : host->name);
	return true;
}

/* golden-add: host, label, pcrs, of_group, allow_sha1, valid_from/until. */
static void
take(struct caller *c, const struct json *arguments)
{
	char name[HOST_NAME_MAX_SIZE], pcrs[PCR_TEXT_MAX] = "sha256:0,2,4,7";
	struct visit_request request = {.enrolled = true};
	struct err err = {0};

	c->wanted = (struct golden){0};
	if (json_get_text(arguments, "host", name, sizeof(name), &err) &&
	    store_host_get(c->v->store, name, &request.host, &err) &&
	    read_wanted(arguments, &request.host, &c->wanted, &err) &&
	    json_want_text(arguments, "pcrs", pcrs, sizeof(pcrs), &err) &&
	    pcr_selection_parse(pcrs, &request.selection, &err) &&
	    golden_selection_allowed(&request.selection, c->wanted.allow_sha1,
	                             &err)) {
		request.allow_sha1 = c->wanted.allow_sha1;
		c->visit = visit_new(c->v, &request, on_visited, c);
	} else {
		caller_error(c, &err);
	}
}

/* golden-import: golden, as golden-show gives it.  It comes as a candidate,
 * whatever it was elsewhere. */
static void
import(struct caller *c, const struct json *arguments)
{
	const struct json *object;
	struct golden golden;
	struct err err = {0};

	if (!json_get_object(arguments, "golden", &object, &err) ||
	    !golden_decode(object, &golden, &err)) {
		caller_error(c, &err);
	} else if (!golden_values_quoted(&golden)) {
		err_set(&err, ERR_MALFORMED,
		        "its PCR values are not those of the quote that it "
		        "brings; without 'attest' and 'signature' they are "
		        "taken as they are");
		caller_error(c, &err);
	} else {
		add(c, &golden);
	}
}

static void
set(struct caller *c, const struct json *arguments, enum golden_state state)
{
	struct golden golden;
	char actor[AUDIT_ACTOR_MAX];
	struct err err = {0};
	uint64_t id;

	caller_actor(c, actor, sizeof(actor));
	if (!json_get_u64(arguments, "id", INT64_MAX, &id, &err) ||
	    !store_golden_set(c->v->store, id, state, actor, &err) ||
	    !store_golden_get(c->v->store, id, &golden, &err)) {
		caller_error(c, &err);
		return;
	}
	c->v->generation++;
	log_notice("golden=%llu scope=%s event=%s by=%s",
	           (unsigned long long)id, golden.scope,
	           golden_state_name(state), actor);
	caller_return(c, golden_encode(&golden));
}

static void
approve(struct caller *c, const struct json *arguments)
{
	set(c, arguments, GOLDEN_ACTIVE);
}

static void
revoke(struct caller *c, const struct json *arguments)
{
	set(c, arguments, GOLDEN_REVOKED);
}

const struct verb verbs_golden[] = {
    {"golden-list", false, list},
    {"golden-show", false, show},
    {"golden-add", true, take},
    {"golden-import", true, import},
    {"golden-approve", true, approve},
    {"golden-revoke", true, revoke},
    {0},
};
