/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "trust_help_private.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "sys/sys.h"

enum { LIMIT_MS = 20000 };

struct trust_world *world;

bool __wrap_host_is_connected(const struct host *);
void __wrap_host_round_begin(struct host *);

bool
__wrap_host_is_connected(const struct host *h)
{
	(void)h;
	return world->connected;
}

void
__wrap_host_round_begin(struct host *h)
{
	h->turn.wants = false;
	h->began_ms = sys_boot_ms();
	world->asked = h;
	if (++world->n_asked == world->quit_asked)
		loop_quit(world->v.loop);
}

static void
on_said(void *arg, const struct standing *s)
{
	struct standing now;

	(void)arg;
	assert_true(world->n_told < TOLD_MAX);
	world->told[world->n_told++] = *s;
	/* It is in force when it is told. */
	if (trust_of(world->v.trust, s->host, &now))
		assert_int_equal(now.state, s->state);
	if (world->n_told == world->quit_told)
		loop_quit(world->v.loop);
}

static void
on_limit(void *arg)
{
	(void)arg;
	fail_msg("it never came");
}

int
trust_start(void **state)
{
	struct verifierd *v;

	(void)state;
	world = mem_new(1, sizeof(*world));
	world->connected = true;
	v = &world->v;
	v->config.max_age_s = 300;
	v->loop = loop_new();
	v->trust = trust_new(v);
	v->reattest = reattest_new(v);
	v->hosts = hosts_new(v);
	world->listener = trust_listen(v->trust, on_said, NULL);
	return 0;
}

int
trust_end(void **state)
{
	struct verifierd *v = &world->v;

	(void)state;
	timer_free(world->limit);
	hosts_free(v->hosts);
	trust_unlisten(world->listener);
	reattest_free(v->reattest);
	trust_free(v->trust);
	loop_free(v->loop);
	free(world);
	return 0;
}

struct host *
trust_host(const char *name, const char *address)
{
	struct attester a = {.port = 1};

	snprintf(a.name, sizeof(a.name), "%s", name);
	snprintf(a.address, sizeof(a.address), "%s", address);
	hosts_enrolled(world->v.hosts, &a);
	return host_find(world->v.hosts, name);
}

struct verdict
trust_good(uint64_t golden)
{
	return (struct verdict){
	    .state = VERDICT_TRUSTED,
	    .golden = golden,
	    .time_s = 1000,
	    .appraised = true,
	    .session = {.reset_count = 7, .restart_count = 3, .safe = true},
	};
}

void
trust_judge(struct host *h, struct verdict *v, uint64_t until_s)
{
	const struct addresses addresses = {2, {"192.0.2.1", "2001:db8::1"}};

	memcpy(v->host, h->name, sizeof(v->host));
	kept_set(h, v, until_s);
	trust_verdict(h, v, &addresses);
}

const struct standing *
trust_last(void)
{
	assert_true(world->n_told != 0);
	return &world->told[world->n_told - 1];
}

void
trust_run(void)
{
	timer_free(world->limit);
	world->limit = timer_new(world->v.loop, LIMIT_MS, on_limit, NULL);
	loop_run(world->v.loop);
}
