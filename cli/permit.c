/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* permit: whoever moves the domain next, it may go there; once, and for a
 * while.  permits: which there are. */
#include "permit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/uuid.h"
#include "journey.h"
#include "move_private.h"
#include "sys/sys.h"

enum { PERMITS_SHOWN_MAX = 1024 };

static const char *
printable(const char *text)
{
	return text_is_printable(text) ? text : "?";
}

static void
tell(const struct json *permit)
{
	uint64_t seconds = json_as_u64(json_get(permit, "seconds"));

	printf("%s may go to %s, once, within %llu s", field(permit, "domain"),
	       field(permit, "host"), (unsigned long long)seconds);
	print_time(": until ", sys_unix_s() + seconds);
	printf("\n");
}

/* --- by the verdict alone --- */

/* What libvirt would be asked for, or told. */
static bool
is_alone(const struct move *move, struct err *err)
{
	bool alone =
	    move->connect == NULL && move->n_force == 0 && move->how.flags == 0;

	for (size_t i = 0; i < MIGRATION_OPTIONS_MAX; i++)
		alone = alone && move->how.values[i] == NULL;
	return alone || err_set(err, ERR_CONFIG,
	                        "--unchecked asks no libvirt: it goes with "
	                        "--seconds, --verbose and --json only");
}

static int
permit_unchecked(const struct move *move)
{
	char uuid[UUID_SIZE];
	const struct permit_wanted wanted = {
	    .domain = move->domain,
	    /* Stacks that have no names call it by its UUID. */
	    .uuid = uuid_read(move->domain, uuid) ? uuid : NULL,
	    .destination = move->destination_uri,
	    .seconds = move->seconds,
	};
	struct permit_given *g = mem_new(1, sizeof(*g));
	struct err err = {0};
	int status;

	if (!is_alone(move, &err) || !permit_ask(move->cli, &wanted, g, &err)) {
		status = fail(&err);
	} else {
		if (move->json) {
			struct json *json = verdict_encode(&g->verdict);

			if (g->json != NULL)
				json_put(json, "permit", json_share(g->json));
			print_json(json);
			json_free(json);
		} else if (g->json != NULL) {
			tell(g->json);
		} else {
			print_verdict(&g->verdict, move->verbose);
			fprintf(stderr, "virt-attest: no permit was given\n");
		}
		status = g->json != NULL
		             ? STATUS_DONE
		             : verdict_exit_status(g->verdict.state);
		if (g->json == NULL && status == STATUS_DONE)
			status = STATUS_FAILED;
	}
	permit_given_done(g);
	free(g);
	return status;
}

/* --- by all checks --- */

static void
tell_checked(const struct journey *j, struct json *permit)
{
	const struct move *move = j->way->move;
	struct json *object;

	if (move->json) {
		object = report_encode(&j->a.report);
		json_put_text(object, "domain", j->label);
		json_put_text(object, "destination",
		              j->way->plan.destination_uri);
		json_put_u64(object, "status", (uint64_t)j->status);
		json_put_text(object, "why", j->why);
		json_put_text(object, "note", j->note);
		if (permit != NULL)
			json_put(object, "permit", json_share(permit));
		print_json(object);
		json_free(object);
		return;
	}
	if (move->verbose)
		print_report(&j->a, true);
	if (permit != NULL)
		tell(permit);
}

/* Given, but not as whole as it should be. */
static int
judge_given(struct journey *j)
{
	const char *xml = migration_value(&j->way->move->how, "xml");

	if (j->status == STATUS_DONE && !j->permitted) {
		snprintf(j->why, sizeof(j->why), "%s", j->note);
		return STATUS_FAILED;
	}
	if (j->status == STATUS_DONE && j->passed && xml != NULL)
		snprintf(j->note, sizeof(j->note),
		         "the pass is in its metadata, and has to be in the "
		         "XML that the migration is given, too");
	return j->status == STATUS_DONE && !j->passed ? STATUS_FAILED
	                                              : j->status;
}

static int
permit_on(struct way *way)
{
	struct move *move = way->move;
	struct journey *j = mem_new(1, sizeof(*j));
	struct json *permit = NULL;
	int status;

	j->way = way;
	j->domain = move->domain;
	j->how = move->how;
	journey_label(j);
	j->status = journey_judge(j);
	if (j->status == STATUS_DONE)
		j->status = journey_audit_forced(j);
	if (j->status == STATUS_DONE) {
		j->status = journey_permit(j, &permit);
		j->status = judge_given(j);
	}
	tell_checked(j, permit);
	if (j->note[0] != '\0' && permit != NULL)
		fprintf(stderr, "virt-attest: %s: %s\n", j->label, j->note);
	if (permit == NULL)
		fprintf(stderr, "virt-attest: %s: no permit was given: %s\n",
		        j->label, j->why[0] != '\0' ? j->why : "see above");
	status = j->status;
	json_free(permit);
	assessment_done(&j->a);
	free(j);
	return status;
}

static int
permit_checked(struct move *move)
{
	struct way way;
	struct err err = {0};
	int status;

	if (!way_open_one(&way, move, &err)) {
		(void)fail(&err);
		status = STATUS_REFUSED;
	} else {
		status = move_status(move);
		if (status == STATUS_DONE)
			status = permit_on(&way);
	}
	way_done(&way);
	return status;
}

int
run_permit(struct cli *cli)
{
	struct move move;
	struct err err = {0};
	int status;

	if (!move_read(&move, cli, MOVE_PERMIT, &status)) {
		move_done(&move);
		return status;
	}
	if (move.seconds == 0 || move.seconds > PERMIT_MAX_S) {
		err_set(&err, ERR_CONFIG, "--seconds takes 1 to %d",
		        PERMIT_MAX_S);
		status = fail(&err);
	} else if (move.unchecked) {
		status = permit_unchecked(&move);
	} else {
		status = permit_checked(&move);
	}
	move_done(&move);
	move_leave(status);
}

/* --- which there are --- */

static int
print_permits(const struct json *result)
{
	const struct json *permits;
	struct err err = {0};

	if (!json_get_array(result, "permits", PERMITS_SHOWN_MAX, &permits,
	                    &err))
		return fail(&err);
	if (json_count(permits) == 0) {
		printf("no permits\n");
		return STATUS_DONE;
	}
	printf("%-24s %-36s %-24s %6s  %s\n", "DOMAIN", "UUID", "HOST", "LEFT",
	       "USED");
	for (size_t i = 0; i < json_count(permits); i++) {
		const struct json *p = json_at(permits, i);
		const char *uuid = json_as_text(json_get(p, "uuid"));

		printf("%-24s %-36s %-24s %4s s  %s\n", field(p, "domain"),
		       uuid != NULL ? printable(uuid) : "-", field(p, "host"),
		       field(p, "seconds_left"),
		       json_as_bool(json_get(p, "used")) ? "yes" : "no");
	}
	return STATUS_DONE;
}

int
run_permits(struct cli *cli)
{
	return ask_and_print(cli, "permits", NULL, print_permits);
}
