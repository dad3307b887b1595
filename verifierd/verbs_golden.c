/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Golden values that are there: list, show, revoke. */
#include "control.h"
#include "library.h"
#include "proto/codec.h"
#include "sys/log.h"

struct listing {
	struct verifierd *v;
	struct json *array;
	bool ok;
	struct err err;
};

static bool
list_golden(void *arg, const struct golden *g)
{
	struct listing *l = arg;
	struct json *object = golden_encode(g);

	l->ok = trial_put(l->v, g, object, &l->err);
	json_add(l->array, object);
	return l->ok;
}

/* golden-list: scope. */
static void
list(struct caller *c, const struct json *arguments)
{
	struct listing l = {c->v, json_new_array(), true, {0}};
	struct json *result = json_new_object();
	char scope[HOST_NAME_MAX_SIZE] = "";
	bool ok;

	json_put(result, "goldens", l.array);
	ok = json_want_text(arguments, "scope", scope, sizeof(scope), &l.err) &&
	     store_goldens(c->v->store, scope, list_golden, &l, &l.err);
	caller_answer(c, ok && l.ok, result, &l.err);
}

static bool
put_events(struct caller *c, const struct golden *g, struct json *into,
           struct err *err)
{
	const struct volume *volume;

	if (!golden_has_events(g))
		return true;
	volume = library_events(c->v->library, g->events, err);
	if (volume == NULL)
		return false;
	json_put(into, "events", bootref_encode(&volume->events));
	library_give_back(c->v->library, volume);
	return true;
}

static bool
put_policy(struct caller *c, const struct golden *g, struct json *into,
           struct err *err)
{
	AUTO(buf_done) struct buf text = {0};

	if (!golden_has_ima(g))
		return true;
	if (!store_text_get(c->v->store, g->ima_policy, &text, err))
		return false;
	buf_add(&text, span_of("", 1));
	if (text.over)
		return err_set(err, ERR_LIMIT, "the IMA policy is too long");
	json_put_text(into, "ima_policy", (const char *)text.at);
	return true;
}

void
caller_return_golden(struct caller *c, const struct golden *g, bool policy)
{
	struct json *result = golden_encode(g);
	struct err err = {0};
	/* Of a golden value with all its texts the trial is no part. */
	bool ok = put_events(c, g, result, &err) &&
	          (policy ? put_policy(c, g, result, &err)
	                  : trial_put(c->v, g, result, &err));

	caller_answer(c, ok, result, &err);
}

/* A text may have some 30 MiB, and many may ask at once. */
static bool
may_have_texts(const struct caller *c, struct err *err)
{
	return c->may_change ||
	       err_set(err, ERR_DENIED,
	               "uid %u may not have its texts: not root, and not in "
	               "the admin group",
	               c->uid);
}

/* golden-show: id, texts (the IMA policy too). */
static void
show(struct caller *c, const struct json *arguments)
{
	struct golden golden;
	struct err err = {0};
	bool texts = false;
	uint64_t id;

	if (json_get_u64(arguments, "id", INT64_MAX, &id, &err) &&
	    json_want_bool(arguments, "texts", &texts, &err) &&
	    (!texts || may_have_texts(c, &err)) &&
	    store_golden_get(c->v->store, id, &golden, &err))
		caller_return_golden(c, &golden, texts);
	else
		caller_error(c, &err);
}

/* golden-revoke: id. */
static void
revoke(struct caller *c, const struct json *arguments)
{
	struct golden golden;
	char actor[AUDIT_ACTOR_MAX];
	struct err err = {0};
	uint64_t id;

	caller_actor(c, actor, sizeof(actor));
	if (!json_get_u64(arguments, "id", INT64_MAX, &id, &err) ||
	    !store_golden_set(c->v->store, id, GOLDEN_REVOKED, actor, &err) ||
	    !store_golden_get(c->v->store, id, &golden, &err)) {
		caller_error(c, &err);
		return;
	}
	log_notice("golden=%llu scope=%s event=revoked by=%s",
	           (unsigned long long)id, golden.scope, actor);
	hosts_golden_revoked(c->v->hosts, id);
	caller_return(c, golden_encode(&golden));
}

const struct verb verbs_golden[] = {
    {"golden-list", false, list},
    {"golden-show", false, show},
    {"golden-revoke", true, revoke},
    {0},
};
