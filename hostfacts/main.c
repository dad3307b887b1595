/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* virt-attest-facts: a question (proto/PROTOCOL.md, "facts") on standard input,
 * and what this host says of itself on standard output, a line of JSON.  Its
 * argument is this boot's id, as systemd has it (%b), for whom /proc/sys is out
 * of sight. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "collect.h"
#include "sys/sys.h"

static bool
read_asking(struct arena *arena, struct local_asking *asking, struct err *err)
{
	AUTO(json_auto) struct json *json = NULL;
	AUTO(buf_done) struct buf text = {0};

	if (!sys_read_file("-", LOCAL_ASKING_MAX, &text, err))
		return false;
	if (text.len != 0 && text.at[text.len - 1] == '\n')
		text.len--;
	json = json_parse(buf_span(&text), err);
	return json != NULL && local_asking_decode(json, arena, asking, err);
}

static bool
tell(const struct local_facts *facts, struct err *err)
{
	AUTO(json_auto) struct json *json = local_facts_encode(facts);
	AUTO(buf_done) struct buf text = {0};

	json_format(json, &text);
	buf_text(&text, "\n");
	if (text.len > LOCAL_ANSWER_MAX)
		return err_set(err, ERR_LIMIT, "the answer is over %d bytes",
		               LOCAL_ANSWER_MAX);
	for (size_t at = 0; at < text.len;) {
		ssize_t n = write(STDOUT_FILENO, text.at + at, text.len - at);

		if (n < 0 && errno != EINTR)
			return err_set(err, ERR_IO, "standard output: %s",
			               strerror(errno));
		at += n > 0 ? (size_t)n : 0;
	}
	return true;
}

int
main(int argc, char **argv)
{
	struct arena arena = {0};
	struct local_asking asking;
	struct local_facts facts;
	struct collect_files files = collect_files;
	struct err err = {0};
	bool ok, done = true;

	if (argc > 2) {
		fputs("usage: virt-attest-facts [BOOT-ID] <QUESTION\n", stderr);
		return 1;
	}
	ok = read_asking(&arena, &asking, &err);
	if (ok) {
		files.boot = argc == 2 ? argv[1] : NULL;
		done = collect(&asking, &files, &arena, &facts);
		ok = tell(&facts, &err);
	}
	if (!ok)
		fprintf(stderr, "virt-attest-facts: %s\n", err.text);
	/* A thread hangs, and what it uses stays: the process goes as it is. */
	if (!done)
		_exit(ok ? 0 : 1);
	arena_done(&arena);
	return ok ? 0 : 1;
}
