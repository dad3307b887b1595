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

/* UEFI_VARIABLE_DATA with a GUID of zeroes. */
static void
add_variable(struct buf *out, const char *name, struct span value)
{
	size_t len = strlen(name);

	for (size_t i = 0; i < 16; i++)
		buf_u8(out, 0);
	little32(out, (uint32_t)len);
	little32(out, 0);
	little32(out, (uint32_t)value.len);
	little32(out, 0);
	for (size_t i = 0; i < len; i++)
		little16(out, (uint8_t)name[i]);
	buf_add(out, value);
}

#define OF ", of 00000000-0000-0000-0000-000000000000"

static const struct {
	uint32_t type;
	const char *name, *value;
	size_t len;
	const char *text;
} variables[] = {
    {EV_EFI_VARIABLE_DRIVER_CONFIG, "SecureBoot", BYTES("\1"),
     "variable SecureBoot, 1 bytes" OF ": on"},
    {EV_EFI_VARIABLE_DRIVER_CONFIG, "SecureBoot", BYTES(""),
     "variable SecureBoot, 0 bytes" OF ": not set"},
    {EV_EFI_VARIABLE_DRIVER_CONFIG, "SecureBoot", BYTES("\2"),
     "variable SecureBoot, 1 bytes" OF},
    {EV_EFI_VARIABLE_DRIVER_CONFIG, "SecureBoot", BYTES("\1\1"),
     "variable SecureBoot, 2 bytes" OF},
    {EV_EFI_VARIABLE_BOOT, "BootOrder", BYTES("\1\0\xab\xcd"),
     "variable BootOrder, 4 bytes" OF ": 0001,CDAB"},
    {EV_EFI_VARIABLE_BOOT2, "BootOrder", BYTES("\1\0\xab"),
     "variable BootOrder, 3 bytes" OF},
    {EV_EFI_VARIABLE_AUTHORITY, "SbatLevel",
     BYTES("sbat,1,2025021800\nshim,4\ngrub,5\n"),
     "variable SbatLevel, 32 bytes" OF ": sbat,1,2025021800 shim,4 grub,5"},
    {EV_EFI_VARIABLE_AUTHORITY, "SbatLevel", BYTES("sbat\x1b"),
     "variable SbatLevel, 5 bytes" OF},
    {EV_EFI_VARIABLE_BOOT, "Boot0001", BYTES("\1\0\0\0\0\0a\0\0\0"),
     "variable Boot0001, 10 bytes" OF ": a"},
    {EV_EFI_VARIABLE_BOOT, "Boot0001", BYTES("\1\0\0\0\4\0a\0\0\0\x7f\xff\4\0"),
     "variable Boot0001, 14 bytes" OF ": a at a path that names no file"},
    {EV_EFI_VARIABLE_BOOT, "Boot0001", BYTES("\1\0\0\0\4"),
     "variable Boot0001, 5 bytes" OF},
    {EV_EFI_VARIABLE_BOOT, "Boot0001",
     BYTES("\1\0\0\0\xff\xff"
           "a\0"),
     "variable Boot0001, 8 bytes" OF ": a"},
};

static void
test_variables(void **state)
{
	(void)state;
	for (size_t i = 0; i < LENGTH_OF(variables); i++) {
		AUTO(buf_done) struct buf data = {0};
		struct bootlog_event e = {.type = variables[i].type};
		char text[BOOTLOG_TEXT_MAX];

		add_variable(&data, variables[i].name,
		             span_of(variables[i].value, variables[i].len));
		e.data = buf_span(&data);
		bootlog_describe(&e, text);
		assert_string_equal(text, variables[i].text);
	}
}

/* More of a long text, where there is room. */
static void
test_long(void **state)
{
	char words[1000] = {0}, text[BOOTLOG_TEXT_MAX], whole[2048];
	struct bootlog_event e = {.type = EV_IPL,
	                          .data = span_of(words, sizeof(words))};

	(void)state;
	memset(words, 'w', sizeof(words));
	bootlog_describe(&e, text);
	assert_int_equal(strlen(text), BOOTLOG_TEXT_MAX - 1);
	assert_string_equal(text + BOOTLOG_TEXT_MAX - 4, "...");
	bootlog_describe_long(&e, whole, sizeof(whole));
	assert_int_equal(strlen(whole), sizeof(words));
}

static const struct {
	uint32_t number;
	const char *text;
} told[] = {
    {0, "not extended: Spec ID Event03"},
    {2, "firmware, 917504 bytes at 0x820000"},
    {4, "variable SecureBoot, 1 bytes, of "
        "8be4df61-93ca-11d2-aa0d-00e098032b8c: off"},
    {10, "variable BootOrder, 12 bytes, of "
         "8be4df61-93ca-11d2-aa0d-00e098032b8c: "
         "0005,0000,0001,0002,0003,0004"},
    {11, "variable Boot0005, 118 bytes, of "
         "8be4df61-93ca-11d2-aa0d-00e098032b8c: debian at partition 1 "
         "\\EFI\\debian\\shimx64.efi"},
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
	    cmocka_unit_test(test_matches),    cmocka_unit_test(test_words),
	    cmocka_unit_test(test_variables),  cmocka_unit_test(test_long),
	    cmocka_unit_test(test_real_words), cmocka_unit_test(test_printable),
	};

	return cmocka_run_group_tests(all, NULL, NULL);
}
