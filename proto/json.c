/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "proto/json_private.h"

struct json *
json_parse(struct span text, struct err *err)
{
	enum json_tokener_error error;
	struct json_object *object;
	struct json_tokener *parser;
	size_t end;

	/* json-c takes int lengths; lines are far below (message.h). */
	if (text.len == 0 || text.len > INT32_MAX) {
		err_set(err, ERR_MALFORMED, "JSON: empty or too long");
		return NULL;
	}
	parser = json_tokener_new_ex(JSON_DEPTH_MAX);
	if (parser == NULL)
		abort();
	json_tokener_set_flags(parser, JSON_TOKENER_STRICT |
	                                   JSON_TOKENER_VALIDATE_UTF8);
	object =
	    json_tokener_parse_ex(parser, (const char *)text.at, (int)text.len);
	error = json_tokener_get_error(parser);
	end = json_tokener_get_parse_end(parser);
	json_tokener_free(parser);
	if (object != NULL && json_object_is_type(object, json_type_object) &&
	    end == text.len)
		return json_ours(object);
	json_object_put(object);
	err_set(err, ERR_MALFORMED, "JSON: %s, at offset %zu",
	        error != json_tokener_success ? json_tokener_error_desc(error)
	                                      : "not one object",
	        end);
	return NULL;
}

void
json_free(struct json *j)
{
	json_object_put(json_theirs(j));
}

struct json *
json_share(const struct json *j)
{
	return json_ours(json_object_get(json_theirs(j)));
}

void
json_auto(struct json **j)
{
	json_free(*j);
}

/* json-c's constructors fail for want of memory alone. */
static struct json *
made(struct json_object *o)
{
	if (o == NULL)
		abort();
	return json_ours(o);
}

struct json *
json_new_object(void)
{
	return made(json_object_new_object());
}

struct json *
json_new_array(void)
{
	return made(json_object_new_array());
}

void
json_put(struct json *object, const char *key, struct json *child)
{
	if (json_object_object_add(json_theirs(object), key,
	                           json_theirs(child)) != 0)
		abort();
}

/* Nobody would read a line with other bytes in it. */
static struct json *
made_text(const char *text)
{
	AUTO(mem_auto) char *copy = mem_text(text);

	text_make_utf8(copy);
	return made(json_object_new_string(copy));
}

void
json_put_text(struct json *object, const char *key, const char *text)
{
	json_put(object, key, made_text(text));
}

void
json_put_u64(struct json *object, const char *key, uint64_t value)
{
	json_put(object, key, made(json_object_new_uint64(value)));
}

void
json_put_i64(struct json *object, const char *key, int64_t value)
{
	json_put(object, key, made(json_object_new_int64(value)));
}

void
json_put_double(struct json *object, const char *key, double value)
{
	json_put(object, key, made(json_object_new_double(value)));
}

void
json_put_bool(struct json *object, const char *key, bool value)
{
	json_put(object, key, made(json_object_new_boolean(value)));
}

void
json_put_base64(struct json *object, const char *key, struct span bytes)
{
	AUTO(mem_auto) char *text = mem_new(TEXT_BASE64_SIZE(bytes.len), 1);

	json_put_text(object, key, text_base64(bytes, text));
}

void
json_put_hex(struct json *object, const char *key, struct span bytes)
{
	AUTO(mem_auto) char *text = mem_new(TEXT_HEX_SIZE(bytes.len), 1);

	json_put_text(object, key, text_hex(bytes, text));
}

void
json_add(struct json *array, struct json *child)
{
	if (json_object_array_add(json_theirs(array), json_theirs(child)) != 0)
		abort();
}

void
json_add_text(struct json *array, const char *text)
{
	json_add(array, made_text(text));
}

static void
format(const struct json *j, int flags, struct buf *out)
{
	const char *text = json_object_to_json_string_ext(
	    json_theirs(j), flags | JSON_C_TO_STRING_NOSLASHESCAPE);

	if (text == NULL)
		abort();
	buf_text(out, text);
}

void
json_format(const struct json *j, struct buf *out)
{
	format(j, JSON_C_TO_STRING_PLAIN, out);
}

void
json_format_pretty(const struct json *j, struct buf *out)
{
	format(j, JSON_C_TO_STRING_PRETTY | JSON_C_TO_STRING_SPACED, out);
}
