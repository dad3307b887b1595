/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The logs of whole boots against what their TPMs quoted; logs that were
 * altered; the two forms of each against each other. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "imalog_help.h"

#define BOOT_DIR SHARED_DIR "/boot"

/* The entries that two quotes of the SHA-256 bank cover (0: no quote). */
static const struct {
	const char *folder;
	uint64_t n, violations, rsa, ecc;
} boots[] = {
    {"a-baseline-boot1", 437, 0, 432, 434},
    {"b-baseline-boot2", 437, 0, 432, 434},
    {"b2-warm-reboot", 437, 0, 434, 436},
    {"c-cmdline", 438, 0, 433, 437},
    {"d1-kernel-6.12", 417, 0, 0, 416},
    {"d2-kernel-cloud", 410, 0, 404, 409},
    {"d3-grubcfg", 437, 0, 432, 434},
    {"d4-legacy-linux-no-eventlog", 437, 0, 434, 436},
    {"e0-secboot-fw-off", 437, 0, 434, 436},
    {"e1-secureboot-on", 437, 0, 434, 436},
    {"f-unknown-binary", 454, 2, 454, 454},
    {"g-bootorder", 437, 0, 432, 436},
    {"i-sdboot-uki", 436, 0, 433, 435},
    {"j1-ima-ngv2", 437, 0, 434, 436},
    {"j2-ima-sig", 437, 0, 432, 434},
    {"k-tpm-tis", 437, 0, 430, 434},
    {"l-host2-sha256-sha384", 459, 0, 459, 459},
    {"m2-memory-2g", 437, 0, 432, 436},
    {"m3-smp1", 437, 0, 432, 436},
    {"m4-mem2g-smp2", 437, 0, 432, 434},
    {"n-firmware-2m", 437, 0, 432, 434},
    {"p-unlogged-extend", 439, 0, 434, 436},
};

static bool
load(const char *folder, const char *name, struct buf *out)
{
	char path[512];

	snprintf(path, sizeof(path), "%s/%s/%s", SHARED_DIR, folder, name);
	return imalog_load_path(path, out);
}

static struct buf
load_boot(const char *folder, const char *name)
{
	struct buf out = {0};
	char path[256];

	snprintf(path, sizeof(path), "boot/%s", folder);
	if (!load(path, name, &out))
		fail_msg("%s/%s: not there", path, name);
	return out;
}

/* After how many entries PCR 10 of a bank has this value; 0: never, or the
 * replay is refused before. */
static uint64_t
met(struct span bytes, uint16_t alg, bool padded, struct span value)
{
	struct imalog log = log_of(bytes);
	struct imareplay r = {0};
	struct imalog_entry e;
	struct err err;

	assert_true(imareplay_bank(&r, alg, padded));
	while (imalog_next(&log, &e, &err) == IMALOG_ENTRY) {
		if (!imareplay_extend(&r, log.alg, &e, &err))
			return 0;
		if (span_eq(digest_span(&r.banks[0].pcrs[10]), value))
			return r.n;
	}
	return 0;
}

/* Of PCR 10 in a quote's values; they begin with PCR 0. */
static struct span
pcr10(const struct buf *values, size_t before, uint16_t alg)
{
	size_t size = crypto_digest_size(alg);

	assert_true(values->len >= before + 11 * size);
	return span_of(values->at + before + 10 * size, size);
}

static void
check_quotes(size_t i)
{
	const char *folder = boots[i].folder;
	AUTO(buf_done) struct buf log = {0}, rsa = {0}, ecc = {0}, dual = {0};
	bool host2 = strncmp(folder, "l-", 2) == 0;
	uint16_t other = host2 ? TPM_ALG_SHA384 : TPM_ALG_SHA1;
	struct span bytes, value;
	uint64_t at;

	log = load_boot(folder, "binary_runtime_measurements");
	bytes = buf_span(&log);
	if (boots[i].rsa != 0) {
		rsa = load_boot(folder, "quote_rsa_sha256.pcrs");
		assert_int_equal(met(bytes, TPM_ALG_SHA256, false,
		                     pcr10(&rsa, 0, TPM_ALG_SHA256)),
		                 boots[i].rsa);
	}
	ecc = load_boot(folder, "quote_ecc_sha256.pcrs");
	assert_int_equal(
	    met(bytes, TPM_ALG_SHA256, false, pcr10(&ecc, 0, TPM_ALG_SHA256)),
	    boots[i].ecc);
	/* Two banks in one quote are met at one entry; the SHA-384 of this
	 * kernel by the other rule alone. */
	dual = load_boot(folder, "quote_rsa_dual.pcrs");
	value = pcr10(&dual, 12 * crypto_digest_size(other), TPM_ALG_SHA256);
	at = met(bytes, TPM_ALG_SHA256, false, value);
	assert_true(at != 0);
	assert_int_equal(met(bytes, TPM_ALG_SHA256, true, value), 0);
	value = pcr10(&dual, 0, other);
	assert_int_equal(met(bytes, other, host2, value), at);
	if (host2)
		assert_int_equal(met(bytes, other, false, value), 0);
}

static void
quotes_are_met_where_they_were_made(void **state)
{
	(void)state;
	for (size_t i = 0; i < LENGTH_OF(boots); i++) {
		print_message("%s\n", boots[i].folder);
		check_quotes(i);
	}
}

static void
the_end_is_met_by_a_later_log(void **state)
{
	(void)state;
	for (size_t i = 0; i < LENGTH_OF(boots); i++) {
		AUTO(buf_done)
		struct buf log = load_boot(boots[i].folder,
		                           "binary_runtime_measurements.late");
		AUTO(buf_done)
		struct buf now =
		    load_boot(boots[i].folder, "pcrs_after.sha256.bin");

		assert_true(met(buf_span(&log), TPM_ALG_SHA256, false,
		                pcr10(&now, 0, TPM_ALG_SHA256)) >=
		            boots[i].ecc);
	}
}

static void
aggregates_are_of_the_boot(void **state)
{
	(void)state;
	for (size_t i = 0; i < LENGTH_OF(boots); i++) {
		const char *folder = boots[i].folder;
		AUTO(buf_done)
		struct buf log =
		    load_boot(folder, "binary_runtime_measurements");
		AUTO(buf_done)
		struct buf now = load_boot(folder, "quote_rsa_boot.pcrs");
		struct pcr_values v = {
		    .selection = {1, {{TPM_ALG_SHA256, 0x3ff}}}};
		struct imalog reading = log_of(buf_span(&log));
		struct imalog_entry e;
		struct digest d;
		struct err err;

		assert_int_equal(now.len, 10 * SHA256_SIZE);
		for (size_t p = 0; p < 10; p++) {
			v.values[0][p].len = SHA256_SIZE;
			memcpy(v.values[0][p].at, now.at + p * SHA256_SIZE,
			       SHA256_SIZE);
		}
		assert_int_equal(imalog_next(&reading, &e, &err), IMALOG_ENTRY);
		assert_true(imalog_is_aggregate(&e));
		assert_true(
		    imareplay_aggregate(&v, imalog_alg(e.file.alg), &d));
		/* In one of them PCR 8 was extended after the boot. */
		assert_true(span_eq(digest_span(&d), e.file.value) ==
		            (strncmp(folder, "p-", 2) != 0));
	}
}

static bool
same(const struct imalog_entry *a, const struct imalog_entry *b)
{
	return a->n == b->n && a->pcr == b->pcr &&
	       span_eq(a->digest, b->digest) &&
	       span_eq(a->template, b->template) && span_eq(a->data, b->data) &&
	       a->violation == b->violation && a->known && b->known &&
	       span_eq(a->file.type, b->file.type) &&
	       span_eq(a->file.alg, b->file.alg) &&
	       span_eq(a->file.value, b->file.value) &&
	       span_eq(a->path, b->path) && span_eq(a->signature, b->signature);
}

/* How many entries of the two forms are the same, from the first. */
static uint64_t
same_entries(struct span binary, struct span text)
{
	struct imalog a = log_of(binary), b = log_of(text);
	struct imalog_entry x, y;
	struct err err;

	assert_int_equal(a.form, IMALOG_BINARY);
	assert_int_equal(b.form, IMALOG_TEXT);
	assert_int_equal(a.alg, b.alg);
	while (imalog_next(&a, &x, &err) == IMALOG_ENTRY &&
	       imalog_next(&b, &y, &err) == IMALOG_ENTRY)
		if (!same(&x, &y))
			return x.n;
	return a.n < b.n ? a.n : b.n;
}

static void
both_forms_are_one_log(void **state)
{
	(void)state;
	for (size_t i = 0; i < LENGTH_OF(boots); i++) {
		const char *folder = boots[i].folder;
		AUTO(buf_done)
		struct buf binary =
		    load_boot(folder, "binary_runtime_measurements");
		AUTO(buf_done)
		struct buf text =
		    load_boot(folder, "ascii_runtime_measurements");
		struct imalog log = log_of(buf_span(&binary));
		struct imareplay r = {0};
		struct err err = {0};

		if (replay_of(&log, &r, &err) != IMALOG_END)
			fail_msg("%s: %s", folder, err.text);
		assert_int_equal(r.n, boots[i].n);
		assert_int_equal(r.violations, boots[i].violations);
		/* The one that has a file with the end of a line in its name,
		 * which is no name in text. */
		assert_int_equal(
		    same_entries(buf_span(&binary), buf_span(&text)),
		    folder[0] == 'f' ? 414 : boots[i].n);
	}
}

static void
lists_of_one_bank_lead_to_the_same(void **state)
{
	const char *folder = "d1-kernel-6.12";
	AUTO(buf_done)
	struct buf plain = load_boot(folder, "binary_runtime_measurements");
	AUTO(buf_done)
	struct buf binary =
	    load_boot(folder, "binary_runtime_measurements_sha256");
	AUTO(buf_done)
	struct buf text =
	    load_boot(folder, "ascii_runtime_measurements_sha256");
	struct imalog a = log_of(buf_span(&plain)),
		      b = log_of(buf_span(&binary));
	struct imareplay x = {0}, y = {0};
	struct err err;

	(void)state;
	assert_int_equal(b.alg, TPM_ALG_SHA256);
	assert_int_equal(replay_of(&a, &x, &err), IMALOG_END);
	assert_int_equal(replay_of(&b, &y, &err), IMALOG_END);
	assert_memory_equal(&x, &y, sizeof(x));
	assert_int_equal(same_entries(buf_span(&binary), buf_span(&text)), 417);
}

/* Altered at entry 396, which both quotes cover. */
static const struct {
	const char *file, *why; /* NULL: it replays, and meets no quote */
	uint64_t n;             /* good entries */
} altered[] = {
    {"h21-ima-template-digest.bin", "entry 396, offset 51503: the recorded",
     396},
    {"h22-ima-entry-dropped.bin", NULL, 436},
    {"h24-ima-truncated-at-boundary.bin", NULL, 396},
    {"h25-ima-fake-violation.bin", NULL, 437},
    {"h27-ima-pcr-11.bin", NULL, 437},
    {"h28-ima-name-length-huge.bin",
     "entry 396, offset 51527: too long a template name: 4294967280", 396},
};

static void
altered_logs_meet_no_quote(void **state)
{
	AUTO(buf_done)
	struct buf rsa = load_boot("a-baseline-boot1", "quote_rsa_sha256.pcrs");
	AUTO(buf_done)
	struct buf dual = load_boot("a-baseline-boot1", "quote_rsa_dual.pcrs");

	(void)state;
	for (size_t i = 0; i < LENGTH_OF(altered); i++) {
		AUTO(buf_done)
		struct buf file = load_boot("h-tampered", altered[i].file);
		struct span bytes = buf_span(&file);
		struct imalog log = log_of(bytes);
		struct imareplay r = {0};
		struct err err = {0};

		assert_int_equal(replay_of(&log, &r, &err),
		                 altered[i].why != NULL ? IMALOG_BAD
		                                        : IMALOG_END);
		if (altered[i].why != NULL &&
		    strstr(err.text, altered[i].why) == NULL)
			fail_msg("%s: %s", altered[i].file, err.text);
		assert_int_equal(r.n, altered[i].n);
		assert_int_equal(met(bytes, TPM_ALG_SHA256, false,
		                     pcr10(&rsa, 0, TPM_ALG_SHA256)),
		                 0);
		assert_int_equal(met(bytes, TPM_ALG_SHA1, false,
		                     pcr10(&dual, 0, TPM_ALG_SHA1)),
		                 0);
	}
}

static void
a_log_of_another_machine_is_read(void **state)
{
	AUTO(buf_done) struct buf binary = {0}, text = {0};
	struct imareplay r = {0};
	struct imalog log;
	struct err err = {0};

	(void)state;
	assert_true(
	    load("public/charra", "ima-binary_runtime_measurements", &binary));
	assert_true(
	    load("public/charra", "ima-ascii_runtime_measurements", &text));
	log = log_of(buf_span(&binary));
	if (replay_of(&log, &r, &err) != IMALOG_END)
		fail_msg("%s", err.text);
	assert_int_equal(r.n, 1650);
	assert_int_equal(same_entries(buf_span(&binary), buf_span(&text)),
	                 1646);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(quotes_are_met_where_they_were_made),
	    cmocka_unit_test(the_end_is_met_by_a_later_log),
	    cmocka_unit_test(aggregates_are_of_the_boot),
	    cmocka_unit_test(both_forms_are_one_log),
	    cmocka_unit_test(lists_of_one_bank_lead_to_the_same),
	    cmocka_unit_test(altered_logs_meet_no_quote),
	    cmocka_unit_test(a_log_of_another_machine_is_read),
	};
	struct stat folder;

	if (stat(BOOT_DIR, &folder) != 0) {
		print_message(BOOT_DIR ": not there: left out\n");
		return 77;
	}
	return cmocka_run_group_tests(tests, NULL, NULL);
}
