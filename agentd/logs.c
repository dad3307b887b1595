/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "logs.h"

#include <stdlib.h>

#include "base/mem.h"
#include "errands.h"
#include "source/mlog_read.h"

struct logs {
	const char *const *paths;
	struct errands *errands;
};

struct reading {
	struct errand errand; /* the first: see reading_of() */
	struct mlog_asking asking;
	void (*done)(void *, const struct mlog_piece *, const struct err *);
	void *arg;
	struct mlog_piece *piece; /* from when it is read */
	struct err err;
};

static struct reading *
reading_of(struct errand *errand)
{
	return (void *)errand;
}

static void
release(struct errand *errand)
{
	free(reading_of(errand)->piece);
	free(errand);
}

static void
work(void *arg, struct errand_list *taken, size_t n)
{
	struct reading *r = reading_of(STAILQ_FIRST(taken));
	struct logs *logs = arg;

	(void)n; /* one at a time */
	r->piece = mem_new(1, sizeof(*r->piece));
	if (mlog_read(logs->paths[r->asking.kind], &r->asking, r->piece,
	              &r->err))
		return;
	free(r->piece);
	r->piece = NULL;
}

static void
done(void *arg, struct errand *errand)
{
	struct reading *r = reading_of(errand);

	(void)arg;
	r->done(r->arg, r->piece, &r->err);
}

static const struct errand_kind log_reading = {
    .waiting_max = LOGS_QUEUE_MAX,
    .ahead_max = LOGS_AHEAD_MAX,
    .work = work,
    .done = done,
    .release = release,
};

struct logs *
logs_new(struct loop *loop, const char *const paths[MLOG_KINDS])
{
	struct logs *logs = mem_new(1, sizeof(*logs));

	logs->paths = paths;
	logs->errands = errands_new(loop, &log_reading, logs);
	errands_start(logs->errands);
	return logs;
}

void
logs_free(struct logs *logs)
{
	if (logs == NULL)
		return;
	errands_free(logs->errands);
	free(logs);
}

struct reading *
logs_ask(struct logs *logs, const struct mlog_asking *asking,
         void (*on_done)(void *, const struct mlog_piece *, const struct err *),
         void *arg)
{
	struct reading *r = mem_new(1, sizeof(*r));

	r->asking = *asking;
	r->done = on_done;
	r->arg = arg;
	if (errands_ask(logs->errands, &r->errand))
		return r;
	free(r);
	return NULL;
}

void
logs_cancel(struct logs *logs, struct reading *r)
{
	if (r != NULL)
		errands_cancel(logs->errands, &r->errand);
}
