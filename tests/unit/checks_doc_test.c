/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* docs/CHECKLIST.md tells of each check, of no other, and in their order; what
 * a check weighs when it has not run, and whether it may be forced, is as the
 * table of checks has it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "checks/check.h"
#include "sys/sys.h"

enum { DOC_MAX = 256 * 1024, ROWS_MAX = 256, CELLS = 6 };
enum cell { ID, COMPARES, BLOCKS, WARNS, NOT_RUN, CANNOT_SEE };

struct row {
	char *cells[CELLS];
};

static char *doc;
static struct row rows[ROWS_MAX];
static size_t n_rows;
static char *unforceable; /* the line that names them */

/* Without the spaces around it. */
static char *
trimmed(char *text)
{
	size_t len;

	text += strspn(text, " ");
	len = strlen(text);
	while (len > 0 && text[len - 1] == ' ')
		text[--len] = '\0';
	return text;
}

/* "| `id` | compares | ... |", which is taken apart. */
static void
read_row(char *line)
{
	struct row *row = &rows[n_rows];
	char *rest = line + 1, *id;
	size_t n = 0;

	if (n_rows == ROWS_MAX)
		fail_msg("over %d rows", ROWS_MAX);
	for (; n < CELLS && rest != NULL; n++)
		row->cells[n] = trimmed(strsep(&rest, "|"));
	id = row->cells[ID] + 1;
	if (n != CELLS || rest == NULL || *trimmed(rest) != '\0')
		fail_msg("%s: not a row of %d cells", id, CELLS);
	id[strcspn(id, "`")] = '\0';
	row->cells[ID] = id;
	n_rows++;
}

static int
read_doc(void **state)
{
	AUTO(buf_done) struct buf text = {0};
	struct err err = {0};
	char *rest, *line;

	(void)state;
	if (!sys_read_file(SOURCE_DIR "/docs/CHECKLIST.md", DOC_MAX, &text,
	                   &err))
		fail_msg("%s", err.text);
	buf_u8(&text, '\0');
	rest = doc = strdup((const char *)text.at);
	while ((line = strsep(&rest, "\n")) != NULL) {
		if (strncmp(line, "| `", 3) == 0)
			read_row(line);
		else if (strstr(line, "cannot be forced") != NULL)
			unforceable = line;
	}
	return 0;
}

static int
free_doc(void **state)
{
	(void)state;
	free(doc);
	return 0;
}

/* The row of a check, or ROWS_MAX. */
static size_t
row_of(const char *id)
{
	for (size_t i = 0; i < n_rows; i++)
		if (strcmp(rows[i].cells[ID], id) == 0)
			return i;
	return ROWS_MAX;
}

static void
each_check_has_a_row(void **state)
{
	const struct migration_check *check = NULL;

	(void)state;
	while ((check = check_next(check)) != NULL)
		if (row_of(check->id) == ROWS_MAX)
			fail_msg("%s has no row", check->id);
}

static void
each_row_is_of_a_check(void **state)
{
	(void)state;
	for (size_t i = 0; i < n_rows; i++) {
		const char *id = rows[i].cells[ID];

		if (check_of(id) == NULL)
			fail_msg("there is no check %s", id);
		if (row_of(id) != i)
			fail_msg("%s has two rows", id);
		if (rows[i].cells[COMPARES][0] == '\0')
			fail_msg("%s compares nothing", id);
		if (rows[i].cells[BLOCKS][0] == '\0' &&
		    rows[i].cells[WARNS][0] == '\0')
			fail_msg("%s neither blocks nor warns", id);
	}
}

static void
rows_are_in_the_order_in_which_checks_are_told(void **state)
{
	const struct migration_check *check = NULL;
	size_t i = 0;

	(void)state;
	while ((check = check_next(check)) != NULL && i < n_rows) {
		if (strcmp(rows[i].cells[ID], check->id) != 0)
			fail_msg("%s stands where %s is told",
			         rows[i].cells[ID], check->id);
		i++;
	}
}

static void
what_has_not_run_weighs_as_told(void **state)
{
	(void)state;
	for (size_t i = 0; i < n_rows; i++) {
		const char *told = rows[i].cells[NOT_RUN];
		const struct migration_check *check =
		    check_of(rows[i].cells[ID]);

		if (check != NULL &&
		    strcmp(told, check->severity == SEVERITY_BLOCK
		                     ? "blocks"
		                     : "warns") != 0)
			fail_msg("%s: \"%s\" is told of it", check->id, told);
	}
}

/* Whether the line names it, in backquotes. */
static bool
is_named(const char *line, const char *id)
{
	const char *at = line;

	while ((at = strchr(at, '`')) != NULL) {
		size_t len = strcspn(++at, "`");

		if (strlen(id) == len && strncmp(at, id, len) == 0)
			return true;
		at += len;
		at += *at == '`';
	}
	return false;
}

static void
what_cannot_be_forced_is_told(void **state)
{
	const struct migration_check *check = NULL;

	(void)state;
	assert_non_null(unforceable);
	while ((check = check_next(check)) != NULL)
		if (is_named(unforceable, check->id) != check->unforceable)
			fail_msg("%s %s be forced", check->id,
			         check->unforceable ? "cannot" : "can");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(each_check_has_a_row),
	    cmocka_unit_test(each_row_is_of_a_check),
	    cmocka_unit_test(rows_are_in_the_order_in_which_checks_are_told),
	    cmocka_unit_test(what_has_not_run_weighs_as_told),
	    cmocka_unit_test(what_cannot_be_forced_is_told),
	};

	return cmocka_run_group_tests(tests, read_doc, free_doc);
}
