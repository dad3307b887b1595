/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The lists of whole boots, against what their TPMs quoted. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "base/text.h"
#include "evidence/quote.h"
#include "imawalk_help.h"

#define BOOT_DIR SHARED_DIR "/boot"

/* The entries that two quotes cover (0: no quote), and all that there are. */
static const struct {
	const char *folder;
	uint64_t n, rsa, ecc;
} boots[] = {
    {"a-baseline-boot1", 437, 432, 434},
    {"b-baseline-boot2", 437, 432, 434},
    {"b2-warm-reboot", 437, 434, 436},
    {"c-cmdline", 438, 433, 437},
    {"d1-kernel-6.12", 417, 0, 416},
    {"d2-kernel-cloud", 410, 404, 409},
    {"d3-grubcfg", 437, 432, 434},
    {"d4-legacy-linux-no-eventlog", 437, 434, 436},
    {"e0-secboot-fw-off", 437, 434, 436},
    {"e1-secureboot-on", 437, 434, 436},
    {"f-unknown-binary", 454, 454, 454},
    {"g-bootorder", 437, 432, 436},
    {"i-sdboot-uki", 436, 433, 435},
    {"j1-ima-ngv2", 437, 434, 436},
    {"j2-ima-sig", 437, 432, 434},
    {"k-tpm-tis", 437, 430, 434},
    {"l-host2-sha256-sha384", 459, 459, 459},
    {"m2-memory-2g", 437, 432, 436},
    {"m3-smp1", 437, 432, 436},
    {"m4-mem2g-smp2", 437, 432, 434},
    {"n-firmware-2m", 437, 432, 434},
    {"p-unlogged-extend", 439, 434, 436},
};

static struct buf
load(const char *folder, const char *name)
{
	struct buf out = {0};
	char path[512];

	snprintf(path, sizeof(path), "%s/%s/%s", BOOT_DIR, folder, name);
	if (!imalog_load_path(path, &out))
		fail_msg("%s: not there", path);
	return out;
}

/* What a quote is over, and its values, which are those that were signed. */
static struct pcr_values
quoted(const char *folder, const char *name)
{
	AUTO(buf_done) struct buf attest = {0}, values = {0};
	struct pcr_values v = {0};
	struct digest d;
	struct quote q;
	struct err err;
	size_t at = 0;
	char path[64];

	snprintf(path, sizeof(path), "quote_%s.msg", name);
	attest = load(folder, path);
	snprintf(path, sizeof(path), "quote_%s.pcrs", name);
	values = load(folder, path);
	assert_true(quote_parse(buf_span(&attest), &q, &err));
	v.selection = q.selection;
	for (size_t b = 0; b < v.selection.n; b++)
		for (unsigned p = 0; p < PCR_COUNT; p++) {
			struct digest *to = &v.values[b][p];

			if ((v.selection.banks[b].mask >> p & 1) == 0)
				continue;
			to->len = (uint8_t)crypto_digest_size(
			    v.selection.banks[b].alg);
			assert_true(at + to->len <= values.len);
			memcpy(to->at, values.at + at, to->len);
			at += to->len;
		}
	assert_true(pcr_values_digest(&v, TPM_ALG_SHA256, &d));
	assert_true(span_eq(digest_span(&d), q.pcr_digest));
	return v;
}

static struct walked
reached(size_t i, const struct walked *from, struct span log, const char *quote)
{
	struct pcr_values v = quoted(boots[i].folder, quote);
	struct walked w = walk_on(from, log, &v, NULL, log.len);

	if (w.got != IMAWALK_REACHED)
		fail_msg("%s: %s: %s", boots[i].folder, quote, w.err.text);
	return w;
}

static void
every_quote_is_reached_where_it_was_made(void **state)
{
	(void)state;
	for (size_t i = 0; i < LENGTH_OF(boots); i++) {
		AUTO(buf_done)
		struct buf file =
		    load(boots[i].folder, "binary_runtime_measurements");
		struct span log = buf_span(&file);
		struct walked dual, rsa = {0}, ecc;

		if (boots[i].rsa != 0) {
			rsa = reached(i, NULL, log, "rsa_sha256");
			assert_int_equal(rsa.state.n, boots[i].rsa);
		}
		ecc = reached(i, NULL, log, "ecc_sha256");
		assert_int_equal(ecc.state.n, boots[i].ecc);
		/* On from what was kept, with the new part alone. */
		if (boots[i].rsa != 0 && boots[i].rsa <= boots[i].ecc) {
			struct span rest = span_of(log.at + rsa.state.offset,
			                           log.len - rsa.state.offset);
			struct walked next =
			    reached(i, &rsa, rest, "ecc_sha256");

			assert_memory_equal(&next.state, &ecc.state,
			                    sizeof(ecc.state));
		}
		/* Two banks; SHA-384 of that host by the other rule. */
		dual = reached(i, NULL, log, "rsa_dual");
		assert_int_equal(dual.state.n_rules, 2);
		for (size_t r = 0; r < 2; r++)
			assert_int_equal(dual.state.rules[r].padded,
			                 dual.state.rules[r].alg ==
			                     TPM_ALG_SHA384);
	}
}

/* A boot's values, of the quote that is over its PCRs alone. */
static void
boot_aggregate_is_compared(void **state)
{
	(void)state;
	for (size_t i = 0; i < LENGTH_OF(boots); i++) {
		const char *folder = boots[i].folder;
		AUTO(buf_done)
		struct buf file = load(folder, "binary_runtime_measurements");
		struct pcr_values boot = quoted(folder, "rsa_boot"),
				  v = quoted(folder, "ecc_sha256");
		struct err err = {0};
		struct imawalk *w =
		    imawalk_open(NULL, &v, &boot, NULL, 0, &err);

		/* In one of them PCR 8 was extended after the boot. */
		if (folder[0] == 'p') {
			assert_int_equal(imawalk_feed(w, buf_span(&file), &err),
			                 IMAWALK_BAD);
			assert_non_null(
			    strstr(err.text, "boot_aggregate is not of"));
		} else {
			assert_int_equal(imawalk_feed(w, buf_span(&file), &err),
			                 IMAWALK_REACHED);
			assert_true(imawalk_state(w)->aggregate);
		}
		imawalk_free(w);
	}
}

/* What that boot had beside the baseline's files, in order.  The tools that its
 * test ran are among them. */
static const struct {
	uint64_t entry;
	const char *path;
	enum imapolicy_finding finding;
} odd[] = {
    {395, "/usr/bin/true", IMAPOLICY_UNKNOWN},
    {396, "/usr/bin/head", IMAPOLICY_UNKNOWN},
    {397, "/usr/bin/chmod", IMAPOLICY_UNKNOWN},
    {399, "/usr/bin/sync", IMAPOLICY_UNKNOWN},
    {401, "/usr/local/bin/unknown-tool", IMAPOLICY_UNKNOWN},
    {404, "/root/read-by-sh.sh", IMAPOLICY_UNKNOWN},
    {405, "/usr/bin/pinky", IMAPOLICY_UNKNOWN},
    {406, "/usr/bin/mv", IMAPOLICY_UNKNOWN},
    {407, "/usr/bin/pinky", IMAPOLICY_UNKNOWN},
    {409, "/root/violation-open-writers", IMAPOLICY_VIOLATION},
    {410, "/root/violation-open-writers", IMAPOLICY_UNKNOWN},
    {411, "/root/violation-tomtou", IMAPOLICY_UNKNOWN},
    {412, "/root/violation-tomtou", IMAPOLICY_VIOLATION},
    {413, "/usr/local/bin/name_with_space", IMAPOLICY_UNKNOWN},
    {414, "/usr/local/bin/name\nnewline", IMAPOLICY_UNKNOWN},
    {415,
     "/usr/local/bin/na\xc3\xafve-\xc3\xbcn\xc3\xaf"
     "code",
     IMAPOLICY_UNKNOWN},
    {416, "/usr/bin/ls", IMAPOLICY_UNKNOWN},
};

static void
an_unknown_binary_is_explained(void **state)
{
	AUTO(buf_done)
	struct buf good =
	    load("a-baseline-boot1", "binary_runtime_measurements");
	AUTO(buf_done)
	struct buf bytes =
	    load("f-unknown-binary", "binary_runtime_measurements");
	struct imalog log = log_of(buf_span(&bytes));
	struct pcr_values v = quoted("f-unknown-binary", "rsa_dual");
	struct imapolicy *p =
	    policy_of_log(buf_span(&good),
	                  "exclude /var/log\nexclude /var/lib/systemd\n", NULL);
	struct walked w;
	struct imalog_entry e;
	char text[IMAWALK_SENTENCE_MAX];
	struct err err;
	size_t n = 0;

	(void)state;
	while (imalog_next(&log, &e, &err) == IMALOG_ENTRY) {
		enum imapolicy_finding f = imapolicy_judge(p, &e);

		if (imapolicy_weigh(p, f) == IMAPOLICY_PASSED)
			continue;
		assert_true(n < LENGTH_OF(odd));
		assert_int_equal(e.n, odd[n].entry);
		assert_int_equal(f, odd[n].finding);
		assert_true(span_eq(e.path, span_str(odd[n].path)));
		n++;
	}
	assert_int_equal(n, LENGTH_OF(odd));
	w = walk_on(NULL, buf_span(&bytes), &v, p, bytes.len);
	assert_int_equal(w.got, IMAWALK_REACHED);
	assert_int_equal(w.tally.judged, 454);
	assert_int_equal(w.tally.refused, n);
	assert_int_equal(w.state.violations, 2);
	assert_string_equal(imawalk_say(&w.tally.first_refused, text),
	                    "the file /usr/bin/true (entry 395) is not known "
	                    "to the golden value");
	imapolicy_free(p);
}

static void
signatures_are_judged_by_their_certificate(void **state)
{
	AUTO(buf_done)
	struct buf good =
	    load("a-baseline-boot1", "binary_runtime_measurements");
	AUTO(buf_done)
	struct buf log = load("j2-ima-sig", "binary_runtime_measurements");
	AUTO(buf_done) struct buf der = load("tpm-host1", "ima-cert.der");
	char base64[TEXT_BASE64_SIZE(2048)], lines[4096];
	struct imalog reading = log_of(buf_span(&log));
	struct imalog_entry e;
	struct imapolicy *p;
	struct err err;
	size_t n = 0;

	(void)state;
	snprintf(lines, sizeof(lines), "key %s\n",
	         text_base64(buf_span(&der), base64));
	p = policy_of(lines);
	while (imalog_next(&reading, &e, &err) == IMALOG_ENTRY) {
		enum imapolicy_finding f = imapolicy_judge(p, &e);

		n += e.signature.len != 0;
		assert_int_equal(f, e.n == 0               ? IMAPOLICY_AGGREGATE
		                    : e.signature.len != 0 ? IMAPOLICY_SIGNED
		                                           : IMAPOLICY_UNKNOWN);
	}
	assert_int_equal(n, 4);
	imapolicy_free(p);
}

/* Altered at entry 396, which the quotes cover. */
static const struct {
	const char *file, *why;
	enum imawalk_got got;
} altered[] = {
    {"h21-ima-template-digest.bin", "not that of its data", IMAWALK_BAD},
    {"h22-ima-entry-dropped.bin", "has 436 entries", IMAWALK_NOT_REACHED},
    {"h24-ima-truncated-at-boundary.bin", "has 396 entries",
     IMAWALK_NOT_REACHED},
    {"h25-ima-fake-violation.bin", "has 437 entries", IMAWALK_NOT_REACHED},
    {"h27-ima-pcr-11.bin", "not for PCR 10", IMAWALK_BAD},
    {"h28-ima-name-length-huge.bin", "template name", IMAWALK_BAD},
};

static void
altered_lists_reach_no_quote(void **state)
{
	static const char *const quotes[] = {"rsa_sha256", "ecc_sha256",
	                                     "rsa_dual", "ecc_sha1"};

	(void)state;
	for (size_t i = 0; i < LENGTH_OF(altered); i++)
		for (size_t q = 0; q < LENGTH_OF(quotes); q++) {
			AUTO(buf_done)
			struct buf log = load("h-tampered", altered[i].file);
			struct pcr_values v =
			    quoted("a-baseline-boot1", quotes[q]);
			struct walked w =
			    walk_on(NULL, buf_span(&log), &v, NULL, 1000);

			assert_int_equal(w.got, altered[i].got);
			if (strstr(w.err.text, altered[i].why) == NULL)
				fail_msg("'%s' is not '%s'", w.err.text,
				         altered[i].why);
		}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(every_quote_is_reached_where_it_was_made),
	    cmocka_unit_test(boot_aggregate_is_compared),
	    cmocka_unit_test(an_unknown_binary_is_explained),
	    cmocka_unit_test(signatures_are_judged_by_their_certificate),
	    cmocka_unit_test(altered_lists_reach_no_quote),
	};
	struct stat folder;

	if (stat(BOOT_DIR, &folder) != 0) {
		print_message(BOOT_DIR ": not there: left out\n");
		return 77;
	}
	return cmocka_run_group_tests(tests, NULL, NULL);
}
