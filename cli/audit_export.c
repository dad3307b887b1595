/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The log as JSON lines with a checkpoint behind them, and the reading of that
 * without a verifier. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "audit.h"

/* False, and e->err is set, when the line is not what it should be. */
static bool
put_line(struct audit_export *e, const struct json *object)
{
	AUTO(buf_done) struct buf text = {0};

	json_format(object, &text);
	if (!export_line(&e->reading, buf_span(&text), &e->err))
		return false;
	buf_u8(&text, '\n');
	if (e->to != NULL)
		(void)fwrite(text.at, 1, text.len, e->to); /* ferror() tells */
	return true;
}

/* A log that grows meanwhile is taken up to what is signed. */
struct bounded {
	struct audit_export *export;
	uint64_t size;
};

static void
on_before(void *arg, const struct audit_head *head)
{
	AUTO(json_auto) struct json *object = export_begin(head);
	struct bounded *b = arg;

	(void)!put_line(b->export, object);
}

static bool
on_line(void *arg, const struct json *line)
{
	struct bounded *b = arg;

	return b->export->err.code == ERR_NONE &&
	       json_as_u64(json_get(line, "sequence")) <= b->size &&
	       put_line(b->export, line);
}

static bool
on_first(void *arg, const struct json *line)
{
	*(uint64_t *)arg = json_as_u64(json_get(line, "sequence"));
	return false;
}

/* From that one on it is all lines: a clock may have been set back. */
static int
find_first(struct session *s, const struct cli *cli, struct audit_export *e,
           uint64_t *first)
{
	AUTO(json_auto) struct json *asked = json_new_object();
	const struct audit_pages pages = {
	    .asked = asked,
	    .each = on_first,
	    .arg = first,
	};
	int status;

	if (e->since_s == 0)
		return STATUS_DONE;
	json_put_u64(asked, "since", e->since_s);
	status = audit_pages(s, cli, &pages);
	if (status == STATUS_DONE && *first == 0)
		err_set(&e->err, ERR_NOT_FOUND,
		        "audit: the log has no line since then");
	return status;
}

int
audit_export(struct session *s, const struct cli *cli, struct audit_export *e)
{
	AUTO(json_auto) struct json *all = json_new_object(), *end = NULL;
	struct bounded bounded = {.export = e};
	struct audit_pages pages = {
	    .asked = all,
	    .before = on_before,
	    .each = on_line,
	    .arg = &bounded,
	};
	char jwt[CHECKPOINT_MAX + 1];
	const struct json *made;
	int status = audit_ask(s, cli, "audit-checkpoint");

	if (status != STATUS_DONE)
		return status;
	made = json_get(s->reply.result, "checkpoint");
	if (!json_get_u64(made, "size", INT64_MAX, &bounded.size, &e->err) ||
	    !json_get_text(made, "jwt", jwt, sizeof(jwt), &e->err))
		return STATUS_DONE;
	status = find_first(s, cli, e, &pages.first);
	if (status == STATUS_DONE && e->err.code == ERR_NONE)
		status = audit_pages(s, cli, &pages);
	if (status != STATUS_DONE || e->err.code != ERR_NONE)
		return status;
	end = export_end(jwt);
	if (put_line(e, end))
		(void)!export_done(&e->reading, &e->err);
	return STATUS_DONE;
}

/* The lines of a file, one at a time: it may be long. */
static bool
each_file_line(const char *path,
               bool (*each)(void *arg, struct span line, struct err *),
               void *arg, struct err *err)
{
	AUTO(line_done) struct line line = {.limit = AUDIT_EXPORT_LINE_MAX};
	enum line_state state = LINE_MORE;
	uint8_t part[64 * 1024];
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	bool ok = fd >= 0;
	ssize_t n;

	while (ok && (n = read(fd, part, sizeof(part))) > 0) {
		struct span in = span_of(part, (size_t)n);

		while (ok && in.len != 0) {
			size_t used;

			state = line_feed(&line, in, &used);
			in = span_of(in.at + used, in.len - used);
			if (state == LINE_TOO_LONG)
				ok = err_set(err, ERR_MALFORMED,
				             "export: a line of over %d bytes",
				             AUDIT_EXPORT_LINE_MAX);
			if (state != LINE_WHOLE)
				continue;
			ok = each(arg, buf_span(&line.buf), err);
			line_clear(&line);
		}
	}
	if (fd < 0 || (ok && n < 0))
		ok = err_set(err, ERR_IO, "%.150s: %s", path, strerror(errno));
	else if (ok && line.buf.len != 0)
		ok = err_set(err, ERR_CONFLICT,
		             "export: its last line is cut short");
	if (fd >= 0)
		close(fd);
	return ok;
}

static bool
on_export_line(void *arg, struct span line, struct err *err)
{
	return export_line(arg, line, err);
}

bool
export_read_file(const char *path, struct export_reading *r, struct err *err)
{
	return each_file_line(path, on_export_line, r, err) &&
	       export_done(r, err);
}

/* The last line stays. */
static bool
keep_line(void *arg, struct span line, struct err *err)
{
	struct buf *kept = arg;

	(void)err;
	kept->len = 0;
	buf_add(kept, line);
	return true;
}

bool
checkpoint_read_file(const char *path, const struct signing_public *key,
                     struct checkpoint *c, struct err *err)
{
	AUTO(json_auto) struct json *object = NULL;
	AUTO(buf_done) struct buf last = {0};
	char jwt[CHECKPOINT_MAX + 1];

	if (!each_file_line(path, keep_line, &last, err))
		return false;
	if (last.len == 0 || last.at[0] != '{')
		return checkpoint_read(buf_span(&last), key, c, err);
	object = json_parse(buf_span(&last), err);
	return object != NULL &&
	       json_get_text(object, "checkpoint", jwt, sizeof(jwt), err) &&
	       checkpoint_read(span_str(jwt), key, c, err);
}
