/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Certificates of real EKs by the CA of their maker, credentials of tpm2-tools
 * for them, and the CAs of TPM vendors. */
#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/reader.h"
#include "base/text.h"
#include "crypto/certificate.h"
#include "evidence/credential.h"
#include "evidence/endorsement.h"

enum {
	NOW_S = 1800000000,
	FILE_MAX = 16384,
	VENDORS = 51,
	VENDOR_ISSUERS = 32, /* whose issuer is there; a root is its own */
	TOOLS_MAGIC = 0xbadcc0de,
	TOOLS_VERSION = 1,
};

static struct buf
load(const char *folder, const char *name)
{
	struct buf out = {0};
	uint8_t part[FILE_MAX];
	char path[512];
	FILE *file;
	size_t n;

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	file = fopen(path, "rb");
	if (file == NULL)
		fail_msg("%s: not there", path);
	n = fread(part, 1, sizeof(part), file);
	fclose(file);
	buf_add(&out, span_of(part, n));
	return out;
}

static const char *const hosts[] = {FIXTURES_DIR "/tpm-host1",
                                    FIXTURES_DIR "/tpm-host2"};

static const struct {
	const char *certificate, *ek, *template;
} kinds[] = {
    {"nv-0x01C00002.der", "ek_rsa2048.tpm2b", "rsa2048"},
    {"nv-0x01C0000A.der", "ek_p256.tpm2b", "ecc-p256"},
    {"nv-0x01C00016.der", "ek_p384.tpm2b", "ecc-p384"},
};

/* The EK's key out of a TPM2B_PUBLIC; the bytes stay in `file`. */
static struct crypto_key
key_of(const struct buf *file, const char *template)
{
	struct span area = span_of(file->at + 2, file->len - 2);
	struct tpm_public p;
	struct err err;

	assert_true(ek_public_allowed(area, ek_template_of(template), &err));
	assert_true(tpm_public_parse(area, &p, &err));
	return p.key;
}

enum believed { ROOT = 1, ISSUER = 2 };

static bool
vouch(enum believed believed, bool chained, struct vouching *v,
      struct vouched *out, struct err *err)
{
	AUTO(buf_done) struct buf root = load(hosts[0], "ca-root.pem");
	AUTO(buf_done) struct buf issuer = load(hosts[0], "ca-issuer.pem");
	AUTO(buf_done) struct buf der = {0};
	struct roots *roots = roots_new();
	struct span chain;
	bool ok;

	*err = (struct err){0};
	if ((believed & ROOT) != 0)
		assert_true(roots_add(roots, "root", buf_span(&root), err));
	if ((believed & ISSUER) != 0)
		assert_true(roots_add(roots, "issuer", buf_span(&issuer), err));
	if (chained) {
		/* The base64 between its first line and its last. */
		char *text, *end, *line;

		buf_u8(&issuer, 0);
		text = strchr((char *)issuer.at, '\n') + 1;
		end = strstr(text, "-----END");
		for (line = text; line < end; line++)
			if (*line != '\n')
				buf_u8(&der, (uint8_t)*line);
		root.len = 0;
		assert_true(text_unbase64(buf_span(&der), &root));
		chain = buf_span(&root);
		v->chain = &chain;
		v->n_chain = 1;
	}
	ok = roots_vouch(roots, v, out, err);
	v->chain = NULL;
	v->n_chain = 0;
	roots_free(roots);
	return ok;
}

static void
check_refused(enum believed believed, struct vouching *v, const char *word)
{
	struct vouched out;
	struct err err;

	assert_false(vouch(believed, false, v, &out, &err));
	assert_int_equal(err.code, ERR_PEER);
	if (strstr(err.text, word) == NULL)
		fail_msg("'%s', not '%s'", err.text, word);
}

/* Every key that is not this certificate's. */
static void
check_other_keys(size_t host, size_t kind, struct vouching *v)
{
	for (size_t h = 0; h < LENGTH_OF(hosts); h++)
		for (size_t k = 0; k < LENGTH_OF(kinds); k++) {
			AUTO(buf_done)
			struct buf ek = load(hosts[h], kinds[k].ek);

			if (h == host && k == kind)
				continue;
			v->key = key_of(&ek, kinds[k].template);
			check_refused(ROOT | ISSUER, v, "another key");
		}
}

static void
check_certificate(size_t host, size_t kind)
{
	AUTO(buf_done)
	struct buf nv = load(hosts[host], kinds[kind].certificate);
	AUTO(buf_done) struct buf ek = load(hosts[host], kinds[kind].ek);
	struct span left = buf_span(&nv);
	struct vouching v = {.use = CERTIFICATE_OF_EK,
	                     .leaf = certificate_next(&left),
	                     .key = key_of(&ek, kinds[kind].template),
	                     .now_s = NOW_S};
	const struct certificate *c;
	struct vouched out;
	struct err err;

	assert_int_equal(v.leaf.len, nv.len);
	assert_true(vouch(ROOT | ISSUER, false, &v, &out, &err));
	assert_true(vouch(ISSUER, false, &v, &out, &err));
	assert_true(vouch(ROOT, true, &v, &out, &err));
	assert_string_equal(out.expired, "");
	c = &out.certificate;
	assert_string_equal(c->subject,
	                    host == 0 ? "CN=vmlab:host1" : "CN=vmlab:host2");
	assert_string_equal(c->issuer, "CN=swtpm-localca");
	assert_string_equal(c->tpm_manufacturer, "id:00001014");
	assert_string_equal(c->tpm_model, "swtpm");
	assert_string_equal(c->tpm_version, "id:20191023");
	assert_int_equal(c->not_after_s, 253402300799); /* the year 9999 */
	check_refused(ROOT, &v, "issuer");
	v.use = CERTIFICATE_OF_IAK;
	check_refused(ROOT | ISSUER, &v, "extended key usage");
	v.use = CERTIFICATE_OF_EK;
	v.now_s = 1700000000;
	check_refused(ROOT | ISSUER, &v, "not yet valid");
	v.now_s = NOW_S;
	check_other_keys(host, kind, &v);
}

static void
test_certificates(void **state)
{
	(void)state;
	for (size_t h = 0; h < LENGTH_OF(hosts); h++)
		for (size_t k = 0; k < LENGTH_OF(kinds); k++)
			check_certificate(h, k);
}

/* A platform certificate in the form of X.509: of the very EK, by the very CA,
 * with the EK's key usage.  It says what the machine is, and vouches for no
 * key. */
static void
test_platform(void **state)
{
	(void)state;
	for (size_t h = 0; h < LENGTH_OF(hosts); h++) {
		AUTO(buf_done)
		struct buf nv = load(hosts[h], "nv-0x01C08000.der");
		AUTO(buf_done) struct buf ek = load(hosts[h], kinds[0].ek);
		struct vouching v = {.use = CERTIFICATE_OF_EK,
		                     .leaf = buf_span(&nv),
		                     .key = key_of(&ek, kinds[0].template),
		                     .now_s = NOW_S};
		struct certificate c;
		struct err err;

		assert_true(certificate_read(v.leaf, &c, &err));
		assert_string_equal(c.tpm_manufacturer, "");
		check_refused(ROOT | ISSUER, &v, "extended key usage");
		v.use = CERTIFICATE_OF_IAK;
		check_refused(ROOT | ISSUER, &v, "extended key usage");
	}
}

/* A coordinate is as long as its curve's numbers at most: what is longer no TPM
 * made, and tpm2-tss does not read it. */
static void
test_long_coordinate(void **state)
{
	AUTO(buf_done) struct buf ek = load(hosts[0], kinds[1].ek);
	const struct ek_template *t = ek_template_of(kinds[1].template);
	struct tpm_public p;
	struct err err;

	(void)state;
	assert_true(tpm_public_parse(span_of(ek.at + 2, ek.len - 2), &p, &err));
	for (size_t zeroes = 0; zeroes < 300; zeroes++) {
		AUTO(buf_done) struct buf area = {0};

		buf_add(&area,
		        span_of(ek.at + 2, ek.len - 2 - (2 + p.key.x.len) -
		                               (2 + p.key.y.len)));
		buf_u16(&area, (uint16_t)(zeroes + p.key.x.len));
		for (size_t i = 0; i < zeroes; i++)
			buf_u8(&area, 0);
		buf_add(&area, p.key.x);
		buf_sized(&area, p.key.y);
		assert_int_equal(ek_public_allowed(buf_span(&area), t, &err),
		                 zeroes == 0);
	}
}

static const struct {
	const char *file, *ak, *ek, *template;
} credentials[] = {
    {"mkcred_ecc_by_ek_p256.blob", "ak_ecc.name", "ek_p256.tpm2b", "ecc-p256"},
    {"mkcred_rsa_by_ek_p256.blob", "ak_rsa.name", "ek_p256.tpm2b", "ecc-p256"},
    {"mkcred_ecc_by_ek_rsa2048.blob", "ak_ecc.name", "ek_rsa2048.tpm2b",
     "rsa2048"},
    {"mkcred_rsa_by_ek_rsa2048.blob", "ak_rsa.name", "ek_rsa2048.tpm2b",
     "rsa2048"},
};

/* What only the EK's group has: a number below its modulus, a point on its
 * curve.  A seed can be sealed for no other point. */
static void
check_secret(const struct crypto_key *key, struct span sealed)
{
	struct reader r = reader_of(sealed);
	struct crypto_key point = *key;
	struct sealed_seed seed;
	struct err err;

	if (key->type == TPM_ALG_RSA) {
		assert_int_equal(sealed.len, key->modulus.len);
		assert_true(memcmp(sealed.at, key->modulus.at, sealed.len) < 0);
		return;
	}
	point.x = reader_sized(&r);
	point.y = reader_sized(&r);
	assert_true(reader_is_done(&r));
	assert_int_equal(point.x.len, 32);
	assert_int_equal(point.y.len, 32);
	assert_true(crypto_seal_seed(&point, TPM_ALG_SHA256, CREDENTIAL_LABEL,
	                             &seed, &err));
}

/* tpm2_makecredential's files and our own credential, piece by piece. */
static void
check_credential(size_t i)
{
	AUTO(buf_done) struct buf file = load(hosts[0], credentials[i].file);
	AUTO(buf_done) struct buf ek = load(hosts[0], credentials[i].ek);
	AUTO(buf_done) struct buf ak = load(hosts[0], credentials[i].ak);
	struct crypto_key key = key_of(&ek, credentials[i].template);
	struct reader r = reader_of(buf_span(&file)), theirs, ours;
	struct tpm_name name = {.len = ak.len};
	const uint8_t secret[CREDENTIAL_SECRET_SIZE] = {1};
	struct span blob, sealed;
	struct sealed_seed seed;
	struct credential c;
	struct err err;

	assert_int_equal(reader_u32(&r), TOOLS_MAGIC);
	assert_int_equal(reader_u32(&r), TOOLS_VERSION);
	blob = reader_sized(&r);
	sealed = reader_sized(&r);
	assert_true(reader_is_done(&r));
	memcpy(name.at, ak.at, ak.len);
	assert_true(crypto_seal_seed(&key, TPM_ALG_SHA256, CREDENTIAL_LABEL,
	                             &seed, &err));
	assert_true(credential_make(span_of(ek.at + 2, ek.len - 2), &seed,
	                            &name, secret, &c, &err));
	assert_int_equal(c.blob_len, blob.len);
	assert_int_equal(c.sealed_len, sealed.len);
	theirs = reader_of(blob);
	ours = reader_of(span_of(c.blob, c.blob_len));
	assert_int_equal(reader_sized(&theirs).len, SHA256_SIZE);
	assert_int_equal(reader_sized(&ours).len, SHA256_SIZE);
	assert_int_equal(theirs.rest.len, ours.rest.len);
	assert_int_equal(ours.rest.len, 2 + CREDENTIAL_SECRET_SIZE);
	assert_false(theirs.bad || ours.bad);
	check_secret(&key, sealed);
	check_secret(&key, span_of(c.sealed, c.sealed_len));
}

static void
test_credentials(void **state)
{
	(void)state;
	for (size_t i = 0; i < LENGTH_OF(credentials); i++)
		check_credential(i);
}

struct counts {
	size_t odd, alone;
};

static void
on_odd(void *arg, const char *name, const char *subject, const char *why)
{
	struct counts *counts = arg;

	counts->odd++;
	counts->alone += strstr(why, "issuer is not here") != NULL;
	print_message("%s (%s): %s\n", name, subject, why);
}

static void
test_vendors(void **state)
{
	DIR *folder = opendir(VENDORS_DIR);
	struct roots *roots;
	struct counts counts = {0};
	struct err err;
	struct dirent *e;
	size_t n = 0;

	(void)state;
	assert_non_null(folder);
	roots = roots_new();
	while ((e = readdir(folder)) != NULL) {
		AUTO(buf_done) struct buf file = {0};

		if (strstr(e->d_name, ".pem") == NULL)
			continue;
		file = load(VENDORS_DIR, e->d_name);
		if (!roots_add(roots, e->d_name, buf_span(&file), &err))
			fail_msg("%s", err.text);
		n++;
	}
	closedir(folder);
	assert_int_equal(n, VENDORS);
	assert_int_equal(roots_count(roots), VENDORS);
	roots_review(roots, NOW_S, on_odd, &counts);
	print_message("%zu CAs, %zu with their issuer, %zu oddities\n", n,
	              n - counts.alone, counts.odd);
	assert_int_equal(n - counts.alone, VENDOR_ISSUERS);
	roots_free(roots);
}

int
main(int argc, char **argv)
{
	const struct CMUnitTest all[] = {
	    cmocka_unit_test(test_certificates),
	    cmocka_unit_test(test_platform),
	    cmocka_unit_test(test_long_coordinate),
	    cmocka_unit_test(test_credentials),
	};
	const struct CMUnitTest vendors[] = {cmocka_unit_test(test_vendors)};
	DIR *folder;

	if (argc < 2 || strcmp(argv[1], "vendors") != 0)
		return cmocka_run_group_tests(all, NULL, NULL);
	folder = opendir(VENDORS_DIR);
	if (folder == NULL) {
		print_message(VENDORS_DIR ": not there: left out\n");
		return 77;
	}
	closedir(folder);
	return cmocka_run_group_tests(vendors, NULL, NULL);
}
