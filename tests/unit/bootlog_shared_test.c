/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Boot logs of many machines against tpm2_eventlog's reading of them, event by
 * event, and against the PCRs that their TPMs held. */
#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/text.h"
#include "bootlog_help.h"

enum { PATH_SIZE = 512, LINE_SIZE = 256 * 1024 };

/* What tpm2_eventlog prints, a line at a time. */
struct yaml {
	FILE *file;
	char *line; /* without its end; what is kept of it */
	size_t size;
};

static bool
yaml_next(struct yaml *y)
{
	ssize_t len = getline(&y->line, &y->size, y->file);

	if (len > 0 && y->line[len - 1] == '\n')
		y->line[len - 1] = '\0';
	return len >= 0;
}

/* The value of a line that is "KEY: VALUE", in quotes or not, or NULL. */
static char *
yaml_value(struct yaml *y, const char *key)
{
	char *at = y->line + strspn(y->line, " -");
	size_t len = strlen(key);

	if (strncmp(at, key, len) != 0 || strncmp(at + len, ": ", 2) != 0)
		return NULL;
	at += len + 2;
	if (*at == '"' && at[strlen(at) - 1] == '"') {
		at[strlen(at) - 1] = '\0';
		at++;
	}
	return at;
}

/* The next line with that key; its value. */
static const char *
yaml_find(struct yaml *y, const char *key)
{
	while (yaml_next(y)) {
		const char *value = yaml_value(y, key);

		if (value != NULL)
			return value;
	}
	fail_msg("no more %s", key);
	return "";
}

static void
compare_event(struct yaml *y, const struct bootlog_event *e, bool agile)
{
	const char *name = bootlog_type_name(e->type);
	char number[16], hex[TEXT_HEX_SIZE(DIGEST_MAX)];

	snprintf(number, sizeof(number), "%u", e->pcr);
	assert_string_equal(yaml_find(y, "PCRIndex"), number);
	assert_non_null(name);
	assert_string_equal(yaml_find(y, "EventType"), name);
	for (size_t i = 0; i < e->n_digests; i++) {
		if (!agile || e->number != 0)
			assert_string_equal(yaml_find(y, "AlgorithmId"),
			                    pcr_bank_name(e->digests[i].alg));
		assert_string_equal(yaml_find(y, "Digest"),
		                    text_hex(e->digests[i].value, hex));
	}
	snprintf(number, sizeof(number), "%zu", e->data.len);
	assert_string_equal(yaml_find(y, "EventSize"), number);
}

/* The section `pcrs`: "  BANK:" and "    PCR  : 0xHEX". */
static void
compare_pcrs(struct yaml *y, const struct bootlog_replay *r)
{
	uint32_t seen[PCR_BANKS_MAX] = {0};
	int bank = -1;

	while (strcmp(y->line, "pcrs:") != 0)
		assert_true(yaml_next(y));
	while (yaml_next(y)) {
		char name[16], hex[TEXT_HEX_SIZE(DIGEST_MAX)];
		unsigned pcr;

		if (sscanf(y->line, " %u : 0x%128s", &pcr, hex) == 2) {
			char ours[TEXT_HEX_SIZE(DIGEST_MAX)];

			assert_true(bank >= 0 && pcr < PCR_COUNT);
			seen[bank] |= UINT32_C(1) << pcr;
			text_hex(digest_span(&r->values.values[bank][pcr]),
			         ours);
			assert_string_equal(hex, ours);
		} else if (sscanf(y->line, " %15[a-z0-9]:", name) == 1) {
			bank = pcr_selection_find(&r->values.selection,
			                          pcr_bank_of(name));
		}
	}
	for (size_t b = 0; b < r->values.selection.n; b++)
		assert_int_equal(seen[b], r->values.selection.banks[b].mask);
}

static void
compare_yaml(const char *path, struct span bytes)
{
	struct yaml y = {.file = fopen(path, "r")};
	struct bootlog_replay replay;
	struct bootlog_event e;
	struct bootlog log;
	struct err err;

	if (y.file == NULL)
		fail_msg("%s: not there", path);
	if (!bootlog_replay(bytes, &replay, &err))
		fail_msg("%s: %s", path, err.text);
	assert_true(bootlog_open(bytes, &log, &err));
	while (bootlog_next(&log, &e, &err) == BOOTLOG_EVENT)
		compare_event(&y, &e, log.agile);
	compare_pcrs(&y, &replay); /* no event before them */
	free(y.line);
	fclose(y.file);
}

/* PCRs that were extended with no word in the log. */
static const struct {
	const char *machine, *bank;
	uint32_t pcrs;
} silent[] = {
    {"i-sdboot-uki", "sha1", 1u << 11},
    {"i-sdboot-uki", "sha256", 1u << 11},
    {"p-unlogged-extend", "sha1", 1u << 8},
    {"p-unlogged-extend", "sha256", 1u << 8 | 1u << 14 | 1u << 23},
};

static size_t
compare_held(const char *machine, const struct bootlog_replay *r)
{
	size_t banks = 0;

	for (size_t b = 0; b < r->values.selection.n; b++) {
		const char *bank =
		    pcr_bank_name(r->values.selection.banks[b].alg);
		AUTO(buf_done) struct buf held = {0};
		char path[PATH_SIZE];
		uint32_t expected = 0;

		snprintf(path, sizeof(path),
		         SHARED_DIR "/boot/%s/pcrs_after.%s.bin", machine,
		         bank);
		held = bootlog_load(path);
		for (size_t i = 0; i < LENGTH_OF(silent); i++)
			if (strcmp(silent[i].machine, machine) == 0 &&
			    strcmp(silent[i].bank, bank) == 0)
				expected = silent[i].pcrs;
		if (bootlog_unlike(r, b, buf_span(&held)) != expected)
			fail_msg("%s: %s is not what the TPM held: %x", machine,
			         bank, bootlog_unlike(r, b, buf_span(&held)));
		banks++;
	}
	return banks;
}

static void
test_machines(void **state)
{
	DIR *folder = opendir(SHARED_DIR "/boot");
	size_t machines = 0, banks = 0;
	struct dirent *e;

	(void)state;
	assert_non_null(folder);
	while ((e = readdir(folder)) != NULL) {
		AUTO(buf_done) struct buf log = {0};
		struct bootlog_replay replay;
		char path[PATH_SIZE];
		struct err err;

		snprintf(path, sizeof(path),
		         SHARED_DIR "/boot/%s/binary_bios_measurements",
		         e->d_name);
		log = bootlog_load(path);
		if (log.len == 0)
			continue;
		if (!bootlog_replay(buf_span(&log), &replay, &err))
			fail_msg("%s: %s", e->d_name, err.text);
		banks += compare_held(e->d_name, &replay);
		snprintf(path, sizeof(path),
		         SHARED_DIR "/boot/%s/eventlog.yaml", e->d_name);
		compare_yaml(path, buf_span(&log));
		machines++;
	}
	closedir(folder);
	print_message("%zu machines, %zu banks\n", machines, banks);
	assert_int_equal(machines, 21);
	assert_int_equal(banks, 42);
}

static void
test_public(void **state)
{
	static const char *const names[] = {
	    "event-arch-linux",     "event-bootorder",
	    "event-moklisttrusted", "event-gce-ubuntu-2104-log",
	    "event-postcode",       "event-sd-boot-fedora37",
	    "event-uefi-sha1-log"};
	struct bootlog_replay replay;
	struct err err;

	(void)state;
	for (size_t i = 0; i < LENGTH_OF(names); i++) {
		AUTO(buf_done) struct buf log = {0};
		char path[PATH_SIZE];

		snprintf(path, sizeof(path),
		         SHARED_DIR "/public/tpm2-tools/%s.bin", names[i]);
		log = bootlog_load(path);
		snprintf(path, sizeof(path),
		         SHARED_DIR "/public/tpm2-tools/%s.bin.yaml", names[i]);
		compare_yaml(path, buf_span(&log));
	}
	AUTO(buf_done)
	struct buf log = bootlog_load(
	    SHARED_DIR "/public/charra/tcg-boot-binary_bios_measurements");

	assert_true(bootlog_replay(buf_span(&log), &replay, &err));
	assert_int_equal(replay.events, 108);
}

/* The GRUB machine's log, altered: where it no longer replays to what its TPM
 * held (SHA-1, SHA-256), or why it is refused. */
static const struct {
	const char *file;
	uint32_t sha1, sha256;
	const char *refusal;
} tampered[] = {
    {"h01-eventlog-digest-sha256", 0, 1u << 9, NULL},
    {"h02-eventlog-digest-sha1", 1u << 9, 0, NULL},
    {"h04-eventlog-event-dropped", 1u << 8, 1u << 8, NULL},
    {"h05-eventlog-truncated-mid-event", 0, 0, "byte 7016: event 52 is cut"},
    {"h07-eventlog-swapped", 1u << 8, 1u << 8, NULL},
    {"h08-eventlog-pcr-index-changed", 1u << 9 | 1u << 23, 1u << 9 | 1u << 23,
     NULL},
    {"h10-eventlog-digest-count-huge", 0, 0, "event 51 has 4294967295 digests"},
    {"h11-eventlog-event-size-huge", 0, 0, "event 51 is cut short"},
    {"h13-eventlog-event-appended", 1u << 8, 1u << 8, NULL},
    {"h14-eventlog-fake-startup-locality", 1, 1, NULL},
    {"h16-eventlog-empty", 0, 0, "there is no event"},
    {"h17-eventlog-header-alg-count", 0, 0, "sizes do not fit"},
};

static void
test_tampered(void **state)
{
	static const char *const banks[] = {"sha1", "sha256"};

	(void)state;
	for (size_t i = 0; i < LENGTH_OF(tampered); i++) {
		AUTO(buf_done) struct buf log = {0};
		struct bootlog_replay r;
		char path[PATH_SIZE];
		struct err err = {0};

		snprintf(path, sizeof(path),
		         SHARED_DIR "/boot/h-tampered/%s.bin",
		         tampered[i].file);
		log = bootlog_load(path);
		if (tampered[i].refusal != NULL) {
			assert_false(bootlog_replay(buf_span(&log), &r, &err));
			assert_non_null(strstr(err.text, tampered[i].refusal));
			continue;
		}
		assert_true(bootlog_replay(buf_span(&log), &r, &err));
		for (size_t b = 0; b < 2; b++) {
			AUTO(buf_done) struct buf held = {0};

			snprintf(path, sizeof(path),
			         SHARED_DIR
			         "/boot/a-baseline-boot1/pcrs_after.%s.bin",
			         banks[b]);
			held = bootlog_load(path);
			assert_int_equal(bootlog_unlike(&r, b, buf_span(&held)),
			                 b == 0 ? tampered[i].sha1
			                        : tampered[i].sha256);
		}
	}
}

int
main(void)
{
	const struct CMUnitTest all[] = {
	    cmocka_unit_test(test_machines),
	    cmocka_unit_test(test_public),
	    cmocka_unit_test(test_tampered),
	};
	DIR *folder = opendir(SHARED_DIR "/boot");

	if (folder == NULL) {
		print_message(SHARED_DIR ": not there: left out\n");
		return 77;
	}
	closedir(folder);
	return cmocka_run_group_tests(all, NULL, NULL);
}
