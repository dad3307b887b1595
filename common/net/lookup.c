/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* getaddrinfo(3) blocks as long as a name server likes: it gets a thread.  The
 * job is shared by two; the one who leaves last frees it. */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/mem.h"
#include "net/net_private.h"

/* A verifier that starts anew looks up the names of that many hosts at a time,
 * and some more (verifierd/reattest.h). */
enum { LOOKUPS_MAX = 96 };

/* What the thread and the loop share. */
struct job {
	pthread_mutex_t lock;
	struct lookups *all;
	char *address, port[8];
	int ready; /* eventfd, the thread's to write */
	bool done, abandoned;
	int error;
	struct addrinfo *found;
};

struct lookup {
	struct loop *loop;
	struct job *job; /* NULL: no thread was needed or to be had */
	struct watch *watch;
	struct timer *soon;
	int error;
	struct addrinfo *found;
	struct err why;
	void (*done)(void *arg, struct addrinfo *, const struct err *);
	void *arg;
};

void
lookups_leave(struct lookups *all)
{
	if (atomic_fetch_sub(&all->refs, 1) == 1)
		free(all);
}

static void
job_free(struct job *job)
{
	if (job->found != NULL)
		freeaddrinfo(job->found);
	if (job->ready >= 0)
		close(job->ready);
	pthread_mutex_destroy(&job->lock);
	lookups_leave(job->all);
	free(job->address);
	free(job);
}

static const struct addrinfo hints = {.ai_socktype = SOCK_STREAM,
                                      .ai_flags = AI_NUMERICSERV};

static void *
job_run(void *arg)
{
	struct job *job = arg;
	struct lookups *all = job->all;
	struct addrinfo *found = NULL;
	const uint64_t one = 1;
	bool abandoned;
	int error;

	error = getaddrinfo(job->address, job->port, &hints, &found);
	/* A thread counts until its resolver lets go of it, not until the
	 * asker loses patience. */
	atomic_fetch_sub(&all->running, 1);
	pthread_mutex_lock(&job->lock);
	job->error = error;
	job->found = error == 0 ? found : NULL;
	job->done = true;
	abandoned = job->abandoned;
	if (!abandoned && write(job->ready, &one, sizeof(one)) < 0)
		abort(); /* an eventfd takes its first 8 bytes */
	pthread_mutex_unlock(&job->lock);
	if (abandoned)
		job_free(job);
	return NULL;
}

/* Gives the result away; the lookup may be freed in there. */
static void
answer(void *arg)
{
	struct lookup *l = arg;
	struct addrinfo *found = l->found;
	struct err why = l->why;

	if (l->error != 0)
		err_set(&why, ERR_UNAVAILABLE, "name look-up: %s",
		        gai_strerror(l->error));
	l->found = NULL;
	l->done(l->arg, found, &why);
}

static void
on_ready(void *arg)
{
	struct lookup *l = arg;

	pthread_mutex_lock(&l->job->lock);
	l->error = l->job->error;
	l->found = l->job->found;
	l->job->found = NULL;
	pthread_mutex_unlock(&l->job->lock);
	watch_free(l->watch);
	l->watch = NULL;
	job_free(l->job);
	l->job = NULL;
	answer(l);
}

static bool
start_thread(struct lookup *l, const char *address, const char *port)
{
	struct lookups *all = l->loop->lookups;
	struct job *job;
	pthread_t thread;

	if (atomic_load(&all->running) >= LOOKUPS_MAX)
		return false;
	job = mem_new(1, sizeof(*job));
	pthread_mutex_init(&job->lock, NULL);
	job->all = all;
	atomic_fetch_add(&all->refs, 1);
	atomic_fetch_add(&all->running, 1);
	job->address = mem_text(address);
	memcpy(job->port, port, sizeof(job->port));
	job->ready = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (job->ready < 0 ||
	    pthread_create(&thread, NULL, job_run, job) != 0) {
		atomic_fetch_sub(&all->running, 1);
		job_free(job);
		return false;
	}
	pthread_detach(thread);
	l->job = job;
	l->watch = watch_fd(l->loop, job->ready, on_ready, l);
	return true;
}

struct lookup *
lookup_new(struct loop *loop, const char *address, uint16_t port,
           void (*done)(void *arg, struct addrinfo *, const struct err *),
           void *arg)
{
	struct lookup *l = mem_new(1, sizeof(*l));
	struct addrinfo numeric = hints;
	char service[8];

	snprintf(service, sizeof(service), "%u", port);
	l->loop = loop;
	l->done = done;
	l->arg = arg;
	numeric.ai_flags |= AI_NUMERICHOST;
	if (getaddrinfo(address, service, &numeric, &l->found) == 0) {
		l->soon = timer_new(loop, 0, answer, l);
	} else if (!start_thread(l, address, service)) {
		err_set(&l->why, ERR_BUSY, "too many names are looked up");
		l->soon = timer_new(loop, 0, answer, l);
	}
	return l;
}

void
lookup_free(struct lookup *l)
{
	bool done;

	if (l == NULL)
		return;
	timer_free(l->soon);
	watch_free(l->watch);
	if (l->job != NULL) {
		pthread_mutex_lock(&l->job->lock);
		done = l->job->done;
		l->job->abandoned = true;
		pthread_mutex_unlock(&l->job->lock);
		if (done)
			job_free(l->job);
	}
	if (l->found != NULL)
		freeaddrinfo(l->found);
	free(l);
}
