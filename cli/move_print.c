/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A report for people. */
#include <stdio.h>
#include <string.h>

#include "move_private.h"

enum { COLUMNS = 100 };

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

static bool
is_told_alike(const struct finding *a, const struct finding *b)
{
	return a->result.outcome == OUTCOME_NOT_RUN &&
	       b->result.outcome == OUTCOME_NOT_RUN && a->forced == b->forced &&
	       strcmp(a->result.text, b->result.text) == 0;
}

/* A host that does not answer is one reason for many checks: told once, and
 * then whom else it concerns. */
static bool
was_told(const struct report *report, size_t i)
{
	for (size_t k = 0; k < i; k++)
		if (is_told_alike(&report->findings[k], &report->findings[i]))
			return true;
	return false;
}

static void
print_others(const struct report *report, size_t i)
{
	static const char head[] = "also not run:";
	int column = 0;

	for (size_t k = i + 1; k < report->n; k++) {
		const struct finding *f = &report->findings[k];

		if (!is_told_alike(&report->findings[i], f))
			continue;
		if (column == 0 || column + (int)strlen(f->id) >= COLUMNS)
			column = printf("%s%26s %-13s", column == 0 ? "" : "\n",
			                "", column == 0 ? head : "");
		column += printf(" %s", f->id);
	}
	if (column != 0)
		printf("\n");
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
			if ((f->result.outcome == OUTCOME_PASS && !all) ||
			    was_told(report, i))
				continue;
			print_finding(f);
			print_others(report, i);
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

int
worse_status(int a, int b)
{
	if (a == STATUS_FAILED || b == STATUS_FAILED)
		return STATUS_FAILED;
	if (a == STATUS_DONE || (b != STATUS_DONE && b < a))
		return b;
	return a;
}
