/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A report for people. */
#include <stdio.h>

#include "move_private.h"

static const char *
mark_of(const struct finding *f)
{
	static const char *const marks[] = {
	    [OUTCOME_NOT_RUN] = "not run",
	    [OUTCOME_PASS] = "pass",
	    [OUTCOME_WARN] = "WARN",
	    [OUTCOME_BLOCK] = "BLOCK",
	};

	if (f->forced && f->result.outcome != OUTCOME_PASS)
		return "forced";
	return marks[f->result.outcome];
}

static void
print_finding(const struct finding *f)
{
	const struct result *r = &f->result;

	printf("%-8s%-18s %s", mark_of(f), f->id, r->text);
	if (r->more != 0)
		printf(" (and %zu more)", r->more);
	printf("\n");
	if (r->source[0] != '\0')
		printf("%26s source:      %s\n", "", r->source);
	if (r->destination[0] != '\0')
		printf("%26s destination: %s\n", "", r->destination);
	if (r->remedy[0] != '\0' && r->outcome != OUTCOME_PASS)
		printf("%26s what to do:  %s\n", "", r->remedy);
}

/* The gravest first. */
static const enum outcome order[] = {OUTCOME_BLOCK, OUTCOME_NOT_RUN,
                                     OUTCOME_WARN, OUTCOME_PASS};

void
print_report(const struct assessment *a, bool all)
{
	const struct report *report = &a->report;
	size_t passed = 0;

	for (size_t o = 0; o < LENGTH_OF(order); o++)
		for (size_t i = 0; i < report->n; i++) {
			const struct finding *f = &report->findings[i];

			if (f->result.outcome != order[o])
				continue;
			if (f->result.outcome == OUTCOME_PASS)
				passed++;
			if (f->result.outcome != OUTCOME_PASS || all)
				print_finding(f);
		}
	printf("%zu of %zu checks pass%s\n", passed, report->n,
	       all || passed == 0 ? "" : " (--verbose lists them)");
}

void
print_blocks(const char *domain, const struct report *report)
{
	for (size_t i = 0; i < report->n; i++) {
		const struct finding *f = &report->findings[i];

		if (finding_weight(f) != OUTCOME_BLOCK)
			continue;
		fprintf(stderr, "virt-attest: %s: %s%s: %s%s%s\n", domain,
		        f->id,
		        f->result.outcome == OUTCOME_NOT_RUN
		            ? " could not be checked"
		            : "",
		        f->result.text,
		        f->result.remedy[0] != '\0' ? ". What to do: " : "",
		        f->result.remedy);
	}
}
