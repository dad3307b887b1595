/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "cli.h"
#include "evidence/printable.h"
#include "watch.h"

int
fail(const struct err *err)
{
	char shown[2 * ERR_TEXT_MAX];
	struct printable p = printable_of(shown, sizeof(shown));

	/* Some have words of others in them. */
	printable_utf8(&p, span_str(err->text));
	fprintf(stderr, "virt-attest: %s\n", shown);
	return STATUS_FAILED;
}

/* A character of UTF-8 (json-c gives nothing else); one that a terminal would
 * obey as JSON may write it, too.  Its length. */
static size_t
print_character(const unsigned char *at, size_t len)
{
	size_t n = at[0] < 0x80 ? 1 : at[0] < 0xe0 ? 2 : at[0] < 0xf0 ? 3 : 4;
	unsigned c = at[0];
	char one[5] = "";

	if (n > len)
		n = 1;
	memcpy(one, at, n);
	if (n == 2)
		c = (at[0] & 0x1fu) << 6 | (at[1] & 0x3fu);
	if (n == 3)
		c = (at[0] & 0xfu) << 12 | (at[1] & 0x3fu) << 6 |
		    (at[2] & 0x3fu);
	/* Below a space it is JSON's own ends of lines. */
	if (at[0] >= 0x7f && n < 4 && !text_is_printable(one))
		printf("\\u%04x", c);
	else
		fwrite(at, 1, n, stdout);
	return n;
}

static void
print_characters(const struct buf *text)
{
	for (size_t i = 0; i < text->len;)
		i += print_character(text->at + i, text->len - i);
	putchar('\n');
}

void
print_json(const struct json *json)
{
	AUTO(buf_done) struct buf out = {0};

	json_format_pretty(json, &out);
	print_characters(&out);
}

void
print_json_line(const struct json *json)
{
	AUTO(buf_done) struct buf out = {0};

	json_format(json, &out);
	print_characters(&out);
}

void
print_time(const char *before, uint64_t unix_s)
{
	time_t when = (time_t)unix_s;
	char text[32] = "-";
	struct tm utc;

	if (gmtime_r(&when, &utc) != NULL)
		strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%SZ", &utc);
	printf("%s%s", before, text);
}

const char *
field(const struct json *object, const char *key)
{
	const char *text = json_as_text(json_get(object, key));

	return text != NULL && text_is_printable(text) ? text : "";
}

static bool
print_pcr(void *arg, const char *pcr, const struct json *value)
{
	const char *hex = json_as_text(value);

	printf("  %s:%-2s  %s\n", (const char *)arg, pcr,
	       hex != NULL ? hex : "(its value is not known)");
	return true;
}

static bool
print_bank(void *arg, const char *bank, const struct json *values)
{
	char name[16];

	(void)arg;
	snprintf(name, sizeof(name), "%s", bank);
	return json_members(values, print_pcr, name);
}

void
print_pcrs(const struct json *pcr_values)
{
	(void)json_members(pcr_values, print_bank, NULL);
}

static const char *
value_text(const struct digest *d, char *hex)
{
	return d->len != 0 ? text_hex(digest_span(d), hex) : "(none is known)";
}

static void
print_difference(const struct pcr_difference *d)
{
	char expected[TEXT_HEX_SIZE(DIGEST_MAX)];
	char actual[TEXT_HEX_SIZE(DIGEST_MAX)];

	printf("  PCR %u (%s)\n    expected %s\n    actual   %s\n", d->pcr,
	       pcr_bank_name(d->bank), value_text(&d->expected, expected),
	       value_text(&d->actual, actual));
}

void
print_differences(const struct verdict *v)
{
	for (size_t i = 0; i < v->n_differences; i++) {
		print_difference(&v->differences[i]);
		if (i < EVENTS_MAX && v->events[i][0] != '\0')
			printf("    what changed: %s\n    what to do: %s\n",
			       v->events[i], v->event_remedies[i]);
	}
}

void
print_verdict(const struct verdict *v, bool explain)
{
	printf("%s: %s", v->host[0] != '\0' ? v->host : "(no host)",
	       verdict_state_name(v->state));
	if (v->golden != 0)
		printf(" (golden value %llu)", (unsigned long long)v->golden);
	if (v->age_ms >= 1000)
		printf(", %llu s old", (unsigned long long)v->age_ms / 1000);
	printf("\n");
	if (v->warning[0] != '\0')
		printf("  WARNING: %s\n", v->warning);
	for (size_t i = 0; i < v->n_reasons; i++) {
		const struct reason *r = &v->reasons[i];

		printf("  %s: %s\n", reason_name(r->code),
		       reason_text(r->code));
		if (r->detail[0] != '\0')
			printf("    %s\n", r->detail);
		printf("    what to do: %s\n", reason_remedy(r->code));
	}
	if (explain && v->appraised)
		printf("  boot session: resetCount %u, restartCount %u\n",
		       v->session.reset_count, v->session.restart_count);
	print_differences(v);
}
