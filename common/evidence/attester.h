/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* An enrolled host: who it is, for ever after. */
#ifndef EVIDENCE_ATTESTER_H
#define EVIDENCE_ATTESTER_H

#include "evidence/golden.h"

enum { ADDRESS_MAX = 254, AGENT_PORT_DEFAULT = 16515 };

/* By whose word a host's EK is that of a genuine TPM, and of this host's. */
#define ENDORSERS(X)                                                           \
	X(NOBODY, "nobody", "nobody: it was believed at first sight")          \
	X(OPERATOR, "operator", "the operator, who pinned the EK")             \
	X(CERTIFICATE, "ek-certificate", "the EK's certificate")               \
	X(IAK, "iak-certificate",                                              \
	  "the certificate of the IAK, which certified the attestation key")

enum endorser {
#define X(id, name, text) ENDORSED_BY_##id,
	ENDORSERS(X)
#undef X
};

const char *endorser_name(enum endorser);
const char *endorser_text(enum endorser);
MUST_CHECK bool endorser_of(const char *name, enum endorser *);

struct attester {
	char name[HOST_NAME_MAX_SIZE]; /* in its certificate's names */
	char address[ADDRESS_MAX];     /* where its agent is; may be the name */
	uint16_t port;
	char label[GOLDEN_LABEL_MAX];
	char group[GROUP_MAX];          /* empty: none */
	uint64_t enrolled_s;            /* Unix time */
	struct public_bytes ak;         /* TPMT_PUBLIC */
	uint8_t ek_sha256[SHA256_SIZE]; /* of the EK's TPMT_PUBLIC */
	char ek_algorithm[EK_ALGORITHM_MAX];
	enum endorser endorser;
	/* That the TPM keeps for this EK, whoever signed it, or for the IAK
	 * that the enrolment rests on; all zero when there is none. */
	struct certificate certificate;
	char manufacturer[TPM_WORD_MAX];
	char vendor[TPM_WORD_MAX];
	uint64_t firmware;
	struct endpoint_keys endpoints; /* none: that part is off */
	/* X.509, DER; its key is among the endpoints.  Empty: none. */
	struct certificate_bytes migration_ca;
};

/* Whether a public area is an attestation key as this project makes them
 * (PROTOCOL.md, "Attestation key"): restricted signing primary, never
 * exportable, ECDSA-SHA256 on P-256 or RSASSA-SHA256 with 2048 bits; all of it
 * is compared, so what is not named is refused. */
MUST_CHECK bool attester_ak_allowed(struct span ak, struct err *);

/* What a machine that goes by an enrolled host's name is; the first that holds.
 */
#define LIKENESSES(X)                                                          \
	X(SAME, "the same TPM with the same attestation key")                  \
	X(OTHER_AK, "the same TPM with another attestation key; was "          \
	            "ak_algorithm changed?")                                   \
	X(RESEEDED, "it shows the enrolled TPM's certificate and has another " \
	            "EK: its endorsement seed was changed, or that is a "      \
	            "copy")                                                    \
	X(OTHER_TPM, "another TPM: the board was replaced, or another "        \
	             "machine answers")

enum likeness {
#define X(id, text) LIKENESS_##id,
	LIKENESSES(X)
#undef X
};

/* `proved_ek` is the digest of the EK that the machine proved to hold together
 * with its AK; NULL: nothing is proved, and the answer is by what it says. */
enum likeness attester_likeness(const struct attester *enrolled,
                                const struct identity *,
                                const uint8_t *proved_ek);
const char *likeness_text(enum likeness);

/* Whether an EK of this digest is among those that it names. */
bool identity_has_ek(const struct identity *,
                     const uint8_t ek_sha256[SHA256_SIZE]);

/* A host's name: letters, digits, '-', '.', '_' and, for addresses, ':';
 * 1 to 253 of them, no '-' first. */
MUST_CHECK bool attester_name_allowed(const char *name, struct err *);

#endif
