/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "net/http_head.h"

#include <string.h>

#include "base/text.h"

size_t
http_head_size(struct span request)
{
	for (size_t i = 3; i < request.len; i++)
		if (memcmp(request.at + i - 3, "\r\n\r\n", 4) == 0)
			return i + 1;
	return 0;
}

/* What lies before `end`, which is taken off, too; false: there is none. */
static bool
take(struct span *rest, const char *end, struct span *out)
{
	size_t len = strlen(end);

	for (size_t i = 0; i + len <= rest->len; i++) {
		if (memcmp(rest->at + i, end, len) != 0)
			continue;
		*out = span_of(rest->at, i);
		*rest = span_of(rest->at + i + len, rest->len - i - len);
		return true;
	}
	return false;
}

/* Visible ASCII and, in a header, spaces and tabs. */
static bool
is_clean(struct span s, bool spaces)
{
	for (size_t i = 0; i < s.len; i++)
		if ((s.at[i] <= ' ' || s.at[i] >= 0x7f) &&
		    !(spaces && (s.at[i] == ' ' || s.at[i] == '\t')))
			return false;
	return true;
}

static bool
read_first(struct span line, struct http_head *head)
{
	struct span method, target, query;

	if (!take(&line, " ", &method) || !take(&line, " ", &target) ||
	    !(span_eq(line, span_str("HTTP/1.1")) ||
	      span_eq(line, span_str("HTTP/1.0"))) ||
	    !is_clean(method, false) || !is_clean(target, false))
		return false;
	head->get = span_eq(method, span_str("GET"));
	head->path = target;
	if (take(&target, "?", &query))
		head->path = query;
	return true;
}

static bool
is_named(struct span name, const char *want)
{
	if (name.len != strlen(want))
		return false;
	for (size_t i = 0; i < name.len; i++) {
		uint8_t c = name.at[i];

		if (c >= 'A' && c <= 'Z')
			c = (uint8_t)(c - 'A' + 'a');
		if (c != (uint8_t)want[i])
			return false;
	}
	return true;
}

bool
http_head_read(struct span rest, struct http_head *head)
{
	struct span line, name;

	*head = (struct http_head){.get = false};
	if (!take(&rest, "\r\n", &line) || !read_first(line, head))
		return false;
	while (take(&rest, "\r\n", &line) && line.len != 0) {
		if (!is_clean(line, true) || !take(&line, ":", &name) ||
		    name.len == 0 || !is_clean(name, false))
			return false;
		if (is_named(name, "accept"))
			text_ascii(line, head->accept, sizeof(head->accept));
	}
	return rest.len == 0;
}
