/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "imawalk_help.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/text.h"

static const char header[] = "virt-attest-ima-policy 1\n";

static struct imapolicy *
parsed(struct buf *text)
{
	struct err err = {0};
	struct imapolicy *p = imapolicy_parse(buf_span(text), &err);

	if (p == NULL)
		fail_msg("%s", err.text);
	buf_done(text);
	return p;
}

struct imapolicy *
policy_of(const char *lines)
{
	struct buf text = {0};

	buf_text(&text, header);
	buf_text(&text, lines);
	return parsed(&text);
}

void
put_listed(struct buf *text, const struct imalog_entry *e)
{
	char hex[TEXT_HEX_SIZE(DIGEST_MAX)], unit[8];

	buf_add(text, e->file.alg);
	buf_text(text, ":");
	buf_text(text, text_hex(e->file.value, hex));
	buf_text(text, " ");
	for (size_t i = 0; i < e->path.len; i++) {
		snprintf(unit, sizeof(unit), "\\x%02x", e->path.at[i]);
		buf_text(text, unit);
	}
	buf_text(text, "\n");
}

struct imapolicy *
policy_of_log(struct span bytes, const char *lines, const char *without)
{
	struct buf text = {0};
	struct imalog log = log_of(bytes);
	struct imalog_entry e;
	struct err err;

	buf_text(&text, header);
	buf_text(&text, lines);
	while (imalog_next(&log, &e, &err) == IMALOG_ENTRY)
		if (!e.violation &&
		    (without == NULL || !span_eq(e.path, span_str(without))))
			put_listed(&text, &e);
	return parsed(&text);
}

struct pcr_values
quoted_of(uint16_t alg, struct span value, uint16_t other,
          struct span other_value)
{
	struct pcr_values v = {
	    .selection = {1, {{alg, 1 << 10}, {other, 1 << 10}}}};

	v.selection.n = other != 0 ? 2 : 1;
	v.values[0][10].len = (uint8_t)value.len;
	memcpy(v.values[0][10].at, value.at, value.len);
	if (other == 0)
		return v;
	v.values[1][10].len = (uint8_t)other_value.len;
	memcpy(v.values[1][10].at, other_value.at, other_value.len);
	return v;
}

struct digest
pcr10_after(struct span bytes, uint64_t n, uint16_t alg, bool padded)
{
	struct imalog log = log_of(bytes);
	struct imareplay r = {0};
	struct imalog_entry e;
	struct err err = {0};

	assert_true(imareplay_bank(&r, alg, padded));
	while (r.n < n)
		if (imalog_next(&log, &e, &err) != IMALOG_ENTRY ||
		    !imareplay_extend(&r, log.alg, &e, &err))
			fail_msg("entry %llu: %s", (unsigned long long)r.n,
			         err.text);
	return r.banks[0].pcrs[10];
}

struct walked
walk_on(const struct walked *from, struct span bytes,
        const struct pcr_values *quoted, const struct imapolicy *policy,
        size_t piece)
{
	const struct imawalk_case one = {policy,
	                                 from != NULL ? &from->tally : NULL};
	struct walked out = {0};
	struct imawalk *w =
	    imawalk_open(from != NULL ? &from->state : NULL, quoted, NULL, &one,
	                 policy != NULL, &out.err);

	if (w == NULL) {
		out.got = IMAWALK_BAD;
		return out;
	}
	out.got = IMAWALK_MORE;
	for (size_t at = 0; at < bytes.len && out.got == IMAWALK_MORE;) {
		size_t n = bytes.len - at < piece ? bytes.len - at : piece;
		/* Of its own, so that nothing is read behind or after. */
		AUTO(buf_done) struct buf part = {0};

		buf_add(&part, span_of(bytes.at + at, n));
		out.got = imawalk_feed(w, buf_span(&part), &out.err);
		at += n;
	}
	out.got = imawalk_finish(w, &out.err);
	if (out.got == IMAWALK_REACHED) {
		out.state = *imawalk_state(w);
		if (policy != NULL)
			out.tally = *imawalk_tally(w, 0);
	}
	imawalk_free(w);
	return out;
}
