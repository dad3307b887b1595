/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Our own table, whatever befalls it. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "gated.h"
#include "gateplan/ruleset.h"
#include "sys/log.h"
#include "sys/sys.h"

enum {
	TICK_MS = 5000,  /* `awake` lasts four of them */
	RETRY_MS = 1000, /* after nftables refused something */
};

/* What the configuration says, in numbers. */
struct rules {
	struct ip_prefix networks[PREFIXES_MAX], always[PREFIXES_MAX];
	uint32_t users[USERS_MAX], except[USERS_MAX];
	size_t n_except;
};

struct table {
	struct gated *gated;
	struct rules rules;
	uint64_t ids[CGROUPS_MAX]; /* of control groups, as told; 0: none */
	/* Control groups are wanted, and this machine can match them. */
	bool grouped;
	bool usable; /* there were control groups when it was made */
	bool made;
	int wiped_fd;
	struct watch *wiped;
	struct timer *tick, *soon;
};

void
table_status(const struct table *t, char *out, size_t size)
{
	const struct gated *g = t->gated;
	const char *whose = g->config.everybody ? "all accounts" : "users";

	snprintf(out, size,
	         "%s; %zu hosts trusted, %zu addresses let through; %s%s%s",
	         t->made ? "the gate stands" : "THE GATE DOES NOT STAND",
	         g->book.n, g->book.told.n, whose,
	         g->config.cgroups.n == 0 ? " alone are looked at"
	         : t->grouped
	             ? " and control groups are looked at"
	             : " are looked at, control groups cannot be: all that "
	               "root sends there counts as libvirt's",
	         g->heard ? "" : "; the verifier is not heard (see the log)");
}

static void
say_status(const struct table *t)
{
	life_changed(t->gated->life);
}

/* Those that are there now, and whether others than were told. */
static bool
put_cgroups(const struct table *t, uint64_t ids[CGROUPS_MAX], struct buf *out)
{
	const struct config_list *list = &t->gated->config.cgroups;
	bool other = false;

	for (size_t i = 0; i < list->n; i++) {
		ids[i] = cgroup_id(list->items[i]);
		other |= ids[i] != 0 && ids[i] != t->ids[i];
		if (ids[i] != 0)
			ruleset_cgroup(list->items[i], out);
	}
	return other;
}

static unsigned
levels_of(const struct config_list *cgroups)
{
	unsigned levels = 0;

	for (size_t i = 0; i < cgroups->n; i++)
		levels |= 1u << ruleset_cgroup_level(cgroups->items[i]);
	return levels;
}

/* The whole of it, with whoever is trusted now. */
static bool
make_as(struct table *t, bool grouped, struct err *err)
{
	const struct config *c = &t->gated->config;
	const struct rules *r = &t->rules;
	struct book *book = &t->gated->book;
	const struct ruleset rules = {
	    .networks = r->networks,
	    .n_networks = c->networks.n,
	    .always = r->always,
	    .n_always = c->always.n,
	    .users = r->users,
	    .n_users = c->everybody ? 0 : c->users.n,
	    .everybody = c->everybody,
	    .except = r->except,
	    .n_except = r->n_except,
	    .levels = grouped ? levels_of(&c->cgroups) : 0,
	    .root = c->cgroups.n != 0,
	};
	AUTO(buf_done) struct buf out = {0};
	uint64_t ids[CGROUPS_MAX] = {0};
	struct book_entries next;

	ruleset_make(&rules, &out);
	if (grouped) {
		(void)put_cgroups(t, ids, &out);
		ruleset_awake(&out);
	}
	book->anew = true;
	book_changes(book, sys_boot_ms(), &out, &next);
	t->made = nft_tell(t->gated->nft, &out, err);
	if (!t->made) {
		free(next.at);
		return false;
	}
	book_told(book, &next);
	t->grouped = grouped;
	memcpy(t->ids, ids, sizeof(ids));
	/* What was told of this very change is no news.  Another's, in this
	 * moment, is found by the next tick, which then has no table. */
	(void)!wiped_read(t->wiped_fd, RULESET_NAME);
	return true;
}

/* A machine that cannot match control groups refuses more, and not less. */
static bool
make(struct table *t, struct err *err)
{
	bool wanted = t->gated->config.cgroups.n != 0;
	struct err why = {.text = "no cgroup2 at /sys/fs/cgroup"};
	bool was = t->grouped || !t->made;

	t->usable = cgroups_usable();
	if (wanted && t->usable && make_as(t, true, &why))
		return true;
	if (!make_as(t, false, err))
		return false;
	if (wanted && was)
		log_error("control groups cannot be matched here (%s): all "
		          "that root sends into the networks counts as "
		          "libvirt's, and is refused unless the peer is "
		          "attested",
		          why.text);
	return true;
}

static void on_soon(void *arg);

static void
soon(struct table *t, uint64_t ms)
{
	timer_free(t->soon);
	t->soon = timer_new(t->gated->loop, ms, on_soon, t);
}

/* The one way out of whatever went wrong. */
static void
make_again(struct table *t, const char *why)
{
	struct err err = {0};

	if (make(t, &err)) {
		log_warning("the table is made anew: %s", why);
	} else {
		log_error("%s; the table was not made: %s", why, err.text);
		soon(t, RETRY_MS);
	}
	say_status(t);
}

static void
on_soon(void *arg)
{
	struct table *t = arg;
	struct book *book = &t->gated->book;
	AUTO(buf_done) struct buf out = {0};
	struct book_entries next;
	struct err err = {0};

	if (!t->made) {
		make_again(t, "it was missing");
		return;
	}
	book_changes(book, sys_boot_ms(), &out, &next);
	if (out.len == 0 || nft_tell(t->gated->nft, &out, &err)) {
		book_told(book, &next);
		say_status(t);
		return;
	}
	free(next.at);
	make_again(t, err.text);
}

void
table_follow(struct table *t)
{
	soon(t, 0);
}

void
table_regroup(struct table *t)
{
	AUTO(buf_done) struct buf out = {0};
	uint64_t ids[CGROUPS_MAX] = {0};
	struct err err = {0};

	if (!t->made || !t->grouped || !put_cgroups(t, ids, &out))
		return;
	if (!nft_tell(t->gated->nft, &out, &err)) {
		make_again(t, err.text);
		return;
	}
	log_info("control groups of libvirt's came, and are looked at");
	memcpy(t->ids, ids, sizeof(ids));
}

/* Renews `awake`, and finds out whether all of it still stands. */
static void
on_tick(void *arg)
{
	struct table *t = arg;
	bool wanted = t->gated->config.cgroups.n != 0;
	AUTO(buf_done) struct buf out = {0};
	uint64_t ids[CGROUPS_MAX] = {0};
	struct err err = {0};

	timer_free(t->tick);
	t->tick = timer_new(t->gated->loop, TICK_MS, on_tick, t);
	if (!t->made)
		return; /* on_soon() is at it */
	if (wanted && !t->grouped && cgroups_usable() != t->usable) {
		(void)!make(t, &err);
		say_status(t);
		return;
	}
	if (t->grouped) {
		(void)put_cgroups(t, ids, &out);
		ruleset_awake(&out);
	} else {
		ruleset_probe(&out);
	}
	if (!nft_tell(t->gated->nft, &out, &err)) {
		make_again(t, err.text);
		return;
	}
	memcpy(t->ids, ids, sizeof(ids));
	table_follow(t);
}

static void
on_wiped(void *arg)
{
	struct table *t = arg;

	if (wiped_read(t->wiped_fd, RULESET_NAME))
		make_again(t, "somebody changed or removed it");
}

static bool
read_rules(const struct config *c, struct rules *r, struct err *err)
{
	/* They were judged when they were read. */
	for (size_t i = 0; i < c->networks.n; i++)
		(void)!parse_prefix(c->networks.items[i], &r->networks[i]);
	for (size_t i = 0; i < c->always.n; i++)
		(void)!parse_prefix(c->always.items[i], &r->always[i]);
	for (size_t i = 0; i < c->users.n && !c->everybody; i++)
		if (!parse_user("users", c->users.items[i], &r->users[i], err))
			return false;
	for (size_t i = 0; i < c->except.n && c->everybody; i++) {
		bool there;

		if (!parse_except(c->except.items[i], &r->except[r->n_except],
		                  &there, err))
			return false;
		r->n_except += there;
	}
	return true;
}

bool
table_take(struct table *t, struct config *fresh, struct err *err)
{
	const struct table was = *t;
	struct config *c = &t->gated->config, old = *c;
	bool anew = t->gated->book.anew;
	struct rules rules = {0};

	if (!read_rules(fresh, &rules, err))
		return false;
	t->rules = rules;
	*c = *fresh;
	*fresh = old;
	t->grouped = true; /* what cannot be is told of this one, too */
	if (make(t, err))
		return true;
	/* The kernel refused the whole of it, and has what it had. */
	*fresh = *c;
	*c = old;
	*t = was;
	t->gated->book.anew = anew;
	return false;
}

struct table *
table_new(struct gated *g, struct err *err)
{
	struct table *t = mem_new(1, sizeof(*t));

	t->gated = g;
	t->wiped_fd = wiped_open(err);
	if (t->wiped_fd < 0 || !read_rules(&g->config, &t->rules, err) ||
	    !make(t, err)) {
		table_free(t);
		return NULL;
	}
	t->wiped = watch_fd(g->loop, t->wiped_fd, on_wiped, t);
	t->tick = timer_new(g->loop, TICK_MS, on_tick, t);
	return t;
}

void
table_free(struct table *t)
{
	if (t == NULL)
		return;
	watch_free(t->wiped);
	timer_free(t->tick);
	timer_free(t->soon);
	if (t->wiped_fd >= 0)
		close(t->wiped_fd);
	free(t);
}
