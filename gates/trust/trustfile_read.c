/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A text is taken when it is what would have been written: of each line the
 * words are read, and written again to be compared. */
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "evidence/attester.h"
#include "trustfile/trustfile.h"
#include "trustfile/trustfile_private.h"

enum {
	LINE_MAX_SIZE = HOST_NAME_MAX_SIZE + TRUSTFILE_BOOT_SIZE + 64,
	TRUSTFILE_BASE64_MAX = TEXT_BASE64_SIZE(CERTIFICATE_MAX),
};

/* What is not yet read. */
struct rest {
	struct span text;
};

/* Whether these words come next; then they are read. */
static bool
skip(struct rest *r, const char *words)
{
	size_t len = strlen(words);

	if (r->text.len < len || memcmp(r->text.at, words, len) != 0)
		return false;
	r->text = span_of(r->text.at + len, r->text.len - len);
	return true;
}

/* A line without its newline; false when it does not fit, or has no end. */
static bool
take_line(struct rest *r, char *out, size_t size)
{
	const uint8_t *end = memchr(r->text.at, '\n', r->text.len);
	size_t len = end != NULL ? (size_t)(end - r->text.at) : size;

	if (len >= size || memchr(r->text.at, '\0', len) != NULL)
		return false;
	memcpy(out, r->text.at, len);
	out[len] = '\0';
	r->text = span_of(r->text.at + len + 1, r->text.len - len - 1);
	return true;
}

/* `*words` up to its blank. */
static bool
take_word(char **words, const char *key, char *out, size_t size)
{
	size_t len = strlen(key);
	char *word = strsep(words, " ");

	return word != NULL && strncmp(word, key, len) == 0 &&
	       text_copy(word + len, out, size);
}

static bool
take_entry(struct rest *r, struct trustfile_entry *e)
{
	char line[LINE_MAX_SIZE], again[LINE_MAX_SIZE], text[LINE_MAX_SIZE];
	char boot[TRUSTFILE_BOOT_SIZE], until[24];
	char *words = text;

	*e = (struct trustfile_entry){0};
	if (r->text.len == 0 || !take_line(r, line, sizeof(line)))
		return false;
	memcpy(text, line, sizeof(text));
	if (strncmp(text, "# ", 2) != 0)
		return false;
	words += 2;
	if (!take_word(&words, "host=", e->host, sizeof(e->host)) ||
	    !take_word(&words, "until_ms=", until, sizeof(until)) ||
	    !take_word(&words, "boot=", boot, sizeof(boot)) ||
	    !attester_name_allowed(e->host, NULL) ||
	    !text_u64(until, UINT64_MAX, &e->until_ms) ||
	    !trustfile_boot(boot, e->boot))
		return false;
	snprintf(again, sizeof(again), "# host=%s until_ms=%llu boot=%s",
	         e->host, (unsigned long long)e->until_ms, e->boot);
	return strcmp(again, line) == 0;
}

/* The lines of one certificate. */
static bool
take_pem(struct rest *r)
{
	AUTO(buf_done) struct buf text = {.max = TRUSTFILE_BASE64_MAX};
	AUTO(buf_done) struct buf der = {.max = CERTIFICATE_MAX};
	char line[TRUSTFILE_LINE + 1];
	size_t last = TRUSTFILE_LINE;

	if (!skip(r, TRUSTFILE_BEGIN))
		return false;
	while (!skip(r, TRUSTFILE_END)) {
		/* All lines are full but the last. */
		if (last != TRUSTFILE_LINE || r->text.len == 0 ||
		    !take_line(r, line, sizeof(line)))
			return false;
		last = strlen(line);
		buf_text(&text, line);
	}
	return last != 0 && !text.over &&
	       text_unbase64(buf_span(&text), &der) && der.len != 0;
}

static bool
take_block(struct rest *r, bool first, struct trustfile_entry *e)
{
	*e = (struct trustfile_entry){0};
	return (first ? skip(r, TRUSTFILE_HEAD TRUSTFILE_OWN)
	              : take_entry(r, e)) &&
	       take_pem(r);
}

bool
trustfile_read(struct span text,
               void (*each)(void *arg, const struct trustfile_entry *,
                            struct span block),
               void *arg, struct err *err)
{
	struct rest rest = {text};
	size_t n = 0;

	if (text.len > TRUSTFILE_MAX)
		return err_set(err, ERR_LIMIT, "trust file: over %d bytes",
		               TRUSTFILE_MAX);
	do {
		struct span from = rest.text;
		struct trustfile_entry e;

		if (n > TRUSTFILE_HOSTS_MAX)
			return err_set(err, ERR_LIMIT,
			               "trust file: over %d hosts",
			               TRUSTFILE_HOSTS_MAX);
		if (!take_block(&rest, n == 0, &e))
			return err_set(err, ERR_MALFORMED,
			               "trust file: entry %zu is not as "
			               "virt-attest-verifierd writes it",
			               n);
		each(arg, &e, span_of(from.at, from.len - rest.text.len));
		n++;
	} while (rest.text.len != 0);
	return true;
}
