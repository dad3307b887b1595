/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "checks_told.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static void
holds(size_t row, const struct told *t, const char *said, const char *part)
{
	if (part != NULL && strstr(said, part) == NULL)
		fail_msg("row %zu: %s: '%s' is not in '%s'", row, t->id, part,
		         said);
}

/* What was found before, and is as grave, keeps its values and its remedy. */
static void
leaves_alone(size_t row, const struct told *t,
             const struct migration_check *check)
{
	struct result r = {0};

	if (t->outcome == OUTCOME_NOT_RUN)
		return;
	result_block(&r, "before");
	result_values(&r, "here", "there");
	result_remedy(&r, "mend");
	check->run(&t->facts, &r);
	if (r.outcome != OUTCOME_BLOCK || strcmp(r.text, "before") != 0 ||
	    strcmp(r.source, "here") != 0 ||
	    strcmp(r.destination, "there") != 0 ||
	    strcmp(r.remedy, "mend") != 0)
		fail_msg("row %zu: %s: meddles with what was found before: "
		         "'%s', '%s', '%s', '%s'",
		         row, t->id, r.text, r.source, r.destination, r.remedy);
}

void
tells(const struct told *told, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		const struct told *t = &told[i];
		const struct migration_check *check = check_of(t->id);
		struct result r;

		if (check == NULL)
			fail_msg("row %zu: no check '%s'", i, t->id);
		check_run(check, &t->facts, &r);
		if (r.outcome != t->outcome)
			fail_msg("row %zu: %s: %s, not %s: %s", i, t->id,
			         outcome_name(r.outcome),
			         outcome_name(t->outcome), r.text);
		holds(i, t, r.text, t->text);
		holds(i, t, r.source, t->source);
		holds(i, t, r.destination, t->destination);
		holds(i, t, r.remedy, t->remedy);
		if (strlen(r.text) + 1 >= sizeof(r.text) ||
		    strlen(r.remedy) + 1 >= sizeof(r.remedy))
			fail_msg("row %zu: %s: cut: %s", i, t->id, r.text);
		leaves_alone(i, t, check);
	}
}

void
tells_all(const struct migration_check *check, const struct told *told,
          size_t n)
{
	for (; check->id != NULL; check++) {
		bool passes = false, not_run = false, grave = false;

		for (size_t i = 0; i < n; i++) {
			if (strcmp(told[i].id, check->id) != 0)
				continue;
			passes |= told[i].outcome == OUTCOME_PASS;
			not_run |= told[i].outcome == OUTCOME_NOT_RUN;
			grave |= told[i].outcome == OUTCOME_WARN ||
			         told[i].outcome == OUTCOME_BLOCK;
		}
		if (!passes || !not_run || !grave)
			fail_msg("%s: no row that %s", check->id,
			         !passes    ? "passes"
			         : !not_run ? "is not run"
			                    : "warns or blocks");
	}
}
