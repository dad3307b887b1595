/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "evidence/pcr.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"

static const struct {
	uint16_t alg;
	const char *name;
} banks[] = {
    {TPM_ALG_SHA1, "sha1"},
    {TPM_ALG_SHA256, "sha256"},
    {TPM_ALG_SHA384, "sha384"},
    {TPM_ALG_SHA512, "sha512"},
};

const char *
pcr_bank_name(uint16_t alg)
{
	for (size_t i = 0; i < LENGTH_OF(banks); i++)
		if (banks[i].alg == alg)
			return banks[i].name;
	return NULL;
}

uint16_t
pcr_bank_of(const char *name)
{
	for (size_t i = 0; i < LENGTH_OF(banks); i++)
		if (strcmp(banks[i].name, name) == 0)
			return banks[i].alg;
	return 0;
}

/* "7" or "0-7" into bits; false for anything else. */
static bool
parse_range(char *text, uint32_t *mask)
{
	char *dash = strchr(text, '-');
	uint64_t first, last;

	if (dash != NULL)
		*dash = '\0';
	if (!text_u64(text, PCR_COUNT - 1, &first))
		return false;
	last = first;
	if (dash != NULL && !text_u64(dash + 1, PCR_COUNT - 1, &last))
		return false;
	if (last < first)
		return false;
	for (uint64_t pcr = first; pcr <= last; pcr++)
		*mask |= UINT32_C(1) << pcr;
	return true;
}

static bool
parse_mask(char *list, uint32_t *mask)
{
	char *rest = list, *item;

	if (strcmp(list, "all") == 0) {
		*mask = (UINT32_C(1) << PCR_COUNT) - 1;
		return true;
	}
	*mask = 0;
	while ((item = strsep(&rest, ",")) != NULL)
		if (!parse_range(item, mask))
			return false;
	return true;
}

bool
pcr_list_parse(const char *text, uint32_t *mask, struct err *err)
{
	char copy[PCR_TEXT_MAX];

	*mask = 0;
	if (strcmp(text, "none") == 0)
		return true;
	if (text_copy(text, copy, sizeof(copy)) && parse_mask(copy, mask))
		return true;
	*mask = 0;
	return err_set(err, ERR_MALFORMED,
	               "'%.60s' is no list of PCRs (0 to %d)", text,
	               PCR_COUNT - 1);
}

char *
pcr_list_format(uint32_t mask, char out[PCR_TEXT_MAX])
{
	size_t len = 0;

	snprintf(out, PCR_TEXT_MAX, "none");
	for (unsigned p = 0; p < PCR_COUNT; p++)
		if ((mask >> p & 1) != 0)
			len += (size_t)snprintf(out + len, PCR_TEXT_MAX - len,
			                        "%s%u", len != 0 ? "," : "", p);
	return out;
}

bool
pcr_selection_parse(const char *text, struct pcr_selection *out,
                    struct err *err)
{
	char copy[PCR_TEXT_MAX], *rest = copy, *item;

	*out = (struct pcr_selection){0};
	if (!text_copy(text, copy, sizeof(copy)))
		return err_set(err, ERR_LIMIT, "PCR selection: too long");
	while ((item = strsep(&rest, "+")) != NULL) {
		char *list = strchr(item, ':');
		struct pcr_bank bank = {0};

		if (list != NULL)
			*list++ = '\0';
		bank.alg = pcr_bank_of(item);
		if (bank.alg == 0 || list == NULL)
			return err_set(err, ERR_MALFORMED,
			               "PCR selection '%s': not BANK:LIST with "
			               "a bank of sha1, sha256, sha384, sha512",
			               text);
		if (!parse_mask(list, &bank.mask))
			return err_set(err, ERR_MALFORMED,
			               "PCR selection '%s': PCRs are 0 to %d",
			               text, PCR_COUNT - 1);
		if (pcr_selection_find(out, bank.alg) >= 0)
			return err_set(err, ERR_MALFORMED,
			               "PCR selection '%s': %s named twice",
			               text, item);
		out->banks[out->n++] = bank; /* as many as there are names */
	}
	return true;
}

char *
pcr_selection_format(const struct pcr_selection *s, char *out)
{
	size_t len = 0;

	out[0] = '\0';
	for (size_t b = 0; b < s->n; b++) {
		const char *between = ":",
			   *name = pcr_bank_name(s->banks[b].alg);

		len += (size_t)snprintf(out + len, PCR_TEXT_MAX - len, "%s%s",
		                        b != 0 ? "+" : "",
		                        name != NULL ? name : "?");
		for (unsigned p = 0; p < PCR_COUNT; p++) {
			if ((s->banks[b].mask >> p & 1) == 0)
				continue;
			len += (size_t)snprintf(out + len, PCR_TEXT_MAX - len,
			                        "%s%u", between, p);
			between = ",";
		}
	}
	return out;
}

bool
pcr_selection_eq(const struct pcr_selection *a, const struct pcr_selection *b)
{
	if (a->n != b->n)
		return false;
	for (size_t i = 0; i < a->n; i++)
		if (a->banks[i].alg != b->banks[i].alg ||
		    a->banks[i].mask != b->banks[i].mask)
			return false;
	return true;
}

size_t
pcr_selection_count(const struct pcr_selection *s)
{
	size_t count = 0;

	for (size_t b = 0; b < s->n; b++)
		for (unsigned p = 0; p < PCR_COUNT; p++)
			count += s->banks[b].mask >> p & 1;
	return count;
}

int
pcr_selection_find(const struct pcr_selection *s, uint16_t alg)
{
	for (size_t b = 0; b < s->n; b++)
		if (s->banks[b].alg == alg)
			return (int)b;
	return -1;
}

/* Bytes of a bit map: up to 32 PCRs (PCR_SELECT_MAX, Part 2, 10.6.1). */
enum { SELECT_BYTES_MAX = 4 };

void
pcr_selection_read(struct reader *r, struct pcr_selection *out)
{
	uint32_t n = reader_u32(r);

	*out = (struct pcr_selection){0};
	if (n > PCR_BANKS_MAX)
		r->bad = true;
	for (uint32_t b = 0; b < n && !r->bad; b++) {
		struct pcr_bank bank = {.alg = reader_u16(r)};
		struct span bits = reader_bytes(r, reader_u8(r));

		if (bits.len > SELECT_BYTES_MAX)
			r->bad = true;
		/* Little-endian bit map, PCR 0 first. */
		for (size_t i = 0; i < bits.len; i++) {
			if (i < PCR_COUNT / 8)
				bank.mask |= (uint32_t)bits.at[i] << (8 * i);
			else if (bits.at[i] != 0)
				r->bad = true;
		}
		if (pcr_selection_find(out, bank.alg) >= 0)
			r->bad = true;
		out->banks[out->n++] = bank;
	}
	if (r->bad)
		*out = (struct pcr_selection){0};
}

bool
pcr_values_digest(const struct pcr_values *v, uint16_t hash, struct digest *out)
{
	struct span parts[PCR_BANKS_MAX * PCR_COUNT];
	size_t n = 0;

	*out = (struct digest){0};
	for (size_t b = 0; b < v->selection.n; b++) {
		const struct pcr_bank *bank = &v->selection.banks[b];

		for (unsigned p = 0; p < PCR_COUNT; p++) {
			const struct digest *value = &v->values[b][p];

			if ((bank->mask >> p & 1) == 0)
				continue;
			if (value->len == 0 ||
			    value->len != crypto_digest_size(bank->alg))
				return false;
			parts[n++] = digest_span(value);
		}
	}
	return crypto_hash(hash, parts, n, out);
}
