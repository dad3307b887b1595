/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A migration has three parties: a runner, inside libvirt's call until all is
 * over; a looker, which asks how far it is; and the caller, who waits for
 * neither longer than he says.  The last one to leave frees it: a libvirt that
 * hangs keeps its threads, and nobody else. */
#include <errno.h>
#include <libvirt/libvirt.h>
#include <libvirt/virterror.h>
#include <pthread.h>
#include <stdlib.h>
#include <time.h>

#include "base/mem.h"
#include "virt/endpoint_private.h"
#include "virt/migration_private.h"

enum { LOOK_EVERY_MS = 50 };

struct migration {
	virConnectPtr source, destination; /* destination: NULL for p2p */
	char *uuid, *uri;
	virTypedParameterPtr params;
	int n_params;
	unsigned int flags;
	pthread_mutex_t lock;
	pthread_cond_t changed;
	/* Under the lock. */
	unsigned parties;
	virDomainPtr running; /* what the others talk about; NULL: not yet */
	bool over, ok;
	struct migration_progress progress;
	bool has_progress;
	struct err err;
};

static void
leave(struct migration *m)
{
	bool last;

	pthread_mutex_lock(&m->lock);
	last = --m->parties == 0;
	pthread_mutex_unlock(&m->lock);
	if (!last)
		return;
	if (m->running != NULL)
		virDomainFree(m->running);
	if (m->source != NULL)
		virConnectClose(m->source);
	if (m->destination != NULL)
		virConnectClose(m->destination);
	virTypedParamsFree(m->params, m->n_params);
	free(m->uuid);
	free(m->uri);
	pthread_cond_destroy(&m->changed);
	pthread_mutex_destroy(&m->lock);
	free(m);
}

/* Another party, in a thread that nobody joins. */
static void
join_in(struct migration *m, void *(*run)(void *))
{
	pthread_attr_t detached;
	pthread_t thread;

	pthread_mutex_lock(&m->lock);
	m->parties++;
	pthread_mutex_unlock(&m->lock);
	pthread_attr_init(&detached);
	pthread_attr_setdetachstate(&detached, PTHREAD_CREATE_DETACHED);
	if (pthread_create(&thread, &detached, run, m) != 0)
		abort();
	pthread_attr_destroy(&detached);
}

static bool
virt_failed(struct err *err)
{
	char words[LIBVIRT_WORDS_MAX];

	return err_set(err, ERR_UNAVAILABLE, "%s", libvirt_words(words));
}

/* By what names one domain for ever: another one may have its name by now. */
static virDomainPtr
find(struct migration *m)
{
	return virDomainLookupByUUIDString(m->source, m->uuid);
}

static bool
migrate(struct migration *m, virDomainPtr domain, struct err *err)
{
	virDomainPtr there;

	if (m->destination == NULL)
		return virDomainMigrateToURI3(domain, m->uri, m->params,
		                              (unsigned int)m->n_params,
		                              m->flags) == 0 ||
		       virt_failed(err);
	there = virDomainMigrate3(domain, m->destination, m->params,
	                          (unsigned int)m->n_params, m->flags);
	if (there == NULL)
		return virt_failed(err);
	virDomainFree(there);
	return true;
}

static void *
run(void *arg)
{
	struct migration *m = arg;
	struct err err = {0};
	virDomainPtr domain = find(m);
	bool ok;

	if (domain == NULL) {
		ok = virt_failed(&err);
	} else {
		pthread_mutex_lock(&m->lock);
		m->running = domain;
		pthread_mutex_unlock(&m->lock);
		ok = migrate(m, domain, &err);
	}
	pthread_mutex_lock(&m->lock);
	m->ok = ok;
	m->err = err;
	m->over = true;
	pthread_cond_broadcast(&m->changed);
	pthread_mutex_unlock(&m->lock);
	leave(m);
	return NULL;
}

/* Until `ms` from now, or a change; the lock is held. */
static void
wait_a_while(struct migration *m, uint64_t ms)
{
	struct timespec at;

	clock_gettime(CLOCK_MONOTONIC, &at);
	at.tv_sec += (time_t)(ms / 1000);
	at.tv_nsec += (long)(ms % 1000) * 1000000;
	if (at.tv_nsec >= 1000000000) {
		at.tv_sec++;
		at.tv_nsec -= 1000000000;
	}
	while (!m->over)
		if (pthread_cond_timedwait(&m->changed, &m->lock, &at) ==
		    ETIMEDOUT)
			return;
}

/* A member that is not there leaves `out` as it was. */
static void
take(virTypedParameterPtr params, int n, const char *name, uint64_t *out)
{
	unsigned long long value;

	if (virTypedParamsGetULLong(params, n, name, &value) == 1)
		*out = value;
}

static bool
ask_progress(virDomainPtr domain, struct migration_progress *out)
{
	virTypedParameterPtr params = NULL;
	int type = VIR_DOMAIN_JOB_NONE, n = 0;

	*out = (struct migration_progress){0};
	if (virDomainGetJobStats(domain, &type, &params, &n, 0) != 0)
		return false;
	out->running =
	    type == VIR_DOMAIN_JOB_BOUNDED || type == VIR_DOMAIN_JOB_UNBOUNDED;
	take(params, n, VIR_DOMAIN_JOB_DATA_TOTAL, &out->total);
	take(params, n, VIR_DOMAIN_JOB_DATA_PROCESSED, &out->processed);
	take(params, n, VIR_DOMAIN_JOB_DATA_REMAINING, &out->remaining);
	take(params, n, VIR_DOMAIN_JOB_TIME_ELAPSED, &out->elapsed_ms);
	take(params, n, VIR_DOMAIN_JOB_MEMORY_ITERATION, &out->iteration);
	virTypedParamsFree(params, n);
	return true;
}

static void *
look(void *arg)
{
	struct migration *m = arg;
	struct migration_progress progress;

	pthread_mutex_lock(&m->lock);
	while (!m->over) {
		virDomainPtr domain = m->running;
		bool told = false;

		if (domain != NULL) {
			pthread_mutex_unlock(&m->lock);
			told = ask_progress(domain, &progress);
			pthread_mutex_lock(&m->lock);
		}
		if (told)
			m->progress = progress;
		m->has_progress = m->has_progress || told;
		wait_a_while(m, LOOK_EVERY_MS);
	}
	pthread_mutex_unlock(&m->lock);
	leave(m);
	return NULL;
}

/* Both ends; false, and m->err says which one is not there any more. */
static bool
share(struct migration *m, struct endpoint *source,
      struct endpoint *destination, const struct plan *plan)
{
	m->source = endpoint_share(source, &m->err);
	/* Tunnelled data has no other way than libvirt's own. */
	if (m->source == NULL || plan->p2p || plan->tunnelled)
		return m->source != NULL;
	m->destination = endpoint_share(destination, &m->err);
	return m->destination != NULL;
}

struct migration *
migration_begin(struct endpoint *source, struct endpoint *destination,
                const char *uuid, const struct plan *plan,
                const struct migration_how *how)
{
	struct migration *m = mem_new(1, sizeof(*m));
	pthread_condattr_t monotonic;

	m->over =
	    !share(m, source, destination, plan) ||
	    !migration_params(how, plan, &m->params, &m->n_params, &m->err);
	m->uuid = mem_text(uuid);
	m->uri = mem_text(plan->destination_uri);
	m->flags = (unsigned int)how->flags;
	m->parties = 1;
	pthread_mutex_init(&m->lock, NULL);
	pthread_condattr_init(&monotonic);
	pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
	pthread_cond_init(&m->changed, &monotonic);
	pthread_condattr_destroy(&monotonic);
	if (!m->over) {
		join_in(m, run);
		join_in(m, look);
	}
	return m;
}

bool
migration_wait(struct migration *m, uint64_t ms)
{
	bool over;

	pthread_mutex_lock(&m->lock);
	wait_a_while(m, ms);
	over = m->over;
	pthread_mutex_unlock(&m->lock);
	return over;
}

bool
migration_look(struct migration *m, struct migration_progress *progress)
{
	bool told;

	pthread_mutex_lock(&m->lock);
	told = m->has_progress;
	*progress = m->progress;
	pthread_mutex_unlock(&m->lock);
	return told;
}

/* The domain, once there is one; the lock is not held. */
static virDomainPtr
subject(struct migration *m)
{
	virDomainPtr domain;

	pthread_mutex_lock(&m->lock);
	domain = m->running;
	pthread_mutex_unlock(&m->lock);
	return domain;
}

static void *
abort_job(void *arg)
{
	struct migration *m = arg;
	bool over = false;

	/* Before its job has begun, and between its parts, there is none to
	 * abort: once is not enough. */
	while (!over) {
		virDomainPtr domain = subject(m);

		if (domain != NULL)
			(void)virDomainAbortJob(domain);
		over = migration_wait(m, LOOK_EVERY_MS);
	}
	leave(m);
	return NULL;
}

static void *
suspend(void *arg)
{
	struct migration *m = arg;
	virDomainPtr domain = subject(m);

	if (domain != NULL)
		(void)virDomainSuspend(domain);
	leave(m);
	return NULL;
}

static void *
start_postcopy(void *arg)
{
	struct migration *m = arg;
	virDomainPtr domain = subject(m);

	if (domain != NULL)
		(void)virDomainMigrateStartPostCopy(domain, 0);
	leave(m);
	return NULL;
}

void
migration_abort(struct migration *m)
{
	join_in(m, abort_job);
}

void
migration_suspend(struct migration *m)
{
	join_in(m, suspend);
}

void
migration_start_postcopy(struct migration *m)
{
	join_in(m, start_postcopy);
}

bool
migration_ended(struct migration *m, struct err *err)
{
	bool ok;

	pthread_mutex_lock(&m->lock);
	ok = m->over && m->ok;
	if (!ok && m->over)
		*err = m->err;
	else if (!ok)
		err_set(err, ERR_TIMEOUT, "the migration has not ended");
	pthread_mutex_unlock(&m->lock);
	return ok;
}

void
migration_free(struct migration *m)
{
	if (m != NULL)
		leave(m);
}
