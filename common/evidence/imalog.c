/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "imalog_private.h"

bool
imalog_name_allowed(struct span name)
{
	for (size_t i = 0; i < name.len; i++)
		if (name.at[i] <= ' ' || name.at[i] > '~')
			return false;
	return name.len != 0 && name.len <= IMALOG_TEMPLATE_MAX;
}

/* An entry that is being read: how far, and what came of it. */
struct cursor {
	const struct imalog *log;
	size_t at;
	enum imalog_got got; /* IMALOG_ENTRY as long as all is well */
	struct err *err;
};

static void
refuse(struct cursor *c, size_t at, enum err_code code, const char *what,
       uint64_t number)
{
	const unsigned long long n = c->log->n, before = c->log->offset;

	c->got = IMALOG_BAD;
	(void)err_set(c->err, code, "ima log: entry %llu, offset %llu: %s %llu",
	              n, before + at, what, (unsigned long long)number);
}

static struct span
take(struct cursor *c, size_t len)
{
	const unsigned long long n = c->log->n, before = c->log->offset;
	size_t left = c->log->rest.len - c->at;
	struct span taken;

	if (c->got != IMALOG_ENTRY)
		return (struct span){0};
	if (len > left) {
		c->got = IMALOG_CUT;
		(void)err_set(c->err, ERR_MALFORMED,
		              "ima log: entry %llu is cut at offset %llu: "
		              "%zu bytes of %zu",
		              n, before + c->at, left, len);
		return (struct span){0};
	}
	taken = span_of(c->log->rest.at + c->at, len);
	c->at += len;
	return taken;
}

static uint32_t
take_u32(struct cursor *c)
{
	struct span bytes = take(c, 4);

	return c->got == IMALOG_ENTRY ? imalog_u32(bytes.at) : 0;
}

/* A length, refused over `max` before a byte of what it counts is there. */
static size_t
take_length(struct cursor *c, size_t max, const char *what)
{
	uint32_t len = take_u32(c);

	if (c->got == IMALOG_ENTRY && len > max)
		refuse(c, c->at - 4, ERR_LIMIT, what, len);
	return len;
}

/* `ima` has no length of its own (ima_fs.c): a digest, then a sized name. */
static struct span
take_old(struct cursor *c)
{
	size_t start = c->at, len;

	(void)take(c, IMALOG_BARE_SIZE);
	len = take_length(c, IMALOG_EVENT_MAX, "too long a path for ima:");
	(void)take(c, len);
	return c->got == IMALOG_ENTRY
	           ? span_of(c->log->rest.at + start, c->at - start)
	           : (struct span){0};
}

static void
read_binary(struct cursor *c, struct imalog_entry *e)
{
	const struct imalog_template *t = NULL;
	size_t start;

	e->pcr = take_u32(c);
	if (c->got == IMALOG_ENTRY && e->pcr >= IMALOG_PCR_COUNT)
		refuse(c, c->at - 4, ERR_MALFORMED, "no PCR:", e->pcr);
	e->digest = take(c, crypto_digest_size(c->log->alg));
	e->template = take(c, take_length(c, IMALOG_TEMPLATE_MAX,
	                                  "too long a template name:"));
	start = c->at;
	if (c->got == IMALOG_ENTRY && !imalog_name_allowed(e->template))
		refuse(c, start - e->template.len, ERR_MALFORMED,
		       "not a template's name, length", e->template.len);
	if (c->got != IMALOG_ENTRY)
		return;
	t = imalog_template_of(e->template);
	e->old = t != NULL && t->fields[0].bare;
	if (e->old)
		e->data = take_old(c);
	else
		e->data = take(c, take_length(c, IMALOG_DATA_MAX,
		                              "too much template data:"));
	e->known = t != NULL;
	e->whole = true;
	if (c->got == IMALOG_ENTRY && t != NULL && !imalog_fields_take(t, e))
		refuse(c, start, ERR_MALFORMED,
		       "data that is not its template's, length", e->data.len);
}

static enum imalog_got
binary_next(struct imalog *log, struct imalog_entry *e, struct err *err)
{
	struct cursor c = {log, 0, IMALOG_ENTRY, err};

	read_binary(&c, e);
	if (c.got == IMALOG_ENTRY) {
		log->rest = span_of(log->rest.at + c.at, log->rest.len - c.at);
		log->offset += c.at;
	}
	return c.got;
}

enum imalog_got
imalog_next(struct imalog *log, struct imalog_entry *e, struct err *err)
{
	enum imalog_got got;

	*e = (struct imalog_entry){.n = log->n, .offset = log->offset};
	if (log->rest.len == 0)
		return IMALOG_END;
	got = log->form == IMALOG_TEXT ? imalog_text_next(log, e, err)
	                               : binary_next(log, e, err);
	if (got != IMALOG_ENTRY) {
		*e = (struct imalog_entry){0};
		return got;
	}
	e->violation = span_is_zero(e->digest);
	log->n++;
	return got;
}

void
imalog_feed(struct imalog *log, struct span bytes)
{
	log->rest = bytes;
}

static bool
is_text(struct span start, uint16_t *alg)
{
	size_t hex = 0;

	if (start.len < 3 ||
	    (start.at[0] != ' ' && start.at[0] != '1' && start.at[0] != '2') ||
	    start.at[1] < '0' || start.at[1] > '9' || start.at[2] != ' ')
		return false;
	while (3 + hex < start.len && start.at[3 + hex] != ' ')
		hex++;
	for (*alg = TPM_ALG_SHA1; *alg <= TPM_ALG_SHA512; ++*alg)
		if (crypto_digest_size(*alg) * 2 == hex && hex != 0)
			return true;
	return false;
}

bool
imalog_recognize(struct span start, enum imalog_form *form, uint16_t *alg)
{
	static const uint16_t algs[] = {TPM_ALG_SHA1, TPM_ALG_SHA256,
	                                TPM_ALG_SHA384, TPM_ALG_SHA512};

	*form = IMALOG_TEXT;
	if (is_text(start, alg))
		return true;
	*form = IMALOG_BINARY;
	if (start.len < 4 || imalog_u32(start.at) >= IMALOG_PCR_COUNT)
		return false;
	for (size_t i = 0; i < LENGTH_OF(algs); i++) {
		size_t at = 4 + crypto_digest_size(algs[i]), len;

		*alg = algs[i];
		if (start.len < at + 4)
			return false;
		len = imalog_u32(start.at + at);
		if (len <= start.len - at - 4 &&
		    imalog_name_allowed(span_of(start.at + at + 4, len)))
			return true;
	}
	return false;
}

bool
imalog_is_aggregate(const struct imalog_entry *e)
{
	return e->n == 0 && e->known && !e->violation &&
	       span_eq(e->path, span_str("boot_aggregate"));
}
