/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <pthread.h>
#include <stdlib.h>

#include "base/mem.h"
#include "move_private.h"

struct gang {
	void (*run)(void *task);
	void *const *tasks;
	size_t n, next;
	pthread_mutex_t lock;
};

static void *
work(void *arg)
{
	struct gang *g = arg;

	for (;;) {
		size_t i;

		pthread_mutex_lock(&g->lock);
		i = g->next < g->n ? g->next++ : g->n;
		pthread_mutex_unlock(&g->lock);
		if (i == g->n)
			return NULL;
		g->run(g->tasks[i]);
	}
}

void
together(void (*run)(void *task), void *const *tasks, size_t n, size_t at_once)
{
	struct gang g = {.run = run, .tasks = tasks, .n = n};
	size_t n_threads = n < at_once ? n : at_once;
	pthread_t *threads = mem_new(n_threads + 1, sizeof(*threads));
	size_t started = 0;

	pthread_mutex_init(&g.lock, NULL);
	/* One works here; without a thread, one after the other. */
	while (started + 1 < n_threads &&
	       pthread_create(&threads[started], NULL, work, &g) == 0)
		started++;
	(void)work(&g);
	for (size_t i = 0; i < started; i++)
		pthread_join(threads[i], NULL);
	pthread_mutex_destroy(&g.lock);
	free(threads);
}
