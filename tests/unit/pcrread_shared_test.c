/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What tpm2_pcrread printed on many machines, against the bytes that it wrote
 * at the same time. */
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
#include "evidence/pcrread.h"

/* IMA extends its PCR between the two readings. */
enum { PATH_SIZE = 512, SKIPPED = 77, PCR_OF_IMA = 10 };

#define BOOTS SHARED_DIR "/boot"

static bool
load(const char *boot, const char *name, struct buf *out)
{
	char path[PATH_SIZE];
	uint8_t part[8192];
	FILE *file;
	size_t n;

	snprintf(path, sizeof(path), BOOTS "/%s/%s", boot, name);
	file = fopen(path, "rb");
	if (file == NULL)
		return false;
	while ((n = fread(part, 1, sizeof(part), file)) > 0)
		buf_add(out, span_of(part, n));
	fclose(file);
	return true;
}

/* Returns how many values were compared. */
static size_t
compare_bank(const char *boot, const struct pcr_values *v, const char *bank)
{
	AUTO(buf_done) struct buf bytes = {0};
	int b = pcr_selection_find(&v->selection, pcr_bank_of(bank));
	size_t size = crypto_digest_size(pcr_bank_of(bank));
	char name[64];

	snprintf(name, sizeof(name), "pcrs_after.%s.bin", bank);
	if (!load(boot, name, &bytes) || bytes.len == 0)
		return 0;
	assert_true(b >= 0);
	assert_int_equal(bytes.len, PCR_COUNT * size);
	for (unsigned p = 0; p < PCR_COUNT; p++)
		if (p != PCR_OF_IMA &&
		    !span_eq(digest_span(&v->values[b][p]),
		             span_of(bytes.at + p * size, size)))
			fail_msg("%s: PCR %u of %s", boot, p, bank);
	return PCR_COUNT - 1;
}

static void
text_and_bytes_are_the_same(void **state)
{
	DIR *dir = opendir(BOOTS);
	const struct dirent *entry;
	size_t files = 0, values = 0;

	(void)state;
	assert_non_null(dir);
	while ((entry = readdir(dir)) != NULL) {
		AUTO(buf_done) struct buf text = {0};
		struct pcr_values v;
		struct err err = {0};

		if (entry->d_name[0] == '.' ||
		    !load(entry->d_name, "pcrs_after.yaml", &text))
			continue;
		if (!pcrread_parse(buf_span(&text), &v, &err))
			fail_msg("%s: %s", entry->d_name, err.text);
		files++;
		values += compare_bank(entry->d_name, &v, "sha1");
		values += compare_bank(entry->d_name, &v, "sha256");
		values += compare_bank(entry->d_name, &v, "sha384");
	}
	closedir(dir);
	print_message("%zu files, %zu values\n", files, values);
	assert_true(files > 0 && values > 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(text_and_bytes_are_the_same),
	};
	DIR *dir = opendir(BOOTS);

	if (dir == NULL)
		return SKIPPED;
	closedir(dir);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
