/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Any bytes as a certificate, as a file of roots and as both at once: what is
 * read, OpenSSL's own reader takes whole; what is said of it can be printed;
 * nothing vouches for a key that it is not of. */
#include <openssl/x509.h>
#include <stdlib.h>
#include <string.h>

#include "crypto/certificate.h"
#include "evidence/endorsement.h"

int LLVMFuzzerTestOneInput(const uint8_t *at, size_t len);

static void
must(bool ok)
{
	if (!ok)
		abort();
}

static void
must_be_plain(const char *text, size_t size)
{
	size_t len = strnlen(text, size);

	must(len < size);
	for (size_t i = 0; i < len; i++)
		must(text[i] >= 0x20 && text[i] < 0x7f);
}

static void
must_be_read_by_all(struct span der, const struct certificate *c)
{
	const unsigned char *at = der.at;
	X509 *theirs = d2i_X509(NULL, &at, (long)der.len);
	uint8_t sha256[SHA256_SIZE];

	must(theirs != NULL && at == der.at + der.len);
	must(der.len <= CERTIFICATE_MAX);
	X509_free(theirs);
	crypto_sha256(&der, 1, sha256);
	must(memcmp(sha256, c->sha256, sizeof(sha256)) == 0);
	must_be_plain(c->subject, sizeof(c->subject));
	must_be_plain(c->issuer, sizeof(c->issuer));
	must_be_plain(c->serial, sizeof(c->serial));
	must_be_plain(c->tpm_manufacturer, sizeof(c->tpm_manufacturer));
	must_be_plain(c->tpm_model, sizeof(c->tpm_model));
	must_be_plain(c->tpm_version, sizeof(c->tpm_version));
}

static void
on_odd(void *arg, const char *name, const char *subject, const char *why)
{
	(void)arg;
	must_be_plain(name, 8);
	must_be_plain(subject, CERTIFICATE_NAME_MAX);
	must(why[0] != '\0');
}

/* The bytes believed, and the bytes asked for: of no such key. */
static void
vouch(const struct roots *roots, struct span der)
{
	static const uint8_t modulus[256] = {0xc1, [255] = 1};
	const struct vouching v = {.use = CERTIFICATE_OF_EK,
	                           .leaf = der,
	                           .chain = &der,
	                           .n_chain = 1,
	                           .key = {.type = TPM_ALG_RSA,
	                                   .modulus = {modulus, 256},
	                                   .exponent = 65537},
	                           .now_s = 1800000000};
	struct vouched out;
	struct err err = {0};

	must(!roots_vouch(roots, &v, &out, &err));
	must(err.code == ERR_PEER || err.code == ERR_MALFORMED ||
	     err.code == ERR_LIMIT);
	must_be_plain(out.expired, sizeof(out.expired));
	must_be_plain(err.text, sizeof(err.text));
}

/* Certificates of NV memory lie within it, one behind the other. */
static void
walk(struct span nv)
{
	struct span left = nv, found;
	const uint8_t *end = nv.at;

	while ((found = certificate_next(&left)).len != 0) {
		must(found.at >= end && found.at[0] == 0x30);
		end = found.at + found.len;
		must(end <= nv.at + nv.len && left.at == end);
	}
	must(left.len == 0);
}

int
LLVMFuzzerTestOneInput(const uint8_t *at, size_t len)
{
	static const struct certificate zero;
	struct roots *roots = roots_new();
	struct span bytes = span_of(at, len);
	struct certificate c;
	struct err err = {0};

	if (certificate_read(bytes, &c, &err)) {
		must_be_read_by_all(bytes, &c);
		must(roots_add(roots, "same", bytes, &err));
		must(roots_count(roots) == 1);
	} else {
		must(err.code == ERR_MALFORMED || err.code == ERR_LIMIT);
		must(memcmp(&c, &zero, sizeof(c)) == 0);
	}
	if (roots_add(roots, "again", bytes, &err))
		roots_review(roots, 1800000000, on_odd, NULL);
	vouch(roots, bytes);
	walk(bytes);
	roots_free(roots);
	return 0;
}
