/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* UEFI variables in words. */
#include <string.h>

#include "evidence/bootlog_type.h"
#include "evidence/bootlog_words.h"

static bool
is_boot_variable(const struct bootlog_event *e)
{
	return e->type == EV_EFI_VARIABLE_BOOT ||
	       e->type == EV_EFI_VARIABLE_BOOT2;
}

/* UEFI 2.10, 3.3: numbers of boot entries. */
static void
show_order(struct printable *p, const struct bootlog_event *e,
           struct span value)
{
	struct reader r = reader_of(value);

	if (!is_boot_variable(e) || value.len % 2 != 0 || value.len == 0)
		return;
	for (size_t i = 0; r.rest.len != 0; i++)
		printable_add(p, "%s%04X", i == 0 ? ": " : ",",
		              reader_le16(&r));
}

static void
show_switch(struct printable *p, const struct bootlog_event *e,
            struct span value)
{
	(void)e;
	if (value.len == 0)
		printable_add(p, ": not set");
	else if (value.len == 1 && value.at[0] <= 1)
		printable_add(p, value.at[0] == 1 ? ": on" : ": off");
}

/* Lines of "component,generation" (shim's SBAT). */
static void
show_lines(struct printable *p, const struct bootlog_event *e,
           struct span value)
{
	(void)e;
	while (value.len != 0 && (value.at[value.len - 1] == '\n' ||
	                          value.at[value.len - 1] == '\0'))
		value.len--;
	if (!bootlog_words_are_text(value))
		return;
	for (const char *before = ": "; value.len != 0; before = " ") {
		const uint8_t *end = memchr(value.at, '\n', value.len);
		size_t len = end == NULL ? value.len : (size_t)(end - value.at);

		printable_add(p, "%s", before);
		printable_utf8(p, span_of(value.at, len));
		len += end != NULL;
		value = span_of(value.at + len, value.len - len);
	}
}

static bool
is_entry(const struct bootlog_event *e, struct span name)
{
	return is_boot_variable(e) && name.len == 16;
}

/* EFI_LOAD_OPTION (UEFI 2.10, 3.1.3): attributes, the path's size, what a menu
 * shows, the path. */
static void
show_entry(struct printable *p, struct span value)
{
	struct reader r = reader_of(value);
	struct span path;
	size_t size, end;

	(void)reader_le32(&r);
	size = reader_le16(&r);
	for (end = 0; end + 1 < r.rest.len; end += 2)
		if (r.rest.at[end] == 0 && r.rest.at[end + 1] == 0)
			break;
	if (r.bad || end == 0)
		return;
	printable_add(p, ": ");
	printable_utf16(p, reader_bytes(&r, end));
	(void)reader_bytes(&r, 2);
	path = reader_bytes(&r, size);
	if (r.bad || size == 0)
		return;
	printable_add(p, " at ");
	if (bootlog_words_path(p, path) == 0)
		printable_add(p, "a path that names no file");
}

/* What a variable holds, where that is short and says something. */
static const struct {
	const char *name;
	void (*show)(struct printable *, const struct bootlog_event *,
	             struct span value);
} values[] = {
    {"SecureBoot", show_switch},     {"DeployedMode", show_switch},
    {"AuditMode", show_switch},      {"SetupMode", show_switch},
    {"BootOrder", show_order},       {"SbatLevel", show_lines},
    {"MokListTrusted", show_switch},
};

/* Whether UTF-16 is that text, of ASCII. */
static bool
is_named(struct span name, const char *text)
{
	size_t len = strlen(text);

	if (name.len != 2 * len)
		return false;
	for (size_t i = 0; i < len; i++)
		if (name.at[2 * i] != (uint8_t)text[i] ||
		    name.at[2 * i + 1] != 0)
			return false;
	return true;
}

static void
describe_value(struct printable *p, const struct bootlog_event *e,
               const struct uefi_variable *v)
{
	for (size_t i = 0; i < LENGTH_OF(values); i++)
		if (is_named(v->name, values[i].name)) {
			values[i].show(p, e, v->data);
			return;
		}
	if (is_entry(e, v->name))
		show_entry(p, v->data);
}

void
bootlog_words_variable(struct printable *p, const struct bootlog_event *e)
{
	struct uefi_variable v;

	if (!uefi_variable_read(e->data, &v)) {
		printable_add(p, "no variable: ");
		bootlog_words_bytes(p, e->data);
		return;
	}
	printable_add(p, "variable ");
	printable_utf16(p, v.name);
	printable_add(p, ", %zu bytes, of ", v.data.len);
	printable_guid(p, v.guid);
	describe_value(p, e, &v);
}
