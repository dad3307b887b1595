/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "control.h"

#include <errno.h>
#include <grp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "sys/log.h"
#include "sys/service.h"

/* Those of one account that may change nothing, so that it leaves room for the
 * others. */
enum { CALLERS_MAX = 1024, CALLERS_OF_ONE_MAX = 64, SOCKET_MODE = 0666 };

struct control {
	struct verifierd *v;
	struct listener *listener;
	struct caller *callers;
	struct control_groups groups;
};

static void
caller_free(struct caller *c)
{
	*c->link = c->next;
	if (c->next != NULL)
		c->next->link = c->link;
	asker_cancel(c->asker);
	free(c->permit);
	visit_free(c->visit);
	golden_test_free(c->test);
	facts_visit_free(c->facts);
	audit_asking_free(c->auditing);
	watcher_free(c->watcher);
	buf_done(&c->proposed_events);
	buf_done(&c->wanted_policy);
	line_done(&c->line);
	stream_free(c->stream);
	free(c);
}

const char *
caller_actor(const struct caller *c, char *out, size_t size)
{
	snprintf(out, size, "uid=%u", c->uid);
	return out;
}

void
caller_asks(const struct caller *c, const char *domain, const char *uuid,
            char who[AUDIT_ACTOR_MAX])
{
	const char *name = domain[0] != '\0' ? domain : uuid;

	snprintf(who, AUDIT_ACTOR_MAX,
	         name[0] != '\0' ? "uid=%u domain=%s" : "uid=%u", c->uid, name);
}

void
caller_permit(struct caller *c, const struct permit *permit)
{
	free(c->permit);
	c->permit = NULL;
	if (permit == NULL)
		return;
	c->permit = mem_new(1, sizeof(*permit));
	*c->permit = *permit;
}

static void
send_answer(struct caller *c, const struct buf *out)
{
	stream_write(c->stream, buf_span(out));
	stream_resume(c->stream);
}

void
caller_return(struct caller *c, struct json *result)
{
	AUTO(buf_done) struct buf out = {0};

	reply_format(result, c->id, &out);
	send_answer(c, &out);
}

void
caller_error(struct caller *c, const struct err *err)
{
	AUTO(buf_done) struct buf out = {0};

	reply_format_error(err, c->id, &out);
	send_answer(c, &out);
}

void
caller_answer(struct caller *c, bool ok, struct json *result,
              const struct err *err)
{
	if (ok) {
		caller_return(c, result);
		return;
	}
	json_free(result);
	caller_error(c, err);
}

static const struct verb *
find_verb(const char *name)
{
	const struct verb *const lists[] = {
	    verbs_read,         verbs_golden,      verbs_golden_new,
	    verbs_golden_trial, verbs_golden_test, verbs_host,
	    verbs_doctor,       verbs_facts,       verbs_permit,
	    verbs_pass,         verbs_watch,       verbs_audit};

	for (size_t i = 0; i < LENGTH_OF(lists); i++)
		for (const struct verb *v = lists[i]; v->name != NULL; v++)
			if (strcmp(v->name, name) == 0)
				return v;
	return NULL;
}

static bool
may(const struct caller *c, const struct verb *verb, struct err *err)
{
	if (verb->changes ? c->may_change : c->may_read)
		return true;
	return err_set(err, ERR_DENIED,
	               "uid %u may not: not root, and not in the %s group",
	               c->uid, verb->changes ? "admin" : "read");
}

static void
on_request(struct caller *c, struct span line)
{
	const struct verb *verb = NULL;
	struct err err = {0};
	struct request r;

	if (request_parse(line, &r, &err)) {
		verb = find_verb(r.command);
		if (verb == NULL)
			err_set(&err, ERR_COMMAND, "no such request");
	}
	c->id = r.id;
	if (verb != NULL && may(c, verb, &err))
		verb->on(c, r.arguments);
	else
		caller_error(c, &err);
	request_done(&r);
}

static bool
is_busy(const struct caller *c)
{
	return c->asker != NULL || c->visit != NULL || c->test != NULL ||
	       c->facts != NULL || c->auditing != NULL;
}

static size_t
on_bytes(void *arg, struct span in)
{
	struct caller *c = arg;
	struct err err = {0};
	enum line_state state;
	size_t used;

	if (is_busy(c))
		return 0;
	state = line_feed(&c->line, in, &used);
	if (state == LINE_WHOLE) {
		on_request(c, buf_span(&c->line.buf));
		line_clear(&c->line);
	} else if (state == LINE_TOO_LONG) {
		err_set(&err, ERR_LIMIT, "a request is %zu bytes at most",
		        c->line.limit);
		caller_error(c, &err);
		stream_finish(c->stream);
	}
	return used;
}

static void
on_sent(void *arg)
{
	struct caller *c = arg;

	if (c->watcher != NULL)
		watcher_sent(c->watcher);
}

static void
on_closed(void *arg, const struct err *why)
{
	(void)why; /* a caller may go whenever he likes */
	caller_free(arg);
}

static const struct stream_calls stream_says = {
    .bytes = on_bytes,
    .sent = on_sent,
    .closed = on_closed,
};

static bool
has_room(const struct caller *c, struct err *err)
{
	size_t n = 0;

	for (const struct caller *o = c->control->callers; o != NULL;
	     o = o->next)
		n += o->uid == c->uid && !o->may_change;
	return n <= CALLERS_OF_ONE_MAX || c->may_change ||
	       err_set(err, ERR_BUSY, "uid %u has %d connections already",
	               c->uid, CALLERS_OF_ONE_MAX);
}

static void
judge_rights(struct caller *c)
{
	const struct control_groups *g = &c->control->groups;
	bool ours = stream_peer_uid(c->stream, &c->uid) &&
	            (c->uid == 0 || c->uid == geteuid());

	c->may_change =
	    ours || (g->has_admin && stream_peer_in_group(c->stream, g->admin));
	c->may_read = c->may_change ||
	              (g->has_read && stream_peer_in_group(c->stream, g->read));
	c->line.limit =
	    c->may_change ? LINE_CONTROL_ADMIN_MAX : LINE_CONTROL_REQUEST_MAX;
}

static void
on_accepted(void *arg, struct stream *stream)
{
	struct control *control = arg;
	struct caller *c = mem_new(1, sizeof(*c));
	struct err err = {0};

	c->v = control->v;
	c->control = control;
	c->stream = stream;
	c->next = control->callers;
	c->link = &control->callers;
	if (c->next != NULL)
		c->next->link = &c->next;
	control->callers = c;
	judge_rights(c);
	stream_own(stream, &stream_says, c);
	if (!has_room(c, &err)) {
		caller_error(c, &err);
		stream_finish(c->stream);
	}
}

static bool
find_group(const char *key, const char *name, bool *has, gid_t *out,
           struct err *err)
{
	const struct group *group;

	*has = name[0] != '\0';
	if (!*has)
		return true;
	errno = 0;
	group = getgrnam(name);
	if (group == NULL)
		return err_set(err, ERR_CONFIG, "%s: no group '%.64s'", key,
		               name);
	*out = group->gr_gid;
	return true;
}

bool
control_groups_find(const struct config *c, struct control_groups *g,
                    struct err *err)
{
	return find_group("read_group", c->read_group, &g->has_read, &g->read,
	                  err) &&
	       find_group("admin_group", c->admin_group, &g->has_admin,
	                  &g->admin, err);
}

void
control_take(struct control *control, const struct control_groups *groups)
{
	struct caller *c;

	control->groups = *groups;
	for (c = control->callers; c != NULL; c = c->next) {
		judge_rights(c);
		/* Who watches is told without asking. */
		if (c->watcher != NULL && !c->may_read)
			stream_finish(c->stream);
	}
}

/* The socket that was passed, if there is one: who uses it knows it by the path
 * in the configuration. */
static struct listener *
open_socket(struct control *control, struct err *err)
{
	const struct listener_limits limits = {.streams_max = CALLERS_MAX};
	const struct listener_calls calls = {.accepted = on_accepted,
	                                     .arg = control};
	const char *path = control->v->config.socket;
	struct loop *loop = control->v->loop;
	struct listener *l;
	int fd;

	if (!service_socket(&fd, err))
		return NULL;
	if (fd < 0)
		return listen_unix(loop, path, SOCKET_MODE, &limits, &calls,
		                   err);
	l = listen_passed(loop, fd, &limits, &calls, err);
	if (l == NULL || strcmp(listener_address(l), path) == 0)
		return l;
	err_set(err, ERR_CONFIG,
	        "socket '%.80s': another one was passed, '%.80s' "
	        "(ListenStream= of the .socket unit)",
	        path, listener_address(l));
	listener_free(l);
	return NULL;
}

struct control *
control_new(struct verifierd *v, struct err *err)
{
	struct control *control = mem_new(1, sizeof(*control));

	control->v = v;
	if (control_groups_find(&v->config, &control->groups, err))
		control->listener = open_socket(control, err);
	if (control->listener != NULL)
		return control;
	free(control);
	return NULL;
}

void
control_free(struct control *control)
{
	if (control == NULL)
		return;
	while (control->callers != NULL)
		caller_free(control->callers);
	listener_free(control->listener);
	free(control);
}
