/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* check: may a domain go there?  One, one to every host, all to one host. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "move.h"
#include "move_private.h"

enum { HOSTS_MAX = 10000, URI_MAX = 320 };

/* A domain and a way. */
struct candidate {
	struct way *way;
	const char *domain; /* NULL: --xml's */
	const char *label;  /* of its row: the host's or the domain's name */
	char uri[URI_MAX];
	struct way own;
	struct err err; /* the way could not be tried at all */
	struct assessment a;
};

static int
status_of(const struct candidate *c)
{
	return c->err.code != ERR_NONE
	           ? STATUS_FAILED
	           : report_exit_status(&c->a.report, &c->a.facts);
}

static struct json *
candidate_encode(const struct candidate *c)
{
	const struct facts *f = &c->a.facts;
	struct json *object;

	if (c->err.code != ERR_NONE) {
		object = json_new_object();
		json_put_text(object, "result", "not-run");
		json_put_text(object, "error", c->err.text);
	} else {
		object = report_encode(&c->a.report);
	}
	json_put_text(object, "domain",
	              f->domain.name != NULL ? f->domain.name : "");
	json_put_text(object, "destination",
	              f->plan.destination_uri != NULL ? f->plan.destination_uri
	                                              : c->uri);
	json_put_u64(object, "status", (uint64_t)status_of(c));
	if (f->trust.missing == NULL && c->err.code == ERR_NONE)
		json_put(object, "verdict", verdict_encode(&f->trust.verdict));
	return object;
}

static const char *
result_words(const struct candidate *c)
{
	if (c->err.code != ERR_NONE)
		return "not tried";
	switch (report_worst(&c->a.report)) {
	case OUTCOME_PASS:
	case OUTCOME_WARN:
		return "may go";
	case OUTCOME_BLOCK:
		return "may not go";
	case OUTCOME_NOT_RUN:
		break;
	}
	return "not known";
}

static int
check_one(struct move *move)
{
	struct candidate c = {.domain = move->domain};
	struct err err = {0};
	const char *name;
	int status;

	if (!way_open_one(&c.own, move, &err)) {
		way_done(&c.own);
		(void)fail(&err);
		return STATUS_REFUSED;
	}
	status = move_status(move);
	if (status != STATUS_DONE) {
		way_done(&c.own);
		return status;
	}
	assess(&c.own, c.domain, &c.a);
	status = force_checks(move, &c.a.report);
	if (status == STATUS_DONE) {
		status = status_of(&c);
		name = c.a.facts.domain.name;
		if (name == NULL)
			name = move->domain != NULL ? move->domain : "?";
		if (move->json) {
			struct json *json = candidate_encode(&c);

			print_json(json);
			json_free(json);
		} else {
			print_report(&c.a, move->verbose);
			printf("%s: %s%s to %s\n",
			       text_is_printable(name) ? name : "?",
			       result_words(&c),
			       report_worst(&c.a.report) == OUTCOME_NOT_RUN
			           ? " whether it may go"
			           : "",
			       c.own.plan.destination_uri);
		}
	}
	assessment_done(&c.a);
	way_done(&c.own);
	return status;
}

static void
assess_host(void *task)
{
	struct candidate *c = task;

	if (way_open(&c->own, c->way->move, c->uri, &c->err)) {
		c->own.domain = c->way->domain;
		assess(&c->own, c->domain, &c->a);
	}
	/* The plan's texts are told when the way is long closed. */
	arena_take(&c->a.arena, &c->own.arena);
	way_done(&c->own);
}

static void
assess_domain(void *task)
{
	struct candidate *c = task;

	assess(c->way, c->domain, &c->a);
}

static size_t
count(const struct candidate *c, enum outcome weight)
{
	size_t n = 0;

	for (size_t i = 0; i < c->a.report.n; i++)
		n += finding_weight(&c->a.report.findings[i]) == weight;
	return n;
}

/* The best first: by what blocks, by what is warned of, by free memory. */
static int
by_rank(const void *a, const void *b)
{
	const struct candidate *const *x = a, *const *y = b;
	int status = (status_of(*x) != 0) - (status_of(*y) != 0);
	uint64_t free_x = (*x)->a.facts.destination.memory_available_kib;
	uint64_t free_y = (*y)->a.facts.destination.memory_available_kib;
	size_t blocks_x = count(*x, OUTCOME_BLOCK);
	size_t blocks_y = count(*y, OUTCOME_BLOCK);
	size_t warns_x = count(*x, OUTCOME_WARN);
	size_t warns_y = count(*y, OUTCOME_WARN);

	if (status != 0)
		return status;
	if (blocks_x != blocks_y)
		return blocks_x < blocks_y ? -1 : 1;
	if (warns_x != warns_y)
		return warns_x < warns_y ? -1 : 1;
	if (free_x != free_y)
		return free_x > free_y ? -1 : 1;
	return strcmp((*x)->label, (*y)->label);
}

static const char *
first_block(const struct candidate *c)
{
	if (c->err.code != ERR_NONE)
		return c->err.text;
	for (size_t i = 0; i < c->a.report.n; i++)
		if (finding_weight(&c->a.report.findings[i]) == OUTCOME_BLOCK)
			return c->a.report.findings[i].result.text;
	return "";
}

static void
print_rows(struct candidate *const *rows, size_t n, const char *what)
{
	printf("%-24s %-10s %6s %8s %10s  %s\n", what, "RESULT", "BLOCKS",
	       "WARNINGS", "FREE-MIB", "FIRST REASON");
	for (size_t i = 0; i < n; i++) {
		printf("%-24s %-10s %6zu %8zu %10llu",
		       text_is_printable(rows[i]->label) ? rows[i]->label : "?",
		       result_words(rows[i]), count(rows[i], OUTCOME_BLOCK),
		       count(rows[i], OUTCOME_WARN),
		       (unsigned long long)rows[i]
		               ->a.facts.destination.memory_available_kib /
		           1024);
		print_reason(first_block(rows[i]));
	}
}

static void
print_all(const struct move *move, struct candidate *const *rows, size_t n,
          const char *list)
{
	struct json *object, *array;

	if (!move->json) {
		print_rows(rows, n, move->all_hosts ? "HOST" : "DOMAIN");
		return;
	}
	object = json_new_object();
	array = json_new_array();
	for (size_t i = 0; i < n; i++)
		json_add(array, candidate_encode(rows[i]));
	json_put(object, list, array);
	print_json(object);
	json_free(object);
}

/* Judges all candidates and prints them.  Of every host the exit status is that
 * of the best one, of every domain that of the worst. */
static int
judge_all(struct move *move, struct candidate *list, size_t n,
          void (*run)(void *))
{
	struct candidate **rows = mem_new(n + 1, sizeof(struct candidate *));
	void **tasks = mem_new(n + 1, sizeof(*tasks));
	int status = STATUS_DONE, one;

	for (size_t i = 0; i < n; i++) {
		rows[i] = &list[i];
		tasks[i] = &list[i];
	}
	together(run, tasks, n, move->jobs);
	for (size_t i = 0; i < n && status == STATUS_DONE; i++)
		if (list[i].err.code == ERR_NONE)
			status = force_checks(move, &list[i].a.report);
	if (status == STATUS_DONE) {
		if (move->all_hosts)
			qsort(rows, n, sizeof(struct candidate *), by_rank);
		print_all(move, rows, n, move->all_hosts ? "hosts" : "domains");
		for (size_t i = 0; i < n; i++) {
			one = status_of(rows[i]);
			if (!move->all_hosts)
				status = worse_status(status, one);
			else if (i == 0)
				status = one;
		}
	}
	for (size_t i = 0; i < n; i++)
		assessment_done(&list[i].a);
	free(rows);
	free(tasks);
	return status;
}

static int
check_hosts(struct move *move, struct domain_facts *domain)
{
	AUTO(session_done) struct session s = {0};
	struct way settings = {.move = move, .domain = domain};
	struct candidate *list;
	const struct json *hosts;
	size_t n;
	int status = session_ask(&s, move->cli, "hosts", NULL);
	struct err err = {0};

	if (status != STATUS_DONE)
		return status;
	if (!json_get_array(s.reply.result, "hosts", HOSTS_MAX, &hosts, &err))
		return fail(&err);
	n = json_count(hosts);
	if (n == 0) {
		fprintf(stderr, "virt-attest: no host is enrolled\n");
		return STATUS_UNKNOWN;
	}
	list = mem_new(n, sizeof(*list));
	for (size_t i = 0; i < n; i++) {
		const char *name = field(json_at(hosts, i), "host");
		bool v6 = strchr(name, ':') != NULL;

		list[i].way = &settings;
		list[i].domain = move->domain;
		list[i].label = name;
		snprintf(list[i].uri, sizeof(list[i].uri),
		         v6 ? "qemu+tls://[%s]/system" : "qemu+tls://%s/system",
		         name);
	}
	status = judge_all(move, list, n, assess_host);
	free(list);
	return status;
}

/* What all of them together take, beside what there is. */
static void
print_sum(const struct candidate *list, size_t n)
{
	uint64_t sum = 0, free_kib = 0;

	for (size_t i = 0; i < n; i++) {
		sum += list[i].a.facts.domain.max_memory_kib;
		if (list[i].a.facts.destination.missing == NULL)
			free_kib =
			    list[i].a.facts.destination.memory_available_kib;
	}
	if (free_kib == 0) {
		printf("all together: %llu MiB of memory, and what is "
		       "available there is not known\n",
		       (unsigned long long)sum / 1024);
		return;
	}
	printf("all together: %llu MiB of memory, %llu MiB available there%s\n",
	       (unsigned long long)sum / 1024,
	       (unsigned long long)free_kib / 1024,
	       sum > free_kib ? ": NOT ALL OF THEM FIT" : "");
}

static int
check_domains(struct move *move)
{
	struct endpoint_domains domains = {0};
	struct candidate *list;
	struct way way;
	struct err err = {0};
	int status;

	if (!endpoint_domains(move->source, true, &move->arena, &domains, &err))
		return fail(&err);
	if (!way_open(&way, move, move->destination_uri, &err)) {
		way_done(&way);
		(void)fail(&err);
		return STATUS_REFUSED;
	}
	if (domains.n == 0 && !move->json) {
		printf("no domain runs at %s\n", endpoint_uri(move->source));
		way_done(&way);
		return STATUS_DONE;
	}
	list = mem_new(domains.n + 1, sizeof(*list));
	for (size_t i = 0; i < domains.n; i++) {
		list[i].way = &way;
		list[i].domain = list[i].label = domains.names[i];
	}
	status = judge_all(move, list, domains.n, assess_domain);
	if (!move->json)
		print_sum(list, domains.n);
	free(list);
	way_done(&way);
	return status;
}

static int
check_every_host(struct move *move)
{
	struct domain_facts domain;
	int status;

	(void)move_find(move, move->domain, &move->arena, &domain,
	                &move->domain_err);
	status = move_status(move);
	return status == STATUS_DONE ? check_hosts(move, &domain) : status;
}

int
run_check(struct cli *cli)
{
	struct move move;
	struct err err = {0};
	int status;

	if (!move_read(&move, cli, MOVE_CHECK, &status)) {
		move_done(&move);
		return status;
	}
	if (!move.all_hosts && !move.evacuate) {
		status = check_one(&move);
	} else if (!move_open(&move, &err) && move.xml == NULL) {
		(void)fail(&err);
		status = STATUS_UNREACHABLE;
	} else if (move.all_hosts) {
		status = check_every_host(&move);
	} else {
		status = check_domains(&move);
	}
	move_done(&move);
	move_leave(status);
}
