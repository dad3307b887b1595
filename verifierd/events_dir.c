/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "events_dir.h"

#include <dirent.h>
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/queue.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "proto/codec.h"
#include "proto/message.h"
#include "sys/child.h"
#include "sys/log.h"
#include "sys/sys.h"

struct telling {
	char host[HOST_NAME_MAX_SIZE];
	const char *state, *was;
	struct buf line; /* the event */
	STAILQ_ENTRY(telling) next;
};

STAILQ_HEAD(telling_list, telling);

struct events_dir {
	const char *path;
	int stop; /* eventfd: readable when it is over */
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t changed;
	uint64_t lost_ever; /* its own who queues */
	/* Under the lock. */
	struct telling_list waiting;
	size_t queued; /* bytes */
	uint64_t lost; /* since the last one that was taken */
	bool stopping;
};

static size_t
size_of(const struct telling *t)
{
	return sizeof(*t) + t->line.len;
}

static void
telling_free(struct telling *t)
{
	buf_done(&t->line);
	free(t);
}

static void
run_one(const struct events_dir *d, const char *path, const struct telling *t)
{
	const char *const argv[] = {path, t->host, t->state, t->was, NULL};
	const struct child_asked asked = {
	    .path = path,
	    .argv = argv,
	    .in = buf_span(&t->line),
	    .max = EVENTS_DIR_SAID_MAX,
	    .timeout_ms = EVENTS_DIR_RUN_MS,
	    .stop = d->stop,
	};
	struct child_told told = {.status = -1};
	struct err err = {0};

	if (!child_trusted(path, &err) || !child_run(&asked, &told, &err))
		log_warning("event=events-dir host=%s file=%s error=\"%s\" "
		            "said=\"%s\"",
		            t->host, path, err.text, told.said);
	else if (told.status != 0 || told.said[0] != '\0')
		log_write(told.status == 0 ? LOG_LEVEL_NOTICE
		                           : LOG_LEVEL_WARNING,
		          "event=events-dir host=%s file=%s status=%d "
		          "signal=%d said=\"%s\"",
		          t->host, path, told.status, told.signal, told.said);
	buf_done(&told.out);
}

/* Whoever may execute it: a file that nobody may is a note beside them. */
static bool
is_executable(const char *path)
{
	struct stat stat_of;

	return stat(path, &stat_of) == 0 && S_ISREG(stat_of.st_mode) &&
	       (stat_of.st_mode & (S_IXUSR | S_IXGRP | S_IXOTH)) != 0;
}

static int
by_name(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

struct files {
	char **paths;
	size_t n, room;
};

static void
files_done(struct files *f)
{
	for (size_t i = 0; i < f->n; i++)
		free(f->paths[i]);
	free(f->paths);
}

static void
add_file(struct files *f, const char *folder, const char *name)
{
	char path[CHILD_PATH_SIZE];

	/* Hidden ones are an editor's, and the folder's own two. */
	if (name[0] == '.' ||
	    (size_t)snprintf(path, sizeof(path), "%s/%s", folder, name) >=
	        sizeof(path) ||
	    !is_executable(path))
		return;
	if (f->n == f->room) {
		f->room = f->room != 0 ? 2 * f->room : 16;
		f->paths = mem_grow(f->paths, f->room, sizeof(*f->paths));
	}
	f->paths[f->n++] = mem_text(path);
}

/* In strcmp's order.  The folder is looked at for each event: what was put
 * there counts from the next one on. */
static bool
list_files(const char *folder, struct files *f, struct err *err)
{
	struct dirent *entry;
	DIR *dir = opendir(folder);

	/* None is no fault, and nothing to be told. */
	if (dir == NULL)
		return errno == ENOENT ||
		       err_set(err, ERR_IO, "%s", strerror(errno));
	while ((entry = readdir(dir)) != NULL)
		add_file(f, folder, entry->d_name);
	closedir(dir);
	if (f->n != 0)
		qsort(f->paths, f->n, sizeof(*f->paths), by_name);
	return true;
}

static bool
is_stopping(struct events_dir *d)
{
	bool stopping;

	pthread_mutex_lock(&d->lock);
	stopping = d->stopping;
	pthread_mutex_unlock(&d->lock);
	return stopping;
}

static void
run_all(struct events_dir *d, const struct telling *t)
{
	AUTO(files_done) struct files files = {0};
	struct err err = {0};

	if (!list_files(d->path, &files, &err) ||
	    (files.n != 0 && !child_trusted(d->path, &err))) {
		log_warning("event=events-dir host=%s folder=%s error=\"%s\"",
		            t->host, d->path, err.text);
		return;
	}
	if (files.n > EVENTS_DIR_FILES_MAX)
		log_warning("event=events-dir host=%s folder=%s error=\"%zu "
		            "executables: only the first %d are run\"",
		            t->host, d->path, files.n, EVENTS_DIR_FILES_MAX);
	for (size_t i = 0;
	     i < files.n && i < EVENTS_DIR_FILES_MAX && !is_stopping(d); i++)
		run_one(d, files.paths[i], t);
}

static struct telling *
take(struct events_dir *d)
{
	struct telling *t = STAILQ_FIRST(&d->waiting);

	STAILQ_REMOVE_HEAD(&d->waiting, next);
	d->queued -= size_of(t);
	return t;
}

static void *
run(void *arg)
{
	struct events_dir *d = arg;

	pthread_mutex_lock(&d->lock);
	while (!d->stopping) {
		struct telling *t;

		if (STAILQ_EMPTY(&d->waiting)) {
			pthread_cond_wait(&d->changed, &d->lock);
			continue;
		}
		t = take(d);
		pthread_mutex_unlock(&d->lock);
		run_all(d, t);
		telling_free(t);
		pthread_mutex_lock(&d->lock);
	}
	pthread_mutex_unlock(&d->lock);
	return NULL;
}

/* Signals are the loop's thread's. */
static bool
start_thread(struct events_dir *d)
{
	sigset_t all, before;
	bool ok;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	ok = pthread_create(&d->thread, NULL, run, d) == 0;
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return ok;
}

struct events_dir *
events_dir_new(const char *path, struct err *err)
{
	struct events_dir *d = mem_new(1, sizeof(*d));

	d->path = path;
	STAILQ_INIT(&d->waiting);
	pthread_mutex_init(&d->lock, NULL);
	pthread_cond_init(&d->changed, NULL);
	d->stop = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (d->stop >= 0 && start_thread(d))
		return d;
	err_set(err, ERR_IO, "events_dir: no thread: %s", strerror(errno));
	if (d->stop >= 0)
		close(d->stop);
	free(d);
	return NULL;
}

void
events_dir_free(struct events_dir *d)
{
	const uint64_t one = 1;
	size_t dropped = 0;

	if (d == NULL)
		return;
	pthread_mutex_lock(&d->lock);
	d->stopping = true;
	pthread_cond_signal(&d->changed);
	pthread_mutex_unlock(&d->lock);
	(void)!write(d->stop, &one, sizeof(one));
	pthread_join(d->thread, NULL);
	for (; !STAILQ_EMPTY(&d->waiting); dropped++)
		telling_free(take(d));
	if (dropped != 0)
		log_warning("event=events-dir error=\"the verifier ends: %zu "
		            "events were not told\"",
		            dropped);
	close(d->stop);
	pthread_cond_destroy(&d->changed);
	pthread_mutex_destroy(&d->lock);
	free(d);
}

void
events_dir_tell(struct events_dir *d, const struct standing *s)
{
	struct telling *t = mem_new(1, sizeof(*t));
	uint64_t lost = 0;
	bool first = false;

	memcpy(t->host, s->host, sizeof(t->host));
	t->state = verdict_state_name(s->state);
	t->was = verdict_state_name(s->was);
	event_format("VERDICT", standing_encode(s), sys_unix_us(), &t->line);
	pthread_mutex_lock(&d->lock);
	if (d->queued + size_of(t) <= EVENTS_DIR_QUEUED_MAX) {
		STAILQ_INSERT_TAIL(&d->waiting, t, next);
		d->queued += size_of(t);
		lost = d->lost;
		d->lost = 0;
		t = NULL;
		pthread_cond_signal(&d->changed);
	} else {
		first = d->lost++ == 0;
	}
	pthread_mutex_unlock(&d->lock);
	if (first)
		log_warning("event=events-dir host=%s error=\"the executables "
		            "are too slow: events are lost\"",
		            s->host);
	if (lost != 0)
		log_warning("event=events-dir error=\"%llu events were lost\"",
		            (unsigned long long)lost);
	if (t != NULL) {
		d->lost_ever++;
		telling_free(t);
	}
}

uint64_t
events_dir_lost(const struct events_dir *d)
{
	return d->lost_ever;
}
