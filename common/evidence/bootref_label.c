/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What of an event's text is shown, and whether two texts name one thing. */
#include <string.h>

#include "evidence/bootref_private.h"

/* "variable NAME, N bytes, of GUID: VALUE" (bootlog_variable.c). */
static struct span
variable_name(const char *text)
{
	const char *at = strchr(text, ' ');
	struct span name = span_str(at != NULL ? at + 1 : text);
	const uint8_t *end = memchr(name.at, ',', name.len);

	if (end != NULL)
		name.len = (size_t)(end - name.at);
	return name;
}

static const char *
variable_value(const char *text)
{
	const char *of = strstr(text, " bytes, of ");

	of = of != NULL ? strstr(of, ": ") : NULL;
	return of != NULL ? of + 2 : NULL;
}

void
bootref_label_value(struct printable *p, const char *text)
{
	const char *value = variable_value(text);

	printable_utf8(p,
	               value != NULL ? span_str(value) : variable_name(text));
}

void
bootref_label_name(struct printable *p, const char *text)
{
	printable_utf8(p, variable_name(text));
}

void
bootref_label_entry(struct printable *p, const char *text)
{
	const char *value = variable_value(text);

	printable_utf8(p, variable_name(text));
	if (value == NULL)
		return;
	printable_add(p, ": ");
	printable_utf8(p, span_str(value));
}

/* "image of N bytes" alone. */
void
bootref_label_size(struct printable *p, const char *text)
{
	printable_utf8(p, span_of(text, strcspn(text, ":")));
}

/* What stands behind "image of N bytes: " or "tag 0xN: "; without a file's name
 * that is not much. */
void
bootref_label_behind(struct printable *p, const char *text)
{
	const char *at = strstr(text, ": ");

	if (at == NULL || strcmp(at, ": no file is named") == 0)
		bootref_label_size(p, text);
	else
		printable_utf8(p, span_str(at + 2));
}

bool
bootref_same_variable(const char *a, const char *b)
{
	return span_eq(variable_name(a), variable_name(b));
}

bool
bootref_same_text(const char *a, const char *b)
{
	return strcmp(a, b) == 0;
}

/* A command's first word; of "set", the variable too. */
bool
bootref_same_command(const char *a, const char *b)
{
	static const char set[] = "grub_cmd: set ";
	const char *stop = strncmp(a, set, sizeof(set) - 1) == 0 ? "=" : " ";
	size_t start = strcspn(a, " ");
	size_t len;

	start += a[start] == ' ';
	len = start + strcspn(a + start, stop);
	if (*stop == '=')
		len = strcspn(a, stop);
	return strncmp(a, b, len) == 0 && (b[len] == *stop || b[len] == '\0') &&
	       strlen(b) >= len;
}

void
bootref_label(const struct bootref_event *e, char out[BOOTREF_TEXT_MAX])
{
	const struct bootref_kind *kind = bootref_kind_of(e);
	struct printable p = printable_of(out, BOOTREF_TEXT_MAX);
	static const char *const said[] = {
	    "kernel_cmdline: ", "grub_cmd: ", "module_cmdline: ", "firmware, ",
	    "firmware version "};
	const char *text = e->text;

	if (kind->label != NULL) {
		kind->label(&p, text);
		return;
	}
	for (size_t i = 0; i < LENGTH_OF(said); i++)
		if (strncmp(text, said[i], strlen(said[i])) == 0) {
			text += strlen(said[i]);
			break;
		}
	printable_utf8(&p, span_str(text));
}
