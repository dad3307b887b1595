/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Events in words.  What does not have its structure is said to have none, and
 * is no error: nothing rests on it. */
#include <string.h>

#include "evidence/bootlog.h"
#include "evidence/bootlog_type.h"
#include "evidence/bootlog_words.h"

enum { GUID_SIZE = 16, BLOB_SIZE = 16, BYTES_SHOWN = 32 };

void
bootlog_words_bytes(struct printable *p, struct span data)
{
	struct span shown = data;

	if (shown.len > BYTES_SHOWN)
		shown.len = BYTES_SHOWN;
	printable_add(p, "%zu bytes%s", data.len, data.len != 0 ? " " : "");
	printable_hex(p, shown);
	if (shown.len < data.len)
		printable_add(p, "...");
}

bool
bootlog_words_are_text(struct span s)
{
	while (s.len != 0 && s.at[s.len - 1] == '\0')
		s.len--;
	for (size_t i = 0; i < s.len; i++)
		if ((s.at[i] < 0x20 && s.at[i] != '\n' && s.at[i] != '\t') ||
		    s.at[i] == 0x7f)
			return false;
	return s.len != 0;
}

/* CHAR16 text, as far as bytes tell: characters below U+0100, maybe a NUL, of
 * which an early systemd-boot measured one half. */
static bool
is_text16(struct span s)
{
	if (s.len >= 2 && s.at[s.len - 2] == 0 && s.at[s.len - 1] == 0)
		s.len -= 2;
	for (size_t i = 0; i + 1 < s.len; i += 2)
		if (s.at[i] < 0x20 || s.at[i + 1] != 0)
			return false;
	return s.len >= 2 && (s.len % 2 == 0 || s.at[s.len - 1] == 0);
}

static void
describe_text(struct printable *p, struct span data)
{
	if (is_text16(data))
		printable_utf16(p, data);
	else if (bootlog_words_are_text(data))
		printable_utf8(p, data);
	else
		bootlog_words_bytes(p, data);
}

static void
describe_version(struct printable *p, const struct bootlog_event *e)
{
	printable_add(p, "firmware version ");
	if (span_is_zero(e->data)) {
		printable_add(p, "not given");
	} else if (e->data.len == GUID_SIZE && !is_text16(e->data)) {
		printable_guid(p, e->data);
	} else {
		describe_text(p, e->data);
	}
}

static void
describe_blob(struct printable *p, const struct bootlog_event *e)
{
	struct reader r = reader_of(e->data);
	struct span name = {0};
	unsigned long long base, size;

	if (e->type == EV_EFI_PLATFORM_FIRMWARE_BLOB2 ||
	    e->type == EV_POST_CODE2)
		name = reader_bytes(&r, reader_u8(&r));
	base = reader_le64(&r);
	size = reader_le64(&r);
	if (!reader_is_done(&r)) {
		describe_text(p, e->data);
		return;
	}
	printable_add(p, "firmware, %llu bytes at 0x%llx", size, base);
	if (name.len != 0) {
		printable_add(p, ": ");
		printable_utf8(p, name);
	}
}

/* The device path's nodes (UEFI 2.10, 10.3): a hard disk's partition, a file's
 * name, a file in the firmware. */
size_t
bootlog_words_path(struct printable *p, struct span path)
{
	struct reader r = reader_of(path);
	size_t named = 0;

	while (!r.bad && r.rest.len != 0) {
		unsigned type = reader_u8(&r), kind = reader_u8(&r);
		size_t size = reader_le16(&r);
		struct span body =
		    reader_bytes(&r, size < 4 ? SIZE_MAX : size - 4);

		if (r.bad || type == 0x7f)
			break;
		if (type == 4 && kind == 4) {
			printable_utf16(p, body);
			named++;
		} else if (type == 4 && (kind == 6 || kind == 7) &&
		           body.len == GUID_SIZE) {
			printable_add(p, kind == 6 ? "firmware file "
			                           : "firmware volume ");
			printable_guid(p, body);
			printable_add(p, " ");
			named++;
		} else if (type == 4 && kind == 1 && body.len == 38) {
			printable_add(p, "partition %u ", body.at[0]);
		}
	}
	return named;
}

static void
describe_separator(struct printable *p, const struct bootlog_event *e)
{
	static const uint8_t error[] = {1, 0, 0, 0};

	if (span_eq(e->data, span_of(error, sizeof(error))))
		printable_add(p, "the firmware met an error");
	else if (e->data.len == 4 && span_is_zero(e->data))
		printable_add(p, "end of the firmware's part");
	else
		describe_text(p, e->data);
}

static void
describe_action(struct printable *p, const struct bootlog_event *e)
{
	describe_text(p, e->data);
}

static void
describe_image(struct printable *p, const struct bootlog_event *e)
{
	struct reader r = reader_of(e->data);
	unsigned long long size;
	uint64_t path;

	(void)reader_le64(&r); /* where it was loaded */
	size = reader_le64(&r);
	(void)reader_le64(&r); /* where it was linked to be */
	path = reader_le64(&r);
	if (r.bad || path > r.rest.len) {
		printable_add(p, "no image: ");
		bootlog_words_bytes(p, e->data);
		return;
	}
	printable_add(p, "image of %llu bytes: ", size);
	if (bootlog_words_path(p, reader_bytes(&r, (size_t)path)) == 0)
		printable_add(p, "no file is named");
}

/* UEFI_GPT_DATA (10.2.7): the table's header, which has the disk's GUID, and
 * the partitions. */
static void
describe_gpt(struct printable *p, const struct bootlog_event *e)
{
	struct reader r = reader_of(e->data);
	struct span signature = reader_bytes(&r, 8), guid;
	unsigned long long partitions;

	(void)reader_bytes(&r, 48);
	guid = reader_bytes(&r, GUID_SIZE);
	(void)reader_bytes(&r, 20);
	partitions = reader_le64(&r);
	if (r.bad || !span_eq(signature, span_str("EFI PART"))) {
		printable_add(p, "no partition table: ");
		bootlog_words_bytes(p, e->data);
		return;
	}
	printable_add(p, "disk ");
	printable_guid(p, guid);
	printable_add(p, ", %llu partition%s", partitions,
	              partitions == 1 ? "" : "s");
}

static void
describe_tag(struct printable *p, const struct bootlog_event *e)
{
	struct reader r = reader_of(e->data);
	uint32_t id = reader_le32(&r), size = reader_le32(&r);

	if (r.bad || size != r.rest.len) {
		bootlog_words_bytes(p, e->data);
		return;
	}
	printable_add(p, "tag 0x%08x: ", id);
	describe_text(p, r.rest);
}

static void
describe_no_action(struct printable *p, const struct bootlog_event *e)
{
	static const char locality[] = "StartupLocality";

	printable_add(p, "not extended: ");
	printable_utf8(p, e->data);
	if (e->data.len == sizeof(locality) + 1 &&
	    memcmp(e->data.at, locality, sizeof(locality)) == 0)
		printable_add(p, " %u", e->data.at[sizeof(locality)]);
}

static const struct {
	uint32_t type;
	void (*describe)(struct printable *, const struct bootlog_event *);
} words[] = {
    {EV_NO_ACTION, describe_no_action},
    {EV_SEPARATOR, describe_separator},
    {EV_S_CRTM_VERSION, describe_version},
    {EV_S_CRTM_CONTENTS, describe_blob},
    {EV_POST_CODE, describe_blob},
    {EV_POST_CODE2, describe_blob},
    {EV_EFI_PLATFORM_FIRMWARE_BLOB, describe_blob},
    {EV_EFI_PLATFORM_FIRMWARE_BLOB2, describe_blob},
    {EV_EFI_VARIABLE_DRIVER_CONFIG, bootlog_words_variable},
    {EV_EFI_VARIABLE_BOOT, bootlog_words_variable},
    {EV_EFI_VARIABLE_BOOT2, bootlog_words_variable},
    {EV_EFI_VARIABLE_AUTHORITY, bootlog_words_variable},
    {EV_EFI_BOOT_SERVICES_APPLICATION, describe_image},
    {EV_EFI_BOOT_SERVICES_DRIVER, describe_image},
    {EV_EFI_RUNTIME_SERVICES_DRIVER, describe_image},
    {EV_EFI_GPT_EVENT, describe_gpt},
    {EV_EVENT_TAG, describe_tag},
    {EV_ACTION, describe_action},
    {EV_EFI_ACTION, describe_action},
    {EV_IPL, describe_action},
    {EV_NONHOST_INFO, describe_action},
};

void
bootlog_describe_long(const struct bootlog_event *e, char *out, size_t size)
{
	struct printable p = printable_of(out, size);

	for (size_t i = 0; i < LENGTH_OF(words); i++)
		if (words[i].type == e->type) {
			words[i].describe(&p, e);
			return;
		}
	bootlog_words_bytes(&p, e->data);
}

void
bootlog_describe(const struct bootlog_event *e, char out[BOOTLOG_TEXT_MAX])
{
	bootlog_describe_long(e, out, BOOTLOG_TEXT_MAX);
}
