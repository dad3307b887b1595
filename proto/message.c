/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "proto/message.h"

#include <string.h>

_Static_assert((size_t)LINE_CONTROL_REPLY_MAX < (size_t)BUF_MAX,
               "no line is cut");

enum line_state
line_feed(struct line *line, struct span in, size_t *used)
{
	const uint8_t *end;
	struct span part = in;

	*used = 0;
	if (line->whole)
		return LINE_WHOLE;
	end = in.len != 0 ? memchr(in.at, '\n', in.len) : NULL;
	if (end != NULL)
		part.len = (size_t)(end - in.at);
	/* Judged before a byte of it is stored; the newline counts. */
	if (line->buf.len >= line->limit ||
	    part.len >= line->limit - line->buf.len)
		return LINE_TOO_LONG;
	buf_add(&line->buf, part);
	*used = part.len + (end != NULL);
	line->whole = end != NULL;
	return line->whole ? LINE_WHOLE : LINE_MORE;
}

void
line_clear(struct line *line)
{
	line->buf.len = 0;
	line->whole = false;
}

void
line_done(struct line *line)
{
	buf_done(&line->buf);
	line->whole = false;
}

/* "id" is an unsigned integer or absent; "version" the major version that the
 * sender speaks, 1 when absent. */
static bool
read_envelope(const struct json *root, uint64_t *id, struct err *err)
{
	uint64_t version = PROTO_MAJOR;

	*id = 0;
	if (!json_want_u64(root, "id", INT64_MAX, id, err) ||
	    !json_want_u64(root, "version", INT64_MAX, &version, err))
		return false;
	if (version != PROTO_MAJOR)
		return err_set(err, ERR_VERSION,
		               "version %llu is not spoken here, %d is",
		               (unsigned long long)version, PROTO_MAJOR);
	return true;
}

bool
request_parse(struct span text, struct request *r, struct err *err)
{
	*r = (struct request){0};
	r->root = json_parse(text, err);
	if (r->root == NULL || !read_envelope(r->root, &r->id, err) ||
	    !json_get_text(r->root, "execute", r->command, COMMAND_MAX, err))
		return false;
	if (json_get(r->root, "arguments") == NULL)
		json_put(r->root, "arguments", json_new_object());
	return json_get_object(r->root, "arguments", &r->arguments, err);
}

void
request_done(struct request *r)
{
	json_free(r->root);
	*r = (struct request){0};
}

static void
put_line(struct json *root, struct buf *out)
{
	json_format(root, out);
	buf_text(out, "\n");
	json_free(root);
}

void
request_format(const char *command, struct json *arguments, uint64_t id,
               struct buf *out)
{
	struct json *root = json_new_object();

	json_put_text(root, "execute", command);
	if (arguments != NULL)
		json_put(root, "arguments", arguments);
	json_put_u64(root, "version", PROTO_MAJOR);
	json_put_u64(root, "id", id);
	put_line(root, out);
}

static bool
read_error(const struct json *error, struct err *into, struct err *err)
{
	char class[COMMAND_MAX], desc[ERR_TEXT_MAX];

	if (!json_get_text(error, "class", class, sizeof(class), err) ||
	    !json_get_text(error, "desc", desc, sizeof(desc), err))
		return false;
	/* A peer's words go to terminals and logs: no control characters. */
	if (!text_is_printable(desc))
		return err_set(err, ERR_MALFORMED,
		               "'desc' has control characters");
	into->code = err_of_class(class);
	if (into->code == ERR_NONE)
		into->code = ERR_INTERNAL;
	memcpy(into->text, desc, sizeof(into->text));
	return true;
}

bool
reply_parse(struct span text, struct reply *r, struct err *err)
{
	const struct json *error;

	*r = (struct reply){0};
	r->root = json_parse(text, err);
	if (r->root == NULL || !read_envelope(r->root, &r->id, err))
		return false;
	if (json_get(r->root, "error") == NULL)
		return json_get_object(r->root, "return", &r->result, err);
	if (json_get(r->root, "return") != NULL)
		return err_set(err, ERR_MALFORMED,
		               "a reply with both 'return' and 'error'");
	return json_get_object(r->root, "error", &error, err) &&
	       read_error(error, &r->error, err);
}

void
reply_done(struct reply *r)
{
	json_free(r->root);
	*r = (struct reply){0};
}

void
reply_format(struct json *result, uint64_t id, struct buf *out)
{
	struct json *root = json_new_object();

	json_put(root, "return", result);
	json_put_u64(root, "id", id);
	put_line(root, out);
}

void
reply_format_error(const struct err *error, uint64_t id, struct buf *out)
{
	struct json *root = json_new_object(), *body = json_new_object();

	json_put_text(body, "class", err_class(error->code));
	json_put_text(body, "desc", error->text);
	json_put(root, "error", body);
	json_put_u64(root, "id", id);
	put_line(root, out);
}
