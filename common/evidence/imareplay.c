/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "evidence/imareplay.h"

#include <string.h>

bool
imareplay_bank(struct imareplay *r, uint16_t alg, bool padded)
{
	size_t size = crypto_digest_size(alg);
	struct imareplay_bank *bank;

	if (size == 0 || r->n_banks == IMAREPLAY_BANKS_MAX)
		return false;
	bank = &r->banks[r->n_banks++];
	*bank = (struct imareplay_bank){.alg = alg, .padded = padded};
	for (unsigned p = 0; p < PCR_COUNT; p++) {
		bank->pcrs[p].len = (uint8_t)size;
		if (p >= 17 && p <= 22)
			memset(bank->pcrs[p].at, 0xff, size);
	}
	return true;
}

bool
imareplay_hash(const struct imalog_entry *e, uint16_t alg, struct digest *out)
{
	static const uint8_t zeroes[IMALOG_EVENT_MAX + 1] = {0};
	struct span parts[3];

	*out = (struct digest){0};
	if (!e->whole)
		return false;
	if (!e->old)
		return crypto_hash(alg, &e->data, 1, out);
	/* The path fills a field of its own size (ima_crypto.c). */
	parts[0] = e->file.value;
	parts[1] = e->path;
	parts[2] = span_of(zeroes, sizeof(zeroes) - e->path.len);
	return crypto_hash(alg, parts, LENGTH_OF(parts), out);
}

bool
imareplay_check(uint16_t alg, const struct imalog_entry *e,
                struct imareplay_hashes *h, struct err *err)
{
	if (e->violation)
		return true;
	if (alg > TPM_ALG_SHA512 || !imareplay_hash(e, alg, &h->made[alg]))
		return err_set(err, ERR_UNSUPPORTED,
		               "ima log: entry %llu, offset %llu: its "
		               "template's data cannot be known here",
		               (unsigned long long)e->n,
		               (unsigned long long)e->offset);
	return span_eq(digest_span(&h->made[alg]), e->digest) ||
	       err_set(err, ERR_MALFORMED,
	               "ima log: entry %llu, offset %llu: the recorded digest "
	               "is not that of its data",
	               (unsigned long long)e->n, (unsigned long long)e->offset);
}

/* What a bank is extended with. */
static struct digest
extension(uint16_t alg, bool padded, const struct imalog_entry *e,
          struct imareplay_hashes *h)
{
	uint16_t by = padded ? TPM_ALG_SHA1 : alg;
	struct digest d = {.len = (uint8_t)crypto_digest_size(alg)};

	if (e->violation) {
		memset(d.at, 0xff, d.len);
		return d;
	}
	/* Both are known: the entry's data is there, the bank was taken. */
	if (h->made[by].len == 0 && !imareplay_hash(e, by, &h->made[by]))
		return (struct digest){0};
	memcpy(d.at, h->made[by].at, h->made[by].len);
	return d;
}

void
imareplay_step(struct digest *pcr, uint16_t alg, bool padded,
               const struct imalog_entry *e, struct imareplay_hashes *h)
{
	struct digest by = extension(alg, padded, e, h), next;
	struct span parts[] = {digest_span(pcr), digest_span(&by)};

	if (crypto_hash(alg, parts, LENGTH_OF(parts), &next))
		*pcr = next;
}

bool
imareplay_extend(struct imareplay *r, uint16_t alg,
                 const struct imalog_entry *e, struct err *err)
{
	struct imareplay_hashes h = {0};

	if (!imareplay_check(alg, e, &h, err))
		return false;
	if (e->pcr >= PCR_COUNT)
		return err_set(err, ERR_MALFORMED, "ima log: no PCR: %u",
		               e->pcr);
	for (size_t b = 0; b < r->n_banks; b++)
		imareplay_step(&r->banks[b].pcrs[e->pcr], r->banks[b].alg,
		               r->banks[b].padded, e, &h);
	r->n++;
	r->violations += e->violation;
	r->extended |= UINT32_C(1) << e->pcr;
	return true;
}

const struct digest *
imareplay_value(const struct imareplay *r, uint16_t alg, bool padded,
                unsigned pcr)
{
	for (size_t b = 0; b < r->n_banks; b++)
		if (r->banks[b].alg == alg && r->banks[b].padded == padded &&
		    pcr < PCR_COUNT)
			return &r->banks[b].pcrs[pcr];
	return NULL;
}

bool
imareplay_aggregate(const struct pcr_values *values, uint16_t alg,
                    struct digest *out)
{
	enum { OF_SHA1 = 8, OF_OTHERS = 10 };
	size_t n = alg == TPM_ALG_SHA1 ? OF_SHA1 : OF_OTHERS;
	int bank = pcr_selection_find(&values->selection, alg);
	size_t size = crypto_digest_size(alg);
	struct span parts[OF_OTHERS];

	*out = (struct digest){0};
	if (bank < 0 || size == 0)
		return false;
	for (size_t p = 0; p < n; p++) {
		parts[p] = digest_span(&values->values[bank][p]);
		if (parts[p].len != size ||
		    (values->selection.banks[bank].mask >> p & 1) == 0)
			return false;
	}
	return crypto_hash(alg, parts, n, out);
}
