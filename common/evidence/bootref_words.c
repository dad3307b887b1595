/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What became of a long text, by its words. */
#include <string.h>

#include "evidence/bootref_private.h"

enum { WORDS_MAX = BOOTREF_TEXT_MAX / 2 };

struct words {
	size_t n;
	struct span at[WORDS_MAX];
	bool other[WORDS_MAX]; /* has the word of the other text */
};

static void
split(const char *text, struct words *out)
{
	out->n = 0;
	while (*(text += strspn(text, " ")) != '\0' && out->n < WORDS_MAX) {
		out->other[out->n] = false;
		out->at[out->n++] = span_of(text, strcspn(text, " "));
		text += strcspn(text, " ");
	}
}

/* Each word has one of the other text's at most. */
static void
match(struct words *a, struct words *b)
{
	for (size_t i = 0; i < a->n; i++)
		for (size_t j = 0; j < b->n && !a->other[i]; j++)
			if (!b->other[j] && span_eq(a->at[i], b->at[j]))
				a->other[i] = b->other[j] = true;
}

static size_t
left(const struct words *w)
{
	size_t n = 0;

	for (size_t i = 0; i < w->n; i++)
		n += !w->other[i];
	return n;
}

static void
show(const struct words *w, char out[BOOTREF_WORDS_MAX])
{
	struct printable p = printable_of(out, BOOTREF_WORDS_MAX);
	const char *between = "";

	for (size_t i = 0; i < w->n; i++) {
		if (w->other[i])
			continue;
		printable_add(&p, "%s", between);
		printable_utf8(&p, w->at[i]);
		between = " ";
	}
}

void
bootref_quote(struct printable *p, const char *text, size_t max)
{
	char shown[BOOTREF_TEXT_MAX];
	struct printable cut =
	    printable_of(shown, max < sizeof(shown) ? max : sizeof(shown));

	while (*text != '\0' && !cut.cut) {
		size_t len = strcspn(text, "'");

		printable_utf8(&cut, span_of(text, len));
		text += len;
		if (*text == '\'') {
			printable_add(&cut, "\\'");
			text++;
		}
	}
	printable_add(p, "'");
	printable_utf8(p, span_str(shown));
	printable_add(p, "'");
}

void
bootref_words(struct printable *p, const char *before, const char *after)
{
	struct words a, b;
	char text[BOOTREF_WORDS_MAX];

	split(before, &a);
	split(after, &b);
	match(&a, &b);
	if (left(&a) == 0 && left(&b) == 0)
		printable_add(p, "the same words in another order or spacing");
	if (left(&b) != 0) {
		show(&b, text);
		bootref_quote(p, text, sizeof(text));
		printable_add(p, " was added");
	}
	if (left(&a) != 0) {
		show(&a, text);
		printable_add(p, "%s", left(&b) != 0 ? ", " : "");
		bootref_quote(p, text, sizeof(text));
		printable_add(p, " was taken out");
	}
}
