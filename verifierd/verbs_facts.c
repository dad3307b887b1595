/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* facts: what a host says of itself.  Only who may change may ask: the answer
 * tells which files, devices and addresses a host has. */
#include "control.h"

static void
on_told(void *arg, const struct local_facts *facts, const struct err *why)
{
	struct caller *c = arg;
	struct json *result = facts != NULL ? local_facts_encode(facts) : NULL;

	/* `facts` and `why` may be the visit's own. */
	caller_answer(c, facts != NULL, result, why);
	facts_visit_free(c->facts);
	c->facts = NULL;
}

/* facts: host (name or URI), asking. */
static void
facts(struct caller *c, const struct json *arguments)
{
	char text[DESTINATION_MAX];
	const struct json *asking;
	struct destination to;
	struct attester host;
	struct err err = {0};

	if (json_get_text(arguments, "host", text, sizeof(text), &err) &&
	    json_get_object(arguments, "asking", &asking, &err) &&
	    destination_parse(text, &to, &err) &&
	    hosts_find_enrolled(c->v->store, to.host, &host, &err))
		c->facts =
		    facts_visit_new(c->v, &host, asking, on_told, c, &err);
	if (c->facts == NULL)
		caller_error(c, &err);
}

const struct verb verbs_facts[] = {
    {"facts", true, facts},
    {0},
};
