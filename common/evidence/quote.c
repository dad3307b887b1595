/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "evidence/quote.h"

/* TPMI_YES_NO: a byte that is 0 or 1 (Part 2, 9.2). */
static bool
read_yes_no(struct reader *r)
{
	uint8_t value = reader_u8(r);

	if (value > 1)
		r->bad = true;
	return value == 1;
}

bool
quote_read(struct span attest, struct quote *q, struct err *err)
{
	struct reader r = reader_of(attest);

	*q = (struct quote){0};
	q->magic = reader_u32(&r);
	q->type = reader_u16(&r);
	q->signer = reader_sized(&r);
	q->extra = reader_sized(&r);
	q->session.clock_ms = reader_u64(&r);
	q->session.reset_count = reader_u32(&r);
	q->session.restart_count = reader_u32(&r);
	q->session.safe = read_yes_no(&r);
	q->firmware = reader_u64(&r);
	pcr_selection_read(&r, &q->selection);
	q->pcr_digest = reader_sized(&r);
	q->trailing = r.rest.len;
	/* The TPM's own bounds on the sized fields (Part 2, 10.4). */
	if (q->signer.len > NAME_MAX_SIZE || q->extra.len > NAME_MAX_SIZE ||
	    q->pcr_digest.len > DIGEST_MAX)
		r.bad = true;
	if (r.bad) {
		*q = (struct quote){.magic = q->magic, .type = q->type};
		return err_set(err, ERR_MALFORMED,
		               "quote: no TPMS_ATTEST of a quote, at offset "
		               "%zu of %zu",
		               r.offset, attest.len);
	}
	return true;
}

bool
quote_parse(struct span attest, struct quote *q, struct err *err)
{
	if (!quote_read(attest, q, err))
		return false;
	if (q->magic != TPM_GENERATED_VALUE)
		return err_set(err, ERR_MALFORMED,
		               "quote: magic 0x%08x, not a TPM's", q->magic);
	if (q->type != TPM_ST_ATTEST_QUOTE)
		return err_set(err, ERR_MALFORMED,
		               "quote: attestation of type 0x%04x, not a quote",
		               q->type);
	if (q->trailing != 0)
		return err_set(err, ERR_MALFORMED,
		               "quote: %zu bytes behind it, at offset %zu",
		               q->trailing, attest.len - q->trailing);
	return true;
}

bool
signature_parse(struct span bytes, struct crypto_signature *s, struct err *err)
{
	struct reader r = reader_of(bytes);

	*s = (struct crypto_signature){0};
	s->scheme = reader_u16(&r);
	if (s->scheme != TPM_ALG_RSASSA && s->scheme != TPM_ALG_RSAPSS &&
	    s->scheme != TPM_ALG_ECDSA)
		return err_set(err, ERR_UNSUPPORTED,
		               "signature: scheme 0x%04x is neither RSASSA, "
		               "RSAPSS nor ECDSA",
		               s->scheme);
	s->hash = reader_u16(&r);
	if (s->scheme != TPM_ALG_ECDSA) {
		s->rsa = reader_sized(&r);
	} else {
		s->r = reader_sized(&r);
		s->s = reader_sized(&r);
	}
	if (!reader_is_done(&r)) {
		*s = (struct crypto_signature){0};
		return err_set(err, ERR_MALFORMED,
		               "signature: wrong length, at offset %zu of %zu",
		               r.offset, bytes.len);
	}
	return true;
}
