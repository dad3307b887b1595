/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* One migration by its watcher: what keeps it from being begun, what ends it,
 * and what it is called in the end. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

/* cmocka has a fail() of its own, as a macro. */
#include "journey.h"
#include "sys/sys.h"

#include <cmocka.h>

enum { NEVER = 1000 }; /* looks */

/* The world, by the number of looks since the migration began. */
static struct {
	uint64_t now_ms;
	int looks;
	int lost_at, interrupted_at, ends_at; /* -1: before it begins */
	bool ends_well, says_now;
	struct migration_progress progress;
	int may_begin, begun, aborted, suspended, postcopied, asked_now;
	bool near;
	char uuid[40];
	int permit_status, permits, interrupts_permit;
	bool denied;
	const char *ends_words;
} world;

uint64_t
sys_boot_ms(void)
{
	return world.now_ms;
}

bool
journey_interrupted(void)
{
	return world.looks >= world.interrupted_at;
}

bool
guard_holds(struct guard *g, char why[GUARD_WHY_MAX])
{
	(void)g;
	snprintf(why, GUARD_WHY_MAX, "PCR 7");
	return world.looks < world.lost_at;
}

bool
guard_may_begin(struct guard *g, uint64_t ms, char why[GUARD_WHY_MAX])
{
	assert_true(ms > 0);
	world.may_begin++;
	return guard_holds(g, why);
}

int
journey_permit(struct journey *j, struct json **told)
{
	assert_null(told);
	assert_int_equal(world.begun, 0);
	world.permits++;
	j->permitted = world.permit_status == STATUS_DONE && !world.denied;
	if (world.permit_status != STATUS_DONE)
		snprintf(j->why, sizeof(j->why), "no permit");
	if (world.interrupts_permit != 0)
		world.interrupted_at = 0;
	return world.permit_status;
}

void
guard_near(struct guard *g, bool near)
{
	(void)g;
	world.near = near;
}

bool
guard_ask_now(struct guard *g, uint64_t ms, char why[GUARD_WHY_MAX])
{
	(void)g;
	assert_true(ms > 0);
	world.asked_now++;
	snprintf(why, GUARD_WHY_MAX, "asked now");
	return world.says_now;
}

struct migration *
migration_begin(struct endpoint *source, struct endpoint *destination,
                const char *uuid, const struct plan *plan,
                const struct migration_how *how)
{
	(void)source;
	(void)destination;
	(void)plan;
	(void)how;
	world.begun++;
	world.looks = 0;
	snprintf(world.uuid, sizeof(world.uuid), "%s", uuid);
	return (void *)&world;
}

bool
migration_wait(struct migration *m, uint64_t ms)
{
	(void)m;
	world.now_ms += ms;
	world.looks++;
	return world.looks >= world.ends_at;
}

bool
migration_look(struct migration *m, struct migration_progress *p)
{
	(void)m;
	*p = world.progress;
	return true;
}

void
migration_abort(struct migration *m)
{
	(void)m;
	world.aborted++;
	if (world.ends_at == NEVER)
		world.ends_at = world.looks + 2;
}

void
migration_suspend(struct migration *m)
{
	(void)m;
	world.suspended++;
}

void
migration_start_postcopy(struct migration *m)
{
	(void)m;
	world.postcopied++;
}

bool
migration_ended(struct migration *m, struct err *err)
{
	(void)m;
	return world.ends_well ||
	       err_set(err, ERR_UNAVAILABLE, "%s", world.ends_words);
}

void
migration_free(struct migration *m)
{
	(void)m;
}

/* --- the cases --- */

static struct move move;
static struct way way;
static struct journey journey;

/* A journey that goes well, by its tenth look. */
static void
begin(void)
{
	memset(&world, 0, sizeof(world));
	world.now_ms = 1000;
	world.lost_at = world.interrupted_at = NEVER;
	world.ends_at = 10;
	world.ends_well = world.says_now = true;
	world.ends_words = "libvirt's";
	world.progress = (struct migration_progress){
	    .running = true,
	    .total = UINT64_C(1) << 40,
	    .processed = 1 << 20,
	    .remaining = UINT64_C(1) << 39,
	    .elapsed_ms = 1000,
	};
	move = (struct move){.json = true};
	way = (struct way){.move = &move,
	                   .destination = (void *)&world,
	                   .plan.destination_host = "host-b"};
	journey = (struct journey){.way = &way, .domain = "db1"};
	journey.a.facts.domain.uuid = "the one that was checked";
}

static void
goes(int status, bool migrated, const char *why)
{
	assert_int_equal(journey_go(&journey), status);
	assert_int_equal(journey.migrated, migrated);
	if (strstr(journey.why, why) == NULL || (*why == '\0' && *journey.why))
		fail_msg("'%s' in '%s'", why, journey.why);
}

static void
it_goes(void **state)
{
	(void)state;
	begin();
	goes(STATUS_DONE, true, "");
	assert_string_equal(world.uuid, "the one that was checked");
	assert_int_equal(world.permits, 1);
	/* The permit's verdict is the one that lets it begin. */
	assert_int_equal(world.may_begin, 0);
	assert_int_equal(world.aborted + world.suspended + world.postcopied, 0);
}

static void
it_is_not_begun(void **state)
{
	(void)state;
	begin();
	world.lost_at = 0;
	goes(STATUS_REFUSED, false, "PCR 7");
	begin();
	world.interrupted_at = 0;
	goes(STATUS_FAILED, false, "not begun: interrupted");
	begin();
	journey.a.facts.domain.uuid = NULL;
	goes(STATUS_FAILED, false, "UUID");
	begin();
	way.destination = NULL;
	way.destination_missing = "no way";
	goes(STATUS_UNREACHABLE, false, "no way");
	assert_int_equal(world.begun, 0);
	/* Nor is a permit given for what will not go. */
	assert_int_equal(world.permits, 0);
	/* The source's libvirt connects then. */
	way.plan.p2p = true;
	goes(STATUS_DONE, true, "");
}

static void
it_goes_by_a_permit(void **state)
{
	(void)state;
	begin();
	world.permit_status = STATUS_REFUSED;
	goes(STATUS_REFUSED, false, "no permit");
	begin();
	world.permit_status = STATUS_UNREACHABLE;
	goes(STATUS_UNREACHABLE, false, "no permit");
	begin();
	world.interrupts_permit = 1;
	goes(STATUS_FAILED, false, "not begun: interrupted");
	assert_int_equal(world.begun, 0);
	/* Who may not give one is let through by the verdict alone. */
	begin();
	world.denied = true;
	goes(STATUS_DONE, true, "");
	assert_int_equal(world.may_begin, 1);
}

/* What was left undone is told when a gate refuses, and then only. */
static void
a_refusal_tells_what_was_lacking(void **state)
{
	(void)state;
	begin();
	world.ends_well = false;
	snprintf(journey.note, sizeof(journey.note), "it had no pass");
	world.ends_words = "virt-attest: no";
	goes(STATUS_FAILED, false, "virt-attest: no. Mind that it had no pass");
	begin();
	world.ends_well = false;
	snprintf(journey.note, sizeof(journey.note), "it had no pass");
	goes(STATUS_FAILED, false, "libvirt's");
	assert_null(strstr(journey.why, "pass"));
}

static void
it_is_ended(void **state)
{
	(void)state;
	begin();
	world.lost_at = 3;
	world.ends_at = NEVER;
	world.ends_well = false;
	goes(STATUS_REFUSED, false, "PCR 7");
	assert_int_equal(world.aborted, 1);
	begin();
	world.interrupted_at = 3;
	world.ends_at = NEVER;
	world.ends_well = false;
	goes(STATUS_FAILED, false, "interrupted");
	assert_int_equal(world.aborted, 1);
	/* And nothing helps it on while libvirt takes its time. */
	begin();
	world.lost_at = 3;
	world.ends_at = 60;
	world.ends_well = false;
	move.timeout_s = 1;
	move.timeout_postcopy = true;
	goes(STATUS_REFUSED, false, "PCR 7");
	assert_int_equal(world.asked_now + world.postcopied, 0);
	/* Its own end is libvirt's to tell. */
	begin();
	world.ends_well = false;
	goes(STATUS_FAILED, false, "libvirt's");
	/* Too late: it is there. */
	begin();
	world.lost_at = 9;
	goes(STATUS_REFUSED, true, "BUT ITS VERDICT WAS LOST");
}

/* libvirt does not end what it is told to end: nobody waits for ever. */
static void
it_is_given_up(void **state)
{
	(void)state;
	begin();
	world.lost_at = 3;
	world.ends_at = 1000000;
	goes(STATUS_FAILED, false, "look where");
	assert_int_equal(world.aborted, 1);
}

/* Nothing takes a guest back that runs there with half its memory: the verdict
 * is asked for before. */
static void
postcopy_is_asked_about(void **state)
{
	(void)state;
	begin();
	move.postcopy_after_precopy = true;
	goes(STATUS_DONE, true, "");
	assert_int_equal(world.asked_now, 0); /* the first pass is not over */
	begin();
	move.postcopy_after_precopy = true;
	world.progress.iteration = 2;
	goes(STATUS_DONE, true, "");
	assert_int_equal(world.asked_now, 1);
	assert_int_equal(world.postcopied, 1);
	begin();
	move.postcopy_after_precopy = true;
	world.progress.iteration = 2;
	world.says_now = world.ends_well = false;
	world.lost_at = 5;
	goes(STATUS_REFUSED, false, "asked now");
	assert_int_equal(world.postcopied, 0);
	assert_int_equal(world.aborted, 1);
	/* By the clock, too. */
	begin();
	move.timeout_s = 1;
	move.timeout_postcopy = true;
	world.ends_at = 30;
	goes(STATUS_DONE, true, "");
	assert_int_equal(world.asked_now, 1);
	assert_int_equal(world.postcopied, 1);
	assert_int_equal(world.suspended, 0);
}

static void
a_timeout_pauses_once(void **state)
{
	(void)state;
	begin();
	move.timeout_s = 1;
	world.ends_at = 15;
	goes(STATUS_DONE, true, "");
	assert_int_equal(world.suspended, 0);
	begin();
	move.timeout_s = 1;
	world.ends_at = 60;
	goes(STATUS_DONE, true, "");
	assert_int_equal(world.suspended, 1);
}

static void
near_is_when_little_is_left(void **state)
{
	(void)state;
	begin();
	goes(STATUS_DONE, true, "");
	assert_false(world.near); /* some days at a MiB a second */
	begin();
	world.progress.remaining = 1 << 20;
	goes(STATUS_DONE, true, "");
	assert_true(world.near);
	/* What cannot be told is near. */
	begin();
	world.progress.processed = 0;
	goes(STATUS_DONE, true, "");
	assert_true(world.near);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(it_goes),
	    cmocka_unit_test(it_is_not_begun),
	    cmocka_unit_test(it_goes_by_a_permit),
	    cmocka_unit_test(a_refusal_tells_what_was_lacking),
	    cmocka_unit_test(it_is_ended),
	    cmocka_unit_test(it_is_given_up),
	    cmocka_unit_test(postcopy_is_asked_about),
	    cmocka_unit_test(a_timeout_pauses_once),
	    cmocka_unit_test(near_is_when_little_is_left),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
