/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "proto/audit.h"

#include <string.h>

/* Of the member that an export begins with. */
enum { EXPORT_VERSION = 1 };

static bool
get_hash(const struct json *object, const char *key, uint8_t out[SHA256_SIZE],
         struct err *err)
{
	AUTO(buf_done) struct buf bytes = {0};
	char hex[TEXT_HEX_SIZE(SHA256_SIZE)];

	if (!json_get_text(object, key, hex, sizeof(hex), err))
		return false;
	if (!text_unhex(hex, &bytes) || bytes.len != SHA256_SIZE)
		return err_set(err, ERR_MALFORMED, "'%s' is no SHA-256", key);
	memcpy(out, bytes.at, SHA256_SIZE);
	return true;
}

void
audit_head_put(const struct audit_head *head, struct json *into)
{
	json_put_u64(into, "size", head->size);
	json_put_hex(into, "head", span_of(head->hash, SHA256_SIZE));
}

bool
audit_head_get(const struct json *object, struct audit_head *head,
               struct err *err)
{
	return json_get_u64(object, "size", INT64_MAX, &head->size, err) &&
	       get_hash(object, "head", head->hash, err);
}

struct json *
checkpoint_encode(const struct checkpoint *c)
{
	struct json *claims = json_new_object();

	audit_head_put(&c->head, claims);
	json_put_u64(claims, "iat", c->time_s);
	return claims;
}

bool
checkpoint_read(struct span jwt, const struct signing_public *key,
                struct checkpoint *c, struct err *err)
{
	AUTO(json_auto) struct json *claims = NULL, *again = NULL;
	struct jwt_parts parts;

	*c = (struct checkpoint){.time_s = 0};
	if (jwt.len > CHECKPOINT_MAX || !jwt_take_apart(jwt, &parts))
		return err_set(err, ERR_MALFORMED,
		               "checkpoint: it does not have the shape of one");
	if (!jwt_has_header(&parts, CHECKPOINT_TYP, key))
		return err_set(err, ERR_MALFORMED,
		               "checkpoint: it is none, or by another key");
	if (!jwt_is_signed(&parts, key))
		return err_set(err, ERR_DENIED,
		               "checkpoint: it is not signed by the key that "
		               "it names");
	claims = jwt_claims(&parts, err);
	if (claims == NULL || !audit_head_get(claims, &c->head, err) ||
	    !json_get_u64(claims, "iat", INT64_MAX, &c->time_s, err))
		return false;
	again = checkpoint_encode(c);
	return jwt_is_as_written(&parts, CHECKPOINT_TYP, key, again) ||
	       err_set(err, ERR_MALFORMED,
	               "checkpoint: its claims are not one's, or not written "
	               "as one's are");
}

struct json *
audit_line_encode(const struct audit_line *line)
{
	struct json *object = json_new_object();

	json_put_u64(object, "sequence", line->sequence);
	json_put_u64(object, "time", line->time_s);
	json_put_text(object, "actor", line->actor);
	json_put_text(object, "event", line->event);
	json_put_text(object, "subject", line->subject);
	json_put_text(object, "detail", line->detail);
	json_put_hex(object, "hash", span_of(line->hash, SHA256_SIZE));
	return object;
}

bool
audit_line_decode(const struct json *object, struct audit_line *line,
                  struct err *err)
{
	return json_get_u64(object, "sequence", INT64_MAX, &line->sequence,
	                    err) &&
	       json_get_u64(object, "time", INT64_MAX, &line->time_s, err) &&
	       json_get_text(object, "actor", line->actor, sizeof(line->actor),
	                     err) &&
	       json_get_text(object, "event", line->event, sizeof(line->event),
	                     err) &&
	       json_get_text(object, "subject", line->subject,
	                     sizeof(line->subject), err) &&
	       json_get_text(object, "detail", line->detail,
	                     sizeof(line->detail), err) &&
	       get_hash(object, "hash", line->hash, err);
}

struct json *
export_begin(const struct audit_head *before)
{
	struct json *object = json_new_object();

	json_put_u64(object, "virt-attest-audit", EXPORT_VERSION);
	audit_head_put(before, object);
	return object;
}

struct json *
export_end(const char *checkpoint)
{
	struct json *object = json_new_object();

	json_put_text(object, "checkpoint", checkpoint);
	return object;
}

/* Members beside ours are covered by no hash, and one that stands twice is read
 * in two ways: a line is what we write, or nothing.  `again` is taken. */
static bool
is_as_written(struct span text, struct json *again, struct err *err)
{
	AUTO(json_auto) struct json *made = again;
	AUTO(buf_done) struct buf bytes = {0};

	json_format(made, &bytes);
	return span_eq(buf_span(&bytes), text) ||
	       err_set(err, ERR_CONFLICT,
	               "export: a line has more in it than was written, or "
	               "is written in another way");
}

static bool
read_begin(struct export_reading *r, struct span text,
           const struct json *object, struct err *err)
{
	uint64_t version;
	struct err why = {0};

	if (!json_get_u64(object, "virt-attest-audit", EXPORT_VERSION, &version,
	                  &why) ||
	    !audit_head_get(object, &r->walk.first, &why))
		return err_set(err, ERR_MALFORMED,
		               "export: it does not begin as one of this "
		               "version");
	r->walk.head = r->walk.first;
	r->begun = true;
	return is_as_written(text, export_begin(&r->walk.first), err);
}

static bool
read_end(struct export_reading *r, struct span text, const struct json *object,
         struct err *err)
{
	char jwt[CHECKPOINT_MAX + 1];
	const struct checkpoint *c = &r->checkpoint;

	if (!json_get_text(object, "checkpoint", jwt, sizeof(jwt), err) ||
	    !checkpoint_read(span_str(jwt), r->key, &r->checkpoint, err))
		return false;
	if (c->head.size != r->walk.head.size ||
	    memcmp(c->head.hash, r->walk.head.hash, SHA256_SIZE) != 0)
		return err_set(err, ERR_CONFLICT,
		               "export: its checkpoint signed %llu lines, and "
		               "these are %llu, or others",
		               (unsigned long long)c->head.size,
		               (unsigned long long)r->walk.head.size);
	r->ended = true;
	return is_as_written(text, export_end(jwt), err);
}

bool
export_line(struct export_reading *r, struct span text, struct err *err)
{
	AUTO(json_auto) struct json *object = json_parse(text, err);
	struct audit_line line;

	if (object == NULL)
		return false;
	if (r->ended)
		return err_set(err, ERR_CONFLICT,
		               "export: something stands behind its "
		               "checkpoint, that nobody signed");
	if (!r->begun)
		return read_begin(r, text, object, err);
	if (json_get(object, "checkpoint") != NULL)
		return read_end(r, text, object, err);
	return audit_line_decode(object, &line, err) &&
	       is_as_written(text, audit_line_encode(&line), err) &&
	       audit_walk_line(&r->walk, &line, err);
}

bool
export_done(const struct export_reading *r, struct err *err)
{
	if (!r->ended)
		return err_set(err, ERR_CONFLICT,
		               "export: it ends without a checkpoint: lines "
		               "are missing");
	return audit_walk_end(&r->walk, err);
}
