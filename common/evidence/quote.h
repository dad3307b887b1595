/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The structures that a TPM signs and signs with: TPMS_ATTEST of a quote,
 * TPMT_SIGNATURE, TPMT_PUBLIC.  Parsers are pure and refuse what is left. */
#ifndef EVIDENCE_QUOTE_H
#define EVIDENCE_QUOTE_H

#include "evidence/pcr.h"

/* TPM_GENERATED and TPM_ST of a quote (Part 2, 6.2 and 6.9). */
#define TPM_GENERATED_VALUE 0xff544347u
#define TPM_ST_ATTEST_QUOTE 0x8018u

/* Sizes that the TPM's own structures cannot pass (Part 2, 10.12 and 11.2). */
enum { ATTEST_MAX = 1024, SIGNATURE_MAX = 600, PUBLIC_MAX = 600 };

/* Which boot of the machine a quote was made in (TPMS_CLOCK_INFO, 10.11.1). */
struct boot_session {
	uint64_t clock_ms; /* milliseconds that the TPM was powered */
	uint32_t reset_count;
	uint32_t restart_count;
	bool safe; /* the clock has not been set back by a power loss */
};

/* TPMS_ATTEST with the TPMS_QUOTE_INFO arm (Part 2, 10.12.8 and 10.12.1).  The
 * spans borrow from what was read. */
struct quote {
	uint32_t magic;
	uint16_t type;
	struct span signer; /* qualifiedSigner, a TPM2B_NAME */
	struct span extra;  /* extraData: the qualifyingData asked with */
	struct boot_session session;
	uint64_t firmware;
	struct pcr_selection selection;
	struct span pcr_digest;
	size_t trailing; /* bytes behind the structure */
};

/* Reads the layout of a quote, whatever magic and type say and however many
 * bytes follow: those three are judged by name (verifierd/appraise).  False
 * only when the bytes do not have the layout; all but magic and type is then
 * zero. */
MUST_CHECK bool quote_read(struct span attest, struct quote *, struct err *);

/* Reads a quote and nothing else: right magic, right type, nothing behind. */
MUST_CHECK bool quote_parse(struct span attest, struct quote *, struct err *);

/* TPMT_SIGNATURE (Part 2, 11.3.4): RSASSA, RSAPSS or ECDSA, whole. */
MUST_CHECK bool signature_parse(struct span bytes, struct crypto_signature *,
                                struct err *);

/* TPMA_OBJECT (Part 2, 8.3.2): what a key may be used for, and by whom. */
enum {
	OBJECT_FIXED_TPM = 1 << 1,
	OBJECT_FIXED_PARENT = 1 << 4,
	OBJECT_SENSITIVE_DATA_ORIGIN = 1 << 5,
	OBJECT_USER_WITH_AUTH = 1 << 6,
	OBJECT_ADMIN_WITH_POLICY = 1 << 7,
	OBJECT_NO_DA = 1 << 10,
	OBJECT_RESTRICTED = 1 << 16,
	OBJECT_DECRYPT = 1 << 17,
	OBJECT_SIGN = 1 << 18,
	/* Made in the TPM, and never anywhere else. */
	OBJECT_OF_THIS_TPM = OBJECT_FIXED_TPM | OBJECT_FIXED_PARENT |
	                     OBJECT_SENSITIVE_DATA_ORIGIN,
};

/* TPMT_PUBLIC of an asymmetric key (Part 2, 12.2.4): RSA or ECC. */
struct tpm_public {
	uint16_t name_alg;
	uint32_t attributes; /* OBJECT_... */
	struct span policy;
	uint16_t symmetric; /* TPM_ALG_NULL unless it is a storage key */
	uint16_t symmetric_bits, symmetric_mode;
	uint16_t scheme;
	uint16_t scheme_hash;
	uint16_t key_bits; /* RSA */
	uint32_t exponent; /* RSA, as it is written: 0 means 65537 */
	uint16_t kdf;      /* ECC */
	struct crypto_key key;
};

MUST_CHECK bool tpm_public_parse(struct span bytes, struct tpm_public *,
                                 struct err *);

/* A TPM object's name (Part 1, 16): nameAlg and the hash of its public area. */
enum { NAME_MAX_SIZE = 2 + DIGEST_MAX };
struct tpm_name {
	size_t len;
	uint8_t at[NAME_MAX_SIZE];
};

struct span tpm_name_span(const struct tpm_name *);

/* The name of a public area.  False when its nameAlg is unknown. */
MUST_CHECK bool tpm_name_of(struct span public_area, struct tpm_name *);

/* The qualified name (Part 1, 16) of a primary key of the endorsement
 * hierarchy with this name. */
MUST_CHECK bool tpm_qualified_name_of(const struct tpm_name *,
                                      struct tpm_name *out);

#endif
