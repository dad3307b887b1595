/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>

#include "evidence/pcr.h"
#include "imalog_private.h"

uint16_t
imalog_alg(struct span name)
{
	char text[IMALOG_ALG_MAX + 1] = "";

	/* A NUL in it ends no name of a bank. */
	if (name.len == 0 || name.len > IMALOG_ALG_MAX ||
	    memchr(name.at, '\0', name.len) != NULL)
		return 0;
	memcpy(text, name.at, name.len);
	return pcr_bank_of(text);
}

/* The next `:` in the field, and what is before it. */
static bool
take_word(struct span *rest, struct span *word)
{
	const uint8_t *colon =
	    rest->len != 0 ? memchr(rest->at, ':', rest->len) : NULL;

	if (colon == NULL)
		return false;
	*word = span_of(rest->at, (size_t)(colon - rest->at));
	*rest = span_of(colon + 1, rest->len - word->len - 1);
	for (size_t i = 0; i < word->len; i++)
		if (strchr("abcdefghijklmnopqrstuvwxyz0123456789-",
		           word->at[i]) == NULL ||
		    word->at[i] == '\0')
			return false;
	return word->len != 0 && word->len <= IMALOG_ALG_MAX;
}

/* "sha256:", NUL and the digest; "ima:" in front in the second version. */
static bool
take_digest(struct span field, bool typed, struct imalog_digest *out)
{
	uint16_t alg;

	if (typed && !take_word(&field, &out->type))
		return false;
	if (!take_word(&field, &out->alg) || field.len == 0 ||
	    field.at[0] != '\0')
		return false;
	out->value = span_of(field.at + 1, field.len - 1);
	alg = imalog_alg(out->alg);
	return out->value.len != 0 && out->value.len <= DIGEST_MAX &&
	       (alg == 0 || out->value.len == crypto_digest_size(alg));
}

static bool
take_d(struct span field, struct imalog_entry *e)
{
	/* SHA-1, or MD5 and zeroes. */
	e->file.alg = span_str("sha1");
	e->file.value = field;
	return field.len == IMALOG_BARE_SIZE;
}

static bool
take_n(struct span field, struct imalog_entry *e)
{
	e->path = field;
	return field.len <= IMALOG_EVENT_MAX &&
	       (field.len == 0 || memchr(field.at, '\0', field.len) == NULL);
}

static bool
take_d_ng(struct span field, struct imalog_entry *e)
{
	return take_digest(field, false, &e->file);
}

static bool
take_d_ngv2(struct span field, struct imalog_entry *e)
{
	return take_digest(field, true, &e->file);
}

static bool
take_n_ng(struct span field, struct imalog_entry *e)
{
	if (field.len == 0 ||
	    memchr(field.at, '\0', field.len) != field.at + field.len - 1)
		return false;
	e->path = span_of(field.at, field.len - 1);
	return true;
}

static bool
take_sig(struct span field, struct imalog_entry *e)
{
	e->signature = field;
	return true;
}

static bool
take_buf(struct span field, struct imalog_entry *e)
{
	e->buffer = field;
	return true;
}

static bool
take_d_modsig(struct span field, struct imalog_entry *e)
{
	return field.len == 0 || take_digest(field, false, &e->modsig_file);
}

static bool
take_modsig(struct span field, struct imalog_entry *e)
{
	e->modsig = field;
	return true;
}

/* ima_template.c's formats. */
#define D                                                                      \
	{                                                                      \
		IMALOG_SHOW_HASH, true, take_d                                 \
	}
#define N                                                                      \
	{                                                                      \
		IMALOG_SHOW_EVENT, false, take_n                               \
	}
#define D_NG                                                                   \
	{                                                                      \
		IMALOG_SHOW_DIGEST, false, take_d_ng                           \
	}
#define D_NGV2                                                                 \
	{                                                                      \
		IMALOG_SHOW_DIGEST, false, take_d_ngv2                         \
	}
#define N_NG                                                                   \
	{                                                                      \
		IMALOG_SHOW_NAME, false, take_n_ng                             \
	}
#define SIG                                                                    \
	{                                                                      \
		IMALOG_SHOW_HEX, false, take_sig                               \
	}
#define BUF                                                                    \
	{                                                                      \
		IMALOG_SHOW_HEX, false, take_buf                               \
	}
#define D_MODSIG                                                               \
	{                                                                      \
		IMALOG_SHOW_DIGEST, false, take_d_modsig                       \
	}
#define MODSIG                                                                 \
	{                                                                      \
		IMALOG_SHOW_HEX, false, take_modsig                            \
	}
static const struct imalog_template templates[] = {
    {"ima-ng", 2, {D_NG, N_NG}},
    {"ima-sig", 3, {D_NG, N_NG, SIG}},
    {"ima-ngv2", 2, {D_NGV2, N_NG}},
    {"ima-sigv2", 3, {D_NGV2, N_NG, SIG}},
    {"ima-buf", 3, {D_NG, N_NG, BUF}},
    {"ima-modsig", 5, {D_NG, N_NG, SIG, D_MODSIG, MODSIG}},
    {"ima", 2, {D, N}},
};

const struct imalog_template *
imalog_template_of(struct span name)
{
	for (size_t i = 0; i < LENGTH_OF(templates); i++)
		if (span_eq(name, span_str(templates[i].name)))
			return &templates[i];
	return NULL;
}

bool
imalog_fields_take(const struct imalog_template *t, struct imalog_entry *e)
{
	struct span rest = e->data;

	for (size_t i = 0; i < t->n; i++) {
		size_t len = IMALOG_BARE_SIZE;

		if (!t->fields[i].bare) {
			if (rest.len < 4)
				return false;
			len = imalog_u32(rest.at);
			rest = span_of(rest.at + 4, rest.len - 4);
		}
		if (len > rest.len ||
		    !t->fields[i].take(span_of(rest.at, len), e))
			return false;
		rest = span_of(rest.at + len, rest.len - len);
	}
	return rest.len == 0;
}

uint32_t
imalog_u32(const uint8_t *at)
{
	return (uint32_t)at[0] | (uint32_t)at[1] << 8 | (uint32_t)at[2] << 16 |
	       (uint32_t)at[3] << 24;
}
