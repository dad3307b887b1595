/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "journey.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "sys/sys.h"

enum {
	LOOK_EVERY_MS = 50,
	NEAR_END_MS = 3000, /* the end of a migration is near */
	ASK_MS = 30000, /* a verdict before it begins, and before post-copy */
	ABORT_PATIENCE_MS = 60000,
	BAR_WIDTH = 30,
	SPEED_MIN_MS = 200,
	SECOND_PASS = 2, /* the first one is over */
};

/* What the watcher of a migration remembers from look to look. */
struct watch {
	struct journey *j;
	struct migration *m;
	uint64_t began_ms, aborted_ms;
	bool aborted, timed_out, postcopied, drew;
};

/* Switching over is what nobody can take back: when it is near, the verdict is
 * asked for more often.  libvirt has no call that holds a guest there. */
static bool
is_near(const struct migration_progress *p)
{
	uint64_t left_ms;

	if (!p->running || p->processed == 0 || p->elapsed_ms < SPEED_MIN_MS)
		return p->running;
	left_ms = p->remaining / (p->processed / p->elapsed_ms + 1);
	return left_ms < NEAR_END_MS;
}

static void
draw(struct watch *w, const struct migration_progress *p)
{
	unsigned percent = 0, full;
	char bar[BAR_WIDTH + 1];

	/* Before libvirt has counted there is nothing to show. */
	if (!w->j->alone || w->j->way->move->json || p->total == 0 ||
	    !isatty(STDERR_FILENO))
		return;
	if (p->remaining <= p->total)
		percent = (unsigned)(100 - p->remaining * 100 / p->total);
	full = percent * BAR_WIDTH / 100;
	memset(bar, '#', full);
	memset(bar + full, '.', BAR_WIDTH - full);
	bar[BAR_WIDTH] = '\0';
	fprintf(stderr, "\r%s -> %s [%s] %3u %%, %llu MiB left ", w->j->label,
	        w->j->way->plan.destination_host, bar, percent,
	        (unsigned long long)p->remaining / 1024 / 1024);
	w->drew = true;
}

static void
stop(struct watch *w, const char *why)
{
	if (w->aborted)
		return;
	w->aborted = true;
	w->aborted_ms = sys_boot_ms();
	snprintf(w->j->why, sizeof(w->j->why), "%s", why);
	migration_abort(w->m);
}

/* Post-copy moves the guest first and its memory after it: the last moment to
 * ask is now. */
static void
begin_postcopy(struct watch *w)
{
	char why[GUARD_WHY_MAX];

	w->postcopied = true;
	if (guard_ask_now(w->j->guard, ASK_MS, why))
		migration_start_postcopy(w->m);
	else
		stop(w, why);
}

/* --timeout, as virsh has it: the guest is paused, or goes over at once. */
static void
look_at_clock(struct watch *w)
{
	const struct move *move = w->j->way->move;

	if (move->timeout_s == 0 || w->timed_out ||
	    sys_boot_ms() - w->began_ms < move->timeout_s * 1000)
		return;
	w->timed_out = true;
	if (move->timeout_postcopy && !w->postcopied)
		begin_postcopy(w);
	else if (!move->timeout_postcopy)
		migration_suspend(w->m);
}

static void
look(struct watch *w)
{
	const struct move *move = w->j->way->move;
	struct migration_progress p;
	char why[GUARD_WHY_MAX];

	if (!guard_holds(w->j->guard, why))
		stop(w, why);
	else if (journey_interrupted())
		stop(w, "interrupted");
	if (w->aborted)
		return;
	look_at_clock(w);
	if (!migration_look(w->m, &p))
		return;
	guard_near(w->j->guard, is_near(&p));
	draw(w, &p);
	if (move->postcopy_after_precopy && !w->postcopied &&
	    p.iteration >= SECOND_PASS)
		begin_postcopy(w);
}

static int
give_up(struct watch *w)
{
	size_t len = strlen(w->j->why);

	w->j->hangs = true;
	snprintf(w->j->why + len, sizeof(w->j->why) - len,
	         "; libvirt did not end the migration within %d s: look where "
	         "the guest runs",
	         ABORT_PATIENCE_MS / 1000);
	return STATUS_FAILED;
}

static int
end(struct watch *w)
{
	struct journey *j = w->j;
	struct err err = {0};
	char why[GUARD_WHY_MAX];
	bool holds = guard_holds(j->guard, why);

	j->migrated = migration_ended(w->m, &err);
	if (!j->migrated && !w->aborted) {
		/* A gate's refusal has our name in it. */
		bool gate = strstr(err.text, "virt-attest") != NULL;

		snprintf(j->why, sizeof(j->why), "%s%s%s", err.text,
		         gate && j->note[0] != '\0' ? ". Mind that " : "",
		         gate ? j->note : "");
		return STATUS_FAILED;
	}
	if (!j->migrated)
		return holds ? STATUS_FAILED : STATUS_REFUSED;
	if (holds) {
		j->why[0] = '\0';
		return STATUS_DONE;
	}
	snprintf(j->why, sizeof(j->why),
	         "BUT ITS VERDICT WAS LOST WHILE THE GUEST MOVED: %s", why);
	return STATUS_REFUSED;
}

static int
is_interrupted(struct journey *j)
{
	if (!journey_interrupted())
		return STATUS_DONE;
	snprintf(j->why, sizeof(j->why), "not begun: interrupted");
	return STATUS_FAILED;
}

/* What came up since it was judged: of many, the last goes some minutes after
 * the first. */
static int
stays(struct journey *j)
{
	const struct way *way = j->way;

	if (!guard_holds(j->guard, j->why))
		return STATUS_REFUSED;
	if (way->destination == NULL && !way->plan.p2p) {
		snprintf(j->why, sizeof(j->why), "%s",
		         way->destination_missing);
		return STATUS_UNREACHABLE;
	}
	/* Who forced away that it is not known has named nothing to move. */
	if (j->a.facts.domain.uuid == NULL) {
		snprintf(j->why, sizeof(j->why), "%s",
		         j->a.facts.domain.missing != NULL
		             ? j->a.facts.domain.missing
		             : "libvirt did not tell its UUID");
		return STATUS_FAILED;
	}
	return is_interrupted(j);
}

/* One question is both: the verdict that lets it begin, as young as
 * guard_may_begin() wants it, and the permit by which the gates let it through.
 * Where we may not have the one we ask the other. */
static int
may_begin(struct journey *j)
{
	int status = stays(j);

	if (status == STATUS_DONE)
		status = journey_permit(j, NULL);
	if (status == STATUS_DONE && !j->permitted &&
	    !guard_may_begin(j->guard, ASK_MS, j->why))
		status = STATUS_REFUSED;
	return status == STATUS_DONE ? is_interrupted(j) : status;
}

int
journey_go(struct journey *j)
{
	struct way *way = j->way;
	struct watch w = {.j = j};
	int status;

	j->how = way->move->how;
	status = may_begin(j);
	if (status != STATUS_DONE)
		return status;
	status = -1;
	w.began_ms = sys_boot_ms();
	w.m = migration_begin(way->move->source, way->destination,
	                      j->a.facts.domain.uuid, &way->plan, &j->how);
	while (status < 0 && !migration_wait(w.m, LOOK_EVERY_MS)) {
		look(&w);
		if (w.aborted &&
		    sys_boot_ms() - w.aborted_ms > ABORT_PATIENCE_MS)
			status = give_up(&w);
	}
	if (w.drew)
		fprintf(stderr, "\n");
	if (status < 0)
		status = end(&w);
	migration_free(w.m);
	return status;
}
