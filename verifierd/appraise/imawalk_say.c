/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a walk found, in words. */
#include <string.h>

#include "appraise/imawalk.h"
#include "evidence/printable.h"

void
imawalk_path(struct span path, char out[IMAWALK_PATH_MAX])
{
	struct printable to = printable_of(out, IMAWALK_PATH_MAX);

	while (path.len != 0 && !to.cut) {
		const uint8_t *space = memchr(path.at, ' ', path.len);
		size_t len =
		    space != NULL ? (size_t)(space - path.at) : path.len;

		printable_utf8(&to, span_of(path.at, len));
		if (space != NULL)
			printable_add(&to, "\\x20");
		len += space != NULL;
		path = span_of(path.at + len, path.len - len);
	}
}

static void
say(struct printable *to, const struct imawalk_found *f)
{
	printable_add(to, "the %s ", f->buffer ? "buffer" : "file");
	printable_add(to, "%s", f->path);
	printable_add(to, " (entry %llu) ", (unsigned long long)f->entry);
	printable_add(to, "%s", imapolicy_finding_text(f->finding));
}

char *
imawalk_say(const struct imawalk_found *f, char out[IMAWALK_SENTENCE_MAX])
{
	struct printable to = printable_of(out, IMAWALK_SENTENCE_MAX);

	say(&to, f);
	return out;
}

char *
imawalk_sum(const struct imawalk_tally *t, char out[IMAWALK_SUM_MAX])
{
	struct printable to = printable_of(out, IMAWALK_SUM_MAX);
	bool refused = t->refused != 0;
	uint64_t n = refused ? t->refused : t->warned;

	if (n == 0)
		printable_add(&to, "%llu entries, none refused",
		              (unsigned long long)t->judged);
	if (n == 0)
		return out;
	printable_add(
	    &to, "%llu of %llu entries %s, the first: ", (unsigned long long)n,
	    (unsigned long long)t->judged, refused ? "refused" : "warned of");
	say(&to, refused ? &t->first_refused : &t->first_warned);
	return out;
}
