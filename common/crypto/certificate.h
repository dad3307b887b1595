/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Certificates of a TPM's keys, and the CAs that are believed about them.  A
 * port as crypto.h is: no library's type passes it, and no file is opened
 * behind it. */
#ifndef CRYPTO_CERTIFICATE_H
#define CRYPTO_CERTIFICATE_H

#include "base/err.h"
#include "crypto/crypto.h"

enum {
	CERTIFICATE_MAX = 4096,    /* bytes of DER that a TPM gives */
	CERTIFICATE_CHAIN_MAX = 8, /* intermediates that come with one */
	CERTIFICATE_NAME_MAX = 256,
	CERTIFICATE_WORD_MAX = 64,
	CERTIFICATE_SERIAL_MAX = 20, /* bytes (RFC 5280, 4.1.2.2) */
	ROOTS_MAX = 4096,            /* certificates and lists in a store */
};

/* What a certificate says.  Texts are printable ASCII; what is not is '?'. */
struct certificate {
	uint8_t sha256[SHA256_SIZE];        /* of its DER */
	char subject[CERTIFICATE_NAME_MAX]; /* RFC 2253; may be empty */
	char issuer[CERTIFICATE_NAME_MAX];
	char serial[2 * CERTIFICATE_SERIAL_MAX + 1]; /* hexadecimal */
	uint64_t not_after_s;                        /* Unix time */
	/* Of subjectAltName's directoryName (EK Credential Profile 2.5,
	 * 3.2.9); empty when it does not say. */
	char tpm_manufacturer[CERTIFICATE_WORD_MAX]; /* "id:494E5443" */
	char tpm_model[CERTIFICATE_WORD_MAX];
	char tpm_version[CERTIFICATE_WORD_MAX];
};

/* Reads one certificate (RFC 5280), the whole of `der`.  ERR_MALFORMED, or
 * ERR_LIMIT over CERTIFICATE_MAX. */
MUST_CHECK bool certificate_read(struct span der, struct certificate *,
                                 struct err *);

/* Whether it can be read and is of this key.  Says nothing of who made it. */
MUST_CHECK bool certificate_is_of(struct span der, const struct crypto_key *);

/* What a key is certified for: an endorsement key (EK Credential Profile 2.5,
 * 3.2) or an initial attestation key (TPM 2.0 Keys for Device Identity and
 * Attestation 1.0, 8). */
enum certificate_use { CERTIFICATE_OF_EK = 1, CERTIFICATE_OF_IAK };

/* The CAs that are believed, and their revocation lists. */
struct roots;

struct roots *roots_new(void);
void roots_free(struct roots *);

/* Adds every certificate and CRL of a file's bytes, PEM or DER; `name` is told
 * with them.  What was put there is believed, be it a root or not.
 * ERR_MALFORMED when there is none or one cannot be read, ERR_LIMIT over
 * ROOTS_MAX; what came before it stays. */
MUST_CHECK bool roots_add(struct roots *, const char *name, struct span file,
                          struct err *);

size_t roots_count(const struct roots *); /* certificates */

/* Calls `odd` for whatever is unusual about what was added: one sentence. */
void roots_review(const struct roots *, uint64_t now_s,
                  void (*odd)(void *arg, const char *name, const char *subject,
                              const char *why),
                  void *arg);

/* The question whether a key is certified. */
struct vouching {
	enum certificate_use use;
	struct span leaf;         /* DER */
	const struct span *chain; /* DER: not believed by themselves */
	size_t n_chain;           /* at most CERTIFICATE_CHAIN_MAX */
	struct crypto_key key;    /* whose certificate it must be */
	uint64_t now_s;
};

struct vouched {
	struct certificate certificate;
	bool revoked; /* a CRL says so of a certificate of the path */
	/* A certificate of the path, or a CRL, is past its date: what, and
	 * since when.  Empty: none.  The caller's policy decides. */
	char expired[160];
};

/* Whether a path leads from `leaf` to the roots (RFC 5280, 6): signatures, CA
 * flags, key usages, lengths, no critical extension that is not understood,
 * revocation by every CRL that is there; and whether the leaf is no CA, says
 * that it is for `use` (extended key usage and key usage), and is of `key`.
 * False with ERR_PEER and the reason; `certificate` is filled whenever the leaf
 * could be read. */
MUST_CHECK bool roots_vouch(const struct roots *, const struct vouching *,
                            struct vouched *, struct err *);

#endif
