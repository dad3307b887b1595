/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <stdio.h>

#include "inventory.h"

static const struct {
	const char *word;
	int status;
} outcomes[] = {
#define X(id, word, status) {word, status},
    OUTCOMES(X)
#undef X
};

static size_t
count_with(const struct report *r, int status)
{
	size_t n = 0;

	for (size_t i = OUTCOME_NOT_ASKED + 1; i < OUTCOME_COUNT; i++)
		n += outcomes[i].status == status ? r->counts[i] : 0;
	return n;
}

static size_t
count_done(const struct report *r)
{
	size_t n = 0;

	for (size_t i = OUTCOME_NOT_ASKED + 1; i < OUTCOME_COUNT; i++)
		n += r->counts[i];
	return n;
}

void
report_progress(const struct report *r)
{
	size_t good = count_with(r, STATUS_DONE);

	if (!r->terminal)
		return;
	/* To the line's beginning, and what stood there is wiped out. */
	fprintf(stderr, "\r\033[K%zu/%zu %s, %zu failed, %zu under way", good,
	        r->hosts, r->dry ? "proved" : "enrolled", count_done(r) - good,
	        r->under_way);
	fflush(stderr);
}

void
report_host(struct report *r, const struct inventory_host *host)
{
	r->counts[host->outcome]++;
	if (r->terminal)
		fprintf(stderr, "\r\033[K");
	if (host->outcome == OUTCOME_NOT_ASKED || r->json)
		return;
	printf("%s %s", outcomes[host->outcome].word, host->name);
	if (host->outcome == OUTCOME_ENROLLED)
		printf(" (golden value %llu)",
		       (unsigned long long)host->golden);
	if (host->why != NULL)
		printf(": %s", host->why);
	printf("\n");
	fflush(stdout);
}

static void
print_sum(const struct report *r)
{
	const char *between = ":";

	printf("%zu hosts", r->hosts);
	for (size_t i = OUTCOME_COUNT; i-- > 0;) {
		if (r->counts[i] == 0)
			continue;
		printf("%s %zu %s", between, r->counts[i], outcomes[i].word);
		between = ",";
	}
	printf("\n");
}

static void
print_all(const struct report *r, const struct inventory *inventory)
{
	AUTO(json_auto) struct json *all = json_new_object();
	struct json *hosts = json_new_array(), *counts = json_new_object();

	for (size_t i = 0; i < inventory->n; i++) {
		const struct inventory_host *host = &inventory->hosts[i];
		struct json *object = json_new_object();

		json_put_text(object, "host", host->name);
		json_put_u64(object, "line", host->line);
		json_put_text(object, "outcome", outcomes[host->outcome].word);
		if (host->outcome == OUTCOME_ENROLLED)
			json_put_u64(object, "golden", host->golden);
		if (host->why != NULL)
			json_put_text(object, "why", host->why);
		json_add(hosts, object);
	}
	for (size_t i = 0; i < OUTCOME_COUNT; i++)
		json_put_u64(counts, outcomes[i].word, r->counts[i]);
	json_put(all, "hosts", hosts);
	json_put(all, "counts", counts);
	print_json(all);
}

/* Ours before theirs, a refusal before silence: who sees 3 can run it again, 2
 * is for somebody to look at, and after 1 not every host has an answer. */
static int
worst(const struct report *r)
{
	static const int by_weight[] = {STATUS_FAILED, STATUS_REFUSED,
	                                STATUS_UNREACHABLE};

	for (size_t i = 0; i < LENGTH_OF(by_weight); i++)
		if (count_with(r, by_weight[i]) != 0)
			return by_weight[i];
	return STATUS_DONE;
}

int
report_end(struct report *r, const struct inventory *inventory)
{
	r->counts[OUTCOME_NOT_ASKED] = r->hosts - count_done(r);
	if (r->terminal)
		fprintf(stderr, "\r\033[K");
	if (r->json)
		print_all(r, inventory);
	else
		print_sum(r);
	return r->counts[OUTCOME_NOT_ASKED] != 0 ? STATUS_FAILED : worst(r);
}
