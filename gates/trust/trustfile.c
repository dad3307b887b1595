/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "trustfile/trustfile.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "trustfile/trustfile_private.h"

static void
add_pem(struct buf *out, struct span der)
{
	char text[TEXT_BASE64_SIZE(CERTIFICATE_MAX)];
	size_t len, line;

	assert(der.len != 0 && der.len <= CERTIFICATE_MAX);
	len = strlen(text_base64(der, text));
	buf_text(out, TRUSTFILE_BEGIN);
	for (size_t at = 0; at < len; at += line) {
		line = len - at < TRUSTFILE_LINE ? len - at : TRUSTFILE_LINE;
		buf_add(out, span_of(text + at, line));
		buf_text(out, "\n");
	}
	buf_text(out, TRUSTFILE_END);
}

void
trustfile_begin(struct buf *out, struct span own)
{
	buf_text(out, TRUSTFILE_HEAD TRUSTFILE_OWN);
	add_pem(out, own);
}

void
trustfile_add(struct buf *out, const struct trustfile_entry *e, struct span der)
{
	char line[HOST_NAME_MAX_SIZE + TRUSTFILE_BOOT_SIZE + 64];

	snprintf(line, sizeof(line), "# host=%s until_ms=%llu boot=%s\n",
	         e->host, (unsigned long long)e->until_ms, e->boot);
	buf_text(out, line);
	add_pem(out, der);
}

bool
trustfile_stands(const struct trustfile_entry *e, uint64_t now_ms,
                 const char *boot)
{
	return e->host[0] == '\0' ||
	       (now_ms < e->until_ms && strcmp(e->boot, boot) == 0);
}

bool
trustfile_boot(const char *text, char out[TRUSTFILE_BOOT_SIZE])
{
	size_t n = 0;

	for (; *text != '\0' && *text != '\n'; text++) {
		if (*text == '-')
			continue;
		if (n == TRUSTFILE_BOOT_SIZE - 1 ||
		    strchr("0123456789abcdef", *text) == NULL)
			n = TRUSTFILE_BOOT_SIZE;
		if (n == TRUSTFILE_BOOT_SIZE)
			break;
		out[n++] = *text;
	}
	if (n != TRUSTFILE_BOOT_SIZE - 1 || (*text == '\n' && text[1] != '\0'))
		n = 0;
	out[n] = '\0';
	return n != 0;
}
