/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* certificate_read() over what a TPM, or who plays one, may give. */
#include <openssl/x509v3.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/text.h"
#include "test_ca.h"

enum { MEGABYTE = 1024 * 1024, PAD_MAX = 10000 };

static bool
is_plain(const char *text, size_t size)
{
	size_t len = strnlen(text, size);

	for (size_t i = 0; i < len; i++)
		if (text[i] < 0x20 || text[i] > 0x7e)
			return false;
	return len < size;
}

static void
check_plain(const struct certificate *c)
{
	assert_true(is_plain(c->subject, sizeof(c->subject)));
	assert_true(is_plain(c->issuer, sizeof(c->issuer)));
	assert_true(is_plain(c->serial, sizeof(c->serial)));
	assert_true(is_plain(c->tpm_manufacturer, CERTIFICATE_WORD_MAX));
	assert_true(is_plain(c->tpm_model, CERTIFICATE_WORD_MAX));
	assert_true(is_plain(c->tpm_version, CERTIFICATE_WORD_MAX));
}

/* In an allocation of its very size. */
static bool
read_exactly(struct span der, struct certificate *c, struct err *err)
{
	uint8_t *exact = malloc(der.len != 0 ? der.len : 1);
	bool ok;

	assert_non_null(exact);
	if (der.len != 0)
		memcpy(exact, der.at, der.len);
	*err = (struct err){0};
	ok = certificate_read(span_of(exact, der.len), c, err);
	free(exact);
	check_plain(c);
	return ok;
}

static void
check_unread(struct span der, enum err_code code)
{
	static const struct certificate zero;
	struct certificate c;
	struct err err;

	assert_false(read_exactly(der, &c, &err));
	assert_int_equal(err.code, code);
	assert_true(err.text[0] != '\0');
	assert_memory_equal(&c, &zero, sizeof(c));
	assert_false(certificate_read(der, &c, NULL));
}

static struct certificate
read_it(const struct issued *one)
{
	struct certificate c;
	struct err err;

	if (!read_exactly(one->der, &c, &err))
		fail_msg("%s: %s", err_class(err.code), err.text);
	return c;
}

static void
words_are(const struct certificate *c, const char *manufacturer,
          const char *model, const char *version)
{
	assert_string_equal(c->tpm_manufacturer, manufacturer);
	assert_string_equal(c->tpm_model, model);
	assert_string_equal(c->tpm_version, version);
}

/* The TCG's own form: no subject, and the words in a critical
 * subjectAltName. */
static void
test_tcg_form(void **state)
{
	const struct issued *root = ca_new(
	    &(struct ca_spec){.name = "root", .extensions = CA_EXTENSIONS});
	struct ca_spec spec = {.by = root,
	                       .extensions = EK_ECC_EXTENSIONS,
	                       .to_d = 3650,
	                       .words = {span_str("id:494E5443"),
	                                 span_str("SLB9672"),
	                                 span_str("id:000F000A")}};
	const struct issued *ek = ca_new(&spec);
	struct certificate c = read_it(ek);
	uint8_t sha256[SHA256_SIZE];
	char serial[32];

	(void)state;
	words_are(&c, "id:494E5443", "SLB9672", "id:000F000A");
	assert_string_equal(c.subject, "");
	assert_string_equal(c.issuer, "CN=root");
	assert_int_equal(c.not_after_s, TEST_NOW_S + 3650u * DAY_S);
	snprintf(
	    serial, sizeof(serial), "%04lx",
	    (unsigned long)ASN1_INTEGER_get(X509_get0_serialNumber(ek->cert)));
	assert_string_equal(c.serial, serial);
	crypto_sha256(&ek->der, 1, sha256);
	assert_memory_equal(c.sha256, sha256, sizeof(sha256));
	check_vouched(&(struct asked){.roots = {root}, .leaf = ek});
	/* Without them it is a certificate still. */
	spec.words[0] = spec.words[1] = spec.words[2] = (struct span){0};
	spec.name = "ek";
	c = read_it(ca_new(&spec));
	words_are(&c, "", "", "");
	assert_string_equal(c.subject, "CN=ek");
}

/* Words that would write on a terminal, end early or never. */
static void
test_bad_words(void **state)
{
	static char wide[3001];
	struct ca_spec spec = {.name = "ek", .extensions = NO_CA};
	struct certificate c;

	(void)state;
	spec.words[0] = span_str("\x1b[2Jid:1\r\n");
	spec.words[1] = span_of("T\xc3\xa9l\xe2\x82\xac\x7f", 8);
	spec.words[2] = span_of("a\0b", 3);
	c = read_it(ca_new(&spec));
	words_are(&c, "?[2Jid:1??", "T??l????", "a?b");
	memset(wide, 'w', sizeof(wide) - 1);
	spec.words[0] = span_str(wide);
	spec.words[1] = span_of(wide, 63);
	spec.words[2] = span_of(wide, 64);
	c = read_it(ca_new(&spec));
	assert_int_equal(strlen(c.tpm_manufacturer), CERTIFICATE_WORD_MAX - 1);
	assert_int_equal(strlen(c.tpm_model), CERTIFICATE_WORD_MAX - 1);
	assert_int_equal(strlen(c.tpm_version), CERTIFICATE_WORD_MAX - 1);
	spec.words[0] = span_of(wide, 0);
	spec.words[1] = spec.words[2] = (struct span){0};
	c = read_it(ca_new(&spec));
	words_are(&c, "", "", "");
}

static void
test_huge_words(void **state)
{
	static char huge[PAD_MAX + 1];
	struct ca_spec spec = {.name = "ek", .extensions = NO_CA};

	(void)state;
	memset(huge, 'h', PAD_MAX);
	spec.words[0] = span_str(huge);
	check_unread(ca_new(&spec)->der, ERR_LIMIT);
}

/* Subjects that would do the same; CN has 64 characters at most. */
static void
test_bad_names(void **state)
{
	static const struct {
		const char *name, *subject;
	} names[] = {
	    {"a\nb\x1b[1m", "CN=a\\0Ab\\1B[1m"},
	    {"T\xc3\xa9l", "CN=T\\C3\\A9l"},
	    {"a,CN=b", "CN=a\\,CN=b"},
	    {"#abc", "CN=\\#abc"},
	    {" a ", "CN=\\ a\\ "},
	    {"\\", "CN=\\\\"},
	};

	(void)state;
	for (size_t i = 0; i < LENGTH_OF(names); i++) {
		struct certificate c = read_it(ca_new(&(struct ca_spec){
		    .name = names[i].name, .extensions = NO_CA}));

		assert_string_equal(c.subject, names[i].subject);
		assert_string_equal(c.issuer, names[i].subject);
	}
}

/* Patches every place of `from` (as long as `to`) in a certificate. */
static void
patch(const struct issued *one, struct span from, struct span to)
{
	uint8_t *at = (uint8_t *)(uintptr_t)one->der.at;
	size_t n = 0;

	assert_int_equal(from.len, to.len);
	for (size_t i = 0; i + from.len <= one->der.len; i++)
		if (memcmp(at + i, from.at, from.len) == 0) {
			memcpy(at + i, to.at, to.len);
			n++;
		}
	assert_true(n > 0);
}

/* 64 letters, each of two bytes that are written as three characters. */
static void
test_long_name(void **state)
{
	char wide[129] = {0};
	struct certificate c;

	(void)state;
	for (size_t i = 0; i < sizeof(wide) - 1; i += 2) {
		wide[i] = (char)0xc3;
		wide[i + 1] = (char)0xa9;
	}
	c = read_it(ca_new(
	    &(struct ca_spec){.name = wide, .extensions = CA_EXTENSIONS}));
	assert_int_equal(strlen(c.subject), CERTIFICATE_NAME_MAX - 1);
	assert_int_equal(strlen(c.issuer), CERTIFICATE_NAME_MAX - 1);
}

/* A BMPString, another tag, a string that is none. */
static void
test_other_strings(void **state)
{
	static const uint8_t tags[] = {0x1e, 0x1c, 0x13, 0x16, 0x04,
	                               0x03, 0x02, 0x30, 0x05, 0xa0};

	(void)state;
	for (size_t i = 0; i < LENGTH_OF(tags); i++) {
		const struct issued *one = ca_new(&(struct ca_spec){
		    .name = "ek",
		    .extensions = NO_CA,
		    .words = {span_str("manu"), span_str("mode")}});
		const uint8_t to[] = {tags[i], 4, 'm', 'a', 'n', 'u'};
		struct certificate c;
		struct err err;

		patch(one, span_of("\x0c\x04manu", 6), span_of(to, 6));
		(void)read_exactly(one->der, &c, &err);
	}
}

static void
test_cut(void **state)
{
	const struct issued *one = ca_new(&(struct ca_spec){
	    .name = "ek",
	    .key = ca_rsa(2048),
	    .extensions = EK_RSA_EXTENSIONS,
	    .words = {span_str("id:1"), span_str("m"), span_str("id:2")}});
	AUTO(buf_done) struct buf more = {0};

	(void)state;
	for (size_t len = 0; len < one->der.len; len++)
		check_unread(span_of(one->der.at, len), ERR_MALFORMED);
	buf_add(&more, one->der);
	buf_u8(&more, 0);
	check_unread(buf_span(&more), ERR_MALFORMED);
	more.at[more.len - 1] = 0x30;
	check_unread(buf_span(&more), ERR_MALFORMED);
	buf_add(&more, one->der);
	check_unread(buf_span(&more), ERR_MALFORMED);
	check_unread(span_of(more.at + one->der.len + 1, 0), ERR_MALFORMED);
	check_unread((struct span){0}, ERR_MALFORMED);
}

/* Every byte another: read or not, nothing breaks and all texts are plain. */
static void
test_changed(void **state)
{
	const struct issued *one = ca_new(&(struct ca_spec){
	    .name = "ek",
	    .extensions = EK_ECC_EXTENSIONS,
	    .words = {span_str("id:1"), span_str("m"), span_str("id:2")}});
	uint8_t *at = (uint8_t *)(uintptr_t)one->der.at;
	static const uint8_t masks[] = {0x01, 0x80, 0xff, 0x20};
	struct certificate c;
	struct err err;

	(void)state;
	for (size_t i = 0; i < one->der.len; i++)
		for (size_t k = 0; k < LENGTH_OF(masks); k++) {
			at[i] ^= masks[k];
			if (!read_exactly(one->der, &c, &err))
				assert_int_equal(err.code, ERR_MALFORMED);
			at[i] ^= masks[k];
		}
}

/* With a comment of `pad` bytes, by a CA whose signatures have one size. */
static const struct issued *
padded(size_t pad)
{
	static char extensions[PAD_MAX + 100];
	char *end = extensions + snprintf(extensions, sizeof(extensions),
	                                  NO_CA "nsComment=");

	memset(end, 'c', pad);
	end[pad] = '\0';
	return ca_new(&(struct ca_spec){
	    .name = "ek", .key = ca_rsa(2048), .extensions = extensions});
}

static void
test_limit(void **state)
{
	uint8_t *megabyte = calloc(1, MEGABYTE);
	const struct issued *one = padded(3000);
	size_t pad = 3000 + (CERTIFICATE_MAX - one->der.len);

	(void)state;
	one = padded(pad);
	assert_int_equal(one->der.len, CERTIFICATE_MAX);
	(void)read_it(one);
	one = padded(pad + 1);
	assert_int_equal(one->der.len, CERTIFICATE_MAX + 1);
	check_unread(one->der, ERR_LIMIT);
	assert_non_null(megabyte);
	check_unread(span_of(megabyte, MEGABYTE), ERR_LIMIT);
	memcpy(megabyte, "\x30\x83\x0f\xff\xfb", 5);
	check_unread(span_of(megabyte, MEGABYTE), ERR_LIMIT);
	memcpy(megabyte, "\x30\x84\xff\xff\xff\xff", 6);
	check_unread(span_of(megabyte, 64), ERR_MALFORMED);
	memset(megabyte, 0x30, MEGABYTE);
	check_unread(span_of(megabyte, CERTIFICATE_MAX), ERR_MALFORMED);
	for (size_t i = 0; i < CERTIFICATE_MAX; i += 2)
		megabyte[i + 1] = 0x80;
	check_unread(span_of(megabyte, CERTIFICATE_MAX), ERR_MALFORMED);
	free(megabyte);
}

/* What is like one and is none. */
static void
test_no_certificate(void **state)
{
	const struct issued *root = ca_new(
	    &(struct ca_spec){.name = "root", .extensions = CA_EXTENSIONS});
	AUTO(buf_done) struct buf pem = ca_pem(&root, 1);
	uint8_t padded_out[CERTIFICATE_MAX] = {0};

	(void)state;
	check_unread(ca_crl(&(struct crl_spec){.by = root})->der,
	             ERR_MALFORMED);
	check_unread(buf_span(&pem), ERR_MALFORMED);
	check_unread(span_str("0"), ERR_MALFORMED);
	check_unread(span_of("\x30\x00", 2), ERR_MALFORMED);
	/* An NV index that is larger than its certificate. */
	memcpy(padded_out, root->der.at, root->der.len);
	check_unread(span_of(padded_out, root->der.len + 1), ERR_MALFORMED);
	memset(padded_out + root->der.len, 0xff, 64);
	check_unread(span_of(padded_out, root->der.len + 64), ERR_MALFORMED);
}

/* BER of the same certificate: read, for no signature is over these bytes, and
 * the digest is of what was given. */
static void
test_no_der(void **state)
{
	const struct issued *one =
	    ca_new(&(struct ca_spec){.name = "ek", .extensions = NO_CA});
	AUTO(buf_done) struct buf more = {0};
	uint8_t sha256[SHA256_SIZE];
	struct certificate c;
	struct span all;
	struct err err;

	(void)state;
	assert_memory_equal(one->der.at, "\x30\x82", 2);
	buf_add(&more, span_of("\x30\x83\x00", 3));
	buf_add(&more, span_of(one->der.at + 2, one->der.len - 2));
	all = buf_span(&more);
	assert_true(read_exactly(all, &c, &err));
	crypto_sha256(&all, 1, sha256);
	assert_memory_equal(c.sha256, sha256, sizeof(sha256));
	assert_string_equal(c.subject, "CN=ek");
	/* Without an end of its own. */
	more.len = 0;
	buf_add(&more, span_of("\x30\x80", 2));
	buf_add(&more, span_of(one->der.at + 4, one->der.len - 4));
	check_unread(buf_span(&more), ERR_MALFORMED);
	buf_u16(&more, 0);
	assert_true(read_exactly(buf_span(&more), &c, &err));
	buf_u16(&more, 0);
	check_unread(buf_span(&more), ERR_MALFORMED);
}

static void
check_serial(struct span to, const char *serial)
{
	const struct issued *one =
	    ca_new(&(struct ca_spec){.name = "ek", .extensions = NO_CA});
	BIGNUM *number = BN_bin2bn(to.at, (int)to.len, NULL);
	struct issued again = *one;
	struct certificate c;
	unsigned char *der = NULL;
	int len;

	assert_non_null(number);
	assert_non_null(
	    BN_to_ASN1_INTEGER(number, X509_get_serialNumber(one->cert)));
	len = i2d_X509(one->cert, &der);
	assert_true(len > 0);
	again.der = span_of(der, (size_t)len);
	c = read_it(&again);
	assert_string_equal(c.serial, serial);
	OPENSSL_free(der);
	BN_free(number);
}

static void
test_serial(void **state)
{
	const struct issued *negative =
	    ca_new(&(struct ca_spec){.name = "ek", .extensions = NO_CA});
	uint8_t most[64];
	struct certificate c;
	char text[CERTIFICATE_SERIAL_MAX * 2 + 1];

	(void)state;
	memset(most, 0xab, sizeof(most));
	check_serial(span_of("\x01", 1), "01");
	check_serial(span_of("\x80\x01", 2), "8001");
	text_hex(span_of(most, CERTIFICATE_SERIAL_MAX), text);
	check_serial(span_of(most, CERTIFICATE_SERIAL_MAX), text);
	check_serial(span_of(most, sizeof(most)), text);
	patch(negative, span_of("\x02\x02\x10", 3), span_of("\x02\x02\x80", 3));
	c = read_it(negative);
	assert_true(c.serial[0] != '\0');
}

static void
test_not_after(void **state)
{
	static const struct {
		int to_d;
		uint64_t not_after_s;
	} ends[] = {
	    {-21000, 0}, /* before 1970 */
	    {2900000, TEST_NOW_S + 2900000ull * DAY_S},
	};

	(void)state;
	for (size_t i = 0; i < LENGTH_OF(ends); i++) {
		struct certificate c =
		    read_it(ca_new(&(struct ca_spec){.name = "ek",
		                                     .extensions = NO_CA,
		                                     .from_d = -21001,
		                                     .to_d = ends[i].to_d}));

		assert_int_equal(c.not_after_s, ends[i].not_after_s);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_teardown(test_tcg_form, ca_teardown),
	    cmocka_unit_test_teardown(test_bad_words, ca_teardown),
	    cmocka_unit_test_teardown(test_huge_words, ca_teardown),
	    cmocka_unit_test_teardown(test_bad_names, ca_teardown),
	    cmocka_unit_test_teardown(test_long_name, ca_teardown),
	    cmocka_unit_test_teardown(test_other_strings, ca_teardown),
	    cmocka_unit_test_teardown(test_cut, ca_teardown),
	    cmocka_unit_test_teardown(test_changed, ca_teardown),
	    cmocka_unit_test_teardown(test_limit, ca_teardown),
	    cmocka_unit_test_teardown(test_no_certificate, ca_teardown),
	    cmocka_unit_test_teardown(test_no_der, ca_teardown),
	    cmocka_unit_test_teardown(test_serial, ca_teardown),
	    cmocka_unit_test_teardown(test_not_after, ca_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
