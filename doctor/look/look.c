/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <stdlib.h>
#include <string.h>
#include <sys/timex.h>
#include <unistd.h>

#include "base/mem.h"
#include "crew.h"
#include "gatelook/look.h"
#include "look_private.h"
#include "sys/sys.h"

struct part {
	struct crew_job job; /* the first */
	struct look *look;
	size_t id;
	struct arena arena;
};

/* All that a thread may hold on to; left behind when one hangs. */
struct run {
	struct look look;
	struct part parts[HEALTH_PART_COUNT];
};

/* In two turns: the daemons' parts read the files that say where the others
 * have to look. */
static const struct {
	void (*look)(struct look *, struct arena *);
	size_t offset, size;
	int turn;
} parts[HEALTH_PART_COUNT] = {
#define X(id, field, words)                                                    \
	[HEALTH_PART_##                                                        \
	    id] = {look_##field, offsetof(struct health_facts, field),         \
	           sizeof(((struct health_facts *)0)->field), TURN_##id},
#define TURN_AGENTD        0
#define TURN_VERIFIERD     0
#define TURN_GATED         0
#define TURN_LIBVIRT       0
#define TURN_CLOCK         0
#define TURN_CONFINED      0
#define TURN_GATES         0
#define TURN_TPM           1
#define TURN_LOGS          1
#define TURN_AGENTD_TLS    1
#define TURN_VERIFIERD_TLS 1
#define TURN_STORE         1
#define TURN_LIBVIRT_TLS   1
#define TURN_MIGRATION_TLS 1
    HEALTH_PARTS(X)
#undef X
};

/* Asked, not set: adjtimex(2) with no mode changes nothing. */
void
look_clock(struct look *look, struct arena *arena)
{
	struct timex t = {0};
	int state = adjtimex(&t);

	(void)arena;
	if (state >= 0)
		look->facts.clock.kept =
		    (t.status & STA_UNSYNC) != 0 ? SEEN_NO : SEEN_YES;
}

void
look_gates(struct look *look, struct arena *arena)
{
	struct gate_facts *f = arena_new(arena, 1, sizeof(*f));
	struct health_gates *g = &look->facts.gates;

	gates_look(arena, f);
	g->asked =
	    f->daemon.runs || f->verifier.conf.exists || f->net.conf.exists;
	gates_judge(f, g->lines);
}

static void
work(struct crew_job *job)
{
	struct part *part = (struct part *)job;

	parts[part->id].look(part->look, &part->arena);
}

/* False when one of them hangs. */
static bool
take_turn(struct run *run, int turn, struct arena *arena,
          struct health_facts *out)
{
	struct crew_job *jobs[HEALTH_PART_COUNT];
	size_t n = 0;
	bool all;

	for (size_t i = 0; i < HEALTH_PART_COUNT; i++) {
		if (parts[i].turn != turn)
			continue;
		run->parts[i].look = &run->look;
		run->parts[i].id = i;
		run->parts[i].job.work = work;
		jobs[n++] = &run->parts[i].job;
	}
	all = crew_run(jobs, n, HEALTH_LOOK_MS);
	for (size_t k = 0; k < n; k++) {
		struct part *part = (struct part *)jobs[k];
		size_t at = parts[part->id].offset;

		out->late[part->id] = !part->job.done;
		if (!part->job.done)
			continue;
		memcpy((char *)out + at, (const char *)&run->look.facts + at,
		       parts[part->id].size);
		arena_take(arena, &part->arena);
	}
	return all;
}

bool
health_look(const struct health_options *options, struct arena *arena,
            struct health_facts *f)
{
	struct run *run = mem_new(1, sizeof(*run));
	bool all;

	*f = (struct health_facts){.as_root = geteuid() == 0,
	                           .now_s = sys_unix_s()};
	/* tpm2-tss would write to standard error; no thread is here yet. */
	(void)setenv("TSS2_LOG", "all+none", 0);
	run->look.options = *options;
	all = take_turn(run, 0, arena, f);
	/* Nobody may read what a thread still writes. */
	for (size_t i = 0; !all && i < HEALTH_PART_COUNT; i++)
		f->late[i] |= parts[i].turn != 0;
	all = all && take_turn(run, 1, arena, f);
	if (!all)
		return false;
	look_conf_done(&run->look);
	free(run);
	return true;
}
