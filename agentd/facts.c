/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "facts.h"

#include <stdlib.h>

#include "base/mem.h"
#include "errands.h"
#include "hostfacts/here.h"

struct facts {
	char program[CHILD_PATH_SIZE];
	struct errands *errands;
};

struct looking {
	struct errand errand; /* the first: see looking_of() */
	struct buf asking;    /* as JSON */
	void (*done)(void *, const struct local_facts *, const struct err *);
	void *arg;
	bool ok;
	struct arena arena;
	struct local_facts facts;
	struct err err;
};

static struct looking *
looking_of(struct errand *errand)
{
	return (void *)errand;
}

static void
release(struct errand *errand)
{
	struct looking *l = looking_of(errand);

	buf_done(&l->asking);
	arena_done(&l->arena);
	free(l);
}

static void
work(void *arg, struct errand_list *taken, size_t n)
{
	struct looking *l = looking_of(STAILQ_FIRST(taken));
	struct facts *facts = arg;

	(void)n; /* one at a time */
	l->ok = here_ask(facts->program, buf_span(&l->asking), LOCAL_FACTS_MS,
	                 &l->arena, &l->facts, &l->err);
}

static void
done(void *arg, struct errand *errand)
{
	struct looking *l = looking_of(errand);

	(void)arg;
	l->done(l->arg, l->ok ? &l->facts : NULL, &l->err);
}

static const struct errand_kind facts_looking = {
    .waiting_max = FACTS_QUEUE_MAX,
    .ahead_max = FACTS_AHEAD_MAX,
    .work = work,
    .done = done,
    .release = release,
};

struct facts *
facts_new(struct loop *loop)
{
	struct facts *facts = mem_new(1, sizeof(*facts));

	(void)here_program(facts->program);
	facts->errands = errands_new(loop, &facts_looking, facts);
	errands_start(facts->errands);
	return facts;
}

void
facts_free(struct facts *facts)
{
	if (facts == NULL)
		return;
	errands_free(facts->errands);
	free(facts);
}

struct looking *
facts_ask(struct facts *facts, const struct local_asking *asking,
          void (*on_done)(void *, const struct local_facts *,
                          const struct err *),
          void *arg, struct err *err)
{
	AUTO(json_auto) struct json *json = local_asking_encode(asking);
	struct looking *l = mem_new(1, sizeof(*l));

	json_format(json, &l->asking);
	l->done = on_done;
	l->arg = arg;
	if (l->asking.len > LOCAL_ASKING_MAX)
		err_set(err, ERR_LIMIT, "the question is over %d bytes",
		        LOCAL_ASKING_MAX);
	else if (errands_ask(facts->errands, &l->errand))
		return l;
	else
		err_set(err, ERR_BUSY, "%d requests for facts wait already",
		        FACTS_QUEUE_MAX);
	release(&l->errand);
	return NULL;
}

void
facts_cancel(struct facts *facts, struct looking *l)
{
	if (l != NULL)
		errands_cancel(facts->errands, &l->errand);
}
