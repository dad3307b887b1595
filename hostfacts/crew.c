/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "crew.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/mem.h"

/* Left behind with the threads when one of them hangs. */
struct crew {
	pthread_mutex_t lock;
	pthread_cond_t changed;
	struct crew_job **jobs;
	bool *done; /* told to the caller while the lock is held, once */
	size_t n, next, n_done;
};

static void *
run(void *arg)
{
	struct crew *crew = arg;

	pthread_mutex_lock(&crew->lock);
	while (crew->next < crew->n) {
		size_t i = crew->next++;

		pthread_mutex_unlock(&crew->lock);
		crew->jobs[i]->work(crew->jobs[i]);
		pthread_mutex_lock(&crew->lock);
		crew->done[i] = true;
		crew->n_done++;
		pthread_cond_signal(&crew->changed);
	}
	pthread_mutex_unlock(&crew->lock);
	return NULL;
}

static struct crew *
crew_new(struct crew_job *const *jobs, size_t n)
{
	struct crew *crew = mem_new(1, sizeof(*crew));
	pthread_condattr_t monotonic;

	pthread_mutex_init(&crew->lock, NULL);
	pthread_condattr_init(&monotonic);
	pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
	pthread_cond_init(&crew->changed, &monotonic);
	pthread_condattr_destroy(&monotonic);
	crew->jobs = mem_new(n + 1, sizeof(struct crew_job *));
	memcpy(crew->jobs, jobs, n * sizeof(struct crew_job *));
	crew->done = mem_new(n + 1, sizeof(bool));
	crew->n = n;
	return crew;
}

static void
crew_free(struct crew *crew)
{
	pthread_cond_destroy(&crew->changed);
	pthread_mutex_destroy(&crew->lock);
	free(crew->jobs);
	free(crew->done);
	free(crew);
}

static struct timespec
deadline_in(uint64_t ms)
{
	struct timespec at;

	clock_gettime(CLOCK_MONOTONIC, &at);
	at.tv_sec += (time_t)(ms / 1000);
	at.tv_nsec += (long)(ms % 1000) * 1000000;
	at.tv_sec += at.tv_nsec / 1000000000;
	at.tv_nsec %= 1000000000;
	return at;
}

bool
crew_run(struct crew_job *const *jobs, size_t n, uint64_t ms)
{
	const struct timespec until = deadline_in(ms);
	struct crew *crew = crew_new(jobs, n);
	pthread_t threads[CREW_SIZE];
	size_t started = 0;
	bool all;

	while (started < CREW_SIZE && started < n &&
	       pthread_create(&threads[started], NULL, run, crew) == 0)
		started++;
	pthread_mutex_lock(&crew->lock);
	while (started != 0 && crew->n_done < n &&
	       pthread_cond_timedwait(&crew->changed, &crew->lock, &until) == 0)
		;
	all = crew->n_done == n;
	crew->next = crew->n; /* no more are begun */
	for (size_t i = 0; i < n; i++)
		jobs[i]->done = crew->done[i];
	pthread_mutex_unlock(&crew->lock);
	for (size_t i = 0; i < started; i++)
		(void)(all ? pthread_join(threads[i], NULL)
		           : pthread_detach(threads[i]));
	if (all)
		crew_free(crew);
	return all;
}
