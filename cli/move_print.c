/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A report for people. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "move_private.h"
#include "screen.h"

enum {
	TEXT_COLUMN = 27,                /* after mark and id */
	VALUE_COLUMN = TEXT_COLUMN + 13, /* after "destination: " */
	REASON_COLUMN = 64,              /* of a row */
	REASON_BELOW = 4,
	REASON_LEAST = 40,
	COLUMNS = 100, /* of a list that is not at a terminal */
};

/* The gravest first, and of what was not run what keeps the domain here. */
enum rank { BLOCKS, KEEPS, NOT_RUN, WARNS, PASSES, RANKS };

static enum rank
rank_of(const struct finding *f)
{
	switch (f->result.outcome) {
	case OUTCOME_BLOCK:
		return BLOCKS;
	case OUTCOME_WARN:
		return WARNS;
	case OUTCOME_PASS:
		return PASSES;
	case OUTCOME_NOT_RUN:
		break;
	}
	return finding_weight(f) == OUTCOME_BLOCK ? KEEPS : NOT_RUN;
}

static const char *
mark_of(const struct finding *f)
{
	static const char *const marks[RANKS] = {
	    [BLOCKS] = "BLOCK", [KEEPS] = "NOT RUN", [NOT_RUN] = "not run",
	    [WARNS] = "WARN",   [PASSES] = "pass",
	};

	if (f->forced && f->result.outcome != OUTCOME_PASS)
		return "forced";
	return marks[rank_of(f)];
}

static void
print_value(size_t columns, const char *what, const char *text)
{
	if (text[0] == '\0')
		return;
	printf("%*s%-13s", TEXT_COLUMN, "", what);
	print_wrapped(stdout, columns, VALUE_COLUMN, VALUE_COLUMN, text);
	printf("\n");
}

static void
print_finding(const struct finding *f, size_t columns)
{
	const struct result *r = &f->result;
	char text[RESULT_TEXT_MAX + 40];
	int at = printf("%-8s%-18s ", mark_of(f), f->id);

	snprintf(text, sizeof(text), "%s", r->text);
	if (r->more != 0)
		snprintf(text, sizeof(text), "%s (and %zu more)", r->text,
		         r->more);
	print_wrapped(stdout, columns, TEXT_COLUMN, (size_t)at, text);
	printf("\n");
	print_value(columns, "source:", r->source);
	print_value(columns, "destination:", r->destination);
	if (r->outcome != OUTCOME_PASS)
		print_value(columns, "what to do:", r->remedy);
}

static bool
is_told_alike(const struct finding *a, const struct finding *b)
{
	return a->result.outcome == OUTCOME_NOT_RUN &&
	       rank_of(a) == rank_of(b) && a->forced == b->forced &&
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
print_others(const struct report *report, size_t i, size_t columns)
{
	char word[FINDING_ID_MAX + 1];
	size_t at = 0;

	if (columns == 0)
		columns = COLUMNS;
	for (size_t k = i + 1; k < report->n; k++) {
		const struct finding *f = &report->findings[k];

		if (!is_told_alike(&report->findings[i], f))
			continue;
		if (at == 0)
			at = (size_t)printf("%*s%-12s", TEXT_COLUMN, "",
			                    "also:");
		snprintf(word, sizeof(word), " %s", f->id);
		at = print_wrapped(stdout, columns, VALUE_COLUMN, at, word);
	}
	if (at != 0)
		printf("\n");
}

void
print_report(const struct assessment *a, bool all)
{
	const struct report *report = &a->report;
	size_t passed = 0, columns = screen_columns(STDOUT_FILENO);

	for (enum rank rank = BLOCKS; rank < RANKS; rank++)
		for (size_t i = 0; i < report->n; i++) {
			const struct finding *f = &report->findings[i];

			if (rank_of(f) != rank)
				continue;
			if (rank == PASSES)
				passed++;
			if ((rank == PASSES && !all) || was_told(report, i))
				continue;
			print_finding(f, columns);
			print_others(report, i, columns);
		}
	printf("%zu of %zu checks pass%s\n", passed, report->n,
	       all || passed == 0 ? "" : " (--verbose lists them)");
}

/* Whom else the same reason keeps from being checked. */
static void
say_others(const struct report *report, size_t i)
{
	const char *before = " (also ";
	size_t n = 0;

	for (size_t k = i + 1; k < report->n; k++) {
		if (!is_told_alike(&report->findings[i], &report->findings[k]))
			continue;
		fprintf(stderr, "%s%s", before, report->findings[k].id);
		before = ", ";
		n++;
	}
	if (n != 0)
		fprintf(stderr, ")");
}

void
print_blocks(const char *domain, const struct report *report)
{
	for (size_t i = 0; i < report->n; i++) {
		const struct finding *f = &report->findings[i];

		if (finding_weight(f) != OUTCOME_BLOCK || was_told(report, i))
			continue;
		fprintf(stderr, "virt-attest: %s: %s", domain, f->id);
		say_others(report, i);
		fprintf(stderr, "%s: %s%s%s\n",
		        f->result.outcome == OUTCOME_NOT_RUN
		            ? " could not be checked"
		            : "",
		        f->result.text,
		        f->result.remedy[0] != '\0' ? ". What to do: " : "",
		        f->result.remedy);
	}
}

/* Where the terminal has no room for it beside the rest, a reason has lines of
 * its own. */
void
print_reason(const char *reason)
{
	size_t columns = screen_columns(STDOUT_FILENO);
	bool below = columns != 0 && columns < REASON_COLUMN + REASON_LEAST;
	size_t hang = below ? REASON_BELOW : REASON_COLUMN;

	if (reason[0] != '\0') {
		printf("%s", below ? "\n    " : "  ");
		print_wrapped(stdout, columns, hang, hang, reason);
	}
	printf("\n");
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
