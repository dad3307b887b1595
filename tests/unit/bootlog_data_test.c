/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a log says of its events: whether a digest is of the data, and words. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/text.h"
#include "bootlog_help.h"
#include "evidence/bootlog_type.h"
#include "evidence/printable.h"

/* Each event of a log: its match, and that one turned bit of data undoes it. */
static void
check_matches(const char *path, const char *expected)
{
	AUTO(buf_done) struct buf bytes = bootlog_load(path);
	static const char marks[] = {[BOOTLOG_NOT_OF_DATA] = '.',
	                             [BOOTLOG_DIFFERS] = '!',
	                             [BOOTLOG_MATCHES] = 'm'};
	struct bootlog_event e;
	char found[100] = {0};
	struct bootlog log;
	struct err err;
	size_t n = 0;

	assert_true(bootlog_open(buf_span(&bytes), &log, &err));
	while (bootlog_next(&log, &e, &err) == BOOTLOG_EVENT) {
		enum bootlog_match match = bootlog_match(&e);
		size_t last = (size_t)(e.data.at - bytes.at) + e.data.len - 2;

		assert_true(n + 1 < sizeof(found));
		found[n++] = marks[match];
		if (match != BOOTLOG_MATCHES)
			continue;
		bytes.at[last] ^= 1;
		assert_int_not_equal(bootlog_match(&e), BOOTLOG_MATCHES);
		bytes.at[last] ^= 1;
		/* Every bank must agree. */
		for (size_t i = 0; i < e.n_digests; i++) {
			size_t at = (size_t)(e.digests[i].value.at - bytes.at);

			bytes.at[at] ^= 1;
			assert_int_not_equal(bootlog_match(&e),
			                     BOOTLOG_MATCHES);
			bytes.at[at] ^= 1;
		}
	}
	assert_string_equal(found, expected);
}

static void
test_matches(void **state)
{
	(void)state;
	/* Not of the data: firmware, images, GRUB's files, shim's lists. */
	check_matches(FIXTURES_DIR "/bootlog/grub.log",
	              ".m..mmmmmmmmmmmmmmmmmmmmmm...m..mmmm.mmm.mmmmmmmmmm.mmm"
	              ".mm");
	check_matches(FIXTURES_DIR "/bootlog/uki.log",
	              ".m..mmmmmmmmmmmmmmmmmmmmmm..m........m....mm");
}

struct telling {
	uint32_t type;
	const char *data;
	size_t len;
	const char *text;
};

#define BYTES(s) s, sizeof(s) - 1

static const struct telling tellings[] = {
    {EV_SEPARATOR, BYTES("\0\0\0\0"), "end of the firmware's part"},
    {EV_SEPARATOR, BYTES("\1\0\0\0"), "the firmware met an error"},
    {EV_S_CRTM_VERSION, BYTES("\0\0"), "firmware version not given"},
    {EV_S_CRTM_VERSION, BYTES("v\0001\0\0\0"), "firmware version v1"},
    {EV_S_CRTM_VERSION,
     BYTES("\x1e\xfb\x6b\x54\x0c\x1d\x55\x40\xa4\xad\x4e\xf4\xbf\x17\xb8\x3a"),
     "firmware version 546bfb1e-1d0c-4055-a4ad-4ef4bf17b83a"},
    {EV_POST_CODE, BYTES("ACPI DATA"), "ACPI DATA"},
    {EV_POST_CODE, BYTES("\0\0\2\0\0\0\0\0\0\1\0\0\0\0\0\0"),
     "firmware, 256 bytes at 0x20000"},
    {EV_EFI_PLATFORM_FIRMWARE_BLOB2,
     BYTES("\3abc\0\0\2\0\0\0\0\0\0\1\0\0\0\0\0\0"),
     "firmware, 256 bytes at 0x20000: abc"},
    {EV_EFI_ACTION, BYTES("Exit\x1b[2J"), "8 bytes 457869741b5b324a"},
    {EV_EFI_ACTION, BYTES("caf\xc3\xa9 \xff\xe2\x80\xae"),
     "caf\xc3\xa9 \\xff\\u{202e}"},
    {EV_IPL, BYTES("grub_cmd: set a=1\nb\0"), "grub_cmd: set a=1\\u{a}b"},
    {EV_IPL, BYTES(".\0l\0i\0\0\0"), ".li"},
    {EV_NO_ACTION, BYTES("StartupLocality\0\3"),
     "not extended: StartupLocality 3"},
    {EV_EVENT_TAG, BYTES("\1\0\0\0\3\0\0\0abc"), "tag 0x00000001: abc"},
    {EV_EVENT_TAG, BYTES("\1\0\0\0\4\0\0\0abc"),
     "11 bytes 0100000004000000616263"},
    {EV_EFI_VARIABLE_BOOT, BYTES("short"), "no variable: 5 bytes 73686f7274"},
    {EV_EFI_GPT_EVENT, BYTES("short"),
     "no partition table: 5 bytes 73686f7274"},
    {EV_EFI_BOOT_SERVICES_DRIVER, BYTES("short"),
     "no image: 5 bytes 73686f7274"},
    {0x12345678, BYTES(""), "0 bytes"},
};

static void
test_words(void **state)
{
	(void)state;
	for (size_t i = 0; i < LENGTH_OF(tellings); i++) {
		struct bootlog_event e = {
		    .type = tellings[i].type,
		    .data = span_of(tellings[i].data, tellings[i].len)};
		char text[BOOTLOG_TEXT_MAX];

		bootlog_describe(&e, text);
		assert_true(text_is_printable(text));
		assert_string_equal(text, tellings[i].text);
	}
}

static const struct {
	uint32_t number;
	const char *text;
} told[] = {
    {0, "not extended: Spec ID Event03"},
    {2, "firmware, 917504 bytes at 0x820000"},
    {4, "variable SecureBoot, 1 bytes, of "
        "8be4df61-93ca-11d2-aa0d-00e098032b8c"},
    {11, "variable Boot0005, 118 bytes, of "
         "8be4df61-93ca-11d2-aa0d-00e098032b8c: debian"},
    {17, "Calling EFI Application from Boot Option"},
    {25, "disk 99999999-2222-3333-4444-555555555555, 2 partitions"},
    {26, "image of 140891 bytes: partition 1 \\EFI\\debian\\shimx64.efi"},
    {27, "image of 14589793 bytes: partition 1 \\EFI\\Linux\\lab.efi"},
    {29, ".linux"},
    {40, "tag 0x8f3b22ed: LOADED_IMAGE::LoadOptions"},
    {43, "Exit Boot Services Returned with Success"},
};

static void
test_real_words(void **state)
{
	AUTO(buf_done)
	struct buf bytes = bootlog_load(FIXTURES_DIR "/bootlog/uki.log");
	struct bootlog_event e;
	struct bootlog log;
	struct err err;
	size_t i = 0;

	(void)state;
	assert_true(bootlog_open(buf_span(&bytes), &log, &err));
	while (bootlog_next(&log, &e, &err) == BOOTLOG_EVENT) {
		char text[BOOTLOG_TEXT_MAX];

		bootlog_describe(&e, text);
		if (i == LENGTH_OF(told) || e.number != told[i].number)
			continue;
		assert_string_equal(text, told[i].text);
		i++;
	}
	assert_int_equal(i, LENGTH_OF(told));
}

static void
test_printable(void **state)
{
	static const struct {
		bool wide;
		const char *bytes;
		size_t len;
		const char *text;
	} all[] = {
	    {false, BYTES("a\xc3"), "a\\xc3"},
	    {false, BYTES("\xc0\x80"), "\\xc0\\x80"},
	    {false, BYTES("\xed\xa0\x80"), "\\xed\\xa0\\x80"},
	    {false, BYTES("\xf4\x90\x80\x80"), "\\xf4\\x90\\x80\\x80"},
	    {false, BYTES("\xf0\x9f\x90\xa7"), "\xf0\x9f\x90\xa7"},
	    {false, BYTES("\xc2\x9b"), "\\u{9b}"},
	    {false, BYTES("a\0b"), "a"},
	    {true, BYTES("a\0\xac\x20"), "a\xe2\x82\xac"},
	    {true, BYTES("\x3d\xd8\x27\xdc"), "\xf0\x9f\x90\xa7"},
	    {true, BYTES("\x3d\xd8\x61\0"), "\\u{d83d}a"},
	    {true, BYTES("\x3d\xd8"), "\\u{d83d}"},
	    {true, BYTES("\x27\xdc\x1b\0"), "\\u{dc27}\\u{1b}"},
	    {true, BYTES("a\0b\0c"), "ab"},
	    {false, BYTES("0123456789012345678901234567"),
	     "0123456789012345678901234567"},
	    {false, BYTES("01234567890123456789012345678"),
	     "0123456789012345678901234567..."},
	    {false, BYTES("012345678901234567890123456\xff"),
	     "012345678901234567890123456..."},
	};

	(void)state;
	for (size_t i = 0; i < LENGTH_OF(all); i++) {
		struct span s = span_of(all[i].bytes, all[i].len);
		char text[32];
		struct printable p = printable_of(text, sizeof(text));

		if (all[i].wide)
			printable_utf16(&p, s);
		else
			printable_utf8(&p, s);
		assert_string_equal(text, all[i].text);
		assert_true(text_is_printable(text));
	}
}

int
main(void)
{
	const struct CMUnitTest all[] = {
	    cmocka_unit_test(test_matches),
	    cmocka_unit_test(test_words),
	    cmocka_unit_test(test_real_words),
	    cmocka_unit_test(test_printable),
	};

	return cmocka_run_group_tests(all, NULL, NULL);
}
