/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>

#include "base/auto.h"
#include "evidence/bootlog_type.h"

bool
uefi_variable_read(struct span bytes, struct uefi_variable *out)
{
	struct reader r = reader_of(bytes);
	uint64_t name, data;

	*out = (struct uefi_variable){0};
	out->guid = reader_bytes(&r, 16);
	name = reader_le64(&r);
	data = reader_le64(&r);
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
