/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "evidence/pcrread.h"

#include <string.h>

#include "base/text.h"

/* Banks that tpm2-tools name and we cannot compute. */
static const char *const foreign[] = {"sm3_256", "sha3_256", "sha3_384",
                                      "sha3_512"};

enum { NO_BANK = -1, FOREIGN_BANK = -2 };

struct reading {
	struct pcr_values *values;
	int bank; /* its place in the selection, or one of the two above */
	unsigned line;
	struct err *err;
};

static bool
refuse(const struct reading *r, const char *why)
{
	return err_set(r->err, ERR_MALFORMED, "tpm2_pcrread, line %u: %s",
	               r->line, why);
}

static bool
is_foreign(const char *name)
{
	for (size_t i = 0; i < LENGTH_OF(foreign); i++)
		if (strcmp(foreign[i], name) == 0)
			return true;
	return false;
}

/* "sha256", without its colon. */
static bool
begin_bank(struct reading *r, const char *name)
{
	struct pcr_selection *s = &r->values->selection;
	uint16_t alg = pcr_bank_of(name);

	if (is_foreign(name)) {
		r->bank = FOREIGN_BANK;
		return true;
	}
	if (alg == 0)
		return refuse(r, "neither a PCR bank nor a PCR's value");
	if (pcr_selection_find(s, alg) >= 0)
		return refuse(r, "a PCR bank that is there already");
	r->bank = (int)s->n;
	s->banks[s->n++].alg = alg; /* as many as there are names */
	return true;
}

/* "0x" and the digits of a value. */
static bool
read_value(struct reading *r, unsigned pcr, const char *text)
{
	struct pcr_bank *bank = &r->values->selection.banks[r->bank];
	struct digest *value = &r->values->values[r->bank][pcr];
	AUTO(buf_done) struct buf bytes = {.max = DIGEST_MAX};

	if ((bank->mask >> pcr & 1) != 0)
		return refuse(r, "a PCR that is there already");
	if (!text_unhex(text, &bytes) ||
	    bytes.len != crypto_digest_size(bank->alg))
		return refuse(r, "a value that is not of its bank's size in "
		                 "hexadecimal");
	value->len = (uint8_t)bytes.len;
	memcpy(value->at, bytes.at, bytes.len);
	bank->mask |= UINT32_C(1) << pcr;
	return true;
}

/* "10" and "0x...": what stands before the colon, and behind it. */
static bool
read_pcr(struct reading *r, char *number, const char *value)
{
	size_t len = strcspn(number, " ");
	uint64_t pcr;

	if (strspn(number + len, " ") != strlen(number + len))
		return refuse(r, "neither a PCR bank nor a PCR's value");
	number[len] = '\0';
	if (!text_u64(number, PCR_COUNT - 1, &pcr))
		return refuse(r, "PCRs are 0 to 23");
	value += strspn(value, " ");
	if (strncmp(value, "0x", 2) != 0 && strncmp(value, "0X", 2) != 0)
		return refuse(r, "a value that does not begin with 0x");
	if (r->bank == NO_BANK)
		return refuse(r, "a PCR's value before any bank's name");
	return r->bank == FOREIGN_BANK ||
	       read_value(r, (unsigned)pcr, value + 2);
}

static bool
read_line(struct reading *r, struct span bytes)
{
	char line[PCRREAD_LINE_MAX], *text = line, *colon;

	if (bytes.len >= sizeof(line))
		return refuse(r, "too long");
	for (size_t i = 0; i < bytes.len; i++)
		if (bytes.at[i] < 0x20 || bytes.at[i] > 0x7e)
			return refuse(r, "a character that does not belong "
			                 "there");
	memcpy(line, bytes.at, bytes.len);
	line[bytes.len] = '\0';
	text += strspn(text, " ");
	colon = strchr(text, ':');
	if (colon == NULL)
		return refuse(r, "neither a PCR bank nor a PCR's value");
	*colon = '\0';
	return colon[1] == '\0' ? begin_bank(r, text)
	                        : read_pcr(r, text, colon + 1);
}

/* Banks that are not allocated are not the TPM's. */
static void
drop_empty(struct pcr_values *v)
{
	struct pcr_selection *s = &v->selection;
	size_t n = 0;

	for (size_t b = 0; b < s->n; b++) {
		if (s->banks[b].mask == 0)
			continue;
		if (n != b) {
			s->banks[n] = s->banks[b];
			memcpy(v->values[n], v->values[b],
			       sizeof(v->values[n]));
		}
		n++;
	}
	s->n = n;
}

static bool
read_all(struct reading *r, struct span text)
{
	while (text.len != 0) {
		const uint8_t *end = memchr(text.at, '\n', text.len);
		size_t len = end != NULL ? (size_t)(end - text.at) : text.len;

		r->line++;
		if (!read_line(r, span_of(text.at, len)))
			return false;
		len += end != NULL;
		text = span_of(text.at + len, text.len - len);
	}
	drop_empty(r->values);
	return r->values->selection.n != 0 ||
	       err_set(r->err, ERR_MALFORMED, "tpm2_pcrread: no PCR's value");
}

bool
pcrread_parse(struct span text, struct pcr_values *out, struct err *err)
{
	struct reading r = {.values = out, .bank = NO_BANK, .err = err};

	*out = (struct pcr_values){0};
	if (text.len > PCRREAD_BYTES_MAX)
		return err_set(err, ERR_LIMIT, "tpm2_pcrread: over %d bytes",
		               PCRREAD_BYTES_MAX);
	if (read_all(&r, text))
		return true;
	*out = (struct pcr_values){0};
	return false;
}
