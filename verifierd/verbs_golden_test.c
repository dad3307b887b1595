/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* golden-test: how the hosts would fare by a golden value. */
#include "control.h"
#include "golden_test.h"
#include "library.h"
#include "proto/codec.h"

static void
on_tested(void *arg, struct json *result, const struct err *why)
{
	struct caller *c = arg;

	golden_test_free(c->test);
	c->test = NULL;
	caller_answer(c, result != NULL, result, why);
}

/* The reference events of one that is stored. */
static bool
copy_events(struct caller *c, struct golden_test_wanted *w, struct err *err)
{
	AUTO(json_auto) struct json *array = NULL;
	const struct volume *volume;

	if (!golden_has_events(&w->golden))
		return true;
	volume = library_events(c->v->library, w->golden.events, err);
	if (volume == NULL)
		return false;
	array = bootref_encode(&volume->events);
	library_give_back(c->v->library, volume);
	return bootref_decode(array, &w->events, err);
}

/* One that is not: its texts are members beside it, and its digests of them
 * are not read.  Any name will do for a text that is there. */
static bool
read_golden(const struct json *object, struct golden_test_wanted *w,
            struct err *err)
{
	const struct json *array;
	struct golden *g = &w->golden;

	if (!golden_decode(object, g, err))
		return false;
	g->events[0] = json_get(object, "events") != NULL;
	g->ima_policy[0] = json_get(object, "ima_policy") != NULL;
	return golden_is_whole(g, err) &&
	       (json_get(object, "events") == NULL ||
	        (json_get_array(object, "events", BOOTREF_EVENTS_MAX, &array,
	                        err) &&
	         bootref_decode(array, &w->events, err)));
}

/* golden-test: golden (as golden-show gives it, with texts) or id; all. */
static void
test(struct caller *c, const struct json *arguments)
{
	struct golden_test_wanted wanted = {0};
	const struct json *object;
	struct err err = {0};
	uint64_t id = 0;
	bool ok = json_want_bool(arguments, "all", &wanted.all, &err);

	if (ok && json_get(arguments, "golden") != NULL)
		ok = json_get_object(arguments, "golden", &object, &err) &&
		     read_golden(object, &wanted, &err);
	else if (ok)
		ok = json_get_u64(arguments, "id", INT64_MAX, &id, &err) &&
		     store_golden_get(c->v->store, id, &wanted.golden, &err) &&
		     copy_events(c, &wanted, &err);
	if (ok)
		c->test = golden_test_new(c->v, &wanted, on_tested, c);
	else
		caller_error(c, &err);
	bootref_done(&wanted.events);
}

const struct verb verbs_golden_test[] = {
    {"golden-test", true, test},
    {0},
};
