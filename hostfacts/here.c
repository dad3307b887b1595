/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "hostfacts/here.h"

#include <stdlib.h>

#include "sys/sys.h"

#define PROGRAM "virt-attest-facts"

const char *
here_program(char out[CHILD_PATH_SIZE])
{
	return child_beside(PROGRAM, VIRT_ATTEST_LIBEXEC "/" PROGRAM, out);
}

static bool
read_answer(struct child_told *told, struct arena *arena,
            struct local_facts *facts, struct err *err)
{
	AUTO(json_auto) struct json *json = NULL;
	struct span line = buf_span(&told->out);
	struct err why = {0};

	if (told->status != 0)
		return err_set(err, ERR_INTERNAL, PROGRAM " failed: %.180s",
		               told->said[0] != '\0' ? told->said
		                                     : "it says nothing");
	if (line.len != 0 && line.at[line.len - 1] == '\n')
		line.len--;
	json = json_parse(line, &why);
	if (json != NULL && local_facts_decode(json, arena, facts, &why))
		return true;
	return err_set(err, ERR_INTERNAL, PROGRAM " answers nonsense: %.180s",
	               why.text);
}

bool
here_ask(const char *program, struct span asking, uint64_t ms,
         struct arena *arena, struct local_facts *facts, struct err *err)
{
	/* A service does not see /proc/sys: its unit says which boot this is.
	 */
	const char *const argv[] = {PROGRAM, getenv("VIRT_ATTEST_BOOT_ID"),
	                            NULL};
	const struct child_asked asked = {
	    .path = program,
	    .argv = argv,
	    .in = asking,
	    .max = LOCAL_ANSWER_MAX,
	    .timeout_ms = ms,
	};
	uint64_t began = sys_boot_ms();
	struct child_told told = {0};
	bool ok;

	*facts = (struct local_facts){0};
	ok = child_run(&asked, &told, err) &&
	     read_answer(&told, arena, facts, err);
	/* Half an answer is none. */
	if (ok)
		facts->took_ms = sys_boot_ms() - began;
	else
		*facts = (struct local_facts){0};
	buf_done(&told.out);
	return ok;
}

bool
local_facts_here(const struct local_asking *asking, struct arena *arena,
                 struct local_facts *facts, struct err *err)
{
	AUTO(json_auto) struct json *json = local_asking_encode(asking);
	AUTO(buf_done) struct buf text = {0};
	char program[CHILD_PATH_SIZE];

	*facts = (struct local_facts){0};
	json_format(json, &text);
	if (text.len > LOCAL_ASKING_MAX)
		return err_set(err, ERR_LIMIT,
		               "the question for facts is over %d bytes",
		               LOCAL_ASKING_MAX);
	return here_ask(here_program(program), buf_span(&text), LOCAL_FACTS_MS,
	                arena, facts, err);
}
