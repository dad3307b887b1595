/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "evidence/ar4si.h"

#include <stdlib.h>

/* Values of draft-ietf-rats-ar4si, 2.3.2 and 2.3.4. */
enum {
	MALFUNCTION = -1,    /* of the verifier */
	NO_ASSERTION = 0,    /* as if no claim were made */
	UNKNOWN_PARTS = 1,   /* evidence that cannot be evaluated */
	APPROVED = 2,        /* recognized, genuine, approved: by the claim */
	BOOTED_APPROVED = 3, /* executables: approved ones, at boot */
	UNAVAILABLE = 36,    /* configuration: its parts cannot be seen */
	UNTRUSTWORTHY = 96,  /* known, and contraindicated */
	UNRECOGNIZED = 97,   /* not known, and it should be */
	CRYPTO_FAILED = 99,  /* the evidence does not validate */
	WARNINGS = 32,       /* where the tiers begin */
	CONTRAINDICATIONS = 96,
};

/* The PCRs that hold what was executed, and how Secure Boot was configured: the
 * firmware, option ROMs and boot loader, the policy (TCG PC Client Platform
 * Firmware Profile, "PCR Usage").  A claim is made when all of them are golden.
 */
enum {
	EXECUTABLES_PCRS = 1u << 0 | 1u << 2 | 1u << 4,
	CONFIGURATION_PCRS = 1u << 7,
};

static const char *const tier_names[] = {
#define X(id, name) name,
    AR4SI_TIERS(X)
#undef X
};

static const char *const claim_names[] = {"",
#define X(id, name) name,
                                          AR4SI_CLAIMS(X)
#undef X
};

/* A verdict's state as a status.  `affirming` is earned below. */
static const enum ar4si_tier status_of[] = {
    [VERDICT_UNKNOWN] = AR4SI_NONE,
    [VERDICT_TRUSTED] = AR4SI_AFFIRMING,
    [VERDICT_UNTRUSTED] = AR4SI_CONTRAINDICATED,
    [VERDICT_UNREACHABLE] = AR4SI_NONE,
    [VERDICT_STALE] = AR4SI_WARNING,
};

/* Every reason against a host, and what it says of it.  None affirms. */
static const struct ar4si_line lines[] = {
    [REASON_SIGNATURE] = {AR4SI_INSTANCE_IDENTITY, CRYPTO_FAILED},
    [REASON_MAGIC] = {AR4SI_INSTANCE_IDENTITY, CRYPTO_FAILED},
    [REASON_TYPE] = {AR4SI_INSTANCE_IDENTITY, CRYPTO_FAILED},
    [REASON_LENGTH] = {AR4SI_INSTANCE_IDENTITY, CRYPTO_FAILED},
    [REASON_SIGNER] = {AR4SI_INSTANCE_IDENTITY, UNRECOGNIZED},
    [REASON_NONCE] = {AR4SI_INSTANCE_IDENTITY, CRYPTO_FAILED},
    [REASON_PCR_SELECTION] = {AR4SI_EXECUTABLES, CRYPTO_FAILED},
    [REASON_PCR_DIGEST] = {AR4SI_EXECUTABLES, CRYPTO_FAILED},
    [REASON_BANK] = {AR4SI_EXECUTABLES, CRYPTO_FAILED},
    [REASON_SESSION] = {AR4SI_INSTANCE_IDENTITY, UNTRUSTWORTHY},
    [REASON_CLOCK] = {AR4SI_INSTANCE_IDENTITY, UNTRUSTWORTHY},
    [REASON_GOLDEN] = {AR4SI_EXECUTABLES, UNTRUSTWORTHY},
    [REASON_FIRMWARE] = {AR4SI_HARDWARE, UNRECOGNIZED},
    [REASON_BOOT_LOG] = {AR4SI_EXECUTABLES, UNTRUSTWORTHY},
    [REASON_IMA_LOG] = {AR4SI_EXECUTABLES, UNTRUSTWORTHY},
    [REASON_ENDPOINT] = {AR4SI_INSTANCE_IDENTITY, UNRECOGNIZED},
    [REASON_UNREACHABLE] = {AR4SI_INSTANCE_IDENTITY, NO_ASSERTION},
    [REASON_PEER] = {AR4SI_INSTANCE_IDENTITY, NO_ASSERTION},
    [REASON_DEADLINE] = {AR4SI_INSTANCE_IDENTITY, NO_ASSERTION},
    [REASON_AGENT] = {AR4SI_INSTANCE_IDENTITY, NO_ASSERTION},
    [REASON_PROTOCOL] = {AR4SI_INSTANCE_IDENTITY, UNKNOWN_PARTS},
    [REASON_ENDPOINT_SILENT] = {AR4SI_INSTANCE_IDENTITY, NO_ASSERTION},
    [REASON_NO_HOST] = {AR4SI_INSTANCE_IDENTITY, NO_ASSERTION},
    [REASON_NO_GOLDEN] = {AR4SI_EXECUTABLES, NO_ASSERTION},
    [REASON_DESTINATION] = {AR4SI_INSTANCE_IDENTITY, NO_ASSERTION},
    [REASON_STORE] = {AR4SI_INSTANCE_IDENTITY, MALFUNCTION},
    [REASON_INTERNAL] = {AR4SI_INSTANCE_IDENTITY, MALFUNCTION},
    [REASON_AGE] = {AR4SI_CONFIGURATION, UNAVAILABLE},
    [REASON_REBOOTED] = {AR4SI_CONFIGURATION, UNAVAILABLE},
    [REASON_PASS] = {AR4SI_INSTANCE_IDENTITY, NO_ASSERTION},
    [REASON_NOT_ASKED] = {AR4SI_INSTANCE_IDENTITY, NO_ASSERTION},
};

/* By whose word the hardware is genuine. */
static const int8_t hardware_of[] = {
    [ENDORSED_BY_NOBODY] = NO_ASSERTION,
    [ENDORSED_BY_OPERATOR] = APPROVED,
    [ENDORSED_BY_CERTIFICATE] = APPROVED,
    [ENDORSED_BY_IAK] = APPROVED,
};

const char *
ar4si_tier_name(enum ar4si_tier tier)
{
	return tier_names[(size_t)tier < LENGTH_OF(tier_names) ? tier
	                                                       : AR4SI_NONE];
}

const char *
ar4si_claim_name(enum ar4si_claim claim)
{
	return claim_names[(size_t)claim < LENGTH_OF(claim_names)
	                       ? claim
	                       : AR4SI_NO_CLAIM];
}

/* Negative values are the non-standard ones, and begin one further from zero.
 */
enum ar4si_tier
ar4si_tier_of(int8_t value)
{
	int size = value < 0 ? -value - 1 : value;

	if (value >= MALFUNCTION && value <= UNKNOWN_PARTS)
		return AR4SI_NONE;
	if (size < WARNINGS)
		return AR4SI_AFFIRMING;
	return size < CONTRAINDICATIONS ? AR4SI_WARNING : AR4SI_CONTRAINDICATED;
}

struct ar4si_line
ar4si_line_of(enum reason_code code)
{
	return (size_t)code < LENGTH_OF(lines) ? lines[code]
	                                       : (struct ar4si_line){0};
}

/* The worse of what was claimed and `value`: by the tier (2.3.3), then by how
 * far it is from saying nothing. */
static void
claim(struct ar4si *a, enum ar4si_claim which, int8_t value)
{
	int8_t before = a->value[which];
	enum ar4si_tier now = ar4si_tier_of(before);
	enum ar4si_tier next = ar4si_tier_of(value);

	a->made[which] = true;
	if (next > now || (next == now && abs(value) > abs(before)))
		a->value[which] = value;
}

/* Bits of the PCRs in banks that are not weak. */
static uint32_t
golden_pcrs(const struct pcr_selection *approved)
{
	uint32_t mask = 0;

	for (size_t b = 0; approved != NULL && b < approved->n; b++)
		if (crypto_digest_size(approved->banks[b].alg) >= SHA256_SIZE)
			mask |= approved->banks[b].mask;
	return mask;
}

static void
affirm(struct ar4si *a, const struct ar4si_basis *basis)
{
	uint32_t golden = golden_pcrs(basis->approved);

	claim(a, AR4SI_INSTANCE_IDENTITY, APPROVED);
	if ((size_t)basis->endorser < LENGTH_OF(hardware_of) &&
	    hardware_of[basis->endorser] != NO_ASSERTION)
		claim(a, AR4SI_HARDWARE, hardware_of[basis->endorser]);
	if ((golden & EXECUTABLES_PCRS) == EXECUTABLES_PCRS)
		claim(a, AR4SI_EXECUTABLES, BOOTED_APPROVED);
	if ((golden & CONFIGURATION_PCRS) == CONFIGURATION_PCRS)
		claim(a, AR4SI_CONFIGURATION, APPROVED);
}

static void
object(struct ar4si *a, const struct verdict *v)
{
	bool any = false;

	for (size_t i = 0; i < v->n_reasons; i++) {
		struct ar4si_line line = ar4si_line_of(v->reasons[i].code);

		if (line.claim == AR4SI_NO_CLAIM)
			continue;
		claim(a, line.claim, line.value);
		any = true;
	}
	if (!any) /* a vector is never empty (3.1) */
		claim(a, AR4SI_INSTANCE_IDENTITY, NO_ASSERTION);
}

void
ar4si_of(const struct verdict *v, const struct ar4si_basis *basis,
         struct ar4si *out)
{
	bool trusted = v->state == VERDICT_TRUSTED;
	bool whole =
	    trusted && v->n_reasons == 0 && v->appraised && v->golden != 0;

	*out = (struct ar4si){.status = AR4SI_NONE};
	if (whole)
		affirm(out, basis);
	else
		object(out, v);
	if (trusted && !whole) /* a contradiction, and ours */
		claim(out, AR4SI_INSTANCE_IDENTITY, MALFUNCTION);
	else if ((size_t)v->state < LENGTH_OF(status_of))
		out->status = status_of[v->state];
	for (size_t i = 0; i < AR4SI_CLAIM_COUNT; i++) {
		enum ar4si_tier tier = ar4si_tier_of(out->value[i]);

		/* A claim makes the status worse, never better. */
		if (tier >= AR4SI_WARNING && tier > out->status)
			out->status = tier;
	}
}
