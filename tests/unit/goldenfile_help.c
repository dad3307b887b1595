/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "goldenfile_help.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

const struct goldenfile_choice usual = {.scope = "host-a", .label = "6.1"};

void
must_add(struct goldenfile *g, const char *name, const char *text)
{
	struct err err = {0};

	if (!goldenfile_add(g, name, span_str(text), &err))
		fail_msg("%s", err.text);
}

void
must_make(const struct goldenfile *g, const struct goldenfile_choice *c,
          struct goldenfile_made *made)
{
	struct err err = {0};

	if (!goldenfile_make(g, c, made, &err))
		fail_msg("%s", err.text);
	assert_true(made->n >= 1 && made->n <= GOLDENFILE_CANDIDATES_MAX);
}

void
refused(const char *text, const char *why)
{
	struct goldenfile g = {0};
	struct err err = {0};

	if (goldenfile_add(&g, "file", span_str(text), &err))
		fail_msg("taken: %s", text);
	if (strstr(err.text, why) == NULL)
		fail_msg("'%s' says: %s", text, err.text);
	goldenfile_done(&g);
}

void
not_made(const char *text, const struct goldenfile_choice *c, const char *why)
{
	AUTO(goldenfile_done) struct goldenfile g = {0};
	struct goldenfile_made made;
	struct err err = {0};

	must_add(&g, "file", text);
	if (goldenfile_make(&g, c, &made, &err))
		fail_msg("made of %s", text);
	if (strstr(err.text, why) == NULL)
		fail_msg("'%s' says: %s", text, err.text);
	assert_int_equal(made.n, 0);
}

void
expect_mask(const struct goldenfile_made *made, uint16_t alg, const char *pcrs)
{
	const struct pcr_selection *s = &made->goldens[0].values.selection;
	char text[PCR_TEXT_MAX];

	assert_int_equal(s->banks[0].alg, alg);
	assert_string_equal(pcr_list_format(s->banks[0].mask, text), pcrs);
}
