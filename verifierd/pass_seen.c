/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A pass is good for one use.  The audit log has each, written before it was
 * answered, so that a restart forgets none. */
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "pass_private.h"

static bool
is_over(uint64_t until_s, uint64_t now_s)
{
	return now_s > until_s + PASS_SKEW_S;
}

static void
drop_overdue(struct pass_seen *seen, uint64_t now_s)
{
	for (size_t i = seen->n; i-- > 0;)
		if (is_over(seen->all[i].until_s, now_s))
			seen->all[i] = seen->all[--seen->n];
}

static bool
add(struct pass_seen *seen, const struct pass_used *one, struct err *err)
{
	size_t n = 0;

	for (size_t i = 0; i < seen->n; i++) {
		if (memcmp(seen->all[i].id, one->id, PASS_ID_SIZE) == 0)
			return err_set(
			    err, ERR_EXISTS,
			    "the pass was used before: each is good "
			    "for one attempt, also when that failed");
		n += strcasecmp(seen->all[i].source, one->source) == 0;
	}
	if (n >= PASSES_OF_ONE_MAX)
		return err_set(err, ERR_BUSY,
		               "%d passes of '%.80s' were used and are not "
		               "over yet: no more is kept apart",
		               PASSES_OF_ONE_MAX, one->source);
	if (seen->n == PASSES_SEEN_MAX)
		return err_set(err, ERR_BUSY,
		               "%d passes were used and are not over yet: no "
		               "more is kept apart",
		               PASSES_SEEN_MAX);
	seen->all[seen->n++] = *one;
	return true;
}

bool
pass_seen_add(struct pass_seen *seen, const struct pass *p, uint64_t now_s,
              struct err *err)
{
	struct pass_used one = {.until_s = p->until_s};

	memcpy(one.id, p->id, sizeof(one.id));
	memcpy(one.source, p->source, sizeof(one.source));
	drop_overdue(seen, now_s);
	return add(seen, &one, err);
}

static const char detail_format[] = "jti=%s until=%llu uuid=%s";

void
pass_use_detail(const struct pass *p, char out[AUDIT_DETAIL_MAX])
{
	char id[TEXT_BASE64_SIZE(PASS_ID_SIZE)];

	snprintf(out, AUDIT_DETAIL_MAX, detail_format,
	         text_base64url(span_of(p->id, PASS_ID_SIZE), id),
	         (unsigned long long)p->until_s, p->uuid);
}

/* The other way. */
static bool
read_detail(const char *detail, struct pass_used *used)
{
	AUTO(buf_done) struct buf bytes = {0};
	char copy[AUDIT_DETAIL_MAX], *rest = copy, *word;

	if (!text_copy(detail, copy, sizeof(copy)))
		return false;
	word = strsep(&rest, " ");
	if (strncmp(word, "jti=", 4) != 0 ||
	    !text_unbase64url(span_str(word + 4), &bytes) ||
	    bytes.len != PASS_ID_SIZE)
		return false;
	memcpy(used->id, bytes.at, PASS_ID_SIZE);
	word = strsep(&rest, " ");
	return word != NULL && strncmp(word, "until=", 6) == 0 &&
	       text_u64(word + 6, INT64_MAX, &used->until_s);
}

struct remembering {
	struct pass_seen *seen;
	uint64_t now_s;
	bool ok;
	struct err *err;
};

/* Of two with one name the later line was seen first: a line that was there is
 * no failure. */
static bool
remember(void *arg, const struct audit_line *line)
{
	struct remembering *r = arg;
	struct pass_used used;
	struct err why = {0};

	if (is_over(line->time_s + PASS_LIFE_MAX_S + PASS_SKEW_S, r->now_s))
		return false;
	if (strcmp(line->event, PASS_USE_EVENT) != 0)
		return true;
	memcpy(used.source, line->subject, sizeof(used.source));
	if (!read_detail(line->detail, &used))
		r->ok = err_set(r->err, ERR_IO,
		                "store: damaged: the audit log's line %llu is "
		                "of no pass",
		                (unsigned long long)line->sequence);
	else if (!is_over(used.until_s, r->now_s) &&
	         !add(r->seen, &used, &why) && why.code != ERR_EXISTS)
		r->ok = err_set(r->err, why.code, "%s", why.text);
	return r->ok;
}

bool
pass_seen_remember(struct pass_seen *seen, struct store *store, uint64_t now_s,
                   struct err *err)
{
	struct remembering r = {seen, now_s, true, err};

	if (seen->remembers)
		return true;
	seen->n = 0;
	seen->remembers = store_audit_back(store, remember, &r, err) && r.ok;
	return seen->remembers;
}
