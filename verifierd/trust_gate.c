/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "trust_gate.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/queue.h>
#include <unistd.h>

#include "base/mem.h"
#include "crypto/migration_ca.h"
#include "sys/log.h"
#include "sys/sys.h"
#include "trustdisk/trustdisk.h"

/* A host that is trusted and has a CA. */
struct member {
	SLIST_ENTRY(member) next;
	char host[HOST_NAME_MAX_SIZE];
	struct buf der;
	uint64_t until_ms;   /* as it was last confirmed */
	uint64_t written_ms; /* as it stands in the file; 0: not in it */
	uint64_t refresh_ms; /* when half of that is over */
};

struct trust_gate {
	struct verifierd *v;
	struct trust_listener *listener;
	struct buf own;
	uint64_t own_until_s;
	char boot[TRUSTFILE_BOOT_SIZE];
	SLIST_HEAD(, member) members;
	size_t n;
	bool dirty;        /* the file has another set, or other certificates */
	bool closing;      /* somebody is in it who may not be */
	uint64_t rests_ms; /* until then nobody is added */
	uint64_t waits_ms; /* for the lock, since then; 0: it does not */
	bool failing;
	struct err why;
	struct timer *timer;
};

static void on_time(void *arg);

static struct member *
find(const struct trust_gate *g, const char *host)
{
	struct member *m;

	SLIST_FOREACH(m, &g->members, next)
		if (strcasecmp(m->host, host) == 0)
			return m;
	return NULL;
}

static void
drop(struct trust_gate *g, struct member *m)
{
	if (m->written_ms != 0)
		g->dirty = g->closing = true;
	SLIST_REMOVE(&g->members, m, member, next);
	g->n--;
	buf_done(&m->der);
	free(m);
}

static void
drop_all(struct trust_gate *g)
{
	while (!SLIST_EMPTY(&g->members))
		drop(g, SLIST_FIRST(&g->members));
}

/* ------------------------------------------------------------- the file */

static void
compose(const struct trust_gate *g, struct buf *text)
{
	const struct member *m;

	trustfile_begin(text, buf_span(&g->own));
	SLIST_FOREACH(m, &g->members, next) {
		struct trustfile_entry e = {.until_ms = m->until_ms};

		memcpy(e.host, m->host, sizeof(e.host));
		memcpy(e.boot, g->boot, sizeof(e.boot));
		trustfile_add(text, &e, buf_span(&m->der));
	}
}

static void
wrote(struct trust_gate *g, uint64_t now)
{
	struct member *m;

	SLIST_FOREACH(m, &g->members, next) {
		m->written_ms = m->until_ms;
		m->refresh_ms = now + (m->until_ms - now) / 2;
	}
	log_write(g->dirty ? LOG_LEVEL_NOTICE : LOG_LEVEL_DEBUG,
	          "trust_file=\"%s\" event=written hosts=%zu",
	          g->v->config.trust_file, g->n);
	if (g->failing)
		log_notice("trust_file=\"%s\" event=recovered",
		           g->v->config.trust_file);
	g->dirty = g->closing = g->failing = false;
}

/* Who may not be trusted is not, though nothing can be written. */
static void
not_written(struct trust_gate *g, const struct err *why)
{
	struct err err = {0};
	bool removed = false;

	if (g->closing)
		removed = trustdisk_remove(g->v->config.trust_file, &err);
	if (!g->failing || removed)
		log_error("trust_file=\"%s\" event=not-written error=\"%s\"%s",
		          g->v->config.trust_file, why->text,
		          removed ? " it was removed: no host is trusted"
		          : g->closing
		              ? " a host that is not trusted stands in it"
		              : "");
	if (removed)
		g->closing = false;
	g->dirty = g->failing = true;
	g->why = *why;
}

/* False: another has the lock, and is waited for. */
static bool
try_write(struct trust_gate *g, bool wait)
{
	AUTO(buf_done) struct buf text = {.max = TRUSTFILE_MAX};
	const char *file = g->v->config.trust_file;
	uint64_t now = sys_boot_ms();
	struct err err = {0};
	int lock;

	if (!trustdisk_lock(file, &lock, &err) && wait &&
	    err.code == ERR_BUSY) {
		if (g->waits_ms == 0)
			g->waits_ms = now;
		if (now - g->waits_ms < TRUSTDISK_LOCK_MS)
			return false;
	}
	g->waits_ms = 0;
	compose(g, &text);
	if (trustdisk_write(file, "verifierd", buf_span(&text), now, &err))
		wrote(g, now);
	else
		not_written(g, &err);
	if (lock >= 0)
		close(lock);
	g->rests_ms = sys_boot_ms();
	g->rests_ms += TRUST_GATE_REST * (g->rests_ms - now);
	return true;
}

/* When there is something to do, from now on. */
static bool
next_time(const struct trust_gate *g, uint64_t now, uint64_t *ms)
{
	const struct member *m;
	uint64_t when = UINT64_MAX;

	if (g->dirty)
		when = now + (g->waits_ms != 0 ? TRUST_GATE_LOCK_MS
		              : g->failing     ? TRUST_GATE_RETRY_MS
		                               : 0);
	if (g->dirty && !g->closing && when < g->rests_ms)
		when = g->rests_ms;
	SLIST_FOREACH(m, &g->members, next) {
		if (m->until_ms < when)
			when = m->until_ms;
		/* It stands longer than the file says. */
		if (!g->dirty && m->until_ms > m->written_ms &&
		    m->refresh_ms < when)
			when = m->refresh_ms;
	}
	*ms = when > now ? when - now : 0;
	return when != UINT64_MAX;
}

static void
plan(struct trust_gate *g)
{
	uint64_t ms;

	timer_free(g->timer);
	g->timer = NULL;
	if (next_time(g, sys_boot_ms(), &ms))
		g->timer = timer_new(g->v->loop, ms, on_time, g);
}

static void
drop_ended(struct trust_gate *g)
{
	uint64_t now = sys_boot_ms();
	struct member *m, *next;

	for (m = SLIST_FIRST(&g->members); m != NULL; m = next) {
		next = SLIST_NEXT(m, next);
		if (m->until_ms <= now)
			drop(g, m);
	}
}

static void
on_time(void *arg)
{
	struct trust_gate *g = arg;

	drop_ended(g);
	if (!try_write(g, true))
		g->dirty = true; /* the lock: again */
	plan(g);
}

/* ------------------------------------------------------------- the hosts */

/* Its CA as it is enrolled; false when it has none that may stand now. */
static bool
ca_of(struct trust_gate *g, const char *host, struct certificate_bytes *der,
      uint64_t *lasts_ms)
{
	struct attester a;
	struct migration_ca ca;
	struct err err = {0};
	uint64_t now = sys_unix_s();
	struct span bytes;

	if (!store_host_get(g->v->store, host, &a, &err)) {
		log_error("event=not-admitted host=%s error=\"%s\"", host,
		          err.text);
		return false;
	}
	*der = a.migration_ca;
	bytes = span_of(der->at, der->len);
	/* QEMU takes no file in which a CA has ended. */
	if (bytes.len == 0 || span_eq(bytes, buf_span(&g->own)) ||
	    !migration_ca_read(bytes, &ca, &err) || now < ca.not_before_s ||
	    now >= ca.not_after_s)
		return false;
	*lasts_ms = (ca.not_after_s - now) * 1000;
	return true;
}

static struct member *
admit(struct trust_gate *g, const struct standing *s)
{
	struct member *m;

	if (g->n == TRUSTFILE_HOSTS_MAX) {
		log_error("event=not-admitted host=%s error=\"over %d hosts\"",
		          s->host, TRUSTFILE_HOSTS_MAX);
		return NULL;
	}
	m = mem_new(1, sizeof(*m));
	memcpy(m->host, s->host, sizeof(m->host));
	SLIST_INSERT_HEAD(&g->members, m, next);
	g->n++;
	return m;
}

/* Takes what it says, and its CA as it is now. */
static void
trusted(struct trust_gate *g, struct member *m, const struct standing *s)
{
	struct certificate_bytes der;
	uint64_t lasts_ms;

	if (!ca_of(g, s->host, &der, &lasts_ms)) {
		if (m != NULL)
			drop(g, m);
		return;
	}
	if (m == NULL && (m = admit(g, s)) == NULL)
		return;
	if (!span_eq(buf_span(&m->der), span_of(der.at, der.len))) {
		g->closing = g->closing || m->written_ms != 0;
		buf_done(&m->der);
		buf_add(&m->der, span_of(der.at, der.len));
		g->dirty = true;
	}
	m->until_ms = sys_boot_ms() +
	              (s->trusted_ms < lasts_ms ? s->trusted_ms : lasts_ms);
	/* Less than the file says: a golden value that ends sooner. */
	if (m->until_ms < m->written_ms)
		g->dirty = true;
}

static void
on_standing(void *arg, const struct standing *s)
{
	struct trust_gate *g = arg;
	struct member *m = find(g, s->host);

	if (s->state == VERDICT_TRUSTED && s->trusted_ms != 0)
		trusted(g, m, s);
	else if (m != NULL)
		drop(g, m);
	plan(g);
}

static bool
on_each(void *arg, const struct standing *s)
{
	on_standing(arg, s);
	return true;
}

/* ----------------------------------------------------------- its own life */

static bool
read_own(struct trust_gate *g, struct err *err)
{
	const char *path = g->v->config.trust_own;
	AUTO(buf_done) struct buf pem = {0};
	struct migration_ca ca;
	struct err why = {0};

	if (!sys_read_file(path, MIGRATION_CA_PEM_MAX, &pem, &why))
		return err_set(err, ERR_CONFIG,
		               "trust_own: %.140s; 'virt-attest pki migration' "
		               "makes it, before trust_file is set",
		               why.text);
	if (!migration_ca_unpem(buf_span(&pem), &g->own, &why) ||
	    !migration_ca_read(buf_span(&g->own), &ca, &why))
		return err_set(err, ERR_CONFIG, "trust_own '%.80s': %.140s",
		               path, why.text);
	g->own_until_s = ca.not_after_s;
	return true;
}

bool
trust_gate_new(struct verifierd *v, struct trust *trust,
               struct trust_gate **gate, struct err *err)
{
	struct trust_gate *g;

	*gate = NULL;
	if (v->config.trust_file[0] == '\0')
		return true;
	g = mem_new(1, sizeof(*g));
	g->v = v;
	SLIST_INIT(&g->members);
	if (!read_own(g, err) || !trustdisk_boot(g->boot, err)) {
		buf_done(&g->own);
		free(g);
		return false;
	}
	/* Whatever stood in it is of another life. */
	g->dirty = g->closing = true;
	(void)try_write(g, false);
	g->listener = trust_listen(trust, on_standing, g);
	trust_each(trust, on_each, g);
	plan(g);
	*gate = g;
	return true;
}

void
trust_gate_free(struct trust_gate *g)
{
	if (g == NULL)
		return;
	trust_unlisten(g->listener);
	drop_all(g);
	g->dirty = g->closing = true;
	(void)try_write(g, false);
	timer_free(g->timer);
	buf_done(&g->own);
	free(g);
}

void
trust_gate_look(const struct trust_gate *g, struct trust_gate_state *state)
{
	*state = (struct trust_gate_state){
	    .hosts = g->n,
	    .own_until_s = g->own_until_s,
	    .failing = g->failing,
	    .why = g->why,
	};
}
