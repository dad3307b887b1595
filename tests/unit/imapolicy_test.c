/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a policy's lines say, and what they say of an entry. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "imawalk_help.h"

/* Digests of the tests: each is one byte over and over. */
#define A20 "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define A32 "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define B32 "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"
#define C32 "cccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccc"
#define A48 A32 "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define A64 A32 A32

/* An entry of ima-ngv2 whose digest is `byte` over and over. */
static struct imalog_entry
entry_of(const char *alg, uint8_t byte, const char *path)
{
	static uint8_t value[DIGEST_MAX];
	size_t size = crypto_digest_size(imalog_alg(span_str(alg)));

	memset(value, byte, sizeof(value));
	return (struct imalog_entry){
	    .n = 7,
	    .pcr = 10,
	    .template = span_str("ima-ngv2"),
	    .whole = true,
	    .known = true,
	    .file = {.type = span_str("ima"),
	             .alg = span_str(alg),
	             .value = span_of(value, size != 0 ? size : 32)},
	    .path = span_str(path),
	};
}

#define LISTS                                                                  \
	"exclude /var/log\nexclude /srv/a\\x20b/\n"                            \
	"sha256:" A32 " /bin/a\nsha256:" B32 " /bin/a\n"                       \
	"sha384:" A48 " /bin/384\n" A64 "  /bin/512\n"                         \
	"sha256:" A32 " /var/log/listed\n" A32 "  /bin/with  space\n" A32      \
	" */bin/binary\n\\" A32 "  /bin/new\\nline\\\\\n" A32                  \
	"  /bin/star*\n" A32 "  /bin/back\\n\n"                                \
	"sha256:" A32 "   /bin/\\x41\\*\\?\\\\\n"                              \
	"sha256:" A32 " /lib/*/x.so\nsha256:" B32 " /lib/*/x.so\n"             \
	"sha384:" A48 " /lib/*/y\nsha256:" C32 " /lib/deep/**\n"               \
	"sha256:" A32 " /opt/?.bin\nsha256:" B32 " /lib/one/exact.so\n"        \
	"sha256:" A32 " /lib/one/*.so\n"                                       \
	"sha256:" A32 " kexec-cmdline\n"

static const struct {
	const char *alg;
	uint8_t byte;
	const char *path;
	enum imapolicy_finding finding;
} judged[] = {
    {"sha256", 0xaa, "/bin/a", IMAPOLICY_LISTED},
    {"sha256", 0xbb, "/bin/a", IMAPOLICY_LISTED},
    {"sha256", 0xcc, "/bin/a", IMAPOLICY_OTHER_DIGEST},
    {"sha384", 0xaa, "/bin/a", IMAPOLICY_OTHER_HASH},
    {"sha1", 0xaa, "/bin/a", IMAPOLICY_WEAK_HASH},
    {"md5", 0xaa, "/bin/a", IMAPOLICY_WEAK_HASH},
    {"sha256", 0xaa, "/bin/b", IMAPOLICY_UNKNOWN},
    {"sha256", 0xaa, "/bin/", IMAPOLICY_UNKNOWN},
    {"sha256", 0xaa, "", IMAPOLICY_UNKNOWN},
    {"sha1", 0xaa, "/bin/b", IMAPOLICY_WEAK_HASH},
    {"sha384", 0xaa, "/bin/384", IMAPOLICY_LISTED},
    {"sha256", 0xaa, "/bin/384", IMAPOLICY_OTHER_HASH},
    {"sha512", 0xaa, "/bin/512", IMAPOLICY_LISTED},
    {"sha512", 0xab, "/bin/512", IMAPOLICY_OTHER_DIGEST},
    /* Whole components, and never what is listed. */
    {"sha256", 0xcc, "/var/log", IMAPOLICY_EXCLUDED},
    {"sha256", 0xcc, "/var/log/x/y", IMAPOLICY_EXCLUDED},
    {"md5", 0xcc, "/var/log/x", IMAPOLICY_EXCLUDED},
    {"sha256", 0xcc, "/var/logs", IMAPOLICY_UNKNOWN},
    {"sha256", 0xcc, "/var/lo", IMAPOLICY_UNKNOWN},
    {"sha256", 0xcc, "/srv/a_b/c", IMAPOLICY_EXCLUDED},
    {"sha256", 0xaa, "/var/log/listed", IMAPOLICY_LISTED},
    {"sha256", 0xbb, "/var/log/listed", IMAPOLICY_OTHER_DIGEST},
    /* Names as the kernel and sha256sum write them. */
    {"sha256", 0xaa, "/bin/with__space", IMAPOLICY_LISTED},
    {"sha256", 0xaa, "/bin/with  space", IMAPOLICY_UNKNOWN},
    {"sha256", 0xaa, "/bin/binary", IMAPOLICY_LISTED},
    {"sha256", 0xaa, "/bin/new\nline\\", IMAPOLICY_LISTED},
    {"sha256", 0xaa, "/bin/star*", IMAPOLICY_LISTED},
    {"sha256", 0xaa, "/bin/starry", IMAPOLICY_UNKNOWN},
    {"sha256", 0xaa, "/bin/back\\n", IMAPOLICY_LISTED},
    {"sha256", 0xaa, "/bin/back\n", IMAPOLICY_UNKNOWN},
    {"sha256", 0xaa, "/bin/A*?\\", IMAPOLICY_LISTED},
    {"sha256", 0xaa, "/bin/Ab?\\", IMAPOLICY_UNKNOWN},
    /* Globs. */
    {"sha256", 0xaa, "/lib/a/x.so", IMAPOLICY_LISTED},
    {"sha256", 0xbb, "/lib/a/x.so", IMAPOLICY_LISTED},
    {"sha256", 0xcc, "/lib/a/x.so", IMAPOLICY_OTHER_DIGEST},
    {"sha384", 0xaa, "/lib/a/x.so", IMAPOLICY_OTHER_HASH},
    {"sha256", 0xaa, "/lib/a/b/x.so", IMAPOLICY_UNKNOWN},
    {"sha256", 0xaa, "/lib//x.so", IMAPOLICY_LISTED},
    {"sha256", 0xaa, "/lib/a/x.so.1", IMAPOLICY_UNKNOWN},
    {"sha256", 0xaa, "/lib/y", IMAPOLICY_UNKNOWN},
    {"sha384", 0xaa, "/lib/y/y", IMAPOLICY_LISTED},
    {"sha256", 0xcc, "/lib/deep/a/b/c", IMAPOLICY_LISTED},
    {"sha256", 0xcc, "/lib/deep/", IMAPOLICY_LISTED},
    {"sha256", 0xcc, "/lib/deep", IMAPOLICY_UNKNOWN},
    /* Two globs match: a digest of either. */
    {"sha256", 0xcc, "/lib/deep/x.so", IMAPOLICY_LISTED},
    {"sha256", 0xaa, "/lib/deep/x.so", IMAPOLICY_LISTED},
    {"sha384", 0xaa, "/lib/deep/y", IMAPOLICY_LISTED},
    {"sha256", 0xaa, "/opt/a.bin", IMAPOLICY_LISTED},
    {"sha256", 0xaa, "/opt/.bin", IMAPOLICY_UNKNOWN},
    {"sha256", 0xaa, "/opt//.bin", IMAPOLICY_UNKNOWN},
    /* The very path is before a glob. */
    {"sha256", 0xbb, "/lib/one/exact.so", IMAPOLICY_LISTED},
    {"sha256", 0xaa, "/lib/one/exact.so", IMAPOLICY_OTHER_DIGEST},
    {"sha256", 0xaa, "kexec-cmdline", IMAPOLICY_LISTED},
};

static void
assert_finding(const struct imapolicy *p, const struct imalog_entry *e,
               enum imapolicy_finding finding)
{
	enum imapolicy_finding f = imapolicy_judge(p, e);

	if (f != finding)
		fail_msg("%.*s: %s, not %s", (int)e->path.len,
		         (const char *)e->path.at, imapolicy_finding_name(f),
		         imapolicy_finding_name(finding));
}

static void
entries_are_judged_by_the_first_that_speaks(void **state)
{
	struct imapolicy *p = policy_of(LISTS);
	struct imalog_entry cut;

	(void)state;
	for (size_t i = 0; i < LENGTH_OF(judged); i++) {
		struct imalog_entry e =
		    entry_of(judged[i].alg, judged[i].byte, judged[i].path);

		assert_finding(p, &e, judged[i].finding);
	}
	/* What is behind a path is none of it. */
	cut = entry_of("sha256", 0xcc, "");
	cut.path = span_of("/var/log/x", 5);
	assert_finding(p, &cut, IMAPOLICY_UNKNOWN);
	cut.path = span_of("/lib/deep/x", 5);
	assert_finding(p, &cut, IMAPOLICY_UNKNOWN);
	imapolicy_free(p);
}

static void
kinds_of_entries_have_their_rules(void **state)
{
	struct imapolicy *p = policy_of(LISTS);
	struct imalog_entry good = entry_of("sha256", 0xaa, "/bin/a"), e = good;

	(void)state;
	e.known = false;
	assert_finding(p, &e, IMAPOLICY_TEMPLATE);
	e.path = span_str("/var/log/x");
	assert_finding(p, &e, IMAPOLICY_TEMPLATE);
	/* Whoever hands a violation on can write another path. */
	e = good;
	e.violation = true;
	assert_finding(p, &e, IMAPOLICY_VIOLATION);
	e.path = span_str("/var/log/x");
	assert_finding(p, &e, IMAPOLICY_VIOLATION);
	e = good;
	e.file.type = span_str("verity");
	assert_finding(p, &e, IMAPOLICY_DIGEST_TYPE);
	e.path = span_str("/bin/b");
	assert_finding(p, &e, IMAPOLICY_DIGEST_TYPE);
	e.path = span_str("/var/log/x");
	assert_finding(p, &e, IMAPOLICY_EXCLUDED);
	e = good;
	e.file.type = (struct span){0};
	assert_finding(p, &e, IMAPOLICY_LISTED);
	/* IMA's first entry; later it is a file of that name. */
	e.path = span_str("boot_aggregate");
	assert_finding(p, &e, IMAPOLICY_UNKNOWN);
	e.n = 0;
	assert_finding(p, &e, IMAPOLICY_AGGREGATE);
	e.violation = true;
	assert_finding(p, &e, IMAPOLICY_VIOLATION);
	/* Without a key a signature says nothing. */
	e = good;
	e.path = span_str("/bin/b");
	e.signature = span_str("\x03\x02 a signature");
	assert_finding(p, &e, IMAPOLICY_UNKNOWN);
	imapolicy_free(p);
}

static void
violations_of_excluded_paths_can_be_let_pass(void **state)
{
	struct imapolicy *p =
	    policy_of("violation exclude\nexclude /var/log\n");
	struct imalog_entry e = entry_of("sha256", 0, "/var/log/x");

	(void)state;
	e.violation = true;
	assert_finding(p, &e, IMAPOLICY_EXCLUDED);
	e.path = span_str("/bin/a");
	assert_finding(p, &e, IMAPOLICY_VIOLATION);
	imapolicy_free(p);
}

static void
sha1_is_for_who_allows_it(void **state)
{
	struct imapolicy *p =
	    policy_of("allow-sha1\nsha1:" A20 " /bin/a\n" A20 "  /bin/b\n");
	struct imalog_entry e = entry_of("sha1", 0xaa, "/bin/a");

	(void)state;
	assert_finding(p, &e, IMAPOLICY_LISTED);
	e.path = span_str("/bin/b");
	assert_finding(p, &e, IMAPOLICY_LISTED);
	e.path = span_str("/bin/c");
	assert_finding(p, &e, IMAPOLICY_UNKNOWN);
	imapolicy_free(p);
}

/* Zero is a refusal, and so is what is none; one alone can be a warning. */
static void
findings_weigh(void **state)
{
	struct imapolicy *strict = policy_of("unknown refuse\n"),
			 *warns = policy_of("unknown warn\n");

	(void)state;
	assert_int_equal(imapolicy_weigh(warns, (enum imapolicy_finding)0),
	                 IMAPOLICY_REFUSED);
	assert_int_equal(imapolicy_weigh(warns, IMAPOLICY_FINDING_COUNT),
	                 IMAPOLICY_REFUSED);
	for (int i = 0; i < IMAPOLICY_FINDING_COUNT; i++) {
		enum imapolicy_finding f = (enum imapolicy_finding)i;
		enum imapolicy_weight w =
		    f < IMAPOLICY_LISTED ? IMAPOLICY_REFUSED : IMAPOLICY_PASSED;

		assert_int_equal(imapolicy_weigh(strict, f), w);
		assert_int_equal(imapolicy_weigh(warns, f),
		                 f == IMAPOLICY_UNKNOWN ? IMAPOLICY_WARNED : w);
		assert_string_not_equal(imapolicy_finding_name(f), "none");
	}
	assert_int_equal(IMAPOLICY_REFUSED, 0);
	assert_string_equal(imapolicy_finding_name(IMAPOLICY_FINDING_COUNT),
	                    "none");
	assert_string_equal(imapolicy_finding_text(IMAPOLICY_FINDING_COUNT),
	                    "was not judged");
	imapolicy_free(strict);
	imapolicy_free(warns);
	imapolicy_free(NULL);
}

#define FIRST "virt-attest-ima-policy 1\n"

static const struct {
	const char *text, *why;
	enum err_code code;
} bad[] = {
    {"", "line 1: not 'virt-attest-ima-policy 1'", ERR_MALFORMED},
    {"# virt-attest-ima-policy 1\n", "line 1: not", ERR_MALFORMED},
    {"virt-attest-ima-policy", "line 1: not", ERR_MALFORMED},
    {"virt-attest-ima-policy 2\n", "line 1: a version", ERR_VERSION},
    {"virt-attest-ima-policy 1 \n", "line 1: a version", ERR_VERSION},
    {"virt-attest-ima-policy 1\r\n", "line 1: a version", ERR_VERSION},
    {FIRST "\n#\nunknown\n", "line 4: `unknown` is followed by", ERR_MALFORMED},
    {FIRST "unknown warm\n", "line 2: `unknown` is", ERR_MALFORMED},
    {FIRST "unknown  warn\n", "line 2: `unknown` is", ERR_MALFORMED},
    {FIRST "unknown warn\nunknown warn\n", "line 3: `unknown` twice",
     ERR_MALFORMED},
    {FIRST "violation warn\n", "line 2: `violation` is", ERR_MALFORMED},
    {FIRST "violation refuse\nviolation refuse\n", "line 3: `violation` twice",
     ERR_MALFORMED},
    {FIRST "allow-sha1 yes\n", "line 2: nothing follows", ERR_MALFORMED},
    {FIRST "allow-sha1x\n", "line 2: neither", ERR_MALFORMED},
    {FIRST "exclude\n", "line 2: no path", ERR_MALFORMED},
    {FIRST "exclude /\n", "that is not /", ERR_MALFORMED},
    {FIRST "exclude ///\n", "that is not /", ERR_MALFORMED},
    {FIRST "exclude var/log\n", "a whole path", ERR_MALFORMED},
    {FIRST "exclude /var/*\n", "no glob", ERR_UNSUPPORTED},
    {FIRST "key ?\n", "line 2: not base64", ERR_MALFORMED},
    {FIRST "key\n", "line 2: not a certificate", ERR_UNSUPPORTED},
    {FIRST "key AAAA\n", "line 2: not a certificate", ERR_UNSUPPORTED},
    {FIRST "hello\n", "line 2: neither a word", ERR_MALFORMED},
    {FIRST " \n", "line 2: neither a word", ERR_MALFORMED},
    {FIRST "\\\n", "line 2: neither a word", ERR_MALFORMED},
    {FIRST "md5:" A20 " /x\n", "line 2: neither a word", ERR_MALFORMED},
    {FIRST "sha256:" A32 "\n", "line 2: no path", ERR_MALFORMED},
    {FIRST "sha256:" A32 " \n", "line 2: no path", ERR_MALFORMED},
    {FIRST "sha256:" A32 " /x \n", "a space at the end", ERR_MALFORMED},
    {FIRST "sha256:" A32 "\t/x\n", "line 2: no path", ERR_MALFORMED},
    {FIRST "sha256:" A32 "g /x\n", "not hexadecimal", ERR_MALFORMED},
    {FIRST "sha256:" A48 " /x\n", "48 bytes, which is not sha256's",
     ERR_MALFORMED},
    {FIRST "sha256:" A64 "aa /x\n", "not hexadecimal", ERR_MALFORMED},
    {FIRST "sha256: /x\n", "not hexadecimal", ERR_MALFORMED},
    {FIRST "sha1:" A20 " /x\n", "without `allow-sha1`", ERR_UNSUPPORTED},
    {FIRST A20 "  /x\n", "without `allow-sha1`", ERR_UNSUPPORTED},
    {FIRST "sha1:" A20 " /x\nallow-sha1\n", "line 2: a SHA-1", ERR_UNSUPPORTED},
    {FIRST "aaaa  /x\n", "line 2: a digest of 2 bytes", ERR_MALFORMED},
    {FIRST A32 " /x\n", "line 2: neither", ERR_MALFORMED},
    {FIRST A32 "  \n", "line 2: no path", ERR_MALFORMED},
    {FIRST A32 " \n", "line 2: neither", ERR_MALFORMED},
    {FIRST "\\" A32 "  /a\\t\n", "line 2: not an escape", ERR_MALFORMED},
    {FIRST "sha256:" A32 " /a\\\n", "line 2: not an escape", ERR_MALFORMED},
    {FIRST "sha256:" A32 " /a\\x4\n", "not an escape", ERR_MALFORMED},
    {FIRST "sha256:" A32 " /a\\xag\n", "not an escape", ERR_MALFORMED},
    {FIRST "sha256:" A32 " /a\\x00\n", "a NUL in a path", ERR_MALFORMED},
    {FIRST "sha256:" A32 " /a\r\n", "carriage return", ERR_MALFORMED},
};

static void
assert_refused(struct span text, const char *why, enum err_code code)
{
	struct err err = {0};

	assert_null(imapolicy_parse(text, &err));
	if (strstr(err.text, why) == NULL || err.code != code)
		fail_msg("'%s' is not '%s'", err.text, why);
	assert_null(imapolicy_parse(text, NULL));
}

static void
bad_texts_are_refused_by_line(void **state)
{
	static const char nul[] = FIRST "sha256:" A32 " /a\0b\n";

	(void)state;
	for (size_t i = 0; i < LENGTH_OF(bad); i++)
		assert_refused(span_str(bad[i].text), bad[i].why, bad[i].code);
	assert_refused(span_of(nul, sizeof(nul) - 1), "a NUL", ERR_MALFORMED);
}

static void
a_policy_says_what_it_holds(void **state)
{
	struct imapolicy *p =
	    policy_of("unknown warn\nviolation exclude\nallow-sha1\n" LISTS);
	struct imapolicy_counts c = imapolicy_counts(p);

	(void)state;
	assert_int_equal(c.paths, 12);
	assert_int_equal(c.digests, 19);
	assert_int_equal(c.globs, 6);
	assert_int_equal(c.excludes, 2);
	assert_int_equal(c.keys, 0);
	assert_true(c.warns && c.allows_sha1 && c.excludes_violations);
	imapolicy_free(p);
	/* The last line needs no end; the first alone is a policy. */
	p = policy_of("sha256:" A32 " /x");
	assert_int_equal(imapolicy_counts(p).paths, 1);
	imapolicy_free(p);
	p = imapolicy_parse(span_str("virt-attest-ima-policy 1"), NULL);
	assert_non_null(p);
	c = imapolicy_counts(p);
	assert_int_equal(c.paths + c.digests + c.longest, 0);
	assert_false(c.warns || c.allows_sha1 || c.excludes_violations);
	imapolicy_free(p);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(entries_are_judged_by_the_first_that_speaks),
	    cmocka_unit_test(kinds_of_entries_have_their_rules),
	    cmocka_unit_test(violations_of_excluded_paths_can_be_let_pass),
	    cmocka_unit_test(sha1_is_for_who_allows_it),
	    cmocka_unit_test(findings_weigh),
	    cmocka_unit_test(bad_texts_are_refused_by_line),
	    cmocka_unit_test(a_policy_says_what_it_holds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
