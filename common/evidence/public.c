/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "evidence/quote.h"

#include <string.h>

enum {
	RSA_DEFAULT_EXPONENT = 65537,    /* an exponent of 0 means this */
	TPM_RH_ENDORSEMENT = 0x4000000B, /* Part 2, 7.4 */
};

/* TPMT_SYM_DEF_OBJECT (Part 2, 11.1.7): key bits and mode follow unless it is
 * TPM_ALG_NULL. */
static void
read_symmetric(struct reader *r, struct tpm_public *p)
{
	p->symmetric = reader_u16(r);
	if (p->symmetric != TPM_ALG_NULL) {
		p->symmetric_bits = reader_u16(r);
		p->symmetric_mode = reader_u16(r);
	}
}

/* TPMT_RSA_SCHEME, TPMT_ECC_SCHEME (Part 2, 11.2.4.2, 11.2.5.6) of the kinds
 * that have one hash; others are refused by latching. */
static void
read_scheme(struct reader *r, struct tpm_public *p)
{
	p->scheme = reader_u16(r);
	if (p->scheme == TPM_ALG_NULL)
		return;
	if (p->scheme != TPM_ALG_RSASSA && p->scheme != TPM_ALG_RSAPSS &&
	    p->scheme != TPM_ALG_ECDSA)
		r->bad = true;
	p->scheme_hash = reader_u16(r);
}

static void
read_rsa(struct reader *r, struct tpm_public *p)
{
	read_symmetric(r, p);
	read_scheme(r, p);
	p->key_bits = reader_u16(r);
	p->exponent = reader_u32(r);
	p->key.exponent = p->exponent != 0 ? p->exponent : RSA_DEFAULT_EXPONENT;
	p->key.modulus = reader_sized(r);
	p->kdf = TPM_ALG_NULL;
}

static void
read_ecc(struct reader *r, struct tpm_public *p)
{
	read_symmetric(r, p);
	read_scheme(r, p);
	p->key.curve = reader_u16(r);
	p->kdf = reader_u16(r);
	if (p->kdf != TPM_ALG_NULL)
		(void)reader_u16(r);
	p->key.x = reader_sized(r);
	p->key.y = reader_sized(r);
}

bool
tpm_public_parse(struct span bytes, struct tpm_public *p, struct err *err)
{
	struct reader r = reader_of(bytes);

	*p = (struct tpm_public){0};
	p->key.type = reader_u16(&r);
	p->name_alg = reader_u16(&r);
	p->attributes = reader_u32(&r);
	p->policy = reader_sized(&r);
	if (p->key.type == TPM_ALG_RSA)
		read_rsa(&r, p);
	else if (p->key.type == TPM_ALG_ECC)
		read_ecc(&r, p);
	else
		r.bad = true;
	if (!reader_is_done(&r)) {
		*p = (struct tpm_public){0};
		return err_set(err, ERR_MALFORMED,
		               "public area: neither an RSA nor an ECC key, at "
		               "offset %zu of %zu",
		               r.offset, bytes.len);
	}
	return true;
}

struct span
tpm_name_span(const struct tpm_name *name)
{
	return span_of(name->at, name->len);
}

/* alg || H_alg(parts), the form of every name (Part 1, 16). */
static bool
name_from(uint16_t alg, const struct span *parts, size_t n,
          struct tpm_name *out)
{
	struct digest digest;

	*out = (struct tpm_name){0};
	if (!crypto_hash(alg, parts, n, &digest))
		return false;
	out->at[0] = (uint8_t)(alg >> 8);
	out->at[1] = (uint8_t)alg;
	memcpy(out->at + 2, digest.at, digest.len);
	out->len = 2 + (size_t)digest.len;
	return true;
}

bool
tpm_name_of(struct span public_area, struct tpm_name *out)
{
	struct reader r = reader_of(public_area);

	(void)reader_u16(&r); /* type */
	return name_from(reader_u16(&r), &public_area, 1, out);
}

bool
tpm_qualified_name_of(const struct tpm_name *name, struct tpm_name *out)
{
	static const uint8_t parent[] = {
	    TPM_RH_ENDORSEMENT >> 24, TPM_RH_ENDORSEMENT >> 16 & 255,
	    TPM_RH_ENDORSEMENT >> 8 & 255, TPM_RH_ENDORSEMENT & 255};
	struct span parts[] = {span_of(parent, sizeof(parent)),
	                       tpm_name_span(name)};
	struct reader r = reader_of(tpm_name_span(name));

	/* A hierarchy's name is its handle; QN = H(QN of parent || name). */
	return name_from(reader_u16(&r), parts, LENGTH_OF(parts), out);
}
