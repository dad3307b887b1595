/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "checkpoints.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "result.h"
#include "sys/log.h"
#include "sys/sys.h"

enum { TICK_S = 60, DAY_S = 24 * 3600 };

/* In the audit log, of what nobody asked for. */
static const char self[] = "verifierd";

struct checkpoints {
	struct verifierd *v;
	struct timer *timer;
	struct timer *turn; /* of what goes; NULL: nothing does now */
	struct audit_retaining retaining;
};

/* What is kept as a checkpoint is one, of a log of that size. */
static bool
is_signed(struct verifierd *v, const struct audit_checkpoint *kept,
          struct audit_head *head, struct err *err)
{
	struct signing_public key;
	struct checkpoint c;
	struct err why = {0};

	*head = (struct audit_head){0};
	if (!result_key_known(v, &key, &why) && why.code != ERR_NOT_FOUND)
		return err_set(err, why.code, "%s", why.text);
	if (why.code == ERR_NOT_FOUND ||
	    !checkpoint_read(span_str(kept->jwt), &key, &c, &why) ||
	    c.head.size != kept->size || c.time_s != kept->time_s)
		return err_set(err, ERR_CONFLICT,
		               "audit: the checkpoint of line %llu is not "
		               "what this verifier signed",
		               (unsigned long long)kept->size);
	*head = c.head;
	return true;
}

/* The newest; size 0 when there is none. */
static bool
newest(struct verifierd *v, struct audit_checkpoint *kept,
       struct audit_head *head, struct err *err)
{
	struct err why = {0};

	*head = (struct audit_head){0};
	if (store_checkpoint_last(v->store, kept, &why))
		return is_signed(v, kept, head, err);
	return why.code == ERR_NOT_FOUND ||
	       err_set(err, why.code, "%s", why.text);
}

/* The last line that retention took: there is a checkpoint of it. */
static bool
read_base(struct verifierd *v, uint64_t size, struct audit_head *head,
          struct err *err)
{
	struct audit_checkpoint base;
	struct err why = {0};

	*head = (struct audit_head){0};
	if (size == 0)
		return true;
	if (store_checkpoint_at(v->store, size, &base, &why))
		return is_signed(v, &base, head, err);
	if (why.code != ERR_NOT_FOUND)
		return err_set(err, why.code, "%s", why.text);
	return err_set(err, ERR_CONFLICT,
	               "audit: the lines up to %llu are missing, and no "
	               "checkpoint is of them",
	               (unsigned long long)size);
}

bool
audit_before(struct verifierd *v, uint64_t sequence, struct audit_head *head,
             struct err *err)
{
	struct audit_line line;
	uint64_t start;

	if (!store_audit_start(v->store, &start, err))
		return false;
	if (sequence - 1 == start)
		return read_base(v, start, head, err);
	if (!store_audit_line(v->store, sequence - 1, &line, err))
		return false;
	head->size = line.sequence;
	memcpy(head->hash, line.hash, SHA256_SIZE);
	return true;
}

/* Else we would sign what somebody made of the log.  What is before that line
 * is audit_check()'s to walk. */
static bool
still_holds(struct verifierd *v, const struct audit_head *was, struct err *err)
{
	struct audit_head is = {0};
	struct err why = {0};

	if (was->size == 0 || (audit_before(v, was->size + 1, &is, &why) &&
	                       memcmp(is.hash, was->hash, SHA256_SIZE) == 0))
		return true;
	if (why.code == ERR_IO)
		return err_set(err, why.code, "%s", why.text);
	return err_set(err, ERR_CONFLICT,
	               "audit: the log is not the one that the checkpoint of "
	               "line %llu signed: 'virt-attest audit verify' says more",
	               (unsigned long long)was->size);
}

static bool
sign(struct verifierd *v, const char *actor, const struct checkpoint *c,
     struct audit_checkpoint *out, struct err *err)
{
	AUTO(json_auto) struct json *claims = checkpoint_encode(c);
	AUTO(buf_done) struct buf jwt = {.max = CHECKPOINT_MAX + 1};

	if (!result_sign_claims(v, CHECKPOINT_TYP, claims, actor, &jwt, err))
		return false;
	buf_u8(&jwt, '\0');
	*out = (struct audit_checkpoint){c->head.size, c->time_s, ""};
	if (jwt.over ||
	    !text_copy((const char *)jwt.at, out->jwt, sizeof(out->jwt)))
		return err_set(err, ERR_LIMIT, "a checkpoint is too long");
	return true;
}

bool
checkpoint_make(struct verifierd *v, const char *actor,
                struct audit_checkpoint *out, struct err *err)
{
	struct signing_public key;
	struct audit_head before;
	struct checkpoint c = {.time_s = sys_unix_s()};

	/* A key that is made now is a line of the log. */
	if (!newest(v, out, &before, err) || !still_holds(v, &before, err) ||
	    !result_key(v, actor, &key, err) ||
	    !store_audit_head(v->store, &c.head, err))
		return false;
	if (c.head.size == before.size && before.size != 0)
		return true;
	if (!sign(v, actor, &c, out, err) ||
	    !store_checkpoint_add(v->store, out, err))
		return false;
	/* Where the journal goes to another machine, it is kept there, out of
	 * reach of whoever writes to the store. */
	log_notice("event=audit-checkpoint size=%llu checkpoint=%s",
	           (unsigned long long)out->size, out->jwt);
	return true;
}

bool
audit_check_begin(struct verifierd *v, struct audit_check *c, struct err *err)
{
	uint64_t start;

	*c = (struct audit_check){.state.first = 1};
	if (!store_audit_start(v->store, &start, err) ||
	    !read_base(v, start, &c->walk.first, err) ||
	    !newest(v, &c->state.checkpoint, &c->known, err))
		return false;
	if (c->state.checkpoint.size != 0)
		c->walk.known = &c->known;
	c->walk.head = c->walk.first;
	return true;
}

bool
audit_check_on(struct verifierd *v, struct audit_check *c, uint64_t max,
               bool *ended, struct err *err)
{
	struct audit_walk *w = &c->walk;
	uint64_t start;

	*ended = false;
	if (!store_audit_start(v->store, &start, err))
		return false;
	/* Retention was here meanwhile. */
	if (start != w->first.size)
		return audit_check_begin(v, c, err);
	if (!store_audit_walk_on(v->store, w, max, ended, err)) {
		c->state.last = w->head.size;
		return false;
	}
	c->state.first = w->first.size + 1;
	c->state.last = w->head.size;
	return !*ended || w->first.size == 0 || w->given_up == w->first.size ||
	       err_set(err, ERR_CONFLICT,
	               "audit: the lines up to %llu are missing, and no line "
	               "says that they were given up",
	               (unsigned long long)w->first.size);
}

bool
audit_check(struct verifierd *v, struct audit_state *state, struct err *err)
{
	struct audit_check c;
	bool ended, ok;

	ok = audit_check_begin(v, &c, err) &&
	     audit_check_on(v, &c, INT64_MAX, &ended, err);
	*state = c.state;
	return ok;
}

/* The first line; number 0 without any. */
static bool
oldest(struct verifierd *v, struct audit_line *line, struct err *err)
{
	struct err why = {0};
	uint64_t start;

	if (!store_audit_start(v->store, &start, err))
		return false;
	*line = (struct audit_line){0};
	return store_audit_line(v->store, start + 1, line, &why) ||
	       why.code == ERR_NOT_FOUND ||
	       err_set(err, why.code, "%s", why.text);
}

/* A day of lines at a time, so that each is little, and the line that tells of
 * it does not make a log of its own.  What does not hold is evidence, and
 * stays. */
bool
audit_retain_begin(struct verifierd *v, uint64_t now_s,
                   struct audit_retaining *r, bool *any, struct err *err)
{
	uint64_t keep_s = v->config.audit_keep_days * DAY_S;
	struct audit_head signed_then = {0};
	struct audit_line first;
	struct err why = {0};

	*any = false;
	if (keep_s == 0 || now_s <= keep_s)
		return true;
	if (!oldest(v, &first, err))
		return false;
	if (!store_checkpoint_between(v->store, first.time_s + DAY_S,
	                              now_s - keep_s, &r->covers, &why))
		return why.code == ERR_NOT_FOUND ||
		       err_set(err, why.code, "%s", why.text);
	if (first.sequence == 0 || r->covers.size < first.sequence)
		return true;
	*any = true;
	/* The lines up to there are those that were signed. */
	return is_signed(v, &r->covers, &signed_then, err) &&
	       still_holds(v, &signed_then, err) &&
	       audit_check_begin(v, &r->check, err);
}

bool
audit_retain_on(struct verifierd *v, struct audit_retaining *r, uint64_t max,
                bool *ended, struct err *err)
{
	if (!audit_check_on(v, &r->check, max, ended, err))
		return false;
	/* A reload may have said meanwhile that all of it stays. */
	if (!*ended || v->config.audit_keep_days == 0)
		return true;
	if (!store_audit_prune(v->store, r->covers.size, self, err))
		return false;
	log_notice("event=" AUDIT_PRUNE " last=%llu",
	           (unsigned long long)r->covers.size);
	return true;
}

static bool
is_due(struct verifierd *v, uint64_t now_s, bool *due, struct err *err)
{
	struct audit_checkpoint c;
	struct audit_line first = {0};
	uint64_t last_s;
	struct err why = {0};

	*due = false;
	if (v->config.audit_checkpoint_s == 0)
		return true;
	if (!store_checkpoint_last(v->store, &c, &why)) {
		if (why.code != ERR_NOT_FOUND)
			return err_set(err, why.code, "%s", why.text);
		if (!oldest(v, &first, err))
			return false;
		c.time_s = first.time_s;
	}
	last_s = c.time_s;
	/* A clock that was set back makes none wait. */
	*due = last_s != 0 && (last_s > now_s ||
	                       now_s - last_s >= v->config.audit_checkpoint_s);
	return true;
}

static void
on_turn(void *arg)
{
	struct checkpoints *c = arg;
	struct err err = {0};
	bool ended;

	timer_free(c->turn);
	c->turn = NULL;
	if (!audit_retain_on(c->v, &c->retaining, AUDIT_TURN_LINES, &ended,
	                     &err))
		log_error("event=audit error=\"%s\"", err.text);
	else if (!ended)
		c->turn = timer_new(c->v->loop, AUDIT_REST_MS, on_turn, c);
}

static bool
retain(struct checkpoints *c, uint64_t now_s, struct err *err)
{
	bool any;

	if (c->turn != NULL)
		return true;
	if (!audit_retain_begin(c->v, now_s, &c->retaining, &any, err))
		return false;
	if (any)
		c->turn = timer_new(c->v->loop, AUDIT_REST_MS, on_turn, c);
	return true;
}

static void arm(struct checkpoints *c);

static void
on_tick(void *arg)
{
	struct checkpoints *c = arg;
	struct audit_checkpoint made;
	uint64_t now_s = sys_unix_s();
	struct err err = {0};
	bool due;

	if (!is_due(c->v, now_s, &due, &err) ||
	    (due && !checkpoint_make(c->v, self, &made, &err)) ||
	    !retain(c, now_s, &err))
		log_error("event=audit error=\"%s\"", err.text);
	arm(c);
}

static void
arm(struct checkpoints *c)
{
	uint64_t every_s = c->v->config.audit_checkpoint_s;

	timer_free(c->timer);
	if (every_s == 0 || every_s > TICK_S)
		every_s = TICK_S;
	c->timer = timer_new(c->v->loop, every_s * 1000, on_tick, c);
}

struct checkpoints *
checkpoints_new(struct verifierd *v)
{
	struct checkpoints *c = mem_new(1, sizeof(*c));

	c->v = v;
	arm(c);
	return c;
}

void
checkpoints_free(struct checkpoints *c)
{
	if (c == NULL)
		return;
	timer_free(c->timer);
	timer_free(c->turn);
	free(c);
}
