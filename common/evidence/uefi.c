/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>

#include "base/auto.h"
#include "evidence/bootlog_type.h"

static uint64_t
read_little(struct reader *r, size_t size)
{
	struct span bytes = reader_bytes(r, size);
	uint64_t number = 0;

	for (size_t i = bytes.len; i > 0; i--)
		number = number << 8 | bytes.at[i - 1];
	return number;
}

uint16_t
uefi_u16(struct reader *r)
{
	return (uint16_t)read_little(r, 2);
}

uint32_t
uefi_u32(struct reader *r)
{
	return (uint32_t)read_little(r, 4);
}

uint64_t
uefi_u64(struct reader *r)
{
	return read_little(r, 8);
}

bool
uefi_variable_read(struct span bytes, struct uefi_variable *out)
{
	struct reader r = reader_of(bytes);
	uint64_t name, data;

	*out = (struct uefi_variable){0};
	out->guid = reader_bytes(&r, 16);
	name = uefi_u64(&r);
	data = uefi_u64(&r);
	if (name > bytes.len / 2)
		return false;
	out->name = reader_bytes(&r, 2 * (size_t)name);
	out->data =
	    reader_bytes(&r, data > bytes.len ? SIZE_MAX : (size_t)data);
	return reader_is_done(&r);
}

bool
uefi_grub_command(struct span data, struct span *text)
{
	static const char *const prefixes[] = {
	    "grub_cmd: ", "kernel_cmdline: ", "module_cmdline: "};

	for (size_t i = 0; i < LENGTH_OF(prefixes); i++) {
		size_t len = strlen(prefixes[i]);

		if (data.len < len || memcmp(data.at, prefixes[i], len) != 0)
			continue;
		*text = span_of(data.at + len, data.len - len);
		if (text->len != 0 && text->at[text->len - 1] == '\0')
			text->len--;
		return true;
	}
	return false;
}
