/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* migrate: checks, then migrates, and stays beside it until it is over. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/mem.h"
#include "evidence/printable.h"
#include "journey.h"
#include "move.h"
#include "sys/sys.h"

static volatile sig_atomic_t interrupts;

static void
on_interrupt(int signal)
{
	(void)signal;
	interrupts = interrupts + 1;
}

bool
journey_interrupted(void)
{
	return interrupts != 0;
}

int
journey_judge(struct journey *j)
{
	const struct move *move = j->way->move;
	struct report *report = &j->a.report;
	int status;

	assess(j->way, j->domain, &j->a);
	status = force_checks(move, report);
	if (status != STATUS_DONE)
		return status;
	status = report_exit_status(report, &j->a.facts);
	if (status != STATUS_DONE) {
		print_blocks(j->label, report);
		snprintf(j->why, sizeof(j->why), "%s",
		         report_worst(report) == OUTCOME_NOT_RUN
		             ? "a check could not be made"
		             : "a check refuses");
	}
	return status;
}

int
journey_audit_forced(const struct journey *j)
{
	AUTO(session_done) struct session s = {0};
	struct json *arguments;
	char checks[FORCED_CHECKS_MAX];
	struct err err = {0};

	if (!report_forced(&j->a.report, checks, sizeof(checks), &err))
		return fail(&err);
	if (checks[0] == '\0')
		return STATUS_DONE;
	arguments = json_new_object();
	json_put_text(arguments, "host", j->way->trust.verdict.host);
	json_put_text(arguments, "domain", j->domain);
	json_put_text(arguments, "checks", checks);
	fprintf(stderr, "virt-attest: %s: forced: %s\n", j->label, checks);
	return session_ask(&s, j->way->move->cli, "forced", arguments);
}

static void
warn(const struct journey *j)
{
	for (size_t i = 0; i < j->a.report.n; i++) {
		const struct finding *f = &j->a.report.findings[i];

		if (finding_weight(f) == OUTCOME_WARN && j->way->move->verbose)
			fprintf(stderr, "virt-attest: %s: warning: %s: %s\n",
			        j->label, f->id, f->result.text);
	}
}

static void
run_journey(void *task)
{
	struct journey *j = task;
	uint64_t began = sys_boot_ms();

	if (interrupts != 0) {
		j->status = STATUS_FAILED;
		snprintf(j->why, sizeof(j->why), "not begun: interrupted");
		return;
	}
	j->status = journey_judge(j);
	j->checked_ms = sys_boot_ms() - began;
	if (j->status == STATUS_DONE)
		j->status = journey_audit_forced(j);
	if (j->status != STATUS_DONE)
		return;
	warn(j);
	began = sys_boot_ms();
	j->status = journey_go(j);
	j->moved_ms = sys_boot_ms() - began;
	journey_unpass(j);
}

static struct json *
journey_encode(const struct journey *j)
{
	struct json *object = report_encode(&j->a.report);

	json_put_text(object, "domain", j->domain);
	json_put_text(object, "destination", j->way->plan.destination_uri);
	json_put_bool(object, "migrated", j->migrated);
	json_put_u64(object, "status", (uint64_t)j->status);
	json_put_text(object, "why", j->why);
	json_put_u64(object, "checked_ms", j->checked_ms);
	json_put_u64(object, "moved_ms", j->moved_ms);
	return object;
}

static void
tell(const struct journey *j)
{
	const char *to = j->way->plan.destination_host;

	if (j->migrated && !j->way->move->json)
		printf("%s: migrated to %s in %llu.%02llu s (checked in %llu "
		       "ms)%s%s\n",
		       j->label, to, (unsigned long long)j->moved_ms / 1000,
		       (unsigned long long)j->moved_ms % 1000 / 10,
		       (unsigned long long)j->checked_ms,
		       j->why[0] != '\0' ? "; " : "", j->why);
	else if (!j->migrated)
		fprintf(stderr, "virt-attest: %s: NOT migrated to %s: %s\n",
		        j->label, to, j->why[0] != '\0' ? j->why : "see above");
}

static int
tell_all(const struct move *move, struct journey *list, size_t n)
{
	struct json *array = json_new_array(), *object;
	int status = STATUS_DONE;

	for (size_t i = 0; i < n; i++) {
		status = worse_status(status, list[i].status);
		if (move->json)
			json_add(array, journey_encode(&list[i]));
		tell(&list[i]);
	}
	if (move->json) {
		object = json_new_object();
		json_put(object, "migrations", array);
		print_json(object);
		json_free(object);
	} else {
		json_free(array);
	}
	return status;
}

/* Of --all, names are whatever somebody defined there. */
void
journey_label(struct journey *j)
{
	struct printable p = printable_of(j->label, sizeof(j->label));

	printable_utf8(&p, span_str(j->domain));
}

static int
go_all(struct way *way, const char *const *domains, size_t n)
{
	struct journey *list = mem_new(n + 1, sizeof(*list));
	void **tasks = mem_new(n + 1, sizeof(*tasks));
	struct guard *guard = guard_new(way);
	int status;

	for (size_t i = 0; i < n; i++) {
		list[i].way = way;
		list[i].guard = guard;
		list[i].domain = domains[i];
		journey_label(&list[i]);
		list[i].alone = n == 1;
		tasks[i] = &list[i];
	}
	together(run_journey, tasks, n, way->move->jobs);
	guard_free(guard);
	status = tell_all(way->move, list, n);
	for (size_t i = 0; i < n; i++)
		assessment_done(&list[i].a);
	free(tasks);
	free(list);
	return status;
}

/* False: the exit status when it cannot even be tried. */
static bool
open_way(struct way *way, struct move *move, struct endpoint_domains *domains,
         int *status)
{
	struct err err = {0};
	bool refused;

	*status = STATUS_UNREACHABLE;
	if (move->all && !move_open(move, &err)) {
		(void)fail(&err);
		return false;
	}
	if (move->all && !endpoint_domains(move->source, true, &move->arena,
	                                   domains, &err)) {
		*status = fail(&err);
		return false;
	}
	if (move->all)
		refused = !way_open(way, move, move->destination_uri, &err);
	else
		refused = !way_open_one(way, move, &err);
	if (refused)
		(void)fail(&err);
	*status = refused ? STATUS_REFUSED : move_status(move);
	return *status == STATUS_DONE;
}

static int
migrate(struct move *move)
{
	struct endpoint_domains domains = {.n = 1, .names = &move->domain};
	struct way way = {0};
	int status;

	if (open_way(&way, move, &domains, &status))
		status = go_all(&way, domains.names, domains.n);
	way_done(&way);
	return status;
}

int
run_migrate(struct cli *cli)
{
	const struct sigaction act = {.sa_handler = on_interrupt};
	struct move move;
	int status;

	if (move_read(&move, cli, MOVE_MIGRATE, &status)) {
		(void)sigaction(SIGINT, &act, NULL);
		(void)sigaction(SIGTERM, &act, NULL);
		(void)sigaction(SIGHUP, &act, NULL);
		/* Whoever reads our words may go: the guests are watched on. */
		(void)signal(SIGPIPE, SIG_IGN);
		status = migrate(&move);
	}
	move_done(&move);
	move_leave(status);
}
