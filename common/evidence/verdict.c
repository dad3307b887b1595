/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "evidence/verdict.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"

static const struct {
	const char *name;
	int exit_status;
} states[] = {
#define X(id, name, exit_status) {name, exit_status},
    VERDICT_STATES(X)
#undef X
};

static const struct {
	const char *name, *text, *remedy;
} reasons[] = {
#define X(id, code, sentence, what_to_do) {code, sentence, what_to_do},
    REASONS(X)
#undef X
};

const char *
verdict_state_name(enum verdict_state state)
{
	if ((size_t)state >= LENGTH_OF(states))
		state = VERDICT_UNKNOWN;
	return states[state].name;
}

bool
verdict_state_of(const char *name, enum verdict_state *out)
{
	*out = VERDICT_UNKNOWN;
	for (size_t i = 0; i < LENGTH_OF(states); i++)
		if (strcmp(name, states[i].name) == 0) {
			*out = (enum verdict_state)i;
			return true;
		}
	return false;
}

int
verdict_exit_status(enum verdict_state state)
{
	if ((size_t)state >= LENGTH_OF(states))
		state = VERDICT_UNKNOWN;
	return states[state].exit_status;
}

static size_t
reason_index(enum reason_code code)
{
	return (size_t)code < LENGTH_OF(reasons) ? (size_t)code
	                                         : (size_t)REASON_INTERNAL;
}

const char *
reason_name(enum reason_code code)
{
	return reasons[reason_index(code)].name;
}

const char *
reason_text(enum reason_code code)
{
	return reasons[reason_index(code)].text;
}

const char *
reason_remedy(enum reason_code code)
{
	return reasons[reason_index(code)].remedy;
}

bool
reason_of(const char *name, enum reason_code *out)
{
	*out = REASON_INTERNAL;
	for (size_t i = 0; i < LENGTH_OF(reasons); i++)
		if (strcmp(name, reasons[i].name) == 0) {
			*out = (enum reason_code)i;
			return true;
		}
	return false;
}

void
verdict_set(struct verdict *v, const char *host, enum verdict_state state,
            enum reason_code code, const char *detail)
{
	*v = (struct verdict){.state = state};
	if (!text_copy(host, v->host, sizeof(v->host)))
		v->state = VERDICT_UNKNOWN;
	verdict_add(v, code, detail);
}

void
verdict_add(struct verdict *v, enum reason_code code, const char *detail)
{
	struct reason *reason;

	if (v->n_reasons == REASONS_MAX)
		return;
	reason = &v->reasons[v->n_reasons++];
	reason->code = code;
	snprintf(reason->detail, sizeof(reason->detail), "%s",
	         detail != NULL ? detail : "");
}
