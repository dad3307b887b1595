/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The audit log for those who ask: its lines, whether they hold, and a
 * checkpoint of them. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/mem.h"
#include "checkpoints.h"
#include "control.h"

/* Lines of an answer, and lines that are looked at for one: nobody's question
 * keeps the others waiting.  `next` says where to go on. */
enum { LINES_MAX = 1000, LOOKS_MAX = 10000 };

struct wanted {
	uint64_t first, max, since_s, until_s;
	char host[HOST_NAME_MAX_SIZE], event[AUDIT_EVENT_MAX];
};

struct listing {
	const struct wanted *wanted;
	struct json *lines;
	uint64_t n, looks;
	uint64_t at, next; /* the first line listed, the one after the last seen
	                    */
};

static bool
is_wanted(const struct wanted *w, const struct audit_line *line)
{
	return line->time_s >= w->since_s && line->time_s <= w->until_s &&
	       (w->host[0] == '\0' ||
	        strcasecmp(line->subject, w->host) == 0) &&
	       (w->event[0] == '\0' || strcmp(line->event, w->event) == 0);
}

static bool
list_line(void *arg, const struct audit_line *line)
{
	struct listing *l = arg;

	l->next = line->sequence + 1;
	l->looks++;
	if (is_wanted(l->wanted, line)) {
		json_add(l->lines, audit_line_encode(line));
		if (l->n++ == 0)
			l->at = line->sequence;
	}
	return l->n < l->wanted->max;
}

static bool
read_wanted(const struct json *arguments, struct wanted *w, struct err *err)
{
	return json_want_u64(arguments, "first", INT64_MAX, &w->first, err) &&
	       json_want_u64(arguments, "max", 10000, &w->max, err) &&
	       json_want_u64(arguments, "since", INT64_MAX, &w->since_s, err) &&
	       json_want_u64(arguments, "until", INT64_MAX, &w->until_s, err) &&
	       json_want_text(arguments, "host", w->host, sizeof(w->host),
	                      err) &&
	       json_want_text(arguments, "event", w->event, sizeof(w->event),
	                      err);
}

/* Lines that nothing vouches for are shown all the same: somebody has to see
 * what was done to the log. */
static bool
put_before(struct caller *c, uint64_t first, struct json *result,
           struct err *err)
{
	struct audit_head head = {0};
	struct err why = {0};
	struct json *before;

	if (first != 0 && !audit_before(c->v, first, &head, &why))
		return why.code == ERR_CONFLICT || why.code == ERR_NOT_FOUND ||
		       err_set(err, why.code, "%s", why.text);
	before = json_new_object();
	audit_head_put(&head, before);
	json_put(result, "before", before);
	return true;
}

/* audit: first, max, since, until (Unix time), host, event. */
static void
audit(struct caller *c, const struct json *arguments)
{
	struct json *result = json_new_object();
	struct wanted wanted = {.max = LINES_MAX, .until_s = INT64_MAX};
	struct listing l = {.wanted = &wanted, .lines = json_new_array()};
	struct err err = {0};
	bool ok;

	json_put(result, "lines", l.lines);
	ok = read_wanted(arguments, &wanted, &err) &&
	     store_audit(c->v->store, wanted.first, LOOKS_MAX, list_line, &l,
	                 &err) &&
	     put_before(c, l.at, result, &err);
	if (ok && (l.looks == LOOKS_MAX || l.n >= wanted.max) && l.next != 0)
		json_put_u64(result, "next", l.next);
	caller_answer(c, ok, result, &err);
}

static void
put_checkpoint(const struct audit_checkpoint *c, struct json *into)
{
	struct json *object = json_new_object();

	json_put_u64(object, "size", c->size);
	json_put_u64(object, "time", c->time_s);
	json_put_text(object, "jwt", c->jwt);
	json_put(into, "checkpoint", object);
}

/* A walk that a caller waits for. */
struct audit_asking {
	struct caller *caller;
	struct timer *timer;
	struct audit_check check;
};

void
audit_asking_free(struct audit_asking *a)
{
	if (a == NULL)
		return;
	timer_free(a->timer);
	free(a);
}

static void
walked(struct caller *c, const struct audit_state *is, const struct err *why)
{
	struct json *result;

	audit_asking_free(c->auditing);
	c->auditing = NULL;
	if (is == NULL) {
		caller_error(c, why);
		return;
	}
	result = json_new_object();
	json_put_u64(result, "lines", is->last + 1 - is->first);
	json_put_u64(result, "first", is->first);
	if (is->checkpoint.size != 0)
		put_checkpoint(&is->checkpoint, result);
	caller_return(c, result);
}

static void
on_turn(void *arg)
{
	struct audit_asking *a = arg;
	struct verifierd *v = a->caller->v;
	struct err err = {0};
	struct audit_state is;
	bool ended;

	timer_free(a->timer);
	a->timer = NULL;
	if (!audit_check_on(v, &a->check, AUDIT_TURN_LINES, &ended, &err)) {
		walked(a->caller, NULL, &err);
	} else if (ended) {
		is = a->check.state;
		walked(a->caller, &is, NULL);
	} else {
		a->timer = timer_new(v->loop, AUDIT_REST_MS, on_turn, a);
	}
}

static void
audit_verify(struct caller *c, const struct json *arguments)
{
	struct audit_asking *a = mem_new(1, sizeof(*a));
	struct err err = {0};

	(void)arguments;
	a->caller = c;
	c->auditing = a;
	if (audit_check_begin(c->v, &a->check, &err))
		a->timer = timer_new(c->v->loop, 0, on_turn, a);
	else
		walked(c, NULL, &err);
}

/* audit-checkpoint: of the log as it is.  Whoever may ask may ask for it, too:
 * he gets what was signed already when nothing happened since. */
static void
audit_checkpoint(struct caller *c, const struct json *arguments)
{
	struct json *result = json_new_object();
	struct audit_checkpoint made;
	char actor[AUDIT_ACTOR_MAX];
	struct err err = {0};
	bool ok;

	(void)arguments;
	ok = checkpoint_make(c->v, caller_actor(c, actor, sizeof(actor)), &made,
	                     &err);
	if (ok)
		put_checkpoint(&made, result);
	caller_answer(c, ok, result, &err);
}

const struct verb verbs_audit[] = {
    {"audit", false, audit},
    {"audit-verify", false, audit_verify},
    {"audit-checkpoint", false, audit_checkpoint},
    {0},
};
