/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What an attester says of itself (identity), what it is asked (challenge) and
 * what it answers (evidence).  Values without pointers: they are copied. */
#ifndef EVIDENCE_EVIDENCE_H
#define EVIDENCE_EVIDENCE_H

#include "crypto/certificate.h"
#include "crypto/seal.h"
#include "evidence/quote.h"
#include "evidence/statement.h"

/* TPMs have EKs of a few kinds; more than EKS_MAX are not looked at. */
enum { EKS_MAX = 8, IAKS_MAX = 4, EK_ALGORITHM_MAX = 16, TPM_WORD_MAX = 32 };

/* Owned bytes of a bounded size. */
struct attest_bytes {
	size_t len;
	uint8_t at[ATTEST_MAX];
};
struct signature_bytes {
	size_t len;
	uint8_t at[SIGNATURE_MAX];
};
struct public_bytes {
	size_t len;
	uint8_t at[PUBLIC_MAX];
};

struct certificate_bytes {
	size_t len; /* 0: none */
	uint8_t at[CERTIFICATE_MAX];
};

/* An endorsement key: its template's name (endorsement.h), TPMT_PUBLIC, and
 * the certificate (DER) that the TPM keeps for it. */
struct ek {
	char algorithm[EK_ALGORITHM_MAX];
	struct public_bytes public_area;
	struct certificate_bytes certificate;
};

/* An initial attestation key (iak.h) that the TPM keeps a certificate for. */
struct iak {
	struct public_bytes public_area;
	struct certificate_bytes certificate;
};

/* The answer to `identity`.  Nothing of it is proved by itself.  It is large:
 * it is passed by its address, and kept only while somebody looks at it. */
struct identity {
	struct public_bytes ak; /* TPMT_PUBLIC */
	size_t n_eks;
	struct ek eks[EKS_MAX];
	size_t n_iaks;
	struct iak iaks[IAKS_MAX];
	size_t n_chain; /* intermediates of all those certificates */
	struct certificate_bytes chain[CERTIFICATE_CHAIN_MAX];
	char manufacturer[TPM_WORD_MAX]; /* TPM_PT_MANUFACTURER, as text */
	char vendor[TPM_WORD_MAX];       /* TPM_PT_VENDOR_STRING_1..4 */
	uint64_t firmware;               /* TPM_PT_FIRMWARE_VERSION_1, _2 */
	size_t n_banks;
	uint16_t banks[PCR_BANKS_MAX]; /* PCR banks that are allocated */
	struct endpoint_keys endpoints;
	/* The CA that certified the host's migration endpoint, itself among
	 * `endpoints` by its key ("migration-ca"); empty: none. */
	struct certificate_bytes migration_ca;
};

/* One question to an attester.  The nonce is used once. */
struct challenge {
	uint8_t nonce[NONCE_SIZE];
	struct pcr_selection selection;
};

/* A secret for the holder of an EK and an AK: the contents of TPM2B_ID_OBJECT
 * and TPM2B_ENCRYPTED_SECRET (Part 2, 12.4.3 and 11.4.33). */
enum { CREDENTIAL_SECRET_SIZE = 32, CREDENTIAL_BLOB_MAX = 132 };
struct credential {
	size_t blob_len, sealed_len;
	uint8_t blob[CREDENTIAL_BLOB_MAX];
	uint8_t sealed[SEALED_MAX];
};

/* The question `activate-credential`, and what answers it. */
struct activation {
	char ek[EK_ALGORITHM_MAX]; /* the template's name */
	struct credential credential;
};
struct activated {
	size_t len;
	uint8_t secret[DIGEST_MAX];
};

/* The question `certify`, and what answers it: what TPM2_Certify gives for the
 * attestation key, signed by an IAK. */
struct certifying {
	struct tpm_name iak;
	uint8_t nonce[NONCE_SIZE];
};
struct certified {
	struct attest_bytes attest;       /* TPMS_ATTEST, as it was signed */
	struct signature_bytes signature; /* TPMT_SIGNATURE */
};

/* How much work an agent did since it started. */
struct agent_counters {
	uint64_t signatures; /* quotes that the TPM signed */
	uint64_t answers;    /* requests that those answered */
};

/* The answer to `quote`. */
struct evidence {
	struct attest_bytes attest;       /* TPMS_ATTEST, as it was signed */
	struct signature_bytes signature; /* TPMT_SIGNATURE */
	struct pcr_values values;         /* said to hash to pcrDigest */
	struct tree_place place;
	struct endpoint_keys endpoints;
	struct agent_counters counters; /* informative, not signed */
};

#endif
